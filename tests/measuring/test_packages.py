"""The headers of a package's track files are read once, and say what a reading of each file alone says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import BinaryIO

import pytest

from deliverqc.errors import MasterError
from deliverqc.measuring import packages
from deliverqc.measuring.compositions import PackagedComposition
from deliverqc.probing.wrappers import mxf_header
from deliverqc.probing.wrappers.mxf_identity import read_identity
from deliverqc.probing.wrappers.mxf_klv import Metadata, Partition, read_metadata
from fixtures.imf import FRAMES, Imp, make_imp


@pytest.fixture(scope="module")
def imp(tmp_path_factory: pytest.TempPathFactory) -> Imp:
    return make_imp(tmp_path_factory.mktemp("headers") / "imp", segments=((0, FRAMES, 1), (0, FRAMES, 2)))


def _read(imp: Imp) -> PackagedComposition:
    (found,) = packages.read_compositions(imp.asset_map, lambda _: frozenset(), None, is_hashed=False)
    return found


def test_the_header_of_each_track_file_is_read_once(imp: Imp, monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[str] = Counter()

    def counted(file: BinaryIO, partition: Partition, size: int) -> Metadata:
        read[Path(file.name).name] += 1
        return read_metadata(file, partition, size)

    monkeypatch.setattr(mxf_header, "read_metadata", counted)
    found = _read(imp)
    names = [f"{kind}_{number}.mxf" for kind in ("picture", "sound") for number in (0, 1)]
    assert read == Counter(names)
    monkeypatch.undo()
    assert {path.name: one for path, one in found.identities.items()} == {
        name: read_identity(imp.folder / name) for name in names
    }


def test_a_file_that_cannot_be_probed_is_still_known_by_its_header(imp: Imp, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _read(imp)

    def refused(path: Path, **_: object) -> None:
        raise MasterError(f"{path.name} cannot be opened.", code="not-openable")

    monkeypatch.setattr(packages, "probe", refused)
    found = _read(imp)
    assert all(file.probed is None for file in found.files.values())
    assert found.identities == whole.identities and None not in found.identities.values()
    name = "package.composition.mismatched_ids"
    assert found.facts[name] == whole.facts[name] == []

"""Judges the documents, sizes, hashes and ids of a package, and the headers of its track files, without decoding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from deliverqc.errors import MasterError
from deliverqc.facts.dated import dated
from deliverqc.judging.judge import judge
from deliverqc.measuring.compositions import (
    PackagedComposition,
    TrackFile,
    decoded_files,
    measure_composition,
    track_files,
    with_identity_facts,
)
from deliverqc.measuring.package_text import read_package_texts
from deliverqc.measuring.packages import opened
from deliverqc.measuring.registry import spec_library
from deliverqc.packages import composition_facts, hash_files, listed_files, package_facts, read_package
from deliverqc.probing.mediainfo_many import ManyFiles
from deliverqc.probing.packages import asset_map_of, original_maps
from deliverqc.probing.wrappers.mxf_identity import read_identity
from deliverqc.speclang.model import Spec
from deliverqc.verdict import Outcome
from fixtures.packages import Dcp

_LIBRARY = spec_library()


def _on_packages(spec: Spec) -> Spec:
    """The clauses that read facts of packages: the others are of no concern here."""
    read = [one for one in spec.clauses if any(name.startswith("package.") for name in one.facts())]
    return replace(spec, clauses=tuple(one for one in read if one.awaits is None))


WHOLE_SPECS = {
    name: _LIBRARY.load(identity)
    for name, identity in (("smpte", "dcp-smpte"), ("interop", "dcp-interop"), ("imf", "imf-app2e"))
}
SPECS = {name: _on_packages(spec) for name, spec in WHOLE_SPECS.items()}

DAY = date(2026, 1, 1)
"""Of the verdicts, and the issue date of the fixtures' documents."""


def facts_of(folder: Path, *originals: Path, is_hashed: bool = True) -> dict[str, Any]:
    """Facts of the package and of its first composition."""
    packaged, _ = _packaged(folder, *originals, is_hashed=is_hashed)
    return dict(packaged.facts)


def _packaged(
    folder: Path, *originals: Path, is_hashed: bool = True
) -> tuple[PackagedComposition, Mapping[Path, str | None] | None]:
    """The first composition without its track files, and the hashes of the package's files."""
    asset_map = asset_map_of(folder)
    assert asset_map is not None
    package = read_package(asset_map, original_maps(originals))
    hashes = hash_files(listed_files(package)) if is_hashed else None
    composition = package.compositions[0]
    packaged = PackagedComposition(
        package=package,
        composition=composition,
        facts=package_facts(package, hashes) | composition_facts(package, composition, hashes),
        files={},
        identities={path: read_identity(path) for path in track_files(package, composition)},
        is_changed=False,
        texts=read_package_texts(package, composition),
    )
    return with_identity_facts(packaged), hashes


class Headers:
    """Judges packages by their documents and the headers of their track files; files of equal bytes are read once."""

    def __init__(self, mediainfo: ManyFiles) -> None:
        self._mediainfo = mediainfo
        self._files: dict[str | None, TrackFile] = {}

    def outcomes(self, folder: Path, standard: str) -> Mapping[str, Outcome]:
        """Of clauses of the spec of that standard and of integrity; of `error:` and the code alone where there is no
        composition to judge."""
        try:
            packaged, hashes = _packaged(folder)
        except MasterError as error:
            return {f"error:{error.code}": Outcome.FAIL}
        files = decoded_files(packaged.package, packaged.composition)
        found = replace(packaged, files={path: self._file(path, (hashes or {}).get(path)) for path in files})
        spec = WHOLE_SPECS[standard]
        measured = measure_composition(found, settings=spec.settings, wanted=frozenset())
        verdict = judge(spec, dated(measured.facts, DAY), as_of=DAY, kind="composition")
        return {clause.id: clause.outcome for clause in verdict.clauses}

    def _file(self, path: Path, digest: str | None) -> TrackFile:
        if digest not in self._files:
            self._files[digest] = opened(path, self._mediainfo)
        return self._files[digest]


def outcomes(dcp: Dcp, originals: Sequence[Dcp] = (), *, as_of: date = DAY) -> Mapping[str, Outcome]:
    """Of clauses on packages: those of the spec and of integrity."""
    facts = dated(facts_of(dcp.folder, *(one.folder for one in originals)), as_of)
    verdict = judge(SPECS[dcp.standard], facts, as_of=as_of, kind="composition")
    return {clause.id: clause.outcome for clause in verdict.clauses}


def failing(dcp: Dcp, *originals: Dcp) -> set[str]:
    """Clauses on packages that fail."""
    return {one for one, outcome in outcomes(dcp, originals).items() if outcome is Outcome.FAIL}

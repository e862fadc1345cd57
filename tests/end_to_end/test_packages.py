"""Whole DCPs at the command line: clean, damaged, without a file, with a file that ends too early, of two versions."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deliverqc import judge, measure
from deliverqc.cli import _run
from deliverqc.measuring.registry import spec_library
from deliverqc.packages import composition_facts, hash_files, listed_files, package_facts, read_package
from deliverqc.probing.packages import asset_map_of
from deliverqc.speclang.model import INTEGRITY_CLAUSES, PACKAGE_CLAUSES
from fixtures.packages import TITLE, Dcp, make_dcp, urn
from tests.end_to_end.checking import checked, failing, messages
from tests.material import material

_INTEGRITY = set(INTEGRITY_CLAUSES)
_ESSENCE = {
    "picture-size",
    "jpeg2000-guard-bits",
    "sound-channels-even",
}
"""What a picture of 64x36 by OpenJPEG and a tone in one channel break, whatever the package says."""

PACKAGE_FACTS = [name for one in spec_library().integrity.clauses if one.id in PACKAGE_CLAUSES for name in one.facts()]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dcp")


@pytest.fixture(scope="module")
def clean(made: Path) -> Dcp:
    return make_dcp(made / "clean")


def _copy(dcp: Dcp, folder: Path) -> Dcp:
    return replace(dcp, folder=Path(shutil.copytree(dcp.folder, folder / "copy")))


def _subject(dcp: Dcp, *options: str) -> Mapping[str, Any]:
    _, document = checked(str(dcp.folder), "--spec", "dcp-smpte", *options)
    (master,) = document["masters"]
    (subject,) = master["subjects"]
    return dict(subject)


def _outcomes(subject: Mapping[str, Any]) -> dict[str, str]:
    return {one["id"]: one["outcome"] for one in subject["verdicts"][0]["clauses"]}


def test_a_clean_package_is_one_master_and_breaks_essence_clauses_only(made: Path) -> None:
    subject = _subject(make_dcp(made / "two_reels", reels=2))
    assert (subject["id"], subject["kind"], subject["title"]) == (urn("cpl"), "composition", TITLE)
    (verdict,) = subject["verdicts"]
    assert failing(verdict) == _ESSENCE
    assert "not_measured" not in _outcomes(subject).values()
    assert {one for one, outcome in _outcomes(subject).items() if one in _INTEGRITY and outcome != "pass"} == set()
    facts = verdict["facts"]
    assert facts["decode.frame_count"] == 48  # two reels of 24
    assert facts["wrapper.duration_s"] == 2.0
    assert facts["wrapper.essence_track_count"] == 1  # picture and sound are in files of their own
    assert [one["frame"] for one in facts["picture.jpeg2000.headers"]] == [0, 24]
    assert "picture.black.spans" not in facts  # of one reel alone they say nothing of the composition


@pytest.mark.parametrize("options", [("--no-hash",), ("--tier", "headers")], ids=["no-hash", "headers"])
def test_files_that_were_not_hashed_are_not_measured(clean: Dcp, options: tuple[str, ...]) -> None:
    subject = _subject(clean, *options)
    outcomes = _outcomes(subject)
    assert {outcomes["asset-hashes"], outcomes["package-unaltered"]} == {"not_measured"}
    assert "package.packing_list.wrong_hashes" not in subject["verdicts"][0]["facts"]


def test_a_damaged_picture_fails_by_its_hash_and_names_the_file(clean: Dcp, tmp_path: Path) -> None:
    dcp = _copy(clean, tmp_path)
    data = bytearray((dcp.folder / "picture_0.mxf").read_bytes())
    data[60_000:60_400] = bytes(400)
    (dcp.folder / "picture_0.mxf").write_bytes(bytes(data))
    (verdict,) = _subject(dcp)["verdicts"]
    assert {"package-unaltered", "asset-hashes"} <= failing(verdict)
    assert "picture_0.mxf has the hash" in messages(verdict, "package-unaltered")[0]


def test_a_missing_track_file_fails_and_leaves_the_essence_unmeasured(clean: Dcp, tmp_path: Path) -> None:
    dcp = _copy(clean, tmp_path)
    (dcp.folder / "sound_0.mxf").unlink()
    subject = _subject(dcp)
    outcomes = _outcomes(subject)
    assert outcomes["package-complete"] == "fail"
    assert {outcomes[one] for one in ("essence-decodes", "essence-complete", "audio-not-silent")} == {"not_measured"}
    assert outcomes["sound-sample-rate"] == "not_measured"
    assert outcomes["picture-size"] == "fail"


def test_a_composition_that_uses_more_than_the_file_holds_fails(clean: Dcp, tmp_path: Path) -> None:
    dcp = _copy(clean, tmp_path)
    for _ in range(2):
        dcp.change(dcp.composition, *(f"<IntrinsicDuration>{count}</IntrinsicDuration><Entry" for count in (24, 48)))
        dcp.change(dcp.composition, "<Duration>24", "<Duration>48")
    (verdict,) = _subject(dcp, "--tier", "headers")["verdicts"]
    assert "tracks-long-enough" in failing(verdict)
    (picture, sound) = messages(verdict, "tracks-long-enough")
    assert picture.startswith("picture of reel 1") and "is 1.000 s long; required 2.000 s" in picture
    assert sound.startswith("sound of reel 1")


def test_each_composition_is_a_subject_and_one_can_be_picked(clean: Dcp, tmp_path: Path) -> None:
    dcp = _copy(clean, tmp_path)
    other = dcp.composition.read_text(encoding="utf-8").replace(urn("cpl"), urn("other")).replace(TITLE, "Other")
    (dcp.folder / "other.xml").write_text(other, encoding="utf-8")
    entry = f"<Asset><Id>{urn('other')}</Id><ChunkList><Chunk><Path>other.xml</Path></Chunk></ChunkList></Asset>"
    dcp.change(dcp.asset_map, "</AssetList>", f"{entry}</AssetList>")
    arguments = (str(dcp.folder), "--spec", "dcp-smpte", "--tier", "headers")
    _, document = checked(*arguments)
    assert [one["title"] for one in document["masters"][0]["subjects"]] == [TITLE, "Other"]
    _, document = checked(*arguments, "--cpl", urn("other"))
    assert [one["id"] for one in document["masters"][0]["subjects"]] == [urn("other")]
    assert document["request"]["composition"] == urn("other")


@pytest.mark.parametrize("name", ["", "sound_0.mxf"], ids=["package", "file"])
def test_a_composition_that_is_not_there_is_a_usage_error(
    clean: Dcp, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["check", str(clean.folder / name), "--spec", "dcp-smpte", "--tier", "headers", "--cpl", "Other"]
    assert _run(arguments) == 2
    assert "Other" in capsys.readouterr().err


def test_a_package_without_a_composition_is_an_error_that_says_why(clean: Dcp, tmp_path: Path) -> None:
    dcp = _copy(clean, tmp_path)
    dcp.composition.write_text("<CompositionPlaylist", encoding="utf-8")
    code, document = checked(str(dcp.folder), "--spec", "dcp-smpte", "--tier", "headers")
    (master,) = document["masters"]
    assert (code, master["decision"], master["error"]["code"]) == (4, "error", "no-composition")
    assert "cpl.xml is not well-formed XML" in master["error"]["message"]


@pytest.mark.parametrize(
    ("folder", "aux"),
    [("ref/DCP/dcp_test3", 0), ("ref/DCP/dcp_test2", 0), ("data/DCP", 1)],
    ids=["interop", "stereoscopic", "reference-to-aux-data"],
)
def test_hashes_and_sizes_of_real_packages_are_right(folder: str, aux: int) -> None:
    """libdcp's DCPs are whole; one refers to auxiliary data that is not in it, 1,489 frames long."""
    facts = _facts_of(material(f"libdcp/test/{folder}"), is_hashed=True)
    unresolved = facts.pop("package.composition.unresolved_assets")
    assert [one["kind"] for one in unresolved] == ["aux"] * aux
    faults = set(PACKAGE_FACTS) & facts.keys()
    assert "package.packing_list.wrong_hashes" in faults
    assert {name for name in faults if facts[name]} == set()


def test_missing_media_of_real_packages_are_named() -> None:
    """The snapshot of ClairMeta's data lacks media files, which its asset maps name; a version file lacks its
    original."""
    folders = [path for path in material("clairmeta_data/DCP/ECL-SET").iterdir() if path.is_dir()]
    assert len(folders) == 12
    for folder in folders:
        facts = _facts_of(folder)
        asset_map = next(path for path in folder.iterdir() if path.name.startswith("ASSETMAP"))
        named = re.findall(r"<(?:\w+:)?Path>\s*([^<]+?)\s*<", asset_map.read_text(encoding="utf-8"))
        missing = sorted(path for path in named if not (folder / path.removeprefix("file:///")).exists())
        assert sorted(one["path"] for one in facts["package.asset_map.missing_files"]) == missing
        assert facts["package.schema_errors"] == []
        is_version_file = folder.name.endswith("_VF")
        assert bool(facts["package.composition.unresolved_assets"]) is is_version_file


def _facts_of(folder: Path, *, is_hashed: bool = False) -> dict[str, Any]:
    asset_map = asset_map_of(folder)
    assert asset_map is not None
    package = read_package(asset_map)
    hashes = hash_files(listed_files(package)) if is_hashed else None
    return package_facts(package, hashes) | composition_facts(package, package.compositions[0], hashes)


def test_the_facts_of_a_package_are_judged_like_the_package(clean: Dcp, tmp_path: Path) -> None:
    document = measure(clean.folder, "dcp-smpte", tier="headers")
    verdict = judge(json.loads(json.dumps(document.to_document())), "dcp-smpte").to_document()
    subject = verdict["masters"][0]["subjects"][0]
    direct = _subject(clean, "--tier", "headers")
    assert _outcomes(subject) == _outcomes(direct)
    assert spec_library().load("dcp-smpte").unit == "package"

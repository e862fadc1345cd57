"""Version files with and without their original: what is resolved, hashed, missing, and what cannot be known."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deliverqc import check
from deliverqc.cli import _run
from deliverqc.packages import composition_facts, read_package
from deliverqc.verdict import Outcome
from fixtures.packages import Dcp, make_dcp, urn
from tests.end_to_end.checking import checked
from tests.material import material
from tests.packages.judged import facts_of, failing, outcomes

_ABOUT_WHAT_IS_THERE = ("assets-resolve", "package-complete")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("versions")


@pytest.fixture(scope="module")
def pairs(made: Path) -> dict[str, tuple[Dcp, Dcp]]:
    """A version file that has sound alone, and its original."""
    return {
        name: (
            make_dcp(made / f"{name}_vf", standard=name, held=("sound",)),
            make_dcp(made / f"{name}_ov", standard=name),
        )
        for name in ("smpte", "interop")
    }


def _copy(dcp: Dcp, folder: Path) -> Dcp:
    return replace(dcp, folder=Path(shutil.copytree(dcp.folder, folder / dcp.folder.name)))


@pytest.mark.parametrize("standard", ["smpte", "interop"])
def test_a_version_file_alone_is_not_measured_and_does_not_fail(
    pairs: dict[str, tuple[Dcp, Dcp]], standard: str
) -> None:
    version, _ = pairs[standard]
    found = outcomes(version)
    assert {found[one] for one in _ABOUT_WHAT_IS_THERE} == {Outcome.NOT_MEASURED}
    assert failing(version) == set()
    facts = facts_of(version.folder)
    assert facts["package.composition.needs_original"] is True
    assert "package.composition.missing_assets" not in facts
    assert [one["id"] for one in facts["package.composition.unresolved_assets"]] == [urn("picture 0")]


@pytest.mark.parametrize("standard", ["smpte", "interop"])
def test_a_version_file_with_its_original_has_all_that_it_uses(
    pairs: dict[str, tuple[Dcp, Dcp]], standard: str
) -> None:
    version, original = pairs[standard]
    assert outcomes(version, [original])["assets-resolve"] is Outcome.PASS
    assert failing(version, original) == set()
    facts = facts_of(version.folder, original.folder)
    assert facts["package.companions"] == [{"folder": original.folder.name, "role": "original", "resolved_count": 1}]
    assert facts["package.composition.needs_original"] is False
    assert facts["package.composition.assets"][0]["path"] == f"{original.folder.name}/picture_0.mxf"


def _bit(dcp: Dcp) -> None:
    data = bytearray((dcp.folder / "picture_0.mxf").read_bytes())
    data[90_000] ^= 1
    (dcp.folder / "picture_0.mxf").write_bytes(bytes(data))


def _exchanged(dcp: Dcp) -> None:
    """Another picture under the same id, with the size and hash that its own packing list gives."""
    _bit(dcp)
    dcp.seal()


def _linked_out(dcp: Dcp) -> None:
    (dcp.folder / "picture_0.mxf").rename(dcp.folder.parent / "outside.mxf")
    (dcp.folder / "picture_0.mxf").symlink_to(dcp.folder.parent / "outside.mxf")


@pytest.mark.parametrize(
    ("change", "clauses"),
    [
        (_bit, {"asset-hashes", "package-unaltered"}),
        (_exchanged, {"asset-hashes", "package-unaltered"}),
        (lambda dcp: (dcp.folder / "picture_0.mxf").unlink(), {"asset-files-exist", "package-complete"}),
        (_linked_out, {"asset-files-exist", "package-readable"}),
        (lambda dcp: dcp.change(dcp.asset_map, urn("picture 0"), urn("other")), {"assets-resolve", "package-complete"}),
        (lambda dcp: dcp.change(dcp.packing_list, urn("picture 0"), urn("other")), {"package-complete"}),
        (lambda dcp: (dcp.folder / "sound_0.mxf").unlink(), set()),
        (lambda dcp: dcp.composition.unlink(), set()),
    ],
    ids=["bit", "exchanged", "deleted", "link-out", "not-mapped", "not-listed", "not-used", "no-composition"],
)
def test_a_fault_of_the_original_in_what_is_used_fails(
    pairs: dict[str, tuple[Dcp, Dcp]], tmp_path: Path, change: Callable[[Dcp], object], clauses: set[str]
) -> None:
    version, original = pairs["smpte"]
    original = _copy(original, tmp_path)
    change(original)
    assert failing(version, original) == clauses


def test_what_is_in_none_of_the_originals_fails(pairs: dict[str, tuple[Dcp, Dcp]]) -> None:
    version, _ = pairs["smpte"]
    other, _ = pairs["interop"]
    assert failing(version, other) == set(_ABOUT_WHAT_IS_THERE)
    assert facts_of(version.folder, other.folder)["package.companions"][0]["role"] == "unused"
    assert "package.composition.missing_assets" not in facts_of(version.folder, version.folder)  # itself is no original


def test_a_packing_list_that_promises_the_asset_fails_without_an_original(
    pairs: dict[str, tuple[Dcp, Dcp]], tmp_path: Path
) -> None:
    version = _copy(pairs["smpte"][0], tmp_path)
    hashed = "<Hash>2jmj7l5rSw0yVb/vlWAYkK/YBwk=</Hash><Size>1</Size><Type>application/mxf</Type>"
    entry = f"<Asset><Id>{urn('picture 0')}</Id>{hashed}</Asset>"
    version.change(version.packing_list, "</AssetList>", f"{entry}</AssetList>")
    assert failing(version) == {*_ABOUT_WHAT_IS_THERE, "packing-list-in-asset-map"}


@pytest.mark.parametrize(
    ("package_type", "is_fault"),
    [("OV", True), ("OV-Rev2", True), ("VF", False), ("VF-2", False), ("OVERTURE", False), ("", False)],
    ids=["ov", "ov-revision", "vf", "vf-2", "a-word", "none"],
)
def test_only_a_title_that_says_ov_makes_a_lack_a_fault(
    pairs: dict[str, tuple[Dcp, Dcp]], tmp_path: Path, package_type: str, is_fault: bool
) -> None:
    version = _copy(pairs["smpte"][0], tmp_path)
    version.change(version.composition, "_VF</ContentTitleText>", f"_{package_type}</ContentTitleText>")
    facts = facts_of(version.folder, is_hashed=False)
    assert facts["package.composition.needs_original"] is not is_fault
    assert bool(facts.get("package.composition.missing_assets")) is is_fault


def test_a_real_version_file_is_resolved_by_its_original() -> None:
    """ClairMeta's ECL02 uses picture and sound of ECL01, whose media files are not in the snapshot."""
    folder = material("clairmeta_data/DCP/ECL-SET")
    (version,), (original,) = folder.glob("ECL02*"), folder.glob("ECL01*")
    alone = facts_of(version, is_hashed=False)
    assert alone["package.composition.needs_original"] is True
    joined = facts_of(version, original, is_hashed=False)
    assert joined["package.composition.unresolved_assets"] == joined["package.composition.missing_assets"] == []
    lacked = [one["id"] for one in alone["package.composition.unresolved_assets"]]
    assert joined["package.companions"][0]["resolved_count"] == len(set(lacked)) > 0
    assert {one["id"] for one in joined["package.asset_map.missing_files"]} >= set(lacked)


def test_the_command_line_and_the_function_take_the_original(pairs: dict[str, tuple[Dcp, Dcp]]) -> None:
    version, original = (str(one.folder) for one in pairs["smpte"])
    code, document = checked(version, "--spec", "dcp-smpte", "--tier", "headers", "--with", original)
    assert document["request"]["companions"] == [original]
    by_function = check(version, "dcp-smpte", tier="headers", with_=[original])
    assert by_function.to_document()["masters"] == document["masters"]
    facts = document["masters"][0]["subjects"][0]["verdicts"][0]["facts"]
    outcome_of = {one["id"]: one["outcome"] for one in document["masters"][0]["subjects"][0]["verdicts"][0]["clauses"]}
    assert outcome_of["package-complete"] == "pass"
    assert (code, facts["package.composition.missing_assets"], facts["picture.width_px"]) == (1, [], 64)
    _, document = checked(version, "--spec", "dcp-smpte", "--tier", "headers")
    (verdict,) = document["masters"][0]["subjects"][0]["verdicts"]
    (clause,) = (one for one in verdict["clauses"] if one["id"] == "assets-resolve")
    assert clause["outcome"] == "not_measured" and "Give it with --with" in clause["note"]


@pytest.mark.parametrize("name", ["nowhere", ".", "smpte_vf/cpl.xml"], ids=["missing", "no-package", "file"])
def test_what_is_no_package_cannot_be_given(
    made: Path, pairs: dict[str, tuple[Dcp, Dcp]], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    version, original = pairs["smpte"]
    arguments = ["check", "--spec", "dcp-smpte", "--tier", "headers"]
    assert _run([*arguments, str(version.folder), "--with", str(made / name)]) == 2
    assert "--with" in capsys.readouterr().err
    assert _run([*arguments, str(version.folder / "sound_0.mxf"), "--with", str(original.folder)]) == 2
    assert "none of the masters is a package" in capsys.readouterr().err


def test_an_original_whose_asset_map_cannot_be_read_is_named(pairs: dict[str, tuple[Dcp, Dcp]], tmp_path: Path) -> None:
    version, original = pairs["smpte"]
    broken = _copy(original, tmp_path)
    broken.asset_map.write_text("<AssetMap", encoding="utf-8")
    code, document = checked(
        str(version.folder), "--spec", "dcp-smpte", "--tier", "headers", "--with", str(broken.folder)
    )
    assert code == 4
    assert document["masters"][0]["error"]["message"].startswith("smpte_ov, which was given with --with")


def test_a_package_whose_title_says_nothing_may_be_a_version_file() -> None:
    """libdcp's package refers to auxiliary data that is elsewhere, and its title says nothing."""
    asset_map = material("libdcp/test/data/DCP") / "ASSETMAP.xml"
    package = read_package(asset_map)
    facts = composition_facts(package, package.compositions[0], None)
    assert facts["package.composition.needs_original"] is True

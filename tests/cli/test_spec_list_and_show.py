"""`deliverqc spec list` and `spec show`: what a reader finds, and the plain schema that any validator reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deliverqc.cli import _run
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.load import shipped_folder
from deliverqc.speclang.model import (
    ESSENCE_CLAUSES,
    INTEGRITY_CLAUSES,
    MEDIA_CLAUSES,
    PACKAGE_CLAUSES,
    TEXT_CLAUSES,
    Unit,
)
from deliverqc.speclang.plain import plain_schema
from tests.spec_files import clause, document, facts, only, write

LIBRARY = spec_library()


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert _run(["spec", "list", *arguments]) == 0
    return [line.split()[0] for line in capsys.readouterr().out.splitlines()]


def test_every_spec_and_family_is_listed_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(listed(capsys)) == sorted(LIBRARY.ids())


def test_a_row_tells_kind_edition_confidence_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["spec", "list"]) == 0
    spec = LIBRARY.load("ebu-r128-programme")
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith(f"{spec.id} "))
    counts = [f"{len(spec.measured_clauses)} clauses", f"{len(spec.manual)} manual"]
    counts += [f"{len(spec.awaited_clauses)} awaiting"] if spec.awaited_clauses else []
    said = [spec.id, "broadcast", "5.0", "medium", *", ".join(counts).split(), *spec.title.split()]
    assert row.split() == [*said, "(loudness", "only)"]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--search", "r128"], "ebu-r128-programme"),
        (["--search", "QUICKTIME prores"], "netflix-licensed-prores"),
        (["--search", "netflix-prores"], "netflix-licensed-prores"),
        (["--search", "audible"], "acx"),
        (["--publisher", "netflix"], "netflix"),
        (["--kind", "family"], "ard-zdf-hdf"),
        (["--search", "hdf01a"], "ard-zdf-hdf"),
    ],
)
def test_search_reads_id_title_publisher_aliases_and_clauses(
    capsys: pytest.CaptureFixture[str], arguments: list[str], found: str
) -> None:
    names = listed(capsys, *arguments)
    assert found in names and len(names) < len(LIBRARY.ids()) / 2


def test_filters_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    names = listed(capsys, "--kind", "audio", "--search", "true peak")
    families = {family.id for family in LIBRARY.families()}
    specs = set(names) - families
    assert specs and all(LIBRARY.load(name).kind == "audio" for name in specs)
    assert all(specs & set(LIBRARY.load_family(name).specs) for name in families & set(names))
    assert set(names) < set(listed(capsys, "--search", "true peak"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--kind", "flim"], "audio, broadcast"),
        (["--publisher", "Nobody"], "EBU"),
        (["--search", "prores wombat"], "one word"),
    ],
)
def test_an_empty_list_says_what_to_try(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert _run(["spec", "list", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.out == "" and words in captured.err and arguments[1] in captured.err


def shown(capsys: pytest.CaptureFixture[str], name: str, *more: str) -> str:
    assert _run(["spec", "show", name, *more]) == 0
    return capsys.readouterr().out


def resolved(capsys: pytest.CaptureFixture[str], name: str, *more: str) -> str:
    assert _run(["spec", "resolve", name, *more]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("spec", "clause_id", "bounds"),
    [
        ("ebu-r128-s1", "true-peak", "(at most -0.7 dBTP)"),
        ("dpp-as11-hd", "integrated-loudness", "(-23.5 to -22.5 LUFS)"),
        ("xdcam-hd422", "bit-rate", "The bit rate is 50 Mb/s (1 % either way for readers that report a measured mean)"),
        ("netflix-licensed-prores", "head-black", "at most one second of black (24 frames at 23.976)"),
        ("netflix-licensed-prores", "long-black-intended", "(48 frames at 23.976), our reading"),
        ("ebu-r37", "sound-picture-start", "(-0.04 to 0.06 s), our reading"),
    ],
)
def test_a_line_adds_the_bounds_that_its_title_does_not_name(
    capsys: pytest.CaptureFixture[str], spec: str, clause_id: str, bounds: str
) -> None:
    (line,) = [line for line in shown(capsys, spec).splitlines() if line.split()[1:2] == [clause_id]]
    assert line.endswith(bounds)


def test_a_spec_is_shown_with_all_that_it_demands(capsys: pytest.CaptureFixture[str]) -> None:
    text, spec = shown(capsys, "mediabank-uls", "--sources"), LIBRARY.load("mediabank-uls")
    brief = shown(capsys, "mediabank-uls")
    for one in spec.measured_clauses:
        (line,) = [line for line in brief.splitlines() if line.startswith(f"  {one.level.upper():<6} {one.id} ")]
        assert f" {one.title}" in line and line in text
    assert "source: " not in brief and "measured: " not in brief
    groups = [line for line in brief.splitlines() if line in ("Wrapper", "Picture", "Audio")]
    assert groups == ["Wrapper", "Picture", "Audio"]
    for item in spec.manual:
        assert f"{item['id']}: {item['title']}" in text
    for words in (
        "mediabank-uls@2026-11-27.r1",
        "Extends xdcam-hd422@RDD-9.r1",
        "replaces raster: the house has one of the family's rasters",
        "the channel groups: layouts 2.0,2.0,2.0,2.0",
        "edition 5.0 (November 2023), as quoted by three readers of the text, section Recommendation m",
        "sound.groups[].loudness.integrated_lufs (meter loudness)",
        "essence-decodes",
    ):
        assert words in text


def test_expectations_and_settings_of_meters_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "netflix-licensed-prores")
    assert "frame-count: The run time is the one ordered, in frames (picture.frame_count)" in text
    assert "meter black: luma_max_percent 1.0" in text


def test_a_family_shows_its_specs_in_order_and_has_no_plain_schema(capsys: pytest.CaptureFixture[str]) -> None:
    text, family = shown(capsys, "ard-zdf-hdf"), LIBRARY.load_family("ard-zdf-hdf")
    places = [text.index(f"{name}: ") for name in family.specs]
    assert places == sorted(places) and family.when_none_fits in text
    assert _run(["spec", "resolve", "ard-zdf-hdf"]) == 2
    assert "ard-zdf-hdf01a" in capsys.readouterr().err


def keys_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in keys_in(inner)}
    return {key for inner in value for key in keys_in(inner)} if isinstance(value, list) else set()


@pytest.mark.parametrize("name", LIBRARY.names())
def test_the_plain_schema_is_flat_valid_and_whole(name: str) -> None:
    spec = LIBRARY.load(name)
    schema = plain_schema(spec)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert not {"x-extends", "$ref", "$defs"} & keys_in(schema)
    anchors = [one["$anchor"] for one in schema["allOf"]]
    of_packages = () if spec.unit is Unit.PACKAGE else PACKAGE_CLAUSES
    of_others = (*of_packages, *(MEDIA_CLAUSES if spec.essence.holds == {"timed_text"} else TEXT_CLAUSES))
    assert anchors == [one.id for one in spec.clauses if one.awaits is None and one.id not in of_others]
    assert set(INTEGRITY_CLAUSES) - set(ESSENCE_CLAUSES) - {*PACKAGE_CLAUSES, *of_others} <= set(anchors)


@pytest.mark.parametrize("name", ["mediabank-uls", "adverts-at", "netflix-nearfield-audio-qc-grace"])
def test_a_validator_agrees_with_the_examples_of_a_spec_that_extends_another(name: str) -> None:
    examples = json.loads((shipped_folder() / "examples" / f"{name}.json").read_text(encoding="utf-8"))
    clauses = {one["$anchor"]: one for one in plain_schema(LIBRARY.load(name))["allOf"]}
    for clause_id, cases in examples.items():
        validator = Draft202012Validator(clauses[clause_id])
        assert all(validator.is_valid(one) for one in cases["pass"]), clause_id
        assert not any(validator.is_valid(one) for one in cases["fail"]), clause_id


def test_the_printed_schema_judges_facts_with_integrity(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = document(
        clause("size", {"$ref": "#/$defs/hd"}),
        spec_id="base",
        **{"$defs": {"hd": only("picture.width_px", {"const": 1920})}},
    )
    write(tmp_path, base | {"$id": "urn:base", "description": "The base."}, "base.json")
    write(tmp_path, document(clause("wrapper"), spec_id="show", x_extends={"spec": "base"}), "show.json")
    schema = json.loads(resolved(capsys, "show", "--spec-path", str(tmp_path)))
    assert "description" not in schema and schema["$id"] != "urn:base"
    validator = Draft202012Validator(schema)
    good = facts(wrapper__format="mov", picture__width_px=1920)
    assert validator.is_valid(good)
    for fact, wrong in (("wrapper.format", "mxf"), ("picture.width_px", 1919), ("decode.missing_frame_count", 1)):
        assert not validator.is_valid({**good, fact: wrong}), fact

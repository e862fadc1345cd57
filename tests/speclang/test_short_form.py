"""The short form of a clause: what it is written out as, and what is said where it is malformed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deliverqc.cli import _run
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.demands import written_out
from deliverqc.speclang.lint import DIALECT_FILE
from deliverqc.speclang.read import read_json
from tests.spec_files import document, write

FACTS = spec_library().registry.facts
FRAME = {
    "$anchor": "it",
    "title": "It is so",
    "x-level": "shall",
    "x-source": {"document": "A sheet"},
    "x-null": "fail",
}


def short(demand: Any, **more: Any) -> dict[str, Any]:
    return {**FRAME, "x-demand": demand, **more}


def member(name: str, said: Any) -> dict[str, Any]:
    return {"required": [name], "properties": {name: said}}


@pytest.mark.parametrize(
    ("demand", "schema"),
    [
        ({"picture.width_px": 1920}, member("picture.width_px", {"const": 1920})),
        ({"picture.scan": None}, member("picture.scan", {"const": None})),
        ({"wrapper.format": ["mov", "mxf"]}, member("wrapper.format", {"enum": ["mov", "mxf"]})),
        ({"picture.height_px": {"minimum": 1080}}, member("picture.height_px", {"type": "integer", "minimum": 1080})),
        (
            {"picture.frame_rate_hz": {"maximum": 60}},
            member("picture.frame_rate_hz", {"type": "number", "maximum": 60}),
        ),
        ({"wrapper.format": {"pattern": "^m"}}, member("wrapper.format", {"type": "string", "pattern": "^m"})),
        (
            {"picture.telecine.spans": {"maxItems": 0}},
            member("picture.telecine.spans", {"type": "array", "maxItems": 0}),
        ),
        (
            {"sound.groups[].loudness.integrated_lufs": {"minimum": -23.5, "maximum": -22.5}},
            member(
                "sound.groups",
                {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        **member("loudness.integrated_lufs", {"type": "number", "minimum": -23.5, "maximum": -22.5}),
                    },
                },
            ),
        ),
        (
            {"picture.black.spans[].duration_s": {"where": {"region": ["interior", "whole"]}, "maximum": 2}},
            member(
                "picture.black.spans",
                {
                    "type": "array",
                    "minItems": 0,
                    "items": {
                        "type": "object",
                        "required": ["region", "duration_s"],
                        "if": member("region", {"enum": ["interior", "whole"]}),
                        "then": member("duration_s", {"type": "number", "maximum": 2}),
                    },
                },
            ),
        ),
        (
            {
                "sound.groups": {"minItems": 2},
                "sound.groups[].channels": ["0.0"],
                "sound.groups[].layout": "2.0",
            },
            member(
                "sound.groups",
                {
                    "type": "array",
                    "minItems": 2,
                    "items": {
                        "type": "object",
                        "required": ["channels", "layout"],
                        "properties": {"channels": {"const": ["0.0"]}, "layout": {"const": "2.0"}},
                    },
                },
            ),
        ),
    ],
)
def test_the_short_form_is_written_out(demand: Any, schema: dict[str, Any]) -> None:
    assert written_out(short(demand), FACTS) == {**FRAME, **schema}


def test_a_condition_is_written_out_as_if_and_then() -> None:
    clause = short({"picture.bit_depth_bits": 10}, **{"x-when": {"picture.codec": ["h264", "hevc"]}})
    assert written_out(clause, FACTS) == {
        **FRAME,
        "if": member("picture.codec", {"enum": ["h264", "hevc"]}),
        "then": member("picture.bit_depth_bits", {"const": 10}),
    }


def test_two_choices_of_items_of_one_list_both_count() -> None:
    of_spans = {"where": {"region": "head"}, "minimum": 1}
    demand = {"picture.black.spans[].duration_s": of_spans, "picture.black.spans[].duration_frames": of_spans}
    items = written_out(short(demand), FACTS)["properties"]["picture.black.spans"]["items"]
    assert items["required"] == ["region", "duration_s", "duration_frames"] and len(items["allOf"]) == 2


def judged(tmp_path: Path, capsys: pytest.CaptureFixture[str], clause: dict[str, Any], facts: dict[str, Any]) -> str:
    path, told = write(tmp_path, document(clause)), tmp_path / "facts.txt"
    told.write_text(json.dumps(facts))
    _run(["judge", str(told), "--spec", str(path), "--format", "json"])
    verdict = json.loads(capsys.readouterr().out)["masters"][0]["subjects"][0]["verdicts"][0]
    (outcome,) = [one["outcome"] for one in verdict["clauses"] if one["id"] == "it"]
    return str(outcome)


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"picture.codec": "h264", "picture.black.spans": [{"region": "interior", "duration_s": 2.0}]}, "pass"),
        ({"picture.codec": "h264", "picture.black.spans": [{"region": "head", "duration_s": 9.0}]}, "pass"),
        ({"picture.codec": "h264", "picture.black.spans": [{"region": "interior", "duration_s": 2.1}]}, "fail"),
        ({"picture.codec": "h264", "picture.black.spans": [{"region": "interior"}]}, "not_measured"),
        ({"picture.codec": "h264"}, "not_measured"),
        ({"picture.black.spans": []}, "not_measured"),
        (
            {"picture.codec": "prores", "picture.black.spans": [{"region": "interior", "duration_s": 9.0}]},
            "not_applicable",
        ),
    ],
)
def test_the_short_form_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], facts: dict[str, Any], outcome: str
) -> None:
    clause = short(
        {"picture.black.spans[].duration_s": {"where": {"region": "interior"}, "maximum": 2}},
        **{"x-when": {"picture.codec": "h264"}},
    )
    assert judged(tmp_path, capsys, clause, facts) == outcome


@pytest.mark.parametrize(
    ("clause", "code", "place"),
    [
        (short({}), "misshapen-demand", "/allOf/0/x-demand"),
        (short([1]), "misshapen-demand", "/allOf/0/x-demand"),
        (short({"picture.widht_px": 1}), "unknown-fact", "/allOf/0/x-demand"),
        (short({"picture.width_px": "wide"}), "impossible-value", "/allOf/0/x-demand"),
        (short({"wrapper.format": []}), "empty-demand", "/allOf/0/x-demand/wrapper.format"),
        (short({"wrapper.format": {}}), "empty-demand", "/allOf/0/x-demand/wrapper.format"),
        (short({"wrapper.format": {"konst": 1}}), "unknown-demand-keyword", "/allOf/0/x-demand/wrapper.format/konst"),
        (
            short({"picture.width_px": {"where": {"picture.scan": "progressive"}, "const": 1}}),
            "misplaced-where",
            "/allOf/0/x-demand/picture.width_px/where",
        ),
        (short({"picture.width_px": 1}, required=["picture.width_px"]), "mixed-forms", "/allOf/0/required"),
        (short({"picture.width_px": 1}, **{"x-when": {"picture.codec": "mpag2"}}), "unlisted-word", "/allOf/0/x-when"),
        ({**FRAME, "x-when": {"picture.codec": "h264"}}, "idle-condition", "/allOf/0/x-when"),
    ],
)
def test_what_is_malformed_is_said_with_its_place(
    tmp_path: Path, clause: dict[str, Any], code: str, place: str
) -> None:
    problems = spec_library().problems(str(write(tmp_path, document(clause))))
    assert (code, place) in [(problem.code, problem.pointer) for problem in problems]


def test_without_a_rule_for_null_the_short_form_is_refused_as_the_long_one_is(tmp_path: Path) -> None:
    clause = {key: value for key, value in short({"picture.scan": "progressive"}).items() if key != "x-null"}
    problems = spec_library().problems(str(write(tmp_path, document(clause))))
    assert [problem.code for problem in problems] == ["unruled-null"]


def test_an_editor_takes_the_short_form_and_marks_what_is_malformed() -> None:
    validator = Draft202012Validator(read_json(DIALECT_FILE))
    good = short({"picture.black.spans[].duration_s": {"where": {"region": "interior"}, "maximum": 2}})
    assert validator.is_valid(document(good))
    for bad in ({}, {"wrapper.format": []}, {"wrapper.format": {"konst": 1}}):
        assert not validator.is_valid(document(short(bad)))

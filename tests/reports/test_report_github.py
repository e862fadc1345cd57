"""Truths about workflow commands, read as GitHub's runner reads them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from deliverqc.reports import render
from tests.reports import samples

_COMMAND = re.compile(r"::(?P<kind>\w+) (?P<properties>.*?)::(?P<message>.*)")


def unescaped(words: str) -> str:
    for code, letter in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        words = words.replace(code, letter)
    return words


def commands(document: dict[str, Any]) -> list[dict[str, str]]:
    found = []
    for line in render(document, "github").splitlines():
        match = _COMMAND.fullmatch(line)
        if match:
            pairs = (pair.split("=", 1) for pair in match["properties"].split(","))
            properties = {name: unescaped(value) for name, value in pairs}
            found.append({"kind": match["kind"], "message": unescaped(match["message"]), **properties})
    return found


def kinds(document: dict[str, Any]) -> list[str]:
    return [command["kind"] for command in commands(document)]


def test_what_decides_is_an_error_advice_a_warning_and_the_rest_a_notice() -> None:
    assert [(command["kind"], command["title"]) for command in commands(samples.failing())] == [
        ("error", "FAIL integrated-loudness"),
        ("error", "FAIL black-in-programme"),
        ("warning", "FAIL loudness-range"),
        ("notice", "ALSO NOTICED no-dead-channel"),
        ("notice", "ALSO NOTICED same-left-and-right"),
        ("notice", "NOT MEASURED should"),
    ]


def test_an_annotation_names_file_measurement_remedy_and_source_on_lines_of_its_own() -> None:
    first = commands(samples.failing())[0]
    assert first["file"] == "masters/programme_r2.mxf"
    assert first["message"].splitlines() == [
        "Programme loudness is -23.0 LUFS ±0.2 LU",
        "measured -22.76 LUFS, required from -23.2 to -22.8 LUFS, group 0 (5.1, en)",
        "Remedy: Lower the whole mix by 0.24 dB; do not compress it.",
        "Source: EBU R 128, edition 5.0 (2023), section recommendation (g) (confidence high)",
    ]


@pytest.mark.parametrize("sample", samples.SAMPLES)
def test_there_is_an_error_exactly_where_the_decision_is_not_a_pass(sample: str) -> None:
    document = samples.SMALL[sample]()
    assert ("error" in kinds(document)) == (document["decision"] != "pass")


def test_a_pass_is_a_notice() -> None:
    assert [(command["kind"], command["title"]) for command in commands(samples.passing())] == [("notice", "PASS")]


def failing_masters(count: int) -> dict[str, Any]:
    bad = samples.failing()["masters"][0]
    return samples.document([*[bad] * count, *samples.unreadable()["masters"]])


@pytest.mark.parametrize(("masters", "left_out"), [(4, 0), (5, 2), (50, 92)])
def test_ten_errors_at_most_worst_first_and_the_last_says_how_many_were_left_out(masters: int, left_out: int) -> None:
    errors = [command for command in commands(failing_masters(masters)) if command["kind"] == "error"]
    assert errors[0]["message"].startswith("notes.mov: not-media")
    if left_out:
        assert len(errors) == 10
        assert errors[-1]["title"] == f"{left_out} more"
    else:
        assert len(errors) == 9


def test_a_clause_with_ten_thousand_findings_is_one_annotation() -> None:
    (only,) = commands(samples.many_findings())
    assert "and 9,999 more findings" in only["message"]


def test_a_hostile_name_stays_inside_its_property_and_no_other_line_is_a_command() -> None:
    rendered = render(samples.hostile(), "github")
    assert commands(samples.hostile())[0]["file"].endswith("all\\x0a::error::x ## [error]y,z:%\\udcff.mov")
    assert "##[" not in rendered
    assert all(line.startswith(("::error file=", "FAIL a\\x1b", "An unofficial")) for line in rendered.splitlines())

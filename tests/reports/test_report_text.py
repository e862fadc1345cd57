"""Truths about the text report."""

from __future__ import annotations

import re

import pytest

from deliverqc.reports.text import text
from tests.reports import samples


@pytest.mark.parametrize(
    ("sample", "first"),
    [
        ("passing", "PASS  "),
        ("failing", "FAIL  "),
        ("incomplete", "INCOMPLETE  "),
        ("unreadable", "ERROR  "),
        ("nothing", "INCOMPLETE  "),
    ],
)
def test_the_decision_stands_first(sample: str, first: str) -> None:
    assert text(samples.SMALL[sample]()).startswith(first)


def test_a_batch_begins_with_its_worst_master_and_counts_the_masters() -> None:
    shown = text(samples.batch())
    words = [line.split()[0] for line in shown.splitlines() if re.match(r"(ERROR|FAIL|INCOMPLETE|PASS)  \w", line)]
    assert words[:8] == ["ERROR", *["FAIL"] * 5, "INCOMPLETE", "PASS"]
    assert "40 masters: 1 error, 5 fail, 1 incomplete, 33 pass" in shown


def test_failures_come_before_advice_before_gaps_before_waivers() -> None:
    shown = text(samples.failing())
    places = [
        shown.index(title)
        for title in ("Fails (2)", "Fails, but does not decide (1)", "Not measured (1)", "Waived (1)")
    ]
    assert places == sorted(places)


def test_advice_decides_where_it_was_asked_to() -> None:
    document = samples.failing() | {"request": samples.failing()["request"] | {"fail_on": "should"}}
    shown = text(document)
    assert "Fails (3)" in shown
    assert "does not decide" not in shown


def test_a_clause_with_very_many_findings_shows_the_longest_and_how_many_more() -> None:
    shown = text(samples.many_findings())
    assert "200 frames" in shown
    assert "and 9,995 more" in shown
    assert len(shown.splitlines()) < 30


def test_clauses_without_a_measurement_are_grouped_by_what_is_missing() -> None:
    shown = text(samples.incomplete())
    assert "missing: decode.errors\n      essence-decodes (shall), decoder-warnings (should)" in shown


def test_waiver_counts_and_sign_off_items_are_told() -> None:
    shown = text(samples.failing(), width=200)
    assert "Artistic: the film opens in silence, granted by J. Ames, Channel 9, until 2027-01-31" in shown
    assert "9 clauses: 3 pass, 3 fail, 1 not measured, 1 not applicable, 1 waived. Tier: full. 2 items to sign" in shown


def test_a_family_that_does_not_recognise_the_master_says_what_it_tried() -> None:
    shown = text(samples.unrecognised())
    assert "it accepts ProRes 422 HQ in QuickTime" in shown
    assert "netflix-licensed-prores: wrapper.format is mpegts, required mov" in shown


def test_a_pass_of_a_spec_that_only_recommends_is_marked() -> None:
    assert "its pass is advisory" in text(samples.advisory())


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("sample", ["failing", "incomplete", "unrecognised", "batch", "hostile"])
def test_no_line_is_wider_than_asked_unless_it_is_one_long_word(sample: str, width: int) -> None:
    for line in text(samples.SMALL[sample](), width=width).splitlines():
        assert len(line) <= width or len(line.split()) <= 2, line


def test_colour_adds_nothing_but_colour() -> None:
    plain, coloured = text(samples.failing(), width=60), text(samples.failing(), color=True, width=60)
    assert "\x1b[31mFAIL\x1b[0m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain
    assert "\x1b" not in plain

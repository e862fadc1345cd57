"""Truths about how numbers, places and foreign strings read; knows no format."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverqc.reports import wording
from tests.reports import samples


def read(actual: Any, expected: str, unit: str | None = "LUFS") -> str:
    return wording.measured({"actual": actual, "expected": expected, "unit": unit, "message": "", "span": None})


@pytest.mark.parametrize(
    ("actual", "expected", "shown"),
    [
        (-22.80, "from -23.2 to -22.8", "-22.8 LUFS"),
        (-22.79, "from -23.2 to -22.8", "-22.79 LUFS"),
        (-22.7, "from -23.2 to -22.8", "-22.7 LUFS"),
        (-23.21, "from -23.2 to -22.8", "-23.21 LUFS"),
        (-23.31, "from -23.2 to -22.8", "-23.3 LUFS"),
        (-1.96, "at most -2.0", "-1.96 LUFS"),
        (-1.9, "at most -2.0", "-1.9 LUFS"),
        (-2.004, "less than -2", "-2.004 LUFS"),
        (18.04, "at most 18.0 and at least 3.0", "18.04 LUFS"),
        (-22.84, "from −23.2 to −22.8", "-22.84 LUFS"),
    ],
)
def test_a_measured_number_has_one_decimal_or_as_many_as_keep_it_on_its_side_of_every_bound(
    actual: float, expected: str, shown: str
) -> None:
    assert read(actual, expected) == shown


@pytest.mark.parametrize(
    ("actual", "unit", "shown"),
    [
        (23.976, "Hz", "23.976 Hz"),
        (1.0, "s", "1.000 s"),
        (48000, "Hz", "48000 Hz"),
        (0.004, None, "0.004"),
        (-0.04, "LU", "-0.04 LU"),
        (-0.0, "LU", "0.0 LU"),
        (1e-14, "s", "1e-14 s"),
        (True, None, "yes"),
        (None, "LUFS", "none found"),
        ("", None, "(empty)"),
        ([], None, "(empty list)"),
        (["L", "R"], None, "L, R"),
    ],
)
def test_a_value_without_a_bound_reads_with_its_unit_and_is_never_rounded_to_nothing(
    actual: Any, unit: str | None, shown: str
) -> None:
    assert read(actual, "", unit) == shown


@given(
    value=st.decimals(min_value=-200, max_value=200, places=4),
    limits=st.lists(st.decimals(min_value=-200, max_value=200, places=2), min_size=1, max_size=3),
)
def test_no_shown_number_stands_on_another_side_of_a_bound_than_the_measured_one(
    value: Decimal, limits: list[Decimal]
) -> None:
    shown = Decimal(wording.number(float(value), expected=" and ".join(f"at most {limit}" for limit in limits)))
    for limit in limits:
        assert shown.compare(limit) == value.compare(limit)


def test_bounds_are_the_numbers_of_an_expectation_and_not_the_digits_in_names() -> None:
    assert wording.bounds("from -23.2 to -22.8, bt709, 24000/1001, 5e-3") == (
        Decimal("-23.2"),
        Decimal("-22.8"),
        Decimal(24000),
        Decimal("5e-3"),
    )


def test_a_finding_tells_timecodes_where_the_wrapper_has_them_and_elapsed_time_where_not() -> None:
    with_timecode = samples.failing()["masters"][0]["subjects"][0]["verdicts"][0]["clauses"][4]["findings"][0]
    without = samples.without_timecode()["masters"][0]["subjects"][0]["verdicts"][0]["clauses"][0]["findings"][0]
    assert wording.when_words(with_timecode) == "10:01:00:00 to 10:01:03:00 (75 frames, 3.000 s)"
    assert wording.when_words(without) == "+01:01:30.040 to +01:01:33.040 (75 frames, 3.000 s, tail)"


def test_a_finding_without_a_place_in_time_tells_none() -> None:
    assert wording.when_words({"span": None}) == ""
    assert wording.when_words({"span": {"frame": 3}}) == ""


def test_an_item_with_a_place_in_time_is_told_by_what_it_says_beside_that_place() -> None:
    packet = samples.refused_packet()
    told = {"actual": packet.actual, "expected": "none", "unit": None, "message": packet.message, "span": packet.span}
    assert wording.measured(told) == "picture 0: slice 3 is damaged, 2 times"
    assert wording.when_words(told) == "10:00:10:00 (2 frames)"


def test_a_missing_value_is_told_in_the_words_of_the_judge_without_what_was_wanted() -> None:
    told = {
        "actual": None,
        "expected": "at most -2.0",
        "unit": "dBTP",
        "message": "highest true peak of group 0 is not there (digital silence); required at most -2.0",
        "span": None,
    }
    assert wording.measured(told) == "highest true peak of group 0 is not there (digital silence)"


def test_a_unit_follows_an_expectation_only_where_that_ends_in_a_number() -> None:
    assert wording.wanted({"expected": "at most 50", "unit": "frames"}) == "at most 50 frames"
    assert wording.wanted({"expected": "stated", "unit": "frames"}) == "stated"


def test_a_group_is_named_by_its_number_layout_and_language() -> None:
    where = {"where": {"group": 0, "channel": "L", "span": 4, "track": None}}
    assert wording.where_words(where, samples.FACTS) == "group 0 (5.1, en), channel L"
    assert wording.where_words({"where": {"group": 7}}, samples.FACTS) == "group 7"


@given(st.text(alphabet=st.characters(codec=None)))
def test_a_harmless_string_has_no_control_surrogate_or_direction_and_can_be_encoded(text: str) -> None:
    shown = wording.harmless({text: [text]})
    (name, (member,)) = next(iter(shown.items()))
    assert name == member
    member.encode("utf-8")
    assert not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in member)
    assert not any(
        unicodedata.bidirectional(letter) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        for letter in member
    )


def test_letters_of_any_script_stay_as_they_are() -> None:
    assert wording.harmless("Ночь 夜 ليل 👩\u200d🎬 naïve") == "Ночь 夜 ليل 👩\u200d🎬 naïve"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, "size unknown"),
        (999, "999 bytes"),
        (1000, "1.00 kB (1,000 bytes)"),
        (22_561_030_144, "22.56 GB (22,561,030,144 bytes)"),
    ],
)
def test_a_size_is_told_in_decimal_units_and_in_bytes(size: int | None, words: str) -> None:
    assert wording.size_words(size) == words


def test_a_waiver_that_does_not_serve_says_so_and_the_others_are_shown_with_it() -> None:
    expired = {"reason": "old", "who": "A", "until": "2026-01-01", "state": "expired"}
    partial = {"reason": "part", "who": "B", "until": "2027-01-01", "state": "partial", "also": [expired]}
    assert wording.waiver_words(partial) == (
        "does not cover every finding: part, granted by B, until 2027-01-01; "
        "expired: old, granted by A, until 2026-01-01"
    )


def test_the_disclaimer_names_document_edition_and_day_and_claims_no_acceptance() -> None:
    verdict = samples.passing()["masters"][0]["subjects"][0]["verdicts"][0]
    assert wording.disclaimer(verdict) == (
        "An unofficial reading of EBU R 128 programme, edition 5.0, read on 2026-11-22. "
        "A pass covers the clauses listed, not acceptance."
    )


def test_the_longest_findings_are_shown_in_their_order_in_time() -> None:
    findings = [{"span": {"duration_s": seconds}} for seconds in (1, 5, 2, 9, 3)]
    assert wording.in_time_order(findings, 3) == [findings[1], findings[3], findings[4]]
    assert wording.in_time_order([{"span": None}] * 4, 2) == [{"span": None}] * 2

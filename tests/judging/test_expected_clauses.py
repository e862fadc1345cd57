"""Clauses that come from the order for one title."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deliverqc.errors import UsageError
from deliverqc.judging.expectations import NOT_TOLD, expected_id
from deliverqc.judging.judge import judge
from deliverqc.speclang.model import Spec
from deliverqc.verdict import ClauseOutcome, Decision, Level, Outcome, Verdict
from tests.spec_files import clause, facts, loaded

DAY = date(2026, 1, 1)
EXPECTS = [{"id": "native-frame-rate", "title": "The rate is the native one", "fact": "picture.frame_rate"}]


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    return loaded(tmp_path, clause("it"), x_expects=EXPECTS)


def verdict_of(spec: Spec, told: dict[str, Any], **more: Any) -> Verdict:
    return judge(spec, facts(wrapper__format="mov", **more), expectations=told, as_of=DAY)


def expected(verdict: Verdict, clause_id: str) -> ClauseOutcome:
    return next(one for one in verdict.clauses if one.id == clause_id)


def test_what_was_not_told_is_a_should_that_asks_for_it(spec: Spec) -> None:
    verdict = verdict_of(spec, {}, picture__frame_rate="25/1")
    one = expected(verdict, "expected-native-frame-rate")
    assert (one.outcome, one.level, one.note) == (Outcome.NOT_MEASURED, Level.SHOULD, NOT_TOLD)
    assert verdict.decision is Decision.PASS


@pytest.mark.parametrize("name", ["native-frame-rate", "expected-native-frame-rate", "picture.frame_rate"])
@pytest.mark.parametrize(("value", "outcome"), [("25/1", Outcome.PASS), (25, Outcome.PASS), ("24/1", Outcome.FAIL)])
def test_what_was_told_is_a_shall_under_the_specs_own_id(spec: Spec, name: str, value: Any, outcome: Outcome) -> None:
    verdict = verdict_of(spec, {name: value}, picture__frame_rate="25/1")
    one = expected(verdict, "expected-native-frame-rate")
    assert (one.outcome, one.level) == (outcome, Level.SHALL)
    assert verdict.decision is (Decision.PASS if outcome is Outcome.PASS else Decision.FAIL)


def test_what_was_told_and_not_measured_leaves_the_verdict_incomplete(spec: Spec) -> None:
    verdict = verdict_of(spec, {"native-frame-rate": "25/1"})
    assert expected(verdict, "expected-native-frame-rate").outcome is Outcome.NOT_MEASURED
    assert verdict.decision is Decision.INCOMPLETE


@pytest.mark.parametrize(
    ("name", "clause_id"),
    [
        ("picture.width_px", "expected-picture-width-px"),
        ("sound.groups[].layout", "expected-sound-groups-layout"),
        ("sound.groups[].loudness.integrated_lufs", "expected-sound-groups-loudness-integrated-lufs"),
    ],
)
def test_the_id_of_a_free_expectation_is_its_fact_in_hyphens(name: str, clause_id: str) -> None:
    assert expected_id(name) == clause_id


@pytest.mark.parametrize(
    ("name", "told", "actual", "outcome"),
    [
        ("picture.codec_profile", 422, "422", Outcome.PASS),
        ("picture.codec_profile", "422_hq", "422", Outcome.FAIL),
        ("picture.codec_profile", "422", None, Outcome.FAIL),
        ("picture.dolby_vision.profile", None, None, Outcome.PASS),
        ("picture.dolby_vision.profile", None, 8, Outcome.FAIL),
        ("picture.width_px", 1920, 1920, Outcome.PASS),
        ("wrapper.drop_frame", False, False, Outcome.PASS),
        ("wrapper.drop_frame", True, False, Outcome.FAIL),
        ("picture.hdr.mastering_display", {"max_cd_m2": 1000}, {"max_cd_m2": 1000.0, "min_cd_m2": 0.005}, Outcome.PASS),
        ("picture.hdr.mastering_display", {"max_cd_m2": 1000}, {"max_cd_m2": 4000, "min_cd_m2": 0.005}, Outcome.FAIL),
    ],
)
def test_a_free_expectation_is_read_as_the_fact_holds_its_values(
    spec: Spec, name: str, told: Any, actual: Any, outcome: Outcome
) -> None:
    verdict = judge(spec, {**facts(wrapper__format="mov"), name: actual}, expectations={name: told}, as_of=DAY)
    assert expected(verdict, expected_id(name)).outcome is outcome


@pytest.mark.parametrize(
    ("told", "layouts", "outcome"),
    [
        (5.1, ["5.1"], Outcome.PASS),
        ("5.1", ["5.1", "5.1"], Outcome.PASS),
        ("5.1", ["5.1", "2.0"], Outcome.FAIL),
        ("5.1", [], Outcome.FAIL),
        (["5.1", "2.0"], ["2.0", "5.1"], Outcome.PASS),
        (["5.1", "2.0"], ["5.1"], Outcome.FAIL),
        (["5.1", "2.0"], ["5.1", "2.0", "2.0"], Outcome.FAIL),
        (["2.0", "2.0"], ["2.0", "2.0"], Outcome.PASS),
        (["2.0", "2.0"], ["2.0", "5.1"], Outcome.FAIL),
        ("5.1", [None], Outcome.FAIL),
    ],
)
def test_of_a_list_every_item_is_expected_or_exactly_the_values_given(
    spec: Spec, told: Any, layouts: list[str | None], outcome: Outcome
) -> None:
    verdict = verdict_of(spec, {"sound.groups[].layout": told}, sound__groups=[{"layout": one} for one in layouts])
    assert expected(verdict, "expected-sound-groups-layout").outcome is outcome


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"native-frame-rat": 25}, "native-frame-rate"),
        ({"picture.widht_px": 1}, "picture.width_px"),
        ({"native-frame-rate": 23.976}, "24000/1001"),
        ({"native-frame-rate": "fast"}, "24000/1001"),
        ({"picture.width_px": "wide"}, "integer"),
        ({"picture.width_px": True}, "integer"),
        ({"picture.width_px": None}, "never null"),
        ({"picture.codec": "prores_hq"}, "did you mean prores"),
        ({"picture.black.spans": []}, "expect one of its members"),
    ],
)
def test_an_expectation_that_no_fact_can_meet_is_a_usage_error(spec: Spec, told: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        verdict_of(spec, told)

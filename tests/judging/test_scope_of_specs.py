"""Whether a spec is the right one: another kind of master, one file of a package, black and silent masters, and an
essence that is not there."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deliverqc.judging.judge import judge
from deliverqc.judging.waivers import Waiver
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.model import PACKAGE_CLAUSES, Spec
from deliverqc.verdict import ClauseOutcome, Decision, Outcome, Verdict
from tests.spec_files import clause, each, facts, loaded, only

DAY = date(2026, 6, 1)
MOV = facts(wrapper__format="mov")
PACKAGE = {
    name: []
    for one in spec_library().integrity.clauses
    if one.id in PACKAGE_CLAUSES
    for name in one.facts()
    if not name.endswith("[]")
}
"""A package without a fault."""
APPLIES = only("wrapper.format", {"enum": ["mov", "mxf"]})


def judged(spec: Spec, given: dict[str, Any], **options: Any) -> Verdict:
    return judge(spec, given, as_of=DAY, **options)


def of(verdict: Verdict, clause_id: str) -> ClauseOutcome | None:
    return next((one for one in verdict.clauses if one.id == clause_id), None)


def sound_only(folder: Path, **more: Any) -> Spec:
    return loaded(folder, clause("stereo", only("sound.track_count", {"type": "integer", "minimum": 1})), **more)


def test_a_master_of_another_kind_fails_and_the_clauses_are_judged_all_the_same(tmp_path: Path) -> None:
    verdict = judged(sound_only(tmp_path, x_applies=APPLIES), facts(wrapper__format="wav"))
    recognised = of(verdict, "deliverable-recognised")
    assert verdict.decision is Decision.FAIL
    assert recognised is not None and recognised.outcome is Outcome.FAIL
    assert [finding.actual for finding in recognised.findings] == ["wav"]
    assert of(verdict, "stereo").outcome is Outcome.PASS  # type: ignore[union-attr]


def test_a_master_of_the_right_kind_is_not_asked_twice(tmp_path: Path) -> None:
    assert of(judged(sound_only(tmp_path, x_applies=APPLIES), MOV), "deliverable-recognised") is None


def test_a_kind_that_cannot_be_told_is_not_measured(tmp_path: Path) -> None:
    verdict = judged(sound_only(tmp_path, x_applies=APPLIES), facts())
    assert (verdict.decision, of(verdict, "deliverable-recognised").outcome) == (  # type: ignore[union-attr]
        Decision.INCOMPLETE,
        Outcome.NOT_MEASURED,
    )


def test_a_wrong_kind_can_be_waived(tmp_path: Path) -> None:
    waiver = Waiver(clause="deliverable-recognised", reason="agreed", who="QC", until=date(2026, 12, 31))
    verdict = judged(sound_only(tmp_path, x_applies=APPLIES), facts(wrapper__format="wav"), waivers=[waiver])
    assert verdict.decision is Decision.PASS


@pytest.mark.parametrize(("unit", "word"), [("package", "give the folder"), ("set", "give the whole set")])
def test_one_file_of_a_package_or_set_is_never_better_than_incomplete(tmp_path: Path, unit: str, word: str) -> None:
    spec = sound_only(tmp_path, x_unit=unit)
    verdict = judged(spec, MOV)
    whole = of(verdict, "whole-package")
    assert verdict.decision is Decision.INCOMPLETE
    assert whole is not None and word in (whole.note or "")
    assert judged(spec, MOV, kind="set").decision is Decision.PASS
    assert judged(spec, MOV | PACKAGE, kind="composition").decision is Decision.PASS


BLACK = facts(picture__black__is_throughout=True)
SILENT = facts(sound__is_silent=True)


@pytest.mark.parametrize(("given", "clause_id"), [(BLACK, "picture-not-black"), (SILENT, "audio-not-silent")])
def test_a_black_or_silent_master_fails_unless_spec_or_order_say_otherwise(
    tmp_path: Path, given: dict[str, Any], clause_id: str
) -> None:
    verdict = judged(sound_only(tmp_path), given)
    assert (verdict.decision, of(verdict, clause_id).outcome) == (Decision.FAIL, Outcome.FAIL)  # type: ignore[union-attr]
    for essence in ({"may_be_black": True, "may_be_silent": True}, {"holds": ["timed_text"]}):
        assert judged(sound_only(tmp_path, about={"essence": essence}), given).decision is Decision.PASS
    expected = {name: True for name in ("picture.black.is_throughout", "sound.is_silent") if given[name]}
    ordered = judged(sound_only(tmp_path), given, expectations=expected)
    assert ordered.decision is Decision.PASS
    assert of(ordered, clause_id).outcome is Outcome.NOT_APPLICABLE  # type: ignore[union-attr]


def test_an_order_for_sound_does_not_excuse_silence(tmp_path: Path) -> None:
    assert judged(sound_only(tmp_path), SILENT, expectations={"sound.is_silent": False}).decision is Decision.FAIL
    assert judged(sound_only(tmp_path), SILENT, expectations={"sound.track_count": 1}).decision is Decision.FAIL


def test_what_was_not_measured_is_no_proof_of_picture_or_sound(tmp_path: Path) -> None:
    given = {key: value for key, value in MOV.items() if key != "sound.is_silent"}
    assert judged(sound_only(tmp_path), given).decision is Decision.INCOMPLETE


def test_a_track_file_of_a_package_may_be_black_or_silent(tmp_path: Path) -> None:
    spec = sound_only(tmp_path, x_unit="package")
    assert of(judged(spec, SILENT), "audio-not-silent").outcome is Outcome.NOT_APPLICABLE  # type: ignore[union-attr]
    whole = judged(spec, SILENT, kind="composition")
    assert of(whole, "audio-not-silent").outcome is Outcome.FAIL  # type: ignore[union-attr]


def three_about_audio(folder: Path) -> Spec:
    loud = each("sound.groups", "loudness.integrated_lufs", {"type": "number", "maximum": -22})
    peak = each("sound.groups", "loudness.max_true_peak_dbtp", {"type": "number", "maximum": -1})
    soft = only("sound.channel_count", {"type": "integer", "minimum": 2})
    return loaded(
        folder,
        clause("channels", soft, level="should"),
        clause("loudness", loud, **{"x-null": "fail"}),
        clause("peak", peak, **{"x-null": "fail"}),
        clause("it"),
    )


def test_a_master_without_audio_fails_once(tmp_path: Path) -> None:
    given = facts(wrapper__format="mov", sound__track_count=0, sound__channel_count=0, sound__groups=[])
    verdict = judged(three_about_audio(tmp_path), given)
    failing = [one for one in verdict.clauses if one.outcome is Outcome.FAIL]
    assert [one.id for one in failing] == ["loudness"]
    (finding,) = failing[0].findings
    assert (finding.message, finding.fact) == ("there is no audio track", "sound.track_count")
    assert "see loudness" in (of(verdict, "peak").note or "")  # type: ignore[union-attr]


def test_a_waiver_for_one_clause_does_not_excuse_the_others(tmp_path: Path) -> None:
    given = facts(wrapper__format="mov", sound__track_count=0, sound__channel_count=0, sound__groups=[])
    waiver = Waiver(clause="loudness", reason="agreed", who="QC", until=date(2026, 12, 31))
    verdict = judged(three_about_audio(tmp_path), given, waivers=[waiver])
    assert [one.id for one in verdict.clauses if one.outcome is Outcome.FAIL] == ["peak"]


def test_what_breaks_for_another_reason_is_still_reported(tmp_path: Path) -> None:
    given = facts(wrapper__format="mp4", sound__track_count=0, sound__channel_count=0, sound__groups=[])
    verdict = judged(three_about_audio(tmp_path), given)
    assert [one.id for one in verdict.clauses if one.outcome is Outcome.FAIL] == ["loudness", "it"]

"""Decisions: what fails, what stays incomplete, what is left out, and what never passes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deliverqc.errors import UsageError
from deliverqc.judging.decision import NOTHING_BINDING, left_to_a_person
from deliverqc.judging.judge import LEFT_OUT, judge, judge_unrecognised
from deliverqc.judging.references import require_clauses
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.model import INTEGRITY_CLAUSES, PACKAGE_CLAUSES, TEXT_CLAUSES, Choice, Family, Spec
from deliverqc.verdict import Decision, Level, Outcome, Verdict
from tests.spec_files import SOUND, clause, document, facts, loaded, only, write

DAY = date(2026, 1, 1)
MOV = facts(wrapper__format="mov")
MP4 = facts(wrapper__format="mp4")
OF_FILES = [one for one in INTEGRITY_CLAUSES if one not in (*PACKAGE_CLAUSES, *TEXT_CLAUSES)]


def decided(spec: Spec, given: dict[str, Any], **options: Any) -> Verdict:
    return judge(spec, given, as_of=DAY, **options)


def outcomes(verdict: Verdict) -> dict[str, Outcome]:
    return {one.id: one.outcome for one in verdict.clauses}


def test_a_broken_shall_fails_a_broken_should_does_not(tmp_path: Path) -> None:
    assert decided(loaded(tmp_path, clause("it")), MP4).decision is Decision.FAIL
    both = loaded(tmp_path, clause("it"), clause("soft", only("sound.track_count", {"const": 9}), level="should"))
    assert decided(both, MOV).decision is Decision.PASS
    assert decided(both, MOV, fail_on=Level.SHOULD).decision is Decision.FAIL


def test_an_unmeasured_shall_is_incomplete_unless_another_fails(tmp_path: Path) -> None:
    spec = loaded(tmp_path, clause("it"), clause("other", only("picture.width_px", {"const": 1920})))
    assert decided(spec, MOV).decision is Decision.INCOMPLETE
    assert decided(spec, MP4).decision is Decision.FAIL


def test_an_unmeasured_should_decides_only_where_should_decides(tmp_path: Path) -> None:
    spec = loaded(tmp_path, clause("it"), clause("soft", only("picture.width_px", {"const": 1920}), level="should"))
    assert decided(spec, MOV).decision is Decision.PASS
    assert decided(spec, MOV, fail_on=Level.SHOULD).decision is Decision.INCOMPLETE


def test_every_spec_has_the_integrity_clauses_first(tmp_path: Path) -> None:
    verdict = decided(loaded(tmp_path, clause("it")), MOV)
    assert [one.id for one in verdict.clauses] == [*OF_FILES, "it"]


def test_a_composition_has_the_integrity_clauses_of_packages_too(tmp_path: Path) -> None:
    verdict = decided(loaded(tmp_path, clause("it")), MOV, kind="composition")
    assert [one.id for one in verdict.clauses] == [*(one for one in INTEGRITY_CLAUSES if one not in TEXT_CLAUSES), "it"]
    assert verdict.decision is Decision.INCOMPLETE
    assert {outcomes(verdict)[one] for one in PACKAGE_CLAUSES} == {Outcome.NOT_MEASURED}


@pytest.mark.parametrize(
    "missing", ["decode.errors", "decode.missing_byte_count", "decode.frame_count", "cross_check.layer_disagreements"]
)
def test_without_a_decode_nothing_passes(tmp_path: Path, missing: str) -> None:
    given = {name: value for name, value in MOV.items() if name != missing}
    assert decided(loaded(tmp_path, clause("it")), given).decision is Decision.INCOMPLETE


@pytest.mark.parametrize(
    "change",
    [
        {"picture.track_count": 0, "sound.track_count": 0, "wrapper.duration_s": 0.0},
        {"decode.frame_count": 0},
        {"decode.frame_count": None},
        {"decode.missing_frame_count": 1},
        {"cross_check.layer_disagreements": [{"fact": "picture.color_range"}]},
    ],
)
def test_what_breaks_integrity_fails_whatever_is_left_out(tmp_path: Path, change: dict[str, Any]) -> None:
    spec = loaded(tmp_path, clause("it"))
    for options in ({}, {"only": ("it",)}, {"skip": (*INTEGRITY_CLAUSES,)}):
        assert decided(spec, MOV | change, **options).decision is Decision.FAIL


def test_a_clause_that_is_left_out_is_not_measured_and_says_so(tmp_path: Path) -> None:
    spec = loaded(tmp_path, clause("it"), clause("other", only("sound.track_count", {"const": 1})))
    for options in ({"skip": ("it",)}, {"skip": ("a-sheet:it",)}, {"only": ("other",)}, {"only": ("a-sheet:other",)}):
        verdict = decided(spec, MP4, **options)
        it = next(one for one in verdict.clauses if one.id == "it")
        assert (it.outcome, it.note) == (Outcome.NOT_MEASURED, LEFT_OUT)
        assert outcomes(verdict)["other"] is Outcome.PASS
        assert verdict.decision is Decision.INCOMPLETE


def hdr_only() -> dict[str, Any]:
    schema = {
        "required": ["picture.color_transfer"],
        "if": only("picture.color_transfer", {"const": "smpte2084"}),
        "then": only("picture.bit_depth_bits", {"const": 10}),
    }
    return clause("hdr", schema, **{"x-null": "fail"})


def test_a_spec_of_which_nothing_binding_applies_is_incomplete(tmp_path: Path) -> None:
    spec = loaded(tmp_path, hdr_only())
    verdict = decided(spec, facts(picture__color_transfer="bt709"))
    assert (verdict.decision, verdict.reason) == (Decision.INCOMPLETE, NOTHING_BINDING)
    assert outcomes(verdict)["hdr"] is Outcome.NOT_APPLICABLE


def test_what_the_order_expects_does_not_bind_in_place_of_the_spec(tmp_path: Path) -> None:
    verdict = decided(
        loaded(tmp_path, hdr_only()),
        facts(picture__color_transfer="bt709", wrapper__format="mov"),
        expectations={"wrapper.format": "mov"},
    )
    assert outcomes(verdict)["expected-wrapper-format"] is Outcome.PASS
    assert verdict.decision is Decision.INCOMPLETE


def test_a_spec_without_clauses_never_passes(tmp_path: Path) -> None:
    manual = [{"id": "look", "title": "Look at it", "x-source": {"document": "A sheet"}}]
    for advisory in (False, True):
        spec = loaded(tmp_path, about={"advisory": advisory}, x_manual=manual)
        verdict = decided(spec, MOV)
        assert verdict.decision is Decision.INCOMPLETE
        assert verdict.manual == ({"id": "look", "title": "Look at it", "source": {"document": "A sheet"}},)


def test_an_advisory_spec_may_pass_on_recommendations_alone(tmp_path: Path) -> None:
    soft = clause("soft", level="should")
    assert decided(loaded(tmp_path, soft), MOV).decision is Decision.INCOMPLETE
    verdict = decided(loaded(tmp_path, soft, about={"advisory": True}), MOV)
    assert (verdict.decision, verdict.advisory) == (Decision.PASS, True)


def test_the_integrity_spec_itself_can_pass() -> None:
    assert decided(spec_library().integrity, SOUND).decision is Decision.PASS


def test_counts_and_provenance_cover_the_whole_verdict(tmp_path: Path) -> None:
    spec = loaded(tmp_path, clause("it"))
    verdict = decided(spec, MOV, provenance={"meters": {"black": 1}})
    assert sum(verdict.counts.values()) == len(verdict.clauses) == len(OF_FILES) + 1
    assert verdict.provenance["spec_sha256"] == spec.sha256
    assert verdict.provenance["meters"] == {"black": 1}
    assert verdict.provenance["settings"] is None
    other = decided(spec, {**MOV, "file.name": "b.mov"})
    assert other.provenance["facts_sha256"] != verdict.provenance["facts_sha256"]


def unrecognised(given: dict[str, Any], **options: Any) -> Verdict:
    family = Family(id="some", title="Some platform", specs=("a-sheet",), when_none_fits="Send ProRes.")
    choice = Choice(
        family=family,
        spec=None,
        reason="Send ProRes.",
        tried=(("a-sheet", "no"),),
        deliverables=("A sheet (a-sheet)",),
        **options,
    )
    return judge_unrecognised(choice, spec_library().integrity, given, as_of=DAY)


def test_a_deliverable_that_no_spec_of_the_family_fits_fails_with_the_integrity_clauses() -> None:
    verdict = unrecognised(MP4)
    assert (verdict.decision, verdict.spec) == (Decision.FAIL, None)
    assert [one.id for one in verdict.clauses] == ["deliverable-recognised", *OF_FILES]
    (finding,) = verdict.clauses[0].findings
    assert "A sheet (a-sheet)" in finding.message and "Send ProRes." in finding.message
    assert verdict.family is not None and verdict.family["tried"] == [{"spec": "a-sheet", "reason": "no"}]


def test_a_deliverable_that_cannot_be_told_is_not_measured() -> None:
    verdict = unrecognised(SOUND, missing=("wrapper.format",))
    assert verdict.clauses[0].outcome is Outcome.NOT_MEASURED
    assert verdict.decision is Decision.INCOMPLETE


def two(tmp_path: Path) -> list[Spec]:
    first = write(tmp_path, document(clause("it"), clause("mine"), spec_id="first"), "first.json")
    second = write(tmp_path, document(clause("it"), spec_id="second"), "second.json")
    return [spec_library().load(str(path)) for path in (first, second)]


@pytest.mark.parametrize(
    "reference",
    ["first:it", "second:it", "mine", "first:mine", "essence-decodes", "deliverqc-integrity:essence-decodes"],
)
def test_a_reference_that_names_one_clause_serves(tmp_path: Path, reference: str) -> None:
    require_clauses(two(tmp_path), [reference])


@pytest.mark.parametrize(
    ("reference", "hint"),
    [("it", "first:it, second:it"), ("mnie", "mine"), ("second:mine", "second:it"), ("third:it", "first:it")],
)
def test_a_reference_that_names_no_clause_or_several_is_a_usage_error(
    tmp_path: Path, reference: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=reference) as caught:
        require_clauses(two(tmp_path), [reference])
    assert hint in caught.value.message


def test_a_pass_says_what_is_left_to_a_person() -> None:
    assert left_to_a_person([{"id": "monitoring-level"}]) == "; 1 demand is left to sign off by hand"
    assert left_to_a_person([{"id": "one"}, {"id": "two"}]) == "; 2 demands are left to sign off by hand"
    assert left_to_a_person(()) == ""

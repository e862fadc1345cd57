"""Outcomes of single clauses: nulls, conditions, missing facts, and the findings that explain a fail."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from deliverqc.errors import UsageError
from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.judging.judge import judge
from deliverqc.judging.kleene import Truth, evaluate
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.load import shipped_folder
from deliverqc.speclang.model import Clause, NullRule, Spec
from deliverqc.speclang.read import read_json
from deliverqc.verdict import ClauseOutcome, Level, Outcome
from tests.schema_strategies import KEYS, LIST_KEY, documents, drawn_without, full_items, schemas
from tests.spec_files import clause, each, facts, loaded, only

DAY = date(2026, 1, 1)
LOUDNESS = "loudness.integrated_lufs"


def outcome_of(spec: Spec, given_facts: dict[str, Any], clause_id: str = "it") -> ClauseOutcome:
    verdict = judge(spec, given_facts, as_of=DAY)
    return next(one for one in verdict.clauses if one.id == clause_id)


def group(value: float | None) -> dict[str, Any]:
    return {"layout": "2.0", LOUDNESS: value}


@pytest.mark.parametrize(
    ("groups", "outcome"),
    [
        ([group(-23.2)], Outcome.PASS),
        ([group(-23.21)], Outcome.FAIL),
        ([group(-22.8)], Outcome.PASS),
        ([group(-22.79)], Outcome.FAIL),
        ([group(None)], Outcome.FAIL),
        ([group(-23.0), group(None)], Outcome.FAIL),
        ([], Outcome.FAIL),
        ([{"layout": "2.0"}], Outcome.NOT_MEASURED),
        ([group(-23.0), {"layout": "2.0"}], Outcome.NOT_MEASURED),
        ([group(-10.0), {"layout": "2.0"}], Outcome.FAIL),
    ],
)
def test_loudness_of_groups_at_and_beside_its_bounds(tmp_path: Path, groups: list[Any], outcome: Outcome) -> None:
    wanted = {"type": "number", "minimum": -23.2, "maximum": -22.8}
    spec = loaded(tmp_path, clause("it", each("sound.groups", LOUDNESS, wanted), **{"x-null": "fail"}))
    assert outcome_of(spec, facts(sound__groups=groups)).outcome is outcome


def test_a_missing_fact_is_named_with_what_would_measure_it(tmp_path: Path) -> None:
    spec = loaded(
        tmp_path, clause("it", each("sound.groups", LOUDNESS, {"type": "number", "maximum": -20}), **{"x-null": "fail"})
    )
    result = outcome_of(spec, facts())
    assert result.outcome is Outcome.NOT_MEASURED
    assert result.missing_facts == ("sound.groups", f"sound.groups[].{LOUDNESS}")
    assert result.note is not None and "full tier" in result.note and "loudness" in result.note


@pytest.mark.parametrize(
    ("rule", "value", "outcome"),
    [
        ("fail", None, Outcome.FAIL),
        ("not_applicable", None, Outcome.NOT_APPLICABLE),
        ("fail", "bt709", Outcome.PASS),
        ("not_applicable", "bt709", Outcome.PASS),
        ("fail", "bt2020", Outcome.FAIL),
        ("not_applicable", "bt2020", Outcome.FAIL),
    ],
)
@pytest.mark.parametrize(
    "schema",
    [
        only("picture.color_primaries", {"const": "bt709"}),
        only("picture.color_primaries", {"not": {"enum": ["bt2020", "smpte432"]}}),
        {"required": ["picture.color_primaries"], "not": only("picture.color_primaries", {"const": "bt2020"})},
        only("picture.color_primaries", {"anyOf": [{"const": "bt709"}, {"const": "bt470bg"}]}),
    ],
)
def test_null_means_what_the_clause_says_wherever_the_demand_stands(
    tmp_path: Path, schema: dict[str, Any], rule: str, value: str | None, outcome: Outcome
) -> None:
    spec = loaded(tmp_path, clause("it", schema, **{"x-null": rule}))
    result = outcome_of(spec, facts(picture__color_primaries=value))
    assert result.outcome is outcome
    if outcome is Outcome.FAIL and value is None:
        assert "is not there (neither wrapper nor bitstream states it)" in result.findings[0].message


def test_null_that_only_required_names_fails_where_the_clause_says_so(tmp_path: Path) -> None:
    spec = loaded(tmp_path, clause("it", {"required": ["wrapper.start_timecode"]}, **{"x-null": "fail"}))
    result = outcome_of(spec, facts(wrapper__start_timecode=None))
    assert result.outcome is Outcome.FAIL
    assert "is not there (the wrapper carries no timecode, or none that can be read" in result.findings[0].message
    assert outcome_of(spec, facts(wrapper__start_timecode="01:00:00:00")).outcome is Outcome.PASS


def test_a_null_that_does_not_matter_does_not_decide(tmp_path: Path) -> None:
    schema = {
        "required": ["wrapper.format", "picture.color_range"],
        "anyOf": [only("wrapper.format", {"const": "mov"}), only("picture.color_range", {"const": "limited"})],
    }
    spec = loaded(tmp_path, clause("it", schema, **{"x-null": "fail"}))
    assert outcome_of(spec, facts(wrapper__format="mov", picture__color_range=None)).outcome is Outcome.PASS
    assert outcome_of(spec, facts(wrapper__format="mp4", picture__color_range=None)).outcome is Outcome.FAIL


def test_an_item_that_breaks_the_clause_fails_it_though_another_is_null(tmp_path: Path) -> None:
    wanted = {"type": "number", "maximum": -20}
    spec = loaded(tmp_path, clause("it", each("sound.groups", LOUDNESS, wanted), **{"x-null": "not_applicable"}))
    result = outcome_of(spec, facts(sound__groups=[group(None), group(-10.0)]))
    assert result.outcome is Outcome.FAIL
    assert [finding.where for finding in result.findings] == [{"group": 1}]


def conditional() -> dict[str, Any]:
    return {
        "required": ["picture.scan", "picture.field_order"],
        "if": only("picture.scan", {"const": "interlaced"}),
        "then": only("picture.field_order", {"const": "tff"}),
    }


@pytest.mark.parametrize(
    ("scan", "order", "outcome"),
    [
        ("interlaced", "tff", Outcome.PASS),
        ("interlaced", "bff", Outcome.FAIL),
        ("interlaced", None, Outcome.FAIL),
        ("progressive", "tff", Outcome.NOT_APPLICABLE),
        ("progressive", None, Outcome.NOT_APPLICABLE),
        (None, None, Outcome.NOT_APPLICABLE),
    ],
)
def test_a_root_condition_that_is_false_makes_a_clause_not_applicable(
    tmp_path: Path, scan: str | None, order: str | None, outcome: Outcome
) -> None:
    spec = loaded(tmp_path, clause("it", conditional(), **{"x-null": "fail"}))
    assert outcome_of(spec, facts(picture__scan=scan, picture__field_order=order)).outcome is outcome


def test_a_condition_that_is_not_known_is_not_measured(tmp_path: Path) -> None:
    spec = loaded(tmp_path, clause("it", conditional(), **{"x-null": "fail"}))
    result = outcome_of(spec, facts(picture__field_order="bff"))
    assert result.outcome is Outcome.NOT_MEASURED
    assert result.missing_facts == ("picture.scan",)


def test_a_demand_that_holds_under_a_condition_that_is_not_known_is_not_measured(tmp_path: Path) -> None:
    schema = {"if": only("picture.scan", {"const": "interlaced"}), "then": only("wrapper.format", {"const": "mov"})}
    result = outcome_of(loaded(tmp_path, clause("it", schema, **{"x-null": "fail"})), facts(wrapper__format="mov"))
    assert (result.outcome, result.missing_facts) == (Outcome.NOT_MEASURED, ("picture.scan",))


@pytest.mark.parametrize(
    ("rule", "combine", "width", "outcome"),
    [
        ("fail", "anyOf", {}, Outcome.NOT_MEASURED),
        ("fail", "anyOf", {"picture__width_px": 1920}, Outcome.PASS),
        ("fail", "anyOf", {"picture__width_px": 1000}, Outcome.FAIL),
        ("not_applicable", "anyOf", {}, Outcome.NOT_MEASURED),
        ("not_applicable", "anyOf", {"picture__width_px": 1920}, Outcome.PASS),
        ("not_applicable", "anyOf", {"picture__width_px": 1000}, Outcome.NOT_APPLICABLE),
        ("not_applicable", "allOf", {}, Outcome.NOT_MEASURED),
        ("not_applicable", "allOf", {"picture__width_px": 1920}, Outcome.NOT_APPLICABLE),
        ("not_applicable", "allOf", {"picture__width_px": 1000}, Outcome.FAIL),
    ],
)
def test_null_does_not_speak_for_a_fact_that_is_missing(
    tmp_path: Path, rule: str, combine: str, width: dict[str, Any], outcome: Outcome
) -> None:
    schema = {
        combine: [
            only("picture.color_range", {"not": {"const": "full"}}),
            only("picture.width_px", {"const": 1920}),
        ]
    }
    spec = loaded(tmp_path, clause("it", schema, **{"x-null": rule}))
    assert outcome_of(spec, facts(picture__color_range=None, **width)).outcome is outcome


def test_a_false_condition_with_an_else_or_with_another_broken_keyword_still_judges(tmp_path: Path) -> None:
    with_else = {**conditional(), "else": only("wrapper.format", {"const": "mov"})}
    beside = {**conditional(), "properties": {"picture.scan": {"enum": ["interlaced"]}}}
    scan = {"picture__scan": "progressive", "picture__field_order": None}
    assert (
        outcome_of(
            loaded(tmp_path, clause("it", with_else, **{"x-null": "fail"})), facts(**scan, wrapper__format="mov")
        ).outcome
        is Outcome.PASS
    )
    assert (
        outcome_of(loaded(tmp_path, clause("it", beside, **{"x-null": "fail"})), facts(**scan)).outcome is Outcome.FAIL
    )


def test_a_condition_that_stands_deeper_is_plain_logic(tmp_path: Path) -> None:
    spec = loaded(tmp_path, clause("it", {"allOf": [conditional()]}, **{"x-null": "fail"}))
    assert outcome_of(spec, facts(picture__scan="progressive", picture__field_order="tff")).outcome is Outcome.PASS


def test_a_word_that_is_not_mapped_satisfies_no_enum(tmp_path: Path) -> None:
    spec = loaded(tmp_path, clause("it", only("wrapper.format", {"enum": ["mov", "mxf"]})))
    assert outcome_of(spec, facts(wrapper__format="other:mov")).outcome is Outcome.FAIL


def span(start: int, end: int) -> dict[str, Any]:
    return {
        "start_frame": start,
        "end_frame": end,
        "duration_frames": end - start,
        "start_s": start / 25,
        "end_s": end / 25,
        "duration_s": (end - start) / 25,
        "start_timecode": "10:00:00:00",
        "end_timecode": "10:00:01:00",
        "region": "interior",
        "channel": None,
    }


def test_every_span_in_a_list_that_must_be_empty_is_a_finding_with_its_span(tmp_path: Path) -> None:
    spec = loaded(tmp_path, clause("it", only("picture.black.spans", {"type": "array", "maxItems": 0})))
    spans = [span(0, 25), span(100, 125)]
    result = outcome_of(spec, facts(picture__black__spans=spans))
    assert [finding.span for finding in result.findings] == spans
    assert [finding.where for finding in result.findings] == [{"span": 0}, {"span": 1}]
    assert (
        result.findings[0].message == "runs of black frames: the span 10:00:00:00 to 10:00:01:00 (1.0 s); required none"
    )


def test_a_member_of_a_span_that_breaks_a_bound_names_fact_unit_and_span(tmp_path: Path) -> None:
    schema = each("picture.black.spans", "duration_frames", {"type": "integer", "maximum": 24}, 0)
    result = outcome_of(
        loaded(tmp_path, clause("it", schema)), facts(picture__black__spans=[span(0, 24), span(50, 75)])
    )
    (finding,) = result.findings
    assert (finding.fact, finding.actual, finding.expected, finding.unit) == (
        "picture.black.spans[].duration_frames",
        25,
        "at most 24",
        "frames",
    )
    assert finding.span == span(50, 75)


@pytest.mark.parametrize(
    ("schema", "given_facts", "message"),
    [
        (
            each("sound.groups", LOUDNESS, {"type": "number", "minimum": -23.2, "maximum": -22.8}),
            {"sound__groups": [group(-20.14)]},
            "gated programme loudness of group 0 is -20.14 LUFS; required at most -22.8",
        ),
        (
            each("sound.groups", LOUDNESS, {"type": "number", "minimum": -23.2, "maximum": -22.8}),
            {"sound__groups": [group(None)]},
            "required from -23.2 to -22.8",
        ),
        (
            only("sound.tracks", {"type": "array", "contains": only("language", {"const": "en"})}),
            {"sound__tracks": [{"language": "fr"}, {"language": "de"}]},
            "language tag as written of sound track 0 is fr, language tag as written of sound track 1 is de; "
            "required at least one with language tag as written en",
        ),
        (
            {"required": ["picture.scan"], "not": only("picture.scan", {"const": "interlaced"})},
            {"picture__scan": "interlaced"},
            "required anything but interlaced",
        ),
        (
            {"anyOf": [only("wrapper.format", {"const": "mov"}), only("wrapper.format", {"const": "mxf"})]},
            {"wrapper__format": "mp4"},
            "kind of the wrapper is mp4; required mov or mxf",
        ),
        (
            {
                "anyOf": [
                    only("wrapper.format", {"const": "mov"}),
                    only("sound.track_count", {"type": "integer", "minimum": 2}),
                ]
            },
            {"wrapper__format": "mp4"},
            "kind of the wrapper is mp4, sound tracks is 1; "
            "required kind of the wrapper mov or sound tracks at least 2",
        ),
        (only("wrapper.drop_frame", {"const": False}), {"wrapper__drop_frame": True}, "is true; required false"),
    ],
)
def test_findings_read_as_sentences(
    tmp_path: Path, schema: dict[str, Any], given_facts: dict[str, Any], message: str
) -> None:
    spec = loaded(tmp_path, clause("it", schema, **{"x-null": "fail"}))
    result = outcome_of(spec, facts(**given_facts))
    assert result.outcome is Outcome.FAIL
    assert message in result.findings[0].message


def test_a_decoders_error_carries_its_place_and_words(tmp_path: Path) -> None:
    error = {
        "track": "picture 0",
        "message": "bad",
        "frame": 7,
        "start_s": 0.28,
        "start_timecode": "10:00:00:07",
        "count": 2,
    }
    result = outcome_of(loaded(tmp_path, clause("it")), {**facts(), "decode.errors": [error]}, "essence-decodes")
    (finding,) = result.findings
    assert finding.span is not None and (finding.span["start_frame"], finding.span["end_frame"]) == (7, 9)
    assert finding.where["track"] == "picture 0" and "bad" in finding.message and "10:00:00:07" in finding.message


def test_a_track_that_starts_somewhere_is_no_place_in_time(tmp_path: Path) -> None:
    spec = loaded(tmp_path, clause("it", each("sound.tracks", "sample_rate_hz", {"const": 48000})))
    (finding,) = outcome_of(spec, facts(sound__tracks=[{"sample_rate_hz": 44100, "start_s": 0.0}])).findings
    assert (finding.span, finding.where) == (None, {"track": 0})
    assert finding.message == "samples per second of sound track 0 is 44100 Hz; required 48000"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_facts_that_are_no_json_numbers_are_refused(tmp_path: Path, value: float) -> None:
    with pytest.raises(UsageError, match=r"sound\.groups\[\]\.loudness"):
        judge(loaded(tmp_path, clause("it")), facts(sound__groups=[group(value)]), as_of=DAY)


def test_facts_that_are_nested_without_end_are_refused(tmp_path: Path) -> None:
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"a": deep}
    with pytest.raises(UsageError, match="nested too deeply"):
        judge(loaded(tmp_path, clause("it")), deep, as_of=DAY)


def shipped_cases() -> list[tuple[Spec, Clause, dict[str, Any]]]:
    library = spec_library()
    cases = []
    for path in sorted((shipped_folder() / "examples").glob("*.json")):
        spec = library.load(path.stem)
        for clause_id, examples in read_json(path).items():
            one = next(one for one in spec.clauses if one.id == clause_id)
            cases += [(spec, one, given_facts) for many in examples.values() for given_facts in many]
    return cases


def test_on_every_shipped_clause_the_answer_is_jsonschemas_where_it_is_decided() -> None:
    cases = shipped_cases()
    decided = 0
    for _, one, given_facts in cases:
        truth = evaluate(one.schema, given_facts).truth
        if truth is Truth.UNKNOWN:
            continue
        is_whole = one.facts() <= {
            *given_facts,
            *(
                f"{k}[].{m}"
                for k, v in given_facts.items()
                if isinstance(v, list)
                for i in v
                if isinstance(i, dict)
                for m in i
            ),
        }
        if truth is Truth.TRUE or is_whole:
            decided += 1
            assert Draft202012Validator(one.schema).is_valid(given_facts) is (truth is Truth.TRUE), (
                one.id,
                given_facts,
            )
    assert decided > 50


def test_on_every_shipped_clause_removing_a_fact_only_makes_it_not_measured() -> None:
    cases = shipped_cases()
    assert cases
    for spec, one, given_facts in cases:
        alone = replace(spec, clauses=(one,), applies=None)
        before = outcome_of(alone, given_facts, one.id).outcome
        for name in given_facts:
            rest = {key: value for key, value in given_facts.items() if key != name}
            assert outcome_of(alone, rest, one.id).outcome in (before, Outcome.NOT_MEASURED), (
                one.id,
                name,
                given_facts,
            )


def generated_fact(name: str, kind: Kind = Kind.OBJECT) -> Fact:
    return Fact(name=name, kind=kind, layer=Layer.WRAPPER, meaning=name, given_by=("container",), null_means="nothing")


GENERATED = {name: generated_fact(name) for name in (*KEYS, LIST_KEY, "s", *(f"{LIST_KEY}[].{key}" for key in KEYS))}


@settings(max_examples=100, deadline=None)
@given(schema=schemas, document=documents(full_items), rule=st.sampled_from([None, *NullRule]), data=st.data())
def test_the_judge_is_total_and_removing_facts_only_makes_a_clause_not_measured(
    schema: dict[str, Any], document: dict[str, Any], rule: NullRule | None, data: st.DataObject
) -> None:
    one = Clause(id="it", title="it", level=Level.SHALL, source={}, schema=schema, spec_id="s", null_rule=rule)
    spec = replace(spec_library().integrity, id="s", clauses=(one,), registry=GENERATED)
    before = outcome_of(spec, document)
    assert before.outcome in (Outcome.PASS, Outcome.FAIL, Outcome.NOT_APPLICABLE)
    assert bool(before.findings) is (before.outcome is Outcome.FAIL)
    after = outcome_of(spec, drawn_without(data, document))
    assert after.outcome in (before.outcome, Outcome.NOT_MEASURED)
    assert bool(after.missing_facts) is (after.outcome is Outcome.NOT_MEASURED)


def loud(folder: Path) -> Spec:
    schema = each("sound.groups", "loudness.integrated_lufs", {"type": "number", "maximum": -22.0})
    return loaded(folder, clause("loud", schema, **{"x-null": "fail"}))


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        ({}, {}, "it takes the full tier, which runs the meter loudness"),
        ({"decode.warnings": []}, {}, "the meter loudness could not measure it in this master"),
        ({"decode.warnings": []}, {"part": "10-20"}, "only 10-20 was measured"),
        (
            {"decode.warnings": [], "sound.groups": [{"layout": None, "channels": ["0.0"] * 12}]},
            {},
            "the layout of 12 channels is unknown",
        ),
    ],
)
def test_what_was_not_measured_says_why(
    tmp_path: Path, given: dict[str, Any], options: dict[str, Any], words: str
) -> None:
    one = judge(loud(tmp_path), facts() | given, as_of=DAY, **options)
    note = next(found.note for found in one.clauses if found.id == "loud")
    assert note is not None and words in note

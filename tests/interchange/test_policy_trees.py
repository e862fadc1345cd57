"""An imported policy answers as MediaConch's own checker does, for trees of rules over any tracks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from deliverqc.facts.model import Facts
from deliverqc.interchange import read_foreign
from deliverqc.interchange.compose import Imported
from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import registry, spec_library
from deliverqc.speclang.lint import lint
from deliverqc.speclang.model import Spec
from deliverqc.speclib.examples import check_examples
from tests.interchange.policies import Tracks, answer, policy, rule, write

_FACTS = {
    "General": {"FileName": "file.name", "FileSize": "file.size_bytes"},
    "Video": {
        "Width": "width_px",
        "Height": "height_px",
        "FrameRate": "frame_rate_hz",
        "DisplayAspectRatio": "display_aspect_ratio_value",
        "BitDepth": "bit_depth_bits",
        "ScanType": "scan",
        "colour_primaries": "color_primaries",
    },
    "Audio": {"Channels": "channel_count", "BitDepth": "bit_depth_bits"},
}
_WORDS = {"Progressive": "progressive", "Interlaced": "interlaced", "BT.709": "bt709", "BT.2020": "bt2020"}
_TEXTS = {
    "FileName": ("reel_1", "reel", "final.cut", "1"),
    "FileSize": ("0", "1000", "99999"),
    "Width": ("720", "1920"),
    "Height": ("576", "1080"),
    "FrameRate": ("25.000", "29.970", "50.000"),
    "DisplayAspectRatio": ("1.333", "1.778", "1.779"),
    "BitDepth": ("8", "10", "24"),
    "ScanType": ("Progressive", "Interlaced"),
    "colour_primaries": ("BT.709", "BT.2020"),
    "Channels": ("1", "2", "6"),
    "VideoCount": ("0", "1", "2", "1.5"),
    "AudioCount": ("0", "1", "2"),
}
_OTHERWISE = {
    "FrameRate": ("25", "29.97", "26"),
    "DisplayAspectRatio": ("1.7780", "1.7775"),
    "Width": ("720.0", "721.5"),
}
"""The same numbers as MediaInfo does not write them, and others that it cannot."""
_NUMBERS = (
    "FileSize",
    "Width",
    "Height",
    "FrameRate",
    "DisplayAspectRatio",
    "BitDepth",
    "Channels",
    "VideoCount",
    "AudioCount",
)
_COUNTS = {"VideoCount": "Video", "AudioCount": "Audio"}
"""Fields that MediaInfo leaves out for 0."""
_ALWAYS = ("FileName", "FileSize", "Width", "Height", "DisplayAspectRatio", "Channels")


def facts_of(tracks: Tracks) -> Facts:
    """The facts of a master that MediaInfo reports so."""
    facts: Facts = {"picture.tracks": [], "sound.tracks": []}
    for kind, fields in tracks:
        told: dict[str, Any] = {fact: _value(field, fields.get(field)) for field, fact in _FACTS[kind].items()}
        if kind == "General":
            facts |= {**told, "file.name": f"{told['file.name']}.mov"}
            continue
        holder = facts["picture.tracks" if kind == "Video" else "sound.tracks"]
        holder.append({"order": len(holder), "frame_rate_mode": "constant", **told})
    return {
        **facts,
        "picture.track_count": len(facts["picture.tracks"]),
        "sound.track_count": len(facts["sound.tracks"]),
    }


def _value(field: str, text: str | None) -> Any:
    if text is None or field not in _NUMBERS:
        return _WORDS.get(text or "", text)
    return float(text) if "." in text else int(text)


def imported(root: etree._Element) -> tuple[Imported, Spec]:
    with TemporaryDirectory() as folder:
        (one,) = read_foreign(write(Path(folder), root), spec_id="a-policy")
        path = Path(folder) / "a-policy.json"
        path.write_text(json.dumps(one.document), encoding="utf-8")
        return one, spec_library().load(str(path))


def outcomes(spec: Spec, facts: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Level and outcome of each clause, judged alone: together, what is absent fails once."""
    told = {}
    for clause in spec.own_clauses:
        (one,) = judge(replace(spec, clauses=(clause,)), facts, as_of=date(2000, 1, 1)).clauses
        told[one.id] = (one.level.value, one.outcome.value)
    return told


@st.composite
def tracks(draw: st.DrawFn) -> Tracks:
    def fields(kind: str) -> dict[str, str]:
        chosen = {}
        for name in _FACTS[kind]:
            text = draw(st.sampled_from(_TEXTS[name]) | (st.nothing() if name in _ALWAYS else st.none()))
            if text is not None:
                chosen[name] = text
        return chosen

    kinds = draw(st.lists(st.sampled_from(["Video", "Audio"]), max_size=5))
    counts = {name: str(kinds.count(kind)) for name, kind in _COUNTS.items() if kind in kinds}
    return [("General", fields("General") | counts), *((kind, fields(kind)) for kind in kinds)]


@st.composite
def rules(draw: st.DrawFn) -> etree._Element:
    kind = draw(st.sampled_from(["General", "Video", "Audio"]))
    field = draw(st.sampled_from([*sorted(_FACTS[kind]), *(_COUNTS if kind == "General" else ())]))
    operators = ["=", "!="]
    operators += ["<", "<=", ">", ">="] if field in _NUMBERS else []
    operators += ["exists", "must not exist"] if field in ("colour_primaries", *_COUNTS) else []
    operators += ["starts with", "must not start with", "contains", "must not contain"] if field == "FileName" else []
    more = {}
    if kind != "General":
        occurrence = draw(st.sampled_from([None, "*", "any", "all", "1", "2", "3"]))
        more = {} if occurrence is None else {"occurrence": occurrence}
    level = draw(st.sampled_from([None, None, None, "warn", "info"]))
    operator = draw(st.sampled_from(operators))
    text = "" if "exist" in operator else draw(st.sampled_from(_TEXTS[field] + _OTHERWISE.get(field, ())))
    return rule(kind, field, operator, text, **more, **({} if level is None else {"level": level}))


def trees() -> st.SearchStrategy[etree._Element]:
    inner = st.recursive(
        rules(),
        lambda members: st.builds(
            lambda several, kind, level: policy(*several, type=kind, **({} if level is None else {"level": level})),
            st.lists(members, min_size=1, max_size=3),
            st.sampled_from(["and", "or"]),
            st.sampled_from([None, None, None, "warn", "info"]),
        ),
        max_leaves=6,
    )
    return st.builds(
        lambda members, kind: policy(*members, type=kind),
        st.lists(inner, min_size=1, max_size=3),
        st.sampled_from(["and", "or"]),
    )


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=trees(), many=st.lists(tracks(), min_size=1, max_size=4))
def test_imported_clauses_decide_as_the_tree_of_rules_does(tree: etree._Element, many: list[Tracks]) -> None:
    one, spec = imported(tree)
    assert lint(one.document, shipped=False, registry=registry()) == ()
    assert {problem.message.split(" ")[0] for problem in check_examples(spec, one.examples)} <= {"needs"}
    assert one.demand_count == sum(1 for _ in tree.iter("rule"))
    for those in many:
        told = outcomes(spec, facts_of(those))
        theirs = answer(tree, those)
        is_whole = not one.manual
        passes = all(outcome == "pass" for _, outcome in told.values())
        fails = any(outcome == "fail" and level == "shall" for level, outcome in told.values())
        assert all(outcome in ("pass", "fail") for _, outcome in told.values())
        if theirs == "pass":
            assert not fails
            assert passes
        if is_whole:
            assert (theirs == "pass") == passes
            assert (theirs == "fail") == fails


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=trees(), those=tracks(), data=st.data())
def test_imported_clause_never_passes_on_less_than_it_needs(
    tree: etree._Element, those: Tracks, data: st.DataObject
) -> None:
    _, spec = imported(tree)
    whole = facts_of(those)
    told = outcomes(spec, whole)
    left = {name: value for name, value in whole.items() if data.draw(st.booleans(), name)}
    for clause, (_, outcome) in outcomes(spec, left).items():
        assert outcome in (told[clause][1], "not_measured")


def test_every_operator_of_a_number_by_hand() -> None:
    tree = policy(*(rule("Video", "Width", one, "720", name=one) for one in ("=", "!=", "<", "<=", ">", ">=")))
    one, spec = imported(tree)
    names = [part.name for _, part in one.clauses]
    assert names == ["=", "!=", "<", "<=", ">", ">="]
    for width, expected in ((719, "!=,<,<="), (720, "=,<=,>="), (721, "!=,>,>=")):
        facts = {"picture.tracks": [{"width_px": width}]}
        told = outcomes(spec, facts)
        passed = [part.name for part_id, part in one.clauses if told[part_id][1] == "pass"]
        assert ",".join(passed) == expected


@pytest.mark.parametrize(
    ("text", "operator", "ratio", "outcome"),
    [
        ("1.333", "=", 1.3333, "pass"),
        ("1.333", "<=", 1.3333, "pass"),
        ("1.333", "<", 1.3333, "fail"),
        ("1.334", "=", 1.3333, "fail"),
        ("1.778", "<=", 1.7778, "pass"),
        ("1.778", ">=", 1.7778, "pass"),
        ("1.777", "<=", 1.7778, "fail"),
        ("1.7775", ">", 1.7778, "pass"),
    ],
)
def test_ratio_is_compared_as_mediainfo_rounds_it(text: str, operator: str, ratio: float, outcome: str) -> None:
    _, spec = imported(policy(rule("Video", "DisplayAspectRatio", operator, text)))
    facts = {"picture.tracks": [{"display_aspect_ratio_value": ratio}]}
    assert [told for _, told in outcomes(spec, facts).values()] == [outcome]


@pytest.mark.parametrize(
    ("operator", "passing"),
    [("=", "25"), ("!=", "24 50"), ("<", "24"), ("<=", "24 25"), (">", "50"), (">=", "25 50")],
)
def test_every_operator_of_a_rate_by_hand(operator: str, passing: str) -> None:
    _, spec = imported(policy(rule("Video", "FrameRate", operator, "25.000")))
    passed = []
    for rate in (24, 25, 50):
        facts = {"picture.tracks": [{"frame_rate_hz": float(rate), "frame_rate_mode": "constant"}]}
        passed += [str(rate) for _, told in outcomes(spec, facts).values() if told == "pass"]
    assert " ".join(passed) == passing


@pytest.mark.parametrize(
    ("operator", "text", "passing"),
    [
        ("<", "2", "1"),
        ("<=", "1", "1"),
        (">", "0", "1 2"),
        (">=", "-1", "1 2"),
        ("!=", "2", "1"),
        ("must not exist", "", "0"),
    ],
)
def test_count_of_no_tracks_is_a_field_that_is_not_there(operator: str, text: str, passing: str) -> None:
    _, spec = imported(policy(rule("General", "AudioCount", operator, text)))
    told = {count: outcomes(spec, {"sound.track_count": count}) for count in (0, 1, 2)}
    passed = [str(count) for count, one in told.items() if [outcome for _, outcome in one.values()] == ["pass"]]
    assert " ".join(passed) == passing


@pytest.mark.parametrize(
    ("occurrence", "passing"), [("1", "none_first"), ("2", "one none_first"), ("any", "none_first")]
)
def test_field_that_must_not_exist_is_looked_for_on_the_track_that_is_named(occurrence: str, passing: str) -> None:
    _, spec = imported(policy(rule("Video", "colour_primaries", "must not exist", occurrence=occurrence)))
    masters = {
        "one": ["bt709"],
        "two": ["bt709", "bt709"],
        "none_first": [None, "bt709"][: 2 if occurrence != "2" else 1],
    }
    passed = []
    for name, primaries in masters.items():
        tracks = [{"order": i, "color_primaries": one} for i, one in enumerate(primaries)]
        facts = {"picture.tracks": tracks, "picture.track_count": len(tracks)}
        passed += [name for _, told in outcomes(spec, facts).values() if told == "pass"]
    assert " ".join(passed) == passing


def test_alternative_that_only_warns_keeps_the_others_from_failing_a_file() -> None:
    warns = rule("Video", "Width", "=", "720", level="warn")
    one, spec = imported(policy(policy(warns, rule("Video", "Height", "=", "576"), type="or", name="either")))
    assert [(clause.id, clause.level, clause.severity) for clause in spec.own_clauses] == [("either", "should", "warn")]
    assert one.manual == ()


def test_rule_on_any_track_passes_where_one_of_several_meets_it() -> None:
    _, spec = imported(policy(rule("Audio", "Channels", "=", "6"), rule("Audio", "Channels", "=", "6", occurrence="1")))
    several = {"sound.tracks": [{"order": 0, "channel_count": 2}, {"order": 1, "channel_count": 6}]}
    assert [outcome for _, outcome in outcomes(spec, several).values()] == ["pass", "fail"]


def test_rule_on_a_field_that_is_not_there_fails() -> None:
    _, spec = imported(
        policy(rule("Video", "colour_primaries", "=", "BT.709"), rule("Video", "colour_primaries", "!=", "BT.709"))
    )
    facts = {"picture.tracks": [{"color_primaries": None}]}
    assert [outcome for _, outcome in outcomes(spec, facts).values()] == ["fail", "fail"]


def test_rule_on_all_tracks_asks_those_that_have_the_field() -> None:
    _, spec = imported(policy(rule("Audio", "BitDepth", "=", "24", occurrence="all")))
    for depths, outcome in (((24, None), "pass"), ((24, 16), "fail"), ((None,), "fail"), ((), "fail")):
        facts = {"sound.tracks": [{"bit_depth_bits": depth} for depth in depths]}
        assert [told for _, told in outcomes(spec, facts).values()] == [outcome]


def test_number_beside_a_rule_on_mediatrace_is_compared_letter_by_letter() -> None:
    trace = rule("", "m:moov", scope="mmt")
    rate, whole = rule("Video", "FrameRate", "=", "25"), rule("Video", "FrameRate", "=", "25.000")
    alone, _ = imported(policy(rate, whole))
    assert len(alone.clauses) == 2
    beside, _ = imported(policy(rate, whole, trace))
    assert [part.words for _, part in beside.clauses] == ["Video FrameRate = 25.000"]


def test_rules_of_a_policy_that_only_warns_do_not_decide() -> None:
    one, spec = imported(
        policy(
            rule("Video", "Width", "=", "720"),
            policy(rule("Video", "Height", "=", "576"), level="warn"),
            rule("Video", "BitDepth", "=", "10", level="info"),
        )
    )
    assert [(clause.level, clause.severity) for clause in spec.own_clauses] == [
        ("shall", None),
        ("should", "warn"),
        ("should", "info"),
    ]
    assert "advisory" not in one.document["x-spec"]


def test_policy_that_never_fails_a_file_is_advisory() -> None:
    one, _ = imported(policy(rule("Video", "Width", "=", "720"), level="info"))
    assert one.document["x-spec"]["advisory"] is True


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        (rule("Video", "Width", "=", "720.5"), "never writes"),
        (rule("Video", "FrameRate", "=", "23.9760001"), "never writes"),
        (rule("Video", "Width", "=", "+720"), "no plain number"),
        (rule("Video", "Width", "=", "720 "), "blanks"),
        (rule("General", "AudioCount", "=", "0"), "never writes"),
        (rule("Video", "Format", "=", "prores"), "letter by letter"),
        (rule("Video", "Format", "=", "YUV"), "no fact means"),
        (rule("Video", "Width", ">", "wide"), "no plain number"),
        (rule("General", "AudioCount", "<", "1"), "never holds"),
        (rule("Video", "Format", ">", "A"), "order of their letters"),
        (rule("Video", "ScanOrder", "exists"), "leave it out"),
        (rule("Video", "FrameRate", "=", "25.000", occurrence="0"), "occurrence"),
        (rule("Video", "Height", "=", "compare"), "reference file"),
        (rule("Video", "Width", "is about", "720"), "operator"),
        (rule("Video", "Width", "=", "720", occurrence="last()"), "occurrence"),
        (rule("Video", "Width", "=", "720", negate="yes"), "'negate'"),
        (rule("Video", "Bits-Pixel_Frame", ">", "0.1"), "no fact"),
        (rule("Menu", "Format", "=", "x"), "Menu"),
        (rule("Video", "BitRate", ">", "1"), "mean"),
        (rule("Video", "Width", "=", "7'20"), "marks"),
        (rule("", "Width", "=", "720"), "no kind of track"),
        (rule("Video", "Segment/Info", "=", "1", scope="mmt"), "MediaTrace"),
    ],
)
def test_rule_that_no_clause_can_say_is_left_to_a_person_with_the_reason(element: etree._Element, reason: str) -> None:
    one, spec = imported(policy(element))
    assert one.clauses == ()
    ((part_id, part),) = one.manual
    assert reason in str(part.reason)
    (item,) = spec.manual
    assert item["id"] == part_id
    assert part.words in item["title"]
    assert reason in item["x-why"]


def test_alternatives_with_one_that_no_clause_can_say_are_left_to_a_person_whole() -> None:
    tree = policy(
        policy(rule("Video", "Width", "=", "720"), rule("Video", "CodecID_Hint", "=", "x"), type="or", name="either"),
        rule("Video", "Height", "=", "576"),
    )
    one, _ = imported(tree)
    assert [len(part.demands) for _, part in one.manual] == [2]
    assert [part.words for _, part in one.clauses] == ["Video Height = 576"]


def test_alternatives_of_several_levels_are_left_to_a_person() -> None:
    inner = policy(rule("Video", "Width", "=", "720"), rule("Video", "Height", "=", "576", level="warn"))
    one, _ = imported(policy(policy(inner, rule("Video", "BitDepth", "=", "8"), type="or")))
    assert "several levels" in str(one.manual[0][1].reason)


def test_rules_of_one_name_get_ids_of_their_own() -> None:
    same = [rule("Video", "Width", "=", text, name="Tracks present!") for text in ("720", "1920", "3840")]
    one, _ = imported(policy(*same, rule("Video", "Height", "=", "576", name="2 fields")))
    assert [part_id for part_id, _ in one.parts] == [
        "tracks-present-2",
        "tracks-present-3",
        "tracks-present-4",
        "rule-2-fields",
    ]


def test_program_of_mediaconch_is_one_item_for_a_person(tmp_path: Path) -> None:
    path = tmp_path / "old.xsl"
    path.write_text('<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>')
    (one,) = read_foreign(path)
    assert one.clauses == ()
    assert [part.reason for _, part in one.manual] == ["it is a program (XSLT stylesheet); run it in MediaConch"]


def test_source_of_a_clause_names_title_place_and_address() -> None:
    root = policy(
        policy(rule("Video", "Width", "=", "720", name="Is Width at 720?"), name="Sizes"),
        name="House masters",
    )
    etree.SubElement(root, "description").text = "From https://example.org/sheet.pdf, page 2."
    one, _ = imported(root)
    assert one.document["description"] == "From https://example.org/sheet.pdf, page 2."
    assert one.document["allOf"][0]["x-source"] == {
        "document": "MediaConch policy: House masters",
        "section": "House masters > Sizes > Is Width at 720?",
        "url": "https://example.org/sheet.pdf",
        "confidence": "high",
    }

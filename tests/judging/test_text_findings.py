"""Findings on events name the event by its number, the line, and the time; what they quote is harmless."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from deliverqc.judging.findings import findings_of
from deliverqc.judging.kleene import evaluate
from deliverqc.judging.text_findings import with_events
from deliverqc.measuring.registry import registry
from deliverqc.measuring.timed_text import track_facts
from deliverqc.timed_text.model import TextFault
from deliverqc.verdict import Finding
from tests.spec_files import each
from tests.text_documents import document, event

_FACTS = {
    "timed_text.tracks": [
        track_facts(
            document(
                event(1, 2, "Fine", line=2),
                event(3, Fraction(17, 5), "Too \u202eshort\x1b[0m", "second", line=6),
                event(Fraction(33, 10), 5, "", line=10),
                time_base="smpte",
                frame_rate=Fraction(25),
                drop_mode="non_drop",
                faults=(TextFault(code="odd", message="Minute 61 does not exist", line=6, event=2),),
            ),
            source="file",
        )
    ]
}


def found(member: str, schema: dict[str, Any], holder: str = "events") -> tuple[Finding, ...]:
    inner = each(holder, member, schema, 0) if member else {"required": [holder], "properties": {holder: schema}}
    whole = {"properties": {"timed_text.tracks": {"type": "array", "items": inner}}}
    return findings_of(evaluate(whole, _FACTS).breaches, registry().facts)


def test_a_finding_has_the_number_and_the_line_of_its_event() -> None:
    (finding,) = found("duration_s", {"type": "number", "minimum": 0.5})
    assert finding.where == {"track": 0, "event": 2, "line": 6}
    assert (finding.fact, finding.actual) == ("timed_text.tracks[].events[].duration_s", 0.4)
    assert finding.span == {
        "start_frame": 75,
        "end_frame": 85,
        "duration_frames": 10,
        "start_s": 3.0,
        "end_s": 3.4,
        "duration_s": 0.4,
        "start_timecode": "00:00:03:00",
        "end_timecode": "00:00:03:10",
        "region": None,
        "channel": None,
    }


def test_the_words_of_a_finding_quote_the_text_without_what_controls_a_terminal() -> None:
    (finding,) = found("duration_s", {"type": "number", "minimum": 0.5})
    assert finding.message == (
        "time on screen of event 2 (00:00:03:00, line 6) of timed-text track 0 is 0.4 s "
        '("Too short[0m / second"); required at least 0.5'
    )


def test_what_an_event_does_is_said_in_words() -> None:
    (over,) = found("is_overlapping", {"const": False})
    assert over.message == "event 3 starts while another one of its region is shown; required a start after its end"
    (empty,) = found("is_empty", {"const": False})
    assert empty.message == "event 3 shows nothing; required text or an image"


def test_a_character_is_named_by_its_code_point_and_first_event() -> None:
    (finding,) = found(
        "character", {"type": "string", "not": {"type": "string", "pattern": "[\u202d\u202e]"}}, "characters"
    )
    assert finding.where == {"track": 0, "event": 2}
    assert finding.message == "U+202E occurs once, first in event 2; required no such character"


def test_a_fault_of_the_format_is_its_message_at_its_line() -> None:
    (finding,) = found("", {"type": "array", "maxItems": 0}, "errors")
    assert (finding.where, finding.fact) == ({"track": 0, "event": 2, "line": 6}, "timed_text.tracks[].errors")
    assert finding.message == "Minute 61 does not exist; required text that keeps to its format"


def test_a_finding_carries_the_event_that_it_is_about_with_its_text_in_one_harmless_line() -> None:
    (finding,) = with_events(found("duration_s", {"type": "number", "minimum": 0.5}), _FACTS)
    assert finding.event == {
        "number": 2,
        "start_s": 3.0,
        "end_s": 3.4,
        "start_timecode": "00:00:03:00",
        "text": "Too short[0m / second",
        "is_image": False,
    }


def test_a_character_and_a_fault_of_the_format_carry_their_event_too() -> None:
    schema = {"type": "string", "not": {"type": "string", "pattern": "[\u202d\u202e]"}}
    for one in (found("character", schema, "characters"), found("", {"type": "array", "maxItems": 0}, "errors")):
        (finding,) = with_events(one, _FACTS)
        assert finding.event is not None
        assert (finding.event["number"], finding.event["start_timecode"]) == (2, "00:00:03:00")
        assert finding.span is None


@pytest.mark.parametrize(
    ("fact", "where"),
    [
        ("timed_text.tracks[].language", {"track": 0}),
        ("timed_text.tracks[].events[].duration_s", {"track": 0, "event": 4}),
        ("timed_text.tracks[].events[].duration_s", {"track": 1, "event": 1}),
        ("timed_text.tracks[].events[].duration_s", {"event": 1}),
        ("sound.tracks[].codec", {"track": 0, "event": 1}),
    ],
    ids=["of-the-track", "no-such-event", "no-such-track", "no-track", "of-audio"],
)
def test_a_finding_that_is_about_no_event_carries_none(fact: str, where: dict[str, int]) -> None:
    finding = Finding(fact=fact, actual=1, expected="2", unit=None, message="", where=where)
    assert with_events([finding], _FACTS) == (finding,)


@pytest.mark.parametrize(
    ("member", "value", "more", "message"),
    [
        ("is_rate_of_picture", False, {"frame_rate_hz": 23.976024}, "counts frames at 23.976 fps, which does not keep"),
        (
            "is_drop_mode_of_picture",
            False,
            {"drop_mode": "non_drop"},
            "is non-drop, and the timecode of the picture is",
        ),
        ("is_start_hour_of_picture", False, {"start_hour": 10}, "starts in hour 10, and the picture does not"),
        ("is_language_of_audio", False, {"language": "f\u202er\x1b"}, '("fr") is in a language that no audio track is'),
        ("beyond_picture_s", 2.5, {}, "ends 2.5 s after the picture; required 0"),
        ("offset_s", -2.0, {}, "starts 2.0 s before the speech; required 0"),
        ("drift_s_per_hour", 3.6, {}, "drifts from the speech: 3.6 s later every hour; required 0"),
    ],
)
def test_a_track_that_is_not_as_its_master_is_said_to_be_so(
    member: str, value: object, more: dict[str, Any], message: str
) -> None:
    facts = {"timed_text.tracks": [{member: True if value is False else 0}, {member: value, **more}]}
    schema = each("timed_text.tracks", member, {"const": True if value is False else 0}, 0)
    (finding,) = findings_of(evaluate(schema, facts).breaches, registry().facts)
    assert finding.message.startswith("timed-text track 1 ") and message in finding.message
    assert (finding.actual, finding.where) == (value, {"track": 1})

"""Events of text as evidence, bounded, and reading speed over time, by arithmetic."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.measuring.text_evidence import reading_speed, text_evidence
from deliverqc.measuring.timed_text import track_facts
from deliverqc.timed_text.model import Event
from deliverqc.verdict import ClauseOutcome, Finding, Level, Outcome
from tests.reports.strict import require_described
from tests.text_documents import document, event, small_reader

__all__ = ["small_reader"]


def facts(*tracks: tuple[Event, ...], **more: Any) -> dict[str, Any]:
    return {"timed_text.tracks": [track_facts(document(*events, **more), source="file") for events in tracks]}


def clause(*events: tuple[int, int]) -> ClauseOutcome:
    findings = tuple(
        Finding(
            fact="timed_text.tracks[].events[].text",
            actual="",
            expected="",
            unit=None,
            message="",
            where={"track": track, "event": number},
            event={"number": number},
        )
        for track, number in events
    )
    return ClauseOutcome(id="c", title="c", level=Level.SHALL, outcome=Outcome.FAIL, source={}, findings=findings)


def test_a_track_is_listed_with_its_events_as_they_are() -> None:
    events = (event(1, 3, "Ten chars.", "مرحبا"), event(4, None, is_image=True))
    (one,), _ = text_evidence(facts(events, language="en", format="srt"), ())
    assert one == {
        "track": 0,
        "name": None,
        "format": "srt",
        "role": None,
        "language": "en",
        "event_count": 2,
        "left_out": 0,
        "events": [
            {
                "number": 1,
                "start_s": 1.0,
                "end_s": 3.0,
                "start_timecode": None,
                "text": "Ten chars.\nمرحبا",
                "is_image": False,
                "characters_per_second": 7.5,
            },
            {
                "number": 2,
                "start_s": 4.0,
                "end_s": None,
                "start_timecode": None,
                "text": "",
                "is_image": True,
                "characters_per_second": None,
            },
        ],
    }


def test_of_too_many_events_those_of_findings_are_kept_first_and_the_others_counted() -> None:
    events = tuple(event(at, at + 1, "word") for at in range(2_003))
    (one,), _ = text_evidence(facts(events), (clause((0, 2_002), (0, 7)),))
    assert (one["event_count"], one["left_out"], len(one["events"])) == (2_003, 3, 2_000)
    numbers = [listed["number"] for listed in one["events"]]
    assert numbers == [*range(1, 2_000), 2_002]


def test_many_tracks_share_what_a_document_holds() -> None:
    made = facts(tuple(event(at, at + 1, "word") for at in range(300)))["timed_text.tracks"]
    captions, curves = text_evidence({"timed_text.tracks": made * 40}, ())
    assert [len(one["events"]) for one in captions] == [250] * 40
    assert {one["left_out"] for one in captions} == {50}
    assert [curve["track"] for curve in curves] == list(range(40))


@pytest.mark.parametrize(
    "tracks",
    [
        None,
        "text",
        [],
        [3],
        [{"codec": "hdmv_pgs_subtitle", "is_read": False}],
        [{"events": "many"}],
        [{"events": [{"number": 1, "start_s": "soon", "end_s": 2.0}]}],
        [{"events": [{"number": 1, "start_s": 1.0, "end_s": 1e300}]}],
        [{"events": [{"number": 1, "start_s": float("nan"), "end_s": 2.0}]}],
        [{"events": [{"number": 0, "start_s": 1.0, "end_s": 2.0}]}],
        [{"events": [{"number": 1, "start_s": 1.0}]}],
        [{"events": [{"number": 1, "start_s": 1.0, "end_s": 2.0, "characters_per_second": True}]}],
    ],
    ids=range(12),
)
def test_what_is_no_text_that_was_read_is_no_evidence(tracks: Any) -> None:
    assert text_evidence({"timed_text.tracks": tracks}, ()) == ([], [])


def speed(*events: Event) -> Any:
    return reading_speed(0, track_facts(document(*events), source="file")["events"])


def test_reading_speed_is_that_of_the_events_shown_in_each_tenth_of_a_second() -> None:
    curve = speed(event("0.2", "0.4", "four"), event("0.3", "0.5", "two"), event("0.65", "0.7", "x"))
    assert (curve["name"], curve["unit"], curve["group"], curve["track"]) == (
        "reading_speed",
        "characters/s",
        None,
        0,
    )
    assert (curve["start_s"], curve["step_s"]) == (0.0, 0.1)
    assert curve["min"] == [None, None, 20.0, 15.0, 15.0, None, 20.0]
    assert curve["max"] == [None, None, 20.0, 20.0, 15.0, None, 20.0]


def test_a_long_master_has_two_thousand_steps_that_reach_its_last_event() -> None:
    curve = speed(event(0, 1, "start"), event(7_199, 7_200, "the end"))
    assert len(curve["max"]) == 2_000
    assert curve["step_s"] == pytest.approx(3.6)
    assert (curve["max"][0], curve["max"][-1]) == (5.0, 7.0)
    assert curve["max"].count(None) == 1_998


def test_an_event_before_the_first_frame_moves_the_start_of_the_curve() -> None:
    curve = speed(event(Fraction(-1), Fraction(-1, 2), "early"), event(0, 1, "on time"))
    assert curve["start_s"] == -1.0
    assert curve["max"] == [10.0] * 5 + [None] * 5 + [7.0] * 10


def test_events_without_an_end_or_ending_before_they_start_have_no_reading_speed() -> None:
    assert speed(event(1, None, "stays"), event(3, 2, "backwards"), event(4, 5, is_image=True)) is None


_SRT = """1
00:00:01,000 --> 00:00:01,400
Too fast to read,
for anyone

2
00:00:02,000 --> 00:00:04,000
Slow
"""


@pytest.mark.usefixtures("small_reader")
def test_a_check_of_a_file_of_text_shows_its_events_and_what_findings_are_about(tmp_path: Path) -> None:
    path = tmp_path / "en.srt"
    path.write_text(_SRT, encoding="utf-8")
    document = deliverqc.check(path, "netflix-localization-timed-text")
    require_described(document.to_document())
    (subject,) = document.masters[0].subjects
    (track,) = subject.evidence.captions
    assert (track.name, track.format, track.event_count, track.left_out) == ("en.srt", "srt", 2, 0)
    assert [event.text for event in track.events] == ["Too fast to read,\nfor anyone", "Slow"]
    assert [event.characters_per_second for event in track.events] == [67.5, 2.0]
    (curve,) = subject.evidence.curves
    assert (curve.name, curve.track, curve.max[10:14], curve.max[20]) == ("reading_speed", 0, (67.5,) * 4, 2.0)
    (clause,) = [one for one in subject.verdicts[0].clauses if one.id == "shortest-event"]
    (finding,) = clause.findings
    assert finding.event is not None
    assert (finding.event.number, finding.event.text) == (1, "Too fast to read, / for anyone")
    kept = deliverqc.measure(path, "netflix-localization-timed-text")
    judged = deliverqc.judge(kept, "netflix-localization-timed-text").masters[0].subjects[0]
    assert judged.evidence.to_document() == subject.evidence.to_document()

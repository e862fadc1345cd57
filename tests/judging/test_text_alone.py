"""A subject that is text alone: which integrity clauses bind it, and where it is no deliverable."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deliverqc.judging.judge import judge
from deliverqc.speclang.model import MEDIA_CLAUSES
from deliverqc.verdict import MOST_EVENTS, Decision, Outcome, Verdict
from tests.spec_files import clause, loaded, only

TRACK = {"source": "file", "is_read": True, "error": None, "errors": [], "shown_event_count": 1, "language": "en"}
TEXT: dict[str, Any] = {
    "file.changed_during_check": False,
    "wrapper.format": "ttml",
    "wrapper.duration_s": None,
    "picture.track_count": 0,
    "sound.track_count": 0,
    "timed_text.track_count": 1,
    "timed_text.tracks": [TRACK],
}
FAULT = {"code": "bad-time", "message": "Minute 61 does not exist", "line": 4, "event": 2}
IS_TTML = only("wrapper.format", {"const": "ttml"})


def judged(folder: Path, facts: dict[str, Any], about: dict[str, Any] | None = None) -> Verdict:
    return judge(loaded(folder, clause("it", IS_TTML), about=about or {}), facts, as_of=date(2026, 6, 1))


def outcome(verdict: Verdict, clause_id: str) -> Outcome | None:
    return next((one.outcome for one in verdict.clauses if one.id == clause_id), None)


@pytest.mark.parametrize("holds", [None, ["timed_text"]], ids=["unstated", "text"])
def test_text_alone_passes_and_clauses_on_media_do_not_apply(tmp_path: Path, holds: list[str] | None) -> None:
    verdict = judged(tmp_path, TEXT, {"essence": {"holds": holds}} if holds else None)
    assert verdict.decision is Decision.PASS
    found = {one.id for one in verdict.clauses if one.outcome is Outcome.NOT_APPLICABLE}
    assert found <= set(MEDIA_CLAUSES) and {"essence-decodes", "layers-agree", "essence-complete"} <= found
    assert outcome(verdict, "timed-text-reads") is Outcome.PASS


@pytest.mark.parametrize("holds", [["picture"], ["audio"], ["picture", "audio", "timed_text"]], ids="-".join)
def test_text_alone_is_no_deliverable_that_holds_picture_or_audio(tmp_path: Path, holds: list[str]) -> None:
    verdict = judged(tmp_path, TEXT, {"essence": {"holds": holds}})
    assert (verdict.decision, outcome(verdict, "tracks-present")) == (Decision.FAIL, Outcome.FAIL)


@pytest.mark.parametrize(
    ("track", "decision"),
    [
        (TRACK | {"shown_event_count": 0}, Decision.FAIL),
        (TRACK | {"errors": [FAULT]}, Decision.FAIL),
        ({"is_read": True, "shown_event_count": 1}, Decision.INCOMPLETE),
        ({"is_read": True, "errors": []}, Decision.INCOMPLETE),
        ({"is_read": False}, Decision.INCOMPLETE),
    ],
    ids=["nothing-shown", "fault", "no-errors-fact", "no-count", "unread"],
)
def test_text_that_is_empty_faulty_or_unread_never_passes(
    tmp_path: Path, track: dict[str, Any], decision: Decision
) -> None:
    assert judged(tmp_path, TEXT | {"timed_text.tracks": [track]}).decision is decision


def test_text_that_shows_nothing_is_said_to_show_nothing(tmp_path: Path) -> None:
    verdict = judged(tmp_path, TEXT | {"timed_text.tracks": [TRACK | {"shown_event_count": 0}]})
    (found,) = (one.findings for one in verdict.clauses if one.id == "tracks-present")
    assert [one.message for one in found] == ["there is no picture and no audio track, and the text shows nothing"]


def test_text_next_to_a_picture_leaves_every_clause_on_media(tmp_path: Path) -> None:
    verdict = judged(tmp_path, TEXT | {"picture.track_count": 1})
    assert outcome(verdict, "essence-decodes") is Outcome.NOT_MEASURED
    assert outcome(verdict, "timed-text-reads") is Outcome.PASS


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"timed_text.track_count": 1, "timed_text.tracks": [{"is_read": False}]}, None),
        ({"timed_text.track_count": 0, "timed_text.tracks": []}, None),
        ({}, None),
        ({"timed_text.track_count": 1}, Outcome.NOT_MEASURED),
        ({"timed_text.tracks": [{"errors": []}]}, Outcome.NOT_MEASURED),
    ],
    ids=["unread", "none", "nothing-known", "tracks-missing", "not-said"],
)
def test_a_master_is_asked_about_its_text_where_it_may_have_been_read(
    tmp_path: Path, stated: dict[str, Any], expected: Outcome | None
) -> None:
    media = {name: value for name, value in TEXT.items() if not name.startswith("timed_text.")}
    assert outcome(judged(tmp_path, media | {"picture.track_count": 1} | stated), "timed-text-reads") is expected


@pytest.mark.parametrize("source", ["wrapper", "in_band", "sidecar"])
def test_text_of_media_makes_no_master_of_text(tmp_path: Path, source: str) -> None:
    """Clauses on media bind it, and a file next to a wrapper without tracks is none of its tracks."""
    verdict = judged(tmp_path, TEXT | {"timed_text.tracks": [TRACK | {"source": source}]})
    assert outcome(verdict, "essence-decodes") is Outcome.NOT_MEASURED
    expected = Outcome.FAIL if source == "sidecar" else Outcome.PASS
    assert outcome(verdict, "tracks-present") is expected


@pytest.mark.parametrize(
    ("track", "expected"),
    [
        (TRACK | {"source": "sidecar", "is_read": False, "error": "film.srt cannot be opened."}, Outcome.FAIL),
        (TRACK | {"source": "in_band", "errors": [FAULT]}, Outcome.PASS),
        (TRACK | {"source": "wrapper", "errors": [FAULT]}, Outcome.FAIL),
        ({"source": "wrapper", "is_read": False, "error": None}, None),
    ],
    ids=["refused", "in-band", "wrapper", "another-format"],
)
def test_what_text_next_to_a_picture_decides(tmp_path: Path, track: dict[str, Any], expected: Outcome | None) -> None:
    facts = TEXT | {"picture.track_count": 1, "timed_text.tracks": [track]}
    assert outcome(judged(tmp_path, facts), "timed-text-reads") is expected


def test_lists_within_lists_are_bounded_together(tmp_path: Path) -> None:
    events = [{"number": i} for i in range(MOST_EVENTS - 1000)]
    tracks = [TRACK | {"events": events}, TRACK | {"events": events}]
    document = judged(tmp_path, TEXT | {"timed_text.tracks": tracks}).to_document()
    kept = [len(one["events"]) for one in document["facts"]["timed_text.tracks"]]
    assert kept == [MOST_EVENTS - 1000, 1000]
    assert document["fact_counts"] == {"timed_text.tracks[].events": 2 * (MOST_EVENTS - 1000)}

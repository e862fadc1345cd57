"""Files of text against the specs of captions and subtitles: a clean one breaks nothing, and each fault its own clause.

The documents are made by hand, as their readers give them, so that a fault is one member of one event.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from deliverqc.facts.model import Facts
from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import spec_library
from deliverqc.measuring.shot_changes import ShotChanges
from deliverqc.measuring.text_clock import PictureClock
from deliverqc.measuring.text_comparison import with_shots
from deliverqc.measuring.timed_text import track_facts
from deliverqc.probing.text_files import text_file_facts
from deliverqc.testing import undamaged
from deliverqc.timed_text.model import Box, Document, Event
from deliverqc.verdict import Decision, Outcome, Verdict
from tests.text_documents import document, event

_A_DAY = date(2026, 1, 1)
_FILM = Fraction(24)
_LINE = "He came home late."
_BOTTOM: dict[str, Any] = {"align": "center", "vertical": "bottom", "box": Box(left=15, top=80, right=85, bottom=92)}

_SRT: dict[str, Any] = {"format": "srt", "encoding": "utf-8"}
_TTML: dict[str, Any] = {
    "format": "ttml",
    "encoding": "utf-8",
    "language": "en",
    "profile": "ttml1",
    "frame_rate": _FILM,
}
_NETFLIX = _TTML | {"time_base": "media", "start_s": Fraction(0)}
_EBU_TT = _TTML | {
    "profile": "ebu_tt",
    "time_base": "smpte",
    "drop_mode": "non_drop",
    "frame_rate": Fraction(25),
    "start_s": Fraction(36000),
}
_EBU_TT_D = _TTML | {"profile": "ebu_tt_d", "time_base": "media", "start_s": Fraction(0)}
_IMSC = _TTML | {"profile": "imsc1_1_text", "start_s": Fraction(0)}

_SPECS: dict[str, tuple[str, dict[str, Any]]] = {
    "netflix-localization-timed-text": ("a.xml", _NETFLIX),
    "bbc-subtitles-broadcast": ("DRIB511W02-1-preRecorded.xml", _EBU_TT),
    "bbc-subtitles-online": ("DRIB511W02.ebuttd.xml", _EBU_TT_D),
    "amazon-timed-text": ("a.srt", _SRT),
    "disney-imsc": ("a.xml", _IMSC),
    "apple-itt": ("a.itt", _TTML | {"time_base": "smpte", "drop_mode": "non_drop"}),
    "roku-channel-captions": ("a.srt", _SRT),
    "filmhub-captions": ("a.srt", _SRT),
    "sony-music-captions": ("a.srt", _SRT),
    "sony-pictures-captions": ("a.srt", _SRT),
    "youtube-captions": ("a.srt", _SRT),
    "facebook-captions": ("a.en_US.srt", _SRT),
    "linkedin-captions": ("a.srt", _SRT),
    "vimeo-captions": ("a.srt", _SRT),
    "fcc-captions": ("a.srt", _SRT),
}


def _text(spec: str, *events: Event, **about: Any) -> Facts:
    """The facts of a file for that spec with these events. BBC text counts from 10 o'clock."""
    name, stated = _SPECS[spec]
    made: Document = document(*events, **stated | about)
    track = track_facts(made, source="file", file=name, size_bytes=900)
    return undamaged(text_file_facts(Path(name), 900, made.format, 1) | {"timed_text.tracks": [track]})


def _events(spec: str, second: dict[str, Any], *lines: str, end: str | Fraction = "16") -> tuple[Event, ...]:
    start = _SPECS[spec][1].get("start_s") or Fraction(0)
    look = _BOTTOM if _SPECS[spec][1]["format"] == "ttml" else {}
    times = [(Fraction(10), Fraction(12)), (Fraction(14), Fraction(end)), (Fraction(20), Fraction(22))]
    said: list[tuple[str, ...]] = [(_LINE,), lines or (_LINE, "Nobody heard."), (_LINE,)]
    more = [look, look | second, look]
    return tuple(
        event(start + a, start + b, *words, **one) for (a, b), words, one in zip(times, said, more, strict=True)
    )


def _judged(spec: str, facts: Facts) -> Verdict:
    return judge(spec_library().load(spec), facts, as_of=_A_DAY)


def _broken(verdict: Verdict) -> set[str]:
    own = {clause.id for clause in spec_library().load(verdict.spec["id"]).measured_clauses} if verdict.spec else set()
    return {one.id for one in verdict.clauses if one.outcome is Outcome.FAIL and one.id in own}


@pytest.mark.parametrize("spec", _SPECS)
def test_a_clean_file_passes(spec: str) -> None:
    verdict = _judged(spec, _text(spec, *_events(spec, {})))
    unmeasured = {one.id for one in verdict.clauses if one.level == "shall" and one.outcome is Outcome.NOT_MEASURED}
    assert (_broken(verdict), unmeasured, verdict.decision) == (set(), set(), Decision.PASS)


@pytest.mark.parametrize("spec", _SPECS)
@pytest.mark.parametrize("lines", [("",), (" ", "\u200b")], ids=["no-text", "spaces"])
def test_a_file_whose_events_show_nothing_never_passes(spec: str, lines: tuple[str, ...]) -> None:
    start = _SPECS[spec][1].get("start_s") or Fraction(0)
    verdict = _judged(spec, _text(spec, *(event(start + at, start + at + 2, *lines) for at in (10, 14))))
    assert verdict.decision is Decision.FAIL
    assert "tracks-present" in {one.id for one in verdict.clauses if one.outcome is Outcome.FAIL}


@pytest.mark.parametrize(
    ("spec", "second", "lines", "end", "broken"),
    [
        ("netflix-localization-timed-text", {}, (), "14.8", {"shortest-event", "reading-speed"}),
        ("netflix-localization-timed-text", {}, (), "19.96", {"gap"}),
        ("netflix-localization-timed-text", {}, (), "19.75", {"short-gaps"}),
        ("netflix-localization-timed-text", {}, ("x" * 43,), "19", {"characters-per-line"}),
        ("netflix-localization-timed-text", {}, ("a", "b", "c"), "16", {"lines"}),
        ("netflix-localization-timed-text", {"align": "left"}, (), "16", {"centred"}),
        ("bbc-subtitles-broadcast", {}, ("x" * 38,), "18", {"characters-per-line"}),
        ("bbc-subtitles-broadcast", {"colors": ("#ff0000",)}, (), "18", {"colours"}),
        ("bbc-subtitles-broadcast", {}, ("Caf\u00e9.",), "18", {"characters"}),
        ("bbc-subtitles-broadcast", {}, (), "19.5", {"gaps"}),
        ("bbc-subtitles-online", {"box": Box(left=5, top=80, right=85, bottom=92)}, (), "18", {"safe-area"}),
        ("bbc-subtitles-online", {}, ("a", "b", "c", "d"), "18", {"lines", "three-lines"}),
        ("amazon-timed-text", {}, ("a", "b", "c", "d"), "16", {"lines"}),
        ("disney-imsc", {"colors": ("#ffffff",)}, (), "16", {"colour"}),
        ("apple-itt", {}, (), "21", {"no-overlap"}),
        ("filmhub-captions", {}, ("x" * 44,), "16", {"characters-per-line"}),
        ("filmhub-captions", {}, (), "19.95", {"gap"}),
        ("sony-music-captions", {"is_italic": True}, (), "16", {"no-style"}),
        ("sony-music-captions", {}, (), "19.99", {"gap"}),
        ("sony-pictures-captions", {}, ("x" * 33,), "16", {"characters-per-line"}),
        ("sony-pictures-captions", {}, (), "15", {"reading-speed"}),
        ("youtube-captions", {"is_italic": True}, (), "16", {"no-style"}),
        ("linkedin-captions", {}, (), "21", {"no-overlap"}),
        ("vimeo-captions", {}, (), "21", {"no-overlap"}),
        ("fcc-captions", {}, (), "21", {"no-overlap"}),
        ("fcc-captions", {"box": Box(left=5, top=80, right=101, bottom=92)}, (), "16", {"inside-picture"}),
    ],
)
def test_a_fault_of_one_event_breaks_its_clause_and_no_other(
    spec: str, second: dict[str, Any], lines: tuple[str, ...], end: str, broken: set[str]
) -> None:
    assert _broken(_judged(spec, _text(spec, *_events(spec, second, *lines, end=end)))) == broken


@pytest.mark.parametrize(
    ("spec", "about", "broken"),
    [
        ("netflix-localization-timed-text", {"start_s": Fraction(3600)}, {"start-hour"}),
        ("netflix-localization-timed-text", {"frame_rate": Fraction(30000, 1001)}, {"rate-2997"}),
        ("bbc-subtitles-broadcast", {"encoding": "utf-16-le"}, {"utf-8"}),
        ("bbc-subtitles-broadcast", {"has_bom": True}, {"no-byte-order-mark"}),
        ("bbc-subtitles-broadcast", {"language": None}, {"language"}),
        ("bbc-subtitles-broadcast", {"drop_mode": None}, {"drop-mode"}),
        ("bbc-subtitles-online", {"time_base": "smpte"}, {"time-base"}),
        ("bbc-subtitles-online", {"profile": "ttml1"}, {"ebu-tt-d"}),
        ("amazon-timed-text", {"encoding": "cp1252"}, {"utf-8"}),
        ("disney-imsc", {"profile": "imsc1_text"}, {"imsc-1-1-text"}),
        ("apple-itt", {"language": None}, {"language"}),
        ("roku-channel-captions", {"encoding": "cp1252"}, {"utf-8"}),
        ("roku-channel-captions", {"start_s": Fraction(3600)}, {"start-hour"}),
        ("filmhub-captions", {"encoding": "utf-16-le"}, {"utf-8"}),
        ("youtube-captions", {"encoding": "cp1252"}, {"utf-8"}),
        ("facebook-captions", {"encoding": "cp1252"}, {"utf-8"}),
        ("linkedin-captions", {"format": "webvtt"}, {"format"}),
        ("vimeo-captions", {"format": "ebu_stl", "encoding": None}, {"format"}),
    ],
)
def test_a_fault_of_the_document_breaks_its_clause_and_no_other(
    spec: str, about: dict[str, Any], broken: set[str]
) -> None:
    assert _broken(_judged(spec, _text(spec, *_events(spec, {}), **about))) == broken


def test_events_out_of_order_are_named() -> None:
    first, second, third = _events("amazon-timed-text", {})
    verdict = _judged("amazon-timed-text", _text("amazon-timed-text", first, third, second))
    assert _broken(verdict) == {"in-order"}
    (finding,) = next(one for one in verdict.clauses if one.id == "in-order").findings
    assert finding.where["event"] == 3


def test_a_gap_without_a_frame_rate_is_judged_by_time_where_time_can_tell() -> None:
    spec = "netflix-localization-timed-text"
    for end, outcome in (("19.9", Outcome.PASS), ("19.95", Outcome.NOT_MEASURED)):
        verdict = _judged(spec, _text(spec, *_events(spec, {}, end=end), frame_rate=None))
        assert next(one for one in verdict.clauses if one.id == "gap").outcome is outcome


@pytest.mark.parametrize(
    ("language", "line", "clause"),
    [
        ("de", "x" * 43, "characters-per-line-42"),
        ("pt-BR", "x" * 43, "characters-per-line-42"),
        ("ru", "\u0436" * 40, "characters-per-line-russian"),
        ("th", "\u0e01" * 36, "characters-per-line-thai"),
        ("hi", "\u0915" * 43, "characters-per-line-hindi"),
        ("nl", "x" * 43, "characters-per-line-others"),
        ("ko", "\uac00" * 16 + "!", "width-korean"),
        ("ja", "\u3042" * 13 + "!", "width-japanese"),
        ("zh-Hant", "\u4e00" * 17, "width-chinese"),
    ],
)
def test_each_language_has_the_line_of_its_guide(language: str, line: str, clause: str) -> None:
    spec = "netflix-localization-timed-text"
    profile = "imsc1_1_text" if language == "ja" else "ttml1"
    for text, broken in ((line, {clause}), (line[:-1], set())):
        facts = _text(spec, *_events(spec, {}, text, end="19"), language=language, profile=profile)
        assert _broken(_judged(spec, facts)) == broken


@pytest.mark.parametrize(("start", "breaks"), [(38, False), (37, False), (36, True), (48, False), (47, True)])
def test_an_event_that_starts_just_before_a_shot_change_is_named(start: int, breaks: bool) -> None:
    """Shots change at frames 37 and 48."""
    spec = "netflix-localization-timed-text"
    picture = PictureClock(frame_rate=_FILM, duration_s=Fraction(60))
    shots = ShotChanges(frames=(37, 48), doubtful=())
    made = document(event(start / _FILM, 5, _LINE, **_BOTTOM), **_NETFLIX)
    facts = _text(spec, *_events(spec, {})) | {
        "picture.frame_rate": "24/1",
        "timed_text.tracks": [with_shots(track_facts(made, source="sidecar", picture=picture), shots, float(_FILM))],
    }
    assert _broken(_judged(spec, facts)) == ({"start-at-shot-change"} if breaks else set())


def _track(source: str, count: int | None) -> Facts:
    """A track with so many events on screen; None: it could not be read."""
    if count is None:
        return {"source": source, "is_read": False, "error": "It is not SCC."}
    return {"source": source, "is_read": True, "error": None, "errors": [], "shown_event_count": count}


@pytest.mark.parametrize(
    ("services", "tracks", "outcome"),
    [
        (["cc1"], [_track("in_band", 1)], Outcome.PASS),
        (["dtvcc"], [], Outcome.PASS),
        (["cc1"], [_track("in_band", 0)], Outcome.FAIL),
        (["cc1"], [_track("in_band", 0), _track("sidecar", 1)], Outcome.PASS),
        (["xds"], [], Outcome.FAIL),
        ([], [_track("in_band", 0)], Outcome.FAIL),
        ([], [_track("sidecar", 1)], Outcome.PASS),
        ([], [_track("sidecar", 0)], Outcome.FAIL),
        ([], [_track("sidecar", None)], Outcome.FAIL),
        ([], None, Outcome.NOT_MEASURED),
        (None, [], Outcome.NOT_MEASURED),
        (None, None, Outcome.NOT_MEASURED),
    ],
    ids=[
        "608", "708", "codes-only", "codes-and-sidecar", "xds", "padding", "sidecar", "empty-sidecar", "refused",
        "no-tracks", "not-looked", "nothing-known",
    ],
)  # fmt: skip
@pytest.mark.parametrize("spec", ["radio-canada-tv-adverts", "bell-media", "pluto-vod", "fcc-captions"])
def test_captions_are_asked_for_in_the_file_or_next_to_it(
    spec: str, services: list[str] | None, tracks: list[Facts] | None, outcome: Outcome
) -> None:
    facts = {"timed_text.in_band.services": services, "timed_text.tracks": tracks}
    verdict = _judged(spec, {name: value for name, value in facts.items() if value is not None})
    assert next(one for one in verdict.clauses if one.id == "captions-present").outcome is outcome

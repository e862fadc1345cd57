"""Says where in timed text a finding is: event, line and time, and the words of the event; decides nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from deliverqc.timebase import format_elapsed

_EVENTS, _CHARACTERS, _ERRORS = (f"timed_text.tracks[].{name}[]" for name in ("events", "characters", "errors"))
TEXT_ERROR = "timed_text.tracks[].error"
_MOST_QUOTED = 60
_STATEMENTS: Mapping[tuple[str, Any], tuple[str, str]] = {
    ("is_overlapping", True): ("starts while another one of its region is shown", "a start after its end"),
    ("is_empty", True): ("shows nothing", "text or an image"),
}
"""What an event does where a fact of it has that value, and what is required instead."""

_JOINERS = "\u200c\u200d"


def is_in_text(name: str) -> bool:
    """Whether a fact is about one event, one character or one fault of a track of text."""
    return name.startswith((_EVENTS, _CHARACTERS, _ERRORS))


def text_where(name: str, where: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    """The track, the number of the event (from 1) and the line of the file, where they are known."""
    event = item.get(
        "number" if name.startswith(_EVENTS) else "first_event" if name.startswith(_CHARACTERS) else "event"
    )
    known = {"track": where.get("track"), "event": event, "line": item.get("line")}
    return {kind: place for kind, place in known.items() if place is not None}


def event_span(item: Mapping[str, Any]) -> dict[str, Any] | None:
    """The span of an event, in the members of a span; None where the item is none."""
    if not {"number", "start_s", "end_s", "concurrent_count"} <= item.keys():
        return None
    start, end = item["start_s"], item["end_s"]
    return {
        "start_frame": item.get("start_frame"),
        "end_frame": item.get("end_frame"),
        "duration_frames": item.get("duration_frames"),
        "start_s": start,
        "end_s": start if end is None else end,
        "duration_s": 0.0 if end is None else item.get("duration_s", 0.0),
        "start_timecode": item.get("start_timecode"),
        "end_timecode": item.get("end_timecode"),
        "region": None,
        "channel": None,
    }


def event_words(item: Mapping[str, Any]) -> str:
    """Which event: "event 12 (01:00:04:12, line 51)"."""
    start = item.get("start_s")
    at = item.get("start_timecode") or (None if start is None else format_elapsed(start))
    line = item.get("line")
    told = [one for one in (at, None if line is None else f"line {line}") if one]
    return f"event {item.get('number', '?')}" + (f" ({', '.join(told)})" if told else "")


def statement(name: str, value: Any, item: Mapping[str, Any]) -> tuple[str, str] | None:  # noqa: ANN401
    """What an event does, or which character occurs, and what is required; None where the fact says it best."""
    if name == f"{_CHARACTERS}.character":
        count, shown = item.get("count", 1), value if isinstance(value, str) and value.isprintable() else None
        point = item.get("code_point") or ascii(value)
        often = "once" if count == 1 else f"{count} times"
        letter = "" if shown is None or unicodedata.combining(shown[:1]) else f" ({shown})"
        return f"{point}{letter} occurs {often}, first in event {item.get('first_event', '?')}", "no such character"
    told = _STATEMENTS.get((name.rpartition(".")[2], value)) if isinstance(value, bool) else None
    return None if told is None else (f"event {item.get('number', '?')} {told[0]}", told[1])


def quoted(item: Mapping[str, Any]) -> str:
    """The text of an event, shortened, in quotes, without what controls a terminal or the direction of writing; empty
    where it has none."""
    text = item.get("text")
    if not isinstance(text, str) or not text.strip():
        return ""
    plain = "".join(
        one for one in text.replace("\n", " / ") if one in _JOINERS or unicodedata.category(one) not in ("Cc", "Cf")
    )
    shown = plain if len(plain) <= _MOST_QUOTED else f"{plain[: _MOST_QUOTED - 1].rstrip()}…"
    return f' ("{shown}")'


_WHY_MISSING: Mapping[str, str] = {
    "_frames": "the text counts no frames, and there is no picture that does",
    "_frame": "the text counts no frames, and there is no picture that does",
    "start_hour": "neither the document nor its first event says in which hour the programme begins",
}
_OF_TEXT = "timed_text.tracks[]."


def why_text_is_missing(missing: Iterable[str], facts: Mapping[str, Any]) -> str | None:
    """Why a fact of a track of text was not measured, in a subject that has one: its text is not read, an event is an
    image, or nobody counts frames. None for other facts."""
    names = [name for name in missing if name.startswith(_OF_TEXT)]
    tracks = facts.get("timed_text.tracks")
    if not names or not isinstance(tracks, list):
        return None
    for number, track in enumerate(tracks):
        if isinstance(track, Mapping) and track.get("is_read") is False:
            return f"the text of timed-text track {number} ({track.get('codec', 'unknown')}) is not read"
    for name in names:
        for end, why in _WHY_MISSING.items():
            if name.endswith(end) and "shot_change" not in name:
                return why
    is_of_event = any(name.startswith(_EVENTS) for name in names)
    if is_of_event and any(isinstance(track, Mapping) and track.get("is_image") is True for track in tracks):
        return "subtitles that are images are not read"
    return None

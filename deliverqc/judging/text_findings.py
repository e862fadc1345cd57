"""Says where in timed text a finding is: event, line and time, and the words of the event; decides nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from deliverqc.timebase import format_elapsed
from deliverqc.verdict import Finding

_EVENTS, _CHARACTERS, _ERRORS, _WARNINGS, _CUT = (
    f"timed_text.tracks[].{name}[]" for name in ("events", "characters", "errors", "warnings", "cut_events")
)
TEXT_ERROR = "timed_text.tracks[].error"
_MOST_QUOTED = 60
_STATEMENTS: Mapping[tuple[str, Any], tuple[str, str]] = {
    ("is_overlapping", True): ("starts while another one of its region is shown", "a start after its end"),
    ("is_empty", True): ("shows nothing", "text or an image"),
    ("is_in_order", False): ("starts before one above it in the file", "events in the order of their starts"),
    ("is_top_down", False): ("has a lower line before a higher one", "lines from the top down"),
    ("is_at_edge", True): ("has a line right at the edge of the picture", "a distance from the edge"),
}
"""What an event does where a fact of it has that value, and what is required instead."""

_JOINERS = "\u200c\u200d"
_CONTROLS = ("Cc", "Cf", "Cs", "Zl", "Zp")


def is_in_text(name: str) -> bool:
    """Whether a fact is about one event, one character or one fault of a track of text."""
    return name.startswith((_EVENTS, _CHARACTERS, _ERRORS, _WARNINGS, _CUT))


def cut_event_words(item: Mapping[str, Any]) -> str | None:
    """Where an event is that the composition cuts or leaves out; None for another item."""
    if not {"event", "start_s", "end_s", "used_s"} <= item.keys():
        return None
    line = item.get("line")
    end = "" if item["end_s"] is None else f" to {item['end_s']:.3f} s"
    told = f"event {item['event']}{'' if line is None else f' (line {line})'} is from {item['start_s']:.3f} s{end}"
    return f"{told}, and {item['used_s']:.3f} s are used"


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


_OF_TRACK = "timed_text.tracks[]."


def track_words(name: str, value: Any, track: Mapping[str, Any], number: object) -> tuple[str, str] | None:  # noqa: ANN401
    """How a track of text is not as its master is, and what is required; of a measure "" for the bound of the clause.
    None of other facts."""
    if not name.startswith(_OF_TRACK):
        return None
    named = f"timed-text track {number}"
    short = name.removeprefix(_OF_TRACK)
    if value is False:
        return _mismatch(short, named, track)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    if short == "shown_event_count" and not value:
        count = track.get("event_count", 0)
        return f"{named} has {'no event' if not count else f'{count} events, and none of them is on screen'}", ""
    if short == "beyond_picture_s":
        return f"{named} ends {value} s after the picture", ""
    if short == "offset_s":
        return f"{named} starts {abs(value)} s {'after' if value > 0 else 'before'} the speech", ""
    if short == "drift_s_per_hour":
        return f"{named} drifts from the speech: {abs(value)} s {'later' if value > 0 else 'earlier'} every hour", ""
    return None


def _mismatch(short: str, named: str, track: Mapping[str, Any]) -> tuple[str, str] | None:
    rate, mode = track.get("frame_rate_hz"), _MODES.get(track.get("drop_mode"), "counted otherwise")
    fps = f"{round(rate, 3):g} fps" if isinstance(rate, int | float) else "another rate"
    words = {
        "is_rate_of_picture": (
            f"{named} counts frames at {fps}, which does not keep time with the picture",
            "a rate of the picture's family",
        ),
        "is_drop_mode_of_picture": (
            f"{named} is {mode}, and the timecode of the picture is not",
            "the drop mode of the picture",
        ),
        "is_start_hour_of_picture": (
            f"{named} starts in hour {track.get('start_hour')}, and the picture does not",
            "the start hour of the picture",
        ),
        "is_language_of_audio": (
            f"{named}{quoted({'text': track.get('language')})} is in a language that no audio track is in",
            "a language of the audio",
        ),
    }
    return words.get(short)


_MODES: Mapping[object, str] = {"drop_ntsc": "drop-frame", "non_drop": "non-drop", "drop_pal": "drop-frame (PAL)"}


def quoted(item: Mapping[str, Any]) -> str:
    """The text of an event, shortened, in quotes; empty where it has none."""
    shown = _plain(item)
    return f' ("{shown}")' if shown else ""


def _plain(item: Mapping[str, Any]) -> str:
    """The text of an event in one line, shortened, without what controls a terminal or the direction of writing; empty
    where it has none."""
    text = item.get("text")
    if not isinstance(text, str) or not text.strip():
        return ""
    plain = "".join(
        one for one in text.replace("\n", " / ") if one in _JOINERS or unicodedata.category(one) not in _CONTROLS
    )
    return plain if len(plain) <= _MOST_QUOTED else f"{plain[: _MOST_QUOTED - 1].rstrip()}…"


def with_events(findings: Sequence[Finding], facts: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The findings, each with the event of a track of text that it is about, where that can be told."""
    return tuple(
        finding if (event := _event_of(finding, facts)) is None else replace(finding, event=event)
        for finding in findings
    )


def _event_of(finding: Finding, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    number, tracks = finding.where.get("event"), facts.get("timed_text.tracks")
    if not is_in_text(f"{finding.fact}[]") or not isinstance(number, int) or not isinstance(tracks, list):
        return None
    event = _numbered(tracks, finding.where.get("track"), number)
    if event is None or not isinstance(event.get("start_s"), int | float):
        return None
    return {
        "number": number,
        "start_s": event["start_s"],
        "end_s": event.get("end_s"),
        "start_timecode": event.get("start_timecode"),
        "text": _plain(event),
        "is_image": event.get("is_image") is True,
    }


def _numbered(tracks: Sequence[Any], track: object, number: int) -> Mapping[str, Any] | None:
    """The event of a track with that number, which is its place in the order of the file."""
    if not isinstance(track, int) or not 0 <= track < len(tracks) or not isinstance(tracks[track], Mapping):
        return None
    events = tracks[track].get("events")
    event = events[number - 1] if isinstance(events, list) and 0 < number <= len(events) else None
    return event if isinstance(event, Mapping) and event.get("number") == number else None


_DECODED = "decode.errors"
_BY_DECODE = ("shot_change_frames", "offset_s", "drift_s_per_hour")
_WHY_MISSING: Mapping[str, str] = {
    "shot_change_frames": "near some events a frame may or may not be a shot change, or frames do not come steadily",
    "offset_s": "speech was not looked for, or the layout of the audio is unknown",
    "drift_s_per_hour": "speech was not looked for, or the layout of the audio is unknown",
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
    if any(name.endswith(_BY_DECODE) for name in names) and _DECODED not in facts:
        return None
    if any(name.endswith(_BY_DECODE) for name in names) and facts.get("picture.track_count") == 0:
        return "the text is checked without its picture: name the master, and the text with --with"
    for name in names:
        for end, why in _WHY_MISSING.items():
            if name.endswith(end):
                return why
    is_of_event = any(name.startswith(_EVENTS) for name in names)
    if is_of_event and any(isinstance(track, Mapping) and track.get("is_image") is True for track in tracks):
        return "subtitles that are images are not read"
    return None

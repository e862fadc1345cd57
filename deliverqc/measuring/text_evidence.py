"""What lets a reader see the text of a subject: its events, and its reading speed over time; decides nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deliverqc.measuring.curves import CURVE_POINTS
from deliverqc.verdict import ClauseOutcome

MOST_EVENTS = 2_000
"""Of one track: house choice, because a long feature has that many."""

MOST_IN_ALL = 10_000
"""Of all tracks of a subject, as of any list of facts in the verdict document; each track has the same share."""

MOST_TEXT = 200
_STEP_S = 0.1
_LATEST_S = 1e9
"""House choice: thirty years; numbers beyond are not of a programme."""

READING_SPEED = "reading_speed"
UNIT = "characters/s"


def text_evidence(
    facts: Mapping[str, Any], clauses: Iterable[ClauseOutcome]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The tracks of text with their events, and the curves of their reading speed. Where a track has too many events,
    those that findings of the `clauses` name are kept first. Tracks whose text was not read are in neither."""
    tracks = facts.get("timed_text.tracks")
    listed = enumerate(tracks) if isinstance(tracks, list) else ()
    those = [(at, track) for at, track in listed if isinstance(track, Mapping) and _is_listed(track.get("events"))]
    if not those:
        return [], []
    named = _named(clauses)
    most = min(MOST_EVENTS, MOST_IN_ALL // len(those))
    captions = [_captions(at, track, named.get(at, frozenset()), most) for at, track in those]
    curves = [curve for at, track in those if (curve := reading_speed(at, track["events"])) is not None]
    return captions, curves


def _is_listed(events: object) -> bool:
    """Whether they are events whose numbers and times can be shown: facts may come from anywhere."""
    return isinstance(events, list) and all(isinstance(one, Mapping) and _is_event(one) for one in events)


def _is_event(event: Mapping[str, Any]) -> bool:
    number, speed = event.get("number"), event.get("characters_per_second")
    return (
        isinstance(number, int)
        and number > 0
        and _is_number(event.get("start_s"))
        and (event.get("end_s", "") is None or _is_number(event.get("end_s")))
        and (speed is None or _is_number(speed))
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LATEST_S


def _named(clauses: Iterable[ClauseOutcome]) -> dict[int, set[int]]:
    """The numbers of the events that findings are about, by track."""
    named: dict[int, set[int]] = {}
    for clause in clauses:
        for finding in clause.findings:
            if finding.event is not None:
                named.setdefault(finding.where["track"], set()).add(finding.event["number"])
    return named


def _captions(at: int, track: Mapping[str, Any], named: Iterable[int], most: int) -> dict[str, Any]:
    events = track["events"]
    kept = events if len(events) <= most else _first(events, named, most)
    return {
        "track": at,
        "name": _word(track, "file") or _word(track, "service"),
        "format": _word(track, "format") or _word(track, "codec") or "unknown",
        "role": _word(track, "role"),
        "language": _word(track, "language"),
        "event_count": len(events),
        "left_out": len(events) - len(kept),
        "events": [_event(one) for one in kept],
    }


def _word(track: Mapping[str, Any], name: str) -> str | None:
    value = track.get(name)
    return value if isinstance(value, str) else None


def _first(events: Sequence[Mapping[str, Any]], named: Iterable[int], most: int) -> list[Mapping[str, Any]]:
    """The first of the `named` events, then the first of the others, in the order of the file."""
    numbers = frozenset(named)
    order = sorted(range(len(events)), key=lambda at: (events[at]["number"] not in numbers, at))
    return [events[at] for at in sorted(order[:most])]


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    text = str(event.get("text") or "")
    return {
        "number": event["number"],
        "start_s": event["start_s"],
        "end_s": event["end_s"],
        "start_timecode": _word(event, "start_timecode"),
        "text": text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…",
        "is_image": event.get("is_image") is True,
        "characters_per_second": event.get("characters_per_second"),
    }


def reading_speed(at: int, events: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The lowest and highest reading speed of the events that are shown in each step of time, `null` where none is;
    None where no event has one. From the first frame of the master, or from an earlier event."""
    spoken = [one for one in events if one.get("characters_per_second") is not None and one["end_s"] > one["start_s"]]
    if not spoken:
        return None
    start = min(0.0, *(float(one["start_s"]) for one in spoken))
    length = max(one["end_s"] for one in spoken) - start
    step = _STEP_S * max(1, math.ceil(length / _STEP_S / CURVE_POINTS - 1e-9))
    count = min(CURVE_POINTS, math.ceil(length / step - 1e-9))
    runs = [(_steps(one, start, step, count), one["characters_per_second"]) for one in spoken]
    runs.sort(key=lambda run: float(run[1]))
    return {
        "name": READING_SPEED,
        "unit": UNIT,
        "group": None,
        "track": at,
        "start_s": start,
        "step_s": round(step, 6),
        "min": _painted(reversed(runs), count),
        "max": _painted(runs, count),
    }


def _steps(event: Mapping[str, Any], start: float, step: float, count: int) -> slice:
    """The steps in which an event is shown, one at least. An edge on a border is exact, which floats are not."""
    first = min(count - 1, math.floor((event["start_s"] - start) / step + 1e-9))
    after = min(count, math.ceil((event["end_s"] - start) / step - 1e-9))
    return slice(first, max(first + 1, after))


def _painted(runs: Iterable[tuple[slice, float]], count: int) -> list[float | None]:
    """The value of each step, where later runs take the place of earlier ones."""
    values: list[float | None] = [None] * count
    for steps, value in runs:
        values[steps] = [value] * (steps.stop - steps.start)
    return values

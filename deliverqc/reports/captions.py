"""Tracks of text on the time axis of a subject: each event at its place, with its words and whether a finding is about
it; knows no element and no colour, and decides nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deliverqc.reports import wording
from deliverqc.reports.plot import WIDTH, TimeAxis, findings_about, time_axis
from deliverqc.reports.quoting import legible

LANE_HEIGHT = 24
BAR_HEIGHT = 20
_MOST_LANES = 4
_NARROWEST = 3.0
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One event: its number, its bar in units of the drawing, when it is shown, its `lines`, its reading speed in
    words (empty where it has none), and how many findings are about it, of which those that several specs share count
    once."""

    number: int
    left: float
    width: float
    top: int
    at: str
    lines: tuple[str, ...]
    is_image: bool
    speed: str
    finding_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TextTrack:
    """One drawing, WIDTH by `height` units. `track` is its place in the facts; `language` is empty where it is no
    language tag; `left_out` says in a sentence which events are not here."""

    track: int
    title: str
    language: str
    height: int
    events: tuple[Shown, ...]
    times: tuple[tuple[float, str], ...]
    left_out: str


def in_lines(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the text of each event in evidence as a list of lines, so that no string holds a line break
    that makes a new one elsewhere."""
    return dict(document) | {"masters": [_in_lines_of_master(master) for master in document["masters"]]}


def _in_lines_of_master(master: Mapping[str, Any]) -> Mapping[str, Any]:
    if not any(subject["evidence"].get("captions") for subject in master["subjects"]):
        return master
    return dict(master) | {"subjects": [_in_lines_of_subject(subject) for subject in master["subjects"]]}


def _in_lines_of_subject(subject: Mapping[str, Any]) -> Mapping[str, Any]:
    captions = [
        dict(track) | {"events": [dict(event) | {"text": event["text"].split("\n")} for event in track["events"]]}
        for track in subject["evidence"].get("captions", ())
    ]
    return dict(subject) | {"evidence": dict(subject["evidence"]) | {"captions": captions}}


def text_tracks(subject: Mapping[str, Any]) -> list[TextTrack]:
    """The drawings of a subject of a document as `in_lines` gives it."""
    axis = time_axis(subject)
    return [_drawing(subject, captions, axis) for captions in subject["evidence"].get("captions", ())]


def _drawing(subject: Mapping[str, Any], captions: Mapping[str, Any], axis: TimeAxis) -> TextTrack:
    events = captions["events"]
    lanes = _lanes(events)
    about = findings_about(subject, track=captions["track"])
    different = {(one["where"].get("event"), one["fact"], one["expected"]) for one in about}
    counts = Counter(number for number, _, _ in different)
    shown = tuple(_shown(event, lane, counts[event["number"]], axis) for event, lane in zip(events, lanes, strict=True))
    language = captions["language"] or ""
    return TextTrack(
        track=captions["track"],
        title=f"timed-text track {captions['track']}{wording.text_track_words(captions['name'], language)}",
        language=language if _LANGUAGE.fullmatch(language) else "",
        height=(max(lanes, default=0) + 1) * LANE_HEIGHT,
        events=shown,
        times=axis.labels(),
        left_out=_left_out(captions),
    )


def _left_out(captions: Mapping[str, Any]) -> str:
    count = captions["left_out"]
    if not count:
        return ""
    verb = "is" if count == 1 else "are"
    return f"{count:,} of {wording.counted(captions['event_count'], 'event')} {verb} not shown here."


def _shown(event: Mapping[str, Any], lane: int, finding_count: int, axis: TimeAxis) -> Shown:
    end = event["end_s"]
    left = axis.along(event["start_s"])
    right = left if end is None else axis.along(end)
    width = max(right - left, _NARROWEST)
    speed = event.get("characters_per_second")
    span = {"start_timecode": event["start_timecode"], "start_s": event["start_s"], "end_s": end}
    if end is not None and end > event["start_s"]:
        span["duration_s"] = end - event["start_s"]
    return Shown(
        number=event["number"],
        left=min(left, WIDTH - width),
        width=round(width, 1),
        top=lane * LANE_HEIGHT + (LANE_HEIGHT - BAR_HEIGHT) // 2,
        at=_when(span),
        lines=tuple(legible(line) for line in event["text"]),
        is_image=event["is_image"],
        speed="" if speed is None else wording.value_words(float(speed), unit="characters/s"),
        finding_count=finding_count,
    )


def _when(span: Mapping[str, Any]) -> str:
    """Start and length: the end would be elapsed time next to a timecode."""
    start = {name: span[name] for name in ("start_timecode", "start_s", "duration_s") if name in span}
    return wording.when_words({"span": start})


def _lanes(events: Sequence[Mapping[str, Any]]) -> list[int]:
    """Of each event the first lane that is free when it starts; what finds none is in the last one."""
    lanes = [0] * len(events)
    free = [float("-inf")] * _MOST_LANES
    for at in sorted(range(len(events)), key=lambda one: float(events[one]["start_s"])):
        start, end = events[at]["start_s"], events[at]["end_s"]
        lane = next((lane for lane, until in enumerate(free) if until <= start), _MOST_LANES - 1)
        free[lane] = max(free[lane], start if end is None else end)
        lanes[at] = lane
    return lanes

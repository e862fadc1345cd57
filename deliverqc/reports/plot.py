"""Evidence curves as the numbers and paths of a drawing; knows no element and no colour, and decides nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from deliverqc.reports import wording

Scale = Callable[[float], float]
"""From a time in seconds or a level to a place in the drawing."""

WIDTH = 2_000
HEIGHT = 500
_LOUDNESS_STEP_LU = 6
_LOUDNESS_DEPTH_LU = 48  # house choice, because what lies deeper under the loudest moment is no programme
_READING_SPEED = "characters/s"
_MARKS_SHOWN = 200
_MOST_BEYOND = 0.5  # of the length of picture and audio: house choice, so that these keep half of the drawing
_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800)
_TIME_LABELS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """One drawing of WIDTH by HEIGHT units: everything with one unit about one channel group or one track of text.

    `paths` are bands from lowest to highest, by name. `levels` and `times` are labels, in percent of the drawing, so
    that their letters do not scale with it. `marks` are findings, as start and width. `measured` is the integrated
    loudness, `wanted` the bounds that it, or the reading speed, breaks, both as heights with words.
    """

    title: str
    unit: str
    track: int | None
    paths: tuple[tuple[str, str], ...]
    levels: tuple[tuple[float, str], ...]
    times: tuple[tuple[float, str], ...]
    marks: tuple[tuple[float, float], ...]
    measured: tuple[float, str] | None
    wanted: tuple[tuple[float, ...], str] | None


def plots(subject: Mapping[str, Any]) -> list[Plot]:
    """The drawings of a subject: its curves by group and unit, with findings, integrated loudness and broken bounds."""
    together: dict[tuple[Any, Any, str], list[Mapping[str, Any]]] = {}
    for curve in _drawn(subject):
        together.setdefault((curve["group"], curve.get("track"), curve["unit"]), []).append(curve)
    times = time_axis(subject)
    return [_plot(subject, group, track, unit, curves, times) for (group, track, unit), curves in together.items()]


def _drawn(subject: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    curves = subject["evidence"].get("curves", [])
    return [curve for curve in curves if any(value is not None for value in curve["max"])]


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeAxis:
    """From `start_s` to `end_s`, across the width of a drawing: one for all drawings of a subject, so that what stands
    one above the other happens together."""

    start_s: float
    end_s: float

    def along(self, seconds: float) -> float:
        """Place of a time in the drawing; what is outside is at its edge."""
        length = self.end_s - self.start_s
        return float(round(min(max(seconds - self.start_s, 0), length) / length * WIDTH, 1))

    def labels(self) -> tuple[tuple[float, str], ...]:
        """Places in percent of the width, with elapsed time."""
        times = _times(self.start_s, self.end_s)
        return tuple((round(self.along(one) / WIDTH * 100, 2), _clock(one - self.start_s)) for one in times)


def time_axis(subject: Mapping[str, Any]) -> TimeAxis:
    """The axis over all curves and events of a subject. Text that begins or ends far outside of picture and audio does
    not squeeze them: it is at the edge."""
    curves = _drawn(subject)
    captions = subject["evidence"].get("captions", [])
    events = [event for track in captions for event in track["events"]]
    media = [_edges(curve) for curve in curves if curve.get("track") is None]
    text = [_edges(curve) for curve in curves if curve.get("track") is not None]
    text += [(event["start_s"], event["start_s"] if event["end_s"] is None else event["end_s"]) for event in events]
    text += [(0.0, 0.0)] if captions else []
    start = min((edge for edge, _ in (*media, *text)), default=0.0)
    end = max((edge for both in (*media, *text) for edge in both), default=0.0)
    if media:
        first, last = min(edge for edge, _ in media), max(edge for _, edge in media)
        beyond = (last - first) * _MOST_BEYOND
        start, end = max(start, first - beyond), min(end, last + beyond)
    return TimeAxis(start_s=start, end_s=end if end > start else start + 1.0)


def _edges(curve: Mapping[str, Any]) -> tuple[float, float]:
    return curve["start_s"], curve["start_s"] + curve["step_s"] * len(curve["max"])


def _plot(
    subject: Mapping[str, Any],
    group: int | None,
    track: int | None,
    unit: str,
    curves: Sequence[Mapping[str, Any]],
    times: TimeAxis,
) -> Plot:
    bottom, top, step = _scale(curves, unit)

    def height(value: float) -> float:
        return float(round((top - min(max(value, bottom), top)) / (top - bottom) * HEIGHT, 1))

    findings = findings_about(subject, group=group, track=track)
    facts = subject["verdicts"][0]["facts"] if subject["verdicts"] else {}
    draw = _path if track is None else _bars
    return Plot(
        title=_title(group, track, curves, facts),
        unit=unit,
        track=track,
        paths=tuple((curve["name"].replace("_", " "), draw(curve, times.along, height)) for curve in curves),
        levels=tuple((round(height(level) / HEIGHT * 100, 2), _level(level)) for level in _levels(bottom, top, step)),
        times=times.labels(),
        marks=_marks(findings if track is None else _of_speed(findings), times.along),
        measured=_integrated(facts, group, unit, findings, height),
        wanted=_wanted(findings, unit, height),
    )


def _title(group: int | None, track: int | None, curves: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> str:
    what = " and ".join(curve["name"].replace("_", " ") for curve in curves)
    place = {"fact": "sound.groups[]", "where": {"group": group}}
    if track is not None:
        place = {"fact": "timed_text.tracks[]", "where": {"track": track}}
    where = wording.where_words(place, facts)
    return f"{what[:1].upper()}{what[1:]}{', ' if where else ''}{where}"


def _scale(curves: Sequence[Mapping[str, Any]], unit: str) -> tuple[float, float, float]:
    """Lowest and highest level drawn, and the distance of grid lines."""
    low = min(value for curve in curves for value in curve["min"] if value is not None)
    high = max(value for curve in curves for value in curve["max"] if value is not None)
    if unit == "LUFS":
        top = math.ceil((high + 1) / _LOUDNESS_STEP_LU) * _LOUDNESS_STEP_LU
        bottom = math.floor((low - 1) / _LOUDNESS_STEP_LU) * _LOUDNESS_STEP_LU
        bottom = max(bottom, top - _LOUDNESS_DEPTH_LU)
        return bottom, top, _LOUDNESS_STEP_LU if top - bottom <= 24 else 2 * _LOUDNESS_STEP_LU
    if unit == _READING_SPEED:
        decade = math.pow(10, math.floor(math.log10(max(high, 10.0))))
        step = next(size * decade for size in (0.5, 1, 2, 5) if high < 6 * size * decade)
        return 0.0, max(2, math.floor(high / step) + 1) * step, step
    step = math.pow(10, math.floor(math.log10(max(high - low, 1e-9))))
    return math.floor(low / step) * step, math.ceil(high / step + 1e-9) * step or step, step


def _levels(bottom: float, top: float, step: float) -> list[float]:
    count = round((top - bottom) / step)
    return [top - index * step for index in range(1, count)]


def _level(level: float) -> str:
    return f"{level:g}".replace("-", "−")


def _times(start: float, end: float) -> list[float]:
    longest = _TIME_STEPS_S[-1]
    many = longest * math.ceil((end - start) / longest / _TIME_LABELS)
    step = next((step for step in _TIME_STEPS_S if (end - start) / step <= _TIME_LABELS), many)
    return [start + step * index for index in range(1, math.ceil((end - start) / step))]


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _path(curve: Mapping[str, Any], along: Scale, height: Scale) -> str:
    """A closed band for each run of values: forward over the highest, back over the lowest."""
    points = [
        (along(curve["start_s"] + (index + 0.5) * curve["step_s"]), height(low), height(high))
        if low is not None and high is not None
        else None
        for index, (low, high) in enumerate(zip(curve["min"], curve["max"], strict=True))
    ]
    breaks = [-1, *(index for index, point in enumerate(points) if point is None), len(points)]
    runs = [[point for point in points[one + 1 : other] if point] for one, other in pairwise(breaks)]
    return "".join(_band(run) for run in runs if run)


def _band(run: list[tuple[float, float, float]]) -> str:
    over = [f"{x:g} {high:g}" for x, _, high in run]
    under = [f"{x:g} {low:g}" for x, low, _ in reversed(run)]
    return f"M{'L'.join([*over, *under])}Z"


def _bars(curve: Mapping[str, Any], along: Scale, height: Scale) -> str:
    """A bar from nothing to the highest value of each step: an event is as wide as it is long, even in one step."""
    start, step, values = curve["start_s"], curve["step_s"], curve["max"]
    edges = [index for index in range(len(values)) if index == 0 or values[index] != values[index - 1]]
    bars = []
    for first, after in pairwise([*edges, len(values)]):
        if values[first] is not None:
            left, right = along(start + first * step), along(start + after * step)
            bars.append(f"M{left:g} {HEIGHT}V{height(values[first]):g}H{right:g}V{HEIGHT}Z")
    return "".join(bars)


def findings_about(
    subject: Mapping[str, Any], *, group: int | None = None, track: int | None = None
) -> list[Mapping[str, Any]]:
    """The findings about a channel group or about a track of text; those that are noticed too are about text."""
    clauses = [clause for verdict in subject["verdicts"] for clause in verdict["clauses"]]
    if track is not None:
        clauses += subject.get("noticed", ())
    return [
        finding
        for clause in clauses
        for finding in clause["findings"]
        if (group is not None and finding["where"].get("group") == group)
        or (track is not None and finding["where"].get("track") == track and _is_about_text(finding))
    ]


def _is_about_text(finding: Mapping[str, Any]) -> bool:
    return str(finding["fact"]).startswith("timed_text.tracks[]")


def _marks(findings: Sequence[Mapping[str, Any]], along: Scale) -> tuple[tuple[float, float], ...]:
    spans = [finding["span"] for finding in findings if finding["span"] and "start_s" in finding["span"]]
    edges = [(along(span["start_s"]), along(span.get("end_s") or span["start_s"])) for span in spans[:_MARKS_SHOWN]]
    return tuple((start, max(end - start, 4.0)) for start, end in edges)


def _integrated(
    facts: Mapping[str, Any],
    group: int | None,
    unit: str,
    findings: Sequence[Mapping[str, Any]],
    height: Scale,
) -> tuple[float, str] | None:
    groups = facts.get("sound.groups") or []
    of_programme = any(".programme." in finding["fact"] for finding in _of_integrated(findings))
    name = "programme.loudness.integrated_lufs" if of_programme else "loudness.integrated_lufs"
    value = groups[group].get(name) if group is not None and group < len(groups) else None
    if unit != "LUFS" or value is None:
        return None
    expected = " ".join(finding["expected"] for finding in _of_integrated(findings))
    told = "programme" if of_programme else "integrated"
    return height(value), f"{told} {wording.value_words(float(value), expected=expected, unit=unit)}"


def _of_integrated(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [finding for finding in findings if finding["fact"].endswith(".loudness.integrated_lufs")]


_BOUNDED = {"LUFS": ".loudness.integrated_lufs", _READING_SPEED: ".characters_per_second"}
"""By the unit of a drawing, the fact whose bound is drawn."""


def _of_speed(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for one in findings if one["fact"].endswith(_BOUNDED[_READING_SPEED])]


def _wanted(findings: Sequence[Mapping[str, Any]], unit: str, height: Scale) -> tuple[tuple[float, ...], str] | None:
    """The bounds that integrated loudness or reading speed breaks; a clause that passes leaves no bound in the
    document."""
    end = _BOUNDED.get(unit)
    broken = [one for one in findings if end and one["fact"].endswith(end) and wording.bounds(one["expected"])]
    if not broken:
        return None
    lines = {height(float(bound)) for bound in wording.bounds(broken[0]["expected"])}
    return tuple(sorted(lines)), f"required {wording.wanted(broken[0])}"

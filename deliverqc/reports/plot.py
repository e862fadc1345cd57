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
_MARKS_SHOWN = 200
_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800)
_TIME_LABELS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """One drawing of WIDTH by HEIGHT units: everything with one unit about one channel group.

    `paths` are bands from lowest to highest, by name. `levels` and `times` are labels, in percent of the drawing, so
    that their letters do not scale with it. `marks` are findings, as start and width. `measured` is the integrated
    loudness, `wanted` the bounds that it breaks, both as heights with words.
    """

    title: str
    unit: str
    paths: tuple[tuple[str, str], ...]
    levels: tuple[tuple[float, str], ...]
    times: tuple[tuple[float, str], ...]
    marks: tuple[tuple[float, float], ...]
    measured: tuple[float, str] | None
    wanted: tuple[tuple[float, ...], str] | None


def plots(subject: Mapping[str, Any]) -> list[Plot]:
    """The drawings of a subject: its curves by group and unit, with findings, integrated loudness and broken bounds."""
    together: dict[tuple[Any, str], list[Mapping[str, Any]]] = {}
    for curve in subject["evidence"].get("curves", []):
        if any(value is not None for value in curve["max"]):
            together.setdefault((curve["group"], curve["unit"]), []).append(curve)
    return [_plot(subject, group, unit, curves) for (group, unit), curves in together.items()]


def _plot(subject: Mapping[str, Any], group: int | None, unit: str, curves: Sequence[Mapping[str, Any]]) -> Plot:
    start = min(curve["start_s"] for curve in curves)
    end = max(curve["start_s"] + curve["step_s"] * len(curve["max"]) for curve in curves)
    bottom, top, step = _scale(curves, unit)
    across = WIDTH / (end - start)

    def height(value: float) -> float:
        return float(round((top - min(max(value, bottom), top)) / (top - bottom) * HEIGHT, 1))

    def along(seconds: float) -> float:
        return float(round(min(max(seconds - start, 0), end - start) * across, 1))

    findings = _findings(subject, group)
    facts = subject["verdicts"][0]["facts"] if subject["verdicts"] else {}
    return Plot(
        title=_title(group, curves, facts),
        unit=unit,
        paths=tuple((curve["name"].replace("_", " "), _path(curve, along, height)) for curve in curves),
        levels=tuple((round(height(level) / HEIGHT * 100, 2), _level(level)) for level in _levels(bottom, top, step)),
        times=tuple((round(along(second) / WIDTH * 100, 2), _clock(second - start)) for second in _times(start, end)),
        marks=_marks(findings, along),
        measured=_integrated(facts, group, unit, findings, height),
        wanted=_wanted(findings, unit, height),
    )


def _title(group: int | None, curves: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> str:
    what = " and ".join(curve["name"].replace("_", " ") for curve in curves)
    where = "" if group is None else f", {wording.where_words({'where': {'group': group}}, facts)}"
    return f"{what[:1].upper()}{what[1:]}{where}"


def _scale(curves: Sequence[Mapping[str, Any]], unit: str) -> tuple[float, float, float]:
    """Lowest and highest level drawn, and the distance of grid lines."""
    low = min(value for curve in curves for value in curve["min"] if value is not None)
    high = max(value for curve in curves for value in curve["max"] if value is not None)
    if unit == "LUFS":
        top = math.ceil((high + 1) / _LOUDNESS_STEP_LU) * _LOUDNESS_STEP_LU
        bottom = math.floor((low - 1) / _LOUDNESS_STEP_LU) * _LOUDNESS_STEP_LU
        bottom = max(bottom, top - _LOUDNESS_DEPTH_LU)
        return bottom, top, _LOUDNESS_STEP_LU if top - bottom <= 24 else 2 * _LOUDNESS_STEP_LU
    step = math.pow(10, math.floor(math.log10(max(high - low, 1e-9))))
    return math.floor(low / step) * step, math.ceil(high / step + 1e-9) * step or step, step


def _levels(bottom: float, top: float, step: float) -> list[float]:
    count = round((top - bottom) / step)
    return [top - index * step for index in range(1, count)]


def _level(level: float) -> str:
    return f"{level:g}".replace("-", "−")


def _times(start: float, end: float) -> list[float]:
    step = next((step for step in _TIME_STEPS_S if (end - start) / step <= _TIME_LABELS), _TIME_STEPS_S[-1])
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


def _findings(subject: Mapping[str, Any], group: int | None) -> list[Mapping[str, Any]]:
    return [
        finding
        for verdict in subject["verdicts"]
        for clause in verdict["clauses"]
        for finding in clause["findings"]
        if group is not None and finding["where"].get("group") == group
    ]


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


def _wanted(findings: Sequence[Mapping[str, Any]], unit: str, height: Scale) -> tuple[tuple[float, ...], str] | None:
    """The bounds that integrated loudness breaks; a clause that passes leaves no bound in the document."""
    broken = [finding for finding in _of_integrated(findings) if wording.bounds(finding["expected"])]
    if unit != "LUFS" or not broken:
        return None
    lines = {height(float(bound)) for bound in wording.bounds(broken[0]["expected"])}
    return tuple(sorted(lines)), f"required {wording.wanted(broken[0])}"

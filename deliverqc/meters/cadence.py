"""Cadence: fields and frames that are repeated, or blended, in a pattern that comes back with a period, as conversion
from another frame rate leaves them.

Every frame in motion (a field changes by at least `motion_min_percent` of the code range) is told to be new, a repeat
of the frame before, or one of which a single field repeats that of the frame before. A span is a run in which the same
comes back after the same number of frames (2, 3, 4, 5, 6 or 25), for at least `min_periods` periods and `min_frames`
frames, and in which not every frame is the same. Frames without motion fit any pattern, but do not make one: every
place in the period has to be seen `min_periods` times, or never.
Where frames were blended, nothing repeats, but the steps from frame to frame swell and shrink: a span is also a run of
as many periods, and at least 8 of 5 or 6 frames or 7 of 25, in which the smallest step is on average at most
`step_max_percent` of the largest, and steps at the same place in the period scatter by at most a quarter of that
difference.

| conversion | period | in a period |
|---|---|---|
| film in 2:3 pulldown, interlaced | 5 | two repeated fields |
| 24 frames at 30 by repeats | 5 | one repeated frame |
| film in 2:3, progressive at 60 | 5 | three repeated frames |
| 25 or 30 frames at 50 or 60 (2:2) | 2 | one repeated frame |
| 24 frames at 25, one repeated a second | 25 | one repeated frame |
| pulldown whose fields were blended, 24 frames at 30 by blends | 5 | lesser steps |
| 25 frames at 30 by blends | 6 | lesser steps |

A repeat changes at most a quarter of what the frames around it change, and a repeated field four tenths of what the
other field changes: house choices, because essence that is coded without regard to fields smears one into the other.

Animation drawn on twos repeats frames by design, and is reported with a period of 2; a title that rolls by a fraction
of a line a frame, rounded to whole lines, has lesser steps without having been converted. It does not see
motion-compensated conversions, dropped frames, or a pattern that editing breaks before it has come back often enough.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import PictureSignal
from deliverqc.timebase import Span

_GIVEN_BY = ("meter:cadence",)
_NAME = "picture.cadence.spans"

_UNTOLD: Final = -1
_NEW: Final = 0
_EVEN_REPEATED: Final = 1
_ODD_REPEATED: Final = 2
_REPEATED: Final = 3

_PERIODS = (2, 3, 4, 5, 6, 25)
_REPEAT_SHARE = 0.25
_FIELD_SHARE = 0.4
_SCATTER_SHARE = 0.25
_BLENDED_PERIODS = {5: 8, 6: 8, 25: 7}
"""Periods of lesser steps, and how often they have to come back: house choice, as the groups of frames that an encoder
makes, and animation, swell and shrink alike for up to seven times 6 frames in pictures that were never converted."""

_WINDOWS = 2_000
"""Windows that are compared at a time: house choice, a few MB whatever the length of the programme."""


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Spans of a pattern, in frames from the first, and the share of all frames that are in one."""
    kinds = kinds_of(picture, settings)
    free = np.ones(len(kinds), dtype=bool)
    found: list[Span] = []
    for period in _PERIODS:
        for span in _periodic(kinds, free, period, settings):
            free[span.start : span.end] = False
            found.append(span)
    for period in _BLENDED_PERIODS:
        for span in _uneven(picture, kinds, free, period, settings):
            free[span.start : span.end] = False
            found.append(span)
    count = sum(span.end - span.start for span in found)
    return Reading(
        facts={
            _NAME: tuple(sorted(found, key=lambda span: span.start)),
            "picture.cadence.percent": 100 * count / len(kinds) if len(kinds) else 0.0,
        }
    )


def kinds_of(picture: PictureSignal, settings: Settings) -> NDArray[np.int8]:
    """What each frame is told to be, int8 (frames,)."""
    motion_min = ((1 << picture.bit_depth_bits) - 1) * settings["motion_min_percent"] / 100
    even, odd = np.nan_to_num(picture.field_difference.astype(np.float64)).T
    change = (even + odd) / 2
    around = np.maximum(np.concatenate(([0.0], change[:-1])), np.concatenate((change[1:], [0.0])))
    kinds = np.full(len(change), _UNTOLD, dtype=np.int8)
    kinds[change >= motion_min] = _NEW
    kinds[(odd >= motion_min) & (even <= odd * _FIELD_SHARE)] = _EVEN_REPEATED
    kinds[(even >= motion_min) & (odd <= even * _FIELD_SHARE)] = _ODD_REPEATED
    kinds[(around >= motion_min) & (change <= around * _REPEAT_SHARE)] = _REPEATED
    kinds[:1] = _UNTOLD
    return kinds


def _uneven(
    picture: PictureSignal, kinds: NDArray[np.int8], free: NDArray[np.bool_], period: int, settings: Settings
) -> list[Span]:
    """Runs in which the step from frame to frame swells and shrinks with a period."""
    periods = int(max(settings["min_periods"], _BLENDED_PERIODS[period], -(-settings["min_frames"] // period)))
    length = periods * period
    if len(kinds) < length + 1:
        return []
    change = picture.field_difference.astype(np.float64).mean(axis=1)
    steps = np.full(len(change), np.nan)
    is_told = free & (kinds == _NEW)
    steps[is_told] = np.log2(change[is_told])
    windows = np.lib.stride_tricks.sliding_window_view(steps, length)
    share = -float(np.log2(settings["step_max_percent"] / 100))
    is_uneven = np.zeros(len(windows), dtype=bool)
    for first in range(0, len(windows), _WINDOWS):
        by_place, scatter = _places(windows[first : first + _WINDOWS], period)
        swell = by_place.max(axis=1) - by_place.min(axis=1)
        is_uneven[first : first + _WINDOWS] = (swell >= share) & (scatter <= swell * _SCATTER_SHARE)
    found: list[Span] = []
    for run in runs(is_uneven):
        places = _places(windows[run.start : run.start + 1], period)[0][0]
        lesser = int((places <= places.max() - share).sum())
        start = found.pop().start if found and run.start < found[-1].end else run.start
        found.append(_span(start, run.end + length - 1, period, lesser_steps=lesser))
    return found


def _places(windows: NDArray[np.float64], period: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean step at each place of the period, (windows, period), and how much steps at a place scatter, (windows,)."""
    steps = windows.reshape(len(windows), -1, period)
    steps = steps - steps.mean(axis=2, keepdims=True)  # what grows or fades over the periods is no pattern
    by_place = steps.mean(axis=1)
    return by_place, (steps - by_place[:, None]).std(axis=(1, 2))


def _periodic(kinds: NDArray[np.int8], free: NDArray[np.bool_], period: int, settings: Settings) -> list[Span]:
    """Runs in which what a frame is comes back after `period` frames."""
    if len(kinds) <= period:
        return []
    then, now = kinds[:-period], kinds[period:]
    is_same = ((then == now) | (then == _UNTOLD) | (now == _UNTOLD)) & free[:-period] & free[period:]
    found = []
    for run in runs(is_same):
        start, end = run.start, run.end + period
        if end - start >= max(settings["min_frames"], period * settings["min_periods"]):
            span = _described(kinds, start, end, period, int(settings["min_periods"]))
            found += [span] if span is not None else []
    return found


def _described(kinds: NDArray[np.int8], start: int, end: int, period: int, min_periods: int) -> Span | None:
    """The run with what is in a period of it; None where that is too seldom seen, or the same everywhere."""
    told = []
    for phase in range(period):
        seen = kinds[start + phase : end : period]
        seen = seen[seen != _UNTOLD]
        values = np.unique(seen)
        if len(values) > 1 or (len(values) == 1 and len(seen) < min_periods):
            return None
        told.append(int(values[0]) if len(values) else _UNTOLD)
    if len({kind for kind in told if kind != _UNTOLD}) < 2:
        return None
    fields = told.count(_EVEN_REPEATED) + told.count(_ODD_REPEATED)
    return _span(start, end, period, repeated_frames=told.count(_REPEATED), repeated_fields=fields)


def _span(
    start: int, end: int, period: int, *, repeated_frames: int = 0, repeated_fields: int = 0, lesser_steps: int = 0
) -> Span:
    members = {
        "period_frames": period,
        "repeated_frames": repeated_frames,
        "repeated_fields": repeated_fields,
        "lesser_steps": lesser_steps,
    }
    return Span(start, end, None, tuple((name, float(value)) for name, value in members.items()))


def _member(suffix: str, meaning: str, unit: str) -> Fact:
    return Fact(
        name=f"{_NAME}[].{suffix}",
        kind=Kind.NUMBER,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit=unit,
        resolution=1.0,
    )


METER = Meter(
    name="cadence",
    version=2,
    reads=Reads.PICTURE,
    measure=measure,
    facts=(
        Fact(
            name=_NAME,
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="runs in which frames or fields are repeated or blended in a pattern",
            given_by=_GIVEN_BY,
        ),
        *span_members(_NAME, given_by=_GIVEN_BY),
        _member("period_frames", "after how many frames the pattern comes back", "frames"),
        _member("repeated_frames", "frames in a period that repeat the one before", "frames"),
        _member("repeated_fields", "frames in a period of which one field repeats that of the frame before", "frames"),
        _member(
            "lesser_steps", "steps in a period that are lesser than its largest, because frames are blends", "steps"
        ),
        Fact(
            name="picture.cadence.percent",
            kind=Kind.NUMBER,
            layer=Layer.BASEBAND,
            meaning="share of the programme's frames that are in such a run",
            given_by=_GIVEN_BY,
            unit="%",
            resolution=0.01,
        ),
    ),
    settings=(
        Setting(
            name="motion_min_percent",
            default=0.2,
            unit="%",
            meaning="change of a field, of the code range, from which motion is seen",
            minimum=0.01,
            maximum=50.0,
        ),
        Setting(
            name="step_max_percent",
            default=80.0,
            unit="%",
            meaning="what the least step between blended frames is, of the largest",
            minimum=10.0,
            maximum=95.0,
        ),
        Setting(
            name="min_periods",
            default=4,
            unit="periods",
            meaning="how often the pattern has to come back",
            minimum=2,
            maximum=100,
        ),
        Setting(name="min_frames", default=20, unit="frames", meaning="shortest run", minimum=4, maximum=1000),
    ),
)

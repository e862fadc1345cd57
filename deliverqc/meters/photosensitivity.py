"""Photosensitivity: flashes and stripes that can harm viewers with photosensitive epilepsy, as ITU-R BT.1702 and
Ofcom's guidance on rule 2.12 (Annex 1) describe them. A pre-screen, no certified test: what it passes may fail one.

Luminance flash: two opposing changes of luminance of 20 cd/m2 or more each, where the darker image is below 160 cd/m2;
from there on of an eighth of the darker luminance (a contrast of 1/17). Red flash: two opposing changes to and from a
saturated red, R/(R + G + B) of at least 0.8, each by more than 0.2 in u', v'. Either fails where more than three
flashes, six opposing changes, come within one second over more than 25 % of the picture; the sixth and the seventh may
not lie in one and the same second. Flashes whose leading edges are 0.36 s apart never do.

- what undergoes a change of luminance: each cell of a grid of 16 x 9, or that part of it which changed from frame to
  frame; the change of the part is the change of the cell's mean over its share. Where a change takes more than two
  frames, the whole cell counts
- what undergoes a change of red: each pixel, over up to four frames, or up to twelve where the colour before stood for
  some of them. Its area is exact to the pixel, whatever shape the pieces have
- a change may take several frames: it counts from the last turning point, at the frame where it reaches 20 cd/m2
- area: cells (of red: pixels) that each undergo more than six changes in one second count together, whether or not in
  step; so do more than six opposing changes, each of more than 25 % of the picture at once (of red: since the last
  turning point), wherever in the picture they are
- extended: for more than 5 s, every second or less holds four changes (two flashes) over more than 25 % of the picture.
  The texts call a sequence of more than 5 s a risk even where each flash is permitted; two flashes a second are EA
  IRIS's reading of it
- stripes: more than five light-dark pairs of one regular grating, in which light and dark differ by 20 cd/m2 and dark
  is below 160 cd/m2, over more than 40 % of the picture, or over more than 25 % where they move, change direction
  or flash, for longer than `pattern_min_s`. Gaps of a third of a second are closed, as stripes flash

Settings:

- `area_max_percent`, 25 by default: share of the picture that may flash, or hold stripes that move
- `pattern_min_s`, 0.5 by default: how long stripes may stand; EA IRIS's value, as the texts name none

Light is that of the screen that BT.1702 assumes, 200 cd/m2 at 100 % (deliverqc/signals/on_demand/screen.py): `light`
says by which transfer function. It does not see: flicker between the two fields of a frame; flashes of
luminance in detail smaller than a cell that cancel within it; changes of red that take more than twelve frames; red
below 1 cd/m2; red in detail that subsampled colour differences no longer hold; above 64 frames per second, which pixels
of a cell change; stripes that are radial,
strongly curved, finer than a 80th of the width or of several unlike spacings, and a second grating. Where the matrix or
transfer function of the essence leads to no luminance, nothing is told.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Curve, Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.meters.transitions import (
    WHOLE,
    InOneSecond,
    LuminanceCells,
    Transitions,
    in_one_second,
    joined,
    sequences,
)
from deliverqc.signals.on_demand.screen import COUNTED_CHANGES, LIGHTS, stored_cd_m2
from deliverqc.signals.tables import PictureSignal
from deliverqc.timebase import Span

_GIVEN_BY = ("meter:photosensitivity",)
_NAME = "picture.photosensitivity."

_HARMFUL_CHANGES = 7  # more than three flashes
_EXTENDED_CHANGES = 4  # EA IRIS: two flashes a second
_EXTENDED_S = 5.0
_STATIC_SHARE_MAX = 0.40
_STRIPES_GAP_S = 1 / 3
_STRIPES_RECENT_S = 0.5
_PHASE_NOISE = 0.02  # house choice, in pairs: what stands still moves by less
_SHARE, _ACROSS, _DOWN, _PHASE, _AMPLITUDE = 0, 2, 3, 4, 5  # columns of `stripes`

Floats = NDArray[np.floating[Any]]


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Sequences of flashes and runs of stripes; all facts are null without frames, and where light cannot be told."""
    lights = np.unique(_column(picture, "light"))
    if not picture.frame_count or 0 in lights:
        return Reading(facts={fact.name: None for fact in METER.facts if "[]" not in fact.name})
    area_max = settings["area_max_percent"] / 100
    down, across = _column(picture, "luminance").shape[1:]
    found: dict[str, Any] = {"light": LIGHTS[int(lights[0])], "grid": f"{across}x{down}"}
    curves: list[Curve] = []
    extended: list[tuple[int, int]] = []
    for name, changes in (("luminance_flash", _luminance_changes(picture)), ("red_flash", _red_changes(picture))):
        second = in_one_second(changes, picture.start_s, area_max=area_max, count=_HARMFUL_CHANGES)
        found[f"{name}.spans"] = _spans(sequences(second, count=_HARMFUL_CHANGES))
        found[f"{name}.worst_rate_hz"] = float(second.counts.max()) / 2
        found[f"{name}.worst_area_percent"] = 100 * float(second.area.max())
        extended += _extended(second, picture.start_s)
        curves += _curves(name, second, picture)
    found["extended_flash.spans"] = _spans(joined(sorted(extended), 0))
    share, hits = _stripes(picture, area_max)
    found["pattern.spans"] = tuple(Span(*run) for run in hits if _lasts(picture, *run) > settings["pattern_min_s"])
    found["pattern.worst_area_percent"] = 100 * float(share.max())
    curves.append(_curve("area of stripes", "%", 100 * share, picture))
    found["result"] = _result(found)
    return Reading(facts={_NAME + name: value for name, value in found.items()}, curves=tuple(curves))


def _column(picture: PictureSignal, name: str) -> NDArray[Any]:
    return picture.extended[f"photosensitivity.{name}"]


def _result(found: dict[str, Any]) -> str:
    if any(found[f"{name}.spans"] for name in ("luminance_flash", "red_flash", "pattern")):
        return "failure"
    return "extended_failure" if found["extended_flash.spans"] else "pass"


def _luminance_changes(picture: PictureSignal) -> Transitions:
    cd_m2 = stored_cd_m2(LIGHTS[int(_column(picture, "light")[0])])
    stored = _column(picture, "luminance").reshape(picture.frame_count, -1)
    changed = _column(picture, "changed").reshape(picture.frame_count, -1)
    found = np.zeros(stored.shape, dtype=np.int32)
    first = cd_m2[stored[0]]
    cells = LuminanceCells(first, first)
    for frame in range(1, picture.frame_count):
        cells.take(frame, cd_m2[stored[frame]], changed[frame], found)
    return Transitions(up=np.maximum(found, 0), down=np.maximum(-found, 0))


def _red_changes(picture: PictureSignal) -> Transitions:
    entered, left = (
        _column(picture, name).reshape(picture.frame_count, -1).astype(np.int32) for name in ("red_entered", "red_left")
    )
    recent = _column(picture, "red_recent") / WHOLE
    by_pixel = {count: recent[:, row] for row, count in enumerate(COUNTED_CHANGES)}
    return Transitions(up=entered, down=left, by_pixel=by_pixel, adds_up=True)


def _extended(second: InOneSecond, start_s: NDArray[np.float64]) -> list[tuple[int, int]]:
    return [
        (first, last)
        for first, last in sequences(second, count=_EXTENDED_CHANGES)
        if start_s[last] - start_s[first] > _EXTENDED_S
    ]


def _spans(found: list[tuple[int, int]]) -> tuple[Span, ...]:
    return tuple(Span(first, last + 1) for first, last in found)


def _stripes(picture: PictureSignal, moving_max: float) -> tuple[Floats, list[tuple[int, int]]]:
    """The share of each frame that stripes cover, and half-open runs of frames in which that is too much."""
    rows = _column(picture, "stripes").astype(np.float64)
    share, rate = rows[:, _SHARE], float(picture.frame_rate)
    here = share > 0
    both = here[1:] & here[:-1]
    step = np.abs(np.diff(rows[:, _PHASE]))
    moves = np.minimum(step, 1 - step) > _PHASE_NOISE
    turns = (np.diff(rows[:, _ACROSS]) != 0) | (np.diff(rows[:, _DOWN]) != 0)
    brightens = np.abs(np.diff(rows[:, _AMPLITUDE])) > 0.25 * np.maximum(rows[1:, _AMPLITUDE], rows[:-1, _AMPLITUDE])
    changes = np.concatenate(([0], np.where(both, moves | turns | brightens, here[1:] != here[:-1])))
    recent = max(1, round(_STRIPES_RECENT_S * rate))
    total = np.concatenate((np.zeros(recent), np.cumsum(changes)))
    restless = total[recent:] - total[:-recent] >= 2  # one is a cut to a still pattern
    is_hit = (share > _STATIC_SHARE_MAX) | (restless & (share > moving_max))
    return share, joined([(run.start, run.end) for run in runs(is_hit)], _STRIPES_GAP_S * rate)


def _lasts(picture: PictureSignal, start: int, end: int) -> float:
    """Seconds from the start of a half-open run of frames to its end."""
    return float(picture.start_s[end - 1] - picture.start_s[start]) + float(1 / picture.frame_rate)


def _curves(name: str, second: InOneSecond, picture: PictureSignal) -> list[Curve]:
    words = name.replace("_", " ")
    return [
        _curve(f"{words}es in one second", "flashes", second.counts / 2, picture),
        _curve(f"area of more than three {words}es in one second", "%", 100 * second.area, picture),
    ]


def _curve(name: str, unit: str, values: Floats, picture: PictureSignal) -> Curve:
    return Curve(name=name, unit=unit, step_s=float(1 / picture.frame_rate), values=values)


_NULL = "there are no frames, or the essence's matrix or transfer function leads to no luminance on a screen"


def _fact(name: str, kind: Kind, meaning: str, **options: Any) -> Fact:  # noqa: ANN401
    return Fact(
        name=_NAME + name,
        kind=kind,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=_GIVEN_BY,
        null_means=_NULL,
        **options,
    )


def _flashes(name: str, words: str) -> tuple[Fact, ...]:
    return (
        _fact(
            f"{name}.spans", Kind.SPANS, f"sequences of more than three {words} in one second over too large an area"
        ),
        *span_members(f"{_NAME}{name}.spans", given_by=_GIVEN_BY),
        _fact(
            f"{name}.worst_rate_hz",
            Kind.NUMBER,
            f"most {words} in any one second over more than the area allowed; more than 3 fail",
            unit="Hz",
            resolution=0.1,
        ),
        _fact(
            f"{name}.worst_area_percent",
            Kind.NUMBER,
            f"largest share of the picture with more than three {words} in any one second",
            unit="%",
            resolution=0.01,
        ),
    )


METER = Meter(
    name="photosensitivity",
    version=3,
    reads=Reads.PICTURE,
    extension="photosensitivity",
    measure=measure,
    facts=(
        _fact(
            "result",
            Kind.STRING,
            "what a pre-screen after ITU-R BT.1702 finds, which is no certified test: no risk, only flashes that are "
            "permitted but go on for more than 5 s, or flashes or stripes that are too many",
            vocabulary=("pass", "extended_failure", "failure"),
        ),
        _fact(
            "light",
            Kind.STRING,
            "transfer function and peak of the screen by which codes were read as cd/m2",
            vocabulary=LIGHTS[1:],
        ),
        _fact(
            "grid", Kind.STRING, "cells across x down in which the picture was looked at, each the mean of its pixels"
        ),
        *_flashes("luminance_flash", "flashes of luminance"),
        *_flashes("red_flash", "flashes of saturated red"),
        _fact("extended_flash.spans", Kind.SPANS, "sequences of two or more flashes a second for more than 5 s"),
        *span_members(f"{_NAME}extended_flash.spans", given_by=_GIVEN_BY),
        _fact("pattern.spans", Kind.SPANS, "runs of frames with too many stripes over too large an area"),
        *span_members(f"{_NAME}pattern.spans", given_by=_GIVEN_BY),
        _fact(
            "pattern.worst_area_percent",
            Kind.NUMBER,
            "largest share of any one frame that a grating of more than five light-dark pairs covers",
            unit="%",
            resolution=0.01,
        ),
    ),
    settings=(
        Setting(
            name="area_max_percent",
            default=25.0,
            unit="%",
            meaning="share of the picture that may flash, or hold stripes that move",
            minimum=1.0,
            maximum=100.0,
        ),
        Setting(
            name="pattern_min_s",
            default=0.5,
            unit="s",
            meaning="how long stripes may stand",
            minimum=0.0,
            maximum=60.0,
        ),
    ),
)

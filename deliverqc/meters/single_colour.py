"""Single colour: short runs of frames of one colour, other than black, that are cut into the picture.

A frame is of one colour as the meter `flat` says. A run of them is one where it holds one colour throughout (R', G' and
B' move by 3 % at most), lasts `max_duration_s` at most, touches neither the first nor the last frame, and has a cut at
both ends: the frame next to it is black, or is a picture whose luma is spread over at least 60 % of what it spreads
over in the second beyond. A fade or a dip to a colour comes by frames of less and less spread, so it is left out. So is
a colour that stays longer, as a card or the background of a title does. The limits are a house choice.

`colour` is one of black, grey, white, red, yellow, green, cyan, blue and magenta; `red_percent` and its companions are
R'G'B' by the matrix of ITU-R BT.709. Black frames are the meter `black`'s. Codes of zero in all components, which a
decoder leaves where data is missing, are green.

It does not see a stray frame that holds a logo, a stray frame between two fades, or one whose colour is that of the
picture around it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.colours import COLOURS, colour_word, rgb_percent
from deliverqc.meters.flat import flat_frames
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import LUMA_QUANTILES, PictureSignal
from deliverqc.timebase import Span

_GIVEN_BY = ("meter:single_colour",)
_NAME = "picture.single_colour.spans"
_LOW, _HIGH = LUMA_QUANTILES.index(0.001), LUMA_QUANTILES.index(0.999)
_ONE_COLOUR_PERCENT = 3.0
_CUT_SHARE = 0.6
_BLACK = COLOURS[0]


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """The runs in `picture.single_colour.spans`, in frames from the first."""
    is_flat = flat_frames(picture)
    rgb = rgb_percent(picture.component_extremes.astype(np.float64).mean(axis=2), picture)
    is_black = is_flat.copy()
    is_black[is_flat] = [colour_word(colour) == _BLACK for colour in rgb[is_flat]]
    spread = (picture.luma_quantiles[:, _HIGH].astype(np.int64) - picture.luma_quantiles[:, _LOW]).astype(np.float64)
    around = max(1, round(float(picture.frame_rate)))
    longest = float(settings["max_duration_s"] * picture.frame_rate)
    found = []
    for run in runs(is_flat & ~is_black):
        colours = rgb[run.start : run.end]
        is_inside = run.start > 0 and run.end < picture.frame_count and run.end - run.start <= longest
        if not is_inside or float(np.ptp(colours, axis=0).max()) > _ONE_COLOUR_PERCENT:
            continue
        before = slice(max(0, run.start - around), run.start), run.start - 1
        after = slice(run.end, run.end + around), run.end
        if all(is_black[edge] or _is_cut(spread, near, edge) for near, edge in (before, after)):
            found.append(_described(run, colours.mean(axis=0)))
    return Reading(facts={_NAME: tuple(found)})


def _is_cut(spread: NDArray[np.float64], near: slice, edge: int) -> bool:
    return bool(spread[edge] >= _CUT_SHARE * spread[near].max())


def _described(run: Span, rgb: NDArray[np.float64]) -> Span:
    red, green, blue = rgb.tolist()
    levels = (("red_percent", red), ("green_percent", green), ("blue_percent", blue))
    return Span(run.start, run.end, members=(("colour", colour_word(rgb)), *levels))


def _member(name: str, meaning: str) -> Fact:
    return Fact(
        name=f"{_NAME}[].{name}",
        kind=Kind.NUMBER,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit="%",
        resolution=0.1,
    )


METER = Meter(
    name="single_colour",
    version=1,
    reads=Reads.PICTURE,
    measure=measure,
    facts=(
        Fact(
            name=_NAME,
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="short runs of frames of one colour other than black, with a cut at both ends",
            given_by=_GIVEN_BY,
        ),
        *span_members(_NAME, given_by=_GIVEN_BY),
        Fact(
            name=f"{_NAME}[].colour",
            kind=Kind.STRING,
            layer=Layer.BASEBAND,
            meaning="the colour in a word",
            given_by=_GIVEN_BY,
            vocabulary=COLOURS[1:],
        ),
        *(_member(f"{name}_percent", f"its {name}, of R'G'B'") for name in ("red", "green", "blue")),
    ),
    settings=(
        Setting(
            name="max_duration_s",
            default=1.0,
            unit="s",
            meaning="longest run that is reported",
            minimum=0.001,
            maximum=60.0,
        ),
    ),
)

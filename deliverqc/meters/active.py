"""Active picture: how much of the frame is picture, and how much is bar at each edge (letterbox, pillarbox).

A column or line at the edge is bar where the mean luma along it is at most `luma_max_percent`, from 0 % black to 100 %
white, and so are all nearer the edge. `picture.active.left_px` and its companions are the bars that hold over the
programme: the smallest that at least `frame_share_percent` of the frames with any picture do not exceed. Black frames
do not count, dark scenes only ever make a bar look larger, and a logo or a subtitle in the bars for less than that
share of the time does not make it smaller. Runs of frames whose picture reaches further than that, by more than
`tolerance_px`, are spans in `picture.active.beyond.spans`. Every pixel is looked at, in luma. ffmpeg's cropdetect takes
a mean of 24 of 255 (3.7 %), and by default keeps the largest picture that it has ever seen. The limits are a house
choice: 2 % holds the noise of a coder around black, and 5 % of the time is more than logos and subtitles in bars take
and less than a scene of another picture shape.

It does not see bars that are not black (blurred or coloured side panels), a picture shape that is smaller for a time,
or a programme that is dark at one edge in 95 % of its frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import BAR_LUMA_PERCENT, PictureSignal

_GIVEN_BY = ("meter:active",)
_NEVER_LIT = "no frame has any picture"
_LEAST_CLEAR_PERCENT = 25.0  # house choice: fewer frames do not speak for a programme


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """Widths of the bars that hold over the programme, in pixels."""

    left: int
    right: int
    top: int
    bottom: int


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """The bars that hold over the programme, their asymmetry, and spans of frames that reach beyond them."""
    held = bars_of(picture, settings)
    if held is None:
        unknown = {fact.name: None for fact in METER.facts if fact.is_nullable and "[]" not in fact.name}
        return Reading(facts=unknown | {"picture.active.beyond.spans": ()})
    clear, steady = _steadiness(picture, held, settings)
    edges = np.array([held.left, held.right, held.top, held.bottom])
    reaches = np.any(_column(picture, settings).astype(np.int64) < edges - settings["tolerance_px"], axis=1)
    return Reading(
        facts={
            "picture.active.left_px": held.left,
            "picture.active.right_px": held.right,
            "picture.active.top_px": held.top,
            "picture.active.bottom_px": held.bottom,
            "picture.active.width_px": picture.width_px - held.left - held.right,
            "picture.active.height_px": picture.height_px - held.top - held.bottom,
            "picture.active.horizontal_asymmetry_px": abs(held.left - held.right),
            "picture.active.vertical_asymmetry_px": abs(held.top - held.bottom),
            "picture.active.beyond.spans": tuple(runs(reaches)),
            "picture.active.steady_percent": steady if clear >= _LEAST_CLEAR_PERCENT else None,
        }
    )


def _steadiness(picture: PictureSignal, held: Bars, settings: Settings) -> tuple[float, float]:
    """Percentage of the frames with any picture whose bars end sharply: at one place under every limit, and of these
    the percentage whose bars are those that hold. Dark scenes fade into their bars, and have no such end."""
    bars = picture.bars_px.astype(np.int64)
    lit = bars[np.all(bars[:, :, 0] < picture.width_px, axis=1)]
    if not len(lit):
        return 0.0, 0.0
    sharp = lit[np.all(lit.max(axis=1) - lit.min(axis=1) <= settings["tolerance_px"], axis=1)]
    if not len(sharp):
        return 0.0, 0.0
    edges = np.array([held.left, held.right, held.top, held.bottom])
    is_held = np.all(np.abs(sharp[:, 0] - edges) <= settings["tolerance_px"], axis=1)
    return 100 * len(sharp) / len(bars), 100 * float(np.mean(is_held))


def bars_of(picture: PictureSignal, settings: Settings) -> Bars | None:
    """The bars that hold over the programme under the settings of this meter; None where no frame has any picture."""
    column = _column(picture, settings)
    lit = column[column[:, 0] < picture.width_px]
    if not len(lit):
        return None
    rank = max(1, int(np.ceil(len(lit) * settings["frame_share_percent"] / 100 - 1e-9))) - 1
    left, right, top, bottom = (int(edge) for edge in np.sort(lit, axis=0)[rank])
    if left + right >= picture.width_px or top + bottom >= picture.height_px:
        return None
    return Bars(left=left, right=right, top=top, bottom=bottom)


def share_of(picture: PictureSignal) -> float:
    """Share of the frame that is active picture under the defaults of this meter; 1 where no frame has any picture."""
    held = bars_of(picture, METER.resolve({}))
    if held is None:
        return 1.0
    active_px = (picture.width_px - held.left - held.right) * (picture.height_px - held.top - held.bottom)
    return active_px / (picture.width_px * picture.height_px)


def _column(picture: PictureSignal, settings: Settings) -> NDArray[np.uint16]:
    return picture.bars_px[:, BAR_LUMA_PERCENT.index(settings["luma_max_percent"])]


def _fact(name: str, meaning: str, *, unit: str = "px") -> Fact:
    return Fact(
        name=f"picture.active.{name}",
        kind=Kind.INTEGER,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit=unit,
        null_means=_NEVER_LIT,
    )


METER = Meter(
    name="active",
    version=2,
    reads=Reads.PICTURE,
    measure=measure,
    facts=(
        *(
            _fact(f"{edge}_px", f"width of the bar at the {edge} edge that holds over the programme; 0: no bar")
            for edge in ("left", "right", "top", "bottom")
        ),
        _fact("width_px", "width of the picture between the bars"),
        _fact("height_px", "height of the picture between the bars"),
        _fact("horizontal_asymmetry_px", "difference between the left and the right bar"),
        _fact("vertical_asymmetry_px", "difference between the top and the bottom bar"),
        Fact(
            name="picture.active.steady_percent",
            kind=Kind.NUMBER,
            layer=Layer.BASEBAND,
            meaning="share of the frames with hard-edged bars, or none, whose bars are those that hold: low where the "
            "picture shape changes",
            given_by=_GIVEN_BY,
            unit="%",
            resolution=0.1,
            null_means="fewer than 25 % of the frames have bars that end sharply, as in dark material",
        ),
        Fact(
            name="picture.active.beyond.spans",
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="runs of frames whose picture reaches into the bars that hold over the programme",
            given_by=_GIVEN_BY,
        ),
        *span_members("picture.active.beyond.spans", given_by=_GIVEN_BY),
    ),
    settings=(
        Setting(
            name="luma_max_percent",
            default=2.0,
            unit="%",
            meaning="largest mean luma of a line that is still bar",
            choices=BAR_LUMA_PERCENT,
        ),
        Setting(
            name="frame_share_percent",
            default=5.0,
            unit="%",
            meaning="share of frames with picture whose bars may be smaller than those that are told",
            minimum=0.0,
            maximum=100.0,
        ),
        Setting(
            name="tolerance_px",
            default=2,
            unit="px",
            meaning="how far picture may reach into the bars without being told",
            minimum=0,
        ),
    ),
)

"""Defects: pixels that are stuck, lines that drop out and edges of coded blocks; knows no delivery's tolerance of them.

**Dead pixels** stand out at the same place while the picture around them changes. A pixel counts in a frame where,
there and in the two frames before, it lies at least 5 % of the range from black to white above all eight neighbours, or
below all, and these change by at least 1 % of it over two frames. Of all frames in which the whole picture changes by
at least `moving_min_percent` over two frames, it is dead where it counts in at least `dead_share_min_percent`.
`picture.defects.dead_pixels` names its column and line from 0, its share of those frames and its mean excess over the
nearest neighbour, negative where it is darker; it is null where fewer than `moving_min_frames` move, which is too few
to tell. Every pixel is read but those of the outermost columns and lines. A frame keeps the 16 that stand out most;
`picture.defects.crowded_percent` is the share of moving frames that had more.

**Line dropouts** are lines of one frame that differ by at least 5 % of the range, in one direction, from the lines one
or two above and below and from the same line of the frames before and after, over at least `line_width_min_percent` of
the width. Frames with more than `lines_max` such lines have none: that is a flash in one field. Spans of
`picture.defects.line_dropout.spans` tell the widest line of theirs.

**Blockiness** is the mean step between pixels across the edges of 8 x 8 blocks over the mean step elsewhere, across or
down, whichever is more; the edges may stand at any of eight places. It is 1 without blocks, and in flat pictures. Here
means are taken of columns and lines, and medians of those, so that a single contour does not count.

Lines and blocks are read on every eighth column, and blocks on every eighth line; `picture.defects.sampled_percent`
says so. Only luma is read (of R'G'B' the largest component).

Settings, all house choices:

- `dead_share_min_percent`, 50 by default: a picture that is as bright as the pixel, or still around it, hides it
- `moving_min_percent`, 0.5 by default: below, little in the frame moves
- `moving_min_frames`, 25 by default: fewer frames may resemble each other
- `line_width_min_percent`, 60 by default: objects are seldom that wide and that thin
- `lines_max`, 16 by default

What it does not see: pixels stuck in one camera of several, in still shots or within 5 % of what is around them, and
clusters of them; lines at the very top and bottom, in the first and last frame, that repeat in the next frame, or that
are more than three together. A thin line of a graphic that moves up or down reads as a dropout. Blocks of other sizes,
scaled blocks and those that a deblocking filter smoothed are not seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import PictureSignal
from deliverqc.timebase import Span

_GIVEN_BY = ("meter:defects",)
_NAME = "picture.defects."
_ROWS_BEFORE = 2


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Find stuck pixels and dropped lines, and the blockiest frame; null where too few frames are there to tell."""
    found: dict[str, Any] = {}
    if picture.frame_count:
        ratios = picture.extended["defects.blockiness"].astype(np.float64)
        found = {
            "blockiness_worst": float(ratios.max()),
            "blockiness_worst_frame": picture.first_frame + int(ratios.argmax()),
            "blockiness_median": float(np.median(ratios)),
            "sampled_percent": float(picture.extended["defects.sampled_percent"].min()),
        }
    if picture.frame_count > _ROWS_BEFORE:
        found["line_dropout.spans"] = _dropouts(picture, settings)
        found |= _dead_pixels(picture, settings)
    facts: dict[str, Any] = {fact.name: None for fact in METER.facts if "[]" not in fact.name}
    return Reading(facts=facts | {f"{_NAME}{name}": value for name, value in found.items()})


def _dropouts(picture: PictureSignal, settings: Settings) -> tuple[Span, ...]:
    """Runs of frames with a dropped line; a row of the table tells of the frame before its own."""
    percent, count, line = (picture.extended[f"defects.{name}"][1:] for name in ("line_percent", "line_count", "line"))
    is_dropped = (percent >= settings["line_width_min_percent"]) & (count >= 1) & (count <= settings["lines_max"])
    return tuple(
        Span(run.start, run.end, members=(("line", int(line[run.start + int(percent[run.start : run.end].argmax())])),))
        for run in runs(is_dropped)
    )


def _dead_pixels(picture: PictureSignal, settings: Settings) -> dict[str, Any]:
    """Pixels that stand out in enough of the moving frames, line by line."""
    reach = picture.white_code - picture.black_code
    is_moving = picture.second_difference >= reach * float(settings["moving_min_percent"]) / 100.0
    moving = int(is_moving.sum())
    if moving < settings["moving_min_frames"]:
        return {}
    standing: NDArray[np.int64] = picture.extended["defects.standing"][is_moving].reshape(-1, 3).astype(np.int64)
    standing = standing[standing[:, 0] >= 0]
    places, of_place, counts = np.unique(
        np.column_stack((standing[:, 1], standing[:, 0], np.sign(standing[:, 2]))),
        axis=0,
        return_inverse=True,
        return_counts=True,
    )
    excesses = np.bincount(of_place.reshape(-1), weights=standing[:, 2], minlength=len(places)) / np.maximum(1, counts)
    shares = 100.0 * counts / moving
    listed = picture.extended["defects.standing"].shape[1]
    is_crowded = picture.extended["defects.standing_count"][is_moving] > listed
    return {
        "dead_pixels": [
            {
                "x_px": int(place[1]),
                "y_px": int(place[0]),
                "share_percent": float(share),
                "excess_percent": float(excess) / 10.0,
            }
            for place, share, excess in zip(places, shares, excesses, strict=True)
            if share >= settings["dead_share_min_percent"]
        ],
        "crowded_percent": 100.0 * float(is_crowded.mean()),
    }


def _fact(
    name: str, kind: Kind, meaning: str, *, unit: str | None = None, step: float = 0.001, null: str | None = None
) -> Fact:
    return Fact(
        name=_NAME + name,
        kind=kind,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit=unit,
        resolution=step if kind is Kind.NUMBER else None,
        null_means=null,
    )


def _percent(name: str, default: float, meaning: str) -> Setting:
    return Setting(name=name, default=default, unit="%", meaning=meaning, minimum=0.0, maximum=100.0)


_NO_FRAMES = "there are no frames"
_TOO_STILL = "too few frames move"

METER = Meter(
    name="defects",
    version=1,
    reads=Reads.PICTURE,
    extension="defects",
    measure=measure,
    facts=(
        _fact("dead_pixels", Kind.LIST, "pixels that stand out while the picture around changes", null=_TOO_STILL),
        _fact("dead_pixels[].x_px", Kind.INTEGER, "column of the pixel, from 0", unit="px"),
        _fact("dead_pixels[].y_px", Kind.INTEGER, "line of the pixel, from 0", unit="px"),
        _fact("dead_pixels[].share_percent", Kind.NUMBER, "share of moving frames in which it stands out", unit="%"),
        _fact(
            "dead_pixels[].excess_percent",
            Kind.NUMBER,
            "mean distance from the nearest neighbour, of the range from black to white; negative where it is darker",
            unit="%",
            step=0.01,
        ),
        _fact(
            "crowded_percent",
            Kind.NUMBER,
            "share of moving frames in which more pixels stood out than were kept",
            unit="%",
            null=_TOO_STILL,
        ),
        _fact(
            "line_dropout.spans",
            Kind.SPANS,
            "runs of frames with a line that differs from all around it",
            null="there are fewer than three frames",
        ),
        *span_members("picture.defects.line_dropout.spans", given_by=_GIVEN_BY),
        _fact("line_dropout.spans[].line", Kind.INTEGER, "the widest such line, from 0"),
        _fact(
            "blockiness_worst",
            Kind.NUMBER,
            "largest step across edges of 8 x 8 blocks over steps elsewhere, 1 where they are alike",
            null=_NO_FRAMES,
        ),
        _fact("blockiness_worst_frame", Kind.INTEGER, "first frame with that ratio", unit="frames", null=_NO_FRAMES),
        _fact("blockiness_median", Kind.NUMBER, "median of that ratio over all frames", null=_NO_FRAMES),
        _fact(
            "sampled_percent",
            Kind.NUMBER,
            "share of the pixels read for lines, and of each direction for blocks; single pixels are all read",
            unit="%",
            null=_NO_FRAMES,
        ),
    ),
    settings=(
        _percent("dead_share_min_percent", 50.0, "share of moving frames in which a dead pixel stands out"),
        _percent("moving_min_percent", 0.5, "mean change of luma over two frames, of the range, in moving frames"),
        Setting(
            name="moving_min_frames",
            default=25,
            unit="frames",
            meaning="fewest moving frames that tell of dead pixels",
            minimum=1,
            maximum=100_000,
        ),
        _percent("line_width_min_percent", 60.0, "share of the width over which a dropped line differs"),
        Setting(
            name="lines_max",
            default=16,
            unit="lines",
            meaning="most lines of a frame that are dropouts and not a flash",
            minimum=1,
            maximum=10_000,
        ),
    ),
)

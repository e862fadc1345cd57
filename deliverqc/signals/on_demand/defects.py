"""Columns `defects`: pixels and lines that stand out from the picture around them, and edges of blocks; knows no
tolerance of how often or how wide.

| column | shape | holds |
|---|---|---|
| `standing` | int16 (frames, LISTED, 3) | column, line and excess of pixels that stand out, most first; else -1 |
| `standing_count` | uint32 (frames,) | all pixels that stand out |
| `line` | int16 (frames,) | line of the frame before that stands out over most of the width; -1 where none does |
| `line_percent` | float32 (frames,) | share of the columns read, over which it does |
| `line_count` | uint16 (frames,) | lines of the frame before that stand out over at least half of the width |
| `blockiness` | float32 (frames,) | step across block edges over steps elsewhere, 1 where they are alike |
| `sampled_percent` | float32 (frames,) | share of the columns read for lines and blocks, and of the lines for blocks |

Codes are of luma, and R is the range from black to white. A pixel stands out where, in this frame and the two before,
it lies at least 5 % of R above all its eight neighbours, or below all, and their mean change over two frames is at
least 1 % of R: a still graphic is none. The excess is over the nearest neighbour, in thousandths of R, negative below.
The outermost columns and lines have no eight neighbours and are not read; every other pixel is.

A line stands out at a pixel that lies at least 5 % of R above the pixels in the same place of the frames before and
after, and above those one line, or two lines, up and down; or below all of these. Every STEP-th column is read.

A step is the mean difference of two neighbouring columns over every STEP-th line, or of two lines over every STEP-th
column. Each of the eight places that the edges of 8 x 8 blocks can have is given the median of its steps, and the
largest median is set against the median of all eight; steps below a quarter of a code at 8 bits count as that much. The
direction with the larger ratio is told. The shares and least steps are house choices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.columns import Colorimetry, Columns
from deliverqc.signals.picture.rows import Rows

if TYPE_CHECKING:
    from deliverqc.signals.picture.moments import Moment
    from deliverqc.signals.picture.planes import Plane

LISTED = 16
STEP = 8
_LEAST_EXCESS = 0.05
_LEAST_CHANGE = 0.01
_LEAST_STEP = 0.25
_REACHES = (1, 2)
_HALF = 0.5
_BLOCK = 8
_BAND_LINES = 108  # that stay in the processor's cache from one comparison to the next
_AROUND = np.array([(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1) if down or across]).T
_ABOVE, _BELOW = np.uint8(1), np.uint8(2)

_TYPES = {
    "standing": np.int16,
    "standing_count": np.uint32,
    "line": np.int16,
    "line_percent": np.float32,
    "line_count": np.uint16,
    "blockiness": np.float32,
    "sampled_percent": np.float32,
}

Mask = NDArray[np.uint8]
"""_ABOVE or _BELOW where a pixel is higher, or lower, than its four nearest neighbours; 0 elsewhere."""


def columns(colorimetry: Colorimetry) -> DefectColumns:
    """A reader of frames; what the colours mean plays no part."""
    return DefectColumns()


class DefectColumns:
    """Collects the rows of the extension."""

    def __init__(self) -> None:
        self._rows = Rows(_TYPES)

    def read(self, moment: Moment) -> dict[str, Any]:
        """The row of a frame."""
        luma, shape = moment.planes.luma, moment.shape
        reach = shape.white_code - shape.black_code
        least = max(1, round(_LEAST_EXCESS * reach))
        listed, count = np.full((LISTED, 3), -1, dtype=np.int16), 0
        line, share, lines = -1, 0.0, 0
        last = [one for one in (moment.earlier, moment.before, moment) if one is not None]
        if len(last) == 3 and all(one.planes.luma.shape == luma.shape for one in last):
            found = _standing([_apart(one, least) for one in last], [one.planes.luma for one in last], least, reach)
            listed[: len(found)], count = found[:LISTED], len(found)
            line, share, lines = _line([_columns_read(one) for one in last], least)
        columns_read = _columns_read(moment)
        ratio = _blockiness(luma, columns_read, _LEAST_STEP * 2 ** (shape.bit_depth_bits - 8))
        sampled = 100 * columns_read.size / luma.size
        return dict(zip(_TYPES, (listed, count, line, 100 * share, lines, ratio, sampled), strict=True))

    def keep(self, row: dict[str, Any], moment: Moment) -> None:
        """Add the row of a frame."""
        self._rows.add(row)

    def finish(self) -> Columns:
        """The columns by their own names."""
        columns = self._rows.finish()
        return columns | {"standing": columns["standing"].reshape(-1, LISTED, 3)}


def _columns_read(moment: Moment) -> Plane:
    """Every STEP-th column of luma."""
    return moment.once("defects: columns", lambda: np.ascontiguousarray(moment.planes.luma[:, ::STEP]))


def _apart(moment: Moment, least: int) -> tuple[NDArray[np.int64], Mask]:
    """Where pixels are at least so many codes above, or below, the four nearest ones: flat indices, and as a mask."""
    return moment.once("defects: apart", lambda: _found_apart(moment.planes.luma, least))


def _found_apart(luma: Plane, least: int) -> tuple[NDArray[np.int64], Mask]:
    mask = np.empty(luma.shape, dtype=np.uint8)
    if min(luma.shape) < 3:
        mask[:] = 0
        return np.empty(0, dtype=np.int64), mask
    mask[:, 0] = mask[:, -1] = mask[0] = mask[-1] = 0
    places: list[NDArray[np.int64]] = []
    rooms = np.empty((2, _BAND_LINES, luma.shape[1] - 2), dtype=luma.dtype)
    for top in range(1, len(luma) - 1, _BAND_LINES):
        end = min(top + _BAND_LINES, len(luma) - 1)
        inner, (high, low) = luma[top:end, 1:-1], rooms[:, : end - top]
        sides = (luma[top:end, 2:], luma[top - 1 : end - 1, 1:-1], luma[top + 1 : end + 1, 1:-1])
        cv2.max(luma[top:end, :-2], sides[0], dst=high)
        cv2.min(luma[top:end, :-2], sides[0], dst=low)
        for side in sides[1:]:
            cv2.max(high, side, dst=high)
            cv2.min(low, side, dst=low)
        cv2.subtract(inner, high, dst=high)
        cv2.subtract(low, inner, dst=low)
        above, below = _from(high, least), _from(low, least)
        mask[top:end, 1:-1] = above * _ABOVE | below * _BELOW
        places.append(top * luma.shape[1] + np.flatnonzero(mask[top:end].view(np.bool_)))
    return np.concatenate(places), mask


def _standing(
    apart: list[tuple[NDArray[np.int64], Mask]], planes: list[Plane], least: int, reach: int
) -> NDArray[np.int16]:
    """Pixels that stand out in all three frames, of those apart in the last one: int16 (pixels, 3) as the column tells,
    most first."""
    flat = apart[-1][0]
    earlier_mask, mask_before, mask = (one.reshape(-1) for _, one in apart)
    flat = flat[(mask[flat] == mask_before[flat]) & (mask[flat] == earlier_mask[flat])]
    places = np.stack(np.divmod(flat, planes[0].shape[1]))
    change = np.abs(_around(planes[2], places) - _around(planes[0], places))
    is_moving = change.mean(axis=0) >= _LEAST_CHANGE * reach
    places = places[:, is_moving]
    signs = np.where(mask[flat[is_moving]] == _ABOVE, 1, -1)
    excesses = np.array(
        [(signs * (plane[*places].astype(np.int32) - _around(plane, places))).min(axis=0) for plane in planes]
    )
    stands = excesses.min(axis=0) >= least
    thousandths = (signs * 1000 * excesses[-1] // reach)[stands]
    lines, across = places[:, stands]
    order = np.lexsort((across, lines, -np.abs(thousandths)))
    return np.stack((across, lines, thousandths), axis=1)[order].astype(np.int16)


def _around(plane: Plane, places: NDArray[np.int64]) -> NDArray[np.int32]:
    """The eight neighbours of each place: (8, places)."""
    neighbours: NDArray[np.int32] = plane[tuple(_AROUND[:, :, None] + places[:, None])].astype(np.int32)
    return neighbours


def _line(planes: list[Plane], least: int) -> tuple[int, float, int]:
    """The line that stands out widest in the middle one of three planes, the share of the width over which it does, and
    how many do over half of it; -1, 0 and 0 where none does."""
    before, now, after = planes
    width = now.shape[1]
    change = cv2.min(cv2.absdiff(now, before), cv2.absdiff(now, after))
    changed = np.flatnonzero(_share(_from(change, least), width) >= _HALF)
    shares = np.zeros(len(now))
    for reach in _REACHES:
        lines = changed[(changed >= reach) & (changed < len(now) - reach)]
        if not len(lines):
            continue
        around = (before[lines], after[lines], now[lines - reach], now[lines + reach])
        higher, lower = np.maximum.reduce(around), np.minimum.reduce(around)
        excess = cv2.max(cv2.subtract(now[lines], higher), cv2.subtract(lower, now[lines]))
        shares[lines] = np.maximum(shares[lines], _share(_from(excess, least), width))
    count = int((shares >= _HALF).sum())
    widest = int(shares.argmax())
    return (widest, float(shares[widest]), count) if count else (-1, 0.0, 0)


def _from(values: Any, least: int) -> Mask:  # noqa: ANN401
    """1 where a value is at least `least`, else 0."""
    mask: Mask = (values >= least).view(np.uint8)
    return mask


def _share(mask: Mask, width: int) -> NDArray[np.float64]:
    """Share of each line of a mask that is set."""
    sums: Any = cv2.reduce(mask, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    return np.asarray(sums[:, 0] / width, dtype=np.float64)


def _blockiness(luma: Plane, columns_read: Plane, least: float) -> float:
    """The larger ratio of both directions; 1 where the frame is too small for three blocks."""
    lines_read = luma[::STEP]
    pairs = ((lines_read[:, 1:], lines_read[:, :-1]), (columns_read[1:], columns_read[:-1]))
    return max(_ratio(one, other, axis, least) for axis, (one, other) in enumerate(pairs))


def _ratio(one: Plane, other: Plane, axis: int, least: float) -> float:
    """Steps from `one` to `other`, of which means are taken along `axis`."""
    if not one.size:
        return 1.0
    steps: Any = cv2.reduce(cv2.absdiff(one, other), axis, cv2.REDUCE_AVG, dtype=cv2.CV_32F).reshape(-1)
    whole = len(steps) // _BLOCK * _BLOCK
    if whole < 3 * _BLOCK:
        return 1.0
    medians = np.maximum(np.median(steps[:whole].reshape(-1, _BLOCK), axis=0), least)
    return float(medians.max() / np.median(medians))

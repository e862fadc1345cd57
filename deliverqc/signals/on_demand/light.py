"""Columns `light`: light of PQ essence by the larger of R, G and B in each pixel; knows no bars and no declaration.

| column | shape | holds |
|---|---|---|
| `brightest` | float32 (frames, TAIL_STEPS + 1) | cd/m2 that given shares of the frame exceed: `light.TAIL_STEPS` |
| `mean` | float32 (frames,) | mean over the frame, in cd/m2 |
| `above_mastering` | int32 (frames,) | pixels brighter than the mastering display by a code; -1: it is not stated |
| `state` | uint8 (frames,) | `light.READ`, `OTHER_COLOURS` where it is not PQ, or `NO_MATRIX`; 0 elsewhere in the row |

CTA-861.3 Annex A takes max(R, G, B) of each pixel in light. PQ rises steadily, so that the largest of R', G' and B' is
found in codes, those of each frame are counted, and only the counts turn to light. R'G'B' are rounded to codes of the
essence's depth (of 14 bits in essence of 16), steps of about 1 % of light at 10 bits. Where there are fewer colour
differences than pixels they stand on the first pixel of their group, as BT.2100 sites them, and are interpolated
between.
"""

from __future__ import annotations

from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.columns import Colorimetry, Columns
from deliverqc.signals.picture.colour_matrix import ColourMatrix, matrix_name, matrix_of
from deliverqc.signals.picture.luma import histogram_of
from deliverqc.signals.picture.moments import Rooms
from deliverqc.signals.picture.rows import Rows
from deliverqc.signals.picture.transfer import (
    NO_MATRIX,
    OTHER_COLOURS,
    READ,
    TAIL_SHARE,
    TAIL_STEPS,
    pq_light,
    pq_signal,
)

if TYPE_CHECKING:
    from deliverqc.signals.picture.moments import Moment
    from deliverqc.signals.picture.planes import Plane, Planes, Shape

Row = tuple[NDArray[np.float64], float, int]
"""`brightest`, `mean` and `above_mastering` of a frame."""

Values = NDArray[np.int16]
"""Codes of a band or a frame: (lines, columns)."""

_SIGNED_DEPTH_BITS = 14  # up to which a code and what its colour adds fit 16 bits with a sign
_BAND_LINES = 96  # read at a time: what stays in the processor's cache; a multiple of 4, as colour differences need

_TYPES = {"brightest": np.float32, "mean": np.float32, "above_mastering": np.int32, "state": np.uint8}
_NOTHING: Row = (np.zeros(TAIL_STEPS + 1), 0.0, -1)


def columns(colorimetry: Colorimetry) -> LightColumns:
    """A reader of frames with these colours."""
    return LightColumns(colorimetry)


class LightColumns:
    """Collects the rows of the extension."""

    def __init__(self, colorimetry: Colorimetry) -> None:
        self._colorimetry = colorimetry
        self._rows = Rows(_TYPES)
        self._rooms = Rooms()

    def read(self, moment: Moment) -> tuple[int, Row]:
        """The state of a frame, and its other columns."""
        planes, shape = moment.planes, moment.shape
        by: ColourMatrix | None = None
        state = READ if self._colorimetry.transfer == "smpte2084" else OTHER_COLOURS
        if state == READ and shape.components == ("y", "cb", "cr"):
            name = matrix_name(self._colorimetry, len(planes.luma))
            by = None if name is None else matrix_of(name, is_limited=shape.black_code > 0)
            state = state if by is not None else NO_MATRIX
        return state, self._row(planes, shape, by) if state == READ else _NOTHING

    def keep(self, row: tuple[int, Row], moment: Moment) -> None:
        """Add the row of a frame."""
        state, found = row
        self._rows.add(dict(zip(_TYPES, (*found, state), strict=True)))

    def _row(self, planes: Planes, shape: Shape, by: ColourMatrix | None) -> Row:
        scale = _scale_of(shape, self._colorimetry.mastering_max_cd_m2)
        height, width = planes.luma.shape
        counts = np.zeros(scale.code_count, dtype=np.int64)
        for start in range(0, height, _BAND_LINES):
            band = self._rooms.of("band", (min(_BAND_LINES, height - start), width), np.int16)
            _fill(band, planes, start, by, shape.bit_depth_bits)
            counts += histogram_of(band.view(np.uint16), scale.depth_bits)
        return scale.row(counts, height * width)

    def finish(self) -> Columns:
        """The columns by their own names."""
        columns = self._rows.finish()
        return columns | {"brightest": columns["brightest"].reshape(-1, TAIL_STEPS + 1)}


@cache
def _scale_of(shape: Shape, mastering_max_cd_m2: float | None) -> _Scale:
    return _Scale(shape, mastering_max_cd_m2)


class _Scale:
    """Light of every code that the largest of R', G' and B' can have."""

    def __init__(self, shape: Shape, mastering_max_cd_m2: float | None) -> None:
        spare = max(0, shape.bit_depth_bits - _SIGNED_DEPTH_BITS)
        black, white = shape.black_code >> spare, shape.white_code >> spare
        self.depth_bits = shape.bit_depth_bits - spare + 1
        self.code_count = 1 << self.depth_bits
        self._light = pq_light((np.arange(self.code_count) - black) / (white - black))
        self._limit: int | None = None
        if mastering_max_cd_m2 is not None:
            self._limit = ceil(black + (white - black) * pq_signal(mastering_max_cd_m2))

    def row(self, counts: NDArray[np.int64], pixels: int) -> Row:
        """Columns of a frame of `pixels`, with so many on each code; those below the first code are not counted."""
        allowed = np.floor(TAIL_SHARE * np.arange(TAIL_STEPS + 1) / TAIL_STEPS * pixels + 1e-6)
        places = np.searchsorted(np.cumsum(counts[::-1]), allowed, side="right")
        mean = float(counts @ self._light) / pixels
        above = -1 if self._limit is None else int(counts[self._limit + 1 :].sum())
        return self._light[len(counts) - 1 - places], mean, above


def _fill(room: Values, planes: Planes, start: int, by: ColourMatrix | None, bit_depth_bits: int) -> None:
    """Write the largest of R', G' and B' of a band into `room`."""
    luma = _signed(planes.luma[start : start + len(room)], bit_depth_bits)
    if by is None:
        room[:] = luma
        return
    middle = 1 << (min(bit_depth_bits, _SIGNED_DEPTH_BITS) - 1)
    height, width = planes.luma.shape
    stored = planes.components[1].shape
    down, across = -(-height // stored[0]), -(-width // stored[1])
    lines = range(start // down, -(-(start + len(room)) // down))
    differences = [_with_next(_signed(plane, bit_depth_bits), lines) for plane in planes.components[1:]]
    for line in range(down):
        on_line = [_between(plane[:-1], plane[1:], line / down) for plane in differences]
        gains = []
        for column in range(across):
            cb, cr = (_between(plane[:, :-1], plane[:, 1:], column / across) for plane in on_line)
            gains.append(_gain(cb, cr, by, middle))
        wide = cv2.merge(gains).reshape(len(lines), -1)
        target = room[line::down]
        np.add(luma[line::down], wide[: len(target), :width], out=target)


def _with_next(plane: Values, lines: range) -> Any:  # noqa: ANN401
    """Lines of a plane with the next line and the next column; the edges of the plane are repeated."""
    below = int(lines.stop >= len(plane))
    return cv2.copyMakeBorder(plane[lines.start : lines.stop + 1], 0, below, 0, 1, cv2.BORDER_REPLICATE)


def _between(here: Any, there: Any, share: float) -> Any:  # noqa: ANN401
    return here if not share else cv2.addWeighted(here, 1 - share, there, share, 0.0)


def _gain(cb: Any, cr: Any, by: ColourMatrix, middle: int) -> Any:  # noqa: ANN401
    """Codes that the largest of R', G' and B' stands above luma."""
    red = cv2.addWeighted(cr, by.red_of_cr, cr, 0.0, -by.red_of_cr * middle)
    green = cv2.addWeighted(cb, by.green_of_cb, cr, by.green_of_cr, -(by.green_of_cb + by.green_of_cr) * middle)
    blue = cv2.addWeighted(cb, by.blue_of_cb, cb, 0.0, -by.blue_of_cb * middle)
    return cv2.max(cv2.max(red, green), blue)


def _signed(plane: Plane, bit_depth_bits: int) -> Values:
    if bit_depth_bits <= 8:
        return plane.astype(np.int16)
    return (plane if bit_depth_bits <= _SIGNED_DEPTH_BITS else plane >> 2).view(np.int16)

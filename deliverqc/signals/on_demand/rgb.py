"""Columns `rgb`: R', G' and B' behind the low-pass of EBU R 103, against its preferred range; knows no bars and no
tolerance.

| column | shape | holds |
|---|---|---|
| `extremes` | int32 (frames, 3, 2) | smallest and largest R', G' and B', in codes of the essence's depth |
| `outside` | uint32 (frames,) | samples with R', G' or B' outside 5 to 246 at 8 bits, times 2^(n - 8) at n bits |
| `sampled` | uint32 (frames,) | samples read: every line of every second column from the first; 0 where none was |
| `matrix` | uint8 (frames,) | position in `colour.MATRICES` |

The low-pass is that of EBU R 103 v3, Annex 1: (1 2 3 4 3 2 1)/16 across and (1 2 1)/4 down, edges repeated, inside
each field of an interlaced frame. Read behind it, the second columns left out hold nothing of their own. Colour
differences at half the width stand on the columns that are read, with the mean of neighbours between them; at half the
height they pass (1 2 1)/4 down over lines of their own and serve two of luma. R'G'B' essence is read as it is, grey as
three equal components. Results are rounded to codes. Nothing is read in full range, to which R 103 does not apply, nor
where no matrix leads to R'G'B'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.columns import Colorimetry, Columns
from deliverqc.signals.picture.colour_matrix import MATRICES, matrix_name, matrix_of
from deliverqc.signals.picture.planes import marked

if TYPE_CHECKING:
    from deliverqc.signals.picture.moments import Moment
    from deliverqc.signals.picture.planes import Plane

_STEPS = 16  # in which a code is read, so that the low-pass is not rounded to codes before the matrix
_PREFERRED = (5, 246)  # EBU R 103 v3, at 8 bits
_WHOLE_DEPTH_BITS = 10  # up to which sums of 64 codes fit 16 bits
_BAND_LINES = 96  # read at a time: what stays in the processor's cache; a multiple of 4, as colour differences need

Values = NDArray[Any]
"""Codes times _STEPS, int16 or float32 (lines, columns)."""


def columns(colorimetry: Colorimetry) -> RgbColumns:
    """A reader of frames with these colours."""
    return RgbColumns(colorimetry)


@dataclass(slots=True, kw_only=True)
class _Row:
    """What was read of one frame so far; lows and highs are of R', G' and B', in steps."""

    lows: tuple[float, ...] = (np.inf,) * 3
    highs: tuple[float, ...] = (-np.inf,) * 3
    outside: int = 0
    sampled: int = 0

    def take(self, components: tuple[Values, ...], bit_depth_bits: int) -> None:
        """Add the components of a band."""
        found = [cv2.minMaxLoc(component)[:2] for component in components]
        lows, highs = zip(*found, strict=True)
        self.lows = tuple(min(pair) for pair in zip(self.lows, lows, strict=True))
        self.highs = tuple(max(pair) for pair in zip(self.highs, highs, strict=True))
        self.outside += _outside(components, min(lows), max(highs), bit_depth_bits)
        self.sampled += components[0].size

    @property
    def extremes(self) -> list[tuple[int, int]]:
        if not self.sampled:
            return [(0, 0)] * 3
        pairs = zip(self.lows, self.highs, strict=True)
        return [(round(low / _STEPS), round(high / _STEPS)) for low, high in pairs]


class RgbColumns:
    """Collects the rows of the extension."""

    def __init__(self, colorimetry: Colorimetry) -> None:
        self._colorimetry = colorimetry
        self._extremes: list[list[tuple[int, int]]] = []
        self._counts: list[tuple[int, int, int]] = []

    def read(self, moment: Moment) -> tuple[_Row, int]:
        """What was read of a frame, and the position of its matrix in MATRICES."""
        planes, shape = moment.planes, moment.shape
        matrix: str | None = "rgb"
        if shape.components == ("y", "cb", "cr"):
            matrix = matrix_name(self._colorimetry, len(planes.luma))
        row = _Row()
        if matrix is not None and shape.black_code > 0:
            fields = 2 if moment.frame.interlaced_frame else 1
            for field in range(fields):
                parts = tuple(component[field::fields] for component in planes.components)
                for start in range(0, len(parts[0]), _BAND_LINES):
                    row.take(_red_green_blue(parts, start, matrix, shape.bit_depth_bits), shape.bit_depth_bits)
        return row, MATRICES.index(matrix or "")

    def keep(self, row: tuple[_Row, int], moment: Moment) -> None:
        """Add the row of a frame."""
        found, matrix = row
        self._extremes.append(found.extremes)
        self._counts.append((found.outside, found.sampled, matrix))

    def finish(self) -> Columns:
        """The columns by their own names."""
        counts = np.array(self._counts, dtype=np.uint32).reshape(-1, 3)
        return {
            "extremes": np.array(self._extremes, dtype=np.int32).reshape(-1, 3, 2),
            "outside": counts[:, 0],
            "sampled": counts[:, 1],
            "matrix": counts[:, 2].astype(np.uint8),
        }


def _red_green_blue(components: tuple[Plane, ...], start: int, matrix: str, bit_depth_bits: int) -> tuple[Values, ...]:
    """R', G' and B' of the band that starts at line `start`, behind the low-pass, on every second column."""
    luma, *others = components
    first = _low_passed(luma, start, bit_depth_bits)
    if not others:
        return first, first, first
    if matrix == "rgb":
        return first, *(_low_passed(plane, start, bit_depth_bits) for plane in others)
    cb, cr = (_low_passed_difference(plane, luma.shape, start, bit_depth_bits) for plane in others)
    by, middle = matrix_of(matrix, is_limited=True), _STEPS << (bit_depth_bits - 1)
    red = cv2.addWeighted(first, 1.0, cr, by.red_of_cr, -by.red_of_cr * middle)
    green = cv2.addWeighted(cb, by.green_of_cb, cr, by.green_of_cr, -(by.green_of_cb + by.green_of_cr) * middle)
    blue = cv2.addWeighted(first, 1.0, cb, by.blue_of_cb, -by.blue_of_cb * middle)
    return red, cv2.add(first, green), blue


def _low_passed(plane: Plane, start: int, bit_depth_bits: int, lines: int = _BAND_LINES) -> Values:
    """A band of a plane of the whole width behind the low-pass, on every second column."""
    width = plane.shape[1]
    padded = _padded(plane, range(start, start + lines), 4, 4 + width % 2, bit_depth_bits)
    even, odd = cv2.split(padded.reshape(len(padded), -1, 2))
    near = cv2.add(_paired(odd[:, :-1]), cv2.add(even[:, 1:-1], even[:, 1:-1]))  # (1 2 1) on every second column
    return _low_passed_down(_paired(_paired(near))[:, : (width + 1) // 2])


def _low_passed_difference(plane: Plane, size: tuple[int, ...], start: int, bit_depth_bits: int) -> Values:
    """A band of colour differences behind the low-pass, where luma of `size` is read."""
    height, width = size
    down = -(-height // len(plane))
    lines = _BAND_LINES // down
    if plane.shape[1] == width:
        found = _low_passed(plane, start // down, bit_depth_bits, lines)
    else:
        found = _interpolated(plane, (width + 1) // 2, start // down, bit_depth_bits, lines)
    return found if down == 1 else np.repeat(found, down, axis=0)[: height - start]


def _interpolated(plane: Plane, width: int, start: int, bit_depth_bits: int, lines: int) -> Values:
    """The low-pass over samples that stand on every second column, with the mean of neighbours between them: that is
    (1 8 14 8 1)/32 over the samples."""
    if plane.shape[1] != width:
        plane = np.asarray(cv2.resize(plane, (width, len(plane)), interpolation=cv2.INTER_LINEAR), dtype=plane.dtype)
    padded = _padded(plane, range(start, start + lines), 2, 2, bit_depth_bits)
    near = _paired(_paired(padded))
    twice = cv2.add(near[:, 1:-1], near[:, 1:-1])
    return _low_passed_down(_scaled(cv2.add(_paired(_paired(near)), cv2.add(twice, twice)), 1))


def _low_passed_down(across: Any) -> Values:  # noqa: ANN401
    """Lines times 16 behind the low-pass down, as numbers with a sign."""
    found = _scaled(_stacked(_stacked(across)), 2)
    return found if found.dtype == np.float32 else found.view(np.int16)


def _padded(plane: Plane, band: range, left: int, right: int, bit_depth_bits: int) -> Any:  # noqa: ANN401
    """The lines of a band with one above and one below, and columns beside them; the edges of the plane are repeated.
    Its numbers hold sums of 64 codes."""
    kind = np.uint16 if bit_depth_bits <= _WHOLE_DEPTH_BITS else np.float32
    lines: Any = plane[max(band.start - 1, 0) : band.stop + 1]
    above, below = int(band.start == 0), int(band.stop >= len(plane))
    return cv2.copyMakeBorder(lines.astype(kind, copy=False), above, below, left, right, cv2.BORDER_REPLICATE)


def _scaled(values: Values, halvings: int) -> Values:
    """Values halved so many times."""
    halved: Values = values * np.float32(0.5**halvings) if values.dtype == np.float32 else values >> halvings
    return halved


def _paired(values: Any) -> Any:  # noqa: ANN401
    """Sums of neighbours in a line."""
    return cv2.add(values[:, :-1], values[:, 1:])


def _stacked(values: Any) -> Any:  # noqa: ANN401
    """Sums of neighbouring lines."""
    return cv2.add(values[:-1], values[1:])


def _outside(components: tuple[Values, ...], lowest: float, highest: float, bit_depth_bits: int) -> int:
    """Samples of which a component, rounded to codes, lies outside the preferred range; there are none where `lowest`
    and `highest` lie inside."""
    low, high = ((code << (bit_depth_bits - 8)) * _STEPS for code in _PREFERRED)
    low, high = low - _STEPS // 2, high + _STEPS // 2
    if lowest >= low and highest <= high:
        return 0
    red, green, blue = components
    above: Any = marked(cv2.max(cv2.max(red, green), blue), cv2.CMP_GT, high)
    below: Any = marked(cv2.min(cv2.min(red, green), blue), cv2.CMP_LT, low)
    return cv2.countNonZero(cv2.bitwise_or(above, below))

"""Columns `gamut`: pixels of BT.2020 essence outside P3-D65, on a grid; knows no bars and no tolerance of shares.

| column | shape | holds |
|---|---|---|
| `outside_p3` | uint32 (frames,) | pixels of the grid outside P3-D65 |
| `sampled` | uint32 (frames,) | pixels of the grid: every 8th of every 8th line from the first; 0 where none was |
| `state` | uint8 (frames,) | `light.READ`, `OTHER_COLOURS` where it is not BT.2020, or `NO_MATRIX` |

R'G'B' become light by the transfer that is stated (PQ, HLG, or 2.4 by BT.1886) and P3-D65 by SMPTE EG 432-1. A colour
outside P3 needs less than no light of one of its primaries. A pixel counts where that is more than 2 % of its largest
component, and the largest is at least 10 % of the signal: house choices, because rounding to 10 bits moves a component
by 1 % in bright colours and by 3 % in colours that dark, and darker ones are noise to the eye.

Colour differences of 4:2:2 and 4:4:4 stand on the pixels of the grid; of 4:2:0, those of the line pair are taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.columns import Colorimetry, Columns
from deliverqc.signals.picture.colour_matrix import matrix_name, matrix_of
from deliverqc.signals.picture.transfer import NO_MATRIX, OTHER_COLOURS, P3_FROM_BT2020, READ, relative_light

if TYPE_CHECKING:
    from deliverqc.signals.picture.moments import Moment
    from deliverqc.signals.picture.planes import Plane, Planes, Shape

_GRID = 8
_MARGIN = 0.02
_LEAST_SIGNAL = 0.1


def columns(colorimetry: Colorimetry) -> GamutColumns:
    """A reader of frames with these colours."""
    return GamutColumns(colorimetry)


class GamutColumns:
    """Collects the rows of the extension."""

    def __init__(self, colorimetry: Colorimetry) -> None:
        self._colorimetry = colorimetry
        self._rows: list[tuple[int, int, int]] = []
        self._light: NDArray[np.float32] | None = None

    def read(self, moment: Moment) -> tuple[int, int, int]:
        """Pixels outside P3-D65, pixels read, and the state."""
        shape = moment.shape
        if self._colorimetry.primaries != "bt2020" or self._of_codes(shape) is None:
            return 0, 0, OTHER_COLOURS
        signals = self._red_green_blue(moment.planes, shape)
        return (0, 0, NO_MATRIX) if signals is None else (self._outside(signals, shape), signals.shape[1], READ)

    def keep(self, row: tuple[int, int, int], moment: Moment) -> None:
        """Add the row of a frame."""
        self._rows.append(row)

    def finish(self) -> Columns:
        """The columns by their own names."""
        rows = np.array(self._rows, dtype=np.uint32).reshape(-1, 3)
        return {"outside_p3": rows[:, 0], "sampled": rows[:, 1], "state": rows[:, 2].astype(np.uint8)}

    def _of_codes(self, shape: Shape) -> NDArray[np.float32] | None:
        """Light of every code."""
        if self._light is None:
            codes = np.arange(1 << shape.bit_depth_bits)
            signal = (codes - shape.black_code) / (shape.white_code - shape.black_code)
            light = relative_light(signal, self._colorimetry.transfer)
            self._light = None if light is None else light.astype(np.float32)
        return self._light

    def _red_green_blue(self, planes: Planes, shape: Shape) -> NDArray[np.float32] | None:
        """R', G' and B' of the grid in codes, (3, pixels); None where no matrix leads to them."""
        if shape.is_rgb:
            return np.stack([_on_grid(plane, planes.luma) for plane in planes.components])
        luma = _on_grid(planes.luma, planes.luma)
        if len(planes.components) == 1:
            return np.stack([luma] * 3)
        name = matrix_name(self._colorimetry, len(planes.luma))
        if name is None:
            return None
        by, middle = matrix_of(name, is_limited=shape.black_code > 0), np.float32(1 << (shape.bit_depth_bits - 1))
        cb, cr = (_on_grid(plane, planes.luma) - middle for plane in planes.components[1:])
        red, blue = luma + np.float32(by.red_of_cr) * cr, luma + np.float32(by.blue_of_cb) * cb
        green = luma + np.float32(by.green_of_cb) * cb + np.float32(by.green_of_cr) * cr
        return np.stack([red, green, blue])

    def _outside(self, signals: NDArray[np.float32], shape: Shape) -> int:
        table: Any = self._of_codes(shape)
        codes = np.clip(np.rint(signals), 0, len(table) - 1).astype(np.int32)
        red, green, blue = np.take(table, codes)
        least_code = shape.black_code + _LEAST_SIGNAL * (shape.white_code - shape.black_code)
        limit = np.maximum(np.maximum(red, green), blue) * np.float32(-_MARGIN)
        is_outside = np.zeros(red.shape, dtype=np.bool_)
        for of_red, of_green, of_blue in P3_FROM_BT2020.astype(np.float32):
            is_outside |= of_red * red + of_green * green + of_blue * blue < limit
        return int(np.count_nonzero(is_outside & (codes.max(axis=0) >= least_code)))


def _on_grid(plane: Plane, luma: Plane) -> NDArray[np.float32]:
    """The samples of a plane at the pixels of the grid of luma, in one row; planes are whole, a half or a quarter of
    luma."""
    down, across = (-(-whole // part) for whole, part in zip(luma.shape, plane.shape, strict=True))
    return plane[:: _GRID // down, :: _GRID // across].astype(np.float32).reshape(-1)

"""The colour that most of a frame has, where there is one; knows nothing of what it means.

It is told from a grid of points, and only where a quarter of the pixels next to the median has the median's luma: in
other frames no colour covers as much as 60 %.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.picture.planes import Planes, Shape
from deliverqc.signals.tables import LUMA_QUANTILES

_LINES, _COLUMNS = 36, 64
_HALF = _LINES * _COLUMNS // 2
_LOW, _MIDDLE, _HIGH = (LUMA_QUANTILES.index(share) for share in (0.25, 0.5, 0.75))
_NEAR_PERCENT = 2.0
"""Of the code range: how far a point may be from the colour. House choice: above the noise that coders leave."""


def main_colour(
    planes: Planes, shape: Shape, quantiles: NDArray[np.uint16]
) -> tuple[NDArray[np.uint16], tuple[float, float]]:
    """Codes of the colour, and what share of the points has it, in percent: of all, and of those at the edges. The
    share is 0 where no colour covers 60 % of the frame. `quantiles` are those of luma (LUMA_QUANTILES)."""
    near = ((1 << shape.bit_depth_bits) - 1) * _NEAR_PERCENT / 100
    low, middle, high = (int(quantiles[place]) for place in (_LOW, _MIDDLE, _HIGH))
    if min(middle - low, high - middle) > 2 * near:
        return np.zeros(len(planes.components), dtype=np.uint16), (0.0, 0.0)
    points = np.stack([plane[_grid(plane.shape)].astype(np.int32) for plane in planes.components])
    codes = np.partition(points.reshape(len(points), -1), _HALF, axis=1)[:, _HALF]
    has_colour = np.all(np.abs(points - codes[:, None, None]) <= near, axis=0)
    edges = np.concatenate([has_colour[0], has_colour[-1], has_colour[1:-1, 0], has_colour[1:-1, -1]])
    return codes.astype(np.uint16), (float(has_colour.mean() * 100), float(edges.mean() * 100))


@cache
def _grid(size: tuple[int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    lines, columns = (
        (np.arange(count) * 2 + 1) * size[place] // (2 * count) for place, count in ((0, _LINES), (1, _COLUMNS))
    )
    return lines[:, None], columns[None, :]

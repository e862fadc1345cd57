"""How far a picture is from colour bars: a kernel over a few of its lines; knows no table and no settings.

Colour bars fill at least the upper half of a picture with vertical bars of known colours, so that some of the lines
between 5 and 55 % of the height tell them; in those every pixel is read. A line is averaged in CELLS cells, which bars
of all kinds are multiples of; cells that touch the edge of a bar are left out, because edges are soft.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.tables import BAR_LINES, COLOUR_BARS, FAR_FROM_BARS

if TYPE_CHECKING:
    from deliverqc.signals.picture.planes import Planes, Shape

CELLS: Final = 56

_CONTRAST_MIN = 50.0  # percent of white; bars of 75 % span 68
_COLOURS = {
    "w": (1, 1, 1),
    "y": (1, 1, 0),
    "c": (0, 1, 1),
    "g": (0, 1, 0),
    "m": (1, 0, 1),
    "r": (1, 0, 0),
    "b": (0, 0, 1),
}
_ORDER = "wycgmrb"

_MATRICES = ((0.299, 0.114), (0.2126, 0.0722), (0.2627, 0.0593))
"""Kr and Kb of ITU-R BT.601, BT.709 and BT.2020."""

Values = NDArray[np.float64]


def distance(planes: Planes, shape: Shape) -> tuple[float, ...]:
    """For each of COLOUR_BARS how far the lines are from it: the mean absolute difference, in percent of the range of
    the component, with how far the lines are from each other; of the component that fits worst, by the best matrix.
    """
    rows = [_cells(plane) for plane in planes.components]
    scale = _percent(shape)
    cells = np.stack([(row - zero) / reach for row, (zero, reach) in zip(rows, scale, strict=True)]) * 100
    mean = cells.mean(axis=1)
    lightness = mean if shape.is_rgb else mean[:1]
    if lightness.max() - lightness.min() < _CONTRAST_MIN:
        return (FAR_FROM_BARS,) * len(COLOUR_BARS)
    unlike = np.abs(cells - mean[:, None]).mean(axis=1)
    found = []
    for patterns, inner in _patterns(shape.components):
        off = (np.abs(patterns - mean) + unlike)[:, :, inner].mean(axis=2)
        found.append(min(FAR_FROM_BARS, float(off.max(axis=1).min())))
    return tuple(found)


def _cells(plane: Any) -> Values:  # noqa: ANN401
    """Means of the cells of BAR_LINES lines: float64 (BAR_LINES, CELLS)."""
    height, width = plane.shape
    if width < CELLS or height < BAR_LINES:
        return np.zeros((BAR_LINES, CELLS))
    lines = (height * (0.05 + 0.5 * (np.arange(BAR_LINES) + 0.5) / BAR_LINES)).astype(int)
    edges = np.arange(CELLS) * width // CELLS
    sums = np.add.reduceat(plane[lines], edges, axis=1, dtype=np.float64)
    return np.asarray(sums / np.diff(np.append(edges, width)))


def _percent(shape: Shape) -> list[tuple[float, float]]:
    """Code of zero, and codes of the whole range, of each component."""
    scale = 1 << (shape.bit_depth_bits - 8)
    luma = (float(shape.black_code), float(shape.white_code - shape.black_code))
    chroma = (128.0 * scale, (224.0 if shape.black_code else 255.0) * scale)
    return [chroma if component in ("cb", "cr") else luma for component in shape.components]


@cache
def _patterns(components: tuple[str, ...]) -> tuple[tuple[Values, NDArray[np.bool_]], ...]:
    """For each of COLOUR_BARS: percent of each component, (matrices, components, CELLS), and the cells inside bars."""
    grey = (0.4, 0.4, 0.4)
    full, three_quarters = (
        [tuple(level * part for part in _COLOURS[name]) for name in _ORDER] for level in (1.0, 0.75)
    )
    black, white = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    bars = {
        "ebu_100": ([*full, black], [7] * 8),
        "ebu_75": ([white, *three_quarters[1:], black], [7] * 8),
        "ebu_75_white_75": ([*three_quarters, black], [7] * 8),
        "smpte_75": (three_quarters, [8] * 7),
        "smpte_hd_75": ([grey, *three_quarters, grey], [7, *[6] * 7, 7]),
    }
    found = []
    for name in COLOUR_BARS:
        colours, widths = bars[name]
        cells = np.repeat(np.array(colours), widths, axis=0).T
        place = np.concatenate([np.arange(width) for width in widths])
        inner = (place > 0) & (place < np.repeat(widths, widths) - 1)
        found.append((np.stack([_in(components, cells, *matrix) for matrix in _MATRICES]) * 100, inner))
    return tuple(found)


def _in(components: tuple[str, ...], rgb: Values, kr: float, kb: float) -> Values:
    """R'G'B' (3, CELLS) in the given components, each from 0 to 1 or -0.5 to 0.5 (ITU-R BT.709-6, item 3)."""
    if components == ("r", "g", "b"):
        return rgb
    red, green, blue = rgb
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    return np.stack([luma, (blue - luma) / (2 - 2 * kb), (red - luma) / (2 - 2 * kr)])[: len(components)]

"""Which pixels of one frame can be a saturated red, cannot, and are: in codes, and where that does not tell, in light;
knows no other frame but one to compare with.

Nearly all pixels are ruled out in codes. Where red is saturated, G' and B' are at most a known part of R' (0.56 by
BT.1886). Where they are at most a larger part (0.73), no saturated red is farther than 0.2 away. Both are linear in
luma and the colour differences, and are taken with a margin of one code of 8 bits. Only what is left is brought to
light, with the nearest sample of colour differences of fewer pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.on_demand.screen import FULL_LEVEL, WHITE_UV, Screen, rgb_to_xyz, screen_of
from deliverqc.signals.picture.colour_matrix import LUMA_WEIGHTS, ColourMatrix, matrix_of
from deliverqc.signals.picture.planes import marked

if TYPE_CHECKING:
    from deliverqc.signals.picture.planes import Plane, Shape

RED_RATIO = 0.8
"""Smallest R/(R + G + B) of a saturated red, and `RED_DISTANCE`, by more than which a change to or from it differs in
u', v' (WCAG 2.2, which BT.1702 agrees with)."""
RED_DISTANCE = 0.2

BAND_LINES = 96
"""Lines that are read at a time: what stays in the processor's cache; a multiple of 4, as colour differences need."""

_COLOURLESS_CD_M2 = 1.0

RED, OTHER = np.uint8(1), np.uint8(2)
"""States of a pixel: perhaps a saturated red, perhaps far from one; of many it cannot be told in codes, and they have
both."""

Mask = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Colours:
    """Colours of some pixels: whether each is a saturated red, its u', v', and its luminance in cd/m2."""

    is_red: NDArray[np.bool_]
    u: Floats
    v: Floats
    cd_m2: Floats

    def differ(self, other: Colours) -> NDArray[np.bool_]:
        """Where the change from one to the other is large enough."""
        is_far = (self.u - other.u) ** 2 + (self.v - other.v) ** 2 > np.float32(RED_DISTANCE**2)
        is_dark = np.minimum(self.cd_m2, other.cd_m2) < _COLOURLESS_CD_M2
        return is_far & (~is_dark | (np.abs(self.cd_m2 - other.cd_m2) >= _COLOURLESS_CD_M2))

    def at(self, where: NDArray[Any]) -> Colours:
        """Those of some of the pixels."""
        return Colours(is_red=self.is_red[where], u=self.u[where], v=self.v[where], cd_m2=self.cd_m2[where])


@cache
def red_codes(
    shape: Shape, matrix: str, transfer: str | None, primaries: str | None, size: tuple[int, int]
) -> RedCodes:
    """Those of frames of one shape, matrix and size, whose colours are stated so; ValueError where they have no light
    on a screen."""
    screen = screen_of(transfer=transfer, primaries=primaries, is_rgb=shape.is_rgb)
    if screen is None:
        raise ValueError(f"{transfer} leads to no light on a screen")
    return RedCodes(shape, matrix, screen, size)


class RedCodes:
    """Reads frames of one shape, colour matrix, screen and size (lines, columns); changes nothing."""

    def __init__(self, shape: Shape, matrix: str, screen: Screen, size: tuple[int, int]) -> None:
        self._shape, self._matrix, self._screen, self.size = shape, matrix, screen, size
        self._range = shape.white_code - shape.black_code
        self._to_709 = np.linalg.inv(rgb_to_xyz("bt709")) @ screen.to_xyz
        self._bounds = _bounds(screen, self._to_709)
        self.bands = [slice(top, min(top + BAND_LINES, size[0])) for top in range(0, size[0], BAND_LINES)]

    def fits(self, other: RedCodes) -> bool:
        """Whether frames of these codes can be followed with those of the other."""
        ours, theirs = ((one._shape, one._matrix, one.size, one._screen.light) for one in (self, other))
        return ours == theirs

    def states(self, components: tuple[Plane, ...]) -> list[Mask | None]:
        """The states of the pixels of each band; None where red is nowhere saturated in it."""
        if len(components) != 3:
            return [None] * len(self.bands)
        found = [self._may_be_red(components, rows) for rows in self.bands]
        return [
            None if red is None else self.others(components, rows) | (red & RED)
            for red, rows in zip(found, self.bands, strict=True)
        ]

    def others(self, components: tuple[Plane, ...], rows: slice) -> Mask:
        """OTHER where a pixel of a band is perhaps far from a saturated red, else 0."""
        near: Any = self.is_near_red(components, rows)
        others: Mask = ~near & OTHER
        return others

    def _may_be_red(self, components: tuple[Plane, ...], rows: slice) -> Any:  # noqa: ANN401
        """Where red can be saturated (255); None where that is nowhere in the band."""
        bounds, margin = self._bounds, 1 << (self._shape.bit_depth_bits - 8)
        least = bounds.least_red * self._range
        if self._matrix == "rgb":
            lowest = max(int(self._shape.black_code + least) - margin, 1)
        else:
            red_weight = LUMA_WEIGHTS[self._matrix][0]
            part = red_weight + (1 - red_weight) * bounds.red  # of R' that luma is at most
            lowest = int((1 << (self._shape.bit_depth_bits - 1)) + least * (1 - part) / self._by().red_of_cr) - margin
        red = self._chroma(components[0 if self._matrix == "rgb" else 2], rows)
        if cv2.minMaxLoc(red)[1] < lowest:
            return None
        limit = self._limit(components, rows, bounds.red, margin + 1)
        if self._matrix != "rgb":
            limit = cv2.min(limit, self._limit_of_sum(components, rows, bounds.red_sum, margin + 1))
        kept: Any = marked(red, cv2.CMP_GE, lowest)
        limit = cv2.bitwise_and(limit, limit, dst=np.zeros_like(limit), mask=kept)
        dark = self._dark(components, rows)
        found: Any = cv2.compare(dark, self._spread(limit, dark.shape), cv2.CMP_LT)
        if not cv2.countNonZero(found):
            return None
        if self._matrix != "rgb":
            cv2.bitwise_and(found, self._is_bright(components, rows, least - margin), dst=found)
        return found if cv2.countNonZero(found) else None

    def is_near_red(self, components: tuple[Plane, ...], rows: slice) -> Any:  # noqa: ANN401
        """Where the colour is lit and no saturated red is far from it, for certain (255)."""
        bounds, margin = self._bounds, 1 << (self._shape.bit_depth_bits - 8)
        dark, black = self._dark(components, rows), self._shape.black_code
        if bounds.near is None:
            return np.zeros(dark.shape, dtype=np.uint8)
        limit = self._spread(self._limit(components, rows, bounds.near, -margin), dark.shape)
        lit = black + bounds.lit_red * self._range + margin
        below: Any = cv2.compare(dark, limit, cv2.CMP_LT)
        if self._matrix == "rgb":
            red = components[0][rows]
            above: Any = marked(red, cv2.CMP_GT, int(lit))
            return cv2.bitwise_and(below, above)
        return cv2.bitwise_and(below, self._is_bright(components, rows, lit - black))

    def _is_bright(self, components: tuple[Plane, ...], rows: slice, least: float) -> Any:  # noqa: ANN401
        """Where R' is more than so many codes above black, of Y'CbCr (255)."""
        luma, red = components[0][rows], self._chroma(components[2], rows)
        by_cr, middle = self._by().red_of_cr, 1 << (self._shape.bit_depth_bits - 1)
        lowest = cv2.addWeighted(red, -by_cr, red, 0, self._shape.black_code + least + by_cr * middle)
        return cv2.compare(luma, self._spread(lowest, luma.shape), cv2.CMP_GT)

    def _dark(self, components: tuple[Plane, ...], rows: slice) -> Any:  # noqa: ANN401
        """What `_limit` holds for: luma, or the larger one of G' and B'."""
        if self._matrix == "rgb":
            return cv2.max(components[1][rows], components[2][rows])
        return components[0][rows]

    def _limit(self, components: tuple[Plane, ...], rows: slice, bound: float, margin: float) -> Any:  # noqa: ANN401
        """What luma, or the larger one of G' and B', is at most where both of these are at most `bound` of R'; in
        codes, of the size of the planes of colour difference."""
        black = self._shape.black_code
        if self._matrix == "rgb":
            red: Any = components[0][rows]
            return cv2.addWeighted(red, bound, red, 0, black * (1 - bound) + margin)
        by, middle, rest = self._by(), 1 << (self._shape.bit_depth_bits - 1), 1 - bound
        cb, cr = (self._chroma(plane, rows) for plane in components[1:])
        limits: list[Any] = []
        for of_cb, of_cr in ((by.green_of_cb, by.green_of_cr), (by.blue_of_cb, 0.0)):
            by_cb, by_cr = -of_cb / rest, (bound * by.red_of_cr - of_cr) / rest
            limits.append(cv2.addWeighted(cb, by_cb, cr, by_cr, black + margin - (by_cb + by_cr) * middle))
        return cv2.min(*limits)

    def _limit_of_sum(self, components: tuple[Plane, ...], rows: slice, bound: float, margin: float) -> Any:  # noqa: ANN401
        """What luma is at most where G' + B' is at most `bound` of R', in codes."""
        by, middle, rest = self._by(), 1 << (self._shape.bit_depth_bits - 1), 2 - bound
        by_cb = -(by.green_of_cb + by.blue_of_cb) / rest
        by_cr = (bound * by.red_of_cr - by.green_of_cr) / rest
        cb, cr = (self._chroma(plane, rows) for plane in components[1:])
        constant = self._shape.black_code + margin - (by_cb + by_cr) * middle
        return cv2.addWeighted(cb, by_cb, cr, by_cr, constant)

    def _by(self) -> ColourMatrix:
        return matrix_of(self._matrix, is_limited=self._shape.black_code > 0)

    def _chroma(self, plane: Plane, rows: slice) -> Plane:
        """The lines of a plane that belong to lines of luma."""
        down = -(-self.size[0] // len(plane))
        return plane[rows.start // down : -(-rows.stop // down)]

    def _spread(self, values: Any, shape: tuple[int, ...]) -> Any:  # noqa: ANN401
        """Values of colour differences at each pixel of luma."""
        if values.shape == shape:
            return values
        across, down = -(-shape[1] // values.shape[1]), -(-shape[0] // values.shape[0])
        if across > 1:  # many times faster than a resize by the nearest
            values = cv2.merge([values] * across).reshape(len(values), -1)
        return (values if down == 1 else np.repeat(values, down, axis=0))[: shape[0], : shape[1]]

    def differs(self, components: tuple[Plane, ...], before: tuple[Plane, ...], rows: slice) -> Any:  # noqa: ANN401
        """Where a component differs from the frame before (255)."""
        luma, cb, cr = (
            cv2.compare(self._chroma(one, rows), self._chroma(other, rows), cv2.CMP_NE)
            for one, other in zip(components, before, strict=True)
        )
        return cv2.bitwise_or(luma, self._spread(cv2.bitwise_or(cb, cr), luma.shape))

    def colours(self, components: tuple[Plane, ...], pixels: NDArray[np.int64]) -> Colours:
        """The colours of some pixels of a frame."""
        row, column = np.divmod(pixels.astype(np.int32), np.int32(self.size[1]))
        codes = []
        for plane in components:
            down, across = -(-self.size[0] // len(plane)), -(-self.size[1] // plane.shape[1])
            at = (row if down == 1 else row // down, column if across == 1 else column // across)
            codes.append(plane[at].astype(np.float32))
        black, scale = np.float32(self._shape.black_code), np.float32(FULL_LEVEL / self._range)
        if self._matrix == "rgb":
            levels = [(code - black) * scale for code in codes]
        else:
            by, middle = self._by(), np.float32(1 << (self._shape.bit_depth_bits - 1))
            luma, cb, cr = (codes[0] - black) * scale, (codes[1] - middle) * scale, (codes[2] - middle) * scale
            green = luma + np.float32(by.green_of_cb) * cb + np.float32(by.green_of_cr) * cr
            levels = [luma + np.float32(by.red_of_cr) * cr, green, luma + np.float32(by.blue_of_cb) * cb]
        table = self._screen.table
        linear = [table.take((level + np.float32(0.5)).astype(np.int32), mode="clip") for level in levels]
        return _seen(linear, self._screen, self._to_709)


def _seen(linear: list[Floats], screen: Screen, to_709: Floats) -> Colours:
    """The colours of linear R, G and B."""
    x, y, z = (_weighed(linear, row) for row in screen.to_xyz)
    parts = [np.maximum(_weighed(linear, row), 0) for row in to_709]
    cd_m2 = screen.luminance(y)
    is_lit = cd_m2 >= np.float32(_COLOURLESS_CD_M2)
    divisor = x + np.float32(15) * y + np.float32(3) * z
    divisor[~is_lit] = 1
    u, v = np.float32(4) * x / divisor, np.float32(9) * y / divisor
    u[~is_lit], v[~is_lit] = WHITE_UV
    is_red = is_lit & (parts[0] >= np.float32(RED_RATIO) * (parts[0] + parts[1] + parts[2]))
    return Colours(is_red=is_red, u=u, v=v, cd_m2=cd_m2)


def _weighed(linear: list[Floats], weights: Any) -> Floats:  # noqa: ANN401
    red, green, blue = np.asarray(weights, dtype=np.float32)
    return np.asarray(red * linear[0] + green * linear[1] + blue * linear[2])


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bounds:
    """What part of R' G' and B' are at most: where red is saturated and lit (`red`; G' + B' `red_sum`), and where no
    such red is far (`near`; None where one is far even from the purest). R' from which a saturated red can be lit
    (`least_red`), and from which every colour is (`lit_red`), 1.0 at 100 %."""

    red: float
    red_sum: float
    near: float | None
    least_red: float
    lit_red: float


def _bounds(screen: Screen, to_709: Floats) -> _Bounds:
    step = np.linspace(0, 1, 201)
    linear = np.stack([np.ones((201, 201)), *np.meshgrid(step, step)]).reshape(3, -1)
    parts = np.maximum(np.tensordot(to_709, linear, axes=1), 0)
    reds = linear[:, parts[0] >= RED_RATIO * parts.sum(axis=0)]
    most = min(1.0, float(reds[1:].max()) + 0.01)
    near: float | None = None
    for part in step:
        corners = np.array([(1, 0, 0), (1, part, 0), (1, 0, part), (1, part, part)]).T
        u, v = (one[:, None] - other for one, other in zip(_uv(corners, screen), _uv(reds, screen), strict=True))
        if np.hypot(u, v).max() > RED_DISTANCE - 0.005:
            break
        near = float(part)
    light = screen.table[: FULL_LEVEL + 1].astype(np.float64)
    of_red = screen.to_xyz[1]
    least, lit = (
        int(np.searchsorted(screen.luminance((light * weight).astype(np.float32)), _COLOURLESS_CD_M2))
        for weight in (of_red @ (1.0, most, most), of_red[0])
    )
    levels = np.arange(max(least, 1), FULL_LEVEL + 1)

    def of_levels(part: float) -> Floats:
        return np.asarray(np.searchsorted(light, part * light[levels], side="right") / levels)

    return _Bounds(
        red=min(0.99, float(of_levels(most).max())),
        red_sum=min(1.9, _largest_sum(reds, light, levels)),
        near=None if near is None else min(0.99, float(of_levels(near).min())),
        least_red=least / FULL_LEVEL,
        lit_red=lit / FULL_LEVEL,
    )


def _largest_sum(reds: Floats, light: Floats, levels: NDArray[np.int64]) -> float:
    """(G' + B')/R' at most, of saturated reds whose R is 1, at any R'."""
    green, blue = reds[1:]
    edge = np.stack([(step, blue[green == step].max() + 0.01) for step in np.unique(green)], axis=1)
    some = levels[:: max(1, len(levels) // 100)]
    sums = np.searchsorted(light, edge[:, :, None] * light[some], side="right").sum(axis=0)
    return float((sums / some).max()) + 0.01


def _uv(linear: Floats, screen: Screen) -> tuple[Floats, Floats]:
    x, y, z = np.tensordot(screen.to_xyz, linear, axes=1)
    total = x + 15 * y + 3 * z
    return 4 * x / total, 9 * y / total

"""Kernels of luma: histogram, differences, combing and bars of one frame; knows no table, no rate and no settings.

Luma is read in bands of lines that stay in the processor's cache from one measurement to the next: beside a decoder
that fills all caches, reading a 1080p plane again and again cost more than the sums. Whatever the bands, the values are
the same, because they are sums of integers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.picture.moments import Rooms
from deliverqc.signals.picture.planes import Plane
from deliverqc.signals.tables import BAR_LUMA_PERCENT

_BAND_BYTES = 830_000
"""House choice: 216 lines of 1080p at 10 bits, the fastest of 36 to 1080 with 1 MiB of cache a core."""

_EDGE = 16
"""Columns or lines that are looked at together for a bar: house choice, since most pictures have none."""

_WIDE = {8: (cv2.CV_16U, np.uint16), 16: (cv2.CV_32F, np.float32)}
"""Where twice a code needs more room than a code."""


@dataclass(slots=True, kw_only=True)
class LumaReader:
    """Reads frames of one depth, in any order and by several threads at once; keeps only working memory."""

    bit_depth_bits: int
    _rooms: Rooms = field(default_factory=Rooms)

    def read(self, now: Plane, before: Plane | None, earlier: Plane | None) -> tuple[NDArray[np.int64], dict[str, Any]]:
        """The histogram of `now`, int64 (codes,), and the columns of luma by name, with the frame before and the one
        before that; where one is None, or of another size, there is no difference to it.
        """
        before = before if before is not None and before.shape == now.shape else None
        earlier = earlier if before is not None and earlier is not None and earlier.shape == now.shape else None
        histogram = np.zeros(1 << self.bit_depth_bits, dtype=np.int64)
        woven, change, second = np.zeros(3), _Change(), 0.0
        lines = self._lines(now)
        for top in range(0, len(now), lines):
            band, woven_band = slice(top, top + lines), slice(top, top + lines + 2)
            histogram += histogram_of(now[band], self.bit_depth_bits)
            woven += self._combing(now[woven_band], None if before is None else before[woven_band])
            if before is not None:
                change.add(now[band], before[band])
            if earlier is not None:
                second += _distance(now[band], earlier[band])
        between = max(0, -(-len(now) // 2) - 1) * now.shape[1]
        return histogram, {
            "combing": woven / (2 * between) if between else (np.nan,) * 3,
            "second_difference": second / now.size if earlier is not None else np.nan,
            **(change.columns(now) if before is not None else _no_change(self.bit_depth_bits)),
        }

    def _combing(self, now: Plane, before: Plane | None) -> tuple[float, float, float]:
        """Twice the combing of lines of one frame: as they are, with the odd, with the even lines of the one before."""
        around, between = self._woven_lines(now, "now")
        if before is None:
            return _distance(around, between), np.nan, np.nan
        around_before, between_before = self._woven_lines(before, "before")
        return _distance(around, between), _distance(around, between_before), _distance(around_before, between)

    def _lines(self, plane: Plane) -> int:
        """Lines of a band: even, so that every band begins with an even line."""
        return max(2, int(_BAND_BYTES / (plane.shape[1] * plane.itemsize)) // 2 * 2)

    def _woven_lines(self, lines: Plane, whose: str) -> tuple[NDArray[Any], NDArray[Any]]:
        """Sums of successive even lines, and twice the odd lines between them."""
        even, odd = lines[0::2], lines[1::2]
        count = len(even) - 1
        if count < 1:
            return even[:0], odd[:0]
        wide, kind = _WIDE.get(self.bit_depth_bits, (-1, lines.dtype))
        size = (count, lines.shape[1])
        around, between = (self._rooms.of(f"{whose} {part}", size, kind) for part in ("around", "between"))
        cv2.add(even[:-1], even[1:], dst=around, dtype=wide)
        cv2.add(odd[:count], odd[:count], dst=between, dtype=wide)
        return around, between


def histogram_of(plane: Plane, bit_depth_bits: int) -> NDArray[np.int64]:
    """Pixels on each code: int64 (codes,)."""
    bins = 1 << bit_depth_bits
    counts: NDArray[np.int64] = cv2.calcHist([plane], [0], None, [bins], [0, bins]).reshape(-1).astype(np.int64)
    return counts


def mean_difference(now: Plane, then: Plane | None) -> float:
    """Mean absolute difference, in codes; NaN without a plane of the same size to compare with."""
    if then is None or then.shape != now.shape or not now.size:
        return float("nan")
    return _distance(now, then) / now.size


def bars(luma: Plane, black_code: int, white_code: int) -> list[tuple[int, int, int, int]]:
    """Columns and lines of bar at the left, right, top and bottom, for each of BAR_LUMA_PERCENT."""
    limits = [black_code + (white_code - black_code) * percent / 100 for percent in BAR_LUMA_PERCENT]
    across = luma.T
    ends = [_dark_run(side, limits) for side in (across, across[::-1], luma, luma[::-1])]
    return [(left, right, top, bottom) for left, right, top, bottom in zip(*ends, strict=True)]


def _dark_run(lines: Plane, limits: list[float]) -> list[int]:
    """How many of the first lines have at most each mean; looks no further than the first that exceeds them all."""
    means: list[float] = []
    while len(means) < len(lines) and (not means or max(means) <= limits[-1]):
        portion = lines[len(means) : len(means) + _EDGE]
        means += portion.mean(axis=1, dtype=np.float64).tolist()
    return [next((count for count, mean in enumerate(means) if mean > limit), len(lines)) for limit in limits]


def _distance(one: NDArray[Any], other: NDArray[Any]) -> float:
    return float(cv2.norm(one, other, cv2.NORM_L1)) if one.size else 0.0


@dataclass(slots=True, kw_only=True)
class _Change:
    """What the absolute differences of bands from those of the frame before add up to."""

    field_sums: list[float] = field(default_factory=lambda: [0.0, 0.0])
    largest: int = 0

    def add(self, now: Plane, before: Plane) -> None:
        for number in range(2):
            self.field_sums[number] += _distance(now[number::2], before[number::2])
        self.largest = max(self.largest, int(cv2.norm(now, before, cv2.NORM_INF)))

    def columns(self, plane: Plane) -> dict[str, Any]:
        sizes = (plane[0::2].size, plane[1::2].size)
        return {
            "luma_difference": sum(self.field_sums) / plane.size,
            "field_difference": [
                total / size if size else np.nan for total, size in zip(self.field_sums, sizes, strict=True)
            ],
            "largest_luma_change": self.largest,
        }


def _no_change(bit_depth_bits: int) -> dict[str, Any]:
    return {
        "luma_difference": np.nan,
        "field_difference": (np.nan, np.nan),
        "largest_luma_change": (1 << bit_depth_bits) - 1,
    }

"""Stripes: how much of a picture a regular grating covers; knows no frame rate, no duration and no limit of area.

The strongest frequencies of the picture's spectrum are looked at one by one. For each, the local strength of that one
frequency is measured all over the picture (demodulation and a mean over two periods). What is strong enough there, is
most of what is there and holds more pairs of stripes than allowed counts. Stripes may be straight or bent a little, in
any orientation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE = (135, 240)
"""Lines and columns of the picture that is looked at."""

PAIRS_ALLOWED = 5
"""Light-dark pairs of stripes up to which no pattern is harmful (ITU-R BT.1702)."""

_AMPLITUDE_CD_M2 = 10.0  # half of the 20 cd/m2 between light and dark that BT.1702 names for flashes
_DARKER_BELOW_CD_M2 = 160.0
_LONGEST_PERIOD, _SHORTEST_PERIOD = 48, 3  # of a pair, in columns: one pair more than allowed across the diagonal
_PERIODS_AROUND = 2
_PEAKS = 2  # house choice: the second is looked at where the first covers little
_WEAKEST_PEAK = 2.0  # cd/m2: a grating over a quarter of the picture has 2.5 in the spectrum of the whole
_REGULAR_SHARE = 0.3  # of the power around a place: stripes have 0.8 at their frequency, a chessboard has 0.33
_SMALLEST_REGION = 0.01

Luminance = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stripes:
    """A grating: the share of the picture that it covers, its light-dark pairs, cycles across and down the picture,
    its phase in the middle of the picture in cycles, and half of the swing of its fundamental in cd/m2."""

    share: float = 0.0
    pairs: float = 0.0
    across: float = 0.0
    down: float = 0.0
    phase: float = 0.0
    amplitude: float = 0.0


def find(luminance: Luminance) -> Stripes:
    """The largest grating of the picture; `luminance`: float32 of SIZE, in cd/m2."""
    around: Any = luminance
    for _ in range(2):  # the second lets nothing of the stripes through
        around = cv2.blur(around, (_LONGEST_PERIOD, _LONGEST_PERIOD), borderType=cv2.BORDER_REFLECT)
    detail: Luminance = luminance - around
    spectrum = np.abs(np.fft.rfft2(detail)) * (2 / detail.size)
    spectrum[~_looked_at()] = 0
    best = Stripes()
    for _ in range(_PEAKS):
        row, column = divmod(int(spectrum.argmax()), spectrum.shape[1])
        if spectrum[row, column] < _WEAKEST_PEAK:
            break
        found = _grating(detail, around, row if row <= SIZE[0] // 2 else row - SIZE[0], column)
        best = max(best, found, key=lambda one: one.share)
        if best.share > 0.5:
            break
        spectrum[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3] = 0
    return best


@cache
def _looked_at() -> NDArray[np.bool_]:
    """Frequencies of the half spectrum whose period is one of stripes."""
    down, across = np.fft.fftfreq(SIZE[0])[:, None], np.fft.rfftfreq(SIZE[1])[None, :]
    frequency = np.hypot(down, across)
    return np.asarray((frequency >= 1 / _LONGEST_PERIOD) & (frequency <= 1 / _SHORTEST_PERIOD))


def _grating(detail: Luminance, around: Luminance, down: int, across: int) -> Stripes:
    """The grating of one frequency, in cycles down and across the picture."""
    height, width = SIZE
    lines = (np.arange(height, dtype=np.float32) - height / 2) * np.float32(down / height)
    columns = (np.arange(width, dtype=np.float32) - width / 2) * np.float32(across / width)
    cycles = lines[:, None] + columns[None, :]
    angle = np.float32(-2 * np.pi) * cycles
    side = 2 * round(_PERIODS_AROUND / (2 * np.hypot(down / height, across / width))) + 1
    real = cv2.blur(detail * np.cos(angle), (side, side), borderType=cv2.BORDER_REPLICATE)
    imaginary = cv2.blur(detail * np.sin(angle), (side, side), borderType=cv2.BORDER_REPLICATE)
    amplitude = 2 * cv2.magnitude(real, imaginary)
    strongest = cv2.dilate(amplitude, np.ones((side, side), dtype=np.uint8))
    power = cv2.blur(detail * detail, (side, side), borderType=cv2.BORDER_REPLICATE)
    covered = (amplitude >= np.maximum(_AMPLITUDE_CD_M2, strongest / 2)) & (around - amplitude < _DARKER_BELOW_CD_M2)
    covered &= amplitude**2 / 2 >= _REGULAR_SHARE * power
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(covered.astype(np.uint8))
    region, most = np.zeros(SIZE, dtype=bool), 0.0
    for label in range(1, count):
        if statistics[label, cv2.CC_STAT_AREA] < _SMALLEST_REGION * detail.size:
            continue
        inside = labels == label
        pairs = float(np.ptp(cycles[inside]))
        if pairs >= PAIRS_ALLOWED + 0.5:
            region |= inside
            most = max(most, pairs)
    if not most:
        return Stripes()
    phase = np.arctan2(imaginary[region].sum(), real[region].sum()) / (2 * np.pi)
    return Stripes(
        share=float(region.mean()),
        pairs=most,
        across=float(across),
        down=float(down),
        phase=float(phase),
        amplitude=float(amplitude[region].mean()),
    )

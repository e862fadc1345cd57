"""Tells from durations of samples whether frames come at one distance, and at which exact rate; knows no file.

Durations are whole ticks of a timescale. In a coarse timescale an even cadence comes out as durations that differ by
one tick.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from deliverqc.probing.wrappers.sample_tables import rows_of, sum_of_products
from deliverqc.timebase import STANDARD_RATES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TICKS_TO_TELL = 10  # house choice: below ten ticks a frame, one tick more or less is no rounding


@dataclass(frozen=True, kw_only=True, slots=True)
class Cadence:
    """`rate`: exact where all frames but the last are equally long or differ by rounding, else the mean; None where
    it cannot be told."""

    rate: Fraction | None
    is_constant: bool


def read_cadence(table: bytes, timescale: int) -> Cadence | None:
    """Cadence of an ISO base media time-to-sample table (pairs of count and duration, 32 bits, big-endian); None
    where it is empty."""
    return cadence_of(rows_of(table, 2), timescale)


def cadence_of(times: NDArray[np.int64], timescale: int) -> Cadence | None:
    """The same of its rows, int64 (rows, 2)."""
    pairs = times[times[:, 0] > 0]
    count = int(pairs[:, 0].sum())
    ticks = sum_of_products(pairs[:, 0], pairs[:, 1])
    if not count or not ticks or not timescale:
        return None
    without_last = pairs[:-1] if len(pairs) > 1 and pairs[-1, 0] == 1 else pairs
    shortest, longest = int(without_last[:, 1].min()), int(without_last[:, 1].max())
    if shortest == longest:
        return Cadence(rate=Fraction(timescale, longest), is_constant=True) if longest else None
    return _of_uneven(shortest, longest, count=count, ticks=ticks, timescale=timescale)


def _of_uneven(shortest: int, longest: int, *, count: int, ticks: int, timescale: int) -> Cadence:
    mean = Fraction(ticks, count)
    is_rounding = longest - shortest <= 1 and shortest >= _TICKS_TO_TELL
    if is_rounding:
        closest = min(STANDARD_RATES, key=lambda rate: abs(count / rate * timescale - ticks))
        if abs(count / closest * timescale - ticks) <= 1:
            return Cadence(rate=closest, is_constant=True)
    return Cadence(rate=Fraction(timescale) / mean, is_constant=is_rounding)

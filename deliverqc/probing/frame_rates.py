"""Tells from durations of samples whether frames come at one distance, and at which exact rate; knows no file.

Durations are whole ticks of a timescale. In a coarse timescale an even cadence comes out as durations that differ by
one tick.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction

from deliverqc.timebase import STANDARD_RATES

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
    pairs = [pair for pair in struct.iter_unpack(">II", table[: len(table) - len(table) % 8]) if pair[0]]
    count = sum(samples for samples, _ in pairs)
    ticks = sum(samples * duration for samples, duration in pairs)
    if not count or not ticks or not timescale:
        return None
    without_last = pairs[:-1] if len(pairs) > 1 and pairs[-1][0] == 1 else pairs
    durations = {duration for _, duration in without_last}
    if len(durations) == 1:
        return Cadence(rate=Fraction(timescale, durations.pop()), is_constant=True) if 0 not in durations else None
    return _of_uneven(durations, count=count, ticks=ticks, timescale=timescale)


def _of_uneven(durations: set[int], *, count: int, ticks: int, timescale: int) -> Cadence:
    mean = Fraction(ticks, count)
    is_rounding = max(durations) - min(durations) <= 1 and min(durations) >= _TICKS_TO_TELL
    if is_rounding:
        closest = min(STANDARD_RATES, key=lambda rate: abs(count / rate * timescale - ticks))
        if abs(count / closest * timescale - ticks) <= 1:
            return Cadence(rate=closest, is_constant=True)
    return Cadence(rate=Fraction(timescale) / mean, is_constant=is_rounding)

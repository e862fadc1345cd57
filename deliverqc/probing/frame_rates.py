"""Tells from durations of samples whether frames come at one distance, and at which exact rate; knows no file.

Durations are whole ticks of a timescale. In a coarse timescale an even cadence comes out as durations that differ by
one tick.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction

_WHOLE_RATES = (12, 15, 24, 25, 30, 48, 50, 60, 100, 120)
_SLOWED_RATES = (12, 15, 24, 30, 48, 60, 120)
STANDARD_RATES = (
    Fraction(25, 2),
    *(Fraction(rate) for rate in _WHOLE_RATES),
    *(Fraction(rate * 1000, 1001) for rate in _SLOWED_RATES),
)
"""Rates that masters have: those of SMPTE ST 2067-21 and ITU-R BT.2020, and the slower ones of proxies."""

_TICKS_TO_TELL = 10  # house choice: below ten ticks a frame, one tick more or less is no rounding
_ROUNDED_BY = 0.0005  # of the rate; house choice: 23.97 is 23.976 shortened, and 24 is not


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
        for rate in STANDARD_RATES:
            if abs(count / rate * timescale - ticks) <= 1:
                return Cadence(rate=rate, is_constant=True)
    return Cadence(rate=Fraction(timescale) / mean, is_constant=is_rounding)


def nearest_standard_rate(rate_hz: float) -> Fraction | None:
    """The standard rate nearest to a rounded one, such as 23.976; None where there is none."""
    closest = min(STANDARD_RATES, key=lambda rate: abs(float(rate) - rate_hz))
    return closest if abs(float(closest) - rate_hz) <= _ROUNDED_BY * float(closest) else None

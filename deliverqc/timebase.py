"""Exact rates, SMPTE ST 12-1 timecode and spans of time; knows nothing about files, facts or specs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

_TIMECODE = re.compile(r"(\d{2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})")
_DROP_FRAME_RATES = (Fraction(30000, 1001), Fraction(60000, 1001))
_HOURS_IN_A_DAY = 24
_ROUNDED_STAMP = Fraction(1, 10)
"""Of a timecode frame, by which the time stamp of a picture frame may be early: house choice, above half a millisecond
at 120 frames a second, and below the quarter at which four frames share a timecode."""
_WHOLE_RATES = (12, 15, 24, 25, 30, 48, 50, 60, 100, 120)
_SLOWED_RATES = (12, 15, 24, 30, 48, 60, 120)
STANDARD_RATES = (
    Fraction(25, 2),
    *(Fraction(rate) for rate in _WHOLE_RATES),
    *(Fraction(rate * 1000, 1001) for rate in _SLOWED_RATES),
)
"""Rates that masters have: those of SMPTE ST 2067-21 and ITU-R BT.2020, and the slower ones of proxies."""

STANDARD_RATE_TOLERANCE = Fraction(3, 10_000)
"""Of the rate. House choice, because 23.97 (shortened) and 23.98 (rounded) are within it of 24000/1001, and because 24
and 24000/1001 are more than three times as far apart: no rate is near two of them, and one halfway is near none."""


def format_rate(rate: Fraction) -> str:
    """Write a rate or ratio as an exact rational, always with its denominator: `24000/1001`, `25/1`."""
    return f"{rate.numerator}/{rate.denominator}"


def parse_rate(text: str) -> Fraction:
    """Read `24000/1001`, `25/1` or `25`; ValueError when it is none of them or not positive."""
    try:
        rate = Fraction(text)
    except ZeroDivisionError as error:
        raise ValueError(f"{text!r} divides by zero") from error
    if rate <= 0:
        raise ValueError(f"{text!r} is not a positive rate")
    return rate


@lru_cache(maxsize=256)
def nearest_standard_rate(rate: Fraction | float) -> Fraction | None:
    """The standard rate that `rate` writes in another way (2997/100, 1000000/33367, 23.98); None where none is within
    `STANDARD_RATE_TOLERANCE`."""
    exact = Fraction(rate)
    closest = min(STANDARD_RATES, key=lambda standard: abs(standard - exact))
    return closest if abs(closest - exact) <= STANDARD_RATE_TOLERANCE * closest else None


def counting_rate(timecode_rate: Fraction, frame_rate: Fraction | None) -> Fraction:
    """Timecode frames in one second of a picture that runs at exactly `frame_rate`, None without picture.

    A picture at 2997/100 has one timecode frame a frame, as at 30000/1001: counted in seconds at the standard rate
    the timecode would drift away from the picture.
    """
    standard = None if frame_rate is None else nearest_standard_rate(frame_rate)
    if frame_rate is None or standard is None:
        return timecode_rate
    return timecode_rate * frame_rate / standard


def has_drop_frame(rate: Fraction) -> bool:
    """Drop-frame counting exists at `rate`: at 30000/1001 and 60000/1001 only (SMPTE ST 12-1)."""
    return rate in _DROP_FRAME_RATES


def frames_in_a_day(rate: Fraction, *, is_drop_frame: bool) -> int:
    """Count of timecode addresses from 00:00:00:00 to the last one before 24 hours."""
    base = nominal_rate(rate)
    dropped = base // 15 * 9 if is_drop_frame else 0
    return (base * 600 - dropped) * 6 * _HOURS_IN_A_DAY


def nominal_rate(rate: Fraction) -> int:
    """Count of frame numbers in one timecode second: 24 for 24000/1001, 30 for 30000/1001 (SMPTE ST 12-1)."""
    return max(1, round(rate))


@dataclass(frozen=True, slots=True)
class Timecode:
    """A SMPTE ST 12-1 timecode address: `frame` counts from 00:00:00:00 at `rate`.

    Drop-frame counting exists only at 30000/1001 and 60000/1001; anything else raises ValueError. Addresses wrap at 24
    hours.
    """

    frame: int
    rate: Fraction
    is_drop_frame: bool = False

    def __post_init__(self) -> None:
        if self.is_drop_frame and not has_drop_frame(self.rate):
            raise ValueError(f"drop-frame timecode does not exist at {format_rate(self.rate)} frames per second")

    @classmethod
    def parse(cls, text: str, rate: Fraction, *, is_drop_frame: bool | None = None) -> Timecode:
        """Read `hh:mm:ss:ff` (`;` before the frames marks drop-frame) at `rate`; ValueError for anything else."""
        match = _TIMECODE.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not a timecode of the form hh:mm:ss:ff")
        hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
        base = nominal_rate(rate)
        if hours >= _HOURS_IN_A_DAY or minutes >= 60 or seconds >= 60 or frames >= base:
            raise ValueError(f"{text!r} is not an address at {format_rate(rate)} frames per second")
        drop = match[4] in ";," if is_drop_frame is None else is_drop_frame
        count = ((hours * 60 + minutes) * 60 + seconds) * base + frames
        if drop:
            dropped = base // 15
            if minutes % 10 and seconds == 0 and frames < dropped:
                raise ValueError(f"{text!r} is an address that drop-frame counting leaves out")
            total_minutes = hours * 60 + minutes
            count -= dropped * (total_minutes - total_minutes // 10)
        return cls(count, rate, drop)

    def __add__(self, frames: int) -> Timecode:
        return Timecode(self.frame + frames, self.rate, self.is_drop_frame)

    def __str__(self) -> str:
        base = nominal_rate(self.rate)
        count = self.frame
        if self.is_drop_frame:
            dropped = base // 15
            frames_per_ten_minutes = base * 600 - dropped * 9
            frames_per_minute = base * 60 - dropped
            tens, rest = divmod(count, frames_per_ten_minutes)
            count += dropped * 9 * tens
            if rest >= base * 60:
                count += dropped * (1 + (rest - base * 60) // frames_per_minute)
        seconds, frames = divmod(count, base)
        hours = seconds // 3600 % _HOURS_IN_A_DAY
        width = 3 if base > 100 else 2
        separator = ";" if self.is_drop_frame else ":"
        return f"{hours:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{separator}{frames:0{width}}"


def format_elapsed(seconds: float) -> str:
    """Write elapsed time from the first frame as `+hh:mm:ss.mmm`, so that it is never taken for a timecode, and
    `-hh:mm:ss.mmm` for what comes before that frame."""
    milliseconds = round(seconds * 1000)
    sign = "-" if milliseconds < 0 else "+"
    whole, rest = divmod(abs(milliseconds), 1000)
    return f"{sign}{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{rest:03}"


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open run of frames or samples: `start` is inside, `end` is the first one after it. `members` are values
    that belong to it, by name (its level, its frequency, its colour)."""

    start: int
    end: int
    channel: str | None = None
    members: tuple[tuple[str, float | str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Where frames and samples of one subject stand in time.

    `frame_rate` is None where there is no picture; `start` is None where the wrapper carries no timecode, or none that
    can be counted. `frame_count` bounds the picture and decides the region of a span of frames. `frame_starts_s` holds
    the time of each frame of the table where they do not come at one distance; elsewhere frame n is shown at
    n / frame_rate. `frame_numbers` are the numbers of those frames, where some between them were lost. Where only a
    part was measured, tables begin with `first_frame`, and only a part that reaches the end of the master has a tail.
    `jumps`: from how many seconds after the first frame on the timecode counts from another address.
    """

    frame_rate: Fraction | None
    frame_count: int | None
    start: Timecode | None
    frame_starts_s: Sequence[float] | None = None
    first_frame: int = 0
    jumps: Sequence[tuple[Fraction, Timecode]] = ()
    frame_numbers: Sequence[int] | None = None

    def frame_time(self, frame: int) -> Fraction:
        """Seconds after the first frame at which `frame` is shown; the end of the last one for the count of frames."""
        if self.frame_rate is None:
            raise ValueError("frames have a time only where there is a picture frame rate")
        starts = self.frame_starts_s
        if starts is None or not len(starts):
            return frame / self.frame_rate
        row = frame - self.first_frame
        if row < 0:
            return Fraction(float(starts[0])).limit_denominator(1_000_000) + row / self.frame_rate
        if row < len(starts):
            return Fraction(float(starts[row])).limit_denominator(1_000_000)
        return Fraction(float(starts[-1])).limit_denominator(1_000_000) + (row - len(starts) + 1) / self.frame_rate

    def timecode_at(self, seconds: Fraction, *, early: Fraction = Fraction(0)) -> str | None:
        """Timecode of the frame shown at `seconds` after the first, or None without a start timecode. `early`: share of
        a frame by which what begins a frame may be stamped before it."""
        if self.start is None:
            return None
        is_even = self.frame_starts_s is None or not len(self.frame_starts_s)
        rate = counting_rate(self.start.rate, self.frame_rate if is_even else None)
        count = math.floor(seconds * rate + early)
        begins, first = Fraction(0), self.start
        for at, other in self.jumps:
            if round(at * rate) <= count:
                begins, first = at, other
        return str(first + (count - round(begins * rate)))

    def timecode_of_frame(self, seconds: Fraction) -> str | None:
        """Timecode of the picture frame that begins at `seconds` after the first, which wrappers may round to
        milliseconds, or None without a start timecode."""
        return self.timecode_at(seconds, early=_ROUNDED_STAMP)

    def picture_span(self, span: Span) -> dict[str, object]:
        """Describe a span of frames, `span.start` inclusive and `span.end` exclusive."""
        if self.frame_rate is None or self.frame_count is None:
            raise ValueError("a span of frames needs a picture frame rate and a frame count")
        start_s, end_s = self.frame_time(span.start), self.frame_time(span.end)
        start, end = span.start, span.end
        if self.frame_numbers is not None and end > start:
            start = self.frame_numbers[span.start - self.first_frame]
            last = span.end - 1 - self.first_frame
            end = self.frame_numbers[last] + 1
            if last + 1 < len(self.frame_numbers) and self.frame_numbers[last + 1] != end:
                end_s = self.frame_time(span.end - 1) + 1 / self.frame_rate
        return {
            "start_frame": start,
            "end_frame": end,
            "duration_frames": end - start,
            **_seconds(start_s, end_s),
            "start_timecode": self.timecode_of_frame(start_s),
            "end_timecode": self.timecode_of_frame(end_s),
            "region": _region(span, self.frame_count),
            "channel": span.channel,
        }

    def sound_span(
        self, span: Span, *, sample_rate_hz: int, sample_count: int, offset_s: Fraction = Fraction(0)
    ) -> dict[str, object]:
        """Describe a span of samples; `offset_s` is where the first sample stands against the first frame."""
        start_s = Fraction(span.start, sample_rate_hz) + offset_s
        end_s = Fraction(span.end, sample_rate_hz) + offset_s
        frames: tuple[int | None, int | None] = (None, None)
        if self.frame_rate is not None:
            frames = (math.floor(start_s * self.frame_rate), math.ceil(end_s * self.frame_rate))
        return {
            "start_sample": span.start,
            "end_sample": span.end,
            "duration_samples": span.end - span.start,
            "start_frame": frames[0],
            "end_frame": frames[1],
            "duration_frames": None if frames[0] is None or frames[1] is None else frames[1] - frames[0],
            **_seconds(start_s, end_s),
            "start_timecode": self.timecode_at(start_s),
            "end_timecode": self.timecode_at(end_s),
            "region": _region(span, sample_count),
            "channel": span.channel,
        }


def _seconds(start: Fraction, end: Fraction) -> dict[str, float]:
    return {
        "start_s": round(float(start), 6),
        "end_s": round(float(end), 6),
        "duration_s": round(float(end - start), 6),
    }


def _region(span: Span, length: int) -> str:
    at_head, at_tail = span.start <= 0, span.end >= length
    if at_head and at_tail:
        return "whole"
    if at_head:
        return "head"
    return "tail" if at_tail else "interior"

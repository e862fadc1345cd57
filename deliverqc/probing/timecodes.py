"""Reads timecodes as they are stated, and says where one contradicts its rate; opens no file, trusts no source.

Drop-frame counting exists at 30000/1001 and 60000/1001 only (SMPTE ST 12-1). Files flag it at 24 and at exactly 30 all
the same. The timecode is in the file then, and is read as far as it can be read in one way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from deliverqc.facts.model import Facts
from deliverqc.facts.vocabulary import (
    BEYOND_24_HOURS,
    DROP_FRAME_AT_THIS_RATE,
    NO_SUCH_ADDRESS,
    NOT_A_TIMECODE,
    NOT_THE_PICTURES_RATE,
    RATE_UNKNOWN,
    TIMECODE_JUMPS,
)
from deliverqc.probing.reading import StatedTimecode
from deliverqc.timebase import (
    Timecode,
    format_rate,
    frames_in_a_day,
    has_drop_frame,
    nearest_standard_rate,
    nominal_rate,
)

_ADDRESS = re.compile(r"(\d{2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})")
_HOURS_IN_A_DAY = 24
_SLOWED = 1001
_TIMECODE_TRACK = "tmcd"
_COUNTS_SAMPLES = "bext"  # without a rate of frames its count comes to seconds only
_HIGHEST_COUNTED = 30
_JUMPS_IN_WORDS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadTimecode:
    """One timecode of the file. `address`: of the first frame as text, None where it cannot be told. `start` counts
    from there, None where nothing can be counted. `rate`: at which it counts, None where no rate is known.
    `is_drop_frame`: as flagged. `stated`: what the file has, in words. `faults`: of the closed vocabulary. `jumps`:
    from how many seconds after the first frame on it counts from another address."""

    source: str
    address: str | None
    start: Timecode | None
    rate: Fraction | None
    is_drop_frame: bool | None
    stated: str
    faults: tuple[str, ...] = ()
    jumps: tuple[tuple[Fraction, Timecode], ...] = ()
    edit_rate: Fraction | None = None
    component_count: int | None = None

    def identity(self) -> object:
        """Equal for two readings of one timecode; one with a fault is told by what the file has."""
        return (
            self.source,
            self.address,
            self.rate,
            self.is_drop_frame,
            self.faults,
            self.stated if self.faults else None,
        )

    def entry(self) -> Facts:
        """The row of `wrapper.timecodes`."""
        return {
            "source": self.source,
            "start": self.address,
            "frame_rate": None if self.rate is None else format_rate(self.rate),
            "drop_frame": self.is_drop_frame,
            "edit_rate": None if self.edit_rate is None else format_rate(self.edit_rate),
            "component_count": self.component_count,
        }


def read_timecode(stated: StatedTimecode, picture_rate: Fraction | None) -> ReadTimecode:
    """Read `stated` at its own rate, or at that of the picture where it has none; it counts at the nearest standard
    rate where there is one."""
    flag = _flag(stated)
    rate = _rate(stated, picture_rate)
    if isinstance(stated.start, int):
        start, faults = _counted(stated.start, rate, is_flagged=bool(flag))
        start = None if start is None else start + stated.moved_by
        address = None if start is None else str(start)
    else:
        address, start, faults = _addressed(stated.start.strip(), rate, is_flagged=bool(flag))
    jumps = _jumps(stated, start)
    faults += (TIMECODE_JUMPS,) if stated.jumps else ()
    faults += (NOT_THE_PICTURES_RATE,) if _counts_otherwise(stated, picture_rate) else ()
    return ReadTimecode(
        source=stated.source,
        address=address,
        start=start,
        rate=rate,
        is_drop_frame=flag,
        stated=_in_words(stated, picture_rate, is_flagged=bool(flag)),
        faults=faults,
        jumps=jumps,
        edit_rate=stated.edit_rate,
        component_count=stated.component_count,
    )


def _jumps(stated: StatedTimecode, start: Timecode | None) -> tuple[tuple[Fraction, Timecode], ...]:
    if start is None:
        return ()
    return tuple((at, Timecode(number, start.rate, start.is_drop_frame)) for at, number in stated.jumps)


def _counts_otherwise(stated: StatedTimecode, picture_rate: Fraction | None) -> bool:
    """Whether a timecode track counts neither the frames of the picture nor, at high rates, every second one of them
    (SMPTE ST 12-1 section 5.1)."""
    picture = None if picture_rate is None else nearest_standard_rate(picture_rate)
    if stated.source != _TIMECODE_TRACK or stated.rate is None or picture is None:
        return False
    frames, counted = nominal_rate(picture), nominal_rate(stated.rate)
    return counted != frames and not (frames > _HIGHEST_COUNTED and counted * 2 == frames)


def _flag(stated: StatedTimecode) -> bool | None:
    if stated.is_drop_frame is not None or isinstance(stated.start, int):
        return stated.is_drop_frame
    match = _ADDRESS.fullmatch(stated.start.strip())
    return None if match is None else match[4] in ";,"


def _rate(stated: StatedTimecode, picture_rate: Fraction | None) -> Fraction | None:
    """The rate at which it counts.

    A timescale of 600 has no whole number of ticks for 30000/1001: a frame is 20 ticks, which reads as 30/1. It is the
    picture's standard rate where that comes to the same ticks.
    """
    given = stated.rate or picture_rate
    rate = None if given is None else nearest_standard_rate(given) or given
    standard = None if picture_rate is None else nearest_standard_rate(picture_rate)
    if rate is None or standard is None or not stated.timescale or nominal_rate(standard) != nominal_rate(rate):
        return rate
    is_whole_for_slowed = rate.denominator == 1 and standard.denominator == _SLOWED
    is_rounded = abs(stated.timescale / standard - stated.timescale / rate) < 1
    return standard if is_whole_for_slowed and is_rounded else rate


def _counted(number: int, rate: Fraction | None, *, is_flagged: bool) -> tuple[Timecode | None, tuple[str, ...]]:
    """The timecode of a frame number, counted without the flag where the rate has no drop-frame."""
    if rate is None:
        return None, (RATE_UNKNOWN,)
    drops = is_flagged and has_drop_frame(rate)
    faults = (DROP_FRAME_AT_THIS_RATE,) if is_flagged and not drops else ()
    if not 0 <= number < frames_in_a_day(rate, is_drop_frame=drops):
        return None, (*faults, BEYOND_24_HOURS)
    if faults and _reads_in_two_ways(number, rate):
        return None, faults
    return Timecode(number, rate, drops), faults


def _reads_in_two_ways(number: int, rate: Fraction) -> bool:
    """Drop-frame at exactly 30 or 60: the rate or the flag is wrong, and from the first dropped number on each gives
    another address."""
    base = nominal_rate(rate)
    return base % 30 == 0 and number >= base * 60


def _addressed(
    text: str, rate: Fraction | None, *, is_flagged: bool
) -> tuple[str | None, Timecode | None, tuple[str, ...]]:
    """Address, timecode and faults of a text."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return None, None, (NOT_A_TIMECODE,)
    if int(match[1]) >= _HOURS_IN_A_DAY:
        return None, None, (BEYOND_24_HOURS,)
    if rate is None:
        separator = ";" if is_flagged else ":"
        return f"{text[:8]}{separator}{match[5]}", None, (RATE_UNKNOWN,)
    drops = is_flagged and has_drop_frame(rate)
    faults = (DROP_FRAME_AT_THIS_RATE,) if is_flagged and not drops else ()
    try:
        start = Timecode.parse(text, rate, is_drop_frame=drops)
    except ValueError:
        return None, None, (*faults, NO_SUCH_ADDRESS)
    return str(start), start, faults


def _in_words(stated: StatedTimecode, picture_rate: Fraction | None, *, is_flagged: bool) -> str:
    """`frame 107892, 30/1, drop-frame`: the number or text of the file, its rate as written, the flag."""
    if stated.rate is not None:
        rate = format_rate(stated.rate)
    else:
        rate = "rate unknown" if picture_rate is None else f"picture at {format_rate(picture_rate)}"
    start = f"frame {stated.start}" if isinstance(stated.start, int) else stated.start.strip()
    if stated.source == _COUNTS_SAMPLES and stated.rate is None:
        start = f"{stated.start} s after midnight"
    jumps = [f"frame {number} from {float(at):g} s on" for at, number in stated.jumps[:_JUMPS_IN_WORDS]]
    more = len(stated.jumps) - len(jumps)
    others = [f"{more} more"] if more else []
    return ", ".join([start, rate, *(["drop-frame"] if is_flagged else []), *jumps, *others])

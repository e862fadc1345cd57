"""Reads the clock of a TTML document and its time expressions (TTML1 and TTML2, sections on time); knows no elements
but the root."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from lxml import etree

from deliverqc.timed_text.ttml_names import TTP
from deliverqc.timed_text.xml_text import Faults, quoted

T = TypeVar("T")

_CLOCK = re.compile(r"(\d{2,}):(\d\d):(\d\d)(?:(\.\d+)|:(\d{2,})(?:\.(\d+))?)?", re.ASCII)
_OFFSET = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|f|t)", re.ASCII)
_METRICS = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000)}
_MOST_CHARACTERS = 32
_DROP_MODES = {"nonDrop": "non_drop", "dropNTSC": "drop_ntsc", "dropPAL": "drop_pal"}
_DEFAULT_RATE = Fraction(30)
"""TTML1 section 6.2.4: frames a second where neither the document nor an application says it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """How a document counts: `rate` is `ttp:frameRate` (30 where it is not stated), `multiplier` makes it frames in a
    second, `tick_rate` is ticks in a second. `drop_mode` counts with the time base smpte only."""

    time_base: str = "media"
    rate: Fraction = _DEFAULT_RATE
    multiplier: Fraction = Fraction(1)
    sub_frame_rate: int = 1
    tick_rate: Fraction = Fraction(1)
    drop_mode: str | None = None
    has_rate: bool = False
    has_ticks: bool = False

    @property
    def effective_rate(self) -> Fraction:
        return self.rate * self.multiplier


def read_clock(root: etree._Element, faults: Faults) -> Clock:
    """The clock that the parameters of `root` give; faults `bad-parameter` where one cannot be read, in whose place the
    default counts."""

    def parameter(name: str, read: Callable[[str], T | None], shape: str) -> T | None:
        value = root.get(f"{TTP}{name}")
        if value is None:
            return None
        found = read(value)
        if found is None:
            message = f"ttp:{name} is {quoted(value)}; it must be {shape}"
            faults.add("bad-parameter", message, root.sourceline)
        return found

    time_base = parameter(
        "timeBase", lambda text: text if text in ("media", "smpte", "clock") else None, "media, smpte or clock"
    )
    rate = parameter("frameRate", _whole, "a whole number above 0")
    multiplier = parameter("frameRateMultiplier", _ratio, "two whole numbers, as 1000 1001")
    sub_frames = parameter("subFrameRate", _whole, "a whole number above 0")
    ticks = parameter("tickRate", _whole, "a whole number above 0")
    drop_mode = parameter("dropMode", _DROP_MODES.get, "nonDrop, dropNTSC or dropPAL")
    parameter("cellResolution", _pair, "two whole numbers above 0, as 32 15")
    base = time_base or "media"
    counted = Fraction(rate) if rate else _DEFAULT_RATE
    scale = multiplier or Fraction(1)
    return Clock(
        time_base=base,
        rate=counted,
        multiplier=scale,
        sub_frame_rate=sub_frames or 1,
        tick_rate=Fraction(ticks) if ticks else (counted * scale * (sub_frames or 1) if rate else Fraction(1)),
        drop_mode=drop_mode or ("non_drop" if base == "smpte" else None),
        has_rate=rate is not None,
        has_ticks=ticks is not None,
    )


def _whole(text: str) -> int | None:
    return int(text) or None if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None


def _pair(text: str) -> tuple[int, int] | None:
    parts = [_whole(part) for part in text.split()]
    return (parts[0], parts[1]) if len(parts) == 2 and parts[0] and parts[1] else None


def _ratio(text: str) -> Fraction | None:
    pair = _pair(text.replace(":", " "))
    return Fraction(*pair) if pair else None


@dataclass(slots=True)
class Times:
    """Reads time expressions of one document, each distinct one once. `used` gathers the units that occur: "frames",
    "ticks", "offset" and "clock"."""

    clock: Clock
    used: set[str] = field(default_factory=set)
    _known: dict[str, Fraction | tuple[str, str]] = field(default_factory=dict)

    def read(self, text: str) -> Fraction | tuple[str, str]:
        """Seconds, or the code and the sentence that say why there are none."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._parsed(text)
        return found

    def _parsed(self, text: str) -> Fraction | tuple[str, str]:
        if len(text) <= _MOST_CHARACTERS:
            match = _CLOCK.fullmatch(text)
            if match:
                return self._clock_time(text, match)
            match = _OFFSET.fullmatch(text)
            if match:
                return self._offset_time(Fraction(match[1]), match[2])
        return "bad-time", f"{quoted(text)} is not a time expression of TTML, as 00:01:02.500, 00:01:02:12 or 62.5s"

    def _offset_time(self, value: Fraction, metric: str) -> Fraction:
        self.used.add("offset")
        if metric == "f":
            self.used.add("frames")
            return value / self.clock.effective_rate
        if metric == "t":
            self.used.add("ticks")
            return value / self.clock.tick_rate
        return value * _METRICS[metric]

    def _clock_time(self, text: str, match: re.Match[str]) -> Fraction | tuple[str, str]:
        clock = self.clock
        hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3])
        self.used.add("clock")
        if minutes > 59 or seconds > (60 if clock.time_base == "clock" else 59):
            return "bad-time", f"{quoted(text)} has more than 59 minutes or seconds"
        whole = hours * 3600 + minutes * 60 + seconds
        if match[5] is None and clock.time_base != "smpte":
            digits = match[4][1:] if match[4] else ""
            return Fraction(whole * 10 ** len(digits) + int(digits or 0), 10 ** len(digits))
        frames = Fraction(match[4] or 0) * clock.rate
        if match[5]:
            self.used.add("frames")
            frames = Fraction(int(match[5]))
            if frames >= clock.rate:
                return "frame-beyond-rate", f"{quoted(text)}: frames count from 0 to {clock.rate - 1}"
            if match[6]:
                frames += Fraction(int(match[6]), clock.sub_frame_rate)
        if clock.time_base != "smpte":
            return whole + frames / clock.effective_rate
        if match[5] and _is_dropped(clock, minutes, seconds, frames):
            return "dropped-timecode", f"{quoted(text)} is an address that drop-frame counting leaves out"
        return (whole * clock.rate + frames - _dropped(clock, hours, minutes)) / clock.effective_rate


def _is_dropped(clock: Clock, minutes: int, seconds: int, frames: Fraction) -> bool:
    if seconds:
        return False
    if clock.drop_mode == "drop_ntsc":
        return bool(minutes % 10) and frames < clock.rate // 15
    return clock.drop_mode == "drop_pal" and minutes % 2 == 0 and bool(minutes % 20) and frames < 4


def _dropped(clock: Clock, hours: int, minutes: int) -> int:
    """Frames that the count has left out until a minute of the hour begins (TTML1 section 6.2.3)."""
    if clock.drop_mode == "drop_ntsc":
        total = hours * 60 + minutes
        return int(clock.rate) // 15 * (total - total // 10)
    if clock.drop_mode == "drop_pal":
        total = hours * 60 + minutes
        return 4 * (total // 2 - total // 20)
    return 0

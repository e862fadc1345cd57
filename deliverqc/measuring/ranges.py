"""A part of a master: as it is asked for, by timecode, elapsed time or frame, and what is decoded for it; measures
nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deliverqc.errors import UsageError
from deliverqc.measuring.planning import plan_of
from deliverqc.probing import Probed
from deliverqc.signals.tables import Part
from deliverqc.timebase import Timecode, counting_rate

if TYPE_CHECKING:
    from deliverqc.signals.plan import Plan
    from deliverqc.signals.tables import Signals

_PLACE = re.compile(r"\d{2}:\d{2}:\d{2}[:;]\d{2,3}|\+?(?:\d+:)?(?:\d+:)?\d+(?:\.\d+)?|\d+f")
_HINT = "A place is a timecode (01:00:10:00), elapsed time (90, 1:30 or +00:01:30.000) or a frame (2250f)."


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """From one place to another, as written; an empty end is that of the master."""

    start: str
    end: str
    option: str = "--range"

    @classmethod
    def parse(cls, text: str, option: str = "--range") -> Range:
        """Read `START-END`, either of which may be left out; UsageError for anything else. `option` is how errors call
        it."""
        start, dash, end = text.strip().partition("-")
        if not dash or not (start or end) or any(place and not _PLACE.fullmatch(place) for place in (start, end)):
            raise UsageError(f"{option} {text} is not START-END. {_HINT}", code=f"invalid-{option.strip('-')}")
        return cls(start=start, end=end, option=option)

    @property
    def code(self) -> str:
        """The code of an error about it."""
        return f"invalid-{self.option.strip('-')}"

    def __str__(self) -> str:
        return f"{self.start}-{self.end}"

    def in_seconds(
        self, frame_rate: Fraction | None, first: Timecode | None, duration_s: Fraction | None = None
    ) -> tuple[Fraction, Fraction | None]:
        """Both places in seconds after the first frame, the second None for the end of the master.

        `frame_rate` is None without picture, `first` is the timecode of the first frame, `duration_s` is None where the
        master states none. UsageError where a place needs what the master does not have, where nothing lies between
        the two, or where nothing of the master does.
        """
        start = self._place(self.start, frame_rate, first) if self.start else Fraction(0)
        end = self._place(self.end, frame_rate, first) if self.end else None
        if end is not None and end <= start:
            raise UsageError(f"{self.option} {self} is empty: the end must be after the start.", code=self.code)
        if start < 0 or (duration_s is not None and start >= duration_s):
            span = _span_of(frame_rate, first, duration_s)
            raise UsageError(f"{self.option} {self} starts outside the master{span}.", code=self.code)
        return start, end

    def _place(self, text: str, frame_rate: Fraction | None, first: Timecode | None) -> Fraction:
        if text.endswith("f"):
            if frame_rate is None:
                raise UsageError(f"{self.option} {self} names a frame, and the master has no picture.", code=self.code)
            return int(text[:-1]) / frame_rate
        if re.fullmatch(r"\d{2}:\d{2}:\d{2}[:;]\d{2,3}", text):
            if first is None:
                reason = "names a timecode, and the master has none that can be counted"
                message = f"{self.option} {self} {reason}. Use elapsed time: 90-120."
                raise UsageError(message, code=self.code)
            try:
                place = Timecode.parse(text, first.rate, is_drop_frame=first.is_drop_frame)
            except ValueError as error:
                raise UsageError(f"{self.option} {self}: {error}.", code=self.code) from error
            return (place.frame - first.frame) / counting_rate(first.rate, frame_rate)
        parts = [Fraction(part) for part in text.removeprefix("+").split(":")]
        return sum((part * 60**power for power, part in enumerate(reversed(parts))), Fraction(0))


def _span_of(frame_rate: Fraction | None, first: Timecode | None, duration_s: Fraction | None) -> str:
    """From where to where the master runs, in the words of an error; nothing where that is not known."""
    if duration_s is None:
        return f", which starts at {first}" if first is not None else ""
    words = f", which runs from 0 to {float(duration_s):g} s"
    if first is None or frame_rate is None:
        return words
    return f"{words} ({first} to {first + int(duration_s * counting_rate(first.rate, frame_rate))})"


def plan_of_range(path: Path, probed: Probed, extensions: Iterable[str], asked: Range) -> Plan:
    """What is decoded for a range: the frames that begin in it, and the whole seconds of sound that hold it. UsageError
    where the master does not say where it lies.
    """
    from deliverqc.signals.parts import first_frames  # OpenCV and libav: 0.2 s that a headers run does not have

    if probed.frames is not None and probed.frame_rate is None:
        message = f"{path.name} does not state a frame rate, so --range cannot be placed. Give it with --frame-rate."
        raise UsageError(message, code="range-unmeasurable")
    plan = plan_of(probed, extensions)
    stated = probed.facts.get("wrapper.duration_s")
    duration_s = None if stated is None else Fraction(stated).limit_denominator(1_000_000)
    start, end = asked.in_seconds(probed.frame_rate, probed.start, duration_s)
    origins = first_frames(path, plan)
    if origins is None:
        message = (
            f"Cannot measure a part of {path}: the start times of its tracks are unknown. Check it without --range."
        )
        raise UsageError(message, code="range-unmeasurable")
    rate = probed.frame_rate or Fraction(1)
    part = Part(
        first_frame=-int(-start * rate // 1),
        end_frame=None if end is None else -int(-end * rate // 1),
        first_second=int(start),
        end_second=None if end is None else -int(-end // 1),
        origins=origins,
        is_exact=False,
    )
    return replace(plan, part=part)


def measured_part(signals: Signals) -> dict[str, Any] | None:
    """What of the master the signals are of, as documents tell it; None for the whole. An end of None is its end."""
    if signals.part is None:
        return None
    part = signals.part
    return {
        "start_frame": None if signals.picture is None else part.first_frame,
        "end_frame": None if signals.picture is None else part.end_frame,
        "sound_start_s": part.first_second,
        "sound_end_s": part.end_second,
    }

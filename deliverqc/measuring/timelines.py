"""How frames and samples of a master stand in time, as far as what was measured of it reaches; measures nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from deliverqc.errors import UsageError
from deliverqc.facts.assemble import SoundClock
from deliverqc.probing import Probed
from deliverqc.timebase import Timeline

if TYPE_CHECKING:
    from deliverqc.signals.tables import Part, Signals, SoundSignal


def timeline_of(probed: Probed, signals: Signals) -> Timeline:
    """The timeline of the picture, or of the file where there is none. UsageError where a range cannot be placed on
    it.
    """
    from deliverqc.signals.gaps import frame_numbers

    picture = signals.picture
    if picture is None:
        return Timeline(frame_rate=probed.frame_rate, frame_count=None, start=probed.start, jumps=probed.jumps)
    steady = (picture.first_frame + np.arange(picture.frame_count)) / float(picture.frame_rate)
    is_steady = bool(np.all(np.abs(picture.start_s - steady) < 0.5 / float(picture.frame_rate)))
    numbers = frame_numbers(picture)
    has_lost = bool(np.any(numbers != picture.first_frame + np.arange(picture.frame_count)))
    if not is_steady and not has_lost and signals.part is not None:
        message = "The frame rate is not constant, so --range cannot be placed. Check the master without --range."
        raise UsageError(message, code="range-unmeasurable")
    return Timeline(
        frame_rate=picture.frame_rate,
        frame_count=_bound(picture.first_frame + picture.frame_count, signals.part, "end_frame"),
        start=probed.start,
        jumps=probed.jumps,
        frame_starts_s=None if is_steady and not has_lost else picture.start_s.tolist(),
        first_frame=picture.first_frame,
        frame_numbers=numbers.tolist() if has_lost else None,
    )


def clock_of(sound: SoundSignal, part: Part | None) -> SoundClock:
    """How the samples of one channel group stand in time."""
    return SoundClock(
        sample_rate_hz=sound.sample_rate_hz,
        sample_count=_bound(sound.first_sample + sound.sample_count, part, "end_second"),
        offset_s=sound.offset_s,
        first_sample=sound.first_sample,
    )


def start_of(sound: SoundSignal) -> float:
    """When the first row of a group stands, in seconds after the first frame."""
    return float(sound.offset_s + Fraction(sound.first_sample, sound.sample_rate_hz))


def _bound(end: int, part: Part | None, name: str) -> int:
    """Where the tail of the master is, as far as it is known: beyond a part that ends before the master does."""
    return end if part is None or getattr(part, name) is None else end + 1

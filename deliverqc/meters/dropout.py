"""Dropouts: short digital silence, or a held sample, of one channel inside its own sound; knows nothing of why a
channel is cut.

A dropout is a run of samples of one value, zero or at most half of the level around it, from `min_duration_s` to
`max_duration_s` long, between two stretches of sound of at least 10 ms in which a sample of that channel exceeds
`signal_min_dbfs`. Its edges are exact to the sample. It is told whether the other channels sound or not. So that pauses
of gated speech, fades and quiet passages that are coded as zero are none, the sound has to break off: where it goes on
in a straight line it reaches a fifth of the level at one edge, and a twentieth at both. A run of 10 ms or more
is also one where the sound on both sides is steady and breaks off within 20 ms, as where a coded frame is muted: every
10 ms of the 80 before reach half of their peak, and the nearest a quarter. The EBU QC catalogue asks for dropouts and
leaves limits to the delivery document.

Settings:

- `min_duration_s`, 0.0035 by default: 4 KiB that are lost from eight channels of 24 bits at 48 kHz are 3.55 ms
- `max_duration_s`, 0.5 by default: house choice, as a longer cut to zero is rather a pause than a fault
- `signal_min_dbfs`, -50 by default: house choice; a fade to zero passes below it first, and is then no dropout

It does not see dropouts that were concealed, muted with dither, or repeated, nor a short one where the sound happens
to pass through zero slowly at one of its edges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.signals.tables import HELD_COLUMNS, ROWS_PER_SECOND, SoundSignal, held_runs, row_edges
from deliverqc.timebase import Span

_GIVEN_BY = ("meter:dropout",)
_NAME = "sound.groups[].dropout.spans"

_HELD_SHARE = np.float32(0.5)
"""Of the level around it, above which a held value is the top of a square wave: house choice."""
_ABRUPT_SHARE, _LEAST_SHARE = 0.2, 0.05
"""Of the level, that the sound is due to reach at one edge and at both: house choice; a gate that closes within a
millisecond leaves a hundredth, and a tone is below a twentieth for 3 % of its time."""
_STEADY_SHARE, _NEAREST_SHARE = 0.5, 0.25
"""House choice: speech varies by more from one 10 ms to the next, and a coded frame fades over 20 ms."""
_STEADY_ROWS, _FADED_ROWS = 10, 2


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Find the dropouts of every channel of one group; a group without a single sample gives no facts."""
    if signal.sample_count == 0:
        return Reading(facts={})
    spans = [
        Span(start, end, signal.channel_name(channel))
        for channel in range(len(signal.labels))
        for start, end in _dropouts(signal, channel, settings)
    ]
    return Reading(facts={"dropout.spans": tuple(sorted(spans, key=lambda span: span.start))})


@dataclass(frozen=True, slots=True)
class _Beside:
    """The sound on one side of a run: the peak of its two nearest rows, what is due at the edge, and whether it
    is steady up to there."""

    level: float
    edge: float
    is_steady: bool


def _dropouts(signal: SoundSignal, channel: int, settings: Settings) -> Iterator[tuple[int, int]]:
    edges = row_edges(signal.sample_count, signal.sample_rate_hz)
    held = held_runs(tuple(getattr(signal, name)[:, channel] for name in HELD_COLUMNS), edges)
    rate = signal.sample_rate_hz
    shortest, longest = (float(settings[name]) * rate for name in ("min_duration_s", "max_duration_s"))
    sounding = np.float32(10.0 ** (float(settings["signal_min_dbfs"]) / 20.0))
    runs = [run for run in held if run[1] - run[0] >= shortest]
    for number, (start, end) in enumerate(runs):
        since = start - (runs[number - 1][1] if number else 0)
        until = (runs[number + 1][0] if number + 1 < len(runs) else signal.sample_count) - end
        if end - start > longest or min(since, until) < rate / ROWS_PER_SECOND:
            continue
        first, last = (int(np.searchsorted(edges, sample, side="right")) - 1 for sample in (start, end - 1))
        before, after = _sides(
            signal, channel, first, last, begins_row=start == edges[first], ends_row=end == edges[last + 1]
        )
        quietest = min(before.level, after.level)
        if quietest <= sounding or signal.hold_level[first, channel] > _HELD_SHARE * quietest:
            continue
        if _breaks_off(before, after) or (
            end - start >= rate / ROWS_PER_SECOND and before.is_steady and after.is_steady
        ):
            yield start, end


def _sides(
    signal: SoundSignal, channel: int, first: int, last: int, *, begins_row: bool, ends_row: bool
) -> tuple[_Beside, _Beside]:
    """The sound before and after a run that begins in row `first` and ends in row `last`."""
    peaks = signal.sample_peak[:, channel]
    before = peaks[max(0, first - _STEADY_ROWS) : first]
    after = peaks[last + 1 : last + 1 + _STEADY_ROWS]
    own_before = peaks[first] if not begins_row and first != last else 0.0
    own_after = peaks[last] if not ends_row and first != last else 0.0
    return (
        _beside(before[::-1], float(own_before), float(signal.edge_before[first, channel])),
        _beside(after, float(own_after), float(signal.edge_after[last, channel])),
    )


def _beside(peaks: NDArray[np.float32], own: float, edge: float) -> _Beside:
    nearest = float(peaks[0]) if len(peaks) else 0.0
    steady = peaks[_FADED_ROWS:]
    highest = float(steady.max(initial=0.0))
    is_steady = len(steady) > 0 and bool(steady.min() >= _STEADY_SHARE * highest)
    return _Beside(max(own, nearest, edge), edge, is_steady and max(own, nearest) >= _NEAREST_SHARE * highest)


def _breaks_off(before: _Beside, after: _Beside) -> bool:
    shares = [side.edge / side.level for side in (before, after)]
    return min(shares) >= _LEAST_SHARE and max(shares) >= _ABRUPT_SHARE


METER = Meter(
    name="dropout",
    version=2,
    reads=Reads.GROUP,
    settings=(
        Setting(
            name="min_duration_s",
            default=0.0035,
            unit="s",
            meaning="shortest run of one value that is a dropout",
            minimum=0.002,
            maximum=60.0,
        ),
        Setting(
            name="max_duration_s",
            default=0.5,
            unit="s",
            meaning="longest run of one value that is a dropout",
            minimum=0.01,
            maximum=60.0,
        ),
        Setting(
            name="signal_min_dbfs",
            default=-50.0,
            unit="dBFS",
            meaning="sample peak that the sound before and after exceeds",
            minimum=-200.0,
            maximum=0.0,
        ),
    ),
    facts=(
        Fact(
            name=_NAME,
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="short digital silence, or a held sample, of a channel inside its sound",
            given_by=_GIVEN_BY,
        ),
        *span_members(_NAME, given_by=_GIVEN_BY, of_sound=True),
    ),
    measure=measure,
)

"""Clicks and pops: single impulses and jumps of the waveform, as an edit without a fade, a lost sample or a lost block
leaves them, and thumps, as a plosive on the microphone or a step of the DC offset does; knows nothing of what made
them.

Every sample is predicted from the 32 before it, by a model of the 40 ms around it (Godsill and Rayner, Digital Audio
Restoration, 1998, chapter 5; deliverqc/signals/on_demand/impulses). A click is an error of that prediction that

- exceeds every other error within 50 ms, but for its own 1.5 ms, by `min_size_db`,
- is at least `min_level_dbfs`,
- is over at once: its energy is that of at most `max_width_s` at its peak,
- does not begin or end a sound: the peaks of the 30 ms before and after differ by at most 10 dB, or the click exceeds
  both by 6 dB.

The size of a click is its distance from the largest other error within 50 ms. Its place and level are those of its
first error, which for an impulse is the impulse, and for a jump its height. So
drums, claps, shots and consonants are none, as they ring on, and neither are the edges of square waves and the pulses
of a voice, as they recur.

A pop is a swing from 2 to 50 Hz (deliverqc/signals/on_demand/thumps) that

- exceeds every other one within a second, but for the 0.25 s next to it, by `min_pop_size_db`,
- is at least `min_pop_level_dbfs`,
- stays above half of its height for at most `max_pop_s`; this is its span, in steps of 10 ms,
- does not come with a louder sound that begins, ends or strikes there: what swings from 50 Hz to 2 kHz is at most 12 dB
  more, or not 6 dB more than within 0.3 s before and after.

So voices, rumble, drum beats and footsteps are none, and neither is sound that begins or ends. Where a channel has a
click within a pop, it is one event, a click. No document says how clicks and pops are measured: the method is a house
choice.

Settings:

- `min_size_db`, 18 by default: house choice; the sharpest sound of the real clips in docs/campaigns.md reaches 14.9
- `min_level_dbfs`, -60 by default: house choice; below it a click is hardly heard
- `max_width_s`, 0.0002 by default: house choice; ticks of a clock and drops of rain ring for longer
- `min_pop_size_db`, 20 by default: house choice; no sound of the real clips in docs/campaigns.md that begins or goes on
  reaches 18
- `min_pop_level_dbfs`, -40 by default: house choice; at 30 Hz the ear needs about 60 dB, and 0 dBFS is about 105 dB in
  a cinema
- `max_pop_s`, 0.15 by default: house choice; a step of the offset swings for 0.13 s

It does not see clicks closer than 50 ms to one as loud (crackle), clicks that noise, bright music or consonants cover,
clicks where a sound begins or ends, nor clicks that a lossy coding has spread. It does not see pops closer than a
second to one as loud, pops that rumble, wind or bass covers, pops at the very start or end of the track, nor any of an
LFE channel, whose sound is what a pop is. It cannot know what is meant: drops of rain on a quiet background, the dry
click of a drum machine, and synthetic tones that begin without a fade over other sound are clicks to it, and a single
dull thud is a pop.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.pops import pops
from deliverqc.signals.on_demand.impulses import CORE_S
from deliverqc.signals.tables import ROWS_PER_SECOND, SoundSignal, row_edges
from deliverqc.timebase import Span

CLICK, POP = "click", "pop"

_GIVEN_BY = ("meter:clicks",)
_NAME = "sound.groups[].clicks.spans"
_LFE = "LFE"

_REACH_ROWS = 5
"""House choice: longer than the period of any voice, and of a square wave of 20 Hz."""
_LEVEL_ROWS = 3
_MOST_STEP = 10.0 ** (10.0 / 20.0)
_LOUDER = 10.0 ** (6.0 / 20.0)
_LEAST_ERROR = 1e-5
"""House choice, -100 dBFS: the size of a click in sound that is predicted to the last bit stays finite."""

Doubles = NDArray[np.float64]


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Find the clicks and pops of every channel of one group; a group without a single sample gives no facts."""
    if signal.sample_count == 0:
        return Reading(facts={})
    spans: list[Span] = []
    for channel in range(len(signal.labels)):
        clicks = list(_clicks(signal, channel, settings))
        found = [] if signal.labels[channel].startswith(_LFE) else _pops(signal, channel, settings)
        spans += clicks
        spans += (pop for pop in found if not any(pop.start <= click.start < pop.end for click in clicks))
    return Reading(facts={"clicks.spans": tuple(sorted(spans, key=lambda span: span.start))})


def _clicks(signal: SoundSignal, channel: int, settings: Settings) -> Iterator[Span]:
    rate = signal.sample_rate_hz
    peak, rest, energy, first = (
        signal.extended[f"impulses.{name}"][:, channel].astype(np.float64)
        for name in ("peak", "rest", "energy", "first")
    )
    lead = signal.extended["impulses.lead"][:, channel].astype(np.int64)
    places = row_edges(signal.sample_count, rate)[:-1] + signal.extended["impulses.position"][:, channel]
    least = 10.0 ** (float(settings["min_level_dbfs"]) / 20.0)
    others = _others(peak, rest, places, rate * CORE_S)
    size_db = 20.0 * (np.log10(np.maximum(peak, _LEAST_ERROR)) - np.log10(np.maximum(others, _LEAST_ERROR)))
    is_click = (first >= least) & (size_db >= float(settings["min_size_db"]))
    is_click &= energy <= peak**2 * max(1.0, float(settings["max_width_s"]) * rate)
    is_click &= _is_inside(signal.sample_peak[:, channel].astype(np.float64), first)
    for row in np.flatnonzero(is_click):
        members = _members(CLICK, float(size_db[row]), 20.0 * float(np.log10(first[row])))
        place = int(places[row] - lead[row])
        yield Span(place, place + 1, signal.channel_name(channel), members)


def _pops(signal: SoundSignal, channel: int, settings: Settings) -> Iterator[Span]:
    edges = row_edges(signal.sample_count, signal.sample_rate_hz)
    low, above = (signal.extended[f"impulses.{name}"][:, channel].astype(np.float64) for name in ("low", "above"))
    for pop in pops(
        low,
        above,
        min_size_db=float(settings["min_pop_size_db"]),
        min_level_dbfs=float(settings["min_pop_level_dbfs"]),
        max_rows=float(settings["max_pop_s"]) * ROWS_PER_SECOND,
    ):
        members = _members(POP, pop.size_db, pop.level_dbfs)
        yield Span(int(edges[pop.first]), int(edges[pop.end]), signal.channel_name(channel), members)


def _members(kind: str, size_db: float, level_dbfs: float) -> tuple[tuple[str, float | str], ...]:
    return (("kind", kind), ("size_db", size_db), ("level_dbfs", level_dbfs))


def _others(peak: Doubles, rest: Doubles, places: NDArray[np.int64], core: float) -> Doubles:
    """The largest error around that of each row that does not belong to it; infinite where it belongs to a larger
    one in the next row."""
    others = rest.copy()
    for shift in range(1, _REACH_ROWS + 1):
        for row, near in ((slice(shift, None), slice(None, -shift)), (slice(None, -shift), slice(shift, None))):
            is_same = np.abs(places[row] - places[near]) <= core
            is_larger = (peak[near] > peak[row]) | ((peak[near] == peak[row]) & (near.start is None))
            belonging = np.where(is_larger, np.inf, rest[near])
            others[row] = np.maximum(others[row], np.where(is_same, belonging, peak[near]))
    return others


def _is_inside(levels: Doubles, peak: Doubles) -> NDArray[np.bool_]:
    """Whether it is about as loud on one side of each row as on the other, or the click is louder than both."""
    silence = np.zeros(_LEVEL_ROWS)
    padded = np.concatenate((silence, levels, silence))
    highest = np.lib.stride_tricks.sliding_window_view(padded, _LEVEL_ROWS).max(axis=1)
    before, after = highest[: len(levels)], highest[_LEVEL_ROWS + 1 :]
    louder, quieter = np.maximum(before, after), np.minimum(before, after)
    is_inside: NDArray[np.bool_] = (louder <= _MOST_STEP * quieter) | (peak >= _LOUDER * louder)
    return is_inside


def _member(suffix: str, meaning: str, unit: str) -> Fact:
    return Fact(
        name=f"{_NAME}[].{suffix}",
        kind=Kind.NUMBER,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit=unit,
        resolution=0.01,
    )


METER = Meter(
    name="clicks",
    version=2,
    reads=Reads.GROUP,
    extension="impulses",
    settings=(
        Setting(
            name="min_size_db",
            default=18.0,
            unit="dB",
            meaning="smallest distance of a click from what else is not predicted within 50 ms",
            minimum=6.0,
            maximum=100.0,
        ),
        Setting(
            name="min_level_dbfs",
            default=-60.0,
            unit="dBFS",
            meaning="lowest level of a click",
            minimum=-100.0,
            maximum=0.0,
        ),
        Setting(
            name="max_width_s",
            default=0.0002,
            unit="s",
            meaning="longest time for which a click stays at its peak",
            minimum=0.00001,
            maximum=0.003,
        ),
        Setting(
            name="min_pop_size_db",
            default=20.0,
            unit="dB",
            meaning="smallest distance of a pop from what else swings below 50 Hz within a second",
            minimum=6.0,
            maximum=100.0,
        ),
        Setting(
            name="min_pop_level_dbfs",
            default=-40.0,
            unit="dBFS",
            meaning="lowest level of a pop",
            minimum=-100.0,
            maximum=0.0,
        ),
        Setting(
            name="max_pop_s",
            default=0.15,
            unit="s",
            meaning="longest time for which a pop stays above half of its height",
            minimum=0.01,
            maximum=0.25,
        ),
    ),
    facts=(
        Fact(
            name=_NAME,
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="clicks: impulses and jumps of the waveform of a channel that do not follow from the sound around "
            "them; and pops: thumps below 50 Hz, but of an LFE channel",
            given_by=_GIVEN_BY,
        ),
        *span_members(_NAME, given_by=_GIVEN_BY, of_sound=True),
        Fact(
            name=f"{_NAME}[].kind",
            kind=Kind.STRING,
            layer=Layer.BASEBAND,
            meaning="click: an impulse or jump, of one sample; pop: a thump, in steps of 10 ms",
            given_by=_GIVEN_BY,
            vocabulary=(CLICK, POP),
        ),
        _member(
            "size_db",
            "by how much a click exceeds what else is not predicted within 50 ms, and a pop what else swings below "
            "50 Hz within a second",
            "dB",
        ),
        _member(
            "level_dbfs", "level of the click without the sound that it is in; of a pop, its swing to 50 Hz", "dBFS"
        ),
    ),
    measure=measure,
)

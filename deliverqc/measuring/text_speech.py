"""How far the events of timed text are from the speech, and how that grows; knows no table, no fact and no limit.

An event belongs where somebody begins to speak. The distance from every start of an event to every start of speech
within two minutes is counted: where text and audio belong together, one distance stands out. It is looked for at the
rates at which text goes wrong, which are those between 23.976, 24 and 25, and 29.97 and 30 frames. Around the best one
the line is found that most distances are near, then the line through those within 0.3 s of it.

Nothing is said with fewer than 20 events or starts of speech, or where no distance stands out from what chance gives:
by six times the spread, and by one in seven of all events near speech. Nor is it where another distance, more than 5 s
away, is nearly as frequent, as where a phrase comes at even intervals. The drift is given where its standard error is
at most 0.2 s an hour, or a tenth of it. All limits are a house choice, tried on the speech of docs/timed-text.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

_NTSC = Fraction(1001, 1000)
_PAL = Fraction(25, 24)
_RATES = tuple(
    float(rate) for rate in (Fraction(1), _NTSC, 1 / _NTSC, _PAL, 1 / _PAL, _PAL * _NTSC, 1 / (_PAL * _NTSC))
)
"""Times of the text by those of the audio: the same, 29.97 non-drop for drop-frame or 24 for 23.976, 24 for 25."""

_FEWEST = 20
_MOST = 3_000
"""Events that are compared: every second one where there are more, or every third …: twice as many as a feature has."""

_REACH_S = 120.0
_COARSE_S = 0.25
_NEAR_S = 5.0
_BEND_S = 4.0
_MOST_RIVAL = 0.75
_FINE_S = 0.05
_WINDOW_S = 0.2
_INLIER_S = 0.3
_STANDS_OUT = 6.0
_LEAST_SHARE = 1 / 7
_HOUR_S = 3600.0
_SURE_S_PER_HOUR = 0.2
_SURE_TIMES = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeechDistance:
    """`offset_s`: by how much the events follow the speech where the first event is. `drift_s_per_hour`: by how much
    that grows in an hour. None where it cannot be told."""

    offset_s: float | None = None
    drift_s_per_hour: float | None = None


def speech_distance(starts_s: Sequence[float], speech_s: Sequence[float]) -> SpeechDistance:
    """Compare the starts of events with those of speech, both in seconds after the first frame."""
    starts, speech = (
        np.unique(np.asarray(starts_s, dtype=np.float64)),
        np.unique(np.asarray(speech_s, dtype=np.float64)),
    )
    if min(len(starts), len(speech)) < _FEWEST:
        return SpeechDistance()
    starts = starts[:: -(-len(starts) // _MOST)]
    found = [(_coarse(starts / rate, speech), rate) for rate in _RATES]
    coarse, rate = max(found, key=lambda one: one[0].stands_out)
    if coarse.rival_share > _MOST_RIVAL:
        return SpeechDistance()
    scaled = starts / rate
    pairs = _Pairs(scaled, speech, coarse.distance_s, _NEAR_S)
    line = _line(pairs)
    if line is None:
        return SpeechDistance()
    return _fitted(pairs, line, rate, float(scaled[0]))


class _Pairs:
    """The distances, within a reach around one, of every event from every start of speech: when that is, and by how
    much the event follows it."""

    def __init__(self, starts: Doubles, speech: Doubles, around: float, reach: float) -> None:
        first = np.searchsorted(speech, starts - around - reach)
        end = np.searchsorted(speech, starts - around + reach)
        counts = end - first
        self.events = np.repeat(np.arange(len(starts)), counts)
        places = np.arange(len(self.events)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
        self.at = speech[places]
        self.distance = starts[self.events] - self.at


class _Coarse(NamedTuple):
    """The most frequent distance: how far it stands out from chance, and how far the next one does, as a share."""

    stands_out: float
    distance_s: float
    rival_share: float


def _coarse(starts: Doubles, speech: Doubles) -> _Coarse:
    distances = _Pairs(starts, speech, 0.0, _REACH_S).distance
    counts, edges = np.histogram(distances, bins=round(2 * _REACH_S / _COARSE_S), range=(-_REACH_S, _REACH_S))
    double = counts[:-1] + counts[1:] - float(counts.mean()) * 2
    best = int(double.argmax())
    apart = round(_NEAR_S / _COARSE_S)
    others = np.concatenate((double[: max(0, best - apart)], double[best + apart + 1 :]))
    above, chance = float(double[best]), float(counts.mean()) * 2
    return _Coarse(above / (chance + 1.0) ** 0.5, float(edges[best + 1]), float(others.max()) / max(above, 1.0))


def _line(pairs: _Pairs) -> tuple[float, float] | None:
    """Distance at time 0 and its growth by the second, of the line that most distances are near; None where it does
    not stand out from chance."""
    event_count = len(np.unique(pairs.events))
    if event_count < _FEWEST:
        return None
    middle, length = float(pairs.at.mean()), float(np.ptp(pairs.at)) or 1.0
    lowest = float(pairs.distance.min()) - _BEND_S
    bins = int((float(pairs.distance.max()) + _BEND_S - lowest) / _FINE_S) + 1
    kernel = np.ones(round(_WINDOW_S / _FINE_S))
    best = (0.0, 0.0, 0.0)
    for slope in _slopes(length):
        rest = pairs.distance - slope * (pairs.at - middle)
        counts = np.bincount(((rest - lowest) / _FINE_S).astype(np.int64), minlength=bins)
        near = np.convolve(counts, kernel, mode="valid")
        place = int(near.argmax())
        if near[place] > best[0]:
            best = (float(near[place]), slope, lowest + place * _FINE_S + _WINDOW_S / 2)
    count, slope, distance = best
    chance = len(pairs.at) * _WINDOW_S / (2 * _NEAR_S)
    stands_out = count - chance >= _STANDS_OUT * (chance + 1.0) ** 0.5
    if not stands_out or count - chance < _LEAST_SHARE * event_count:
        return None
    return distance - slope * middle, slope


def _slopes(length_s: float) -> Iterator[float]:
    """Slopes from none outwards, so that of two as good the flatter one is taken."""
    for step in range(round(_BEND_S / _FINE_S) + 1):
        yield from {step * _FINE_S / length_s: None, -step * _FINE_S / length_s: None}


def _fitted(pairs: _Pairs, line: tuple[float, float], rate: float, first_s: float) -> SpeechDistance:
    """The line through the distances that are near `line`, on the clock of the audio."""
    start, slope = line
    for _ in range(5):
        is_near = np.abs(pairs.distance - start - slope * pairs.at) <= _INLIER_S
        at, distance = pairs.at[is_near], pairs.distance[is_near]
        middle = float(at.mean())
        spread = float(((at - middle) ** 2).sum())
        if not spread:
            return SpeechDistance()
        slope = float(((at - middle) * distance).sum()) / spread
        start = float(distance.mean()) - slope * middle
    error = float(np.std(distance - start - slope * at)) / spread**0.5 * _HOUR_S
    growth = rate * (1.0 + slope) - 1.0
    drift = growth * _HOUR_S
    is_sure = error <= max(_SURE_S_PER_HOUR, abs(drift) / _SURE_TIMES)
    begins = first_s - start - slope * first_s
    return SpeechDistance(offset_s=float(rate * start + growth * begins), drift_s_per_hour=drift if is_sure else None)

"""Differences of pairs of channels, of one track or of two, as the blocks of their tracks come; knows no label and no
layout."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from deliverqc.signals.audio.waveform import Floats, Rows, difference_energy
from deliverqc.signals.tables import PairSignal, Place

_MOST_WAITING = 30
"""Blocks of a second that wait for the other track of a pair: house choice, more than any sound interleaving, and 6 MB
at 48 kHz. A pair whose tracks stand further apart in the file is not measured."""


@dataclass(slots=True, kw_only=True)
class _Pair:
    """One pair while it is read. `waiting` is what one side has that the other has not yet."""

    places: tuple[Place, Place]
    energies: list[Floats] = field(default_factory=list)
    waiting: tuple[deque[Floats], deque[Floats]] = field(default_factory=lambda: (deque(), deque()))
    has_begun: list[bool] = field(default_factory=lambda: [False, False])
    is_lost: bool = False


class PairReader:
    """Reads the difference of each of `pairs`, given as (sound track, channel) of the left and of the right one.

    Blocks are told by their order: the first block of one track stands against the first of the other.
    """

    def __init__(self, pairs: Sequence[tuple[Place, Place]]) -> None:
        self._pairs = [_Pair(places=pair) for pair in pairs]
        self._rows: dict[int, Rows] = {}

    def take(self, track: int, block: Floats) -> None:
        """Take the next second of `track`, (channels, sample rate); it is copied where it has to wait."""
        for pair in self._pairs:
            sides = [side for side in (0, 1) if pair.places[side][0] == track]
            if pair.is_lost or not sides:
                continue
            if any(pair.places[side][1] >= len(block) for side in sides):
                pair.is_lost = True
            elif len(sides) == 2:
                pair.has_begun[:] = [True, True]
                first, second = (block[channel] for _, channel in pair.places)
                pair.energies.append(self._energy(first, second))
            else:
                self._take_one_side(pair, sides[0], block[pair.places[sides[0]][1]])

    def finish(self) -> tuple[PairSignal, ...]:
        """What was measured. A channel that ends before the other is silent from there on; one without a single block
        leaves its pair unmeasured."""
        found = []
        for pair in self._pairs:
            if pair.is_lost or not all(pair.has_begun):
                continue
            for rest in (*pair.waiting[0], *pair.waiting[1]):
                pair.energies.append(self._energy(rest, np.zeros_like(rest)))
            first, second = pair.places
            found.append(PairSignal(first=first, second=second, difference_energy=np.concatenate(pair.energies)))
        return tuple(found)

    def _take_one_side(self, pair: _Pair, side: int, sound: Floats) -> None:
        pair.has_begun[side] = True
        own, other = pair.waiting[side], pair.waiting[1 - side]
        if not other:
            own.append(sound.copy())
            pair.is_lost = len(own) > _MOST_WAITING
        elif len(other[0]) != len(sound):
            pair.is_lost = True
        else:
            pair.energies.append(self._energy(sound, other.popleft()))
        if pair.is_lost:
            own.clear()
            other.clear()

    def _energy(self, first: Floats, second: Floats) -> Floats:
        if len(first) not in self._rows:
            self._rows[len(first)] = Rows(len(first))
        return difference_energy(self._rows[len(first)], first, second)

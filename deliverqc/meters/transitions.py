"""Transitions of cells of the picture, and how many of them come in one second over how much of it: the arithmetic of
flashes. Knows no table, no fact and no standard's limit on rate or area.

A transition of luminance is a signed number: what share of the cell changed, positive where it became brighter.
Opposing transitions alternate; two of them are a flash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHANGE_CD_M2 = 20.0
"""Smallest change of luminance that can be half of a flash (ITU-R BT.1702)."""

BRIGHT_DIVISOR = 8
"""Above 160 cd/m2 the smallest change is an eighth of the darker luminance: a Michelson contrast of 1/17 (ITU-R
BT.1702)."""

WHOLE = 65_535
"""A transition of the whole cell."""

_TOLERANCE_CD_M2 = 0.005  # luminance is stored in steps of that size: a change of exactly 20 counts
_NEAR_CD_M2 = 0.5  # house choice: what stands this near an extreme has not left it
_SHARP_FRAMES = 2
_LEAST_SHARE = WHOLE // 64  # house choice: a smaller part of a cell is noise, and the mean of the cell is looked at

Floats = NDArray[np.floating[Any]]
Signed = NDArray[np.int32]


@dataclass(slots=True)
class LuminanceCells:
    """Follows the luminance of cells from one turning point to the next, frame by frame.

    Where only part of a cell changes (from one frame to another, since the turning point), that part is taken to have
    changed by the change of the mean over its share; but where that takes more than two frames, which is as far as the
    share looks back, the whole cell counts as soon as its mean has changed enough. A later step in the same direction
    that changes a larger part is one with the earlier step; the transition is where the first step is that changes half
    of that part. All arrays are (cells,).
    """

    low: Floats
    high: Floats
    _since_low: Floats = field(init=False)
    _since_high: Floats = field(init=False)
    _frames_low: NDArray[np.int64] = field(init=False)
    _frames_high: NDArray[np.int64] = field(init=False)
    _direction: NDArray[np.int8] = field(init=False)
    _last_frame: NDArray[np.int64] = field(init=False)
    _last_share: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.low, self.high = self.low.copy(), self.high.copy()
        self._since_low, self._since_high = np.zeros_like(self.low), np.zeros_like(self.low)
        self._frames_low, self._frames_high = (np.zeros(len(self.low), dtype=np.int64) for _ in range(2))
        self._direction = np.zeros(len(self.low), dtype=np.int8)
        self._last_frame, self._last_share = np.zeros(len(self.low), dtype=np.int64), np.zeros_like(self.low)

    def take(self, frame: int, luminance: Floats, changed: Floats, found: Signed) -> None:
        """Add the transitions of frame number `frame` to `found` (frames, cells)."""
        changed = np.where(changed < _LEAST_SHARE, 0, changed)
        np.maximum(self._since_low, changed, out=self._since_low)
        np.maximum(self._since_high, changed, out=self._since_high)
        self._frames_low += 1
        self._frames_high += 1
        up = self._begun(frame, luminance, 1, found)
        down = self._begun(frame, luminance, -1, found)
        self.high = np.where(up, luminance, np.maximum(self.high, luminance))
        self.low = np.where(down, luminance, np.minimum(self.low, luminance))
        is_low, is_high = luminance <= self.low + _NEAR_CD_M2, luminance >= self.high - _NEAR_CD_M2
        self._since_low[is_low], self._frames_low[is_low] = 0, 0
        self._since_high[is_high], self._frames_high[is_high] = 0, 0

    def _begun(self, frame: int, luminance: Floats, direction: int, found: Signed) -> NDArray[np.bool_]:
        """Cells that begin a transition in `direction`; those that go on with one, in a larger part, are moved here."""
        if direction > 0:
            swing, darker, since, frames = luminance - self.low, self.low, self._since_low, self._frames_low
        else:
            swing, darker, since, frames = self.high - luminance, luminance, self._since_high, self._frames_high
        needed = np.maximum(CHANGE_CD_M2, darker / BRIGHT_DIVISOR)
        is_whole = (since == 0) | ((frames > _SHARP_FRAMES) & (swing + _TOLERANCE_CD_M2 >= needed))
        share = np.where(is_whole, WHOLE, since)
        is_enough = ((swing + _TOLERANCE_CD_M2) * WHOLE >= needed * share) & (found[frame] == 0)
        begins = np.asarray(is_enough & (self._direction != direction))
        if not is_enough.any():
            return begins
        beyond = luminance - self.high if direction > 0 else self.low - luminance
        goes_on = is_enough & ~begins & (share > self._last_share) & (beyond > _NEAR_CD_M2)
        moved = np.flatnonzero(goes_on & (share > 2 * self._last_share))
        found[self._last_frame[moved], moved] = 0
        self._last_frame[begins] = frame
        self._last_frame[moved] = frame
        taken = np.flatnonzero(begins | goes_on)
        found[self._last_frame[taken], taken] = direction * share[taken].astype(np.int32)
        self._direction[taken], self._last_share[taken] = direction, share[taken]
        return begins


@dataclass(frozen=True, kw_only=True, slots=True)
class InOneSecond:
    """For each frame, the second that ends with it: `counts` of opposing transitions that more than the area allowed
    undergoes, and `area`, the share of the picture that undergoes at least a given count. `firsts`, `lasts`: first and
    last frame of that second with a transition, in the frames where there is one."""

    counts: NDArray[np.int64]
    area: Floats
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]


_CLOCK_S = 0.002  # wrappers that count in milliseconds put two frames one second apart up to that much nearer
_ACTIVE_SHARE = 0.01  # of the picture: where less changes, no sequence begins or ends


@dataclass(frozen=True, kw_only=True, slots=True)
class Transitions:
    """Shares of cells that change, of WHOLE, (frames, cells): `up` become brighter, or red, and `down` opposes that.
    `by_pixel` says for some counts which share of the picture has undergone so many transitions within the last 0, 1,
    2 ... frames, (frames, ages), where pixels were followed one by one. Longer ago, and for other counts, the parts of
    a cell that change are taken to be the same ones. `adds_up`: what is up stays up until it goes down, so that what
    changes in several frames in a row is one change of their sum."""

    up: Signed
    down: Signed
    by_pixel: Mapping[int, Floats] = field(default_factory=dict)
    adds_up: bool = False

    def areas(self, first: int, last: int) -> Floats:
        """The share of the picture with at least 1, 2, 3 ... transitions in the frames `first` to `last`."""
        window = slice(first, last + 1)
        ranked = -np.sort(-(self.up[window] + self.down[window]), axis=0)
        areas = np.asarray(np.minimum(ranked, WHOLE).mean(axis=1, dtype=np.float64) / WHOLE)
        for count, held in self.by_pixel.items():
            if last - first >= held.shape[1]:
                continue
            exact = float(held[last, last - first])
            areas[:count] = np.maximum(areas[:count], exact)
            areas[count - 1 :] = np.minimum(areas[count - 1 :], exact)
        return areas


def in_one_second(found: Transitions, start_s: Floats, *, area_max: float, count: int) -> InOneSecond:
    """Count the transitions `found` in the second that ends with each frame; `area`: where at least `count` of them are
    undergone.

    A sequence counts in two ways, and the worse holds: cells that each undergo so many transitions, wherever they are
    and whenever each begins; and opposing changes of the whole picture, in each of which the area changes at once,
    whichever cells that are. Two transitions one second apart are in different seconds.
    """
    frames = len(found.up)
    share = (found.up + found.down).mean(axis=1) / WHOLE
    begins = np.searchsorted(start_s, start_s - 1 + _CLOCK_S)
    total = np.concatenate(([0.0], np.cumsum(share)))
    at_once = _opposing(found, area_max)
    counts, area = np.zeros(frames, dtype=np.int64), np.zeros(frames)
    active = np.flatnonzero(share >= _ACTIVE_SHARE)
    firsts, lasts = np.zeros(frames, dtype=np.int64), np.zeros(frames, dtype=np.int64)
    for frame in np.flatnonzero(total[1:] - total[begins] > area_max):
        window = slice(int(begins[frame]), int(frame) + 1)
        busy = active[np.searchsorted(active, window.start) : np.searchsorted(active, window.stop)]
        if not len(busy):
            continue
        firsts[frame], lasts[frame] = busy[0], busy[-1]
        areas = found.areas(window.start, int(frame))
        together = -np.sort(-at_once[window])
        counts[frame] = max(int((areas > area_max).sum()), int((together > 0).sum()))
        if len(areas) >= count:
            area[frame] = max(float(areas[count - 1]), float(together[count - 1]))
    return InOneSecond(counts=counts, area=area, firsts=firsts, lasts=lasts)


def _opposing(found: Transitions, area_max: float) -> Floats:
    """The share of the picture that changes at once, in frames whose change opposes the one before; else 0. What adds
    up counts from the last turning point, at the frame where it exceeds the area."""
    up, down = found.up.sum(axis=1, dtype=np.int64), found.down.sum(axis=1, dtype=np.int64)
    whole = WHOLE * found.up.shape[1]
    shares, last = np.zeros(len(up)), 0
    height = np.cumsum(up - down) if found.adds_up else np.zeros(len(up), dtype=np.int64)
    low = high = 0
    for frame in np.flatnonzero(np.maximum(up, down)):
        now = int(height[frame])
        low, high = min(low, now), max(high, now)
        for direction, changed in ((1, max(up[frame], now - low)), (-1, max(down[frame], high - now))):
            if changed > area_max * whole and direction != last:
                shares[frame], last = changed / whole, direction
                low = high = now
                break
    return shares


def sequences(second: InOneSecond, *, count: int) -> list[tuple[int, int]]:
    """First and last frame of every sequence in which at least `count` transitions come in one second."""
    found: list[tuple[int, int]] = []
    for frame in np.flatnonzero(second.counts >= count):
        first, last = int(second.firsts[frame]), int(second.lasts[frame])
        if found and first <= found[-1][1]:
            found[-1] = (min(found[-1][0], first), max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def joined(runs: Sequence[tuple[int, int]], gap_frames: float) -> list[tuple[int, int]]:
    """Half-open runs of frames, in order, with gaps of up to `gap_frames` between them closed."""
    found: list[tuple[int, int]] = []
    for start, end in runs:
        if found and start - found[-1][1] <= gap_frames:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found

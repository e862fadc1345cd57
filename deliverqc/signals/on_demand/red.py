"""Pixels that enter and leave saturated red, frame by frame, and how many of them did so lately; knows no flash, no
rate and no area allowed.

Saturated red is R/(R + G + B) of 0.8 or more in linear light of BT.709. A pixel enters where it becomes that, and
leaves where it stops being that, if its colour then differs by more than 0.2 in u', v' (CIE 1976) from one that it had
before (WCAG 2.2, which ITU-R BT.1702 agrees with). Before is each of the last four frames, and two older ones five to
twelve frames back. A pixel below 1 cd/m2 has the colour of white, and a change to or from that is one of 1 cd/m2 or
more. These two are house choices: nobody sees the colour, and grain around 1 cd/m2 does not flash.

Nearly all pixels are ruled out in codes (deliverqc/signals/on_demand/red_codes.py): a pixel has changed since
an earlier frame only where it is perhaps a saturated red in one of both and perhaps far from one in the other.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.on_demand.red_codes import OTHER, RED, Floats, Mask, RedCodes
from deliverqc.signals.on_demand.screen import COUNTED_CHANGES
from deliverqc.signals.picture.planes import marked

if TYPE_CHECKING:
    from deliverqc.signals.picture.planes import Plane, Planes

AGES_FRAMES = 64
"""Ages that are told apart: a second at up to 64 frames per second."""

_RECENT_FRAMES, _OLDER_FRAMES, _OLDER_COUNT = 4, 4, 2
_LOOK_BACK_FRAMES = _RECENT_FRAMES + _OLDER_FRAMES * _OLDER_COUNT
_ENTERED, _LEFT = OTHER, RED  # what a pixel has to be in an earlier frame to do so again
_OUT_OF_SIGHT = 255
_RENUMBER_FRAMES = 60_000  # frames are numbered in 16 bits


@dataclass(frozen=True, kw_only=True, slots=True)
class RedRow:
    """One frame: `entered` and `left`, the share of each cell whose pixels did so (down, across), and `recent`, the
    share of the picture whose pixels have made each of COUNTED_CHANGES changes, the first of them at most 0, 1, 2 ...
    frames ago (2, AGES_FRAMES)."""

    entered: Floats
    left: Floats
    recent: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class _Frame:
    """A frame that colours are compared with, and the states of the pixels of each band."""

    components: tuple[Plane, ...]
    states: list[Mask]


class RedChanges:
    """Follows the pixels of successive frames, which `codes` read."""

    def __init__(self, codes: RedCodes, grid: tuple[int, int]) -> None:
        self.codes, self._size, self._grid = codes, codes.size, grid
        self._recent: deque[_Frame] = deque(maxlen=_RECENT_FRAMES)
        self._older: deque[_Frame] = deque(maxlen=_OLDER_COUNT)
        self._frame = 0
        self._since_red = np.full(self._size, _OUT_OF_SIGHT, dtype=np.uint8)
        self._last = np.zeros(self._size, dtype=np.uint8)
        self._nowhere_red = [np.full(self._last[rows].shape, OTHER) for rows in codes.bands]
        self._band_since = [_OUT_OF_SIGHT] * len(codes.bands)
        self._ages = _Ages(self._size[0] * self._size[1])

    def take(self, planes: Planes, states: list[Mask | None]) -> RedRow:
        """What changes in the next frame, of which the codes say these states."""
        entered, left = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        if len(planes.components) == 3:
            known = [self._known(planes.components, number, one) for number, one in enumerate(states)]
            now = _Frame(components=planes.components, states=known)
            for number in range(len(known)):
                into, out = self._band(now, number)
                entered.append(into)
                left.append(out)
            self._remember(now)
        into, out = np.concatenate(entered), np.concatenate(left)
        recent = self._ages.take(np.concatenate((into, out)))
        return RedRow(entered=self._cells(into), left=self._cells(out), recent=recent)

    def _known(self, components: tuple[Plane, ...], number: int, states: Mask | None) -> Mask:
        """The states of a band; where no red was in sight for long, every pixel may be far from it."""
        since = 0 if states is not None else min(self._band_since[number] + 1, _OUT_OF_SIGHT)
        self._band_since[number] = since
        if states is not None:
            return states
        if since > _LOOK_BACK_FRAMES + 1:
            return self._nowhere_red[number]
        return self.codes.others(components, self.codes.bands[number])

    def _remember(self, frame: _Frame) -> None:
        if self._frame % _OLDER_FRAMES == 0 and len(self._recent) == _RECENT_FRAMES:
            self._older.append(self._recent[0])
        self._recent.append(frame)
        self._frame += 1

    def _cells(self, pixels: NDArray[np.int64]) -> Floats:
        (height, width), (down, across) = self._size, self._grid
        if not len(pixels):
            return np.zeros(self._grid)
        row, column = np.divmod(pixels, width)
        cell = row * down // height * across + column * across // width
        counts = np.bincount(cell, minlength=down * across)
        return counts.reshape(self._grid) * (down * across / (height * width))

    def _band(self, now: _Frame, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pixels of a band that enter and leave, by their position in the picture."""
        none = np.zeros(0, np.int64)
        states, rows = now.states[number], self.codes.bands[number]
        if states is self._nowhere_red[number]:
            return none, none
        last, since_red = self._last[rows], self._since_red[rows]
        cv2.add(since_red, np.ones_like(since_red), dst=since_red)
        since_red[(states & RED).view(np.bool_)] = 0
        was_red: Any = marked(since_red, cv2.CMP_LE, _LOOK_BACK_FRAMES)
        cv2.bitwise_and(last, was_red, dst=last)
        lately = np.zeros_like(states)
        for before in self._before():
            cv2.bitwise_or(lately, before.states[number], dst=lately)
        is_open = _opposite(states) & lately & ~last
        if not cv2.countNonZero(is_open):
            return none, none
        differs = self.codes.differs(now.components, self._recent[-1].components, rows)
        cv2.bitwise_and(is_open, differs, dst=is_open)
        return self._decided(now, number, np.flatnonzero(is_open != 0), is_open)

    def _before(self) -> list[_Frame]:
        """Frames that a colour is compared with, the nearest first."""
        return [*reversed(self._recent), *reversed(self._older)]

    def _decided(
        self, frame: _Frame, number: int, places: NDArray[np.int64], is_open: Mask
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Those of the pixels at some places of a band that enter and that leave. `is_open`: what a pixel has to be in
        an earlier frame to do so."""
        first = self.codes.bands[number].start * self._size[1]
        now = self.codes.colours(frame.components, places + first)
        frame.states[number].reshape(-1)[places[~now.is_red]] &= OTHER  # is certain from now on
        sought = is_open.reshape(-1)[places] & np.where(now.is_red, _ENTERED, _LEFT)
        remaining = np.flatnonzero(sought)
        places, now, sought = places[remaining], now.at(remaining), sought[remaining]
        found: list[NDArray[np.int64]] = []
        is_red: list[NDArray[np.bool_]] = []
        for before in self._before():
            some = np.flatnonzero(before.states[number].reshape(-1)[places] & sought)
            if not len(some):
                continue
            then, here = self.codes.colours(before.components, places[some] + first), now.at(some)
            changed = some[(here.is_red | then.is_red) & here.differ(then)]
            found.append(places[changed] + first)
            is_red.append(now.is_red[changed])
            sought[changed] = 0
        pixels = np.concatenate([places[:0], *found])
        enters = np.concatenate([now.is_red[:0], *is_red])
        into, out = pixels[enters], pixels[~enters]
        last = self._last.reshape(-1)
        last[into], last[out] = _ENTERED, _LEFT
        return into, out


def _opposite(states: Mask) -> Mask:
    """What a pixel has to be in an earlier frame to have changed: far from red where it is that, and the reverse."""
    opposite: Mask = ((states & RED) << np.uint8(1)) | (states >> np.uint8(1))
    return opposite


class _Ages:
    """When each pixel made its last changes, and how many pixels made so many of them within so many frames."""

    def __init__(self, pixel_count: int) -> None:
        self._pixel_count = pixel_count
        self._frame = 0
        self._times: NDArray[np.uint16] | None = None  # frame of the last, the last but one ... change; 0 for none
        self._counts = np.zeros((len(COUNTED_CHANGES), AGES_FRAMES), dtype=np.int64)

    def take(self, pixels: NDArray[np.int64]) -> Floats:
        """The row `recent` of the next frame, in which these pixels change, each once."""
        self._frame += 1
        self._counts[:, 1:] = self._counts[:, :-1]
        self._counts[:, 0] = 0
        if self._frame == _RENUMBER_FRAMES:
            self._renumber()
        if len(pixels):
            self._add(pixels)
        return np.cumsum(self._counts, axis=1) / self._pixel_count

    def _add(self, pixels: NDArray[np.int64]) -> None:
        if self._times is None:
            self._times = np.zeros((self._pixel_count, max(COUNTED_CHANGES)), dtype=np.uint16)
        held = self._times[pixels]
        moved = np.empty_like(held)
        moved[:, 0], moved[:, 1:] = self._frame, held[:, :-1]
        self._times[pixels] = moved
        for row, count in enumerate(COUNTED_CHANGES):
            self._counts[row] += self._histogram(moved[:, count - 1]) - self._histogram(held[:, count - 1])

    def _histogram(self, frames: NDArray[np.uint16]) -> NDArray[np.int64]:
        ages = self._frame - frames[frames > 0].astype(np.int64)
        return np.bincount(ages[ages < AGES_FRAMES], minlength=AGES_FRAMES)

    def _renumber(self) -> None:
        kept = 2 * AGES_FRAMES
        shift = self._frame - kept
        if self._times is not None:
            self._times = np.where(self._times > shift, self._times - shift, 0).astype(np.uint16)
        self._frame = kept

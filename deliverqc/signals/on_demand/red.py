"""Pixels that enter and leave saturated red, frame by frame, and how many of them did so lately; knows no flash, no
rate and no area allowed.

Saturated red is R/(R + G + B) of 0.8 or more in linear light of BT.709. A pixel enters where it becomes that, and
leaves where it stops being that, if its colour then differs by more than 0.2 in u', v' (CIE 1976) from one that it had
before (WCAG 2.2, which ITU-R BT.1702 agrees with). Before is each of the last four frames, and two older ones five to
twelve frames back. A pixel below 1 cd/m2 has the colour of white, and a change to or from that is one of 1 cd/m2 or
more. These two are house choices: nobody sees the colour, and grain around 1 cd/m2 does not flash.

Nearly all pixels are ruled out in codes (deliverqc/signals/on_demand/red_codes.py): one that was not both perhaps a
saturated red, and perhaps far from one, within twelve frames has not changed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.on_demand.red_codes import Floats, Mask, RedCodes
from deliverqc.signals.on_demand.screen import COUNTED_CHANGES

if TYPE_CHECKING:
    from deliverqc.signals.picture.planes import Plane, Planes

AGES_FRAMES = 64
"""Ages that are told apart: a second at up to 64 frames per second."""

_RECENT_FRAMES, _OLDER_FRAMES, _OLDER_COUNT = 4, 4, 2
_LOOK_BACK_FRAMES = _RECENT_FRAMES + _OLDER_FRAMES * _OLDER_COUNT
_ENTERED, _LEFT = 1, 2
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


class RedChanges:
    """Follows the pixels of successive frames, which `codes` read."""

    def __init__(self, codes: RedCodes, grid: tuple[int, int]) -> None:
        self.codes, self._size, self._grid = codes, codes.size, grid
        self._recent: deque[tuple[Plane, ...]] = deque(maxlen=_RECENT_FRAMES)
        self._older: deque[tuple[Plane, ...]] = deque(maxlen=_OLDER_COUNT)
        self._frame = 0
        self._since_red = np.full(self._size, _OUT_OF_SIGHT, dtype=np.uint8)
        self._since_other = np.full(self._size, _OUT_OF_SIGHT, dtype=np.uint8)
        self._last = np.zeros(self._size, dtype=np.uint8)
        self._band_since = [_OUT_OF_SIGHT] * len(codes.bands)
        self._ages = _Ages(self._size[0] * self._size[1])

    def take(self, planes: Planes, may_be_red: list[Any]) -> RedRow:
        """What changes in the next frame, in whose bands red may be where the codes say."""
        components = planes.components
        entered, left = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        if len(components) == 3:
            for number, red in enumerate(may_be_red):
                into, out = self._band(components, number, red)
                entered.append(into)
                left.append(out)
            self._remember(components)
        into, out = np.concatenate(entered), np.concatenate(left)
        recent = self._ages.take(np.concatenate((into, out)))
        return RedRow(entered=self._cells(into), left=self._cells(out), recent=recent)

    def _remember(self, components: tuple[Plane, ...]) -> None:
        if self._frame % _OLDER_FRAMES == 0 and len(self._recent) == _RECENT_FRAMES:
            self._older.append(self._recent[0])
        self._recent.append(components)
        self._frame += 1

    def _cells(self, pixels: NDArray[np.int64]) -> Floats:
        (height, width), (down, across) = self._size, self._grid
        if not len(pixels):
            return np.zeros(self._grid)
        row, column = np.divmod(pixels, width)
        cell = row * down // height * across + column * across // width
        counts = np.bincount(cell, minlength=down * across)
        return counts.reshape(self._grid) * (down * across / (height * width))

    def _band(
        self,
        components: tuple[Plane, ...],
        number: int,
        red: Any,  # noqa: ANN401
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pixels of a band that enter and leave, by their position in the picture; `red` is where they may be that."""
        rows, none = self.codes.bands[number], np.zeros(0, np.int64)
        self._band_since[number] = 0 if red is not None else min(self._band_since[number] + 1, _OUT_OF_SIGHT)
        if self._band_since[number] > _LOOK_BACK_FRAMES + 1:
            self._since_other[rows] = 0
            return none, none
        other = cv2.bitwise_not(self.codes.is_near_red(components, rows))
        if red is None:
            red = np.zeros_like(other)
        was_red, was_other = _within(self._since_red[rows], red), _within(self._since_other[rows], other)
        last = self._last[rows]
        cv2.bitwise_and(last, was_red, dst=last)
        enters = cv2.bitwise_and(cv2.bitwise_and(red, was_other), _is_not(last, _ENTERED))
        leaves = cv2.bitwise_and(cv2.bitwise_and(other, was_red), _is_not(last, _LEFT))
        is_open = cv2.bitwise_or(enters, leaves)
        if not self._recent or not cv2.countNonZero(is_open):
            return none, none
        is_open = cv2.bitwise_and(is_open, self.codes.differs(components, self._recent[-1], rows))
        return self._decided(components, np.flatnonzero(is_open) + rows.start * self._size[1])

    def _before(self) -> list[tuple[Plane, ...]]:
        """Frames that a colour is compared with, the nearest first."""
        return [*reversed(self._recent), *reversed(self._older)]

    def _decided(
        self, components: tuple[Plane, ...], pixels: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Those of the pixels that enter and that leave."""
        last = self._last.reshape(-1)
        now = self.codes.colours(components, pixels)
        is_open = np.where(now.is_red, last[pixels] != _ENTERED, last[pixels] != _LEFT)
        if not is_open.all():
            pixels, now = pixels[is_open], now.at(is_open)
        found: tuple[list[Any], list[Any]] = ([pixels[:0]], [pixels[:0]])
        for components_before in self._before():
            if not len(pixels):
                break
            before = self.codes.colours(components_before, pixels)
            is_change = (now.is_red | before.is_red) & now.differ(before)
            found[0].append(pixels[is_change & now.is_red])
            found[1].append(pixels[is_change & ~now.is_red])
            if is_change.all():
                break
            pixels, now = pixels[~is_change], now.at(~is_change)
        into, out = np.concatenate(found[0]), np.concatenate(found[1])
        last[into], last[out] = _ENTERED, _LEFT
        return into, out


def _within(since: Mask, is_now: Any) -> Any:  # noqa: ANN401
    """Count on how many frames ago it was, and where that is within sight (255)."""
    cv2.add(since, np.ones_like(since), dst=since)
    cv2.bitwise_and(since, cv2.bitwise_not(is_now), dst=since)
    return cv2.compare(since, _LOOK_BACK_FRAMES, cv2.CMP_LE)  # type: ignore[call-overload]


def _is_not(last: Mask, value: int) -> Any:  # noqa: ANN401
    return cv2.compare(last, value, cv2.CMP_NE)  # type: ignore[call-overload]


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

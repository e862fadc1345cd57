"""Where the shots of the picture change by a hard cut, and where that is not certain; knows no text and no limit.

A cut changes a frame by at least 5 % of the code range on average, as the meter `flash` has it, and at least three
times as much as the three frames before and after it change. Another frame is doubtful where it changes by 12 %; by 5 %
and 1.4 times as much as is usual there; by 1 % and twice as much; or by 0.3 % and four times as much. It may be a cut
between like shots or out of a quick pan, or a light or a caption. So is a flash, after which the picture is what it was
before. Slow dissolves and fades are neither.

What changes the whole picture at once within a shot is taken for a cut: a light that goes on and stays on.
All limits are a house choice, because no document names one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from deliverqc.signals.tables import LUMA_QUANTILES

if TYPE_CHECKING:
    from deliverqc.signals.tables import PictureSignal

Doubles = NDArray[np.float64]

_CUT_PERCENT = 5.0
_CUT_TIMES = 3.0
_DOUBTS = ((12.0, 0.0), (5.0, 1.4), (1.0, 2.0), (0.3, 4.0))
"""From which change on a frame is doubtful, in percent, and in times of what is usual there."""

_AROUND_FRAMES = 3
_FLASH_S = 0.2
_RETURN_SHARE = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class ShotChanges:
    """The first frames of shots but the first one, and frames that may be such, both in order."""

    frames: tuple[int, ...]
    doubtful: tuple[int, ...]

    def distance(self, frame: int) -> int | None:
        """Frames from the nearest change to `frame`, of two as near from the earlier one; None where there is none.
        LookupError where a doubtful frame is as near."""
        near, doubtful = _distance(frame, self.frames), _distance(frame, self.doubtful)
        if doubtful is not None and (near is None or abs(doubtful) <= abs(near)):
            raise LookupError(f"frame {frame - doubtful} may be a shot change")
        return near


def _distance(frame: int, changes: Sequence[int]) -> int | None:
    at = bisect_left(changes, frame)
    return min((frame - one for one in changes[max(0, at - 1) : at + 1]), key=abs, default=None)


def shot_changes(picture: PictureSignal) -> ShotChanges:
    """The hard cuts of a whole picture track."""
    full = float((1 << picture.bit_depth_bits) - 1)
    change = np.nan_to_num(picture.field_difference.astype(np.float64).mean(axis=1)) * 100.0 / full
    if len(change) < 2:
        return ShotChanges(frames=(), doubtful=())
    around = _around(change)
    is_cut = (change >= _CUT_PERCENT) & (change >= _CUT_TIMES * around.max(axis=1))
    usual = np.median(around, axis=1)
    is_doubtful: NDArray[np.bool_] = np.asarray(np.isnan(picture.field_difference).any(axis=1))
    is_doubtful[0] = False
    for least, times in _DOUBTS:
        is_doubtful |= (change >= least) & (change >= times * usual)
    reach = max(1, round(_FLASH_S * float(picture.frame_rate)))
    cuts = [int(frame) for frame in np.flatnonzero(is_cut) if not _returns(picture, int(frame), reach)]
    is_doubtful[cuts] = False
    return ShotChanges(frames=tuple(cuts), doubtful=tuple(np.flatnonzero(is_doubtful).tolist()))


def _around(change: Doubles) -> Doubles:
    """What the three frames before and after each one change, (frames, 6); at the ends those of one side twice."""
    padded = np.pad(change[1:], (_AROUND_FRAMES + 1, _AROUND_FRAMES), mode="reflect")
    windows = sliding_window_view(padded, 2 * _AROUND_FRAMES + 1)
    return np.delete(windows, _AROUND_FRAMES, axis=1)


def _returns(picture: PictureSignal, frame: int, reach: int) -> bool:
    """Whether the change is undone soon after, or undoes one: both ends of a flash."""
    first, end = max(0, frame - reach), min(picture.frame_count, frame + reach + 1)
    away = _apart(picture, frame - 1, frame)
    after = any(_apart(picture, frame - 1, other) <= _RETURN_SHARE * away for other in range(frame + 1, end))
    return after or any(_apart(picture, other, frame) <= _RETURN_SHARE * away for other in range(first, frame - 1))


def _apart(picture: PictureSignal, one: int, other: int) -> float:
    """How far the luma of two frames is apart, by their quantiles: codes."""
    first, second = (picture.luma_quantiles[frame].astype(np.float64) for frame in (one, other))
    return float(np.trapezoid(np.abs(first - second), LUMA_QUANTILES))

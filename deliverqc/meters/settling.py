"""Stills as a coder shows them: coarse at first, better with every frame, and coarse again with each key frame.

It knows differences and levels, no codec: which frames are key frames is read from where the picture changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.tables import LUMA_QUANTILES, PictureSignal

_HEAD_S = 2.0
"""House choice: low-rate encodes of stills need up to one group of pictures of 2 s until they are sharp."""
_NEARLY_S = 5e-7  # times of frames are binary fractions
_HEAD_SHARE = 1 / 2
_STEP_PERCENT = 2.5
"""House choice: of the code range, on average over all pixels. Key frames at 30 kb/s (320x240) change 2.1 %."""
_PIXEL_PERCENT = 60.0
_PIXEL_TO_MEAN = 60.0
"""House choice: a key frame changes the whole picture a little, at most 50 times its mean anywhere; a mouth, a mark or
a dot that moves changes a few pixels much, 290 times the mean and more."""
_HEAD_DRIFT_PERCENT = 3.2
_LEVEL_PERCENT = 0.8
"""House choice: two codes of 8 bits between the ends of groups of pictures; a fade or a new slide moves further."""
_QUIET_PERCENT = 2.0
_CHANGE_SHARE = 0.2
_PERIOD_S = 0.4
_HIT_SHARE = 1 / 3
_STEADY = [column for column, share in enumerate(LUMA_QUANTILES) if 0.05 <= share <= 0.95]


def settles_on_one_still(picture: PictureSignal, repeats: NDArray[np.bool_], least_s: float) -> bool:
    """Whether all changes of `picture` are those that a coder makes of one still.

    `repeats`: whether each frame repeats the one before it, by the tolerances of the freeze meter; the first does not.
    In the first 2 s up to half of the frames may change, each a little. After them, for at least `least_s`, changes
    come in the rhythm of key frames counted from the first frame, and between them the picture rests and keeps its
    levels.
    """
    changes = np.flatnonzero(~repeats[1:]) + 1
    # the last frame of the head: key frames every 2 s come with the one at 2 s
    head = int(np.searchsorted(picture.start_s, _HEAD_S + _NEARLY_S)) - 1
    count, frame_s = picture.frame_count, 1 / float(picture.frame_rate)
    if head < 1 or picture.start_s[-1] - picture.start_s[head] + frame_s < least_s - _NEARLY_S:
        return False
    early, late = changes[changes <= head], changes[changes > head]
    return (
        len(early) <= head * _HEAD_SHARE
        and len(late) <= (count - head) * _CHANGE_SHARE
        and _changes_little(picture, changes)
        and _spreads_over_the_picture(picture, late)
        and _percent(picture, np.median(picture.largest_luma_change[head + 1 :])) <= _QUIET_PERCENT
        and _keeps_its_levels(picture, head, late, repeats)
        and (not len(late) or _in_rhythm(changes, late, count, float(picture.frame_rate)))
    )


def _percent(picture: PictureSignal, codes: Any) -> Any:  # noqa: ANN401  an array or a number
    return 100 * np.asarray(codes, dtype=np.float64) / ((1 << picture.bit_depth_bits) - 1)


def _changes_little(picture: PictureSignal, changes: NDArray[np.int64]) -> bool:
    means = _percent(picture, picture.plane_difference[changes])
    pixels = _percent(picture, picture.largest_luma_change[changes])
    return bool(np.all(means <= _STEP_PERCENT) and np.all(pixels <= _PIXEL_PERCENT))


def _spreads_over_the_picture(picture: PictureSignal, changes: NDArray[np.int64]) -> bool:
    """Whether no change is that of a few pixels only."""
    means = _percent(picture, picture.plane_difference[changes, 0])
    pixels = _percent(picture, picture.largest_luma_change[changes])
    return bool(np.all((pixels <= 10.0) | (pixels <= _PIXEL_TO_MEAN * means)))


def _keeps_its_levels(picture: PictureSignal, head: int, late: NDArray[np.int64], repeats: NDArray[np.bool_]) -> bool:
    """Whether luma is distributed alike wherever the picture has come to rest, and nearly so in the head."""
    levels = picture.luma_quantiles[:, _STEADY].astype(np.int64)
    rests = [head, *(int(at) - 1 for at in late if repeats[at - 1]), picture.frame_count - 1]
    if len(late):
        within = _LEVEL_PERCENT
    else:
        rests, within = list(range(head, picture.frame_count)), _LEVEL_PERCENT / 2
    # the first rest may still be on its way to the level that the others share
    rests = rests[1:] if len(late) > 1 else rests
    early = _percent(picture, np.abs(levels[: head + 1] - levels[-1]).max())
    return bool(_percent(picture, np.ptp(levels[rests], axis=0).max()) <= within and early <= _HEAD_DRIFT_PERCENT)


def _in_rhythm(changes: NDArray[np.int64], late: NDArray[np.int64], count: int, rate: float) -> bool:
    """Whether a distance of key frames explains all `late` changes, and a third of these key frames is a change.

    B-frames just before a key frame, and frames just after it, change with it.
    """
    for period in range(max(6, round(_PERIOD_S * rate)), count // 2 + 1):
        beside = min(3, period // 6)
        nearest = np.round(late / period).astype(np.int64)
        if np.any(np.abs(late - nearest * period) > beside):
            continue
        number = np.round(changes / period).astype(np.int64)
        hit = set(number[(np.abs(changes - number * period) <= beside) & (number > 0)].tolist())
        if len(hit) >= max(2, _HIT_SHARE * ((count - 1) // period)):
            return True
    return False

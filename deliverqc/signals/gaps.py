"""Gaps and overlaps in time stamps: where a frame or a block of samples is not shown when the one before it ends; knows
no decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deliverqc.probing.wrappers.multiplexes import has_discontinuity_mark
from deliverqc.signals.tables import PictureSignal, TimeGap

TOLERANCE_S = Fraction(2, 1000)
"""Of sound: house choice, as wrappers that count milliseconds are off by less."""

_MOST_IRREGULAR = 0.05
"""Share of frames at another distance from which there is no one distance: house choice; then nothing is a gap."""

_MOST = 1000


_NEARLY = 0.25
"""Of a frame, by which a frame may come early and still stand in its place: house choice; a time stamp in milliseconds
is off by an eighth at 120 frames a second."""


def frame_period_s(picture: PictureSignal) -> float:
    """The distance of most frames. The wrapper's rate may be an average, which one lost frame has moved."""
    steps = np.diff(picture.start_s)
    usual = float(np.median(steps)) if len(steps) else 0.0
    regular = steps[np.abs(steps - usual) < usual / 2]
    return float(regular.mean()) if len(regular) else float(1 / picture.frame_rate)


def frame_numbers(picture: PictureSignal) -> NDArray[np.int64]:
    """The number of each row's frame in the track, int64 (frames,): a frame that was lost keeps its number, so that
    what follows keeps its own. Where frames have no constant distance they are counted."""
    counted = picture.first_frame + np.arange(picture.frame_count, dtype=np.int64)
    if not picture.frame_count:
        return counted
    period_s = frame_period_s(picture)
    late = picture.start_s[0] - picture.first_frame / float(picture.frame_rate)
    steps = np.concatenate(([late], np.diff(picture.start_s) - period_s)) / period_s
    lost = np.maximum(0, np.floor(steps + _NEARLY)).astype(np.int64)
    if np.count_nonzero(np.abs(steps[1:]) >= 1 / 2) > max(1, _MOST_IRREGULAR * len(steps)):
        return counted
    return counted + np.cumsum(lost)


def frame_at(picture: PictureSignal, numbers: NDArray[np.int64], start_s: float) -> int:
    """The number of the frame that is due at `start_s`, whether it is in the table or was lost."""
    if not picture.frame_count:
        return round(start_s * float(picture.frame_rate))
    period_s = frame_period_s(picture)
    row = int(np.searchsorted(picture.start_s, start_s + _NEARLY * period_s, side="right")) - 1
    number = int(numbers[max(row, 0)]) + round((start_s - float(picture.start_s[max(row, 0)])) / period_s)
    return min(number, int(numbers[row + 1])) if row + 1 < len(numbers) else number


def picture_gaps(picture: PictureSignal, name: str) -> tuple[TimeGap, ...]:
    """Frames that come half a frame or more later or earlier than one frame after the one before; none where the
    frames have no constant distance."""
    period_s = float(1 / picture.frame_rate)
    off_s = np.diff(picture.start_s) - period_s
    places = np.flatnonzero(np.abs(off_s) >= period_s / 2 - 1e-6)  # of a microsecond, as floats round
    if len(places) > max(1, _MOST_IRREGULAR * len(off_s)):
        return ()
    numbers = frame_numbers(picture)
    return tuple(
        TimeGap(
            track=name,
            frame=int(numbers[place]) + 1,
            start_s=float(picture.start_s[place]) + period_s,
            gap_s=float(off_s[place]),
        )
        for place in places[:_MOST]
    )


class SoundGaps:
    """Follows the time stamps of a sound track."""

    def __init__(self) -> None:
        self.found: list[tuple[Fraction, Fraction, int | None]] = []
        self._expected: Fraction | None = None

    def see(self, at: Fraction | None, duration_s: Fraction, place: int | None) -> None:
        """Take the time of a block, in the container's clock, how long it is, and about which byte of the file it is
        from."""
        if at is None:
            self._expected = None
            return
        if self._expected is not None and abs(at - self._expected) > TOLERANCE_S and len(self.found) < _MOST:
            self.found.append((self._expected, at - self._expected, place))
        self._expected = at + duration_s

    def told(self, name: str, origin: Fraction) -> tuple[tuple[TimeGap, int | None], ...]:
        """The gaps after the first picture frame, which is shown at `origin`, and the byte behind each. One that has
        closed by then is none: without an edit list, the priming of AAC stands apart from the sound that follows it
        by as much as the first picture is delayed."""
        return tuple(
            (TimeGap(track=name, frame=None, start_s=float(start - origin), gap_s=float(gap)), place)
            for start, gap, place in self.found
            if gap < 0 or start + gap > origin + TOLERANCE_S
        )


def lasting(gaps: Sequence[tuple[TimeGap, int | None]], block_s: Fraction) -> list[tuple[TimeGap, int | None]]:
    """The gaps of a sound track without those that the next block takes back: one stamp was off by a block of
    `block_s`, and the clock goes on as before, with nothing missing. A packet of a programme or transport stream stamps
    the first block that begins in it, and a reader may give that stamp to another."""
    kept: list[tuple[TimeGap, int | None]] = []
    for gap, place in gaps:
        if kept and _takes_back(gap, kept[-1][0], float(block_s)):
            kept.pop()
        else:
            kept.append((gap, place))
    return kept


def _takes_back(gap: TimeGap, before: TimeGap, block_s: float) -> bool:
    is_of_one_block = abs(before.gap_s) <= block_s + TOLERANCE_S
    is_next = gap.start_s - before.start_s - before.gap_s <= block_s + TOLERANCE_S
    return is_of_one_block and is_next and abs(before.gap_s + gap.gap_s) <= TOLERANCE_S


def marked(path: Path, gaps: Sequence[tuple[TimeGap, int | None]]) -> tuple[TimeGap, ...]:
    """The gaps of the transport stream at `path`, those signalled that a clock marked as a new one is near; of one
    without a place, that there is any."""
    size = path.stat().st_size
    with path.open("rb") as file:
        return tuple(
            replace(gap, is_signalled=has_discontinuity_mark(file, size, place)) if gap.gap_s > 0 else gap
            for gap, place in gaps
        )

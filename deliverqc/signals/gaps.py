"""Gaps and overlaps in time stamps: where a frame or a block of samples is not shown when the one before it ends; knows
no decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from deliverqc.probing.wrappers.multiplexes import has_discontinuity_mark
from deliverqc.signals.tables import PictureSignal, TimeGap

TOLERANCE_S = Fraction(2, 1000)
"""Of sound: house choice, as wrappers that count milliseconds are off by less."""

_MOST_IRREGULAR = 0.05
"""Share of frames at another distance from which there is no one distance: house choice; then nothing is a gap."""

_MOST = 1000


def picture_gaps(picture: PictureSignal, name: str) -> tuple[TimeGap, ...]:
    """Frames that come half a frame or more later or earlier than one frame after the one before; none where the
    frames have no constant distance."""
    period_s = float(1 / picture.frame_rate)
    off_s = np.diff(picture.start_s) - period_s
    places = np.flatnonzero(np.abs(off_s) >= period_s / 2 - 1e-6)  # of a microsecond, as floats round
    if len(places) > max(1, _MOST_IRREGULAR * len(off_s)):
        return ()
    return tuple(
        TimeGap(
            track=name,
            frame=picture.first_frame + int(place) + 1,
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
        """The gaps after the first picture frame, which is shown at `origin`, and the byte behind each."""
        return tuple(
            (TimeGap(track=name, frame=None, start_s=float(start - origin), gap_s=float(gap)), place)
            for start, gap, place in self.found
        )


def marked(path: Path, gaps: Sequence[tuple[TimeGap, int | None]]) -> tuple[TimeGap, ...]:
    """The gaps of the transport stream at `path`, those signalled that a clock marked as a new one is near; of one
    without a place, that there is any."""
    size = path.stat().st_size
    with path.open("rb") as file:
        return tuple(
            replace(gap, is_signalled=has_discontinuity_mark(file, size, place)) if gap.gap_s > 0 else gap
            for gap, place in gaps
        )

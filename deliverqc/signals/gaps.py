"""Gaps and overlaps in time stamps: where a frame or a block of samples is not shown when the one before it ends; knows
no wrapper and no decoder."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

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
        self.found: list[tuple[Fraction, Fraction]] = []
        self._expected: Fraction | None = None

    def see(self, at: Fraction | None, duration_s: Fraction) -> None:
        """Take the time of a block, in the container's clock, and how long it is."""
        if at is None:
            self._expected = None
            return
        if self._expected is not None and abs(at - self._expected) > TOLERANCE_S and len(self.found) < _MOST:
            self.found.append((self._expected, at - self._expected))
        self._expected = at + duration_s

    def told(self, name: str, origin: Fraction) -> tuple[TimeGap, ...]:
        """The gaps after the first picture frame, which is shown at `origin`."""
        return tuple(
            TimeGap(track=name, frame=None, start_s=float(start - origin), gap_s=float(gap))
            for start, gap in self.found
        )

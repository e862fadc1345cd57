"""Collects the triplets of cc_data of one carrier, frame by frame, and puts them into the order in which frames are
shown; knows no caption and no fact."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from deliverqc.signals.tables import NO_STAMP, CaptionSignal
from deliverqc.timed_text.cc_data import without_padding

RUNS = frozenset(("dvd", "cea_608"))
"""Carriers whose samples may hold the pairs of several frames."""

_FEW_TRIPLETS = 3
"""House choice: a sample that holds more is a run of pairs, one a frame, of which padding takes its place too."""


@dataclass(slots=True)
class CaptionCollector:
    """Frames that hold anything but padding, in the order of the file."""

    stamps: array[int] = field(default_factory=lambda: array("q"))
    counts: array[int] = field(default_factory=lambda: array("H"))
    triplets: bytearray = field(default_factory=bytearray)
    tick_s: Fraction = Fraction(0)

    def add(self, stamp: int | None, tick_s: Fraction | None, triplets: bytes, *, is_run: bool = False) -> None:
        """Take the triplets of one frame, which is shown at `stamp` ticks of the container's clock. `is_run`: they are
        pairs of several frames, of which padding counts for time."""
        kept = without_padding(triplets)
        if not kept:
            return
        if is_run and len(triplets) > 3 * _FEW_TRIPLETS:
            kept = triplets
        self.stamps.append(NO_STAMP if stamp is None else stamp)
        self.counts.append(len(kept) // 3)
        self.triplets += kept
        self.tick_s = tick_s or self.tick_s

    def finish(self, origin: Fraction, *, source: str, index: int | None, carrier: str) -> CaptionSignal:
        """The table, timed from `origin`, in the order of time stamps."""
        stamps, counts = np.array(self.stamps, dtype=np.int64), np.array(self.counts, dtype=np.uint16)
        order = np.argsort(stamps, kind="stable")
        ends = np.cumsum(counts, dtype=np.int64)
        firsts = (ends - counts)[order]
        sizes = counts[order].astype(np.int64)
        before = np.cumsum(sizes) - sizes
        rows = np.repeat(firsts - before, sizes) + np.arange(int(sizes.sum()))
        return CaptionSignal(
            source=source,
            index=index,
            carrier=carrier,
            tick_s=self.tick_s,
            origin_s=origin,
            stamps=stamps[order],
            counts=counts[order],
            triplets=np.frombuffer(bytes(self.triplets), dtype=np.uint8).reshape(-1, 3)[rows],
        )

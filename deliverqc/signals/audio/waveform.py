"""Kernels of the plain waveform: energy, sum, neighbour product and flat tops of every 10 ms; knows no weighting and no
true peak."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.tables import ROWS_PER_SECOND, row_edges

Floats = NDArray[np.float32]
Counts = NDArray[np.uint16]

FULL_SCALE = np.float32(32767 / 32768)
"""A sample from here on counts as full scale: the largest positive code of 16 bits, which at 24 bits is 0.0003 dB below
the largest one."""

SUMS = ("energy", "total", "next_product")
"""Columns that `sums` fills."""

FLAT_TOPS = ("peak_run", "peak_run_count", "full_scale_count")
"""Columns that `flat_tops` fills."""

_MOST = np.iinfo(np.uint16).max


class Rows:
    """The 10 ms rows of a block of one second."""

    def __init__(self, sample_rate_hz: int) -> None:
        self.length = sample_rate_hz
        self.edges = row_edges(sample_rate_hz, sample_rate_hz)
        self.starts = self.edges[:-1]
        self._longest = int(np.diff(self.edges).max())

    def split(self, values: Floats) -> Floats:
        """The values of a block, one or more a sample, row by row: (rows, values); shorter rows end in zeros."""
        if self.length % ROWS_PER_SECOND == 0:
            return values.reshape(ROWS_PER_SECOND, -1)
        per_sample = len(values) // self.length
        index = self.starts[:, None] * per_sample + np.arange(self._longest * per_sample)
        index[index >= self.edges[1:, None] * per_sample] = len(values)
        return np.asarray(np.append(values, np.float32(0.0))[index])


def sums(rows: Rows, sound: Floats, out: Floats) -> None:
    """Put the sum of squares, the sum, and the sum of each sample times the next one into `out`, float32
    (SUMS, rows).

    `sound`: (length + 1,), a block of one channel and the sample after it.
    """
    parts = rows.split(sound[:-1])
    out[0] = np.vecdot(parts, parts)
    out[1] = np.vecdot(parts, np.ones(parts.shape[1], dtype=np.float32))
    out[2] = np.vecdot(parts, rows.split(sound[1:]))


def difference_energy(rows: Rows, first: Floats, second: Floats) -> Floats:
    """Sum of squares of the difference of two channels in each row of a block: float32 (rows,)."""
    parts = rows.split(first - second)
    return np.asarray(np.vecdot(parts, parts))


def flat_tops(rows: Rows, sound: Floats, peaks: Floats, reach: int, out: Counts) -> None:
    """Put the longest run of equal samples at the sample peak of each row, the runs that begin in it, and the samples
    at full scale into `out`, uint16 (FLAT_TOPS, rows), which is zero before.

    `sound`: a block with `reach` samples before and after it; `peaks`: the sample peak of each row, (rows,). A run is
    followed `reach` samples beyond the block.
    """
    longest, begun, at_full_scale = out
    longest[:] = peaks > 0.0
    starts, ends = _runs(sound, float(peaks.min()), reach, rows.length)
    if len(starts):
        first = np.searchsorted(rows.starts, np.maximum(starts, 0), side="right") - 1
        last = np.searchsorted(rows.starts, np.minimum(ends, rows.length) - 1, side="right") - 1
        lengths = np.minimum(ends - starts, _MOST).astype(np.uint16)
        levels = np.abs(sound[starts + reach])
        for further in range(int((last - first).max()) + 1):
            row = first + further
            is_flat = (row <= last) & (levels == peaks[np.minimum(row, last)])
            np.maximum.at(longest, row[is_flat], lengths[is_flat])
            if further == 0:
                np.add.at(begun, row[is_flat & (starts >= 0)], np.uint16(1))
    if peaks.max() >= FULL_SCALE:
        block = rows.split(np.abs(sound[reach : reach + rows.length]))
        at_full_scale[:] = (block >= FULL_SCALE).sum(axis=1)


def _runs(sound: Floats, lowest: float, reach: int, length: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end, from the block's first sample on, of every run of two or more equal samples that touches it;
    runs below the lowest peak, and of zeros, are left out."""
    repeats = np.flatnonzero(sound[1:] == sound[:-1])
    if len(repeats):
        levels = np.abs(sound[repeats])
        repeats = repeats[(levels >= lowest) & (levels > 0.0)]
    if not len(repeats):
        return repeats, repeats
    breaks = np.flatnonzero(np.diff(repeats) > 1)
    starts = repeats[np.concatenate(([0], breaks + 1))] - reach
    ends = repeats[np.concatenate((breaks, [-1]))] + 2 - reach
    touches = (ends > 0) & (starts < length)
    return starts[touches], ends[touches]

"""Kernel of held samples: where the samples of a channel stay at one value, and how its sound stands at either end;
knows no level and no fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deliverqc.signals.tables import HELD_COLUMNS

if TYPE_CHECKING:
    from deliverqc.signals.audio.waveform import Counts, Floats, Rows

HOLDS = HELD_COLUMNS
"""Columns of counts that `holds` fills."""

EDGES = ("edge_before", "edge_after", "hold_level")
"""Columns of levels that `holds` fills."""

_SHORTEST_S = 1 / 500
"""Runs below are left out: house choice, as 8 bits and quiet passages hold their values for a fraction of that."""

_QUANTA = 6
"""Steps of the coding that sound at an edge exceeds: house choice, because quiet sound that is coded as zero comes and
goes by one or two."""
_STEPS = (2.0**-7, 2.0**-15)  # of 8 and of 16 bits


def holds(rows: Rows, sound: Floats, reach: int, counts: Counts, levels: Floats) -> None:
    """Put what is held into `counts`, uint16 (HOLDS, rows), and `levels`, float32 (EDGES, rows), which are zero before.

    `sound`: a block with `reach` samples before and after it. A run counts from 2 ms, or where it goes on beyond the
    block.
    """
    length = rows.length
    repeats = np.flatnonzero(sound[reach : reach + length + 1] == sound[reach - 1 : reach + length])
    if not len(repeats):
        return
    breaks = np.flatnonzero(np.diff(repeats) > 1)
    starts = repeats[np.concatenate(([0], breaks + 1))] - 1
    ends = repeats[np.concatenate((breaks, [-1]))] + 1
    lengths = ends - starts
    is_kept = (lengths >= length * _SHORTEST_S) | (starts < 0) | (ends > length)
    for run in np.flatnonzero(is_kept)[np.argsort(lengths[is_kept], kind="stable")]:
        _put(rows, int(starts[run]), int(ends[run]), counts)
        _put_levels(rows, sound, reach, (int(starts[run]), int(ends[run])), levels)


def silence(rows: Rows, counts: Counts) -> None:
    """Put a block of zeros between zeros into `counts`."""
    counts[0] = counts[1] = np.diff(rows.edges)


def _put(rows: Rows, start: int, end: int, counts: Counts) -> None:
    """Put the run from `start` to `end`, of the block's own samples, into the rows that it touches."""
    lead, tail, inner, inner_start = counts
    first = _row(rows, max(start, 0))
    last = _row(rows, min(end, rows.length) - 1)
    begins, stops = rows.edges[first : last + 1], rows.edges[first + 1 : last + 2]
    held = (np.minimum(stops, end) - np.maximum(begins, start)).astype(np.uint16)
    goes_back, goes_on = start < begins, end > stops
    lead[first : last + 1] = np.where(goes_back, held, lead[first : last + 1])
    tail[first : last + 1] = np.where(goes_on, held, tail[first : last + 1])
    if first == last and not goes_back[0] and not goes_on[0]:
        inner[first], inner_start[first] = end - start, start - rows.edges[first]


def _put_levels(rows: Rows, sound: Floats, reach: int, run: tuple[int, int], levels: Floats) -> None:
    start, end = run
    before, after = sound[max(start, 0) : start + reach], sound[end + reach : end + 2 * reach]
    if start >= 0:
        row = _row(rows, start)
        levels[0, row] = _due(before)
        levels[2, row] = abs(sound[start + reach])
    if end <= rows.length:
        levels[1, _row(rows, end - 1)] = _due(after[::-1])


def _due(sound: Floats) -> float:
    """How large the sample would be that goes on from the last two of `sound`, at most its largest; 0 where it is only
    a few steps of the coding."""
    if len(sound) < 2:
        return 0.0
    largest = float(np.abs(sound).max())
    step = next((step for step in _STEPS if not np.any(np.remainder(sound, np.float32(step)))), 0.0)
    return min(largest, abs(float(2 * sound[-1] - sound[-2]))) if largest >= _QUANTA * step else 0.0


def _row(rows: Rows, sample: int) -> int:
    return int(np.searchsorted(rows.starts, sample, side="right")) - 1

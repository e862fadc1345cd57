"""Pops of one channel, for the meter `clicks`: short swings below 50 Hz that stand out; knows no label and no click."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

_OWN_ROWS = 25
"""House choice: as far as the longest pop and the filter reach, what swings belongs to one event."""
_REACH_ROWS = 100
"""House choice: drums, steps and bass notes come again within a second."""
_AROUND_ROWS = 30
_EDGE_SHARE = 0.5
_MOST_ABOVE = 10.0 ** (12.0 / 20.0)
"""House choice: a half sine of 5 ms swings 7 dB more above 50 Hz than below, and a drum or a door more than this."""
_MOST_RISE = 10.0 ** (6.0 / 20.0)
_LEAST = 1e-5
"""House choice, -100 dBFS: the size of a pop in silence stays finite."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pop:
    """Rows from `first` to before `end`; `size_db` over what else swings below 50 Hz, and how far it swings itself."""

    first: int
    end: int
    size_db: float
    level_dbfs: float


def pops(low: Doubles, above: Doubles, *, min_size_db: float, min_level_dbfs: float, max_rows: float) -> Iterator[Pop]:
    """The pops of a channel in order. `low`, `above`: its columns of deliverqc/signals/on_demand/thumps, (rows,)."""
    others = _around(low, _OWN_ROWS + 1, _REACH_ROWS)
    is_peak = (low >= 10.0 ** (min_level_dbfs / 20.0)) & (low > _before(low, _OWN_ROWS))
    is_peak &= low >= _before(low[::-1], _OWN_ROWS)[::-1]
    size_db = 20.0 * np.log10(np.maximum(low, _LEAST) / np.maximum(others, _LEAST))
    for row in np.flatnonzero(is_peak & (size_db >= min_size_db)).tolist():
        first, end = _edges(low >= _EDGE_SHARE * low[row], row)
        is_inside = first > 0 and end < len(low)
        if is_inside and end - first <= max_rows and not _is_loud(above, first, end, float(low[row])):
            level = 20.0 * float(np.log10(low[row]))
            yield Pop(first=first, end=end, size_db=float(size_db[row]), level_dbfs=level)


def _before(values: Doubles, count: int) -> Doubles:
    """The largest of the `count` values before each."""
    padded = np.concatenate((np.zeros(count), values[:-1]))
    highest: Doubles = np.lib.stride_tricks.sliding_window_view(padded, count).max(axis=1)
    return highest


def _around(values: Doubles, nearest: int, farthest: int) -> Doubles:
    """The largest value from `nearest` to `farthest` rows away on either side."""
    count = farthest - nearest + 1
    padded = np.concatenate((np.zeros(farthest), values, np.zeros(farthest)))
    highest = np.lib.stride_tricks.sliding_window_view(padded, count).max(axis=1)
    largest: Doubles = np.maximum(highest[: len(values)], highest[farthest + nearest :][: len(values)])
    return largest


def _edges(is_high: NDArray[np.bool_], row: int) -> tuple[int, int]:
    """The run of true values that holds `row`."""
    before, after = np.flatnonzero(~is_high[:row]), np.flatnonzero(~is_high[row:])
    return int(before[-1]) + 1 if len(before) else 0, row + int(after[0]) if len(after) else len(is_high)


def _is_loud(above: Doubles, first: int, end: int, low: float) -> bool:
    """Whether sound above 50 Hz that is louder than the pop begins, ends or strikes with it."""
    highest = float(above[first:end].max())
    before = float(above[max(0, first - _AROUND_ROWS) : first].max(initial=0.0))
    after = float(above[end : end + _AROUND_ROWS].max(initial=0.0))
    return highest > _MOST_ABOVE * low and highest > _MOST_RISE * min(before, after)

"""Runs of rows that share a property, as spans; knows no table."""

from __future__ import annotations

import numpy as np

from deliverqc.timebase import Span


def runs(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[Span]:
    """Maximal runs of true rows, half-open; a run to the last row ends at the count of rows."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [Span(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]

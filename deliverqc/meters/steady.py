"""Levels of sound about its own mean, so that an offset is not taken for sound; knows no meter and no limit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.tables import ROWS_PER_SECOND, SoundSignal, row_edges

Doubles = NDArray[np.float64]

BLOCK_ROWS = 4 * ROWS_PER_SECOND // 10
"""House choice: as long as the window of momentary loudness (ITU-R BS.1770-5), and a whole period of 2.5 Hz."""


def mean_and_power(signal: SoundSignal) -> tuple[Doubles, Doubles]:
    """Mean of each channel over successive 400 ms, and its mean square about that mean, told for each row: float64
    (rows, channels), full scale 1.0. An offset of a quarter of full scale leaves a residue of about -84 dB, as sums are
    kept as float32.
    """
    edges = row_edges(signal.sample_count, signal.sample_rate_hz)
    starts = np.arange(0, len(signal.total), BLOCK_ROWS)
    lasting = np.diff(np.append(edges[:-1][starts], edges[-1]))[:, np.newaxis]
    mean = np.add.reduceat(signal.total.astype(np.float64), starts, axis=0) / lasting
    square = np.add.reduceat(signal.energy.astype(np.float64), starts, axis=0) / lasting
    power = np.maximum(square - mean**2, 0.0)
    of_row = np.arange(len(signal.total)) // BLOCK_ROWS
    return mean[of_row], power[of_row]

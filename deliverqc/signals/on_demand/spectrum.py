"""How the energy of each second of each channel is spread over frequency; knows no layout and no limit.

| column | shape | holds |
|---|---|---|
| `energy` | float32 (rows, channels, 2) | energy in two bands of the second that the row is in, full scale 1.0 |

A spectrum needs a second, and a table has a row for each 10 ms: row n of a second, from 0 to 99, holds the bands 2n and
2n + 1. Band 0 is what is below 10 Hz; from there 18 bands make an octave (EDGES_HZ), and the last one reaches up to
half the sample rate. Each second is read with the second before it under a sine window, so that the energies of all
seconds add up to that of the sound. Of a last second that is not complete there are as many bands as its rows hold:
whoever reads the column leaves it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deliverqc.signals.audio.columns import Seconds
from deliverqc.signals.tables import ROWS_PER_SECOND

if TYPE_CHECKING:
    from deliverqc.signals.audio.waveform import Floats
    from deliverqc.signals.columns import Columns

_BANDS_A_ROW = 2
BAND_COUNT = _BANDS_A_ROW * ROWS_PER_SECOND
EDGES_HZ = np.concatenate(([0.0], 10.0 * 2.0 ** (np.arange(BAND_COUNT - 1) / 18.0), [np.inf]))
"""Edges of the bands, float64 (201,): house choice, 4 % wide, up to 20.5 kHz and one above."""


class SpectrumColumns:
    """Reads every channel of a track; see the module for the column."""

    def __init__(self, sample_rate_hz: int, channel_count: int) -> None:
        length = 2 * sample_rate_hz
        self._before = np.zeros((channel_count, sample_rate_hz), dtype=np.float32)
        self._window = np.sin(np.pi * (np.arange(length) + 0.5) / length)
        places = np.fft.rfftfreq(length, 1.0 / sample_rate_hz)
        self._firsts = np.searchsorted(places, EDGES_HZ[:-1])
        self._count = int((self._firsts < len(places)).sum())
        self._scale = np.full(len(places), 2.0 / length)
        self._scale[0] = self._scale[-1] = 1.0 / length
        self._seconds = Seconds({"energy": np.float32}, (channel_count, _BANDS_A_ROW))

    def feed(self, block: Floats) -> None:
        """Read the next second."""
        energy = np.zeros((ROWS_PER_SECOND, len(block), _BANDS_A_ROW), dtype=np.float32)
        for number, (before, now) in enumerate(zip(self._before, block, strict=True)):
            if before.any() or now.any():
                lines = np.fft.rfft(np.concatenate((before, now)) * self._window)
                powers = (lines.real**2 + lines.imag**2) * self._scale
                bands = np.zeros(BAND_COUNT)
                bands[: self._count] = np.add.reduceat(powers, self._firsts[: self._count])
                energy[:, number] = bands.reshape(ROWS_PER_SECOND, -1)
        self._seconds.add({"energy": energy})
        self._before[:] = block

    def finish(self, row_count: int) -> Columns:
        """The column."""
        return self._seconds.finish(row_count)


def columns(sample_rate_hz: int, channel_count: int) -> SpectrumColumns:
    """A reader of a track."""
    return SpectrumColumns(sample_rate_hz, channel_count)

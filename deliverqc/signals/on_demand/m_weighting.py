"""Energy of the M-weighted sound, by which cinema tells how loud and annoying it is; knows no layout and no level in a
room.

| column | shape | holds |
|---|---|---|
| `energy` | float32 (rows, channels) | sum of squares of the M-weighted samples, full scale 1.0 |

M-weighting (ISO 21727:2016, 3.5 and Table 1) is the curve of Recommendation ITU-R BS.468-4 lowered by 5.6 dB, so that
2 kHz passes as it is. It is made here, for any sample rate, by a filter of finite length whose response is that of the
network of BS.468-4 up to half the sample rate: within 0.1 dB of it from 32 kHz up, and 0.15 dB at 8 kHz.

The filter is 1 ms late: a row holds the sound of 1 ms before it, and what sounds in the last millisecond is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.audio.columns import Seconds
from deliverqc.signals.audio.waveform import Floats, Rows

if TYPE_CHECKING:
    from deliverqc.signals.columns import Columns

_REAL = (-4.737338981378384e-24, 0.0, 2.043828333606125e-15, 0.0, -1.363894795463638e-7, 0.0, 1.0)
_IMAGINARY = (1.306612257412824e-19, 0.0, -2.118150887518656e-11, 0.0, 5.559488023498642e-4, 0.0)
_NUMERATOR = 1.246332637532143e-4
"""Response of the network of BS.468-4 Figure 1a to a frequency in Hz: |H| = numerator f / |real(f) + i imaginary(f)|,
as it is commonly published; it meets the table of the Recommendation within 0.05 dB."""

_GAIN_DB = 18.246 - 5.6
"""18.246 dB bring the network to 0 dB at 1 kHz, and 5.6 dB less is ISO 21727:2016 Table 1."""

_REACH_S = 0.001
"""Half the length of the filter: house choice, the response stays within a fifth of every tolerance of Table 1."""

_KAISER_BETA = 4.0
_POINTS = 16_384
"""Frequencies at which the response is laid down."""


def response(frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gain of M-weighting at each frequency, as a factor (ISO 21727:2016 Table 1)."""
    network = np.hypot(np.polyval(_REAL, frequency_hz), np.polyval(_IMAGINARY, frequency_hz))
    weighted: NDArray[np.float64] = 10.0 ** (_GAIN_DB / 20.0) * _NUMERATOR * frequency_hz / network
    return weighted


def taps(sample_rate_hz: int) -> NDArray[np.float64]:
    """The filter at a sample rate, float64 (taps,).

    Its halves are each other's negative: the response then runs through zero at 0 Hz, as that of the network does, and
    needs no long filter to follow it there.
    """
    half = round(_REACH_S * sample_rate_hz)
    place = np.arange(half) + 0.5
    angle = (np.arange(_POINTS) + 0.5) * np.pi / _POINTS
    side = np.sin(np.outer(place, angle)) @ response(angle * sample_rate_hz / (2.0 * np.pi)) / _POINTS
    window = np.i0(_KAISER_BETA * np.sqrt(1.0 - (place / half) ** 2)) / np.i0(_KAISER_BETA)
    side *= window
    return np.concatenate((-side[::-1], side))


class WeightedColumns:
    """Reads every channel of a track; see the module for the column."""

    def __init__(self, sample_rate_hz: int, channel_count: int) -> None:
        self._rows = Rows(sample_rate_hz)
        self._taps = taps(sample_rate_hz).astype(np.float32)
        self._before = len(self._taps) - 1
        self._sound = np.zeros((channel_count, self._before + sample_rate_hz), dtype=np.float32)
        self._seconds = Seconds({"energy": np.float32}, (channel_count,))

    def feed(self, block: Floats) -> None:
        """Read the next second."""
        self._sound[:, self._before :] = block
        energy = np.zeros((len(self._rows.starts), len(block)), dtype=np.float32)
        for number, channel in enumerate(self._sound):
            if channel.any():
                windows = np.lib.stride_tricks.sliding_window_view(channel, len(self._taps))
                rows = self._rows.split(np.asarray(np.vecdot(windows, self._taps)))
                energy[:, number] = np.vecdot(rows, rows)
        self._seconds.add({"energy": energy})
        self._sound[:, : self._before] = self._sound[:, -self._before :].copy()

    def finish(self, row_count: int) -> Columns:
        """The column."""
        return self._seconds.finish(row_count)


def columns(sample_rate_hz: int, channel_count: int) -> WeightedColumns:
    """A reader of a track."""
    return WeightedColumns(sample_rate_hz, channel_count)

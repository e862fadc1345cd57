"""How far the sound of each channel swings below 50 Hz, and above; knows no limit. Part of the extension `impulses`.

| column | shape | holds |
|---|---|---|
| `low` | float32 (rows, channels) | largest swing of the row from 2 to 50 Hz, full scale 1.0 |
| `above` | float32 (rows, channels) | largest swing of the row from 50 Hz to 2 kHz |

Sound is averaged over 0.25 ms. Its mean under a Hann window of 20 ms, less that under one of 400 ms, is `low`: a step
of the waveform swings by half its height to either side, and a constant offset by nothing. What the shorter window
takes out is `above`. A row looks 0.2 s back and ahead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.audio.columns import Seconds
from deliverqc.signals.tables import ROWS_PER_SECOND

if TYPE_CHECKING:
    from deliverqc.signals.audio.waveform import Floats
    from deliverqc.signals.columns import Columns

Doubles = NDArray[np.float64]

_PIECES = 4_000
"""Of a second. House choice: a tone that the mean folds down to below 50 Hz loses 38 dB."""
_SHORT = 80
"""Pieces, 20 ms. House choice: 6 dB down at 50 Hz, and 22 dB at 85 Hz, the lowest voices."""
_LONG = 1_600
"""Pieces, 400 ms. House choice: a thump of 100 ms keeps two thirds of its height."""
_REACH = _LONG // 2
_LENGTH = _PIECES + 2 * _REACH
_FAST_LENGTH = 6_000
"""Of a Fourier transform, with the reach of the filter at one end only."""


class ThumpColumns:
    """Reads every channel of a track, each second when the one after it is there; see the module for the columns."""

    def __init__(self, sample_rate_hz: int, channel_count: int) -> None:
        edges = np.arange(_PIECES + 1) * sample_rate_hz // _PIECES
        self._starts, self._counts = edges[:-1], np.diff(edges)
        self._responses = np.conj(np.fft.rfft(np.stack((_window(_SHORT), _window(_LONG))), _FAST_LENGTH))
        self._pieces = np.zeros((channel_count, _REACH + 2 * _PIECES))
        self._seconds = Seconds(dict.fromkeys(("low", "above"), np.float32), (channel_count,))
        self._is_begun = False

    def feed(self, block: Floats) -> None:
        """Take the next second, and read the one before it."""
        self._take(np.add.reduceat(block, self._starts, axis=1, dtype=np.float64) / self._counts)

    def finish(self, row_count: int) -> Columns:
        """The columns."""
        self._take(np.zeros((len(self._pieces), _PIECES)))
        return self._seconds.finish(row_count)

    def _take(self, pieces: Doubles) -> None:
        self._pieces[:, :-_PIECES] = self._pieces[:, _PIECES:].copy()
        self._pieces[:, -_PIECES:] = pieces
        if self._is_begun:
            self._read()
        self._is_begun = True

    def _read(self) -> None:
        """Add the rows of the second before the last."""
        low, above = table = np.zeros((2, ROWS_PER_SECOND, len(self._pieces)), dtype=np.float32)
        for channel, sound in enumerate(self._pieces[:, :_LENGTH]):
            if sound.any():
                lines = np.fft.rfft(sound, _FAST_LENGTH) * self._responses
                short, long = np.fft.irfft(lines, _FAST_LENGTH)[:, :_PIECES]
                swings = np.abs(np.stack((short - long, sound[_REACH:-_REACH] - short)))
                table[:, :, channel] = swings.reshape(2, ROWS_PER_SECOND, -1).max(axis=2)
        self._seconds.add({"low": low, "above": above})


def _window(pieces: int) -> Doubles:
    """A Hann window of so many pieces about the middle of `_LONG`, of sum 1."""
    window = np.zeros(_LONG + 1)
    first = _REACH - pieces // 2
    window[first : first + pieces + 1] = np.hanning(pieces + 1)
    window /= window.sum()
    return window

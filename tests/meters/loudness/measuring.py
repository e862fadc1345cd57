"""Takes samples through the kernels and the meters, as the tests of sound need it; asserts nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from deliverqc.meters import loudness, silence
from deliverqc.meters.model import Reading
from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.tables import SoundSignal

Samples = NDArray[np.floating[Any]]
STEREO = ("L", "R")


def columns(samples: Samples, *, rate_hz: int = 48_000) -> SoundSignal:
    accumulator = SoundAccumulator(rate_hz, len(samples))
    accumulator.feed(samples)
    return accumulator.finish()


def signal(samples: Samples, *, labels: Sequence[str] = STEREO, rate_hz: int = 48_000) -> SoundSignal:
    return replace(columns(samples, rate_hz=rate_hz), labels=tuple(labels))


def loudness_reading(samples: Samples, *, labels: Sequence[str] = STEREO, rate_hz: int = 48_000) -> Reading:
    return loudness.METER.measure(signal(samples, labels=labels, rate_hz=rate_hz), {})


def loudness_facts(samples: Samples, *, labels: Sequence[str] = STEREO, rate_hz: int = 48_000) -> Mapping[str, Any]:
    """Loudness facts without their `loudness.`"""
    reading = loudness_reading(samples, labels=labels, rate_hz=rate_hz)
    return {name.removeprefix("loudness."): value for name, value in reading.facts.items()}


def silence_facts(
    samples: Samples, *, labels: Sequence[str] = STEREO, rate_hz: int = 48_000, **settings: float
) -> Mapping[str, Any]:
    """Silence facts without their `silence.`"""
    reading = silence.METER.measure(signal(samples, labels=labels, rate_hz=rate_hz), silence.METER.resolve(settings))
    return {name.removeprefix("silence."): value for name, value in reading.facts.items()}


def stereo_levels(samples: Samples, seconds: float, *, hop_rows: int) -> NDArray[np.float64]:
    """Loudness of a stereo pair in every window of `seconds`, one each `hop_rows`, by running sums."""
    sums = np.concatenate(([0.0], np.cumsum(columns(samples).k_energy.sum(axis=1))))
    length = round(seconds * 100)
    energy = (sums[length:] - sums[:-length])[::hop_rows]
    return np.asarray(-0.691 + 10.0 * np.log10(np.maximum(energy, 1e-12) / (length * 480)))


def read_wav(path: Path) -> tuple[Samples, int]:
    """Samples (channels, n) of a PCM file, full scale 1.0, and its rate."""
    with av.open(path) as container:
        frames = list(container.decode(audio=0))
    packed = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
    channels = frames[0].layout.nb_channels
    scale = 1.0 if packed.dtype.kind == "f" else float(-np.iinfo(packed.dtype).min)
    planar = packed if frames[0].format.is_planar else packed.reshape(-1, channels).T
    return planar / scale, frames[0].sample_rate

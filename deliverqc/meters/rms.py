"""RMS level and noise floor of a channel group, as audiobook platforms ask for them; knows no limit, and never answers
for loudness.

What it measures, on all channels of one group together, unweighted and ungated:

- RMS level: the root of the mean of all squared samples of the group, in dB of full scale. A sine whose peaks are at
  full scale reads -3.01 dBFS, as in ffmpeg's astats; meters that add 3 dB (AES17) read more
- noise floor: the RMS level of the quietest 0.5 s. ACX does not say over which time it measures. This is the method of
  ACX Check for Audacity (release 1.0, 2015: "the RMS level of the quietest 500 mS"), which narrators and platforms use;
  release 2.4.2 takes 0.4 s to 0.5 s and all samples of both channels together. Here a stretch begins every 10 ms

Silence that was put in hides the noise of a recording. So a stretch in which any 10 ms is digital silence in every
channel does not count. Where there is digital silence, and the quietest stretch without it is within 30 dB of the RMS
level of what sounds (house choice: a voice can be so quiet, and noise so loud), noise and voice cannot be told apart,
and there is no noise floor among the facts.

It has no settings. It does not see whether the quietest stretch is room tone, nor noise under the voice. A file without
a pause of 0.5 s reads a noise floor that is too high.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.meters.loudness import window_sums
from deliverqc.meters.model import Meter, Reading, Reads, Settings
from deliverqc.signals.tables import ROWS_PER_SECOND, SoundSignal, row_edges

_WINDOW_ROWS = ROWS_PER_SECOND // 2
"""0.5 s: ACX Check for Audacity, release 1.0."""

_APART_DB = 30.0

_GIVEN_BY = ("meter:rms",)


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Measure one channel group; a group without a single sample gives no facts."""
    if signal.sample_count == 0:
        return Reading(facts={})
    rows = signal.energy.astype(np.float64).sum(axis=1)
    level = _level(rows.sum(), signal.sample_count * signal.energy.shape[1])
    return Reading(facts={"loudness.rms_dbfs": level} | _noise_floor(signal, rows, level))


def _noise_floor(signal: SoundSignal, rows: NDArray[np.float64], level: float | None) -> dict[str, float | None]:
    """The noise floor; None where nothing sounds or nothing lasts 0.5 s, no fact where it cannot be told."""
    whole = signal.sample_count * ROWS_PER_SECOND // signal.sample_rate_hz
    if level is None or whole < _WINDOW_ROWS:
        return {"loudness.noise_floor_dbfs": None}
    is_silent = signal.sample_peak[:whole].max(axis=1) == 0.0
    holds_silence = window_sums(is_silent.astype(np.float64), _WINDOW_ROWS) > 0.0
    edges = row_edges(signal.sample_count, signal.sample_rate_hz)
    samples = edges[_WINDOW_ROWS : whole + 1] - edges[: whole + 1 - _WINDOW_ROWS]
    powers = window_sums(rows[:whole], _WINDOW_ROWS) / (samples * signal.energy.shape[1])
    heard = powers[~holds_silence]
    quietest = _level(heard.min(), 1) if len(heard) else None
    if quietest is None or (is_silent.any() and quietest > _level_of_sound(signal, rows) - _APART_DB):
        return {}
    return {"loudness.noise_floor_dbfs": quietest}


def _level_of_sound(signal: SoundSignal, rows: NDArray[np.float64]) -> float:
    """RMS level of the rows that are not digital silence, of which there is one."""
    samples = np.diff(row_edges(signal.sample_count, signal.sample_rate_hz))[rows > 0.0]
    return float(10.0 * np.log10(rows.sum() / (samples.sum() * signal.energy.shape[1])))


def _level(energy: float, samples: int) -> float | None:
    return float(10.0 * np.log10(energy / samples)) if energy > 0.0 else None


def _fact(name: str, meaning: str, null_means: str) -> Fact:
    return Fact(
        name=f"sound.groups[].loudness.{name}",
        kind=Kind.NUMBER,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit="dBFS",
        resolution=0.01,
        null_means=null_means,
    )


METER = Meter(
    name="rms",
    version=1,
    reads=Reads.GROUP,
    facts=(
        _fact("rms_dbfs", "RMS level of the whole group, all channels together, unweighted", "digital silence"),
        _fact(
            "noise_floor_dbfs",
            "RMS level of the quietest 0.5 s without digital silence (ACX Check for Audacity); missing where digital "
            "silence leaves no pause to measure",
            "digital silence, or shorter than 0.5 s",
        ),
    ),
    measure=measure,
)

"""What of each channel its own recent sound does not predict: how far it stands out, where and for how long; knows no
limit.

| column | shape | holds |
|---|---|---|
| `peak` | float32 (rows, channels) | largest prediction error of the row, full scale 1.0 |
| `position` | uint16 (rows, channels) | the sample of the row at which it is |
| `rest` | float32 (rows, channels) | largest error of the row further than 1.5 ms from there |
| `energy` | float32 (rows, channels) | sum of squares of the errors within 1.5 ms |
| `first` | float32 (rows, channels) | the first error within 1.5 ms before that reaches a quarter of the peak |
| `lead` | uint16 (rows, channels) | by how many samples it comes before the peak |

An impulse is the first error that it makes, and what follows from the sample after it can be larger: twice as
large in a low tone.

Every 20 ms are predicted, sample by sample, by an autoregressive model of order 32 that is fitted to them and to the
20 ms before (Godsill and Rayner, Digital Audio Restoration, 1998, chapter 5). It is fitted twice: the second time, what
exceeds 6 times the standard deviation of the errors, as their median gives it, is taken out of the sound, so that
an impulse does not bend the model that is to show it.

`low` and `above`, how far the sound swings below 50 Hz and above it, are in deliverqc/signals/on_demand/thumps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.audio.columns import Seconds
from deliverqc.signals.audio.waveform import Rows
from deliverqc.signals.on_demand.thumps import ThumpColumns
from deliverqc.signals.tables import ROWS_PER_SECOND

if TYPE_CHECKING:
    from deliverqc.signals.audio.waveform import Floats
    from deliverqc.signals.columns import Columns

Doubles = NDArray[np.float64]

CORE_S = 0.0015
"""House choice: what an error within this time of a larger one belongs to it."""

_FRAMES = 50
"""Of a second. House choice: in 20 ms speech changes little."""
_ORDER = 32
_WHITE = 1e-9
"""Of the energy, that is added as white noise: house choice; a pure tone would be predicted to the last bit."""
_LEAST_ENERGY = 1e-12
_BEGINS_SHARE = np.float32(0.25)
"""House choice: below what an impulse is of its largest error in any tone, far above what is around a click."""
_OUTLIER = 6.0
_MEDIAN_SHARE = 0.6745
"""Median of the absolute value of Gaussian noise, in standard deviations."""

_KINDS: dict[str, Any] = {
    "peak": np.float32,
    "position": np.uint16,
    "rest": np.float32,
    "energy": np.float32,
    "first": np.float32,
    "lead": np.uint16,
}


class ImpulseColumns:
    """Reads every channel of a track; see the module for the columns."""

    def __init__(self, sample_rate_hz: int, channel_count: int) -> None:
        self._rows = Rows(sample_rate_hz)
        self._hop = -(-sample_rate_hz // _FRAMES)
        self._starts = np.arange(_FRAMES) * sample_rate_hz // _FRAMES
        self._core = max(1, round(CORE_S * sample_rate_hz))
        self._before = np.zeros((channel_count, self._hop), dtype=np.float32)
        self._tails = np.zeros((channel_count, self._core), dtype=np.float32)
        self._seconds = Seconds(_KINDS, (channel_count,))
        self._thumps = ThumpColumns(sample_rate_hz, channel_count)

    def feed(self, block: Floats) -> None:
        """Read the next second."""
        self._thumps.feed(block)
        shape = (ROWS_PER_SECOND, len(block))
        second = {name: np.zeros(shape, dtype=kind) for name, kind in _KINDS.items()}
        for channel, (before, now) in enumerate(zip(self._before, block, strict=True)):
            if before.any() or now.any():
                found = self._errors(np.concatenate((before, now, np.zeros(1, dtype=np.float32))))
                errors = np.abs(found).astype(np.float32)
                for name, values in self._read(errors, self._tails[channel]).items():
                    second[name][:, channel] = values
                self._tails[channel] = errors[-self._core :]
            else:
                self._tails[channel] = 0.0
        self._seconds.add(second)
        self._before[:] = block[:, -self._hop :]

    def finish(self, row_count: int) -> Columns:
        """The columns."""
        return {**self._seconds.finish(row_count), **self._thumps.finish(row_count)}

    def _errors(self, sound: Floats) -> Doubles:
        """Prediction errors of a second, (rate,), of `sound`, which begins a frame earlier."""
        hop = self._hop
        places = self._starts[:, None] + np.arange(2 * hop)
        frames = sound[places].astype(np.float64)
        whole = _filtered(frames, _models(frames), _ORDER)
        limit = np.median(np.abs(whole), axis=1, keepdims=True) * (_OUTLIER / _MEDIAN_SHARE)
        clean = frames.copy()
        clean[:, _ORDER:] -= whole - np.clip(whole, -limit, limit)
        errors = np.zeros(self._rows.length + 1)
        errors[places[:, hop:] - hop] = _filtered(frames, _models(clean), hop)
        return errors[: self._rows.length]

    def _read(self, errors: Floats, tail: Floats) -> Columns:
        """The columns of a second of `errors`; `tail` are those just before it."""
        rows = self._rows.split(errors)
        position = rows.argmax(axis=1)
        peak = rows.max(axis=1)
        outside = np.abs(np.arange(rows.shape[1]) - position[:, None]) > self._core
        padded = np.concatenate((tail, errors, np.zeros(self._core, dtype=np.float32)))
        cores = np.lib.stride_tricks.sliding_window_view(padded, 2 * self._core + 1)[self._rows.starts + position]
        begins = (cores >= _BEGINS_SHARE * peak[:, None]).argmax(axis=1)
        return {
            "first": cores[np.arange(len(cores)), begins],
            "lead": np.maximum(self._core - begins, 0),
            "peak": peak,
            "position": position,
            "rest": np.where(outside, rows, np.float32(0.0)).max(axis=1),
            "energy": np.vecdot(cores, cores),
        }


def _models(frames: Doubles) -> Doubles:
    """Coefficients of the prediction error filter of each of `frames`, (frames, order + 1), by autocorrelation under a
    Hann window and Levinson's recursion."""
    length = frames.shape[1]
    lines = np.fft.rfft(frames * np.hanning(length + 2)[1:-1], 2 * length)
    lags = np.fft.irfft(lines.real**2 + lines.imag**2)[:, : _ORDER + 1]
    error = lags[:, 0] * (1.0 + _WHITE) + _LEAST_ENERGY
    models = np.zeros_like(lags)
    models[:, 0] = 1.0
    for order in range(1, _ORDER + 1):
        reflection = -np.vecdot(models[:, :order], lags[:, order:0:-1]) / error
        models[:, 1 : order + 1] += reflection[:, None] * models[:, order - 1 :: -1][:, :order]
        error *= np.maximum(1.0 - reflection**2, _LEAST_ENERGY)
    return models


def _filtered(frames: Doubles, models: Doubles, first: int) -> Doubles:
    """What `models` do not predict of `frames`, from the sample `first` on."""
    errors = frames[:, first:].copy()
    for lag in range(1, _ORDER + 1):
        errors += models[:, lag : lag + 1] * frames[:, first - lag : frames.shape[1] - lag]
    return errors


def columns(sample_rate_hz: int, channel_count: int) -> ImpulseColumns:
    """A reader of a track."""
    return ImpulseColumns(sample_rate_hz, channel_count)

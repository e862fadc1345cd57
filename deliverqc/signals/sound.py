"""Kernels of sound: K-weighted energy, sample peak and true peak of every 10 ms; knows no wrapper, layout or loudness.

Both filters are matrix products over blocks of samples, which run several times faster than a recursive filter and need
nothing but numpy. Samples are gathered into blocks of one second, so that no result depends on how they were fed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.tables import ROWS_PER_SECOND, row_edges

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]

_TABLE_RATE_HZ = 48_000
_TABLE_SECTIONS = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (-1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621)),
)
"""Head and RLB filter at 48 kHz as (b0, b1, b2), (a1, a2): ITU-R BS.1770-5 Annex 1, Tables 1 and 2."""

_FILTER_BLOCK = 48
"""Longest block of the weighting filter, in samples: house choice, the fastest of 16 to 96."""

_FILTER_GROUP = 100
_PEAK_GROUP = 64
"""Pieces multiplied at a time. OpenBLAS splits products of more than 2^18 multiplications over threads that wait for
each other spinning: beside a picture decoder that was ten times slower."""

_REACH = 16
"""Samples that the interpolator looks at on each side. With this window it is right within 0.03 dB up to 0.44 of the
sample rate (21 kHz at 48 kHz); the table of BS.1770-5 Annex 2 reaches 6 samples and errs by up to 0.3 dB at 0.17."""

_KAISER_BETA = 5.0
_PEAK_BLOCK = 16
"""Samples for which the interpolator works at a time: house choice, the fastest of 8 to 48."""

_LARGEST_SAMPLE = 1e9
"""House choice: 180 dB over full scale is no sound, and its square would still fit a float32."""

_NO_STATE = 1e-25
"""House choice: 500 dB below full scale; a filter that rings below that would only slow the processor down."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundColumns:
    """What `SoundSignal` holds for each 10 ms and channel, (rows, channels), and `sample_count` samples per channel.

    `non_finite_count`: samples of all channels that were no numbers, infinite or more than 180 dB over full scale. They
    were measured as silence: whoever fed them has to report them as damage.
    """

    sample_count: int
    k_energy: Doubles
    sample_peak: Floats
    true_peak: Floats
    non_finite_count: int


def k_weighting(sample_rate_hz: int) -> Doubles:
    """Coefficients b0 b1 b2 1 a1 a2 of the head and RLB filter at any sample rate, float64 (2, 6).

    BS.1770-5 Annex 1 gives them at 48 kHz only and wants the same response elsewhere. The bilinear transform is undone,
    which gives (high s2 + middle s + low) / (s2 + s / Q + 1) about a corner frequency, and done again at the new rate.
    """
    return np.array([_at_rate(b, a, sample_rate_hz) for b, a in _TABLE_SECTIONS])


def _at_rate(b: tuple[float, float, float], a: tuple[float, float], rate_hz: int) -> list[float]:
    scale = 4.0 / (1.0 - a[0] + a[1])
    tangent = np.sqrt((1.0 + a[0] + a[1]) * scale) / 2.0
    inverse_q = (1.0 - a[1]) * scale / (2.0 * tangent)
    high = (b[0] - b[1] + b[2]) * scale / 4.0
    middle = (b[0] - b[2]) * scale / (2.0 * tangent)
    low = (b[0] + b[1] + b[2]) * scale / (4.0 * tangent**2)
    corner_hz = np.arctan(tangent) * _TABLE_RATE_HZ / np.pi
    k = float(np.tan(np.pi * corner_hz / rate_hz))
    norm = 1.0 + k * inverse_q + k * k
    forward = [high + middle * k + low * k * k, 2.0 * (low * k * k - high), high - middle * k + low * k * k]
    backward = [norm, 2.0 * (k * k - 1.0), 1.0 - k * inverse_q + k * k]
    return [float(value / norm) for value in forward + backward]


class _WeightingFilter:
    """K-weighting of successive blocks of `length` samples of one rate, as products with matrices.

    The block is cut into pieces. A piece's output is its input times the impulse response, plus its first state times
    the response to a state; the states of all pieces follow by doubling the distance over which they are carried.
    """

    def __init__(self, sample_rate_hz: int, length: int) -> None:
        piece = _divisor(length, _FILTER_BLOCK)
        step, enter, leave, through = _state_space(k_weighting(sample_rate_hz))
        powers = [np.eye(4)]
        for _ in range(piece):
            powers.append(step @ powers[-1])
        response = [through, *(float(leave @ power @ enter) for power in powers[: piece - 1])]
        lag = np.arange(piece)[None, :] - np.arange(piece)[:, None]
        self._shape = (-1, _divisor(length // piece, _FILTER_GROUP), piece)
        self._response = np.where(lag >= 0, np.array(response)[np.maximum(lag, 0)], 0.0).astype(np.float32)
        self._ringing = np.array([leave @ power for power in powers[:piece]]).T.astype(np.float32)
        self._gather = np.array([power @ enter for power in powers[:piece][::-1]])
        self._carries = [powers[piece].T]
        while 2 ** len(self._carries) <= length // piece:
            self._carries.append(self._carries[-1] @ self._carries[-1])

    def __call__(self, block: Floats, state: Doubles) -> Floats:
        """Weight `block` (length,) and move `state` (4,), in place, to its end."""
        pieces = block.reshape(self._shape)
        states = np.empty((len(block) // self._shape[2] + 1, 4))
        states[0] = state
        np.matmul(pieces.astype(np.float64), self._gather, out=states[1:].reshape(*pieces.shape[:2], 4))
        for doubling, carry in enumerate(self._carries):
            distance = 1 << doubling
            states[distance:] += states[:-distance] @ carry
        states[np.abs(states) < _NO_STATE] = 0.0
        state[:] = states[-1]
        weighted = pieces @ self._response
        weighted += states[:-1].astype(np.float32).reshape(*pieces.shape[:2], 4) @ self._ringing
        return weighted.reshape(-1)


def _divisor(number: int, limit: int) -> int:
    return max(size for size in range(1, limit + 1) if number % size == 0)


def _state_space(sections: Doubles) -> tuple[Doubles, Doubles, Doubles, float]:
    """Two sections in series, transposed direct form II: next = step state + enter x, y = leave state + through x."""
    (b0, b1, b2, _, a1, a2), (d0, d1, d2, _, c1, c2) = sections.tolist()
    step = np.array([[-a1, 1, 0, 0], [-a2, 0, 0, 0], [d1 - c1 * d0, 0, -c1, 1], [d2 - c2 * d0, 0, -c2, 0]])
    enter = np.array([b1 - a1 * b0, b2 - a2 * b0, (d1 - c1 * d0) * b0, (d2 - c2 * d0) * b0])
    return step, enter, np.array([d0, 0, 1, 0]), d0 * b0


class _Interpolator:
    """Absolute sound between the samples: `factor` values from each sample to the next, by a windowed sinc.

    The sample itself is the first of them, so a true peak is never below the sample peak.
    """

    def __init__(self, factor: int, length: int) -> None:
        self.factor = factor
        self._groups = -(-(length + 2) // (_PEAK_GROUP * _PEAK_BLOCK))
        self.input_length = self._groups * _PEAK_GROUP * _PEAK_BLOCK + 2 * _REACH - 1
        taps = np.arange(_PEAK_BLOCK + 2 * _REACH - 1)[:, None] - (_REACH - 1)
        at = np.arange(_PEAK_BLOCK * factor) / factor - taps
        inside = np.clip(1.0 - (at / _REACH) ** 2, 0.0, None)
        kernel = np.where(np.abs(at) < _REACH, np.sinc(at) * np.i0(_KAISER_BETA * np.sqrt(inside)), 0.0)
        kernel[at == np.round(at)] = 0.0
        kernel[at == 0.0] = 1.0
        self._kernel = (kernel / kernel.sum(axis=0)).astype(np.float32)
        self._values: Floats = np.empty((self._groups, _PEAK_GROUP, _PEAK_BLOCK * factor), dtype=np.float32)

    def __call__(self, samples: Floats) -> Floats:
        """Values from the sample before the block to the one after it; `samples` starts _REACH before the block."""
        windows = np.lib.stride_tricks.sliding_window_view(samples, len(self._kernel))[::_PEAK_BLOCK]
        np.matmul(windows.reshape(self._groups, _PEAK_GROUP, -1), self._kernel, out=self._values)
        return np.abs(self._values, out=self._values).reshape(-1)


class SoundAccumulator:
    """Fills the columns of one sound track from samples in any portions.

    Samples are (channels, n), full scale 1.0. Results do not depend on the portions, bit by bit. True peak: ITU-R
    BS.1770-5 Annex 2, oversampled 4 times below 96 kHz and twice from there; the highest value of each row is then
    moved to the vertex of the parabola through it and its neighbours, since the grid alone may read 0.5 dB low at 20 kHz.
    """

    def __init__(self, sample_rate_hz: int, channel_count: int) -> None:
        self._rate = sample_rate_hz
        self._length = sample_rate_hz
        edges = row_edges(self._length, sample_rate_hz)
        self._starts = edges[:-1]
        self._longest = int(np.diff(edges).max())
        self._is_even = sample_rate_hz % ROWS_PER_SECOND == 0
        self._weight = _WeightingFilter(sample_rate_hz, self._length)
        self._interpolate = _Interpolator(4 if sample_rate_hz < 96_000 else 2, self._length)
        self._buffer = np.zeros((channel_count, self._interpolate.input_length), dtype=np.float32)
        self._filled = _REACH
        self._states = np.zeros((channel_count, 4))
        self._sample_count = 0
        self._non_finite_count = 0
        self._blocks: list[tuple[Doubles, Floats, Floats]] = []

    def feed(self, samples: NDArray[np.floating[Any]]) -> None:
        """Take the next samples of every channel: (channels, n), float32 or float64."""
        taken = 0
        while taken < samples.shape[1]:
            portion = samples[:, taken : taken + self._length + 2 * _REACH - self._filled]
            fresh = self._buffer[:, self._filled : self._filled + portion.shape[1]]
            with np.errstate(over="ignore"):
                fresh[...] = portion
            self._silence_what_is_no_sample(fresh)
            taken += portion.shape[1]
            self._filled += portion.shape[1]
            if self._filled == self._length + 2 * _REACH:
                self._measure_block(self._length)
        self._sample_count += taken

    def finish(self) -> SoundColumns:
        """Measure what is left and give all rows; nothing can be fed afterwards."""
        while (left := self._sample_count - len(self._blocks) * self._length) > 0:
            self._buffer[:, self._filled :] = 0.0
            self._measure_block(min(left, self._length))
        rows = len(row_edges(self._sample_count, self._rate)) - 1
        nothing = np.zeros((0, len(self._buffer)))
        columns = list(zip(*self._blocks, strict=True)) or [(nothing,)] * 3
        energy, sample_peak, true_peak = (np.concatenate(column)[:rows] for column in columns)
        return SoundColumns(
            sample_count=self._sample_count,
            k_energy=energy.astype(np.float64),
            sample_peak=sample_peak.astype(np.float32),
            true_peak=true_peak.astype(np.float32),
            non_finite_count=self._non_finite_count,
        )

    def _silence_what_is_no_sample(self, fresh: Floats) -> None:
        # The usual case costs two passes; a comparison with a NaN is false.
        if fresh.max(initial=0.0) <= _LARGEST_SAMPLE and fresh.min(initial=0.0) >= -_LARGEST_SAMPLE:
            return
        is_none = ~(np.abs(fresh) <= _LARGEST_SAMPLE)
        fresh[is_none] = 0.0
        self._non_finite_count += int(is_none.sum())

    def _measure_block(self, count: int) -> None:
        """Add the rows of a block of which `count` samples are sound, and keep what the next one needs of it."""
        energy = np.zeros((ROWS_PER_SECOND, len(self._buffer)))
        sample_peak, true_peak = np.zeros_like(energy, dtype=np.float32), np.zeros_like(energy, dtype=np.float32)
        for channel, samples in enumerate(self._buffer):
            state = self._states[channel]
            if not samples.any() and not state.any():
                continue
            block = samples[_REACH : _REACH + self._length]
            weighted = self._weight(block, state)
            weighted[count:] = 0.0
            rows = self._by_row(weighted)
            energy[:, channel] = np.vecdot(rows, rows)
            sample_peak[:, channel] = np.abs(self._by_row(block)).max(axis=1)
            true_peak[:, channel] = self._true_peaks(samples, count)
        self._blocks.append((energy, sample_peak, true_peak))
        self._buffer[:, : 2 * _REACH] = self._buffer[:, self._length : self._length + 2 * _REACH]
        self._filled = max(self._filled - self._length, _REACH)

    def _true_peaks(self, samples: Floats, count: int) -> Floats:
        factor = self._interpolate.factor
        values = self._interpolate(samples)
        values[(count + 1) * factor :] = 0.0
        highest = self._by_row(values[factor : (self._length + 1) * factor]).argmax(axis=1)
        at = (self._starts + 1) * factor + highest
        before, top, after = values[at - 1], values[at], values[at + 1]
        bend = 2.0 * top - before - after
        # At the edge of a row the top may be a slope whose summit belongs to the next row.
        is_summit = (before <= top) & (after <= top) & (bend > 0.0)
        rise = (before - after) ** 2 / (8.0 * np.where(is_summit, bend, 1.0))
        return np.asarray(top + np.where(is_summit, rise, 0.0), dtype=np.float32)

    def _by_row(self, values: Floats) -> Floats:
        """The values of a block, row by row, (rows, values); shorter rows end in zeros."""
        if self._is_even:
            return values.reshape(ROWS_PER_SECOND, -1)
        factor = len(values) // self._length
        starts = np.append(self._starts, self._length) * factor
        index = starts[:-1, None] + np.arange(self._longest * factor)
        index[index >= starts[1:, None]] = len(values)
        return np.append(values, np.float32(0.0))[index]

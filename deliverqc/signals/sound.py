"""Kernels of sound: K-weighted energy, sample peak and true peak of every 10 ms; knows no wrapper, layout or loudness.

Both filters are matrix products over blocks of samples, which run several times faster than a recursive filter and need
nothing but numpy. Samples are gathered into blocks of one second, so that no result depends on how they were fed.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
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

_RATES_HZ = range(8_000, 768_001)

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

_NO_CARRY = 1e-20
"""House choice: less than the rounding of a float64 by far; reached within a fifth of a second."""

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
        while np.abs(self._carries[-1]).max() > _NO_CARRY:
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
        flat: Floats = weighted.reshape(-1)
        return flat


def _divisor(number: int, limit: int) -> int:
    return max(size for size in range(1, limit + 1) if number % size == 0)


def _state_space(sections: Doubles) -> tuple[Doubles, Doubles, Doubles, float]:
    """Two sections in series, transposed direct form II: next = step state + enter x, y = leave state + through x."""
    (b0, b1, b2, _, a1, a2), (d0, d1, d2, _, c1, c2) = sections.tolist()
    step = np.array([[-a1, 1, 0, 0], [-a2, 0, 0, 0], [d1 - c1 * d0, 0, -c1, 1], [d2 - c2 * d0, 0, -c2, 0]])
    enter = np.array([b1 - a1 * b0, b2 - a2 * b0, (d1 - c1 * d0) * b0, (d2 - c2 * d0) * b0])
    return step, enter, np.array([d0, 0, 1, 0]), d0 * b0


class _Interpolator:
    """Absolute sound between the samples of a block: `factor` - 1 values after each sample, by a windowed sinc."""

    def __init__(self, factor: int, length: int) -> None:
        self.factor = factor
        self._groups = -(-(length + 2) // (_PEAK_GROUP * _PEAK_BLOCK))
        self.input_length = self._groups * _PEAK_GROUP * _PEAK_BLOCK + 2 * _REACH - 1
        after = (np.arange(_PEAK_BLOCK)[:, None] + np.arange(1, factor) / factor).reshape(-1)
        distance = after - (np.arange(_PEAK_BLOCK + 2 * _REACH - 1)[:, None] - (_REACH - 1))
        window = np.i0(_KAISER_BETA * np.sqrt(np.clip(1.0 - (distance / _REACH) ** 2, 0.0, None)))
        kernel = np.where(np.abs(distance) < _REACH, np.sinc(distance) * window, 0.0)
        self._kernel = (kernel / kernel.sum(axis=0)).astype(np.float32)

    def __call__(self, samples: Floats) -> Floats:
        """Values (samples, factor - 1), first those before the block; `samples` starts _REACH before the block."""
        windows = np.lib.stride_tricks.sliding_window_view(samples, len(self._kernel))[::_PEAK_BLOCK]
        values: Floats = windows.reshape(self._groups, _PEAK_GROUP, -1) @ self._kernel
        return np.abs(values, out=values).reshape(-1, self.factor - 1)


class SoundAccumulator:
    """Fills the columns of one sound track from samples in any portions.

    Samples are (channels, n), full scale 1.0. Results do not depend on the portions, bit by bit. True peak: ITU-R
    BS.1770-5 Annex 2, oversampled 4 times below 96 kHz and twice from there; the highest value of each row is then
    moved to the vertex of the parabola through it and its neighbours, as the grid alone may read 0.5 dB low at 20 kHz.
    ValueError for a rate below 8 kHz, where no filter follows the weighting curve, or above 768 kHz.
    """

    def __init__(self, sample_rate_hz: int, channel_count: int) -> None:
        if sample_rate_hz not in _RATES_HZ:
            raise ValueError(f"sound of {sample_rate_hz} samples per second cannot be measured")
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
        self._blocks: list[list[tuple[Doubles, Floats, Floats]]] = []
        self._workers = ThreadPoolExecutor(max(1, min(channel_count, os.cpu_count() or 1)))

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
        self._workers.shutdown()
        return SoundColumns(
            sample_count=self._sample_count,
            k_energy=self._column(0, np.float64),
            sample_peak=self._column(1, np.float32),
            true_peak=self._column(2, np.float32),
            non_finite_count=self._non_finite_count,
        )

    def _column(self, number: int, kind: type[np.floating[Any]]) -> NDArray[Any]:
        rows = len(row_edges(self._sample_count, self._rate)) - 1
        column = np.zeros((len(self._blocks) * ROWS_PER_SECOND, len(self._buffer)), dtype=kind)
        for block, channels in enumerate(self._blocks):
            for channel, columns in enumerate(channels):
                column[block * ROWS_PER_SECOND : (block + 1) * ROWS_PER_SECOND, channel] = columns[number]
        return column[:rows]

    def _silence_what_is_no_sample(self, fresh: Floats) -> None:
        # The usual case costs two passes; a comparison with a NaN is false.
        if fresh.max(initial=0.0) <= _LARGEST_SAMPLE and fresh.min(initial=0.0) >= -_LARGEST_SAMPLE:
            return
        is_none = ~(np.abs(fresh) <= _LARGEST_SAMPLE)
        fresh[is_none] = 0.0
        self._non_finite_count += int(is_none.sum())

    def _measure_block(self, count: int) -> None:
        """Add the rows of a block of which `count` samples are sound, and keep what the next one needs of it."""
        channels = list(
            self._workers.map(lambda channel: self._measure_channel(channel, count), range(len(self._buffer)))
        )
        self._blocks.append(channels)
        self._buffer[:, : 2 * _REACH] = self._buffer[:, self._length : self._length + 2 * _REACH]
        self._filled = max(self._filled - self._length, _REACH)

    def _measure_channel(self, channel: int, count: int) -> tuple[Doubles, Floats, Floats]:
        samples, state = self._buffer[channel], self._states[channel]
        if not samples.any() and not state.any():
            return np.zeros(ROWS_PER_SECOND), *np.zeros((2, ROWS_PER_SECOND), dtype=np.float32)
        block = samples[_REACH : _REACH + self._length]
        weighted = self._weight(block, state)
        weighted[count:] = 0.0
        rows = self._by_row(weighted)
        energy = np.vecdot(rows, rows).astype(np.float64)
        return energy, *self._peaks(samples, count)

    def _peaks(self, samples: Floats, count: int) -> tuple[Floats, Floats]:
        """Sample peak and true peak of every row; `samples` starts _REACH before the block."""
        factor = self._interpolate.factor
        at_sample = np.abs(samples[_REACH - 1 : _REACH + self._length + 1])
        between = self._interpolate(samples)[: self._length + 2]
        between[count + 1 :] = 0.0

        def value(position: NDArray[np.int64]) -> Floats:
            sample, phase = np.divmod(position, factor)
            return np.where(phase == 0, at_sample[sample], between[sample, phase - 1])

        first = self._starts + 1
        highest_sample = (first + self._by_row(at_sample[1:-1]).argmax(axis=1)) * factor
        sample, phase = np.divmod(self._by_row(between[1:-1].reshape(-1)).argmax(axis=1), factor - 1)
        highest_between = (first + sample) * factor + phase + 1
        sample_peak = value(highest_sample)
        top = np.where(value(highest_between) > sample_peak, highest_between, highest_sample)
        return sample_peak, _summit(value(top - 1), value(top), value(top + 1))

    def _by_row(self, values: Floats) -> Floats:
        """The values of a block, row by row, (rows, values); shorter rows end in zeros."""
        if self._is_even:
            return values.reshape(ROWS_PER_SECOND, -1)
        factor = len(values) // self._length
        starts = np.append(self._starts, self._length) * factor
        index = starts[:-1, None] + np.arange(self._longest * factor)
        index[index >= starts[1:, None]] = len(values)
        return np.append(values, np.float32(0.0))[index]


def _summit(before: Floats, top: Floats, after: Floats) -> Floats:
    """Vertex of the parabola through three neighbours; `top` itself where it is a slope cut by its row."""
    bend = 2.0 * top - before - after
    is_summit = (before <= top) & (after <= top) & (bend > 0.0)
    rise = (before - after) ** 2 / (8.0 * np.where(is_summit, bend, 1.0))
    return np.asarray(top + np.where(is_summit, rise, 0.0), dtype=np.float32)

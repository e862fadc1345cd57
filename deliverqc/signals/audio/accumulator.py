"""Kernels of sound: fills the table of one track, and weighs and oversamples for it; knows no wrapper, layout or
loudness.

Both filters are matrix products over blocks of samples, which run several times faster than a recursive filter and need
nothing but numpy. Samples are gathered into blocks of one second, so that no result depends on how they were fed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.audio.columns import Seconds
from deliverqc.signals.audio.holds import EDGES, HOLDS, holds, silence
from deliverqc.signals.audio.waveform import FLAT_TOPS, SUMS, Floats, Rows, flat_tops, sums
from deliverqc.signals.tables import ROWS_PER_SECOND, SoundSignal, columns_of, row_edges

Doubles = NDArray[np.float64]
Block = Mapping[str, NDArray[Any]]
"""Columns of one second, by name: each (rows, channels)."""

Listener = Callable[[Floats], None]
"""Told each second of samples, (channels, sample rate), the last one filled up with zeros; it may not keep them."""

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

_PEAKS = ("sample_peak", "true_peak")

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


def k_weighting(sample_rate_hz: int) -> Doubles:
    """Coefficients b0 b1 b2 1 a1 a2 of the head and RLB filter at any sample rate, float64 (2, 6).

    BS.1770-5 Annex 1 gives them at 48 kHz only and wants the same response elsewhere. The bilinear transform is undone,
    which gives (high s2 + middle s + low) / (s2 + s / Q + 1) about a corner frequency, and done again at the new rate.
    Up to 10 kHz the response is then that at 48 kHz within 0.05 dB from 32 kHz up; at 8 kHz it is up to 0.25 dB off.
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


def _is_sound(samples: Floats, first: int) -> bool:
    """Whether any sample is not zero; the look at one spares the search of all in the usual case."""
    return bool(samples[first]) or bool(samples.any())


def _divisor(number: int, limit: int) -> int:
    return max(size for size in range(1, limit + 1) if number % size == 0)


def _state_space(sections: Doubles) -> tuple[Doubles, Doubles, Doubles, float]:
    """Two sections in series, transposed direct form II: next = step state + enter x, y = leave state + through x."""
    (b0, b1, b2, _, a1, a2), (d0, d1, d2, _, c1, c2) = sections.tolist()
    step = np.array([[-a1, 1, 0, 0], [-a2, 0, 0, 0], [d1 - c1 * d0, 0, -c1, 1], [d2 - c2 * d0, 0, -c2, 0]])
    enter = np.array([b1 - a1 * b0, b2 - a2 * b0, (d1 - c1 * d0) * b0, (d2 - c2 * d0) * b0])
    return step, enter, np.array([d0, 0, 1, 0]), d0 * b0


class _WaveformReader:
    """Peaks, sums and flat tops of the rows of a block; between the samples by a windowed sinc."""

    def __init__(self, factor: int, rows: Rows) -> None:
        self._factor = factor
        self._rows = rows
        self._groups = -(-(rows.length + 2) // (_PEAK_GROUP * _PEAK_BLOCK))
        self.input_length = self._groups * _PEAK_GROUP * _PEAK_BLOCK + 2 * _REACH - 1
        after = (np.arange(_PEAK_BLOCK)[:, None] + np.arange(1, factor) / factor).reshape(-1)
        distance = after - (np.arange(_PEAK_BLOCK + 2 * _REACH - 1)[:, None] - (_REACH - 1))
        window = np.i0(_KAISER_BETA * np.sqrt(np.clip(1.0 - (distance / _REACH) ** 2, 0.0, None)))
        kernel = np.where(np.abs(distance) < _REACH, np.sinc(distance) * window, 0.0)
        self._kernel = (kernel / kernel.sum(axis=0)).astype(np.float32)

    def __call__(self, samples: Floats, count: int) -> Block:
        """Peaks, sums and flat tops of the first `count` samples of a block.

        `samples`: (channels, input_length), from _REACH before the block; zero after the first `count` of the last one.
        """
        length = self._rows.length
        peaks = np.zeros((len(samples), len(_PEAKS), ROWS_PER_SECOND), dtype=np.float32)
        plain = np.zeros((len(samples), len(SUMS), ROWS_PER_SECOND), dtype=np.float32)
        tops = np.zeros((len(samples), len(FLAT_TOPS), ROWS_PER_SECOND), dtype=np.uint16)
        held = np.zeros((len(samples), len(HOLDS), ROWS_PER_SECOND), dtype=np.uint16)
        levels = np.zeros((len(samples), len(EDGES), ROWS_PER_SECOND), dtype=np.float32)
        for channel, sound in enumerate(samples):
            if _is_sound(sound, _REACH):
                peaks[channel] = self._peaks(sound, count)
                sums(self._rows, sound[_REACH : _REACH + length + 1], out=plain[channel])
                whole = sound[: length + 2 * _REACH]
                flat_tops(self._rows, whole, peaks[channel, 0], _REACH, out=tops[channel])
                holds(self._rows, whole, _REACH, counts=held[channel], levels=levels[channel])
            else:
                silence(self._rows, counts=held[channel])
        filled = ((_PEAKS, peaks), (SUMS, plain), (FLAT_TOPS, tops), (HOLDS, held), (EDGES, levels))
        return {name: table[:, place].T for names, table in filled for place, name in enumerate(names)}

    def _peaks(self, sound: Floats, count: int) -> tuple[Floats, Floats]:
        factor, length = self._factor, self._rows.length
        at_sample = np.abs(sound[_REACH - 1 : _REACH + length + 1])
        after_sample = self._after_samples(sound)[: length + 2]
        after_sample[count + 1 :] = 0.0

        def value(position: NDArray[np.int64]) -> Floats:
            sample, phase = np.divmod(position, factor)
            return np.where(phase == 0, at_sample[sample], after_sample[sample, phase - 1])

        first = self._rows.starts + 1
        highest_sample = (first + self._rows.split(at_sample[1:-1]).argmax(axis=1)) * factor
        between = self._rows.split(after_sample[1:-1].reshape(-1)).argmax(axis=1)
        highest_between = (first + between // (factor - 1)) * factor + between % (factor - 1) + 1
        sample_peak = value(highest_sample)
        top = np.where(value(highest_between) > sample_peak, highest_between, highest_sample)
        return sample_peak, _summit(value(top - 1), value(top), value(top + 1))

    def _after_samples(self, sound: Floats) -> Floats:
        """Absolute values after each sample, (samples, factor - 1), from the sample before the block on."""
        windows = np.lib.stride_tricks.sliding_window_view(sound, len(self._kernel))[::_PEAK_BLOCK]
        values: Floats = windows.reshape(self._groups, _PEAK_GROUP, -1) @ self._kernel
        return np.abs(values, out=values).reshape(-1, self._factor - 1)


def _summit(before: Floats, top: Floats, after: Floats) -> Floats:
    """Vertex of the parabola through three neighbours; `top` itself where it is a slope cut by its row."""
    bend = 2.0 * top - before - after
    is_summit = (before <= top) & (after <= top) & (bend > 0.0)
    rise = (before - after) ** 2 / (8.0 * np.where(is_summit, bend, 1.0))
    return np.asarray(top + np.where(is_summit, rise, 0.0), dtype=np.float32)


class SoundAccumulator:
    """Fills the columns of one sound track from samples in any portions.

    Samples are (channels, n), full scale 1.0. Results do not depend on the portions, bit by bit. True peak: ITU-R
    BS.1770-5 Annex 2, oversampled 4 times below 96 kHz and twice from there; the highest value of each row is then
    moved to the vertex of the parabola through it and its neighbours, as the grid alone may read 0.5 dB low at 20 kHz.
    The waveform is read in a thread of its own, one block behind, while the next block is decoded and weighted.
    ValueError for a rate below 8 kHz, where no filter follows the weighting curve, or above 768 kHz.

    `non_finite_count`: samples of all channels so far that were no numbers, infinite or more than 180 dB over full
    scale. They are measured as silence: whoever feeds them has to report them as damage.
    """

    def __init__(self, sample_rate_hz: int, channel_count: int, listener: Listener | None = None) -> None:
        if sample_rate_hz not in _RATES_HZ:
            raise ValueError(f"sound of {sample_rate_hz} samples per second cannot be measured")
        self._rows = Rows(sample_rate_hz)
        self._weight = _WeightingFilter(sample_rate_hz, self._rows.length)
        self._read_waveform = _WaveformReader(4 if sample_rate_hz < 96_000 else 2, self._rows)
        self._buffer, self._spare = np.zeros((2, channel_count, self._read_waveform.input_length), dtype=np.float32)
        self._filled = _REACH
        self._states = np.zeros((channel_count, 4))
        self._listener = listener
        self._sample_count = 0
        self.non_finite_count = 0
        self._block_count = 0
        self._reading: tuple[Doubles, Future[Block]] | None = None
        self._seconds = Seconds(columns_of(SoundSignal), (channel_count,))
        self._reader = ThreadPoolExecutor(1)

    def feed(self, samples: NDArray[np.floating[Any]]) -> None:
        """Take the next samples of every channel: (channels, n), float32 or float64."""
        full = self._rows.length + 2 * _REACH
        taken = 0
        while taken < samples.shape[1]:
            portion = samples[:, taken : taken + full - self._filled]
            fresh = self._buffer[:, self._filled : self._filled + portion.shape[1]]
            with np.errstate(over="ignore"):
                fresh[...] = portion
            self._silence_what_is_no_sample(fresh)
            taken += portion.shape[1]
            self._filled += portion.shape[1]
            if self._filled == full:
                self._measure_block(self._rows.length)
        self._sample_count += taken

    def finish(self) -> SoundSignal:
        """Measure what is left and give the table, without labels and pairs; nothing can be fed afterwards."""
        length = self._rows.length
        while (left := self._sample_count - self._block_count * length) > 0:
            self._buffer[:, self._filled :] = 0.0
            self._measure_block(min(left, length))
        rows = len(row_edges(self._sample_count, length)) - 1
        self._pack()
        self._reader.shutdown()
        columns: dict[str, Any] = self._seconds.finish(rows)
        return SoundSignal(
            **columns,
            sample_rate_hz=length,
            sample_count=self._sample_count,
            labels=("",) * len(self._buffer),
            pairs=(),
            difference_energy=np.zeros((rows, 0), dtype=np.float32),
        )

    def _silence_what_is_no_sample(self, fresh: Floats) -> None:
        # The usual case costs two passes; a comparison with a NaN is false.
        if fresh.max(initial=0.0) <= _LARGEST_SAMPLE and fresh.min(initial=0.0) >= -_LARGEST_SAMPLE:
            return
        is_none = ~(np.abs(fresh) <= _LARGEST_SAMPLE)
        fresh[is_none] = 0.0
        self.non_finite_count += int(is_none.sum())

    def _measure_block(self, count: int) -> None:
        """Measure a block of which `count` samples are sound, and begin the next with what it needs of this one."""
        length = self._rows.length
        self._pack()
        waveform = self._reader.submit(self._read_waveform, self._buffer, count)
        self._reading = self._weighted_energy(count), waveform
        self._block_count += 1
        if self._listener is not None:
            self._listener(self._buffer[:, _REACH : _REACH + length])
        self._spare[:, : 2 * _REACH] = self._buffer[:, length : length + 2 * _REACH]
        self._buffer, self._spare = self._spare, self._buffer
        self._filled = max(self._filled - length, _REACH)

    def _pack(self) -> None:
        """Wait for the block that is being read, and add its columns to the table."""
        if self._reading is not None:
            energy, waveform = self._reading
            self._seconds.add({"k_energy": energy, **waveform.result()})
            self._reading = None

    def _weighted_energy(self, count: int) -> Doubles:
        energy = np.zeros((ROWS_PER_SECOND, len(self._buffer)))
        for channel, state in enumerate(self._states):
            block = self._buffer[channel, _REACH : _REACH + self._rows.length]
            if _is_sound(block, 0) or state.any():
                weighted = self._weight(block, state)
                weighted[count:] = 0.0
                rows = self._rows.split(weighted)
                energy[:, channel] = np.vecdot(rows, rows)
        return energy

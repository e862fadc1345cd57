"""The sound table: rows, portions, damaged samples; loudness and peaks have tests of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.tables import SoundSignal, row_edges
from fixtures import loudness_signals as made
from tests.meters.loudness.measuring import Samples, columns

NOISE = np.random.default_rng(3).uniform(-1.0, 1.0, (2, 21_037))


def _in_portions(samples: Samples, portions: Sequence[int], rate_hz: int) -> SoundSignal:
    accumulator = SoundAccumulator(rate_hz, len(samples))
    position = 0
    for portion in portions:
        accumulator.feed(samples[:, position : position + portion])
        position += portion
    accumulator.feed(samples[:, position:])
    return accumulator.finish()


def _same(one: SoundSignal, other: SoundSignal) -> bool:
    return (
        one.sample_count == other.sample_count
        and np.array_equal(one.k_energy, other.k_energy)
        and np.array_equal(one.sample_peak, other.sample_peak)
        and np.array_equal(one.true_peak, other.true_peak)
    )


@settings(max_examples=40, deadline=None)
@given(portions=st.lists(st.integers(0, 9_000), max_size=30), rate_hz=st.sampled_from([8_000, 11_025, 22_050]))
def test_table_does_not_depend_on_portions(portions: list[int], rate_hz: int) -> None:
    assert _same(_in_portions(NOISE, portions, rate_hz), columns(NOISE, rate_hz=rate_hz))


def test_table_does_not_depend_on_portions_of_one_sample() -> None:
    samples = NOISE[:, :9_000]
    assert _same(_in_portions(samples, [1] * 9_000, 8_000), columns(samples, rate_hz=8_000))


def test_channel_is_measured_alike_alone_and_among_others() -> None:
    alone, together = columns(NOISE[1:], rate_hz=8_000), columns(NOISE, rate_hz=8_000)
    assert np.array_equal(alone.k_energy[:, 0], together.k_energy[:, 1])
    assert np.array_equal(alone.true_peak[:, 0], together.true_peak[:, 1])


def test_samples_in_double_and_single_precision_give_the_same_table() -> None:
    single = NOISE.astype(np.float32)
    assert _same(columns(single, rate_hz=8_000), columns(single.astype(np.float64), rate_hz=8_000))


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 47_952, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("tenths_of_ms", [1, 99, 100, 101, 9_999, 10_000, 10_001, 10_007, 20_000])
def test_rows_stand_on_the_10_ms_grid(rate_hz: int, tenths_of_ms: int) -> None:
    count = rate_hz * tenths_of_ms // 10_000 + 1
    noise = np.random.default_rng(4).uniform(-0.5, 0.5, (1, count))
    measured = columns(noise, rate_hz=rate_hz)
    edges = row_edges(count, rate_hz)
    assert measured.sample_count == count
    assert measured.k_energy.shape == measured.sample_peak.shape == measured.true_peak.shape == (len(edges) - 1, 1)
    expected = np.maximum.reduceat(np.abs(noise[0]), edges[:-1])
    assert measured.sample_peak[:, 0] == pytest.approx(expected, abs=1e-6)


def test_energy_of_a_last_row_that_is_short_is_that_of_its_samples() -> None:
    long, short = columns(NOISE[:, :2_000], rate_hz=8_000), columns(NOISE[:, :1_970], rate_hz=8_000)
    assert np.array_equal(short.k_energy[:-1], long.k_energy[:24])
    assert (short.k_energy[-1] < long.k_energy[24]).all()
    followed = np.pad(NOISE[:, :1_970], ((0, 0), (0, 30)))
    assert (short.k_energy[-1] < columns(followed, rate_hz=8_000).k_energy[24]).all()


@pytest.mark.parametrize("channels", [0, 1, 24])
def test_nothing_fed_gives_an_empty_table(channels: int) -> None:
    measured = SoundAccumulator(48_000, channels).finish()
    assert measured.sample_count == 0
    assert measured.k_energy.shape == (0, channels)
    assert measured.true_peak.dtype == np.float32


@pytest.mark.parametrize("damage", [np.nan, np.inf, -np.inf, 1e12, -1e300])
def test_damaged_samples_are_counted_and_measured_as_silence(damage: float) -> None:
    samples = made.tone([(3.0, -20.0)]).astype(np.float64)
    silent = samples.copy()
    for where in (0, 47_999, 48_000, 100_000):
        samples[1, where], silent[1, where] = damage, 0.0
    accumulator = SoundAccumulator(48_000, len(samples))
    accumulator.feed(samples)
    measured = accumulator.finish()
    assert accumulator.non_finite_count == 4
    assert _same(measured, columns(silent))
    assert np.isfinite(measured.k_energy).all()


def test_sound_samples_are_not_counted_as_damaged() -> None:
    accumulator = SoundAccumulator(48_000, len(NOISE))
    accumulator.feed(NOISE * 1_000.0)
    accumulator.finish()
    assert accumulator.non_finite_count == 0


def test_silence_after_sound_becomes_digital_silence() -> None:
    samples = np.zeros((2, 5 * 48_000), dtype=np.float32)
    samples[:, :48_000] = made.tone([(1.0, -20.0)])
    measured = columns(samples)
    assert measured.k_energy[:100].min() > 0.0
    assert measured.k_energy[200:].max() == 0.0
    assert measured.true_peak[101:].max() == 0.0


@pytest.mark.parametrize("rate_hz", [0, 1, 7_999, 768_001, 2**31 - 1])
def test_rate_that_is_no_rate_of_sound_is_refused(rate_hz: int) -> None:
    with pytest.raises(ValueError, match="samples per second"):
        SoundAccumulator(rate_hz, 2)


@pytest.mark.parametrize("rate_hz", [8_000, 44_101, 768_000])
def test_rate_at_the_limits_or_without_divisors_is_measured(rate_hz: int) -> None:
    tone = made.tone([(1.0, -20.0)], frequency_hz=997.0, rate_hz=rate_hz)
    measured = columns(tone, rate_hz=rate_hz)
    loudness = -0.691 + 10.0 * np.log10(measured.k_energy[20:].sum() / (0.8 * rate_hz))
    assert loudness == pytest.approx(-20.0, abs=0.25)
    assert measured.true_peak.max() == pytest.approx(0.1, abs=0.002)

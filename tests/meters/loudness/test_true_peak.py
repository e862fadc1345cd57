"""True peak: EBU Tech 3341 tests 15 to 23, and how far a reading can stand from the sound's own maximum."""

from __future__ import annotations

import numpy as np
import pytest

from fixtures import loudness_signals as made
from tests.meters.loudness.measuring import columns, loudness_facts

UNDER_DB, OVER_DB = 0.4, 0.2
"""EBU Tech 3341 Table 1."""


def _is_accepted(reading: float, expected: float) -> bool:
    return expected - UNDER_DB <= reading <= expected + OVER_DB


@pytest.mark.parametrize("test", sorted(made.TECH_3341_TRUE_PEAK))
def test_maximum_true_peak_of_tests_15_to_23(test: int) -> None:
    facts = loudness_facts(made.tech_3341_true_peak(test))
    assert _is_accepted(facts["max_true_peak_dbtp"], made.TECH_3341_TRUE_PEAK[test])


@pytest.mark.parametrize("test", [16, 17, 18, 19, 22])
def test_sample_peak_would_fail(test: int) -> None:
    facts = loudness_facts(made.tech_3341_true_peak(test))
    assert not _is_accepted(facts["max_sample_peak_dbfs"], made.TECH_3341_TRUE_PEAK[test])


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 88_200, 96_000, 192_000])
@pytest.mark.parametrize("hertz", [997.0, 5_000.0, 12_000.0, 16_000.0, 18_000.0, 20_000.0])
def test_short_burst_of_any_phase_up_to_20_khz_is_read_within_the_tolerance(rate_hz: int, hertz: float) -> None:
    """Bursts of a few periods about one maximum, whose height is known, at 96 distances between samples."""
    shifts = np.arange(96)[:, None] / 96.0
    times = (np.arange(-600, 600) - shifts) / rate_hz
    width_s = 5e-3 if hertz >= 18_000.0 else 5e-4
    bursts = np.cos(2.0 * np.pi * hertz * times) * np.exp(-0.5 * (times / width_s) ** 2)
    errors_db = 20.0 * np.log10(columns(bursts, rate_hz=rate_hz).true_peak.max(axis=0))
    assert errors_db.min() > -UNDER_DB / 2
    assert errors_db.max() < OVER_DB / 2


def test_noise_up_to_20_khz_is_never_read_over_its_maximum() -> None:
    random = np.random.default_rng(5)
    for _ in range(10):
        spectrum = np.zeros(24_001, dtype=complex)
        spectrum[1:20_000] = random.standard_normal(19_999) + 1j * random.standard_normal(19_999)
        fine = np.zeros(24_000 * 16 + 1, dtype=complex)
        fine[: len(spectrum)] = spectrum * 16
        periodic = np.tile(np.fft.irfft(spectrum, 48_000), 3)[None]
        measured = columns(periodic).true_peak[100:200].max()
        error_db = 20.0 * np.log10(measured / np.abs(np.fft.irfft(fine, 48_000 * 16)).max())
        assert -UNDER_DB / 2 < error_db < 0.05


def test_true_peak_is_never_below_sample_peak() -> None:
    noise = np.random.default_rng(2).uniform(-1.0, 1.0, (4, 100_000))
    measured = columns(noise)
    assert (measured.true_peak >= measured.sample_peak).all()


def test_constant_full_scale_reads_0_dbtp() -> None:
    inside = columns(np.ones((1, 48_000), dtype=np.float32)).true_peak[5:-5]
    assert inside == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("sample", [0, 1, 479, 480, 47_999, 48_000, 95_999, 96_000, 100_000, 100_001])
def test_single_peak_stands_in_the_row_of_its_sample(sample: int) -> None:
    """100 002 samples: the peak is the first, the last, at the edge of a row or at the edge of a second."""
    impulse = np.zeros((2, 100_002), dtype=np.float32)
    impulse[1, sample] = 0.5
    measured = columns(impulse)
    assert measured.sample_peak[:, 1].argmax() == sample // 480
    assert measured.true_peak[sample // 480, 1] == pytest.approx(0.5, abs=1e-6)
    assert np.count_nonzero(measured.sample_peak) == 1
    assert measured.true_peak[:, 0].max() == 0.0


def test_peak_between_the_last_sample_of_a_second_and_the_next_is_found() -> None:
    """The two samples beside the peak of an fs/4 burst at 45 degrees stand 3 dB below it."""
    for middle in (48_000, 96_000):
        time = np.arange(120_000) - middle + 0.5
        burst = np.cos(np.pi / 2.0 * time) * np.exp(-0.5 * (time / 12.0) ** 2)
        measured = columns(burst[None])
        row = middle // 480 - 1
        assert measured.true_peak[row, 0] == pytest.approx(1.0, abs=0.01)
        assert measured.sample_peak[row, 0] < 0.75


def test_time_and_channel_of_the_highest_peak_are_told() -> None:
    samples = made.tone([(2.0, -20.0)])
    samples[1, 60_000] = 0.9
    facts = loudness_facts(samples)
    assert facts["max_true_peak_channel"] == "R"
    assert facts["max_true_peak_at_s"] == pytest.approx(1.25)


def test_channel_without_label_is_told_as_none() -> None:
    facts = loudness_facts(made.tone([(1.0, -20.0)]), labels=("", ""))
    assert facts["max_true_peak_channel"] is None
    assert facts["max_true_peak_dbtp"] is not None

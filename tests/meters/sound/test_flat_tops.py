"""Clipping by runs, segments and full-scale samples: at the bound and one step to either side."""

from __future__ import annotations

import numpy as np
import pytest

from deliverqc.meters import clipping
from deliverqc.timebase import Span
from fixtures import sounds
from tests.meters.sound.measuring import read

SECOND = 48_000
ROW = 480
LIMIT = np.float32(10.0 ** (-0.45 / 20.0))


def _run(length: int, level: float, *, start: int = SECOND) -> np.ndarray:
    """Quiet noise in two channels, and a run of equal samples in the second."""
    samples = sounds.noise(3.0, peak=0.1)
    samples[1, start : start + length] = level
    return samples


@pytest.mark.parametrize(("length", "is_told"), [(2, False), (3, True), (4, True)])
def test_run_of_the_least_length_is_a_flat_top(length: int, is_told: bool) -> None:
    facts = read(clipping, _run(length, 0.99))
    assert facts["spans"] == ((Span(SECOND, SECOND + ROW, "R"),) if is_told else ())
    assert facts["longest_run_samples"] == length


@pytest.mark.parametrize(
    ("level", "is_told"), [(np.nextafter(LIMIT, np.float32(0)), False), (LIMIT, True), (-LIMIT, True), (1.0, True)]
)
def test_flat_top_stands_at_or_above_the_level(level: float, is_told: bool) -> None:
    assert bool(read(clipping, _run(10, level))["spans"]) is is_told


def test_flat_top_at_the_end_is_closed_at_the_last_sample() -> None:
    samples = _run(40, 1.0, start=3 * SECOND - 40)[:, : 3 * SECOND - 7]
    assert read(clipping, samples)["spans"] == (Span(3 * SECOND - ROW, 3 * SECOND - 7, "R"),)


def test_sine_at_full_scale_has_no_flat_top() -> None:
    facts = read(clipping, sounds.sine(2.0, -0.01))
    assert facts["spans"] == ()
    assert facts["longest_run_samples"] <= 2


def test_clipped_sine_is_flat_for_as_long_as_arithmetic_says() -> None:
    samples = sounds.clipped_tone(2.0, ceiling=1.0, drive=1.5)
    facts = read(clipping, samples, labels=("C",))
    share_flat = 1.0 - 2.0 * np.arcsin(1.0 / 1.5) / np.pi
    assert facts["full_scale_percent"] == pytest.approx(100.0 * share_flat, abs=0.5)
    assert facts["longest_run_samples"] == pytest.approx(share_flat * SECOND / 101.0 / 2.0, abs=1.5)
    assert facts["segments_at_peak"] == 2 * 101 * 2
    assert [(span.start, span.end) for span in facts["spans"]] == [(0, 2 * SECOND)]


@pytest.mark.parametrize("count", [9, 10, 11])
def test_segments_at_the_highest_level_are_counted_at_any_level(count: int) -> None:
    samples = sounds.noise(3.0, peak=0.05)
    for segment in range(count):
        samples[0, 1_000 + 100 * segment : 1_002 + 100 * segment] = 0.5 if segment % 2 else -0.5
    facts = read(clipping, samples)
    assert facts["segments_at_peak"] == count
    assert facts["spans"] == ()


def test_segments_below_the_highest_level_are_not_counted() -> None:
    samples = _run(5, 0.5)
    samples[1, 2 * SECOND] = 0.6
    assert read(clipping, samples)["segments_at_peak"] == 0


@pytest.mark.parametrize("count", [4, 5, 6])
def test_share_of_samples_at_full_scale_is_that_of_the_worst_channel(count: int) -> None:
    samples = sounds.noise(50_000 / SECOND, peak=0.1)
    samples[0, 1_000 : 1_000 + 10 * count : 10] = -1.0
    assert read(clipping, samples)["full_scale_percent"] == pytest.approx(100.0 * count / 50_000, abs=1e-12)


def test_digital_silence_is_not_clipped() -> None:
    facts = read(clipping, np.zeros((2, SECOND), dtype=np.float32))
    assert facts == {"spans": (), "longest_run_samples": 0, "segments_at_peak": 0, "full_scale_percent": 0.0}


def test_group_without_a_sample_has_no_clipping() -> None:
    assert read(clipping, np.zeros((2, 0), dtype=np.float32)) == {}

"""Correlation, reversal, mono sum and identical channels: by arithmetic, at their limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deliverqc.meters import phase
from fixtures import sounds
from tests.meters.sound.measuring import read, signal_with_pairs

SECOND = 48_000
NOISE = sounds.noise(5.0)


@pytest.mark.parametrize("correlation", [-1.0, -0.5, 0.0, 0.3, 1.0])
def test_correlation_and_mono_sum_are_those_of_the_mix(correlation: float) -> None:
    facts = read(phase, sounds.correlated(5.0, correlation))
    assert facts["mean_correlation"] == pytest.approx(correlation, abs=0.001)
    expected = -40.0 if correlation == -1.0 else 10.0 * np.log10(1.0 + correlation)
    assert facts["mono_sum_db"] == pytest.approx(expected, abs=0.01)


def test_correlation_does_not_depend_on_the_level_of_one_channel() -> None:
    samples = sounds.correlated(5.0, 0.5)
    samples[1] *= 0.01
    assert read(phase, samples)["mean_correlation"] == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize(("correlation", "is_told"), [(-0.51, True), (-0.49, False)])
def test_reversed_is_correlation_at_or_below_the_limit(correlation: float, is_told: bool) -> None:
    facts = read(phase, sounds.correlated(3.0, correlation))
    assert bool(facts["reversed_spans"]) is is_told


def test_reversal_is_a_span_around_itself() -> None:
    facts = read(phase, sounds.partly_reversed(20.0, start_s=6.0, end_s=14.0))
    (span,) = facts["reversed_spans"]
    assert 5.0 * SECOND <= span.start <= 6.0 * SECOND
    assert 14.0 * SECOND <= span.end <= 15.0 * SECOND
    assert facts["min_correlation"] == pytest.approx(-1.0, abs=0.001)
    assert 6.0 <= facts["min_correlation_at_s"] <= 11.0


def test_reversal_running_to_the_end_is_closed_at_the_last_sample() -> None:
    samples = sounds.partly_reversed(10.0, start_s=5.0, end_s=10.0)[:, :-7]
    (span,) = read(phase, samples)["reversed_spans"]
    assert span.end == 10 * SECOND - 7


def test_item_shorter_than_three_seconds_is_one_window() -> None:
    samples = sounds.partly_reversed(1.0, start_s=0.0, end_s=1.0)
    facts = read(phase, samples)
    assert [(span.start, span.end) for span in facts["reversed_spans"]] == [(0, SECOND)]
    assert facts["min_correlation"] == pytest.approx(-1.0, abs=0.001)


@pytest.mark.parametrize(("level", "is_told"), [(-60.2, False), (-59.8, True)])
def test_window_below_the_level_does_not_count(level: float, is_told: bool) -> None:
    mono = np.full(4 * SECOND, 10.0 ** (level / 20.0))
    facts = read(phase, np.array([mono, -mono], dtype=np.float32))
    assert (facts["min_correlation"] is not None) is is_told
    assert bool(facts["reversed_spans"]) is is_told


@pytest.mark.parametrize(("difference_db", "is_identical"), [(-70.0, True), (-60.1, True), (-59.9, False)])
def test_channels_are_identical_when_their_difference_is_small(difference_db: float, is_identical: bool) -> None:
    mono, other = NOISE
    other = other * np.linalg.norm(mono) / np.linalg.norm(other) * 10.0 ** (difference_db / 20.0)
    facts = read(phase, np.array([mono, mono + other], dtype=np.float32))
    assert facts["identical_pairs"] == (["L/R"] if is_identical else [])


def test_identical_surrounds_are_named_beside_a_stereo_front() -> None:
    samples = sounds.noise(3.0, channels=6)
    samples[5] = samples[4]
    facts = read(phase, samples, labels=("L", "R", "C", "LFE", "Ls", "Rs"))
    assert facts["identical_pairs"] == ["Ls/Rs"]
    assert facts["mean_correlation"] == pytest.approx(0.0, abs=0.02)


def test_digital_silence_is_identical_to_nothing_and_has_no_phase() -> None:
    facts = read(phase, np.zeros((2, 4 * SECOND), dtype=np.float32))
    assert facts["identical_pairs"] == []
    assert facts["mean_correlation"] is None and facts["mono_sum_db"] is None


def test_mono_group_has_no_pair() -> None:
    facts = read(phase, NOISE[:1], labels=("C",))
    assert facts["mean_correlation"] is None
    assert facts["identical_pairs"] == []


def test_group_of_unknown_layout_was_not_measured() -> None:
    assert read(phase, NOISE, labels=("", "")) == {}


def test_group_whose_pair_was_not_compared_was_not_measured() -> None:
    signal = signal_with_pairs(NOISE)
    signal = replace(signal, pairs=(), difference_energy=signal.difference_energy[:, :0])
    assert phase.METER.measure(signal, phase.METER.resolve({})).facts == {}


def test_group_without_a_sample_has_no_phase() -> None:
    assert read(phase, np.zeros((2, 0), dtype=np.float32)) == {}

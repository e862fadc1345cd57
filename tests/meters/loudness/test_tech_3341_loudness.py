"""EBU Tech 3341 V4.0 Table 1, tests 1 to 14: what an EBU Mode meter of files has to read."""

from __future__ import annotations

import numpy as np
import pytest

from fixtures import loudness_signals as made
from tests.meters.loudness.measuring import loudness_facts, loudness_reading, stereo_levels

TOLERANCE_LU = 0.1
TWENTY = range(20)


@pytest.mark.parametrize(("test", "expected"), [(1, -23.0), (2, -33.0), (3, -23.0), (4, -23.0), (5, -23.0)])
def test_integrated_loudness_of_tests_1_to_5(test: int, expected: float) -> None:
    facts = loudness_facts(made.tone(made.TECH_3341_INTEGRATED[test]))
    assert facts["integrated_lufs"] == pytest.approx(expected, abs=TOLERANCE_LU)


@pytest.mark.parametrize(("test", "expected"), [(1, -23.0), (2, -33.0)])
def test_momentary_and_short_term_equal_integrated_on_a_steady_tone(test: int, expected: float) -> None:
    facts = loudness_facts(made.tone(made.TECH_3341_INTEGRATED[test]))
    assert facts["max_momentary_lufs"] == pytest.approx(expected, abs=TOLERANCE_LU)
    assert facts["max_short_term_lufs"] == pytest.approx(expected, abs=TOLERANCE_LU)


@pytest.mark.parametrize("test", [3, 4])
def test_ungated_mean_would_fail_tests_3_and_4(test: int) -> None:
    samples = made.tone(made.TECH_3341_INTEGRATED[test])
    ungated = -0.691 + 10.0 * np.log10(np.mean(10.0 ** ((stereo_levels(samples, 0.4, hop_rows=10) + 0.691) / 10.0)))
    assert abs(ungated + 23.0) > TOLERANCE_LU


def test_five_channels_of_test_6_are_weighted() -> None:
    samples = made.tech_3341_6()
    facts = loudness_facts(samples, labels=made.LABELS_5_0)
    assert facts["integrated_lufs"] == pytest.approx(-23.0, abs=TOLERANCE_LU)


def test_silent_lfe_does_not_change_test_6() -> None:
    samples = np.insert(made.tech_3341_6(), 3, 0.0, axis=0)
    facts = loudness_facts(samples, labels=made.LABELS_5_1)
    assert facts["integrated_lufs"] == pytest.approx(-23.0, abs=TOLERANCE_LU)


def test_surrounds_without_their_weight_would_fail_test_6() -> None:
    facts = loudness_facts(made.tech_3341_6(), labels=("L", "R", "C", "Lrs", "Rrs"))
    assert abs(facts["integrated_lufs"] + 23.0) > TOLERANCE_LU


def test_short_term_loudness_of_test_9_is_constant() -> None:
    samples = made.tech_3341_9()
    levels = stereo_levels(samples, 3.0, hop_rows=1)
    assert levels.min() == pytest.approx(-23.0, abs=TOLERANCE_LU)
    curve = {each.name: each for each in loudness_reading(samples).curves}["short_term_loudness"]
    assert curve.values == pytest.approx(-23.0, abs=TOLERANCE_LU)


def test_momentary_loudness_of_test_12_is_constant() -> None:
    samples = made.tech_3341_12()
    levels = stereo_levels(samples, 0.4, hop_rows=1)[60:]
    assert levels.min() == pytest.approx(-23.0, abs=TOLERANCE_LU)
    curve = {each.name: each for each in loudness_reading(samples).curves}["momentary_loudness"]
    assert curve.values[6:] == pytest.approx(-23.0, abs=TOLERANCE_LU)


@pytest.mark.parametrize("index", TWENTY)
def test_maximum_short_term_loudness_of_test_10(index: int) -> None:
    facts = loudness_facts(made.tech_3341_10(index))
    assert facts["max_short_term_lufs"] == pytest.approx(-23.0, abs=TOLERANCE_LU)
    assert facts["max_short_term_at_s"] == pytest.approx(index * 0.15, abs=0.01)


@pytest.mark.parametrize("index", TWENTY)
def test_maximum_short_term_loudness_of_test_11(index: int) -> None:
    facts = loudness_facts(made.tech_3341_11(index))
    assert facts["max_short_term_lufs"] == pytest.approx(-38.0 + index, abs=TOLERANCE_LU)


@pytest.mark.parametrize("index", TWENTY)
def test_maximum_momentary_loudness_of_test_13(index: int) -> None:
    facts = loudness_facts(made.tech_3341_13(index))
    assert facts["max_momentary_lufs"] == pytest.approx(-23.0, abs=TOLERANCE_LU)
    assert facts["max_momentary_at_s"] == pytest.approx(index * 0.02, abs=0.01)


@pytest.mark.parametrize("index", TWENTY)
def test_maximum_momentary_loudness_of_test_14(index: int) -> None:
    facts = loudness_facts(made.tech_3341_14(index))
    assert facts["max_momentary_lufs"] == pytest.approx(-38.0 + index, abs=TOLERANCE_LU)


def test_hop_of_100_ms_would_fail_test_13() -> None:
    worst = min(stereo_levels(made.tech_3341_13(index), 0.4, hop_rows=10).max() for index in TWENTY)
    assert worst < -23.0 - TOLERANCE_LU

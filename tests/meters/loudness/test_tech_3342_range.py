"""EBU Tech 3342 V4.0: loudness range of the tests in Table 1, and of items where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from fixtures import loudness_signals as made
from tests.meters.loudness.measuring import loudness_facts


@pytest.mark.parametrize("test", sorted(made.TECH_3342_RANGE))
def test_loudness_range_of_tests_1_to_4(test: int) -> None:
    parts, expected_lu = made.TECH_3342_RANGE[test]
    assert loudness_facts(made.tone(parts))["range_lu"] == pytest.approx(expected_lu, abs=1.0)


@pytest.mark.parametrize("test", sorted(made.TECH_3342_RANGE))
def test_loudness_range_does_not_change_when_the_item_repeats(test: int) -> None:
    parts, _ = made.TECH_3342_RANGE[test]
    once, twice = (loudness_facts(made.tone([*parts] * times))["range_lu"] for times in (1, 2))
    assert twice == pytest.approx(once, abs=0.2)


def test_parts_more_than_20_lu_below_the_rest_do_not_count() -> None:
    parts = [(20.0, -20.0), (20.0, -30.0), (20.0, -45.0)]
    assert loudness_facts(made.tone(parts))["range_lu"] == pytest.approx(10.0, abs=0.5)


def test_item_shorter_than_three_seconds_has_no_range() -> None:
    facts = loudness_facts(made.tone([(2.99, -20.0)]))
    assert facts["range_lu"] is None
    assert facts["max_short_term_lufs"] is None
    assert facts["max_short_term_at_s"] is None


def test_item_of_three_seconds_has_a_range_of_zero() -> None:
    facts = loudness_facts(made.tone([(3.0, -20.0)]))
    assert facts["range_lu"] == 0.0
    assert facts["max_short_term_lufs"] == pytest.approx(-20.0, abs=0.1)


def test_range_is_measured_without_silence_after_the_item() -> None:
    steady = made.tone([(10.0, -20.0)])
    followed = np.pad(steady, ((0, 0), (0, 3 * made.RATE_HZ)))
    assert loudness_facts(steady)["range_lu"] == pytest.approx(0.0, abs=0.05)
    assert loudness_facts(followed)["range_lu"] > 3.0

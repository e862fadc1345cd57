"""Truths about thinning a curve: nothing high or low is lost, and nothing is invented."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverqc.measuring.curves import CURVE_POINTS, curve

_VALUES = st.lists(st.floats(-100, 100, width=32) | st.just(math.nan), min_size=1, max_size=300)


@given(values=_VALUES, points=st.integers(1, 50))
def test_every_step_has_the_lowest_and_highest_of_its_values_or_null(values: list[float], points: int) -> None:
    thinned = curve("momentary_loudness", "LUFS", 0, 1.5, 0.5, values, points)
    together = round(thinned["step_s"] / 0.5)
    assert len(thinned["min"]) == len(thinned["max"]) == math.ceil(len(values) / together) <= points
    for index, (low, high) in enumerate(zip(thinned["min"], thinned["max"], strict=True)):
        inside = [value for value in values[index * together : (index + 1) * together] if not math.isnan(value)]
        if not inside:
            assert low is None
            assert high is None
        else:
            assert low == pytest.approx(min(inside), abs=0.0006)
            assert high == pytest.approx(max(inside), abs=0.0006)


def test_a_short_curve_stays_as_it_is() -> None:
    assert curve("c", "LUFS", None, 0.0, 0.1, [-23.0, math.nan, -20.5]) == {
        "name": "c",
        "unit": "LUFS",
        "group": None,
        "start_s": 0.0,
        "step_s": 0.1,
        "min": [-23.0, None, -20.5],
        "max": [-23.0, None, -20.5],
    }


@pytest.mark.parametrize(
    ("count", "points", "together"), [(2_000, 2_000, 1), (2_001, 1_001, 2), (4_000, 2_000, 2), (108_000, 2_000, 54)]
)
def test_the_published_curve_has_two_thousand_points_at_most(count: int, points: int, together: int) -> None:
    thinned = curve("c", "LUFS", 0, 0.0, 0.1, np.zeros(count))
    assert len(thinned["max"]) == points <= CURVE_POINTS
    assert thinned["step_s"] == pytest.approx(0.1 * together)


def test_one_loud_moment_in_three_hours_is_kept() -> None:
    values = np.full(108_000, -40.0)
    values[77_777] = -1.25
    thinned = curve("c", "LUFS", 0, 0.0, 0.1, values)
    assert thinned["max"].count(-1.25) == 1
    assert max(thinned["min"]) == -40.0


def test_infinite_values_are_null() -> None:
    assert curve("c", "LUFS", 0, 0.0, 0.1, [-math.inf, math.inf, 1.0])["max"] == [None, None, 1.0]


def test_a_curve_without_values_is_empty() -> None:
    assert curve("c", "LUFS", 0, 0.0, 0.1, [])["min"] == []


@pytest.mark.parametrize(
    ("values", "step_s", "points"), [([[1.0]], 0.1, 10), ([1.0], 0.0, 10), ([1.0], math.nan, 10), ([1.0], 0.1, 0)]
)
def test_what_is_no_curve_is_refused(values: list[float], step_s: float, points: int) -> None:
    with pytest.raises(ValueError, match="the curve c"):
        curve("c", "LUFS", 0, 0.0, step_s, values, points)

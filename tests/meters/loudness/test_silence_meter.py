"""Silence: spans on the 10 ms grid, at their limits, and channels that are silent throughout."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverqc.measuring.registry import registry
from deliverqc.meters import silence
from deliverqc.timebase import Span
from fixtures.loudness_signals import tone
from tests.meters.loudness.measuring import silence_facts

SECOND = 48_000


def test_silence_between_sounds_is_a_span_of_samples() -> None:
    facts = silence_facts(tone([(1.0, -20.0), (3.0, None), (1.0, -20.0)]))
    assert facts["spans"] == (Span(SECOND, 4 * SECOND),)


def test_silence_running_to_the_end_is_closed_at_the_last_sample() -> None:
    samples = np.pad(tone([(1.0, -20.0)]), ((0, 0), (0, 3 * SECOND + 123)))
    assert silence_facts(samples)["spans"] == (Span(SECOND, 4 * SECOND + 123),)


def test_silence_from_the_first_sample_starts_there() -> None:
    assert silence_facts(tone([(3.0, None), (1.0, -20.0)]))["spans"] == (Span(0, 3 * SECOND),)


def test_silent_item_is_one_span_and_all_its_channels() -> None:
    facts = silence_facts(np.zeros((2, 3 * SECOND), dtype=np.float32))
    assert facts["spans"] == (Span(0, 3 * SECOND),)
    assert facts["channels"] == ["L", "R"]


def test_sound_throughout_has_no_span_and_no_silent_channel() -> None:
    facts = silence_facts(tone([(5.0, -20.0)]))
    assert facts["spans"] == ()
    assert facts["channels"] == []


def test_sound_without_a_sample_was_not_measured() -> None:
    assert silence_facts(np.zeros((2, 0), dtype=np.float32)) == {}


def test_one_sounding_channel_breaks_silence() -> None:
    samples = tone([(5.0, -20.0)])
    samples[0] = 0.0
    facts = silence_facts(samples)
    assert facts["spans"] == ()
    assert facts["channels"] == ["L"]


def test_silent_channel_without_label_is_told_by_its_number() -> None:
    samples = tone([(3.0, -20.0)], gains_db=(0.0, 0.0, 0.0))
    samples[2] = 0.0
    assert silence_facts(samples, labels=("L", "R", ""))["channels"] == ["2"]


@pytest.mark.parametrize(("level", "is_silent"), [(-60.1, True), (-60.0, True), (-59.9, False)])
def test_peak_at_the_limit_is_silence_and_above_is_not(level: float, is_silent: bool) -> None:
    samples = np.full((2, 3 * SECOND), 10.0 ** (level / 20.0), dtype=np.float32)
    samples[:, ::2] *= -1
    assert bool(silence_facts(samples, peak_max_dbfs=-60.0)["spans"]) is is_silent


@pytest.mark.parametrize(("rows", "is_told"), [(99, False), (100, True), (101, True)])
def test_span_of_the_least_duration_is_told_and_a_shorter_one_is_not(rows: int, is_told: bool) -> None:
    samples = tone([(1.0, -20.0), (rows / 100, None), (1.0, -20.0)])
    assert bool(silence_facts(samples, min_duration_s=1.0)["spans"]) is is_told


def test_row_with_one_loud_sample_belongs_to_no_span() -> None:
    samples = np.zeros((2, 6 * SECOND), dtype=np.float32)
    samples[1, 3 * SECOND + 100] = 0.5
    spans = silence_facts(samples)["spans"]
    assert spans == (Span(0, 3 * SECOND), Span(3 * SECOND + 480, 6 * SECOND))


def test_edges_stand_on_the_grid_of_an_odd_rate() -> None:
    samples = np.full((1, 4 * 11_025), 0.5, dtype=np.float32)
    samples[:, 11_025 + 50 : 3 * 11_025 + 60] = 0.0
    (span,) = silence_facts(samples, labels=("C",), rate_hz=11_025, min_duration_s=1.0)["spans"]
    assert span == Span(101 * 11_025 // 100, 3 * 11_025)


@settings(max_examples=30, deadline=None)
@given(
    gains=st.lists(st.sampled_from([-80.0, -59.0, -40.0, -20.0]), min_size=1, max_size=6), limit=st.integers(-90, -10)
)
def test_louder_limit_never_makes_silence_shorter(gains: list[float], limit: int) -> None:
    samples = np.repeat(10.0 ** (np.array(gains) / 20.0), 4_000)[None].astype(np.float32)
    below, above = (
        sum(
            span.end - span.start
            for span in silence_facts(
                samples, labels=("C",), rate_hz=8_000, peak_max_dbfs=float(peak), min_duration_s=0.01
            )["spans"]
        )
        for peak in (limit, limit + 10)
    )
    assert below <= above


def test_facts_and_registry_name_the_same_things() -> None:
    given_facts = {f"sound.groups[].silence.{name}" for name in silence_facts(tone([(1.0, -20.0)]))}
    assert given_facts == {fact.name for fact in silence.METER.facts if "spans[]" not in fact.name}
    assert given_facts <= set(registry().facts)


@pytest.mark.parametrize("setting", ["peak_max_dbfs", "min_duration_s"])
def test_setting_out_of_range_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match=setting):
        silence.METER.resolve({setting: 1e9})

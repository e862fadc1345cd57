"""ITU-R BS.1770-5: weighting filter, channel weights, gates, and items that have no loudness."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverqc.measuring.registry import registry
from deliverqc.meters import loudness
from deliverqc.meters.loudness import channel_weights
from deliverqc.signals.audio.accumulator import k_weighting
from deliverqc.signals.tables import SoundSignal
from fixtures import loudness_signals as made
from tests.meters.loudness.measuring import columns, loudness_facts, signal

TABLE_AT_48_KHZ = [
    [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
    [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
]
"""BS.1770-5 Annex 1, Tables 1 and 2."""

FULL_SCALE_C = made.tone([(5.0, 0.0)], frequency_hz=997.0, gains_db=(0.0,))


def _gain_db(rate_hz: int, hertz: np.ndarray) -> np.ndarray:
    z = np.exp(-2j * np.pi * hertz / rate_hz)
    response = [np.polyval(s[2::-1], z) / np.polyval(s[5:2:-1], z) for s in k_weighting(rate_hz)]
    return 20.0 * np.log10(np.abs(response[0] * response[1]))


def test_coefficients_at_48_khz_are_those_of_the_recommendation() -> None:
    assert k_weighting(48_000) == pytest.approx(np.array(TABLE_AT_48_KHZ), abs=1e-12)


@pytest.mark.parametrize("rate_hz", [32_000, 44_100, 88_200, 96_000, 176_400, 192_000])
def test_weighting_has_the_same_response_at_other_rates(rate_hz: int) -> None:
    hertz = np.geomspace(20.0, 10_000.0, 200)
    assert _gain_db(rate_hz, hertz) == pytest.approx(_gain_db(48_000, hertz), abs=0.05)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050])
def test_weighting_has_the_same_response_at_low_rates(rate_hz: int) -> None:
    hertz = np.geomspace(20.0, rate_hz / 4, 200)
    assert _gain_db(rate_hz, hertz) == pytest.approx(_gain_db(48_000, hertz), abs=0.25)


def test_weighted_energy_is_that_of_the_recursion_of_the_recommendation() -> None:
    sound = made.speech_like(0.5, channels=1)[0].astype(np.float64)
    for b0, b1, b2, _, a1, a2 in TABLE_AT_48_KHZ:
        weighted = np.zeros(len(sound))
        x1 = x2 = y1 = y2 = 0.0
        for n, x in enumerate(sound):
            y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            x1, x2, y1, y2 = x, x1, y, y1
            weighted[n] = y
        sound = weighted
    expected = np.sum(sound.reshape(-1, 480) ** 2, axis=1)
    measured = columns(made.speech_like(0.5, channels=1)).k_energy[:, 0]
    assert measured == pytest.approx(expected, rel=1e-5)


def test_constant_offset_has_no_loudness_once_the_filter_has_settled() -> None:
    offset = np.full((2, 48_000), 0.5, dtype=np.float32)
    assert columns(offset).k_energy[50:].max() / 480 < 1e-10


@pytest.mark.parametrize("label", ["L", "C", "R"])
def test_full_scale_997_hz_in_one_channel_reads_minus_3_01(label: str) -> None:
    facts = loudness_facts(FULL_SCALE_C, labels=(label,))
    assert facts["integrated_lufs"] == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize("label", ["Ls", "Rs", "Lss", "Rss"])
def test_side_channel_reads_1_5_lu_more(label: str) -> None:
    facts = loudness_facts(FULL_SCALE_C, labels=(label,))
    assert facts["integrated_lufs"] == pytest.approx(-3.01 + 10.0 * np.log10(1.41), abs=0.01)


def test_rear_channels_of_7_1_are_not_raised() -> None:
    labels = ("L", "R", "C", "LFE", "Lss", "Rss", "Lrs", "Rrs")
    assert channel_weights(labels).tolist() == [1.0, 1.0, 1.0, 0.0, 1.41, 1.41, 1.0, 1.0]


@pytest.mark.parametrize("rate_hz", [44_100, 96_000, 192_000, 22_050])
def test_full_scale_997_hz_reads_the_same_at_every_rate(rate_hz: int) -> None:
    tone = made.tone([(2.0, 0.0)], frequency_hz=997.0, gains_db=(0.0,), rate_hz=rate_hz)
    facts = loudness_facts(tone, labels=("C",), rate_hz=rate_hz)
    assert facts["integrated_lufs"] == pytest.approx(-3.01, abs=0.03)


@pytest.mark.parametrize("hertz", sorted(made.BS_2217_TONES))
def test_stereo_tones_of_bs_2217_read_minus_23(hertz: float) -> None:
    tone = made.tone([(10.0, made.BS_2217_TONES[hertz])], frequency_hz=hertz)
    assert loudness_facts(tone)["integrated_lufs"] == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("channel", [0, 1, 2, 4, 5])
def test_tone_in_any_one_main_channel_of_5_1_reads_minus_23(channel: int) -> None:
    """BS.2217 ChannelCheck: a single channel needs 3.01 dB more than a pair, a side channel 1.49 dB less."""
    samples = np.zeros((6, 5 * made.RATE_HZ), dtype=np.float32)
    level = -20.0 - (10.0 * np.log10(1.41) if channel > 3 else 0.0)
    samples[channel] = made.tone([(5.0, level)])[0]
    assert loudness_facts(samples, labels=made.LABELS_5_1)["integrated_lufs"] == pytest.approx(-23.0, abs=0.1)


def test_loud_lfe_changes_no_loudness_but_is_a_peak() -> None:
    samples = np.zeros((6, 5 * made.RATE_HZ), dtype=np.float32)
    samples[:2] = made.tone([(5.0, -23.0)])
    without = loudness_facts(samples, labels=made.LABELS_5_1)
    samples[3] = made.tone([(5.0, -3.0)], frequency_hz=60.0)[0]
    loud = loudness_facts(samples, labels=made.LABELS_5_1)
    assert loud["integrated_lufs"] == without["integrated_lufs"]
    assert loud["max_true_peak_channel"] == "LFE"
    assert loud["max_true_peak_dbtp"] == pytest.approx(-3.0, abs=0.05)


def test_lfe_alone_has_no_loudness() -> None:
    facts = loudness_facts(FULL_SCALE_C, labels=("LFE",))
    assert facts["integrated_lufs"] is None
    assert facts["max_momentary_lufs"] is None
    assert facts["range_lu"] is None
    assert facts["max_true_peak_dbtp"] == pytest.approx(0.0, abs=0.05)


def test_opposite_phase_is_as_loud_as_equal_phase() -> None:
    equal = made.tone([(5.0, -20.0)])
    opposite = equal * np.array([[1.0], [-1.0]], dtype=np.float32)
    assert loudness_facts(opposite)["integrated_lufs"] == loudness_facts(equal)["integrated_lufs"]


def test_absolute_gate_file_reads_minus_69_5() -> None:
    assert loudness_facts(made.absolute_gate())["integrated_lufs"] == pytest.approx(-69.5, abs=0.1)


def test_relative_gate_file_reads_minus_10() -> None:
    assert loudness_facts(made.relative_gate())["integrated_lufs"] == pytest.approx(-10.0, abs=0.1)


@pytest.mark.parametrize(("level", "is_measured"), [(-69.9, True), (-70.1, False)])
def test_tone_is_gated_below_minus_70_lufs(level: float, is_measured: bool) -> None:
    integrated = loudness_facts(made.tone([(5.0, level)], frequency_hz=997.0))["integrated_lufs"]
    assert (integrated is not None) is is_measured


@pytest.mark.parametrize(("count", "is_measured"), [(19_199, False), (19_200, True), (19_201, True)])
def test_item_shorter_than_400_ms_has_no_loudness(count: int, is_measured: bool) -> None:
    facts = loudness_facts(made.tone([(count / 48_000, -20.0)]))
    assert (facts["integrated_lufs"] is not None) is is_measured
    assert (facts["max_momentary_lufs"] is not None) is is_measured
    assert facts["max_true_peak_dbtp"] == pytest.approx(-20.0, abs=0.1)


def test_incomplete_last_block_is_left_out() -> None:
    samples = made.tone([(1.0, -40.0), (0.09, -5.0)])
    assert loudness_facts(samples)["integrated_lufs"] == pytest.approx(-40.0, abs=0.1)


def test_digital_silence_has_no_level_at_all() -> None:
    facts = loudness_facts(np.zeros((2, 10 * made.RATE_HZ), dtype=np.float32))
    assert {name: value for name, value in facts.items() if value is not None} == {"is_silent": True}


def test_sound_without_a_sample_was_not_measured() -> None:
    assert loudness_facts(np.zeros((2, 0), dtype=np.float32)) == {}


def test_facts_and_registry_name_the_same_things() -> None:
    given_facts = {f"sound.groups[].loudness.{name}" for name in loudness_facts(FULL_SCALE_C, labels=("C",))}
    assert given_facts == {fact.name for fact in loudness.METER.facts}
    assert given_facts <= set(registry().facts)


@settings(max_examples=25, deadline=None)
@given(gain_db=st.floats(-20.0, 12.0))
def test_gain_in_db_moves_every_level_by_as_many_lu(gain_db: float) -> None:
    samples = made.speech_like(4.0, channels=2)
    before = loudness_facts(samples)
    after = loudness_facts(samples * np.float32(10.0 ** (gain_db / 20.0)))
    for name in ("integrated_lufs", "max_momentary_lufs", "max_short_term_lufs", "max_true_peak_dbtp"):
        assert after[name] - before[name] == pytest.approx(gain_db, abs=0.001)
    assert after["range_lu"] == pytest.approx(before["range_lu"], abs=0.001)


def test_times_count_from_the_first_picture_frame() -> None:
    early: SoundSignal = signal(made.tone([(1.0, None), (1.0, -20.0)]))
    late = dataclasses.replace(early, offset_s=Fraction(1, 2))
    at = [loudness.METER.measure(each, {}).facts["loudness.max_momentary_at_s"] for each in (early, late)]
    assert at[1] - at[0] == pytest.approx(0.5)


def test_curve_holds_the_maximum() -> None:
    table = signal(made.speech_like(10.0, channels=2))
    reading = loudness.METER.measure(table, {})
    curves = {curve.name: curve.values for curve in reading.curves}
    assert np.nanmax(curves["momentary_loudness"]) == reading.facts["loudness.max_momentary_lufs"]
    assert np.nanmax(curves["short_term_loudness"]) == reading.facts["loudness.max_short_term_lufs"]


def test_curve_of_silence_has_no_values() -> None:
    reading = loudness.METER.measure(signal(np.zeros((2, made.RATE_HZ), dtype=np.float32)), {})
    assert all(np.isnan(curve.values).all() for curve in reading.curves)


def test_group_with_a_channel_of_unknown_place_has_peaks_and_no_loudness() -> None:
    facts = loudness_facts(np.tile(FULL_SCALE_C, (3, 1)), labels=("L", "R", ""))
    assert "integrated_lufs" not in facts
    assert facts["max_sample_peak_dbfs"] == pytest.approx(0.0, abs=0.01)

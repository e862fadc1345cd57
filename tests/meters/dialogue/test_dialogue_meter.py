"""The meter of dialogue over tables whose probabilities and levels are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from deliverqc.meters import dialogue
from deliverqc.signals.tables import SoundSignal
from fixtures.loudness_signals import tone
from tests.meters.loudness.measuring import signal

_NO_SPEECH = 0.1


def _table(
    probability: Sequence[float], *, labels: Sequence[str] = ("L", "R"), levels_dbfs: Sequence[float] = (-23.0,)
) -> SoundSignal:
    """A 1 kHz tone in all channels, equal parts of it at the levels in turn; one probability for each 10 ms of all
    channels."""
    seconds = len(probability) / 100 / len(levels_dbfs)
    samples = tone([(seconds, level) for level in levels_dbfs], gains_db=(0.0,) * len(labels))
    column = np.repeat(np.array(probability, dtype=np.float16)[:, None], len(labels), axis=1)
    return replace(signal(samples, labels=labels), extended={"speech.probability": column})


def _read(table: SoundSignal, **settings: float) -> Mapping[str, Any]:
    facts = dialogue.METER.measure(table, dialogue.METER.resolve(settings)).facts
    return {name.removeprefix("loudness."): value for name, value in facts.items()}


def test_only_the_time_of_speech_counts() -> None:
    read = _read(_table([0.9] * 500 + [_NO_SPEECH] * 500, levels_dbfs=(-27.0, -17.0)))
    assert read["dialogue_lkfs"] == pytest.approx(-27.0, abs=0.02)
    assert read["dialogue_share"] == pytest.approx(0.5)
    assert read["dialogue_estimator"] == "silero-vad 6.2.0"


def test_dialogue_is_told_apart_from_the_programme() -> None:
    read = _read(_table([0.9] * 500 + [_NO_SPEECH] * 500, levels_dbfs=(-27.0, -20.0)))
    programme = 10.0 * np.log10((10.0**-2.7 + 10.0**-2.0) / 2.0)
    assert read["to_dialogue_lu"] == pytest.approx(programme + 27.0, abs=0.05)


def test_quiet_speech_is_not_gated_away() -> None:
    read = _read(_table([0.9] * 1000, levels_dbfs=(-20.0, -60.0)))
    assert read["dialogue_lkfs"] == pytest.approx(-23.0, abs=0.02)


def test_without_speech_there_is_no_dialogue_loudness() -> None:
    read = _read(_table([_NO_SPEECH] * 300))
    assert (read["dialogue_lkfs"], read["to_dialogue_lu"], read["dialogue_share"]) == (None, None, 0.0)


def test_silence_that_is_taken_for_speech_has_no_loudness() -> None:
    table = replace(signal(np.zeros((2, 48_000))), extended={"speech.probability": np.ones((100, 2), dtype=np.float16)})
    read = _read(table)
    assert (read["dialogue_lkfs"], read["to_dialogue_lu"], read["dialogue_share"]) == (None, None, 1.0)


@pytest.mark.parametrize(("highest", "share"), [(0.499, 0.0), (0.5, 1.0)])
def test_speech_begins_at_the_set_probability(highest: float, share: float) -> None:
    assert _read(_table([0.4] * 50 + [highest] * 50))["dialogue_share"] == share


@pytest.mark.parametrize(("lower", "rows"), [(0.34, 50), (0.36, 100)])
def test_speech_lasts_until_the_probability_is_0_15_lower(lower: float, rows: int) -> None:
    assert _read(_table([0.9] * 50 + [lower] * 50))["dialogue_share"] == rows / 100


@pytest.mark.parametrize(("rows", "counted"), [(24, 0), (25, 25)])
def test_speech_shorter_than_the_setting_is_none(rows: int, counted: int) -> None:
    probability = [_NO_SPEECH] * 40 + [0.9] * rows + [_NO_SPEECH] * (60 - rows)
    assert _read(_table(probability))["dialogue_share"] == counted / 100
    assert _read(_table(probability), speech_min_s=rows / 100)["dialogue_share"] == rows / 100


@pytest.mark.parametrize(("rows", "counted"), [(9, 69), (10, 60)])
def test_a_pause_shorter_than_the_setting_is_speech(rows: int, counted: int) -> None:
    probability = [0.9] * 30 + [_NO_SPEECH] * rows + [0.9] * 30 + [_NO_SPEECH] * (40 - rows)
    assert _read(_table(probability))["dialogue_share"] == counted / 100


def test_low_frequency_effects_are_not_listened_to() -> None:
    table = _table([_NO_SPEECH] * 100, labels=("L", "R", "C", "LFE", "Ls", "Rs"))
    column = table.extended["speech.probability"].copy()
    column[:, 3] = 0.99
    assert _read(replace(table, extended={"speech.probability": column}))["dialogue_share"] == 0.0


def test_speech_in_any_other_channel_counts() -> None:
    table = _table([_NO_SPEECH] * 100, labels=("L", "R", "C", "LFE", "Ls", "Rs"))
    column = table.extended["speech.probability"].copy()
    column[:, 2] = 0.99
    assert _read(replace(table, extended={"speech.probability": column}))["dialogue_share"] == 1.0


def test_channels_of_unknown_place_and_empty_groups_give_no_facts() -> None:
    assert _read(_table([0.9] * 100, labels=("", ""))) == {}
    assert _read(signal(np.zeros((2, 0)))) == {}


def test_the_curve_is_the_highest_probability_of_each_100_ms() -> None:
    reading = dialogue.METER.measure(_table([0.2, 0.5] + [0.1] * 13), dialogue.METER.resolve({}))
    (curve,) = reading.curves
    assert curve.values.tolist() == pytest.approx([50.0, 10.0], abs=0.02)


def test_the_range_of_dialogue_is_that_of_the_speech_alone() -> None:
    speech, pause = [0.9] * 2000, [_NO_SPEECH] * 2000
    read = _read(_table(speech + pause + speech, levels_dbfs=(-30.0, -10.0, -22.0)))
    assert read["dialogue_range_lu"] == pytest.approx(8.0, abs=0.03)


def test_dialogue_that_keeps_its_level_has_no_range_and_no_deviation() -> None:
    read = _read(_table([0.9] * 400 + [_NO_SPEECH] * 400, levels_dbfs=(-27.0, -10.0)))
    assert read["dialogue_range_lu"] == pytest.approx(0.0, abs=0.03)
    assert read["dialogue_deviation_lu"] == pytest.approx(0.0, abs=0.03)


@pytest.mark.parametrize("levels_dbfs", [(-30.0, -30.0, -30.0, -20.0), (-20.0, -20.0, -20.0, -30.0)])
def test_deviation_is_the_larger_distance_from_dialogue_loudness(levels_dbfs: Sequence[float]) -> None:
    power = np.mean([10.0 ** (level / 10.0) for level in levels_dbfs])
    expected = max(abs(level - 10.0 * np.log10(power)) for level in levels_dbfs)
    read = _read(_table([0.9] * 4000, levels_dbfs=levels_dbfs))
    assert read["dialogue_deviation_lu"] == pytest.approx(expected, abs=0.03)
    assert read["dialogue_range_lu"] == pytest.approx(10.0, abs=0.03)


def test_a_whisper_below_the_gate_of_the_range_counts_as_deviation() -> None:
    read = _read(_table([0.9] * 4000, levels_dbfs=(-20.0, -20.0, -20.0, -50.0)))
    assert read["dialogue_range_lu"] == pytest.approx(0.0, abs=2.5)
    assert read["dialogue_deviation_lu"] == pytest.approx(30.0 + 10.0 * np.log10(0.75), abs=0.05)


@pytest.mark.parametrize(("rows", "expected"), [(299, None), (300, 0.0)])
def test_speech_of_less_than_3_s_has_no_range(rows: int, expected: float | None) -> None:
    read = _read(_table([0.9] * rows + [_NO_SPEECH] * 100))
    assert read["dialogue_range_lu"] == (expected if expected is None else pytest.approx(expected, abs=0.01))
    assert read["dialogue_deviation_lu"] == (expected if expected is None else pytest.approx(expected, abs=0.01))


def test_without_speech_or_with_silent_speech_there_is_no_range() -> None:
    quiet = replace(signal(np.zeros((2, 480_000))), extended={"speech.probability": np.ones((1000, 2), np.float16)})
    for table in (_table([_NO_SPEECH] * 400), quiet):
        read = _read(table)
        assert (read["dialogue_range_lu"], read["dialogue_deviation_lu"]) == (None, None)

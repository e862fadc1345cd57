"""Leq(m): M-weighting beside the table of ISO 21727, and levels of tones that arithmetic gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deliverqc
from deliverqc.meters import leq_m
from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.on_demand.m_weighting import columns, taps
from deliverqc.signals.tables import SoundSignal
from fixtures.ffmpeg import make
from fixtures.loudness_signals import LABELS_5_1, RATE_HZ, tone
from tests.meters.loudness.measuring import Samples

TABLE: Mapping[float, tuple[float, float]] = {
    31.5: (-35.5, 2.0), 63: (-29.5, 1.4), 100: (-25.4, 1.0), 200: (-19.4, 0.85), 400: (-13.4, 0.7),
    800: (-7.5, 0.55), 1000: (-5.6, 0.5), 2000: (0.0, 0.5), 3150: (3.4, 0.5), 4000: (4.9, 0.5), 5000: (6.1, 0.5),
    6300: (6.6, 0.05), 7100: (6.4, 0.2), 8000: (5.8, 0.4), 9000: (4.5, 0.6), 10000: (2.5, 0.8), 12500: (-5.6, 1.2),
    14000: (-10.9, 1.4), 16000: (-17.3, 1.65), 20000: (-27.8, 2.0), 31500: (-48.3, 2.8),
}  # fmt: skip
"""ISO 21727:2016 Table 1: gain and tolerance in dB by frequency in Hz. The table, rounded to 0.1 dB, gives 6.3 kHz no
tolerance; half its last digit stands here."""

RATES_HZ = (8_000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000)


def _signal(samples: Samples, labels: Sequence[str], rate_hz: int = RATE_HZ, portion: int | None = None) -> SoundSignal:
    reader = columns(rate_hz, len(samples))
    accumulator = SoundAccumulator(rate_hz, len(samples), reader.feed)
    step = portion or samples.shape[1] or 1
    for start in range(0, samples.shape[1], step):
        accumulator.feed(samples[:, start : start + step])
    filled = accumulator.finish()
    extended = {f"m_weighting.{name}": column for name, column in reader.finish(len(filled.energy)).items()}
    return replace(filled, labels=tuple(labels), extended=extended)


def _level(samples: Samples, labels: Sequence[str], *, rate_hz: int = RATE_HZ, **settings: Any) -> float | None:
    reading = leq_m.METER.measure(_signal(samples, labels, rate_hz), leq_m.METER.resolve(settings))
    value: float | None = reading.facts["loudness.leq_m_db"]
    return value


def _tones(seconds: float, frequency_hz: float, levels_dbfs: Sequence[float], rate_hz: int = RATE_HZ) -> Samples:
    return tone([(seconds, 0.0)], frequency_hz=frequency_hz, gains_db=levels_dbfs, rate_hz=rate_hz)


@pytest.mark.parametrize(
    ("frequency_hz", "rate_hz"), [(f, rate) for rate in RATES_HZ for f in TABLE if f < 0.47 * rate]
)
def test_response_is_within_the_tolerance_of_the_table(frequency_hz: float, rate_hz: int) -> None:
    turning = np.exp(-2j * np.pi * frequency_hz / rate_hz * np.arange(len(taps(rate_hz))))
    gain, tolerance = TABLE[frequency_hz]
    assert 20.0 * np.log10(abs(taps(rate_hz) @ turning)) == pytest.approx(gain, abs=tolerance)


@pytest.mark.parametrize("frequency_hz", [100.0, 1000.0, 2000.0, 6300.0, 12500.0])
@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_a_tone_at_the_reference_level_reads_the_level_of_its_channel_and_its_weight(
    frequency_hz: float, rate_hz: int
) -> None:
    samples = _tones(2.0, frequency_hz, [-20.0], rate_hz)
    assert _level(samples, ("C",), rate_hz=rate_hz) == pytest.approx(85.0 + TABLE[frequency_hz][0], abs=0.1)


@pytest.mark.parametrize(
    ("label", "level"),
    [("L", 85), ("R", 85), ("C", 85), ("M", 85), ("Ls", 82), ("Rs", 82), ("Lrs", 82), ("Cs", 82), ("LFE", 95)],
)
def test_each_channel_plays_at_its_own_level(label: str, level: float) -> None:
    assert _level(_tones(2.0, 2000.0, [-20.0]), (label,)) == pytest.approx(level, abs=0.05)


def test_powers_of_channels_add_whatever_their_phase() -> None:
    pair = _tones(2.0, 2000.0, [-20.0, -20.0])
    opposed = pair * np.array([[1.0], [-1.0]], dtype=np.float32)
    assert _level(pair, ("L", "R")) == pytest.approx(88.01, abs=0.05)
    assert _level(opposed, ("L", "R")) == _level(pair, ("L", "R"))


def test_a_5_1_mix_is_the_sum_of_its_channels_at_their_levels() -> None:
    levels = (-30.0, -32.0, -26.0, -40.0, -35.0, -38.0)
    replay = (85.0, 85.0, 85.0, 95.0, 82.0, 82.0)
    expected = 10.0 * np.log10(sum(10.0 ** ((a + 20.0 + b) / 10.0) for a, b in zip(levels, replay, strict=True)))
    assert _level(_tones(2.0, 2000.0, levels), LABELS_5_1) == pytest.approx(expected, abs=0.05)


def test_levels_of_channels_are_settings() -> None:
    samples = _tones(2.0, 2000.0, [-20.0])
    assert _level(samples, ("C",), screen_db=82.0) == pytest.approx(82.0, abs=0.05)
    assert _level(samples, ("LFE",), lfe_db=85.0) == pytest.approx(85.0, abs=0.05)


def test_silence_lowers_the_level_of_the_whole_and_not_of_what_is_audible() -> None:
    samples = tone([(5.0, None), (10.0, -20.0), (5.0, None)], frequency_hz=2000.0, gains_db=(0.0,))
    assert _level(samples, ("C",)) == pytest.approx(85.0 - 3.01, abs=0.05)
    assert _level(samples, ("C",), span="audible") == pytest.approx(85.0, abs=0.05)


@pytest.mark.parametrize(("level_dbfs", "is_audible"), [(-60.1, False), (-59.9, True)])
def test_a_sound_is_audible_from_the_set_level(level_dbfs: float, is_audible: bool) -> None:
    read = _level(tone([(1.0, level_dbfs)], frequency_hz=2000.0, gains_db=(0.0,)), ("C",), span="audible")
    assert (read is not None) == is_audible


def test_digital_silence_has_no_level_and_an_unknown_channel_no_fact() -> None:
    assert _level(np.zeros((1, RATE_HZ), dtype=np.float32), ("C",)) is None
    unknown = leq_m.METER.measure(_signal(_tones(1.0, 2000.0, [-20.0]), ("",)), leq_m.METER.resolve({}))
    empty = leq_m.METER.measure(_signal(np.zeros((1, 0), dtype=np.float32), ("C",)), leq_m.METER.resolve({}))
    assert (unknown.facts, empty.facts) == ({}, {})


@pytest.mark.parametrize(("level_dbfs", "decision"), [(-22.4, "fail"), (-22.6, "pass")])
def test_a_trailer_is_held_to_85_without_the_silence_around_it(
    level_dbfs: float, decision: str, tmp_path: Path
) -> None:
    path = tmp_path / "trailer.wav"
    amplitude = 10.0 ** (level_dbfs / 20.0)  # of two channels: 3.01 dB more than of one
    sine = f"{amplitude}*sin(2*PI*2000*t)*between(t,1,3)"
    make(path, f"-f lavfi -i \"aevalsrc='{sine}|{sine}':c=stereo:s=48000:d=4\" -c:a pcm_s24le")
    document = deliverqc.check(str(path), "tasa-trailer")
    (verdict,) = document["masters"][0]["subjects"][0]["verdicts"]
    assert verdict["decision"] == decision
    (group,) = verdict["facts"]["sound.groups"]
    assert group["loudness.leq_m_db"] == pytest.approx(105.0 + level_dbfs + 3.01, abs=0.1)


@pytest.mark.parametrize("portion", [48_000, 1_601])
def test_the_column_does_not_depend_on_how_sound_is_fed(portion: int) -> None:
    samples = np.random.default_rng(1).uniform(-0.5, 0.5, (2, 2 * RATE_HZ + 4_711)).astype(np.float32)
    whole = _signal(samples, ("L", "R")).extended["m_weighting.energy"]
    parted = _signal(samples, ("L", "R"), portion=portion).extended["m_weighting.energy"]
    assert whole.shape == (210, 2)
    assert np.array_equal(whole, parted)


def test_the_curve_is_the_level_of_each_second() -> None:
    samples = tone([(1.0, -20.0), (1.0, None), (0.5, -30.0)], frequency_hz=2000.0, gains_db=(0.0,))
    reading = leq_m.METER.measure(_signal(samples, ("C",)), leq_m.METER.resolve({}))
    (curve,) = reading.curves
    assert curve.values[[0, 2]] == pytest.approx([85.0, 75.0], abs=0.1)
    assert curve.values[1] < 60.0  # the last millisecond of the first second

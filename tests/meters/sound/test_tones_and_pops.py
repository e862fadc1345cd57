"""Line-up tones and 2-pops: level, frequency and edges by arithmetic, and what is no tone."""

from __future__ import annotations

import numpy as np
import pytest

from deliverqc.facts.assemble import SoundClock, assemble_reading
from deliverqc.measuring.registry import registry
from deliverqc.meters import tone
from deliverqc.timebase import Timeline
from fixtures import sounds
from tests.meters.sound.measuring import read, signal_with_pairs

SECOND = 48_000


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("frequency_hz", [200.0, 440.0, 997.0, 1000.0, 1760.0, 10_000.0, 15_000.0])
@pytest.mark.parametrize("level_dbfs", [-18.0, -20.0])
def test_steady_sine_is_told_with_its_level_and_frequency(rate_hz: int, frequency_hz: float, level_dbfs: float) -> None:
    samples = sounds.sine(2.0, level_dbfs, frequency_hz=frequency_hz, rate_hz=rate_hz, channels=1)
    (span,) = read(tone, samples, labels=("C",), rate_hz=rate_hz)["spans"]
    members = dict(span.members)
    assert span.start <= rate_hz // 100 and span.end >= 2 * rate_hz - rate_hz // 100
    assert members["level_dbfs"] == pytest.approx(level_dbfs, abs=0.05)
    assert members["frequency_hz"] == pytest.approx(frequency_hz, rel=0.01)


@pytest.mark.parametrize(("rows", "is_told"), [(99, False), (100, True)])
def test_tone_of_the_least_duration_is_told(rows: int, is_told: bool) -> None:
    samples = np.pad(sounds.sine(rows / 100.0, -18.0), ((0, 0), (SECOND, SECOND)))
    assert len(read(tone, samples)["spans"]) == (2 if is_told else 0)


@pytest.mark.parametrize(("level", "is_told"), [(-40.1, False), (-39.9, True)])
def test_tone_stands_above_the_level(level: float, is_told: bool) -> None:
    assert bool(read(tone, sounds.sine(2.0, level))["spans"]) is is_told


def test_tone_before_programme_ends_where_it_ends() -> None:
    samples = np.concatenate((sounds.sine(5.0, -18.0), sounds.noise(5.0)), axis=1)
    spans = read(tone, samples)["spans"]
    assert [(span.start, span.end, span.channel) for span in spans] == [(0, 5 * SECOND, "L"), (0, 5 * SECOND, "R")]


def test_tone_that_changes_its_level_is_two_tones() -> None:
    samples = np.concatenate((sounds.sine(2.0, -18.0), sounds.sine(2.0, -20.0)), axis=1)[:1]
    spans = read(tone, samples, labels=("C",))["spans"]
    assert [round(dict(span.members)["level_dbfs"], 2) for span in spans] == [-18.0, -20.0]


def test_tone_under_offset_keeps_its_frequency() -> None:
    samples = sounds.sine(2.0, -20.0, channels=1) + np.float32(0.005)
    (span,) = read(tone, samples, labels=("C",))["spans"]
    assert dict(span.members)["frequency_hz"] == pytest.approx(1000.0, rel=0.001)


def test_tone_with_noise_forty_db_below_keeps_its_frequency() -> None:
    samples = sounds.sine(2.0, -18.0, channels=1)
    hiss = np.random.default_rng(8).standard_normal(samples.shape) * np.sqrt((samples**2).mean()) * 0.01
    (span,) = read(tone, (samples + hiss).astype(np.float32), labels=("C",))["spans"]
    assert dict(span.members)["frequency_hz"] == pytest.approx(1000.0, rel=0.01)


def _sweep() -> np.ndarray:
    at = np.arange(4 * SECOND) / SECOND
    return 0.1 * np.sin(2.0 * np.pi * (300.0 * at + 500.0 * at**2))


@pytest.mark.parametrize(
    "wave",
    [
        sounds.noise(4.0, channels=1)[0],
        np.sign(sounds.sine(4.0, -18.0, channels=1)[0]) * 0.1,
        _sweep(),
        sounds.sine(4.0, -18.0, channels=1)[0] * np.linspace(0.1, 1.0, 4 * SECOND),
        sounds.sine(4.0, -18.0, channels=1)[0] + sounds.sine(4.0, -24.0, frequency_hz=1500.0, channels=1)[0],
        np.zeros(4 * SECOND),
    ],
    ids=["noise", "square", "sweep", "fade", "chord", "silence"],
)
def test_what_is_not_a_steady_sine_is_no_tone(wave: np.ndarray) -> None:
    assert read(tone, wave[None].astype(np.float32), labels=("C",))["spans"] == ()


@pytest.mark.parametrize("frame_rate", [23.976, 25.0, 30.0])
@pytest.mark.parametrize("pop_at_s", [6.0, 6.0037])
def test_two_pop_of_one_frame_is_told_with_its_level(frame_rate: float, pop_at_s: float) -> None:
    facts = read(tone, sounds.two_pop(frame_rate=frame_rate, pop_at_s=pop_at_s), labels=("C",))
    (pop,) = facts["pops"]
    assert abs(pop.start - pop_at_s * SECOND) <= 480
    assert abs(pop.end - (pop_at_s + 1.0 / frame_rate) * SECOND) <= 480
    assert dict(pop.members)["level_dbfs"] == pytest.approx(-20.0, abs=0.1)
    assert dict(pop.members)["frequency_hz"] == pytest.approx(1000.0, rel=0.01)
    assert facts["spans"] == ()


def test_short_sine_inside_sound_is_no_pop() -> None:
    samples = sounds.two_pop()
    samples += sounds.noise(10.0, channels=1, peak=0.002, seed=9)
    assert read(tone, samples, labels=("C",))["pops"] == ()


def test_pop_at_the_head_stands_alone_too() -> None:
    assert len(read(tone, sounds.two_pop(pop_at_s=0.0), labels=("C",))["pops"]) == 1


def test_published_tone_has_level_and_frequency_beside_its_times() -> None:
    signal = signal_with_pairs(sounds.sine(2.0, -18.0, channels=1), labels=("C",))
    facts = tone.METER.measure(signal, tone.METER.resolve({})).facts
    clock = SoundClock(sample_rate_hz=48_000, sample_count=2 * SECOND)
    timeline = Timeline(frame_rate=None, frame_count=None, start=None)
    (span,) = assemble_reading(facts, registry().facts, prefix="sound.groups[].", timeline=timeline, sound=clock)[
        "tone.spans"
    ]
    assert (span["level_dbfs"], span["frequency_hz"]) == (-18.0, 1000.0)
    assert (span["start_sample"], span["end_s"], span["region"]) == (0, 2.0, "whole")


def test_group_without_a_sample_has_no_tone() -> None:
    assert read(tone, np.zeros((2, 0), dtype=np.float32)) == {}

"""Dropouts, silent channels and where sound begins and ends: at their limits, on the 10 ms grid."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import ModuleType

import numpy as np
import pytest

from deliverqc.meters import dropout, silence
from deliverqc.timebase import Span
from fixtures import sounds
from tests.meters.sound.measuring import read, signal_with_pairs

SECOND = 48_000
ROW = 480
NOISE = sounds.noise(4.0)


@pytest.mark.parametrize(("rows", "is_told"), [(0, False), (1, True), (50, True), (51, False)])
def test_dropout_of_one_to_fifty_rows_is_told(rows: int, is_told: bool) -> None:
    cut = sounds.with_gap(NOISE, start=SECOND, end=SECOND + rows * ROW, channels=[1])
    expected = (Span(SECOND, SECOND + rows * ROW, "R"),) if is_told else ()
    assert read(dropout, cut)["spans"] == expected


@pytest.mark.parametrize("start", [SECOND + 1, SECOND + 200, SECOND + 479])
def test_gap_of_twenty_ms_is_seen_wherever_it_stands(start: int) -> None:
    (span,) = read(dropout, sounds.with_gap(NOISE, start=start, end=start + 960, channels=[0]))["spans"]
    assert start <= span.start and span.end <= start + 960


@pytest.mark.parametrize("start", [SECOND, SECOND + 470, 2 * SECOND - 100, 2 * SECOND - 1])
@pytest.mark.parametrize("held", [0.0, 0.01])
@pytest.mark.parametrize(("length", "is_told"), [(150, False), (170, True), (240, True), (24_000, True)])
def test_gap_of_a_lost_sector_is_told_to_the_sample(start: int, held: float, length: int, is_told: bool) -> None:
    cut = NOISE.copy()
    cut[0, start - 2 : start + length + 2] = 0.3
    cut[0, start : start + length] = held
    assert read(dropout, cut)["spans"] == ((Span(start, start + length, "L"),) if is_told else ())


def test_gap_does_not_depend_on_the_sample_rate() -> None:
    cut = sounds.with_gap(NOISE, start=44_000, end=44_221, channels=[0])
    cut[0, [43_998, 43_999, 44_221, 44_222]] = 0.3
    assert read(dropout, cut, rate_hz=44_100)["spans"] == (Span(44_000, 44_221, "L"),)


def _tone(hz: float, seconds: float = 3.0) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * SECOND)) / SECOND + 1))[None].astype(np.float32)


@pytest.mark.parametrize("hz", [60, 200, 1000])
def test_most_gaps_in_a_tone_are_told_wherever_they_stand(hz: float) -> None:
    found = 0
    for start in range(SECOND, SECOND + 2000, 100):
        cut = sounds.with_gap(_tone(hz, 2.0), start=start, end=start + 240, channels=[0])
        found += read(dropout, cut, labels=("C",))["spans"] == (Span(start, start + 240, "C"),)
    assert found >= 17  # of 20: 6 % of a tone is within a twentieth of its peak from zero, at either edge


def _gated(bits: int | None = None) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Bursts that end in a decay to exact zero and begin within a millisecond, 100 ms apart."""
    time_s = np.arange(3 * SECOND) / SECOND % 0.3
    level = (
        np.clip(time_s / 0.001, 0, 1) * np.exp(-time_s / 0.06) * (time_s < 0.2) * np.clip((0.2 - time_s) / 0.02, 0, 1)
    )
    sound = _tone(170) * level
    return (
        sound
        if bits is None
        else np.round(sound * 2.0 ** (bits - 1)).astype(np.float32) / np.float32(2.0 ** (bits - 1))
    )


_SQUARE = np.where(_tone(30) > 0, 0.5, -0.5).astype(np.float32)
_FADE = np.round(_tone(30) * np.linspace(1, 0, 3 * SECOND) ** 2 * 128).astype(np.float32) / np.float32(128)


@pytest.mark.parametrize(
    "sound",
    [_gated(), _gated(16), _gated(8), _tone(20), _SQUARE, _FADE],
    ids=["gate", "gate-16", "gate-8", "low", "square", "fade"],
)
def test_pauses_and_slow_waves_are_no_dropouts(sound: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> None:
    assert read(dropout, sound, labels=("C",))["spans"] == ()


def test_a_coded_frame_that_is_muted_inside_steady_sound_is_told() -> None:
    sound = _tone(440)
    fade = np.sin(np.linspace(np.pi / 2, 0, 1024)).astype(np.float32)
    sound[0, SECOND - 1024 : SECOND] *= fade
    sound[0, SECOND + 1024 : SECOND + 2048] *= fade[::-1]
    sound[0, SECOND : SECOND + 1024] = 0.0
    (span,) = read(dropout, sound, labels=("C",))["spans"]
    assert abs(span.start - SECOND) <= 2 and abs(span.end - SECOND - 1024) <= 2


@pytest.mark.parametrize(("level", "is_told"), [(-50.1, False), (-50.0, False), (-49.9, True)])
def test_dropout_stands_inside_sound_above_the_limit(level: float, is_told: bool) -> None:
    steady = np.full((1, 2 * SECOND), 10.0 ** (level / 20.0), dtype=np.float32)
    steady[0, ::2] *= -1
    cut = sounds.with_gap(steady, start=SECOND, end=SECOND + 2 * ROW, channels=[0])
    assert bool(read(dropout, cut, labels=("C",))["spans"]) is is_told


@pytest.mark.parametrize(("start", "end"), [(0, 10 * ROW), (4 * SECOND - 10 * ROW, 4 * SECOND)])
def test_silence_at_head_or_tail_is_no_dropout(start: int, end: int) -> None:
    assert read(dropout, sounds.with_gap(NOISE, start=start, end=end, channels=[0, 1]))["spans"] == ()


def test_dropout_of_all_channels_is_told_of_each() -> None:
    cut = sounds.with_gap(NOISE, start=SECOND, end=SECOND + ROW, channels=[0, 1])
    assert [span.channel for span in read(dropout, cut)["spans"]] == ["L", "R"]


def test_quiet_that_is_not_digital_silence_is_no_dropout() -> None:
    cut = sounds.with_gap(NOISE, start=SECOND, end=SECOND + 5 * ROW, channels=[0])
    cut[0, SECOND : SECOND + 5 * ROW] = 0.0
    cut[0, SECOND : SECOND + 5 * ROW : 100] = 2.0**-23
    assert read(dropout, cut)["spans"] == ()


def test_silence_of_one_channel_while_the_other_sounds_is_a_span_of_it() -> None:
    facts = read(silence, sounds.with_gap(NOISE, start=SECOND, end=3 * SECOND, channels=[1]))
    assert facts["channel_spans"] == (Span(SECOND, 3 * SECOND, "R"),)
    assert facts["spans"] == ()


def test_channel_silence_running_to_the_end_is_closed_at_the_last_sample() -> None:
    cut = sounds.with_gap(NOISE[:, :-7], start=SECOND, end=4 * SECOND, channels=[0])
    assert read(silence, cut)["channel_spans"] == (Span(SECOND, 4 * SECOND - 7, "L"),)


@pytest.mark.parametrize(("rows", "is_told"), [(199, False), (200, True)])
def test_channel_silence_of_the_least_duration_is_told(rows: int, is_told: bool) -> None:
    cut = sounds.with_gap(NOISE, start=SECOND, end=SECOND + rows * ROW, channels=[0])
    assert bool(read(silence, cut)["channel_spans"]) is is_told


def test_silence_of_all_channels_together_is_no_span_of_one() -> None:
    facts = read(silence, sounds.with_gap(NOISE, start=SECOND, end=3 * SECOND, channels=[0, 1]))
    assert facts["channel_spans"] == ()
    assert facts["spans"] == (Span(SECOND, 3 * SECOND),)


def test_empty_channel_is_digital_and_a_dithered_one_only_silent() -> None:
    samples = sounds.noise(3.0, channels=3)
    samples[1], samples[2] = 0.0, 2.0**-15
    facts = read(silence, samples, labels=("L", "R", "C"))
    assert facts["digital_channels"] == ["R"]
    assert facts["channels"] == ["R", "C"]


def test_sound_begins_and_ends_with_the_rows_that_are_not_silent() -> None:
    samples = np.zeros((2, 4 * SECOND), dtype=np.float32)
    samples[0, SECOND + 10], samples[1, 3 * SECOND - 10] = 0.1, 0.1
    signal = replace(signal_with_pairs(samples), offset_s=Fraction(1, 25))
    facts = silence.METER.measure(signal, silence.METER.resolve({})).facts
    assert facts["silence.first_sound_at_s"] == pytest.approx(1.04)
    assert facts["silence.last_sound_at_s"] == pytest.approx(3.04)


def test_silent_item_has_no_first_and_no_last_sound() -> None:
    facts = read(silence, np.zeros((2, SECOND), dtype=np.float32))
    assert facts["first_sound_at_s"] is None and facts["last_sound_at_s"] is None


@pytest.mark.parametrize("meter", [dropout, silence])
def test_group_without_a_sample_has_no_facts_of_gaps(meter: ModuleType) -> None:
    assert read(meter, np.zeros((2, 0), dtype=np.float32)) == {}


@pytest.mark.parametrize("offset", [0.3, -0.3])
@pytest.mark.parametrize(("swing", "is_silent"), [(0.0, True), (0.0009, True), (0.003, False)])
def test_a_channel_that_holds_an_offset_is_silent(offset: float, swing: float, is_silent: bool) -> None:
    held = NOISE.copy()
    held[1] = offset + swing * np.sin(2 * np.pi * 997 * np.arange(held.shape[1]) / SECOND)
    assert read(silence, held)["channels"] == (["R"] if is_silent else [])


def test_a_deep_tone_keeps_a_channel_from_being_silent() -> None:
    """20 Hz at -50 dBFS: in 10 ms at its crest it stays within a thousandth of its mean."""
    deep = NOISE.copy()
    deep[1] = 10 ** (-50 / 20) * np.sin(2 * np.pi * 20 * np.arange(deep.shape[1]) / SECOND)
    assert read(silence, deep)["channels"] == []

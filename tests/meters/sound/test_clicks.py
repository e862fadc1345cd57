"""Clicks of known place and size, and sound that has none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import deliverqc
from campaigns.clicks import RATE_HZ, beds, found, hits, pink, planted, table
from deliverqc.meters import clicks
from deliverqc.signals.on_demand.impulses import columns
from fixtures.ffmpeg import make

Doubles = NDArray[np.float64]
_PLACES = np.array([30_000, 47_999, 80_123])


def _tone(seconds: float, rate_hz: int = RATE_HZ, level: float = 0.1) -> Doubles:
    return level * np.sin(2.0 * np.pi * 440.0 * np.arange(round(seconds * rate_hz)) / rate_hz)


def _bed(name: str) -> Doubles:
    return next(sound for one, sound in beds(3.0) if one == name)


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000])
def test_an_impulse_in_a_tone_is_found_at_its_sample_with_its_level(rate_hz: int) -> None:
    sound = _tone(2.0, rate_hz)
    place = rate_hz + rate_hz // 3
    sound[place] += 0.01
    (click,) = found(sound, rate_hz)
    members = dict(click.members)
    assert (click.start, click.end, click.channel) == (place, place + 1, "0")
    assert members["level_dbfs"] == pytest.approx(-40.0, abs=0.5)
    assert float(members["size_db"]) > 40.0


def test_each_channel_has_its_own_clicks() -> None:
    sound = np.stack([_tone(2.0), _tone(2.0)])
    sound[1, _PLACES] += 0.05
    assert [(click.start, click.channel) for click in found(sound)] == [(place, "1") for place in _PLACES]


@pytest.mark.parametrize("count", [1, 7, 480])
def test_lost_samples_leave_a_click_in_a_tone(count: int) -> None:
    sound = np.delete(_tone(2.0), np.arange(60_000, 60_000 + count))
    (click,) = found(sound)
    assert abs(click.start - 60_000) <= 2


def test_a_single_sample_in_digital_silence_is_a_click_with_its_level() -> None:
    sound = np.zeros(2 * RATE_HZ)
    sound[50_000] = 0.25
    (click,) = found(sound)
    assert click.start == 50_000
    assert dict(click.members)["level_dbfs"] == pytest.approx(20.0 * np.log10(0.25), abs=0.01)


def test_a_pop_of_tone_in_silence_and_the_ends_of_sound_are_no_clicks() -> None:
    sound = np.zeros(3 * RATE_HZ)
    sound[RATE_HZ : RATE_HZ + 2_000] = _tone(2.0)[:2_000]
    assert found(sound) == ()
    assert found(_tone(1.3)) == ()
    assert found(np.concatenate((np.zeros(7_000), 0.3 * np.cos(np.arange(40_000) * 0.1), np.zeros(9_000)))) == ()


@pytest.mark.parametrize("name", ["voice", "white noise", "clap", "castanet", "gun", "bell", "square wave 25 Hz"])
def test_sound_without_clicks_has_none(name: str) -> None:
    assert found(_bed(name)) == ()


@pytest.mark.parametrize(
    ("bed", "kind", "least"),
    [
        ("tone", "impulse -50 dBFS", 4),
        ("tone", "jump -40 dBFS", 4),
        ("tone", "1 samples lost", 4),
        ("tone", "64 samples repeated", 4),
        ("chord with noise", "impulse -30 dBFS", 4),
        ("chord with noise", "480 samples lost", 4),
        ("castanet", "impulse -20 dBFS", 2),
    ],
)
def test_planted_clicks_are_found_and_nothing_else_is(bed: str, kind: str, least: int) -> None:
    """A slice of campaigns/clicks.py."""
    sound, places = next((sound, places) for name, sound, places in planted(_bed(bed)) if name == kind)
    hit, other = hits(sound, places)
    assert hit >= least
    assert other == 0


def test_noise_covers_a_click_by_its_own_largest_error() -> None:
    """An impulse is as far above the largest error of white noise as arithmetic says."""
    noise = 0.01 * np.random.default_rng(3).standard_normal(2 * RATE_HZ)
    largest = np.abs(noise[60_000 - 4_800 : 60_000 + 4_800]).max()
    for above_db, count in ((22.0, 1), (14.0, 0)):
        sound = noise.copy()
        sound[60_000] = largest * 10.0 ** (above_db / 20.0)
        assert len(found(sound)) == count


def test_settings_move_the_limits() -> None:
    sound = 0.001 * pink(2.0)
    sound[60_000] += 0.1
    (click,) = found(sound)
    size, level = (float(dict(click.members)[name]) for name in ("size_db", "level_dbfs"))
    assert found(sound, min_size_db=size - 0.01) and not found(sound, min_size_db=size + 0.01)
    assert found(sound, min_level_dbfs=level - 0.01) and not found(sound, min_level_dbfs=level + 0.01)
    tick = 0.1 * np.exp(-np.arange(480) / 48.0) * np.sin(np.arange(480) * 0.7)
    sound[60_000:60_480] += tick
    assert found(sound, max_width_s=0.003)


def test_a_group_without_samples_has_no_facts() -> None:
    signal = table(np.zeros((1, 0)))
    assert clicks.METER.measure(signal, clicks.METER.resolve({})).facts == {}
    (silent,) = clicks.METER.measure(table(np.zeros((1, 480))), clicks.METER.resolve({})).facts.values()
    assert silent == ()


def test_the_columns_do_not_depend_on_portions() -> None:
    sound = 0.05 * pink(2.3)[None]
    whole, parted = table(sound), table(sound, portion=1_237)
    for name, column in whole.extended.items():
        assert np.array_equal(column, parted.extended[name])


def test_a_second_of_the_columns_depends_on_itself_and_the_one_before() -> None:
    blocks = (0.05 * pink(4.0)).astype(np.float32).reshape(1, 4, RATE_HZ)
    whole, late = columns(RATE_HZ, 1), columns(RATE_HZ, 1)
    for second in range(4):
        whole.feed(blocks[:, second])
    for second in (2, 3):
        late.feed(blocks[:, second])
    both = whole.finish(400)
    for name, column in late.finish(200).items():
        assert np.array_equal(both[name][300:], column[100:])


def test_a_click_and_a_pop_of_a_file_have_a_kind_a_place_a_channel_and_a_size(tmp_path: Path) -> None:
    path = tmp_path / "mix.wav"
    pop = "0.1*sin(20*PI*(t-2))*between(t\\,2\\,2.05)"
    make(
        path,
        f"-f lavfi -i aevalsrc=exprs='0.1*sin(2*PI*440*t)+{pop}|0.1*sin(2*PI*330*t)+0.05*eq(n\\,72000)':s=48000:d=3 "
        "-c:a pcm_s24le",
    )
    (group,) = deliverqc.measure(path, is_all=True).to_document()["subjects"][0]["facts"]["sound.groups"]
    click, thump = group["clicks.spans"]
    assert (click["start_sample"], click["duration_samples"], click["start_s"]) == (72_000, 1, 1.5)
    assert (click["kind"], click["channel"]) == ("click", "R")
    assert click["level_dbfs"] == pytest.approx(-26.02, abs=0.5)
    assert (thump["kind"], thump["channel"], thump["start_s"]) == ("pop", "L", 2.0)
    assert thump["duration_s"] == pytest.approx(0.05, abs=0.011)
    assert thump["level_dbfs"] == pytest.approx(-21.5, abs=0.5)
    assert "clicks.spans" not in deliverqc.measure(path).to_document()["subjects"][0]["facts"]["sound.groups"][0]


def test_labels_name_the_channel() -> None:
    sound = np.stack([_tone(1.0)])
    sound[0, 20_000] += 0.05
    signal = replace(table(sound), labels=("C",))
    (click,) = clicks.METER.measure(signal, clicks.METER.resolve({})).facts["clicks.spans"]
    assert click.channel == "C"

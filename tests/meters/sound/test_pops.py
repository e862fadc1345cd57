"""Pops of known place, length and height, and low sound that is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from campaigns.clicks import RATE_HZ, beds, found, hits, planted_pops, table
from deliverqc.meters import clicks
from deliverqc.meters.pops import Pop, pops
from deliverqc.signals.on_demand.thumps import ThumpColumns

Doubles = NDArray[np.float64]


def _tone(seconds: float, hertz: float = 440.0, level: float = 0.1, rate_hz: int = RATE_HZ) -> Doubles:
    return level * np.sin(2.0 * np.pi * hertz * np.arange(round(seconds * rate_hz)) / rate_hz)


def _half_sine(seconds: float, rate_hz: int = RATE_HZ) -> Doubles:
    return np.sin(np.pi * np.arange(round(seconds * rate_hz)) / (seconds * rate_hz))


def _with(sound: Doubles, at_s: float, shape: Doubles, rate_hz: int = RATE_HZ) -> Doubles:
    first = round(at_s * rate_hz)
    return np.concatenate((sound[:first], sound[first : first + len(shape)] + shape, sound[first + len(shape) :]))


def _columns(sound: Doubles, rate_hz: int = RATE_HZ) -> tuple[Doubles, Doubles]:
    reader = ThumpColumns(rate_hz, 1)
    for first in range(0, len(sound), rate_hz):
        second = sound[first : first + rate_hz].astype(np.float32)
        reader.feed(np.pad(second, (0, rate_hz - len(second)))[None])
    columns = reader.finish(len(sound) * 100 // rate_hz)
    return columns["low"][:, 0].astype(np.float64), columns["above"][:, 0].astype(np.float64)


def _pops(sound: Doubles, size_db: float = 20.0, level_dbfs: float = -40.0, rows: float = 15.0) -> list[Pop]:
    low, above = _columns(sound)
    return list(pops(low, above, min_size_db=size_db, min_level_dbfs=level_dbfs, max_rows=rows))


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000])
@pytest.mark.parametrize(("hertz", "low", "above"), [(20.0, 0.901, 0.099), (100.0, 0.0, 1.0), (440.0, 0.0, 1.0)])
def test_a_steady_tone_swings_as_the_windows_let_it(rate_hz: int, hertz: float, low: float, above: float) -> None:
    """A Hann window of length T passes sinc(fT) / (1 - (fT)²): 0.901 at 20 Hz, nothing at 100 Hz, for 20 ms."""
    swings = _columns(_tone(2.0, hertz, 0.5, rate_hz), rate_hz)
    for swing, share in zip(swings, (low, above), strict=True):
        assert swing[50:150].max() == pytest.approx(0.5 * share, abs=0.02)


def test_a_step_swings_by_half_its_height_and_an_offset_by_nothing() -> None:
    low, _ = _columns(np.concatenate((np.zeros(RATE_HZ), np.full(3 * RATE_HZ, 0.2))))
    assert low[90:110].max() == pytest.approx(0.1, rel=0.1)
    assert low[150:350].max() < 1e-6


@pytest.mark.parametrize("seconds", [0.005, 0.02, 0.05, 0.1])
def test_a_thump_in_a_tone_is_a_pop_of_its_place_and_length(seconds: float) -> None:
    (pop,) = _pops(_with(_tone(4.0), 2.0, 0.1 * _half_sine(seconds)))
    assert (pop.first + pop.end) / 200 == pytest.approx(2.0 + seconds / 2, abs=0.011)
    assert 0.6 * seconds - 0.01 <= (pop.end - pop.first) / 100 <= seconds + 0.025
    expected = {0.005: 20 * np.log10(2 / np.pi * 0.005 * 2 / 0.02), 0.02: -1.7, 0.05: -1.5, 0.1: -3.3}[seconds]
    assert pop.level_dbfs == pytest.approx(-20.0 + expected, abs=1.0)


def test_an_offset_that_fades_in_at_an_edit_is_a_pop() -> None:
    sound = _tone(4.0)
    sound += 0.1 * np.clip((np.arange(len(sound)) - 2 * RATE_HZ) / 480, 0.0, 1.0)
    (pop,) = found(sound)
    assert dict(pop.members)["kind"] == "pop"
    assert abs(pop.start - 2 * RATE_HZ) < 0.15 * RATE_HZ


def test_a_step_from_one_sample_to_the_next_is_one_event() -> None:
    sound = _tone(4.0)
    sound[2 * RATE_HZ :] += 0.1
    (click,) = found(sound)
    assert (click.start, dict(click.members)["kind"]) == (2 * RATE_HZ, "click")


@pytest.mark.parametrize(
    ("bed", "sort"),
    [
        ("voice", "plosive -30 dBFS"),
        ("voice", "step -20 dBFS"),
        ("chord with noise", "thump of 100 ms -20 dBFS"),
    ],
)
def test_planted_pops_are_found_and_nothing_else_is(bed: str, sort: str) -> None:
    """A slice of campaigns/clicks.py."""
    quiet = next(sound for name, sound in beds(4.5) if name == bed)
    sound, places = next((sound, places) for name, sound, places in planted_pops(quiet) if name == sort)
    assert hits(sound, places, "pop") == (len(places), 0)


def test_sound_that_begins_ends_beats_or_rumbles_has_no_pops() -> None:
    silence = np.zeros(RATE_HZ)
    ramp = np.minimum(1.0, np.arange(RATE_HZ) / 480)
    for hertz in (40.0, 110.0):
        note = _tone(1.0, hertz, 0.3) * ramp * ramp[::-1]
        assert _pops(np.concatenate((silence, note, silence))) == []
    assert _pops(np.full(2 * RATE_HZ, 0.1)) == []
    beat = np.concatenate((0.3 * _half_sine(0.05), np.zeros(RATE_HZ // 2)))
    assert _pops(np.concatenate((silence, np.tile(beat, 6)))) == []
    assert _pops(_tone(4.0, 30.0, 0.3) * np.minimum(1.0, np.arange(4 * RATE_HZ) / RATE_HZ)) == []


def test_bounds_of_size_level_and_length() -> None:
    low, above = _columns(_with(_tone(4.0, 30.0, 0.002) + _tone(4.0), 2.0, 0.1 * _half_sine(0.05)))

    def count(size_db: float = 20.0, level_dbfs: float = -40.0, rows: float = 15.0) -> int:
        return len(list(pops(low, above, min_size_db=size_db, min_level_dbfs=level_dbfs, max_rows=rows)))

    (pop,) = pops(low, above, min_size_db=20.0, min_level_dbfs=-40.0, max_rows=15.0)
    size, level, rows = pop.size_db, pop.level_dbfs, pop.end - pop.first
    assert (count(size - 0.01), count(size + 0.01)) == (1, 0)
    assert (count(level_dbfs=level - 0.01), count(level_dbfs=level + 0.01)) == (1, 0)
    assert (count(rows=rows), count(rows=rows - 1)) == (1, 0)


def test_the_lfe_has_no_pops() -> None:
    signal = table(_with(np.zeros(4 * RATE_HZ), 2.0, 0.3 * _half_sine(0.05))[None])
    for label, count in (("C", 1), ("LFE", 0), ("LFE2", 0)):
        reading = clicks.METER.measure(replace(signal, labels=(label,)), clicks.METER.resolve({}))
        assert len(reading.facts["clicks.spans"]) == count


def test_a_second_of_the_columns_depends_on_itself_and_those_next_to_it() -> None:
    blocks = np.random.default_rng(7).standard_normal((1, 4, 8_000)).astype(np.float32)
    whole, part = ThumpColumns(8_000, 1), ThumpColumns(8_000, 1)
    for second in range(4):
        whole.feed(blocks[:, second])
    for second in (1, 2, 3):
        part.feed(blocks[:, second])
    both = whole.finish(400)
    for name, column in part.finish(300).items():
        assert np.array_equal(both[name][200:300], column[100:200])

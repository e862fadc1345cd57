"""The columns of the plain waveform and of pairs: against arithmetic on the samples, whatever the portions."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverqc.facts.channel_pairs import channel_pairs, left_right
from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.audio.pair_difference import PairReader
from deliverqc.signals.store import Store
from deliverqc.signals.tables import DecodeLog, Signals, SoundSignal, row_edges
from fixtures import sounds
from tests.meters.loudness.measuring import Samples, columns
from tests.meters.sound.measuring import signal_with_pairs

NOISE = np.random.default_rng(5).uniform(-0.9, 0.9, (2, 21_037)).astype(np.float32)
CLIPPED = np.clip(NOISE * 3, -0.8, 0.8)
NEW = ("energy", "total", "next_product", "peak_run", "peak_run_count", "full_scale_count")


def _in_portions(samples: Samples, portions: list[int], rate_hz: int) -> SoundSignal:
    accumulator = SoundAccumulator(rate_hz, len(samples))
    for portion in np.split(samples, np.cumsum(portions), axis=1):
        accumulator.feed(portion)
    return accumulator.finish()


@settings(max_examples=25, deadline=None)
@given(portions=st.lists(st.integers(0, 9_000), max_size=20), rate_hz=st.sampled_from([8_000, 11_025, 22_050]))
def test_waveform_columns_do_not_depend_on_portions(portions: list[int], rate_hz: int) -> None:
    one, other = _in_portions(CLIPPED, portions, rate_hz), columns(CLIPPED, rate_hz=rate_hz)
    for name in NEW:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 48_000])
def test_sums_of_rows_are_those_of_their_samples(rate_hz: int) -> None:
    measured = columns(NOISE, rate_hz=rate_hz)
    edges = row_edges(NOISE.shape[1], rate_hz)
    sound = NOISE.astype(np.float64)
    after = np.pad(sound[:, 1:], ((0, 0), (0, 1)))
    for name, values in (("energy", sound**2), ("total", sound), ("next_product", sound * after)):
        expected = np.add.reduceat(values, edges[:-1], axis=1).T
        assert getattr(measured, name) == pytest.approx(expected, rel=1e-5, abs=1e-4), name


def _runs_by_hand(sound: Samples, rate_hz: int) -> tuple[list[int], list[int], list[int]]:
    """Longest run, runs begun and full-scale samples of each row, one sample at a time."""
    edges = row_edges(len(sound), rate_hz)
    rows = len(edges) - 1
    peaks = [float(np.abs(sound[edges[row] : edges[row + 1]]).max()) for row in range(rows)]
    longest, begun = [int(peak > 0) for peak in peaks], [0] * rows
    full = [int((np.abs(sound[edges[row] : edges[row + 1]]) >= 32767 / 32768).sum()) for row in range(rows)]
    start = 0
    while start < len(sound):
        end = start + 1
        while end < len(sound) and sound[end] == sound[start]:
            end += 1
        if end - start > 1 and sound[start] != 0:
            first = int(np.searchsorted(edges, start, side="right")) - 1
            for row in range(first, int(np.searchsorted(edges, end - 1, side="right"))):
                if abs(sound[start]) == peaks[row]:
                    longest[row] = max(longest[row], end - start)
                    begun[row] += row == first
        start = end
    return longest, begun, full


@pytest.mark.parametrize("rate_hz", [8_000, 11_025])
@pytest.mark.parametrize("ceiling", [0.5, 32767 / 32768, 1.0])
def test_flat_tops_are_those_found_one_sample_at_a_time(rate_hz: int, ceiling: float) -> None:
    sound = sounds.clipped_tone(2.3, ceiling=ceiling, rate_hz=rate_hz)[0]
    sound[3_000:3_400] = 0.25
    sound[5_000:5_300] = -ceiling
    sound[9_000:9_500] = 0.0
    measured = columns(sound[None], rate_hz=rate_hz)
    longest, begun, full = _runs_by_hand(sound, rate_hz)
    assert measured.peak_run[:, 0].tolist() == longest
    assert measured.peak_run_count[:, 0].tolist() == begun
    assert measured.full_scale_count[:, 0].tolist() == full


@pytest.mark.parametrize("start", [470, 478, 479, 480, 47_990, 47_999, 48_000])
def test_run_across_rows_and_seconds_has_its_whole_length_in_both(start: int) -> None:
    sound = np.random.default_rng(6).uniform(-0.1, 0.1, (1, 96_000)).astype(np.float32)
    sound[0, start : start + 6] = 0.5
    measured = columns(sound)
    rows = {start // 480, (start + 5) // 480}
    assert {row: int(measured.peak_run[row, 0]) for row in rows} == dict.fromkeys(rows, 6)
    assert int(measured.peak_run.astype(int).sum()) == 6 * len(rows) + 200 - len(rows)
    assert int(measured.peak_run_count.sum()) == 1


def test_samples_of_opposite_sign_are_no_run() -> None:
    sound = np.tile(np.array([0.5, -0.5], dtype=np.float32), 4_800)[None]
    assert columns(sound).peak_run.max() == 1


@pytest.mark.parametrize(("level", "count"), [(32766 / 32768, 0), (32767 / 32768, 3), (1.0, 3), (-1.0, 3)])
def test_full_scale_begins_at_the_largest_code_of_16_bits(level: float, count: int) -> None:
    sound = np.zeros((1, 4_800), dtype=np.float32)
    sound[0, 100:103] = level
    assert int(columns(sound).full_scale_count.sum()) == count


def _blocks(samples: Samples, rate_hz: int) -> list[Samples]:
    seconds = -(-samples.shape[1] // rate_hz)
    padded = np.pad(samples, ((0, 0), (0, seconds * rate_hz - samples.shape[1])))
    return np.split(padded, seconds, axis=1)


def test_pair_of_one_track_and_pair_of_two_tracks_read_alike() -> None:
    inside, across = PairReader([((0, 0), (0, 1))]), PairReader([((0, 0), (1, 0))])
    for block in _blocks(NOISE, 8_000):
        inside.take(0, block)
    for channel in (1, 0):
        for block in _blocks(NOISE[channel : channel + 1], 8_000):
            across.take(channel, block)
    (one,), (other,) = inside.finish(), across.finish()
    assert np.array_equal(one.difference_energy, other.difference_energy)
    difference = NOISE[0].astype(np.float64) - NOISE[1]
    expected = np.add.reduceat(difference**2, row_edges(NOISE.shape[1], 8_000)[:-1])
    assert one.difference_energy[: len(expected)] == pytest.approx(expected, rel=1e-5)


def test_channel_that_ends_early_is_silent_against_the_other() -> None:
    reader = PairReader([((0, 0), (1, 0))])
    blocks = _blocks(NOISE[:1], 8_000)
    for block in blocks:
        reader.take(0, block)
    reader.take(1, blocks[0])
    (pair,) = reader.finish()
    assert pair.difference_energy[:100].max() == 0.0
    assert float(pair.difference_energy[100:].sum()) == pytest.approx(float((NOISE[0, 8_000:] ** 2).sum()), rel=1e-5)


def test_pair_of_a_track_that_never_came_is_not_measured() -> None:
    reader = PairReader([((0, 0), (1, 0)), ((0, 0), (0, 5))])
    reader.take(0, _blocks(NOISE, 8_000)[0])
    assert reader.finish() == ()


def test_pair_whose_tracks_stand_far_apart_in_the_file_is_not_measured() -> None:
    reader = PairReader([((0, 0), (1, 0))])
    block = _blocks(NOISE, 8_000)[0]
    for _ in range(31):
        reader.take(0, block)
    for _ in range(31):
        reader.take(1, block)
    assert reader.finish() == ()


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("L", "R"), ((0, 1),)),
        (("L", "C", "R", "Ls", "Rs", "LFE"), ((0, 2), (3, 4))),
        (("Lt", "Rt"), ((0, 1),)),
        (("C",), ()),
        (("", ""), ()),
        (("L", "R", "L", "R"), ()),
    ],
)
def test_left_and_right_are_paired_by_label(labels: tuple[str, ...], expected: tuple[tuple[int, int], ...]) -> None:
    assert left_right(labels) == expected


def test_pairs_of_labelled_channels_are_those_of_their_groups() -> None:
    labels = ["L", "C", "R", "Ls", "Rs", "LFE"]
    facts = {"sound.tracks": [{"channel_count": 6, "channel_labels": labels, "sample_rate_hz": 48_000}]}
    assert set(channel_pairs(facts)) == {((0, 0), (0, 2)), ((0, 3), (0, 4))}


def test_every_two_successive_channels_without_a_place_are_a_pair() -> None:
    facts = {"sound.tracks": [{"channel_count": 1, "sample_rate_hz": 48_000} for _ in range(5)]}
    assert set(channel_pairs(facts)) == {((0, 0), (1, 0)), ((2, 0), (3, 0))}


def test_table_and_pairs_come_back_from_the_store(tmp_path: Path) -> None:
    signal = signal_with_pairs(CLIPPED, rate_hz=8_000)
    reader = PairReader([((0, 0), (0, 1))])
    reader.take(0, _blocks(CLIPPED, 8_000)[0])
    log = DecodeLog(errors=(), warnings=(), frame_count=None, missing_frame_count=None, undecodable=())
    store = Store(folder=tmp_path)
    store.save("key", Signals(picture=None, sounds=(signal,), log=log, pairs=reader.finish()))
    loaded = store.load("key")
    assert loaded is not None
    for member in fields(signal):
        assert np.array_equal(getattr(loaded.sounds[0], member.name), getattr(signal, member.name)), member.name
    assert loaded.sounds[0].offset_s == Fraction(0)
    assert (loaded.pairs[0].first, loaded.pairs[0].second) == ((0, 0), (0, 1))
    assert np.array_equal(loaded.pairs[0].difference_energy, signal.difference_energy[:100, 0])

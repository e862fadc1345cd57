"""Silent and sounding mixes at the bound of -70 LUFS, and what a subject's groups say together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deliverqc.facts.groups import whole_silence
from deliverqc.measuring.planning import SHOWN
from fixtures.sounds import noise, sine
from tests.meters.loudness.measuring import STEREO, Samples, loudness_facts, loudness_reading

_SURROUND = ("L", "R", "C", "LFE", "Ls", "Rs")


def _is_silent(samples: Samples, labels: tuple[str, ...] = STEREO) -> bool:
    return bool(loudness_facts(samples, labels=labels)["is_silent"])


@pytest.mark.parametrize(("level_dbfs", "is_silent"), [(-69.9, False), (-70.1, True), (-90.0, True), (-20.0, False)])
def test_a_sine_in_both_channels_is_as_loud_in_lufs_as_its_peak(level_dbfs: float, is_silent: bool) -> None:
    # a 997 Hz sine of x dBFS in two channels reads x LUFS (ITU-R BS.1770-5, note to Annex 1)
    assert _is_silent(sine(2.0, level_dbfs, frequency_hz=997.0)) is is_silent


def test_digital_silence_and_hiss_at_minus_90_are_silent() -> None:
    assert _is_silent(np.zeros((2, 96_000), dtype=np.float32))
    assert _is_silent(noise(2.0, peak=10 ** (-90 / 20)))


def test_one_short_sound_in_long_silence_is_not_silence() -> None:
    samples = np.zeros((2, 10 * 48_000), dtype=np.float32)
    samples[0, 200_000:202_400] = sine(0.05, -40.0, channels=1)[0]
    assert not _is_silent(samples)


@pytest.mark.parametrize("seconds", [0.005, 0.1, 0.399])
def test_an_item_shorter_than_400_ms_is_one_window(seconds: float) -> None:
    assert _is_silent(sine(seconds, -90.0)) and not _is_silent(sine(seconds, -30.0))


def test_a_mix_in_which_only_low_frequency_effects_sound_is_not_silent() -> None:
    samples = np.zeros((6, 96_000), dtype=np.float32)
    samples[3] = sine(2.0, -20.0, frequency_hz=100.0, channels=1)[0]
    facts = loudness_facts(samples, labels=_SURROUND)
    assert (facts["is_silent"], facts["integrated_lufs"]) == (False, None)


def test_channels_without_a_place_count_once_each() -> None:
    samples = np.zeros((3, 96_000), dtype=np.float32)
    assert _is_silent(samples, labels=("", "", ""))
    samples[2] = sine(2.0, -66.9, frequency_hz=997.0, channels=1)[0]  # one channel reads 3.01 dB less
    assert not _is_silent(samples, labels=("", "", ""))
    samples[2] = sine(2.0, -67.1, frequency_hz=997.0, channels=1)[0]
    assert _is_silent(samples, labels=("", "", ""))


def test_a_group_without_a_sample_says_nothing() -> None:
    assert loudness_reading(np.zeros((2, 0), dtype=np.float32)).facts == {}


def _subject(*silent: bool | None, channels: int = 2) -> dict[str, Any]:
    """A subject of stereo tracks, each a group; None: its loudness was not measured."""
    groups = [
        {"channels": [f"{track}.0", f"{track}.1"]} | ({} if one is None else {"loudness.is_silent": one})
        for track, one in enumerate(silent)
    ]
    tracks = [{"channel_count": channels} for _ in silent]
    return {"sound.track_count": len(tracks), "sound.tracks": tracks, "sound.groups": groups}


@pytest.mark.parametrize(
    ("silent", "expected"),
    [
        ((True, True), {"sound.is_silent": True}),
        ((True, False), {"sound.is_silent": False}),
        ((None, False), {"sound.is_silent": False}),
        ((True, None), {}),
        ((None,), {}),
        ((), {"sound.is_silent": None}),
    ],
)
def test_a_subject_is_silent_only_where_every_group_was_measured_and_is(
    silent: tuple[bool | None, ...], expected: dict[str, Any]
) -> None:
    assert whole_silence(_subject(*silent)) == expected


def test_a_track_of_which_a_channel_is_in_no_group_keeps_silence_from_being_known() -> None:
    assert whole_silence(_subject(True, channels=3)) == {}
    assert whole_silence({"sound.track_count": 1, "sound.tracks": [{}], "sound.groups": []}) == {}


def test_black_and_loudness_run_on_every_full_check() -> None:
    assert frozenset({"black", "loudness"}) == SHOWN


@pytest.mark.parametrize("offset", [0.01, 0.25, -0.25])
@pytest.mark.parametrize(("hiss_dbfs", "is_silent"), [(None, True), (-90.0, True), (-40.0, False)])
def test_an_offset_is_not_sound(offset: float, hiss_dbfs: float | None, is_silent: bool) -> None:
    """K weighting passes no constant (ITU-R BS.1770-5 Annex 1), and hears its start once."""
    samples = np.full((2, 96_000), offset, dtype=np.float32)
    if hiss_dbfs is not None:
        samples += np.random.default_rng(1).normal(0, 10 ** (hiss_dbfs / 20), samples.shape).astype(np.float32)
    assert _is_silent(samples) is is_silent

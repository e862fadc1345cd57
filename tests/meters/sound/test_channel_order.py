"""Which order 5.1 stands in, by where low-frequency effects are heard: made mixes, spoken names, whole files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deliverqc import check
from deliverqc.meters import channel_order
from fixtures import sounds
from fixtures.ffmpeg import make
from tests.material import material
from tests.meters.loudness.measuring import Samples, read_wav
from tests.meters.sound.measuring import read

LABELS = ("L", "R", "C", "LFE", "Ls", "Rs")
SMPTE, FILM = 3, 5
SPOKEN = {
    "smpte": ("Front_Left", "Front_Right", "Front_Center", None, "Rear_Left", "Rear_Right"),
    "film": ("Front_Left", "Front_Center", "Front_Right", "Rear_Left", "Rear_Right", None),
}
"""What is spoken on each channel; None is where low-frequency effects stand."""


def _mix(effects_at: int, *, effects_hz: float = 60.0, seconds: float = 3.0) -> Samples:
    """Noise on five channels, whose RMS frequency is far above 300 Hz, and a sine at -20 dBFS on the sixth one."""
    mix = sounds.noise(seconds, channels=6)
    mix[effects_at] = sounds.sine(seconds, -20.0, frequency_hz=effects_hz, channels=1)[0]
    return mix


def _order(samples: Samples, *, low_max_hz: float = 200.0) -> Any:
    return read(channel_order, samples, labels=LABELS, low_max_hz=low_max_hz)["channel_order_suspected"]


@pytest.mark.parametrize(("place", "order"), [(SMPTE, "smpte"), (FILM, "film"), (0, None), (1, None), (4, None)])
def test_order_is_told_by_the_place_of_the_effects(place: int, order: str | None) -> None:
    assert _order(_mix(place)) == order


@pytest.mark.parametrize("place", [SMPTE, FILM])
def test_order_cannot_be_told_where_the_effects_are_silent(place: int) -> None:
    mix = _mix(place)
    mix[place] = 0.0
    assert _order(mix) is None


@pytest.mark.parametrize("place", [SMPTE, FILM])
def test_order_cannot_be_told_where_the_other_place_is_silent(place: int) -> None:
    mix = _mix(place)
    mix[SMPTE + FILM - place] = 0.0
    assert _order(mix) is None


def test_order_cannot_be_told_where_another_channel_holds_low_frequencies_alone() -> None:
    mix = _mix(SMPTE)
    mix[4] = mix[SMPTE]
    assert _order(mix) is None


@pytest.mark.parametrize(("frequency_hz", "order"), [(199.0, "film"), (201.0, None)])
def test_low_band_is_an_rms_frequency_up_to_the_limit(frequency_hz: float, order: str | None) -> None:
    assert _order(_mix(FILM, effects_hz=frequency_hz)) == order


@pytest.mark.parametrize(("frequency_hz", "order"), [(301.0, "film"), (299.0, None)])
def test_full_band_is_an_rms_frequency_from_the_limit(frequency_hz: float, order: str | None) -> None:
    mix = _mix(FILM)
    mix[SMPTE] = sounds.sine(3.0, -20.0, frequency_hz=frequency_hz, channels=1)[0]
    assert _order(mix) == order


def test_rms_frequency_of_two_sines_is_the_root_of_their_weighted_mean_square() -> None:
    """40 Hz with 99 parts of the energy and 1,900 Hz with 1 give sqrt(0.99 * 40**2 + 0.01 * 1900**2) = 194.1 Hz."""
    mix = _mix(FILM, effects_hz=40.0)
    mix[FILM] = mix[FILM] * np.float32(0.99**0.5) + sounds.sine(3.0, -40.0, frequency_hz=1900.0, channels=1)[0]
    assert _order(mix, low_max_hz=195.0) == "film"
    assert _order(mix, low_max_hz=193.0) is None


@pytest.mark.parametrize("offset", [0.0, 0.3])
def test_constant_offset_is_no_low_frequency(offset: float) -> None:
    mix = _mix(SMPTE)
    mix[FILM] += np.float32(offset)
    mix[SMPTE] += np.float32(offset)
    assert _order(mix) == "smpte"


def test_channel_of_nothing_but_an_offset_is_not_heard() -> None:
    mix = _mix(SMPTE)
    mix[SMPTE] = 0.3
    assert _order(mix) is None


@pytest.mark.parametrize(("level_dbfs", "order"), [(-56.9, "film"), (-57.1, None)])
def test_effects_below_the_level_do_not_count(level_dbfs: float, order: str | None) -> None:
    """A sine's RMS lies 3.01 dB below its peak, in every 10 ms of a 100 Hz sine."""
    mix = _mix(FILM)
    mix[FILM] = sounds.sine(3.0, level_dbfs, frequency_hz=100.0, channels=1)[0]
    assert _order(mix) == order


@pytest.mark.parametrize(("heard_s", "order"), [(1.0, "film"), (0.99, None)])
def test_effects_must_be_heard_for_a_second(heard_s: float, order: str | None) -> None:
    mix = _mix(FILM, effects_hz=100.0)
    mix[FILM, round(heard_s * sounds.RATE_HZ) :] = 0.0
    assert _order(mix) == order


def test_order_of_another_layout_is_not_told() -> None:
    facts = read(channel_order, _mix(SMPTE), labels=("L", "R", "C", "LFE", "Lss", "Rss"))
    assert facts == {"channel_order_suspected": None}


def test_group_without_samples_has_no_order() -> None:
    assert read(channel_order, np.zeros((6, 0), dtype=np.float32), labels=LABELS) == {}


def _spoken(order: str) -> Samples:
    """Spoken channel names, twice, and a rumble: noise behind a low-pass of 80 Hz, four times."""
    length = 3 * sounds.RATE_HZ
    mix = np.zeros((6, length), dtype=np.float32)
    for channel, name in enumerate(SPOKEN[order]):
        if name is None:
            spectrum = np.fft.rfft(sounds.noise(3.0, channels=1)[0])
            spectrum[80 * 3 :] = 0.0
            mix[channel] = 4.0 * np.fft.irfft(spectrum, length)
            continue
        voice = read_wav(material(f"debian_speech/{name}.wav"))[0][0]
        twice = np.concatenate((voice, voice))[:length]
        mix[channel, : len(twice)] = twice
    return mix


@pytest.mark.parametrize("order", ["smpte", "film"])
def test_order_of_spoken_channel_names_is_heard(order: str) -> None:
    assert _order(_spoken(order)) == order


@pytest.mark.parametrize(("effects_at", "outcome"), [(SMPTE, "pass"), (FILM, "fail"), (None, "not_applicable")])
def test_film_order_in_a_file_labelled_as_smpte_is_told(effects_at: int | None, outcome: str, tmp_path: Path) -> None:
    sources = ";".join(
        f"sine=f=60:d=3,volume=4[c{channel}]"
        if channel == effects_at
        else f"anoisesrc=a=0.1:d=3:s={channel}[c{channel}]"
        for channel in range(6)
    )
    merged = "".join(f"[c{channel}]" for channel in range(6))
    graph = f"{sources};{merged}join=inputs=6:channel_layout=5.1"
    path = make(tmp_path / "mix.wav", f"-f lavfi -i {graph} -ar 48000 -c:a pcm_s24le")
    document = check(str(path), "netflix-nearfield-audio")
    (verdict,) = document["masters"][0]["subjects"][0]["verdicts"]
    outcomes = {clause["id"]: clause["outcome"] for clause in verdict["clauses"]}
    assert outcomes["channel-order-heard"] == outcome
    assert outcomes["sound-channel-order"] == "pass"

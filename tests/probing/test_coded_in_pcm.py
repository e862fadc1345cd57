"""Coded audio in place of PCM samples (SMPTE ST 337) is called what it is, and no loudness is measured of it."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest

import deliverqc
from deliverqc.probing import probe
from deliverqc.probing.st337 import PcmStart, find_coded
from tests.probing.recipes import Picture, Sound, make

_WORDS = {16: (0xF872, 0x4E1F), 20: (0x6F872, 0x54E1F), 24: (0x96F872, 0xA54E1F)}


def _track(rows: list[list[int]], *, bits: int = 24, is_big_endian: bool = False) -> PcmStart:
    order = "big" if is_big_endian else "little"
    data = b"".join((value & (1 << bits) - 1).to_bytes(bits // 8, order) for row in rows for value in row)
    return PcmStart(data=data, sample_bytes=bits // 8, channel_count=len(rows[0]), is_big_endian=is_big_endian)


def _burst(mode: int, coding: int, *, bits: int = 24) -> list[int]:
    """Pa, Pb, Pc, Pd and a little payload as samples of `bits`."""
    upper, lower = (word << (bits - mode) for word in _WORDS[mode])
    return [upper, lower, coding << (bits - 16), 0x1000 << (bits - 16), 123, 456]


@pytest.mark.parametrize(("mode", "bits"), [(16, 16), (16, 24), (20, 24), (24, 24), (16, 32), (20, 32), (24, 32)])
@pytest.mark.parametrize(("kind", "coding"), [(1, "ac3"), (16, "eac3"), (21, "eac3"), (28, "dolby_e")])
@pytest.mark.parametrize("is_big_endian", [False, True])
def test_a_burst_in_a_stereo_track_names_its_coding(
    mode: int, bits: int, kind: int, coding: str, is_big_endian: bool
) -> None:
    words = _burst(mode, kind, bits=bits)
    rows = [[0, 0]] * 7 + [words[i : i + 2] for i in range(0, 6, 2)]
    assert find_coded([_track(rows, bits=bits, is_big_endian=is_big_endian)]) == {0: (coding, (0, 1))}


def test_a_burst_in_the_last_pair_of_eight_channels_is_in_that_pair() -> None:
    words = _burst(20, 28)
    rows = [[5] * 6 + words[i : i + 2] for i in range(0, 6, 2)]
    assert find_coded([_track(rows)]) == {0: ("dolby_e", (6, 7))}


def test_a_burst_across_two_mono_tracks_is_in_both() -> None:
    words = _burst(20, 28)
    left, right = ([[0], *([word] for word in words[start::2])] for start in (0, 1))
    assert find_coded([None, _track(left), _track(right)]) == {1: ("dolby_e", (0,)), 2: ("dolby_e", (0,))}


def test_a_burst_in_a_single_channel_is_in_it() -> None:
    assert find_coded([_track([[word] for word in _burst(16, 1)])]) == {0: ("ac3", (0,))}


@pytest.mark.parametrize("kind", [0, 2, 3, 31])
def test_null_data_pauses_and_unknown_types_are_no_coding(kind: int) -> None:
    words = _burst(16, kind)
    assert find_coded([_track([words[i : i + 2] for i in range(0, 6, 2)])]) == {}


def test_words_of_the_preamble_apart_are_samples() -> None:
    upper, lower = _WORDS[24]
    assert find_coded([_track([[upper, 1], [lower, 1], [upper, 0], [0, lower]])]) == {}
    shifted = struct.pack("<7B", 0, *(upper << 24 | lower).to_bytes(6, "big"))
    assert find_coded([PcmStart(data=shifted, sample_bytes=3, channel_count=2, is_big_endian=True)]) == {}


def _ac3_in_pcm(folder: Path, codec: str) -> Path:
    """One second of AC-3 in bursts (ffmpeg's IEC 61937 muxer), kept as PCM of a ProRes MOV."""
    coded, bursts, path = folder / "a.ac3", folder / "a.spdif", folder / "a.mov"
    make(coded, None, [Sound(codec="ac3", seconds=1)])
    run = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-i"]
    subprocess.run([*run, coded, "-c", "copy", "-f", "spdif", bursts], check=True)
    picture = make(folder / "picture.mov", Picture())
    pcm = ["-f", "s16le", "-ar", "48000", "-ac", "2", "-i", bursts]
    subprocess.run([*run, picture, *pcm, "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", codec, path], check=True)
    return path


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_s24le", "pcm_s16be"])
def test_ac3_in_the_pcm_pair_of_a_mov_is_ac3(tmp_path: Path, codec: str) -> None:
    facts = probe(_ac3_in_pcm(tmp_path, codec)).facts
    (track,) = facts["sound.tracks"]
    assert (track["codec"], track["coded_channels"], track["channel_count"]) == ("ac3", [0, 1], 2)
    assert facts["cross_check.probe_disagreements"] == []


def test_bursts_are_not_measured_as_a_mix(tmp_path: Path) -> None:
    facts = deliverqc.measure(_ac3_in_pcm(tmp_path, "pcm_s24le")).to_document()["subjects"][0]["facts"]
    assert facts["sound.groups"] == []
    assert "sound.is_silent" not in facts


def test_samples_of_sound_are_no_coding(tmp_path: Path) -> None:
    (track,) = probe(make(tmp_path / "a.mov", Picture(), [Sound()])).facts["sound.tracks"]
    assert (track["codec"], track["coded_channels"]) == ("pcm", [])

"""Coded audio that PCM turns into after its beginning is found by its preambles."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from deliverqc.measuring.planning import plan_of
from deliverqc.probing import probe
from deliverqc.signals.audio.coded import CodedSearch, is_lossless
from deliverqc.signals.decode import decode
from fixtures.ffmpeg import make

_PREAMBLES = {16: (0xF872, 0x4E1F), 20: (0x6F872, 0x54E1F), 24: (0x96F872, 0xA54E1F)}
"""ST 337 Table 5."""


def _words(bits: int, kind: int) -> list[int]:
    """Pa, Pb, Pc and Pd as samples of 24 bits."""
    return [word << (24 - bits) for word in (*_PREAMBLES[bits], kind << (bits - 16), 0x100 << (bits - 16))]


def _scaled(
    codes: np.ndarray[tuple[int, int], np.dtype[np.int64]],
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return (np.where(codes >= 1 << 23, codes - (1 << 24), codes) / 2.0**23).astype(np.float32)


def _noise(channels: int, seconds: int = 2) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.random.default_rng(1).integers(0, 1 << 24, (channels, seconds * 48_000))


@pytest.mark.parametrize("bits", [16, 20, 24])
@pytest.mark.parametrize(("kind", "coding"), [(1, "AC-3"), (28, "Dolby E"), (11, "DTS"), (0, None), (3, None)], ids=str)
@pytest.mark.parametrize("channels", [(0, 1), (1, 0), (2, 3), (3,)], ids=str)
def test_bursts_are_found_in_pairs_and_single_channels(
    bits: int, kind: int, coding: str | None, channels: tuple[int, ...]
) -> None:
    codes = _noise(4)
    for start in (60_000, 61_920):
        pa, pb, pc, pd = _words(bits, kind)
        if len(channels) == 2:
            codes[channels[0], start : start + 2], codes[channels[1], start : start + 2] = (pa, pc), (pb, pd)
        else:
            codes[channels[0], start : start + 4] = pa, pb, pc, pd
    search = CodedSearch()
    for block in np.split(_scaled(codes), 2, axis=1):
        search.take(block)
    assert search.found == ([] if coding is None else [(coding, tuple(sorted(channels)), 60_000)])


def test_noise_and_a_single_burst_are_not_coded() -> None:
    codes = _noise(2, 4)
    codes[:, 100_000], codes[:, 100_001] = _words(16, 1)[:2], _words(16, 1)[2:]
    search = CodedSearch()
    search.take(_scaled(codes))
    assert search.found == []


@pytest.mark.parametrize("starts", [True, False])
def test_a_file_whose_pcm_becomes_coded_is_damaged_there(starts: bool, tmp_path: Path) -> None:
    pcm = np.random.default_rng(2).integers(-3000, 3000, (96_000, 2)).astype("<i2")
    for start in range(0 if starts else 72_000, 96_000, 1536):
        pcm[start], pcm[start + 1] = np.array([0xF872 - 65536, 0x4E1F]), (1, 0x100)
    with wave.open(str(tmp_path / "late.wav"), "wb") as file:
        file.setparams((2, 2, 48_000, 0, "NONE", ""))
        file.writeframes(pcm.tobytes())
    plan = plan_of(probe(tmp_path / "late.wav"))
    errors = decode(tmp_path / "late.wav", plan).log.errors
    found = [(error.track, "AC-3" in error.message, error.start_s) for error in errors if "ST 337" in error.message]
    assert found == ([] if starts else [("sound 0", True, 1.5)])


def test_bursts_in_what_is_coded_without_loss_are_reported(tmp_path: Path) -> None:
    """FLAC gives back every bit, so a burst of AC-3 in it is heard as noise, as in PCM. A float32 holds 16 bits."""
    pcm = np.random.default_rng(2).integers(-3000, 3000, (24_000, 2)).astype("<i2")
    for start in (9_600, 11_136):
        pcm[start], pcm[start + 1] = np.array([0xF872 - 65536, 0x4E1F]), (1, 0x100)
    (tmp_path / "a.raw").write_bytes(pcm.tobytes())
    path = make(tmp_path / "a.flac", f"-f s16le -ar 48000 -ac 2 -i {tmp_path / 'a.raw'} -c:a flac")
    (error,) = decode(path, plan_of(probe(path))).log.errors
    assert (error.track, "AC-3 starts in place of samples" in error.message) == ("sound 0", True)
    assert error.start_s == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("decoder", "is_searched"),
    [("pcm_s24le", True), ("pcm_bluray", True), ("alac", True), ("truehd", True), ("aac", False), (None, False)],
)
def test_what_gives_back_every_bit_is_searched(decoder: str | None, is_searched: bool) -> None:
    assert is_lossless(decoder) is is_searched

"""Sign-language video in an audio channel: blocks made by the layout of ISDCF's encoder, WebM made by ffmpeg."""

from __future__ import annotations

import struct
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from deliverqc.probing.sign_language import read_sign_language
from fixtures.ffmpeg import make

_BLOCK = 288_000
"""Bytes of 2 s of PCM with 24 bits at 48 kHz."""

_CLUSTER = bytes.fromhex("1f43b675")
_MARKER = 0xFFFFFFFF


@pytest.fixture(scope="module")
def webm(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("webm") / "a.webm"
    arguments = "-pix_fmt yuv420p -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 500k -f webm"
    return make(path, f"-f lavfi -i testsrc=s=480x640:r=24 -frames:v 6 {arguments}").read_bytes()


def _block(webm: bytes, length: int = _BLOCK) -> bytes:
    at = webm.find(_CLUSTER)
    head = struct.pack(">5I", _MARKER, len(webm) - at, length, at, _MARKER)
    return (head + webm).ljust(length, b"\0")


def _wav(path: Path, data: bytes, *, channels: int = 16, channel: int = 14, lead: int = 0) -> Path:
    """PCM whose one channel holds `data` after so many samples of -1, and whose others hold a dither of -1 and 0."""
    data = b"\xff\xff\xff" * lead + data
    samples = np.full((len(data) // 3, channels, 3), 255, dtype=np.uint8)
    samples[::2, :] = 0
    samples[:, channel] = np.frombuffer(data, dtype=np.uint8).reshape(-1, 3)
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 3, 48000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


def _coded_bytes(webm: bytes, tmp_path: Path) -> int:
    import av

    (tmp_path / "again.webm").write_bytes(webm)
    with av.open(str(tmp_path / "again.webm")) as file:
        return sum(packet.size for packet in file.demux(video=0))


def test_a_block_says_what_its_video_is(webm: bytes, tmp_path: Path) -> None:
    empty = bytes(_BLOCK)
    found = read_sign_language(_wav(tmp_path / "a.wav", empty + _block(webm) + _block(webm), lead=1000))
    assert found is not None
    assert (found.codec, found.width_px, found.height_px, found.pixel_format) == ("vp9", 480, 640, "yuv420p")
    assert (found.frame_rate, found.block_count, found.unread_count) == (Fraction(24), 2, 0)
    assert found.max_bit_rate_bps == _coded_bytes(webm, tmp_path) * 8 // 2


def test_a_block_that_cannot_be_opened_is_counted(webm: bytes, tmp_path: Path) -> None:
    broken = webm[:5] + b"\xff" * 60 + webm[65:]
    found = read_sign_language(_wav(tmp_path / "a.wav", _block(webm) + _block(broken)))
    assert found is not None
    assert (found.codec, found.block_count, found.unread_count) == ("vp9", 2, 1)
    found = read_sign_language(_wav(tmp_path / "b.wav", _block(broken)))
    assert found is not None
    assert (found.codec, found.unread_count, found.max_bit_rate_bps) == (None, 1, 0)


@pytest.mark.parametrize("data", [bytes(30_000), b"\xff" * 30_000, struct.pack(">5I", _MARKER, 9, 8, 1, _MARKER) * 9])
def test_what_is_no_block_is_no_video(data: bytes, tmp_path: Path) -> None:
    assert read_sign_language(_wav(tmp_path / "a.wav", data)) is None


def test_the_video_of_another_channel_is_not_that_of_channel_15(webm: bytes, tmp_path: Path) -> None:
    path = _wav(tmp_path / "a.wav", _block(webm), channel=13)
    assert read_sign_language(path) is None
    assert read_sign_language(path, 13) is not None
    with pytest.raises(ValueError, match="6 channels"):
        read_sign_language(_wav(tmp_path / "b.wav", bytes(3000), channels=6, channel=0))

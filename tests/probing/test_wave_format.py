"""How samples of a WAVE file are stored is what its format chunk says."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest

import deliverqc
from deliverqc.probing import probe
from deliverqc.probing.wrappers.sound_formats import read_sound_format
from deliverqc.probing.wrappers.wave_format import WaveFormat, read_wave_format

_TAIL = bytes.fromhex("000000001000800000aa00389b71")
_RATE, _SECONDS = 48000, 2


def _wave(samples: bytes, *, tag: int = 1, bits: int = 32, valid: int = 24, channels: int = 2, mask: int = 3) -> bytes:
    align = channels * bits // 8
    form = struct.pack("<HHIIHHHHIH", 0xFFFE, channels, _RATE, _RATE * align, align, bits, 22, valid, mask, tag) + _TAIL
    body = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def _tone(peak: float) -> bytes:
    """997 Hz at `peak` of full scale in both channels, 24 bits in the upper part of 32."""
    wave = peak * np.sin(2 * np.pi * 997 * np.arange(_RATE * _SECONDS) / _RATE)
    codes = (np.round(wave * (2**23 - 1)).astype(np.int64) << 8).astype("<i4")
    return np.repeat(codes, 2).tobytes()


@pytest.mark.parametrize("name", ["a.wav", "a,,b:%d.wav"])
@pytest.mark.parametrize("mask", [3, 0])
def test_24_valid_bits_in_32_are_integers(tmp_path: Path, name: str, mask: int) -> None:
    """BS.1770: a tone of -20 dBFS peak in both channels is -20.00 LUFS."""
    path = tmp_path / name
    path.write_bytes(_wave(_tone(0.1), mask=mask))
    facts = deliverqc.measure(path).to_document()["subjects"][0]["facts"]
    (track,) = facts["sound.tracks"]
    assert (track["bit_depth_bits"], track["codec_profile"], track["duration_s"]) == (24, None, _SECONDS)
    assert facts["wrapper.duration_s"] == _SECONDS
    assert facts["sound.groups"][0]["loudness.integrated_lufs"] == pytest.approx(-20.0, abs=0.02)
    assert (facts["decode.errors"], facts["cross_check.probe_disagreements"]) == ([], [])


def test_floating_point_stays_floating_point(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(_wave(np.zeros(2 * _RATE, dtype="<f4").tobytes(), tag=3, valid=32))
    (track,) = probe(path).facts["sound.tracks"]
    assert (track["bit_depth_bits"], track["codec_profile"], track["duration_s"]) == (32, "float", 1.0)


def _read(data: bytes) -> WaveFormat | None:
    return read_wave_format(io.BytesIO(data), len(data))


@pytest.mark.parametrize(("valid", "shown"), [(20, 20), (24, 24), (0, 24), (25, 24)])
def test_valid_bits_beyond_the_container_are_none(valid: int, shown: int) -> None:
    found = _read(_wave(bytes(600), bits=24, valid=valid))
    assert found is not None
    assert (found.valid_bits, found.is_misread) == (shown, False)


def test_a_form_that_contradicts_itself_or_is_cut_states_nothing() -> None:
    whole = _wave(bytes(600), bits=24)
    at = whole.index(b"fmt ") + 8
    broken = whole[: at + 12] + struct.pack("<H", 8) + whole[at + 14 :]
    assert _read(broken) is None
    assert all(_read(whole[:length]) is None for length in range(12, whole.index(b"data") + 8))


def _w64(samples: bytes) -> bytes:
    """Sony Wave64: identifiers of 16 bytes, sizes of 64 bits that count their own header."""
    tail = bytes.fromhex("f3acd3118cd100c04f8edb8a")
    wave = _wave(samples)
    parts = [(b"fmt ", wave[20:60]), (b"data", samples)]
    body = b"".join(kind + tail + struct.pack("<Q", 24 + len(data)) + data for kind, data in parts)
    head = bytes.fromhex("726966662e91cf11a5d628db04c10000")
    return head + struct.pack("<Q", 40 + len(body)) + b"wave" + tail + body


def _caf(samples: bytes, *, is_little: bool = True) -> bytes:
    form = struct.pack(">d4s5I", _RATE, b"lpcm", 2 if is_little else 0, 8, 1, 2, 24)
    data = struct.pack(">Q", len(samples) + 4) + bytes(4) + samples
    return b"caff\0\1\0\0" + b"desc" + struct.pack(">Q", 32) + form + b"data" + data


def _swapped(samples: bytes) -> bytes:
    return np.frombuffer(samples, "<i4").astype(">i4").tobytes()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.w64", _w64(_tone(0.1))),
        ("a.caf", _caf(_tone(0.1))),
        ("b.caf", _caf(_swapped(_tone(0.1)), is_little=False)),
    ],
    ids=["w64", "caf-little", "caf-big"],
)
def test_other_wrappers_hold_24_valid_bits_in_32_too(tmp_path: Path, name: str, data: bytes) -> None:
    """BS.1770, as above: -20.00 LUFS."""
    path = tmp_path / name
    path.write_bytes(data)
    facts = deliverqc.measure(path).to_document()["subjects"][0]["facts"]
    (track,) = facts["sound.tracks"]
    assert (track["bit_depth_bits"], track["codec_profile"], track["duration_s"]) == (24, None, _SECONDS)
    assert facts["sound.groups"][0]["loudness.integrated_lufs"] == pytest.approx(-20.0, abs=0.02)
    assert (facts["decode.errors"], facts["cross_check.probe_disagreements"]) == ([], [])


def test_caf_samples_that_are_aligned_low_are_left_to_libav() -> None:
    low = (np.frombuffer(_tone(0.1), "<i4") >> 8).astype("<i4").tobytes()
    found = [read_sound_format(io.BytesIO(data), len(data)) for data in (_caf(_tone(0.1)), _caf(low))]
    assert [form is not None and form.is_misread for form in found] == [True, False]


@pytest.mark.parametrize("valid", [20, 24])
def test_aiff_states_how_many_bits_count(valid: int) -> None:
    rate = struct.pack(">HQ", 16398, _RATE << 48)  # 48000 = 1.4648 * 2 ** 15
    common = struct.pack(">HIH", 2, 100, valid) + rate
    sound = bytes(8 + 600)
    chunks = b"COMM" + struct.pack(">I", 18) + common + b"SSND" + struct.pack(">I", len(sound)) + sound
    data = b"FORM" + struct.pack(">I", len(chunks) + 4) + b"AIFF" + chunks
    form = read_sound_format(io.BytesIO(data), len(data))
    assert form is not None
    assert (form.valid_bits, form.stored_bits, form.sample_rate_hz, form.channel_count) == (valid, 24, _RATE, 2)


def _plain(*, channels: int = 2, bits: int = 16, block: int = 4, tag: int = 1) -> bytes:
    return struct.pack("<HHIIHH", tag, channels, _RATE, _RATE * block, block, bits)


@pytest.mark.parametrize(
    ("forms", "messages"),
    [
        ([_plain()], []),
        ([_plain(bits=12)], []),
        ([_plain(bits=20, block=6)], []),
        ([_plain(tag=0x11, bits=4, block=2048)], []),
        ([_plain(), _plain()], []),
        ([_plain(block=8)], ["a block is 8 bytes, and 2 channels of 16 bits take 4"]),
        ([_plain(bits=24, block=8)], ["a block is 8 bytes, and 2 channels of 24 bits take 6"]),
        ([_plain(block=0)], ["a block is 0 bytes, and 2 channels of 16 bits take 4"]),
        ([_plain(channels=1, block=2), _plain()], ["2 format chunks do not state the same format"]),
    ],
    ids=["pcm", "12-in-16", "20-in-24", "adpcm", "twice", "16-in-32", "24-in-32", "none", "two"],
)
def test_a_format_chunk_that_contradicts_itself_is_a_header_fault(
    tmp_path: Path, forms: list[bytes], messages: list[str]
) -> None:
    """Microsoft, Multimedia Programming Interface 1.0: a block of PCM is its channels times the bytes of a sample."""
    chunks = b"".join(b"fmt " + struct.pack("<I", len(form)) + form for form in forms)
    body = chunks + b"data" + struct.pack("<I", 4800) + bytes(range(1, 161)) * 30
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body)
    faults = probe(path).facts["wrapper.header_faults"]
    assert [fault["message"] for fault in faults] == messages

"""How samples of a WAVE file are stored is what its format chunk says."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest

import deliverqc
from deliverqc.probing import probe
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

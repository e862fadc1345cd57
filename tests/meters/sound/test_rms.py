"""RMS level and noise floor beside arithmetic, and on speech beside ffmpeg's astats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from deliverqc.meters import rms
from tests.material import material
from tests.meters.loudness.measuring import Samples, read_wav
from tests.meters.sound.measuring import read
from tests.meters.sound.test_sound_peers import _numbers, _said, _write_float_wav, ffmpeg_is_here

_RATE_HZ = 48_000
_LEVEL, _FLOOR = "loudness.rms_dbfs", "loudness.noise_floor_dbfs"


def _noise(parts: Sequence[tuple[float, float | None]], *, rate_hz: int = _RATE_HZ) -> Samples:
    """Noise of exactly the given RMS levels in dBFS, for so many seconds each; None: digital silence."""
    random = np.random.default_rng(10)
    pieces = []
    for seconds, level in parts:
        piece = random.choice((-1.0, 1.0), size=round(seconds * rate_hz)) * random.uniform(0.9, 1.1)
        scale = 0.0 if level is None else 10.0 ** (level / 20.0) / np.sqrt(np.mean(piece**2))
        pieces.append(piece * scale)
    return np.concatenate(pieces)[None, :].astype(np.float32)


def test_a_full_scale_sine_reads_three_decibels_less() -> None:
    turns = np.arange(_RATE_HZ) * 1000.0 / _RATE_HZ
    facts = read(rms, np.sin(2.0 * np.pi * turns)[None, :].astype(np.float32), labels=("C",))
    assert facts[_LEVEL] == pytest.approx(-3.0103, abs=1e-3)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_level_and_floor_of_voice_with_a_pause_are_those_of_arithmetic(rate_hz: int) -> None:
    facts = read(
        rms, _noise([(2.0, -20.0), (0.5, -63.0), (1.5, -20.0)], rate_hz=rate_hz), labels=("C",), rate_hz=rate_hz
    )
    expected = 10.0 * np.log10((3.5 * 10.0**-2.0 + 0.5 * 10.0**-6.3) / 4.0)
    assert facts[_LEVEL] == pytest.approx(expected, abs=0.01)
    assert facts[_FLOOR] == pytest.approx(-63.0, abs=0.1)


def test_all_samples_of_both_channels_count_together() -> None:
    pair = np.concatenate((_noise([(1.0, -20.0)]), _noise([(1.0, -40.0)])))
    assert read(rms, pair)[_LEVEL] == pytest.approx(10.0 * np.log10((10.0**-2.0 + 10.0**-4.0) / 2.0), abs=0.01)


def test_a_pause_shorter_than_half_a_second_is_not_the_floor() -> None:
    facts = read(rms, _noise([(2.0, -20.0), (0.25, -80.0), (2.0, -20.0)]), labels=("C",))
    assert facts[_FLOOR] == pytest.approx(-23.01, abs=0.05)


@pytest.mark.parametrize("seconds", [0.01, 0.49, 2.0])
def test_silence_that_was_put_in_does_not_hide_the_noise(seconds: float) -> None:
    parts = [(seconds, None), (2.0, -20.0), (1.0, -52.0), (2.0, -20.0), (seconds, None)]
    assert read(rms, _noise(parts), labels=("C",))[_FLOOR] == pytest.approx(-52.0, abs=0.1)


def test_a_voice_between_digital_silences_has_no_floor_among_its_facts() -> None:
    facts = read(rms, _noise([(1.0, None), (2.0, -20.0), (1.0, None), (2.0, -22.0)]), labels=("C",))
    assert _FLOOR not in facts
    assert facts[_LEVEL] is not None


def test_pieces_of_sound_shorter_than_half_a_second_between_silences_give_no_floor() -> None:
    assert _FLOOR not in read(rms, _noise([(0.4, -20.0), (0.3, None)] * 4), labels=("C",))


def test_digital_silence_has_neither_and_a_short_sound_no_floor() -> None:
    assert read(rms, _noise([(1.0, None)]), labels=("C",)) == {_LEVEL: None, _FLOOR: None}
    assert read(rms, _noise([(0.49, -20.0)]), labels=("C",))[_FLOOR] is None


def test_nothing_is_said_of_a_group_without_samples() -> None:
    assert read(rms, np.zeros((1, 0), dtype=np.float32), labels=("C",)) == {}


@ffmpeg_is_here
def test_level_and_floor_of_speech_over_room_tone_are_those_of_astats(tmp_path: Path) -> None:
    clips = [read_wav(material(f"debian_speech/{name}.wav"))[0][0] for name in ("Front_Center", "Rear_Left")]
    spoken = np.concatenate([part for clip in clips for part in (clip, np.zeros(_RATE_HZ))])
    room = _noise([(len(spoken) / _RATE_HZ, -66.0)])[0]
    samples = np.stack((spoken, 0.5 * spoken)) + room
    path = tmp_path / "speech.wav"
    _write_float_wav(path, samples)
    facts = read(rms, samples.astype(np.float32))
    assert facts[_LEVEL] == pytest.approx(_numbers("RMS level dB", _said(path, "astats"))[-1], abs=0.01)
    row, half = _RATE_HZ // 100, _RATE_HZ // 2
    starts = range(0, samples.shape[1] - half + 1, row)
    first = min(starts, key=lambda start: float(np.sum(samples[:, start : start + half] ** 2)))
    cut = f"atrim=start_sample={first}:end_sample={first + half},astats"
    assert facts[_FLOOR] == pytest.approx(_numbers("RMS level dB", _said(path, cut))[-1], abs=0.1)

"""Silence, offset, level and clipping beside ffmpeg's silencedetect and astats, on real clips and on made ones."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from deliverqc.meters import clipping, silence
from fixtures import sounds
from tests.material import material
from tests.meters.loudness.measuring import Samples, read_wav
from tests.meters.sound.measuring import read, signal_with_pairs

SPEECH = ("Front_Center", "Front_Left", "Front_Right", "Noise", "Rear_Center", "Side_Left", "Side_Right")
ROW_S = 0.01

ffmpeg_is_here = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is the peer")


def _said(path: Path, chain: str) -> str:
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af", chain, "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


def _numbers(key: str, said: str) -> list[float]:
    return [float(number) for number in re.findall(rf"{key}: (-?[\d.]+)", said)]


def _write_float_wav(path: Path, samples: Samples) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_f32le", rate=48_000, layout="stereo")
        packed = np.ascontiguousarray(samples.T.reshape(1, -1), dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
        frame.sample_rate = 48_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


@ffmpeg_is_here
@pytest.mark.parametrize("name", SPEECH)
def test_offset_level_and_peak_of_speech_are_those_of_astats(name: str) -> None:
    path = material(f"debian_speech/{name}.wav")
    samples, rate_hz = read_wav(path)
    signal = signal_with_pairs(samples.astype(np.float32), labels=("C",), rate_hz=rate_hz)
    said = _said(path, "astats")
    mean = float(signal.total.sum()) / signal.sample_count
    rms_db = 10.0 * np.log10(float(signal.energy.sum()) / signal.sample_count)
    assert mean == pytest.approx(_numbers("DC offset", said)[0], abs=1e-6)
    assert rms_db == pytest.approx(_numbers("RMS level dB", said)[0], abs=1e-3)
    assert 20.0 * np.log10(signal.sample_peak.max()) == pytest.approx(_numbers("Peak level dB", said)[0], abs=1e-3)


def _inside(earlier: float, later: float) -> bool:
    """Whether an edge of ours stands less than a row inside theirs, which is printed with six digits."""
    return -1e-4 < later - earlier < ROW_S + 1e-4


@ffmpeg_is_here
@pytest.mark.parametrize("name", SPEECH)
def test_pauses_of_speech_are_those_of_silencedetect_on_the_grid(name: str) -> None:
    path = material(f"debian_speech/{name}.wav")
    samples, rate_hz = read_wav(path)
    said = _said(path, "silencedetect=n=-50dB:d=0.05")
    theirs = list(zip(_numbers("silence_start", said), _numbers("silence_end", said), strict=True))
    facts = read(
        silence, samples.astype(np.float32), labels=("C",), rate_hz=rate_hz, peak_max_dbfs=-50.0, min_duration_s=0.03
    )
    ours = [(span.start / rate_hz, span.end / rate_hz) for span in facts["spans"]]
    for start, end in theirs:
        assert any(_inside(start, a) and _inside(b, end) for a, b in ours), (start, end, ours)
    for a, b in ours:
        assert b - a < 0.05 or any(start <= a + 1e-3 and b <= end + 1e-3 for start, end in theirs), (a, b, theirs)


@ffmpeg_is_here
def test_silence_of_one_channel_is_that_of_silencedetect_in_mono(tmp_path: Path) -> None:
    cut = sounds.with_gap(sounds.noise(8.0), start=100_000, end=250_000, channels=[1])
    path = tmp_path / "gap.wav"
    _write_float_wav(path, cut)
    said = _said(path, "silencedetect=n=-60dB:d=2:mono=1")
    (span,) = read(silence, cut)["channel_spans"]
    assert "channel: 1" in said and span.channel == "R"
    assert 0 <= span.start / 48_000 - _numbers("silence_start", said)[0] < ROW_S
    assert 0 <= _numbers("silence_end", said)[0] - span.end / 48_000 < ROW_S


@ffmpeg_is_here
def test_samples_at_full_scale_are_the_peak_count_of_astats(tmp_path: Path) -> None:
    mono = sounds.clipped_tone(2.0, ceiling=1.0)[0]
    samples = np.array([mono, mono * np.float32(0.5)])
    path = tmp_path / "clipped.wav"
    _write_float_wav(path, samples)
    share = read(clipping, samples)["full_scale_percent"]
    assert share * samples.shape[1] / 100.0 == pytest.approx(_numbers("Peak count", _said(path, "astats"))[0])

"""The column of speech: sound at 16 kHz from any rate, the same however it is fed, and never measured in parts."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deliverqc.measuring.planning import plan_of
from deliverqc.probing import probe
from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.decode import decode
from deliverqc.signals.on_demand import SOUND_EXTENSIONS, estimators, is_any_stateful, modules
from deliverqc.signals.on_demand import speech as extension
from deliverqc.signals.parts import divide
from fixtures import voices
from fixtures.ffmpeg import make

RATES_HZ = (8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 47_999, 48_000, 88_200, 96_000, 192_000)


def _at_16_khz(frequency_hz: float, rate_hz: int) -> tuple[np.ndarray, np.ndarray]:
    """The third second of a sine brought to 16 kHz, and the sine at those times."""
    resample = extension.Resampler(rate_hz)
    before = resample.length - 1
    time_s = (np.arange(-before, rate_hz) + 2 * rate_hz) / rate_hz
    brought = resample(np.sin(2.0 * np.pi * frequency_hz * time_s).astype(np.float32))
    wanted_s = 2.0 + (np.arange(16_000) - resample.delay) / 16_000
    return brought, np.sin(2.0 * np.pi * frequency_hz * wanted_s)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("frequency_hz", [100.0, 1000.0, 3400.0])
def test_speech_band_is_brought_to_16_khz_unchanged(frequency_hz: float, rate_hz: int) -> None:
    brought, wanted = _at_16_khz(frequency_hz, rate_hz)
    assert len(brought) == 16_000
    assert np.abs(brought - wanted).max() < 2e-3


@pytest.mark.parametrize("rate_hz", [rate for rate in RATES_HZ if rate > 22_050])
def test_what_16_khz_cannot_hold_is_gone(rate_hz: int) -> None:
    brought, _ = _at_16_khz(min(9_000.0, 0.45 * rate_hz), rate_hz)
    assert np.abs(brought).max() < 2e-3


def test_the_column_does_not_depend_on_how_sound_is_fed() -> None:
    sound = voices.music_and_effects(3.3)[:, : 3 * 48_000 + 4_711]
    found = []
    for portion in (sound.shape[1], 48_000, 1_601):
        reader = extension.columns(48_000, 2)
        accumulator = SoundAccumulator(48_000, 2, reader.feed)
        for start in range(0, sound.shape[1], portion):
            accumulator.feed(sound[:, start : start + portion])
        found.append(reader.finish(len(accumulator.finish().energy))["probability"])
    assert found[0].shape == (310, 2)
    assert found[0].dtype == np.float16
    assert all(np.array_equal(found[0], other) for other in found[1:])


def test_silence_is_no_speech_and_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extension, "_network", lambda: pytest.fail("silence was shown to the network"))
    reader = extension.columns(48_000, 2)
    reader.feed(np.zeros((2, 48_000), dtype=np.float32))
    assert not reader.finish(100)["probability"].any()


def test_after_a_second_of_silence_speech_is_found_as_at_the_start(tmp_path: Path) -> None:
    spoken = next((found for name in voices.VOICES if (found := voices.phrases(name, tmp_path))), None)
    if spoken is None:
        pytest.skip("no voice is installed")
    phrase = np.resize(spoken[0], 2 * 48_000)
    sound = np.concatenate((phrase, np.zeros(6 * 48_000, dtype=np.float32), phrase))[None]
    reader = extension.columns(48_000, 1)
    for start in range(0, sound.shape[1], 48_000):
        reader.feed(sound[:, start : start + 48_000])
    probability = reader.finish(1000)["probability"][:, 0]
    # 8 s are 250 chunks, so that both phrases are cut into the same chunks
    assert probability[:200].max() > 0.9
    assert np.array_equal(probability[:195], probability[800:995])


def test_the_network_is_the_one_that_is_named() -> None:
    assert estimators.SPEECH == "silero-vad 6.2.0"
    assert extension._MODEL == "ggml-silero-v6.2.0.bin"
    assert (Path(str(extension._package().__file__)).parent / extension._MODEL).is_file()


def test_the_network_has_one_thread_and_leaves_the_environment_alone() -> None:
    program = (
        "import os, pathlib; from deliverqc.signals.on_demand.speech import _network; before = dict(os.environ);"
        "_network().process_samples([0.1] * 512); assert dict(os.environ) == before;"
        "print(len(list(pathlib.Path('/proc/self/task').iterdir())))"
    )
    if not Path("/proc/self/task").is_dir():
        pytest.skip("threads are not told here")
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "7"}
    told = subprocess.run([sys.executable, "-c", program], env=alone, check=True, capture_output=True, text=True)
    assert int(told.stdout) == 1


def test_an_extension_that_remembers_is_never_measured_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "long.mov"
    make(
        path,
        "-f lavfi -i testsrc2=s=64x48:r=100 -f lavfi -i sine=f=300:r=48000 -frames:v 600 -shortest "
        "-c:v prores -profile:v 0 -pix_fmt yuv422p10le -c:a pcm_s16le",
    )
    plan = plan_of(probe(path))
    assert len(divide(path, plan, 2)) == 2
    assert divide(path, replace(plan, extensions=("speech",)), 2) == []


def test_only_readers_of_speech_remember_among_sound_extensions() -> None:
    assert {name for name in SOUND_EXTENSIONS if is_any_stateful([name])} == {"speech", "voice"}
    assert set(SOUND_EXTENSIONS) <= set(modules())


def test_the_column_stands_beside_every_channel_of_a_decoded_track(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    make(path, "-f lavfi -i sine=f=300:r=44100 -t 1.5 -ac 2 -c:a pcm_s16le")
    (sound,) = decode(path, replace(plan_of(probe(path)), extensions=("speech",))).sounds
    assert sound.extended["speech.probability"].shape == (150, 2)

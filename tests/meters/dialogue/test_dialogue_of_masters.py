"""Whole masters with a voice at a known level against specs that hold dialogue to one."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deliverqc
from fixtures import voices
from fixtures.ffmpeg import make
from tests.meters.dialogue.measuring import Mix, mix


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    """A voice 10 dB over music and effects."""
    folder = tmp_path_factory.mktemp("voice")
    spoken = next((found for name in voices.VOICES if (found := voices.phrases(name, folder))), None)
    if spoken is None:
        pytest.skip("no package of a voice is installed")
    voice = voices.speech(spoken)
    return mix(voice, voices.music_and_effects(len(voice) / voices.RATE_HZ), 10.0)


def _verdict(made: Mix, dialogue_lkfs: float, folder: Path, spec: str) -> dict[str, Any]:
    """The verdict on a WAV of the mix whose true dialogue loudness is `dialogue_lkfs`."""
    raw, master = folder / "mix.f32", folder / "mix.wav"
    gain = np.float32(10.0 ** ((dialogue_lkfs - made.true_lkfs) / 20.0))
    raw.write_bytes((gain * made.samples).T.astype("<f4").tobytes())
    make(master, f"-f f32le -ar 48000 -ac 2 -i {shlex.quote(str(raw))} -c:a pcm_s24le")
    document = deliverqc.check(str(master), spec)
    verdict: dict[str, Any] = document["masters"][0]["subjects"][0]["verdicts"][0]
    return verdict


def _outcomes(verdict: dict[str, Any]) -> dict[str, str]:
    return {clause["id"]: clause["outcome"] for clause in verdict["clauses"]}


@pytest.mark.parametrize(
    ("dialogue_lkfs", "outcome", "margin"),
    [(-29.6, "fail", "fail"), (-28.4, "pass", "pass"), (-25.2, "pass", "fail"), (-24.4, "fail", "fail")],
)
def test_dialogue_decides_netflix_near_field(
    made: Mix, dialogue_lkfs: float, outcome: str, margin: str, tmp_path: Path
) -> None:
    outcomes = _outcomes(_verdict(made, dialogue_lkfs, tmp_path, "netflix-nearfield-audio"))
    assert outcomes["dialogue-loudness"] == outcome
    assert outcomes["dialogue-loudness-margin"] == margin


def test_qc_flags_only_where_dialogue_and_programme_are_off(made: Mix, tmp_path: Path) -> None:
    near = _outcomes(_verdict(made, -24.4, tmp_path, "netflix-nearfield-audio-qc-grace"))
    far = _outcomes(_verdict(made, -34.0, tmp_path, "netflix-nearfield-audio-qc-grace"))
    assert (near["dialogue-loudness"], far["dialogue-loudness"]) == ("pass", "fail")


def test_the_programme_is_no_more_than_5_lu_over_the_dialogue_of_a_talk(made: Mix, tmp_path: Path) -> None:
    verdict = _verdict(made, -23.0, tmp_path, "ebu-r128-s4")
    assert _outcomes(verdict)["loudness-to-dialogue"] == "pass"
    (group,) = verdict["facts"]["sound.groups"]
    assert group["loudness.to_dialogue_lu"] == pytest.approx(
        group["loudness.integrated_lufs"] - group["loudness.dialogue_lkfs"], abs=0.011
    )
    assert group["loudness.dialogue_share"] == pytest.approx(made.true_share, abs=0.1)


def test_without_a_decode_dialogue_is_not_measured(made: Mix, tmp_path: Path) -> None:
    _verdict(made, -27.0, tmp_path, "netflix-nearfield-audio")
    document = deliverqc.check(str(tmp_path / "mix.wav"), "netflix-nearfield-audio", tier="headers")
    verdict = document["masters"][0]["subjects"][0]["verdicts"][0]
    assert verdict["decision"] == "incomplete"
    assert _outcomes(verdict)["dialogue-loudness"] == "not_measured"

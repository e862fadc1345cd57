"""Dialogue loudness beside what is known: voices at known levels over music and effects, and music alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fixtures import voices
from tests.material import material
from tests.meters.dialogue.measuring import RATIOS_DB, Samples, beds, facts, mix
from tests.slices import is_drawn


@pytest.fixture(scope="module", params=voices.VOICES)
def voice(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Samples:
    spoken = voices.phrases(request.param, tmp_path_factory.mktemp("voice"))
    if not spoken:
        pytest.skip(f"the package of the voice {request.param} is not installed")
    return voices.speech(spoken)


@pytest.fixture(scope="module")
def one_voice(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """The first voice that is installed."""
    folder = tmp_path_factory.mktemp("voice")
    spoken = next((found for name in voices.VOICES if (found := voices.phrases(name, folder))), None)
    if spoken is None:
        pytest.skip("no package of a voice is installed")
    return voices.speech(spoken)


def _bed(voice: Samples) -> Samples:
    """Music and effects as long as the voice, cut from what is made once for all."""
    return voices.music_and_effects(60.0)[:, : len(voice)]


@pytest.mark.parametrize("ratio_db", [ratio for ratio in RATIOS_DB if is_drawn(str(ratio), one_in=2)])
def test_dialogue_loudness_is_that_of_the_mix_over_the_true_speech(voice: Samples, ratio_db: float) -> None:
    made = mix(voice, _bed(voice), ratio_db)
    read = facts(made.samples)
    assert read["dialogue_lkfs"] == pytest.approx(made.true_lkfs, abs=0.5)
    if ratio_db >= 10.0:
        assert read["dialogue_lkfs"] == pytest.approx(made.speech_lkfs, abs=1.0)
    assert read["dialogue_share"] == pytest.approx(made.true_share, abs=0.1)


_RECORDED = [(name, ratio_db) for name in voices.RECORDED for ratio_db in (10.0, 0.0)]


@pytest.mark.parametrize(
    ("name", "ratio_db"),
    [case for case in _RECORDED if is_drawn(str(case)) or case == (next(iter(voices.RECORDED)), 10.0)],
)
def test_a_person_over_recorded_music_is_measured_within_half_a_unit(
    name: str, ratio_db: float, tmp_path: Path
) -> None:
    spoken = voices.phrases(name, tmp_path)
    if not spoken or not voices.recorded_music():
        pytest.skip(f"the packages of the voice {name} and of recorded music are not both installed")
    voice = voices.speech(spoken)
    _, *recorded = beds(len(voice) / voices.RATE_HZ).values()
    assert len(recorded) == 2
    for bed in recorded:
        made = mix(voice, bed, ratio_db)
        assert facts(made.samples)["dialogue_lkfs"] == pytest.approx(made.true_lkfs, abs=0.5)


def test_isolated_words_are_within_1_lu(tmp_path: Path) -> None:
    words = [voices.trimmed(voices.read(path)) for path in sorted(material("debian_speech").glob("*_*.wav"))]
    spoken = voices.speech(words)
    made = mix(spoken, _bed(spoken), 10.0)
    assert facts(made.samples)["dialogue_lkfs"] == pytest.approx(made.true_lkfs, abs=1.0)


def test_made_music_and_effects_alone_are_hardly_speech() -> None:
    assert facts(voices.music_and_effects(60.0))["dialogue_share"] < 0.05


def test_recorded_music_alone_is_hardly_speech() -> None:
    pieces = voices.recorded_music()
    if not pieces:
        pytest.skip("the package of recorded music is not installed")
    for name, piece in pieces.items():
        read = facts(piece[None, : 60 * voices.RATE_HZ], labels=("M",))
        assert read["dialogue_share"] < 0.05, name


def test_dialogue_in_the_centre_of_5_1_counts_with_all_that_sounds_under_it(one_voice: Samples) -> None:
    bed = _bed(one_voice)
    made = mix(one_voice, bed, 10.0)
    left, right = made.samples - one_voice[: made.samples.shape[1]]
    centre = np.sqrt(np.float32(2.0)) * one_voice[: len(left)]  # as loud as the same in left and right
    rumble = 0.9 * np.sin(2.0 * np.pi * 40.0 / voices.RATE_HZ * np.arange(len(left)))
    silence = np.zeros_like(left)
    mixed = np.array([left, right, centre, rumble, silence, silence], dtype=np.float32)
    read = facts(mixed, labels=("L", "R", "C", "LFE", "Ls", "Rs"))
    assert read["dialogue_lkfs"] == pytest.approx(made.true_lkfs, abs=0.5)


def test_6_db_more_of_everything_are_6_lu_more(one_voice: Samples) -> None:
    made = mix(one_voice, _bed(one_voice), 10.0)
    quiet, loud = (facts(gain * made.samples)["dialogue_lkfs"] for gain in (np.float32(0.5), np.float32(1.0)))
    assert loud - quiet == pytest.approx(6.02, abs=0.3)


def test_the_range_of_a_voice_whose_level_steps_is_the_step_and_its_own_range(one_voice: Samples) -> None:
    voice = one_voice[: 24 * voices.RATE_HZ]
    own = facts(voice[None], labels=("C",))["dialogue_range_lu"]
    stepped = np.concatenate((voice, voice * np.float32(10.0 ** (-12.0 / 20.0))))
    read = facts(stepped[None], labels=("C",))
    assert 12.0 - 0.5 <= read["dialogue_range_lu"] <= 12.0 + own + 0.5
    loudness = 10.0 * np.log10((1.0 + 10.0**-1.2) / 2.0)
    assert read["dialogue_deviation_lu"] == pytest.approx(12.0 + loudness, abs=0.5 + own)

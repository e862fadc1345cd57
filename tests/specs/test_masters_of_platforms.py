"""Made masters against the specs of platforms: a conforming one passes, and each fault breaks the clauses meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.signals.store import Store
from fixtures.ffmpeg import make
from tests.verdicts import decided

_NOISE = "-f lavfi -i anoisesrc=d=4:r={rate}:a=0.12:seed=1"
_SURROUND = (
    "-f lavfi -i \"aevalsrc='0.1*sin(2*PI*997*t)|0.1*sin(2*PI*997*t)|0.1*random(0)|0.05*random(1)|0.05*random(2)"
    "|0.05*random(3)':c=5.1(side):s=48000:d=4\""
)
_PICTURE = "-f lavfi -i testsrc2=s=1920x1080:r=30:d=2"
_H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -profile:v high"


@pytest.fixture
def good(good_master: Path) -> Path:
    return good_master


def _verdict(master: Path, spec: str) -> dict[str, Any]:
    document = deliverqc.check(str(master), spec, store=Store(folder=master.parent / "signals"))
    verdict: dict[str, Any] = document["masters"][0]["subjects"][0]["verdicts"][0]
    return verdict


def _broken(verdict: dict[str, Any]) -> set[str]:
    return {clause["id"] for clause in verdict["clauses"] if (clause["level"], clause["outcome"]) == ("shall", "fail")}


def test_the_good_master_passes_filmhub(good: Path) -> None:
    assert decided(_verdict(good, "filmhub")) == "pass"


def test_a_plain_picture_is_too_light_for_roku_and_nothing_else(good: Path) -> None:
    assert _broken(_verdict(good, "roku-channel")) == {"prores-bit-rate"}


def test_roku_originals_wants_its_own_name_and_start_of_the_good_master(good: Path) -> None:
    assert _broken(_verdict(good, "roku-originals")) == {"bit-rate", "start-timecode", "file-name"}


def test_a_5_1_wav_without_speech_passes_netflix_near_field_by_its_programme_loudness(tmp_path: Path) -> None:
    verdict = _verdict(
        make(tmp_path / "mix.wav", f"{_SURROUND} -af volume=-5dB -c:a pcm_s24le"), "netflix-nearfield-audio"
    )
    assert decided(verdict) == "pass"
    assert "dialogue-loudness" not in {item["id"] for item in verdict["manual"]}


def test_a_5_1_wav_without_speech_that_is_too_loud_breaks_netflix_near_field(tmp_path: Path) -> None:
    verdict = _verdict(make(tmp_path / "mix.wav", f"{_SURROUND} -c:a pcm_s24le"), "netflix-nearfield-audio")
    assert _broken(verdict) == {"dialogue-loudness"}


def test_a_16_bit_stereo_flac_that_peaks_high_breaks_netflix_near_field(tmp_path: Path) -> None:
    loud = _NOISE.format(rate=44100).replace("a=0.12", "a=0.95")
    verdict = _verdict(make(tmp_path / "mix.flac", f"{loud} -ac 2 -sample_fmt s16"), "netflix-nearfield-audio")
    assert _broken(verdict) == {
        "sound-wrapper",
        "sound-lpcm-24",
        "sound-sample-rate",
        "true-peak",
        "dialogue-loudness",
    }


def test_a_peak_between_the_ceiling_and_the_flag_passes_with_grace_only(tmp_path: Path) -> None:
    level = "(0.05+0.79*between(t,1,1.005))*sin(2*PI*997*t)"  # -1.5 dBTP and about -25 LUFS
    sine = f"-f lavfi -i \"aevalsrc='{level}|{level}':c=stereo:s=48000:d=4\""
    master = make(tmp_path / "mix.wav", f"{sine} -c:a pcm_s24le")
    assert _broken(_verdict(master, "netflix-nearfield-audio")) == {"true-peak"}
    assert decided(_verdict(master, "netflix-nearfield-audio-qc-grace")) == "pass"


def test_a_cbr_mp3_with_a_quiet_pause_passes_acx(tmp_path: Path) -> None:
    master = _chapter(tmp_path / "chapter.mp3", voice=0.1, pause=0.0005)
    assert decided(_verdict(master, "acx")) == "pass"


@pytest.mark.parametrize(
    ("voice", "pause", "broken"),
    [(0.06, 0.0005, {"rms-level"}), (0.1, 0.0025, {"noise-floor"}), (0.1, 0.0, set())],
    ids=["too-quiet", "noisy", "gated"],
)
def test_level_and_noise_of_a_chapter_are_judged_by_acx(
    tmp_path: Path, voice: float, pause: float, broken: set[str]
) -> None:
    verdict = _verdict(_chapter(tmp_path / "chapter.mp3", voice=voice, pause=pause), "acx")
    assert _broken(verdict) == broken
    outcomes = {clause["id"]: clause["outcome"] for clause in verdict["clauses"]}
    assert verdict["decision"] != "pass"
    assert outcomes["noise-floor"] == {"noise-floor": "fail", "rms-level": "pass"}.get("".join(broken), "not_measured")


def _chapter(path: Path, *, voice: float, pause: float) -> Path:
    """Mono noise of 4 s at RMS `voice`, full scale 1.0, with 1 s at `pause` in it."""
    level = f"if(between(t,1.5,2.5),{pause},{voice})*1.7320508*(2*random(0)-1)"
    return make(path, f"-f lavfi -i \"aevalsrc='{level}':s=44100:d=4\" -c:a libmp3lame -b:a 192k")


def test_a_light_mp3_at_48_khz_breaks_acx_and_not_apple_podcasts(tmp_path: Path) -> None:
    master = make(tmp_path / "chapter.mp3", f"{_NOISE.format(rate=48000)} -ac 2 -c:a libmp3lame -b:a 128k")
    assert _broken(_verdict(master, "acx")) == {"sound-bit-rate", "sound-sample-rate", "rms-level", "noise-floor"}
    assert decided(_verdict(master, "apple-podcasts")) == "pass"


def test_a_mono_wav_of_32_bits_breaks_apple_podcasts(tmp_path: Path) -> None:
    master = make(tmp_path / "episode.wav", f"{_NOISE.format(rate=48000)} -ac 1 -c:a pcm_f32le")
    assert _broken(_verdict(master, "apple-podcasts")) == {"lossless-bit-depth", "lossless-stereo"}


def test_one_picture_and_one_stereo_track_pass_spotify_video(tmp_path: Path) -> None:
    arguments = f"{_PICTURE} {_NOISE.format(rate=48000)} {_H264} -ac 2 -c:a aac -b:a 256k -t 2"
    assert decided(_verdict(make(tmp_path / "episode.mp4", arguments), "spotify-video-podcast")) == "pass"


def test_surround_and_a_second_longer_track_break_spotify_video(tmp_path: Path) -> None:
    arguments = f"{_PICTURE} {_SURROUND} {_NOISE.format(rate=48000)} -map 0 -map 1 -map 2 {_H264} -c:a aac"
    verdict = _verdict(make(tmp_path / "episode.mp4", arguments), "spotify-video-podcast")
    assert _broken(verdict) == {"one-sound-track", "equal-duration", "no-surround"}

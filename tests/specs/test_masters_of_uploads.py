"""Masters for LinkedIn, TikTok, Instagram, YouTube, Google, SoundCloud, Spotify and Apple Music: one passes each spec,
and one breaks the clauses meant."""

from __future__ import annotations

import struct
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.documents import FactsDocument
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.model import INTEGRITY_CLAUSES
from fixtures.ffmpeg import make
from tests.verdicts import decided

_LIBRARY = spec_library()
_VERTICAL = (
    "-f lavfi -i testsrc2=s=360x640:r=24:d=3 -f lavfi -i anoisesrc=d=3:r=48000:a=0.12:seed=1"
    " -vf noise=alls=60:allf=t:enable=gt(t\\\\,1.5) -c:v libx264 -preset ultrafast -pix_fmt yuv420p -bf 0 -crf 30"
    " -x264-params open-gop=0:keyint=24 -c:a aac -b:a 128k -ac 2 -use_editlist 0 -movflags +faststart"
)
_FAULTY = (
    "-f lavfi -i testsrc2=s=320x128:r=8:d=1 -f lavfi -i anoisesrc=d=1:r=48000:a=0.12:seed=1"
    " -c:v mpeg4 -b:v 100k -c:a libmp3lame -ar 32000 -ac 2"
)

_UHD = {
    "wrapper.format": "mov",
    "wrapper.edit_list_count": 0,
    "picture.track_count": 1,
    "picture.codec": "prores",
    "picture.codec_profile": "422_hq",
    "picture.bit_depth_bits": 10,
    "picture.width_px": 3840,
    "picture.height_px": 2160,
    "picture.pixel_aspect_ratio": "1/1",
    "picture.frame_rate": "24000/1001",
    "picture.scan": "progressive",
    "picture.color_primaries": "bt709",
    "picture.color_transfer": "bt709",
    "picture.color_matrix": "bt709",
    "picture.active.left_px": 0,
    "picture.active.right_px": 0,
    "picture.cadence.spans": [],
    "sound.track_count": 2,
    "sound.tracks": [
        {
            "codec": "pcm",
            "bit_depth_bits": 24,
            "sample_rate_hz": 48000,
            "channel_labels": ["L", "R", "C", "LFE", "Ls", "Rs"],
        },
        {"codec": "pcm", "bit_depth_bits": 24, "sample_rate_hz": 48000, "channel_labels": ["Lt", "Rt"]},
    ],
    "sound.groups": [
        {"layout": "5.1", "channels": ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"]},
        {"layout": "2.0", "channels": ["1.0", "1.1"]},
    ],
}
"""An UHD film, whose frames take too long to make and decode for a test."""

_CTV = {
    "wrapper.format": "mp4",
    "wrapper.duration_s": 30.03,
    "file.size_bytes": 60_000_000,
    "picture.track_count": 1,
    "picture.codec": "h264",
    "picture.width_px": 1920,
    "picture.height_px": 1080,
    "picture.display_aspect_ratio": "16/9",
    "picture.bit_rate_bps": 16_000_000,
    "picture.frame_rate": "30000/1001",
    "picture.frame_rate_mode": "constant",
    "picture.chroma_subsampling": "4:2:0",
    "sound.track_count": 1,
    "sound.tracks": [
        {
            "codec": "aac",
            "bit_depth_bits": None,
            "sample_rate_hz": 48000,
            "channel_count": 2,
            "bit_rate_bps": 255_000,
        }
    ],
    "sound.groups": [{"layout": "2.0", "loudness.integrated_lufs": -23.3}],
    "cross_check.track_duration_difference_s": 0.021,
}
"""A spot of 30 s and 16 Mbit/s."""


_SPOT = {
    "wrapper.format": "mp4",
    "wrapper.duration_s": 12.0,
    "file.extension": "mp4",
    "file.size_bytes": 8_000_000,
    "picture.track_count": 1,
    "picture.width_px": 1080,
    "picture.height_px": 1920,
    "picture.display_aspect_ratio_value": 0.5625,
    "picture.bit_rate_bps": 5_000_000,
    "sound.track_count": 1,
}
"""A vertical spot of 12 s and 5 Mbit/s."""

_SONG = {
    "wrapper.format": "wav",
    "wrapper.duration_s": 214.0,
    "picture.track_count": 0,
    "sound.track_count": 1,
    "sound.tracks": [{"codec": "pcm", "bit_depth_bits": 24, "sample_rate_hz": 44100, "channel_count": 2}],
    "sound.groups": [
        {
            "layout": "2.0",
            "loudness.integrated_lufs": -14.4,
            "loudness.max_true_peak_dbtp": -1.2,
            "clipping.spans": [],
        }
    ],
}
"""A stereo song, WAV of 24 bits."""

_SURROUND = {
    "wrapper.format": "mov",
    "picture.track_count": 0,
    "sound.track_count": 1,
    "sound.tracks": [
        {
            "codec": "pcm",
            "bit_depth_bits": 24,
            "sample_rate_hz": 48000,
            "channel_labels": ["L", "R", "C", "LFE", "Ls", "Rs"],
        }
    ],
    "sound.groups": [{"layout": "5.1"}],
}
"""A 5.1 mix in QuickTime."""


def _song(**changes: object) -> dict[str, Any]:
    return {"sound.tracks": [_SONG["sound.tracks"][0] | changes]}  # type: ignore[index]


@pytest.fixture(scope="module")
def vertical(tmp_path_factory: pytest.TempPathFactory) -> FactsDocument:
    """A vertical MP4 of 3 s at 24 fps with stereo AAC, whose second half is harder to code than its first."""
    master = make(tmp_path_factory.mktemp("vertical") / "vertical.mp4", _VERTICAL)
    return deliverqc.measure(master, "instagram-stories-api")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> FactsDocument:
    """A Matroska file of 1 s at 8 fps, small and wide, with MP3 of 32 kHz."""
    return deliverqc.measure(make(tmp_path_factory.mktemp("faulty") / "faulty.mkv", _FAULTY), "instagram-stories-api")


def _verdict(facts: FactsDocument | Mapping[str, Any], spec: str) -> dict[str, Any]:
    verdict: dict[str, Any] = deliverqc.judge(facts, _LIBRARY.load(spec))["masters"][0]["subjects"][0]["verdicts"][0]
    return verdict


def _not_passed(verdict: Mapping[str, Any]) -> set[str]:
    """The deciding clauses of the spec itself that neither pass nor are out of place."""
    return {
        clause["id"]
        for clause in verdict["clauses"]
        if clause["level"] == "shall"
        and clause["id"] not in INTEGRITY_CLAUSES
        and clause["outcome"] not in ("pass", "not_applicable")
    }


def _failed(verdict: Mapping[str, Any]) -> set[str]:
    return {
        clause["id"]
        for clause in verdict["clauses"]
        if (clause["level"], clause["outcome"]) == ("shall", "fail") and clause["id"] not in INTEGRITY_CLAUSES
    }


@pytest.mark.parametrize(
    "spec", ["linkedin-post", "linkedin-video-ads", "tiktok-posting-api", "instagram-stories-api", "youtube-shorts"]
)
def test_a_vertical_video_passes(vertical: FactsDocument, spec: str) -> None:
    assert decided(_verdict(vertical, spec)) == "pass"


@pytest.mark.parametrize(
    ("spec", "broken"),
    [
        ("linkedin-post", {"minimum-file-size", "duration", "picture-size", "aspect-ratio", "frame-rate"}),
        (
            "linkedin-video-ads",
            {
                "picture-size",
                "aspect-ratio",
                "duration",
                "minimum-file-size",
                "wrapper",
                "picture-codec",
                "sound-codec",
            },
        ),
        ("tiktok-posting-api", {"wrapper", "picture-codec", "frame-rate", "picture-size"}),
        ("tiktok-studio", {"wrapper", "picture-size"}),
        ("tiktok-topview", {"duration", "picture-bit-rate", "aspect-ratio", "picture-size", "wrapper"}),
        ("instagram-stories-api", {"wrapper", "picture-codec", "frame-rate", "sound-codec", "duration"}),
        ("youtube-shorts", {"square-or-vertical"}),
    ],
)
def test_a_short_wide_matroska_file_breaks(faulty: FactsDocument, spec: str, broken: set[str]) -> None:
    assert _failed(_verdict(faulty, spec)) == broken


@pytest.mark.parametrize(
    ("spec", "facts"),
    [
        ("google-movies-4k-sdr", _UHD),
        ("linkedin-ctv-ads", _CTV),
        ("linkedin-ctv-ads", _CTV | {"wrapper.duration_s": 60.06}),
        ("tiktok-studio", _SPOT),
        ("tiktok-topview", _SPOT),
        ("soundcloud-upload", _SONG),
        ("soundcloud-mastering", _SONG),
        ("apple-digital-masters", _SONG),
        ("apple-music-surround", _SURROUND),
    ],
)
def test_every_deciding_clause_passes(spec: str, facts: dict[str, Any]) -> None:
    assert _not_passed(_verdict(facts, spec)) == set()


@pytest.mark.parametrize(
    ("spec", "facts", "broken"),
    [
        ("google-movies-4k-sdr", _UHD | {"wrapper.edit_list_count": 1}, "no-edit-lists"),
        (
            "google-movies-4k-sdr",
            _UHD | {"picture.active.left_px": 480, "picture.active.right_px": 480},
            "no-pillarbox",
        ),
        ("google-movies-4k-sdr", _UHD | {"sound.groups": _UHD["sound.groups"][:1]}, "sound-layouts"),  # type: ignore[index]
        ("google-movies-4k-sdr", _UHD | {"picture.color_transfer": "smpte2084"}, "color-bt709"),
        ("linkedin-ctv-ads", _CTV | {"picture.frame_rate_mode": "variable"}, "constant-frame-rate"),
        ("linkedin-ctv-ads", _CTV | {"picture.bit_rate_bps": 8_000_000}, "picture-bit-rate"),
        (
            "linkedin-ctv-ads",
            _CTV | {"sound.groups": [{"layout": "2.0", "loudness.integrated_lufs": -16.0}]},
            "integrated-loudness",
        ),
        ("tiktok-studio", _SPOT | {"wrapper.format": "mov"}, "wrapper"),
        ("tiktok-topview", _SPOT | {"sound.track_count": 0}, "has-audio"),
        ("soundcloud-mastering", _SONG | {"wrapper.duration_s": 600.0}, "duration"),
        ("soundcloud-mastering", _SONG | _song(sample_rate_hz=96000), "sound-sample-rate"),
        ("apple-digital-masters", _SONG | _song(bit_depth_bits=16), "sound-bit-depth"),
        ("apple-music-surround", _SURROUND | {"sound.groups": [{"layout": "2.0"}]}, "sound-layouts"),
    ],
)
def test_one_fault_breaks_one_clause(spec: str, facts: dict[str, Any], broken: str) -> None:
    assert _failed(_verdict(facts, spec)) == {broken}


def _plain_wav(path: Path) -> Path:
    """A quarter second of stereo noise, 24 bits, with the format code 1: Python's wave writes no other."""
    samples = bytes((7 * n * n + n // 5) % 256 if n % 3 != 2 else n * 37 % 64 for n in range(6 * 11025))
    with wave.open(str(path), "wb") as song:
        song.setnchannels(2)
        song.setsampwidth(3)
        song.setframerate(44100)
        song.writeframes(samples)
    return path


def test_a_plain_wav_and_its_flac_pass_spotify(tmp_path: Path) -> None:
    song = _plain_wav(tmp_path / "song.wav")
    flac = make(tmp_path / "song.flac", f"-i {song} -c:a flac")
    for master in (song, flac):
        assert _failed(_verdict(deliverqc.measure(master, "spotify-music-delivery"), "spotify-music-delivery")) == set()


def test_an_extensible_wav_and_tags_behind_the_audio_break_spotify(tmp_path: Path) -> None:
    """ffmpeg writes WAVE_FORMAT_EXTENSIBLE for 24 bits; the tag is a LIST chunk (RIFF) put behind the audio."""
    song = _plain_wav(tmp_path / "song.wav")
    extensible = make(tmp_path / "extensible.wav", f"-i {song} -c:a copy -map_metadata -1 -fflags +bitexact")
    tag = b"INFOINAM" + struct.pack("<I", 4) + b"Song"
    data = song.read_bytes() + b"LIST" + struct.pack("<I", len(tag)) + tag
    tagged = tmp_path / "tagged.wav"
    tagged.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])
    for master, broken in ((extensible, "wave-pcm"), (tagged, "nothing-behind-audio")):
        verdict = _verdict(deliverqc.measure(master, "spotify-music-delivery"), "spotify-music-delivery")
        assert _failed(verdict) == {broken}


def test_a_loud_song_in_mp3_is_advised_against_and_not_refused() -> None:
    """SoundCloud only recommends: what is broken is a should."""
    loud = [{"layout": "2.0", "loudness.integrated_lufs": -8.0, "loudness.max_true_peak_dbtp": -0.2}]
    facts = _SONG | {"wrapper.format": "mp3", "sound.groups": loud} | _song(codec="mp3")
    verdict = _verdict(facts, "soundcloud-upload")
    failed = {
        clause["id"] for clause in verdict["clauses"] if clause["outcome"] == "fail" and clause["level"] == "should"
    }
    assert failed == {"true-peak", "true-peak-of-loud-music", "lossless"}
    assert _failed(verdict) == set()

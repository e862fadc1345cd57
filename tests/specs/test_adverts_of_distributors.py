"""Adverts for distributors and radio, and programmes for CBC and Network 10: one master of each spec passes, each fault
breaks the clauses meant.

Layout and loudness are measured on tiny masters whose size is then set to that of the spec; formats are facts.
"""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import spec_library
from fixtures.ffmpeg import make

pytestmark = pytest.mark.usefixtures("without_workers")

_A_DAY = date(2026, 1, 1)
_MONO = {"codec": "pcm", "bit_depth_bits": 24, "sample_rate_hz": 48000, "channel_count": 1}
_MIX = {
    "tracks": [0, 1],
    "layout": "2.0",
    "loudness.integrated_lufs": -24.0,
    "loudness.max_true_peak_dbtp": -6.5,
    "silence.first_sound_at_s": 0.5,
    "silence.spans": [{"region": "tail", "duration_s": 0.5}],
    "phase.mean_correlation": 0.8,
    "tone.spans": [],
}
_XDCAM = {
    "picture.track_count": 1,
    "wrapper.format": "mxf",
    "wrapper.mxf_operational_pattern": "op1a",
    "picture.codec": "mpeg2video",
    "picture.codec_profile": "4:2:2",
    "picture.codec_level": "High",
    "picture.bit_depth_bits": 8,
    "picture.chroma_subsampling": "4:2:2",
    "picture.width_px": 1920,
    "picture.height_px": 1080,
    "picture.pixel_aspect_ratio": "1/1",
    "picture.display_aspect_ratio": "16/9",
    "picture.frame_rate": "25/1",
    "picture.scan": "interlaced",
    "picture.field_order": "tff",
    "picture.color_primaries": None,
    "picture.color_transfer": None,
    "picture.color_matrix": None,
    "picture.color_range": None,
    "picture.bit_rate_bps": 50_000_000,
    "picture.bit_rate_mode": "constant",
    "picture.gop.lengths": [{"length_frames": 12}],
    "picture.gop.max_b_frames": 2,
    "picture.dnxhd_compression_id": None,
    "picture.levels.worst_outside_percent": 0.0,
    "picture.levels.outside.spans": [],
    "picture.bars.spans": [],
    "picture.black.spans": [],
    "sound.track_count": 2,
    "sound.channel_count": 2,
    "sound.tracks": [_MONO] * 2,
    "sound.groups": [_MIX],
}
_NTSC = _XDCAM | {"picture.frame_rate": "30000/1001", "picture.gop.lengths": [{"length_frames": 15}]}
_DNXHD = _XDCAM | {
    "picture.codec": "dnxhd",
    "picture.codec_profile": "dnxhd",
    "picture.codec_level": None,
    "picture.dnxhd_compression_id": 1242,
    "picture.bit_rate_bps": 120_000_000,
    "picture.gop.lengths": [{"length_frames": 1}],
}
_LOUDNESS = "integrated-loudness"
_AT_25P = _XDCAM | {"picture.scan": "progressive", "picture.field_order": None}


def _web(**changes: Any) -> dict[str, Any]:
    facts = _XDCAM | {
        "wrapper.format": "mp4",
        "wrapper.mxf_operational_pattern": None,
        "file.name": "ZYWX9876000H.mp4",
        "picture.codec": "h264",
        "picture.codec_profile": "high",
        "picture.chroma_subsampling": "4:2:0",
        "picture.frame_rate": "24000/1001",
        "picture.scan": "progressive",
        "picture.field_order": None,
        "picture.bit_rate_bps": 20_000_000,
        "sound.tracks": [{"codec": "aac", "bit_depth_bits": None, "sample_rate_hz": 48000, "channel_count": 2}],
    }
    return facts | {f"picture.{name}": value for name, value in changes.items()}


_SQUARE = _web(width_px=1080, display_aspect_ratio="1/1", bit_rate_bps=8_000_000)


@pytest.mark.parametrize(
    ("spec_id", "facts", "broken"),
    [
        ("cape-streaming", _XDCAM, set()),
        ("cape-streaming", _NTSC | {"picture.scan": "progressive", "picture.field_order": None}, set()),
        ("cape-streaming", _AT_25P, {"raster"}),
        ("cape-streaming", _NTSC | {"picture.frame_rate": "25/1"}, {"gop-structure"}),
        ("cape-streaming", _XDCAM | {"sound.groups": [_MIX | {"phase.mean_correlation": -1.0}]}, {"in-phase"}),
        ("xr-anz-adverts-essence", _XDCAM, set()),
        ("xr-anz-adverts-essence", _DNXHD, set()),
        ("xr-anz-adverts-essence", _DNXHD | {"picture.dnxhd_compression_id": 1243}, {"dnxhd-120"}),
        ("xr-anz-adverts-essence", _NTSC, {"raster"}),
        ("xr-anz-adverts-essence", _DNXHD | {"picture.field_order": "bff"}, {"upper-field-first"}),
        ("xr-anz-adverts-essence", _DNXHD | {"picture.field_order": None}, set()),
        ("xr-uk-adverts", _XDCAM, set()),
        ("xr-uk-adverts", _XDCAM | {"wrapper.format": "mov"}, set()),
        ("xr-uk-adverts", _DNXHD, set()),
        ("xr-uk-adverts", _AT_25P, {"raster"}),
        ("xr-uk-adverts", _XDCAM | {"sound.groups": [_MIX | {"loudness.integrated_lufs": -20.0}]}, {_LOUDNESS}),
        ("xr-uk-adverts", _XDCAM | {"sound.tracks": [_MONO | {"bit_depth_bits": 16}] * 2}, {"sound-pcm"}),
        ("xr-sce-adverts", _XDCAM, set()),
        ("xr-sce-adverts", _XDCAM | {"wrapper.format": "mov"}, {"form"}),
        ("xr-sce-adverts", _DNXHD, {"form"}),
        ("xr-sce-adverts", _XDCAM | {"wrapper.format": "mpegts"}, {"ts-i-frame-only"}),
        ("canal-plus-hd", _XDCAM | {"sound.track_count": 4}, set()),
        ("canal-plus-hd", _XDCAM, {"sound-track-count"}),
        ("canal-plus-hd", _NTSC | {"sound.track_count": 8}, {"raster", "gop-structure"}),
        ("network-10-hd", _XDCAM, set()),
        ("network-10-hd", _DNXHD, set()),
        ("network-10-hd", _DNXHD | {"wrapper.mxf_operational_pattern": "opatom"}, {"mxf-op1a"}),
        ("network-10-hd", _XDCAM | {"picture.bit_rate_bps": 35_000_000}, {"xdcam-bit-rate"}),
        ("cbc-programme", _NTSC, set()),
        ("cbc-programme", _XDCAM, {"raster"}),
        ("xr-as11", _AT_25P, set()),
        ("xr-as11", _XDCAM, {"raster"}),
        ("xr-as11", _AT_25P | {"picture.black.spans": [{"region": "tail"}]}, {"starts-and-ends-on-picture"}),
        ("xr-as11", _AT_25P | {"sound.groups": [_MIX | {"silence.first_sound_at_s": 0.0}]}, {"silence-at-start"}),
        ("xr-as11", _AT_25P | {"picture.frame_rate": "24000/1001"}, {"mxf-at-25"}),
        ("xr-na-digital", _web(), set()),
        ("xr-na-digital", _web(frame_rate="60000/1001", width_px=1280, height_px=720), set()),
        ("xr-na-digital", _web(frame_rate="60000/1001"), {"raster"}),
        ("xr-na-digital", _web() | {"file.name": "The spot.mp4"}, {"file-name-characters"}),
        ("xr-na-social", _SQUARE, set()),
        ("xr-na-social", _SQUARE | {"picture.bit_rate_bps": 7_999_999}, {"h264-bit-rate"}),
        ("xr-na-social", _web(width_px=1280, height_px=720), {"raster"}),
    ],
)
def test_a_format_is_accepted_and_what_is_off_it_is_named(
    spec_id: str, facts: dict[str, Any], broken: set[str]
) -> None:
    assert _deciding(spec_id, facts) == broken


def _deciding(spec_id: str, facts: dict[str, Any]) -> set[str]:
    """The own clauses that fail and decide; none that decides may be without an answer."""
    spec = spec_library().load(spec_id)
    own = {clause.id for clause in spec.own_clauses}
    outcomes = {
        clause.id: clause.outcome
        for clause in judge(spec, facts, as_of=_A_DAY).clauses
        if clause.id in own and clause.level == "shall"
    }
    assert "pass" in outcomes.values()
    assert not [clause for clause, outcome in outcomes.items() if outcome == "not_measured"]
    return {clause for clause, outcome in outcomes.items() if outcome == "fail"}


_SPOT = (
    "-f lavfi -i color=black:s=96x54:r={rate}:d={seconds} -f lavfi -i testsrc2=s=96x54:r={rate}:d={seconds}"
    " -f lavfi -i color=0x505050:s=96x54:r={rate}:d={seconds}"
    " -f lavfi -i \"aevalsrc='{sound}|{sound}':s=48000:d={seconds}\""
    " -filter_complex \"[0][1]overlay=enable='between(n,{first},{last})'[a];[a][2]overlay=enable='lt(n,{slate})'[v]\""
    " -map [v] -c:v prores -profile:v {profile} -pix_fmt yuv422p10le {tracks} -c:a pcm_s24le {more}"
)
_HD = {"picture.width_px": 1920, "picture.height_px": 1080}
_UPPER = {"picture.scan": "interlaced", "picture.field_order": "tff"}
_XR = {"rate": "24000/1001", "seconds": 8.008, "slate": 120, "first": 168, "last": 191, "on": 7.007, "off": 8.1}
_ANZ = {"rate": "25", "seconds": 15, "slate": 200, "first": 250, "last": 299, "on": 10.48, "off": 11.52}


def _spot(path: Path, *, level: float = -24.0, profile: int = 3, on: float, off: float, **layout: Any) -> Path:
    """A sine of 997 Hz on both channels, whose loudness is its level: BS.1770 calls 0 dBFS on two channels 0 LKFS."""
    sound = f"{10 ** (level / 20):.5f}*sin(2*PI*997*t)*between(t,{on},{off})"
    return make(path, _SPOT.format(sound=sound, profile=profile, **{"tracks": "-map 3", "more": ""} | layout))


def _measured(master: Path, spec_id: str) -> dict[str, Any]:
    document = deliverqc.check(str(master), spec_id)
    facts: dict[str, Any] = document["masters"][0]["subjects"][0]["verdicts"][0]["facts"]
    return facts


@pytest.mark.parametrize(
    ("fault", "broken"),
    [
        ({}, set()),
        (
            {"first": 167, "last": 180, "on": 6.9, "level": -21.0},
            {"spot-starts", "ends-on-picture", "mute-before-spot", "integrated-loudness"},
        ),
    ],
    ids=["good", "early-short-and-loud"],
)
def test_an_advert_for_xr_has_slate_and_black_to_the_frame_and_starts_mute(
    tmp_path: Path, fault: dict[str, Any], broken: set[str]
) -> None:
    facts = _measured(_spot(tmp_path / "spot.mov", **(_XR | fault)), "xr-na-broadcast")
    assert _deciding("xr-na-broadcast", facts | _HD) == broken


def test_an_anz_advert_that_starts_early_and_runs_long_is_named(tmp_path: Path) -> None:
    facts = _measured(_spot(tmp_path / "spot.mov", **_ANZ), "xr-anz-adverts") | _HD | _UPPER
    assert _deciding("xr-anz-adverts", facts) == set()
    head, tail = facts["picture.black.spans"]
    assert (head["start_frame"], head["end_frame"], tail["duration_frames"]) == (200, 250, 75)
    early = [head | {"end_frame": 248}, tail | {"duration_frames": 74}]
    assert _deciding("xr-anz-adverts", facts | {"picture.black.spans": early}) == {
        "black-before-advert",
        "black-at-end",
    }
    (mix,) = facts["sound.groups"]
    loud = [mix | {"silence.first_sound_at_s": 10.0, "silence.spans": []}]
    assert _deciding("xr-anz-adverts", facts | {"sound.groups": loud}) == {"silence-at-start", "silence-at-end"}


_CANADA = {"rate": "30000/1001", "seconds": 7.007, "slate": 60, "first": 90, "last": 179, "on": 3.003, "off": 6.006}


def test_an_advert_for_radio_canada_starts_at_ten_in_drop_frame(tmp_path: Path) -> None:
    tracks = "-ac 1" + " -map 3" * 8  # five channels of 5.1 count, two of them by 1.41 (BS.1770)
    level = -24 - 10 * math.log10((3 + 2 * 1.41) / 2)
    layout = _CANADA | {"level": level, "tracks": tracks, "more": "-timecode 09:59:57;00"}
    facts = _measured(_spot(tmp_path / "spot.mov", **layout), "radio-canada-tv-adverts")
    names = ("codec", "codec_profile", "codec_level", "bit_depth_bits", "bit_rate_bps", "bit_rate_mode")
    xdcam = {f"picture.{name}": _NTSC[f"picture.{name}"] for name in (*names, "gop.lengths", "gop.max_b_frames")}
    good = facts | xdcam | _HD | _UPPER | {"timed_text.in_band.services": ["cc1"]}
    assert _deciding("radio-canada-tv-adverts", good) == set()
    assert facts["timed_text.in_band.services"] == []
    uncaptioned = facts | xdcam | _HD | _UPPER | {"timed_text.sidecars": [], "timed_text.tracks": []}
    assert _deciding("radio-canada-tv-adverts", uncaptioned) == {"captions-present"}
    faults = {"wrapper.drop_frame": False, "wrapper.start_timecode": "10:00:00;00", "sound.channel_count": 2}
    assert _deciding("radio-canada-tv-adverts", good | faults) == {"drop-frame", "start-timecode", "eight-channels"}
    late = [{"start_timecode": "09:59:59;01", "duration_frames": 29, "region": "interior"}]
    assert _deciding("radio-canada-tv-adverts", good | {"picture.black.spans": late}) == {
        "black-before-advert",
        "black-at-end",
    }


_RADIO = "-f lavfi -i \"aevalsrc='{level}*sin(2*PI*997*t)|{sign}{level}*sin(2*PI*997*t)':s={rate}:d=2\" {coding}"


@pytest.mark.parametrize(
    ("spec_id", "name", "dbfs", "sign", "rate", "coding", "broken"),
    [
        ("xr-na-radio", "ABCD12340000.wav", -16, "", 48000, "-c:a pcm_s16le", set()),
        (
            "xr-na-radio",
            "ABCD-1234.wav",
            -12,
            "",
            44100,
            "-c:a pcm_s16le",
            {"form", "integrated-loudness", "file-name-characters"},
        ),
        ("cbc-radio-adverts", "spot.mp3", -24, "", 48000, "-b:a 320k", set()),
        ("cbc-radio-adverts", "spot.wav", -1, "-", 44100, "-c:a pcm_s24le", {"form", "true-peak", "mono-compatible"}),
    ],
    ids=["xr-wav", "xr-loud", "cbc-mp3", "cbc-reversed"],
)
def test_a_radio_advert(
    tmp_path: Path, spec_id: str, name: str, dbfs: int, sign: str, rate: int, coding: str, broken: set[str]
) -> None:
    recipe = _RADIO.format(level=round(10 ** (dbfs / 20), 5), sign=sign, rate=rate, coding=coding)
    document = deliverqc.check(str(make(tmp_path / name, recipe)), spec_id)
    verdict = document["masters"][0]["subjects"][0]["verdicts"][0]
    failing = {
        clause["id"] for clause in verdict["clauses"] if (clause["level"], clause["outcome"]) == ("shall", "fail")
    }
    assert (verdict["decision"], failing) == ("fail" if broken else "pass", broken)

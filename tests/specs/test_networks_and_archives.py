"""Masters for networks, broadcasters and archives: a conforming one breaks nothing, and each fault its own clause."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.model import Family
from deliverqc.speclib.families import choose
from fixtures.ffmpeg import make
from tests.specs.test_hdf_family import _AVC_720P, _AVC_1080I, _XDCAM_1080I

_A_DAY = date(2026, 1, 1)

_TONE = "{level}*sin(2*PI*997*t)"
"""At 0 dBFS on left and right it reads 0 LUFS (ITU-R BS.1770), and so -24 LKFS at 0.0631."""
_CBS = f'-f lavfi -i "aevalsrc={_TONE}|{_TONE}:c=stereo:s=48000:d=0.8" -c:a {{pcm}}'
_SIX = "|".join([_TONE] * 2 + ["0.001*sin(2*PI*500*t)"] * 4)
_CBS_5_1 = f'-f lavfi -i "aevalsrc={_SIX}:c=5.1(side):s=48000:d=0.8" -c:a {{pcm}}'
_FFV1 = "-f lavfi -i testsrc2=s=64x36:r=25:d=0.4 -c:v ffv1 -level {level} -g 1 -pix_fmt yuv422p10le -color_range tv"
_CLASS = (
    "-f lavfi -i color=gray:s={size}:r={rate}:d=0.08 -c:v libx264 -avcintra-class {intra} -pix_fmt yuv422p10le -g 1"
    " -preset ultrafast"
)
_GOOD: dict[str, Any] = {"level": 0.0631, "pcm": "pcm_s24le"}


def _clauses(master: Path, spec: str) -> dict[str, tuple[str, str]]:
    verdict = deliverqc.check(str(master), spec)["masters"][0]["subjects"][0]["verdicts"][0]
    return {clause["id"]: (clause["level"], clause["outcome"]) for clause in verdict["clauses"]}


@pytest.mark.parametrize(
    ("spec", "name", "recipe", "fault", "broken"),
    [
        ("cbs-commercial", "spot.wav", _CBS, {}, set()),
        ("cbs-commercial", "spot.wav", _CBS, {"level": 0.08}, {"integrated-loudness"}),
        ("cbs-commercial", "spot.wav", _CBS, {"level": 0.9}, {"integrated-loudness", "true-peak"}),
        ("ffv1-mkv", "tape.mkv", _FFV1, {"level": 3}, set()),
        ("ffv1-mkv", "tape.mkv", _FFV1, {"level": 1}, {"ffv1-version-3"}),
        ("ffv1-mkv", "tape.avi", _FFV1, {"level": 3}, {"matroska"}),
    ],
)
def test_a_made_master_breaks_what_its_fault_concerns(
    tmp_path: Path, spec: str, name: str, recipe: str, fault: dict[str, Any], broken: set[str]
) -> None:
    clauses = _clauses(make(tmp_path / name, recipe.format(**_GOOD | fault)), spec)
    assert {one for one, state in clauses.items() if state == ("shall", "fail")} == broken
    assert {one for one, state in clauses.items() if state == ("shall", "not_measured")} == set()


@pytest.mark.parametrize(
    ("size", "rate", "intra", "outcome"),
    [
        ("1920x1080", "30000/1001", 100, "pass"),
        ("1920x1080", "30000/1001", 200, "fail"),
        ("1280x720", "50", 100, "pass"),
        ("1280x720", "60000/1001", 100, "pass"),
    ],
)
def test_the_class_of_avc_intra_shows_in_the_size_of_its_frames(
    tmp_path: Path, size: str, rate: str, intra: int, outcome: str
) -> None:
    master = make(tmp_path / "tape.mxf", _CLASS.format(size=size, rate=rate, intra=intra))
    assert _clauses(master, "avc-intra-100")["coded-frame-size"] == ("shall", outcome)


def test_5_1_for_cbs_leaves_its_downmix_to_a_person(tmp_path: Path) -> None:
    clauses = _clauses(make(tmp_path / "mix.wav", _CBS_5_1.format(**_GOOD)), "cbs-commercial")
    assert {one for one, state in clauses.items() if state[1] == "fail"} == set()
    spec = spec_library().load("cbs-commercial")
    assert [item["id"] for item in spec.manual if "downmix" in item["id"]] == ["five-one-downmix"]


_TP, _LUFS = "loudness.max_true_peak_dbtp", "programme.loudness.integrated_lufs"
_MIX = {"tracks": [0, 1], "layout": "2.0", _LUFS: -23.0, _TP: -3.0}
_FRAMED = {
    "picture.display_aspect_ratio": "16/9",
    **{f"picture.active.{side}_px": 0 for side in ("left", "right", "top", "bottom")},
    "picture.color_primaries": "bt709",
    "picture.color_transfer": "bt709",
    "picture.color_matrix": "bt709",
    "wrapper.mxf_operational_pattern": "op1a",
    "sound.groups": [_MIX],
}
_LETTERBOX = {"picture.active.top_px": 140, "picture.active.bottom_px": 140}
_LOUD = {"sound.groups": [_MIX | {_LUFS: -20.0}]}
_PRORES = _XDCAM_1080I | {"wrapper.format": "mov", "picture.codec": "prores", "picture.codec_profile": "422_hq"}

_TRACK = {"codec": "pcm", "bit_depth_bits": 24, "sample_rate_hz": 48000, "channel_count": 1}
_ABC = {
    "wrapper.format": "mov",
    "picture.track_count": 1,
    "picture.width_px": 1280,
    "picture.height_px": 720,
    "picture.frame_rate": "60000/1001",
    "picture.scan": "progressive",
    "sound.channel_count": 8,
    "sound.tracks": [_TRACK] * 8,
    "sound.groups": [_MIX | {_LUFS: -24.0, _TP: -7.0}, {"tracks": [6], "layout": "1.0", _LUFS: -30.0, _TP: -9.0}],
}
_FIVE_ONE = {"tracks": [*range(6)], "layout": "5.1", "channels": [f"{number}.0" for number in range(6)]}
_FOX_MIX = _FIVE_ONE | {_LUFS: -24.0, _TP: -2.0, "loudness.max_sample_peak_dbfs": -6.0}
_TONE_AT_20 = {"start_s": 0.0, "duration_s": 30.0, "frequency_hz": 1000.0, "level_dbfs": -20.0}


def _fox(duration_s: float = 30.0, level_dbfs: float = -20.0, **mix: Any) -> dict[str, Any]:
    """A Fox programme, whose line-up a commercial may have too: bars and tone of a duration, at a level."""
    tone = _TONE_AT_20 | {"level_dbfs": level_dbfs}
    return _ABC | {
        "wrapper.format": "mxf",
        "picture.bars.spans": [{"region": "head", "duration_s": duration_s}],
        "sound.groups": [_FOX_MIX | {"tone.spans": [tone]} | mix],
    }


@pytest.mark.parametrize(
    ("spec", "facts", "broken"),
    [
        ("abc-commercial", _ABC, set()),
        ("abc-commercial", _ABC | {"sound.groups": [_MIX | {_LUFS: -22.9, _TP: -9.0}]}, {"integrated-loudness"}),
        ("abc-commercial", _ABC | {"sound.groups": [_MIX | {_LUFS: -24.0, _TP: -5.9}]}, {"true-peak"}),
        ("abc-commercial", _ABC | {"sound.channel_count": 2}, {"seven-channels"}),
        ("fox-programme", _fox(), set()),
        ("fox-programme", _fox(duration_s=20.0), {"bars"}),
        ("fox-programme", _fox(level_dbfs=-18.0), {"line-up-tone"}),
        ("fox-programme", _fox(layout="2.0"), {"surround-mix"}),
        ("fox-commercial", _fox(), set()),
        ("fox-commercial", _fox(**{"loudness.max_sample_peak_dbfs": -2.0}), {"sample-peak"}),
        ("fox-commercial", _fox() | {"sound.channel_count": 6}, {"eight-channels"}),
        ("rai-adverts", _PRORES, set()),
        ("rai-adverts", _PRORES | {"picture.codec_profile": "422"}, {"prores-422-hq"}),
        ("tprf-hdtv", _XDCAM_1080I, set()),
        ("tprf-hdtv", _XDCAM_1080I | _LETTERBOX, {"full-frame"}),
        ("tprf-hdtv", _AVC_1080I | {"picture.bit_rate_bps": 113_766_400}, set()),
        ("tprf-hdtv", _AVC_720P | {"picture.bit_rate_bps": 113_868_800}, set()),
        ("tprf-hdtv", _AVC_720P | {"picture.bit_rate_bps": 226_000_000}, {"bit-rate"}),
        ("tprf-hdtv", _AVC_1080I | {"picture.scan": "progressive"}, {"raster"}),
        ("prosiebensat1", _XDCAM_1080I, set()),
        ("prosiebensat1", _XDCAM_1080I | _LOUD, {"integrated-loudness"}),
        ("rai-programme", _XDCAM_1080I, set()),
        ("rai-programme", _XDCAM_1080I | {"picture.color_primaries": "bt2020"}, {"color-bt709"}),
        ("rai-adverts", _XDCAM_1080I, set()),
        ("rai-adverts", _XDCAM_1080I | {"picture.frame_rate": "30000/1001"}, {"raster"}),
        ("as10-high-hd", _XDCAM_1080I, set()),
        ("as10-high-hd", _XDCAM_1080I | {"picture.field_order": "bff"}, {"upper-field-first"}),
        ("as10-high-hd", _XDCAM_1080I | {"picture.bit_rate_bps": 35_000_000}, {"bit-rate"}),
    ],
)  # fmt: skip
def test_facts_of_a_master_break_what_their_fault_concerns(spec: str, facts: dict[str, Any], broken: set[str]) -> None:
    library, known = spec_library(), _FRAMED | facts
    named = library.resolve(spec)
    chosen = choose(named, library, known).spec if isinstance(named, Family) else named
    assert chosen is not None
    own = {clause.id for clause in chosen.measured_clauses if clause.level == "shall"}
    outcomes = {clause.id: clause.outcome for clause in judge(chosen, known, as_of=_A_DAY).clauses if clause.id in own}
    assert {name for name, outcome in outcomes.items() if outcome == "fail"} == broken
    assert "not_measured" not in outcomes.values()

"""Masters hold what their recipes say, as ffprobe and ffmpeg's own meters read them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.errors import UsageError
from deliverqc.testing import BT601_525, Master, Mix
from deliverqc.testing.masters import Codec, Scan

pytestmark = pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")

SMALL: dict[str, Any] = {"width_px": 128, "height_px": 96, "frame_count": 25, "mixes": ()}


def streams(path: Path) -> list[dict[str, Any]]:
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-count_packets", "-show_streams", "-of", "json", path],
        capture_output=True,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(told.stdout)["streams"]
    return found


def said(path: Path, *arguments: str) -> str:
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-i", str(path), *arguments, "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


@pytest.mark.parametrize(
    ("name", "codec", "profile", "read", "pixel_format"),
    [
        ("a.mov", "prores", "4444", ("prores", "4444"), "yuv444p12le"),
        ("a.mov", "dnxhd", "dnxhr_hqx", ("dnxhd", "DNXHR HQX"), "yuv422p10le"),
        ("a.mp4", "h264", None, ("h264", "High"), "yuv420p"),
        ("a.mkv", "ffv1", None, ("ffv1", None), "yuv422p10le"),
    ],
)
def test_codec_profile_and_size(
    tmp_path: Path, name: str, codec: Codec, profile: str | None, read: tuple[str, str | None], pixel_format: str
) -> None:
    size = {"width_px": 256, "height_px": 128} if codec == "dnxhd" else {}
    path = Master(codec=codec, profile=profile, frame_rate="24000/1001", **(SMALL | size)).write(tmp_path / name)
    picture = streams(path)[0]
    assert (picture["codec_name"], picture.get("profile")) == read
    assert (picture["width"], picture["height"]) == (256, 128) if size else (128, 96)
    assert (picture["pix_fmt"], picture["r_frame_rate"], picture["nb_read_packets"]) == (
        pixel_format,
        "24000/1001",
        "25",
    )


@pytest.mark.parametrize(("scan", "codec"), [("tff", "prores"), ("bff", "h264")])
def test_fields_are_flagged_and_hold_two_moments(tmp_path: Path, scan: Scan, codec: Codec) -> None:
    master = Master(codec=codec, scan=scan, **SMALL).write(tmp_path / "a.mov")
    facts = deliverqc.measure(master).subjects[0].facts
    assert (facts["picture.scan"], facts["picture.field_order"]) == ("interlaced", scan)
    assert facts["picture.measured_scan"] == "interlaced"
    assert facts["cross_check.layer_disagreements"] == []
    found = re.findall(r"Multi frame detection: TFF:\s*(\d+) BFF:\s*(\d+)", said(master, "-vf", "idet"))[-1]
    assert int(found[scan == "bff"]) >= 20 and int(found[scan == "tff"]) == 0


@pytest.mark.parametrize("color", [BT601_525, None], ids=["601", "untagged"])
def test_colour_tags_and_drop_frame_timecode(tmp_path: Path, color: tuple[str, str, str] | None) -> None:
    recipe = Master(color=color, frame_rate="30000/1001", start_timecode="01:00:00;02", **SMALL)
    picture, timecode = streams(recipe.write(tmp_path / "a.mov"))
    tags = [picture.get(f"color_{name}") for name in ("primaries", "transfer", "space")]
    assert tags == (list(color) if color else [None, None, None])
    assert timecode["tags"]["timecode"] == "01:00:00;02"


def test_no_timecode_is_written_where_none_is_asked_for(tmp_path: Path) -> None:
    assert len(streams(Master(start_timecode=None, **SMALL).write(tmp_path / "a.mov"))) == 1


def test_black_frames_are_black_and_no_others_are(tmp_path: Path) -> None:
    master = Master(black_frames=((0, 3), (10, 11), (20, 25)), **SMALL).write(tmp_path / "a.mov")
    black = re.findall(r"frame:(\d+) pblack:100", said(master, "-vf", "blackframe=amount=100:threshold=20"))
    assert [int(frame) for frame in black] == [0, 1, 2, 10, 20, 21, 22, 23, 24]
    spans = deliverqc.measure(master).subjects[0].facts["picture.black.spans"]
    assert [(one["start_frame"], one["end_frame"]) for one in spans] == [(0, 3), (10, 11), (20, 25)]


@pytest.mark.parametrize("mix", [Mix(layout="5.1", loudness_lufs=-16.0), Mix(layout="7.1")])
def test_loudness_is_what_the_recipe_says(tmp_path: Path, mix: Mix) -> None:
    master = Master(codec=None, frame_count=75, mixes=(mix,)).write(tmp_path / "a.wav")
    (group,) = deliverqc.measure(master).subjects[0].facts["sound.groups"]
    assert group["layout"] == mix.layout
    assert group["loudness.integrated_lufs"] == pytest.approx(mix.loudness_lufs, abs=0.1)
    if mix.layout == "5.1":  # ffmpeg weighs the rear channels of 7.1 otherwise
        read = re.findall(r"I:\s+(-?[\d.]+) LUFS", said(master, "-af", "ebur128"))[-1]
        assert float(read) == pytest.approx(-16.0, abs=0.1)


def test_mixes_are_tracks_of_their_own_with_silence_where_it_is_asked_for(tmp_path: Path) -> None:
    mixes = (Mix(layout="5.1", language="eng"), Mix(silent_s=((1.0, 2.5),)), Mix(loudness_lufs=None))
    master = Master(codec=None, frame_count=75, mixes=mixes).write(tmp_path / "a.mka")
    assert [one["channels"] for one in streams(master)] == [6, 2, 2]
    assert streams(master)[0]["tags"]["language"] == "eng"
    runs = [
        re.findall(r"silence_(?:start|end): ([\d.]+)", said(master, "-map", f"0:{i}", "-af", "silencedetect=-90dB:d=1"))
        for i in range(3)
    ]
    assert [list(map(float, run)) for run in runs] == [
        [],
        pytest.approx([1.0, 2.5], abs=0.01),
        pytest.approx([0.0, 3.0], abs=0.01),
    ]


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (Master(frame_count=0), "at least one frame"),
        (Master(codec=None, mixes=()), "a picture or a mix"),
        (Master(black_frames=((40, 51),)), r"black_frames \(40, 51\)"),
        (Master(black_frames=((3, 3),)), "not a run"),
        (Master(mixes=(Mix(silent_s=((1.0, 2.5),)),)), "not a run within 2 s"),
        (Master(profile="hq"), "no profile 'hq' here. Use one of: proxy, lt"),
        (Master(codec="h264", profile="high"), "no profile 'high' here. Give"),
        (Master(frame_rate="fast"), "'fast' is not a rate"),
        (Master(mixes=(Mix(loudness_lufs=1.0),)), "would clip"),
        (Master(codec=None, mixes=(Mix(codec="no-such-coder"),)), "no-such-coder"),
    ],
    ids=[str(number) for number in range(10)],
)
def test_a_recipe_that_cannot_be_made_is_refused(tmp_path: Path, recipe: Master, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        recipe.write(tmp_path / "a.mov")


def test_the_length_follows_from_the_frames() -> None:
    assert Master(frame_count=24, frame_rate="24000/1001").duration_s == Fraction(1001, 1000)

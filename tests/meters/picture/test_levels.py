"""Video levels against the bounds of EBU R 103 v3 (5 to 246, 20 to 984, 80 to 3936) and one code on either side."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange

from deliverqc.meters.levels import METER
from deliverqc.signals.tables import PictureSignal
from deliverqc.timebase import Span
from fixtures.pictures import FORMATS, SIZE, flat, frame_of, framed
from tests.meters.picture.measuring import read, table_of, table_of_pictures
from tests.meters.picture.tables import picture_table

_PIXELS = SIZE[0] * SIZE[1]
_BOUNDS = {8: (5, 246, 1, 254, 16, 235), 10: (20, 984, 4, 1019, 64, 940), 12: (80, 3936, 16, 4079, 256, 3760)}


def _levels(signal: PictureSignal, **settings: float) -> dict[str, Any]:
    prefix = "picture.levels."
    return {name.removeprefix(prefix): value for name, value in read(METER, signal, **settings).items()}


def _with_codes(pixel_format: str, code: int, count: int) -> PictureSignal:
    """One frame of middle grey with `count` pixels of luma `code`, at the depth of the format."""
    frame = frame_of(flat(128), pixel_format)
    bits = frame.format.components[0].bits
    plane = frame.planes[0]
    dtype = np.uint8 if bits == 8 else np.uint16
    content = np.frombuffer(memoryview(plane), dtype=dtype).copy().reshape(plane.height, -1)
    rows, columns = np.unravel_index(np.arange(count), SIZE)
    content[rows, columns] = code
    plane.update(content.tobytes())
    return table_of([frame])


@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize("bound", range(6))
def test_bounds_hold_at_every_depth_and_sampling(pixel_format: str, bound: int) -> None:
    bits = av.VideoFormat(pixel_format).components[0].bits
    code = _BOUNDS[bits][bound]
    outward = -1 if bound % 2 == 0 else 1
    inside = _levels(_with_codes(pixel_format, code, 100))
    beyond = _levels(_with_codes(pixel_format, code + outward, 100))
    share = pytest.approx(100 * 100 / _PIXELS)
    if bound < 2:
        assert (inside["luma_worst_outside_percent"], beyond["luma_worst_outside_percent"]) == (0, share)
    elif bound < 4:
        assert (inside["reserved_code_count"], beyond["reserved_code_count"]) == (0, 100)
    else:
        assert (inside["outside_limited_range_percent"], beyond["outside_limited_range_percent"]) == (0, share)
    assert code + outward in (beyond["luma_min_code"], beyond["luma_max_code"])


@pytest.mark.parametrize(("pixels", "count"), [(122, 0), (123, 1)])
def test_one_percent_of_the_frame_may_lie_outside(pixels: int, count: int) -> None:
    # 1 % of 12,288 pixels is 122.88
    assert len(_levels(_with_codes("yuv422p10le", 1000, pixels))["luma_outside.spans"]) == count


def test_share_is_taken_of_the_active_picture() -> None:
    picture = framed(flat(128), 0, 0, 24, 24)
    picture[40, :64] = 250
    found = _levels(table_of_pictures([picture]))
    assert found["luma_worst_outside_percent"] == pytest.approx(100 * 64 / (_PIXELS / 2))


def test_frames_outside_to_the_end_are_a_closed_span() -> None:
    found = _levels(table_of_pictures([flat(128), flat(128), flat(250), flat(250)]))
    assert found["luma_outside.spans"] == (Span(2, 4),)
    assert found["luma_worst_outside_percent"] == 100


def test_extremes_of_colour_differences_are_of_either() -> None:
    found = _levels(table_of([frame_of(flat(128), "yuv420p10le", cb=12, cr=245)]))
    assert (found["chroma_min_code"], found["chroma_max_code"]) == (48, 980)
    assert found["luma_worst_outside_percent"] == 0


def test_reserved_codes_of_colour_differences_are_counted() -> None:
    found = _levels(table_of([frame_of(flat(128), "yuv422p", cb=0, cr=128)]))
    assert found["reserved_code_count"] == _PIXELS // 2


def test_full_range_codes_show_whatever_is_flagged() -> None:
    ramp = np.broadcast_to(np.arange(SIZE[1]) * 255 / (SIZE[1] - 1), SIZE)
    frame = frame_of(ramp, "yuv420p")
    expected = 100 * np.mean((np.round(ramp) < 16) | (np.round(ramp) > 235))
    limited = _levels(table_of([frame]))
    frame.color_range = ColorRange.JPEG
    full = _levels(table_of([frame]))
    assert limited["outside_limited_range_percent"] == pytest.approx(expected)
    assert full["outside_limited_range_percent"] == pytest.approx(expected)
    assert limited["luma_worst_outside_percent"] > 0
    names = ("luma_worst_outside_percent", "luma_outside.spans", "reserved_code_count")
    assert [full[name] for name in names] == [None, None, None]


def test_rgb_of_limited_range_is_judged_by_its_worst_component() -> None:
    picture = np.full((16, 16, 3), (120, 120, 120), dtype=np.uint8)
    picture[0, :, 2] = 250
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    frame.color_range = ColorRange.MPEG
    found = _levels(table_of([frame]))
    assert found["luma_worst_outside_percent"] == pytest.approx(100 / 16)
    assert (found["luma_min_code"], found["chroma_min_code"]) == (None, None)


def test_no_frame_has_no_levels() -> None:
    assert set(_levels(picture_table(0)).values()) == {None}


def test_both_ends_beyond_the_preferred_range_are_counted_apart() -> None:
    picture = flat(120)
    picture[:10] = 4  # 10 of 96 lines below 5
    picture[10:13] = 250  # 3 of 96 lines above 246
    picture[13:20] = 5
    picture[20:30] = 246
    facts = read(METER, table_of_pictures([picture]))
    assert facts["picture.levels.below_preferred_percent"] == pytest.approx(100 * 10 / 96)
    assert facts["picture.levels.above_preferred_percent"] == pytest.approx(100 * 3 / 96)

"""Red flashes by the pixels that change: area, pieces of any shape, ramps, and pixels that take turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from deliverqc.signals.columns import Colorimetry
from deliverqc.signals.on_demand.red import RedChanges
from deliverqc.signals.on_demand.red_codes import OTHER, RedCodes, red_codes
from deliverqc.signals.on_demand.red_codes import RED as PERHAPS_RED
from deliverqc.signals.picture.planes import planes_of, shape_of
from fixtures.red_flashes import Planes, RedFlashing, video_frame
from tests.meters.photosensitivity.screens import facts_of, table_of

RED, GREY, DARK = (63, 102, 240), (120, 128, 128), (16, 128, 128)
SIZE = (90, 160)


def _found(frames: Sequence[Planes], format_name: str = "yuv444p", rate: Fraction = Fraction(25)) -> dict[str, Any]:
    colours = Colorimetry(matrix="bt709")
    return facts_of(table_of((video_frame(planes, format_name) for planes in frames), rate, colours))


def _picture(red: Any, other: tuple[int, int, int] = GREY) -> Planes:
    return tuple(np.where(red, one, rest).astype(np.uint8) for one, rest in zip(RED, other, strict=True))


@pytest.mark.parametrize("mask", ["compact", "1 px", "3 px"])
@pytest.mark.parametrize("colour", ["black", "white", "blue", "grey"])
@pytest.mark.parametrize(("area", "fails"), [(25, False), (25.5, True)])
def test_area_counts_beyond_a_quarter_in_pieces_of_any_shape(mask: str, colour: str, area: float, fails: bool) -> None:
    found = _found(RedFlashing(area_percent=area, colour=colour, mask=mask).frames())
    assert found["red_flash.worst_area_percent"] == pytest.approx(area, abs=0.01)
    assert bool(found["red_flash.spans"]) is fails


@pytest.mark.parametrize("ramp_frames", [1, 2, 3, 4])
def test_change_over_up_to_four_frames_counts_once(ramp_frames: int) -> None:
    clip = RedFlashing(area_percent=30, colour="white", mask="1 px", rate=Fraction(50), ramp_frames=ramp_frames)
    found = _found(clip.frames(), rate=clip.rate)
    assert (found["red_flash.worst_rate_hz"], found["red_flash.worst_area_percent"]) == (
        3.5,
        pytest.approx(30, abs=0.01),
    )


def test_slow_flicker_at_60_frames_per_second_counts() -> None:
    mixes = [0.5 - 0.5 * np.cos(2 * np.pi * 4 * frame / 60) for frame in range(90)]
    frames = [
        tuple(np.full(SIZE, round(one * mix + rest * (1 - mix)), np.uint8) for one, rest in zip(RED, GREY, strict=True))
        for mix in mixes
    ]
    found = _found(frames, rate=Fraction(60))
    assert (found["red_flash.worst_rate_hz"], found["red_flash.worst_area_percent"]) == (4.0, 100.0)


def test_pixels_that_take_turns_count_together_inside_of_a_cell() -> None:
    row, column = np.indices(SIZE)
    first, second = (row + column) % 5 == 0, (row + column) % 5 == 1  # a fifth each
    frames = [_picture(first if frame // 3 % 2 else second) for frame in range(40)]
    assert _found(frames)["red_flash.worst_area_percent"] == pytest.approx(40, abs=0.1)
    assert _found(frames)["red_flash.spans"]


def test_each_pixel_is_counted_alone_not_its_cell() -> None:
    row, column = np.indices(SIZE)
    parts = [(row + column) % 2 == part for part in (0, 1)]
    dark = np.zeros(SIZE, bool)
    frames = [_picture(dark)] * 3
    for number in range(4):  # each pixel flashes twice, the cells four times, each over a fifth
        part = parts[number % 2] & (column < 64)
        frames += [_picture(part)] * 3 + [_picture(dark)] * 3
    found = _found(frames)
    assert (found["red_flash.worst_area_percent"], found["red_flash.spans"]) == (0.0, ())


def test_red_that_holds_still_or_has_grain_does_not_flash() -> None:
    grain = np.random.default_rng(8)
    red = np.ones(SIZE, bool)
    frames = [
        tuple(np.clip(plane + grain.integers(-6, 7, SIZE), 16, 240).astype(np.uint8) for plane in _picture(red))
        for _ in range(30)
    ]
    assert _found(frames)["red_flash.worst_rate_hz"] == 0.0


def test_grain_where_red_is_hardly_lit_does_not_flash() -> None:
    dark_red = (27, 121, 152)  # about 1 cd/m2
    frames = [
        tuple(
            np.full(SIZE, code + (frame % 2) * step, np.uint8) for code, step in zip(dark_red, (1, 0, 1), strict=True)
        )
        for frame in range(30)
    ]
    assert _found(frames)["red_flash.worst_rate_hz"] == 0.0


def test_small_red_objects_that_pass_by_do_not_flash() -> None:
    column = np.indices(SIZE)[1]
    frames = [_picture((column - 4 * frame) % 80 < 24, DARK) for frame in range(50)]
    assert not _found(frames)["red_flash.spans"]


@pytest.mark.parametrize("format_name", ["yuv444p", "yuv444p10le", "gbrp"])
@pytest.mark.parametrize(
    ("transfer", "primaries"),
    [(None, None), ("iec61966-2-1", None), ("smpte2084", "bt2020"), ("arib-std-b67", "bt2020")],
)
def test_nothing_is_ruled_out_in_codes_that_changes_in_light(
    format_name: str, transfer: str | None, primaries: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = np.random.default_rng(9)
    top, kind = (1024, np.uint16) if format_name.endswith("10le") else (256, np.uint8)
    frames = []
    for _ in range(4):
        red, green, blue = chance.random((3, 96, 400)) * np.array([1.0, 0.8, 0.8])[:, None, None]
        levels = [red, green, blue]
        if format_name != "gbrp":
            luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
            levels = [16 / 256 + luma * 0.855, 0.5 + (blue - luma) / 2.12, 0.5 + (red - luma) / 1.8]
        frames.append(tuple(np.clip(np.rint(level * top), 0, top - 1).astype(kind) for level in levels))

    def read() -> list[list[float]]:
        shown = [video_frame(planes, format_name) for planes in frames]
        shape = shape_of(shown[0])
        codes = red_codes(shape, "rgb" if shape.is_rgb else "bt709", transfer, primaries, (96, 400))
        changes = RedChanges(codes, (9, 16))
        planes = [planes_of(frame, shape) for frame in shown]
        rows = [changes.take(one, codes.states(one.components)) for one in planes]
        return [[float(row.entered.sum()), float(row.left.sum())] for row in rows]

    filtered = read()
    monkeypatch.setattr(RedCodes, "_may_be_red", lambda *_: np.full((96, 400), 255, np.uint8))
    monkeypatch.setattr(RedCodes, "is_near_red", lambda *_: np.zeros((96, 400), np.uint8))
    assert filtered == read()
    assert min(filtered[-1]) > 0.2


def test_a_drift_of_the_mask_does_not_hide_the_flash() -> None:
    clip = RedFlashing(area_percent=26, colour="white", motion="drifts")
    assert _found(clip.frames())["red_flash.spans"]
    assert not _found(replace(clip, area_percent=24).frames())["red_flash.spans"]


@pytest.mark.parametrize(("colour", "ramp_frames"), [("white", 2), ("grey", 3)])
def test_a_drift_during_the_change_does_not_hide_the_flash(colour: str, ramp_frames: int) -> None:
    clip = RedFlashing(area_percent=26, colour=colour, mask="3 px", motion="drifts", ramp_frames=ramp_frames)
    assert _found(clip.frames())["red_flash.spans"]
    assert not _found(replace(clip, area_percent=24).frames())["red_flash.spans"]


def test_of_two_saturated_reds_that_are_far_from_each_other_neither_is_ruled_out() -> None:
    """In BT.2020 a yellowish red is 0.21 away from the primary: computed by CIE 1976 from the linear light of both."""
    pure, yellowish = (17, 106, 195), (81, 85, 142)
    shape = shape_of(video_frame(tuple(np.full((96, 400), code, np.uint8) for code in pure), "yuv444p"))
    codes = red_codes(shape, "bt2020nc", "smpte2084", "bt2020", (96, 400))
    frames = [tuple(np.full((96, 400), code, np.uint8) for code in colour) for colour in (pure, yellowish)]
    one, other = (codes.colours(frame, np.array([0])) for frame in frames)
    assert one.is_red[0] and other.is_red[0] and one.differ(other)[0]
    for frame in frames:
        (states,) = codes.states(frame)
        assert states is not None and (states == PERHAPS_RED | OTHER).all()


@pytest.mark.parametrize(("format_name", "lines"), [("yuv444p", 1), ("yuv420p", 2)])
def test_a_plane_of_one_sample_is_read(format_name: str, lines: int) -> None:
    luma, chroma = (np.full((side, side), 0, np.uint8) for side in (lines, 1))
    frames = [tuple(plane + code for plane, code in zip((luma, chroma, chroma), codes, strict=True)) for codes in
              ((63, 102, 240), (16, 128, 128))]  # fmt: skip
    shape = shape_of(video_frame(frames[0], format_name))
    codes = red_codes(shape, "bt709", "bt709", "bt709", (lines, lines))
    changes = RedChanges(codes, (1, 1))
    for frame in frames:
        changes.take(planes_of(video_frame(frame, format_name), shape), codes.states(frame))
    assert codes.states(frames[0])[0] is not None and codes.states(frames[1]) == [None]

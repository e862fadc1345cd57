"""Differences between frames, and the meters that read them: freeze, duplicate, flash."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverqc.meters.duplicate import METER as DUPLICATE
from deliverqc.meters.flash import METER as FLASH
from deliverqc.meters.freeze import METER as FREEZE
from deliverqc.signals.tables import LUMA_QUANTILES
from deliverqc.timebase import Span
from fixtures.ffmpeg import ffmpeg_program
from fixtures.pictures import FORMATS, SIZE, Picture, flat, frame_of, moving, texture, write
from tests.meters.picture.measuring import read, table_of, table_of_pictures
from tests.meters.picture.tables import changing, picture_table

_NOISE = 1023 * 0.1 / 100  # of the freeze meter's default, at 10 bits


def _freezes(*sizes: float, **settings: float) -> tuple[Span, ...]:
    signal = picture_table(len(sizes) + 1, plane_difference=changing(*sizes))
    return read(FREEZE, signal, **settings)["picture.freeze.spans"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_difference_is_the_mean_over_all_pixels_at_every_depth_and_sampling(pixel_format: str) -> None:
    step = flat(100)
    step[: SIZE[0] // 4] += 8  # a quarter of the lines, 8 codes
    frames = [frame_of(flat(100), pixel_format), frame_of(step, pixel_format, cb=130, cr=127)]
    signal = table_of(frames)
    scale = 2 ** (signal.bit_depth_bits - 8)
    assert np.isnan(signal.plane_difference[0]).all()
    assert signal.plane_difference[1].tolist() == [2 * scale, 2 * scale, scale]
    assert signal.field_difference[1].tolist() == [2 * scale, 2 * scale]
    assert signal.largest_luma_change[1] == 8 * scale
    assert signal.is_repeat.tolist() == [False, False]


def test_fields_are_told_apart() -> None:
    step = flat(100)
    step[1::2] += 6
    assert table_of_pictures([flat(100), step]).field_difference[1].tolist() == [0, 24]


def test_one_code_in_one_pixel_of_chroma_is_no_repeat() -> None:
    frames = [frame_of(flat(100), "yuv420p") for _ in range(3)]
    plane = frames[2].planes[2]
    content = np.frombuffer(memoryview(plane), dtype=np.uint8).copy()
    content[0] += 1
    plane.update(content.tobytes())
    assert table_of(frames).is_repeat.tolist() == [False, True, False]


def test_second_difference_looks_two_frames_back() -> None:
    signal = table_of_pictures([flat(100), flat(110), flat(103)])
    assert np.isnan(signal.second_difference[:2]).all()
    assert signal.second_difference[2] == 12


def test_rgb_is_compared_in_every_component() -> None:
    frames = []
    for blue in (40, 44):
        picture = np.full((16, 16, 3), (90, 60, blue), dtype=np.uint8)
        frames.append(av.VideoFrame.from_ndarray(picture, format="rgb24"))
    signal = table_of(frames)
    assert signal.components == ("r", "g", "b")
    assert signal.plane_difference[1].tolist() == [0, 0, 4]
    assert signal.is_repeat.tolist() == [False, False]


def test_frame_of_another_size_is_compared_with_nothing() -> None:
    frames = [frame_of(flat(100), "yuv420p"), frame_of(flat(100)[:48], "yuv420p"), frame_of(flat(100)[:48], "yuv420p")]
    signal = table_of(frames)
    assert np.isnan(signal.plane_difference[1]).all()
    assert signal.plane_difference[2].tolist() == [0, 0, 0]


def test_freeze_to_the_last_frame_is_closed_and_starts_with_the_picture_that_stands() -> None:
    assert _freezes(*[9.0] * 10, *[0.0] * 49) == (Span(10, 60),)


def test_master_without_change_is_one_freeze() -> None:
    signal = picture_table(75)
    facts = read(FREEZE, signal)
    assert facts == {
        "picture.freeze.spans": (Span(0, 75),),
        "picture.freeze.percent": 100.0,
        "picture.freeze.is_throughout": True,
    }


@pytest.mark.parametrize(("repeats", "count"), [(48, 0), (49, 1), (50, 1)])
def test_fifty_frames_at_25_per_second_are_a_freeze_of_two_seconds(repeats: int, count: int) -> None:
    assert len(_freezes(9.0, *[0.0] * repeats, 9.0)) == count


@pytest.mark.parametrize(("size", "count"), [(_NOISE - 0.001, 1), (_NOISE + 0.001, 0)])
def test_noise_of_a_thousandth_of_full_scale_is_no_change(size: float, count: int) -> None:
    assert len(_freezes(*[size] * 60)) == count


def test_change_of_colour_alone_ends_a_freeze() -> None:
    table = changing(*[0.0] * 119)
    table[60, 2] = 5
    assert read(FREEZE, picture_table(120, plane_difference=table))["picture.freeze.spans"] == (
        Span(0, 60),
        Span(60, 120),
    )


def test_slow_fade_is_no_freeze() -> None:
    levels = np.repeat(np.arange(500, 620, dtype=np.uint16)[:, None], len(LUMA_QUANTILES), axis=1)
    fade = picture_table(120, plane_difference=changing(*[1.0] * 119), luma_quantiles=levels)
    assert read(FREEZE, fade)["picture.freeze.spans"] == ()
    assert len(read(FREEZE, fade, drift_max_percent=100)["picture.freeze.spans"]) == 1


@pytest.mark.parametrize(("change", "count"), [(102, 1), (103, 0)])
def test_a_pixel_that_changes_by_more_than_a_tenth_of_full_scale_moves(change: int, count: int) -> None:
    # 10 % of 1023 is 102.3
    changes = np.full(60, change, dtype=np.uint16)
    assert len(read(FREEZE, picture_table(60, largest_luma_change=changes))["picture.freeze.spans"]) == count


def test_no_frame_and_one_frame_are_no_freeze() -> None:
    assert read(FREEZE, picture_table(0)) == {"picture.freeze.spans": (), "picture.freeze.percent": None}
    assert read(FREEZE, picture_table(1), min_duration_s=0)["picture.freeze.spans"] == ()


@given(st.lists(st.sampled_from([0.0, 9.0]), min_size=1, max_size=60))
def test_every_frame_of_a_freeze_but_its_first_repeats_the_one_before(sizes: list[float]) -> None:
    spans = _freezes(*sizes, min_duration_s=0)
    repeats = {frame for span in spans for frame in range(span.start + 1, span.end)}
    assert repeats == {number + 1 for number, size in enumerate(sizes) if size == 0}


def test_ffmpeg_starts_the_same_freezes_on_the_same_frames(tmp_path: Path) -> None:
    pictures = moving(20) + [texture(500)] * 60 + moving(20) + [texture(900)] * 70
    path = write(tmp_path / "still.mkv", pictures)
    command = [ffmpeg_program(), "-i", str(path), "-vf", "freezedetect", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stderr
    starts = [float(line.split()[-1]) for line in said.splitlines() if "freeze_start" in line]
    ours = read(FREEZE, table_of_pictures(pictures))["picture.freeze.spans"]
    assert ours == (Span(20, 80), Span(100, 170))
    assert starts == [span.start / 25 for span in ours]


def _duplicates(*sizes: float, **settings: float) -> tuple[Span, ...]:
    signal = picture_table(len(sizes) + 1, plane_difference=changing(*sizes))
    return read(DUPLICATE, signal, **settings)["picture.duplicate.spans"]  # type: ignore[no-any-return]


def test_frame_that_was_coded_twice_is_a_duplicate() -> None:
    pictures = moving(12)
    pictures.insert(6, pictures[5])
    facts = read(DUPLICATE, table_of_pictures(pictures))
    assert facts == {
        "picture.duplicate.spans": (Span(6, 7),),
        "picture.duplicate.count": 1,
        "picture.duplicate.exact_count": 1,
    }


@pytest.mark.parametrize(("length", "count"), [(2, 1), (3, 1), (4, 0)])
def test_runs_of_more_than_three_repeats_are_no_duplicates(length: int, count: int) -> None:
    assert len(_duplicates(9.0, *[0.0] * length, 9.0)) == count


def test_repeats_without_motion_on_both_sides_are_none() -> None:
    assert _duplicates(0.0, 9.0, 9.0) == ()
    assert _duplicates(9.0, 9.0, 0.0) == ()
    assert _duplicates(9.0, 0.0, 1.0, 9.0) == ()


@pytest.mark.parametrize(("size", "count"), [(0.204, 1), (0.205, 0)])
def test_a_fiftieth_of_a_percent_of_full_scale_is_still_a_repeat(size: float, count: int) -> None:
    # 0.02 % of 1023 is 0.2046
    assert len(_duplicates(9.0, size, 9.0)) == count


@pytest.mark.parametrize(("size", "count"), [(2.04, 0), (2.05, 1)])
def test_a_fifth_of_a_percent_of_full_scale_is_motion(size: float, count: int) -> None:
    # 0.2 % of 1023 is 2.046
    assert len(_duplicates(size, 0.0, size)) == count


def _flashes(pictures: list[Picture], **settings: float) -> tuple[Span, ...]:
    return read(FLASH, table_of_pictures(pictures), **settings)["picture.flash.spans"]  # type: ignore[no-any-return]


def test_single_frame_of_another_shot_is_a_flash_frame() -> None:
    pictures = moving(10, step_px=0)
    pictures[4] = 255 - pictures[4]
    assert _flashes(pictures) == (Span(4, 5),)


def test_two_frames_of_another_shot_are_none() -> None:
    pictures = moving(10, step_px=0)
    pictures[4] = pictures[5] = 255 - pictures[4]
    assert _flashes(pictures) == ()


def test_cut_between_two_shots_is_none() -> None:
    assert _flashes([texture()] * 5 + [texture(seed=2)] * 5) == ()


def test_first_and_last_frame_are_none() -> None:
    assert _flashes([flat(200), flat(40), flat(40)]) == ()
    assert _flashes([flat(40), flat(40), flat(200)]) == ()
    assert _flashes([flat(40), flat(200)]) == ()
    assert _flashes([flat(40)]) == ()


@pytest.mark.parametrize(("change", "count"), [(12.75, 0), (13.0, 1)])
def test_five_percent_of_full_scale_is_51_codes_at_10_bits(change: float, count: int) -> None:
    # 5 % of 1023 is 51.15: 51 codes are less, 52 are more
    assert len(_flashes([flat(100), flat(100 + change), flat(100)])) == count


@pytest.mark.parametrize(("back", "count"), [(120, 1), (121, 0)])
def test_neighbours_may_differ_by_a_quarter_of_the_smaller_change(back: int, count: int) -> None:
    # 100 to 200 and back to 120: changes 100 and 80, of which a quarter is 20
    assert len(_flashes([flat(100), flat(200), flat(back)])) == count

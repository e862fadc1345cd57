"""Pictures that are black, still or of one colour from the first frame to the last, at their bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from deliverqc.meters import black, flat, freeze
from deliverqc.signals.tables import LUMA_QUANTILES, PictureSignal
from deliverqc.timebase import Span
from fixtures.pictures import flat as one_code
from fixtures.pictures import moving, texture
from tests.meters.picture.measuring import read, table_of_file, table_of_pictures
from tests.meters.picture.tables import changing, picture_table


def _levels(codes: list[int], **changes: object) -> PictureSignal:
    """Frames of one code of luma each."""
    table = np.repeat(np.array(codes, dtype=np.uint16)[:, None], len(LUMA_QUANTILES), axis=1)
    return picture_table(len(codes), luma_quantiles=table, **changes)


@pytest.mark.parametrize(("codes", "is_black"), [([64] * 5, True), ([81] * 5, True), ([64, 64, 82], False)])
def test_a_picture_is_black_throughout_where_every_frame_is(codes: list[int], is_black: bool) -> None:
    assert read(black.METER, _levels(codes))["picture.black.is_throughout"] is is_black


@pytest.mark.parametrize(
    ("half", "nearly_all", "is_black"),
    [(81, 107, True), (82, 107, False), (81, 108, False), (64, 940, False)],  # 2 % and 5 % at 10 bits: 81.5 and 107.8
)
def test_grain_does_not_hide_black(half: int, nearly_all: int, is_black: bool) -> None:
    row = [half if share <= 0.5 else nearly_all for share in LUMA_QUANTILES]
    table = np.array([row] * 3, dtype=np.uint16)
    assert read(black.METER, picture_table(3, luma_quantiles=table))["picture.black.is_throughout"] is is_black


@pytest.mark.parametrize(
    "chosen", [{"luma_max_percent": 50.0}, {"luma_max_percent": -7.0}, {"min_duration_frames": 99}]
)
def test_no_setting_moves_black_throughout(chosen: dict[str, Any]) -> None:
    for code, is_black in ((81, True), (82, False)):
        assert read(black.METER, _levels([code] * 5), **chosen)["picture.black.is_throughout"] is is_black


@pytest.mark.parametrize("meter", [black.METER, freeze.METER, flat.METER])
def test_without_a_frame_nothing_is_said(meter: Any) -> None:
    assert not any(name.endswith("is_throughout") for name in read(meter, picture_table(0)))


@pytest.mark.parametrize(
    ("frames", "is_still"),
    [(1, False), (49, False), (50, True), (51, True)],  # 50 frames of 25 a second are 2 s
)
def test_a_still_of_two_seconds_is_frozen_throughout(frames: int, is_still: bool) -> None:
    assert read(freeze.METER, picture_table(frames))["picture.freeze.is_throughout"] is is_still


def test_a_single_frame_that_is_shown_long_is_not_frozen() -> None:
    facts = read(freeze.METER, picture_table(1, start_s=np.zeros(1)), min_duration_s=0.0)
    assert facts["picture.freeze.is_throughout"] is False


def test_one_change_at_any_place_after_two_seconds_is_enough_to_move() -> None:
    for place in (50, 98):
        steps = [0.0] * 99
        steps[place] = 1.1  # 0.1 % of 1023 is 1.02
        signal = picture_table(100, plane_difference=changing(*steps))
        assert read(freeze.METER, signal)["picture.freeze.is_throughout"] is False
    quiet = picture_table(100, plane_difference=changing(*[1.0] * 99))
    assert read(freeze.METER, quiet)["picture.freeze.is_throughout"] is True


@pytest.mark.parametrize("chosen", [{"noise_max_percent": 10.0}, {"noise_max_percent": 0.0}, {"min_duration_s": 9.0}])
def test_no_setting_moves_frozen_throughout(chosen: dict[str, float]) -> None:
    for step, is_still in ((1.0, True), (1.1, False)):
        signal = picture_table(100, plane_difference=changing(*[step] * 99))
        assert read(freeze.METER, signal, **chosen)["picture.freeze.is_throughout"] is is_still


def _steps(count: int, changes: dict[int, tuple[float, int]], **columns: object) -> dict[str, Any]:
    """The facts of `count` frames of one level, of which some differ: mean and largest change of 10-bit codes."""
    means, pixels = [0.0] * count, np.zeros(count, dtype=np.uint16)
    for frame, (mean, pixel) in changes.items():
        means[frame], pixels[frame] = mean, pixel
    table = picture_table(count, plane_difference=changing(*means[1:]), largest_luma_change=pixels, **columns)
    return read(freeze.METER, table)


_KEY_FRAME = (10.0, 150)  # 1 % on average, 15 times that anywhere
_KEYS = dict.fromkeys(range(25, 150, 25), _KEY_FRAME)


@pytest.mark.parametrize(
    ("changes", "is_still"),
    [
        (_KEYS, True),
        ({25: _KEY_FRAME, 100: _KEY_FRAME}, True),  # a third of the key frames
        ({12: _KEY_FRAME, 144: _KEY_FRAME}, False),
        ({at: _KEYS[at] for at in (25, 50)}, True),  # settled within 2 s
        ({51: _KEY_FRAME}, False),  # once, after 2 s
        (_KEYS | {23: _KEY_FRAME, 73: _KEY_FRAME, 101: _KEY_FRAME}, True),  # frames next to a key frame
        (_KEYS | {88: _KEY_FRAME}, False),  # between two
        (_KEYS | {75: (25.5, 300)}, True),  # 2.5 % is 25.6 codes
        (_KEYS | {75: (25.7, 300)}, False),
        (_KEYS | {75: (2.0, 120)}, True),  # 60 times the mean
        (_KEYS | {75: (2.0, 121)}, False),  # a small thing moves
        (_KEYS | {75: (20.0, 614)}, False),  # 60 % is 613.8 codes
        (dict.fromkeys(range(5, 150, 5), _KEY_FRAME), False),  # five times a second
        (dict.fromkeys(range(1, 26), _KEY_FRAME), True),
        (dict.fromkeys(range(1, 27), _KEY_FRAME), False),  # more than half of 2 s
    ],
)
def test_a_still_may_be_renewed_in_the_rhythm_of_key_frames(changes: dict[int, Any], is_still: bool) -> None:
    assert _steps(150, changes)["picture.freeze.is_throughout"] is is_still


def test_a_still_that_settles_takes_two_seconds_more() -> None:
    for count, is_still in ((99, False), (100, True), (101, True)):  # 2 s after the frame at 2 s
        assert _steps(count, {12: _KEY_FRAME})["picture.freeze.is_throughout"] is is_still


def test_levels_that_move_from_key_frame_to_key_frame_are_no_still() -> None:
    for step, is_still in ((2, True), (3, False)):  # 0.8 % is 8.2 codes, over the three rests after the first
        levels = np.repeat(500 + step * (np.arange(150)[:, None] // 25), len(LUMA_QUANTILES), axis=1).astype(np.uint16)
        assert _steps(150, _KEYS, luma_quantiles=levels)["picture.freeze.is_throughout"] is is_still


def _encoded(path: Path, pictures: list[NDArray[np.uint8]], options: dict[str, str]) -> PictureSignal:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options=options | {"threads": "1"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return table_of_file(path)


def _drawing() -> NDArray[np.uint8]:
    """A soft texture with edges, wider than the frame so that a camera can pan over it."""
    y, x = np.mgrid[0:64, 0:128].astype(np.float64)
    waves = 128 + 40 * np.sin(x / 7 + y / 11) + 25 * np.sin(x * y / 300)
    waves[20:40, 30:60] = 200
    return waves.clip(16, 235).astype(np.uint8)


def _panned(shift: float) -> NDArray[np.uint8]:
    wide = _drawing().astype(np.float64)
    whole, part = int(shift), shift % 1
    between = (1 - part) * wide[:, whole : whole + 96] + part * wide[:, whole + 1 : whole + 97]
    return between.round().astype(np.uint8)


def _with_dot(frame: int) -> NDArray[np.uint8]:
    picture = _panned(0).copy()
    picture[50:52, frame % 90 : frame % 90 + 2] = 235
    return picture


def _with_grain(frame: int) -> NDArray[np.uint8]:
    noise = np.random.default_rng(frame).normal(0, 6, (64, 96))
    return (_panned(0) + noise).clip(0, 255).astype(np.uint8)


_RATES = {
    "crf 23, 1 s": {"crf": "23", "g": "25"},
    "crf 30, 2 s": {"crf": "30", "g": "50"},
    "25 kb/s, 1 s": {"b": "25000", "g": "25"},
}
_MOVING = {
    "pan": lambda frame: _panned(0.2 * frame),
    "dot": _with_dot,
    "fade": lambda frame: (_panned(0) * (1 - frame / 600)).astype(np.uint8),
    "grain": _with_grain,
}


@pytest.mark.parametrize("rate", _RATES)
def test_a_still_is_one_at_any_bit_rate(tmp_path: Path, rate: str) -> None:
    table = _encoded(tmp_path / "still.mp4", [_panned(0)] * 105, _RATES[rate])
    assert read(freeze.METER, table)["picture.freeze.is_throughout"] is True


@pytest.mark.parametrize("what", _MOVING)
def test_what_moves_slowly_or_little_is_no_still(tmp_path: Path, what: str) -> None:
    pictures = [_MOVING[what](frame) for frame in range(105)]
    table = _encoded(tmp_path / "moving.mp4", pictures, _RATES["crf 23, 1 s"])
    assert read(freeze.METER, table)["picture.freeze.is_throughout"] is False


def test_two_stills_one_after_the_other_are_no_frozen_picture() -> None:
    slides = [texture(seed=1)] * 60 + [texture(seed=2)] * 60
    facts = read(freeze.METER, table_of_pictures(slides))
    assert (facts["picture.freeze.is_throughout"], len(facts["picture.freeze.spans"])) == (False, 2)


def _spread(luma: int, outer: int, chroma: int) -> PictureSignal:
    """One frame whose quantiles of luma, extremes of luma and extremes of chroma are so many codes of 10 bits apart."""
    quantiles = np.full((1, len(LUMA_QUANTILES)), 500, dtype=np.uint16)
    quantiles[0, LUMA_QUANTILES.index(0.999) :] = 500 + luma
    extremes = np.full((1, 3, 2), 500, dtype=np.uint16)
    extremes[0, :, 1] = 500 + outer, 500 + chroma, 500
    return picture_table(1, luma_quantiles=quantiles, component_extremes=extremes)


@pytest.mark.parametrize(
    ("luma", "outer", "chroma", "is_flat"),
    [
        (0, 0, 0, True),
        (15, 51, 51, True),  # 1.5 % of 1023 is 15.3, 5 % is 51.2
        (16, 51, 51, False),
        (15, 52, 51, False),
        (15, 51, 52, False),
    ],
)
def test_a_frame_is_flat_up_to_its_bounds(luma: int, outer: int, chroma: int, is_flat: bool) -> None:
    assert read(flat.METER, _spread(luma, outer, chroma))["picture.flat.is_throughout"] is is_flat


def test_colours_that_follow_each_other_are_flat_and_one_picture_between_ends_it() -> None:
    grey, white = one_code(120), one_code(235)
    facts = read(flat.METER, table_of_pictures([grey, white, grey]))
    assert facts == {"picture.flat.spans": (Span(0, 3),), "picture.flat.is_throughout": True}
    facts = read(flat.METER, table_of_pictures([grey, *moving(1), white]))
    assert facts == {"picture.flat.spans": (Span(0, 1), Span(2, 3)), "picture.flat.is_throughout": False}


def test_a_small_bright_mark_on_a_plain_colour_is_not_flat() -> None:
    marked = one_code(120)
    marked[40:42, 60:62] = 235  # 4 of 12,288 pixels
    assert read(flat.METER, table_of_pictures([marked]))["picture.flat.is_throughout"] is False

"""Short runs of one colour inside the picture, which colour it is by ITU-R BT.709, and what is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import av
import numpy as np
import pytest

from deliverqc.meters.colours import COLOURS, colour_word, rgb_percent
from deliverqc.meters.single_colour import METER
from fixtures.pictures import Picture, flat, frame_of, texture
from tests.meters.picture.measuring import read, table_of
from tests.meters.picture.tables import picture_table

_SPANS = "picture.single_colour.spans"
_CODES = {  # Y', Cb, Cr at 8 bits of 100 % colours: ITU-R BT.709-6, items 3 and 4
    "white": (235, 128, 128),
    "grey": (126, 128, 128),
    "red": (63, 102, 240),
    "yellow": (219, 16, 138),
    "green": (173, 42, 26),
    "cyan": (188, 154, 16),
    "blue": (32, 240, 118),
    "magenta": (78, 214, 230),
}
_SHOT = [texture(3 * number) for number in range(30)]


def _spans(*frames: av.VideoFrame | Picture, **settings: float) -> list[tuple[int, int, str]]:
    made = [one if isinstance(one, av.VideoFrame) else frame_of(one, "yuv422p10le") for one in frames]
    return [
        (span.start, span.end, dict(span.members)["colour"]) for span in read(METER, table_of(made), **settings)[_SPANS]
    ]


def _colour(name: str, count: int = 1) -> list[av.VideoFrame]:
    luma, cb, cr = _CODES[name]
    return [frame_of(flat(luma), "yuv422p10le", cb=cb, cr=cr)] * count


@pytest.mark.parametrize("name", _CODES)
def test_a_frame_of_one_colour_between_two_cuts_is_told_by_its_colour(name: str) -> None:
    assert _spans(*_SHOT[:5], *_colour(name), *_SHOT[5:9]) == [(5, 6, name)]


def test_its_levels_are_r_g_b_in_percent() -> None:
    table = table_of([frame_of(_SHOT[0], "yuv422p10le"), *_colour("yellow"), frame_of(_SHOT[1], "yuv422p10le")])
    (span,) = read(METER, table)[_SPANS]
    levels = {name: value for name, value in span.members if name != "colour"}
    assert levels == pytest.approx({"red_percent": 100, "green_percent": 100, "blue_percent": 0}, abs=1)


def test_codes_of_zero_are_green_and_not_black() -> None:
    assert _spans(_SHOT[0], frame_of(flat(0), "yuv422p10le", cb=0, cr=0), _SHOT[1]) == [(1, 2, "green")]


def _faded(to: float, shares: Sequence[float]) -> list[Picture]:
    return [texture(3 * number) * (1 - share) + to * share for number, share in enumerate(shares)]


_DIP = [0.25, 0.5, 0.75]
_LEFT_OUT: dict[str, list[Any]] = {
    "black": [*_SHOT[:5], flat(16), *_SHOT[5:]],
    "at the head": [flat(235), *_SHOT[:9]],
    "at the tail": [*_SHOT[:9], flat(235)],
    "a dip to white": [*_SHOT[:9], *_faded(235, _DIP), flat(235), *_faded(235, _DIP[::-1]), *_SHOT[9:]],
    "a fade to white and a cut": [*_SHOT[:9], *_faded(235, _DIP), flat(235), *_SHOT[9:]],
    "a fade of one grey to another": [*_SHOT[:9], *(flat(60 + 20 * number) for number in range(5)), *_SHOT[9:]],
    "a card of more than a second": [*_SHOT[:9], *_colour("blue", 26), *_SHOT[9:]],
    "a picture throughout of one colour": _colour("blue", 9),
    "a small title": [*_SHOT[:9], np.where(np.indices((96, 128))[0] < 4, 235, 60), *_SHOT[9:]],
}


@pytest.mark.parametrize("name", _LEFT_OUT)
def test_what_is_meant_is_left_out(name: str) -> None:
    assert _spans(*_LEFT_OUT[name]) == []


@pytest.mark.parametrize(("length", "count"), [(24, 1), (25, 1), (26, 0)])
def test_the_longest_run_is_a_second_by_default(length: int, count: int) -> None:
    assert len(_spans(*_SHOT[:3], *_colour("green", length), *_SHOT[3:6])) == count


def test_black_next_to_it_is_a_cut() -> None:
    assert _spans(*_SHOT[:3], flat(16), *_colour("green", 2), *_SHOT[3:]) == [(4, 6, "green")]


def test_words_are_those_of_the_registry() -> None:
    table = picture_table(1, components=("r", "g", "b"), black_code=0, white_code=1023)
    for levels, name in (
        ((1023, 0, 0), "red"),
        ((0, 900, 850), "cyan"),
        ((1023, 1000, 980), "white"),
        ((9, 9, 0), "black"),
    ):
        assert colour_word(rgb_percent(np.array([levels], dtype=np.float64), table)[0]) == name
    assert {colour_word(np.array(levels)) for levels in np.ndindex(5, 5, 5)} <= set(COLOURS)


def test_no_frames_give_no_span() -> None:
    assert read(METER, picture_table(0))[_SPANS] == ()

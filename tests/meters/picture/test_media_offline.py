"""Stills of one red with a message on it, as editing systems put in place of missing media, and what only is red."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deliverqc.meters.media_offline import METER
from fixtures.ffmpeg import make
from fixtures.pictures import SIZE, flat, frame_of, texture
from tests.meters.picture.measuring import read, table_of, table_of_file
from tests.meters.picture.tables import picture_table

_SPANS = "picture.media_offline.spans"
_WHITE, _BLACK, _RED, _DARK_RED = (235, 128, 128), (16, 128, 128), (63, 102, 240), (40, 115, 184)
_ORANGE, _MAGENTA = (127, 66, 203), (78, 214, 230)
Colour = tuple[float, float, float]


def _lines_of_text(rows: int, height: int = 4, shift: int = 0) -> Any:
    """Where rows of letters are: bars of 3 pixels, 3 apart, in the middle 70 % of the width."""
    down, across = np.indices(SIZE)
    inside = (across > 0.15 * SIZE[1]) & (across < 0.85 * SIZE[1]) & ((across + shift) % 6 < 3)
    tops = np.linspace(12, SIZE[0] - 12 - height, rows).astype(int)
    return inside & np.any([(down >= top) & (down < top + height) for top in tops], axis=0)


def _card(where: Any, ink: Colour, ground: Colour) -> Any:
    planes = [np.where(where, mark, paper) for mark, paper in zip(ink, ground, strict=True)]
    return frame_of(planes[0], "yuv444p10le", cb=planes[1], cr=planes[2])


def _found(*frames: Any, **settings: float) -> list[tuple[int, int]]:
    shot = [frame_of(texture(3 * number), "yuv444p10le") for number in range(6)]
    table = table_of([*shot[:3], *frames, *shot[3:]])
    return [(span.start - 3, span.end - 3) for span in read(METER, table, **settings)[_SPANS]]


_MANY, _ONE = _lines_of_text(8, 5), _lines_of_text(1, 8)
_SLATES = {
    "a message in many languages": _card(_MANY, _WHITE, _RED),
    "a short message": _card(_ONE, _WHITE, _RED),
    "a message in black": _card(_MANY, _BLACK, _RED),
    "a dark red": _card(_MANY, _WHITE, _DARK_RED),
}


@pytest.mark.parametrize("name", _SLATES)
def test_a_still_of_one_red_with_a_message_looks_like_a_slate(name: str) -> None:
    assert _found(*[_SLATES[name]] * 5) == [(0, 5)]


def _letterboxed(frame_height: int) -> Any:
    down = np.indices(SIZE)[0]
    is_bar = (down < frame_height) | (down >= SIZE[0] - frame_height)
    planes = [np.where(is_bar, _BLACK[place], np.where(_ONE, _WHITE[place], _RED[place])) for place in range(3)]
    return frame_of(planes[0], "yuv444p10le", cb=planes[1], cr=planes[2])


_GRADIENT = frame_of(np.linspace(30, 100, SIZE[1])[None, :].repeat(SIZE[0], axis=0), "yuv444p10le", cb=102, cr=240)
_NO_SLATES = {
    "a red flash": [frame_of(flat(63), "yuv444p10le", cb=102, cr=240)] * 5,
    "red words on black": [_card(_MANY, _RED, _BLACK)] * 5,
    "an orange card": [_card(_MANY, _WHITE, _ORANGE)] * 5,
    "a magenta card": [_card(_MANY, _WHITE, _MAGENTA)] * 5,
    "credits that roll over red": [_card(_lines_of_text(8, 5, shift), _WHITE, _RED) for shift in range(5)],
    "two frames": [_SLATES["a short message"]] * 2,
    "a red that shades": [_GRADIENT] * 5,
    "a red card under bars": [_letterboxed(12)] * 5,
    "a white card with red words": [_card(_MANY, _RED, _WHITE)] * 5,
    "half red": [_card(np.indices(SIZE)[1] < SIZE[1] // 2, _BLACK, _RED)] * 5,
}


@pytest.mark.parametrize("name", _NO_SLATES)
def test_other_red_is_none(name: str) -> None:
    assert _found(*_NO_SLATES[name]) == []


@pytest.mark.parametrize(("count", "expected"), [(2, []), (3, [(0, 3)])])
def test_it_stands_for_three_frames_at_least(count: int, expected: list[tuple[int, int]]) -> None:
    assert _found(*[_SLATES["a short message"]] * count) == expected


def test_it_is_seen_behind_a_coder(tmp_path: Path) -> None:
    text = ",".join(f"drawbox=x={40 + 24 * column}:y=80:w=14:h=20:t=fill:c=white" for column in range(9))
    path = make(tmp_path / "made.mp4", f"-f lavfi -i color=c=red:s=320x180:r=25:d=0.6,{text} -c:v libx264 -crf 28")
    assert [(span.start, span.end) for span in read(METER, table_of_file(path))[_SPANS]] == [(0, 15)]


def test_no_frames_give_no_span() -> None:
    assert read(METER, picture_table(0))[_SPANS] == ()

"""Pictures that are black, still or of one colour from the first frame to the last, at their bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deliverqc.meters import black, flat, freeze
from deliverqc.signals.tables import LUMA_QUANTILES, PictureSignal
from deliverqc.timebase import Span
from fixtures.pictures import flat as one_code
from fixtures.pictures import moving, texture
from tests.meters.picture.measuring import read, table_of_pictures
from tests.meters.picture.tables import changing, picture_table


def _levels(codes: list[int], **changes: object) -> PictureSignal:
    """Frames of one code of luma each."""
    table = np.repeat(np.array(codes, dtype=np.uint16)[:, None], len(LUMA_QUANTILES), axis=1)
    return picture_table(len(codes), luma_quantiles=table, **changes)


@pytest.mark.parametrize(("codes", "is_black"), [([64] * 5, True), ([72] * 5, True), ([64, 64, 73], False)])
def test_a_picture_is_black_throughout_where_every_frame_is(codes: list[int], is_black: bool) -> None:
    assert read(black.METER, _levels(codes))["picture.black.is_throughout"] is is_black


@pytest.mark.parametrize(
    "chosen", [{"luma_max_percent": 50.0}, {"luma_max_percent": -7.0}, {"min_duration_frames": 99}]
)
def test_no_setting_moves_black_throughout(chosen: dict[str, Any]) -> None:
    for code, is_black in ((72, True), (73, False)):
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


def test_one_change_at_any_place_is_enough_to_move() -> None:
    for place in (0, 50, 98):
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

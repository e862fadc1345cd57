"""The active picture: bars measured in pixels, and what must not change them."""

from __future__ import annotations

import numpy as np
import pytest

from deliverqc.meters.active import METER
from deliverqc.timebase import Span
from fixtures.pictures import FORMATS, SIZE, flat, framed, texture
from tests.meters.picture.measuring import read, table_of_pictures
from tests.meters.picture.tables import picture_table

_EDGES = ("left", "right", "top", "bottom")


def _edges(facts: dict[str, object]) -> tuple[object, ...]:
    return tuple(facts[f"picture.active.{edge}_px"] for edge in _EDGES)


@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize("bars", [(0, 0, 0, 0), (0, 0, 13, 13), (17, 16, 0, 0), (8, 9, 10, 11)])
def test_bars_are_measured_to_the_pixel(pixel_format: str, bars: tuple[int, int, int, int]) -> None:
    facts = read(METER, table_of_pictures([framed(texture(), *bars)] * 2, pixel_format))
    left, right, top, bottom = bars
    assert _edges(facts) == bars
    assert facts["picture.active.width_px"] == SIZE[1] - left - right
    assert facts["picture.active.height_px"] == SIZE[0] - top - bottom
    assert facts["picture.active.horizontal_asymmetry_px"] == abs(left - right)
    assert facts["picture.active.vertical_asymmetry_px"] == abs(top - bottom)
    assert facts["picture.active.beyond.spans"] == ()


@pytest.mark.parametrize(("code", "bar"), [(20.25, 12), (20.5, 0)])
def test_two_percent_of_luma_is_81_and_a_half_at_10_bits(code: float, bar: int) -> None:
    # 64 + 2 % of 876 = 81.52: code 81 is bar, 82 is picture
    assert read(METER, table_of_pictures([framed(texture(), 0, 0, 12, 12, code)]))["picture.active.top_px"] == bar


def test_noise_of_a_coder_in_the_bars_leaves_them_bars() -> None:
    noise = np.random.default_rng(3).integers(-1, 2, SIZE)
    pictures = [framed(texture(), 0, 0, 12, 12) + noise]
    assert read(METER, table_of_pictures(pictures, "yuv420p"))["picture.active.top_px"] == 12


def test_black_frames_and_dark_scenes_do_not_make_bars() -> None:
    dark = framed(texture(), 40, 40, 30, 30)
    pictures = [flat(16)] * 20 + [dark] * 70 + [framed(texture(), 0, 0, 12, 12)] * 10
    assert _edges(read(METER, table_of_pictures(pictures))) == (0, 0, 12, 12)


def test_programme_of_black_has_no_active_picture() -> None:
    facts = read(METER, table_of_pictures([flat(16)] * 3))
    assert facts.pop("picture.active.beyond.spans") == ()
    assert set(facts.values()) == {None}
    assert read(METER, picture_table(0))["picture.active.left_px"] is None


@pytest.mark.parametrize(("frames", "top"), [(4, 12), (5, 0), (6, 0)])
def test_full_picture_for_a_twentieth_of_the_time_is_the_active_picture(frames: int, top: int) -> None:
    pictures = [framed(texture(), 0, 0, 12, 12)] * (100 - frames) + [texture()] * frames
    facts = read(METER, table_of_pictures(pictures))
    assert facts["picture.active.top_px"] == top


def test_picture_that_reaches_into_the_bars_is_a_span_to_the_last_frame() -> None:
    lettered = framed(texture(), 0, 0, 12, 12)
    subtitled = lettered.copy()
    subtitled[SIZE[0] - 8 : SIZE[0] - 4, 50:70] = 235
    facts = read(METER, table_of_pictures([lettered] * 60 + [subtitled] * 2 + [lettered] * 30 + [subtitled]))
    assert facts["picture.active.bottom_px"] == 12
    assert facts["picture.active.beyond.spans"] == (Span(60, 62), Span(92, 93))


@pytest.mark.parametrize(("reach", "count"), [(2, 0), (3, 1)])
def test_two_pixels_beyond_are_tolerated(reach: int, count: int) -> None:
    pictures = [framed(texture(), 0, 0, 12, 12)] * 40 + [framed(texture(), 0, 0, 12 - reach, 12)]
    assert len(read(METER, table_of_pictures(pictures))["picture.active.beyond.spans"]) == count


def test_bars_below_black_are_bars() -> None:
    signal = table_of_pictures([framed(texture(), 10, 10, 0, 0, 0)], "yuv420p")
    assert read(METER, signal)["picture.active.left_px"] == 10


def _steady(*pictures: np.ndarray) -> object:
    return read(METER, table_of_pictures(pictures))["picture.active.steady_percent"]


def test_steadiness_counts_frames_with_the_bars_that_hold() -> None:
    wide, full = framed(texture(), 0, 0, 12, 12), texture()
    assert _steady(*[wide] * 4) == _steady(*[full] * 4) == 100
    assert _steady(*[full] * 3, wide) == 75


def test_dark_frames_say_nothing_of_steadiness() -> None:
    rows = np.linspace(0, 1, SIZE[0])[:, None]
    fading = 16 + (texture() - 16) * rows  # dark towards the top, where no bar ends
    wide = framed(texture(), 0, 0, 12, 12)
    assert _steady(*[fading] * 4) is None
    assert _steady(*[fading] * 2, *[wide] * 2) in (0, 100)
    assert _steady(*[flat(16)] * 3) is None

"""Stripes at each limit of ITU-R BT.1702's guidance on regular patterns."""

from __future__ import annotations

import numpy as np
import pytest

from tests.meters.photosensitivity.screens import HEIGHT_PX, WIDTH_PX, Codes, cd_m2, grey, read, spans

DARK, BRIGHT = 300, 700


def stripes(
    pairs: float,
    *,
    width_px: int = WIDTH_PX,
    angle_deg: float = 0.0,
    shift: float = 0.0,
    dark: int = DARK,
    bright: int = BRIGHT,
) -> Codes:
    """`pairs` of stripes across `width_px` columns at the left, moved by `shift` of a pair; the rest is between."""
    rows, columns = np.indices((HEIGHT_PX, WIDTH_PX))
    angle = np.deg2rad(angle_deg)
    along = (columns * np.cos(angle) + rows * np.sin(angle)) / width_px * pairs - shift
    picture = grey((dark + bright) // 2)
    is_inside = columns < width_px
    picture[is_inside] = np.where(along % 1.0 < 0.5, dark, bright)[is_inside]
    return picture


@pytest.mark.parametrize(
    ("pairs", "expected"), [(4, "pass"), (5, "pass"), (6, "failure"), (20, "failure"), (60, "failure")]
)
def test_more_than_five_pairs_over_the_picture_fail(pairs: int, expected: str) -> None:
    found = read([stripes(pairs)] * 20)
    assert found["result"] == expected
    assert (found["pattern.worst_area_percent"] > 95) is (expected == "failure")


@pytest.mark.parametrize("angle_deg", [0, 30, 45, 90, 120])
def test_stripes_are_found_in_any_orientation(angle_deg: float) -> None:
    assert spans(read([stripes(16, angle_deg=angle_deg)] * 20)["pattern.spans"]) == [(0, 20)]


@pytest.mark.parametrize(
    ("bright", "expected"),
    [(405, "pass"), (450, "failure")],  # 12 and 19.4 cd/m2 above dark: a square wave is as strong as 1.27 of a sine
)
def test_light_and_dark_differ_enough(bright: int, expected: str) -> None:
    assert cd_m2(300) == pytest.approx(8.59, abs=0.01)
    assert read([stripes(12, bright=bright)] * 20)["result"] == expected


@pytest.mark.parametrize(("width_px", "expected"), [(115, "pass"), (141, "failure")])
def test_still_stripes_may_cover_two_fifths_of_the_picture(width_px: int, expected: str) -> None:
    found = read([stripes(width_px / 10, width_px=width_px)] * 20)
    assert found["pattern.worst_area_percent"] == pytest.approx(100 * width_px / WIDTH_PX, abs=3)
    assert found["result"] == expected


@pytest.mark.parametrize(
    ("width_px", "shift", "expected"),
    [(70, 0.1, "pass"), (95, 0.1, "failure"), (95, 0.0, "pass")],
)
def test_moving_stripes_may_cover_a_quarter_of_the_picture(width_px: int, shift: float, expected: str) -> None:
    pictures = [stripes(width_px / 10, width_px=width_px, shift=shift * frame) for frame in range(40)]
    assert read(pictures)["result"] == expected


def test_flashing_stripes_may_cover_a_quarter_of_the_picture() -> None:
    shown, hidden = stripes(9.5, width_px=95), grey((DARK + BRIGHT) // 2)
    pictures = [shown if frame // 6 % 2 == 0 else hidden for frame in range(60)]
    found = read(pictures)
    assert found["luminance_flash.worst_rate_hz"] <= 3.0
    assert found["result"] == "failure"
    assert len(found["pattern.spans"]) == 1


@pytest.mark.parametrize(("frames", "expected"), [(12, "pass"), (13, "failure")])
def test_stripes_may_stand_for_half_a_second(frames: int, expected: str) -> None:
    plain = grey((DARK + BRIGHT) // 2)
    found = read([plain] * 10 + [stripes(12)] * frames + [plain] * 10)
    assert found["result"] == expected
    assert spans(found["pattern.spans"]) == ([(10, 23)] if expected == "failure" else [])


def test_how_long_stripes_may_stand_is_a_setting() -> None:
    assert read([stripes(12)] * 13, pattern_min_s=1.0)["result"] == "pass"


def test_noise_blobs_and_an_edge_are_no_stripes() -> None:
    noise = np.random.default_rng(4)
    rough = np.kron(noise.integers(100, 900, (HEIGHT_PX // 10, WIDTH_PX // 10)), np.ones((10, 10))).astype(np.uint16)
    edge = grey(100)
    edge[:, WIDTH_PX // 2 :] = 900
    for picture in (rough, noise.integers(100, 900, (HEIGHT_PX, WIDTH_PX)).astype(np.uint16), edge):
        assert read([picture] * 15)["pattern.worst_area_percent"] < 5

"""Flashes at each limit of ITU-R BT.1702, and one step to either side of it."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from deliverqc.meters import photosensitivity
from deliverqc.signals.columns import Colorimetry
from deliverqc.signals.picture.transfer import pq_signal
from tests.meters.photosensitivity.screens import (
    HEIGHT_PX,
    WIDTH_PX,
    Codes,
    alternating,
    beside,
    cd_m2,
    facts_of,
    frame_of_codes,
    grey,
    read,
    rgb_frame,
    spans,
    table_of,
)

QUARTER_PX = WIDTH_PX // 4
SEVEN = (5, 8, 11, 14, 17, 20, 23)
"""Frames of seven opposing changes within one second at 25 frames per second."""

RATES = [
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
]


def _flashing(dark: int, bright: int, *, width_px: int = WIDTH_PX, rest: int = 64) -> list[Codes]:
    return alternating(beside(dark, width_px, rest), beside(bright, width_px, rest), SEVEN, 40)


@pytest.mark.parametrize(
    ("dark", "bright", "expected"),
    [
        (64, 399, "pass"),  # 0 to 19.9 cd/m2
        (64, 400, "failure"),  # 0 to 20.1 cd/m2
        (862, 902, "pass"),  # 159.9 to 179.7 cd/m2
        (862, 903, "failure"),  # 159.9 to 180.2 cd/m2
        (885, 924, "pass"),  # 171.2 cd/m2 asks for 21.4: 20.1 more
        (885, 927, "failure"),  # 21.7 more
    ],
)
def test_change_of_luminance_counts_from_20_cd_m2_or_an_eighth_of_a_bright_one(
    dark: int, bright: int, expected: str
) -> None:
    needed = max(20.0, cd_m2(dark) / 8)
    assert (cd_m2(bright) - cd_m2(dark) >= needed) is (expected == "failure")
    found = read(_flashing(dark, bright))
    assert found["result"] == expected
    assert found["luminance_flash.worst_rate_hz"] == (3.5 if expected == "failure" else 0.0)


@pytest.mark.parametrize(("width_px", "expected"), [(QUARTER_PX, "pass"), (QUARTER_PX + 1, "failure")])
def test_area_counts_beyond_a_quarter_of_the_picture(width_px: int, expected: str) -> None:
    found = read(_flashing(300, 600, width_px=width_px))
    assert found["result"] == expected
    assert found["luminance_flash.worst_area_percent"] == pytest.approx(100 * width_px / WIDTH_PX, abs=0.01)


def test_area_allowed_is_a_setting() -> None:
    assert read(_flashing(300, 600, width_px=66), area_max_percent=20.0)["result"] == "failure"
    assert read(_flashing(300, 600, width_px=64), area_max_percent=20.0)["result"] == "pass"


@pytest.mark.parametrize("size", [1, 3, 4, 12])
def test_area_of_squares_smaller_than_a_cell_is_exact(size: int) -> None:
    rows, columns = np.indices((HEIGHT_PX, WIDTH_PX)) // size
    is_lit = (rows + columns) % 3 == 0
    pictures = alternating(np.where(is_lit, 300, 500).astype(np.uint16), grey(500), SEVEN, 40)
    assert read(pictures)["luminance_flash.worst_area_percent"] == pytest.approx(100 * is_lit.mean(), abs=0.3)


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_seventh_change_counts_until_one_second_after_the_first(rate: Fraction) -> None:
    frames = -(-rate.numerator // rate.denominator)  # the first frame that begins a second or more later
    early = [2 + round(step * (frames - 1) / 6) for step in range(7)]
    assert early[-1] - early[0] == frames - 1
    late = [*early[:-1], early[-1] + 1]
    pictures = alternating(grey(200), grey(600), early, frames + 20)
    found = read(pictures, rate)
    assert (found["result"], found["luminance_flash.worst_rate_hz"]) == ("failure", 3.5)
    assert spans(found["luminance_flash.spans"]) == [(early[0], early[-1] + 1)]
    found = read(alternating(grey(200), grey(600), late, frames + 20), rate)
    assert (found["result"], found["luminance_flash.worst_rate_hz"]) == ("pass", 3.0)


@pytest.mark.parametrize("rate", RATES, ids=str)
@pytest.mark.parametrize(("apart_s", "expected"), [(0.30, "failure"), (0.36, "pass")])
def test_leading_edges_0_36_s_apart_pass_at_every_rate(rate: Fraction, apart_s: float, expected: str) -> None:
    edges = [round(0.2 * rate + number * apart_s * rate) for number in range(5)]
    changes = sorted(edges + [edge + round(rate / 10) for edge in edges])
    assert read(alternating(grey(200), grey(600), changes, int(2.5 * rate)), rate)["result"] == expected


def test_change_over_several_frames_counts_once_and_at_its_whole_height() -> None:
    pictures = [grey(300)] * 5
    for _ in range(4):
        pictures += [grey(370), grey(440), grey(500), grey(440), grey(370), grey(300)]
    assert cd_m2(500) - cd_m2(440) < cd_m2(440) - cd_m2(300) < 20 < cd_m2(500) - cd_m2(300)
    found = read(pictures)
    assert found["luminance_flash.worst_rate_hz"] == 4.0
    assert found["result"] == "failure"


def test_brightening_in_steps_is_one_change() -> None:
    steps = [grey(code) for code in (200, 420, 560, 660, 740, 810, 870, 930)]
    assert all(cd_m2(int(b[0, 0])) - cd_m2(int(a[0, 0])) > 15 for a, b in pairwise(steps))
    assert read([*steps, *steps[-1:] * 10])["luminance_flash.worst_rate_hz"] == 0.5


def test_still_picture_and_cuts_that_are_rare_have_no_flash() -> None:
    found = read([grey(200)] * 15 + [grey(700)] * 15 + [grey(300)] * 15)
    assert (found["result"], found["luminance_flash.worst_rate_hz"]) == ("pass", 1.0)


def test_parts_of_the_picture_out_of_step_count_together() -> None:
    frames = []
    for frame in range(40):
        picture = grey(300)
        for part, offset in ((0, 0), (1, 1)):
            if sum(change + offset <= frame for change in SEVEN) % 2:
                picture[:, part * 60 : part * 60 + 60] = 600
        frames.append(picture)
    found = read(frames)
    assert found["luminance_flash.worst_area_percent"] == pytest.approx(37.5, abs=0.01)
    assert found["result"] == "failure"


def test_flashes_that_wander_over_the_picture_count_together() -> None:
    frames = [grey(300)] * 5
    for number in range(4):
        lit = grey(300)
        lit[:, number * QUARTER_PX : (number + 1) * QUARTER_PX + 4 * (number < 3)] = 600
        frames += [lit, lit, lit, grey(300), grey(300), grey(300)]
    assert read(frames)["luminance_flash.worst_rate_hz"] == 3.0
    frames[5 + 18][:, QUARTER_PX * 3 - 4 :] = 600
    assert read(frames + frames[5:11])["result"] == "failure"


def test_part_that_changes_before_the_rest_of_a_cell_is_one_change_with_it() -> None:
    frames = [grey(300)] * 5
    first = beside(600, 10, 300)
    for _ in range(4):
        frames += [first, grey(600), grey(600), beside(300, 10, 600), grey(300), grey(300)]
    found = read(frames)
    assert found["luminance_flash.worst_rate_hz"] == 4.0
    assert found["luminance_flash.worst_area_percent"] == pytest.approx(100, abs=0.1)


def test_noise_does_not_hide_a_flash_and_is_none() -> None:
    noise = np.random.default_rng(3)

    def noisy(picture: Codes) -> Codes:
        return (picture + noise.integers(-20, 21, picture.shape)).astype(np.uint16)

    assert read([noisy(grey(500)) for _ in range(40)])["luminance_flash.worst_rate_hz"] == 0.0
    flashing = [noisy(picture) for picture in _flashing(300, 600)]
    found = read(flashing)
    assert (found["luminance_flash.worst_rate_hz"], found["result"]) == (3.5, "failure")


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(60)], ids=str)
@pytest.mark.parametrize("noise", [0, 4, 20])
def test_smooth_flicker_counts_over_the_whole_picture_with_and_without_noise(rate: Fraction, noise: int) -> None:
    assert 20 < cd_m2(555) - cd_m2(445) < 25
    grain = np.random.default_rng(6)
    pictures = []
    for frame in range(int(2 * rate)):
        level = 500 + 55 * np.sin(2 * np.pi * 4 * frame / float(rate))  # four times a second
        rough = level + grain.uniform(-noise, noise, (HEIGHT_PX, WIDTH_PX))
        pictures.append(np.rint(rough).astype(np.uint16))
    found = read(pictures, rate)
    assert found["luminance_flash.worst_rate_hz"] == pytest.approx(4.0, abs=0.5)
    assert found["luminance_flash.worst_area_percent"] == pytest.approx(100, abs=0.1)


def test_smooth_flicker_of_pq_below_its_noise_counts_over_the_whole_picture() -> None:
    grain = np.random.default_rng(7)
    low, high = (64 + 876 * pq_signal(light) for light in (150, 176))
    assert high - low < 15
    frames = []
    for frame in range(120):
        level = (low + high) / 2 + (high - low) / 2 * np.sin(2 * np.pi * 4 * frame / 60)
        rough = level + grain.uniform(-6, 6, (HEIGHT_PX, WIDTH_PX))
        frames.append(frame_of_codes(np.rint(rough).astype(np.uint16)))
    colours = Colorimetry(primaries="bt2020", transfer="smpte2084", matrix="bt2020nc")
    found = facts_of(table_of(frames, Fraction(60), colours))
    assert found["luminance_flash.worst_rate_hz"] == pytest.approx(4.0, abs=0.5)
    assert found["luminance_flash.worst_area_percent"] == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize(("duration_s", "expected"), [(4, "pass"), (6, "extended_failure")])
def test_two_flashes_a_second_are_extended_after_five_seconds(duration_s: int, expected: str) -> None:
    changes = [5 + round(number * 6.25) for number in range(duration_s * 4 + 1)]
    found = read(alternating(grey(200), grey(600), changes, 5 + 25 * (duration_s + 1)))
    assert found["result"] == expected
    assert spans(found["extended_flash.spans"]) == ([(5, changes[-1] + 1)] if expected != "pass" else [])
    assert found["luminance_flash.spans"] == ()


CYAN = (0, 118, 118)


@pytest.mark.parametrize(
    ("red", "other", "expected"),
    [
        ((255, 97, 97), CYAN, "failure"),  # R/(R + G + B) is 0.807
        ((255, 103, 103), CYAN, "pass"),  # 0.788
        ((255, 0, 0), (255, 195, 0), "failure"),  # 0.21 apart in u', v'
        ((255, 0, 0), (255, 180, 0), "pass"),  # 0.19 apart
    ],
)
def test_saturated_red_counts_by_its_ratio_and_by_the_distance_of_the_change(
    red: tuple[int, int, int], other: tuple[int, int, int], expected: str
) -> None:
    at = [sum(change <= frame for change in SEVEN) % 2 for frame in range(40)]
    frames = [rgb_frame((red, other)[state], QUARTER_PX * 2, other) for state in at]
    found = facts_of(table_of(frames))
    assert found["red_flash.worst_rate_hz"] == (3.5 if expected == "failure" else 0.0)
    assert bool(found["red_flash.spans"]) is (expected == "failure")


def test_red_of_the_same_luminance_as_its_neighbour_flashes_in_red_alone() -> None:
    frames = [
        rgb_frame((255, 0, 0) if sum(change <= frame for change in SEVEN) % 2 else (127, 127, 127), WIDTH_PX, (0, 0, 0))
        for frame in range(40)
    ]
    found = facts_of(table_of(frames))
    assert (found["red_flash.worst_rate_hz"], found["luminance_flash.worst_rate_hz"]) == (3.5, 0.0)
    assert found["result"] == "failure"


@pytest.mark.parametrize(
    ("dark_cd_m2", "bright_cd_m2", "expected"),
    [(50, 69, "pass"), (50, 71, "failure"), (400, 445, "pass"), (400, 455, "failure")],
)
def test_pq_is_read_as_absolute_light(dark_cd_m2: float, bright_cd_m2: float, expected: str) -> None:
    dark, bright = (grey(round(64 + 876 * pq_signal(light))) for light in (dark_cd_m2, bright_cd_m2))
    colours = Colorimetry(primaries="bt2020", transfer="smpte2084", matrix="bt2020nc")
    frames = [frame_of_codes(codes) for codes in alternating(dark, bright, SEVEN, 40)]
    found = facts_of(table_of(frames, colorimetry=colours))
    assert (found["result"], found["light"]) == (expected, "pq")


@pytest.mark.parametrize(("bright", "expected"), [(360, "pass"), (363, "failure")])
def test_hlg_is_read_on_a_screen_of_1000_cd_m2(bright: int, expected: str) -> None:
    scene = ((bright - 64) / 876) ** 2 / 3  # BT.2100 Table 5: up to a level of one half
    assert (1000 * scene**1.2 >= 20) is (expected == "failure")
    colours = Colorimetry(primaries="bt2020", transfer="arib-std-b67", matrix="bt2020nc")
    frames = [frame_of_codes(codes) for codes in alternating(grey(64), grey(bright), SEVEN, 40)]
    found = facts_of(table_of(frames, colorimetry=colours))
    assert (found["result"], found["light"]) == (expected, "hlg_1000")


@pytest.mark.parametrize(
    ("colorimetry", "light"),
    [
        (Colorimetry(), "bt1886_200"),
        (Colorimetry(transfer="bt709"), "bt1886_200"),
        (Colorimetry(transfer="iec61966-2-1"), "srgb_200"),
        (Colorimetry(transfer="log100"), None),
        (Colorimetry(matrix="ictcp", transfer="smpte2084"), None),
    ],
)
def test_light_that_cannot_be_told_leaves_every_fact_null(colorimetry: Colorimetry, light: str | None) -> None:
    found = facts_of(table_of([frame_of_codes(grey(500))] * 3, colorimetry=colorimetry))
    assert found["light"] == light
    if light is None:
        assert set(found.values()) == {None}
    else:
        assert found["result"] == "pass"


def test_grid_and_curves_are_told() -> None:
    signal = table_of([frame_of_codes(codes) for codes in _flashing(300, 600)])
    reading = photosensitivity.METER.measure(signal, photosensitivity.METER.resolve({}))
    assert reading.facts["picture.photosensitivity.grid"] == "16x9"
    curves = {curve.name: curve.values for curve in reading.curves}
    assert len(curves) == 5
    assert curves["luminance flashes in one second"].max() == 3.5
    assert curves["area of more than three luminance flashes in one second"].max() == 100.0


def test_rows_do_not_depend_on_where_a_part_begins() -> None:
    noise = np.random.default_rng(5)
    frames = [frame_of_codes(noise.integers(100, 900, (HEIGHT_PX, WIDTH_PX)).astype(np.uint16)) for _ in range(6)]
    whole, late = table_of(frames), table_of(frames[1:])
    assert whole.extended
    for name, column in whole.extended.items():
        assert np.array_equal(column[3:], late.extended[name][2:]), name

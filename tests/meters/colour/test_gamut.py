"""Colours on either side of P3-D65 inside BT.2020, made from their primaries, and ffmpeg's zscale on the same frame."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from deliverqc.meters.gamut import METER
from fixtures.ffmpeg import ffmpeg_program, make
from tests.meters.colour.measuring import frame_of, table_of
from tests.meters.colour.test_rgb_levels import has_zscale
from tests.meters.picture.measuring import read

_SIZE = (96, 128)
_BT2020_FROM_P3 = np.array(  # ITU-R BT.2020 and SMPTE EG 432-1 primaries over CIE XYZ, rounded
    [[0.753833, 0.198597, 0.047570], [0.045744, 0.941777, 0.012479], [-0.001210, 0.017602, 0.983609]]
)
_TRANSFERS = ("smpte2084", "arib-std-b67", "bt2020-10")


def _gamut(*frames: VideoFrame, **colorimetry: Any) -> dict[str, Any]:
    given = {"primaries": "bt2020", "transfer": "smpte2084", "matrix": "bt2020nc"} | colorimetry
    found = read(METER, table_of(frames, "gamut", **given))
    return {name.removeprefix("picture.gamut."): value for name, value in found.items()}


def _signal(light: float, transfer: str) -> float:
    """The signal of a light from 0 to 1: of 1000 cd/m2 for PQ."""
    if transfer == "smpte2084":
        root = (light / 10) ** 0.1593017578125
        return float(((0.8359375 + 18.8515625 * root) / (1 + 18.6875 * root)) ** 78.84375)
    if transfer == "arib-std-b67":
        if light <= 1 / 12:
            return float((3 * light) ** 0.5)
        return float(0.17883277 * np.log(12 * light - 0.28466892) + 0.55991073)
    return float(light ** (1 / 2.4))


def _frame(light: Any, transfer: str, pixel_format: str = "yuv422p10le") -> VideoFrame:
    """A frame of one colour, given as linear light of BT.2020."""
    red, green, blue = (_signal(max(0.0, one), transfer) for one in light)
    luma = 0.2627 * red + 0.6780 * green + 0.0593 * blue
    differences = ((blue - luma) / 1.8814, (red - luma) / 1.4746)
    scale = 2 ** (av.VideoFormat(pixel_format).components[0].bits - 8)
    codes = (round((16 + 219 * luma) * scale), *(round((128 + 224 * one) * scale) for one in differences))
    return frame_of(pixel_format, _SIZE, *codes)


@pytest.mark.parametrize("transfer", _TRANSFERS)
@pytest.mark.parametrize("pixel_format", ["yuv420p10le", "yuv422p10le", "yuv444p12le", "yuv444p16le"])
@pytest.mark.parametrize("colour", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 1)])
def test_primaries_of_p3_and_their_mixtures_lie_inside(
    colour: tuple[int, int, int], pixel_format: str, transfer: str
) -> None:
    for light in (0.9, 0.1, 0.01):
        frame = _frame(_BT2020_FROM_P3 @ np.array(colour) * light, transfer, pixel_format)
        assert _gamut(frame, transfer=transfer)["worst_outside_p3_percent"] == 0, light


@pytest.mark.parametrize("transfer", _TRANSFERS)
@pytest.mark.parametrize("colour", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1)])
def test_primaries_of_bt2020_lie_outside(colour: tuple[int, int, int], transfer: str) -> None:
    for light in (0.9, 0.1, 0.01):
        found = _gamut(_frame(np.array(colour) * light, transfer), transfer=transfer)
        assert (found["outside_p3_percent"], found["worst_outside_p3_percent"]) == (100, 100), light


@pytest.mark.parametrize(("excess", "percent"), [(0.01, 0), (0.03, 100)])
def test_two_percent_of_the_largest_component_is_the_margin(excess: float, percent: float) -> None:
    colour = _BT2020_FROM_P3 @ np.array([-excess, 1.0, 0.0])  # the largest component of BT.2020 is 0.94 of that
    found = _gamut(_frame(colour * 0.3, "smpte2084", "yuv444p16le"))
    assert found["outside_p3_percent"] == percent


def test_dark_colours_do_not_count() -> None:
    # 10 % of the PQ signal is 0.32 cd/m2
    dark, lit = (_frame(np.array([light / 1000, 0, 0]), "smpte2084") for light in (0.25, 0.45))
    assert _gamut(dark)["outside_p3_percent"] == 0
    assert _gamut(lit)["outside_p3_percent"] == 100


def test_share_is_of_the_active_picture_and_of_the_worst_frame() -> None:
    inside = frame_of("yuv422p10le", _SIZE, 500, 512, 512)
    wide = _frame(np.array([0, 0.5, 0]), "smpte2084")
    codes = [np.frombuffer(memoryview(plane), dtype=np.uint16)[0] for plane in wide.planes]
    luma, cb, cr = np.full(_SIZE, 64), np.full((96, 64), 512), np.full((96, 64), 512)
    luma[24:72] = 500
    luma[24:72, :32], cb[24:72, :16], cr[24:72, :16] = codes
    barred = np.full(_SIZE, 64)
    barred[24:72] = 500
    frames = [frame_of("yuv422p10le", _SIZE, barred, 512, 512), frame_of("yuv422p10le", _SIZE, luma, cb, cr)]
    found = _gamut(*frames)
    assert found["worst_outside_p3_percent"] == pytest.approx(25)
    assert found["outside_p3_percent"] == pytest.approx(12.5)
    assert found["worst_outside_p3_frame"] == 1
    assert found["sampled_percent"] == pytest.approx(100 / 64)
    assert _gamut(inside)["outside_p3_percent"] == 0


@pytest.mark.parametrize(
    "colorimetry",
    [
        {"primaries": "bt709"},
        {"primaries": None},
        {"transfer": None},
        {"transfer": "log100"},
        {"primaries": "smpte432"},
    ],
)
def test_other_colours_are_not_told(colorimetry: dict[str, Any]) -> None:
    assert set(_gamut(frame_of("yuv422p10le", _SIZE, 500, 512, 512), **colorimetry).values()) == {None}


def test_matrix_that_leads_to_no_rgb_measures_nothing() -> None:
    assert _gamut(frame_of("yuv422p10le", _SIZE, 500, 512, 512), matrix="bt2020c") == {}


def test_essence_in_rgb_is_read_as_it_is() -> None:
    red = frame_of("gbrp10le", _SIZE, 0, 0, 600)  # libav's order: G, B, R
    assert _gamut(red, matrix="rgb")["outside_p3_percent"] == 100


def _outside_by_ffmpeg(path: Path, size: tuple[int, int]) -> float:
    """Share of the grid outside P3-D65 by zscale's own conversion from PQ in floating point; it is no peer for HLG, to
    whose components it gives a gamma each, where BT.2100 scales them together."""
    source = "zscale=chromalin=topleft:matrixin=2020_ncl:rangein=limited:transferin=smpte2084:primariesin=2020"
    largest, least = (
        np.frombuffer(
            subprocess.run(
                [ffmpeg_program(), "-v", "error", "-i", str(path), "-frames:v", "1", "-vf"]
                + [f"{source}:matrix=gbr:transfer=linear:primaries={primaries},format=gbrpf32le"]
                + ["-pix_fmt", "gbrpf32le", "-f", "rawvideo", "-"],
                capture_output=True,
                check=True,
            ).stdout,
            dtype="<f4",
        ).reshape(3, *size)[:, ::8, ::8]
        for primaries in ("2020", "smpte432")
    )
    return 100 * float(np.mean(least.min(axis=0) < -0.02 * largest.max(axis=0)))


@pytest.mark.skipif(not has_zscale(), reason="this ffmpeg has no zscale")
def test_ffmpeg_finds_the_same_share_in_a_test_picture(tmp_path: Path) -> None:
    path = make(
        tmp_path / "picture.mkv",
        "-f lavfi -i gradients=s=640x352:c0=0x1060ff:c1=0xff6010:c2=0x10ff60:c3=0x808080:nb_colors=4:seed=4 "
        "-frames:v 1 -vf scale=out_color_matrix=bt2020,format=yuv444p10le -c:v ffv1",
    )
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    theirs = _outside_by_ffmpeg(path, (frame.height, frame.width))
    assert 5 < theirs < 95
    assert _gamut(frame)["outside_p3_percent"] == pytest.approx(theirs, abs=0.5)

"""Light of PQ essence: patches whose light ST 2084 gives, shares at the bound, and zscale on the same frame."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange

from deliverqc.meters.light_level import METER
from deliverqc.pipeline import facts_document
from deliverqc.request import Tier
from fixtures.ffmpeg import ffmpeg_program, make
from tests.material import material
from tests.meters.colour.measuring import frame_of, table_of
from tests.meters.colour.test_rgb_levels import has_zscale
from tests.meters.picture.measuring import read

_SIZE = (100, 100)


def _light(*frames: VideoFrame, **colorimetry: Any) -> dict[str, Any]:
    given = {"primaries": "bt2020", "transfer": "smpte2084", "matrix": "bt2020nc"} | colorimetry
    found = read(METER, table_of(frames, "light", **given))
    return {name.removeprefix("picture.hdr."): value for name, value in found.items()}


def _nits(signal: float) -> float:
    """SMPTE ST 2084, equations 4.1, from the decimal constants of the standard."""
    root = signal ** (1 / 78.84375)
    return float(10_000 * (max(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125))


@pytest.mark.parametrize(
    ("code", "light"),
    # 10 bits: 100 cd/m2 is 50.8 %, 203 is 58.1 %, 1000 is 75.2 % (ITU-R BT.2408 Table 1), 10,000 is 100 %
    [(64, 0), (509, 100), (573, 203), (723, 1000), (940, 10_000), (1019, 10_000), (4, 0)],
)
def test_grey_of_a_code_has_the_light_of_the_standard(code: int, light: float) -> None:
    found = _light(frame_of("yuv420p10le", _SIZE, code, 512, 512))
    assert found["measured_max_cll_cd_m2"] == pytest.approx(light, rel=0.006)
    assert found["measured_max_cll_cd_m2"] == pytest.approx(_nits(min(1, max(0, (code - 64) / 876))), rel=1e-6)
    assert found["measured_max_fall_cd_m2"] == pytest.approx(found["measured_max_cll_cd_m2"], rel=1e-6)
    assert found["measured_max_cll_99_9_cd_m2"] == found["measured_max_cll_cd_m2"]


@pytest.mark.parametrize(
    "pixel_format", ["yuv420p", "yuv422p10le", "yuv444p12le", "yuv420p14le", "yuv444p16le", "yuv410p", "yuv440p"]
)
def test_depth_and_sampling_do_not_change_the_light(pixel_format: str) -> None:
    scale = 2 ** (av.VideoFormat(pixel_format).components[0].bits - 8)
    found = _light(frame_of(pixel_format, (99, 101), 150 * scale, 128 * scale, 128 * scale))
    assert found["measured_max_cll_cd_m2"] == pytest.approx(_nits((150 - 16) / 219), rel=1e-6)


def test_full_range_counts_from_nothing() -> None:
    frame = frame_of("yuv420p10le", _SIZE, 769, 512, 512)
    frame.color_range = ColorRange.JPEG
    assert _light(frame)["measured_max_cll_cd_m2"] == pytest.approx(_nits(769 / 1023), rel=1e-6)


def test_essence_in_rgb_is_read_as_it_is() -> None:
    frame = frame_of("gbrp12le", _SIZE, 1000, 2048, 3000)
    assert _light(frame, matrix="rgb")["measured_max_cll_cd_m2"] == pytest.approx(_nits(3000 / 4095), rel=1e-6)


@pytest.mark.parametrize("pixel_format", ["yuv420p10le", "yuv422p10le", "yuv444p10le"])
def test_largest_component_is_the_light_of_a_colour(pixel_format: str) -> None:
    # BT.2020-2 Table 4: R' = Y' + 1.4746 Cr', whose 224 steps at 8 bits stand for one
    red = (400 - 64) / 876 + 1.4746 * (660 - 512) / 896
    found = _light(frame_of(pixel_format, _SIZE, 400, 470, 660))
    assert found["measured_max_cll_cd_m2"] == pytest.approx(_nits(red), rel=0.006)  # half a code


@pytest.mark.parametrize("place", [(0, 0), (51, 73), (99, 99)])
@pytest.mark.parametrize("pixel_format", ["yuv420p10le", "yuv422p10le"])
def test_single_pixel_is_seen_wherever_it_is(place: tuple[int, int], pixel_format: str) -> None:
    luma = np.full(_SIZE, 300)
    luma[place] = 723
    found = _light(frame_of(pixel_format, _SIZE, luma, 512, 512))
    assert found["measured_max_cll_cd_m2"] == pytest.approx(_nits(659 / 876))
    assert found["measured_max_cll_99_9_cd_m2"] == pytest.approx(_nits(236 / 876))
    assert found["measured_max_fall_cd_m2"] == pytest.approx((_nits(659 / 876) + 9999 * _nits(236 / 876)) / 10_000)


@pytest.mark.parametrize(("pixels", "code"), [(10, 300), (11, 723)])
def test_brightest_thousandth_is_left_out(pixels: int, code: int) -> None:
    luma = np.full(_SIZE, 300)
    luma[50, :pixels] = 723
    found = _light(frame_of("yuv444p10le", _SIZE, luma, 512, 512))
    assert found["measured_max_cll_99_9_cd_m2"] == pytest.approx(_nits((code - 64) / 876))


@pytest.mark.parametrize(("pixels", "code"), [(5, 300), (6, 723)])
def test_bars_are_no_part_of_the_picture(pixels: int, code: int) -> None:
    luma = np.full(_SIZE, 64)
    luma[25:75] = 300
    luma[50, :pixels] = 723
    found = _light(frame_of("yuv420p10le", _SIZE, luma, 512, 512))
    bright, grey = _nits(659 / 876), _nits(236 / 876)
    assert found["measured_max_cll_99_9_cd_m2"] == pytest.approx(_nits((code - 64) / 876))
    assert found["measured_max_fall_cd_m2"] == pytest.approx((pixels * bright + (5000 - pixels) * grey) / 5000)


def test_frames_are_told() -> None:
    spot = np.full(_SIZE, 100)
    spot[30:40, 30:40] = 800
    frames = [frame_of("yuv420p10le", _SIZE, luma, 512, 512) for luma in (300, 500, spot, 500)]
    found = _light(*frames)
    assert (found["measured_max_cll_frame"], found["measured_max_fall_frame"]) == (2, 1)


def test_curves_show_the_light_of_each_frame() -> None:
    half = np.full(_SIZE, 64)
    half[:, ::2] = 940
    frames = [frame_of("yuv420p10le", _SIZE, luma, 512, 512) for luma in (940, half)]
    table = table_of(frames, "light", primaries="bt2020", transfer="smpte2084", matrix="bt2020nc")
    largest, mean = METER.measure(table, {}).curves
    assert largest.values.tolist() == pytest.approx([10_000, 10_000])
    assert mean.values.tolist() == pytest.approx([10_000, 5_000])
    assert (largest.unit, mean.step_s) == ("cd/m2", 1 / 25)


@pytest.mark.parametrize(("code", "percent"), [(722, 0), (723, 0), (724, 1)])
def test_mastering_display_may_be_met_to_the_code(code: int, percent: float) -> None:
    # 1000 cd/m2 is code 722.6: 723 is the nearest that it can be written as
    luma = np.full(_SIZE, 300)
    luma[10:20, 10:20] = code
    frames = [frame_of("yuv420p10le", _SIZE, content, 512, 512) for content in (300, luma)]
    found = _light(*frames, mastering_max_cd_m2=1000.0)
    assert (found["above_mastering_display_percent"], found["above_mastering_display_frame"]) == (
        pytest.approx(percent),
        1 if percent else 0,
    )


def test_display_that_is_not_stated_is_not_compared_with() -> None:
    found = _light(frame_of("yuv420p10le", _SIZE, 900, 512, 512))
    assert found["above_mastering_display_percent"] is None
    assert found["measured_max_cll_cd_m2"] > 1000


@pytest.mark.parametrize("transfer", ["arib-std-b67", "bt709", None])
def test_light_of_other_transfers_is_not_told(transfer: str | None) -> None:
    assert set(_light(frame_of("yuv420p10le", _SIZE, 500, 512, 512), transfer=transfer).values()) == {None}


def test_matrix_that_leads_to_no_rgb_measures_nothing() -> None:
    assert _light(frame_of("yuv420p10le", _SIZE, 500, 512, 512), matrix="ictcp") == {}


def test_rows_do_not_depend_on_the_frames_around_them() -> None:
    frames = [frame_of("yuv420p10le", _SIZE, luma, 400, 700) for luma in (300, 950, 20)]
    colours = {"primaries": "bt2020", "transfer": "smpte2084", "mastering_max_cd_m2": 600.0}
    together = table_of(frames, "light", **colours)
    for number, frame in enumerate(frames):
        alone = table_of([frame], "light", **colours)
        for name, column in together.extended.items():
            assert np.array_equal(column[number : number + 1], alone.extended[name]), name


def _light_by_ffmpeg(path: Path, filters: str, size: tuple[int, int]) -> Any:
    """cd/m2 of the largest component of each pixel of the first frame, by zscale in floating point."""
    command = [ffmpeg_program(), "-v", "error", "-i", str(path), "-frames:v", "1", "-vf", filters]
    command += ["-pix_fmt", "gbrpf32le", "-f", "rawvideo", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, dtype="<f4").reshape(3, *size).max(axis=0).clip(0, 1) * 10_000


@pytest.mark.skipif(not has_zscale(), reason="this ffmpeg has no zscale")
@pytest.mark.parametrize("pixel_format", ["yuv444p10le", "yuv422p10le", "yuv420p10le", "yuv444p12le"])
def test_ffmpeg_reads_the_same_light_in_a_test_picture(pixel_format: str, tmp_path: Path) -> None:
    path = make(
        tmp_path / "picture.mkv",
        "-f lavfi -i testsrc2=s=320x180,eq=contrast=0.5:brightness=-0.1:saturation=0.2,noise=alls=12:all_seed=5 "
        f"-frames:v 1 -vf format={pixel_format} -c:v ffv1",
    )
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    filters = (
        "zscale=chromalin=topleft:filter=bilinear:matrixin=2020_ncl:rangein=limited:transferin=smpte2084"
        ":matrix=gbr:transfer=linear:npl=10000,format=gbrpf32le"
    )
    theirs = _light_by_ffmpeg(path, filters, (frame.height, frame.width))
    found = _light(frame)
    assert found["measured_max_cll_cd_m2"] == pytest.approx(theirs.max(), rel=0.012)
    assert found["measured_max_cll_99_9_cd_m2"] == pytest.approx(np.sort(theirs, axis=None)[-58], rel=0.012)
    assert found["measured_max_fall_cd_m2"] == pytest.approx(theirs.mean(), rel=0.004)


def test_declared_light_is_compared_with_the_measured(tmp_path: Path) -> None:
    display = "G(13250\\,34500)B(7500\\,3000)R(34000\\,16000)WP(15635\\,16450)L(6000000\\,1)"
    path = make(
        tmp_path / "patches.mp4",
        "-f lavfi -i color=black:s=320x180:r=25:d=0.4,format=yuv420p10le,"
        "geq=lum='if(lt(X\\,160)\\,723\\,509)':cb=512:cr=512 -c:v libx265 -preset ultrafast "
        f'-x265-params "log-level=none:lossless=1:hdr-opt=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084'
        f':colormatrix=bt2020nc:master-display={display}:max-cll=900\\,600"',
    )
    facts = facts_document(path, None, Tier.FULL, is_all=True)["subjects"][0]["facts"]
    assert (facts["picture.hdr.max_cll_cd_m2"], facts["picture.hdr.max_fall_cd_m2"]) == (900, 600)
    assert facts["picture.hdr.measured_max_cll_cd_m2"] == pytest.approx(_nits(659 / 876), rel=0.012)
    mean = (_nits(659 / 876) + _nits(445 / 876)) / 2
    assert facts["picture.hdr.measured_max_fall_cd_m2"] == pytest.approx(mean, rel=0.012)
    assert facts["picture.hdr.above_mastering_display_percent"] == pytest.approx(50, abs=0.5)
    for name, declared in (("max_cll", 900), ("max_fall", 600)):
        difference = facts[f"picture.hdr.measured_{name}_cd_m2"] - declared
        assert facts[f"cross_check.hdr.{name}_difference_cd_m2"] == pytest.approx(difference, abs=0.01)


def test_declarations_of_a_black_clip_are_far_off() -> None:
    path = material("dovi_tool/assets/hevc_tests/regular.mkv")
    facts = facts_document(path, None, Tier.FULL, is_all=True)["subjects"][0]["facts"]
    assert (facts["picture.hdr.max_cll_cd_m2"], facts["picture.hdr.max_fall_cd_m2"]) == (1000, 400)
    assert facts["picture.hdr.measured_max_cll_cd_m2"] == 0  # ffmpeg's signalstats: luma 64, colour 512 throughout
    assert facts["cross_check.hdr.max_cll_difference_cd_m2"] == -1000
    assert facts["cross_check.hdr.max_fall_difference_cd_m2"] == -400


@pytest.mark.skipif(not has_zscale(), reason="this ffmpeg has no zscale")
def test_ffmpeg_reads_the_same_light_in_a_graded_master() -> None:
    path = material("photon/resources/TestIMP/PHDR/VIDEO_23e9a145-f2da-4183-86b2-1c399db41afb.mxf")
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    filters = "zscale=matrixin=gbr:rangein=full:transferin=smpte2084:transfer=linear:npl=10000,format=gbrpf32le"
    theirs = _light_by_ffmpeg(path, filters, (frame.height, frame.width))
    found = _light(frame, primaries="smpte432", matrix=None)
    assert found["measured_max_cll_cd_m2"] == pytest.approx(theirs.max(), rel=0.003)
    assert found["measured_max_fall_cd_m2"] == pytest.approx(theirs.mean(), rel=0.003)

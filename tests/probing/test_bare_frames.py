"""The last frame of a bare stream is whole, or so many bytes of it are missing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from deliverqc.probing import probe
from deliverqc.probing.wrappers.bare_frames import read_frame_end
from fixtures.ffmpeg import make

_PICTURE = "-f lavfi -i testsrc2=s=33x17:r=25:d=0.2"
_SOUND = "-f lavfi -i anoisesrc=a=0.1:r=48000:seed=1:d=0.3"
_RECIPES = {
    "odd.y4m": f"{_PICTURE} -pix_fmt yuv420p",
    "alpha-free-10.y4m": f"{_PICTURE} -pix_fmt yuv422p10le -strict -1",
    "narrow.y4m": f"{_PICTURE} -pix_fmt yuv411p",
    "grey.y4m": f"{_PICTURE} -pix_fmt gray",
    "sd.dv": "-f lavfi -i testsrc2=s=720x576:r=25:d=0.12 -pix_fmt yuv420p -c:v dvvideo",
    "50.dv": "-f lavfi -i testsrc2=s=720x480:r=30000/1001:d=0.12 -pix_fmt yuv422p -c:v dvvideo",
    "meridian.mlp": f"{_SOUND} -c:a mlp -strict -2",
    "dolby.thd": f"{_SOUND} -c:a truehd -strict -2",
    "core.dts": f"{_SOUND} -c:a dca -strict -2",
}


@pytest.mark.parametrize("name", _RECIPES)
def test_a_whole_last_frame_lacks_nothing_and_a_cut_one_as_much_as_was_cut(name: str, tmp_path: Path) -> None:
    data = make(tmp_path / name, _RECIPES[name]).read_bytes()
    for cut in (0, 2, 21, 30):
        end = read_frame_end(io.BytesIO(data[: len(data) - cut]), len(data) - cut)
        assert end is not None
        assert end.missing_byte_count == cut


def test_a_frame_whose_size_is_not_known_says_nothing() -> None:
    for header in (b"YUV4MPEG2 W8 Hx C420jpeg\n", b"YUV4MPEG2 W8 H8 C999\n", b"YUV4MPEG2 W8 H8"):
        data = header + b"FRAME\n" + bytes(7)
        end = read_frame_end(io.BytesIO(data), len(data))
        assert end is not None
        assert end.missing_byte_count is None
    assert read_frame_end(io.BytesIO(b"RIFF" + bytes(60)), 64) is None


def test_a_gif_without_its_trailer_was_never_finished(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.gif", _PICTURE)
    cut = tmp_path / "cut.gif"
    cut.write_bytes(whole.read_bytes()[:-2])
    assert probe(whole).facts["wrapper.is_closed"] is True
    assert probe(cut).facts["wrapper.is_closed"] is False


@pytest.mark.parametrize("name", ["stream.ts", "raw.h264", "core.dts"])
def test_a_stream_whose_end_was_set_aside_and_never_written_is_not_closed(name: str, tmp_path: Path) -> None:
    recipes = {
        **_RECIPES,
        "stream.ts": "-f lavfi -i testsrc2=s=320x180:r=25:d=0.4 -c:v mpeg2video",
        "raw.h264": f"{_PICTURE} -pix_fmt yuv444p -c:v libx264",
    }
    whole = make(tmp_path / name, recipes[name])
    unwritten = tmp_path / f"unwritten{whole.suffix}"
    unwritten.write_bytes(whole.read_bytes() + bytes(5000))
    assert probe(whole).facts["wrapper.is_closed"] is None
    assert probe(unwritten).facts["wrapper.is_closed"] is False

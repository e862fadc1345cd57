"""The alpha channel, used or opaque, in the codings of masters and in every layout that libav hands out."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from deliverqc.meters.alpha import METER
from deliverqc.signals.picture.alpha import NO_ALPHA, NOT_READ, least_alpha_percent
from fixtures.ffmpeg import make
from tests.meters.picture.measuring import read, table_of_file
from tests.meters.picture.tables import picture_table

_PICTURE = "testsrc2=s=64x48:r=25:d=0.2,format=yuva444p"
_OPAQUE = f'-f lavfi -i "{_PICTURE}"'
_WITH_HOLE = "geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='if(eq(N,3)*eq(X,9)*eq(Y,7),0,255)'"
_HOLE = f'-f lavfi -i "{_PICTURE},{_WITH_HOLE}"'
_CODINGS = {
    "prores": "-c:v prores_ks -profile:v 4 -pix_fmt yuva444p10le",
    "png": "-c:v png -pix_fmt rgba",
    "ffv1": "-c:v ffv1 -pix_fmt yuva422p10le",
    "qtrle": "-c:v qtrle -pix_fmt argb",
}


@pytest.mark.parametrize("coding", _CODINGS)
def test_a_single_transparent_pixel_is_found(coding: str, tmp_path: Path) -> None:
    made = make(tmp_path / "opaque.mov", f"{_OPAQUE} {_CODINGS[coding]}")
    opaque = read(METER, table_of_file(made))
    assert opaque["picture.alpha.is_opaque"] is True
    assert opaque["picture.alpha.min_percent"] == pytest.approx(100, abs=0.3)  # 1020 of 1023, as ffmpeg scales 255
    holed = read(METER, table_of_file(make(tmp_path / "holed.mov", f"{_HOLE} {_CODINGS[coding]}")))
    assert holed["picture.alpha.is_opaque"] is False
    assert holed["picture.alpha.min_percent"] == pytest.approx(0, abs=1 if coding == "prores" else 0)


def test_a_picture_without_alpha_has_none(tmp_path: Path) -> None:
    made = make(tmp_path / "made.mov", f"{_OPAQUE} -c:v prores_ks -profile:v 4 -pix_fmt yuv444p10le")
    assert read(METER, table_of_file(made)) == {"picture.alpha.min_percent": None, "picture.alpha.is_opaque": None}


@pytest.mark.parametrize(
    "layout", ["rgba", "bgra", "argb", "abgr", "rgba64le", "rgba64be", "ya8", "ya16be", "gbrap12le"]
)
def test_alpha_is_read_in_every_layout(layout: str) -> None:
    picture = np.full((48, 64, 4), 255, np.uint8)
    opaque = av.VideoFrame.from_ndarray(picture, format="rgba").reformat(format=layout)
    picture[7, 9, 3] = 51
    holed = av.VideoFrame.from_ndarray(picture, format="rgba").reformat(format=layout)
    assert least_alpha_percent(opaque) == pytest.approx(100, abs=0.4)
    assert least_alpha_percent(holed) == pytest.approx(20, abs=0.4)


@pytest.mark.parametrize(("least", "is_opaque"), [(98.99, False), (99.0, True), (99.01, True)])
def test_opaque_begins_at_99_percent(least: float, is_opaque: bool) -> None:
    table = picture_table(2, alpha_min_percent=np.array([100, least], dtype=np.float32))
    assert read(METER, table)["picture.alpha.is_opaque"] is is_opaque


def test_what_is_not_read_is_missing() -> None:
    assert least_alpha_percent(av.VideoFrame(16, 16, "gbrapf32le")) == NOT_READ
    assert least_alpha_percent(av.VideoFrame(16, 16, "pal8")) == NOT_READ
    assert least_alpha_percent(av.VideoFrame(16, 16, "rgb0")) == NO_ALPHA
    assert read(METER, picture_table(3, alpha_min_percent=np.array([100, NOT_READ, 100], dtype=np.float32))) == {}
    assert read(METER, picture_table(0)) == {}

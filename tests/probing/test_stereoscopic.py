"""Pictures for both eyes, as wrappers mark them, held to MediaInfo and to what was written."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from deliverqc.probing import probe
from fixtures.ffmpeg import make
from tests.material import material

_DCP = "libdcp/test/ref/DCP/dcp_test3/j2c_c6035f97-b07d-4e1c-944d-603fc2ddc242.mxf"
_JPEG2000_SUB = bytes.fromhex("060e2b34025301010d01010101015a00")
_STEREOSCOPIC_SUB = bytes.fromhex("060e2b340253010c0d01010101016300")
_SAMPLE_RATE = bytes.fromhex("30010008") + (24).to_bytes(4, "big") + (1).to_bytes(4, "big")
_TWICE = bytes.fromhex("30010008") + (48).to_bytes(4, "big") + (1).to_bytes(4, "big")
_SECOND = "-f lavfi -i color=s=64x36:r=25:d=0.2"


def _views(path: Path) -> str | None:
    """How many views MediaInfo sees."""
    command = ["mediainfo", "--Output=JSON", str(path)]
    tracks = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["media"]["track"]
    return next((track.get("MultiView_Count") for track in tracks if track["@type"] == "Video"), None)


def _stated(path: Path) -> tuple[bool | None, str | None]:
    facts = probe(path).facts
    return facts["picture.is_stereoscopic"], facts["picture.stereoscopic_layout"]


def test_a_dcp_for_one_eye_is_not_stereoscopic() -> None:
    assert _stated(material(_DCP)) == (False, None)
    assert _views(material(_DCP)) is None


def test_the_sub_descriptor_of_st_429_10_says_both_eyes(tmp_path: Path) -> None:
    data = material(_DCP).read_bytes()
    assert data.count(_JPEG2000_SUB) >= 1
    path = tmp_path / "sub.mxf"
    path.write_bytes(data.replace(_JPEG2000_SUB, _STEREOSCOPIC_SUB))
    assert _stated(path) == (True, None)
    assert _views(path) == "2"


def test_two_frames_in_an_edit_unit_are_the_eyes(tmp_path: Path) -> None:
    data = material(_DCP).read_bytes()
    assert data.count(_SAMPLE_RATE) >= 1
    path = tmp_path / "doubled.mxf"
    path.write_bytes(data.replace(_SAMPLE_RATE, _TWICE))
    assert _stated(path) == (True, "alternating")


def test_other_codings_in_mxf_do_not_say(tmp_path: Path) -> None:
    path = make(tmp_path / "plain.mxf", f"{_SECOND} -c:v mpeg2video")
    assert _stated(path) == (None, None)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("mono", (False, None)),
        ("left_right", (True, "side_by_side")),
        ("top_bottom", (True, "top_bottom")),
        ("block_lr", (True, "alternating")),
    ],
)
def test_matroska_says_so_in_stereo_mode(mode: str, expected: tuple[bool, str | None], tmp_path: Path) -> None:
    path = make(tmp_path / "mode.mkv", f"{_SECOND} -c:v ffv1 -metadata:s:v:0 stereo_mode={mode}")
    assert _stated(path) == expected
    assert _views(path) == "2"  # MediaInfo counts two of a StereoMode of 0 as well


def _with_box(path: Path, box: bytes) -> Path:
    """The MP4 with a box at the end of its sample entry, its index after its essence."""
    data = bytearray(path.read_bytes())
    entry = data.index(b"mp4v", data.index(b"stsd")) - 4
    end = entry + int.from_bytes(data[entry : entry + 4], "big")
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"mp4v"):
        at = data.index(kind, data.index(b"moov")) - 4
        data[at : at + 4] = (int.from_bytes(data[at : at + 4], "big") + len(box)).to_bytes(4, "big")
    changed = path.with_name("boxed.mp4")
    changed.write_bytes(data[:end] + box + data[end:])
    return changed


def _box(kind: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


_STRI = {views: _box(b"vexu", _box(b"eyes", _box(b"stri", bytes([0, 0, 0, 0, views])))) for views in (1, 3)}


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        pytest.param(b"", (None, None), id="none"),
        pytest.param(_box(b"st3d", bytes(5)), (False, None), id="st3d mono"),
        pytest.param(_box(b"st3d", bytes([0, 0, 0, 0, 2])), (True, "side_by_side"), id="st3d left and right"),
        pytest.param(_STRI[3], (True, None), id="vexu both eyes"),
        pytest.param(_STRI[1], (False, None), id="vexu left eye"),
    ],
)
def test_mp4_says_so_in_its_sample_entry(box: bytes, expected: tuple[bool | None, str | None], tmp_path: Path) -> None:
    path = make(tmp_path / "plain.mp4", f"{_SECOND} -c:v mpeg4")
    assert _stated(_with_box(path, box)) == expected

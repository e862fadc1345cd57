"""Where a library's word on the essence is not what the file says: our own reading of the bytes decides."""

from __future__ import annotations

import json
import struct
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.probing import probe
from tests.probing.recipes import Picture, Sound, make

_AVC_INTRA = Picture(
    codec="libx264",
    pixels="yuv422p10le",
    size=(1920, 1080),
    frames=2,
    options={
        "preset": "ultrafast",
        "x264-params": "avcintra-class=100:colorprim=bt709:transfer=bt709:colormatrix=bt709",
    },
)
_HLG = "colorprim=bt2020:transfer=bt2020-10:colormatrix=bt2020nc:log-level=error"


def _without_parameter_sets(path: Path) -> Path:
    """Every SPS and PPS becomes filler, as in AVC-Intra whose parameter sets are agreed on (SMPTE RP 2027)."""
    data = path.read_bytes()
    for kind in (0x67, 0x27, 0x68, 0x28):
        data = data.replace(b"\x00\x00\x01" + bytes((kind,)), b"\x00\x00\x01\x0c")
    path.write_bytes(data)
    return path


def test_a_built_in_header_states_nothing_about_avc_intra(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mxf", _AVC_INTRA)
    assert probe(path).facts["picture.bitstream.color_primaries"] == "bt709"
    facts = probe(_without_parameter_sets(path)).facts
    assert [facts[f"picture.bitstream.color_{name}"] for name in ("range", "primaries", "transfer")] == [None] * 3
    assert (facts["picture.color_primaries"], facts["picture.bitstream.width_px"]) == ("bt709", 1920)
    assert facts["cross_check.layer_disagreements"] == []


def test_levels_of_avc_intra_are_held_to_the_range_that_the_file_states(tmp_path: Path) -> None:
    facts = _measured(_without_parameter_sets(make(tmp_path / "a.mxf", _AVC_INTRA)), "levels")
    assert facts["picture.levels.luma_worst_outside_percent"] == 0


def _measured(path: Path, meter: str) -> dict[str, Any]:
    measured = deliverqc.measure(path, is_all=True).to_document()
    facts: dict[str, Any] = measured["subjects"][0]["facts"]
    assert any(name.startswith(f"picture.{meter}.") for name in facts)
    return facts


@pytest.mark.parametrize("name", ["a.mp4", "a.ts"])
@pytest.mark.parametrize(("message", "transfer"), [(":atc-sei=18", "arib-std-b67"), ("", "bt2020-10")])
def test_backward_compatible_hlg_is_hlg_and_no_disagreement(
    tmp_path: Path, name: str, message: str, transfer: str
) -> None:
    """ETSI TS 101 154: BT.2020 in the VUI for older receivers, HLG in an SEI message."""
    options = {"preset": "ultrafast", "x265-params": _HLG + message}
    recipe = Picture(codec="libx265", pixels="yuv420p10le", tags=(9, 14, 9), frames=3, options=options)
    facts = probe(make(tmp_path / name, recipe)).facts
    assert facts["picture.color_transfer"] == transfer
    assert facts["picture.bitstream.color_transfer"] == "bt2020-10"
    assert facts["picture.preferred_transfer"] == (transfer if message else None)
    assert facts["cross_check.layer_disagreements"] == []


def test_a_wrapper_that_says_pq_over_hlg_disagrees(tmp_path: Path) -> None:
    options = {"preset": "ultrafast", "x265-params": f"{_HLG}:atc-sei=18"}
    recipe = Picture(codec="libx265", pixels="yuv420p10le", tags=(9, 14, 9), frames=3, options=options)
    path = make(tmp_path / "a.mp4", recipe)
    data = path.read_bytes()
    at = data.index(b"colrnclx") + 10
    path.write_bytes(data[:at] + struct.pack(">H", 16) + data[at + 2 :])
    (found,) = probe(path).facts["cross_check.layer_disagreements"]
    assert found["values"] == {"wrapper": "smpte2084", "bitstream": "bt2020-10"}


@pytest.mark.parametrize(("code", "color_range"), [(1, "limited"), (2, "full"), (0, None)])
def test_the_range_of_dnxhr_is_read_from_its_atom(tmp_path: Path, code: int, color_range: str | None) -> None:
    recipe = Picture(codec="dnxhd", pixels="yuv422p", size=(256, 120), frames=2, options={"profile": "dnxhr_hq"})
    path = make(tmp_path / "a.mov", recipe)
    data = path.read_bytes()
    at = data.index(b"ACLRACLR0001") + 12
    path.write_bytes(data[:at] + struct.pack(">I", code) + data[at + 4 :])
    facts = probe(path).facts
    assert (facts["picture.wrapper.color_range"], facts["picture.color_range"]) == (color_range, color_range)


_D10 = {
    "b": "50M", "minrate": "50M", "maxrate": "50M", "bufsize": "2M", "rc_init_occupancy": "2M",
    "g": "1", "qmin": "1", "flags": "+ildct+low_delay",
}  # fmt: skip


@pytest.mark.parametrize("shape", [Fraction(16, 9), Fraction(4, 3)])
def test_lines_of_vbi_change_neither_the_shape_of_d10_nor_its_active_picture(tmp_path: Path, shape: Fraction) -> None:
    """SMPTE ST 386: 608 lines are stored and 576 shown, which have the aspect ratio of the descriptor."""
    raw, path = tmp_path / "raw.mxf", tmp_path / "a.mxf"
    recipe = Picture(codec="mpeg2video", pixels="yuv422p", size=(720, 608), options=_D10)
    make(raw, recipe, [Sound(codec="pcm_s16le", layout="mono")], format="mxf_d10")
    label = bytes.fromhex("320e0008")
    data = raw.read_bytes()
    at = data.index(label) + 4
    new = struct.pack(">II", shape.numerator, shape.denominator)
    data = data.replace(label + data[at : at + 8], label + new)
    start = b"\x00\x00\x01\xb3" + data[data.index(b"\x00\x00\x01\xb3") + 4 :][:3]  # sequence header, size
    rate = data[data.index(start) + 7] & 15
    code = 3 if shape == Fraction(16, 9) else 2  # ITU-T H.262 Table 6-3
    path.write_bytes(data.replace(start + bytes((16 | rate,)), start + bytes((code << 4 | rate,))))
    facts = _measured(path, "active")
    assert (facts["picture.height_px"], facts["picture.display_aspect_ratio"]) == (
        576,
        f"{shape.numerator}/{shape.denominator}",
    )
    assert facts["picture.active.height_px"] == 576
    assert facts["cross_check.layer_disagreements"] == []
    seen = subprocess.run(["mediainfo", "--Output=JSON", path], capture_output=True, check=True).stdout
    video = next(track for track in json.loads(seen)["media"]["track"] if track["@type"] == "Video")
    assert (int(video["Height"]), abs(float(video["DisplayAspectRatio"]) - shape) < 0.01) == (576, True)

"""JPEG 2000 in MXF: the sub-descriptor against the codestreams, in files that agree and in files that contradict
themselves, and in real ones."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from pymediainfo import MediaInfo

from deliverqc import api
from deliverqc.facts.jpeg2000_layers import CodedFrames, jpeg2000_disagreements
from deliverqc.facts.model import Facts
from deliverqc.probing.jpeg2000 import START, read_frame
from deliverqc.probing.wrappers.mxf_facts import read_statements
from deliverqc.probing.wrappers.mxf_header import read_header
from deliverqc.probing.wrappers.mxf_jpeg2000 import jpeg2000_statements
from deliverqc.probing.wrappers.mxf_klv import MetadataSet
from fixtures.ffmpeg import make
from fixtures.mxf import jpeg2000_item, repeated_markers, with_metadata
from tests.material import material

_SENSE = "deliverqc-common-sense"
_CLAUSE = "jpeg2000-descriptor-agrees"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("j2k") / "plain.mxf"
    arguments = "-f lavfi -i testsrc2=s=64x48:r=24:d=0.1 -c:v jpeg2000 -pix_fmt rgb24"
    return make(path, arguments).read_bytes()


def _facts(data: bytes, folder: Path, items: dict[str, bytes] | None) -> tuple[dict[str, Any], str]:
    """All facts of the file with this sub-descriptor, and the outcome of the clause."""
    path = folder / "x.mxf"
    path.write_bytes(data)
    if items is not None:
        with_metadata(path, jpeg2000=items)
    facts = api.measure(path).subjects[0].facts
    (verdict,) = api.judge(facts, _SENSE).masters[0].subjects[0].verdicts
    return dict(facts), next(clause.outcome for clause in verdict.clauses if clause.id == _CLAUSE)


def test_a_sub_descriptor_that_repeats_the_markers_agrees(plain: bytes, tmp_path: Path) -> None:
    facts, outcome = _facts(plain, tmp_path, repeated_markers(plain))
    assert facts["cross_check.jpeg2000_disagreements"] == []
    assert outcome == "pass"
    stated = facts["picture.mxf_jpeg2000_descriptor"]
    assert (stated["width_px"], stated["height_px"], stated["component_count"]) == (64, 48, 3)
    assert stated["layout_depths_bits"] == stated["component_depths_bits"] == [8, 8, 8]


def test_a_file_that_contradicts_itself_is_noticed_item_by_item(plain: bytes, tmp_path: Path) -> None:
    items = repeated_markers(plain)
    style, quantization = bytearray(items[jpeg2000_item(12)]), bytearray(items[jpeg2000_item(13)])
    style[5] -= 1  # levels of decomposition
    quantization[0] += 0x20  # guard bits
    wrong = {
        jpeg2000_item(1): b"\0\3",
        jpeg2000_item(3): struct.pack(">I", 50),
        jpeg2000_item(12): bytes(style),
        jpeg2000_item(13): bytes(quantization),
        jpeg2000_item(14): b"R\x0aG\x0aB\x0a" + bytes(10),
    }
    facts, outcome = _facts(plain, tmp_path, items | wrong)
    found = facts["cross_check.jpeg2000_disagreements"]
    assert {row["item"]: row["values"] for row in found if row["fact"].rpartition(".")[2] != "precinct_sizes"} == {
        "Rsiz": {"wrapper": 3, "bitstream": 0},
        "Ysiz": {"wrapper": 50, "bitstream": 48},
        "CodingStyleDefault": {"wrapper": style[5], "bitstream": style[5] + 1},
        "QuantizationDefault": {"wrapper": (quantization[0] >> 5), "bitstream": (quantization[0] >> 5) - 1},
        "J2CLayout": {"wrapper": [10, 10, 10], "bitstream": [8, 8, 8]},
    }
    assert {(row["frame"], row["frame_count"]) for row in found} == {(0, 3)}
    assert outcome == "fail"


def test_a_file_without_a_sub_descriptor_has_nothing_to_agree_with(plain: bytes, tmp_path: Path) -> None:
    facts, outcome = _facts(plain, tmp_path, None)
    assert facts["picture.mxf_jpeg2000_descriptor"] is None
    assert facts["cross_check.jpeg2000_disagreements"] is None
    assert outcome == "not_applicable"


@pytest.mark.parametrize(
    ("number", "data", "stated"),
    [
        (1, b"\x05\x16", {"rsiz": 0x516}),
        (11, struct.pack(">II", 2, 3) + b"\x8b\1\1\x09\2\1",
         {"component_depths_bits": [12, 10], "signed_components": [0], "component_subsampling": ["1x1", "2x1"]}),
        (11, b"\0\0", {"component_depths_bits": None, "signed_components": None, "component_subsampling": None}),
        (13, b"\x40", {"guard_bits": 2, "quantization": "none"}),
        (14, b"Y\x0aU\x0aV\x0aA\x08F\x08" + bytes(6), {"layout_depths_bits": [10, 10, 10, 8]}),
        (14, b"R\xfd" + bytes(14), {"layout_depths_bits": [16]}),
        (14, bytes(16), {"layout_depths_bits": None}),
    ],
    ids=["rsiz", "sizing", "sizing-cut", "quantization", "layout-with-alpha", "layout-half-float", "layout-empty"],
)  # fmt: skip
def test_an_item_alone_is_read(number: int, data: bytes, stated: dict[str, Any]) -> None:
    label = bytes.fromhex("060e2b3401010100" + jpeg2000_item(number))
    assert jpeg2000_statements(MetadataSet(key=bytes(16), values={}, labelled={label: data})) == stated


def test_a_style_that_is_cut_states_nothing_readable() -> None:
    label = bytes.fromhex("060e2b3401010100" + jpeg2000_item(12))
    found = jpeg2000_statements(MetadataSet(key=bytes(16), values={}, labelled={label: b"\1"}))
    assert set(found.values()) == {None}
    assert "progression_order" in found and "guard_bits" not in found


def _pictures(data: bytes) -> list[Facts]:
    file = io.BytesIO(data)
    return list(read_statements(file, len(data), read_header(file, len(data))).pictures.values())


@pytest.mark.parametrize(
    ("name", "rsiz", "depth", "layout"),
    [
        ("photon/resources/CHIMERA_NETFLIX_2398.mxf.hdr", 0x105, 10, [10, 10, 10]),
        ("photon/resources/TestIMP/PHDR/VIDEO_23e9a145-f2da-4183-86b2-1c399db41afb.mxf", 0x516, 12, [12, 12, 12]),
        ("libdcp/test/data/DCP/video.mxf", 3, 8, None),
    ],
    ids=["chimera", "phdr", "libdcp"],
)
def test_real_sub_descriptors_are_read_as_their_bytes_say(name: str, rsiz: int, depth: int, layout: object) -> None:
    data = material(name).read_bytes()
    (stated,) = [picture["mxf_jpeg2000_descriptor"] for picture in _pictures(data)]
    assert stated["rsiz"] == rsiz
    assert stated["component_depths_bits"] == [depth] * 3
    assert stated.get("layout_depths_bits") == layout
    assert stated["progression_order"] == "CPRL"
    assert stated["precinct_sizes"][:2] == ["128x128", "256x256"]


def test_the_contradiction_of_a_real_file_is_the_one_that_mediainfo_sees() -> None:
    path = material("libdcp/test/data/DCP/video.mxf")
    data = path.read_bytes()
    (picture,) = _pictures(data)
    frames = CodedFrames(rows=read_frame(data[data.index(START) :]).headers, place={}, count=1)
    (found,) = jpeg2000_disagreements(picture["mxf_jpeg2000_descriptor"], [frames])
    assert (found["item"], found["values"]) == ("Rsiz", {"wrapper": 3, "bitstream": 0})
    tracks = json.loads(str(MediaInfo.parse(path, output="JSON", full=True)))["media"]["track"]
    theirs = next(track["extra"] for track in tracks if track["@type"] == "Video")
    assert theirs["Format_Profile_FromContainer"] == "D-Cinema 2k"  # Rsiz 3
    assert theirs["Format_Profile_FromStream"] == "No restrictions"  # Rsiz 0

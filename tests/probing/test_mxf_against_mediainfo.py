"""What we read in MXF files against MediaInfo, over a slice of real and made ones; mxf_differences.csv holds every
difference of all files, and who is right. `python -m campaigns.mxf_readers` runs over all of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pymediainfo import MediaInfo

from campaigns.mxf_readers import MADE, RECIPES, Row, compared_facts, differences, is_mxf, listed, made
from deliverqc.probing.structure import read_structure
from tests.material import file_names, material
from tests.slices import is_drawn

_SHORTEST = 1000
"""Bytes; one file of the material is a header partition and nothing else, and those named .hdr are cut."""

_SHOWN = ("file", "fact", "ours", "theirs")
_TRANSFER = bytes.fromhex("3210 0010 060e2b34 04010101 04010101")
_PRIMARIES = bytes.fromhex("3219 0010 060e2b34 04010106 04010101")


def _listed_of(name: str) -> list[Row]:
    return [{column: row[column] for column in _SHOWN} for row in listed() if row["file"] == name]


_DIFFERING = {row["file"] for row in listed()}
_FILES = file_names(lambda path: path.suffix in (".mxf", ".hdr") and is_mxf(path), always=_DIFFERING)


@pytest.mark.parametrize("name", _FILES)
def test_a_real_file_is_read_as_mediainfo_reads_it_or_the_difference_is_listed(name: str) -> None:
    path = material(name)
    assert differences(path, name) == _listed_of(name)
    assert len(compared_facts(path)) >= 5
    found = read_structure(path, path.stat().st_size)
    is_whole = path.suffix == ".mxf" and path.stat().st_size > _SHORTEST
    assert (found.unread is None) == is_whole
    assert (found.general.get("wrapper.mxf_random_index_pack") is True) == is_whole


@pytest.mark.parametrize("name", [name for name in RECIPES if is_drawn(name, 2)])
def test_a_made_master_is_read_as_mediainfo_reads_it(name: str, tmp_path: Path) -> None:
    path = made(name, tmp_path)
    assert differences(path, MADE + name) == []
    assert len(compared_facts(path)) >= 10 or name == "op-atom"


def test_every_listed_difference_says_who_is_right_and_why_and_none_is_a_fault_of_ours() -> None:
    rows = listed()
    assert len({(row["file"], row["fact"]) for row in rows}) == len(rows)
    assert {row["right"] for row in rows} <= {"ours", "both"}
    assert all(len(row["reason"]) > 40 for row in rows)


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    data = made("jpeg2000", tmp_path_factory.mktemp("tagged")).read_bytes()
    assert data.count(_TRANSFER) == data.count(_PRIMARIES) == 1
    return data


_LABELS = [
    ("color_transfer", 1, "bt470m", "BT.601"),
    ("color_transfer", 2, "bt709", "BT.709"),
    ("color_transfer", 3, "smpte240m", "SMPTE 240M"),
    ("color_transfer", 4, "bt709", "SMPTE 274M"),
    ("color_transfer", 5, "bt1361e", "BT.1361"),
    ("color_transfer", 6, "linear", "Linear"),
    ("color_transfer", 7, "smpte428", "SMPTE 428M"),
    ("color_transfer", 8, "iec61966-2-4", "xvYCC"),
    ("color_transfer", 9, "bt2020-10", "BT.2020"),
    ("color_transfer", 10, "smpte2084", "PQ"),
    ("color_transfer", 11, "arib-std-b67", "HLG"),
    ("color_transfer", 12, "other:urn:smpte:ul:060e2b34.04010101.04010101.010c0000", "Gamma 2.6"),
    ("color_transfer", 13, "iec61966-2-1", "sRGB/sYCC"),
    ("color_primaries", 1, "smpte170m", "BT.601 NTSC"),
    ("color_primaries", 2, "bt470bg", "BT.601 PAL"),
    ("color_primaries", 3, "bt709", "BT.709"),
    ("color_primaries", 4, "bt2020", "BT.2020"),
    ("color_primaries", 5, "smpte428", "XYZ"),
    ("color_primaries", 6, "smpte432", "Display P3"),
    ("color_primaries", 7, "other:urn:smpte:ul:060e2b34.04010106.04010101.03070000", "ACES"),
    ("color_primaries", 8, "smpte428", "XYZ"),
]
"""Number in the SMPTE register of labels, our word by ITU-T H.273, MediaInfo's word. BT.470 PAL is code 4 there, the
gamma of 625-line PAL, and MediaInfo calls it BT.601; ST 274 is BT.709 by its text."""


def test_labels_of_colour_are_those_of_the_register(tagged: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.mxf"
    for name, number, ours, theirs in _LABELS:
        label, field = (
            (_TRANSFER, "transfer_characteristics") if name == "color_transfer" else (_PRIMARIES, "colour_primaries")
        )
        at = tagged.index(label) + len(label)
        path.write_bytes(tagged[: at + 1] + bytes([number]) + tagged[at + 2 :])
        (picture,) = read_structure(path, path.stat().st_size).pictures.values()
        tracks = json.loads(str(MediaInfo.parse(path, output="JSON", full=True)))["media"]["track"]
        assert (picture[name], tracks[1][field]) == (ours, theirs), (name, number)


def test_a_label_of_a_camera_is_not_taken_for_one_of_the_register(tagged: bytes, tmp_path: Path) -> None:
    at = tagged.index(_TRANSFER) + 4
    path = tmp_path / "x.mxf"
    slog3 = bytes.fromhex("060e2b34040101060e06040101010605")
    path.write_bytes(tagged[:at] + slog3 + tagged[at + 16 :])
    (picture,) = read_structure(path, path.stat().st_size).pictures.values()
    assert picture["color_transfer"] == "other:urn:smpte:ul:060e2b34.04010106.0e060401.01010605"
    path.write_bytes(tagged[:at] + bytes(16) + tagged[at + 16 :])
    (picture,) = read_structure(path, path.stat().st_size).pictures.values()
    assert "color_transfer" not in picture


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        (
            "photon/resources/TestIMP/Application5/PhotonApp5Test/reel1.mxf",  # pixel layout 41fd 42fd 47fd 52fd
            {"bit_depth_bits": 16, "component_depths_bits": [16, 16, 16], "width_px": 3840, "stored_width_px": 240},
        ),
        (
            "photon/resources/TestIMP/PHDR/VIDEO_23e9a145-f2da-4183-86b2-1c399db41afb.mxf",  # 520c 470c 420c 4604
            {"bit_depth_bits": 12, "color_range": "full", "color_transfer": "smpte2084"},
        ),
        (
            "libdcp/test/ref/DCP/dcp_test3/j2c_c6035f97-b07d-4e1c-944d-603fc2ddc242.mxf",  # sampled and display: 0
            {"width_px": 1998, "height_px": 1080, "sampled_width_px": None, "is_sampled_as_stored": True},
        ),
    ],
    ids=["half-float", "fill-in-pixel-layout", "sizes-of-zero"],
)
def test_a_descriptor_is_read_as_its_bytes_say(name: str, stated: dict[str, object]) -> None:
    path = material(name)
    (picture,) = read_structure(path, path.stat().st_size).pictures.values()
    assert {fact: picture[fact] for fact in stated} == stated

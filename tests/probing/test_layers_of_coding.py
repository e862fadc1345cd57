"""Wrapper and bitstream each state coding, sampling and depth, and disagree where a decoder would trip over it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deliverqc.facts.cross_check import layer_disagreements, sound_layer_disagreements
from deliverqc.probing import probe
from deliverqc.probing.wrappers.configuration import read_configuration, read_sound_configuration
from tests.probing.recipes import Picture, make


def _found(path: Path) -> dict[str, dict[str, object]]:
    return {entry["fact"]: entry["values"] for entry in probe(path).facts["cross_check.layer_disagreements"]}


def _avc(change: Callable[[bytearray], None], path: Path) -> Path:
    make(path, Picture(codec="libx264", pixels="yuv422p10le", frames=2, options={"preset": "ultrafast"}))
    data = bytearray(path.read_bytes())
    record = data.index(b"avcC") + 4
    size = int.from_bytes(data[record - 8 : record - 4], "big") - 8
    part = data[record : record + size]
    change(part)
    data[record : record + size] = part
    path.write_bytes(data)
    return path


def _profile(record: bytearray) -> None:
    record[1:3] = (100).to_bytes() + b"\0"


def _level(record: bytearray) -> None:
    record[3] = 9


def _format(record: bytearray) -> None:
    record[-4:-1] = b"\xfd\xf8\xf8"


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (lambda record: None, {}),
        (_profile, {"picture.codec_profile": "high"}),
        (_level, {"picture.codec_level": "1b"}),
        (_format, {"picture.chroma_subsampling": "4:2:0", "picture.bit_depth_bits": 8}),
    ],
    ids=["as-encoded", "profile", "level", "format"],
)
def test_an_avc_record_is_held_to_the_parameter_set(
    tmp_path: Path, change: Callable[[bytearray], None], differs: dict[str, object]
) -> None:
    found = _found(_avc(change, tmp_path / "a.mp4"))
    assert {fact: values["wrapper"] for fact, values in found.items()} == differs


@pytest.mark.parametrize(
    ("name", "wrapper", "bitstream", "codec", "disagrees"),
    [
        ("codec_level", "5.1", "4.1", "h264", False),
        ("codec_level", "4", "4.1", "h264", True),
        ("codec_level", "1b", "1.1", "h264", True),
        ("codec_level", "High", "Main", "mpeg2video", False),
        ("codec_level", "Main", "High 1440", "mpeg2video", True),
        ("codec_profile", "high_4:2:2", "high_4:2:2_intra", "h264", False),
        ("codec_profile", "high", "main", "h264", True),
        ("bit_depth_bits", 8, 10, "dnxhd", True),
        ("chroma_subsampling", "4:2:2", "4:2:0", "mpeg2video", True),
        ("chroma_subsampling", None, "4:2:0", "mpeg2video", False),
        ("dolby_vision.profile", 5, 8, "hevc", True),
        ("dolby_vision.profile", 8, 8, "hevc", False),
        ("dolby_vision.profile", 10, 8, "av1", False),
    ],
)
def test_what_contradicts_and_what_does_not(
    name: str, wrapper: object, bitstream: object, codec: str, disagrees: bool
) -> None:
    stated = {f"picture.wrapper.{name}": wrapper, f"picture.bitstream.{name}": bitstream, "picture.codec": codec}
    assert bool(layer_disagreements(stated)) is disagrees


@pytest.mark.parametrize(
    ("codec", "wrapper", "bitstream", "differs"),
    [
        ("aac", {"channel_count": 1, "sample_rate_hz": 24000}, {"channel_count": 2, "sample_rate_hz": 48000}, []),
        ("aac", {"channel_count": 6}, {"channel_count": 2}, ["channel_count"]),
        ("aac", {"sample_rate_hz": 44100}, {"sample_rate_hz": 48000}, ["sample_rate_hz"]),
        ("ac3", {"channel_count": 1}, {"channel_count": 2}, ["channel_count"]),
        ("ac3", {}, {"channel_count": 2}, []),
    ],
)
def test_audio_channels_and_rate(
    codec: str, wrapper: dict[str, int], bitstream: dict[str, int], differs: list[str]
) -> None:
    found = sound_layer_disagreements([(codec, wrapper, bitstream)])
    assert [entry["fact"].rpartition(".")[2] for entry in found] == differs


@pytest.mark.parametrize(
    ("kind", "record", "stated"),
    [
        ("dac3", "10 3d 40", {}),
        ("av1C", "81 05 4c 00", {"codec_level": "3.1", "bit_depth_bits": 10, "chroma_subsampling": "4:2:0"}),
        ("vpcC", "01000000 03 1f a4 09 10 09 0000", {"bit_depth_bits": 10, "chroma_subsampling": "4:2:2"}),
        ("dvcC", "01 00 0a 25 00", {"dolby_vision.profile": 5}),
        ("avcC", "00", {}),
    ],
)
def test_records_say_what_their_specifications_lay_down(kind: str, record: str, stated: dict[str, object]) -> None:
    found = read_configuration(kind, bytes.fromhex(record))
    assert stated.items() <= found.items()
    assert bool(found) is bool(stated)


def test_dolby_digital_boxes_state_channels() -> None:
    """ETSI TS 102 366 F.4: fscod 0, bsid 8, bsmod 0, acmod 7, lfeon 1: 48 kHz, 3/2 and LFE."""
    bits = 0 << 22 | 8 << 17 | 0 << 14 | 7 << 11 | 1 << 10 | 15 << 5
    assert read_sound_configuration("dac3", bits.to_bytes(3, "big")) == {"channel_count": 6, "sample_rate_hz": 48000}


@pytest.mark.parametrize(("shown", "shape"), [((240, 90), "3/2"), ((120, 90), "3/4")])
def test_the_size_that_matroska_shows_is_a_pixel_aspect(tmp_path: Path, shown: tuple[int, int], shape: str) -> None:
    """RFC 9559: 160x90 shown 120 wide has pixels three quarters as wide as high; the bitstream says square."""
    source, path = make(tmp_path / "a.mp4", Picture(codec="libx264", size=(160, 90), frames=2)), tmp_path / "b.mkv"
    command = ["ffmpeg", "-v", "error", "-i", source, "-c", "copy", "-aspect", f"{shown[0]}:{shown[1]}", path]
    subprocess.run(command, check=True)
    facts = probe(path).facts
    assert facts["picture.pixel_aspect_ratio"] == facts["picture.wrapper.pixel_aspect_ratio"] == shape


@pytest.mark.parametrize(("turn", "flip", "expected"), [(90, "", (270, False)), (0, ":flip=horizontal", (180, True))])
def test_a_display_orientation_message_is_read(
    tmp_path: Path, turn: int, flip: str, expected: tuple[int, bool]
) -> None:
    """The message turns anticlockwise (ITU-T H.274); a horizontal flip is a vertical one and half a turn."""
    source, path = make(tmp_path / "a.mp4", Picture(codec="libx264", frames=2)), tmp_path / "b.mkv"
    option = f"h264_metadata=display_orientation=insert:rotate={turn}{flip}"
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, "-c", "copy", "-bsf:v", option, path], check=True)
    facts = probe(path).facts
    names = ("picture.display_orientation.rotation_deg", "picture.display_orientation.is_mirrored")
    assert tuple(facts[name] for name in names) == expected
    assert probe(source).facts[names[0]] is None

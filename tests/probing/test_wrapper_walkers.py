"""The walkers of wrappers on bytes made by hand, and on bytes made to harm."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverqc.probing.bitstream import name_chromaticities, read_prores_header
from deliverqc.probing.frame_rates import read_cadence
from deliverqc.probing.jpeg2000 import read_size
from deliverqc.probing.wrappers.fragments import read_fragments
from deliverqc.probing.wrappers.isobmff import read_boxes
from deliverqc.probing.wrappers.matroska import read_ebml
from deliverqc.probing.wrappers.mxf import read_mxf
from deliverqc.probing.wrappers.mxf_facts import read_statements
from deliverqc.probing.wrappers.mxf_header import read_header
from deliverqc.probing.wrappers.riff import read_riff
from tests.probing.recipes import Picture, Sound, make


def _box(kind: bytes, payload: bytes = b"", size: int | None = None) -> bytes:
    return struct.pack(">I4s", 8 + len(payload) if size is None else size, kind) + payload


def test_a_box_that_claims_more_than_the_file_moves_the_promised_end() -> None:
    data = _box(b"ftyp", b"qt  \0\0\0\0") + _box(b"moov") + _box(b"mdat", b"1234", size=1008)
    found = read_boxes(io.BytesIO(data), len(data))
    assert found.promised_end == 16 + 8 + 1008
    assert (found.brand, found.has_index, found.index_before_essence) == ("qt  ", True, True)


@pytest.mark.parametrize(
    ("kind", "channels", "packet", "length"),
    [
        (b"twos", 1, None, 2048),
        (b"ulaw", 1, None, 1024),
        (b"alaw", 2, None, 2048),
        (b"ima4", 1, None, 544),
        (b"ima4", 2, (64, 34, 68), 1088),
        (b"MAC3", 1, (6, 2, 2), 341),
        (b"sowt", 2, (1, 2, 4), 4096),
    ],
)
def test_essence_ends_where_the_samples_of_a_coding_end(
    kind: bytes, channels: int, packet: tuple[int, int, int] | None, length: int
) -> None:
    """QTFF, sound sample descriptions: 1024 samples in one chunk, of which stsz says that each is 1."""
    fields = struct.pack(">H6xHH", int(packet is not None), channels, 16) + struct.pack(">HHI", 0, 0, 48000 << 16)
    entry = _box(kind, bytes(6) + b"\0\1" + fields + (struct.pack(">4I", *packet, 2) if packet else b""))
    tables = _box(b"stsd", struct.pack(">II", 0, 1) + entry)
    tables += _box(b"stsz", struct.pack(">III", 0, 1, 1024)) + _box(b"stco", struct.pack(">III", 0, 1, 5000))
    tables += _box(b"stsc", struct.pack(">5I", 0, 1, 1, 1024, 1)) + _box(b"stts", struct.pack(">4I", 0, 1, 1024, 1))
    media = _box(b"hdlr", bytes(8) + b"soun" + bytes(13)) + _box(b"minf", _box(b"stbl", tables))
    data = _box(b"moov", _box(b"trak", _box(b"mdia", media)))
    assert read_boxes(io.BytesIO(data), 10_000).tracks[0].end_of_essence == 5000 + length


def test_a_64_bit_size_is_believed_and_sets_no_memory_aside() -> None:
    data = _box(b"ftyp", b"isom\0\0\0\0") + struct.pack(">I4sQ", 1, b"mdat", 1 << 62)
    assert read_boxes(io.BytesIO(data), len(data)).promised_end == 16 + (1 << 62)


def test_what_follows_the_last_known_box_promises_nothing() -> None:
    data = _box(b"ftyp", b"isom\0\0\0\0") + _box(b"moov") + b"\x7f\xff\xff\xffTAGX" + b"\0" * 100
    assert read_boxes(io.BytesIO(data), len(data)).promised_end == 24


def test_fragments_that_boxes_no_longer_lead_to_are_not_reached() -> None:
    head, fragment = _box(b"ftyp", b"isom\0\0\0\0") + _box(b"moov"), _box(b"moof", _box(b"mfhd", bytes(8)))
    essence = _box(b"mdat", bytes(100))
    whole = head + (fragment + essence) * 3
    kept = len(head + fragment + essence)
    for lost, data in (
        (len(whole) - kept, whole[:kept] + bytes(8) + whole[kept + 8 :]),
        (0, whole),
        (0, whole + bytes(500)),
        (0, whole + b"a trailer that a camera writes"),
    ):
        file = io.BytesIO(data)
        assert read_fragments(file, len(data), read_boxes(file, len(data))).unreached_byte_count == lost


def test_missing_padding_after_an_odd_chunk_is_no_loss() -> None:
    body = b"WAVEfmt " + struct.pack("<I16s", 16, b"") + b"data" + struct.pack("<I", 3) + b"abc"
    data = b"RIFF" + struct.pack("<I", len(body) + 1) + body
    assert read_riff(io.BytesIO(data), len(data)).promised_end == len(data)


@pytest.mark.parametrize("open_size", [0, 0xFFFFFFFF])
def test_a_wav_whose_size_was_left_open_promises_nothing(open_size: int) -> None:
    body = b"WAVEfmt " + struct.pack("<I16s", 16, b"") + b"data" + struct.pack("<I", open_size) + b"abcd"
    data = b"RIFF" + struct.pack("<I", open_size) + body
    assert read_riff(io.BytesIO(data), len(data)).promised_end is None


def test_a_matroska_segment_of_unknown_size_promises_nothing() -> None:
    data = bytes.fromhex("1a45dfa380") + bytes.fromhex("18538067") + b"\x01" + b"\xff" * 7
    assert read_ebml(io.BytesIO(data), len(data)).promised_end is None


def _element(code: str, payload: bytes) -> bytes:
    return bytes.fromhex(code) + bytes([0x80 | len(payload)]) + payload


@pytest.mark.parametrize("form", [">f", ">d"])
@pytest.mark.parametrize(
    ("roll_deg", "yaw_deg", "clockwise", "is_mirrored"),
    [(0, 0, 0, False), (-90, 0, 90, False), (90, 0, 270, False), (180, 0, 180, False), (0, 180, 180, True)],
)
def test_matroska_turns_a_picture_counter_clockwise_by_its_roll(
    form: str, roll_deg: float, yaw_deg: float, clockwise: int, is_mirrored: bool
) -> None:
    # RFC 9559 section 5.1.4.1.28.41; a yaw of half a turn exchanges left and right, as libav reads it
    angles = _element("7673", struct.pack(form, yaw_deg)) + _element("7675", struct.pack(form, roll_deg))
    picture = _element("83", b"\1") + _element("e0", _element("7670", angles))
    data = bytes.fromhex("1a45dfa380") + _element("18538067", _element("1654ae6b", _element("ae", picture)))
    found = read_ebml(io.BytesIO(data), len(data))
    assert (found.rotations_deg, found.mirrored) == ([clockwise], [is_mirrored])


@pytest.mark.parametrize(("flag", "is_enabled"), [(b"", True), (b"\xb9\x81\x01", True), (b"\xb9\x81\x00", False)])
def test_a_matroska_track_is_enabled_unless_its_flag_is_zero(flag: bytes, is_enabled: bool) -> None:
    tracks = _element("ae", _element("83", b"\1")) + _element("ae", _element("83", b"\2") + flag)
    data = bytes.fromhex("1a45dfa380") + _element("18538067", _element("1654ae6b", tracks))
    found = read_ebml(io.BytesIO(data), len(data))
    assert (found.enabled_pictures, found.enabled_sounds) == ([True], [is_enabled])


def _sample_table(*pairs: tuple[int, int]) -> bytes:
    return b"".join(struct.pack(">II", *pair) for pair in pairs)


@pytest.mark.parametrize(
    ("table", "timescale", "rate", "is_constant"),
    [
        ([(100, 1001)], 24000, Fraction(24000, 1001), True),
        ([(99, 1001), (1, 500)], 24000, Fraction(24000, 1001), True),
        ([(1, 42), (2, 41), (1, 42)] * 300, 1000, None, True),
        ([(24, 20), (1, 21), (26, 20)], 600, Fraction(30000, 1001), True),
        ([(10, 1000), (10, 2000)], 25000, Fraction(50, 3), False),
        ([(1, 1), (1, 2)] * 50, 25, None, False),
    ],
)
def test_cadence_is_told_from_durations(
    table: list[tuple[int, int]], timescale: int, rate: Fraction | None, is_constant: bool
) -> None:
    cadence = read_cadence(_sample_table(*table), timescale)
    assert cadence is not None
    assert cadence.is_constant is is_constant
    assert rate is None or cadence.rate == rate


def test_24000_over_1001_written_in_milliseconds_is_recognised() -> None:
    ends = [round(n * 1001 / 24) for n in range(1001)]
    pairs = [(1, b - a) for a, b in pairwise(ends)]
    cadence = read_cadence(_sample_table(*pairs), 1000)
    assert cadence is not None
    assert (cadence.rate, cadence.is_constant) == (Fraction(24000, 1001), True)


@pytest.mark.parametrize("table", [b"", _sample_table((0, 5)), _sample_table((5, 0)), b"\0\0\0"])
def test_a_table_that_tells_nothing_has_no_cadence(table: bytes) -> None:
    assert read_cadence(table, 25) is None


def test_a_prores_header_is_read_field_by_field() -> None:
    header = struct.pack(">I4sHBB4sHH5B8x", 100, b"icpf", 148, 0, 1, b"apl0", 1920, 1080, 0x84, 0x21, 9, 18, 9)
    assert read_prores_header(header) == {
        "width_px": 1920,
        "height_px": 1080,
        "frame_rate": Fraction(24000, 1001),
        "scan": "interlaced",
        "field_order": "tff",
        "chroma_subsampling": "4:2:2",
        "pixel_aspect_ratio": Fraction(3, 4),
        "color_primaries": "bt2020",
        "color_transfer": "arib-std-b67",
        "color_matrix": "bt2020nc",
    }
    assert read_prores_header(header[:20]) == {}
    assert read_prores_header(b"\0" * 100) == {}


def test_a_jpeg_2000_size_marker_gives_size_and_depth() -> None:
    size = struct.pack(">HHHH8IHBBB", 0xFF4F, 0xFF51, 47, 0, 1998, 1080, 0, 0, 1998, 1080, 0, 0, 3, 11, 1, 1)
    assert read_size(b"\0" * 5 + size + b"\0" * 8) == {
        "width_px": 1998,
        "height_px": 1080,
        "bit_depth_bits": 12,
    }
    assert read_size(size[:30]) == {}


def test_mastering_primaries_are_named_by_their_chromaticities() -> None:
    assert name_chromaticities((0.68, 0.32, 0.265, 0.69, 0.15, 0.06)) == "smpte432"
    assert name_chromaticities((0.7, 0.32, 0.265, 0.69, 0.15, 0.06)).startswith("other:")


def _walk_mxf(file: io.BytesIO, size: int) -> None:
    read_mxf(file, size, read_header(file, size))


_WALKERS = {"mov": read_boxes, "mkv": read_ebml, "mxf": _walk_mxf, "wav": read_riff, "avi": read_riff}


@pytest.fixture(scope="module")
def wrappers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder: Path = tmp_path_factory.mktemp("wrappers")
    small = Picture(size=(32, 32), frames=2)
    mpeg2 = Picture(codec="mpeg2video", pixels="yuv420p", size=(32, 32), frames=2)
    mono = Sound(codec="pcm_s16le", layout="mono", seconds=Fraction(1, 25))
    masters = {"mov": small, "mkv": mpeg2, "mxf": mpeg2, "wav": None, "avi": mpeg2}
    return {name: make(folder / f"a.{name}", picture, [mono]).read_bytes() for name, picture in masters.items()}


@settings(max_examples=150)
@given(data=st.data(), name=st.sampled_from(sorted(_WALKERS)))
def test_no_byte_brings_a_walker_down(wrappers: dict[str, bytes], data: st.DataObject, name: str) -> None:
    harmed = bytearray(wrappers[name])
    for position in data.draw(st.lists(st.integers(0, len(harmed) - 1), max_size=8)):
        harmed[position : position + 4] = data.draw(
            st.sampled_from([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\x01", b"\x7f\0\0\0"])
        )
    whole = bytes(harmed[: data.draw(st.integers(16, len(harmed)))])
    _WALKERS[name](io.BytesIO(whole), len(whole))


def test_partitions_beyond_any_file_are_not_there(wrappers: dict[str, bytes]) -> None:
    for place in (24, 32, 40, 48):
        harmed = bytearray(wrappers["mxf"])
        harmed[20 + place - 16 : 20 + place - 8] = b"\xff" * 8
        _walk_mxf(io.BytesIO(harmed), len(harmed))
        read_statements(io.BytesIO(harmed), len(harmed), read_header(io.BytesIO(harmed), len(harmed)))


def test_a_seek_head_of_a_segment_without_a_size_promises_what_it_names() -> None:
    def element(identity: str, payload: bytes) -> bytes:
        return bytes.fromhex(identity) + bytes([0x80 | len(payload)]) + payload

    seek = element("4dbb", element("53ab", bytes.fromhex("1c53bb6b")) + element("53ac", (900).to_bytes(2, "big")))
    head = element("1a45dfa3", b"") + bytes.fromhex("18538067") + b"\x01" + b"\xff" * 7
    for data, promised in (
        (head + element("114d9b74", seek) + element("ec", bytes(100)), len(head) + 900 + 1),
        (head + element("114d9b74", b"") + element("ec", bytes(100)), None),
    ):
        assert read_ebml(io.BytesIO(data), len(data)).promised_end == promised

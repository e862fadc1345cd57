"""Headers of JPEG 2000 codestreams, held to codestreams written by ISO/IEC 15444-1 annex A and to those of OpenJPEG."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import av
import pytest

from deliverqc.probing.jpeg2000 import codestreams, read_frame, read_size
from fixtures.ffmpeg import make

_SOC, _EOC = b"\xff\x4f", b"\xff\xd9"
_COD, _COC, _TLM, _PLT, _QCD, _QCC, _POC, _COM = 0x52, 0x53, 0x55, 0x58, 0x5C, 0x5D, 0x5F, 0x64
_CAP = 0x50
_2K_PRECINCTS = bytes([0x77, *[0x88] * 5])


def _segment(code: int, body: bytes) -> bytes:
    return b"\xff" + bytes([code]) + struct.pack(">H", len(body) + 2) + body


def _siz(
    rsiz: int = 3, width: int = 64, height: int = 32, tile: tuple[int, int] | None = None, count: int = 3
) -> bytes:
    across, down = tile or (width, height)
    fields = struct.pack(">H8IH", rsiz, width, height, 0, 0, across, down, 0, 0, count)
    return _segment(0x51, fields + bytes([11, 1, 1]) * count)


def _cod(levels: int = 5, order: int = 4, precincts: bytes = _2K_PRECINCTS, layers: int = 1) -> bytes:
    return _segment(_COD, bytes([1, order, 0, layers, 1, levels, 3, 3, 0, 0]) + precincts)


_STYLE = _cod() + _segment(_QCD, bytes([0x22]) + bytes(32))


def _part(length: int, *, tile: int = 0, header: bytes = b"", is_open: bool = False) -> bytes:
    """A tile-part of that length, which states 0 where it is left open (section A.4.2)."""
    data = bytes(length - 14 - len(header))
    return b"\xff\x90" + struct.pack(">HHIBB", 10, tile, 0 if is_open else length, 0, 0) + header + b"\xff\x93" + data


def _stream(main: bytes, *parts: bytes) -> bytes:
    return _SOC + main + b"".join(parts) + _EOC


_CINEMA = (_part(100), _part(300), _part(200))


def _only(data: bytes) -> dict[str, Any]:
    (row,) = read_frame(data).headers
    return row


def _values(data: bytes, name: str) -> list[Any]:
    return [row[name] for row in read_frame(data).headers]


def test_the_main_header_is_read() -> None:
    row = _only(_stream(_siz() + _STYLE + _segment(_TLM, b"\0\x40" + bytes(12)), *_CINEMA))
    assert (row["rsiz"], row["profile"], row["main_level"], row["sub_level"]) == (3, "cinema_2k", None, None)
    assert (row["width_px"], row["height_px"], row["tile_count"], row["has_offset"]) == (64, 32, 1, False)
    assert (row["component_count"], row["components"], row["component_depths_bits"]) == (3, [0, 1, 2], [12, 12, 12])
    assert (row["progression_order"], row["layer_count"], row["has_component_transform"]) == ("CPRL", 1, True)
    assert (row["decomposition_levels"], row["code_block_size"], row["wavelet"]) == (5, "32x32", "9/7")
    assert row["precinct_sizes"] == ["128x128", *["256x256"] * 5]
    assert (row["guard_bits"], row["quantization"]) == (1, "expounded")
    assert (row["tile_part_count"], row["has_tlm"], row["poc_count"]) == (3, True, 0)


@pytest.mark.parametrize(
    ("rsiz", "profile", "levels"),
    [
        (0x0000, "none", (None, None)),
        (0x0004, "cinema_4k", (None, None)),
        (0x0007, "cinema_long_term_storage", (None, None)),
        (0x0008, "other:8", (None, None)),
        (0x0106, "broadcast_single_tile", (6, None)),
        (0x0516, "imf_4k", (6, 1)),
        (0x0934, "imf_8k_reversible", (4, 3)),
        (0x0A00, "other:2560", (None, None)),
        (0x4000, "high_throughput", (None, None)),
    ],
)
def test_rsiz_names_profile_and_levels(rsiz: int, profile: str, levels: tuple[int | None, int | None]) -> None:
    row = _only(_stream(_siz(rsiz) + _STYLE, *_CINEMA))
    assert (row["profile"], (row["main_level"], row["sub_level"])) == (profile, levels)


def test_high_throughput_is_told_by_its_capability() -> None:
    with_part_15 = _segment(_CAP, struct.pack(">IH", 1 << 17, 0))
    assert _only(_stream(_siz(0x4000) + with_part_15 + _STYLE, *_CINEMA))["is_high_throughput"] is True
    with_part_2 = _segment(_CAP, struct.pack(">IH", 1 << 30, 0))
    assert _only(_stream(_siz(0x4000) + with_part_2 + _STYLE, *_CINEMA))["is_high_throughput"] is False


def test_a_component_that_is_coded_in_another_way_has_a_row_of_its_own() -> None:
    other = _segment(_COC, bytes([1, 0, 3, 4, 4, 0, 1]))
    rows = read_frame(_stream(_siz() + _STYLE + other, *_CINEMA)).headers
    assert {tuple(row["components"]): row["decomposition_levels"] for row in rows} == {(0, 2): 5, (1,): 3}
    assert {row["code_block_size"] for row in rows} == {"32x32", "64x64"}
    guards = _segment(_QCC, bytes([2, 0x42]) + bytes(32))
    assert _values(_stream(_siz() + guards + _STYLE, *_CINEMA), "guard_bits") == [2, 1]


def test_a_component_that_repeats_what_holds_for_all_has_none() -> None:
    same = _segment(_COC, bytes([1, 1, 5, 3, 3, 0, 0]) + _2K_PRECINCTS)
    assert _values(_stream(_siz() + _STYLE + same, *_CINEMA), "components") == [[0, 1, 2]]


def test_a_tile_that_is_coded_in_another_way_has_a_row_of_its_own() -> None:
    parts = (_part(100), _part(120, tile=1, header=_cod(levels=2)))
    assert _values(_stream(_siz(tile=(32, 32)) + _STYLE, *parts), "decomposition_levels") == [5, 2]
    only = _part(120, header=_segment(_COC, bytes([0, 0, 1, 3, 3, 0, 0])) + _cod(levels=2))
    rows = read_frame(_stream(_siz() + _STYLE, only)).headers
    assert {tuple(row["components"]): row["decomposition_levels"] for row in rows} == {(0,): 1, (1, 2): 2}


def test_lengths_of_packets_and_comments_make_no_new_row() -> None:
    one = _stream(_siz() + _STYLE + _segment(_COM, b"\0\1x"), _part(100, header=_segment(_PLT, b"\0" * 9)))
    other = _stream(_siz() + _STYLE + _segment(_COM, b"\0\1y"), _part(150, header=_segment(_PLT, b"\0" * 19)))
    assert read_frame(one).headers == read_frame(other).headers
    assert _only(one)["has_packet_lengths"] is True


def test_an_open_length_reaches_to_the_end() -> None:
    assert _only(_stream(_siz() + _STYLE, _part(100), _part(50, is_open=True)))["tile_part_count"] == 2


@pytest.mark.parametrize("cut", [1, 2, 150, 590])
def test_tile_parts_that_do_not_lead_to_the_end_are_not_counted(cut: int) -> None:
    found = read_frame(_stream(_siz() + _STYLE, *_CINEMA)[:-cut])
    assert [row["tile_part_count"] for row in found.headers] == [None]
    assert found.largest_component is None


def test_nothing_is_said_of_what_is_no_codestream() -> None:
    for data in (b"", bytes(100), _SOC + _siz()[:20], _SOC + _siz(width=0) + _STYLE):
        assert read_frame(data).headers == ()
    assert read_size(bytes(100)) == {}


def test_a_header_that_is_cut_never_raises_nor_answers_for_what_is_missing() -> None:
    whole = _stream(_siz() + _STYLE, *_CINEMA)
    for end in range(len(whole) - 1):
        for row in read_frame(whole[:end]).headers:
            assert row["tile_part_count"] is None
            assert row["guard_bits"] in (None, 1)


def test_both_fields_of_a_frame_are_read() -> None:
    first, second = (_stream(_siz(rsiz) + _STYLE, *_CINEMA) for rsiz in (3, 0))
    found = read_frame(b"jp2c" + first + second)
    assert [(row["rsiz"], row["codestream_count"]) for row in found.headers] == [(3, 2), (0, 2)]
    assert [one.end is not None for one in codestreams(first + second)] == [True, True]
    assert len(read_frame(first + first).headers) == 1


def test_the_largest_component_is_the_largest_of_three_tile_parts() -> None:
    assert read_frame(_stream(_siz() + _STYLE, *_CINEMA)).largest_component == (1, 300)


def _poc(*rows: tuple[int, int, int, int, int, int]) -> bytes:
    return _segment(_POC, b"".join(struct.pack(">BBHBBB", *row) for row in rows))


_4K = _siz(4) + _cod(levels=6, precincts=bytes([0x77, *[0x88] * 6])) + _segment(_QCD, bytes([0x42]) + bytes(38))
_4K_ORDER = _poc((0, 0, 1, 6, 3, 4), (6, 0, 1, 7, 3, 4))
_4K_PARTS = (*_CINEMA, _part(5000), _part(600), _part(700))


def test_in_4k_the_largest_component_is_of_the_2k_portion() -> None:
    found = read_frame(_stream(_4K + _4K_ORDER, *_4K_PARTS))
    assert found.largest_component == (1, 300)
    (row,) = found.headers
    assert (row["poc_count"], row["tile_poc_count"], row["guard_bits"], row["tile_part_count"]) == (1, 0, 2, 6)
    assert row["progression_changes"] == ["CPRL resolutions 0-5 components 0-2", "CPRL resolutions 6-6 components 0-2"]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(_stream(_siz() + _STYLE, *_CINEMA[:2]), id="two parts"),
        pytest.param(_stream(_siz() + _STYLE, *_CINEMA, _part(50)), id="four parts"),
        pytest.param(_stream(_siz() + _cod(order=0), *_CINEMA), id="LRCP"),
        pytest.param(_stream(_siz(tile=(32, 32)) + _STYLE, _part(50), _part(50), _part(50, tile=1)), id="two tiles"),
        pytest.param(_stream(_siz() + _STYLE, _part(100, header=_cod(order=0)), *_CINEMA[1:]), id="LRCP in the tile"),
        pytest.param(_stream(_siz() + _STYLE + _segment(0x60, b"\0" * 9), *_CINEMA), id="packed headers"),
        pytest.param(_stream(_4K, *_4K_PARTS), id="six parts without POC"),
        pytest.param(_stream(_4K + _4K_ORDER, *_CINEMA), id="three parts with POC"),
        pytest.param(_stream(_4K + _poc((0, 0, 1, 3, 3, 4), (3, 0, 1, 7, 3, 4)), *_4K_PARTS), id="divided elsewhere"),
        pytest.param(_stream(_4K, _part(200, header=_4K_ORDER), *_4K_PARTS[1:]), id="POC in the tile"),
    ],
)
def test_a_layout_that_does_not_show_components_says_nothing_of_them(data: bytes) -> None:
    assert read_frame(data).headers
    assert read_frame(data).largest_component is None


def test_openjpeg_writes_what_the_cinema_profile_asks_for(tmp_path: Path) -> None:
    coding = "-frames:v 1 -pix_fmt xyz12le -c:v libopenjpeg -profile:v cinema2k -cinema_mode 2k_24"
    path = make(tmp_path / "cinema.mov", f"-f lavfi -i testsrc2=s=256x128:r=24 {coding}")
    with av.open(str(path)) as container:
        data = bytes(next(container.demux(video=0)))
    found = read_frame(data)
    (row,) = found.headers
    assert (row["profile"], row["tile_part_count"], row["has_tlm"]) == ("cinema_2k", 3, True)
    assert row["guard_bits"] == data[data.index(b"\xff\x5c") + 4] >> 5  # 2 by OpenJPEG 2.5.0, 1 by later ones
    assert row["precinct_sizes"] == ["128x128", *["256x256"] * 5]
    assert found.largest_component is not None
    listed = data.index(b"\xff\x55") + 6  # Ctlm 32-bit lengths (section A.7.1), which OpenJPEG writes for itself
    lengths = [struct.unpack_from(">I", data, listed + 1 + 5 * part)[0] for part in range(3)]
    assert found.largest_component == (lengths.index(max(lengths)), max(lengths))


def test_tiles_without_end_are_read_once() -> None:
    count = 8_000
    styles = [_segment(_COD, bytes([0, 4, 0, 1, 1, number % 3 + 3, 3, 3, 0, 0])) for number in range(count)]
    parts = [_part(40, tile=number, header=style) for number, style in enumerate(styles)]
    found = read_frame(_stream(_siz(width=count, height=1, tile=(1, 1)) + _STYLE, *parts))
    assert [row["decomposition_levels"] for row in found.headers] == [3, 4, 5]


def test_more_manners_of_coding_than_are_looked_at_leave_the_frame_unread() -> None:
    def _tile(number: int) -> bytes:
        default = _segment(_QCD, number.to_bytes(2, "big") + bytes(30))
        return _part(100, tile=number, header=default)

    many = [_segment(_COC, number.to_bytes(2, "big") + bytes([0, number % 30, 3, 3, 0, 0])) for number in range(1_000)]
    main = _siz(width=300, height=1, tile=(1, 1), count=1_000) + _STYLE + b"".join(many)
    assert read_frame(_stream(main, *map(_tile, range(300)))).headers == ()
    assert len(read_frame(_stream(main, *map(_tile, range(3)))).headers) >= 30

"""Packets of JPEG 2000 are followed to the last byte of every tile-part, by codestreams of encoders and by ones written
here bit by bit."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import av
import pytest

from deliverqc.measuring.obtain import obtain_signals
from deliverqc.probing import probe
from deliverqc.probing.jpeg2000 import codestreams
from deliverqc.signals.jpeg2000.geometry import layout
from deliverqc.signals.jpeg2000.walk import packet_damage
from fixtures.ffmpeg import make

_NOISE = "-f lavfi -i testsrc2=s=158x106:r=25,noise=alls=30:all_seed=3 -frames:v"
_NATIVE = [
    "-pix_fmt yuv420p -prog lrcp -sop 1 -eph 1 -layer_rates 30,8,2",
    "-pix_fmt yuv410p -prog rlcp -sop 1 -eph 1 -tile_width 64 -tile_height 50",
    "-pix_fmt yuv422p -prog rpcl -sop 1 -tile_width 37 -tile_height 106 -layer_rates 20,1",
    "-pix_fmt rgb24 -prog pcrl -sop 1 -tile_width 100 -tile_height 60",
    "-pix_fmt gray16 -prog cprl -sop 1 -pred dwt53",
]
_SOP = b"\xff\x91\x00\x04"


def _complaint(data: bytes) -> tuple[str, bool] | None:
    (one,) = codestreams(data)
    assert one.end is not None
    return packet_damage(data, one)


def _packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


@pytest.mark.parametrize("coding", _NATIVE)
def test_there_are_as_many_packets_as_the_encoder_of_libav_marks(coding: str, tmp_path: Path) -> None:
    (data,) = _packets(make(tmp_path / "marked.mkv", f"{_NOISE} 1 -c:v jpeg2000 {coding}"))
    (one,) = codestreams(data)
    plans = [layout(one.segments).plan(tile) for tile in {tile for tile, _ in one.tile_parts}]
    assert sum(len(plan.packets) for plan in plans) == data.count(_SOP)
    assert packet_damage(data, one) is None


@pytest.mark.parametrize("order", ["lrcp", "rlcp", "rpcl", "pcrl", "cprl"])
def test_packets_of_openjpeg_end_where_their_tile_part_ends(order: str, tmp_path: Path) -> None:
    made = make(tmp_path / "whole.mkv", f"{_NOISE} 1 -c:v libopenjpeg -pix_fmt yuv422p10 -prog_order {order}")
    (data,) = _packets(made)
    assert _complaint(data) is None


def _segment(code: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, 2 + len(body)) + body


def _size(width: int, height: int, components: Sequence[tuple[int, int]] = ((1, 1),)) -> bytes:
    sizes = struct.pack(">H8IH", 0, width, height, 0, 0, width, height, 0, 0, len(components))
    return _segment(0x51, sizes + b"".join(bytes([7, *step]) for step in components))


def _coding(
    *, order: int = 0, layers: int = 1, levels: int = 0, style: int = 0, block: int = 4, precincts: bytes = b""
) -> bytes:
    body = struct.pack(">BBHB", bool(precincts), order, layers, 0)
    return _segment(0x52, body + bytes([levels, block, block, style, 1]) + precincts)


_GUARD, _EXPONENT = 2, 8
_PLANES = _GUARD + _EXPONENT - 1


def _exponents(levels: int = 0) -> bytes:
    return _segment(0x5C, bytes([_GUARD << 5, *[_EXPONENT << 3] * (3 * levels + 1)]))


def _codestream(main: Sequence[bytes], *parts: bytes) -> bytes:
    data = b"\xff\x4f" + b"".join(main)
    for number, part in enumerate(parts):
        data += struct.pack(">BBHHIBB", 0xFF, 0x90, 10, 0, 14 + len(part), number, len(parts)) + b"\xff\x93" + part
    return data + b"\xff\xd9"


def _bits(text: str) -> bytes:
    """Bits with a zero after each byte of ones, as section B.10.1 has it."""
    made = bytearray()
    text = text.replace(" ", "")
    while text:
        count = 7 if made and made[-1] == 0xFF else 8
        made.append(int(text[:count].ljust(count, "0"), 2))
        text = text[count:]
    return bytes(made) + (b"\0" if made[-1] == 0xFF else b"")


def _passes(count: int) -> str:
    """The code word of table B.4."""
    if count <= 2:
        return ("0", "10")[count - 1]
    if count <= 5:
        return f"11{count - 3:02b}"
    return f"1111{count - 6:05b}" if count <= 36 else f"111111111{count - 37:07b}"


_ONE_BLOCK = [_size(8, 8), _coding(), _exponents()]


def _first(zero_planes: int, passes: int, length: int) -> bytes:
    """The packet of a single code block, with four bits of Lblock more than the three that it starts with."""
    bits = f"1 1 {'0' * zero_planes}1 {_passes(passes)} 11110 {length:0{7 + passes.bit_length() - 1}b}"
    return _bits(bits) + b"\x55" * length


@pytest.mark.parametrize("shift", [0, 3])
@pytest.mark.parametrize("zero_planes", [0, 2, _PLANES - 1])
def test_a_code_block_has_at_most_three_passes_a_bit_plane_less_two(zero_planes: int, shift: int) -> None:
    main = [*_ONE_BLOCK, *([_segment(0x5E, bytes([0, 0, shift]))] if shift else [])]
    most = 3 * (_PLANES + shift - zero_planes) - 2
    for passes in {max(most - 1, 1), most}:
        assert _complaint(_codestream(main, _first(zero_planes, passes, 20))) is None
    found = _complaint(_codestream(main, _first(zero_planes, most + 1, 20)))
    assert found == ("jpeg2000: a code block has more coding passes than its bit planes hold", True)


def test_a_code_block_without_bit_planes_has_no_passes() -> None:
    found = _complaint(_codestream(_ONE_BLOCK, _first(_PLANES, 1, 20)))
    assert found is not None
    assert found[1]


_BROKEN: dict[str, tuple[Callable[[bytes], bytes], bool]] = {
    "a packet is longer than its tile-part": (lambda packet: packet[:-1], True),
    "a packet header is longer than its tile-part": (lambda packet: packet[:2], True),
    "2 bytes come after the last packet": (lambda packet: packet + b"\x55\x55", False),
    "the data of a code block hold a marker": (lambda packet: packet[:-4] + b"\xff\x90\x55\x55", False),
    "a packet header holds a marker": (lambda packet: b"\xff\x80" + packet[2:], False),
    "1 of 1 packets are missing": (lambda packet: b"", False),
}


@pytest.mark.parametrize("said", _BROKEN)
def test_a_packet_that_does_not_fit_its_tile_part_is_broken(said: str) -> None:
    change, is_certain = _BROKEN[said]
    assert _complaint(_codestream(_ONE_BLOCK, change(_first(1, 10, 20)))) == (f"jpeg2000: {said}", is_certain)


def test_passes_of_all_layers_count() -> None:
    main = [_size(8, 8), _coding(layers=3), _exponents()]
    empty, second = b"\0", _bits(f"1 1 {_passes(12)} 0 {20:010b}") + b"\x55" * 20
    first = _bits(f"1 01 1 {_passes(13)} 11110 {20:010b}") + b"\x55" * 20  # included in the second of three layers
    assert _complaint(_codestream(main, empty, first + second)) is None
    more = _bits(f"1 1 {_passes(13)} 0 {20:010b}") + b"\x55" * 20
    found = _complaint(_codestream(main, empty + first, more))
    assert found is not None
    assert "more coding passes" in found[0]


@pytest.mark.parametrize(
    ("style", "passes", "segments"),
    [(4, 5, [1] * 5), (5, 12, [1] * 12), (1, 15, [10, 2, 1, 2]), (1, 10, [10]), (1, 11, [10, 1]), (63, 3, [1] * 3)],
)
def test_lengths_are_split_where_the_coder_is_terminated(style: int, passes: int, segments: list[int]) -> None:
    main = [_size(8, 8), _coding(style=style), _exponents()]
    lengths = "".join(f"{5:0{3 + count.bit_length() - 1}b}" for count in segments)
    packet = _bits(f"1 1 1 {_passes(passes)} 0 {lengths}") + b"\x55" * 5 * len(segments)
    assert _complaint(_codestream(main, packet)) is None
    found = _complaint(_codestream(main, packet + b"\x55"))
    assert found == ("jpeg2000: 1 bytes come after the last packet", False)


def test_a_tag_tree_says_once_what_several_code_blocks_share() -> None:
    """Three by two code blocks of 64 samples: two nodes above them, and the root (section B.10.2)."""
    main = [_size(192, 128), _coding(), _exponents()]
    own = f"{_passes(1)} 0 001"
    blocks = [f"111 01 1 001 {own}", "0", f"11 1 01 {own}", f"1 1 {own}", f"1 0001 {own}", f"1 1 {own}"]
    assert _complaint(_codestream(main, _bits("1" + "".join(blocks)) + b"\x55" * 5)) is None


def test_packets_of_2k_cinema_are_counted_by_their_precincts() -> None:
    """Precincts of 128 samples at the lowest resolution and 256 above: 40, 12, 4, 1, 1 and 1 a component."""
    sizes = _size(2048, 1080, [(1, 1)] * 3)
    main = [sizes, _coding(order=4, levels=5, block=3, precincts=b"\x77" + b"\x88" * 5), _exponents(5)]
    (one,) = codestreams(_codestream(main, b"\0" * 177))
    plan = layout(one.segments).plan(0)
    assert plan is not None and len(plan.packets) == 3 * (40 + 12 + 4 + 1 + 1 + 1)
    blocks = sum(band.block_count for precinct in plan.precincts for band in precinct)
    assert blocks == 3 * (2 * 2 + 3 * (32 * 17 + 16 * 9 + 8 * 5 + 4 * 3 + 2 * 2))
    assert _complaint(_codestream(main, b"\0" * 177)) is None
    assert _complaint(_codestream(main, b"\0" * 176)) == ("jpeg2000: 1 of 177 packets are missing", False)


@pytest.mark.parametrize("order", range(5))
def test_every_order_has_every_packet_once(order: int) -> None:
    main = [_size(100, 70, [(1, 1), (2, 2)]), _coding(order=order, layers=2, levels=2, precincts=b"\x44\x44\x55")]
    (one,) = codestreams(_codestream([*main, _exponents(2)], b"\0"))
    packets = layout(one.segments).plan(0).packets
    assert len(set(packets)) == len(packets) == 2 * ((2 * 2 + 4 * 3 + 4 * 3) + (1 + 2 * 2 + 2 * 2))
    for number in {number for number, _ in packets}:
        assert [layer for one, layer in packets if one == number] == [0, 1]


def test_a_change_of_progression_passes_over_what_came_before() -> None:
    poc = struct.pack(">BBHBBB", 0, 0, 1, 1, 1, 0) + struct.pack(">BBHBBB", 0, 0, 2, 2, 0, 1)
    main = [_size(8, 8), _coding(layers=2, levels=1), _exponents(1), _segment(0x5F, poc)]
    (one,) = codestreams(_codestream(main, b"\0" * 4))
    assert layout(one.segments).plan(0).packets == ((0, 0), (0, 1), (1, 0), (1, 1))


@pytest.mark.parametrize("what", ["packed headers", "high throughput", "part 2", "an unknown marker", "its precincts"])
def test_what_is_not_understood_is_not_judged(what: str) -> None:
    size, coding, exponents = _ONE_BLOCK
    changed = {
        "packed headers": [size, coding, exponents, _segment(0x60, b"\0\0")],
        "high throughput": [size, _coding(style=0x40), exponents],
        "part 2": [size[:4] + b"\x80" + size[5:], coding, exponents],
        "an unknown marker": [size, coding, exponents, _segment(0x72, b"\0\0")],
        "its precincts": [size, _coding(levels=1, precincts=b"\x11\x00"), _exponents(1)],
    }[what]
    assert _complaint(_codestream(_ONE_BLOCK, b"\xc0")) is not None
    assert _complaint(_codestream(changed, b"\xc0")) is None


@pytest.mark.parametrize("what", ["code blocks", "code blocks by layers", "packets", "changes of order", "components"])
def test_layouts_far_beyond_those_of_pictures_are_not_read(what: str) -> None:
    """A kilobyte can state more than fits into memory."""
    poc = _segment(0x5F, struct.pack(">BBHBBB", 0, 0, 1, 1, 1, 0) * 9000)
    changed = {
        "code blocks": [_size(1 << 31, 1 << 31), _coding(block=0), _exponents(0)],
        "code blocks by layers": [_size(512, 512), _coding(layers=60_000, block=0), _exponents(0)],
        "packets": [_size(65_535, 65_535), _coding(precincts=b"\0"), _exponents(0)],
        "changes of order": [_size(256, 256), _coding(precincts=b"\x33"), _exponents(0), poc],
        "components": [_size(8, 8, [(1, 1)] * 16_384), _coding(), _exponents(0)],
    }[what]
    (one,) = codestreams(_codestream(changed, b"\x80" * 100))
    assert layout(one.segments).plan(0) is None
    assert _complaint(_codestream(changed, b"\x80" * 100)) is None


def test_a_master_with_too_many_passes_is_damaged(tmp_path: Path) -> None:
    made = make(tmp_path / "whole.mxf", f"{_NOISE} 5 -c:v libopenjpeg -pix_fmt yuv422p10")
    data = bytearray(made.read_bytes())
    third = _packets(made)[2]
    at = data.find(third)
    (one,) = codestreams(third)
    for place in range(one.spans[0][0], len(third)):
        changed = third[:place] + bytes([third[place] ^ 0x40]) + third[place + 1 :]
        if (found := _complaint(changed)) is not None and "more coding passes" in found[0]:
            break
    data[at : at + len(third)] = changed
    made.write_bytes(data)
    (error, *_) = obtain_signals(made, probe(made), store=None, progress=None).log.errors
    assert "more coding passes than its bit planes hold" in error.message

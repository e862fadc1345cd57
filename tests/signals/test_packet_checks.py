"""Damage that libav's decoders pass over in JPEG, JPEG 2000 and DNxHD, and what it complains of once in a process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from deliverqc.measuring.obtain import obtain_signals
from deliverqc.probing import probe
from deliverqc.signals.packet_checks import (
    DnxComparison,
    dts_complaint,
    jpeg2000_complaint,
    jpeg_complaint,
    jpeg_fields,
)
from fixtures.ffmpeg import make

_PICTURE = "-f lavfi -i testsrc2=s=256x144:r=25 -t 0.2"
_DNX = "-c:v dnxhd -profile:v dnxhr_sq -pix_fmt yuv422p"
_HEADER_BYTES = 640


def _packets(path: Path) -> list[tuple[int, bytes]]:
    with av.open(str(path)) as container:
        return [(packet.pos or 0, bytes(packet)) for packet in container.demux(video=0) if packet.size]


@pytest.fixture(scope="module")
def jpeg(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("jpeg")
    return _packets(make(folder / "whole.avi", f"{_PICTURE} -c:v mjpeg -pix_fmt yuvj422p"))[0][1]


@pytest.mark.parametrize("coding", ["yuvj420p", "yuvj444p -huffman default", "gray -strict -1"])
def test_whole_pictures_of_jpeg_are_not_complained_of(coding: str, tmp_path: Path) -> None:
    made = make(tmp_path / "whole.avi", f"{_PICTURE} -c:v mjpeg -pix_fmt {coding}")
    assert [jpeg_complaint(data) for _, data in _packets(made)] == [None] * 5


def test_jpeg_without_tables_and_lossless_jpeg_are_not_complained_of(tmp_path: Path) -> None:
    made = make(tmp_path / "default.avi", f"{_PICTURE} -c:v mjpeg -huffman default -pix_fmt yuvj422p")
    standard = _packets(made)[0][1]
    while (at := standard.find(b"\xff\xc4")) >= 0:
        standard = standard[:at] + standard[at + 2 + int.from_bytes(standard[at + 2 : at + 4], "big") :]
    assert jpeg_complaint(standard) is None
    lossless = make(tmp_path / "lossless.avi", f"{_PICTURE} -c:v ljpeg -pix_fmt bgr24")
    assert [jpeg_complaint(data) for _, data in _packets(lossless)] == [None] * 5


def test_both_fields_of_a_packet_are_looked_at(jpeg: bytes) -> None:
    assert list(jpeg_fields(jpeg + bytes(6) + jpeg)) == [jpeg + bytes(6), jpeg]
    second = bytearray(jpeg)
    second[len(jpeg) // 2 : len(jpeg) // 2 + 2] = b"\xff\xd9"
    complaint = jpeg_complaint(jpeg + bytes(second))
    assert complaint is not None
    assert "premature end" in complaint[0]
    assert complaint[1]


@pytest.mark.parametrize(("new", "is_certain"), [(b"\xff\xd9", True), (b"", False)])
def test_a_picture_that_ends_early_is_damaged_and_bytes_left_over_are_suspected(
    new: bytes, is_certain: bool, jpeg: bytes
) -> None:
    at = len(jpeg) - 40
    data = jpeg[:at] + new + jpeg[at:] if new else jpeg[:-2] + b"\x12" * 9 + jpeg[-2:]
    complaint = jpeg_complaint(data)
    assert complaint is not None
    assert complaint[1] is is_certain


@pytest.mark.parametrize("tiles", ["", "-tile_width 64 -tile_height 64"])
def test_whole_codestreams_lead_from_tile_part_to_tile_part_to_their_end(tiles: str, tmp_path: Path) -> None:
    made = make(tmp_path / "whole.mxf", f"{_PICTURE} -c:v jpeg2000 -pix_fmt yuv422p {tiles}")
    packets = [data for _, data in _packets(made)]
    assert [jpeg2000_complaint(data) for data in packets] == [None] * 5
    assert jpeg2000_complaint(packets[0] + packets[1]) is None
    assert jpeg2000_complaint(packets[0] + bytes(9)) is None
    for damaged in (packets[0][:-9], packets[0][:300] + packets[0][309:], packets[0] + packets[1][:-2]):
        complaint = jpeg2000_complaint(damaged)
        assert complaint is not None
        assert not complaint[1]


@pytest.fixture(scope="module")
def dnx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("dnx") / "whole.mov", f"{_PICTURE} {_DNX}")


def _flip(data: bytes, at: int, bits: int) -> bytes:
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


_CHANGES: dict[str, tuple[Callable[[bytes], bytes], bool]] = {
    "nothing": (lambda data: data, False),
    "the parity of a field": (lambda data: _flip(data, 5, 1), False),
    "adaptive fields": (lambda data: _flip(data, 6, 0x20), False),
    "the prefix": (lambda data: _flip(data, 3, 1), True),
    "lines": (lambda data: _flip(data, 0x19, 4), True),
    "coding": (lambda data: _flip(data, 0x2B, 1), True),
    "alpha": (lambda data: _flip(data, 7, 1), True),
    "colour transform": (lambda data: _flip(data, 0x2C, 1), True),
    "4:4:4": (lambda data: _flip(data, 0x2C, 0x40), True),
    "the end": (lambda data: data[:-1] + b"\0", True),
    "the length": (lambda data: data[:-2], True),
}


@pytest.mark.parametrize("what", _CHANGES)
def test_a_dnxhd_header_is_held_to_that_of_the_first_frame(what: str, dnx: Path) -> None:
    change, is_damage = _CHANGES[what]
    (_, first), (_, second) = _packets(dnx)[:2]
    comparison = DnxComparison()
    assert comparison.complaint(first) is None
    complaint = comparison.complaint(change(second))
    assert (complaint is not None) is is_damage


def test_two_masters_with_what_libav_says_once_in_a_process_are_both_damaged(dnx: Path, tmp_path: Path) -> None:
    first_frame, *_, last_frame = _packets(dnx)
    damaged = tmp_path / "damaged.mov"
    for start, _ in (last_frame, first_frame):
        data = bytearray(dnx.read_bytes())
        data[start + _HEADER_BYTES + 1] ^= 0x10  # another colour transform of the first macroblock
        damaged.write_bytes(data)
        (error,) = obtain_signals(damaged, probe(damaged), store=None, progress=None).log.errors
        assert "ACT flag" in error.message


def test_a_dts_packet_is_held_to_the_lengths_of_its_frames(tmp_path: Path) -> None:
    sound = make(tmp_path / "core.dts", "-f lavfi -i anoisesrc=a=0.1:r=48000:seed=1:d=0.1 -c:a dca -strict -2")
    with av.open(str(sound)) as container:
        packet = next(bytes(packet) for packet in container.demux(audio=0) if packet.size)
    extension = b"\x64\x58\x20\x25\0" + ((19 << 13) | (1 << 29)).to_bytes(5, "big") + bytes(10)
    for whole in (packet, packet + extension, b"14-bit words"):
        assert dts_complaint(whole) is None
    for cut in (packet[:-1], (packet + extension)[:-1]):
        assert dts_complaint(cut) == ("dca: the packet ends before its frame", True)
    assert dts_complaint(packet + bytes(100)) == ("dca: 100 bytes of the packet are in no frame", False)

"""Reads whether the last frame of a bare stream of frames is whole, where frames state their size: YUV4MPEG2, DV, MLP
and TrueHD, DTS, and the trailer of GIF; decodes nothing.

None of these formats states how many frames it holds, so one that was cut between frames looks whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

_TAIL_BYTES = 1024 * 1024  # house choice: above the distance of two major syncs of TrueHD at its highest rate
_FEWEST_FRAMES = 4  # house choice: so many headers in a row are no accident
_UNWRITTEN_BYTES = 4096  # house choice: a page of memory, above the padding to a sector of a disk or a disc
_LONGEST_LINE_BYTES = 4096
_DV_BYTES = {0x00: (120_000, 144_000), 0x04: (240_000, 288_000), 0x14: (480_000, 576_000), 0x18: (240_000, 288_000)}
"""Bytes of a frame at 60 and at 50 fields, by the type in the VAUX source pack (SMPTE ST 306, ST 314, ST 370)."""
_DV_FIRST_BLOCK = b"\x1f\x07\x00"
_DV_SIGNAL_TYPE = 80 * 5 + 48 + 3
_MLP_SYNC = b"\xf8\x72\x6f"
_DTS_CORE, _DTS_EXTENSION = b"\x7f\xfe\x80\x01", b"\x64\x58\x20\x25"


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameEnd:
    """`missing_byte_count`: of the last frame; None where it cannot be told. `is_closed`: None where the format has no
    mark of its end."""

    missing_byte_count: int | None = None
    is_closed: bool | None = None


def read_frame_end(file: BinaryIO, size: int) -> FrameEnd | None:
    """The end of the stream that the file is; None where it is none of those known here."""
    file.seek(0)
    start = file.read(_LONGEST_LINE_BYTES)
    if start.startswith(b"YUV4MPEG2 "):
        return FrameEnd(missing_byte_count=_missing_of_yuv(file, size, start))
    if start.startswith(_DV_FIRST_BLOCK) and len(start) > _DV_SIGNAL_TYPE:
        return FrameEnd(missing_byte_count=_missing_of_dv(file, size, start))
    if start[4:7] == _MLP_SYNC:
        return FrameEnd(missing_byte_count=_missing_of_coded(file, size, _mlp_bytes, _MLP_SYNC, 4))
    if start.startswith((_DTS_CORE, _DTS_EXTENSION)):
        return FrameEnd(missing_byte_count=_missing_of_coded(file, size, dts_bytes, start[:4], 0))
    if start.startswith((b"GIF87a", b"GIF89a")):
        return FrameEnd(is_closed=_tail(file, size)[1].rstrip(b"\0").endswith(b";"))
    return None


def ends_in_zeros(file: BinaryIO, size: int) -> bool:
    """Whether the end of a coded stream was set aside on the disk and never written."""
    file.seek(max(0, size - _UNWRITTEN_BYTES))
    return size > _UNWRITTEN_BYTES and not any(file.read(_UNWRITTEN_BYTES))


def _missing_of_yuv(file: BinaryIO, size: int, start: bytes) -> int | None:
    """Every frame is a line that begins with FRAME, and planes of one size."""
    begin = start.find(b"\n") + 1
    line_bytes = start.find(b"\n", begin) + 1 - begin
    samples = _yuv_bytes(start[:begin].decode("latin-1"))
    if not begin or line_bytes <= 0 or not samples:
        return None
    return _missing_of_equal(file, size, begin, line_bytes + samples, b"FRAME")


def _yuv_bytes(header: str) -> int:
    """Bytes of one frame; 0 where the header does not say."""
    said = {word[0]: word[1:] for word in header.split()[1:]}
    if not (said.get("W", "").isdecimal() and said.get("H", "").isdecimal()):
        return 0
    width, height = int(said["W"]), int(said["H"])
    coding = said.get("C", "420jpeg")
    half, quarter, half_height = (width + 1) // 2, (width + 3) // 4, (height + 1) // 2
    chroma = {
        "mono": 0,
        "420": 2 * half * half_height,
        "422": 2 * half * height,
        "411": 2 * quarter * height,
        "444": (3 if coding.startswith("444alpha") else 2) * width * height,
    }.get(coding[:4] if coding.startswith("mono") else coding[:3])
    depth = re.search(r"(?:mono|p)(\d+)$", coding)
    return 0 if chroma is None else (width * height + chroma) * (2 if depth is not None and int(depth[1]) > 8 else 1)


def _missing_of_dv(file: BinaryIO, size: int, start: bytes) -> int | None:
    sizes = _DV_BYTES.get(start[_DV_SIGNAL_TYPE] & 0x1F)
    return None if sizes is None else _missing_of_equal(file, size, 0, sizes[start[3] >> 7], _DV_FIRST_BLOCK)


def _missing_of_equal(file: BinaryIO, size: int, begin: int, length: int, mark: bytes) -> int | None:
    """What the last of frames of one `length` lacks; None where none begins with its `mark` there."""
    rest = (size - begin) % length
    if not rest:
        return 0
    file.seek(size - rest)
    return length - rest if file.read(min(len(mark), rest)) == mark[:rest] else None


def _tail(file: BinaryIO, size: int) -> tuple[int, bytes]:
    begin = max(0, size - _TAIL_BYTES)
    file.seek(begin)
    return begin, file.read(size - begin)


def _missing_of_coded(
    file: BinaryIO, size: int, length_of: Callable[[bytes], int], mark: bytes, mark_at: int
) -> int | None:
    """What the last frame lacks, where frames can be followed to the end from one with its `mark` at `mark_at`."""
    begin, tail = _tail(file, size)
    found = tail.find(mark)
    astray: set[int] = set()
    while found >= 0:
        first = place = found - mark_at
        passed: list[int] = []
        while 0 <= place < len(tail) and place not in astray and (length := length_of(tail[place : place + 16])):
            passed.append(place)
            place += length
        if place < len(tail) - 1:
            astray.update(passed)
        elif len(passed) >= _FEWEST_FRAMES or first + begin == 0:
            return max(1 if place == len(tail) - 1 else 0, place - len(tail))
        found = tail.find(mark, found + 1)
    return None


def _mlp_bytes(data: bytes) -> int:
    """The low twelve bits of an access unit count its words of 16 bits."""
    return ((data[0] & 15) << 8 | data[1]) * 2 if len(data) >= 2 else 0


def dts_bytes(data: bytes) -> int:
    """Length of the DTS frame that begins with `data`, 0 where none does: ETSI TS 102 114 5.3.1 (core, FSIZE) and 7.4.1
    (extension substream, nuExtSSFsize)."""
    if len(data) < 10:
        return 0
    if data.startswith(_DTS_CORE):
        return ((data[5] & 3) << 12 | data[6] << 4 | data[7] >> 4) + 1
    if data.startswith(_DTS_EXTENSION):
        bits = int.from_bytes(data[5:10], "big")  # 2 of index, 1 of header type, then 8 and 16, or 12 and 20
        return ((bits >> 5) & 0xFFFFF) + 1 if bits >> 37 & 1 else (bits >> 13 & 0xFFFF) + 1
    return 0

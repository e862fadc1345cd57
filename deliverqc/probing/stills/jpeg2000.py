"""Reads the size marker and the end of a JPEG 2000 picture, a bare codestream or in boxes (ISO/IEC 15444-1); looks at
no tile."""

from __future__ import annotations

import struct
from typing import BinaryIO

from deliverqc.probing.jpeg2000 import read_size
from deliverqc.probing.stills.model import NotAStillError, Still

_FIRST_BYTES = 64 * 1024
_END_OF_CODESTREAM = b"\xff\xd9"
_TAIL_BYTES = 4096
_SIGNATURE = b"jP  "
_CODESTREAM = b"jp2c"


def read_jpeg2000(file: BinaryIO, size: int) -> Still:
    """The header of a JPEG 2000 picture; NotAStillError where its size marker cannot be read."""
    data = file.read(_FIRST_BYTES)
    stated = read_size(data)
    if not stated:
        raise NotAStillError("its JPEG 2000 size marker cannot be read")
    return Still(
        picture={"codec": "jpeg2000", "pixel_aspect_ratio": None, **stated},
        sequence={
            "file_format": "jpeg2000",
            "byte_order": "big",
            "sample_format": "unsigned",
            "compression": "jpeg2000",
        },
        end=_promised_end(file, size, data),
    )


def _promised_end(file: BinaryIO, size: int, data: bytes) -> int | None:
    """Where the boxes, or the codestream by its mark of the end, should end; None where that is there."""
    if data[4:8] == _SIGNATURE:
        stated = _end_of_boxes(file, size)
        if stated is not None:
            return stated
    file.seek(max(0, size - _TAIL_BYTES))
    tail = file.read(_TAIL_BYTES).rstrip(b"\0")
    return None if tail.endswith(_END_OF_CODESTREAM) else size + len(_END_OF_CODESTREAM)


def _end_of_boxes(file: BinaryIO, size: int) -> int | None:
    """Where the codestream box ends; None where it goes on to the end of the file."""
    place = 0
    while place + 8 <= size:
        file.seek(place)
        head = file.read(16)
        length, name = struct.unpack_from(">I4s", head)
        if length == 1:
            (length,) = struct.unpack_from(">Q", head, 8)
        if name == _CODESTREAM:
            return place + length if length else None
        if length < 8:
            return None
        place += length
    return size + 1  # there is no codestream

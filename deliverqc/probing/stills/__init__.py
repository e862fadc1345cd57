"""Reads the header of one frame of an image sequence, by its content: DPX, OpenEXR, TIFF, PNG, JPEG 2000; decodes
nothing and knows no other frame.

A reader is one module with a function from an open file and its size to a `Still`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import BinaryIO

from deliverqc.probing.stills.model import NotAStillError, Still


def read_still(file: BinaryIO, size: int) -> Still:
    """The header of the picture in `file`, `size` bytes long. NotAStillError where it is none of the formats known
    here, or its header contradicts itself or is cut."""
    file.seek(0)
    start = file.read(12)
    name, reader = _reader(start)
    file.seek(0)
    try:
        return reader(file, size)
    except (struct.error, LookupError, ValueError, ArithmeticError, MemoryError) as error:
        raise NotAStillError(f"its {name} header is cut or contradicts itself") from error


def _reader(start: bytes) -> tuple[str, Callable[[BinaryIO, int], Still]]:
    """Name of the format and its reader, which is imported where a frame of it is met."""
    if start[:4] in (b"SDPX", b"XPDS"):
        from deliverqc.probing.stills.dpx import read_dpx

        return "DPX", read_dpx
    if start[:4] == b"\x76\x2f\x31\x01":
        from deliverqc.probing.stills.openexr import read_openexr

        return "OpenEXR", read_openexr
    if start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        from deliverqc.probing.stills.tiff import read_tiff

        return "TIFF", read_tiff
    if start[:8] == b"\x89PNG\r\n\x1a\n":
        from deliverqc.probing.stills.png import read_png

        return "PNG", read_png
    if start[:4] == b"\xff\x4f\xff\x51" or start[4:8] == b"jP  ":
        from deliverqc.probing.stills.jpeg2000 import read_jpeg2000

        return "JPEG 2000", read_jpeg2000
    if not any(start):
        raise NotAStillError("it holds nothing but zeros" if start else "it is empty (0 bytes)")
    raise NotAStillError("it is not a DPX, OpenEXR, TIFF, PNG or JPEG 2000 picture")

"""Walks the chunks of RIFF, RF64, AVI and AIFF files for the bytes and pictures that they promise; decodes nothing.

Every size is taken as a claim: it moves a file position and sets no memory aside.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import BinaryIO

from deliverqc.facts.model import Facts

_NOT_STATED = (0, 0xFFFFFFFF)  # what writers leave in a 32-bit size that they never came back to, or that ds64 replaces
_MAXIMUM_CHUNKS = 100_000


@dataclass(kw_only=True, slots=True)
class RiffFile:
    """`promised_end`: first byte after all that the chunk sizes speak of; None where they are left open.

    `pictures`: what an AVI states of each stream of pictures, by the number of the stream.
    """

    promised_end: int | None = None
    pictures: dict[int, Facts] = field(default_factory=dict)


def read_riff(file: BinaryIO, size: int) -> RiffFile:
    """Read the forms of a file that starts with RIFF, RF64, BW64 or FORM; a second RIFF chunk (OpenDML) is read too."""
    file.seek(0)
    kind = file.read(4)
    found = RiffFile()
    order = ">" if kind == b"FORM" else "<"
    sizes = _long_sizes(file, size) if kind in (b"RF64", b"BW64") else {}
    start = 0
    for _ in range(_MAXIMUM_CHUNKS):
        file.seek(start)
        header = file.read(8)
        if len(header) < 8 or header[:4] not in (b"RIFF", b"RF64", b"BW64", b"FORM"):
            break
        (length,) = struct.unpack(f"{order}4xI", header)
        length = sizes.get("RIFF", length)
        is_open = length in _NOT_STATED
        end = size if is_open else start + 8 + length
        found.promised_end = _later(found.promised_end, None if is_open else _without_padding(end, size))
        _read_form(file, start + 12, min(end, size), order, sizes, found)
        start = end + end % 2
    return found


def _later(first: int | None, second: int | None) -> int | None:
    return max((end for end in (first, second) if end is not None), default=None)


def _without_padding(end: int, size: int) -> int:
    """A form may count the padding byte of its last chunk, which is no loss where it is missing."""
    return size if end == size + 1 else end


def _read_form(file: BinaryIO, start: int, stop: int, order: str, sizes: dict[str, int], found: RiffFile) -> None:
    for kind, payload, length in _chunks(file, start, stop, order):
        if kind == "data":
            length = sizes.get("data", length)
        if kind in ("data", "SSND", "movi"):
            if length in _NOT_STATED:
                return
            found.promised_end = _later(found.promised_end, payload + length)
        elif kind == "hdrl":
            _read_streams(file, payload, min(payload + length, stop), found)


def _chunks(file: BinaryIO, start: int, stop: int, order: str) -> Iterator[tuple[str, int, int]]:
    """Yield (kind, start of the payload, its length); a LIST goes by the kind of the list."""
    for _ in range(_MAXIMUM_CHUNKS):
        if start + 8 > stop:
            return
        file.seek(start)
        header = file.read(12)
        if len(header) < 8:
            return
        kind, length = struct.unpack(f"{order}4sI", header[:8])
        payload = start + 8
        if kind == b"LIST" and len(header) == 12:
            yield header[8:12].decode("latin-1"), payload + 4, max(0, length - 4)
        else:
            yield kind.decode("latin-1"), payload, length
        start = payload + length + length % 2


def _long_sizes(file: BinaryIO, size: int) -> dict[str, int]:
    """The 64-bit sizes of a `ds64` chunk (EBU Tech 3306)."""
    for kind, payload, length in _chunks(file, 12, size, "<"):
        if kind == "ds64" and length >= 16:
            file.seek(payload)
            data = file.read(16)
            if len(data) == 16:
                riff, essence = struct.unpack("<QQ", data)
                return {"RIFF": riff, "data": essence}
        break
    return {}


def _read_streams(file: BinaryIO, start: int, stop: int, found: RiffFile) -> None:
    number = -1
    is_picture = False
    for kind, payload, length in list(_chunks(file, start, stop, "<")):
        if kind != "strl":
            continue
        number += 1
        for inner, inside, inner_length in list(_chunks(file, payload, min(payload + length, stop), "<")):
            file.seek(inside)
            data = file.read(min(inner_length, 64))
            if inner == "strh" and len(data) >= 36:
                is_picture = data[:4] == b"vids"
                scale, rate = struct.unpack_from("<II", data, 20)
                if is_picture:
                    found.pictures[number] = {"frame_rate": Fraction(rate, scale)} if scale and rate else {}
            elif inner == "strf" and is_picture and len(data) >= 12:
                width, height = struct.unpack_from("<ii", data, 4)
                if width > 0 and height:
                    found.pictures.setdefault(number, {}).update({"width_px": width, "height_px": abs(height)})

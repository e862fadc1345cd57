"""Reads the header and the offset table of an OpenEXR file (openexr.com, "OpenEXR File Layout"); looks at no sample."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO

from deliverqc.probing.stills.model import NotAStillError, Still, packed_timecode, stated_rate

_FIRST_BYTES = 64 * 1024
_MOST_BYTES = 16 * 1024 * 1024  # house choice: above previews and camera metadata
_TILED, _DEEP, _SEVERAL_PARTS = 0x200, 0x800, 0x1000
_COMPRESSION = ("none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab", "htj2k256", "htj2k32")
_LINES = (1, 1, 1, 16, 32, 16, 32, 32, 32, 256, 256, 32)
_TYPES = {0: ("unsigned", 32), 1: ("half", 16), 2: ("float", 32)}
_READ_BY_LIBAV = _COMPRESSION[:10]


def read_openexr(file: BinaryIO, size: int) -> Still:
    """The header of an OpenEXR picture; NotAStillError, ValueError or struct.error where it is cut or cannot be."""
    data = file.read(_FIRST_BYTES)
    while (found := _attributes(data)) is None:
        if len(data) >= min(size, _MOST_BYTES):
            raise NotAStillError("its OpenEXR header is cut")
        data += file.read(len(data))
    stated, place = found
    (flags,) = struct.unpack_from("<I", data, 4)
    channels = list(_channels(stated["channels"]))
    left, top, right, bottom = struct.unpack("<4i", stated["displayWindow"])
    window = struct.unpack("<4i", stated["dataWindow"])
    kinds = {kind for _, kind in channels}
    sample_format, depth = max((_TYPES[kind] for kind in kinds), key=lambda one: one[1])
    code = stated["compression"][0]
    compression = _COMPRESSION[code] if code < len(_COMPRESSION) else f"other:{code}"
    is_plain = not flags & (_TILED | _DEEP | _SEVERAL_PARTS) and code < len(_LINES)
    end, is_unfinished = _end(file, place, window, _LINES[code]) if is_plain else (None, False)
    (shape,) = struct.unpack("<f", stated.get("pixelAspectRatio", bytes(4)))
    return Still(
        picture={
            "codec": "exr",
            "width_px": right - left + 1,
            "height_px": bottom - top + 1,
            "bit_depth_bits": depth,
            "color_primaries": _primaries(stated.get("chromaticities")),
            "pixel_aspect_ratio": Fraction(shape).limit_denominator(1000) if shape > 0 else None,
        },
        sequence={
            "file_format": "openexr",
            "byte_order": "little",
            "sample_format": sample_format,
            "components": _components([name for name, _ in channels]),
            "channels": [name for name, _ in channels],
            "compression": compression,
            "data_window_px": list(window),
            "display_window_px": [left, top, right, bottom],
        },
        end=end,
        is_unfinished=is_unfinished,
        frame_rate=_rate(stated.get("framesPerSecond")),
        timecode=_timecode(stated.get("timeCode")),
        is_display_referred=False,
        unread=_unread(flags, compression),
    )


def _attributes(data: bytes) -> tuple[dict[str, bytes], int] | None:
    """The attributes of the first header, and where it ends; None where `data` ends before it."""
    place = 8
    stated: dict[str, bytes] = {}
    while place < len(data):
        if data[place] == 0:
            return stated, place + 1
        name_end = data.find(b"\0", place)
        type_end = data.find(b"\0", name_end + 1)
        if name_end < 0 or type_end < 0 or type_end + 5 > len(data):
            return None
        (length,) = struct.unpack_from("<I", data, type_end + 1)
        begin = type_end + 5
        if begin + length > len(data):
            return None
        stated[data[place:name_end].decode("latin-1")] = data[begin : begin + length]
        place = begin + length
    return None


def _channels(data: bytes) -> Iterator[tuple[str, int]]:
    """Name and pixel type of each channel."""
    place = 0
    while place < len(data) and data[place]:
        end = data.index(b"\0", place)
        yield data[place:end].decode("latin-1"), struct.unpack_from("<I", data, end + 1)[0]
        place = end + 17


def _components(names: list[str]) -> str:
    """The components of the main layer."""
    plain = set(names)
    if {"R", "G", "B"} <= plain:
        return "rgba" if "A" in plain else "rgb"
    if "Y" in plain:
        return "cbycr" if {"RY", "BY"} <= plain else "y"
    return "other:" + ",".join(names[:8])


def _end(file: BinaryIO, place: int, window: tuple[int, ...], lines: int) -> tuple[int | None, bool]:
    """Where the last chunk ends, by the offset table behind the header, and whether the writer left the table open."""
    count = -(-(window[3] - window[1] + 1) // lines)
    file.seek(place)
    table = file.read(8 * count)
    if len(table) < 8 * count:
        return place + 8 * count, False
    offsets = struct.unpack(f"<{count}Q", table)
    if not all(offsets):
        return None, True
    last = max(offsets)
    file.seek(last)
    head = file.read(8)
    return (last + 8 + struct.unpack("<ii", head)[1] if len(head) == 8 else last + 8), False


def _primaries(data: bytes | None) -> str | None:
    if data is None or len(data) < 24:
        return None
    from deliverqc.probing.bitstream import name_chromaticities  # with libav: 60 ms, once a process

    return name_chromaticities(struct.unpack_from("<6f", data))


def _rate(data: bytes | None) -> Fraction | None:
    if data is None or len(data) < 8:
        return None
    above, below = struct.unpack_from("<iI", data)
    return stated_rate(Fraction(above, below)) if below else None


def _timecode(data: bytes | None) -> str | None:
    return None if data is None or len(data) < 4 else packed_timecode(struct.unpack_from("<I", data)[0])


def _unread(flags: int, compression: str) -> str | None:
    if flags & _DEEP:
        return "libav does not read deep data"
    if flags & _SEVERAL_PARTS:
        return "libav does not read several parts"
    return None if compression in _READ_BY_LIBAV else f"libav does not read the compression {compression}"

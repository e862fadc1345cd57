"""Reads one sample of the timed text of MP4 (3GPP TS 26.245; QuickTime File Format, subtitles). Knows no clock."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from deliverqc.timed_text.faults import Faults
from deliverqc.timed_text.model import Event
from deliverqc.timed_text.plain_text import shown_lines

_SOME_FORCED, _ALL_FORCED = 0x40000000, 0x80000000
"""Display flags of subtitles (QuickTime File Format)."""

_ITALIC = 2
_ALIGNS = {0: "left", 1: "center", -1: "right"}
_STYLE_BYTES, _QUICKTIME_STYLE_BYTES = 12, 20
_QUICKTIME_BYTES = 43
"""Of a text description, to the end of its colour."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """What the description of the track states for every sample."""

    flags: int = 0
    align: str | None = None
    is_italic: bool = False
    color: str | None = None


def style_of(header: bytes) -> Style:
    """The defaults in a sample description, from its display flags on."""
    if len(header) < 30:
        return Style()
    flags, align = struct.unpack_from(">Ib", header)
    face, _, color = _look(header[18:30])
    return Style(flags=flags, align=_ALIGNS.get(align), is_italic=bool(face & _ITALIC), color=color)


def quicktime_style_of(header: bytes) -> Style:
    """The defaults in a text description of QuickTime, from its display flags on (QuickTime File Format, text media);
    its flags are others. ffmpeg writes that of MP4 in its place, whose second word is no alignment."""
    if len(header) < _QUICKTIME_BYTES:
        return replace(style_of(header), flags=0)
    align, face, red, green, blue = struct.unpack_from(">4xi24xH3xBxBxB", header)
    if align not in _ALIGNS:
        return replace(style_of(header), flags=0)
    return Style(align=_ALIGNS.get(align), is_italic=bool(face & _ITALIC), color=f"#{red:02x}{green:02x}{blue:02x}")


def event(
    number: int,
    begin_s: Fraction,
    end_s: Fraction | None,
    data: bytes,
    style: Style,
    faults: Faults,
    *,
    is_quicktime: bool = False,
) -> Event:
    """The text of a sample, and how it is shown. `is_quicktime`: text media of QuickTime, whose text is in the encoding
    that the sample names, else that of the Macintosh."""
    length = int.from_bytes(data[:2], "big")
    text = data[2 : 2 + length]
    if len(data) < 2 or len(text) < length:
        faults.add("bad-sample", "The sample is shorter than the text that it states.", None, number)
    boxes = list(_boxes(data[2 + length :], faults, number))
    looks = [look for kind, body in boxes if kind == b"styl" for look in _looks(body)]
    colors = [style.color, *(color for _, _, color in looks)] if text else []
    is_forced = bool(style.flags & _ALL_FORCED) or any(kind == b"frcd" for kind, _ in boxes)
    encoding = _quicktime_encoding(boxes, text) if is_quicktime else "utf-8"
    return Event(
        number=number,
        begin_s=begin_s,
        end_s=end_s,
        lines=shown_lines(_decoded(text, encoding, faults, number)),
        align=style.align,
        is_italic=style.is_italic or any(face & _ITALIC for face, _, _ in looks),
        is_forced=None if is_quicktime else is_forced,
        colors=tuple(dict.fromkeys(color for color in colors if color is not None)),
    )


def _quicktime_encoding(boxes: Sequence[tuple[bytes, bytes]], text: bytes) -> str:
    """By the text encoding that a sample names: Unicode (0x0100, with a variant ahead of it) is UTF-8. Where it names
    none, UTF-8 is what ffmpeg writes, and hardly any text in the Macintosh's encoding can be read as that."""
    stated = next((body for kind, body in boxes if kind == b"encd"), b"")
    if stated[-2:] == b"\x01\x00":
        return "utf-8"
    try:
        text.decode()
    except UnicodeDecodeError:
        return "mac-roman"
    return "utf-8" if not stated else "mac-roman"


def _decoded(text: bytes, encoding: str, faults: Faults, number: int) -> str:
    """In that encoding, or UTF-16 with a byte order mark (section 5.17.1)."""
    encoding = "utf-16" if text[:2] in (b"\xfe\xff", b"\xff\xfe") else encoding
    try:
        decoded = text.decode(encoding)
    except UnicodeDecodeError:
        faults.add("undecodable-bytes", f"The text is not valid {encoding.upper()}.", None, number)
        decoded = text.decode(encoding, "replace")
    return decoded.replace("\r\n", "\n").replace("\r", "\n")


def _boxes(data: bytes, faults: Faults, number: int) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8 or at + size > len(data):
            faults.add("bad-sample", "What follows the text in a sample is cut.", None, number)
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + size]
        at += size


def _looks(styl: bytes) -> Iterator[tuple[int, int, str]]:
    count = int.from_bytes(styl[:2], "big")
    if count and len(styl) - 2 == count * _QUICKTIME_STYLE_BYTES:
        for at in range(2, len(styl), _QUICKTIME_STYLE_BYTES):
            face, red, green, blue = struct.unpack_from(">10xBx2xBxBxBx", styl, at)
            yield face, 0, f"#{red:02x}{green:02x}{blue:02x}"
        return
    for at in range(2, min(len(styl) - _STYLE_BYTES + 1, 2 + count * _STYLE_BYTES), _STYLE_BYTES):
        yield _look(styl[at : at + _STYLE_BYTES])


def _look(record: bytes) -> tuple[int, int, str]:
    """Face, size and colour of a style record (section 5.17.1.1)."""
    face, size, red, green, blue = struct.unpack_from(">6xBBBBBx", record)
    return face, size, f"#{red:02x}{green:02x}{blue:02x}"

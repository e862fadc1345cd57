"""The code space of CTA-708-E: its letters (section 7.1), and how many bytes stand behind each code. Knows no state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

NUL, ETX, BS, FF, CR, HCR, EXT1, P16 = 0x00, 0x03, 0x08, 0x0C, 0x0D, 0x0E, 0x10, 0x18
CW, CLW, DSW, HDW, TGW, DLW, DLY, DLC, RST = range(0x80, 0x88), 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F
SPA, SPC, SPL, SWA, DF = 0x90, 0x91, 0x92, 0x97, range(0x98, 0xA0)

EXTENDED = 0x1000
"""Added to a code that comes behind EXT1."""

_WINDOWS_BYTES = {
    **dict.fromkeys(range(CLW, DLC), 1),
    SPA: 2,
    SPC: 3,
    SPL: 2,
    SWA: 4,
    **dict.fromkeys(DF, 6),
}
"""Bytes behind a command of the C1 set (section 8.10)."""

KNOWN_C0 = frozenset((NUL, ETX, BS, FF, CR, HCR, P16))
KNOWN_C1 = frozenset((*CW, DLC, RST, *_WINDOWS_BYTES))

_EXTENDED_LETTERS = {
    0x20: " ",
    0x21: "\u00a0",
    0x25: "…",
    0x2A: "Š",
    0x2C: "Œ",
    0x30: "█",
    0x31: "‘",
    0x32: "’",
    0x33: "“",
    0x34: "”",
    0x35: "•",
    0x39: "™",
    0x3A: "š",
    0x3C: "œ",
    0x3D: "℠",
    0x3F: "Ÿ",
    0x76: "⅛",
    0x77: "⅜",
    0x78: "⅝",
    0x79: "⅞",
    0x7A: "│",
    0x7B: "┐",
    0x7C: "└",
    0x7D: "─",
    0x7E: "┘",
    0x7F: "┌",
    0xA0: "[CC]",
}
"""Sets G2 and G3; the last is a sign."""

_NOT_CHARACTERS = frozenset((*range(0x7F, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF))
"""Of two bytes: control codes, halves of surrogate pairs and what Unicode keeps free."""

UNKNOWN = "_"
"""What section 7.1 has shown for a letter that is not known."""


class Code(NamedTuple):
    """A letter, command or control code, and the bytes that belong to it; `is_whole`: they are all there."""

    code: int
    data: bytes
    is_whole: bool


def codes_in(block: bytes) -> Iterator[Code]:
    """The codes of a service block, in order."""
    place = 0
    while place < len(block):
        code, place = block[place], place + 1
        if code == EXT1:
            if place == len(block):
                yield Code(EXT1, b"", False)
                return
            code, place = EXTENDED | block[place], place + 1
        count = _bytes_behind(code, block[place : place + 1])
        data, place = block[place : place + count], place + count
        yield Code(code, data, len(data) == count)


def is_letter(code: int) -> bool:
    """Whether a code is a letter or a sign of G0 to G3, or P16."""
    second = code % EXTENDED
    return code == P16 or 0x20 <= second < 0x80 or second >= 0xA0


def letter(code: int, data: bytes) -> str | None:
    """The letter that a code stands for; None where it is none. UNKNOWN where the standard has no such letter."""
    if not is_letter(code):
        return None
    if code == P16:
        point = int.from_bytes(data, "big")
        return UNKNOWN if point < 0x20 or point in _NOT_CHARACTERS else chr(point)
    if code < EXTENDED:
        return "♪" if code == 0x7F else chr(code)
    return _EXTENDED_LETTERS.get(code - EXTENDED, UNKNOWN)


def _bytes_behind(code: int, after: bytes) -> int:
    if code < 0x20:
        return 2 if code >= 0x18 else int(code > EXT1)
    if code < EXTENDED:
        return _WINDOWS_BYTES.get(code, 0)
    second = code - EXTENDED
    if second < 0x20:
        return second >> 3
    if 0x80 <= second < 0x90:
        return 4 if second < 0x88 else 5
    if 0x90 <= second < 0xA0:
        return 1 + (after[0] & 0x1F if after else 0)
    return 0

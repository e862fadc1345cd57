"""Decodes text fields of EBU STL: code tables 00 to 04 (ISO 6937 and ISO 8859-5 to -8), lines, teletext colours and
open-subtitle italics (EBU Tech 3264, section 5 and appendix 2). Knows no block and no time."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

TABLES = {"00": "iso6937", "01": "iso8859-5", "02": "iso8859-6", "03": "iso8859-7", "04": "iso8859-8"}
"""Character code table (GSI CCT) and the codec that it is."""

NEW_LINE = 0x8A
UNUSED = 0x8F
UNKNOWN = "\ufffd"
_DOUBLE_HEIGHT = 0x0D
_ITALIC_ON, _ITALIC_OFF = 0x80, 0x81
_OPEN_CODES = range(0x80, 0x86)
_TELETEXT_CODES = range(0x20)
_COLORS = ("#000000", "#ff0000", "#00ff00", "#ffff00", "#0000ff", "#ff00ff", "#00ffff", "#ffffff")
_WHITE = _COLORS[7]

_SINGLE = dict(
    zip(
        (*range(0xA0, 0xA6), *range(0xA7, 0xC0), *range(0xD0, 0xD8), *range(0xDC, 0xE5), *range(0xE6, 0x100)),
        "\u00a0¡¢£$¥§¤‘“«←↑→↓°±²³×µ¶·÷’”»¼½¾¿—¹®©™♪¬¦⅛⅜⅝⅞ΩÆĐªĦĲĿŁØŒºÞŦŊŉĸæđðħıĳŀłøœßþŧŋ\u00ad",
        strict=True,
    )
)
"""ISO/IEC 6937, upper half, without the accents."""

_ACCENTS: dict[int, tuple[str, str]] = dict(
    zip(
        (*range(0xC1, 0xC9), *range(0xCA, 0xCC), *range(0xCD, 0xD0)),
        zip(
            "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u0327\u030b\u0328\u030c",
            "`´^~¯˘˙¨˚¸˝˛ˇ",
            strict=True,
        ),
        strict=True,
    )
)
"""Accents of ISO/IEC 6937, which come before their letter: as combining characters, and alone before a space."""

_ACUTE, _G_CEDILLA = 0xC2, "ģ"
"""ISO/IEC 6937 writes the cedilla of this letter as an acute accent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldText:
    """Text of one subtitle. `unknown`: bytes that the table has no character for; `reserved`: control codes that do not
    exist, each once."""

    lines: tuple[str, ...]
    colors: tuple[str, ...]
    is_italic: bool
    is_double_height: bool
    unknown: tuple[int, ...]
    reserved: tuple[int, ...]


@dataclass(slots=True)
class _State:
    """`color`: None where the text has none of its own (open subtitles)."""

    color: str | None
    is_italic: bool = False


def read_field(data: bytes, table: str, *, is_teletext: bool) -> FieldText:
    """The text in `data`, one field or several that follow each other, without the unused space at its end."""
    codec = TABLES[table]
    lines: list[str] = []
    colors: dict[str, None] = {}
    unknown: dict[int, None] = {}
    reserved: dict[int, None] = {}
    italics: list[bool] = []
    state = _State(color=_WHITE if is_teletext else None)
    for row in data.split(bytes((NEW_LINE,))):
        if is_teletext:
            state.color = _WHITE  # a teletext row begins white
        parts = []
        for run in _runs(row, reserved):
            if isinstance(run, int):
                _obey(run, state)
                parts.append(" ")
                continue
            text = _decode(run, codec, unknown)
            parts.append(text)
            if text.strip():
                italics.append(state.is_italic)
                if state.color is not None:
                    colors[state.color] = None
        line = " ".join("".join(parts).split(" ")).strip()
        lines.append(" ".join(word for word in line.split(" ") if word))
    return FieldText(
        lines=tuple(line for line in lines if line),
        colors=tuple(colors),
        is_italic=bool(italics) and all(italics),
        is_double_height=_DOUBLE_HEIGHT in data,
        unknown=tuple(unknown),
        reserved=tuple(reserved),
    )


def _runs(row: bytes, reserved: dict[int, None]) -> Iterator[bytes | int]:
    """Runs of characters, and control codes, each of which takes the place of a space."""
    run = bytearray()
    for code in row:
        if 0x20 <= code < 0x7F or code >= 0xA0:
            run.append(code)
            continue
        if run:
            yield bytes(run)
            run.clear()
        if code in _TELETEXT_CODES or code in _OPEN_CODES:
            yield code
        elif code != UNUSED:
            reserved[code] = None
    if run:
        yield bytes(run)


def _obey(code: int, state: _State) -> None:
    if code < len(_COLORS) and state.color is not None:
        state.color = _COLORS[code]
    elif code in (_ITALIC_ON, _ITALIC_OFF):
        state.is_italic = code == _ITALIC_ON


def _decode(run: bytes, codec: str, unknown: dict[int, None]) -> str:
    if codec == "iso6937":
        return _latin(run, unknown)
    text = run.decode(codec, "replace")
    for code, character in zip(run, text, strict=True):
        if character == UNKNOWN:
            unknown[code] = None
    return text


def _latin(run: bytes, unknown: dict[int, None]) -> str:
    """ISO/IEC 6937: an accent and its letter are one character."""
    found = []
    accent: int | None = None
    for code in run:
        if accent is not None:
            found.append(_accented(accent, code, unknown))
            accent = None
        elif code in _ACCENTS:
            accent = code
        elif code < 0x7F:
            found.append(chr(code))
        else:
            found.append(_SINGLE.get(code, UNKNOWN))
            if code not in _SINGLE:
                unknown[code] = None
    if accent is not None:
        found.append(UNKNOWN)
        unknown[accent] = None
    return "".join(found)


def _accented(accent: int, code: int, unknown: dict[int, None]) -> str:
    if code == 0x20:
        return _ACCENTS[accent][1]
    if accent == _ACUTE and code == ord("g"):
        return _G_CEDILLA
    whole = unicodedata.normalize("NFC", chr(code) + _ACCENTS[accent][0]) if chr(code).isascii() else ""
    if len(whole) == 1:
        return whole
    unknown[accent] = None
    return UNKNOWN

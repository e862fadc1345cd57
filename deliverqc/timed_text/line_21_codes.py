"""The codes of CTA-608-E (47 CFR 79.101), without parity and for the first channel of a field. Knows no state."""

from __future__ import annotations

ROWS, COLUMNS = 15, 32

RCL, BS, AOF, AON, DER, RU2, RU3, RU4, FON, RDC, TR, RTD, EDM, CR, ENM, EOC = range(0x20, 0x30)
"""CTA-608-E table 52, second byte of the miscellaneous control codes."""

MISCELLANEOUS_CODES = range(0x20, 0x30)
"""Those codes."""

MISCELLANEOUS = (0x14, 0x15)
"""First byte: 15 in the second field, where many encoders write 14 all the same."""

COLORS = ("#ffffff", "#00ff00", "#0000ff", "#00ffff", "#ff0000", "#ffff00", "#ff00ff")
"""White, green, blue, cyan, red, yellow, magenta (table 51)."""

_PAC_ROWS = {
    0x10: (11, None),
    0x11: (1, 2),
    0x12: (3, 4),
    0x13: (12, 13),
    0x14: (14, 15),
    0x15: (5, 6),
    0x16: (7, 8),
    0x17: (9, 10),
}

_STANDARD = {0x2A: "á", 0x5C: "é", 0x5E: "í", 0x5F: "ó", 0x60: "ú", 0x7B: "ç", 0x7C: "÷"} | {
    0x7D: "Ñ",
    0x7E: "ñ",
    0x7F: "█",
}
SOLID_BLOCK = "█"

SPECIAL = dict(zip(range(0x30, 0x40), "®°½¿™¢£♪à\0èâêîôû", strict=True))
"""After 11; 39 is the transparent space."""

TRANSPARENT = "\0"

EXTENDED = {
    0x12: dict(zip(range(0x20, 0x40), "ÁÉÓÚÜü‘¡*'—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»", strict=True)),
    0x13: dict(zip(range(0x20, 0x40), "ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤│ÅåØø┌┐└┘", strict=True)),
}
"""Tables 5 to 10: each takes the place of the letter before it."""


def character(code: int) -> str:
    """The letter of a byte from 20 to 7F (table 50)."""
    return _STANDARD.get(code, chr(code))


def pac(first: int, second: int) -> tuple[int, int, str, bool] | None:
    """Row from 1, column from 0, colour and slant of a preamble address code; None where it is none (table 53)."""
    rows = _PAC_ROWS.get(first)
    if rows is None or not 0x40 <= second < 0x80:
        return None
    row = rows[second >> 5 & 1]
    if row is None:
        return None
    style = second >> 1 & 0x0F
    if style >= 8:
        return row, 4 * (style - 8), COLORS[0], False
    return row, 0, COLORS[0] if style == 7 else COLORS[style], style == 7

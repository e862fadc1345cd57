"""Reads one event of SubStation Alpha as Matroska holds it, and the styles that its track states. Knows no times.

The format has no standard: the specification of its program (ass-specs) is the source, and libass for what it leaves
open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from deliverqc.timed_text.faults import Faults
from deliverqc.timed_text.model import Event
from deliverqc.timed_text.plain_text import shown_lines

_FIELDS = 9
"""ReadOrder, Layer, Style, Name, MarginL, MarginR, MarginV, Effect, Text (Matroska codec mappings, S_TEXT/ASS)."""

_BLOCK = re.compile(r"\{([^{}]*+)\}")
_TAG = re.compile(r"\\(i|p|an|a|fn|1c|c)([^\\]*+)")
_COLOR = re.compile(r"&?H?0*([0-9A-Fa-f]{1,8})&?")
_ALIGNS = ("right", "left", "center")
_VERTICALS = ("bottom", "center", "top")


@dataclass(kw_only=True, slots=True)
class Style:
    """How text is shown. `position`: of the keypad, 2 is bottom centre."""

    font: str | None = None
    color: str | None = None
    is_italic: bool = False
    position: int = 2


@dataclass(kw_only=True, slots=True)
class _Shown:
    style: Style
    is_italic: bool
    position: int
    is_drawing: bool = False
    has_drawing: bool = False
    colors: list[str] = field(default_factory=list)
    fonts: list[str] = field(default_factory=list)


def styles_of(header: str) -> dict[str, Style]:
    """The styles of a track by their names."""
    found: dict[str, Style] = {}
    columns: list[str] = []
    is_old = False
    for line in header.splitlines():
        kind, _, rest = line.partition(":")
        if line.startswith("["):
            columns, is_old = [], line.strip().lower() == "[v4 styles]"
        elif kind.strip().lower() == "format":
            columns = [one.strip().lower() for one in rest.split(",")]
        elif kind.strip().lower() == "style" and "name" in columns:
            values = dict(zip(columns, (one.strip() for one in rest.split(",")), strict=False))
            found[values.get("name", "").lstrip("*")] = Style(
                font=values.get("fontname"),
                color=_color(values.get("primarycolour", "")),
                is_italic=values.get("italic", "0") not in ("", "0"),
                position=_position(values.get("alignment", "2"), is_old=is_old),
            )
    return found


def event(
    number: int, begin_s: Fraction, end_s: Fraction | None, text: str, styles: Mapping[str, Style], faults: Faults
) -> Event | None:
    """What an event shows; None, and a fault, where it has not the fields of one. An event that only draws is an
    image."""
    fields = text.split(",", _FIELDS - 1)
    if len(fields) < _FIELDS:
        faults.add(
            "bad-event", f"An event has {len(fields)} fields in place of {_FIELDS}, so it is lost.", None, number
        )
        return None
    style = styles.get(fields[2].strip().lstrip("*")) or styles.get("Default") or Style()
    shown = _Shown(style=style, is_italic=style.is_italic, position=style.position)
    kept, at = [], 0
    for block in _BLOCK.finditer(fields[-1]):
        kept.append("" if shown.is_drawing else fields[-1][at : block.start()])
        _override(block[1], shown)
        at = block.end()
    kept.append("" if shown.is_drawing else fields[-1][at:])
    lines = shown_lines("".join(kept).replace("\\N", "\n").replace("\\n", " ").replace("\\h", "\u00a0"))
    color = [style.color] if style.color and lines else []
    font = [style.font] if style.font and lines else []
    return Event(
        number=number,
        begin_s=begin_s,
        end_s=end_s,
        lines=lines,
        vertical=_VERTICALS[(shown.position - 1) // 3],
        align=_ALIGNS[shown.position % 3],
        is_image=shown.has_drawing and not lines,
        is_italic=shown.is_italic,
        colors=tuple(dict.fromkeys(color + shown.colors)),
        fonts=tuple(dict.fromkeys(font + shown.fonts)),
    )


def _override(tags: str, shown: _Shown) -> None:
    for tag, value in _TAG.findall(tags):
        if tag == "i":
            shown.is_italic |= value.strip() == "1"
        elif tag == "p" and (not value or value.strip().isdigit()):
            shown.is_drawing = bool(value.strip("0 "))
            shown.has_drawing |= shown.is_drawing
        elif tag in ("an", "a") and value.strip().isdigit():
            shown.position = _position(value, is_old=tag == "a")
        elif tag == "fn" and value.strip():
            shown.fonts.append(value.strip())
        elif tag in ("c", "1c") and (color := _color(value)) is not None:
            shown.colors.append(color)


def _position(value: str, *, is_old: bool) -> int:
    """On the keypad. The old numbering has 1 to 3 at the bottom, 5 to 7 at the top, 9 to 11 in the middle."""
    try:
        number = int(value.strip()[:3])
    except ValueError:
        return 2
    if is_old:
        row = {0: 0, 4: 6, 8: 3}.get(number & 12, 0)
        return row + (number & 3) if number & 3 else 2
    return number if 1 <= number <= 9 else 2


def _color(value: str) -> str | None:
    """#rrggbb of a colour that is written as &HAABBGGRR, or in V4 styles as a number."""
    written = value.strip()
    if written.isdigit() and written.isascii():
        number = int(written[:12])
    elif written and (found := _COLOR.fullmatch(written)):
        number = int(found[1], 16)
    else:
        return None
    return f"#{number & 0xFF:02x}{number >> 8 & 0xFF:02x}{number >> 16 & 0xFF:02x}"

"""Takes the tags out of the text of one SubRip event, and says what they state. Knows no times and no counters.

SubRip has no standard: these are the tags that its program writes (`<b> <i> <u> <s> <font color face size>`, also as
`{b}`), and the position `{\\an1}` to `{\\an9}` (keypad: 8 is top centre) that players take from SubStation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from deliverqc.timed_text.colors import hex_color
from deliverqc.timed_text.faults import Faults
from deliverqc.timed_text.plain_text import shown_lines

_TAG = re.compile(r"<(/?)([A-Za-z]++)([^<>]*+)>|\{(\\[^{}]*+)\}|\{(/?)([bius])\}")
_BROKEN = re.compile(r"<\s*+/?\s*+[bius]\s*+(?:>|$)|<\s*+/?\s*+font\b", re.MULTILINE | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\s*+([A-Za-z]++)\s*+=\s*+(?:"([^"<>]*+)"|'([^'<>]*+)'|([^\s"'<>]++))""")
_OVERRIDE = re.compile(r"\\(?:an?(\d{1,2})|[bius](?:\d{1,3})?|pos\(\s*+[-\d.]++\s*+,\s*+[-\d.]++\s*+\))")
_STYLES = frozenset("bius")
_ALIGNS = ("right", "left", "center")
_VERTICALS = ("bottom", "center", "top")
_OLD_VERTICALS = {0: "bottom", 4: "top", 8: "center"}


@dataclass(kw_only=True, slots=True)
class Styled:
    """What is shown, and how. Without a position a player centres the text at the bottom."""

    lines: tuple[str, ...] = ()
    align: str = "center"
    vertical: str = "bottom"
    is_italic: bool = False
    colors: list[str] = field(default_factory=list)
    fonts: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, faults: Faults, line: int, event: int) -> None:
        self.styled = Styled()
        self._faults, self._line, self._event = faults, line, event
        self._open: dict[str, int] = {}
        self._placed = False

    def fault(self, code: str, message: str) -> None:
        self._faults.add(code, message, self._line, self._event)

    def replace(self, found: re.Match[str]) -> str:
        if found[4] is not None:
            return self._override(found)
        name, rest = (found[2] or found[6]).lower(), found[3] or ""
        is_end = bool(found[1] or found[5])
        if name in _STYLES and not rest.strip():
            return self._style(name, is_end)
        if name == "font" and (rest[:1].isspace() or is_end or not rest):
            return self._font(rest, is_end)
        if name in _STYLES and rest[:1].isspace():
            self.fault("broken-tag", f"The tag {found[0][:40]} holds more than its name.")
            return self._style(name, is_end)
        self.fault("unknown-tag", f"{found[0][:40]} is not a tag of SubRip: players may show it as text.")
        return found[0]

    def _style(self, name: str, is_end: bool) -> str:
        count = self._open.get(name, 0)
        if is_end and not count:
            self.fault("unexpected-end-tag", f"</{name}> closes nothing.")
            return ""
        self._open[name] = count - 1 if is_end else count + 1
        self.styled.is_italic |= name == "i"
        return ""

    def _font(self, rest: str, is_end: bool) -> str:
        end = 0
        while not is_end and (found := _ATTRIBUTE.match(rest, end)):
            end = found.end()
            self._attribute(found[1].lower(), found[2] or found[3] or found[4] or "")
        if rest[end:].strip() or (not is_end and end == 0):
            self.fault("broken-tag", f"A font tag cannot be read: <font{rest[:40]}>.")
        return self._style("font", is_end)

    def _attribute(self, name: str, value: str) -> None:
        if name == "color":
            color = hex_color(value)
            if color is None:
                self.fault("unknown-color", f"{value[:40]!r} is not a colour.")
            elif color not in self.styled.colors:
                self.styled.colors.append(color)
        elif name == "face" and value and value not in self.styled.fonts:
            self.styled.fonts.append(value)
        elif name not in ("face", "size"):
            self.fault("unknown-tag", f"A font tag has no {name[:40]!r}; it has color, face and size.")

    def _override(self, found: re.Match[str]) -> str:
        end = 0
        written = found[4]
        while part := _OVERRIDE.match(written, end):
            end = part.end()
            if part[1] is not None and not self._place(int(part[1]), part[0].startswith(r"\an")):
                end = 0
                break
            self.styled.is_italic |= part[0] == r"\i1"
        if written[end:].strip() or end == 0:
            self.fault("unknown-tag", f"{found[0][:40]} is not read by players of SubRip.")
        return ""

    def _place(self, number: int, by_keypad: bool) -> bool:
        if by_keypad and 1 <= number <= 9:
            vertical = _VERTICALS[(number - 1) // 3]
        elif not by_keypad and number in (1, 2, 3, 5, 6, 7, 9, 10, 11):
            vertical = _OLD_VERTICALS[number & 12]
        else:
            return False
        if not self._placed:
            self._placed = True
            self.styled.vertical = vertical
            self.styled.align = _ALIGNS[(number if by_keypad else number & 3) % 3]
        return True

    def end(self, text: str) -> None:
        for name, count in self._open.items():
            if count:
                self.fault("unclosed-tag", f"<{name}> is not closed.")
        if "<" in text and (broken := _BROKEN.search(text)):
            self.fault("broken-tag", f"A tag is broken: {text[broken.start() :][:20]!r}.")


def styled(text: str, faults: Faults, line: int, event: int) -> Styled:
    """`text` of the event numbered `event`, which begins at `line`: the lines between its first and its last that show
    something, without tags. An unknown tag stays in the text."""
    reader = _Reader(faults, line, event)
    if "<" in text or "{" in text:
        text = _TAG.sub(reader.replace, text)
        reader.end(text)
    reader.styled.lines = shown_lines(text)
    return reader.styled

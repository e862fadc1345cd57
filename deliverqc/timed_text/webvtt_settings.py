"""Reads the settings of WebVTT's regions and cues (W3C WebVTT, sections 4.3, 4.4, 6.2 and 6.3), and where they put a
cue. Knows no text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from deliverqc.timed_text.model import Box

_PERCENTAGE = re.compile(r"\d++(?:\.\d++)?%", re.ASCII)
_LINE_NUMBER = re.compile(r"-?\d++(?:\.\d++)?", re.ASCII)
_SPACES = re.compile(r"[ \t\n\f\r]+")
_ALIGNS = ("start", "center", "end", "left", "right")
_LINE_ALIGNS = ("start", "center", "end")
_POSITION_ALIGNS = ("line-left", "center", "line-right")
_LINE_HEIGHT = 6
"""In percent of the picture's height: of a region, section 7.1 (lineHeight is 6vh)."""

_MOST_LINES = 1000
"""House choice: more are as far outside the picture, and numbers stay finite."""

_LINES_OF_PICTURE = 16
"""Whole lines of that height in the picture: by them a line number is at the top, centre or bottom."""

Fault = Callable[[str, str], None]
"""Takes a code and a sentence."""


@dataclass(kw_only=True, slots=True)
class Region:
    """A region, with the standard's defaults: `anchor` is the point in the region, and `viewport` the point of the
    picture, that coincide; all in percent."""

    name: str = ""
    width: float = 100
    lines: float = 3
    anchor: tuple[float, float] = (0, 100)
    viewport: tuple[float, float] = (0, 100)

    def box(self) -> Box:
        """Where the region is: its lines are 6 % of the picture high, whatever the font (section 7.1)."""
        height = min(self.lines, _MOST_LINES) * _LINE_HEIGHT
        left = self.viewport[0] - self.anchor[0] * self.width / 100
        top = self.viewport[1] - self.anchor[1] * height / 100
        return Box(left=left, top=top, right=left + self.width, bottom=top + height)


@dataclass(kw_only=True, slots=True)
class Settings:
    """What a cue's settings say, with the standard's defaults; `line` None: at the bottom."""

    region: Region | None = None
    writing: str = "horizontal"
    line: float | None = None
    counts_lines: bool = True
    line_align: str = "start"
    position: float | None = None
    position_align: str | None = None
    size: float = 100
    align: str = "center"

    def vertical(self) -> str | None:
        """ "top", "center" or "bottom" of the picture, in thirds; None for vertical text."""
        if self.writing != "horizontal":
            return None
        if self.region is not None:
            box = self.region.box()
            return _third((box.top + box.bottom) / 2)
        if self.line is None:
            return "bottom"
        if not self.counts_lines:
            return _third(self.line)
        from_top = self.line if self.line >= 0 else _LINES_OF_PICTURE + self.line
        return _third(100 * (from_top + 0.5) / _LINES_OF_PICTURE)


def region(text: str, fault: Fault) -> Region | None:
    """The region that a block's settings describe (section 6.2); None where it has no identifier."""
    found, count = Region(), dict[str, int]()
    for setting in filter(None, _SPACES.split(text)):
        name, colon, value = setting.partition(":")
        count[name] = count.get(name, 0) + 1
        if count[name] == 2:
            fault("repeated-setting", f"The region states {name[:20]!r} more than once.")
        if not name or not value or not colon or not _set_region(found, name, value):
            fault("bad-region-setting", f"{setting[:40]!r} is not a setting of a region.")
    if not found.name:
        fault("region-without-id", "A region has no id, so no cue can use it.")
        return None
    return found


def _set_region(found: Region, name: str, value: str) -> bool:
    if name == "id":
        found.name = value
        return "-->" not in value
    if name == "scroll":
        return value == "up"
    if name == "lines":
        if not (value.isascii() and value.isdigit()):
            return False
        found.lines = float(value)
        return True
    if name == "width":
        width = _percentage(value)
        found.width = found.width if width is None else width
        return width is not None
    x, y = (_percentage(part) for part in value.partition(",")[::2])
    if name not in ("regionanchor", "viewportanchor") or x is None or y is None:
        return False
    if name == "regionanchor":
        found.anchor = (x, y)
    else:
        found.viewport = (x, y)
    return True


def settings(text: str, regions: Mapping[str, Region], fault: Fault) -> Settings:
    """What the settings after a cue's times say (section 6.3)."""
    found, count = Settings(), dict[str, int]()
    for setting in filter(None, _SPACES.split(text)):
        name, _, value = setting.partition(":")
        count[name] = count.get(name, 0) + 1
        if count[name] == 2:
            fault("repeated-setting", f"The cue states {name[:20]!r} more than once.")
        reader = _READERS.get(name)
        if name == "region" and value:
            found.region = regions.get(value)
            if found.region is None:
                fault("unknown-region", f"The cue names the region {value[:40]!r}, which no block above it defines.")
        elif reader is None or not value or not reader(found, value):
            fault("bad-setting", f"{setting[:40]!r} is not a setting of a cue.")
    return found


def _read_vertical(found: Settings, value: str) -> bool:
    if value not in ("rl", "lr"):
        return False
    found.writing, found.region = value, None
    return True


def _read_line(found: Settings, value: str) -> bool:
    written, align = _with_align(value, _LINE_ALIGNS)
    percent = _percentage(written)
    counts = percent is None and _LINE_NUMBER.fullmatch(written) is not None
    if align == "" or (percent is None and not counts):
        return False
    number = float(written) if percent is None else percent
    if abs(number) == float("inf"):
        return False
    found.line, found.counts_lines, found.region = number, counts, None
    found.line_align = align or found.line_align
    return not counts or "." not in written  # a parser takes 1.5 lines, the syntax (4.4) does not


def _read_position(found: Settings, value: str) -> bool:
    written, align = _with_align(value, _POSITION_ALIGNS)
    percent = _percentage(written)
    if align == "" or percent is None:
        return False
    found.position = percent
    found.position_align = align or found.position_align
    return True


def _read_size(found: Settings, value: str) -> bool:
    percent = _percentage(value)
    if percent is None:
        return False
    found.size = percent
    if percent != 100:
        found.region = None
    return True


def _read_align(found: Settings, value: str) -> bool:
    if value not in _ALIGNS:
        return False
    found.align = value
    return True


_READERS: Mapping[str, Callable[[Settings, str], bool]] = {
    "vertical": _read_vertical,
    "line": _read_line,
    "position": _read_position,
    "size": _read_size,
    "align": _read_align,
}
"""Each takes over what a parser takes over, and says whether the syntax allows it."""


def _with_align(value: str, allowed: Sequence[str]) -> tuple[str, str | None]:
    """The offset and its alignment: None where none is given, empty where it is not `allowed`."""
    offset, comma, align = value.partition(",")
    if not comma:
        return offset, None
    return offset, align if align in allowed else ""


def _percentage(text: str) -> float | None:
    if _PERCENTAGE.fullmatch(text) is None:
        return None
    value = float(text[:-1])
    return value if value <= 100 else None


def _third(percent: float) -> str:
    if percent < 100 / 3:
        return "top"
    return "bottom" if percent > 200 / 3 else "center"

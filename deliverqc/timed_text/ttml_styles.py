"""Resolves styles and regions of a TTML document as far as place, colour, font and size need it; draws nothing and
knows no times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from deliverqc.timed_text.model import Box
from deliverqc.timed_text.ttml_names import EBUTTS, ITTS, TT, TTP, TTS, XML
from deliverqc.timed_text.xml_text import Faults, quoted

_LENGTH = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(px|em|c|%|rw|rh)", re.ASCII)
_HEX = re.compile(r"#([0-9a-fA-F]{6})(?:[0-9a-fA-F]{2})?")
_FUNCTION = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,\s*\d{1,3}\s*)?\)", re.ASCII)
_NAMED = {
    "black": "#000000", "silver": "#c0c0c0", "gray": "#808080", "white": "#ffffff", "maroon": "#800000",
    "red": "#ff0000", "purple": "#800080", "fuchsia": "#ff00ff", "magenta": "#ff00ff", "green": "#008000",
    "lime": "#00ff00", "olive": "#808000", "yellow": "#ffff00", "navy": "#000080", "blue": "#0000ff", "teal": "#008080",
    "aqua": "#00ffff", "cyan": "#00ffff",
}  # fmt: skip
_READ = frozenset(
    f"{TTS}{name}"
    for name in ("color", "fontFamily", "fontSize", "fontStyle", "textAlign")
    + ("origin", "extent", "position", "displayAlign", "writingMode", "ruby", "visibility", "display", "opacity")
) | {f"{ITTS}forcedDisplay", "style"}
_NOTHING: Mapping[str, str] = {}
_MOST_KNOWN = 10_000
"""House choice: distinct styles that are kept, so that a document of nothing else does not fill the memory."""

_CHANGING = frozenset(f"{{{TT}}}{name}" for name in ("set", "animate"))
_CLEAR = re.compile(r"transparent|#[0-9a-fA-F]{6}00|rgba\([^)]*,\s*0\s*\)")
_OUTLINES = (f"{TTS}textOutline", f"{TTS}textShadow")

_DEFAULT_CELLS = (32, 15)
_ITALIC = ("italic", "oblique")
_VERTICAL_MODES = ("tbrl", "tblr", "tb")
_FONT_FAMILY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^,"']+))\s*(?:,|$)""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """What text has at one place, inherited values included. `size_percent`: of the height of the picture, None where
    it cannot be known. `is_forced`: None where nothing says it. `is_visible` and `is_clear`: as tts:visibility and the
    alpha of tts:color say, None where nothing does; `is_gone`: by tts:display or tts:opacity, which nothing inside
    undoes."""

    color: str | None = None
    fonts: tuple[str, ...] = ()
    size_percent: float | None = None
    is_italic: bool = False
    align: str = "start"
    is_forced: bool | None = None
    is_visible: bool | None = None
    is_clear: bool | None = None
    is_gone: bool = False

    @property
    def is_hidden(self) -> bool:
        """Whether text in this style is never to be seen."""
        return self.is_gone or self.is_visible is False or self.is_clear is True


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """`timing`: its element, where it has times of its own."""

    name: str
    box: Box | None
    vertical: str | None
    style: Style
    element: etree._Element


@dataclass(slots=True)
class Styles:
    """Styles by their ids, flattened, and the measures that lengths need: cells, and the root's size in pixels.
    `changes`: the document has animation, which may show what a style hides. `outlines`: it draws outlines or shadows,
    which show letters without a colour."""

    cells: tuple[int, int]
    pixels: tuple[float, float] | None
    changes: bool = False
    outlines: bool = False
    initial: Style = field(default_factory=Style)
    by_id: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _known: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = field(default_factory=dict)
    _applied: dict[tuple[int, int], tuple[Style, Mapping[str, str], Style]] = field(default_factory=dict)

    def properties(self, attributes: Mapping[str, str], nested: Iterable[etree._Element] = ()) -> Mapping[str, str]:
        """Styling attributes that hold for an element itself: of the styles that it names, of styles inside it
        (`nested`, for regions), then its own."""
        key = tuple([item for item in attributes.items() if item[0] in _READ])
        if not key and not nested:
            return _NOTHING
        known = self._known.get(key)
        if known is not None and not nested:
            return known
        found: dict[str, str] = {}
        for name in _references(attributes):
            found.update(self.by_id.get(name, {}))
        for inner in nested:
            found.update(self.properties(inner.attrib))
        found.update(key)
        found.pop("style", None)
        if not nested and len(self._known) < _MOST_KNOWN:
            self._known[key] = found
        return found

    def applied(self, style: Style, properties: Mapping[str, str]) -> Style:
        """`style` with what `properties` change. Pairs of the same two objects are worked out once."""
        key = (id(style), id(properties))
        known = self._applied.get(key)
        if known is None:
            known = (style, properties, self._changed(style, properties))
            if len(self._applied) < _MOST_KNOWN:
                self._applied[key] = known
        return known[2]

    def _changed(self, style: Style, properties: Mapping[str, str]) -> Style:
        changes: dict[str, object] = {}
        for key, value in properties.items():
            if key == f"{TTS}color":
                changes["color"] = color_of(value) or style.color
                changes["is_clear"] = not self.changes and not self.outlines and bool(_CLEAR.fullmatch(value.strip()))
            elif key == f"{TTS}fontFamily":
                changes["fonts"] = font_families(value)
            elif key == f"{TTS}fontSize":
                changes["size_percent"] = self._size(value, style.size_percent)
            elif key == f"{TTS}fontStyle":
                changes["is_italic"] = value in _ITALIC
            elif key == f"{TTS}textAlign":
                changes["align"] = value
            elif key == f"{ITTS}forcedDisplay":
                changes["is_forced"] = value == "true"
            elif not self.changes:
                changes |= _hiding(key, value, style)
        return replace(style, **changes) if changes else style  # type: ignore[arg-type]

    def _size(self, value: str, inherited: float | None) -> float | None:
        parts = [_LENGTH.fullmatch(part) for part in value.split()[:2]]
        last = parts[-1] if parts else None
        if last is None:
            return inherited
        number, unit = float(last[1]), last[2]
        if unit in ("%", "em"):
            return None if inherited is None else inherited * (number / 100 if unit == "%" else number)
        return self.percent(last[0], is_vertical=True)

    def percent(self, length: str, *, is_vertical: bool) -> float | None:
        """A length as percent of the root's height or width; None where that cannot be told."""
        match = _LENGTH.fullmatch(length)
        if match is None:
            return None
        number, unit = float(match[1]), match[2]
        axis = 1 if is_vertical else 0
        if unit == "%" or unit == ("rh" if is_vertical else "rw"):
            return number
        if unit == "c":
            return number * 100 / self.cells[axis]
        if unit == "px" and self.pixels is not None:
            return number * 100 / self.pixels[axis]
        return None

    def box(self, properties: Mapping[str, str]) -> Box | None:
        """Where `tts:origin` or `tts:position` and `tts:extent` put an area; the root where neither is stated, None
        where they cannot be resolved."""
        extent = self._two(properties.get(f"{TTS}extent", "auto"), (100.0, 100.0))
        place = properties.get(f"{TTS}position")
        origin = self._two(properties.get(f"{TTS}origin", "auto"), (0.0, 0.0))
        if place is not None and extent is not None:
            origin = self._position(place, extent)
        if extent is None or origin is None:
            return None
        return Box(left=origin[0], top=origin[1], right=origin[0] + extent[0], bottom=origin[1] + extent[1])

    def _two(self, value: str, default: tuple[float, float]) -> tuple[float, float] | None:
        if value in ("auto", "contain", "inherit"):
            return default
        parts = value.split()
        if len(parts) != 2:
            return None
        across, down = self.percent(parts[0], is_vertical=False), self.percent(parts[1], is_vertical=True)
        return None if across is None or down is None else (across, down)

    def _position(self, value: str, extent: tuple[float, float]) -> tuple[float, float] | None:
        """TTML2 section 10.2.34: a percentage is of what the extent leaves free; None for three components."""
        parts = value.split()
        if len(parts) == 1:
            parts = ["center", *parts] if parts[0] in ("top", "bottom") else [*parts, "center"]
        if len(parts) == 2:
            if parts[0] in ("top", "bottom") or parts[1] in ("left", "right"):
                parts.reverse()
            parts = ["left", parts[0], "top", parts[1]]
        if len(parts) != 4:
            return None
        if parts[0] in ("top", "bottom"):
            parts = parts[2:] + parts[:2]
        across = self._offset(parts[0], parts[1], extent[0], is_vertical=False)
        down = self._offset(parts[2], parts[3], extent[1], is_vertical=True)
        return None if across is None or down is None else (across, down)

    def _offset(self, edge: str, value: str, size: float, *, is_vertical: bool) -> float | None:
        share = {"left": 0.0, "top": 0.0, "center": 50.0, "right": 100.0, "bottom": 100.0}.get(value)
        free = 100 - size
        if share is None and value.endswith("%"):
            share = self.percent(value, is_vertical=is_vertical)
        offset = self.percent(value, is_vertical=is_vertical) if share is None else free * share / 100
        if offset is None:
            return None
        return free - offset if edge in ("right", "bottom") else offset


def color_of(value: str) -> str | None:
    """A TTML colour as #rrggbb; None where it is not one. Transparent has none of its own."""
    match = _HEX.fullmatch(value)
    if match:
        return f"#{match[1].lower()}"
    match = _FUNCTION.fullmatch(value)
    if match and all(int(match[index]) <= 255 for index in (1, 2, 3)):
        return "#" + "".join(f"{int(match[index]):02x}" for index in (1, 2, 3))
    return _NAMED.get(value)


def _hiding(key: str, value: str, style: Style) -> dict[str, object]:
    """What tts:visibility, tts:display and tts:opacity change."""
    if key == f"{TTS}visibility":
        return {"is_visible": value != "hidden"}
    if key == f"{TTS}display":
        return {"is_gone": style.is_gone or value == "none"}
    if key == f"{TTS}opacity":
        return {"is_gone": style.is_gone or _is_zero(value)}
    return {}


def _is_zero(value: str) -> bool:
    try:
        return float(value.removesuffix("%")) <= 0
    except ValueError:
        return False


def font_families(value: str) -> tuple[str, ...]:
    return tuple((first or second or third).strip() for first, second, third in _FONT_FAMILY.findall(value))


def read_styles(root: etree._Element, faults: Faults) -> Styles:
    """Styles of the head, each with those that it refers to; faults `unknown-style` and `style-loop`."""
    cells = [int(part) for part in root.get(f"{TTP}cellResolution", "").split() if part.isascii() and part.isdigit()]
    size = [_LENGTH.fullmatch(part) for part in root.get(f"{TTS}extent", "").split()]
    pixels = [float(one[1]) for one in size if one and one[2] == "px"]
    styles = Styles(
        cells=(cells[0], cells[1]) if len(cells) == 2 and all(cells) else _DEFAULT_CELLS,
        pixels=(pixels[0], pixels[1]) if len(pixels) == 2 and all(one > 0 for one in pixels) else None,
        changes=next(root.iter(*_CHANGING), None) is not None,
        outlines=any(name in element.attrib for element in root.iter("*") for name in _OUTLINES),
    )
    elements = {
        element.get(f"{XML}id"): element
        for element in root.iterfind(f"{{{TT}}}head/{{{TT}}}styling/{{{TT}}}style")
        if element.get(f"{XML}id")
    }
    for name in elements:
        _flatten(name, elements, styles, faults)
    first = Style(size_percent=100 / styles.cells[1])
    for element in root.iterfind(f"{{{TT}}}head/{{{TT}}}styling/{{{TT}}}initial"):
        first = styles.applied(first, styles.properties(element.attrib))
    styles.initial = first
    return styles


def _flatten(name: str, elements: Mapping[str, etree._Element], styles: Styles, faults: Faults) -> None:
    """Resolve a style after those that it names, without recursion, so that a long chain is not a deep one."""
    chain = {name: _references(elements[name].attrib)}
    while chain:
        current = next(reversed(chain))
        following = next((one for one in chain[current] if one in elements and one not in styles.by_id), None)
        if following is None:
            styles.by_id[current] = styles.properties(elements[current].attrib)
            chain.pop(current)
        elif following in chain:
            message = f"style {quoted(current)} refers to itself through {quoted(following)}"
            faults.add("style-loop", message, elements[current].sourceline)
        else:
            chain[following] = _references(elements[following].attrib)


def _references(attributes: Mapping[str, str]) -> Iterator[str]:
    return iter(dict.fromkeys(attributes.get("style", "").split()))


def read_regions(root: etree._Element, styles: Styles) -> dict[str, Region]:
    """Regions of the layout by their ids."""
    found: dict[str, Region] = {}
    for element in root.iterfind(f"{{{TT}}}head/{{{TT}}}layout/{{{TT}}}region"):
        name = element.get(f"{XML}id")
        if name:
            found.setdefault(name, _region(name, element, styles))
    return found


def _region(name: str, element: etree._Element, styles: Styles) -> Region:
    properties = styles.properties(element.attrib, list(element.iterfind(f"{{{TT}}}style")))
    box = styles.box(properties)
    is_across = properties.get(f"{TTS}writingMode") not in _VERTICAL_MODES
    vertical = _vertical(box, properties.get(f"{TTS}displayAlign", "before")) if is_across else None
    return Region(
        name=name, box=box, vertical=vertical, style=styles.applied(styles.initial, properties), element=element
    )


def _vertical(box: Box | None, align: str) -> str | None:
    """The third of the picture in which the edge lies that text of a region is aligned to."""
    if box is None:
        return None
    at = {"before": box.top, "after": box.bottom}.get(align, (box.top + box.bottom) / 2)
    return "top" if at < 100 / 3 else "bottom" if at > 200 / 3 else "center"


_WORDS: dict[str, frozenset[str]] = {
    f"{TTS}textAlign": frozenset(("left", "center", "right", "start", "end", "justify")),
    f"{TTS}displayAlign": frozenset(("before", "center", "after", "justify")),
    f"{TTS}fontStyle": frozenset(("normal", "italic", "oblique")),
    f"{TTS}fontWeight": frozenset(("normal", "bold")),
    f"{TTS}wrapOption": frozenset(("wrap", "noWrap")),
    f"{TTS}overflow": frozenset(("visible", "hidden", "dynamic")),
    f"{TTS}visibility": frozenset(("visible", "hidden")),
    f"{TTS}display": frozenset(("auto", "none", "inlineBlock")),
    f"{TTS}showBackground": frozenset(("always", "whenActive")),
    f"{TTS}unicodeBidi": frozenset(("normal", "embed", "bidiOverride", "isolate")),
    f"{TTS}direction": frozenset(("ltr", "rtl")),
    f"{TTS}writingMode": frozenset(("lrtb", "rltb", "tbrl", "tblr", "lr", "rl", "tb")),
    f"{TTS}rubyAlign": frozenset(("start", "center", "end", "spaceAround", "spaceBetween", "withBase")),
    f"{TTS}textCombine": frozenset(("none", "all", "digits", "digits 2", "digits 3", "digits 4")),
    f"{ITTS}forcedDisplay": frozenset(("true", "false")),
    f"{ITTS}fillLineGap": frozenset(("true", "false")),
    f"{EBUTTS}multiRowAlign": frozenset(("start", "center", "end", "auto")),
}
_PAIRS = (f"{TTS}extent", f"{TTS}origin")
_PAIR_WORDS = ("auto", "contain", "cover", "fitContent", "maxContent", "minContent")
_COLORS = (f"{TTS}color", f"{TTS}backgroundColor")
_OTHERS = tuple(f"{TTS}{name}" for name in ("fontSize", "fontFamily", "textShadow", "textOutline"))
OURS = frozenset((*_WORDS, *_PAIRS, *_COLORS, *_OTHERS))
"""Properties that `is_style_value` knows."""


def is_style_value(name: str, value: str) -> bool:
    """Whether a styling attribute has a value that TTML1, TTML2, IMSC 1.2 or EBU-TT-D gives it; True for attributes
    that are not looked at here."""
    if value in ("inherit", "initial"):
        return True
    words = _WORDS.get(name)
    if words is not None:
        return value in words
    if name in _COLORS:
        return value == "transparent" or color_of(value) is not None
    if name in _PAIRS:
        parts = value.split()
        is_word = len(parts) == 1 and parts[0] in _PAIR_WORDS
        return is_word or (len(parts) == 2 and all(_LENGTH.fullmatch(part) or part in _PAIR_WORDS for part in parts))
    if name == f"{TTS}fontFamily":
        return any(font_families(value))
    if name == f"{TTS}textShadow":
        return value == "none" or all(_is_shadow(one) for one in re.split(r",(?![^(]*\))", value))
    if name == f"{TTS}textOutline":
        return value == "none" or _is_outline(value)
    if name == f"{TTS}fontSize":
        parts = value.split()
        return len(parts) in (1, 2) and all(_LENGTH.fullmatch(part) for part in parts)
    return True


def _is_shadow(text: str) -> bool:
    """One shadow of TTML2 section 10.2.44: two or three lengths, and a colour or none."""
    parts = re.sub(r"\s*,\s*", ",", text).split()
    lengths = [part for part in parts if _LENGTH.fullmatch(part)]
    colors = parts[len(lengths) :]
    is_plain = len(lengths) in (2, 3) and lengths == parts[: len(lengths)]
    return is_plain and (not colors or (len(colors) == 1 and color_of(colors[0]) is not None))


def _is_outline(text: str) -> bool:
    """TTML1 section 8.2.20: a colour or none, then one or two lengths."""
    parts = re.sub(r"\s*,\s*", ",", text).split()
    if parts and color_of(parts[0]) is not None:
        parts = parts[1:]
    return len(parts) in (1, 2) and all(_LENGTH.fullmatch(part) for part in parts)

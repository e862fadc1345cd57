"""Reads subtitles of digital cinema: Interop DCSubtitle (CineCanvas) and SMPTE ST 428-7 of 2007, 2010 and 2014. Knows
no package, so whether a font or an image is there is judged elsewhere.

Each `Subtitle` is an event. Texts at one height are one line; an event is forced nowhere, since neither format can say
so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from lxml import etree

from deliverqc.safe_xml import child, children, local, namespace, text
from deliverqc.timed_text.dcsubtitle_grammar import check_grammar
from deliverqc.timed_text.dcsubtitle_rules import INTEROP, SMPTE, Dialect, check_document, check_font, check_place
from deliverqc.timed_text.model import Document, Event, Font, TextError
from deliverqc.timed_text.xml_text import Faults, XmlText, hold_events, quoted, read_xml

_SMPTE = re.compile(r"http://www\.smpte-ra\.org/schemas/428-7/(?:2007|2010|2014)/DCST")
_TIME = re.compile(r"(\d{2}):(\d{2}):(\d{2}):(\d{1,3})", re.ASCII)
_TIME_WITH_FRACTION = re.compile(r"(\d{2}):(\d{2}):(\d{2})\.(\d{1,3})", re.ASCII)
_TICK_DIGITS = 3
_HOURS = 30
"""The schemas of both take hours of 00 to 29."""
_SPACES = re.compile(r"[ \t\r\n]+")
_HEIGHT_POINTS = 792
"""ST 428-7 and CineCanvas: a point is 1/72 inch of a screen that is 11 inches high."""
_DEFAULT_POINTS = 42
_DEFAULT_COLOR = "FFFFFFFF"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Look:
    """What the `Font` elements around text give it."""

    name: str | None = None
    points: float = _DEFAULT_POINTS
    color: str = "#ffffff"
    is_italic: bool = False


@dataclass(slots=True)
class _Line:
    """Text at one height. `at`: percent of the picture from its top; None where the height is not a number."""

    at: float | None
    align: str
    parts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Parts:
    """What one `Subtitle` holds: lines by how and how high they are put. `places`: edge and height of each text and
    image, in the order of the file."""

    lines: dict[tuple[str, str], _Line] = field(default_factory=dict)
    looks: list[_Look] = field(default_factory=list)
    ruby: list[str] = field(default_factory=list)
    image_count: int = 0
    images_at: list[tuple[float | None, str]] = field(default_factory=list)
    places: list[tuple[str, float | None]] = field(default_factory=list)


def read(data: bytes, name: str) -> tuple[Document, ...]:
    """The document in `data`. TextError where it is not XML, neither dialect, or beyond the bounds of `xml_text`."""
    xml = read_xml(data, name)
    root = xml.root
    space = namespace(root)
    if local(root) == "DCSubtitle":
        return (_Reader(xml, name, INTEROP).document(),)
    if local(root) == "SubtitleReel" and space is not None and _SMPTE.fullmatch(space):
        return (_Reader(xml, name, SMPTE).document(),)
    message = (
        f"{name}, line {root.sourceline}: <{local(root)}> of the namespace {quoted(space or '')} is not a subtitle "
        "document of Interop or of ST 428-7 (2007, 2010, 2014). Export it again."
    )
    raise TextError(message, code="unknown-namespace", line=root.sourceline)


class _Reader:
    """Reads one document of one dialect."""

    def __init__(self, xml: XmlText, name: str, dialect: Dialect) -> None:
        self._xml, self._name, self._dialect = xml, name, dialect
        self._faults = Faults()
        self._events: list[Event] = []
        self._fonts = _fonts(xml.root)
        self._loaded = {font.name for font in self._fonts}
        self._images: dict[str, None] = {}
        self._rate = self._counting_rate()

    def document(self) -> Document:
        root, dialect = self._xml.root, self._dialect
        check_document(root, dialect, self._faults)
        check_grammar(root, self._faults, is_interop=dialect is INTEROP)
        for element in children(root):
            if local(element) in ("Font", "Subtitle", "SubtitleList"):
                self._walk(element, _Look())
        is_interop = dialect is INTEROP
        start = Fraction(0) if is_interop else self._start()
        edit_rate = None if is_interop else _edit_rate(text(root, "EditRate"))
        reel = text(root, "ReelNumber") or ""
        language = text(root, "Language")
        return Document(
            format="dcsubtitle" if is_interop else "dcst",
            events=tuple(self._events),
            faults=self._faults.ordered(),
            encoding=self._xml.encoding,
            has_bom=self._xml.has_bom,
            language=language or None,
            time_base="media",
            frame_rate=None if is_interop else self._rate,
            start_s=start,
            title=text(root, "MovieTitle" if is_interop else "ContentTitleText") or None,
            id=text(root, "SubtitleID" if is_interop else "Id") or None,
            reel=int(reel) if re.fullmatch(r"\d{1,6}", reel, re.ASCII) else None,
            edit_rate=edit_rate,
            display_type=text(root, "DisplayType") or None,
            fonts=self._fonts,
            is_closed_caption=_is_caption(text(root, "DisplayType")),
            issue_date=text(root, "IssueDate") or None,
            namespaces=tuple(sorted(set(root.nsmap.values()))),
            images=tuple(self._images),
        )

    def _counting_rate(self) -> Fraction:
        """Units in a second: ticks of 4 ms in Interop, frames of the time code in ST 428-7."""
        if self._dialect is INTEROP:
            return Fraction(250)
        stated = text(self._xml.root, "TimeCodeRate") or ""
        if re.fullmatch(r"[1-9]\d{0,2}", stated, re.ASCII):
            return Fraction(int(stated))
        message = (
            f"{self._name}: TimeCodeRate is {quoted(stated)}, so its times cannot be read. It is a whole number, as 24."
        )
        raise TextError(message, code="time-code-rate-missing", line=self._xml.root.sourceline)

    def _start(self) -> Fraction | None:
        element = child(self._xml.root, "StartTime")
        return None if element is None else self._seconds((element.text or "").strip(), "StartTime", element)

    def _walk(self, element: etree._Element, look: _Look) -> None:
        """Subtitles in an element, which fonts may be around."""
        name = local(element)
        if name == "Subtitle":
            self._subtitle(element, look)
            return
        if name == "Font":
            look = self._look(element, look)
        for inner in children(element):
            if local(inner) in ("Font", "Subtitle"):
                self._walk(inner, look)

    def _subtitle(self, element: etree._Element, look: _Look) -> None:
        number, line = len(self._events) + 1, element.sourceline
        hold_events(number, self._name, line)
        begin, end = self._attribute_time(element, "TimeIn"), self._attribute_time(element, "TimeOut")
        for name in ("FadeUpTime", "FadeDownTime"):
            self._fade(element, name)
        parts = _Parts()
        self._contents(element, look, parts, number)
        if begin is None:
            return
        if end is not None and end < begin:
            message = f"TimeOut {element.get('TimeOut')} is before TimeIn {element.get('TimeIn')}"
            self._faults.add("end-before-begin", message, line, number)
        self._events.append(_event(element, number, begin, end, parts))

    def _contents(self, element: etree._Element, look: _Look, parts: _Parts, number: int) -> None:
        """Texts and images in a subtitle, which fonts may be around."""
        for inner in children(element):
            name = local(inner)
            if name == "Font":
                self._contents(inner, self._look(inner, look), parts, number)
            elif name == "Text":
                self._text(inner, look, parts, number)
            elif name == "Image":
                check_place(inner, self._dialect, self._faults, number)
                parts.image_count += 1
                parts.images_at.append((_height(inner), _aligned(inner)))
                parts.places.append((_anchor(inner), _height(inner)))
                self._images |= {source: None for source in [(inner.text or "").strip()] if source}

    def _text(self, element: etree._Element, look: _Look, parts: _Parts, number: int) -> None:
        check_place(element, self._dialect, self._faults, number)
        key = (_anchor(element), _attribute(element, "Vposition") or "0")
        parts.places.append((key[0], _height(element)))
        line = parts.lines.get(key)
        if line is None:
            line = parts.lines[key] = _Line(at=_height(element), align=_aligned(element))
        before = len(line.parts)
        self._runs(element, look, parts, line)
        if not "".join(line.parts[before:]) and not parts.ruby:
            self._faults.add("empty-text", "<Text> holds no text", element.sourceline, number)

    def _runs(self, element: etree._Element, look: _Look, parts: _Parts, line: _Line) -> None:
        """Text of a `Text` element and of what is in it; annotations of ruby are kept apart."""
        if element.text:
            _run(element.text, look, parts, line)
        for inner in children(element):
            name = local(inner)
            if name == "Rt":
                parts.ruby.append(" ".join("".join(inner.itertext()).split()))
            elif name == "Space":
                line.parts.append(" ")
            else:
                self._runs(inner, self._look(inner, look) if name == "Font" else look, parts, line)
            if inner.tail and local(element) != "Ruby":
                _run(inner.tail, look, parts, line)

    def _look(self, element: etree._Element, look: _Look) -> _Look:
        check_font(element, self._dialect, self._loaded, self._faults)
        size, color = element.get("Size"), element.get("Color")
        changed = look
        name = _attribute(element, "ID")
        if name is not None:
            changed = replace(changed, name=name)
        if size is not None and re.fullmatch(r"\d{1,4}(\.\d+)?", size, re.ASCII):
            changed = replace(changed, points=float(size))
        if color is not None and re.fullmatch(r"[0-9A-Fa-f]{8}", color):
            changed = replace(changed, color=f"#{color[2:].lower()}")
        if element.get("Italic") is not None:
            changed = replace(changed, is_italic=element.get("Italic") == "yes")
        return changed

    def _attribute_time(self, element: etree._Element, name: str) -> Fraction | None:
        value = element.get(name)
        if value is None:
            message = f"<Subtitle> has no {name}"
            self._faults.add("attribute-missing", message, element.sourceline)
            return None
        return self._seconds(value, name, element)

    def _fade(self, element: etree._Element, name: str) -> None:
        value = element.get(name)
        if value is not None and not (self._dialect is INTEROP and re.fullmatch(r"\d{1,5}", value, re.ASCII)):
            self._seconds(value, name, element)

    def _seconds(self, value: str, name: str, element: etree._Element) -> Fraction | None:
        """A time of the document in seconds; None where it is none, which is a fault."""
        is_interop = self._dialect is INTEROP
        match = _TIME.fullmatch(value)
        if match is None and is_interop:
            match = _TIME_WITH_FRACTION.fullmatch(value)
            if match is not None and int(match[1]) < _HOURS and int(match[2]) < 60 and int(match[3]) < 60:
                return _whole_seconds(match) + Fraction(int(match[4]), 10 ** len(match[4]))
        if match is None or int(match[1]) >= _HOURS or int(match[2]) > 59 or int(match[3]) > 59:
            shape = "00:01:02:125, with ticks of 4 ms" if is_interop else "00:01:02:12, with frames"
            message = f"{name} is {quoted(value)}; it is written as {shape}"
            self._faults.add("bad-time", message, element.sourceline)
            return None
        if int(match[4]) >= self._rate:
            unit = "ticks" if is_interop else "frames"
            message = f"{name} is {quoted(value)}: {unit} count from 0 to {self._rate - 1}"
            self._faults.add("frame-beyond-rate", message, element.sourceline)
            return None
        if is_interop and len(match[4]) != _TICK_DIGITS:
            message = f"{name} is {quoted(value)}; ticks have three digits, so players may take these for frames"
            self._faults.add("irregular-time", message, element.sourceline)
        return _whole_seconds(match) + int(match[4]) / self._rate


def _whole_seconds(match: re.Match[str]) -> Fraction:
    return Fraction(int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3]))


def _run(words: str, look: _Look, parts: _Parts, line: _Line) -> None:
    line.parts.append(words)
    if words.strip():
        parts.looks.append(look)


def _attribute(element: etree._Element, name: str) -> str | None:
    """An attribute that Interop and ST 428-7 write with different capitals."""
    for key, value in element.items():
        if key.lower() == name.lower():
            return str(value)
    return None


def _aligned(element: etree._Element) -> str:
    return _attribute(element, "Halign") or "center"


def _height(element: etree._Element) -> float | None:
    """How far from the top of the picture the anchor of a text or an image is, in percent of its height."""
    try:
        value = float(_attribute(element, "Vposition") or 0)
    except ValueError:
        return None
    return {"top": value, "bottom": 100 - value}.get(_anchor(element), 50 + value)


def _anchor(element: etree._Element) -> str:
    return _attribute(element, "Valign") or "center"


def _is_top_down(places: list[tuple[str, float | None]]) -> bool | None:
    heights = [at for _, at in places if at is not None]
    return sorted(heights) == heights if len(heights) == len(places) else None


def _event(element: etree._Element, number: int, begin: Fraction, end: Fraction | None, parts: _Parts) -> Event:
    lines = [_SPACES.sub(" ", "".join(line.parts)).strip() for line in parts.lines.values()]
    heights = [(line.at, line.align) for line in parts.lines.values()] or parts.images_at
    looks = parts.looks
    is_image = bool(parts.image_count) and not any(lines)
    return Event(
        number=number,
        begin_s=begin,
        end_s=end,
        lines=tuple(lines) if any(lines) else (),
        label=element.get("SpotNumber"),
        line=element.sourceline,
        vertical=_vertical([at for at, _ in heights if at is not None]),
        align=heights[0][1] if heights else None,
        is_image=is_image,
        is_italic=bool(looks) and all(look.is_italic for look in looks),
        colors=tuple(dict.fromkeys(look.color for look in looks)),
        fonts=tuple(dict.fromkeys(look.name for look in looks if look.name is not None)),
        font_size_percent=round(max(look.points for look in looks) * 100 / _HEIGHT_POINTS, 4) if looks else None,
        element_count=len(parts.places),
        ruby=tuple(parts.ruby),
        anchors=tuple(dict.fromkeys(anchor for anchor, _ in parts.places)),
        is_top_down=_is_top_down(parts.places),
        is_at_edge=any(place in (("top", 0.0), ("bottom", 100.0)) for place in parts.places),
    )


def _vertical(heights: list[float]) -> str | None:
    """The third of the picture that all anchors are in; None where they are in several, or there is none."""
    thirds = {"top" if at < 100 / 3 else "bottom" if at > 200 / 3 else "center" for at in heights}
    return thirds.pop() if len(thirds) == 1 else None


def _fonts(root: etree._Element) -> tuple[Font, ...]:
    return tuple(_loaded(root))


def _loaded(root: etree._Element) -> Iterator[Font]:
    """Fonts that the document loads: by a file in Interop, by an id in ST 428-7."""
    for element in children(root, "LoadFont"):
        source = element.get("URI") or (element.text or "").strip() or None
        yield Font(name=_attribute(element, "ID") or "", file=source, size_bytes=None)


def _edit_rate(words: str | None) -> Fraction | None:
    match = re.fullmatch(r"\s*([1-9]\d{0,8})\s+([1-9]\d{0,8})\s*", words or "", re.ASCII)
    return Fraction(int(match[1]), int(match[2])) if match else None


def _is_caption(display_type: str | None) -> bool | None:
    return "caption" in display_type.lower() if display_type else None

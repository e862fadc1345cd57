"""Walks the body of a TTML document and gives its events: intervals by the rules of time containers (TTML1 section 10,
TTML2 section 12), text by white-space handling, and place by regions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple

from lxml import etree

from deliverqc.timed_text.model import Event
from deliverqc.timed_text.ttml_names import TT, TTS, XML, smpte_name
from deliverqc.timed_text.ttml_styles import Region, Style, Styles
from deliverqc.timed_text.ttml_times import Times
from deliverqc.timed_text.xml_text import Faults, hold_events, quoted

_P, _SPAN, _BR, _DIV, _BODY, _IMAGE = (f"{{{TT}}}{name}" for name in ("p", "span", "br", "div", "body", "image"))
_CONTAINERS = (_BODY, _DIV)
_WALKED = frozenset((_BODY, _DIV, _P, _SPAN, _BR, _IMAGE))
_LANGUAGE, _SPACE, _RUBY, _EXTENT = f"{XML}lang", f"{XML}space", f"{TTS}ruby", f"{TTS}extent"
_TIMING = ("begin", "end", "dur")
_ANNOTATIONS = ("text", "textContainer", "delimiter")
_SPACES = re.compile(r"[ \t\r\n]+")
_SPACE_RUN = re.compile(" {2,}")
_BREAK = "\n"
_ZERO = Fraction(0)
_NOTHING: Mapping[str, str] = {}
_MOST_LOOKS = 10_000
"""House choice: combinations of styles that are kept, so that a document of nothing else does not fill the memory."""


class _Place(NamedTuple):
    """What an element has from those around it: `begin` and `end` on the document's clock (None: never, or without
    end), its style, region, language, whether spaces are kept, its ruby, and whether
    its begin could not be read."""

    begin: Fraction
    end: Fraction | None
    style: Style
    properties: Mapping[str, str] = _NOTHING
    region: Region | None = None
    region_name: str | None = None
    language: str | None = None
    keeps_space: bool = False
    is_ruby: bool = False
    is_timed: bool = False
    is_unknown: bool = False


class _Piece(NamedTuple):
    """A run of text, a break, or an image (`text` is None) inside a paragraph."""

    text: str | None
    place: _Place
    is_break: bool = False


@dataclass(slots=True)
class Walk:
    """The walk over one body; `events` fills as it goes. `name` is how errors call the file."""

    name: str
    times: Times
    styles: Styles
    regions: Mapping[str, Region]
    images: frozenset[str]
    faults: Faults
    language: str | None
    events: list[Event] = field(default_factory=list)
    _looks: dict[tuple[int, ...], tuple[object, _Look]] = field(default_factory=dict)

    def body(self, element: etree._Element, *, keeps_space: bool) -> None:
        start = _Place(
            begin=_ZERO, end=None, style=self.styles.initial, language=self.language, keeps_space=keeps_space
        )
        self._container(element, self._place(element, start, _ZERO))

    def _container(self, element: etree._Element, place: _Place) -> Fraction | None:
        """Events of a body or division; gives the end that its content implies, None where it has none."""
        self._image(element, place)
        is_sequence = element.get("timeContainer") == "seq"
        last: Fraction | None = place.begin
        at: Fraction | None = place.begin
        for child in element.iterchildren("*"):
            if child.tag not in _WALKED:
                continue
            if at is None:
                self._never_shown(child)
                continue
            inner = self._place(child, place, at)
            ends = self._content(child, inner)
            if is_sequence:
                at = last = ends
            else:
                last = None if last is None or ends is None else max(last, ends)
        return last

    def _content(self, child: etree._Element, place: _Place) -> Fraction | None:
        """Events of a child of a container; gives where the child ends."""
        if child.tag in _CONTAINERS:
            implied = self._container(child, place)
        elif child.tag == _IMAGE:
            self._add(child, place, (), [place], is_image=not self._is_hidden(_Piece(None, place)))
            implied = None
        else:
            implied = self._paragraph(child, place)
        return _active_end(child, place, implied)

    def _place(self, element: etree._Element, around: _Place, at: Fraction) -> _Place:
        """The place of `element`, whose times count from `at`."""
        attributes = dict(element.items())
        if not attributes:
            return around if at is around.begin else around._replace(begin=at, properties=_NOTHING)
        changes: dict[str, object] = {}
        is_timed = "begin" in attributes or "end" in attributes or "dur" in attributes
        if is_timed or at is not around.begin:
            changes["begin"], changes["end"] = self._interval(element, at, around.end)
            changes["is_timed"] = around.is_timed or is_timed
            if "begin" in attributes and not isinstance(self.times.read(attributes["begin"]), Fraction):
                changes["is_unknown"] = True
        style, properties = around.style, self.styles.properties(attributes)
        name = attributes.get("region")
        if name is not None and name != around.region_name:
            region = self._region(element, name)
            changes |= {"region": region, "region_name": name}
            if region is not None and style is self.styles.initial:
                changes["style"] = style = region.style
        if properties:
            changes["style"] = self.styles.applied(style, properties)
            changes["is_ruby"] = around.is_ruby or properties.get(_RUBY) in _ANNOTATIONS
        if properties is not around.properties:
            changes["properties"] = properties
        language, space = attributes.get(_LANGUAGE), attributes.get(_SPACE)
        if language is not None:
            changes["language"] = language
        if space is not None:
            changes["keeps_space"] = space == "preserve"
        return around._replace(**changes) if changes else around  # type: ignore[arg-type]

    def _region(self, element: etree._Element, name: str) -> Region | None:
        region = self.regions.get(name)
        if region is None:
            message = f"there is not a region {quoted(name)} in the layout"
            self.faults.add("unknown-region", message, element.sourceline)
        return region

    def _interval(
        self, element: etree._Element, at: Fraction, latest: Fraction | None
    ) -> tuple[Fraction, Fraction | None]:
        """When `element` is active: from `at` on, and no longer than what is around it."""
        begin = self._time(element, "begin")
        end, duration = self._time(element, "end"), self._time(element, "dur")
        starts = at if begin is None else _later(at, begin)
        if end is not None:
            end = _later(at, end)
            if end < starts and duration is None:
                message = f"the end {element.get('end')} is before the begin {element.get('begin')}"
                self.faults.add("end-before-begin", message, element.sourceline)
        if latest is not None and starts >= latest and (begin is not None or latest < at):
            return starts, starts
        ends = [one for one in (latest, end, None if duration is None else starts + duration) if one is not None]
        return starts, (ends[0] if len(ends) == 1 else min(ends, default=None))

    def _time(self, element: etree._Element, name: str) -> Fraction | None:
        text = element.get(name)
        if text is None:
            return None
        found = self.times.read(text)
        if isinstance(found, Fraction):
            return found
        self.faults.add(found[0], f"{name}: {found[1]}", element.sourceline)
        return None

    def _paragraph(self, element: etree._Element, place: _Place) -> Fraction | None:
        """Events of a paragraph, one for each interval in which parts of it are shown."""
        pieces: list[_Piece] = []
        ends = self._gather(element, place, pieces)
        self._image(element, place)
        groups = _groups([one for one in pieces if not self._is_hidden(one)])
        if not groups and (hidden := _groups(pieces)):
            self._add(element, hidden[0][0][0].place, (), [place], is_image=False)
            return ends
        if not groups and place.is_timed and element.tag == _P and not _has_image(element):
            self._add(element, place, (), [place], is_image=False)
        for shown, taken in groups:
            words = [one for one in shown if one.text is not None]
            places = [one.place for one in words if not one.place.is_ruby]
            is_image = not places and len(words) < len(shown)
            ruby: tuple[str, ...] = ()
            if len(places) < len(words):
                ruby = tuple(" ".join((one.text or "").split()) for one in words if one.place.is_ruby)
                taken = [one for one in taken if not one.place.is_ruby]
            self._add(element, shown[0].place, _lines(taken), places, is_image=is_image, ruby=ruby)
        return ends

    def _is_hidden(self, piece: _Piece) -> bool:
        """Whether the styles of a piece, or of its region, keep it from being seen."""
        return not piece.is_break and self._look(((piece.place.style, piece.place.region),)).is_hidden

    def _gather(self, element: etree._Element, place: _Place, pieces: list[_Piece]) -> Fraction | None:
        """Text, breaks and images in `element`, in order; gives the end that they imply. Text of its own has
        none, and no duration right in a sequence (TTML1 section 10.3.1)."""
        is_sequence = element.get("timeContainer") == "seq"
        last: Fraction | None = place.begin
        own = place._replace(end=place.begin) if is_sequence else place
        if element.text:
            pieces.append(_Piece(element.text, own))
            last = last if is_sequence else None
        at: Fraction | None = place.begin
        for child in element.iterchildren("*"):
            if child.tag == _BR:
                pieces.append(_Piece(None, place, is_break=True))
            elif child.tag in _WALKED:
                if at is None:
                    self._never_shown(child)
                    continue
                inner = self._place(child, place, at)
                implied = self._piece(child, inner, pieces)
                ends = _active_end(child, inner, implied)
                if is_sequence:
                    at = last = ends
                else:
                    last = None if last is None or ends is None else max(last, ends)
            if child.tail:
                pieces.append(_Piece(child.tail, own))
                last = last if is_sequence else None
        return last

    def _piece(self, child: etree._Element, place: _Place, pieces: list[_Piece]) -> Fraction | None:
        if child.tag == _IMAGE:
            pieces.append(_Piece(None, place))
            return None
        return self._gather(child, place, pieces)

    def _image(self, element: etree._Element, place: _Place) -> None:
        """An event for an image that an attribute of SMPTE-TT gives."""
        reference = background_image(element)
        if reference is None:
            return
        if reference.startswith("#") and reference[1:] not in self.images:
            message = f"there is not an image {quoted(reference)} in this document"
            self.faults.add("unknown-image", message, element.sourceline)
        self._add(element, place, (), [place], is_image=not self._is_hidden(_Piece(None, place)))

    def _never_shown(self, element: etree._Element) -> None:
        if any(text.strip() for text in element.itertext()):
            message = "text that is never shown: what comes before it in the sequence has no end"
            self.faults.add("never-shown", message, element.sourceline)

    def _add(
        self,
        element: etree._Element,
        place: _Place,
        lines: tuple[str, ...],
        places: list[_Place],
        *,
        is_image: bool,
        ruby: tuple[str, ...] = (),
    ) -> None:
        if place.is_unknown:
            return
        line = element.sourceline
        begin, end = self._within_region(place)
        hold_events(len(self.events) + 1, self.name, line)
        number = len(self.events) + 1
        region = place.region
        look = self._look(tuple((one.style, one.region) for one in places))
        own = self.styles.box(place.properties) if _EXTENT in place.properties else None
        self.events.append(
            Event(
                number=number,
                begin_s=begin,
                end_s=end,
                lines=lines,
                label=element.get(f"{XML}id"),
                line=line,
                region=place.region_name,
                box=own or (region.box if region is not None else None),
                vertical=region.vertical if region is not None else None,
                align=look.align,
                is_image=is_image,
                is_forced=look.is_forced,
                is_italic=bool(lines) and look.is_italic,
                colors=look.colors if lines else (),
                fonts=look.fonts if lines else (),
                font_size_percent=look.size_percent if lines else None,
                language=place.language if place.language != self.language else None,
                ruby=ruby,
            )
        )

    def _within_region(self, place: _Place) -> tuple[Fraction, Fraction | None]:
        """When a place is shown, within the times of its region where that has any."""
        region = place.region
        if region is None or not any(name in region.element.attrib for name in _TIMING):
            return place.begin, place.end
        starts, ends = self._interval(region.element, _ZERO, None)
        known = [one for one in (place.end, ends) if one is not None]
        begin = max(place.begin, starts)
        return begin, max(begin, min(known)) if known else None

    def _look(self, parts: tuple[tuple[Style, Region | None], ...]) -> _Look:
        """What text in these styles and regions looks like; the same objects are worked out once."""
        key = tuple([id(one) for part in parts for one in part])
        known = self._looks.get(key)
        if known is None:
            known = (parts, _look_of([_in_region(*part, self.styles.initial) for part in parts]))
            if len(self._looks) < _MOST_LOOKS:
                self._looks[key] = known
        return known[1]


class _Look(NamedTuple):
    """What the parts of an event look like together."""

    align: str | None
    is_forced: bool | None
    is_italic: bool
    colors: tuple[str, ...]
    fonts: tuple[str, ...]
    size_percent: float | None
    is_hidden: bool


def _look_of(styles: list[Style]) -> _Look:
    sizes = [one.size_percent for one in styles if one.size_percent is not None]
    is_stated = any(one.is_forced is not None for one in styles)
    return _Look(
        align=styles[0].align if styles else None,
        is_forced=any(one.is_forced for one in styles) if is_stated else None,
        is_italic=bool(styles) and all(one.is_italic for one in styles),
        colors=tuple(dict.fromkeys(one.color for one in styles if one.color is not None)),
        fonts=tuple(dict.fromkeys(font for one in styles for font in one.fonts)),
        size_percent=round(max(sizes), 4) if sizes else None,
        is_hidden=bool(styles) and all(one.is_hidden for one in styles),
    )


def _in_region(style: Style, region: Region | None, first: Style) -> Style:
    """A style with what its region gives where nothing in the body says otherwise; `first` is the initial style."""
    if region is None or style is region.style:
        return style
    changes = {
        name: getattr(region.style, name)
        for name in Style.__slots__
        if getattr(style, name) == getattr(first, name) != getattr(region.style, name)
    }
    return replace(style, **changes) if changes else style


def _later(at: Fraction, by: Fraction) -> Fraction:
    """A time that counts from another; most count from zero, and adding fractions costs much."""
    return by if at is _ZERO else at + by


def _active_end(element: etree._Element, place: _Place, implied: Fraction | None) -> Fraction | None:
    """When an element ends: where it says, else with its content, and no later than what is around it."""
    if "end" in element.attrib or "dur" in element.attrib or implied is None:
        return place.end
    return implied if place.end is None else min(place.end, implied)


def _groups(pieces: list[_Piece]) -> list[tuple[list[_Piece], list[_Piece]]]:
    """What is to be seen, by the interval in which it is, in the order in which intervals come up: each with the pieces
    that make its text. Between two pieces of one interval, those of others count as a space, and breaks as one."""
    shown = [one for one in pieces if not one.is_break and (one.text is None or one.text.strip())]
    if all(_is_same_time(one.place, shown[0].place) for one in shown):
        return [(shown, pieces)] if shown else []
    groups: dict[tuple[Fraction, Fraction | None], tuple[list[_Piece], list[_Piece]]] = {}
    last: dict[tuple[Fraction, Fraction | None], tuple[int, int]] = {}
    break_count = 0
    for index, piece in enumerate(pieces):
        if piece.is_break:
            break_count += 1
        elif piece.text is None or piece.text.strip():
            key = (piece.place.begin, piece.place.end)
            seen, taken = groups.setdefault(key, ([], []))
            before, breaks = last.get(key, (index - 1, break_count))
            if before != index - 1:
                taken.append(_Piece(" ", piece.place, is_break=breaks != break_count))
            seen.append(piece)
            taken.append(piece)
            last[key] = (index, break_count)
    return list(groups.values())


def _is_same_time(one: _Place, other: _Place) -> bool:
    """Two places with the same interval: objects are compared first, since comparing fractions costs much more."""
    return (one.begin is other.begin or one.begin == other.begin) and (one.end is other.end or one.end == other.end)


def _has_image(element: etree._Element) -> bool:
    return background_image(element) is not None


def background_image(element: etree._Element) -> str | None:
    """What `smpte:backgroundImage` refers to; None where the element has none."""
    for name, value in element.items():
        if name.endswith("}backgroundImage") and smpte_name(name) is not None:
            return str(value)
    return None


def _lines(pieces: list[_Piece]) -> tuple[str, ...]:
    """Text as lines: breaks and, where spaces are kept, line feeds end one. Empty lines at both ends are left out."""
    parts = []
    keeps = False
    for piece in pieces:
        if piece.is_break:
            parts.append(_BREAK)
        elif piece.text is not None:
            keeps = keeps or piece.place.keeps_space
            parts.append(piece.text if piece.place.keeps_space else _SPACES.sub(" ", piece.text))
    lines = "".join(parts).split(_BREAK)
    if not keeps:
        lines = [_SPACE_RUN.sub(" ", line).strip(" ") for line in lines]
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return tuple(lines)

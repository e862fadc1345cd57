"""Opens timed text that is XML, within bounds, and gathers what is wrong with it; knows no format in particular."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field

from lxml import etree

from deliverqc.safe_xml import XmlFault, parse_xml
from deliverqc.timed_text.model import MOST_BYTES, MOST_EVENTS, TextError, TextFault

MOST_DEPTH = 64
"""House choice: elements within each other, ten times what subtitles have. libxml2 refuses what is deeper than 256."""

MOST_ATTRIBUTES = 500
"""House choice: of one element; TTML has fewer than 100. libxml2 looks through all of them for each."""

MOST_FAULTS = 10_000
"""House choice: a list of facts keeps as many."""

XML_SPACES = " \t\r\n"
"""What XML takes for space. Python strips more, such as U+0085 and U+2028, which are text."""

MOST_PARTS = 4_000_000
"""House choice: tags and attributes, of which a parsed one takes some 150 bytes: 100,000 events have a million."""


@dataclass(frozen=True, kw_only=True, slots=True)
class XmlText:
    """A parsed document: its root without comments, the name of its encoding, and whether it has a byte order mark."""

    root: etree._Element
    encoding: str
    has_bom: bool


@dataclass(slots=True)
class Faults:
    """Faults in the order in which they are found; each once, and no more than `MOST_FAULTS`."""

    found: list[TextFault] = field(default_factory=list)
    _seen: set[TextFault] = field(default_factory=set)

    def add(self, code: str, message: str, line: int | None = None, event: int | None = None) -> None:
        fault = TextFault(code=code, message=message, line=line, event=event)
        if fault not in self._seen and len(self.found) < MOST_FAULTS:
            self._seen.add(fault)
            self.found.append(fault)

    def has(self, code: str) -> bool:
        return any(fault.code == code for fault in self.found)

    def ordered(self) -> tuple[TextFault, ...]:
        """Faults by line; those of the whole document first."""
        return tuple(sorted(self.found, key=lambda fault: fault.line or 0))


def read_xml(data: bytes, name: str) -> XmlText:
    """The document in `data`. TextError where it is not well-formed, declares entities, or is beyond the bounds."""
    if len(data) > MOST_BYTES:
        message = f"{name} has {len(data):,} bytes; text is read up to {MOST_BYTES:,}. Check what fills the file."
        raise TextError(message, code="text-too-large")
    parts = data.count(b"<") + data.count(b"=")
    if parts > MOST_PARTS:
        message = f"{name} has {parts:,} tags and attributes; up to {MOST_PARTS:,} are read. Split the file."
        raise TextError(message, code="text-too-large")
    root = parse_xml(data)
    if isinstance(root, XmlFault):
        where = "" if root.line is None else f", line {root.line}"
        message = f"{name}{where} is not well-formed XML: {root.message}. Export the file again."
        raise TextError(message, code="text-not-well-formed", line=root.line)
    information = root.getroottree().docinfo
    declared = information.internalDTD
    if (declared is not None and next(declared.iterentities(), None) is not None) or _refers(root):
        message = f"{name} declares or uses XML entities, which are not read. Write the text out in the file."
        raise TextError(message, code="text-entities", line=1)
    _hold_depth(root, name)
    _hold_attributes(root, name)
    has_bom = data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return XmlText(root=root, encoding=_encoding(data, information.encoding), has_bom=has_bom)


def _hold_attributes(root: etree._Element, name: str) -> None:
    crowded = root.xpath(f"(//*[@*[{MOST_ATTRIBUTES + 1}]])[1]")
    if crowded:
        line = crowded[0].sourceline
        message = (
            f"{name}, line {line}: an element has more than {MOST_ATTRIBUTES} attributes, which no subtitle needs. "
            "Export the file again."
        )
        raise TextError(message, code="text-too-large", line=line)


def _refers(root: etree._Element) -> bool:
    return next(root.iter(etree.Entity), None) is not None


def _hold_depth(root: etree._Element, name: str) -> None:
    """Refuse what is nested deeper than `MOST_DEPTH`, found in C by one question about the document."""
    deep = root.xpath("/*" + "/*" * MOST_DEPTH)
    if deep:
        line = deep[0].sourceline
        message = (
            f"{name}, line {line}: elements are nested more than {MOST_DEPTH} deep, which no subtitle needs. "
            "Export the file again."
        )
        raise TextError(message, code="text-too-deep", line=line)


def _encoding(data: bytes, stated: str | None) -> str:
    for mark, found in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return found
    try:
        return codecs.lookup(stated or "utf-8").name
    except LookupError:
        return (stated or "utf-8").lower()


def hold_events(count: int, name: str, line: int | None) -> None:
    """TextError where there are more than `MOST_EVENTS`."""
    if count > MOST_EVENTS:
        message = f"{name}, line {line}: more than {MOST_EVENTS:,} events; that many are not read. Split the file."
        raise TextError(message, code="text-too-many-events", line=line)


def quoted(value: str) -> str:
    """A value of the file as messages show it: 60 characters at most."""
    return f'"{value}"' if len(value) <= 60 else f'"{value[:60]}…"'

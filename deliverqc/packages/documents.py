"""Opens XML documents of packages, without entities, network or unbounded sizes, and finds elements by their local
names; knows no document in particular."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from lxml import etree

from deliverqc.packages.model import Fault, Identity, LanguageTag
from deliverqc.safe_xml import XmlFault, child, local, parse_xml, text

MOST_BYTES = 32 << 20
"""House choice: the asset map of a package with 100,000 files is smaller."""

_MOST_DIGITS = 18


def read_root(path: Path, name: str) -> etree._Element | Fault:
    """The root element of an XML document without its comments, or why it is not read. `name` is what faults call the
    file."""
    return _parsed(path, name, is_whole=False)


def read_whole(path: Path, name: str) -> etree._Element | Fault:
    """The same with comments and processing instructions, which a signature covers."""
    return _parsed(path, name, is_whole=True)


def _parsed(path: Path, name: str, *, is_whole: bool) -> etree._Element | Fault:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return Fault(file=name, line=None, message="is not a file")
        size = status.st_size
        if size > MOST_BYTES:
            return Fault(
                file=name, line=None, message=f"is larger than an XML document of a package may be ({size} bytes)"
            )
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return Fault(file=name, line=None, message=f"could not be read: {reason}")
    root = parse_xml(content, is_whole=is_whole)
    if isinstance(root, XmlFault):
        return Fault(file=name, line=root.line, message=f"is not well-formed XML: {root.message}")
    if root.getroottree().docinfo.doctype:
        return Fault(file=name, line=1, message="has a document type declaration, which is not read")
    return root


def leads_out(path: Path) -> bool:
    """Whether a file of a folder is a link to somewhere else, or cannot be followed."""
    try:
        return not path.resolve().is_relative_to(path.parent.resolve())
    except (OSError, RuntimeError):
        return True


def root_name(path: Path) -> str | None:
    """Local name of the root element, from the first bytes of a file; None where they are not XML."""
    parser = etree.XMLPullParser(events=("start",), resolve_entities=False, no_network=True, load_dtd=False)
    try:
        with path.open("rb") as file:
            parser.feed(file.read(1 << 16))
        return next((local(element) for _, element in parser.read_events()), None)
    except (OSError, ValueError, etree.XMLSyntaxError):
        return None


def identity(element: etree._Element | None, file: str, name: str = "Id") -> Identity:
    """The id that a child gives; empty where there is none."""
    found = child(element, name)
    holder = element if found is None else found
    line = None if holder is None else holder.sourceline
    return Identity(text="" if found is None else (found.text or "").strip(), file=file, line=line)


def whole(words: str | None) -> int | None:
    """A whole number from 0 of 18 digits at most, as xs:nonNegativeInteger writes it; None for anything else."""
    if words is None or not words.isascii():
        return None
    digits = words.removeprefix("+")
    stripped = digits.lstrip("0") or "0"
    return int(stripped) if digits.isdigit() and len(stripped) <= _MOST_DIGITS else None


def moment(words: str | None) -> datetime | None:
    """A moment with its zone; one without is taken as UTC."""
    try:
        found = datetime.fromisoformat(words or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def rate(words: str | None) -> Fraction | None:
    """`24 1` as a rational; None for anything else."""
    parts = (words or "").split()
    values = [whole(part) for part in parts]
    if len(values) != 2 or not values[0] or not values[1]:
        return None
    return Fraction(values[0], values[1])


_LANGUAGES = ("Language", "RFC5646SpokenLanguage")
_LISTS_OF_LANGUAGES = ("MainSubtitleLanguageList", "RFC5646LanguageTagList")
_ATTRIBUTES = ("language", "{http://www.w3.org/XML/1998/namespace}lang")


def language_tags(root: etree._Element, file: str) -> Iterator[LanguageTag]:
    """Language tags of a packing list or a composition: elements that hold one or several (ST 429-7, ST 429-16, ST
    2067-3, MCA labels), attributes of texts, and properties of extension metadata that are called so."""
    for element in root.iter():
        name = local(element)
        for attribute in _ATTRIBUTES:
            if attribute in element.attrib:
                yield LanguageTag(text=element.attrib[attribute], file=file, line=element.sourceline)
        words = element.text or ""
        if name in _LANGUAGES and not len(element):
            yield LanguageTag(text=words.strip(), file=file, line=element.sourceline)
        elif name in _LISTS_OF_LANGUAGES:
            for word in words.replace(",", " ").split():
                yield LanguageTag(text=word, file=file, line=element.sourceline)
        elif name == "Property" and (text(element, "Name") or "").lower().endswith(("language", "language tag")):
            yield LanguageTag(text=text(element, "Value") or "", file=file, line=element.sourceline)

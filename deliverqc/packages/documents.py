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
    fault = _encoding_fault(content)
    if fault is not None:
        return Fault(file=name, line=1, message=f"is not well-formed XML: {fault}")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_pis=not is_whole,
        remove_comments=not is_whole,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line = error.position[0] if error.position else None
        return Fault(file=name, line=line, message=f"is not well-formed XML: {error.msg}")
    if root.getroottree().docinfo.doctype:
        return Fault(file=name, line=1, message="has a document type declaration, which is not read")
    return root


def _encoding_fault(content: bytes) -> str | None:
    """What is wrong with the encoding of a document that does not begin as UTF-8 does. libxml2 reads one that declares
    another encoding than it has, which XML 1.0 section 4.3.3 calls a fatal error, and expat does not."""
    if not content or (content.lstrip().startswith((b"<", b"\xef\xbb\xbf")) and b"\0" not in content[:8]):
        return None
    from xml.parsers import expat  # such documents are rare

    try:
        expat.ParserCreate().Parse(content, True)
    except expat.ExpatError as error:
        return expat.ErrorString(error.code)
    return None


def leads_out(path: Path) -> bool:
    """Whether a file of a folder is a link to somewhere else, or cannot be followed."""
    try:
        return not path.resolve().is_relative_to(path.parent.resolve())
    except (OSError, RuntimeError):
        return True


def root_name(path: Path) -> str | None:
    """Local name of the root element, from the first bytes of a file; None where they are no XML."""
    parser = etree.XMLPullParser(events=("start",), resolve_entities=False, no_network=True, load_dtd=False)
    try:
        with path.open("rb") as file:
            parser.feed(file.read(1 << 16))
        return next((local(element) for _, element in parser.read_events()), None)
    except (OSError, ValueError, etree.XMLSyntaxError):
        return None


def local(element: etree._Element) -> str:
    """Name of an element without its namespace; empty for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def namespace(element: etree._Element) -> str | None:
    return etree.QName(element).namespace if isinstance(element.tag, str) else None


def children(element: etree._Element | None, name: str | None = None) -> Iterator[etree._Element]:
    """Child elements, of one local name where it is given; none of None."""
    for one in element if element is not None else ():
        if isinstance(one.tag, str) and name in (None, local(one)):
            yield one


def child(element: etree._Element | None, *names: str) -> etree._Element | None:
    """The first child of the first name, of that the first child of the second …; None where there is none."""
    for name in names:
        element = next(children(element, name), None)
    return element


def text(element: etree._Element | None, *names: str) -> str | None:
    """What a child says, without spaces around it; None where it is not there."""
    found = child(element, *names)
    return None if found is None else (found.text or "").strip()


def identity(element: etree._Element | None, file: str, name: str = "Id") -> Identity:
    """The id that a child gives; empty where there is none."""
    found = child(element, name)
    holder = element if found is None else found
    line = None if holder is None else holder.sourceline
    return Identity(text="" if found is None else (found.text or "").strip(), file=file, line=line)


def whole(words: str | None) -> int | None:
    """A whole number from 0; None for anything else."""
    if words is None or not words.isascii() or not words.isdigit() or len(words) > _MOST_DIGITS:
        return None
    return int(words)


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

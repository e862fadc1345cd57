"""Parses XML that may be hostile, without entities, network or unbounded sizes, and finds elements by their local
names; knows no document in particular."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree


@dataclass(frozen=True, slots=True)
class XmlFault:
    """Why content is not read as XML, and the line where it is known."""

    message: str
    line: int | None


def parse_xml(content: bytes, *, is_whole: bool = False) -> etree._Element | XmlFault:
    """The root element of a document, or why it is not read. Comments and processing instructions are left out but for
    `is_whole`. Nothing outside the document is read, entities stay references, and libxml2 holds depth, names and
    single texts to its own bounds."""
    fault = _encoding_fault(content)
    if fault is not None:
        return XmlFault(fault, 1)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        collect_ids=False,
        remove_pis=not is_whole,
        remove_comments=not is_whole,
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        return XmlFault(error.msg, error.position[0] if error.position else None)


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


def local(element: etree._Element) -> str:
    """Name of an element without its namespace; empty for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: etree._Element) -> str | None:
    tag = element.tag
    return tag[1:].rpartition("}")[0] or None if isinstance(tag, str) else None


def children(element: etree._Element | None, name: str | None = None) -> Iterator[etree._Element]:
    """Child elements, of one local name where it is given; none of None."""
    return iter(()) if element is None else element.iterchildren("*" if name is None else f"{{*}}{name}")


def child(element: etree._Element | None, *names: str) -> etree._Element | None:
    """The first child of the first name, of that the first child of the second …; None where there is none."""
    for name in names:
        element = next(children(element, name), None)
    return element


def text(element: etree._Element | None, *names: str) -> str | None:
    """What a child says, without spaces around it; None where it is not there."""
    found = child(element, *names)
    return None if found is None else (found.text or "").strip()

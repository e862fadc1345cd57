"""Reads the XML of other tools without entities, DTD and network; knows no format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from deliverqc.errors import SpecError

_LARGEST_BYTES = 4_000_000
"""House choice: a hundred times the largest public policy."""
_DEEPEST = 40
"""House choice: nobody nests policies so far, and the clause of a tree twice as deep as a spec may be is no use."""


def read_xml(path: Path) -> etree._Element:
    """The root element of an XML file; SpecError with file and line where it is none, too large or not harmless."""
    data = _bytes_of(path)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise SpecError(
            f"{path}, line {line}, column {column}: this is not XML: {error.msg}. Fix it there, or export it again.",
            code="import-not-xml",
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SpecError(
            f"{path}, line 1: it has a DOCTYPE, which may define entities, and neither format has one."
            " Remove the DOCTYPE.",
            code="import-doctype",
        )
    for element in root.iter(etree.Element):
        if sum(1 for _ in element.iterancestors()) > _DEEPEST:
            raise SpecError(
                f"{path}, line {element.sourceline}: elements are nested more than {_DEEPEST} levels deep. Flatten it.",
                code="import-too-deep",
            )
    return root


def _bytes_of(path: Path) -> bytes:
    try:
        if not path.is_file():
            missing = "is not a file" if path.exists() else "does not exist"
            raise SpecError(f"{path} {missing}. Name an XML file to import.", code="import-unreadable")
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise SpecError(
            f"{path} cannot be read: {error.strerror}. Name a file that can.", code="import-unreadable"
        ) from error
    except ValueError as error:
        raise SpecError(f"{str(path)!r} cannot be a path: {error}. Name a file.", code="import-unreadable") from error
    if len(data) > _LARGEST_BYTES:
        raise SpecError(
            f"{path} holds more than {_LARGEST_BYTES} bytes; no policy is that large. Import its parts one by one.",
            code="import-too-large",
        )
    return data


def name_of(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return str(etree.QName(element).localname)


def children(element: etree._Element) -> Iterator[etree._Element]:
    """The elements directly inside, without comments and processing instructions."""
    yield from element.iterchildren(etree.Element)


def text_of(element: etree._Element | None) -> str:
    """The text inside an element, with its white space as single blanks; empty where there is no element."""
    return " ".join("".join(element.itertext(etree.Element)).split()) if element is not None else ""


def line_of(element: etree._Element) -> int:
    """The line on which an element begins, from 1."""
    return int(element.sourceline or 0)

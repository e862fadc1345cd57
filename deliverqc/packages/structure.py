"""Holds a package document to the elements of its standard; knows no values that other facts judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from deliverqc.packages.model import Fault
from deliverqc.packages.shapes import EXTENSIONS, Item, form_fault, shape, shape_of_root
from deliverqc.safe_xml import children, local, namespace

_SEQUENCES = "sequences"
"""The shape whose other elements are virtual tracks, in namespaces of applications, and hold what a sequence holds."""

_MOST_FAULTS = 100
"""House choice: who writes so many made them in one way."""

_LONGEST = 60


def structure_faults(root: etree._Element, name: str) -> list[Fault]:
    """What a document has too much, too little, in another order or form than its standard; none of an unknown one."""
    start = shape_of_root(namespace(root), local(root))
    if start is None:
        return []
    found: list[Fault] = []
    for line, message in _faults(root, start, namespace(root) or ""):
        if len(found) == _MOST_FAULTS:
            found.append(Fault(file=name, line=None, message="more faults of this kind, which are not listed"))
            break
        found.append(Fault(file=name, line=line, message=message))
    return found


def _faults(element: etree._Element, of: str, home: str) -> Iterator[tuple[int | None, str]]:
    items = shape(of)
    places = {item.name: place for place, item in enumerate(items)}
    counts = dict.fromkeys(range(len(items)), 0)
    last, is_told = 0, False
    for one in children(element):
        place = places.get(local(one))
        if place is None:
            yield from _others(one, element, of, home)
            continue
        item = items[place]
        if namespace(one) != (item.namespace or home):
            yield one.sourceline, f"{local(one)} in {local(element)} is of another namespace ({namespace(one)})"
            counts[place] += 1
            continue
        counts[place] += 1
        if counts[place] == 2 and not item.is_repeated:
            yield one.sourceline, f"{local(one)} is twice in {local(element)}"
        if place < last and not is_told:
            is_told = True
            yield one.sourceline, f"{local(one)} in {local(element)} has to come before {items[last].name}"
        last = max(last, place)
        yield from _inside(one, item, item.namespace or home)
    yield from _missing(element, items, counts)


def _missing(
    element: etree._Element, items: Sequence[Item], counts: dict[int, int]
) -> Iterator[tuple[int | None, str]]:
    for place, item in enumerate(items):
        if item.is_required and not counts[place]:
            yield element.sourceline, f"{local(element)} has no {item.name}"


def _inside(one: etree._Element, item: Item, home: str) -> Iterator[tuple[int | None, str]]:
    words = " ".join((one.text or "").split())
    shown = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
    if item.is_open:
        return
    if item.shape is not None:
        if words:
            yield one.sourceline, f"{local(one)} has the text {shown!r} between its elements"
        yield from _faults(one, item.shape, home)
        return
    if len(one):
        yield one.sourceline, f"{local(one)} has elements inside, not a plain value"
    required = None if item.form is None else form_fault(item.form, words)
    if required is not None:
        yield one.sourceline, f"{local(one)} is {shown!r}, not {required}"


def _others(one: etree._Element, parent: etree._Element, of: str, home: str) -> Iterator[tuple[int | None, str]]:
    """An element that the shape does not name: one of the document's own namespace is unknown, another may be an
    extension."""
    if namespace(one) == home or (of in EXTENSIONS.values() and namespace(one) == namespace(parent)):
        yield one.sourceline, f"{local(one)} is not an element of {local(parent)}"
    elif extension := EXTENSIONS.get((of, namespace(one) or "", local(one))):
        yield from _faults(one, extension, home)
    elif of == _SEQUENCES:
        yield from _faults(one, "sequence", home)

"""Reads essence descriptors from a composition (RegXML, SMPTE ST 2001-1) and from a track file, and compares them item
by item; knows no clause.

Items are the same by their labels, so neither prefixes nor versions of namespaces matter. Left out is what tells sets
apart and describes no essence: InstanceID, LinkedGenerationID and the class of the object.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from deliverqc.packages.descriptor_values import value_in_document, value_in_file
from deliverqc.packages.model import Described, key_of
from deliverqc.packages.registers import registers
from deliverqc.probing.wrappers.mxf_identity import EssenceDescriptor
from deliverqc.probing.wrappers.mxf_klv import MetadataSet, urn
from deliverqc.safe_xml import child, children, local, namespace, text

SUB_DESCRIPTORS = "SubDescriptors"
LENGTH = "EssenceLength"
_LEFT_OUT = frozenset(("InstanceID", "InstanceUID", "LinkedGenerationID", "ObjectClass", SUB_DESCRIPTORS))
_LEFT_OUT_LABELS = frozenset(("0101150200000000", "0520070108000000", "0601010401010000", "0601010406100000"))
_LINK = "MCALinkID"
_MOST_SUBS = 500
"""House choice: more than labels of 128 channels and their groups; all pairs of them are compared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disagreement:
    """`item`: RGBADescriptor.StoredWidth, JPEG2000SubDescriptor[0].Rsiz, or the name of a whole set. None: it is not
    there."""

    item: str
    composition: str | None
    track_file: str | None


def read_descriptors(root: etree._Element) -> dict[str, Described | None]:
    """Descriptors of the EssenceDescriptorList of a composition, by their ids without urn:uuid:; None for one that
    holds nothing."""
    found: dict[str, Described | None] = {}
    for one in children(child(root, "EssenceDescriptorList"), "EssenceDescriptor"):
        inner = next((each for each in children(one) if local(each) != "Id"), None)
        found[key_of(text(one, "Id") or "")] = None if inner is None else _from_element(inner)
    return found


def _from_element(element: etree._Element, *, is_inner: bool = False) -> Described:
    """A descriptor; sub-descriptors of a sub-descriptor are not read."""
    name = local(element)
    values: dict[str, str] = {}
    unread: list[str] = []
    for one in children(element):
        if local(one) in _LEFT_OUT:
            continue
        item = registers().item(local(one), name, namespace(one) or "")
        value = None if item is None else value_in_document(item.type, one)
        if item is None or value is None:
            unread.append(local(one))
        else:
            values[item.name] = value
    inner = list(children(child(element, SUB_DESCRIPTORS)))
    if is_inner or len(inner) > _MOST_SUBS:
        unread += [SUB_DESCRIPTORS] if inner else []
    subs = () if is_inner else tuple(_from_element(one, is_inner=True) for one in inner[:_MOST_SUBS])
    return Described(name=name, values=values, unread=tuple(unread), subs=subs)


def described_in_file(descriptor: EssenceDescriptor) -> Described:
    """A descriptor of a track file. Sets and items that no register has are named by their labels."""
    own = _from_set(descriptor.own)
    subs = tuple(_from_set(one) for one in descriptor.subs[:_MOST_SUBS])
    unread = own.unread if len(descriptor.subs) <= _MOST_SUBS else (*own.unread, SUB_DESCRIPTORS)
    return Described(name=own.name, values=own.values, unread=unread, subs=subs)


def _from_set(one: MetadataSet) -> Described:
    table = registers()
    values: dict[str, str] = {}
    unread: list[str] = []
    for label, data in one.labelled.items():
        item = table.items.get(label[8:].hex())
        value = None if item is None else value_in_file(item.type, data)
        if label[8:].hex() in _LEFT_OUT_LABELS:
            continue
        if item is None or value is None:
            unread.append(urn(label) if item is None else item.name)
        else:
            values[item.name] = value
    return Described(name=table.sets.get(one.key[8:].hex(), urn(one.key)), values=values, unread=tuple(unread))


def closest(wanted: Described, candidates: Sequence[Described]) -> Described | None:
    """The descriptor of a track file that is of the same kind and has the fewest differences; else any of them."""
    alike = [one for one in candidates if one.name == wanted.name] or list(candidates)
    return min(alike, key=lambda one: sum(1 for _ in disagreements(wanted, one)), default=None)


def disagreements(
    document: Described, file: Described, left_out: frozenset[str] = frozenset()
) -> Iterator[Disagreement]:
    """Where a descriptor of a composition and that of a track file differ. `left_out`: items that need not agree."""
    if document.name != file.name:
        yield Disagreement(item=document.name, composition=document.name, track_file=file.name)
        return
    yield from _differences(document, file, document.name, left_out)
    names = dict.fromkeys([*(one.name for one in document.subs), *(one.name for one in file.subs)])
    for name in names:
        ours = [one for one in document.subs if one.name == name]
        theirs = [one for one in file.subs if one.name == name]
        if not name.startswith("urn:"):  # a set that no register has is not in RegXML
            yield from _paired(name, ours, theirs)


def _paired(name: str, ours: Sequence[Described], theirs: Sequence[Described]) -> Iterator[Disagreement]:
    """Sub-descriptors of one kind: labels by their links, those that are equal first, the others in order."""
    rest = list(theirs)
    open_: list[tuple[int, Described]] = []
    for order, one in enumerate(ours):
        link = one.values.get(_LINK)
        same = next((each for each in rest if link is not None and each.values.get(_LINK) == link), None)
        same = same or next((each for each in rest if not any(_differences(one, each, name, frozenset()))), None)
        if same is None:
            open_.append((order, one))
        else:
            rest = [each for each in rest if each is not same]
            yield from _differences(one, same, _place(name, order, ours), frozenset())
    for (order, one), other in zip(open_, rest, strict=False):
        yield from _differences(one, other, _place(name, order, ours), frozenset())
    for order, _ in open_[len(rest) :]:
        yield Disagreement(item=_place(name, order, ours), composition=name, track_file=None)
    for _ in rest[len(open_) :]:
        yield Disagreement(item=name, composition=None, track_file=name)


def _place(name: str, order: int, ours: Sequence[Described]) -> str:
    return name if len(ours) == 1 else f"{name}[{order}]"


def _differences(document: Described, file: Described, place: str, left_out: frozenset[str]) -> Iterator[Disagreement]:
    for item in dict.fromkeys([*document.values, *file.values]):
        ours, theirs = document.values.get(item), file.values.get(item)
        is_unread = item in document.unread or item in file.unread
        if ours != theirs and item not in left_out and not is_unread:
            yield Disagreement(item=f"{place}.{item}", composition=ours, track_file=theirs)


def unread_items(document: Described, file: Described | None) -> Iterator[str]:
    """Items of a composition's descriptor that cannot be compared."""
    for one in (document, *document.subs):
        yield from (f"{one.name}.{item}" for item in one.unread)
    known = {item for one in (document, *document.subs) for item in one.values} | {SUB_DESCRIPTORS}
    for one in () if file is None else (file, *file.subs):
        yield from (f"{one.name}.{item}" for item in one.unread if item in known)


def dark_items(file: Described) -> Iterator[str]:
    """Sets and items of a track file that no register has, or whose type is not read: RegXML may leave them out."""
    for one in (file, *file.subs):
        if one.name.startswith("urn:"):
            yield one.name
        yield from (f"{one.name}.{item}" for item in one.unread)

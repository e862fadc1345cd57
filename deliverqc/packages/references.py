"""Ids inside an IMF composition: what is there twice, and essence descriptors that nothing uses (SMPTE ST 2067-3 and
ST 2067-2); and whether its timecode counts at its edit rate. Reads no other document.

Ids of segments are left aside: `package.duplicate_ids` has them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction

from lxml import etree

from deliverqc.packages.documents import rate, whole
from deliverqc.packages.model import Fault, key_of
from deliverqc.safe_xml import child, children, local, text

_DROP_FRAME_RATES = (Fraction(30000, 1001), Fraction(60000, 1001))
_TRUE = ("true", "1")
_MOST_FAULTS = 100
"""House choice: who writes so many made them in one way."""


def reference_faults(root: etree._Element, name: str) -> tuple[Fault, ...]:
    """Ids that are there twice, and descriptors without a use, in a composition of segments; none of a DCP."""
    if child(root, "SegmentList") is None:
        return ()
    descriptors = list(children(child(root, "EssenceDescriptorList"), "EssenceDescriptor"))
    sequences = [list(_sequences(one)) for one in children(child(root, "SegmentList"), "Segment")]
    every = [one for segment in sequences for one in segment]
    resources = [one for each in every for one in children(child(each, "ResourceList"), "Resource")]
    found = [
        *_twice(descriptors, "Id", "essence descriptor"),
        *_twice(every, "Id", "sequence"),
        *_twice(resources, "Id", "resource"),
        *_twice(children(child(root, "ContentVersionList"), "ContentVersion"), "Id", "content version"),
        *(fault for segment in sequences for fault in _twice(segment, "TrackId", "virtual track of one segment")),
        *_unused(descriptors, resources),
    ]
    return tuple(Fault(file=name, line=line, message=message) for line, message in found[:_MOST_FAULTS])


def _sequences(segment: etree._Element) -> Iterator[etree._Element]:
    yield from children(child(segment, "SequenceList"))


def _twice(elements: Iterable[etree._Element], name: str, what: str) -> Iterator[tuple[int | None, str]]:
    seen: set[str] = set()
    for one in elements:
        key = key_of(text(one, name) or "")
        if key and key in seen:
            yield one.sourceline, f"the {name} {text(one, name)} is that of a second {what} ({local(one)})"
        seen.add(key)


def _unused(
    descriptors: Iterable[etree._Element], resources: Iterable[etree._Element]
) -> Iterator[tuple[int | None, str]]:
    used = {key_of(text(one, "SourceEncoding") or "") for one in resources}
    for one in descriptors:
        if key_of(text(one, "Id") or "") not in used:
            yield one.sourceline, f"no resource uses the essence descriptor {text(one, 'Id') or 'without an Id'}"


def timecode_faults(root: etree._Element, name: str) -> tuple[Fault, ...] | None:
    """Where the CompositionTimecode does not count at the edit rate of the composition; None where there is none."""
    timecode, edit_rate = child(root, "CompositionTimecode"), rate(text(root, "EditRate"))
    if timecode is None:
        return None
    found = [] if edit_rate is None else list(_miscounted(timecode, edit_rate))
    return tuple(Fault(file=name, line=timecode.sourceline, message=message) for message in found)


def _miscounted(timecode: etree._Element, edit_rate: Fraction) -> Iterator[str]:
    count, nominal = whole(text(timecode, "TimecodeRate")), math.ceil(edit_rate)
    if count is not None and count != nominal:
        yield f"TimecodeRate is {count}; {edit_rate} edit units a second are counted by {nominal}"
    if (text(timecode, "TimecodeDropFrame") or "").lower() in _TRUE and edit_rate not in _DROP_FRAME_RATES:
        yield f"TimecodeDropFrame is set; {edit_rate} edit units a second have no drop-frame timecode"
    address = text(timecode, "TimecodeStartAddress") or ""
    frames = whole(address[-2:])
    if frames is not None and frames >= nominal:
        yield f"TimecodeStartAddress {address} has a frame that a count of {nominal} does not have"

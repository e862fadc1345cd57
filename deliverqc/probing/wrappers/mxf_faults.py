"""Finds what the header metadata of MXF files (SMPTE ST 377-1 Annex A) contradicts: timecode without a rate, tracks
without an edit rate, references to sets that are not there, sets whose items overrun; opens no file."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from deliverqc.probing.reading import HeaderFault
from deliverqc.probing.wrappers.mxf_klv import Metadata, MetadataSet, batch, number
from deliverqc.probing.wrappers.mxf_packages import Packages, kind_of, preface, rational, referenced

_MATERIAL, _SOURCE = 0x36, 0x37
_TIMECODE = 0x14
_BASE, _EDIT_RATE = 0x1502, 0x4B01
_HIGHEST_BASE = 240
"""House choice: twice the highest rate at which pictures are delivered."""
_TIMED = ("picture", "sound")
_ONE, _MANY = "one", "many"
_REFERENCES = {
    0x2F: ((0x3B03, _ONE),),
    0x18: ((0x1901, _MANY), (0x1902, _MANY)),
    0x36: ((0x4403, _MANY),),
    0x37: ((0x4403, _MANY), (0x4701, _ONE)),
    0x3B: ((0x4803, _ONE),),
    0x0F: ((0x1001, _MANY),),
    0x44: ((0x3F01, _MANY),),
}
"""Strong references by the kind of the set: of preface, content storage, packages, tracks, sequences and multiple
descriptors."""
_NAMES = {
    0x2F: "preface",
    0x18: "content storage",
    0x36: "material package",
    0x37: "source package",
    0x3B: "track",
    0x0F: "sequence",
    0x14: "timecode component",
    0x44: "multiple descriptor",
}
_MAXIMUM_FAULTS = 100


def mxf_faults(metadata: Metadata, packages: Packages) -> tuple[HeaderFault, ...]:
    """What contradicts itself in header metadata, a hundred at most."""
    found: list[HeaderFault] = []
    if not metadata.is_whole:
        found.append(HeaderFault(place="header metadata", message="its sets do not lead to its end"))
    for one in metadata.sets.values():
        found += (HeaderFault(place=_name(one), message=message) for message in _of_set(metadata, one))
    for package in metadata.sets.values():
        if kind_of(package) in (_MATERIAL, _SOURCE):
            found += _of_package(metadata, package)
    found += _of_tracks(packages)
    if metadata.sets and preface(metadata) is None:
        found.append(HeaderFault(place="header metadata", message="there is no preface"))
    return tuple(found[:_MAXIMUM_FAULTS])


def _of_set(metadata: Metadata, one: MetadataSet) -> Iterator[str]:
    if not one.is_whole:
        yield "an item ends after the set that holds it"
        return
    for tag, how in _REFERENCES.get(kind_of(one) or 0, ()):
        held = one.values.get(tag)
        references = batch(held) if how == _MANY else [held] if held and any(held) else []
        missing = sum(reference not in metadata.sets for reference in references)
        if missing:
            yield f"{missing} of the {len(references)} sets that item {tag:04X} refers to are not there"


def _of_package(metadata: Metadata, package: MetadataSet) -> Iterator[HeaderFault]:
    """Timecode components of the tracks of a package."""
    for track in referenced(metadata, package.values.get(0x4403)):
        sequence = metadata.sets.get(track.values.get(0x4803, b""))
        if sequence is None:
            continue
        rate = rational(track.values.get(_EDIT_RATE))
        for component in [sequence, *referenced(metadata, sequence.values.get(0x1001))]:
            if kind_of(component) == _TIMECODE and (fault := _of_base(component, rate)) is not None:
                yield HeaderFault(place=f"{_name(package)}, timecode component", message=fault)


def _of_tracks(packages: Packages) -> Iterator[HeaderFault]:
    """Tracks of picture, sound and timecode that no reader can place in time; of data, writers leave the rate out."""
    for package in packages.all:
        for track in package.tracks:
            is_timed = track.essence in _TIMED or any(kind_of(one) == _TIMECODE for one in track.components)
            if track.edit_rate is None and is_timed:
                place = "material package" if package.is_material else "source package"
                yield HeaderFault(
                    place=f"{place}, track {track.identity}", message="the edit rate is missing, zero or negative"
                )


def _of_base(component: MetadataSet, edit_rate: Fraction | None) -> str | None:
    """What is wrong with the frames a second of a timecode; packages of audio may count samples by it."""
    data = component.values.get(_BASE)
    if data is None:
        return "the rounded timecode base is missing"
    base = number(data)
    if 0 < base <= _HIGHEST_BASE or (edit_rate is not None and base and base == round(edit_rate)):
        return None
    return f"the rounded timecode base is {base} frames per second"


def _name(one: MetadataSet) -> str:
    kind = kind_of(one)
    if kind is None:
        return f"set {one.key.hex()}"
    return _NAMES.get(kind, f"set {kind:02X}")

"""Tells how the packages of an MXF file relate to each other and to its essence (SMPTE ST 377-1 section 9); works on
sets that were read, and opens no file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from deliverqc.probing.wrappers.mxf_klv import Metadata, MetadataSet, batch, number, signed

STRUCTURAL = bytes.fromhex("060e2b34025301000d01010101")
_MATERIAL, _SOURCE, _ESSENCE_DATA, _PREFACE = 0x36, 0x37, 0x23, 0x2F
_MULTIPLE, _SOURCE_CLIP, _TIMECODE = 0x44, 0x11, 0x14
_ESSENCE = {1: "picture", 2: "sound", 3: "data"}
SUB_DESCRIPTORS = bytes.fromhex("060e2b34010101000601010406100000")
"""Label of the item of a descriptor that names its sub-descriptors (ST 377-1 Annex G.1), without its version."""
_LEGACY_ESSENCE = {b"\x6f\x3c\x8c\xe1": "picture", b"\x78\xe1\xeb\xe1": "sound"}  # AAF identifiers


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """One track of a package. `essence`: picture, sound or data; None for timecode and descriptive metadata. `sources`:
    package and track that its clips name."""

    identity: int
    number: int
    edit_rate: Fraction | None
    essence: str | None
    duration: int | None
    components: tuple[MetadataSet, ...]
    sources: frozenset[tuple[bytes, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """A material or source package; `descriptors` of a file package by the track that each describes."""

    identity: bytes
    is_material: bool
    tracks: tuple[Track, ...]
    descriptors: tuple[tuple[int, MetadataSet], ...]

    @property
    def essence_tracks(self) -> tuple[Track, ...]:
        return tuple(track for track in self.tracks if track.essence is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Packages:
    """All packages. `containers`: body SID of the essence that the file holds of a package."""

    all: tuple[Package, ...]
    containers: dict[bytes, int]

    @property
    def material(self) -> Package | None:
        return next((package for package in self.all if package.is_material), None)

    def of(self, identity: bytes) -> Package | None:
        return next((package for package in self.all if package.identity == identity), None)

    def essence_sources(self) -> Iterator[tuple[Track, Package, Track]]:
        """Each essence track of the material package with the package and track that it shows."""
        material = self.material
        for track in material.essence_tracks if material is not None else ():
            for identity, number_ in sorted(track.sources):
                package = self.of(identity)
                source = next((one for one in package.tracks if one.identity == number_), None) if package else None
                if package is not None and source is not None:
                    yield track, package, source

    def map_one_to_one(self) -> bool | None:
        """Whether each essence track of each file package is shown by exactly one track of the material package, and
        each of these shows one; None where there is no material package."""
        material = self.material
        if material is None or not material.essence_tracks:
            return None
        shown = [(package.identity, source.identity) for _, package, source in self.essence_sources()]
        files = {package.identity for _, package, _ in self.essence_sources()}
        held = [
            (package.identity, track.identity)
            for package in self.all
            if package.identity in files
            for track in package.essence_tracks
        ]
        has_one_source = all(len(track.sources) == 1 for track in material.essence_tracks)
        return has_one_source and sorted(shown) == sorted(held)

    def external_count(self) -> int | None:
        """Packages that the material package shows and whose essence is not in the file."""
        material = self.material
        if material is None:
            return None
        named = {identity for track in material.essence_tracks for identity, _ in track.sources}
        return sum(not self.containers.get(identity) for identity in named)

    def lengths(self) -> dict[int, tuple[Fraction | None, Fraction | None]]:
        """Length in seconds and edit rate of each essence container in the file, by its body SID, of the longest track
        that states a length; None where none does."""
        found: dict[int, tuple[Fraction | None, Fraction | None]] = {}
        for identity, sid in self.containers.items():
            package = self.of(identity)
            if sid and package is not None:
                tracks = package.essence_tracks
                known = [(each, track.edit_rate) for track in tracks if (each := _length_s(track)) is not None]
                rate = next((track.edit_rate for track in tracks), None)
                found[sid] = max(known, key=lambda pair: pair[0]) if known else (None, rate)
        return found

    def described(self) -> Iterator[tuple[int, str | None, MetadataSet]]:
        """Each essence descriptor with the track of the material package that shows it (its own, where none does), and
        the kind of its essence."""
        shown = {(p.identity, source.identity): track.identity for track, p, source in self.essence_sources()}
        for package in self.all:
            if not package.is_material and (package.identity in self.containers or _is_shown(package, shown)):
                kinds = {track.identity: track.essence for track in package.tracks}
                for linked, descriptor in package.descriptors:
                    yield shown.get((package.identity, linked), linked), kinds.get(linked), descriptor


def _is_shown(package: Package, shown: dict[tuple[bytes, int], int]) -> bool:
    return any(identity == package.identity for identity, _ in shown)


def _length_s(track: Track) -> Fraction | None:
    return None if track.duration is None or track.edit_rate is None else track.duration / track.edit_rate


def kind_of(one: MetadataSet) -> int | None:
    """The kind of a structural set or descriptor (ST 377-1 Annex A: byte 15 of the key); None for others."""
    return one.key[14] if one.key[:13] == STRUCTURAL and one.key[13] == 1 else None


def rational(data: bytes | None) -> Fraction | None:
    if data is None or len(data) != 8:
        return None
    numerator, denominator = struct.unpack(">ii", data)
    return Fraction(numerator, denominator) if numerator > 0 and denominator > 0 else None


def referenced(metadata: Metadata, data: bytes | None) -> Iterator[MetadataSet]:
    """The sets that a batch of strong references names."""
    for identity in batch(data):
        if identity in metadata.sets:
            yield metadata.sets[identity]


def sub_descriptors(metadata: Metadata, descriptor: MetadataSet) -> Iterator[MetadataSet]:
    yield from referenced(metadata, descriptor.labelled.get(SUB_DESCRIPTORS))


def read_packages(metadata: Metadata) -> Packages:
    packages, containers = [], {}
    for one in metadata.sets.values():
        kind = kind_of(one)
        if kind in (_MATERIAL, _SOURCE):
            packages.append(_package(metadata, one, is_material=kind == _MATERIAL))
        elif kind == _ESSENCE_DATA:
            containers[one.values.get(0x2701, b"")] = number(one.values.get(0x3F07))
    return Packages(all=tuple(packages), containers=containers)


def preface(metadata: Metadata) -> MetadataSet | None:
    return next((one for one in metadata.sets.values() if kind_of(one) == _PREFACE), None)


def _package(metadata: Metadata, one: MetadataSet, *, is_material: bool) -> Package:
    tracks = tuple(_track(metadata, track) for track in referenced(metadata, one.values.get(0x4403)))
    descriptor = metadata.sets.get(one.values.get(0x4701, b""))
    own = [] if descriptor is None else [descriptor]
    if descriptor is not None and kind_of(descriptor) == _MULTIPLE:
        own = list(referenced(metadata, descriptor.values.get(0x3F01)))
    essence = [track for track in tracks if track.essence is not None]
    only = essence[0].identity if len(essence) == 1 else 0
    return Package(
        identity=one.values.get(0x4401, b""),
        is_material=is_material,
        tracks=tracks,
        descriptors=tuple((number(each.values.get(0x3006)) or only, each) for each in own),
    )


def _track(metadata: Metadata, one: MetadataSet) -> Track:
    sequence = metadata.sets.get(one.values.get(0x4803, b""))
    inner = [] if sequence is None else list(referenced(metadata, sequence.values.get(0x1001)))
    components = tuple(inner or ([] if sequence is None else [sequence]))
    definition = b"" if sequence is None else sequence.values.get(0x0201, b"")
    clips = [component.values for component in components if kind_of(component) == _SOURCE_CLIP]
    duration = None if sequence is None else signed(sequence.values.get(0x0202))
    return Track(
        identity=number(one.values.get(0x4801)),
        number=number(one.values.get(0x4804)),
        edit_rate=rational(one.values.get(0x4B01)),
        essence=_essence(definition),
        duration=duration if duration is not None and duration >= 0 else None,
        components=components,
        sources=frozenset((clip[0x1101], number(clip.get(0x1102))) for clip in clips if any(clip.get(0x1101, b""))),
    )


def _essence(definition: bytes) -> str | None:
    """Kind of essence of a data definition (SMPTE RP 224)."""
    if definition[8:12] == b"\x01\x03\x02\x02":
        return _ESSENCE.get(definition[12])
    return _LEGACY_ESSENCE.get(definition[:4])

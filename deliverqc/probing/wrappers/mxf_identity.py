"""Tells by which ids an MXF track file goes, in which languages its sound is, and what its essence descriptors hold;
knows no package and no composition."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deliverqc.probing.wrappers.mxf_header import MxfHeader, read_header
from deliverqc.probing.wrappers.mxf_immersive import specifications
from deliverqc.probing.wrappers.mxf_klv import Metadata, MetadataSet
from deliverqc.probing.wrappers.mxf_packages import Packages, sub_descriptors

_SPOKEN_LANGUAGE = bytes.fromhex("060e2b34010101000301010203150000")
"""RFC 5646 Spoken Language of multichannel audio labels (SMPTE ST 377-4), without the version of the label."""
_UMID_BYTES, _MATERIAL_NUMBER = 32, 16


@dataclass(frozen=True, kw_only=True, slots=True)
class SpokenLanguage:
    """A language tag as it is written; `is_single_byte`: one byte a character, and not UTF-16."""

    text: str
    is_single_byte: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class EssenceDescriptor:
    """An essence descriptor as the file holds it, with its sub-descriptors in order."""

    own: MetadataSet
    subs: tuple[MetadataSet, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackFileIdentity:
    """`asset_ids`: UUIDs that the UMIDs of the file packages hold whose essence is in the file (SMPTE ST 429-3, ST
    2067-2). `languages`: of its labels, each once. `descriptors`: of the essence that is in the file.
    `conforms_to`: labels of specifications that its preface states (ConformsToSpecifications), without their
    versions."""

    asset_ids: tuple[str, ...]
    languages: tuple[SpokenLanguage, ...]
    descriptors: tuple[EssenceDescriptor, ...] = ()
    conforms_to: tuple[bytes, ...] = ()


def read_identity(path: Path) -> TrackFileIdentity | None:
    """The identity that the header metadata of an MXF file states; None where that is no MXF, cut or damaged."""
    try:
        with path.open("rb") as file:
            header = read_header(file, path.stat().st_size)
    except (OSError, struct.error, ValueError, IndexError):
        return None
    return None if header is None else identity_of(header)


def identity_of(header: MxfHeader) -> TrackFileIdentity | None:
    """The same of a header that was read: of its own metadata, not of the footer's."""
    metadata = header.metadata
    if not metadata.is_whole:
        return None
    try:
        return TrackFileIdentity(
            asset_ids=tuple(_asset_ids(header.packages)),
            languages=tuple(_languages(metadata)),
            descriptors=tuple(
                EssenceDescriptor(own=own, subs=tuple(sub_descriptors(metadata, own)))
                for _, _, own in header.packages.described()
            ),
            conforms_to=tuple(specifications(metadata)),
        )
    except (struct.error, ValueError, IndexError):
        return None


def _asset_ids(packages: Packages) -> Iterator[str]:
    for package in packages.all:
        is_held = not package.is_material and bool(packages.containers.get(package.identity))
        if is_held and len(package.identity) == _UMID_BYTES:
            yield str(uuid.UUID(bytes=package.identity[_MATERIAL_NUMBER:]))


def _languages(metadata: Metadata) -> Iterator[SpokenLanguage]:
    written = (one.labelled.get(_SPOKEN_LANGUAGE) for one in metadata.sets.values())
    for data in dict.fromkeys(one for one in written if one is not None):
        plain = data.rstrip(b"\0")
        is_single_byte = b"\0" not in plain
        text = plain.decode("latin-1") if is_single_byte else data.decode("utf-16-be", "replace").rstrip("\0")
        yield SpokenLanguage(text=text, is_single_byte=is_single_byte)

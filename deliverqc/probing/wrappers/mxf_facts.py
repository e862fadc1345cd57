"""Puts together what an MXF file states of itself beyond its length: partitions, packages, descriptors and descriptive
metadata; decodes nothing, and reads no essence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from deliverqc.facts.model import Facts
from deliverqc.probing.reading import HeaderFault
from deliverqc.probing.wrappers.mxf_as11 import as11_facts
from deliverqc.probing.wrappers.mxf_descriptors import (
    PICTURE_DESCRIPTORS,
    picture_facts,
    sound_facts,
    stated_sound,
    stereoscopic_facts,
)
from deliverqc.probing.wrappers.mxf_dolby_vision import UNREAD as DOLBY_VISION_UNREAD
from deliverqc.probing.wrappers.mxf_dolby_vision import dolby_vision_facts
from deliverqc.probing.wrappers.mxf_faults import mxf_faults
from deliverqc.probing.wrappers.mxf_header import MxfHeader
from deliverqc.probing.wrappers.mxf_immersive import immersive_facts
from deliverqc.probing.wrappers.mxf_index import layout_facts, read_layout, read_segments
from deliverqc.probing.wrappers.mxf_klv import urn
from deliverqc.probing.wrappers.mxf_labels import wrapping
from deliverqc.probing.wrappers.mxf_packages import Packages, kind_of, preface

_LABEL_BYTES = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class MxfStatements:
    """`general` goes by registered names; `pictures` and `sounds` by the track of the material package, `shown_as` from
    the track of the file package to it. `stated_sounds`: channels and rate, to compare. `unread`: why facts are
    missing, None where none is. `faults`: of the header metadata; None where it is larger
    than is read, or not there."""

    general: Facts = field(default_factory=dict)
    pictures: Mapping[int, Facts] = field(default_factory=dict)
    sounds: Mapping[int, Facts] = field(default_factory=dict)
    stated_sounds: Mapping[int, Facts] = field(default_factory=dict)
    shown_as: Mapping[int, int] = field(default_factory=dict)
    unread: str | None = None
    faults: tuple[HeaderFault, ...] | None = None


def read_statements(file: BinaryIO, size: int, header: MxfHeader | None) -> MxfStatements:
    """Read the partition packs and the index tables, and put them together with the header metadata (that of the
    footer where the header is open or incomplete and the footer has any)."""
    if header is None:
        return MxfStatements(unread="its header partition is cut")
    layout = read_layout(file, size, header.partition)
    fill_bytes = header.metadata.fill_bytes if header.metadata.is_whole else None
    metadata = header.final_metadata
    segments = read_segments(file, layout.partitions, size) if layout.partitions is not None else None
    faults = mxf_faults(metadata, header.final_packages) if metadata.is_read_to_end else None
    if not metadata.is_whole or preface(metadata) is None:
        return MxfStatements(
            general=layout_facts(layout, None, {}),
            faults=faults,
            unread="its header metadata is cut, damaged or larger than is read",
        )
    packages = header.final_packages
    general = layout_facts(layout, segments, packages.lengths()) | _package_facts(packages)
    if fill_bytes is not None:
        general["wrapper.mxf_header_fill_bytes"] = fill_bytes
    general |= as11_facts(metadata, packages)
    unread = None
    if layout.partitions is None:
        unread = "it has no random index pack, and its partitions do not lead from the footer to the header"
    elif segments is None:
        unread = "an index table is cut, damaged or larger than is read"
    elif any(None in length for length in packages.lengths().values()):
        unread = "it does not state how long its essence is"
    dolby_vision = dolby_vision_facts(file, metadata, layout)
    if dolby_vision is None:
        unread = unread or DOLBY_VISION_UNREAD
    tracks = {track.identity: track for track in packages.material.tracks} if packages.material else {}
    pictures: dict[int, Facts] = {}
    sounds: dict[int, Facts] = {}
    stated_sounds: dict[int, Facts] = {}
    for identity, essence, descriptor in packages.described():
        if kind_of(descriptor) in PICTURE_DESCRIPTORS:
            rate = tracks[identity].edit_rate if identity in tracks else None
            pictures[identity] = picture_facts(metadata, descriptor) | stereoscopic_facts(metadata, descriptor, rate)
            pictures[identity] |= dolby_vision or {}
        elif essence == "sound":
            sounds[identity] = sound_facts(
                metadata, descriptor, tracks[identity].number if identity in tracks else None
            )
            rate = tracks[identity].edit_rate if identity in tracks else None
            sounds[identity] |= immersive_facts(metadata, descriptor, rate)
            stated_sounds[identity] = stated_sound(descriptor)
    shown_as = {source.identity: track.identity for track, _, source in packages.essence_sources()}
    return MxfStatements(
        general=general,
        pictures=pictures,
        sounds=sounds,
        stated_sounds=stated_sounds,
        shown_as=shown_as,
        unread=unread,
        faults=faults,
    )


def _package_facts(packages: Packages) -> Facts:
    labels = [
        label
        for _, essence, descriptor in packages.described()
        if essence is not None and len(label := descriptor.values.get(0x3004, b"")) == _LABEL_BYTES
    ]
    words = sorted({wrapping(label) for label in labels})
    return {
        "wrapper.mxf_wrapping": None if not words else words[0] if len(words) == 1 else "mixed",
        "wrapper.mxf_essence_labels": sorted({urn(label) for label in labels}),
        "wrapper.mxf_tracks_map_one_to_one": packages.map_one_to_one(),
        "wrapper.mxf_external_essence_count": packages.external_count(),
    }

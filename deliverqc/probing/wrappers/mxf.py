"""What the partitions and header metadata of MXF files (SMPTE ST 377-1) state and promise of length, picture and
timecode; decodes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import BinaryIO

from deliverqc.facts.model import Facts
from deliverqc.facts.vocabulary import COLOR_MATRIX, COLOR_PRIMARIES, COLOR_TRANSFER, from_h273
from deliverqc.probing.reading import DISPLAY_TOP, STORED_HEIGHT, StatedTimecode
from deliverqc.probing.wrappers.bounds import TooMuchError
from deliverqc.probing.wrappers.mxf_descriptors import layout_depths
from deliverqc.probing.wrappers.mxf_header import MxfHeader
from deliverqc.probing.wrappers.mxf_klv import (
    MetadataSet,
    batch,
    number,
    read_index_pack,
    read_klv,
    signed,
    urn,
)
from deliverqc.probing.wrappers.mxf_packages import kind_of, rational

_MAXIMUM_KLVS = 1_000_000  # house choice: three hours of frames with two tracks of audio
_FOOTER = 4
_CLOSED_STATES = (2, 4)
_INCOMPLETE_STATES = (1, 2)
_STATES = {1: "open_incomplete", 2: "closed_incomplete", 3: "open_complete", 4: "closed_complete"}
_PICTURE_DESCRIPTORS = (0x27, 0x28, 0x29, 0x51)  # generic, CDCI, RGBA, MPEG video
_MATERIAL_PACKAGE, _SOURCE_PACKAGE, _TIMECODE = 0x36, 0x37, 0x14

_ENCRYPTED_ESSENCE = bytes.fromhex("0d010301020b")
"""Of the label of an essence container from its ninth byte on (SMPTE ST 429-6 section 7.1)."""

_COLOUR_LABELS = {
    "color_transfer": (
        0x3210,
        {"01010000": 4, "01020000": 1, "01030000": 7, "01040000": 1, "01050000": 12, "01060000": 8, "01070000": 17,
         "01080000": 11, "01090000": 14, "010a0000": 16, "010b0000": 18, "010d0000": 13},
    ),
    "color_matrix": (
        0x321A,
        {"02010000": 6, "02020000": 1, "02030000": 7, "02040000": 8, "02050000": 0, "02060000": 9},
    ),
    "color_primaries": (
        0x3219,
        {"03010000": 6, "03020000": 5, "03030000": 1, "03040000": 9, "03050000": 10, "03060000": 12, "03080000": 10,
         "030a0000": 11},
    ),
}  # fmt: skip
"""Local tag, and the last bytes of the label to the code of ITU-T H.273 (SMPTE ST 2067-21, RP 224 register: 01 to 0b of
the transfer characteristics are BT.470 PAL, BT.709, ST 240, ST 274, BT.1361, linear, DCDM, xvYCC, BT.2020, PQ, HLG)."""
_COLOUR_REGISTER = bytes.fromhex("04010101")
_LABEL_BYTES = 16
_VOCABULARIES = {"color_transfer": COLOR_TRANSFER, "color_matrix": COLOR_MATRIX, "color_primaries": COLOR_PRIMARIES}

_VIDEO_CODING = bytes.fromhex("0401020201")
_MPEG2_CODINGS = {
    1: ("main", "Main"),
    2: ("4:2:2", "Main"),
    3: ("main", "High"),
    4: ("4:2:2", "High"),
    5: ("main", "High 1440"),
}
_AVC_PROFILES = {2: "main", 3: "extended", 4: "high", 5: "high_10", 6: "high_4:2:2"}
_AVC_INTRA_PROFILES = {2: "high_10_intra", 3: "high_4:2:2_intra"}

_UNKNOWN_POSITION = -1
Sets = Mapping[bytes, MetadataSet]


@dataclass(kw_only=True, slots=True)
class MxfFile:
    """`promised_end`: first byte after all that partitions speak of; None where they leave it open. `pictures`: by
    linked track. `is_closed`: its writer came to the end: a closed header, or a footer (ST 377-1 section 6.2.3)."""

    header_partition: str | None = None
    operational_pattern: str | None = None
    promised_end: int | None = None
    is_closed: bool | None = None
    is_encrypted: bool = False
    pictures: dict[int, Facts] = field(default_factory=dict)
    timecodes: list[StatedTimecode] = field(default_factory=list)


def read_mxf(file: BinaryIO, size: int, read: MxfHeader | None) -> MxfFile:
    """What header and footer state; nothing without a header."""
    found = MxfFile()
    if read is None:
        return found
    header, footer = read.partition, read.footer
    found.header_partition = _STATES.get(header.state)
    found.is_encrypted = any(label[8:].startswith(_ENCRYPTED_ESSENCE) for label in header.essence_containers)
    found.operational_pattern = _pattern_name(header.pattern)
    sets = read.metadata.sets
    if header.footer:
        footer_at = header.start + header.footer
        found.is_closed = header.state in _CLOSED_STATES or footer is not None
        found.promised_end = footer_at + 17
        if footer is not None:
            found.promised_end = footer.end + footer.metadata_bytes + footer.index_bytes
            if header.state in _INCOMPLETE_STATES:
                sets = read.final_metadata.sets or sets
    else:
        found.promised_end, has_footer = _walked_end(file, header.end, size)
        has_footer = has_footer or read_index_pack(file, size) is not None
        found.is_closed = header.state in _CLOSED_STATES or has_footer
    for one in sets.values():
        if kind_of(one) in _PICTURE_DESCRIPTORS:
            found.pictures[number(one.values.get(0x3006))] = _picture(one.values)
    found.timecodes = list(_timecodes(sets))
    return found


def _pattern_name(label: bytes) -> str | None:
    """`op1a` … `op3c`, `opatom` (SMPTE ST 377-1 section 9.2, ST 390); None for a label that is none of them."""
    if not label.startswith(bytes.fromhex("060e2b34")):
        return None
    items, packages = label[12], label[13]
    if items == 0x10:
        return "opatom"
    return f"op{items}{'abc'[packages - 1]}" if items in (1, 2, 3) and packages in (1, 2, 3) else None


def _walked_end(file: BinaryIO, start: int, size: int) -> tuple[int | None, bool]:
    """End of the KLV that reaches the end of the file, None where the walk is broken off; and whether a footer was met.
    TooMuchError where it takes too many steps."""
    has_footer = False
    for _ in range(_MAXIMUM_KLVS):
        klv = read_klv(file, start)
        if klv is None:
            return None, has_footer
        has_footer = has_footer or (klv.is_partition and klv.key[13] == _FOOTER)
        start = klv.end
        if start >= size:
            return start, has_footer
    raise TooMuchError(f"it has more than {_MAXIMUM_KLVS:,} packets and names no footer")


def _picture(values: Mapping[int, bytes]) -> Facts:
    """What a picture essence descriptor states (ST 377-1 Annex G.2); heights of layouts that store fields apart are
    doubled."""
    layout = values.get(0x320C, b"\xff")[0] if values.get(0x320C) else None
    heights = 2 if layout in (1, 4) else 1
    width = next((size for tag in (0x3209, 0x3205, 0x3203) if (size := number(values.get(tag)))), 0)
    height = next((size for tag in (0x3208, 0x3204, 0x3202) if (size := number(values.get(tag)))), 0)
    facts: Facts = {"width_px": width or None, "height_px": height * heights or None}
    facts[STORED_HEIGHT] = number(values.get(0x3202)) * heights or None
    facts[DISPLAY_TOP] = (number(values.get(0x3207)) + number(values.get(0x320B))) * heights
    facts["frame_rate"] = rational(values.get(0x3001))
    facts["scan"] = {0: "progressive", 4: "progressive", 1: "interlaced", 3: "interlaced"}.get(
        layout if layout is not None else -1
    )
    aspect = rational(values.get(0x320E))
    if aspect is not None and width and height:
        facts["pixel_aspect_ratio"] = aspect * height * heights / width
    dominance = number(values.get(0x3212))
    if facts["scan"] == "interlaced" and height * heights >= 720:
        facts["field_order"] = {1: "tff", 2: "bff"}.get(dominance)
    for name, (tag, codes) in _COLOUR_LABELS.items():
        facts[name] = _colour(name, values.get(tag, b""), codes)
    depth = _depth(values)
    facts["color_range"] = _range(values, depth)
    facts |= {"bit_depth_bits": depth, "chroma_subsampling": _chroma(values), **_coding(values)}
    return {name: value for name, value in facts.items() if value is not None}


def _colour(name: str, label: bytes, codes: Mapping[str, int]) -> str | None:
    """Our word for a label of colour; `other:` and the label for one without, as makers of cameras have."""
    if len(label) != _LABEL_BYTES or not any(label):
        return None
    code = codes.get(label[12:].hex()) if label[8:12] == _COLOUR_REGISTER else None
    return f"other:{urn(label)}" if code is None else from_h273(_VOCABULARIES[name], code)


def _range(values: Mapping[int, bytes], depth: int | None) -> str | None:
    """Range by the reference levels of a CDCI descriptor or the smallest and largest component of an RGBA one."""
    tags = (0x3304, 0x3305) if values.get(0x3305) else (0x3407, 0x3406)
    if not values.get(tags[1]) or depth is None or not 8 <= depth <= 16:
        return None
    levels = tuple(number(values.get(tag)) for tag in tags)
    if levels == (0, (1 << depth) - 1):
        return "full"
    return "limited" if levels == (16 << (depth - 8), 235 << (depth - 8)) else None


def _depth(values: Mapping[int, bytes]) -> int | None:
    """Bits of a component, from a CDCI descriptor's own number or the pixel layout of an RGBA descriptor."""
    depths = set(layout_depths(values.get(0x3401, b"")) or ())
    return number(values.get(0x3301)) or (depths.pop() if len(depths) == 1 else None)


def _chroma(values: Mapping[int, bytes]) -> str | None:
    """A descriptor that leaves the vertical subsampling out states the structure only where it has no default that
    writers rely on: 4:2:2 and 4:2:0 are told apart by it."""
    horizontal, vertical = number(values.get(0x3302)), number(values.get(0x3308))
    return {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (4, 1): "4:1:1"}.get((horizontal, vertical))


def _coding(values: Mapping[int, bytes]) -> Facts:
    """Profile, and of MPEG-2 the level, that the picture essence coding label names (SMPTE RP 224)."""
    label = values.get(0x3201, b"")
    if len(label) != 16 or label[8:13] != _VIDEO_CODING:
        return {}
    family, kind = label[13], label[14] >> 4
    if family in _MPEG2_CODINGS:
        profile, level = _MPEG2_CODINGS[family]
        return {"codec_profile": profile, "codec_level": level}
    profiles = {0x31: _AVC_PROFILES, 0x32: _AVC_INTRA_PROFILES}.get(family, {})
    return {"codec_profile": profiles[kind]} if kind in profiles else {}


def _timecodes(sets: Sets) -> Iterator[StatedTimecode]:
    """Timecode components of the packages, those of the material package first."""
    for asked, source in ((_MATERIAL_PACKAGE, "material_package"), (_SOURCE_PACKAGE, "file_package")):
        for package in sets.values():
            if kind_of(package) != asked:
                continue
            is_physical = asked == _SOURCE_PACKAGE and not package.values.get(0x4701)
            for track in _referenced(sets, package.values.get(0x4403)):
                rate = rational(track.values.get(0x4B01))
                components = list(_components(sets, track.values.get(0x4803, b"")))
                for component in components[:1]:
                    start = signed(component.get(0x1501)) or 0
                    if start != _UNKNOWN_POSITION:
                        yield StatedTimecode(
                            source="source_package" if is_physical else source,
                            start=start,
                            rate=_timecode_rate(rate, number(component.get(0x1502))),
                            is_drop_frame=bool(number(component.get(0x1503))),
                            edit_rate=rate,
                            component_count=len(components),
                        )


def _timecode_rate(track: Fraction | None, base: int) -> Fraction | None:
    """The rate of the track where its rounded base agrees or is not stated, else the base; None without either."""
    if not base or (track is not None and round(track) == base):
        return track
    return Fraction(base)


def _components(sets: Sets, reference: bytes) -> Iterator[Mapping[int, bytes]]:
    found = sets.get(reference)
    if found is None:
        return
    if kind_of(found) == _TIMECODE:
        yield found.values
    for inner in _referenced(sets, found.values.get(0x1001)):
        if kind_of(inner) == _TIMECODE:
            yield inner.values


def _referenced(sets: Sets, references: bytes | None) -> Iterator[MetadataSet]:
    """The sets that a batch of strong references names."""
    return (sets[reference] for reference in batch(references) if reference in sets)

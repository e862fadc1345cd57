"""Reads the partitions and header metadata of MXF files (SMPTE ST 377-1) for what they state and promise; decodes
nothing.

Every size is taken as a claim: it moves a file position and never sets aside memory beyond a bound of ours.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import BinaryIO

from deliverqc.facts.model import Facts
from deliverqc.facts.vocabulary import COLOR_MATRIX, COLOR_PRIMARIES, COLOR_TRANSFER, from_h273
from deliverqc.probing.reading import StatedTimecode

_PARTITION = bytes.fromhex("060e2b34020501010d01020101")
_LOCAL_SET = bytes.fromhex("060e2b34025301010d01010101")
_MAXIMUM_RUN_IN_BYTES = 65536  # ST 377-1 section 6.5
_MAXIMUM_METADATA_BYTES = 32 * 1024 * 1024  # house choice: ten times what long masters with descriptive metadata have
_MAXIMUM_LABELS = 100
_MAXIMUM_KLVS = 200_000
_HEADER, _FOOTER = 2, 4
_CLOSED_STATES = (2, 4)
_INDEX_PACK = bytes.fromhex("060e2b34020501010d010201011101")
_STATES = {1: "open_incomplete", 2: "closed_incomplete", 3: "open_complete", 4: "closed_complete"}
_PICTURE_DESCRIPTORS = (0x27, 0x28, 0x29, 0x51)  # generic, CDCI, RGBA, MPEG video
_MATERIAL_PACKAGE, _SOURCE_PACKAGE, _TIMECODE = 0x36, 0x37, 0x14

_ENCRYPTED_ESSENCE = bytes.fromhex("0d010301020b")
"""Of the label of an essence container from its ninth byte on (SMPTE ST 429-6 section 7.1)."""

_COLOUR_LABELS = {
    "color_transfer": (
        0x3210,
        {"01010000": 4, "01020000": 1, "01030000": 7, "01050000": 17, "01060000": 8, "01070000": 11, "01080000": 12,
         "01090000": 14, "010a0000": 16, "010b0000": 18},
    ),
    "color_matrix": (
        0x321A,
        {"02010000": 6, "02020000": 1, "02030000": 7, "02040000": 8, "02050000": 0, "02060000": 9},
    ),
    "color_primaries": (
        0x3219,
        {"03010000": 6, "03020000": 5, "03030000": 1, "03040000": 9, "03050000": 10, "03060000": 12, "030a0000": 11},
    ),
}  # fmt: skip
"""Local tag, and the last bytes of the label to the code of ITU-T H.273 (SMPTE ST 2067-21, RP 224 register)."""
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

STORED_HEIGHT = "stored_height_px"
"""Not a fact: lines that the essence holds, of which a descriptor may show fewer (SMPTE ST 386: 576 of 608)."""

DISPLAY_TOP = "display_top_px"
"""Not a fact: how many of the stored lines stand above those that are shown."""

_UNKNOWN_POSITION = -1
Sets = dict[bytes, tuple[int, dict[int, bytes]]]


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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Partition:
    kind: int
    state: int
    after_pack: int
    footer: int
    metadata_bytes: int
    index_bytes: int
    pattern: bytes
    is_encrypted: bool


def read_mxf(file: BinaryIO, size: int) -> MxfFile:
    """Read the header partition, and the footer where the header says where it is."""
    found = MxfFile()
    file.seek(0)
    run_in = file.read(_MAXIMUM_RUN_IN_BYTES + 16).find(_PARTITION)
    header = _partition(file, run_in, size) if run_in >= 0 else None
    if header is None:
        return found
    found.header_partition = _STATES.get(header.state)
    found.is_encrypted = header.is_encrypted
    found.operational_pattern = _pattern_name(header.pattern)
    sets = _read_sets(file, header, size)
    if header.footer:
        footer_at = run_in + header.footer
        footer = _partition(file, footer_at, size)
        found.is_closed = header.state in _CLOSED_STATES or footer is not None
        found.promised_end = footer_at + 17
        if footer is not None:
            found.promised_end = footer.after_pack + footer.metadata_bytes + footer.index_bytes
            if header.state in (1, 2) and footer.metadata_bytes:
                sets = _read_sets(file, footer, size) or sets
    else:
        found.promised_end, has_footer = _walked_end(file, header.after_pack, size)
        has_footer = has_footer or _has_index_pack(file, size)
        found.is_closed = header.state in _CLOSED_STATES or has_footer
    for kind, values in sets.values():
        if kind in _PICTURE_DESCRIPTORS:
            found.pictures[_integer(values.get(0x3006))] = _picture(values)
    found.timecodes = list(_timecodes(sets))
    return found


def _klv(file: BinaryIO, start: int) -> tuple[bytes, int, int] | None:
    """Key, start of the value and its length; None where there is no whole header."""
    file.seek(start)
    header = file.read(25)
    if len(header) < 17 or header[:4] != b"\x06\x0e\x2b\x34":
        return None
    first = header[16]
    width = first & 0x7F if first & 0x80 else 0
    if width > 8 or len(header) < 17 + width:
        return None
    length = int.from_bytes(header[17 : 17 + width], "big") if width else first
    return header[:16], start + 17 + width, length


def _is_partition(key: bytes) -> bool:
    return key.startswith(_PARTITION) and _HEADER <= key[13] <= _FOOTER


def _partition(file: BinaryIO, start: int, size: int) -> _Partition | None:
    klv = _klv(file, start) if 0 <= start < size else None
    if klv is None or not _is_partition(klv[0]):
        return None
    key, value_at, length = klv
    file.seek(value_at)
    data = file.read(min(length, 88 + _MAXIMUM_LABELS * 16))
    if len(data) < 80:
        return None
    footer, metadata_bytes, index_bytes = struct.unpack_from(">QQQ", data, 24)
    return _Partition(
        kind=key[13],
        state=key[14],
        after_pack=value_at + length,
        footer=footer,
        metadata_bytes=metadata_bytes,
        index_bytes=index_bytes,
        pattern=data[64:80],
        is_encrypted=any(data[at + 8 :].startswith(_ENCRYPTED_ESSENCE) for at in range(88, len(data), 16)),
    )


def _pattern_name(label: bytes) -> str | None:
    """`op1a` … `op3c`, `opatom` (SMPTE ST 377-1 section 9.2, ST 390); None for a label that is none of them."""
    if not label.startswith(bytes.fromhex("060e2b34")):
        return None
    items, packages = label[12], label[13]
    if items == 0x10:
        return "opatom"
    return f"op{items}{'abc'[packages - 1]}" if items in (1, 2, 3) and packages in (1, 2, 3) else None


def _walked_end(file: BinaryIO, start: int, size: int) -> tuple[int | None, bool]:
    """End of the KLV that reaches the end of the file, None where the walk is broken off or takes too many steps; and
    whether a footer was met."""
    has_footer = False
    for _ in range(_MAXIMUM_KLVS):
        klv = _klv(file, start)
        if klv is None:
            return None, has_footer
        key, value_at, length = klv
        has_footer = has_footer or (_is_partition(key) and key[13] == _FOOTER)
        start = value_at + length
        if start >= size:
            return start, has_footer
    return None, has_footer


def _has_index_pack(file: BinaryIO, size: int) -> bool:
    """Whether the file ends with a random index pack (ST 377-1 section 12), which follows the footer."""
    file.seek(max(0, size - 4))
    length = int.from_bytes(file.read(4), "big")
    if not 16 < length <= size:
        return False
    file.seek(size - length)
    return file.read(16).startswith(_INDEX_PACK)


def _read_sets(file: BinaryIO, partition: _Partition, size: int) -> Sets:
    """Local sets of the header metadata by instance identifier."""
    sets: Sets = {}
    start = partition.after_pack
    stop = min(size, start + min(partition.metadata_bytes, _MAXIMUM_METADATA_BYTES) + _MAXIMUM_RUN_IN_BYTES)
    for _ in range(_MAXIMUM_KLVS):
        klv = _klv(file, start) if start < stop else None
        if klv is None or _is_partition(klv[0]):
            break
        key, value_at, length = klv
        if key.startswith(_LOCAL_SET) and length <= stop - value_at:
            file.seek(value_at)
            values = dict(_local_values(file.read(length)))
            sets[values.get(0x3C0A, b"%d" % start)] = (key[14], values)
        start = value_at + length
    return sets


def _local_values(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + 4 <= len(data):
        tag, length = struct.unpack_from(">HH", data, position)
        yield tag, data[position + 4 : position + 4 + length]
        position += 4 + length


def _integer(data: bytes | None) -> int:
    return int.from_bytes(data or b"", "big")


def _rational(data: bytes | None) -> Fraction | None:
    if data is None or len(data) != 8:
        return None
    numerator, denominator = struct.unpack(">ii", data)
    return Fraction(numerator, denominator) if numerator > 0 and denominator > 0 else None


def _picture(values: dict[int, bytes]) -> Facts:
    """What a picture essence descriptor states (ST 377-1 Annex G.2); heights of layouts that store fields apart are
    doubled."""
    layout = values.get(0x320C, b"\xff")[0] if values.get(0x320C) else None
    heights = 2 if layout in (1, 4) else 1
    width = next((_integer(values[tag]) for tag in (0x3209, 0x3205, 0x3203) if values.get(tag)), 0)
    height = next((_integer(values[tag]) for tag in (0x3208, 0x3204, 0x3202) if values.get(tag)), 0)
    facts: Facts = {"width_px": width or None, "height_px": height * heights or None}
    facts[STORED_HEIGHT] = _integer(values.get(0x3202)) * heights or None
    facts[DISPLAY_TOP] = (_integer(values.get(0x3207)) + _integer(values.get(0x320B))) * heights
    facts["frame_rate"] = _rational(values.get(0x3001))
    facts["scan"] = {0: "progressive", 4: "progressive", 1: "interlaced", 3: "interlaced"}.get(
        layout if layout is not None else -1
    )
    aspect = _rational(values.get(0x320E))
    if aspect is not None and width and height:
        facts["pixel_aspect_ratio"] = aspect * height * heights / width
    dominance = _integer(values.get(0x3212))
    if facts["scan"] == "interlaced" and height * heights >= 720:
        facts["field_order"] = {1: "tff", 2: "bff"}.get(dominance)
    for name, (tag, codes) in _COLOUR_LABELS.items():
        code = codes.get(values.get(tag, b"")[-4:].hex())
        facts[name] = None if code is None else from_h273(_VOCABULARIES[name], code)
    black, white = _integer(values.get(0x3304)), _integer(values.get(0x3305))
    depth = _integer(values.get(0x3301))
    if values.get(0x3305) and 8 <= depth <= 16:
        is_full = black == 0 and white == (1 << depth) - 1
        is_limited = black == 16 << (depth - 8) and white == 235 << (depth - 8)
        facts["color_range"] = "full" if is_full else "limited" if is_limited else None
    facts |= {"bit_depth_bits": _depth(values), "chroma_subsampling": _chroma(values), **_coding(values)}
    return {name: value for name, value in facts.items() if value is not None}


def _depth(values: dict[int, bytes]) -> int | None:
    """Bits of a component, from a CDCI descriptor's own number or the pixel layout of an RGBA descriptor."""
    depths = set(values.get(0x3401, b"")[1:8:2]) - {0}  # pairs of a code and a depth, ST 377-1 Annex G.2.39
    return _integer(values.get(0x3301)) or (depths.pop() if len(depths) == 1 else None)


def _chroma(values: dict[int, bytes]) -> str | None:
    """A descriptor that leaves the vertical subsampling out states the structure only where it has no default that
    writers rely on: 4:2:2 and 4:2:0 are told apart by it."""
    horizontal, vertical = _integer(values.get(0x3302)), _integer(values.get(0x3308))
    return {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (4, 1): "4:1:1"}.get((horizontal, vertical))


def _coding(values: dict[int, bytes]) -> Facts:
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
    for wanted, source in ((_MATERIAL_PACKAGE, "material_package"), (_SOURCE_PACKAGE, "file_package")):
        for kind, package in sets.values():
            if kind != wanted:
                continue
            is_physical = wanted == _SOURCE_PACKAGE and not package.get(0x4701)
            for _, track in _referenced(sets, package.get(0x4403)):
                rate = _rational(track.get(0x4B01))
                components = list(_components(sets, track.get(0x4803, b"")))
                for component in components[:1]:
                    start = int.from_bytes(component.get(0x1501, b""), "big", signed=True)
                    if start != _UNKNOWN_POSITION:
                        yield StatedTimecode(
                            source="source_package" if is_physical else source,
                            start=start,
                            rate=_timecode_rate(rate, _integer(component.get(0x1502))),
                            is_drop_frame=bool(_integer(component.get(0x1503))),
                            edit_rate=rate,
                            component_count=len(components),
                        )


def _timecode_rate(track: Fraction | None, base: int) -> Fraction | None:
    """The rate of the track where its rounded base agrees or is not stated, else the base; None without either."""
    if not base or (track is not None and round(track) == base):
        return track
    return Fraction(base)


def _components(sets: Sets, reference: bytes) -> Iterator[dict[int, bytes]]:
    kind, values = sets.get(reference, (0, {}))
    if kind == _TIMECODE:
        yield values
    for inner_kind, inner in _referenced(sets, values.get(0x1001)):
        if inner_kind == _TIMECODE:
            yield inner


def _referenced(sets: Sets, batch: bytes | None) -> Iterator[tuple[int, dict[int, bytes]]]:
    """The sets that a batch of 16-byte strong references names."""
    if batch is None or len(batch) < 8:
        return
    for position in range(8, len(batch) - 15, 16):
        found = sets.get(batch[position : position + 16])
        if found is not None:
            yield found

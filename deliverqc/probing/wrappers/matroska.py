"""Walks the elements of Matroska files (RFC 8794, RFC 9559) for what they state of the picture and promise in bytes;
decodes nothing.

Every size is taken as a claim: it moves a file position and never sets aside memory beyond a bound of ours.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, BinaryIO

from deliverqc.facts.model import Facts
from deliverqc.facts.vocabulary import COLOR_MATRIX, COLOR_PRIMARIES, COLOR_TRANSFER, from_h273
from deliverqc.probing.wrappers.bounds import TooMuchError
from deliverqc.probing.wrappers.configuration import DOLBY_VISION, read_configuration
from deliverqc.timebase import STANDARD_RATES

_SEGMENT, _TRACKS, _TRACK, _VIDEO, _COLOUR = 0x18538067, 0x1654AE6B, 0xAE, 0xE0, 0x55B0
_CLUSTER = 0x1F43B675
_SEEK_HEAD, _SEEK, _SEEK_POSITION = 0x114D9B74, 0x4DBB, 0x53AC
_INFO, _TIMESTAMP_SCALE, _DURATION = 0x1549A966, 0x2AD7B1, 0x4489
_CODEC_DELAY = 0x56AA
_TRACK_NUMBER, _DEFAULT_DURATION, _TRACK_TYPE = 0xD7, 0x23E383, 0x83
_PROJECTION, _YAW, _ROLL = 0x7670, 0x7673, 0x7675
_FLAG_ENABLED = 0xB9
_AUDIO, _CHANNELS, _RATE_HZ = 0xE1, 0x9F, 0xB5
_CODEC, _CODEC_PRIVATE, _ADDITION_MAPPING, _ADDITION_TYPE, _ADDITION_DATA = 0x86, 0x63A2, 0x41E4, 0x41E7, 0x41ED
_RECORDS = {b"V_MPEG4/ISO/AVC": "avcC", b"V_MPEGH/ISO/HEVC": "hvcC", b"V_AV1": "av1C"}
_LONGEST_RECORD_BYTES = 65536  # house choice: a configuration record with many parameter sets
_DISPLAY_UNKNOWN = 4  # DisplayUnit, RFC 9559 section 5.1.4.1.28.14
_DISPLAY_PIXELS = 0
_ENCODINGS, _ENCODING, _ENCRYPTION = 0x6D80, 0x6240, 0x5035
_ENCODING_TYPE, _ALGORITHM = 0x5033, 0x47E1
_ALGORITHMS = {1: "des", 2: "3des", 3: "twofish", 4: "blowfish", 5: "aes"}
"""RFC 9559 section 5.1.4.1.31.9."""
_STEREO_MODE = 0x53B8
_STEREO_LAYOUTS = {
    1: "side_by_side", 2: "top_bottom", 3: "top_bottom", 4: "checkerboard", 5: "checkerboard", 6: "rows", 7: "rows",
    8: "columns", 9: "columns", 10: "anaglyph", 11: "side_by_side", 12: "anaglyph", 13: "alternating",
    14: "alternating",
}  # fmt: skip
_PARENTS = (_AUDIO, _TRACK, _VIDEO, _COLOUR, _PROJECTION, _ENCODINGS, _ENCODING, _ENCRYPTION)
_PICTURE_TYPE, _SOUND_TYPE = 1, 2
_HALF_TURN_DEG = 180
_MAXIMUM_ELEMENTS = 100_000
_BLOCK_GROUP = 0xA0
_DEFINED = frozenset(
    [0x1A45DFA3, _SEGMENT, _SEEK_HEAD, _INFO, _TRACKS, 0x1043A770, _CLUSTER, 0x1C53BB6B, 0x1941A469, 0x1254C367]
    + [0xEC, 0xBF]
    + [0xE7, 0x5854, 0xA7, 0xAB, 0xA3, _BLOCK_GROUP, 0xAF]
    + [0xA1, 0xA2, 0x75A1, 0x9B, 0xFA, 0xFB, 0xFD, 0xA4, 0x75A2, 0x8E, 0xC8]
)
"""Elements of a file and of its segment, those that any element may hold, and those of clusters and of block groups
(RFC 8794, RFC 9559 and its appendix A)."""
_MAXIMUM_STEPS = 1_000_000  # house choice: three hours of blocks in clusters of unknown size
_NANOSECONDS = 1_000_000_000


@dataclass(kw_only=True, slots=True)
class EbmlFile:
    """`promised_end`: first byte after the segment or its last cluster; None where no size is stated. `pictures`: by
    track number; the lists are in the order of the tracks of their kind. `duration_s`: of the segment, None where it
    states none. `codec_delays`: of the audio, in nanoseconds. `is_sized`: the segment states its size.
    `is_followed`: the elements of one that does not were followed to where they end. `encryptions`: by name of the
    track, `picture 0`."""

    promised_end: int | None = None
    duration_s: Fraction | None = None
    is_sized: bool = False
    is_followed: bool = True
    pictures: dict[int, Facts] = field(default_factory=dict)
    rotations_deg: list[int] = field(default_factory=list)
    mirrored: list[bool] = field(default_factory=list)
    enabled_pictures: list[bool] = field(default_factory=list)
    enabled_sounds: list[bool] = field(default_factory=list)
    sounds: list[Facts] = field(default_factory=list)
    codec_delays: list[Fraction] = field(default_factory=list)
    encryptions: dict[str, str] = field(default_factory=dict)


def read_ebml(file: BinaryIO, size: int) -> EbmlFile:
    """Read the first segment of a Matroska file."""
    found = EbmlFile()
    for identity, payload, end in _elements(file, 0, size):
        if identity != _SEGMENT:
            continue
        found.promised_end, found.is_sized = end, end is not None
        for inner, inside, inner_end in _elements(file, payload, size):
            if inner == _SEEK_HEAD and inner_end is not None and end is None:
                named_end = payload + _furthest(file, inside, inner_end, size)
                found.promised_end = named_end if named_end > size else found.promised_end
            if inner == _TRACKS:
                _read_tracks(file, inside, min(inner_end or size, size), found)
            if inner == _INFO and inner_end is not None:
                found.duration_s = _duration(file, inside, min(inner_end, size))
            if inner_end is not None and inner == _CLUSTER:
                found.promised_end = max(found.promised_end or 0, inner_end)
            if inner_end is None or (inner == _CLUSTER and end is not None):
                break
        if end is None:
            last_end = _end_of_elements(file, payload, size)
            found.is_followed = last_end is not None
            if last_end is not None and last_end > size:
                found.promised_end = max(last_end, found.promised_end or 0)
        break
    return found


def _furthest(file: BinaryIO, start: int, stop: int, size: int) -> int:
    """First byte of the last element that a SeekHead names, after the start of the segment, and one; 0 for none."""
    furthest = 0
    for identity, payload, end in _elements(file, start, min(stop, size)):
        if identity == _SEEK and end is not None:
            position = dict(_values(file, payload, min(end, size), depth=0)).get(_SEEK_POSITION)
            furthest = max(furthest, 0 if position is None else position + 1)
    return furthest


def _end_of_elements(file: BinaryIO, start: int, size: int) -> int | None:
    """Where the last element of a segment ends whose clusters state no size: their elements are walked in their
    place. None where they are too many to be followed."""
    place = start
    for _ in range(_MAXIMUM_STEPS):
        found = next(_elements(file, place, size), None)
        if found is None:
            return place
        _, payload, end = found
        place = payload if end is None else end
        if place >= size:
            return place
    return None


def _duration(file: BinaryIO, start: int, stop: int) -> Fraction | None:
    """The duration in an Info element, which counts in its own scale (RFC 9559 section 5.1.2)."""
    scale, ticks = 1_000_000, None
    for identity, payload, end in _elements(file, start, stop):
        if end is None or end > stop or end - payload > 8:
            continue
        file.seek(payload)
        data = file.read(end - payload)
        if identity == _TIMESTAMP_SCALE:
            scale = int.from_bytes(data, "big")
        elif identity == _DURATION and len(data) in (4, 8):
            (ticks,) = struct.unpack(">f" if len(data) == 4 else ">d", data)
    if ticks is None or not math.isfinite(ticks) or ticks <= 0:
        return None
    return Fraction(ticks) * scale / _NANOSECONDS


def _elements(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[int, int, int | None]]:
    """Yield (identity, start of the payload, end or None where the size is unknown)."""
    for _ in range(_MAXIMUM_ELEMENTS):
        if start + 2 > stop:
            return
        file.seek(start)
        header = file.read(12)
        identity = _number(header, keeps_marker=True, longest=4)
        if identity is None:
            return
        length = _number(header[identity[1] :], keeps_marker=False, longest=8)
        if length is None:
            return
        payload = start + identity[1] + length[1]
        is_unknown = length[0] == (1 << (7 * length[1])) - 1
        yield identity[0], payload, None if is_unknown else payload + length[0]
        if is_unknown:
            return
        start = payload + length[0]
    raise TooMuchError(f"it has more than {_MAXIMUM_ELEMENTS:,} elements in a row")


def undefined_elements(file: BinaryIO, size: int) -> Iterator[tuple[int, int, int]]:
    """Yield identity, first byte and bytes of the elements of segments, clusters and block groups that Matroska does
    not define: a reader passes over them, as over a block whose identity was damaged. What follows one that cannot be
    read at all is not looked at."""
    place = 0
    while place + 2 <= size:
        file.seek(place)
        header = file.read(12)
        identity = _number(header, keeps_marker=True, longest=4)
        length = None if identity is None else _number(header[identity[1] :], keeps_marker=False, longest=8)
        if identity is None or length is None:
            return
        payload = place + identity[1] + length[1]
        is_unknown = length[0] == (1 << (7 * length[1])) - 1
        if identity[0] not in _DEFINED:
            yield identity[0], place, payload + length[0] - place
        is_parent = identity[0] in (_SEGMENT, _CLUSTER, _BLOCK_GROUP)
        if is_unknown and not is_parent:
            return
        place = payload if is_parent else payload + length[0]


def _number(data: bytes, *, keeps_marker: bool, longest: int) -> tuple[int, int] | None:
    """A variable-size integer and its width (RFC 8794 section 4); None where there is none."""
    if not data or not data[0]:
        return None
    width = 9 - data[0].bit_length()
    if width > longest or len(data) < width:
        return None
    value = int.from_bytes(data[:width], "big")
    return (value if keeps_marker else value & ((1 << (7 * width)) - 1)), width


def _read_tracks(file: BinaryIO, start: int, stop: int, found: EbmlFile) -> None:
    for identity, payload, end in _elements(file, start, stop):
        if identity != _TRACK or end is None:
            continue
        values = dict(_values(file, payload, min(end, stop), depth=0))
        _note_encryption(values, found)
        if values.get(_TRACK_TYPE) == _PICTURE_TYPE:
            records = _records(file, payload, min(end, stop))
            found.pictures[values.get(_TRACK_NUMBER, 0)] = (
                records | _picture(values) | _stereoscopic(values.get(_STEREO_MODE, 0))
            )
            roll, yaw = (round(_float(values.get(angle, 0))) for angle in (_ROLL, _YAW))
            found.mirrored.append(yaw % 360 == _HALF_TURN_DEG)
            found.rotations_deg.append((_HALF_TURN_DEG + roll if found.mirrored[-1] else -roll) % 360)
            found.enabled_pictures.append(bool(values.get(_FLAG_ENABLED, 1)))
        elif values.get(_TRACK_TYPE) == _SOUND_TYPE:
            found.enabled_sounds.append(bool(values.get(_FLAG_ENABLED, 1)))
            found.codec_delays.append(Fraction(values.get(_CODEC_DELAY, 0)))
            rate = round(_float(values.get(_RATE_HZ, 0)))
            found.sounds.append({"channel_count": values.get(_CHANNELS), "sample_rate_hz": rate or None})


def _stereoscopic(mode: int) -> Facts:
    """What StereoMode says (RFC 9559 section 5.1.4.1.28.3); 0, its default, is one eye."""
    return {"is_stereoscopic": mode != 0, "stereoscopic_layout": _STEREO_LAYOUTS.get(mode)}


def _note_encryption(values: dict[int, int], found: EbmlFile) -> None:
    """Take in that the track, which is not counted yet, is encrypted."""
    if not values.get(_ALGORITHM) and values.get(_ENCODING_TYPE) != 1:
        return
    kinds = {_PICTURE_TYPE: ("picture", len(found.pictures)), _SOUND_TYPE: ("sound", len(found.enabled_sounds))}
    kind, order = kinds.get(values.get(_TRACK_TYPE, 0), ("track", values.get(_TRACK_NUMBER, 0)))
    found.encryptions[f"{kind} {order}"] = _ALGORITHMS.get(values.get(_ALGORITHM, 0), "unknown")


def _values(file: BinaryIO, start: int, stop: int, *, depth: int) -> Iterator[tuple[int, int]]:
    """Yield the unsigned integers of a track entry by identity, those of its video and colour elements among them."""
    for identity, payload, end in _elements(file, start, stop):
        if end is None:
            return
        if identity in _PARENTS and depth < len(_PARENTS):
            yield from _values(file, payload, min(end, stop), depth=depth + 1)
        elif end - payload <= 8 and end <= stop:
            file.seek(payload)
            yield identity, int.from_bytes(file.read(end - payload), "big")


def _records(file: BinaryIO, start: int, stop: int) -> Facts:
    """What the codec's private data and Dolby Vision's block addition mapping state (RFC 9559 section 5.1.4.1.17)."""
    codec, private = b"", b""
    facts: Facts = {}
    for identity, payload, end in _elements(file, start, stop):
        if end is None or end > stop:
            break
        file.seek(payload)
        if identity == _CODEC:
            codec = file.read(min(end - payload, 64)).rstrip(b"\0")
        elif identity == _CODEC_PRIVATE:
            private = file.read(min(end - payload, _LONGEST_RECORD_BYTES))
        elif identity == _ADDITION_MAPPING:
            facts |= _mapped(file, payload, end)
    return facts | read_configuration(_RECORDS.get(codec, ""), private)


def _mapped(file: BinaryIO, start: int, stop: int) -> Facts:
    kind, data = "", b""
    for identity, payload, end in _elements(file, start, stop):
        if end is None or end > stop:
            break
        file.seek(payload)
        held = file.read(min(end - payload, 64))
        if identity == _ADDITION_TYPE:
            kind = held.decode("latin-1").lstrip("\0")
        elif identity == _ADDITION_DATA:
            data = held
    return read_configuration(kind, data) if kind in DOLBY_VISION else {}


def _pixel_shape(values: dict[int, int], width: int | None, height: int | None) -> Fraction | None:
    """Width of a pixel over its height, of the size that is shown and the one that is left after cropping (RFC 9559
    section 5.1.4.1.28); None where no size to show is stated."""
    shown_width, shown_height, unit = values.get(0x54B0), values.get(0x54BA), values.get(0x54B2, _DISPLAY_PIXELS)
    if unit == _DISPLAY_PIXELS:
        shown_width, shown_height = shown_width or width, shown_height or height
    if not (width and height and shown_width and shown_height) or unit >= _DISPLAY_UNKNOWN:
        return None
    if 0x54B0 not in values and 0x54BA not in values:
        return None
    return Fraction(shown_width * height, shown_height * width)


def _chroma(values: dict[int, int]) -> str | None:
    """ChromaSubsamplingHorz and Vert: pixels that are left out for each one that is kept."""
    across, down = values.get(0x55B3), values.get(0x55B4)
    if across is None or down is None:
        return None
    return {(1, 1): "4:2:0", (1, 0): "4:2:2", (0, 0): "4:4:4", (3, 0): "4:1:1"}.get((across, down))


def _float(bits: int) -> float:
    """The float that was read as an integer, of 4 or 8 bytes (RFC 8794 section 7.3); 0 for one that is not a number."""
    value = struct.unpack(">d", bits.to_bytes(8, "big"))[0] if bits >> 32 else struct.unpack(">f", bits.to_bytes(4))[0]
    return float(value) if math.isfinite(value) else 0.0


def _picture(values: dict[int, int]) -> Facts:
    width, height = values.get(0xB0), values.get(0xBA)
    crop_bottom, crop_top, crop_left, crop_right = (values.get(code, 0) for code in (0x54AA, 0x54BB, 0x54CC, 0x54DD))
    width = width - crop_left - crop_right if width else None
    height = height - crop_top - crop_bottom if height else None
    facts: dict[str, Any] = {
        "width_px": width,
        "height_px": height,
        "pixel_aspect_ratio": _pixel_shape(values, width, height),
        **({"bit_depth_bits": values[0x55B2]} if values.get(0x55B2) else {}),
        **({"chroma_subsampling": chroma} if (chroma := _chroma(values)) else {}),
        "frame_rate": _rate(values.get(_DEFAULT_DURATION, 0)),
        "scan": {1: "interlaced", 2: "progressive"}.get(values.get(0x9A, 0)),
        "color_primaries": from_h273(COLOR_PRIMARIES, values.get(0x55BB, 2)),
        "color_transfer": from_h273(COLOR_TRANSFER, values.get(0x55BA, 2)),
        "color_matrix": from_h273(COLOR_MATRIX, values.get(0x55B1, 2)),
        "color_range": {1: "limited", 2: "full"}.get(values.get(0x55B9, 0)),
    }
    if facts["scan"] == "interlaced":
        facts["field_order"] = {1: "tff", 9: "tff", 6: "bff", 14: "bff"}.get(values.get(0x9D, 2))
    return {name: value for name, value in facts.items() if value is not None}


def _rate(nanoseconds: int) -> Fraction | None:
    """The standard rate whose frames last `nanoseconds` when rounded, else the exact one; None for 0."""
    if not nanoseconds:
        return None
    for rate in STANDARD_RATES:
        if abs(_NANOSECONDS / rate - nanoseconds) <= 1:
            return rate
    return Fraction(_NANOSECONDS, nanoseconds)

"""Looks at packets of codings whose decoder in libav passes over damage: the markers and the entropy-coded data of
JPEG, the lengths of tile-parts and the packet headers of JPEG 2000, the headers and ends of frames of DNxHD, and the
lengths of DTS frames, and the NAL units of H.264 and HEVC; knows no track.

A second decoder costs time, so that of JPEG is imported where there is any.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deliverqc.probing.jpeg2000 import codestreams
from deliverqc.probing.nal_units import length_size, sei_messages, units
from deliverqc.probing.wrappers.bare_frames import dts_bytes

Complaint = tuple[str, bool]
"""What is wrong, and whether that is certain: what is not may be the encoder's manner, if most packets have it."""

_START, _END, _SCAN = b"\xff\xd8", b"\xff\xd9", 0xDA
_STANDALONE = frozenset([0x01, *range(0xD0, 0xD9)])
_SOFT = ("extraneous bytes", "Premature end of JPEG file")
_DAMAGE = ("Corrupt JPEG data", "Premature end of JPEG file")
"""What libjpeg-turbo's warnings of damaged data begin with (jerror.h: JWRN_HUFF_BAD_CODE, JWRN_HIT_MARKER,
JWRN_MUST_RESYNC, JWRN_EXTRANEOUS_DATA, JWRN_JPEG_EOF); others are about its settings."""


def jpeg_fields(data: bytes) -> Iterator[bytes]:
    """The JPEG pictures of a packet: one, or two where it holds two fields."""
    start = data.find(_START)
    while start >= 0:
        scan = _scan(data, start)
        end = -1 if scan is None else data.find(_END, scan)
        after = -1 if end < 0 else data.find(_START, end)
        yield data[start:] if after < 0 else data[start:after]
        start = after


def _scan(data: bytes, start: int) -> int | None:
    """Where the entropy-coded data of the picture at `start` begin; None where the markers do not lead there."""
    place = start + 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        code = data[place + 1]
        if code == 0xFF:
            place += 1
            continue
        place += 2 if code in _STANDALONE else 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if code == _SCAN:
            return place
    return None


def jpeg_complaint(data: bytes) -> Complaint | None:
    """What libjpeg-turbo finds wrong with the pictures of a packet; None where it does not read such JPEG at all."""
    import simplejpeg  # 15 ms, and only masters with JPEG need it

    for field in jpeg_fields(data):
        for colours in ("GRAY", "RGB"):
            try:
                simplejpeg.decode_jpeg(field, colorspace=colours, fastdct=True, fastupsample=True, strict=True)
            except ValueError as error:
                words = str(error)
                if words.startswith(_DAMAGE):
                    return f"libjpeg-turbo: {words}", not any(soft in words for soft in _SOFT)
                continue  # RGB cannot be read as grey
            break
    return None


def jpeg2000_complaint(data: bytes) -> Complaint | None:
    """Where a codestream's tile-parts do not lead to its end (ISO/IEC 15444-1 sections A.4.2 and A.4.4), or the headers
    of its packets to that of a tile-part (annex B)."""
    from deliverqc.signals.jpeg2000.walk import packet_damage  # 11 ms, and only masters with JPEG 2000 need it

    hint: Complaint | None = None
    for one in codestreams(data):
        found = packet_damage(data, one) if one.end is not None else (_UNCHAINED, False)
        if found is not None and found[1]:
            return found
        hint = hint or found
    return hint


_UNCHAINED = "jpeg2000: the codestream does not end where the lengths of its tile-parts lead"

_DNX_PREFIX = slice(0, 5)
_DNX_SHAPE = slice(0x18, 0x2C)  # lines, samples, depth and compression identifier (SMPTE ST 2019-1)
_DNX_FLAGS, _DNX_TRANSFORM = 0x07, 0x2C
_DNX_END = b"\x60\x0d\xc0\xde"
_DNX_HEADER_BYTES = 0x280
_WITH_TRANSFORM = (1256, 1270)
"""Compression identifiers of 4:4:4, whose macroblocks may have another colour transform."""


@dataclass(slots=True)
class DnxComparison:
    """Compares the headers of DNxHD and DNxHR frames with the first one of their track."""

    first: bytes | None = None
    length: int = 0
    has_end_mark: bool = False

    def complaint(self, data: bytes) -> Complaint | None:
        """What contradicts the first frame, or what no frame may have."""
        header = data[:_DNX_HEADER_BYTES]
        if len(header) < _DNX_HEADER_BYTES:
            return "dnxhd: the frame is shorter than its header", True
        (identifier,) = struct.unpack_from(">I", header, 0x28)
        if header[_DNX_TRANSFORM] & 7 and identifier not in _WITH_TRANSFORM:
            return "dnxhd: the header states a colour transform that this coding does not have", True
        if self.first is None:
            self.first, self.length, self.has_end_mark = header, len(data), data.endswith(_DNX_END)
            return None
        for name, part in (("prefix", _DNX_PREFIX), ("size, depth or coding", _DNX_SHAPE)):
            if header[part] != self.first[part]:
                return f"dnxhd: the {name} in the header is not that of the first frame", True
        if (header[_DNX_FLAGS], header[_DNX_TRANSFORM]) != (self.first[_DNX_FLAGS], self.first[_DNX_TRANSFORM]):
            return "dnxhd: the flags in the header are not those of the first frame", True
        if self.has_end_mark and len(data) <= self.length and not data.endswith(_DNX_END):
            return "dnxhd: the mark of the end of the frame is not there", True
        return None


def dts_complaint(data: bytes) -> Complaint | None:
    """What does not fit the lengths that the frames of a packet state; a packet may hold a core and an extension."""
    place = 0
    while place < len(data) and (length := dts_bytes(data[place : place + 16])):
        place += length
    if place > len(data):
        return "dca: the packet ends before its frame", True
    if place and place < len(data):
        return f"dca: {len(data) - place} bytes of the packet are in no frame", False
    return None


_ZEROS = re.compile(rb"\x00\x00+")
_UNREGISTERED, _UUID_BYTES = 5, 16
_WITH_MESSAGES = ("h264", "hevc")
_UNIT_CODECS = (*_WITH_MESSAGES, "vvc")


@dataclass(frozen=True, slots=True)
class UnitCheck:
    """Looks at the NAL units of H.264, HEVC and VVC for bytes that none holds, which libav's decoders take as they are,
    and of the first two for user data without their identifier, which only a strict decoder reports."""

    codec: str
    length_bytes: int

    def complaint(self, data: bytes) -> Complaint | None:
        """The first such place; a hint, since an encoder may write so throughout."""
        parted = units(self.codec, data, self.length_bytes) if self.length_bytes else (data,)
        is_unescaped = any(_holds_bare_zeros(unit, may_part=not self.length_bytes) for unit in parted)
        if is_unescaped:
            return f"{self.codec}: a NAL unit holds zeros without emulation prevention", False
        found = sei_messages(self.codec, data, self.length_bytes) if self.codec in _WITH_MESSAGES else ()
        for kind, payload in found:
            if kind == _UNREGISTERED and len(payload) < _UUID_BYTES:
                return f"{self.codec}: user data are shorter than their identifier", False
        return None


def _holds_bare_zeros(data: bytes, *, may_part: bool) -> bool:
    """Whether two zeros stand where a writer puts a 3 after them (ITU-T H.264 and H.265 section 7.4.1, H.266
    section 7.4.2.1). `may_part`:
    zeros before a 1 are a start code, and those before it belong to no unit."""
    for zeros in _ZEROS.finditer(data):
        after = data[zeros.end()] if zeros.end() < len(data) else None
        if after is None or (after == 1 and may_part):
            continue
        if after in (1, 2) or zeros.end() - zeros.start() > 2:
            return True
    return False


def packet_check(decoder: str | None, extradata: bytes | None = None) -> Callable[[bytes], Complaint | None] | None:
    """The check of the packets of one track, by libav's name of their decoder; None for those that need none.
    `extradata` says how the units of H.264, HEVC and VVC are parted."""
    if decoder in _UNIT_CODECS:
        return UnitCheck(decoder, length_size(decoder, extradata)).complaint
    if decoder == "mjpeg":
        return jpeg_complaint
    if decoder == "jpeg2000":
        return jpeg2000_complaint
    if decoder == "dca":
        return dts_complaint
    return DnxComparison().complaint if decoder == "dnxhd" else None

"""Reads NAL units of H.264 and HEVC for what libav does not pass on: whose parameter sets these are, and SEI messages;
decodes nothing."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import pairwise

_START_CODE = re.compile(rb"\x00\x00\x01")
_SPS = 7  # ITU-T H.264 Table 7-1
_INTRA_PROFILES = (b"\x6e", b"\x7a")  # High 10 Intra and High 4:2:2 Intra, ITU-T H.264 A.2.8, A.2.9
_SEI = {"h264": (6,), "hevc": (39, 40)}  # H.264 Table 7-1; H.265 Table 7-1, prefix and suffix
_HEADER_BYTES = {"h264": 1, "hevc": 2}
_ALL_ONES = 31  # the reserved bits that a record of VVC begins with, ISO/IEC 14496-15 section 11.2.4.2
_DISPLAY_ORIENTATION = 47  # ITU-T H.274, display orientation
_MASTERING_DISPLAY = 137  # ITU-T H.274, mastering display colour volume
_ALTERNATIVE_TRANSFER = 147  # ITU-T H.274, alternative transfer characteristics


def has_own_parameter_sets(extradata: bytes | None, packet: bytes) -> bool:
    """Whether the file holds parameter sets of its H.264: in a configuration record (ISO/IEC 14496-15) or among the
    units of its first packet. Intra profiles without either are decoded by parameter sets of a library's own."""
    start = _START_CODE.search(extradata or b"")
    profile = None if start is None or extradata is None else extradata[start.end() + 1 : start.end() + 2]
    if profile not in _INTRA_PROFILES:
        return True
    return any(_type("h264", unit) == _SPS for unit in units("h264", packet, 0))


def alternative_transfer(codec: str, packet: bytes, extradata: bytes | None) -> int | None:
    """The preferred transfer characteristics (ITU-T H.273 code) of an SEI message in the packet; None without one."""
    payload = _message(codec, packet, extradata, _ALTERNATIVE_TRANSFER)
    return payload[0] if payload else None


def mastering_display(codec: str, packet: bytes, extradata: bytes | None) -> tuple[int, ...] | None:
    """The ten numbers of a mastering display colour volume message (ITU-T H.274) as they are written, possible or not:
    x and y of green, blue, red and white in steps of 0.00002, largest and smallest luminance in 0.0001 cd/m2."""
    payload = _message(codec, packet, extradata, _MASTERING_DISPLAY)
    return struct.unpack_from(">8H2I", payload) if payload is not None and len(payload) >= 24 else None


def display_orientation(codec: str, packet: bytes, extradata: bytes | None) -> tuple[int, bool] | None:
    """Clockwise rotation in degrees, 0 to 359, and whether the picture is flipped top to bottom before it, of a display
    orientation message (ITU-T H.274); None without one, or where it cancels an earlier one."""
    payload = _message(codec, packet, extradata, _DISPLAY_ORIENTATION)
    if payload is None or len(payload) < 3 or payload[0] & 0x80:
        return None
    flips_across, flips_down = bool(payload[0] & 0x40), bool(payload[0] & 0x20)
    turn = int.from_bytes(payload[:3], "big") >> 5 & 0xFFFF  # anticlockwise, in 1/65536 of a full turn
    degrees = -round(turn * 360 / 65536) + (180 if flips_across else 0)
    return degrees % 360, flips_across != flips_down


def _message(codec: str, packet: bytes, extradata: bytes | None, wanted: int) -> bytes | None:
    if codec not in _SEI:
        return None
    found = sei_messages(codec, packet, length_size(codec, extradata))
    return next((payload for kind, payload in found if kind == wanted), None)


def sei_messages(codec: str, packet: bytes, length_size: int) -> Iterator[tuple[int, bytes]]:
    """Payload type and payload of every SEI message in a packet of H.264 or HEVC."""
    for unit in units(codec, packet, length_size):
        if _type(codec, unit) in _SEI[codec]:
            yield from messages(unescaped(unit[_HEADER_BYTES[codec] :]))


def length_size(codec: str, extradata: bytes | None) -> int:
    """Bytes of a unit's length, from the configuration record (ISO/IEC 14496-15); 0 where start codes part units."""
    if codec == "vvc":
        return (extradata[0] >> 1 & 3) + 1 if extradata and extradata[0] >> 3 == _ALL_ONES else 0
    position = {"h264": 4, "hevc": 21}[codec]
    if not extradata or extradata[0] != 1 or len(extradata) <= position:
        return 0
    return (extradata[position] & 3) + 1


def _type(codec: str, unit: bytes) -> int:
    if not unit:
        return -1
    return unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F


def units(codec: str, packet: bytes, length_size: int) -> Iterator[bytes]:
    if not length_size:
        starts = [match.end() for match in _START_CODE.finditer(packet)]
        for start, end in pairwise([*starts, len(packet)]):
            yield packet[start:end]
        return
    position = 0
    while position + length_size <= len(packet):
        size = int.from_bytes(packet[position : position + length_size], "big")
        position += length_size
        yield packet[position : position + size]
        position += size


def unescaped(data: bytes) -> bytes:
    return data.replace(b"\x00\x00\x03", b"\x00\x00")


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Payload type and payload of each message in an SEI unit (ITU-T H.264 section 7.3.2.3.1)."""
    position = 0

    def number() -> int:
        nonlocal position
        value = 0
        while position < len(data) and data[position] == 0xFF:
            value, position = value + 255, position + 1
        value += data[position] if position < len(data) else 0
        position += 1
        return value

    while position + 2 < len(data):
        kind, size = number(), number()
        yield kind, data[position : position + size]
        position += size

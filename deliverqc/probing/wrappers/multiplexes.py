"""Looks at the end of MPEG transport and programme streams (ISO/IEC 13818-1), which state no length, for a packet that
is not all there; decodes nothing."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

_SYNC = 0x47
_PACKET_BYTES = (188, 192, 204)  # plain, with a time stamp before it (BDAV), with Reed-Solomon bytes after it
_SYNCS_SEEN = 16
_PACK, _END, _FIRST_STREAM = 0xBA, 0xB9, 0xBB
_TAIL_BYTES = 1024 * 1024  # house choice: sixteen of the longest packets
_NEAR_BYTES = 512 * 1024  # house choice: more than streams of one programme are apart in a multiplex
_MARKED_CLOCK = 0x90  # discontinuity_indicator and PCR_flag of an adaptation field (section 2.4.3.4)
_CLOCK_FIELD_BYTES = 7
_LOOKED_BYTES, _LOOKS = 256 * 1024, 8  # house choice: two megabytes in all
_HAS_PAYLOAD, _IDENTIFIER = 0x10, 0x1FFF
_PES_SCRAMBLED = re.compile(
    rb"\x00\x00\x01\xba[\x40-\x7f].{8}[\xf8-\xff]\xff{0,7}\x00\x00\x01[\xbd\xc0-\xef]..[\x90-\xbf]", re.DOTALL
)
"""A pack of a programme stream whose first packet has a PES_scrambling_control other than 0."""
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_PADDING = (b"", b"\0" * 4, b"\xff" * 4)


def read_transport_end(file: BinaryIO, size: int, start: bytes) -> int | None:
    """Bytes that the last packet of a transport stream lacks; None where `start` is not that of one."""
    grid = packet_grid(start, size)
    if grid is None:
        return None
    first, length = grid
    lead = 4 if length == 192 and first >= 4 else 0
    return _missing_of_packet(file, size, first - lead, length, lead)


def packet_grid(start: bytes, size: int) -> tuple[int, int] | None:
    """Where the first sync byte in `start` is and how far the next; None where it is not a transport stream."""
    for length in _PACKET_BYTES:
        for first in range(length):
            syncs = start[first::length][:_SYNCS_SEEN]
            if len(syncs) >= min(_SYNCS_SEEN, max(2, size // length - 1)) and set(syncs) == {_SYNC}:
                return first, length
    return None


def scrambled(file: BinaryIO, size: int, start: bytes) -> dict[int | None, str]:
    """Identifiers of the streams of which a packet is marked as scrambled, in some stretches from the head to the tail
    (section 2.4.3.2, 2.4.3.6), and the mark; None where a programme stream has it, of whichever stream."""
    grid = packet_grid(start, size)
    if grid is None:
        return {None: "PES_scrambling_control"} if _PES_SCRAMBLED.search(start) else {}
    found: dict[int | None, str] = {}
    for data in stretches(file, size):
        first, length = packet_grid(data, len(data)) or (len(data), grid[1])
        for at in range(first, len(data) - 3, length):
            if data[at] == _SYNC and data[at + 3] >> 6 and data[at + 3] & _HAS_PAYLOAD:
                found[int.from_bytes(data[at + 1 : at + 3], "big") & _IDENTIFIER] = "transport_scrambling_control"
    return found


def checksum_holds(section: bytes) -> bool:
    """Whether the checksum at the end of a section is right (Annex A). It is the CRC-32 of zlib, which goes through the
    bits of each byte from the other side."""
    return zlib.crc32(section.translate(_MIRRORED)) == 0xFFFFFFFF


def stretches(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Some stretches of the file, from the head to the tail; all of a short one."""
    step = max(_LOOKED_BYTES, (size - _LOOKED_BYTES) // (_LOOKS - 1) if size > _LOOKED_BYTES else size)
    for begin in range(0, size, step):
        file.seek(begin)
        yield file.read(_LOOKED_BYTES)


def has_discontinuity_mark(file: BinaryIO, size: int, place: int | None) -> bool:
    """Whether a packet of a transport stream near `place`, or anywhere where that is None, signals that the clock of
    its programme goes on anew."""
    start = 0 if place is None else max(0, place - _NEAR_BYTES)
    stop = size if place is None else min(size, place + _NEAR_BYTES)
    for begin in range(start, stop, _TAIL_BYTES):
        file.seek(begin)
        data = file.read(min(_TAIL_BYTES + max(_PACKET_BYTES), stop - begin))
        grid = packet_grid(data, len(data))
        if grid is not None and any(_is_marked(data[at : at + 6]) for at in range(grid[0], len(data), grid[1])):
            return True
    return False


def _is_marked(packet: bytes) -> bool:
    """Whether the packet that begins so carries a clock that is marked as a new one. One without a clock marks its own
    count only, and time goes on."""
    has_field = len(packet) == 6 and packet[0] == _SYNC and packet[3] & 0x20 and packet[4] >= _CLOCK_FIELD_BYTES
    return bool(has_field) and packet[5] & _MARKED_CLOCK == _MARKED_CLOCK


def _missing_of_packet(file: BinaryIO, size: int, first: int, length: int, lead: int) -> int:
    """0 where the packets end with the file, or where what follows them is no packet."""
    rest = (size - first) % length
    file.seek(size - rest + lead)
    is_packet = rest > lead and file.read(1) == bytes([_SYNC])
    return length - rest if rest and (is_packet or rest <= lead) else 0


def read_programme_end(file: BinaryIO, size: int, start: bytes) -> int | None:
    """Bytes that the last packet of a programme stream lacks; None where `start` is not that of one."""
    if start[:4] != b"\0\0\1\xba":
        return None
    begin = max(0, size - _TAIL_BYTES)
    file.seek(begin)
    tail = file.read(size - begin)
    place = 0
    astray: set[int] = set()
    while (place := tail.find(b"\0\0\1\xba", place)) >= 0:
        end = _followed(tail, place, astray)
        if end >= len(tail) or tail[end : end + 4] in _PADDING:
            return max(0, end - len(tail))
        place += 4
    return 0


def _followed(tail: bytes, place: int, astray: set[int]) -> int:
    """Where the packets from the pack at `place` on end; the first byte that begins none of them, or that begins one of
    those that were followed before, and led nowhere: `astray`."""
    while place + 4 <= len(tail) and place not in astray and tail[place : place + 3] == b"\0\0\1":
        astray.add(place)
        code = tail[place + 3]
        if code == _END:
            place += 4
        elif code == _PACK:
            place += _pack_bytes(tail, place)
        elif code >= _FIRST_STREAM:
            if place + 6 > len(tail):
                return place + 6
            place += 6 + int.from_bytes(tail[place + 4 : place + 6], "big")
        else:
            return place
    return place


def _pack_bytes(tail: bytes, place: int) -> int:
    """Of an MPEG-2 pack header with its stuffing, or of an MPEG-1 one."""
    if place + 5 > len(tail) or tail[place + 4] >> 6 != 1:
        return 12
    return 14 + (tail[place + 13] & 7 if place + 14 <= len(tail) else 0)

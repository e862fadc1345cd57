"""Looks at the end of MPEG transport and programme streams (ISO/IEC 13818-1), which state no length, for a packet that
is not all there; decodes nothing."""

from __future__ import annotations

from typing import BinaryIO

_SYNC = 0x47
_PACKET_BYTES = (188, 192, 204)  # plain, with a time stamp before it (BDAV), with Reed-Solomon bytes after it
_SYNCS_SEEN = 16
_PACK, _END, _FIRST_STREAM = 0xBA, 0xB9, 0xBB
_TAIL_BYTES = 1024 * 1024  # house choice: sixteen of the longest packets
_PADDING = (b"", b"\0" * 4, b"\xff" * 4)


def read_transport_end(file: BinaryIO, size: int, start: bytes) -> int | None:
    """Bytes that the last packet of a transport stream lacks; None where `start` is not that of one."""
    for length in _PACKET_BYTES:
        for first in range(length):
            syncs = start[first::length][:_SYNCS_SEEN]
            if len(syncs) >= min(_SYNCS_SEEN, max(2, size // length - 1)) and set(syncs) == {_SYNC}:
                lead = 4 if length == 192 and first >= 4 else 0
                return _missing_of_packet(file, size, first - lead, length, lead)
    return None


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
    while (place := tail.find(b"\0\0\1\xba", place)) >= 0:
        end = _followed(tail, place)
        if end >= len(tail) or tail[end : end + 4] in _PADDING:
            return max(0, end - len(tail))
        place += 4
    return 0


def _followed(tail: bytes, place: int) -> int:
    """Where the packets from the pack at `place` on end; the first byte that begins none of them."""
    while place + 4 <= len(tail) and tail[place : place + 3] == b"\0\0\1":
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

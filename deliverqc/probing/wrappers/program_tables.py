"""Reads the programmes that a transport stream announces (ISO/IEC 13818-1 section 2.4.4, ETSI EN 300 468, ATSC A/65);
decodes nothing.

Tables repeat, so the first two megabytes show those that begin the file, and stretches from there to the tail most
that come later. A section counts only where its checksum is right.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from deliverqc.probing.wrappers.multiplexes import checksum_holds, packet_grid, stretches

_HEAD_BYTES = 2 * 1024 * 1024  # house choice: 0.16 s of 100 Mb/s, above the 0.1 s that maps of programmes may be apart

_SYNC, _STARTS, _HAS_FIELD, _HAS_PAYLOAD, _IDENTIFIER = 0x47, 0x40, 0x20, 0x10, 0x1FFF
_ASSOCIATION_PID, _DESCRIPTION_PID, _CHANNELS_PID = 0x0000, 0x0011, 0x1FFB
_ASSOCIATION, _MAP, _DESCRIPTION, _CHANNELS = 0x00, 0x02, 0x42, (0xC8, 0xC9)
_SERVICE_DESCRIPTOR = 0x48
_IN_FORCE = 0x01  # current_next_indicator
_LEAST_SECTION_BYTES, _CHECKSUM_BYTES = 12, 4
_LONGEST_SECTION = 4096 + 184
"""Bytes of what a packet may begin and later ones go on with (section 2.4.4.1): no section begins in those."""
_CLOSED = bytes(_LONGEST_SECTION)
_CHANNEL_BYTES, _CHANNEL_NAME_BYTES = 32, 14
_CHARSETS = {number: f"iso8859-{number + 4}" for number in (*range(1, 8), *range(9, 12))} | {
    0x11: "utf-16-be",
    0x15: "utf-8",
}
"""First byte of a text, and how the others are coded (EN 300 468 Annex A.2)."""
_NAMED_CHARSET = 0x10
_ACCENTS = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0308\u030a\u0327\u0332\u030b\u0328\u030c"
"""ISO/IEC 6937 from C1 on: an accent in front of its letter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """One programme. `stream_pids` are those of its map, None where the file does not hold the map; `service_name` is
    None where no table names it."""

    number: int
    pmt_pid: int
    stream_pids: tuple[int, ...] | None
    service_name: str | None


def read_programs(file: BinaryIO, size: int, start: bytes) -> tuple[Program, ...] | None:
    """The programmes of a transport stream by number, none where it holds no association table; None where `start` is
    not that of a transport stream."""
    if packet_grid(start, size) is None:
        return None
    file.seek(0)
    looked = (file.read(_HEAD_BYTES), *(stretches(file, size) if size > _HEAD_BYTES else ()))
    held = [(data, grid) for data in looked if (grid := packet_grid(data, len(data))) is not None]
    maps = {pair for section in _sections(held, {_ASSOCIATION_PID}) for pair in _associated(section)}
    names: dict[int, str] = {}
    streams: dict[tuple[int, int], tuple[int, ...]] = {}
    tables = _sections(held, {_DESCRIPTION_PID, _CHANNELS_PID, *(pid for _, pid in maps)})
    for pid, section in tables:
        if pid == _DESCRIPTION_PID and section[0] == _DESCRIPTION:
            names |= _services(section)
        elif pid == _CHANNELS_PID and section[0] in _CHANNELS:
            names = _channels(section) | names
        elif section[0] == _MAP:
            key = int.from_bytes(section[3:5], "big"), pid
            streams[key] = tuple(sorted({*streams.get(key, ()), *_mapped(section)}))
    return tuple(
        Program(number=number, pmt_pid=pid, stream_pids=streams.get((number, pid)), service_name=names.get(number))
        for number, pid in sorted(maps)
    )


def _sections(
    held: Iterable[tuple[bytes, tuple[int, int]]], wanted: frozenset[int] | set[int]
) -> list[tuple[int, bytes]]:
    """Every section in force on the `wanted` packet identifiers, each once, in the order of the file."""
    found: dict[tuple[int, bytes], None] = {}
    for data, (first, length) in held:
        open_sections: dict[int, bytes] = {}
        for at in range(first, len(data) - 187, length):
            pid = int.from_bytes(data[at + 1 : at + 3], "big") & _IDENTIFIER
            if pid not in wanted or data[at] != _SYNC or not data[at + 3] & _HAS_PAYLOAD:
                continue
            begin = at + 4 + (1 + data[at + 4] if data[at + 3] & _HAS_FIELD else 0)
            payload = data[begin : at + 188]
            if data[at + 1] & _STARTS and payload:
                pointer = payload[0]
                found |= dict.fromkeys(
                    (pid, one) for one in _whole(open_sections.get(pid, b"") + payload[1 : 1 + pointer])
                )
                open_sections[pid] = payload[1 + pointer :]
            elif len(open_sections.get(pid, _CLOSED)) < _LONGEST_SECTION:
                open_sections[pid] += payload
        for pid, rest in open_sections.items():
            found |= dict.fromkeys((pid, one) for one in _whole(rest))
    return [(pid, section) for pid, section in found if _is_right(section)]


def _whole(data: bytes) -> Iterator[bytes]:
    """The sections that `data` begins with and holds to their ends."""
    at = 0
    while at + 3 <= len(data) and data[at] != 0xFF:
        end = at + 3 + (int.from_bytes(data[at + 1 : at + 3], "big") & 0xFFF)
        if end > len(data):
            return
        yield data[at:end]
        at = end


def _is_right(section: bytes) -> bool:
    """Whether a section is in force and its checksum right."""
    return len(section) >= _LEAST_SECTION_BYTES and bool(section[5] & _IN_FORCE) and checksum_holds(section)


def _associated(entry: tuple[int, bytes]) -> Iterator[tuple[int, int]]:
    """Programme numbers and identifiers of their maps; number 0 is the network's table."""
    _, section = entry
    if section[0] != _ASSOCIATION:
        return
    for at in range(8, len(section) - _CHECKSUM_BYTES - 3, 4):
        number = int.from_bytes(section[at : at + 2], "big")
        if number:
            yield number, int.from_bytes(section[at + 2 : at + 4], "big") & _IDENTIFIER


def _mapped(section: bytes) -> Iterator[int]:
    at = 12 + (int.from_bytes(section[10:12], "big") & 0xFFF)
    while at + 5 <= len(section) - _CHECKSUM_BYTES:
        yield int.from_bytes(section[at + 1 : at + 3], "big") & _IDENTIFIER
        at += 5 + (int.from_bytes(section[at + 3 : at + 5], "big") & 0xFFF)


def _services(section: bytes) -> dict[int, str]:
    """Names of services by programme number, which is their identifier (EN 300 468 section 5.2.3)."""
    names: dict[int, str] = {}
    at = 11
    while at + 5 <= len(section) - _CHECKSUM_BYTES:
        end = at + 5 + (int.from_bytes(section[at + 3 : at + 5], "big") & 0xFFF)
        for tag, body in _descriptors(section[at + 5 : end]):
            place = 2 + body[1] if tag == _SERVICE_DESCRIPTOR and len(body) > 1 else len(body)
            name = dvb_text(body[place + 1 : place + 1 + body[place]]) if place < len(body) else ""
            if name:
                names[int.from_bytes(section[at : at + 2], "big")] = name
        at = end
    return names


def _descriptors(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 <= len(data):
        yield data[at], data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]


def _channels(section: bytes) -> dict[int, str]:
    """Short names of channels by programme number (A/65 Table 6.4)."""
    names: dict[int, str] = {}
    at = 10
    for _ in range(section[9]):
        channel = section[at : at + _CHANNEL_BYTES]
        if len(channel) < _CHANNEL_BYTES:
            break
        name = channel[:_CHANNEL_NAME_BYTES].decode("utf-16-be", "replace").strip("\0 ")
        if name:
            names[int.from_bytes(channel[24:26], "big")] = name
        at += _CHANNEL_BYTES + (int.from_bytes(channel[30:32], "big") & 0x3FF)
    return names


def dvb_text(data: bytes) -> str:
    """A text of EN 300 468 Annex A, without its control codes."""
    if not data:
        return ""
    if data[0] >= 0x20:
        words = _of_iso_6937(data)
    elif data[0] == _NAMED_CHARSET:
        words = _decoded(data[3:], f"iso8859-{int.from_bytes(data[1:3], 'big')}")
    else:
        words = _decoded(data[1:], _CHARSETS.get(data[0], "latin-1"))
    return "".join(letter for letter in words if unicodedata.category(letter) != "Cc").strip()


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return data.decode("latin-1")


def _of_iso_6937(data: bytes) -> str:
    words, accent = "", ""
    for byte in data:
        if 0xC1 <= byte <= 0xCF:
            accent = _ACCENTS[byte - 0xC1]
            continue
        words += bytes([byte]).decode("latin-1") + accent
        accent = ""
    return unicodedata.normalize("NFC", words)

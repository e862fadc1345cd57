"""Reads the programme maps of a transport stream (ISO/IEC 13818-1 section 2.4.4): which identifiers carry PES packets;
knows no PES packet."""

from __future__ import annotations

from collections.abc import Iterator

from deliverqc.probing.wrappers.multiplexes import checksum_holds

MAPS_PID = 0
"""Of the programme association table, which names those of the maps."""

_ASSOCIATION, _MAP = 0, 2
_LENGTH_END, _ASSOCIATION_HEADER, _MAP_HEADER, _CHECKSUM = 3, 8, 12, 4
_LONGEST_SECTION = 1024 + _LENGTH_END
_HOLD_SECTIONS = frozenset([0x05, *range(0x08, 0x0F), 0x13, 0x14, *range(0x16, 0x1B), 0x7F, 0x86])
"""Stream types of which packets hold sections or what is not defined (table 2-34; SCTE 35 has 0x86)."""
_FIRST_PRIVATE = 0x80
"""The stream types from here on are each user's own: PES packets as AC-3, or sections as the subtitles of SCTE 27."""
_IDENTIFIER = 0x1FFF


class MapReader:
    """Gathers sections from payloads. `map_pids` and `pes_pids` grow with what they say; a map that changes adds to
    them. `private_pids`: those of `pes_pids` that may hold sections, as the map does not say."""

    def __init__(self) -> None:
        self.map_pids: set[int] = set()
        self.pes_pids: set[int] = set()
        self.private_pids: set[int] = set()
        self._parts: dict[int, bytes] = {}

    def take(self, pid: int, payload: bytes, *, begins: bool) -> None:
        """Take the payload of a packet of the table or of a map; `begins`: a section begins in it."""
        held = self._parts.pop(pid, b"")
        if begins and payload:
            rest, payload = payload[1 : 1 + payload[0]], payload[1 + payload[0] :]
            self._sections(held + rest if held else b"")
            held = b""
        elif not held:
            return
        left = self._sections(held + payload)
        if left and len(left) < _LONGEST_SECTION:
            self._parts[pid] = left

    def _sections(self, data: bytes) -> bytes:
        """Read whole sections; gives what is left of one that goes on."""
        while len(data) >= _LENGTH_END and data[0] != 0xFF:
            end = _LENGTH_END + (int.from_bytes(data[1:3], "big") & 0xFFF)
            if end > len(data):
                return data
            self._section(data[:end])
            data = data[end:]
        return b"" if data[:1] == b"\xff" else data

    def _section(self, section: bytes) -> None:
        if not checksum_holds(section):
            return
        if section[0] == _ASSOCIATION:
            for at in range(_ASSOCIATION_HEADER, len(section) - _CHECKSUM - 3, 4):
                if section[at : at + 2] != b"\0\0":
                    self.map_pids.add(int.from_bytes(section[at + 2 : at + 4], "big") & _IDENTIFIER)
        elif section[0] == _MAP:
            for kind, pid in _streams(section):
                self.pes_pids.add(pid)
                if kind >= _FIRST_PRIVATE:
                    self.private_pids.add(pid)


def _streams(section: bytes) -> Iterator[tuple[int, int]]:
    """Stream type and identifier of what may be PES packets."""
    at = _MAP_HEADER + (int.from_bytes(section[10:12], "big") & 0xFFF)
    while at + 5 <= len(section) - _CHECKSUM:
        if section[at] not in _HOLD_SECTIONS:
            yield section[at], int.from_bytes(section[at + 1 : at + 3], "big") & _IDENTIFIER
        at += 5 + (int.from_bytes(section[at + 3 : at + 5], "big") & 0xFFF)

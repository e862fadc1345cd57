"""Counts what each channel of line 21 (CTA-608) and each service of CTA-708 carries, from the triplets of cc_data in
the order of time; knows no carrier and draws no text."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from deliverqc.signals.tables import CaptionService
from deliverqc.timed_text.dtvcc import packet_length
from deliverqc.timed_text.dtvcc_codes import codes_in, is_letter

_CONTROL, _XDS, _XDS_END = range(0x10, 0x20), range(0x01, 0x0F), 0x0F
_MISCELLANEOUS = (0x14, 0x15)
_CAPTION_MODES, _TEXT_MODES = (0x20, 0x25, 0x26, 0x27, 0x29, 0x2F), (0x2A, 0x2B)
"""CTA-608 Table 52: captions by RCL, RU2 to RU4, RDC and EOC; text by TR and RTD."""
_SPECIAL, _EXTENDED = 0x11, (0x12, 0x13)
_PACKET_START, _PACKET_DATA, _VALID = 3, 2, 4
_EXTENDED_SERVICE = 7
_UNKNOWN = "unknown"


@dataclass(slots=True)
class _Count:
    units: int = 0
    characters: int = 0
    first: Fraction | None = None
    last: Fraction | None = None

    def add(self, at: Fraction | None, characters: int) -> None:
        self.units += 1
        self.characters += characters
        self.first = at if self.first is None else self.first
        self.last = at if at is not None else self.last


@dataclass(slots=True)
class ServiceReader:
    """Takes the triplets of one track, frame by frame. Padding counts for nothing."""

    _counts: dict[str, _Count] = field(default_factory=dict)
    _current: list[str] = field(default_factory=lambda: [_UNKNOWN, _UNKNOWN])
    _texts: set[int] = field(default_factory=set)
    _packet: bytearray = field(default_factory=bytearray)
    _packet_at: Fraction | None = None

    def feed(self, at: Fraction | None, triplets: bytes) -> None:
        """Take the triplets of one frame, which is shown at `at`."""
        for place in range(0, len(triplets) - 2, 3):
            head, first, second = triplets[place : place + 3]
            kind = head & 3
            if not head & _VALID:
                continue
            if kind < _PACKET_DATA:
                self._pair(at, kind, first & 0x7F, second & 0x7F)
            elif kind == _PACKET_START:
                self._end_packet()
                self._packet, self._packet_at = bytearray((first, second)), at
            elif self._packet:
                self._packet += bytes((first, second))
            if kind >= _PACKET_DATA and len(self._packet) >= packet_length(self._packet):
                self._end_packet()

    def services(self, origin: Fraction) -> tuple[CaptionService, ...]:
        """What was found, by name, timed from `origin`."""
        self._end_packet()
        return tuple(
            CaptionService(
                service=name,
                unit_count=count.units,
                character_count=count.characters,
                first_s=None if count.first is None else count.first - origin,
                last_s=None if count.last is None else count.last - origin,
            )
            for name, count in sorted(self._counts.items(), key=lambda item: _order(item[0]))
        )

    def _add(self, service: str, at: Fraction | None, characters: int) -> None:
        self._counts.setdefault(service, _Count()).add(at, characters)

    def _pair(self, at: Fraction | None, second_field: int, first: int, second: int) -> None:
        """Two bytes of line 21, without parity (CTA-608 section 8)."""
        if not first and not second:
            return
        characters = 0
        if first in _CONTROL:
            channel = 2 * second_field + (first >> 3 & 1)
            code = first & 0x17
            if code in _MISCELLANEOUS and second in _TEXT_MODES:
                self._texts.add(channel)
            elif code in _MISCELLANEOUS and second in _CAPTION_MODES:
                self._texts.discard(channel)
            is_character = (code == _SPECIAL and 0x30 <= second < 0x40) or (code in _EXTENDED and 0x20 <= second < 0x40)
            characters = int(is_character)
            self._current[second_field] = f"{'t' if channel in self._texts else 'cc'}{channel + 1}"
        elif second_field and first in _XDS:
            self._current[1] = "xds"
        elif first not in (0, _XDS_END) or self._current[second_field] != "xds":
            characters = (first >= 0x20) + (second >= 0x20)
        service = self._current[second_field]
        self._add(service, at, 0 if service == "xds" else characters)
        if second_field and first == _XDS_END and service == "xds":
            self._current[1] = _UNKNOWN

    def _end_packet(self) -> None:
        """Take the service blocks of a caption channel packet (CTA-708 section 6), as far as it came."""
        packet, self._packet = bytes(self._packet[: packet_length(self._packet)]), bytearray()
        place = 1
        while place < len(packet):
            service, size = packet[place] >> 5, packet[place] & 0x1F
            place += 1
            if not service:
                return
            if service == _EXTENDED_SERVICE and size and place < len(packet):
                service, place = packet[place] & 0x3F, place + 1
            block = packet[place : place + size]
            if block:
                self._add(f"service_{service}", self._packet_at, _characters(block))
            place += size


def _characters(block: bytes) -> int:
    """Letters and signs in a block of a service (CTA-708 section 7.1): of G0 to G3, and P16."""
    return sum(is_letter(one.code) for one in codes_in(block))


def _order(service: str) -> tuple[int, int, str]:
    """Captions, text, XDS, then the services of CTA-708 by number."""
    if service.startswith("service_"):
        return 1, int(service.removeprefix("service_")), service
    return 0, 0, service

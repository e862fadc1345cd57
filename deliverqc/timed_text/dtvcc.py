"""Decodes the caption channel of CTA-708-E: the pairs of cc_data to packets (section 5), service blocks (section 6) and
the captions of each service. Knows no carrier, no file and no fact.

A packet that comes short, or with a number that does not follow, is read as far as it goes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from deliverqc.timed_text.caption_faults import OF_FILES, FaultList
from deliverqc.timed_text.dtvcc_windows import Service
from deliverqc.timed_text.model import Document, TextFault

PACKET_DATA, PACKET_START = 2, 3
"""cc_type of CTA-708-E table 3."""

_LONGEST = 128
_EXTENDED_SERVICE = 7


def packet_length(packet: bytes | bytearray) -> int:
    """Bytes of a caption channel packet by its size code, its header included (section 5)."""
    code = packet[0] & 0x3F if packet else 0
    return 2 * code if code else _LONGEST


@dataclass(slots=True)
class CaptionChannel:
    """The caption channel of one carrier. Its pairs come in the order of time."""

    faults: FaultList = field(default_factory=FaultList)
    _services: dict[int, Service] = field(default_factory=dict)
    _packet: bytearray = field(default_factory=bytearray)
    _at: Fraction = Fraction(0)
    _line: int | None = None
    _has_begun: bool = False
    _last_number: int | None = None

    def feed(self, at: Fraction, kind: int, first: int, second: int, *, line: int | None = None) -> None:
        """Take two bytes of cc_type 2 or 3; of a file, its line."""
        self._line = line
        if kind == PACKET_START:
            if self._packet:
                self._end()
            self._packet, self._at, self._has_begun = bytearray((first, second)), at, True
        elif self._packet:
            self._packet += bytes((first, second))
        elif self._has_begun and (first or second):
            self.faults.add("packet-length", "Data comes after the end of a caption channel packet", at=at, line=line)
        if self._packet and len(self._packet) >= packet_length(self._packet):
            self._at = at
            self._end()

    def documents(self, *, format: str) -> tuple[Document, ...]:  # noqa: A002  the member's name
        """One for each service, by number; with the faults of the channel in the first. One without a service where
        there are faults only."""
        if self._packet:
            self._end()
        faults = self.faults.faults()
        if not self._services:
            return (Document(format=format, events=(), faults=faults),) if faults else ()
        return tuple(
            _of_service(service, format, faults if not place else ())
            for place, (_, service) in enumerate(sorted(self._services.items()))
        )

    def _end(self) -> None:
        packet, self._packet = bytes(self._packet), bytearray()
        length = packet_length(packet)
        if len(packet) < length:
            self.faults.add(
                "packet-length",
                f"A caption channel packet has {len(packet)} bytes and states {length}",
                at=self._at,
                line=self._line,
            )
        number = packet[0] >> 6
        if self._last_number is not None and number != (self._last_number + 1) % 4:
            message = f"Caption channel packet {number} follows packet {self._last_number}"
            self.faults.add("sequence-gap", message, at=self._at, line=self._line)
        self._last_number = number
        self._blocks(packet[1:length])

    def _blocks(self, data: bytes) -> None:
        place = 0
        while place < len(data):
            service, size = data[place] >> 5, data[place] & 0x1F
            place += 1
            if not service:
                if size:
                    self.faults.add(
                        "service-block-overrun", "A block of service 0 holds data", at=self._at, line=self._line
                    )
                return
            if service == _EXTENDED_SERVICE and size and place < len(data):
                service, place = data[place] & 0x3F, place + 1
            block = data[place : place + size]
            if len(block) < size:
                self.faults.add(
                    "service-block-overrun",
                    f"A block of service {service} states {size} bytes, of which the packet holds {len(block)}",
                    at=self._at,
                    line=self._line,
                )
            place += size
            if block:
                self._services.setdefault(service, Service(service)).feed(self._at, block, line=self._line)


def _of_service(service: Service, format_: str, faults: tuple[TextFault, ...]) -> Document:
    """What a service shows, with `faults` of the channel before its own."""
    events = service.events()
    if format_ in OF_FILES:
        service.check_end()
    name = f"service_{service.number}"
    return Document(format=format_, service=name, events=events, faults=faults + service.faults.faults())

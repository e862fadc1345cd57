"""Reads caption distribution packets (SMPTE ST 334-2): the triplets of cc_data, what else they state, and whether they
keep to their own rules. Knows no carrier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from deliverqc.timed_text.caption_faults import FaultList

MARK = b"\x96\x69"
_HEAD, _FOOTER = 7, 4
_TIMECODE, _CC_DATA, _SERVICES, _END = 0x71, 0x72, 0x73, 0x74
_HAS_TIMECODE, _HAS_CC_DATA, _HAS_SERVICES = 0x80, 0x40, 0x20
_SERVICE_BYTES = 7
_MOST_KNOWN = 1_000
"""House choice: packets without a timecode differ in what they carry, and most carry padding."""

RATES = {
    1: Fraction(24000, 1001),
    2: Fraction(24),
    3: Fraction(25),
    4: Fraction(30000, 1001),
    5: Fraction(30),
    6: Fraction(50),
    7: Fraction(60000, 1001),
    8: Fraction(60),
}
"""cdp_frame_rate (ST 334-2 table 3)."""

COUNTS = {1: 25, 2: 25, 3: 24, 4: 20, 5: 20, 6: 12, 7: 10, 8: 10}
"""Triplets in each packet at each cdp_frame_rate (ST 334-2 section 5.3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One packet. `rate_code`: cdp_frame_rate. `languages`: of services, by their names, as it states them. `timecode`:
    hours, minutes, seconds, frames; None where it has none."""

    triplets: bytes
    rate_code: int
    languages: dict[str, str] = field(default_factory=dict)
    timecode: tuple[int, int, int, int] | None = None


def triplets_in(words: bytes) -> bytes | None:
    """The triplets of cc_data in a caption distribution packet, which may have none; None where `words` are no such
    packet."""
    if not words.startswith(MARK) or len(words) <= _HEAD:
        return None
    at = _HEAD + (5 if words[4] & _HAS_TIMECODE else 0)
    if len(words) > at + 1 and words[at] == _CC_DATA:
        count = words[at + 1] & 0x1F
        return words[at + 2 : at + 2 + 3 * count]
    return b""


@dataclass(slots=True)
class PacketReader:
    """Reads packets in their order, and notes what breaks the rules: `line` is where each is in a file."""

    faults: FaultList = field(default_factory=FaultList)
    _last_number: int | None = None
    _known: dict[bytes, Packet] = field(default_factory=dict)

    def read(self, words: bytes, *, line: int | None = None) -> Packet | None:
        """What a packet holds, as far as it can be read; None where it is none. One that is as another before it but
        for counter and checksum is read once."""
        key = words[:5] + words[_HEAD : 1 - _FOOTER]
        known = self._known.get(key)
        if known is not None and words[5:_HEAD] == words[1 - _FOOTER : -1] and not sum(words) & 0xFF:
            self._check_number(int.from_bytes(words[5:_HEAD], "big"), line)
            return known
        return self._read(words, key, line)

    def _read(self, words: bytes, key: bytes, line: int | None) -> Packet | None:
        if not words.startswith(MARK) or len(words) <= _HEAD:
            self.faults.add("not-a-cdp", "The packet does not begin as a caption distribution packet", line=line)
            return None
        number = int.from_bytes(words[5:7], "big")
        self._check_number(number, line)
        fault_count, at = self.faults.count, _HEAD
        self._check_length(words, line)
        rate_code, flags = words[3] >> 4, words[4]
        triplets, timecode, seen = b"", None, 0
        languages: dict[str, str] = {}
        for kind, body, is_whole in _sections(words):
            at += 1 + len(body)
            if not is_whole:
                self.faults.add("cdp-section", f"Section {kind:02X} of the packet is cut", line=line)
            if kind == _CC_DATA:
                seen |= _HAS_CC_DATA
                triplets = body[1:]
                self._check_count(rate_code, body[0] & 0x1F, line)
            elif kind == _SERVICES:
                seen |= _HAS_SERVICES
                languages |= _languages(body)
            elif kind == _TIMECODE:
                seen |= _HAS_TIMECODE
                timecode = _timecode(body)
            elif kind == _END:
                self._check_footer(body, number, line)
        self._check_flags(flags, seen, line)
        packet = Packet(triplets=triplets, rate_code=rate_code, languages=languages, timecode=timecode)
        is_whole = at == len(words) and words[-_FOOTER] == _END and self.faults.count == fault_count
        if is_whole and len(self._known) < _MOST_KNOWN:
            self._known[key] = packet
        return packet

    def _check_length(self, words: bytes, line: int | None) -> None:
        stated = words[2]
        if stated != len(words):
            message = f"The packet states {stated} bytes and has {len(words)}"
            self.faults.add("cdp-length", message, line=line)
        elif sum(words) & 0xFF and words[-_FOOTER] == _END:
            self.faults.add("cdp-checksum", "The checksum of the packet is wrong", line=line)
        if words[3] >> 4 not in RATES:
            self.faults.add("cdp-frame-rate", f"{words[3] >> 4} is not a frame rate of packets", line=line)

    def _check_number(self, number: int, line: int | None) -> None:
        if self._last_number is not None and number != (self._last_number + 1) & 0xFFFF:
            self.faults.add("cdp-sequence", f"Packet {number} follows packet {self._last_number}", line=line)
        self._last_number = number

    def _check_count(self, rate_code: int, count: int, line: int | None) -> None:
        due = COUNTS.get(rate_code)
        if due is not None and count != due:
            rate = float(RATES[rate_code])
            self.faults.add(
                "cc-count", f"The packet has {count} triplets, where {rate:.5g} frames per second take {due}", line=line
            )

    def _check_footer(self, body: bytes, number: int, line: int | None) -> None:
        if len(body) < 3:
            self.faults.add("cdp-footer", "The end of the packet has no counter or no checksum", line=line)
        elif int.from_bytes(body[:2], "big") != number:
            self.faults.add("cdp-footer", "The counters at the two ends of the packet differ", line=line)

    def _check_flags(self, flags: int, seen: int, line: int | None) -> None:
        stated = flags & (_HAS_TIMECODE | _HAS_CC_DATA | _HAS_SERVICES)
        if stated != seen:
            self.faults.add("cdp-flags", "The packet states other sections than it has", line=line)


def _sections(words: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """Kind and body of each section, and whether it is whole; the body begins with the count where there is one."""
    at = _HEAD
    while at < len(words):
        kind = words[at]
        at += 1
        if kind == _END:
            yield kind, words[at : at + _FOOTER - 1], True
            return
        after = words[at : at + 1]
        if kind == _TIMECODE:
            size = 4
        elif kind == _CC_DATA and after:
            size = 1 + 3 * (after[0] & 0x1F)
        elif kind == _SERVICES and after:
            size = 1 + _SERVICE_BYTES * (after[0] & 0x0F)
        elif after:
            size = 1 + after[0]  # a section of the future states its length (section 5.7)
        else:
            size = 1
        body = words[at : at + size]
        if body:
            yield kind, body, len(body) == size
        at += size


def _languages(body: bytes) -> dict[str, str]:
    """Languages of the services of ccsvcinfo_section (section 5.5), of which the last six bytes are those of the
    caption service descriptor (ATSC A/65 section 6.9.2)."""
    found: dict[str, str] = {}
    for place in range(1, len(body) - _SERVICE_BYTES + 1, _SERVICE_BYTES):
        one = body[place : place + _SERVICE_BYTES]
        language = one[1:4].decode("ascii", "replace").strip("\0 ")
        if not language.isalpha():
            continue
        if one[4] & 0x80:
            found[f"service_{one[4] & 0x3F}"] = language
        else:
            found["cc3" if one[4] & 1 else "cc1"] = language
    return found


def _timecode(body: bytes) -> tuple[int, int, int, int] | None:
    """Hours, minutes, seconds and frames of time_code_section (section 5.4), coded in decimals."""
    if len(body) < 4:
        return None
    hours, minutes, seconds, frames = (
        (10 * (byte >> 4 & tens) + (byte & 0x0F)) for byte, tens in zip(body, (3, 7, 7, 3), strict=False)
    )
    return hours, minutes, seconds, frames

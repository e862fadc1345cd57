"""Reads the headers of coded sound, frame by frame, as packets go by: dialnorm of AC-3 and E-AC-3, the bit rate of each
frame of these and of MPEG audio, and where the coding itself changes; knows no wrapper, and decodes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from av.buffer import Buffer

from deliverqc.signals.tables import SoundHeaders

_DOLBY = frozenset(["ac3", "eac3"])
_MPEG = frozenset(["mp1", "mp2", "mp3", "mp1float", "mp2float", "mp3float"])
"""libav's decoders of the codings whose frames are read."""

_AAC = frozenset(["aac", "aac_fixed"])
_AAC_OF_ELEMENTS = frozenset(["LC", "HE-AAC", "HE-AACv2", "Main", "SSR", "LTP"])
"""Profiles whose frames begin with the kind of an element; those of LD, ELD and USAC do not."""
_ADTS = b"\xff"
_AAC_ELEMENTS = {0: "a single channel", 1: "a channel pair"}
"""The syntactic elements of audio that begin a frame, of ISO/IEC 14496-3 Table 4.85; others say nothing of it."""
_MPEG_LAYERS = {1: "layer III", 2: "layer II", 3: "layer I"}
"""ISO/IEC 11172-3 section 2.4.2.3."""

_SYNC = b"\x0b\x77"
_LAST_AC3_BSID = 10  # ATSC A/52:2018 Annex E 1.2: from 11 on the frame is E-AC-3
_HEADER_BYTES = 8
_DEPENDENT = 1  # stream type of E-AC-3
_RESERVED = 31
"""What dialnorm 0 is taken for: ATSC A/52:2018 section 5.4.2.8."""

_AC3_WORDS_AT_32_KHZ = (
    96,
    120,
    144,
    168,
    192,
    240,
    288,
    336,
    384,
    480,
    576,
    672,
    768,
    960,
    1152,
    1344,
    1536,
    1728,
    1920,
)
"""ATSC A/52:2018 Table 5.18, at 32 kHz, by half of frmsizecod; at 48 kHz two thirds of it."""
_AC3_WORDS_AT_44_KHZ = (69, 87, 104, 121, 139, 174, 208, 243, 278, 348, 417, 487, 557, 696, 835, 975, 1114, 1253, 1393)

_TAGS = (b"Xing", b"Info", b"VBRI")
_TAG_REACH = 64
_FREE_FORMAT, _BAD_RATE = 0, 15
_MOST_RATES = 64

Rate = tuple[int, ...]


@dataclass(slots=True)
class HeaderFollower:
    """Follows the frames of one track. `is_read`: every packet so far began with a header that can be read. `coding`:
    what the first frame that says so is coded as. `profile`: of the coding, in libav's words."""

    profile: str | None = None
    coding: str | None = None
    dialnorms: set[int] = field(default_factory=set)
    rates: set[Rate] = field(default_factory=set)
    packet_count: int = 0
    is_read: bool = True

    def see(self, decoder: str | None, packet: Buffer) -> str | None:
        """Take the next packet; of other codings than these nothing is read. Says how it is coded where that is not as
        the packet before: a decoder may go on without a word."""
        codings: list[str] = []
        if decoder in _DOLBY:
            codings = self._see_dolby(bytes(packet))
        elif decoder in _MPEG:
            data = bytes(memoryview(packet)[:_TAG_REACH])
            if self.packet_count or not any(tag in data for tag in _TAGS):
                codings = self._see_mpeg(data)
        elif decoder in _AAC and self.profile in _AAC_OF_ELEMENTS:
            return self._changed(_aac_codings(bytes(memoryview(packet)[:1])))
        else:
            return None
        self.packet_count += 1
        return self._changed(codings)

    def see_before(self, decoder: str | None, packet: Buffer) -> None:
        """Take a packet before the part that is followed: only how it is coded counts."""
        before = HeaderFollower(profile=self.profile)
        before.see(decoder, packet)
        self.coding = before.coding or self.coding

    def _changed(self, codings: list[str]) -> str | None:
        change = None
        for coding in codings:
            if self.coding not in (None, coding):
                change = f"{self.coding} becomes {coding}"
            self.coding = coding
        return change

    def _see_mpeg(self, data: bytes) -> list[str]:
        """ISO/IEC 11172-3 section 2.4.1.3: version, layer and bit rate of a frame."""
        is_frame = len(data) >= 4 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0
        rate = data[2] >> 4 if is_frame else _BAD_RATE
        if rate in (_FREE_FORMAT, _BAD_RATE):
            self.is_read = False
        elif len(self.rates) < _MOST_RATES:
            self.rates.add((data[1] >> 1 & 15, rate))
        layer = _MPEG_LAYERS.get(data[1] >> 1 & 3) if is_frame else None
        return [] if layer is None else [layer]

    def _see_dolby(self, data: bytes) -> list[str]:
        frames = list(_dolby_frames(data))
        self.is_read = self.is_read and bool(frames)
        for dialnorm, rate, _ in frames:
            self.dialnorms.add(-(dialnorm or _RESERVED))
            if len(self.rates) < _MOST_RATES:
                self.rates.add(rate)
        return [coding for *_, coding in frames]

    def told(self, track: str) -> SoundHeaders | None:
        """What the frames of `track` state; None where there were none, or not all could be read."""
        if not self.packet_count or not self.is_read or not self.rates:
            return None
        return SoundHeaders(track=track, dialnorms_lufs=tuple(sorted(self.dialnorms)), rate_count=len(self.rates))


def _aac_codings(start: bytes) -> list[str]:
    """What the first element of a raw AAC frame is (ISO/IEC 14496-3 section 4.5.2.1), where it is of audio; nothing of
    one with an ADTS header, which says itself how many channels follow."""
    element = None if not start or start == _ADTS else _AAC_ELEMENTS.get(start[0] >> 5)
    return [] if element is None else [element]


def _dolby_frames(data: bytes) -> Iterator[tuple[int, Rate, str]]:
    """dialnorm, rate and coding of every frame of a packet that belongs to the first programme; nothing of a packet
    that is not a row of frames."""
    place, found = 0, []
    while place + _HEADER_BYTES <= len(data) and data[place : place + 2] == _SYNC:
        head = int.from_bytes(data[place : place + _HEADER_BYTES], "big")
        is_e_ac3 = data[place + 5] >> 3 > _LAST_AC3_BSID
        size, frame = _e_ac3(head) if is_e_ac3 else _ac3(head)
        if not size:
            return
        if frame is not None:
            found.append((*frame, "E-AC-3" if is_e_ac3 else "AC-3"))
        place += size
    if place >= len(data):
        yield from found


def _ac3(head: int) -> tuple[int, tuple[int, Rate] | None]:
    """Bytes of an AC-3 frame, its dialnorm and its rate (ATSC A/52:2018 sections 5.3.1 and 5.3.2)."""
    sampling, size_code = _bits(head, 32, 2), _bits(head, 34, 6)
    if sampling == 3 or size_code // 2 >= len(_AC3_WORDS_AT_32_KHZ):
        return 0, None
    words = _AC3_WORDS_AT_32_KHZ[size_code // 2]
    words = (words * 2 // 3, _AC3_WORDS_AT_44_KHZ[size_code // 2] + size_code % 2, words)[sampling]
    mode, at = _bits(head, 48, 3), 51
    at += 2 * (mode & 1 and mode != 1) + 2 * bool(mode & 4) + 2 * (mode == 2)
    return 2 * words, (_bits(head, at + 1, 5), (sampling, size_code // 2))


def _e_ac3(head: int) -> tuple[int, tuple[int, Rate] | None]:
    """The same of an E-AC-3 frame (Annex E 1.3.1 and 1.3.2); no frame where it belongs to another substream than the
    first one of its own."""
    kind, substream, words = _bits(head, 16, 2), _bits(head, 18, 3), _bits(head, 21, 11) + 1
    is_first = kind != _DEPENDENT and substream == 0
    return 2 * words, (_bits(head, 45, 5), (words, _bits(head, 32, 4))) if is_first else None


def _bits(head: int, at: int, count: int) -> int:
    """Bits of a 64-bit header, counted from its first."""
    return head >> (8 * _HEADER_BYTES - at - count) & ((1 << count) - 1)

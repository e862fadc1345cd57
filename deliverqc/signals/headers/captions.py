"""Finds captions in coded pictures and in ancillary data packets: which carrier holds them, and which services are in
it; reads no text and knows no wrapper.

Carriers: user data of ATSC A/53 in MPEG-2, and in SEI messages or metadata of H.264, HEVC and AV1, also in DirecTV's
form; SCTE 20 and DVD in MPEG-2; caption distribution packets and line 21 (SMPTE ST 334-1) and teletext (OP-47, SMPTE
ST 2031) in ancillary data packets (ST 436-1). Padding is no caption: a carrier counts where it holds anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from deliverqc.timed_text.cdp import triplets_in

A53, SCTE20, DVD, CC1, CC2, CC3, CC4, XDS, DTVCC, ST334, TELETEXT = (1 << place for place in range(11))
CARRIERS = {"a53": A53, "scte20": SCTE20, "dvd": DVD, "st334": ST334, "op47": TELETEXT}
SERVICES = {"cc1": CC1, "cc2": CC2, "cc3": CC3, "cc4": CC4, "xds": XDS, "dtvcc": DTVCC, "teletext": TELETEXT}
NOT_LOOKED_AT = -1

NEVER_IN = frozenset(
    ["prores", "dnxhd", "jpeg2000", "libopenjpeg", "mjpeg", "ffv1", "cfhd", "theora", "vp8", "vp9", "png", "tiff"]
    + ["exr", "dpx", "rawvideo", "v210", "v210x", "v410", "r210", "huffyuv", "ffvhuff", "utvideo", "qtrle", "gif"]
)
"""Codings, by libav's decoder, for whose packets no standard or practice defines captions."""

_READ = frozenset(["mpeg1video", "mpeg2video", "h264", "hevc", "av1", "libdav1d", "libaom-av1"])
_A53 = b"GA94\x03"  # ATSC A/53 part 4 Table 6.8: the identifier, and cc_data
_SENT_BY_ATSC = (b"\xb5\x00\x31", b"\x00\x00\x01\xb2")  # ITU-T T.35 country and provider; user data of MPEG-2
_DIRECTV = (b"\xb5\x00\x2f\x03", b"\x00\x00\x01\xb2\xb5\x00\x2f\x03")
_SCTE20 = b"\x00\x00\x01\xb2\x03"
_DVD = b"\x00\x00\x01\xb2CC\x01\xf8"
_MOST_BYTES = 512  # house choice: more than 31 triplets of cc_data and their escapes take
_CONTROL, _XDS = range(0x10, 0x20), range(0x01, 0x10)  # CTA-608 first bytes, without parity
_BY_FIELD = ((CC1, CC2), (CC3, CC4))
_ANCILLARY_HEADER = 14  # ST 436-1 section 7: line, wrapping, coding, count; then the head of an array
_CDP, LINE_21_IDENTITY, _OP47 = (0x61, 0x01), (0x61, 0x02), ((0x43, 0x02), (0x43, 0x03))
_VALID = 0xFC
_SDP, _SDP_DESCRIPTORS = b"\x51\x15", slice(4, 9)  # OP-47 section 5
_EIGHT_BITS, _TEN_BITS = frozenset([4, 5, 10, 11]), frozenset([7, 8])  # ST 436-1 Table 7, of luma or chroma alone


Identity = tuple[int, int]
"""DID and SDID of an ancillary data packet (SMPTE ST 291-1)."""


Payload = tuple[int, bytes]
"""The carrier, by its bit, and the triplets of cc_data that it holds; pairs of line 21 are put into triplets."""


def caption_reader(decoder: str | None) -> Callable[[bytes], tuple[int, Sequence[Payload]]] | None:
    """What finds captions in the packets of a track, by libav's name of its decoder: carriers and services, 0 without
    any, NOT_LOOKED_AT where they may be held in a way that is not read; and their payloads. None for codings that hold
    none."""
    if decoder in NEVER_IN:
        return None
    is_mpeg2 = decoder in ("mpeg1video", "mpeg2video")
    nothing = 0 if decoder in _READ else NOT_LOOKED_AT

    def read(packet: bytes) -> tuple[int, Sequence[Payload]]:
        held = payloads_in(packet, is_mpeg2=is_mpeg2)
        return (_services_of(held) or nothing), held

    return read


def captions_in(packet: bytes, *, is_mpeg2: bool) -> int:
    """Carriers that hold captions in a packet, and services, by their bits."""
    return _services_of(payloads_in(packet, is_mpeg2=is_mpeg2))


def payloads_in(packet: bytes, *, is_mpeg2: bool) -> Sequence[Payload]:
    """What a packet holds of captions and their padding, in its order by carrier."""
    found: list[Payload] = []
    for at in _places(packet, _A53):
        if packet[max(0, at - 4) : at].endswith(_SENT_BY_ATSC):
            found.append((A53, _cc_triplets(_payload(packet, at + len(_A53)))))
    directv = _DIRECTV[is_mpeg2]
    for at in _places(packet, directv):
        payload = _payload(packet, at + len(directv))
        if _is_cc_data(payload):
            found.append((A53, _cc_triplets(payload)))
    if is_mpeg2:
        for at in _places(packet, _SCTE20):
            found.append((SCTE20, _scte20_triplets(packet[at + len(_SCTE20) : at + _MOST_BYTES])))
        for at in _places(packet, _DVD):
            found.append((DVD, _dvd_triplets(packet[at + len(_DVD) : at + _MOST_BYTES])))
    return found


def _services_of(payloads: Sequence[Payload]) -> int:
    found = 0
    for carrier, triplets in payloads:
        found |= _with(carrier, _of_triplets(triplets))
    return found


def ancillary_captions(packet: bytes) -> int:
    """Carriers and services of the ancillary data packets of one frame (ST 436-1); NOT_LOOKED_AT where one cannot be
    read."""
    found = 0
    for one in ancillary_packets(packet):
        if one is None:
            return found or NOT_LOOKED_AT
        found |= _of_ancillary(*one)
    return found


def ancillary_packets(packet: bytes) -> Iterator[tuple[Identity, bytes] | None]:
    """Identity and user data words of each ancillary data packet of one frame (ST 436-1 section 7); None, and then no
    more, where one cannot be read."""
    count, at = int.from_bytes(packet[:2], "big"), 2
    for _ in range(count):
        head = packet[at : at + _ANCILLARY_HEADER]
        size = int.from_bytes(head[6:10], "big")
        end = at + _ANCILLARY_HEADER + size
        if len(head) < _ANCILLARY_HEADER or end > len(packet) or head[3] not in _EIGHT_BITS | _TEN_BITS:
            yield None
            return
        data = packet[at + _ANCILLARY_HEADER : end]
        if head[3] in _TEN_BITS:
            data = _of_ten_bits(data)
        if len(data) >= 3:
            yield (data[0], data[1]), data[3 : 3 + data[2]]
        at = end


def ancillary_triplets(identity: Identity, words: bytes) -> bytes:
    """The triplets of cc_data in an ancillary data packet of captions (ST 334-1), also of line 21; none in others."""
    if identity == LINE_21_IDENTITY and len(words) >= 3:
        is_second = not words[0] & 0x80  # ST 334-1 section 5: the field, and the line in it
        return bytes((_VALID | int(is_second), *words[1:3]))
    return triplets_in(words) or b"" if identity == _CDP else b""


def _of_ancillary(identity: Identity, words: bytes) -> int:
    if identity in _OP47:
        held = words[_SDP_DESCRIPTORS] if words.startswith(_SDP) else words
        return TELETEXT if any(held) else 0
    return _with(ST334, _of_triplets(ancillary_triplets(identity, words)))


def _of_ten_bits(data: bytes) -> bytes:
    """The lower eight bits of words of ten, of which 32 bits hold three (ST 436-1 section 7.3)."""
    fours = (int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data) - 3, 4))
    return bytes(four >> place & 0xFF for four in fours for place in (22, 12, 2))


def _cc_triplets(data: bytes) -> bytes:
    """The triplets of cc_data (CTA-708 section 4.4), which begins with its flags and count."""
    return data[2 : 2 + 3 * (data[0] & 0x1F)] if len(data) >= 2 and data[0] & 0x40 else b""


def _is_cc_data(data: bytes) -> bool:
    """Whether bytes that four others announce are cc_data: its markers are all there."""
    count = data[0] & 0x1F if data else 0
    triplets = data[2 : 2 + 3 * count]
    return count > 0 and len(triplets) == 3 * count and all(marker & 0xF8 == 0xF8 for marker in triplets[::3])


def _of_triplets(data: bytes) -> int:
    found = 0
    for at in range(0, len(data) - 2, 3):
        head, first, second = data[at : at + 3]
        kind = head & 3
        if not head & 4:
            continue
        if kind < 2:
            found |= _line_21(kind, first, second)
        elif kind == 3 and (first & 0x3F) != 1 and second >> 5 and second & 0x1F:
            found |= DTVCC  # CTA-708 section 5: a packet whose first block is of a service and holds something
    return found


_SOME_OF_LINE_21 = 1 << 11
"""Line 21 holds something that does not say of which service it is."""


def _line_21(field: int, first: int, second: int) -> int:
    """The service that two bytes of line 21 tell of (CTA-608 section 8), in field 0 or 1."""
    first, second = first & 0x7F, second & 0x7F
    if not first and not second:
        return 0
    if first in _CONTROL:
        return _BY_FIELD[field][first >> 3 & 1]
    return XDS if field and first in _XDS else _SOME_OF_LINE_21


def _with(carrier: int, services: int) -> int:
    return (services & ~_SOME_OF_LINE_21) | carrier if services else 0


def _scte20_triplets(data: bytes) -> bytes:
    """ANSI/SCTE 20 section 5: pairs of bytes, least significant bit first, each with the field that it belongs to."""
    if len(data) < 3 or data[0] & 0x7F != 1:
        return b""
    bits, found = int.from_bytes(data[1:], "big"), bytearray()
    place = 8 * (len(data) - 1)

    def take(count: int) -> int:
        nonlocal place
        place -= count
        return bits >> place & ((1 << count) - 1) if place >= 0 else 0

    for _ in range(take(5)):
        take(2)
        field = take(2)
        take(5)
        first, second = (int(f"{take(8):08b}"[::-1], 2) for _ in range(2))
        take(1)
        if field:
            found += bytes((_VALID | int(field == 2), first, second))
    return bytes(found)


def _dvd_triplets(data: bytes) -> bytes:
    """Line 21 of DVD-Video: after a byte of attributes, pairs of bytes of the first (FF) and second (FE) field."""
    found, at = bytearray(), 1
    while at + 3 <= len(data) and data[at] & 0xFE == 0xFE:
        found += bytes((_VALID | int(data[at] == 0xFE), *data[at + 1 : at + 3]))
        at += 3
    return bytes(found)


def _places(packet: bytes, mark: bytes) -> Iterator[int]:
    at = packet.find(mark)
    while at >= 0:
        yield at
        at = packet.find(mark, at + 1)


def _payload(packet: bytes, at: int) -> bytes:
    return packet[at : at + _MOST_BYTES].replace(b"\x00\x00\x03", b"\x00\x00")

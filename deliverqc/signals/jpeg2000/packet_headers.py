"""Reads the header of one packet of JPEG 2000 (ISO/IEC 15444-1 section B.10); knows no geometry and no codestream.

A frame of 2K cinema has some 6,000 code blocks, so bits are read as text: its methods find the end of a run of zeros
or ones at once, and turn bits into numbers, each in one call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from deliverqc.signals.jpeg2000.geometry import Band, Precinct

_PASSES_BITS = 9
_MANY_PASSES = (0, 16)
_FIRST_BYPASS = 10
"""Coding passes before the first that bypasses the coder (section D.6)."""

_SOP, _SOP_BYTES, _EPH = b"\xff\x91\x00\x04", 6, b"\xff\x92"
_BYTES_A_BLOCK = 4
"""House choice: a header is rarely longer, and is read again where it is."""

_SLACK = "0" * 64


def _passes() -> dict[str, tuple[int, int]]:
    """Number of coding passes and bits of its code word, by the next nine bits (table B.4)."""
    found = {}
    for number in range(1 << _PASSES_BITS):
        bits = f"{number:0{_PASSES_BITS}b}"
        if bits[0] == "0":
            found[bits] = (1, 1)
        elif bits[1] == "0":
            found[bits] = (2, 2)
        elif bits[2:4] != "11":
            found[bits] = (3 + int(bits[2:4], 2), 4)
        else:
            found[bits] = (6 + int(bits[4:], 2), 9) if bits[4:] != "11111" else _MANY_PASSES
    return found


_PASSES = _passes()


class PacketError(Exception):
    """A header that no encoder writes; the message says why. `is_certain`: whether that is damage in any case."""

    def __init__(self, message: str, *, is_certain: bool) -> None:
        super().__init__(message)
        self.is_certain = is_certain


class _ShortError(Exception):
    """The bits end before the header does."""


@dataclass(slots=True)
class BandState:
    """What packets of a precinct say of its code blocks in one sub-band, layer by layer. `included`: the first layer of
    each node of the tag tree, or the complement of a layer that it does not come before; `missing`: most significant
    bit planes that are zero, -1 where not known yet; `bits`: Lblock, 0 before a code block is included; `left`: coding
    passes that its bit planes still have room for; `passes`: those that came."""

    included: list[int]
    missing: list[int]
    bits: list[int]
    left: list[int]
    passes: list[int]

    @classmethod
    def start(cls, band: Band) -> BandState:
        unknown = [-1] * len(band.parents)
        return cls([*unknown, 0], [*unknown, 0], [0] * band.block_count, [0] * band.block_count, [0] * band.block_count)

    def copy(self) -> BandState:
        return BandState(self.included[:], self.missing[:], self.bits[:], self.left[:], self.passes[:])


class ReadPacket(NamedTuple):
    """`end`: the first byte after the packet. `body`: the first byte of its code blocks."""

    end: int
    body: int
    states: list[BandState] | None


class Marks(NamedTuple):
    """Whether packets may begin with SOP, and headers end with EPH."""

    has_sop: bool
    has_eph: bool


def read_packet(
    part: bytes, place: int, precinct: Precinct, states: list[BandState] | None, layer: int, marks: Marks
) -> ReadPacket:
    """The packet at `place` of the data of a tile-part; `states`: after the packet of the precinct before this one.
    PacketError where it is broken."""
    if marks.has_sop and part[place : place + 4] == _SOP:
        place += _SOP_BYTES
    size = 16 + _BYTES_A_BLOCK * sum(band.block_count for band in precinct)
    while True:
        chunk = part[place : place + size]
        try:
            used, body, after = _header(chunk, precinct, states, layer)
            break
        except _ShortError:
            if place + size >= len(part):
                raise PacketError("a packet header is longer than its tile-part", is_certain=True) from None
            size *= 8
    place += used
    if marks.has_eph and part[place : place + 2] == _EPH:
        place += 2
    if place + body > len(part):
        raise PacketError("a packet is longer than its tile-part", is_certain=True)
    return ReadPacket(place + body, place, after)


def _header(
    chunk: bytes, precinct: Precinct, states: list[BandState] | None, layer: int
) -> tuple[int, int, list[BandState] | None]:
    """Bytes of the header, bytes of the code blocks, and what is known of them then."""
    bits, skipped = _unstuffed(chunk)
    at, body = 1, 0
    after = states
    if bits[0] == "1":
        after = [BandState.start(band) for band in precinct] if states is None else [one.copy() for one in states]
        for band, state in zip(precinct, after, strict=True):
            try:
                at, length = _read_blocks(bits, at, band, state, layer)
            except (IndexError, KeyError, ValueError):
                raise _ShortError from None
            body += length
    raw = at + sum(1 for one in skipped if one < at)
    used = (raw + 7) // 8
    if used and chunk[used - 1 : used] == b"\xff":
        used += 1
    if used > len(chunk):
        raise _ShortError
    if chunk.find(b"\xff", 0, used) >= 0 and any(
        chunk[place] == 0xFF and chunk[place + 1] > 0x7F for place in range(used - 1)
    ):
        raise PacketError("a packet header holds a marker", is_certain=False)
    return used, body, after


def _unstuffed(chunk: bytes) -> tuple[str, list[int]]:
    """Bits without those stuffed after 0xFF (section B.10.1), and before which bits one was; slack comes after."""
    text = format(int.from_bytes(b"\x01" + chunk, "big"), "b")[1:]
    at = chunk.find(b"\xff")
    if at < 0:
        return text + _SLACK, []
    pieces: list[str] = []
    skipped: list[int] = []
    start = 0
    while at >= 0:
        end = 8 * (at + 1)
        if end >= start:
            pieces.append(text[start:end])
            skipped.append(end - len(skipped))
            start = end + 1
        at = chunk.find(b"\xff", at + 1)
    return "".join(pieces) + text[start:] + _SLACK, skipped


def _read_blocks(bits: str, at: int, band: Band, state: BandState, layer: int) -> tuple[int, int]:
    """The code blocks of a sub-band: where their bits end, and how many bytes they have in this packet."""
    parents, planes, is_split = band.parents, band.bit_planes, band.is_bypassed or band.is_terminated
    included, missing, sizes, left = state.included, state.missing, state.bits, state.left
    passes_of, index = _PASSES, bits.index
    never, body = -1 - layer, 0
    for block in range(band.block_count):
        size = sizes[block]
        if size:
            if bits[at] == "0":
                at += 1
                continue
            at += 1
        else:
            parent = parents[block]
            above = included[parent]
            if above < 0:
                if above < never:
                    continue
                at, above = _descend(bits, at, parents, included, parent, layer)
                if above < 0:
                    continue
            low = ~included[block]
            if low < above:
                low = above
            if low > layer:
                continue
            at, value = (at + 1, low) if bits[at] == "1" else _climb(bits, at, low, layer)
            included[block] = value
            if value < 0:
                continue
            zeros = missing[parent]
            if zeros < 0:
                at, zeros = _descend_zeros(bits, at, parents, missing, parent)
            one = index("1", at)
            left[block] = 3 * (planes - zeros - one + at) - 2
            at = one + 1
            size = 3
        count, width = passes_of[bits[at : at + 9]]
        if not count:
            count = 37 + int(bits[at + 9 : at + 16], 2)
        at += width
        left[block] -= count
        if left[block] < 0:
            if at > len(bits) - len(_SLACK):
                raise _ShortError
            raise PacketError("a code block has more coding passes than its bit planes hold", is_certain=True)
        if bits[at] == "1":
            zero = index("0", at)
            size += zero - at
            at = zero
        sizes[block] = size
        if is_split:
            at, length = _split_lengths(bits, at + 1, size, state.passes[block], count, band)
            state.passes[block] += count
            body += length
            continue
        end = at + size + count.bit_length()
        body += int(bits[at + 1 : end], 2)
        at = end
    return at, body


def _split_lengths(bits: str, at: int, size: int, done: int, count: int, band: Band) -> tuple[int, int]:
    """Where the lengths of the segments of `count` passes after the first `done` end, and their sum (section
    B.10.7.2): each pass is one, or with bypass the first ten, then two raw and one coded in turn."""
    length = 0
    while count:
        if band.is_terminated:
            room = 1
        elif done < _FIRST_BYPASS:
            room = _FIRST_BYPASS - done
        else:
            room = (2, 1, 1)[(done - _FIRST_BYPASS) % 3]
        passes = min(room, count)
        end = at + size + passes.bit_length() - 1
        length += int(bits[at:end], 2)
        at, done, count = end, done + passes, count - passes
    return at, length


def _climb(bits: str, at: int, low: int, layer: int) -> tuple[int, int]:
    """A node of the tag tree of inclusion whose value is at least `low`: its value, or the complement of the next layer
    where it is not in this one."""
    end = at + layer + 1 - low
    one = bits.find("1", at, end)
    return (end, ~(layer + 1)) if one < 0 else (one + 1, low + one - at)


def _descend(
    bits: str, at: int, parents: tuple[int, ...], included: list[int], node: int, layer: int
) -> tuple[int, int]:
    """Read what is not known yet of a node of the tag tree of inclusion and of those above it."""
    path = [node]
    while included[parents[path[-1]]] < 0:
        path.append(parents[path[-1]])
    low = included[parents[path[-1]]]
    for one in reversed(path):
        low = max(low, ~included[one])
        if low > layer:
            return at, ~low
        at, included[one] = _climb(bits, at, low, layer)
        if included[one] < 0:
            return at, included[one]
        low = included[one]
    return at, low


def _descend_zeros(bits: str, at: int, parents: tuple[int, ...], missing: list[int], node: int) -> tuple[int, int]:
    """Read what is not known yet of a node of the tag tree of zero bit planes and of those above it."""
    path = [node]
    while missing[parents[path[-1]]] < 0:
        path.append(parents[path[-1]])
    value = missing[parents[path[-1]]]
    for one in reversed(path):
        end = bits.index("1", at)
        value += end - at
        missing[one] = value
        at = end + 1
    return at, value

"""Reads what a fragmented ISO base media file (ISO/IEC 14496-12 section 8.8, 8.16) states of its length, and where its
last fragment ends; decodes nothing.

Every size is taken as a claim: it moves a file position and never sets aside memory beyond a bound of ours.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from fractions import Fraction
from typing import BinaryIO

from deliverqc.probing.reading import StatedLength
from deliverqc.probing.wrappers.isobmff import TOP_LEVEL, Box, BoxFile, walk

_MAXIMUM_BYTES = 4 * 1024 * 1024
_HAS_BASE, _HAS_DESCRIPTION, _HAS_DURATION, _HAS_SIZE = 1, 2, 8, 16
_RUN_OFFSET, _RUN_FIRST_FLAGS, _RUN_DURATION, _RUN_SIZE, _RUN_FLAGS, _RUN_COMPOSITION = 1, 4, 0x100, 0x200, 0x400, 0x800
_HEAD = re.compile(rb"moof....mfhd", re.DOTALL)
_HEAD_BYTES = 12
_SEARCHED_BYTES = 1024 * 1024
_NESTED_INDEX = 0x80000000


@dataclass(kw_only=True, slots=True)
class Fragments:
    """`promised_end`: first byte after all that segment indexes and the last fragment speak of.
    `unreached_byte_count`: those from where boxes no longer follow each other, if there are fragments among them.
    `shows_cut_end`: the file states a length of all fragments, or has an index of them."""

    promised_end: int = 0
    unreached_byte_count: int = 0
    shows_cut_end: bool = False
    lengths: list[StatedLength] = field(default_factory=list)


def read_fragments(file: BinaryIO, size: int, found: BoxFile) -> Fragments:
    """Read the fragments of a file whose boxes were read before."""
    fragments = Fragments()
    indexed: dict[int, tuple[Fraction, Fraction]] = {}
    sample_bytes: dict[int, int] = {}
    last: Box | None = None
    reached = 0
    for box in walk(file, 0, size):
        if box.kind not in TOP_LEVEL:
            break
        reached = box.end
        if box.kind == "moov":
            _read_extends(file, box, size, found, fragments, sample_bytes)
        elif box.kind == "sidx":
            _read_index(file, box, fragments, indexed)
        elif box.kind == "moof":
            last = box
        elif box.kind == "mfra":
            fragments.shows_cut_end = True
    if last is not None:
        fragments.promised_end = max(fragments.promised_end, _end_of(file, last, size, sample_bytes))
    if _holds_fragment(file, reached, size):
        fragments.unreached_byte_count = size - reached
    if indexed:
        duration_s = max(end - start for start, end in indexed.values())
        fragments.lengths.append(StatedLength(source="sidx", duration_s=duration_s))
    for track in found.tracks:
        if track.duration and track.timescale and track.handler in ("vide", "soun"):
            duration_s = Fraction(track.duration, track.timescale)
            fragments.lengths.append(StatedLength(source="mdhd", duration_s=duration_s, key=track.identity))
            fragments.shows_cut_end |= track.duration > track.indexed_duration  # else it counts what stands before them
    return fragments


def _holds_fragment(file: BinaryIO, start: int, size: int) -> bool:
    """Whether the head of a fragment is anywhere from `start` on."""
    for place in range(start, size, _SEARCHED_BYTES):
        file.seek(place)
        if _HEAD.search(file.read(_SEARCHED_BYTES + _HEAD_BYTES)):
            return True
    return False


def _payload(file: BinaryIO, box: Box) -> bytes:
    file.seek(box.payload)
    return file.read(max(0, min(box.end - box.payload, _MAXIMUM_BYTES)))


def _read_extends(
    file: BinaryIO, movie: Box, size: int, found: BoxFile, fragments: Fragments, sample_bytes: dict[int, int]
) -> None:
    for extends in walk(file, movie.payload, min(movie.end, size)):
        for box in walk(file, extends.payload, min(extends.end, size)) if extends.kind == "mvex" else ():
            data = _payload(file, box)
            if box.kind == "trex" and len(data) >= 20:
                identity, _, _, default_bytes = struct.unpack_from(">IIII", data, 4)
                sample_bytes[identity] = default_bytes
            elif box.kind == "mehd" and len(data) >= 8 and found.movie_timescale:
                duration = int.from_bytes(data[4:12] if data[0] == 1 else data[4:8], "big")
                if duration and duration != (1 << 8 * (8 if data[0] == 1 else 4)) - 1:
                    duration_s = Fraction(duration, found.movie_timescale)
                    fragments.lengths.append(StatedLength(source="mehd", duration_s=duration_s))
                    fragments.shows_cut_end = True


def _read_index(file: BinaryIO, box: Box, fragments: Fragments, indexed: dict[int, tuple[Fraction, Fraction]]) -> None:
    """Take in where the segments of an index end, in bytes and in time; of nested indexes the inner ones count."""
    data = _payload(file, box)
    wide = data[:1] == b"\x01"
    fixed = 32 if wide else 24
    if len(data) < fixed + 8:
        return
    identity, timescale = struct.unpack_from(">II", data, 4)
    start, first_offset = struct.unpack_from(">QQ" if wide else ">II", data, 12)
    count = int.from_bytes(data[fixed - 2 : fixed], "big")
    body = data[fixed : fixed + 12 * min(count, (len(data) - fixed) // 12)]
    rows = list(struct.iter_unpack(">III", body))
    end_at = box.end + first_offset + sum(kind & ~_NESTED_INDEX for kind, _, _ in rows)
    fragments.promised_end = max(fragments.promised_end, end_at)
    fragments.shows_cut_end |= len(rows) > 1  # one reference may be to the fragment that follows, as each has its own
    ticks = sum(duration for kind, duration, _ in rows if not kind & _NESTED_INDEX)
    if timescale and ticks:
        begin_s, end_s = Fraction(start, timescale), Fraction(start + ticks, timescale)
        before = indexed.get(identity, (begin_s, end_s))
        indexed[identity] = (min(before[0], begin_s), max(before[1], end_s))


def _end_of(file: BinaryIO, fragment: Box, size: int, sample_bytes: dict[int, int]) -> int:
    """First byte after the samples of a fragment."""
    end = fragment.end
    for box in walk(file, fragment.payload, min(fragment.end, size)):
        if box.kind == "traf":
            end = max(end, _end_of_track(file, box, fragment, size, sample_bytes))
    return end


def _end_of_track(file: BinaryIO, track: Box, fragment: Box, size: int, sample_bytes: dict[int, int]) -> int:
    base, default_bytes, place = fragment.start, 0, fragment.start
    for box in walk(file, track.payload, min(track.end, size)):
        data = _payload(file, box)
        flags = int.from_bytes(data[1:4], "big")
        if box.kind == "tfhd" and len(data) >= 8:
            default_bytes = sample_bytes.get(int.from_bytes(data[4:8], "big"), 0)
            at = 8
            if flags & _HAS_BASE:
                base, at = int.from_bytes(data[at : at + 8], "big"), at + 8
            at += 4 * bool(flags & _HAS_DESCRIPTION) + 4 * bool(flags & _HAS_DURATION)
            if flags & _HAS_SIZE:
                default_bytes = int.from_bytes(data[at : at + 4], "big")
            place = base
        elif box.kind == "trun" and len(data) >= 8:
            place = _end_of_run(data, flags, base, place, default_bytes)
    return place


def _end_of_run(data: bytes, flags: int, base: int, place: int, default_bytes: int) -> int:
    count, at = int.from_bytes(data[4:8], "big"), 8
    if flags & _RUN_OFFSET:
        place, at = base + int.from_bytes(data[at : at + 4], "big", signed=True), at + 4
    at += 4 * bool(flags & _RUN_FIRST_FLAGS)
    if not flags & _RUN_SIZE:
        return place + count * default_bytes
    columns = sum(4 for flag in (_RUN_DURATION, _RUN_SIZE, _RUN_FLAGS, _RUN_COMPOSITION) if flags & flag)
    at += 4 * bool(flags & _RUN_DURATION)
    sizes = (int.from_bytes(data[p : p + 4], "big") for p in range(at, min(len(data), at + count * columns), columns))
    return place + sum(sizes)

"""Tells how an MXF file is divided into partitions and what its index tables cover (SMPTE ST 377-1 sections 7, 11 and
12); reads partition packs and index tables, and no essence."""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO, overload

from deliverqc.facts.model import Facts
from deliverqc.probing.wrappers.mxf_klv import (
    MAXIMUM_PARTITIONS,
    Partition,
    chained_partitions,
    number,
    read_index_pack,
    read_klv,
    read_partition,
    set_of,
    signed,
)

_MAXIMUM_INDEX_BYTES = 64 * 1024 * 1024  # house choice: ten hours at 60 frames a second
_MOST_PAIRS = 20_000_000
"""Of partitions and segments, each of which is held to the others: house choice, a partition a second for an hour."""
_SEGMENT = bytes.fromhex("0d01020101100100")
_GENERIC_STREAM = 0x11  # SMPTE ST 410: the state of a partition that holds data and no essence container
_ENTRY_BYTES, _OFFSET_AT = 11, 11  # of an entry; of its stream offset behind the head of the array


class _Offsets(Sequence[int]):
    """The stream offsets of an index entry array, read one by one: most of a long table is never asked for."""

    def __init__(self, entries: bytes, count: int, length: int) -> None:
        self._entries, self._count, self._length = entries, count, length

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...
    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(self._count))]
        order = place + self._count if place < 0 else place
        if not 0 <= order < self._count:
            raise IndexError(place)
        at = _OFFSET_AT + order * self._length
        return int.from_bytes(self._entries[at : at + 8], "big")


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexSegment:
    """One index table segment in the partition at `at`, from edit unit `start` on. `offsets`: where each edit unit
    begins in the stream of the essence container; empty where all have `unit_bytes`. `duration`: 0 with `unit_bytes` is
    all that follow."""

    at: int
    body_sid: int
    edit_rate: Fraction | None
    start: int
    duration: int
    unit_bytes: int
    offsets: Sequence[int] = ()

    @property
    def end(self) -> int:
        return self.start + (len(self.offsets) or self.duration)


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """The partitions in order; None where neither the random index pack nor the chain from the footer leads to all.
    `has_index_pack`: the file ends with one that lists every partition at its place."""

    partitions: tuple[Partition, ...] | None
    has_index_pack: bool


def read_layout(file: BinaryIO, size: int, header: Partition) -> Layout:
    """Find every partition by the random index pack, else by the chain of their packs."""
    run_in = header.start
    entries = read_index_pack(file, size)
    chain = chained_partitions(file, header, run_in)
    if entries is None or not 0 < len(entries) <= MAXIMUM_PARTITIONS:
        return Layout(partitions=None if chain is None else tuple(chain), has_index_pack=False)
    listed = [read_partition(file, run_in + offset) for _, offset in entries]
    found = [partition for partition in listed if partition is not None]
    is_right = len(found) == len(entries) and found[0].start == header.start
    is_right = is_right and all(p.body_sid == sid for p, (sid, _) in zip(found, entries, strict=True))
    starts = {partition.start for partition in found}
    is_right = is_right and all(partition.start in starts for partition in chain or ())
    if is_right:
        return Layout(partitions=tuple(sorted(found, key=lambda one: one.start)), has_index_pack=True)
    return Layout(partitions=None if chain is None else tuple(chain), has_index_pack=False)


def read_segments(file: BinaryIO, partitions: Sequence[Partition], size: int) -> list[IndexSegment] | None:
    """Every index table segment; None where a table cannot be read, or is larger than we read."""
    if sum(partition.index_bytes for partition in partitions) > _MAXIMUM_INDEX_BYTES:
        return None
    found: list[IndexSegment] = []
    for partition in partitions:
        if not partition.index_bytes:
            continue
        first = read_klv(file, partition.end)
        at = (first.end if first is not None and first.is_fill else partition.end) + partition.metadata_bytes
        stop = at + partition.index_bytes
        while at < stop:
            klv = read_klv(file, at)
            if klv is None or klv.end > size:
                return None
            if klv.key[8:16] == _SEGMENT:
                file.seek(klv.value_at)
                segment = segment_of(klv.key, file.read(klv.length), partition.start)
                if segment is None:
                    return None
                found.append(segment)
                if len(found) * len(partitions) > _MOST_PAIRS:
                    return None
            elif not klv.is_fill:
                break
            at = klv.end
    return found


def segment_of(key: bytes, data: bytes, at: int = 0) -> IndexSegment | None:
    """One segment; None where its entries contradict its own length."""
    values = set_of(key, data, {}).values
    numerator, denominator = struct.unpack(">ii", values[0x3F0B]) if len(values.get(0x3F0B, b"")) == 8 else (0, 0)
    offsets: Sequence[int] = ()
    entries = values.get(0x3F0A, b"")
    if len(entries) >= 8:
        count, length = struct.unpack_from(">II", entries)
        if (count and length < _ENTRY_BYTES) or len(entries) < 8 + count * length:
            return None
        offsets = _Offsets(entries, count, length)
    return IndexSegment(
        at=at,
        body_sid=number(values.get(0x3F07)),
        edit_rate=Fraction(numerator, denominator) if numerator > 0 and denominator > 0 else None,
        start=max(0, signed(values.get(0x3F0C)) or 0),
        duration=max(0, signed(values.get(0x3F0D)) or 0),
        unit_bytes=number(values.get(0x3F05)),
        offsets=offsets,
    )


def layout_facts(
    layout: Layout,
    segments: Sequence[IndexSegment] | None,
    lengths: Mapping[int, tuple[Fraction | None, Fraction | None]],
) -> Facts:
    """Facts of the partitions. `lengths`: seconds and edit rate of each essence container in the file by its body SID,
    None where they are not stated; what an index covers is left out then."""
    facts: Facts = {"wrapper.mxf_random_index_pack": layout.has_index_pack}
    if layout.partitions is None:
        return facts
    facts["wrapper.mxf_kag_sizes_bytes"] = sorted({partition.kag_size for partition in layout.partitions})
    if segments is None or any(None in length for length in lengths.values()):
        return facts
    containers = [
        _container(own, [segment for segment in segments if segment.body_sid == sid], *lengths[sid])
        for sid in sorted(lengths)
        if (own := [one for one in layout.partitions if one.body_sid == sid and one.state != _GENERIC_STREAM])
    ]
    facts["wrapper.mxf_body_partitions"] = [body for container in containers for body in container.bodies()]
    facts["wrapper.mxf_index_before_essence"] = (
        all(container.is_indexed_before() for container in containers) if containers else None
    )
    return facts


@dataclass(frozen=True, kw_only=True, slots=True)
class _Container:
    """One essence container: the partitions that hold it, its index, and its length in edit units of that."""

    partitions: Sequence[Partition]
    segments: Sequence[IndexSegment]
    rate: Fraction | None
    duration: int | None

    def is_indexed_before(self) -> bool:
        """Whether the segments before the first byte of essence cover every edit unit. In a partition, the index
        stands before the essence (ST 377-1 section 6.2.1)."""
        return _covers([one for one in self.segments if one.at <= self.partitions[0].start], 0, self.duration)

    def bodies(self) -> Iterator[Facts]:
        total = self.duration if self.duration is not None else max((one.end for one in self.segments), default=None)
        firsts = [_first_unit(partition.body_offset, self.segments) for partition in self.partitions]
        for order, partition in enumerate(self.partitions):
            is_last = order + 1 == len(self.partitions)
            first, last = firsts[order], total if is_last else firsts[order + 1]
            stop = None if is_last else self.partitions[order + 1].start
            behind = [one for one in self.segments if one.at > partition.start and (stop is None or one.at <= stop)]
            is_known = first is not None and last is not None and first <= last
            yield {
                "duration_s": (last - first) / self.rate if is_known and self.rate else None,  # type: ignore[operator]
                "is_indexed_before_next": is_known and _covers(behind, first or 0, last),
                "is_last": is_last,
            }


def _container(
    partitions: Sequence[Partition],
    segments: Sequence[IndexSegment],
    duration_s: Fraction | None,
    edit_rate: Fraction | None,
) -> _Container:
    rate = next((segment.edit_rate for segment in segments if segment.edit_rate), edit_rate)
    duration = None if duration_s is None or rate is None else int(duration_s * rate)
    return _Container(partitions=partitions, segments=segments, rate=rate, duration=duration)


def _covers(segments: Sequence[IndexSegment], start: int, end: int | None) -> bool:
    """Whether `segments` together cover the edit units from `start` to before `end`; without a known end, whether they
    cover any and leave no gap."""
    reached = start
    for segment in sorted(segments, key=lambda one: one.start):
        if segment.start > reached:
            return False
        if segment.unit_bytes and not segment.duration and not segment.offsets:
            return True
        reached = max(reached, segment.end)
    return reached >= end if end is not None else reached > start


def _first_unit(body_offset: int, segments: Sequence[IndexSegment]) -> int | None:
    """The edit unit that begins at or behind an offset of the stream; None where the index does not reach it."""
    if body_offset == 0:
        return 0
    for segment in segments:
        if segment.unit_bytes and not segment.offsets:
            return segment.start + -(-body_offset // segment.unit_bytes)
        if segment.offsets and segment.offsets[0] <= body_offset <= segment.offsets[-1]:
            return segment.start + bisect.bisect_left(segment.offsets, body_offset)
    before = [segment.end for segment in segments if segment.offsets and segment.offsets[-1] < body_offset]
    after = [segment.start for segment in segments if segment.offsets and segment.offsets[0] > body_offset]
    return max(before) if before and (not after or max(before) == min(after)) else None

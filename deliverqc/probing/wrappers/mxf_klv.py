"""Reads keys, lengths and values of MXF files (SMPTE ST 336, ST 377-1): partition packs, the random index pack and the
sets of the header metadata; knows no meaning of any set.

Every size is taken as a claim: it moves a file position, and nothing larger than our own bounds is read.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

MAXIMUM_METADATA_BYTES = 32 * 1024 * 1024  # house choice: ten times what long masters with descriptive metadata have
MAXIMUM_PARTITIONS = 20_000  # house choice: one a second for five hours
_MAXIMUM_RUN_IN_BYTES = 65536  # ST 377-1 section 6.5
_MAXIMUM_INDEX_PACK_BYTES = 1024 * 1024
_MAXIMUM_SETS = 100_000
_LEAST_PACK_BYTES, _PACK_BYTES = 80, 88  # without and with the header of the batch of labels
_MAXIMUM_LABELS = 100
_LABEL = b"\x06\x0e\x2b\x34"
_PARTITION = bytes.fromhex("060e2b34020501010d01020101")
_INDEX_PACK = bytes.fromhex("060e2b34020501010d010201011101")
_PRIMER = bytes.fromhex("060e2b34020501010d0102010105")
_SET = bytes.fromhex("060e2b3402")
_SET_CODINGS = {
    0x53: struct.Struct(">HH"),
    0x73: struct.Struct(">HI"),
}  # ST 336 section 7: tags of 2 bytes, lengths of 2 or 4
_HEADER, _FOOTER = 2, 4
_FIRST_DYNAMIC_TAG = 0x8000
INSTANCE = 0x3C0A

Label = bytes
"""16 bytes of a SMPTE universal label with its version (byte 8) set to zero, which tells no two things apart."""


@dataclass(frozen=True, slots=True)
class Klv:
    """One key, length and value, at its place in the file."""

    key: bytes
    start: int
    value_at: int
    length: int

    @property
    def end(self) -> int:
        return self.value_at + self.length

    @property
    def is_fill(self) -> bool:
        return self.key[4:7] == b"\x01\x01\x01" and self.key[8:13] == b"\x03\x01\x02\x10\x01"

    @property
    def is_partition(self) -> bool:
        return self.key.startswith(_PARTITION) and _HEADER <= self.key[13] <= _FOOTER


@dataclass(frozen=True, kw_only=True, slots=True)
class Partition:
    """A partition pack (ST 377-1 section 7.1). `start` and `end` of the pack in the file; other offsets as stated,
    from the first byte of the header partition. `pattern` and `essence_containers` are labels."""

    start: int
    end: int
    kind: int
    state: int
    kag_size: int
    previous: int
    footer: int
    metadata_bytes: int
    index_bytes: int
    index_sid: int
    body_offset: int
    body_sid: int
    pattern: bytes = b""
    essence_containers: tuple[bytes, ...] = ()

    @property
    def is_footer(self) -> bool:
        return self.kind == _FOOTER

    @property
    def is_open_or_incomplete(self) -> bool:
        return self.state in (1, 2, 3)


@dataclass(frozen=True, kw_only=True, slots=True)
class MetadataSet:
    """One set: `key` without its version, values by local tag, and by label where the primer gives a tag's label.
    `is_whole`: its items end where it does."""

    key: Label
    values: Mapping[int, bytes]
    labelled: Mapping[Label, bytes]
    is_whole: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """The header metadata of one partition: sets by instance. `is_whole`: read from the primer to its stated end.
    `is_read_to_end`: no bound of ours, and no end of the file, kept it from being read.
    `fill_bytes`: of the longest fill item behind the last set, its key and length included."""

    sets: Mapping[bytes, MetadataSet] = field(default_factory=dict)
    is_whole: bool = False
    is_read_to_end: bool = False
    fill_bytes: int = 0


def without_version(label: bytes) -> Label:
    return label[:7] + b"\0" + label[8:16]


def urn(label: bytes) -> str:
    """The label as SMPTE ST 2029 writes it: `urn:smpte:ul:060e2b34.04010101.0d010201.01010900`."""
    text = label.hex()
    return "urn:smpte:ul:" + ".".join(text[at : at + 8] for at in range(0, 32, 8))


def klv_of(data: bytes, start: int = 0, at: int = 0) -> Klv | None:
    """The key and length at `at` of `data`, which stands at `start` in the file; None where they are not whole."""
    if data[at : at + 4] != _LABEL or len(data) < at + 17:
        return None
    first = data[at + 16]
    width = first & 0x7F if first & 0x80 else 0
    if width > 8 or len(data) < at + 17 + width or first == 0x80:
        return None
    length = int.from_bytes(data[at + 17 : at + 17 + width], "big") if width else first
    return Klv(data[at : at + 16], start + at, start + at + 17 + width, length)


def read_klv(file: BinaryIO, start: int) -> Klv | None:
    """The key and length at `start` of the file; None at a place that no file has."""
    if not 0 <= start <= sys.maxsize:
        return None
    file.seek(start)
    return klv_of(file.read(25), start)


def find_header(file: BinaryIO) -> int | None:
    """Where the header partition begins: behind the run-in."""
    file.seek(0)
    at = file.read(_MAXIMUM_RUN_IN_BYTES + 16).find(_PARTITION)
    return at if at >= 0 else None


def read_partition(file: BinaryIO, start: int) -> Partition | None:
    """The partition pack at `start`; None where there is none, or only a part of one."""
    klv = read_klv(file, start)
    if klv is None or not klv.is_partition:
        return None
    file.seek(klv.value_at)
    data = file.read(min(klv.length, _PACK_BYTES + _MAXIMUM_LABELS * 16))
    return partition_of(klv, data) if len(data) >= _LEAST_PACK_BYTES else None


def partition_of(klv: Klv, data: bytes) -> Partition:
    kag_size, _, previous, footer, metadata_bytes, index_bytes = struct.unpack_from(">IQQQQQ", data, 4)
    index_sid, body_offset, body_sid = struct.unpack_from(">IQI", data, 48)
    return Partition(
        start=klv.start,
        end=klv.end,
        kind=klv.key[13],
        state=klv.key[14],
        kag_size=kag_size,
        previous=previous,
        footer=footer,
        metadata_bytes=metadata_bytes,
        index_bytes=index_bytes,
        index_sid=index_sid,
        body_offset=body_offset,
        body_sid=body_sid,
        pattern=data[64:80],
        essence_containers=tuple(data[at : at + 16] for at in range(_PACK_BYTES, len(data) - 15, 16)),
    )


def read_index_pack(file: BinaryIO, size: int) -> list[tuple[int, int]] | None:
    """Body SID and byte offset of each partition, by the random index pack at the end (ST 377-1 section 12); None
    where the file does not end with one."""
    if size < 4:
        return None
    file.seek(size - 4)
    total = int.from_bytes(file.read(4), "big")
    if not 17 < total <= min(size, _MAXIMUM_INDEX_PACK_BYTES):
        return None
    file.seek(size - total)
    data = file.read(total)
    klv = klv_of(data, size - total)
    if klv is None or not klv.key.startswith(_INDEX_PACK) or klv.end != size or (klv.length - 4) % 12:
        return None
    entries = data[klv.value_at - klv.start : -4]
    return [struct.unpack_from(">IQ", entries, at) for at in range(0, len(entries), 12)]


def chained_partitions(file: BinaryIO, header: Partition, run_in: int) -> list[Partition] | None:
    """Every partition, from the footer that the header names back to the header; None where the chain is broken."""
    found: list[Partition] = []
    at = header.footer
    while len(found) < MAXIMUM_PARTITIONS and at:
        partition = read_partition(file, run_in + at)
        if partition is None or (found and partition.start >= found[-1].start):
            return None
        found.append(partition)
        at = partition.previous
    if not found or (at and len(found) == MAXIMUM_PARTITIONS):
        return None
    if found[-1].start != header.start:
        found.append(header)
    return found[::-1]


def read_metadata(file: BinaryIO, partition: Partition, size: int) -> Metadata:
    """The sets of the header metadata behind a partition pack."""
    first = read_klv(file, partition.end)
    start = first.end if first is not None and first.is_fill else partition.end
    stop = start + partition.metadata_bytes
    if not partition.metadata_bytes > 0 or start >= size:
        return Metadata()
    sets: dict[bytes, MetadataSet] = {}
    labels: dict[int, Label] | None = None
    fills, read_bytes, is_within = [0], 0, True
    for _ in range(_MAXIMUM_SETS):
        klv = read_klv(file, start) if start < stop else None
        if klv is not None and klv.is_partition and start >= partition.end + partition.metadata_bytes:
            stop = start  # some writers count the fill before the primer in
        if klv is None or klv.is_partition or klv.end > size:
            break
        start = klv.end
        if klv.is_fill:
            fills.append(klv.end - klv.start)
            continue
        read_bytes += klv.length
        if read_bytes > MAXIMUM_METADATA_BYTES:
            is_within = False
            break
        fills = [0]
        file.seek(klv.value_at)
        if klv.key.startswith(_PRIMER):
            labels = dict(_primer(file.read(klv.length)))
        elif klv.key.startswith(_SET):
            one = set_of(klv.key, file.read(klv.length), labels or {})
            sets[one.values.get(INSTANCE, b"%d" % klv.start)] = one
    else:
        is_within = False
    is_whole = labels is not None and start >= stop
    behind = read_klv(file, start) if is_whole else None
    if behind is not None and behind.is_fill:
        fills.append(behind.end - behind.start)
    return Metadata(sets=sets, is_whole=is_whole, is_read_to_end=is_within and stop <= size, fill_bytes=max(fills))


def _primer(data: bytes) -> Iterator[tuple[int, Label]]:
    for at in range(8, len(data) - 17, 18):
        yield int.from_bytes(data[at : at + 2], "big"), without_version(data[at + 2 : at + 18])


def set_of(key: bytes, data: bytes, labels: Mapping[int, Label]) -> MetadataSet:
    """A set of a local coding (key byte 6); one of another coding has no values."""
    values: dict[int, bytes] = {}
    coding = _SET_CODINGS.get(key[5])
    at = 0
    while coding is not None and at + coding.size <= len(data):
        tag, length = coding.unpack_from(data, at)
        at += coding.size
        values[tag] = data[at : at + length]
        at += length
    labelled = {labels[tag]: value for tag, value in values.items() if tag in labels}
    is_whole = coding is None or at == len(data)
    return MetadataSet(key=without_version(key), values=values, labelled=labelled, is_whole=is_whole)


def number(data: bytes | None) -> int:
    return int.from_bytes(data or b"", "big")


def signed(data: bytes | None) -> int | None:
    return int.from_bytes(data, "big", signed=True) if data else None


def text(data: bytes | None) -> str | None:
    """UTF-16 with or without an end (ST 377-1 section 4.2); None where there is none, or nothing in it."""
    if not data:
        return None
    return data.decode("utf-16-be", "replace").split("\0")[0].strip() or None


def batch(data: bytes | None) -> list[bytes]:
    """The elements of an array or batch (ST 377-1 section 4.3)."""
    if data is None or len(data) < 8:
        return []
    count, length = struct.unpack_from(">II", data)
    if not length or count * length > len(data) - 8:
        return []
    return [data[at : at + length] for at in range(8, 8 + count * length, length)]

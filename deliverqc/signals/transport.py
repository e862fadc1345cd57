"""Reads every packet of a transport stream (ISO/IEC 13818-1 section 2.4.3) for PES packets that a reader drops or cuts
without a word: no start code, another stream, a length that is not there. Knows no decoder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from deliverqc.probing.wrappers.multiplexes import packet_grid
from deliverqc.probing.wrappers.programme_maps import MAPS_PID, MapReader

_BLOCK_BYTES = 4 * 1024 * 1024
_LEAST_BLOCK_BYTES = 8 * 1024
"""Behind a place where no packets are: there may be many of them."""
_START_BYTES = 65536
_PACKET, _HEADER, _SYNC = 188, 4, 0x47
_SYNCS = 5  # house choice: so many in a row are no chance
_NULL = 0x1FFF
_MOST = 100
_START_CODE = b"\0\0\1"
_LENGTH_END, _FLAGS_END = 6, 9
_PADDING = 0xBE
_WITHOUT_FLAGS = frozenset([0xBC, 0xBE, 0xBF, 0xF0, 0xF1, 0xF2, 0xF8, 0xFF])
"""Stream identifiers whose PES packets have no flags behind their length (section 2.4.3.6)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PesFault:
    """What is wrong with a PES packet of the stream `pid`. `place`: of the transport packet that it begins in."""

    pid: int
    place: int
    message: str


@dataclass(slots=True, kw_only=True)
class _Stream:
    """One identifier. `stated`: bytes of the PES packet that is being read; None where it states none, where its
    beginning was not seen, or where a break is signalled in it. `held`: those that came so far. `other`: the stream
    identifier of the last PES packet where it is another, and the place: damage, unless the next has it too, as where
    two streams were joined."""

    identity: int | None = None
    counter: int = -1
    place: int = 0
    stated: int | None = None
    held: int = 0
    other: tuple[int, int] | None = None
    faults: list[PesFault] = field(default_factory=list)

    def identify(self, pid: int, identity: int, place: int) -> None:
        """Take the stream identifier of a PES packet."""
        if self.other is not None and self.other[0] == identity:
            self.identity, self.other = identity, None
        self.end(pid)
        if identity != self.identity:
            self.other = identity, place

    def end(self, pid: int) -> None:
        """Report a stream identifier that was of one PES packet only."""
        if self.other is not None:
            message = f"its stream_id is 0x{self.other[0]:02X}, and that of the stream is 0x{self.identity or 0:02X}"
            _add(self, pid, message, self.other[1])
            self.other = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rows:
    """The packets of one identifier in a block: `data` uint8 (packets, 188), from which byte each holds payload, where
    it is in the file, and its marks."""

    data: NDArray[np.uint8]
    payload: NDArray[np.int64]
    place: NDArray[np.int64]
    begins: NDArray[np.bool_]
    is_unsure: NDArray[np.bool_]
    counter: NDArray[np.int64]


def pes_faults(path: Path) -> Iterator[PesFault]:
    """Faults of the streams that programme maps name, or of all with start codes where no map is whole; a hundred of
    each at most. The file is read once. Packets that are scrambled, or next to a break that is signalled, are passed
    over."""
    reader = _Reader()
    with path.open("rb") as file:
        reader.read(file, path.stat().st_size)
    with_start_codes = {pid for pid, stream in reader.streams.items() if stream.identity is not None}
    maps = reader.maps
    named = (maps.pes_pids & reader.streams.keys()) - (maps.private_pids - with_start_codes)
    for pid in sorted(named if maps.pes_pids else with_start_codes):
        reader.streams[pid].end(pid)
        yield from reader.streams[pid].faults


class _Reader:
    """Reads the file block by block."""

    def __init__(self) -> None:
        self.streams: dict[int, _Stream] = {}
        self.maps = MapReader()

    def read(self, file: BinaryIO, size: int) -> None:
        start = file.read(_START_BYTES)
        grid = packet_grid(start, min(size, len(start)))
        if grid is None:
            return
        at, length = grid
        limit = _BLOCK_BYTES
        while at + _PACKET <= size:
            file.seek(at)
            data = np.frombuffer(file.read(limit), np.uint8)
            if len(data) < _PACKET:
                return
            step = self._block(data, length, at)
            is_through = len(data) - step < length
            limit = min(2 * limit, _BLOCK_BYTES) if is_through else _LEAST_BLOCK_BYTES
            at += step if step else _next_packet(data, length)

    def _block(self, data: NDArray[np.uint8], length: int, base: int) -> int:
        """Take in the packets from the start of `data` on; gives how many bytes they are."""
        count = (len(data) - _PACKET) // length + 1 if len(data) >= _PACKET else 0
        rows = np.lib.stride_tricks.as_strided(data, (max(count, 0), _PACKET), (length, 1), writeable=False)
        is_sync = rows[:, 0] == _SYNC
        seen = np.concatenate(([0], np.cumsum(is_sync)))
        ends = np.minimum(np.arange(count) + _SYNCS, count)
        stray = np.flatnonzero(seen[ends] == seen[:count])
        count = int(stray[0]) if len(stray) else count
        self._packets(rows[:count], base, length)
        return count * length

    def _packets(self, rows: NDArray[np.uint8], base: int, length: int) -> None:
        head = rows[:, :6].astype(np.int64)
        pids, control = (head[:, 1] & 0x1F) << 8 | head[:, 2], head[:, 3]
        has_field = (control & 0x20) != 0
        payload = np.where(has_field, _HEADER + 1 + head[:, 4], _HEADER)
        is_clear = (head[:, 0] == _SYNC) & (head[:, 1] < 0x80) & (control >> 6 == 0)
        holds = is_clear & (control & 0x10 != 0) & (payload < _PACKET)
        is_break = has_field & (head[:, 4] > 0) & (head[:, 5] & 0x80 != 0)
        is_kept = (holds | is_break | ~is_clear) & (pids != _NULL)
        for pid in np.unique(pids[is_kept]).tolist():
            at = np.flatnonzero(is_kept & (pids == pid))
            found = _Rows(
                data=rows[at],
                payload=np.where(holds[at], payload[at], _PACKET),
                place=base + at * length,
                begins=(head[at, 1] & 0x40 != 0) & holds[at],
                is_unsure=is_break[at] | ~is_clear[at],
                counter=control[at] & 15,
            )
            if pid == MAPS_PID or pid in self.maps.map_pids:
                for row in range(len(at)):
                    self.maps.take(pid, found.data[row, found.payload[row] :].tobytes(), begins=bool(found.begins[row]))
            else:
                self._stream(self.streams.setdefault(pid, _Stream()), pid, found)

    def _stream(self, stream: _Stream, pid: int, rows: _Rows) -> None:
        before = np.concatenate(([stream.counter], rows.counter[:-1]))
        is_repeated = (rows.counter == before) & ~rows.begins & ~rows.is_unsure
        stream.counter = int(rows.counter[-1])
        sizes = np.where(is_repeated, 0, _PACKET - rows.payload)
        bounds = [0, *np.flatnonzero(rows.begins).tolist(), len(sizes)]
        unsure = np.flatnonzero(rows.is_unsure)
        held = np.concatenate(([0], np.cumsum(sizes)))
        heads = {row: rows.data[row, rows.payload[row] :].tobytes() for row in bounds[1:-1]}
        if stream.identity is None:
            named = Counter(one[3] for one in heads.values() if one[:3] == _START_CODE and len(one) > 3)
            stream.identity = named.most_common(1)[0][0] if named else None
        for number, (first, end) in enumerate(pairwise(bounds)):
            if number and rows.is_unsure[first]:
                stream.stated = None
            if number:
                self._begin(stream, pid, heads[first], int(rows.place[first]))
            stream.held += int(held[end] - held[first])
            if np.searchsorted(unsure, first) < np.searchsorted(unsure, end):
                stream.stated = None

    def _begin(self, stream: _Stream, pid: int, head: bytes, place: int) -> None:
        """Settle the PES packet that ends here, and look at the head of the next."""
        if stream.stated is not None and stream.held != stream.stated:
            _add(stream, pid, f"{stream.held} bytes of {stream.stated} that it states are there", stream.place)
        stream.place, stream.stated, stream.held = place, None, 0
        if not _START_CODE.startswith(head[:3]) and head[:3] != _START_CODE:
            _add(stream, pid, "it has no start code, so that readers drop it", place)
        elif len(head) >= _LENGTH_END and not _is_padding(head):
            stream.identify(pid, head[3], place)
            length = int.from_bytes(head[4:6], "big")
            if stream.other is None and (fault := _fault_of(head)) is not None:
                _add(stream, pid, fault, place)
            elif stream.other is None and length:
                stream.stated = _LENGTH_END + length


def _is_padding(head: bytes) -> bool:
    return head[3] == _PADDING and not head[_LENGTH_END:].strip(b"\xff")


def _fault_of(head: bytes) -> str | None:
    """What is wrong with the head of a PES packet."""
    if len(head) < _FLAGS_END or head[3] in _WITHOUT_FLAGS:
        return None
    length = int.from_bytes(head[4:6], "big")
    if head[6] >> 6 != 2:
        return "its header is damaged"
    return "its header is longer than the packet" if length and head[8] + 3 > length else None


def _add(stream: _Stream, pid: int, message: str, place: int) -> None:
    if len(stream.faults) < _MOST:
        stream.faults.append(PesFault(pid=pid, place=place, message=message))


def _next_packet(data: NDArray[np.uint8], length: int) -> int:
    """How far it is to where packets go on; past all of `data` where they do not."""
    is_sync = data == _SYNC
    reach = len(data) - (_SYNCS - 1) * length
    if reach <= 1:
        return max(1, len(data))
    is_start = np.logical_and.reduce([is_sync[place * length : place * length + reach] for place in range(_SYNCS)])
    found = np.flatnonzero(is_start[1:])
    return int(found[0]) + 1 if len(found) else max(1, reach)

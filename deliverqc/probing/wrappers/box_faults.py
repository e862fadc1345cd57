"""Finds where the header boxes of ISO base media and QuickTime files contradict each other (ISO/IEC 14496-12 section 8,
QTFF): boxes beyond their parent, tables beyond their box, counts that differ, rates of zero, speeds and lengths that
the media do not have; reads no essence."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from deliverqc.probing.reading import HeaderFault
from deliverqc.probing.wrappers.isobmff import Box, read_edits, read_times, walk
from deliverqc.probing.wrappers.sample_tables import numbers_of, sum_of_products
from deliverqc.probing.wrappers.timecode_tracks import SAMPLE_BYTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HELD: Mapping[str, tuple[str, ...]] = {
    "moov": ("trak",),
    "trak": ("mdia", "edts"),
    "mdia": ("minf",),
    "minf": ("stbl", "dinf"),
}
"""Boxes that hold boxes which are looked at, by the only box that they may be in."""
_ROW_BYTES = {"stts": 8, "ctts": 8, "stsc": 12, "stco": 4, "co64": 8, "stss": 4, "stps": 4}
"""Tables of a count and its rows, behind version and flags."""
_LONG_TIMES = b"\x01"
_MAXIMUM_TABLE_BYTES = 64 * 1024 * 1024
_MAXIMUM_FAULTS = 100
_PLAIN_SPEED = 0x10000  # 1.0 as 16.16
_LENGTHS_DIFFER_S = 1  # house choice: more than rounding to any time scale gives
_EMPTY_EDIT = -1
_TERMINATOR = 4  # bytes of zero that QuickTime writes behind the last box of a list


def box_faults(file: BinaryIO, size: int) -> tuple[HeaderFault, ...]:
    """What contradicts itself in the movie header and the tables of its tracks, a hundred at most."""
    movies = [box for box in walk(file, 0, size) if box.kind == "moov"]
    found: list[HeaderFault] = []
    for box in movies[:1]:
        for fault in _Movie(file, size).faults(box):
            found.append(fault)
            if len(found) == _MAXIMUM_FAULTS:
                break
    return tuple(found)


class _Movie:
    """Walks the header once; `track` is how the track that is read is called."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size = file, size
        self.track, self.track_count, self.is_fragmented = "", 0, False
        self.track_durations: list[int] = []

    def faults(self, movie: Box) -> Iterator[HeaderFault]:
        self.is_fragmented = any(
            box.kind == "mvex" for box in walk(self.file, movie.payload, min(movie.end, self.size))
        )
        tables: dict[str, Box] = {}
        yield from self._within(movie, tables)
        if "mvhd" in tables and not self.is_fragmented:
            yield from self._of_length(tables["mvhd"])

    def _of_length(self, header: Box) -> Iterator[HeaderFault]:
        """A movie that is not as long as the longest of its tracks (ISO/IEC 14496-12 section 8.2.2.3)."""
        scale, stated = read_times(self._read(header, 32))
        longest = max(self.track_durations, default=0)
        if scale and stated and longest and abs(stated - longest) > _LENGTHS_DIFFER_S * scale:
            lengths = f"{stated / scale:.3f} s are stated, and the longest track has {longest / scale:.3f} s"
            yield self._fault(header.kind, lengths)

    def _fault(self, kind: str, message: str) -> HeaderFault:
        return HeaderFault(place=f"{self.track}{kind}", message=message)

    def _within(self, parent: Box, tables: dict[str, Box]) -> Iterator[HeaderFault]:
        """Faults of the boxes in `parent`; those of a track's sample tables are collected into `tables`."""
        at, end = parent.payload, min(parent.end, self.size)
        for box in walk(self.file, parent.payload, end):
            at = box.end
            if box.end > parent.end:
                over = box.end - parent.end
                yield self._fault(_name(box), f"the box ends {over} bytes after {parent.kind}, which holds it")
                return
            if box.kind not in _HELD.get(parent.kind, ()):
                tables.setdefault(box.kind, box)
                yield from self._of_box(box)
            elif box.kind == "trak":
                self.track_count += 1
                self.track = f"track {self.track_count}, "
                yield from self._of_track(box)
                self.track = ""
            else:
                yield from self._within(box, tables)
        if end - at > _TERMINATOR and parent.end <= self.size:
            yield self._fault(parent.kind, f"its last {end - at} bytes are not boxes")

    def _of_track(self, track: Box) -> Iterator[HeaderFault]:
        tables: dict[str, Box] = {}
        yield from self._within(track, tables)
        if "tkhd" in tables:
            self.track_durations.append(_track_duration(self._read(tables["tkhd"], 36)))
        for kind in ("tkhd", "mdhd", "stsd"):
            if kind not in tables:
                yield self._fault(kind, "the box is missing")
        faulty = [kind for kind in _ROW_BYTES if kind in tables and self._overrun(kind, tables[kind]) is not None]
        if not faulty and not self.is_fragmented:
            yield from self._of_samples(tables)

    def _of_box(self, box: Box) -> Iterator[HeaderFault]:
        if box.kind in _ROW_BYTES and (over := self._overrun(box.kind, box)) is not None:
            yield self._fault(box.kind, over)
        elif box.kind in ("mvhd", "mdhd"):
            if self._timescale(box) == 0:
                yield self._fault(box.kind, "the time scale is 0")
            speed = self._speed(box) if box.kind == "mvhd" else _PLAIN_SPEED
            if speed not in (_PLAIN_SPEED, 0):
                yield self._fault(box.kind, f"it asks players for {speed / _PLAIN_SPEED:g} times the speed")
        elif box.kind == "stsz":
            uniform, count = self._numbers(box, 4, 2)
            if uniform == 0 and count * 4 > box.end - box.payload - 12:
                yield self._fault(box.kind, f"{count} sizes are stated, and the box holds fewer")
        elif box.kind == "elst":
            yield from self._of_edits(box)
        elif box.kind == "stsd":
            yield from self._of_descriptions(box)

    def _of_edits(self, box: Box) -> Iterator[HeaderFault]:
        data = self._read(box, _MAXIMUM_TABLE_BYTES)
        count = int.from_bytes(data[4:8], "big")
        row = 20 if data[:1] == _LONG_TIMES else 12
        if count * row > box.end - box.payload - 8:
            yield self._fault(box.kind, f"{count} edits are stated, and the box holds fewer")
        for number, (duration, start, speed) in enumerate(read_edits(data), 1):
            if duration and start != _EMPTY_EDIT and speed != _PLAIN_SPEED:
                asked = "to hold one frame" if speed == 0 else f"to play at {speed / _PLAIN_SPEED:g} times the speed"
                yield self._fault(box.kind, f"edit {number} asks {asked}, and that is not what was measured")

    def _speed(self, box: Box) -> int:
        data = self._read(box, 36)
        at = 32 if data[:1] == _LONG_TIMES else 20
        return int.from_bytes(data[at : at + 4], "big", signed=True) if len(data) >= at + 4 else _PLAIN_SPEED

    def _overrun(self, kind: str, box: Box) -> str | None:
        (count,) = self._numbers(box, 4, 1)
        held = max(0, box.end - box.payload - 8) // _ROW_BYTES[kind]
        return f"{count} rows are stated, and the box holds {held}" if count > held else None

    def _of_descriptions(self, box: Box) -> Iterator[HeaderFault]:
        (count,) = self._numbers(box, 4, 1)
        entries = list(islice(walk(self.file, box.payload + 8, min(box.end, self.size)), count + 1))
        if len(entries) < count or not count:
            yield self._fault(box.kind, f"{count} sample descriptions are stated, and {len(entries)} are there")
        for entry in entries[:count]:
            if entry.end > box.end:
                yield self._fault(_name(entry), "the sample description ends after stsd, which holds it")
            elif entry.kind in SAMPLE_BYTES:
                yield from self._of_timecode(entry)

    def _of_timecode(self, entry: Box) -> Iterator[HeaderFault]:
        data = self._read(entry, 26)
        if len(data) < 25:
            yield self._fault(entry.kind, "the timecode description is cut short")
            return
        _, scale, duration = struct.unpack_from(">III", data, 12)
        for name, value in (("time scale", scale), ("frame duration", duration), ("number of frames", data[24])):
            if value == 0:
                yield self._fault(entry.kind, f"the {name} of the timecode is 0")

    def _of_samples(self, tables: dict[str, Box]) -> Iterator[HeaderFault]:
        """Sample tables that do not speak of the same samples."""
        if "stsz" not in tables:
            return
        _, count = self._numbers(tables["stsz"], 4, 2)
        for kind in ("stts", "ctts"):
            if kind in tables:
                counted = int(self._words(tables[kind])[::2].sum())
                if counted != count:
                    yield self._fault(kind, f"{counted} samples are timed, and stsz states {count}")
        chunks = next((tables[kind] for kind in ("stco", "co64") if kind in tables), None)
        if "stsc" in tables and chunks is not None:
            yield from self._of_chunks(tables, count, self._numbers(chunks, 4, 1)[0])
        for kind in ("stss", "stps"):
            if kind in tables and _is_any_outside(self._words(tables[kind]), count):
                yield self._fault(kind, f"a sync sample is outside of the {count} samples")

    def _of_chunks(self, tables: dict[str, Box], count: int, chunk_count: int) -> Iterator[HeaderFault]:
        words = self._words(tables["stsc"])
        firsts, held, described = words[::3], words[1::3], words[2::3]
        if not firsts.size:
            if count:
                yield self._fault("stsc", f"no chunk is stated, and stsz states {count} samples")
            return
        (descriptions,) = self._numbers(tables["stsd"], 4, 1) if "stsd" in tables else (0,)
        if firsts[0] != 1 or bool((np.diff(firsts) <= 0).any()):
            yield self._fault("stsc", "the runs of chunks are not in order")
        elif _is_any_outside(described, descriptions):
            yield self._fault("stsc", "a chunk uses a sample description that is not there")
        else:
            ends = np.append(firsts[1:], max(chunk_count + 1, int(firsts[-1])))
            in_chunks = sum_of_products(ends - firsts, held)
            if in_chunks != count:
                yield self._fault("stsc", f"the chunks hold {in_chunks} samples, and stsz states {count}")

    def _timescale(self, box: Box) -> int:
        data = self._read(box, 24)
        at = 20 if data[:1] == _LONG_TIMES else 12
        return int.from_bytes(data[at : at + 4], "big")

    def _words(self, box: Box) -> NDArray[np.int64]:
        """The rows of a table as 32-bit words."""
        data = self._read(box, _MAXIMUM_TABLE_BYTES)
        count = int.from_bytes(data[4:8], "big") * _ROW_BYTES[box.kind]
        return numbers_of(data[8 : 8 + count], ">u4").astype(np.int64)

    def _numbers(self, box: Box, start: int, count: int) -> tuple[int, ...]:
        data = self._read(box, start + 4 * count).ljust(start + 4 * count, b"\0")
        return struct.unpack_from(f">{count}I", data, start)

    def _read(self, box: Box, limit: int) -> bytes:
        self.file.seek(box.payload)
        return self.file.read(max(0, min(box.end - box.payload, limit)))


def _track_duration(data: bytes) -> int:
    """Duration in a `tkhd`, in the movie's time scale; 0 where it is cut short or not known."""
    at, size = (28, 8) if data[:1] == _LONG_TIMES else (20, 4)
    duration = int.from_bytes(data[at : at + size], "big") if len(data) >= at + size else 0
    return 0 if duration == (1 << 8 * size) - 1 else duration


def _is_any_outside(numbers: NDArray[np.int64], last: int) -> bool:
    """Whether any of them is none of those from 1 to `last`."""
    return bool(((numbers < 1) | (numbers > last)).any())


def _name(box: Box) -> str:
    return box.kind if box.kind.isprintable() and box.kind.isascii() else "a box without a name"

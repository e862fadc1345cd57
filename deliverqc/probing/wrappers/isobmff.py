"""Walks the boxes of ISO base media and QuickTime files (ISO/IEC 14496-12, QTFF) for what they state and promise;
decodes nothing.

Every size is taken as a claim: it moves a file position and never sets aside memory beyond a bound of ours.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from deliverqc.facts.model import Facts
from deliverqc.facts.vocabulary import COLOR_MATRIX, COLOR_PRIMARIES, COLOR_TRANSFER, from_h273
from deliverqc.probing.frame_rates import Cadence, cadence_of
from deliverqc.probing.reading import StatedTimecode
from deliverqc.probing.wrappers.bounds import TooMuchError
from deliverqc.probing.wrappers.configuration import read_configuration, read_sound_configuration
from deliverqc.probing.wrappers.sample_tables import (
    ChunkRuns,
    numbers_of,
    rows_of,
    sum_of_products,
    with_samples_only,
)
from deliverqc.probing.wrappers.timecode_tracks import MAXIMUM_SAMPLES, SAMPLE_BYTES, read_numbers, with_samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOP_LEVEL = frozenset(
    [
        "ftyp",
        "moov",
        "mdat",
        "free",
        "skip",
        "wide",
        "pnot",
        "moof",
        "mfra",
        "sidx",
        "styp",
        "uuid",
        "meta",
        "udta",
        "emsg",
        "prft",
        "ssix",
        "imda",
        "pdin",
    ]
)
_INDEX = ("moov", "trak", "mdia", "minf", "stbl", "edts")
_PROTECTED = frozenset(["encv", "enca", "enct", "encs", "encm", "drms", "drmi", "drmt"])
"""Sample entries that stand for the real one (ISO/IEC 14496-12 section 8.12, and those of iTunes)."""
_SCHEME = b"schm"
_PLAIN_RATE = 0x10000
_MAXIMUM_BOXES = 500_000  # house choice: a day of fragments of half a second
_MAXIMUM_TABLE_BYTES = 64 * 1024 * 1024  # house choice: eight million chunks, more than a day of sound
_MAXIMUM_DESCRIPTIONS = 100
_MAXIMUM_RECORD_BYTES = 65536  # house choice: a configuration record with many parameter sets
_STEREO_LAYOUTS = {1: "top_bottom", 2: "side_by_side", 4: "side_by_side"}
"""Of `st3d`, the box of Google's Spherical Video V2."""
_BOTH_EYES = 3
_CONFIGURATIONS = ("avcC", "hvcC", "av1C", "vpcC", "dvcC", "dvvC", "dvwC")
_IGNORED_IN_ENTRY = ("ac-3", "ec-3")  # channels and rate there mean nothing (ETSI TS 102 366 F.3)
_TEMPLATE_CHANNELS, _LONG_ENTRY, _HIGHEST_RATE_HZ = 2, 2, 1 << 20
_PRORES_CHROMA = {**dict.fromkeys(("apch", "apcn", "apcs", "apco"), "4:2:2"), "ap4h": "4:4:4", "ap4x": "4:4:4"}
_COMPRESSED = {
    **dict.fromkeys(("ulaw", "alaw"), Fraction(1)),
    "ima4": Fraction(34, 64),
    "MAC3": Fraction(1, 3),
    "MAC6": Fraction(1, 6),
}
"""Bytes of a sample of a channel (QTFF, sound media): the entry states the 16 bits that it is decoded to."""
_MAXIMUM_ENTRY_BYTES = 1024 * 1024  # house choice: a sample description with its extensions


Matrix = tuple[int, int, int, int]
"""The upper left of a display matrix, row by row, in units of 1/65536."""

CLEAN_APERTURE_OFFSETS = "clean_aperture.offsets_px"
"""Not a fact: how far the centre of the clean aperture is from the picture's, across and down."""

UNTURNED: Matrix = (1, 0, 0, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """One box: `start` of its header, `payload` of what it holds, `end` as it claims, which may lie beyond the file."""

    kind: str
    start: int
    payload: int
    end: int


@dataclass(kw_only=True, slots=True)
class BoxTrack:
    """What one `trak` states. Durations in its own `timescale`; edits are (duration, media time) in movie and media
    units. `others`: what its further sample descriptions state; `first_samples`: which sample each description begins
    with, counted from 1 and from 0. `encryption`: the scheme by which any of its samples are, or the sample entry where
    none is named."""

    identity: int = 0
    handler: str = ""
    timescale: int = 0
    duration: int = 0
    indexed_duration: int = 0
    entry: str = ""
    encryption: str | None = None
    sample_count: int = 0
    cadence: Cadence | None = None
    edits: tuple[tuple[int, int], ...] = ()
    has_edit_rates: bool = False
    picture: Facts = field(default_factory=dict)
    sound: Facts = field(default_factory=dict)
    pixel_aspect_ratio: Fraction | None = None
    matrix: Matrix = UNTURNED
    header_size_px: tuple[Fraction, Fraction] | None = None
    is_enabled: bool = True
    alternate_group: int = 0
    is_centre_channel: bool = False
    timecode: StatedTimecode | None = None
    first_composition: int = 0
    last_composition: int = 0
    end_of_essence: int = 0
    others: list[BoxTrack] = field(default_factory=list)
    first_samples: dict[int, int] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class BoxFile:
    """What the boxes of a file state. `promised_end`: first byte after all that sizes and chunk offsets speak of.
    `joined`: tracks of further indexes, where the file also has further essence."""

    brand: str | None = None
    movie_timescale: int = 0
    matrix: Matrix = UNTURNED
    has_index: bool = False
    index_before_essence: bool | None = None
    is_fragmented: bool = False
    promised_end: int = 0
    tracks: list[BoxTrack] = field(default_factory=list)
    joined: list[BoxTrack] = field(default_factory=list)


def walk(file: BinaryIO, start: int, stop: int) -> Iterator[Box]:
    """Yield the boxes from `start` up to `stop`; ends at a header that cannot be one. TooMuchError where they are more
    than is read."""
    for _ in range(_MAXIMUM_BOXES):
        if start + 8 > stop:
            return
        file.seek(start)
        header = file.read(16)
        if len(header) < 8:
            return
        size, kind = struct.unpack(">I4s", header[:8])
        payload = start + 8
        if size == 1:
            if len(header) < 16:
                return
            size, payload = struct.unpack(">Q", header[8:])[0], start + 16
        end = stop if size == 0 else start + size
        if end < payload:
            return
        yield Box(kind=kind.decode("latin-1"), start=start, payload=payload, end=end)
        start = end
    raise TooMuchError(f"it has more than {_MAXIMUM_BOXES:,} boxes in a row")


def read_boxes(file: BinaryIO, size: int) -> BoxFile:
    """Read what the file states about itself; a file without `moov` comes back with `has_index` false."""
    found = BoxFile()
    essence_at: int | None = None
    further = BoxFile()
    essence_count = 0
    for box in walk(file, 0, size):
        essence_count += box.kind == "mdat" and box.end > box.payload
        if box.kind not in TOP_LEVEL:
            break
        found.promised_end = max(found.promised_end, box.end)
        if box.kind == "ftyp":
            found.brand = _read(file, box, 4).decode("latin-1")
        elif box.kind == "mdat" and essence_at is None:
            essence_at = box.start
        elif box.kind == "moof":
            found.is_fragmented = True
        elif box.kind == "moov" and not found.has_index:
            found.has_index = True
            found.index_before_essence = essence_at is None
            _read_movie(file, box, size, found)
        elif box.kind == "moov" and len(further.tracks) < _MAXIMUM_DESCRIPTIONS:
            _read_movie(file, box, size, further)
    if essence_count > 1 and not found.is_fragmented:
        found.joined = further.tracks
    found.promised_end = max([found.promised_end, *(track.end_of_essence for track in found.tracks)])
    return found


def _read(file: BinaryIO, box: Box, limit: int) -> bytes:
    file.seek(box.payload)
    return file.read(max(0, min(box.end - box.payload, limit)))


def _children(file: BinaryIO, box: Box, size: int) -> Iterator[Box]:
    """The boxes in `box`, none of them further than it goes."""
    end = min(box.end, size)
    for child in walk(file, box.payload, end):
        yield child if child.end <= end else replace(child, end=end)


def _read_movie(file: BinaryIO, movie: Box, size: int, found: BoxFile) -> None:
    for box in _children(file, movie, size):
        if box.kind == "mvhd":
            data = _read(file, box, 100)
            found.movie_timescale, _ = read_times(data)
            found.matrix = _matrix(data[48 if data[:1] == b"\x01" else 36 :])
        elif box.kind == "trak" and len(found.tracks) < 1000:
            track = BoxTrack()
            _Track(file, size, track).read(box)
            found.tracks.append(track)


def read_times(data: bytes) -> tuple[int, int]:
    """Timescale and duration of an `mvhd` or `mdhd`, of version 0 or 1; zeros where it is cut short, and a duration of
    0 where all its bits are set: it is not known then."""
    try:
        if data[:1] == b"\x01":
            scale, duration = struct.unpack_from(">IQ", data, 20)
        else:
            scale, duration = struct.unpack_from(">II", data, 12)
    except struct.error:
        return 0, 0
    is_unknown = duration == (0xFFFFFFFFFFFFFFFF if data[:1] == b"\x01" else 0xFFFFFFFF)
    return scale, 0 if is_unknown else duration


class _Track:
    """Reads one `trak` box after another into a `BoxTrack`."""

    def __init__(self, file: BinaryIO, size: int, track: BoxTrack) -> None:
        self.file, self.size, self.track = file, size, track
        self.sample_bytes = Fraction(0)
        self.tables: dict[str, Box] = {}
        self.has_negative_times = False

    def read(self, box: Box) -> None:
        self._descend(box, depth=0)
        self._read_tables()

    def _descend(self, parent: Box, *, depth: int) -> None:
        for box in _children(self.file, parent, self.size):
            if box.kind in _INDEX and depth < len(_INDEX):
                self._descend(box, depth=depth + 1)
            elif box.kind == "tkhd":
                self._read_header(_read(self.file, box, 96))
            elif box.kind == "mdhd":
                self.track.timescale, self.track.duration = read_times(_read(self.file, box, 36))
            elif box.kind == "hdlr" and not self.track.handler:
                self.track.handler = _read(self.file, box, 12)[8:12].decode("latin-1")
            elif box.kind == "elst":
                rows = read_edits(_read(self.file, box, _MAXIMUM_ENTRY_BYTES))
                self.track.edits = tuple((duration, start) for duration, start, _ in rows)
                self.track.has_edit_rates = any(rate != _PLAIN_RATE for *_, rate in rows)
            elif box.kind == "stsd":
                self._read_description(box)
            elif box.kind in ("stts", "ctts", "stsz", "stsc", "stco", "co64"):
                self.tables.setdefault(box.kind, box)

    def _read_header(self, data: bytes) -> None:
        """Take the track's number, its display matrix, whether it is switched on (flag 1) and its alternate group."""
        is_long = data[:1] == b"\x01"
        identity, group, matrix = (20, 46, 52) if is_long else (12, 34, 40)
        self.track.identity = int.from_bytes(data[identity : identity + 4], "big")
        self.track.is_enabled = bool(data[3] & 1) if len(data) > 3 else True
        self.track.alternate_group = int.from_bytes(data[group : group + 2], "big")
        self.track.matrix = _matrix(data[matrix:])
        if len(data) >= matrix + 44:
            width, height = struct.unpack_from(">II", data, matrix + 36)
            self.track.header_size_px = (Fraction(width, 65536), Fraction(height, 65536)) if width and height else None

    def _read_description(self, description: Box) -> None:
        entries = Box(kind="stsd", start=description.start, payload=description.payload + 8, end=description.end)
        listed = list(islice(_children(self.file, entries, self.size), _MAXIMUM_DESCRIPTIONS))
        if not listed:
            return
        self._read_entry(listed[0])
        self.track.encryption = next(filter(None, map(self._encryption, listed)), None)
        for entry in listed[1:] if self.track.handler == "vide" else ():
            other = BoxTrack(handler="vide")
            _Track(self.file, self.size, other)._read_entry(entry)
            self.track.others.append(other)

    def _encryption(self, entry: Box) -> str | None:
        """The scheme type of a protected sample entry (ISO/IEC 14496-12 section 8.12.6)."""
        if entry.kind not in _PROTECTED:
            return None
        data = _read(self.file, entry, _MAXIMUM_ENTRY_BYTES)
        at = data.find(_SCHEME)
        scheme = data[at + 8 : at + 12] if at >= 0 else b""
        return scheme.decode("latin-1") if len(scheme) == 4 and scheme.isalnum() else entry.kind

    def _read_entry(self, entry: Box) -> None:
        self.track.entry = entry.kind
        data = _read(self.file, entry, 78)
        if self.track.handler == "vide" and len(data) >= 78:
            width, height = struct.unpack_from(">HH", data, 24)
            self.track.picture.update({"width_px": width, "height_px": height} if width and height else {})
            if entry.kind in _PRORES_CHROMA:
                self.track.picture["chroma_subsampling"] = _PRORES_CHROMA[entry.kind]
            self._read_extensions(entry, 78)
        elif self.track.handler == "soun" and len(data) >= 28:
            self._read_sound_entry(entry, data)
        elif entry.kind in SAMPLE_BYTES and len(data) >= 25:
            flags, scale, duration = struct.unpack_from(">III", data, 12)
            is_counter = bool(flags & 8)
            self.has_negative_times = bool(flags & 4)
            if not is_counter:
                rate = Fraction(scale, duration) if scale and duration else None
                self.track.timecode = StatedTimecode(
                    source="tmcd", start=0, rate=rate, is_drop_frame=bool(flags & 1), timescale=scale
                )

    def _read_sound_entry(self, entry: Box, data: bytes) -> None:
        version, channels, bits = struct.unpack_from(">H6xHH", data, 8)
        self.sample_bytes = channels * _COMPRESSED.get(entry.kind, Fraction(bits, 8))
        skipped = {0: 28, 1: 44, 2: 64}.get(version, 28)
        if version == 1 and len(data) >= 44:
            samples_per_packet, _, bytes_per_frame = struct.unpack_from(">III", data, 28)
            self.sample_bytes = Fraction(bytes_per_frame, samples_per_packet) if samples_per_packet else Fraction(0)
        if entry.kind not in _IGNORED_IN_ENTRY:
            self.track.sound.update(_sound_entry(version, channels, data))
        for box in self._extensions(entry, skipped):
            if box.kind in ("dac3", "dec3"):
                self.track.sound.update(read_sound_configuration(box.kind, _read(self.file, box, 64)))
            elif box.kind == "chan":
                tag, _, count, label = struct.unpack(">IIII", _read(self.file, box, 20)[4:].ljust(16, b"\0"))
                self.track.is_centre_channel = tag == 0 and count == 1 and label == 3

    def _extensions(self, entry: Box, skipped: int) -> Iterator[Box]:
        inside = Box(kind=entry.kind, start=entry.start, payload=entry.payload + skipped, end=entry.end)
        for box in _children(self.file, inside, self.size):
            if box.kind == "wave":
                yield from _children(self.file, box, self.size)
            yield box

    def _read_extensions(self, entry: Box, skipped: int) -> None:
        picture = self.track.picture
        for box in self._extensions(entry, skipped):
            data = _read(self.file, box, 64)
            if box.kind == "colr" and len(data) >= 10 and data[:4] in (b"nclc", b"nclx"):
                primaries, transfer, matrix = struct.unpack_from(">HHH", data, 4)
                picture["color_primaries"] = from_h273(COLOR_PRIMARIES, primaries)
                picture["color_transfer"] = from_h273(COLOR_TRANSFER, transfer)
                picture["color_matrix"] = from_h273(COLOR_MATRIX, matrix)
                if data[:4] == b"nclx" and len(data) >= 11:
                    picture["color_range"] = "full" if data[10] & 0x80 else "limited"
            elif box.kind == "pasp" and len(data) >= 8:
                horizontal, vertical = struct.unpack_from(">II", data)
                self.track.pixel_aspect_ratio = Fraction(horizontal, vertical) if horizontal and vertical else None
            elif box.kind == "ACLR" and len(data) >= 12 and data[:4] == b"ACLR":
                stated = {1: "limited", 2: "full"}.get(int.from_bytes(data[8:12], "big"))  # as Avid writes it
                picture.update({"color_range": stated} if stated else {})
            elif box.kind in _CONFIGURATIONS:
                self._read_configuration(box)
            elif box.kind == "clap" and len(data) >= 32:
                picture.update(_clean_aperture(data))
            elif box.kind == "st3d" and len(data) >= 5:
                picture.update({"is_stereoscopic": data[4] != 0, "stereoscopic_layout": _STEREO_LAYOUTS.get(data[4])})
            elif box.kind == "vexu":
                picture.update(self._eyes(box))
            elif box.kind == "fiel" and len(data) >= 2:
                picture.update(_fields(data[0], data[1]))

    def _eyes(self, box: Box) -> Facts:
        """Whether the track holds both eyes, by the stereo view information (`stri`) that Apple defines for `vexu`."""
        for eyes in _children(self.file, box, self.size):
            for one in _children(self.file, eyes, self.size) if eyes.kind == "eyes" else ():
                data = _read(self.file, one, 5)
                if one.kind == "stri" and len(data) == 5:
                    return {"is_stereoscopic": data[4] & _BOTH_EYES == _BOTH_EYES}
        return {}

    def _read_configuration(self, box: Box) -> None:
        """Take what a codec configuration record states; a `colr` box that came before it is the wrapper's word."""
        stated = read_configuration(box.kind, _read(self.file, box, _MAXIMUM_RECORD_BYTES))
        for name, value in stated.items():
            self.track.picture.setdefault(name, value)

    def _read_tables(self) -> None:
        if "stts" in self.tables:
            times = self._rows("stts", 2)
            cadence = cadence_of(times, self.track.timescale)
            self.track.indexed_duration = sum_of_products(times[:, 0], times[:, 1])
            self.track.cadence = cadence
            if cadence is not None and self.track.handler == "vide" and cadence.rate is not None:
                self.track.picture["frame_rate"] = cadence.rate
        if "ctts" in self.tables:
            offsets = self._rows("ctts", 2)[:, 1].astype(np.int32)
            self.track.first_composition = int(offsets[0]) if offsets.size else 0
            self.track.last_composition = int(offsets.max()) if offsets.size else 0
        if "stsz" in self.tables:
            uniform, count = struct.unpack(">II", _read(self.file, self.tables["stsz"], 12)[4:].ljust(8, b"\0"))
            self.track.sample_count = count
            self._find_end(uniform)
        if self.track.timecode is not None:
            self._read_timecodes()

    def _offsets(self) -> NDArray[np.uint64]:
        kind, width = ("co64", ">u8") if "co64" in self.tables else ("stco", ">u4")
        return numbers_of(self._table(kind), width).astype(np.uint64)

    def _find_end(self, uniform: int) -> None:
        """Find where the chunk that lies last in the file ends, by the sizes of its samples."""
        offsets = self._offsets()
        if not offsets.size or "stsc" not in self.tables:
            return
        last = int(offsets.argmax()) if offsets[-1] != offsets.max() else offsets.size - 1
        runs = ChunkRuns.of(self._rows("stsc", 3))
        if self.track.others:
            self.track.first_samples = runs.first_samples(_MAXIMUM_DESCRIPTIONS)
        first_sample, samples = runs.samples_of(last)
        samples = max(0, min(samples, self.track.sample_count - first_sample))
        if uniform:
            is_counted_in_bytes = uniform == 1 and self.track.handler == "soun" and self.sample_bytes
            size = int(samples * self.sample_bytes) if is_counted_in_bytes else samples * uniform
        else:
            size = self._sizes(first_sample, samples)
        if samples:
            self.track.end_of_essence = int(offsets[last]) + size

    def _sizes(self, first: int, count: int) -> int:
        table = self.tables["stsz"]
        start = table.payload + 12 + first * 4
        part = Box(kind="stsz", start=start, payload=start, end=min(table.end, start + count * 4))
        data = _read(self.file, part, _MAXIMUM_TABLE_BYTES)
        return int(numbers_of(data, ">u4").sum(dtype=np.uint64))

    def _read_timecodes(self) -> None:
        """A timecode track whose samples cannot be read says nothing. TooMuchError where they are more than is read."""
        if self.track.sample_count > MAXIMUM_SAMPLES:
            raise TooMuchError(f"a timecode track has more than {MAXIMUM_SAMPLES:,} samples")
        timecode, self.track.timecode = self.track.timecode, None
        numbers = read_numbers(
            self.file,
            self._offsets()[:MAXIMUM_SAMPLES].tolist(),
            self._rows("stsc", 3)[:MAXIMUM_SAMPLES].tolist(),
            count=self.track.sample_count,
            sample_bytes=SAMPLE_BYTES[self.track.entry],
            is_signed=self.has_negative_times,
        )
        if timecode is None or not numbers or not self.track.timescale:
            return
        self.track.timecode = with_samples(
            timecode,
            numbers,
            with_samples_only(self._rows("stts", 2), len(numbers)),
            ticks_per_s=self.track.timescale,
            skipped=next((start for _, start in self.track.edits if start > 0), 0),
        )

    def _rows(self, kind: str, columns: int) -> NDArray[np.int64]:
        """The rows of a table of so many 32-bit numbers each; none where it is missing."""
        return rows_of(self._table(kind), columns)

    def _table(self, kind: str) -> bytes:
        """What follows version, flags and the count of rows."""
        return _read(self.file, self.tables[kind], _MAXIMUM_TABLE_BYTES)[8:] if kind in self.tables else b""


def _sound_entry(version: int, channels: int, data: bytes) -> Facts:
    """Channels and rate of a sound sample entry (ISO/IEC 14496-12 section 12.2.3, QTFF). Two channels are what writers
    put in where they do not know, and what QuickTime's first version always has for coded sound."""
    if version == _LONG_ENTRY and len(data) >= 44:
        rate, channels = struct.unpack_from(">dI", data, 32)
    else:
        rate = int.from_bytes(data[24:26], "big")
    facts: Facts = {"sample_rate_hz": int(rate)} if 0 < rate < _HIGHEST_RATE_HZ else {}
    is_stated = channels != _TEMPLATE_CHANNELS or version == _LONG_ENTRY
    return facts | ({"channel_count": channels} if channels and is_stated else {})


def read_edits(data: bytes) -> tuple[tuple[int, int, int], ...]:
    """Duration, media time and rate of each edit."""
    row = struct.Struct(">Qqi" if data[:1] == b"\x01" else ">Iii")
    body = data[8:]
    count = min(int.from_bytes(data[4:8], "big"), len(body) // row.size)
    return tuple(row.iter_unpack(body[: count * row.size]))


def _matrix(data: bytes) -> Matrix:
    """The upper left of the display matrix that `data` begins with; unturned where that is cut short or zero."""
    if len(data) < 20:
        return UNTURNED
    a, b, c, d = struct.unpack(">ii4xii", data[:20])
    return (a, b, c, d) if a or b else UNTURNED


def _clean_aperture(data: bytes) -> Facts:
    """The `clap` extension (ISO/IEC 14496-12 section 12.1.4): width, height, and offsets of its centre from the
    picture's; nothing where a denominator is 0."""
    numbers = [
        Fraction(numerator, denominator) if denominator > 0 else None
        for numerator, denominator in struct.iter_unpack(">ii", data[:32])
    ]
    if None in numbers:
        return {}
    width, height, across, down = numbers
    return {
        "clean_aperture.width_px": width,
        "clean_aperture.height_px": height,
        CLEAN_APERTURE_OFFSETS: (across, down),
    }


def _fields(count: int, detail: int) -> Facts:
    """The `fiel` extension (QTFF): 1 and 9 show the upper field first, 6 and 14 the lower; zero says nothing of the
    order."""
    if count == 1:
        return {"scan": "progressive"}
    if count != 2:
        return {}
    order = {1: "tff", 9: "tff", 6: "bff", 14: "bff"}.get(detail)
    return {"scan": "interlaced"} | ({"field_order": order} if order else {})

"""Reads what streams of sound without an index state of their length, and whether their last packet is whole: FLAC,
Ogg, MPEG audio, ADTS, AC-3 and E-AC-3; decodes nothing.

Every size is taken as a claim: it moves a file position and sets no memory aside.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

from deliverqc.probing.reading import StatedLength
from deliverqc.probing.wrappers.bounds import TooMuchError

_TAIL_BYTES = 256 * 1024  # house choice: more than fifty of the longest frames
_PAGE_BYTES = 27 + 255 + 255 * 255  # the longest Ogg page (RFC 3533 section 6)
_FEWEST_FRAMES = 4  # house choice: so many headers in a row are no accident
_EXACT_S = Fraction(1, 1000)
_ID3_FOOTER = 0x10
_FIRST_PAGE, _LAST_PAGE = 2, 4
_PAGE_HEADER_BYTES = 27
_MAXIMUM_PAGES = 1_000_000  # house choice: ten hours of the shortest pages that writers make
_BIT_RATES_KBPS = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By version (1; 2 and 2.5 alike) and layer (ISO/IEC 11172-3 table in 2.4.2.3, ISO/IEC 13818-3 2.4.2.3)."""
_AC3_KBPS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)
"""ETSI TS 102 366 table 4.13."""
_AC3_RATES_HZ = (48_000, 44_100, 32_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundStream:
    """What a stream says of its end. `missing_byte_count`: of its last packet, or of what it counts in bytes; None
    where it states neither. `is_closed`: None where the format has no mark of its end."""

    missing_byte_count: int | None = None
    is_closed: bool | None = None
    shows_cut_end: bool = False
    lengths: tuple[StatedLength, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _MpegHeader:
    version: int
    layer: int
    sample_rate_hz: int
    is_mono: bool
    frame_bytes: int

    @property
    def samples(self) -> int:
        return 384 if self.layer == 1 else 576 if self.layer == 3 and self.version > 1 else 1152


def read_sound_stream(file: BinaryIO, size: int) -> SoundStream | None:
    """Read the stream that the file is, after a leading ID3v2 tag; None where it is none of those known here."""
    begin = _after_id3(file)
    file.seek(begin)
    start = file.read(42)
    if start[:4] == b"fLaC":
        return _flac(start)
    if start[:4] == b"OggS":
        return _ogg(file, size)
    for length_of in (_adts_bytes, _ac3_bytes, _mpeg_bytes):
        if length_of(start[:8]) and _is_chain(file, begin, size, length_of):
            missing = _missing_of_last(file, begin, size, length_of)
            return _mpeg_audio(file, begin, size, missing) if length_of is _mpeg_bytes else _framed(missing)
    return None


def _framed(missing: int | None) -> SoundStream:
    return SoundStream(missing_byte_count=missing or None)


def _after_id3(file: BinaryIO) -> int:
    file.seek(0)
    header = file.read(10)
    if header[:3] != b"ID3" or len(header) < 10:
        return 0
    length = sum((byte & 0x7F) << shift for byte, shift in zip(header[6:10], (21, 14, 7, 0), strict=True))
    return 10 + length + (10 if header[5] & _ID3_FOOTER else 0)


def _flac(start: bytes) -> SoundStream:
    """RFC 9639 section 8.2: 20 bits of sample rate, then 36 of the number of samples, 0 where it is not known."""
    if len(start) < 26:
        return SoundStream()
    packed = int.from_bytes(start[18:26], "big")
    rate, samples = packed >> 44, packed & ((1 << 36) - 1)
    if not rate or not samples:
        return SoundStream()
    length = StatedLength(
        source="STREAMINFO", duration_s=Fraction(samples, rate), key=0, name="sound 0", tolerance_s=_EXACT_S
    )
    return SoundStream(shows_cut_end=True, lengths=(length,))


def _ogg(file: BinaryIO, size: int) -> SoundStream:
    """Every logical stream counts its pages, and the last carries the mark of its end (RFC 3533 section 6). Of pages
    that are missing in between at least the headers are missing."""
    tail = _ogg_tail(file, size)
    lost, open_streams = _ogg_pages(file, size)
    return SoundStream(
        missing_byte_count=(tail.missing_byte_count or 0) + lost * _PAGE_HEADER_BYTES,
        is_closed=bool(tail.is_closed) and not open_streams,
        shows_cut_end=True,
    )


def _ogg_pages(file: BinaryIO, size: int) -> tuple[int, int]:
    """How many pages are missing between others, and how many streams have no last page; followed as far as pages
    follow each other, which tells nothing of the ends where that is not to the end of the file."""
    counts: dict[bytes, int] = {}
    ended: set[bytes] = set()
    lost = place = 0
    for _ in range(_MAXIMUM_PAGES):
        file.seek(place)
        header = file.read(_PAGE_HEADER_BYTES + 255)
        if len(header) < _PAGE_HEADER_BYTES or header[:5] != b"OggS\0":
            break
        serial, number = header[14:18], int.from_bytes(header[18:22], "little")
        is_first = bool(header[5] & _FIRST_PAGE) or serial not in counts
        if not is_first and number > counts[serial] + 1:
            lost += number - counts[serial] - 1
        counts[serial] = number
        if header[5] & _LAST_PAGE:
            ended.add(serial)
        count = header[26]
        place += _PAGE_HEADER_BYTES + count + sum(header[_PAGE_HEADER_BYTES : _PAGE_HEADER_BYTES + count])
    else:
        raise TooMuchError(f"it has more than {_MAXIMUM_PAGES:,} pages")
    return lost, len(counts.keys() - ended) if place == size else 0


def _ogg_tail(file: BinaryIO, size: int) -> SoundStream:
    start = max(0, size - _TAIL_BYTES - _PAGE_BYTES)
    file.seek(start)
    tail = file.read(size - start)
    place, is_last, end = 0, False, None
    while (place := tail.find(b"OggS", place)) >= 0:
        if place + 27 > len(tail) or tail[place + 4]:
            end = None if place + 27 <= len(tail) else start + place + 27
            place += 4
            continue
        count = tail[place + 26]
        table = tail[place + 27 : place + 27 + count]
        end = start + place + 27 + count + sum(table)
        is_last = bool(tail[place + 5] & _LAST_PAGE) and len(table) == count
        place = max(place + 4, min(end - start, len(tail)))
    missing = 0 if end is None else max(0, end - size)
    return SoundStream(missing_byte_count=missing, is_closed=is_last and not missing, shows_cut_end=True)


def _mpeg_header(data: bytes) -> _MpegHeader | None:
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return None
    version = {3: 1, 2: 2, 0: 25}.get(data[1] >> 3 & 3)
    layer, rate_index, bit_rate_index = 4 - (data[1] >> 1 & 3), data[2] >> 2 & 3, data[2] >> 4
    if version is None or layer == 4 or rate_index == 3 or not 0 < bit_rate_index < 15:
        return None
    rate = (44_100, 48_000, 32_000)[rate_index] // {1: 1, 2: 2, 25: 4}[version]
    bit_rate = _BIT_RATES_KBPS[min(version, 2), layer][bit_rate_index] * 1000
    padding = data[2] >> 1 & 1
    if layer == 1:
        length = (12 * bit_rate // rate + padding) * 4
    else:
        length = (72 if layer == 3 and version > 1 else 144) * bit_rate // rate + padding
    return _MpegHeader(version=version, layer=layer, sample_rate_hz=rate, is_mono=data[3] >> 6 == 3, frame_bytes=length)


def _mpeg_bytes(data: bytes) -> int:
    header = _mpeg_header(data)
    return header.frame_bytes if header is not None else 0


def _adts_bytes(data: bytes) -> int:
    """ISO/IEC 13818-7 6.2: twelve bits of sync, layer 0, and 13 bits of length from bit 30 on."""
    if len(data) < 6 or data[0] != 0xFF or data[1] & 0xF6 != 0xF0 or data[2] >> 2 & 15 > 12:
        return 0
    length = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
    return length if length >= 7 else 0


def _ac3_bytes(data: bytes) -> int:
    """ETSI TS 102 366 4.3 and E.1.2: AC-3 up to bsid 10, E-AC-3 from 11 to 16."""
    if len(data) < 6 or data[:2] != b"\x0b\x77":
        return 0
    if data[5] >> 3 > 10:
        return (((data[2] & 7) << 8 | data[3]) + 1) * 2
    rate_index, size_index = data[4] >> 6, data[4] & 63
    if rate_index == 3 or size_index >= 2 * len(_AC3_KBPS):
        return 0
    words = _AC3_KBPS[size_index // 2] * 96_000 // _AC3_RATES_HZ[rate_index]
    return (words + (size_index & 1 if rate_index == 1 else 0)) * 2


def _is_chain(file: BinaryIO, begin: int, size: int, length_of: Callable[[bytes], int]) -> bool:
    """Whether some headers follow each other, or as many as the file holds."""
    place = begin
    for _ in range(_FEWEST_FRAMES):
        file.seek(place)
        length = length_of(file.read(8))
        if not length:
            return False
        place += length
        if place >= size:
            return True
    return True


def _missing_of_last(file: BinaryIO, begin: int, size: int, length_of: Callable[[bytes], int]) -> int | None:
    """Bytes that the last frame promises beyond the end of the file; None where the frames cannot be followed there."""
    start = max(begin, size - _TAIL_BYTES)
    file.seek(start)
    tail = file.read(size - start)
    for first in range(min(len(tail), 8192)):
        if not length_of(tail[first : first + 8]):
            continue
        *_, (count, end) = _followed(tail, first, length_of)
        if count >= _FEWEST_FRAMES or (start == begin and first == 0):
            return max(0, end - len(tail))
    return None


def _followed(tail: bytes, first: int, length_of: Callable[[bytes], int]) -> Iterator[tuple[int, int]]:
    """How many frames follow each other from `first` on, and where the next would begin."""
    count, place = 0, first
    yield count, place
    while place < len(tail):
        length = length_of(tail[place : place + 8])
        if not length:
            return
        count, place = count + 1, place + length
        yield count, place


def _mpeg_audio(file: BinaryIO, begin: int, size: int, missing: int | None) -> SoundStream:
    """The frames and bytes that a Xing, Info or VBRI header counts, the header's own frame not among the frames."""
    file.seek(begin)
    data = file.read(256)
    header = _mpeg_header(data)
    if header is None:
        return _framed(missing)
    side_bytes = (17 if header.is_mono else 32) if header.version == 1 else (9 if header.is_mono else 17)
    tag = data[4 + side_bytes : 4 + side_bytes + 16]
    frames = stated_bytes = 0
    source = "VBRI header"
    if tag[:4] in (b"Xing", b"Info") and len(tag) == 16:
        source = f"{tag[:4].decode()} header"
        flags, first, second = struct.unpack(">III", tag[4:])
        frames = first if flags & 1 else 0
        stated_bytes = (second if flags & 1 else first) if flags & 2 else 0
    elif data[36:40] == b"VBRI":
        stated_bytes, frames = struct.unpack_from(">II", data, 46)
    if not frames and not stated_bytes:
        return _framed(missing)
    counts_tag = begin > 0 and stated_bytes == size  # some writers count the ID3v2 tag before it
    short = 0 if counts_tag else max(0, stated_bytes - (size - begin))
    frame_s = Fraction(header.samples, header.sample_rate_hz)
    length = StatedLength(
        source=source, duration_s=frames * frame_s, key=0, name="sound 0", tolerance_s=frame_s * 3 / 2
    )
    return SoundStream(
        missing_byte_count=max(short if short > header.frame_bytes else 0, missing or 0),
        shows_cut_end=True,
        lengths=(length,) if frames else (),
    )

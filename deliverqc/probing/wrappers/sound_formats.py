"""Reads how the PCM of W64, AIFF, AIFF-C and CAF files is stored, and of WAVE files by their own reader; decodes
nothing.

Every size is taken as a claim: it moves a file position and sets no memory aside.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import BinaryIO

from deliverqc.probing.wrappers.wave_format import WaveFormat, read_format_chunk, read_wave_format

_W64 = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
_W64_TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")  # of the GUIDs of its format and data chunks
_W64_FORM_BYTES, _W64_HEADER_BYTES, _W64_ALIGNMENT = 40, 24, 8
_MAXIMUM_CHUNKS = 1000
_MAXIMUM_FORMAT_BYTES = 64
_CAF_OPEN = (1 << 64) - 1
_CAF_FLOAT, _CAF_LITTLE_ENDIAN = 1, 2
_CAF_EDIT_COUNT_BYTES = 4  # at the start of its data chunk
_AIFF_INTEGER = (b"NONE", b"twos", b"sowt", b"in24", b"in32", b"ni24", b"42ni", b"23ni")
_AIFF_FLOAT = (b"fl32", b"FL32", b"fl64", b"FL64")
_LOOKED_AT_BYTES = 1 << 16
_STORED_BITS = (16, 24, 32)

Chunk = tuple[bytes, int, int]


def read_sound_format(file: BinaryIO, size: int) -> WaveFormat | None:
    """The format of a file that holds PCM; None for any other file or coding, and where it contradicts itself."""
    file.seek(0)
    start = file.read(16)
    if start == _W64:
        return _of_w64(file, size)
    if start[:4] == b"caff":
        return _of_caf(file, size)
    if start[:4] == b"FORM" and start[8:12] in (b"AIFF", b"AIFC"):
        return _of_aiff(file, size)
    return read_wave_format(file, size)


def _of_w64(file: BinaryIO, size: int) -> WaveFormat | None:
    form = b""
    for kind, payload, length in _w64_chunks(file, size):
        if kind == b"fmt " + _W64_TAIL:
            file.seek(payload)
            form = file.read(min(length, _MAXIMUM_FORMAT_BYTES))
        elif kind == b"data" + _W64_TAIL:
            return read_format_chunk(form, payload, min(length, size - payload))
    return None


def _w64_chunks(file: BinaryIO, size: int) -> Iterator[Chunk]:
    """Chunks of a 16-byte identifier and a 64-bit size that counts its own header, at multiples of eight bytes."""
    place = _W64_FORM_BYTES
    for _ in range(_MAXIMUM_CHUNKS):
        file.seek(place)
        header = file.read(_W64_HEADER_BYTES)
        length = int.from_bytes(header[16:24], "little")
        if len(header) < _W64_HEADER_BYTES or length < _W64_HEADER_BYTES:
            return
        yield header[:16], place + _W64_HEADER_BYTES, length - _W64_HEADER_BYTES
        place += length + -length % _W64_ALIGNMENT
        if place >= size:
            return


def _of_caf(file: BinaryIO, size: int) -> WaveFormat | None:
    """The audio description chunk and the place of the data (Apple Core Audio Format Specification, chapter 2). Samples
    that do not fill their bytes are aligned high; where the unused bits hold something they are not, and the format is
    left to libav."""
    place, description = 8, b""
    for _ in range(_MAXIMUM_CHUNKS):
        file.seek(place)
        header = file.read(12)
        length = int.from_bytes(header[4:12], "big")
        if len(header) < 12:
            return None
        if header[:4] == b"desc":
            description = file.read(32)
        elif header[:4] == b"data":
            begin = place + 12 + _CAF_EDIT_COUNT_BYTES
            end = size if length == _CAF_OPEN else min(place + 12 + length, size)
            return _caf_format(file, description, begin, end - begin)
        place += 12 + length
    return None


def _caf_format(file: BinaryIO, description: bytes, begin: int, data_bytes: int) -> WaveFormat | None:
    if len(description) < 32:
        return None
    rate, kind, flags, packet, frames, channels, valid = struct.unpack(">d4s5I", description)
    is_usable = kind == b"lpcm" and frames == 1 and channels and packet and packet % channels == 0
    if not is_usable or not math.isfinite(rate) or rate < 1 or not 0 < valid <= 8 * packet // channels:
        return None
    stored = 8 * packet // channels
    is_padded = stored in _STORED_BITS and stored - valid >= 8 and not flags & _CAF_FLOAT
    is_little = bool(flags & _CAF_LITTLE_ENDIAN)
    return WaveFormat(
        is_float=bool(flags & _CAF_FLOAT),
        channel_count=channels,
        sample_rate_hz=round(rate),
        stored_bits=stored,
        valid_bits=valid,
        channel_mask=0,
        data_start=begin,
        data_bytes=data_bytes,
        is_big_endian=not is_little,
        is_misread=is_padded and _is_aligned_high(file, begin, data_bytes, stored, valid, is_little=is_little),
    )


def _is_aligned_high(file: BinaryIO, begin: int, data_bytes: int, stored: int, valid: int, *, is_little: bool) -> bool:
    """Whether the bytes below the valid bits hold nothing in the first samples."""
    file.seek(begin)
    data = file.read(max(0, min(data_bytes, _LOOKED_AT_BYTES)))
    width, unused = stored // 8, (stored - valid) // 8
    places = range(unused) if is_little else range(width - unused, width)
    return not any(any(data[place::width]) for place in places)


def _of_aiff(file: BinaryIO, size: int) -> WaveFormat | None:
    """The common chunk (Apple AIFF and AIFF-C): sample points fill whole bytes, and are aligned high in them."""
    file.seek(8)
    is_compressed, place, common = file.read(4) == b"AIFC", 12, b""
    for _ in range(_MAXIMUM_CHUNKS):
        file.seek(place)
        header = file.read(8)
        if len(header) < 8:
            return None
        kind, length = struct.unpack(">4sI", header)
        if kind == b"COMM":
            common = file.read(min(length, _MAXIMUM_FORMAT_BYTES))
        elif kind == b"SSND":
            return _aiff_format(common, place + 16, min(length, size - place - 8) - 8, is_compressed=is_compressed)
        place += 8 + length + length % 2
    return None


def _aiff_format(common: bytes, begin: int, data_bytes: int, *, is_compressed: bool) -> WaveFormat | None:
    if len(common) < (22 if is_compressed else 18):
        return None
    channels, _, valid = struct.unpack_from(">HIH", common)
    exponent, mantissa = struct.unpack_from(">HQ", common, 8)
    coding = common[18:22] if is_compressed else b"NONE"
    rate = round(mantissa * 2.0 ** (min(exponent & 0x7FFF, 16446) - 16446)) if exponent else 0
    if coding not in (*_AIFF_INTEGER, *_AIFF_FLOAT) or not channels or not 0 < valid <= 64 or rate < 1:
        return None
    return WaveFormat(
        is_float=coding in _AIFF_FLOAT,
        channel_count=channels,
        sample_rate_hz=rate,
        stored_bits=-(-valid // 8) * 8,
        valid_bits=valid,
        channel_mask=0,
        data_start=begin,
        data_bytes=data_bytes,
        is_big_endian=coding != b"sowt",
        is_misread=False,
    )

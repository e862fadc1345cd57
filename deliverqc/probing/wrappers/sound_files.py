"""Reads how many bytes of sound W64, CAF and AU files state; decodes nothing.

Every size is taken as a claim: it moves a file position and sets no memory aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from deliverqc.probing.wrappers.bounds import TooMuchError

_MAXIMUM_CHUNKS = 10_000
_W64 = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
_W64_HEADER_BYTES, _W64_FORM_BYTES, _W64_ALIGNMENT = 24, 40, 8
_CAF_OPEN = (1 << 64) - 1
_AU_OPEN = 0xFFFFFFFF


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundFile:
    """`promised_end`: first byte after the chunks that state a size, None where none does. `is_closed`: the size of the
    sound is stated."""

    promised_end: int | None
    is_closed: bool


def read_sound_file(file: BinaryIO, size: int, start: bytes) -> SoundFile | None:
    """Read the file that begins with `start`; None where it is none of these."""
    if start[:16] == _W64:
        return _w64(file, size)
    if start[:4] == b"caff":
        return _caf(file, size)
    if start[:4] == b".snd" and len(start) >= 24:
        offset, length = int.from_bytes(start[4:8], "big"), int.from_bytes(start[8:12], "big")
        is_open = length == _AU_OPEN
        return SoundFile(promised_end=None if is_open else offset + length, is_closed=not is_open)
    return None


def _w64(file: BinaryIO, size: int) -> SoundFile:
    """Chunks of a 16-byte identifier and a 64-bit size that counts its own header, at multiples of eight bytes."""
    place, end, has_sound = _W64_FORM_BYTES, 0, False
    for _ in range(_MAXIMUM_CHUNKS):
        file.seek(place)
        header = file.read(_W64_HEADER_BYTES)
        length = int.from_bytes(header[16:24], "little")
        if len(header) < _W64_HEADER_BYTES or length < _W64_HEADER_BYTES:
            break
        has_sound = has_sound or header[:4] == b"data"
        end = place + length
        place = end + -end % _W64_ALIGNMENT
        if place >= size:
            break
    else:
        raise TooMuchError(f"it has more than {_MAXIMUM_CHUNKS:,} chunks in a row")
    return SoundFile(promised_end=end or None, is_closed=has_sound)


def _caf(file: BinaryIO, size: int) -> SoundFile:
    """Chunks of a type and a 64-bit size after an 8-byte header; a size of -1 leaves the sound open to the end."""
    place, end, has_sound = 8, 0, False
    for _ in range(_MAXIMUM_CHUNKS):
        file.seek(place)
        header = file.read(12)
        length = int.from_bytes(header[4:12], "big")
        if len(header) < 12 or (header[:4] == b"data" and length == _CAF_OPEN):
            break
        has_sound = has_sound or header[:4] == b"data"
        place = end = place + 12 + length
        if place >= size:
            break
    else:
        raise TooMuchError(f"it has more than {_MAXIMUM_CHUNKS:,} chunks in a row")
    return SoundFile(promised_end=end or None, is_closed=has_sound)

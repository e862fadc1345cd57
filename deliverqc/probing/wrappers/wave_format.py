"""Reads the format chunk of a WAVE file (RIFF, RF64, BW64): how its samples are stored; decodes nothing.

Every size is taken as a claim: it moves a file position and sets no memory aside.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

from deliverqc.facts.model import Facts

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
FORMAT_TAGS_OF_PCM = (_PCM, _FLOAT)
_SUB_FORMAT_TAIL = bytes.fromhex("000000001000800000aa00389b71")  # KSDATAFORMAT_SUBTYPE after its format tag
_MAXIMUM_CHUNKS = 1000
_MAXIMUM_FORMAT_BYTES = 64
_NOT_STATED = (0, 0xFFFFFFFF)
_FLOAT_BY_MISTAKE_BITS = (24, 32)  # libav reads integers of 24 valid bits in 32 as floating point


@dataclass(frozen=True, kw_only=True, slots=True)
class WaveFormat:
    """How samples are stored: `stored_bits` of a container, of which the upper `valid_bits` count; `channel_mask` 0:
    not stated. `data_bytes` None: the file's end, because the size was left open. `is_misread`: libav takes the
    samples for what they are not, by their numbers of bits."""

    is_float: bool
    channel_count: int
    sample_rate_hz: int
    stored_bits: int
    valid_bits: int
    channel_mask: int
    data_start: int
    data_bytes: int | None
    is_misread: bool
    is_big_endian: bool = False

    def to_facts(self, size: int) -> Facts:
        """What it states of the sound track, in a file of `size` bytes."""
        facts: Facts = {"bit_depth_bits": self.valid_bits, "codec_profile": "float" if self.is_float else None}
        if self.is_misread:
            stored = size - self.data_start if self.data_bytes is None else self.data_bytes
            frames = stored // (self.channel_count * self.stored_bits // 8)
            facts["duration_s"] = Fraction(frames, self.sample_rate_hz)
        return facts


def tag_of(form: bytes) -> int:
    """The coding that a format chunk names: of an extensible one, that of its sub-format; 0 where it is cut."""
    tag = int.from_bytes(form[:2], "little")
    return int.from_bytes(form[24:26], "little") if tag == _EXTENSIBLE else tag


def read_wave_format(file: BinaryIO, size: int) -> WaveFormat | None:
    """The format of a WAVE file that holds PCM; None for any other file or coding, and where it contradicts itself."""
    file.seek(0)
    start = file.read(12)
    if start[:4] not in (b"RIFF", b"RF64", b"BW64") or start[8:12] != b"WAVE":
        return None
    position, form, long_size = 12, b"", None
    for _ in range(_MAXIMUM_CHUNKS):
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:
            return None
        kind, length = struct.unpack("<4sI", header)
        if kind == b"ds64":
            long_size = int.from_bytes(file.read(16)[8:], "little")
        elif kind == b"fmt ":
            form = file.read(min(length, _MAXIMUM_FORMAT_BYTES))
        elif kind == b"data":
            stated = long_size if length == _NOT_STATED[1] and long_size else length
            return read_format_chunk(
                form, position + 8, None if stated in _NOT_STATED else min(stated, size - position - 8)
            )
        position += 8 + length + length % 2
    return None


def read_format_chunk(form: bytes, data_start: int, data_bytes: int | None) -> WaveFormat | None:
    """The format that a `fmt ` chunk states of PCM; None for any other coding, and where it contradicts itself."""
    if len(form) < 16:
        return None
    tag, channels, rate, _, align, bits = struct.unpack_from("<HHIIHH", form)
    valid, mask = bits, 0
    if tag == _EXTENSIBLE:
        if len(form) < 40 or form[26:40] != _SUB_FORMAT_TAIL:
            return None
        valid, mask, tag = struct.unpack_from("<HIH", form, 18)
        valid = valid if 0 < valid <= bits else bits
    if tag not in (_PCM, _FLOAT) or not channels or not rate or bits % 8 or align != channels * bits // 8:
        return None
    return WaveFormat(
        is_float=tag == _FLOAT,
        channel_count=channels,
        sample_rate_hz=rate,
        stored_bits=bits,
        valid_bits=valid,
        channel_mask=mask,
        data_start=data_start,
        data_bytes=data_bytes,
        is_misread=tag != _FLOAT and (valid, bits) == _FLOAT_BY_MISTAKE_BITS,
    )

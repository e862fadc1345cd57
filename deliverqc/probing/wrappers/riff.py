"""Walks the chunks of RIFF, RF64, AVI and AIFF files for the bytes and pictures that they promise; decodes nothing.

Every size is taken as a claim: it moves a file position and sets no memory aside.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import BinaryIO

from deliverqc.facts.model import Facts
from deliverqc.probing.reading import HeaderFault, StatedLength
from deliverqc.probing.wrappers.bounds import TooMuchError
from deliverqc.probing.wrappers.wave_faults import format_faults
from deliverqc.probing.wrappers.wave_format import FORMAT_TAGS_OF_PCM, tag_of

_NOT_STATED = (0, 0xFFFFFFFF)  # what writers leave in a 32-bit size that they never came back to, or that ds64 replaces
_MAXIMUM_CHUNKS = 100_000
_MAXIMUM_NAMES = 100  # house choice: far above the kinds of chunk that there are
_PADDING = bytes(4)  # where a chunk would be named: zeros, each eight of which read as an empty chunk
_NAME = re.compile(r"[A-Za-z0-9_ .-]{4}")
_LONG_PADDING_BYTES = 1024 * 1024  # house choice: libav walks through so many in a tenth of a second
_WRAP_BYTES = 1 << 32  # at which a 32-bit size begins again from 0
_SAMPLED_PLACES = 16  # house choice: enough to tell sound from padding
_SAMPLED_BYTES = 4096
_EXACT_S = Fraction(1, 1000)  # of PCM, which has no priming


@dataclass(kw_only=True, slots=True)
class RiffFile:
    """`promised_end`: first byte after all that the chunk sizes speak of; None where they are left open.

    `pictures`: what an AVI states of each stream of pictures, by the number of the stream. `is_closed`: false where the
    writer left a size open, as one that was broken off does. `lengths`: of the sound of a WAV, and of PCM in an AVI.
    `chunks`: the names of all chunks, each once. `faults`: of the format chunks of a WAV; None for other files.
    """

    promised_end: int | None = None
    pictures: dict[int, Facts] = field(default_factory=dict)
    is_closed: bool = True
    lengths: list[StatedLength] = field(default_factory=list)
    chunks: list[str] = field(default_factory=list)
    faults: tuple[HeaderFault, ...] | None = None


@dataclass(kw_only=True, slots=True)
class _Wave:
    """What a WAV says of its sound. `data`: start and length of each data chunk. `chunks_end`: first byte that is not
    part of a chunk."""

    tag: int = 0
    channel_count: int = 0
    sample_rate_hz: int = 0
    bytes_per_second: int = 0
    block_bytes: int = 0
    fact_samples: int = 0
    data: list[tuple[int, int]] = field(default_factory=list)
    forms: list[bytes] = field(default_factory=list)
    chunks_end: int = 0


def read_riff(file: BinaryIO, size: int) -> RiffFile:
    """Read the forms of a file that starts with RIFF, RF64, BW64 or FORM; a second RIFF chunk (OpenDML) is read too."""
    file.seek(0)
    kind = file.read(4)
    found = RiffFile()
    order = ">" if kind == b"FORM" else "<"
    sizes = _long_sizes(file, size) if kind in (b"RF64", b"BW64") else {}
    wave = _Wave()
    start = 0
    for _ in range(_MAXIMUM_CHUNKS):
        file.seek(start)
        header = file.read(12)
        if len(header) < 12 or header[:4] not in (b"RIFF", b"RF64", b"BW64", b"FORM"):
            break
        (length,) = struct.unpack(f"{order}4xI4x", header)
        length = sizes.get("RIFF", length)
        is_open = length in _NOT_STATED
        end = size if is_open else start + 8 + length
        found.promised_end = _later(found.promised_end, None if is_open else _without_padding(end, size))
        found.is_closed = found.is_closed and not (is_open and size > start + 12)
        _read_form(file, start + 12, min(end, size), order, sizes, found, wave)
        if header[8:] == b"WAVE" and length != sizes.get("RIFF"):
            _follow_chunks(file, wave, end + end % 2, size)
        start = end + end % 2
    else:
        raise TooMuchError(f"it has more than {_MAXIMUM_CHUNKS:,} forms in a row")
    if kind != b"FORM" and wave.data:
        found.lengths += _lengths(file, wave, size)
        found.faults = format_faults(wave.forms)
    return found


def _follow_chunks(file: BinaryIO, wave: _Wave, form_end: int, size: int) -> None:
    """Take in the data chunks after the end of a form whose size wrapped, or was never written again."""
    for kind, payload, length in _chunks(file, min(form_end, size), size, "<"):
        if kind in ("RIFF", "RF64", "BW64") or not _is_chunk(kind, payload + length, size):
            return
        if kind == "data":
            wave.data.append((payload, length))
        wave.chunks_end = max(wave.chunks_end, payload + length)


def _is_chunk(kind: str, end: int, size: int) -> bool:
    """Whether what reads as a chunk is one, and not sound that no chunk holds."""
    return _NAME.fullmatch(kind) is not None and end <= size + 1


def _lengths(file: BinaryIO, wave: _Wave, size: int) -> Iterator[StatedLength]:
    """The lengths that the chunks of a WAV state, and that of sound which no chunk speaks of."""
    rate = wave.bytes_per_second
    if not rate:
        return
    stated = sum(length for _, length in wave.data if length not in _NOT_STATED)
    if len(wave.data) > 1:
        yield StatedLength(
            source=f"{len(wave.data)} data chunks", duration_s=Fraction(stated, rate), key=0, tolerance_s=_EXACT_S
        )
    if len(wave.data) == 1 and wave.data[0][1] not in _NOT_STATED:
        begin, length = wave.data[0]
        behind = size - max(begin + length, wave.chunks_end)
        is_wrapped = size - begin - length >= _WRAP_BYTES
        if is_wrapped or (behind > rate and _is_sound(file, size - behind, size)):
            held = size - begin if is_wrapped else length + behind
            source = "file size: the data goes on after the end of the data chunk"
            yield StatedLength(source=source, duration_s=Fraction(held, rate), key=0)
    yield from _fact_length(wave, stated)


def _fact_length(wave: _Wave, stated_bytes: int) -> Iterator[StatedLength]:
    """What the fact chunk counts; of PCM some writers count the samples of all channels."""
    count, rate = wave.fact_samples, wave.sample_rate_hz
    if not rate or count in _NOT_STATED:
        return
    is_pcm = wave.tag in FORMAT_TAGS_OF_PCM
    if is_pcm and wave.block_bytes and count == stated_bytes // wave.block_bytes * wave.channel_count:
        return
    yield StatedLength(
        source="fact chunk", duration_s=Fraction(count, rate), key=0, tolerance_s=_EXACT_S if is_pcm else None
    )


def _is_sound(file: BinaryIO, start: int, stop: int) -> bool:
    """Whether at least half of the places that are looked at hold more than one value, as padding does not."""
    held = 0
    for place in range(_SAMPLED_PLACES):
        file.seek(start + (stop - start) * place // _SAMPLED_PLACES)
        held += len(set(file.read(_SAMPLED_BYTES))) > 1
    return held * 2 >= _SAMPLED_PLACES


def padding_start(file: BinaryIO, size: int) -> int | None:
    """Where a RIFF file goes on with zeros after its last chunk, each eight of which read as a chunk; None where it
    does not, or too few follow to matter."""
    file.seek(0)
    if file.read(4) not in (b"RIFF", b"RF64", b"BW64"):
        return None
    sizes = _long_sizes(file, size)
    place = 12
    for _ in range(_MAXIMUM_CHUNKS):
        file.seek(place)
        header = file.read(8)
        if len(header) < 8 or size - place < _LONG_PADDING_BYTES:
            return None
        kind, length = struct.unpack("<4sI", header)
        if kind == _PADDING:
            return place
        length = sizes.get("data", length) if kind == b"data" else length
        place += 8 + length + length % 2
    return None


def _later(first: int | None, second: int | None) -> int | None:
    return max((end for end in (first, second) if end is not None), default=None)


def _without_padding(end: int, size: int) -> int:
    """A form may count the padding byte of its last chunk, which is no loss where it is missing."""
    return size if end == size + 1 else end


def _read_form(
    file: BinaryIO, start: int, stop: int, order: str, sizes: dict[str, int], found: RiffFile, wave: _Wave
) -> None:
    for kind, payload, length in _chunks(file, start, stop, order):
        if _NAME.fullmatch(kind) and kind.strip() not in found.chunks and len(found.chunks) < _MAXIMUM_NAMES:
            found.chunks.append(kind.strip())
        if kind == "data":
            length = sizes.get("data", length)
            wave.data.append((payload, length))
        if kind in ("data", "SSND", "movi"):
            if length in _NOT_STATED:
                found.is_closed = found.is_closed and payload >= stop
                return
            found.promised_end = _later(found.promised_end, payload + length)
        elif kind in ("fmt ", "fact"):
            _read_format(file, kind, payload, length, wave)
        elif kind == "hdrl":
            _read_streams(file, payload, min(payload + length, stop), found)
        if _is_chunk(kind, payload + length, stop):
            wave.chunks_end = max(wave.chunks_end, payload + length)


def _read_format(file: BinaryIO, kind: str, payload: int, length: int, wave: _Wave) -> None:
    file.seek(payload)
    data = file.read(min(length, 40))
    if kind == "fact" and len(data) >= 4:
        (wave.fact_samples,) = struct.unpack_from("<I", data)
    elif kind == "fmt " and len(data) >= 14:
        wave.channel_count, wave.sample_rate_hz, wave.bytes_per_second, wave.block_bytes = struct.unpack_from(
            "<2xHIIH", data
        )
        wave.tag = tag_of(data)
        if len(wave.forms) < _MAXIMUM_NAMES:
            wave.forms.append(data)


def _chunks(file: BinaryIO, start: int, stop: int, order: str) -> Iterator[tuple[str, int, int]]:
    """Yield (kind, start of the payload, its length); a LIST goes by the kind of the list."""
    for _ in range(_MAXIMUM_CHUNKS):
        if start + 8 > stop:
            return
        file.seek(start)
        header = file.read(12)
        if len(header) < 8:
            return
        kind, length = struct.unpack(f"{order}4sI", header[:8])
        if kind == _PADDING:
            return
        payload = start + 8
        if kind == b"LIST" and len(header) == 12:
            yield header[8:12].decode("latin-1"), payload + 4, max(0, length - 4)
        else:
            yield kind.decode("latin-1"), payload, length
        start = payload + length + length % 2
    raise TooMuchError(f"it has more than {_MAXIMUM_CHUNKS:,} chunks in a row")


def _long_sizes(file: BinaryIO, size: int) -> dict[str, int]:
    """The 64-bit sizes of a `ds64` chunk (EBU Tech 3306)."""
    for kind, payload, length in _chunks(file, 12, size, "<"):
        if kind == "ds64" and length >= 16:
            file.seek(payload)
            data = file.read(16)
            if len(data) == 16:
                riff, essence = struct.unpack("<QQ", data)
                return {"RIFF": riff, "data": essence}
        break
    return {}


def _stream_length(number: int, duration_s: Fraction) -> StatedLength:
    return StatedLength(source="stream header", duration_s=duration_s, key=number, tolerance_s=_EXACT_S)


def _read_streams(file: BinaryIO, start: int, stop: int, found: RiffFile) -> None:
    number = -1
    is_picture = False
    for kind, payload, length in list(_chunks(file, start, stop, "<")):
        if kind != "strl":
            continue
        number += 1
        sound_s = None
        for inner, inside, inner_length in list(_chunks(file, payload, min(payload + length, stop), "<")):
            file.seek(inside)
            data = file.read(min(inner_length, 64))
            if inner == "strh" and len(data) >= 36:
                is_picture = data[:4] == b"vids"
                scale, rate, _, count = struct.unpack_from("<IIII", data, 20)
                if is_picture:
                    found.pictures[number] = {"frame_rate": Fraction(rate, scale)} if scale and rate else {}
                is_counted = data[:4] == b"auds" and scale and rate and count not in _NOT_STATED
                sound_s = Fraction(count * scale, rate) if is_counted else None
            elif (
                inner == "strf" and sound_s is not None and tag_of(data) in FORMAT_TAGS_OF_PCM
            ):  # of coded sound blocks are counted
                found.lengths.append(_stream_length(number, sound_s))
            elif inner == "strf" and is_picture and len(data) >= 12:
                width, height = struct.unpack_from("<ii", data, 4)
                if width > 0 and height:
                    found.pictures.setdefault(number, {}).update({"width_px": width, "height_px": abs(height)})

"""Finds and reads the sign-language video that a DCP carries as samples of an audio channel (ISDCF Document 13); knows
no package and judges nothing.

A block begins with five numbers of 32 bits: FFFFFFFF, the bytes of the segment, the bytes of the block, the bytes of
the header, FFFFFFFF. The header of a WebM file and a segment of it follow, then padding. A block lasts 2 s: 288,000
bytes of PCM with 24 bits at 48 kHz. The layout is that of ISDCF's own encoder, the limits those of the document.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av.container import InputContainer

CHANNEL = 14
"""Of sign-language video, from 0: ISDCF names it channel 15."""

_MARKER = b"\xff\xff\xff\xff"
_HEAD = struct.Struct(">5I")
_EBML = b"\x1a\x45\xdf\xa3"
_SAMPLE_BYTES = 3
_MOST_BLOCK_BYTES = 16 * 1024 * 1024  # house choice: nearly two minutes in a block of 2 s
_LOOK_S = 10
"""House choice: five blocks. A channel without one in its first 10 s carries none."""

_BITS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class SignLanguageVideo:
    """What the blocks of a channel hold. Values are of the first block; `max_bit_rate_bps` is that of the block with
    the most bytes of coded video. `unread_count`: blocks that no WebM reader opens."""

    codec: str | None
    width_px: int | None
    height_px: int | None
    frame_rate: Fraction | None
    pixel_format: str | None
    max_bit_rate_bps: int
    block_count: int
    unread_count: int


def read_sign_language(path: Path, channel: int = CHANNEL) -> SignLanguageVideo | None:
    """The video in a channel of the audio of a file; None where there is none. The whole channel is read where its
    first seconds have a block. OSError or ValueError where the file is not PCM with 24 bits, or cannot be read."""
    import av  # libraries that a headers run need not load

    from deliverqc.probing.opening import open_essence

    try:
        with open_essence(path) as file:
            rate = file.streams.audio[0].codec_context.sample_rate if file.streams.audio else 0
            samples = _samples(file, channel)
            return _read(_blocks(samples, _LOOK_S * rate * _SAMPLE_BYTES), rate * _SAMPLE_BYTES)
    except av.FFmpegError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _samples(file: InputContainer, channel: int) -> Iterator[bytes]:
    """The bytes of one channel, as the wrapper holds them."""
    import numpy as np

    if not file.streams.audio:
        raise ValueError("there is no audio")
    stream = file.streams.audio[0]
    count = stream.codec_context.channels
    if stream.codec_context.name != "pcm_s24le" or channel >= count:
        raise ValueError(f"{stream.codec_context.name} with {count} channels")
    for packet in file.demux(stream):
        data = np.frombuffer(bytes(packet), dtype=np.uint8)
        frames = len(data) // (count * _SAMPLE_BYTES)
        yield data[: frames * count * _SAMPLE_BYTES].reshape(frames, count, _SAMPLE_BYTES)[:, channel].tobytes()


def _blocks(samples: Iterator[bytes], look_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Each block: its length, and header and segment together. It ends where no block begins in `look_bytes`."""
    held, seen = bytearray(), 0
    for data in samples:
        held += data
        while True:
            at = held.find(_MARKER)
            keep = len(held) - len(_MARKER) + 1 if at < 0 else at
            seen += max(keep, 0)
            del held[: max(keep, 0)]
            if seen > look_bytes:
                return
            if at < 0 or len(held) < _HEAD.size:
                break
            first, segment, block, header, last = _HEAD.unpack_from(held)
            is_head = first == last and _HEAD.size + header + segment <= block <= _MOST_BLOCK_BYTES
            if not is_head or not segment or not header:
                del held[:1]
                seen += 1
                continue
            if len(held) < block:
                break
            whole = bytes(held[_HEAD.size : _HEAD.size + header + segment])
            del held[: block if whole.startswith(_EBML) else 1]
            if whole.startswith(_EBML):
                seen = 0
                yield block, whole


def _read(blocks: Iterator[tuple[int, bytes]], bytes_per_s: int) -> SignLanguageVideo | None:
    found: dict[str, Any] | None = None
    count = unread = largest = 0
    for length, webm in blocks:
        count += 1
        opened = _webm(webm)
        if opened is None:
            unread += 1
            continue
        values, coded_bytes, frames = opened
        largest = max(largest, round(Fraction(coded_bytes * _BITS * bytes_per_s, length)))
        if found is None:
            values["frame_rate"] = values["frame_rate"] or Fraction(frames * bytes_per_s, length)
            found = values
    if not count:
        return None
    empty = dict.fromkeys(("codec", "width_px", "height_px", "frame_rate", "pixel_format"))
    return SignLanguageVideo(**(found or empty), max_bit_rate_bps=largest, block_count=count, unread_count=unread)


def _webm(data: bytes) -> tuple[dict[str, Any], int, int] | None:
    """What a WebM file says of its video, the bytes of its packets, and how many there are; None where it cannot be
    opened or holds none."""
    import av

    from deliverqc.probing.opening import open_bytes

    try:
        with open_bytes(data, "matroska") as file:
            if not file.streams.video:
                return None
            stream = file.streams.video[0]
            context = stream.codec_context
            values = {
                "codec": context.name,
                "width_px": context.width,
                "height_px": context.height,
                "frame_rate": stream.guessed_rate,
                "pixel_format": context.pix_fmt,
            }
            sizes = [packet.size for packet in file.demux(stream) if packet.size]
            return values, sum(sizes), len(sizes)
    except (av.FFmpegError, ValueError):
        return None

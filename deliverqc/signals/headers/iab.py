"""Reads the frames of an immersive audio bitstream (IAB, SMPTE ST 2098-2): what each states of itself, and the beds and
objects in it; decodes no audio, and knows no wrapper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deliverqc.signals.headers.bits import Bits

_PREAMBLE, _FRAME_TAG = 1, 2  # section 9: tags of the two parts of a frame, each led by its length
_TAG_BYTES, _LENGTH_BYTES = 1, 4
_IA_FRAME, _BED, _OBJECT = 0x08, 0x10, 0x40  # section 10: ElementID
_HEAD_BYTES = 64
_VERSION = 1
_SAMPLE_RATES_HZ = {0: 48_000, 1: 96_000}
_BIT_DEPTHS = {0: 16, 1: 24}
_FRAME_RATES = {
    **dict(enumerate(("24/1", "25/1", "30/1", "48/1", "50/1", "60/1", "96/1", "100/1", "120/1"))),
    9: "24000/1001",
}
_MOST_ELEMENTS = 65_536

Fetch = Callable[[int, int], bytes]
"""Gives up to so many bytes from a place on; fewer where the bitstream ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IabFrame:
    """One frame. `end`: where the next one begins. `max_rendered`: how many bed channels and objects the frame states
    that are rendered at once. Beds and objects within others are alternatives of these, and not counted."""

    end: int
    sample_rate_hz: int
    bit_depth_bits: int
    frame_rate: str
    max_rendered: int
    bed_channel_count: int
    object_count: int


def read_frame(fetch: Fetch, at: int) -> IabFrame | None:
    """The frame that begins at `at`; None where there is none, where it is cut, or of a version that is not read."""
    try:
        return _read(fetch, at)
    except (EOFError, KeyError, ValueError):
        return None


def _read(fetch: Fetch, at: int) -> IabFrame:
    at, tag, length = _part(fetch, at)
    if tag != _PREAMBLE:
        raise ValueError("no preamble")
    at, tag, length = _part(fetch, at + length)
    end = at + length
    if tag != _FRAME_TAG or not length or len(fetch(end - 1, 1)) != 1:
        raise ValueError("no whole frame")
    kind, _, at = _element(fetch, at)
    bits = Bits(fetch(at, _HEAD_BYTES))
    if kind != _IA_FRAME or bits.take(8) != _VERSION:
        raise ValueError("not a frame of version 1")
    sample_rate_hz, depth = _SAMPLE_RATES_HZ[bits.take(2)], _BIT_DEPTHS[bits.take(2)]
    frame_rate = _FRAME_RATES[bits.take(4)]
    max_rendered, count = _plex(bits, 8), _plex(bits, 8)
    if count > _MOST_ELEMENTS:
        raise ValueError("too many elements")
    at += min(_HEAD_BYTES, len(fetch(at, _HEAD_BYTES))) - bits.left // 8
    channels = objects = 0
    for _ in range(count):
        kind, length, at = _element(fetch, at)
        if at + length > end:
            raise EOFError("an element goes beyond its frame")
        if kind == _BED:
            channels += _bed_channels(Bits(fetch(at, min(length, _HEAD_BYTES))))
        objects += kind == _OBJECT
        at += length
    return IabFrame(
        end=end,
        sample_rate_hz=sample_rate_hz,
        bit_depth_bits=depth,
        frame_rate=frame_rate,
        max_rendered=max_rendered,
        bed_channel_count=channels,
        object_count=objects,
    )


def _part(fetch: Fetch, at: int) -> tuple[int, int, int]:
    """Where the content of a preamble or frame begins, its tag and its length."""
    head = fetch(at, _TAG_BYTES + _LENGTH_BYTES)
    if len(head) < _TAG_BYTES + _LENGTH_BYTES:
        raise EOFError("the bitstream ends")
    return at + len(head), head[0], int.from_bytes(head[1:], "big")


def _element(fetch: Fetch, at: int) -> tuple[int, int, int]:
    """ElementID and size of an element, and where its content begins."""
    head = fetch(at, 14)
    bits = Bits(head)
    kind, size = _plex(bits, 8), _plex(bits, 8)
    return kind, size, at + len(head) - bits.left // 8


def _plex(bits: Bits, width: int) -> int:
    """Plex(n), section 8: a code of all ones says that one of twice the bits follows."""
    while width <= 32:
        value = bits.take(width)
        if value < (1 << width) - 1:
            return value
        width *= 2
    raise ValueError("a number is too long")


def _bed_channels(bits: Bits) -> int:
    """ChannelCount of a BedDefinition: behind MetaID and the condition, which has a use case of 8 bits if set."""
    _plex(bits, 8)
    if bits.take(1):
        bits.take(8)
    return _plex(bits, 4)

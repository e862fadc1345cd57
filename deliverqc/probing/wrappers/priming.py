"""What wrappers state of priming: the samples that an encoder puts before the sound and the padding behind it, which a
player skips; knows no decoder.

Read are edit lists (ISO/IEC 14496-12 section 8.6.6), Apple's iTunSMPB, the LAME tag of an MP3 file and CodecDelay of
Matroska.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from deliverqc.probing.wrappers.isobmff import Box, BoxFile, BoxTrack

_MP3_DECODER_DELAY = 529
"""House choice with all players known: LAME's tag counts the encoder's delay only, and a decoder of layer III adds 528
samples and one more."""
_SYNC_AND_LAYER, _LAYER_III = 0xE6, 0xE2  # ISO/IEC 11172-3 section 2.4.1.3
_TAG_REACH = 4096
_FIRST_FRAME_REACH = 64  # the tag begins behind the side information, of 32 bytes at most
_DELAYS_AT = 21  # of the LAME tag: 12 bits of delay, 12 of padding
_COUNTED = (1, 2, 4, 8)  # flags of the Xing header, and what follows each
_COUNTED_BYTES = {1: 4, 2: 4, 4: 100, 8: 4}
_MOST_ITEMS = 200
_MOST_ITEM_BYTES = 4096
_FULL_BOX_BYTES = 4
_DATA_HEAD_BYTES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Priming:
    """How much a player skips of one track, and what says so: `edit_list`, `itunsmpb`, `lame_tag`, `codec_delay` or
    `opus_head`. `start` and `end` are in units of `unit_s` seconds, or in samples of the track where that is None.
    `end` is None where padding is not stated."""

    source: str
    start: Fraction
    end: Fraction | None = None
    unit_s: Fraction | None = None

    def samples(self, sample_rate_hz: int) -> tuple[int, int | None]:
        """What is skipped at the start and at the end, in samples of that rate."""
        scale = Fraction(1) if self.unit_s is None else self.unit_s * sample_rate_hz
        return round(self.start * scale), None if self.end is None else round(self.end * scale)


def of_boxes(file: BinaryIO, size: int, found: BoxFile) -> dict[int, Priming]:
    """The priming of the audio tracks of an MP4 or QuickTime file, by the identity of the track."""
    sounds = [track for track in found.tracks if track.handler == "soun"]
    stated = {track.identity: edited for track in sounds if (edited := _of_edits(track, found)) is not None}
    if not stated and len(sounds) == 1 and (apple := _itunsmpb(file, size)) is not None:
        return {sounds[0].identity: apple}
    return stated


def _of_edits(track: BoxTrack, found: BoxFile) -> Priming | None:
    """The part of the media before the first edit that shows any, and behind a single one."""
    shown = [(duration, start) for duration, start in track.edits if start >= 0]
    if not shown or not track.timescale or shown[0][1] == 0:
        return None
    duration, first = shown[0]
    start_s, end_s = Fraction(first, track.timescale), None
    if len(shown) == 1 and duration and found.movie_timescale and track.indexed_duration and not found.is_fragmented:
        left = _coded_s(track) - start_s - Fraction(duration, found.movie_timescale)
        is_rounding = left <= Fraction(1, found.movie_timescale)
        end_s = Fraction(0) if is_rounding else left
    return Priming(source="edit_list", start=start_s, end=end_s, unit_s=Fraction(1))


def _coded_s(track: BoxTrack) -> Fraction:
    """How long the packets are that a track holds; some writers state the padding by a shorter time for the last."""
    if track.cadence is not None and track.cadence.is_constant and track.cadence.rate:
        return track.sample_count / track.cadence.rate
    return Fraction(track.indexed_duration, track.timescale)


def _itunsmpb(file: BinaryIO, size: int) -> Priming | None:
    """Apple's comment `iTunSMPB`: after eight digits the priming, the padding and the samples between, in hexadecimal
    (Apple Technical Note on gapless audio)."""
    from deliverqc.probing.wrappers.isobmff import walk

    place = (0, size)
    for kind, head in (("moov", 0), ("udta", 0), ("meta", _FULL_BOX_BYTES), ("ilst", 0)):
        box = next((box for box in walk(file, *place) if box.kind == kind), None)
        if box is None:
            return None
        place = (box.payload + head, min(box.end, size))
    for number, item in enumerate(walk(file, *place)):
        if number >= _MOST_ITEMS:
            return None
        if item.kind == "----" and (text := _comment(file, item, size)) is not None:
            words = text.split()
            try:
                return Priming(source="itunsmpb", start=Fraction(int(words[1], 16)), end=Fraction(int(words[2], 16)))
            except (IndexError, ValueError):
                return None
    return None


def _comment(file: BinaryIO, item: Box, size: int) -> str | None:
    from deliverqc.probing.wrappers.isobmff import walk

    held: dict[str, bytes] = {}
    for box in walk(file, item.payload, min(item.end, size)):
        file.seek(box.payload + _FULL_BOX_BYTES)
        held[box.kind] = file.read(max(0, min(box.end - box.payload - _FULL_BOX_BYTES, _MOST_ITEM_BYTES)))
    if held.get("name") != b"iTunSMPB":
        return None
    return held.get("data", b"")[_DATA_HEAD_BYTES - _FULL_BOX_BYTES :].decode("ascii", "replace")


def of_mp3(file: BinaryIO) -> dict[int, Priming] | None:
    """What the LAME tag in the first frame of an MP3 file states, by the order of the track; None of other files."""
    file.seek(0)
    head = file.read(10)
    begins = 0
    if head[:3] == b"ID3" and len(head) == 10:
        begins = 10 + sum((byte & 127) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    file.seek(begins)
    data = file.read(_TAG_REACH)
    if len(data) < 2 or data[0] != 0xFF or data[1] & _SYNC_AND_LAYER != _LAYER_III:
        return None
    at = min((place for place in (data.find(b"Xing"), data.find(b"Info")) if place >= 0), default=-1)
    if not 0 <= at < _FIRST_FRAME_REACH:
        return {}
    flags = int.from_bytes(data[at + 4 : at + 8], "big")
    tag = at + 8 + sum(_COUNTED_BYTES[flag] for flag in _COUNTED if flags & flag)
    if data[tag : tag + 4] not in (b"LAME", b"Lavf", b"Lavc"):
        return {}
    both = int.from_bytes(data[tag + _DELAYS_AT : tag + _DELAYS_AT + 3], "big")
    return {
        0: Priming(
            source="lame_tag",
            start=Fraction((both >> 12) + _MP3_DECODER_DELAY),
            end=Fraction(max(0, (both & 0xFFF) - _MP3_DECODER_DELAY)),
        )
    }

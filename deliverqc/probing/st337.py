"""Finds coded audio that is carried in place of PCM samples (SMPTE ST 337) by its preambles; decodes nothing.

A burst begins with the words Pa and Pb, in successive channels of a frame, in the same sample of two tracks of one
channel, or after each other in one channel. Pc names the coding (SMPTE ST 338).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_PREAMBLES = ((0xF872, 0x4E1F, 16), (0x6F872, 0x54E1F, 20), (0x96F872, 0xA54E1F, 24))
"""Pa, Pb and their bits: ST 337 section 6, Table 5."""
_CODINGS = {1: "ac3", 16: "eac3", 21: "eac3", 28: "dolby_e"}
"""Data types of ST 338 Table 2, and 21 of IEC 61937-3, as writers of files for consumers have it."""
_TYPE_BITS = 0x1F


@dataclass(frozen=True, kw_only=True, slots=True)
class PcmStart:
    """The first samples of a track, interleaved as they are stored; `sample_bytes` is that of one sample."""

    data: bytes
    sample_bytes: int
    channel_count: int
    is_big_endian: bool

    def word(self, value: int, bits: int) -> bytes:
        """A word of the preamble as a sample, which holds it in its upper bits; empty where it does not fit."""
        room = self.sample_bytes * 8 - bits
        return (
            (value << room).to_bytes(self.sample_bytes, "big" if self.is_big_endian else "little") if room >= 0 else b""
        )

    def upper(self, sample: int) -> int:
        """The upper 16 bits of a sample, counted over all channels."""
        raw = self.data[sample * self.sample_bytes : (sample + 1) * self.sample_bytes]
        value = int.from_bytes(raw, "big" if self.is_big_endian else "little")
        return value >> (self.sample_bytes * 8 - 16)


Coded = dict[int, tuple[str, tuple[int, ...]]]


def find_coded(tracks: Sequence[PcmStart | None]) -> Coded:
    """By number of the track: the coding and the channels that hold it. A track that is None holds no PCM."""
    found: Coded = {}
    for number, track in enumerate(tracks):
        if track is None or track.sample_bytes < 2:
            continue
        for coding, channel in _bursts(track):
            channels = (channel,) if track.channel_count == 1 else (channel, channel + 1)
            before = found.get(number, (coding, ()))[1]
            found[number] = (coding, tuple(sorted({*before, *channels})))
        second = tracks[number + 1] if number + 1 < len(tracks) else None
        if number not in found and second is not None and track.channel_count == second.channel_count == 1:
            coding_of_pair = _burst_in_pair(track, second)
            if coding_of_pair is not None:
                found[number] = found[number + 1] = (coding_of_pair, (0,))
    return found


def _bursts(track: PcmStart) -> Iterator[tuple[str, int]]:
    """Coding and first channel of the first burst in each place."""
    seen: set[int] = set()
    for first, second, bits in _PREAMBLES:
        pattern = track.word(first, bits) + track.word(second, bits)
        for sample in _samples(track, pattern, 2):
            channel = sample % track.channel_count
            coding = _coding(track, sample + (2 if track.channel_count <= 2 else track.channel_count))
            if (
                coding is not None
                and channel not in seen
                and (track.channel_count == 1 or channel + 1 < track.channel_count)
            ):
                seen.add(channel)
                yield coding, channel


def _burst_in_pair(first: PcmStart, second: PcmStart) -> str | None:
    for upper, lower, bits in _PREAMBLES:
        pattern, other = first.word(upper, bits), second.word(lower, bits)
        for sample in _samples(first, pattern, 1):
            at = sample * second.sample_bytes
            if second.data[at : at + len(other)] == other and (coding := _coding(first, sample + 1)):
                return coding
    return None


def _coding(track: PcmStart, sample: int) -> str | None:
    """The coding that Pc names at `sample`; None for null data, pauses and what is not known."""
    return _CODINGS.get(track.upper(sample) & _TYPE_BITS)


def _samples(track: PcmStart, pattern: bytes, words: int) -> Iterator[int]:
    """Where the pattern stands at the start of a sample, counted over all channels."""
    if len(pattern) < words * track.sample_bytes:
        return
    at = track.data.find(pattern)
    while at >= 0:
        if at % track.sample_bytes == 0:
            yield at // track.sample_bytes
        at = track.data.find(pattern, at + 1)

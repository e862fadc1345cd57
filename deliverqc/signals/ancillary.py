"""Reads the tracks of closed captions (QuickTime and MP4) and of ancillary data (MXF, SMPTE ST 436-1) in the pass that
decodes the essence; knows no fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from av.container import InputContainer

from deliverqc.signals.caption_data import RUNS, CaptionCollector
from deliverqc.signals.headers.caption_services import ServiceReader
from deliverqc.signals.headers.captions import (
    LINE_21_IDENTITY,
    NOT_LOOKED_AT,
    ancillary_captions,
    ancillary_packets,
    ancillary_triplets,
)
from deliverqc.signals.remarks import seconds_of
from deliverqc.signals.tables import CaptionSignal, CaptionTrack
from deliverqc.timed_text.cdp import triplets_in

if TYPE_CHECKING:
    from av import Packet
    from av.stream import Stream

    from deliverqc.signals.frame_reader import FrameContainer

_VANC = "vbi_vanc_smpte_436M"  # libav's word for the essence container label of ancillary data packets
ANCILLARY, LINE_21 = "st436_vanc", "st436_line_21"
_FIELDS = {b"cdat": 0xFC, b"cdt2": 0xFD}
_PACKETS_708 = (b"ccdp",)
"""Atoms of a sample, by QTFF: byte pairs of field 1 and of field 2, and a caption distribution packet."""


@dataclass(slots=True)
class AncillaryTracks:
    """The tracks by stream index, and what was found in them: carriers and services of captions. `is_read`: all
    ancillary data could be read; `unread`: tracks of which a packet could not be."""

    carriers: dict[int, str] = field(default_factory=dict)
    streams: list[Stream] = field(default_factory=list)
    captions: int = 0
    is_read: bool = True
    readers: dict[int, ServiceReader] = field(default_factory=dict)
    held: dict[tuple[int, str], CaptionCollector] = field(default_factory=dict)
    unread: set[int] = field(default_factory=set)

    def see(self, packet: Packet[Any]) -> None:
        """Look at a packet of one of the tracks."""
        index, data = packet.stream_index, bytes(packet)
        at = seconds_of(packet.pts if packet.pts is not None else packet.dts, packet.time_base)
        if self.carriers[index] == ANCILLARY:
            self._see_ancillary(packet, at, data)
            return
        triplets = track_triplets(data)
        if triplets is None:
            self.unread.add(index)
        else:
            self.readers[index].feed(at, triplets)
            self._keep(packet, self.carriers[index], triplets)

    def _see_ancillary(self, packet: Packet[Any], at: Fraction | None, data: bytes) -> None:
        index = packet.stream_index
        found = ancillary_captions(data)
        if found == NOT_LOOKED_AT:
            self.is_read = False
        else:
            self.captions |= found
        for one in ancillary_packets(data) if found else ():
            if one is None:
                self.unread.add(index)
            else:
                triplets = ancillary_triplets(*one)
                self.readers[index].feed(at, triplets)
                self._keep(packet, LINE_21 if one[0] == LINE_21_IDENTITY else ANCILLARY, triplets)

    def _keep(self, packet: Packet[Any], carrier: str, triplets: bytes) -> None:
        kept = self.held.setdefault((packet.stream_index, carrier), CaptionCollector())
        kept.add(
            packet.pts if packet.pts is not None else packet.dts, packet.time_base, triplets, is_run=carrier in RUNS
        )

    def told(self) -> int | None:
        """What ancillary data holds; None where nothing was found, and not all could be read."""
        return self.captions if self.captions or self.is_read else None

    def kept(self, origin: Fraction) -> tuple[CaptionSignal, ...]:
        """The triplets of each track that could be read, timed from `origin`."""
        return tuple(
            kept.finish(origin, source="track", index=index, carrier=carrier)
            for (index, carrier), kept in sorted(self.held.items())
            if index not in self.unread and kept.counts
        )

    def tracks(self, origin: Fraction) -> tuple[CaptionTrack, ...] | None:
        """What each track holds, timed from `origin`; None where one could not be read."""
        if self.unread:
            return None
        return tuple(
            CaptionTrack(index=index, carrier=carrier, services=self.readers[index].services(origin))
            for index, carrier in sorted(self.carriers.items())
        )


def ancillary_tracks(
    container: InputContainer | FrameContainer, captions: Sequence[tuple[int, str]]
) -> AncillaryTracks:
    """The tracks of ancillary data in a file, and those for `captions`, as stream index and kind; an image sequence has
    none."""
    if not isinstance(container, InputContainer):
        return AncillaryTracks()
    carriers = dict(captions) | {
        one.index: ANCILLARY
        for one in container.streams
        if one.type == "data" and one.metadata.get("data_type") == _VANC
    }
    return AncillaryTracks(
        carriers=carriers,
        streams=[one for one in container.streams if one.index in carriers],
        readers={index: ServiceReader() for index in carriers},
    )


def track_triplets(sample: bytes) -> bytes | None:
    """The triplets of cc_data in a sample of a track of closed captions; None where it is something else. libav gives
    line 21 as triplets already."""
    if len(sample) % 3 == 0 and all(head in _FIELDS.values() for head in sample[::3]):
        return sample
    found = bytearray()
    for kind, body in _atoms(sample):
        if kind in _FIELDS:
            for at in range(0, len(body) - 1, 2):
                found += bytes((_FIELDS[kind], *body[at : at + 2]))
        elif kind in _PACKETS_708:
            triplets = triplets_in(body) if body else b""
            if triplets is None:
                return None
            found += triplets
        else:
            return None
    return bytes(found)


def _atoms(sample: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of each atom; an empty kind where one is cut."""
    at = 0
    while at < len(sample):
        size = int.from_bytes(sample[at : at + 4], "big")
        if size < 8 or at + size > len(sample):
            yield b"", b""
            return
        yield sample[at + 4 : at + 8], sample[at + 8 : at + size]
        at += size


def joined_captions(parts: Iterable[int | None]) -> int | None:
    """What was found in any of the parts of a master; None where nothing was, and one could not be read."""
    held = list(parts)
    found = 0
    for one in held:
        found |= one or 0
    return None if None in held and not found else found


def joined_tracks(parts: Iterable[tuple[CaptionTrack, ...] | None]) -> tuple[CaptionTrack, ...] | None:
    """The tracks of any of the parts of a master, of which none holds captions; None where one could not be read.
    ValueError where one does hold captions: the codes that a part begins with belong to what is before it."""
    held = list(parts)
    if any(track.services for tracks in held for track in tracks or ()):
        raise ValueError("captions run over a join")
    return None if None in held else next(iter(held), ())

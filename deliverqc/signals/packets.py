"""Collects the packets of the main picture track: how large each is, when it is shown, and what its header says; knows
no fact."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np

from deliverqc.signals.caption_data import RUNS, CaptionCollector
from deliverqc.signals.headers import header_reader
from deliverqc.signals.headers.captions import CARRIERS, Payload, caption_reader
from deliverqc.signals.headers.jpeg2000 import CodingCollector
from deliverqc.signals.headers.model import CLOSED, INTRA, KINDS, HeaderReader, PictureHeader
from deliverqc.signals.tables import NO_STAMP, CaptionSignal, PacketSignal

_CLOSED_BY_NATURE = frozenset(["vp8", "vp9", "av1", "libdav1d", "libaom-av1"])
"""Codings whose key frames forget all before them."""

_JPEG2000 = ("jpeg2000", "libopenjpeg")

_NAMES = {bit: name for name, bit in CARRIERS.items()}

_STANDS_ALONE = PictureHeader(kind=INTRA, access=CLOSED, refers_back=0, pulldown=0)
_REFERS = PictureHeader(refers_back=0, pulldown=0)
_UNKNOWN = PictureHeader()


@dataclass(slots=True, kw_only=True)
class PacketCollector:
    """Rows of the table of packets. `reader`: of headers, for codings that have one; `alone`: what is known of a key
    frame, and `other` of any other picture, where there is none. `coding`: collects that of JPEG 2000.
    `captions_of`: which carriers and services of captions a packet holds, and their payloads; None where the coding has
    none. `stamps`: when each is shown, in ticks of the container. `held`: payloads by carrier."""

    reader: HeaderReader | None
    alone: PictureHeader
    other: PictureHeader
    coding: CodingCollector | None = None
    captions_of: Callable[[bytes], tuple[int, Sequence[Payload]]] | None = None
    captions: array[int] = field(default_factory=lambda: array("h"))
    held: dict[str, CaptionCollector] = field(default_factory=dict)
    sizes: array[int] = field(default_factory=lambda: array("L"))
    stamps: array[int] = field(default_factory=lambda: array("q"))
    tick_s: Fraction = Fraction(0)
    headers: dict[str, array[int]] = field(
        default_factory=lambda: {name: array("b" if kind is np.int8 else "q") for name, kind in KINDS.items()}
    )

    def see(self, packet: av.Packet[Any], at: Fraction | None) -> None:
        """Take a packet that is whole, which is shown at that time of the container's clock."""
        self.sizes.append(packet.size)
        stamp = packet.pts if packet.pts is not None else packet.dts
        self.stamps.append(NO_STAMP if at is None or stamp is None else stamp)
        self.tick_s = packet.time_base or self.tick_s
        data = b"" if self.reader is None and self.coding is None and self.captions_of is None else bytes(packet)
        without = self.alone if packet.is_keyframe else self.other
        header = self.reader.read(data) if self.reader is not None else without
        if self.coding is not None:
            self.coding.see(data)
        found, payloads = (0, ()) if self.captions_of is None else self.captions_of(data)
        self.captions.append(found)
        for carrier, triplets in payloads if found > 0 else ():
            kept = self.held.setdefault(_NAMES[carrier], CaptionCollector())
            kept.add(packet.pts, packet.time_base, triplets, is_run=_NAMES[carrier] in RUNS)
        for name, value in zip(KINDS, header, strict=True):
            self.headers[name].append(value)

    def finish(self, origin: Fraction | None) -> PacketSignal:
        """The table, with times after `origin`."""
        begins = origin or Fraction(0)
        times = [float("nan") if stamp == NO_STAMP else float(stamp * self.tick_s - begins) for stamp in self.stamps]
        return PacketSignal(
            size_bytes=np.array(self.sizes, dtype=np.uint32),
            start_s=np.array(times, dtype=np.float64),
            extended={name: np.array(self.headers[name], dtype=kind) for name, kind in KINDS.items()}
            | {"captions": np.array(self.captions, dtype=np.int16)}
            | (self.coding.columns() if self.coding is not None else {}),
            codings=self.coding.codings if self.coding is not None else (),
        )

    def kept_captions(self, origin: Fraction) -> tuple[CaptionSignal, ...]:
        """What each carrier holds, timed from `origin`."""
        return tuple(
            kept.finish(origin, source="picture", index=None, carrier=carrier)
            for carrier, kept in sorted(self.held.items())
            if kept.counts
        )


def packet_collector(stream: av.VideoStream, *, is_intra_only: bool) -> PacketCollector:
    """The collector of a track."""
    context = stream.codec_context
    is_known = is_intra_only or context.name in _CLOSED_BY_NATURE
    return PacketCollector(
        reader=header_reader(context.name, context.extradata),
        alone=_STANDS_ALONE if is_known else _UNKNOWN,
        other=_REFERS if is_known else _UNKNOWN,
        coding=CodingCollector() if context.name in _JPEG2000 else None,
        captions_of=caption_reader(context.name),
    )

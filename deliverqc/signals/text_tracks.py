"""Keeps the packets of tracks of text in the pass that decodes the essence; reads no text and knows no fact."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from av.container import InputContainer
from av.stream import Disposition

from deliverqc.signals.tables import TextSignal
from deliverqc.timed_text.model import MOST_BYTES, MOST_EVENTS

if TYPE_CHECKING:
    from av import Packet
    from av.stream import Stream

    from deliverqc.signals.frame_reader import FrameContainer

_SHOWS_NOTHING = {"tx3g": b"\0\0", "qt_text": b"\0\0", "wvtt": b"\0\0\0\x08vtte"}
"""Samples that fill a gap between two texts (3GPP TS 26.245 section 5.17.1; ISO/IEC 14496-30 section 7.4)."""

_IDENTIFIER, _SETTINGS, _ADDITION = "webvtt_identifier", "webvtt_settings", "matroska_block_additional"
_ADDITION_ID_BYTES = 8


@dataclass(slots=True, kw_only=True)
class TextCollector:
    """What is kept of one track. `is_read`: every packet has a time, is whole, and is among those that are kept."""

    coding: str
    role: str | None = None
    header: bytes = b""
    is_read: bool = True
    tick_s: Fraction = Fraction(0)
    stamps: array[int] = field(default_factory=lambda: array("q"))
    durations: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("I"))
    data: bytearray = field(default_factory=bytearray)

    def add(self, stamp: int | None, duration: int, tick_s: Fraction | None, data: bytes) -> None:
        """Take a packet that is shown at `stamp` for `duration` ticks."""
        if data == _SHOWS_NOTHING.get(self.coding):
            return
        if stamp is None or not tick_s or len(self.stamps) >= MOST_EVENTS or len(self.data) + len(data) > MOST_BYTES:
            self.is_read = False
        if self.is_read and stamp is not None:
            self.stamps.append(stamp)
            self.durations.append(max(0, duration))
            self.sizes.append(len(data))
            self.data += data
            self.tick_s = tick_s or self.tick_s

    def finish(self, index: int, origin: Fraction) -> TextSignal:
        """The packets of track `index`, timed from `origin`."""
        return TextSignal(
            index=index,
            coding=self.coding,
            role=self.role,
            tick_s=self.tick_s,
            origin_s=origin,
            header=np.frombuffer(self.header, dtype=np.uint8),
            stamps=np.array(self.stamps, dtype=np.int64),
            durations=np.array(self.durations, dtype=np.int64),
            sizes=np.array(self.sizes, dtype=np.uint32),
            data=np.frombuffer(bytes(self.data), dtype=np.uint8),
        )


@dataclass(slots=True)
class TextTracks:
    """The tracks of text by stream index."""

    collectors: dict[int, TextCollector] = field(default_factory=dict)
    streams: list[Stream] = field(default_factory=list)

    def see(self, packet: Packet[Any]) -> None:
        """Keep a packet of one of the tracks."""
        kept, data = self.collectors[packet.stream_index], bytes(packet)
        if packet.is_corrupt:
            kept.is_read = False
            return
        if kept.coding == "webvtt":
            data = b"\n".join((*_cue_head(packet), data))
        stamp = packet.pts if packet.pts is not None else packet.dts
        kept.add(stamp, packet.duration or 0, packet.time_base, data)

    def kept(self, origin: Fraction) -> tuple[TextSignal, ...]:
        """The tracks that could be read, timed from `origin`."""
        return tuple(one.finish(index, origin) for index, one in sorted(self.collectors.items()) if one.is_read)


def _cue_head(packet: Packet[Any]) -> tuple[bytes, bytes]:
    """Identifier and settings of a WebVTT cue, each in one line: of WebM as libav takes them from the block, of
    Matroska from the addition to the block, which has the settings first (codec mappings, S_TEXT/WEBVTT)."""
    stated = {one.data_type: bytes(one) for one in packet.iter_sidedata()}
    placed, label, *_ = (*stated.get(_ADDITION, b"")[_ADDITION_ID_BYTES:].split(b"\n"), b"", b"")
    label, placed = stated.get(_IDENTIFIER, label), stated.get(_SETTINGS, placed)
    return label.replace(b"\n", b" ").replace(b"\r", b" "), placed.replace(b"\n", b" ").replace(b"\r", b" ")


def text_tracks(container: InputContainer | FrameContainer, tracks: Sequence[tuple[int, str]]) -> TextTracks:
    """The tracks of text in a file, given by stream index and coding; an image sequence has none."""
    if not isinstance(container, InputContainer) or not tracks:
        return TextTracks()
    codings = dict(tracks)
    streams = [one for one in container.streams if one.index in codings]
    return TextTracks(
        collectors={
            one.index: TextCollector(coding=codings[one.index], role=_role(one), header=_header(one)) for one in streams
        },
        streams=streams,
    )


def _header(stream: Stream) -> bytes:
    context: Any = stream.codec_context
    return bytes(context.extradata or b"") if context is not None else b""


def _role(stream: Stream) -> str | None:
    if stream.disposition & Disposition.forced:
        return "forced"
    return "caption" if stream.disposition & (Disposition.hearing_impaired | Disposition.captions) else None

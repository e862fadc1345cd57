"""Compares what decoded pictures are like with the first one of their track; knows no wrapper and no fact."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from av import Packet, VideoFrame
from av.sidedata.sidedata import Type
from av.video.codeccontext import VideoCodecContext

from deliverqc.probing.bitstream import read_prores_header
from deliverqc.probing.side_data import side_data_of
from deliverqc.signals.tables import PictureChange

Look = tuple[str | None, ...]

_NAMES = (
    "width_px",
    "height_px",
    "pixel_format",
    "scan",
    "color_range",
    "color_primaries",
    "color_transfer",
    "color_matrix",
    "pixel_aspect_ratio",
    "codec_profile",
    "codec_level",
    "hdr.mastering_display",
    "hdr.max_cll_cd_m2",
    "hdr.max_fall_cd_m2",
)
_IN_HEADERS = (
    "width_px",
    "height_px",
    "scan",
    "field_order",
    "chroma_subsampling",
    "pixel_aspect_ratio",
    "color_primaries",
    "color_transfer",
    "color_matrix",
)
_PRORES_HEADER_BYTES = 28
_PRORES_STATES = slice(16, 25)  # size, flags, shape and rate, colour (SMPTE RDD 36 section 5.1.1)
_WITH_LIGHT = ("hevc", "h264", "av1", "vp9", "libdav1d", "libaom-av1")
_WITHOUT_LIGHT = (None, None, None)
_DISPLAY_BYTES = 88
_MOST = 200  # changes that are kept: house choice


@dataclass(slots=True)
class LookFollower:
    """Follows the frames of one track. Colour is told by the codes of ITU-T H.273, or by name where a packet's own
    header states it: libav's ProRes decoder does not pass that on."""

    first: tuple[Any, ...] | None = None
    found: dict[tuple[int, Any], tuple[int, float, int]] = field(default_factory=dict)
    first_header: bytes | None = None
    in_headers: dict[tuple[str, Any], tuple[int, float, int]] = field(default_factory=dict)

    def see_packet(self, packet: Packet[Any], number: int, start_s: float) -> None:
        """Take the ProRes packet with that `number`."""
        data = bytes(memoryview(packet)[:_PRORES_HEADER_BYTES])
        if data[4:8] != b"icpf":
            return
        if self.first_header is None:
            self.first_header = data
        elif data[_PRORES_STATES] != self.first_header[_PRORES_STATES] and len(self.in_headers) < _MOST:
            before, after = read_prores_header(self.first_header), read_prores_header(data)
            for name in _IN_HEADERS:
                if before.get(name) != after.get(name):
                    frame, at, count = self.in_headers.get((name, after.get(name)), (number, start_s, 0))
                    self.in_headers[name, after.get(name)] = (frame, at, count + 1)

    def see(self, frame: VideoFrame, context: VideoCodecContext, number: int, start_s: float) -> None:
        """Take the frame with that `number`, which is shown `start_s` seconds after the first."""
        look = (
            frame.width,
            frame.height,
            frame.format.name,
            frame.interlaced_frame,
            frame.color_range,
            frame.color_primaries,
            frame.color_trc,
            frame.colorspace,
            context.sample_aspect_ratio,
            context.profile,
            context.level,
            *(_light(frame) if context.name in _WITH_LIGHT else _WITHOUT_LIGHT),
        )
        if self.first is None:
            self.first = look
        elif look != self.first:
            self._note(look, number, start_s)

    def _note(self, look: tuple[Any, ...], number: int, start_s: float) -> None:
        for place, (before, after) in enumerate(zip(self.first or (), look, strict=True)):
            key = (place, after)
            if before != after and (key in self.found or len(self.found) < _MOST):
                frame, at, count = self.found.get(key, (number, start_s, 0))
                self.found[key] = (frame, at, count + 1)

    def told(self, track: str, first_frame: int) -> tuple[PictureChange, ...]:
        """What changed, by the name of a fact without its prefix, in the order of the frames."""
        stated = read_prores_header(self.first_header) if self.first_header is not None else {}
        changes = [
            PictureChange(
                track=track,
                what=name,
                before=None if stated.get(name) is None else str(stated[name]),
                after=None if after is None else str(after),
                frame=frame + first_frame,
                start_s=start_s,
                count=count,
            )
            for (name, after), (frame, start_s, count) in self.in_headers.items()
        ]
        known = {change.what for change in changes}
        changes += [
            PictureChange(
                track=track,
                what=_NAMES[place],
                before=_text(place, (self.first or ())[place]),
                after=_text(place, after),
                frame=frame + first_frame,
                start_s=start_s,
                count=count,
            )
            for (place, after), (frame, start_s, count) in self.found.items()
            if _NAMES[place] not in known
        ]
        return tuple(sorted(changes, key=lambda change: change.frame))

    def first_look(self) -> Look:
        header = None if self.first_header is None else self.first_header[_PRORES_STATES].hex()
        return (*(_text(place, value) for place, value in enumerate(self.first or ())), header)


def _light(frame: VideoFrame) -> tuple[bytes | None, int | None, int | None]:
    """What the frame states of its mastering display, as libav holds it, and its MaxCLL and MaxFALL."""
    display = levels = None
    for data in side_data_of(frame):
        if data.type == Type.MASTERING_DISPLAY_METADATA:
            display = bytes(data)
        elif data.type == Type.CONTENT_LIGHT_LEVEL:
            levels = struct.unpack_from("=II", bytes(data))
    return (display, *(levels or (None, None)))


def _text(place: int, value: object) -> str | None:
    if _NAMES[place] == "scan":
        return "interlaced" if value else "progressive"
    if isinstance(value, bytes):
        return _display(value)
    if value is None:
        return None
    return str(int(value)) if isinstance(value, int) else str(value)


def _display(data: bytes) -> str:
    """A mastering display in words: libav's structure holds red, green, blue, white, minimum and maximum as pairs of
    numerator and denominator."""
    if len(data) < _DISPLAY_BYTES:
        return data.hex()
    pairs = struct.unpack_from("=20i", data)
    numbers = [f"{above / below:g}" if below else "0" for above, below in zip(pairs[::2], pairs[1::2], strict=True)]
    places = " ".join(f"{name} {x},{y}" for name, x, y in zip("RGBW", numbers[:8:2], numbers[1:8:2], strict=True))
    return f"{places} {numbers[8]} to {numbers[9]} cd/m2"

"""Columns `dolby_vision`: the Dolby Vision metadata of each frame; reads no pixel and knows no profile.

| column | shape | holds |
|---|---|---|
| `rpu` | uint8 (frames,) | 1 where an RPU (reference processing unit) came with the frame, else 0 |
| `parsed` | uint8 (frames,) | 1 where the decoder passed on what it read from an RPU, else 0 |
| `count` | uint8 (frames,) | RPUs and documents of metadata that came with the frame |
| `cm` | uint8 (frames,) | version of content mapping times ten; 0 without metadata, UNREAD where it cannot be told |
| `unread` | uint8 (frames,) | those of `count` that could not be read |
| `level_1` | float32 (frames, 3) | smallest, mean and largest of level 1 on the scale of PQ, 0 to 1; NaN without one |

In HEVC an RPU is NAL unit 62 behind the slices of its frame (ITU-T H.265 leaves the type to applications), in H.264 it
is NAL unit 28. It is looked for in the packets, because decoders do not see one that is followed by the end of a
sequence. A reader of byte streams may cut before it, so that an RPU before the first slice of a packet is of the packet
before. In other codings it is what the decoder passes on with the frame. Some pass on only what they read from it,
perhaps from an earlier one again: `parsed` alone proves nothing of a frame where `rpu` is told of others.

In MXF that is wrapped by frame, metadata is an XML document behind the picture of its frame (PHDR track of Dolby
Vision). libav passes over it, so it is looked for in the file itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from av.sidedata.sidedata import Type

from deliverqc.probing.nal_units import unescaped
from deliverqc.probing.side_data import side_data_of
from deliverqc.probing.wrappers.mxf_klv import read_klv
from deliverqc.signals.columns import Colorimetry, Columns
from deliverqc.signals.headers.dynamic_metadata import MOST_BYTES, FrameMetadata, is_frame_metadata, read_frame_xml
from deliverqc.signals.headers.rpu import read_rpu

if TYPE_CHECKING:
    from av import Packet

    from deliverqc.signals.picture.moments import Moment

UNREAD = 255

_CODINGS = ("hevc", "h264")
_RPU = {"hevc": 62, "h264": 28}
"""Types of NAL units: Dolby Vision Streams within the ISO Base Media File Format, section 3."""
_SLICES = {"hevc": range(32), "h264": range(1, 6)}  # ITU-T H.265 and H.264 Table 7-1
_START_CODE = b"\x00\x00\x01"
_LEAST_UNIT = 3
_PREFIX = 25  # first byte of an RPU
_MOST_ITEMS = 64  # house choice: more sound, data and fill than stands between two frames
_HEAD_BYTES = 4096
_FILE = "file:"

_Row = tuple[object, bool, bool, bytes | None]


def columns(colorimetry: Colorimetry) -> DolbyVisionColumns:
    """A reader of frames, whatever their colours."""
    return DolbyVisionColumns()


class DolbyVisionColumns:
    """Collects the rows of the extension; packets are counted, and the decoder hands each frame its packet's number."""

    def __init__(self) -> None:
        self._packet_count = 0
        self._is_looked_at = True  # a frame whose side data was asked for stays in memory until Python collects cycles
        self._with_rpu: set[object] = set()
        self._read: dict[object, list[FrameMetadata | None]] = {}
        self._last: tuple[bytes, FrameMetadata | None] = (b"", None)
        self._rows: list[tuple[object, bool, bool]] = []

    def see(self, packet: Packet[Any]) -> None:
        """Look for metadata in a packet that is about to be decoded, or behind it in the file."""
        stream: Any = packet.stream
        if stream is None:
            return  # a frame of an image sequence, none of whose formats has an RPU
        context = stream.codec_context
        self._is_looked_at = not context.codec.intra_only
        place = packet.pos if stream.container.format.name == "mxf" and packet.pos is not None else -1
        if context.name not in _CODINGS and place < 0:
            return
        context.copy_opaque = True
        packet.opaque = number = self._packet_count
        self._packet_count += 1
        if context.name in _CODINGS:
            self._see_units(number, bytes(packet), context.name, context.extradata or b"")
        else:
            for document in self._documents(stream.container.name, place):
                self._read.setdefault(number, []).append(self._once(document, read_frame_xml))

    def _see_units(self, number: int, data: bytes, coding: str, extradata: bytes) -> None:
        belongs_to = number - 1
        for unit in _nal_units(data, _length_size(coding, extradata)):
            kind, header_bytes = _kind(coding, unit)
            if kind in _SLICES[coding]:
                belongs_to = number
            elif kind == _RPU[coding] and unit[header_bytes : header_bytes + 1] == bytes([_PREFIX]):
                self._with_rpu.add(belongs_to)
                found = self._once(bytes(unit[header_bytes:]), lambda raw: read_rpu(unescaped(raw)))
                self._read.setdefault(belongs_to, []).append(found)

    def _once(self, data: bytes, read: Any) -> FrameMetadata | None:  # noqa: ANN401
        """What `read` makes of the data; most frames of a shot carry the same."""
        if data != self._last[0]:
            self._last = (data, read(data))
        return self._last[1]

    def _documents(self, name: str, place: int) -> Iterator[bytes]:
        """The metadata documents in the file between a picture that begins at `place` and the next one."""
        with Path(name.removeprefix(_FILE)).open("rb") as file:
            picture = klv = read_klv(file, place)
            for _ in range(_MOST_ITEMS):
                klv = read_klv(file, klv.end) if klv is not None else None
                if klv is None or klv.is_partition or (picture is not None and klv.key == picture.key):
                    return
                if not klv.is_fill:
                    file.seek(klv.value_at)
                    head = file.read(min(klv.length, _HEAD_BYTES))
                    if is_frame_metadata(head):
                        yield head + file.read(max(0, min(klv.length, MOST_BYTES) - len(head)))

    def read(self, moment: Moment) -> _Row:
        """The number of the frame's packet, whether an RPU came with the frame, and was parsed, and the RPU itself."""
        frame = moment.frame
        parsed, rpu = False, None
        if not self._is_looked_at:  # codings of single frames, none of which carries an RPU
            return frame.opaque, False, False, None
        with suppress(ValueError):  # PyAV cannot list the side data where it lacks a name for one, such as Exif in TIFF
            held = {data.type: data for data in side_data_of(frame)}
            buffer = held.get(Type.DOVI_RPU_BUFFER)
            rpu, parsed = None if buffer is None else bytes(buffer), Type.DOVI_METADATA in held
        return frame.opaque, rpu is not None, parsed, rpu

    def keep(self, row: _Row, moment: Moment) -> None:
        """Add the row of a frame."""
        number, told, parsed, rpu = row
        if rpu is not None and number not in self._read:
            self._read[number] = [self._once(rpu, read_rpu)]
        self._rows.append((number, told, parsed))

    def finish(self) -> Columns:
        """The columns by their own names."""
        rpu = [told or number in self._with_rpu for number, told, _ in self._rows]
        found = [self._read.get(number, []) for number, _, _ in self._rows]
        return {
            "rpu": np.array(rpu, dtype=np.uint8),
            "parsed": np.array([parsed for _, _, parsed in self._rows], dtype=np.uint8),
            "count": np.array([min(len(each), UNREAD) for each in found], dtype=np.uint8),
            "cm": np.array([_version(each) for each in found], dtype=np.uint8),
            "unread": np.array([min(each.count(None), UNREAD) for each in found], dtype=np.uint8),
            "level_1": np.array([_level_1(each) for each in found], dtype=np.float32).reshape(-1, 3),
        }


def _version(found: list[FrameMetadata | None]) -> int:
    """What all metadata of a frame says of its version."""
    if not found:
        return 0
    versions = {None if one is None else one.cm for one in found}
    only = versions.pop() if len(versions) == 1 else None
    return UNREAD if only is None else only


def _level_1(found: list[FrameMetadata | None]) -> tuple[float, float, float]:
    """Level 1 of a frame: of its first metadata."""
    first = found[0] if found else None
    return (np.nan,) * 3 if first is None or first.level_1 is None else first.level_1


def _kind(coding: str, unit: memoryview) -> tuple[int, int]:
    """Type of a NAL unit, and the bytes of its header."""
    return (unit[0] >> 1 & 63, 2) if coding == "hevc" else (unit[0] & 31, 1)


def _length_size(coding: str, extradata: bytes) -> int:
    """Bytes of the length that leads each unit where the extradata is a decoder configuration record (ISO/IEC 14496-15,
    5.3.3.1 and 8.3.3.1); 0 where start codes part them (H.265 Annex B)."""
    place = {"hevc": 21, "h264": 4}[coding]
    return (extradata[place] & 3) + 1 if len(extradata) > place and extradata[0] == 1 else 0


def _nal_units(data: bytes, length_size: int) -> Iterator[memoryview]:
    """The NAL units of a packet."""
    view = memoryview(data)
    if length_size:
        place = 0
        while place + length_size < len(data):
            end = place + length_size + int.from_bytes(data[place : place + length_size], "big")
            if end > place + length_size:
                yield view[place + length_size : end]
            place = end
        return
    place = data.find(_START_CODE)
    while 0 <= place < len(data) - _LEAST_UNIT:
        following = data.find(_START_CODE, place + 3)
        yield view[place + 3 : following if following >= 0 else len(data)]
        place = following

"""Columns `dolby_vision`: which frames carry Dolby Vision metadata; reads no pixel and knows no profile.

| column | shape | holds |
|---|---|---|
| `rpu` | uint8 (frames,) | 1 where an RPU (reference processing unit) came with the frame, else 0 |
| `parsed` | uint8 (frames,) | 1 where the decoder passed on what it read from an RPU, else 0 |

In HEVC an RPU is NAL unit 62 behind the slices of its frame (ITU-T H.265 leaves the type to applications). It is looked
for in the packets, because decoders do not see one that is followed by the end of a sequence. A reader of byte streams
may cut before it, so that an RPU before the first slice of a packet is of the packet before. In other codings it is
what the decoder passes on with the frame. Some pass on only what they read from it, perhaps from an earlier one again:
`parsed` alone proves nothing of a frame where `rpu` is told of others.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from av.sidedata.sidedata import Type

from deliverqc.signals.columns import Colorimetry, Columns

if TYPE_CHECKING:
    from av import Packet

    from deliverqc.signals.picture.moments import Moment

_RPU, _FIRST_AFTER_SLICES = 62, 32  # types of NAL units: ITU-T H.265 Table 7-1
_START_CODE = b"\x00\x00\x01"


def columns(colorimetry: Colorimetry) -> DolbyVisionColumns:
    """A reader of frames, whatever their colours."""
    return DolbyVisionColumns()


class DolbyVisionColumns:
    """Collects the rows of the extension; packets are counted, and the decoder hands each frame its packet's number."""

    def __init__(self) -> None:
        self._packet_count = 0
        self._is_looked_at = True  # a frame whose side data was asked for stays in memory until Python collects cycles
        self._with_rpu: set[object] = set()
        self._rows: list[tuple[object, bool, bool]] = []

    def see(self, packet: Packet[Any]) -> None:
        """Look for an RPU in a packet that is about to be decoded."""
        stream: Any = packet.stream
        if stream is None:
            return  # a frame of an image sequence, none of whose formats has an RPU
        context = stream.codec_context
        if context.name != "hevc":
            self._is_looked_at = not context.codec.intra_only
            return
        context.copy_opaque = True
        packet.opaque = number = self._packet_count
        self._packet_count += 1
        belongs_to = number - 1
        for kind in _nal_unit_types(bytes(packet), context.extradata or b""):
            if kind < _FIRST_AFTER_SLICES:
                belongs_to = number
            elif kind == _RPU:
                self._with_rpu.add(belongs_to)

    def read(self, moment: Moment) -> tuple[object, bool, bool]:
        """The number of the frame's packet, and whether an RPU came with the frame, and was parsed."""
        frame = moment.frame
        told = parsed = False
        if not self._is_looked_at:  # codings of single frames, none of which carries an RPU
            return None, False, False
        with suppress(ValueError):  # PyAV cannot list the side data where it lacks a name for one, such as Exif in TIFF
            data: Any = frame.side_data
            told, parsed = (data.get(kind) is not None for kind in (Type.DOVI_RPU_BUFFER, Type.DOVI_METADATA))
        return frame.opaque, told, parsed

    def keep(self, row: tuple[object, bool, bool], moment: Moment) -> None:
        """Add the row of a frame."""
        self._rows.append(row)

    def finish(self) -> Columns:
        """The columns by their own names."""
        rpu = [told or number in self._with_rpu for number, told, _ in self._rows]
        parsed = [parsed for _, _, parsed in self._rows]
        return {"rpu": np.array(rpu, dtype=np.uint8), "parsed": np.array(parsed, dtype=np.uint8)}


def _nal_unit_types(data: bytes, extradata: bytes) -> Iterator[int]:
    """Types of the NAL units of a packet, which are led by their lengths where the extradata is a decoder configuration
    record (ISO/IEC 14496-15, 8.3.3.1), and by start codes otherwise (H.265 Annex B)."""
    if len(extradata) > 21 and extradata[0] == 1:
        width, place = (extradata[21] & 3) + 1, 0
        while place + width < len(data):
            yield data[place + width] >> 1 & 63
            place += width + int.from_bytes(data[place : place + width], "big")
        return
    place = data.find(_START_CODE)
    while 0 <= place < len(data) - len(_START_CODE):
        yield data[place + 3] >> 1 & 63
        place = data.find(_START_CODE, place + 3)

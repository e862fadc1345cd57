"""Reads the headers of DNxHD and DNxHR frames (SMPTE ST 2019-1, VC-3)."""

from __future__ import annotations

from deliverqc.signals.headers.model import CLOSED, INTRA, NOT_STATED, PictureHeader

_COMPRESSION_ID = slice(0x28, 0x2C)


class Vc3Reader:
    """Reads one frame after another; each stands alone."""

    def read(self, packet: bytes) -> PictureHeader:
        """The header of the frame in a packet."""
        stated = packet[_COMPRESSION_ID]
        coding_id = int.from_bytes(stated, "big") if len(stated) == 4 else NOT_STATED
        return PictureHeader(kind=INTRA, access=CLOSED, refers_back=0, pulldown=0, coding_id=coding_id)

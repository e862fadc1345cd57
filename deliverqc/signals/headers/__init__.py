"""Readers of the headers of coded pictures, by libav's name of their decoder; each knows its coding alone."""

from __future__ import annotations

from deliverqc.signals.headers.avc import AvcReader
from deliverqc.signals.headers.hevc import HevcReader
from deliverqc.signals.headers.model import HeaderReader
from deliverqc.signals.headers.mpeg2 import Mpeg2Reader
from deliverqc.signals.headers.vc3 import Vc3Reader


def header_reader(decoder: str | None, extradata: bytes | None) -> HeaderReader | None:
    """The reader of a track; None for codings whose pictures need none: every packet says whether it stands alone."""
    if decoder == "h264":
        return AvcReader(extradata)
    if decoder == "hevc":
        return HevcReader(extradata)
    if decoder == "dnxhd":
        return Vc3Reader()
    return Mpeg2Reader() if decoder in ("mpeg1video", "mpeg2video") else None

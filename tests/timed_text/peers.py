"""Times of timed text as libav reads them: a second opinion."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO

import av


def libav_events(data: bytes, demuxer: str) -> list[tuple[Fraction, Fraction]]:
    """Begin and end of each event in `data`, in seconds."""
    with av.open(BytesIO(data), format=demuxer) as container:
        packets = [packet for packet in container.demux(subtitles=0) if packet.size]
    return [
        (packet.pts * packet.time_base, (packet.pts + packet.duration) * packet.time_base)
        for packet in packets
        if packet.pts is not None and packet.duration is not None
    ]

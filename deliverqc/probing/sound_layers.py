"""Reads what coded sound states of its channels and sample rate, from its first packets and its codec's own header;
nothing that the wrapper says gets in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from av.audio.codeccontext import AudioCodecContext
from av.codec.context import CodecContext
from av.error import FFmpegError
from av.packet import Packet

from deliverqc.facts.model import Facts
from deliverqc.probing.layouts import hold

STATING_CODECS = frozenset(["aac", "ac3", "eac3", "mp2", "mp3", "flac", "alac", "dts"])
"""Codings whose packets or headers say how many channels they hold, by libav's names."""


def read_sound_header(codec: str, extradata: bytes | None, packets: Sequence[Packet[Any]]) -> Facts:
    """`channel_count` and `sample_rate_hz` of the first sound that comes out; empty where none does."""
    if codec not in STATING_CODECS:
        return {}
    try:
        context: AudioCodecContext = CodecContext.create(cast(Any, codec), "r")
        context.extradata = extradata
    except (FFmpegError, ValueError):
        return {}
    for packet in packets:
        try:
            frames = context.decode(packet)
        except FFmpegError:
            continue
        if frames:
            return {
                "channel_count": len(hold(frames[0].layout).channels),
                "sample_rate_hz": frames[0].sample_rate,
            }
    return {}

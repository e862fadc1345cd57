"""Gives the frames of an image sequence as packets of one track, as a container of libav would: one file a packet, in
order, timed by the numbers in their names; knows no table and no fact."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import av
import av.error
from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext

from deliverqc.frame_files import FrameFiles
from deliverqc.probing.stills import read_still
from deliverqc.probing.stills.model import NotAStillError, Still

WRAPPER = "image_sequence"
"""Stands for the name of a demuxer."""

_DECODERS = {"dpx": "dpx", "openexr": "exr", "tiff": "tiff", "png": "png", "jpeg2000": "jpeg2000"}
_MICROSECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class FrameFormat:
    """Stands for a demuxer, of which only the name is asked."""

    name: str = WRAPPER


class FrameStream:
    """Stands for libav's stream: a decoder and its clock, of which a tick is a frame."""

    index = 0
    id = 0

    def __init__(self, context: VideoCodecContext | None, time_base: Fraction) -> None:
        self.codec_context = context
        self.time_base = time_base

    def decode(self, packet: av.Packet[Any] | None) -> list[av.VideoFrame]:
        """The frames that a packet gives, or those that are left where there is none."""
        assert self.codec_context is not None
        return self.codec_context.decode(packet)


class FrameContainer:
    """Stands for libav's container. `rate` times the frames; None: a tick is a frame, and seconds mean nothing.

    `not_read`: time of each frame that gave no packet because its file is empty or cannot be read, and why.
    """

    def __init__(self, frames: FrameFiles, rate: Fraction | None) -> None:
        self._frames = frames
        self._rate = rate or Fraction(1)
        self._from = 0
        self.format = FrameFormat()
        self.not_read: list[tuple[Fraction, str]] = []
        self.streams = [FrameStream(self._context(), 1 / self._rate)]

    def __enter__(self) -> FrameContainer:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def seek(self, offset: int, *, backward: bool = True) -> None:
        """Go to the frame at `offset` microseconds."""
        self._from = max(0, int(Fraction(offset, _MICROSECOND) * self._rate))

    def demux(self, _: Sequence[FrameStream]) -> Iterator[av.Packet[Any]]:
        """A packet for each file that holds anything."""
        for number, name in self._frames.frames:
            index = number - self._frames.first
            if index < self._from:
                continue
            try:
                data = (self._frames.folder / name).read_bytes()
            except OSError as error:
                self.not_read.append((index / self._rate, f"the file cannot be read ({error.strerror or error})"))
                continue
            if not data:
                self.not_read.append((index / self._rate, "the file is empty (0 bytes)"))
                continue
            packet: av.Packet[Any] = av.Packet(data)
            packet.pts = packet.dts = index
            packet.duration = 1
            packet.is_keyframe = True  # else libav's PNG decoder adds each picture to the one before
            packet.time_base = 1 / self._rate
            yield packet

    def _context(self) -> VideoCodecContext | None:
        """A decoder for the format of the first frame that can be read; None where libav cannot decode such frames."""
        for _, name in self._frames.frames:
            with contextlib.suppress(OSError, NotAStillError):
                data = (self._frames.folder / name).read_bytes()
                still = read_still(io.BytesIO(data), len(data))
                if still.end is not None and still.end > len(data):
                    continue
                return None if still.unread or not _is_read(still, data) else _decoder(still)
        return None


def _decoder(still: Still) -> VideoCodecContext:
    name = _DECODERS[still.sequence["file_format"]]
    return cast(VideoCodecContext, CodecContext.create(cast(Any, name), "r"))


def _is_read(still: Still, data: bytes) -> bool:
    """Whether libav has what it takes for such a frame: what it has not is no damage. Of a whole uncompressed frame
    there is nothing that damage could make unreadable, so that a refusal is of the kind and not of the frame."""
    try:
        _decoder(still).decode(av.Packet(data))
    except (av.error.PatchWelcomeError, NotImplementedError):
        return False
    except (av.error.FFmpegError, ValueError):
        return still.end is None or still.sequence["compression"] != "none"
    return True


def still_complaint(data: bytes) -> tuple[str, bool] | None:
    """What the header of a frame shows to be wrong with its file: it is cut, was not finished, or cannot be read."""
    try:
        still = read_still(io.BytesIO(data), len(data))
    except NotAStillError as error:
        return f"the file is not a whole frame: {error}", True
    if still.end is not None and still.end > len(data):
        return f"the file is cut: {len(data)} of at least {still.end} bytes are there", True
    return ("its writer did not finish the file", True) if still.is_unfinished else None

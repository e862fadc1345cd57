"""Measures colours without a file: frames through the columns on demand, the table through one meter."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.columns import Colorimetry
from deliverqc.signals.on_demand import picture_readers
from deliverqc.signals.picture.accumulator import PictureAccumulator
from deliverqc.signals.tables import PictureSignal

Codes = float | NDArray[Any]


def table_of(frames: Iterable[av.VideoFrame], extension: str, **colorimetry: Any) -> PictureSignal:
    """The picture table of `frames` at 25 frames per second, with the columns of `extension`."""
    readers = picture_readers((extension,), Colorimetry(**colorimetry))
    accumulator = PictureAccumulator(frame_rate=Fraction(25), extensions=readers)
    for number, frame in enumerate(frames):
        accumulator.feed(frame, number / 25)
    signal = accumulator.finish()
    assert signal is not None
    return signal


def table_of_file(path: Path, extension: str) -> PictureSignal:
    """The picture table of the first picture track of a file, with the columns of `extension`."""
    accumulator = PictureAccumulator(frame_rate=Fraction(25), extensions=picture_readers((extension,), Colorimetry()))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_type = "AUTO"
        for packet in container.demux(stream):
            if packet.size:
                accumulator.see(packet)
            for frame in stream.decode(packet):
                accumulator.feed(frame, accumulator.frame_count / 25)
    signal = accumulator.finish()
    assert signal is not None
    return signal


def frame_of(pixel_format: str, size: tuple[int, int], *components: Codes) -> av.VideoFrame:
    """One frame of (height, width) with these planes, in codes of its own depth; a number fills its plane."""
    height, width = size
    frame = av.VideoFrame(width, height, pixel_format)
    kind = np.uint8 if frame.format.components[0].bits == 8 else np.uint16
    for plane, content in zip(frame.planes, components, strict=True):
        rows = np.zeros((plane.height, plane.line_size // np.dtype(kind).itemsize), dtype=kind)
        rows[:, : plane.width] = content
        plane.update(rows.tobytes())
    return frame

"""Measures sequences of pictures without a file: frames through the kernels, the table through one meter."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from deliverqc.meters.model import Meter
from deliverqc.signals.picture.accumulator import PictureAccumulator
from deliverqc.signals.tables import PictureSignal
from fixtures.pictures import Picture, frame_of


def table_of(frames: Iterable[av.VideoFrame], rate: Fraction = Fraction(25)) -> PictureSignal:
    """The picture table of `frames`."""
    accumulator = PictureAccumulator(frame_rate=rate)
    for number, frame in enumerate(frames):
        accumulator.feed(frame, float(number / rate))
    signal = accumulator.finish()
    assert signal is not None
    return signal


def table_of_pictures(pictures: Iterable[Picture], pixel_format: str = "yuv422p10le") -> PictureSignal:
    """The picture table of `pictures` in one pixel format."""
    return table_of(frame_of(picture, pixel_format) for picture in pictures)


def table_of_file(path: Path) -> PictureSignal:
    """The picture table of the first picture track of a file."""
    with av.open(str(path)) as container:
        rate = container.streams.video[0].average_rate
        assert rate is not None
        return table_of(container.decode(video=0), Fraction(rate))


def read(meter: Meter, signal: PictureSignal, **settings: Any) -> dict[str, Any]:
    """The facts that `meter` finds, under its defaults but for `settings`."""
    return dict(meter.measure(signal, meter.resolve(settings)).facts)

"""Sequences of frames for photosensitivity: greys whose luminance is arithmetic, and the facts that the meter reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from deliverqc.meters.photosensitivity import METER
from deliverqc.signals.columns import Colorimetry
from deliverqc.signals.on_demand import photosensitivity
from deliverqc.signals.picture.accumulator import PictureAccumulator
from deliverqc.signals.tables import PictureSignal

WIDTH_PX, HEIGHT_PX = 320, 180
RATE = Fraction(25)

Codes = NDArray[np.uint16]
"""Luma at 10 bits, (HEIGHT_PX, WIDTH_PX)."""


def cd_m2(code: float) -> float:
    """Luminance of a 10-bit grey on the screen of ITU-R BT.1702: BT.1886 with 200 cd/m2 at code 940."""
    return 200.0 * float(max(0.0, (code - 64) / 876) ** 2.4)


def grey(code: int) -> Codes:
    """One code everywhere."""
    return np.full((HEIGHT_PX, WIDTH_PX), code, dtype=np.uint16)


def beside(code: int, width_px: int, rest: int) -> Codes:
    """`code` in the `width_px` columns at the left, `rest` in the others."""
    picture = grey(rest)
    picture[:, :width_px] = code
    return picture


def alternating(dark: Codes, bright: Codes, changes: Sequence[int], count: int) -> list[Codes]:
    """`count` pictures that begin with `dark` and change over at each frame of `changes`."""
    states = (dark, bright)
    return [states[sum(change <= frame for change in changes) % 2] for frame in range(count)]


def frame_of_codes(codes: Codes) -> av.VideoFrame:
    """A grey 4:2:2 frame of 10 bits."""
    height, width = codes.shape
    frame = av.VideoFrame(width, height, "yuv422p10le")
    neutral = np.uint16(512)
    for plane, content in zip(frame.planes, (codes, neutral, neutral), strict=True):
        rows = np.zeros((plane.height, plane.line_size // 2), dtype=np.uint16)
        rows[:, : plane.width] = content
        plane.update(rows.tobytes())
    return frame


def rgb_frame(left: tuple[int, int, int], width_px: int, rest: tuple[int, int, int]) -> av.VideoFrame:
    """An 8-bit R'G'B' frame of two colours side by side."""
    pixels = np.empty((HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)
    pixels[:] = rest
    pixels[:, :width_px] = left
    return av.VideoFrame.from_ndarray(pixels, format="rgb24")


def table_of(
    frames: Iterable[av.VideoFrame], rate: Fraction = RATE, colorimetry: Colorimetry | None = None
) -> PictureSignal:
    """The picture table with the columns of the extension."""
    reader = photosensitivity.columns(colorimetry or Colorimetry())
    accumulator = PictureAccumulator(frame_rate=rate, extensions={"photosensitivity": reader})
    for number, frame in enumerate(frames):
        accumulator.feed(frame, float(number / rate))
    signal = accumulator.finish()
    assert signal is not None
    return signal


def facts_of(signal: PictureSignal, **settings: Any) -> dict[str, Any]:
    """What the meter finds, by names without `picture.photosensitivity.`."""
    facts = METER.measure(signal, METER.resolve(settings)).facts
    return {name.removeprefix("picture.photosensitivity."): value for name, value in facts.items()}


def read(pictures: Iterable[Codes], rate: Fraction = RATE, **settings: Any) -> dict[str, Any]:
    """The facts of grey pictures."""
    return facts_of(table_of((frame_of_codes(codes) for codes in pictures), rate), **settings)


def spans(found: Any) -> list[tuple[int, int]]:
    """Start and end of each span."""
    return [(span.start, span.end) for span in found]

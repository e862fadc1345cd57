"""Picture kernels: from one decoded frame to one row of the picture table; knows nothing of files or thresholds.

Every pixel of every frame is counted. OpenCV is imported here, where it is used, because headers are probed without it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from deliverqc.signals.tables import LUMA_QUANTILES, PictureSignal

if TYPE_CHECKING:
    from av import VideoFrame

_PLANAR_LUMA = ("yuv4", "yuvj4", "yuva4", "gray", "nv12", "nv16", "nv21", "nv24")
_READ_AS_RGB = ("pal", "mono", "xyz")
_DEPTHS = (8, 9, 10, 12, 14, 16)  # that libav has planar 4:4:4 formats for


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """How luma is read out of a frame: the format that it is brought to, its depth, and its 0 % and 100 % codes."""

    format: str
    is_rgb: bool
    bit_depth_bits: int
    black_code: int
    white_code: int


@dataclass(slots=True, kw_only=True)
class PictureAccumulator:
    """Collects rows of the picture table. The shape of the first frame holds for all; later ones are brought to it."""

    frame_rate: Fraction
    _shape: _Shape | None = None
    _size: tuple[int, int] = (0, 0)
    _start_s: list[float] = field(default_factory=list)
    _quantiles: list[NDArray[np.uint16]] = field(default_factory=list)

    @property
    def frame_count(self) -> int:
        return len(self._start_s)

    def feed(self, frame: VideoFrame, start_s: float) -> None:
        """Add one decoded frame that is shown `start_s` seconds after the first."""
        if self._shape is None:
            self._shape = _shape_of(frame)
            self._size = (frame.width, frame.height)
        self._start_s.append(start_s)
        self._quantiles.append(luma_quantiles(_luma_histogram(frame, self._shape)))

    def finish(self) -> PictureSignal | None:
        """The table, in order of presentation; None when no frame came."""
        if self._shape is None:
            return None
        return PictureSignal(
            frame_rate=self.frame_rate,
            width_px=self._size[0],
            height_px=self._size[1],
            bit_depth_bits=self._shape.bit_depth_bits,
            black_code=self._shape.black_code,
            white_code=self._shape.white_code,
            start_s=np.array(self._start_s, dtype=np.float64),
            luma_quantiles=np.array(self._quantiles, dtype=np.uint16),
        )


def luma_quantiles(histogram: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Code at each of LUMA_QUANTILES: the smallest that at least that share of the pixels does not exceed."""
    cumulative = np.cumsum(histogram)
    wanted = np.maximum(1, np.ceil(np.array(LUMA_QUANTILES) * cumulative[-1] - 1e-6))
    codes: NDArray[np.uint16] = np.searchsorted(cumulative, wanted).astype(np.uint16)
    return codes


def _shape_of(frame: VideoFrame) -> _Shape:
    name = frame.format.name
    stated = max(component.bits for component in frame.format.components)
    depth = min((depth for depth in _DEPTHS if depth >= stated), default=_DEPTHS[-1])
    is_rgb = frame.format.is_rgb or name.startswith(_READ_AS_RGB)
    if is_rgb:
        target = "gbrp" if depth == 8 else f"gbrp{depth}le"
        is_full = int(frame.color_range) != ColorRange.MPEG
    else:
        is_planar = name.startswith(_PLANAR_LUMA) and not frame.format.is_big_endian
        target = name if is_planar else ("yuv444p" if depth == 8 else f"yuv444p{depth}le")
        is_full = name.startswith("yuvj") or int(frame.color_range) == ColorRange.JPEG
    scale = 1 << (depth - 8)
    black, white = (0, (1 << depth) - 1) if is_full else (16 * scale, 235 * scale)
    return _Shape(format=target, is_rgb=is_rgb, bit_depth_bits=depth, black_code=black, white_code=white)


def _luma_histogram(frame: VideoFrame, shape: _Shape) -> NDArray[np.int64]:
    if frame.format.name != shape.format:
        frame = frame.reformat(format=shape.format)
    if shape.is_rgb:
        components = [_plane(frame, index, shape.bit_depth_bits) for index in range(3)]
        luma = np.maximum(np.maximum(components[0], components[1]), components[2])
    else:
        luma = _plane(frame, 0, shape.bit_depth_bits)
    bins = 1 << shape.bit_depth_bits
    histogram = cv2.calcHist([luma], [0], None, [bins], [0, bins])
    counts: NDArray[np.int64] = histogram.reshape(-1).astype(np.int64)
    return counts


def _plane(frame: VideoFrame, index: int, bit_depth_bits: int) -> NDArray[np.unsignedinteger[Any]]:
    plane = frame.planes[index]
    dtype: type[np.unsignedinteger[Any]] = np.uint8 if bit_depth_bits <= 8 else np.uint16
    step = plane.line_size // np.dtype(dtype).itemsize
    rows = np.frombuffer(memoryview(plane), dtype=dtype)[: step * plane.height].reshape(plane.height, step)
    visible: NDArray[np.unsignedinteger[Any]] = rows[:, : plane.width]
    return visible

"""Planes of a decoded frame as arrays, in the frame's own bit depth and sampling; knows nothing of what is measured.

Formats that store integer samples interleaved, padded or big-endian are brought to the planar format of the same depth
and sampling, which moves samples and changes none. Palettes become 8-bit R'G'B', X'Y'Z' and floating-point samples
R'G'B' or grey of 12 or 16 bits, as libswscale converts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import VideoFrame

Plane = NDArray[np.unsignedinteger[Any]]

_PLANAR = ("yuv4", "yuvj4", "yuva4", "gray")
_READ_AS_RGB = ("pal", "mono", "xyz")
_DEPTHS = (8, 9, 10, 12, 14, 16)  # that libav has planar formats for
_SAMPLINGS = {(2, 2): "420", (2, 1): "422", (1, 1): "444", (1, 2): "440", (4, 1): "411", (4, 4): "410"}
_DEPTHS_OF_SAMPLING = {"440": (8, 10, 12), "411": (8,), "410": (8,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How frames are read: the planar format that they are brought to, its depth, what its planes hold in order, and
    the codes of 0 % and 100 % luma. `shown_lines`: first line and number of those that are looked at; None for all."""

    format: str
    components: tuple[str, ...]
    bit_depth_bits: int
    black_code: int
    white_code: int
    shown_lines: tuple[int, int] | None = None

    @property
    def is_rgb(self) -> bool:
        return self.components == ("r", "g", "b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planes:
    """One frame: `luma` (height, width), and `components` in the order of the shape, of which luma is the first except
    in R'G'B', where it is the largest of the three."""

    luma: Plane
    components: tuple[Plane, ...]


def shape_of(frame: VideoFrame, *, shown_lines: tuple[int, int] | None = None, color_range: str | None = None) -> Shape:
    """The shape in which `frame` loses nothing but the lines that are not shown. `color_range` (limited, full) is that
    of Y'CbCr where the frame's own flag is not to be believed."""
    name = frame.format.name
    stated = max(component.bits for component in frame.format.components)
    depth = min((depth for depth in _DEPTHS if depth >= stated), default=_DEPTHS[-1])
    components: tuple[str, ...] = ("y", "cb", "cr")
    if frame.format.is_rgb or name.startswith(_READ_AS_RGB):
        has_alpha = name.startswith("gbrap") and not frame.format.is_big_endian and "f" not in name
        target = name if has_alpha else "gbrp" if depth == 8 else f"gbrp{depth}le"  # dropping alpha would dither
        is_full = int(frame.color_range) != ColorRange.MPEG
        components = ("r", "g", "b")
    else:
        is_planar = name.startswith(_PLANAR) and not frame.format.is_big_endian
        target, depth = (name, depth) if is_planar else _planar(frame, depth)
        is_full = name.startswith("yuvj") or int(frame.color_range) == ColorRange.JPEG
        is_full = is_full if color_range is None else color_range == "full"
        if name.startswith(("gray", "ya")):
            components = ("y",)
    scale = 1 << (depth - 8)
    black, white = (0, (1 << depth) - 1) if is_full else (16 * scale, 235 * scale)
    if shown_lines is not None and sum(shown_lines) > frame.height:
        shown_lines = None
    return Shape(
        format=target,
        components=components,
        bit_depth_bits=depth,
        black_code=black,
        white_code=white,
        shown_lines=shown_lines,
    )


def _planar(frame: VideoFrame, depth: int) -> tuple[str, int]:
    """The planar Y'CbCr (or grey) format of the frame's sampling, and its depth."""
    if frame.format.name.startswith(("gray", "ya")):
        return ("gray", 8) if depth == 8 else (f"gray{depth}le", depth)
    across = round(64 / frame.format.chroma_width(64))
    down = round(64 / frame.format.chroma_height(64))
    sampling = _SAMPLINGS.get((across, down), "444")
    depth = min(one for one in _DEPTHS_OF_SAMPLING.get(sampling, _DEPTHS) if one >= depth)
    return f"yuv{sampling}p" if depth == 8 else f"yuv{sampling}p{depth}le", depth


def planes_of(frame: VideoFrame, shape: Shape) -> Planes:
    """The planes of `frame`, which stay valid as long as the arrays are held."""
    if frame.format.name != shape.format:
        frame = frame.reformat(format=shape.format)
    stored = tuple(plane_of(frame, index, shape.bit_depth_bits) for index in range(len(shape.components)))
    if shape.shown_lines is not None:
        first, count = shape.shown_lines
        # chroma planes of 4:2:0 hold one line for two of luma
        stored = tuple(
            plane[first * len(plane) // frame.height : (first + count) * len(plane) // frame.height] for plane in stored
        )
    if not shape.is_rgb:
        return Planes(luma=stored[0], components=stored)
    green, blue, red = stored  # libav's order
    largest: Any = cv2.max(cv2.max(red, green), blue)
    return Planes(luma=largest, components=(red, green, blue))


def plane_of(frame: VideoFrame, index: int, bit_depth_bits: int) -> Plane:
    """One plane of a planar frame, without the padding of its lines."""
    plane = frame.planes[index]
    dtype: type[np.unsignedinteger[Any]] = np.uint8 if bit_depth_bits <= 8 else np.uint16
    step = plane.line_size // np.dtype(dtype).itemsize
    if step < plane.width or plane.buffer_size < plane.line_size * plane.height:
        raise ValueError(f"a plane says that it is {plane.width} by {plane.height}, and holds fewer samples")
    rows = np.frombuffer(memoryview(plane), dtype=dtype)[: step * plane.height].reshape(plane.height, step)
    visible: Plane = rows[:, : plane.width]
    return visible


def marked(plane: NDArray[Any], how: int, code: float) -> Any:  # noqa: ANN401
    """Where samples compare so (cv2.CMP_GE …) with one code (255, else 0). OpenCV takes an array of one sample for a
    number and refuses to compare two of these."""
    if plane.size == 1:
        return cv2.compare(np.repeat(plane, 2, axis=1), code, how)[:, :1].copy()  # type: ignore[call-overload]
    return cv2.compare(plane, code, how)  # type: ignore[call-overload]

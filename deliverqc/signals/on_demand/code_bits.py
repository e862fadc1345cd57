"""Columns `code_bits`: which bits of the codes are ever set; knows no depth that a header states.

| column | shape | holds |
|---|---|---|
| `union` | uint16 (frames,) | bitwise or of every code of every component of the frame |
| `depth_bits` | uint8 (frames,) | bits of those codes; 0 where they are no integers: floating point, palettes |

X'Y'Z' of 12 bits is read as it is stored, before it becomes R'G'B'. Alpha is not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deliverqc.signals.columns import Colorimetry, Columns

if TYPE_CHECKING:
    from av import VideoFrame

    from deliverqc.signals.picture.moments import Moment

_NO_CODES = ("pal", "mono")
_FLOATS = ("f16", "f32")
_XYZ, _XYZ_BITS = "xyz12", 12


def columns(_: Colorimetry) -> CodeBitsColumns:
    """A reader of frames of any colours."""
    return CodeBitsColumns()


class CodeBitsColumns:
    """Collects the rows of the extension."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int]] = []

    def read(self, moment: Moment) -> tuple[int, int]:
        """The union of a frame's codes, and their bits."""
        frame, depth_bits = moment.frame, moment.shape.bit_depth_bits
        name = frame.format.name
        if name.startswith(_NO_CODES) or any(kind in name for kind in _FLOATS):
            return 0, 0
        if name.startswith(_XYZ):
            return _of_xyz(frame), _XYZ_BITS
        if max(component.bits for component in frame.format.components) != depth_bits:
            return 0, 0  # converted to the depth of the first frame
        union = 0
        for plane in moment.planes.components:
            union |= int(np.bitwise_or.reduce(plane, axis=None))
        return union, depth_bits

    def keep(self, row: tuple[int, int], moment: Moment) -> None:
        """Add the row of a frame."""
        self._rows.append(row)

    def finish(self) -> Columns:
        """The columns by their own names."""
        rows = np.array(self._rows, dtype=np.uint16).reshape(-1, 2)
        return {"union": rows[:, 0], "depth_bits": rows[:, 1].astype(np.uint8)}


def _of_xyz(frame: VideoFrame) -> int:
    """Of 12 bits on top of 16, three to a pixel."""
    plane = frame.planes[0]
    order = ">u2" if frame.format.is_big_endian else "<u2"
    words = np.frombuffer(memoryview(plane), dtype=order).reshape(frame.height, -1)[:, : 3 * frame.width]
    return int(np.bitwise_or.reduce(words, axis=None)) >> (16 - _XYZ_BITS)

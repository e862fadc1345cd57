"""How transparent the alpha channel of a frame is, where it has one; knows no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

from deliverqc.signals.picture.planes import plane_of

if TYPE_CHECKING:
    from av import VideoFrame

NO_ALPHA, NOT_READ = -1.0, -2.0
_PLANAR = ("yuva4", "gbrap")
_PACKED = {
    **dict.fromkeys(("rgba", "bgra", "argb", "abgr", "ya8"), "gbrap"),
    **dict.fromkeys(("rgba64le", "rgba64be", "bgra64le", "bgra64be", "ya16le", "ya16be"), "gbrap16le"),
}
"""Interleaved formats, and the planar one that holds their alpha unchanged."""
_OTHERS = ("rgbaf", "yaf", "ayuv", "vuya", "uyva", "pal8", "gbrapf", "y210a", "xv")


def least_alpha_percent(frame: VideoFrame) -> float:
    """The smallest alpha of the frame, from 0 (transparent) to 100 (opaque); NO_ALPHA, or NOT_READ where it has alpha
    in a format that is not read."""
    name = frame.format.name
    if name in _PACKED:
        frame = frame.reformat(format=_PACKED[name])
    elif not name.startswith(_PLANAR):
        return NOT_READ if name.startswith(_OTHERS) else NO_ALPHA
    if frame.format.is_big_endian or "f" in frame.format.name:
        return NOT_READ
    bits = frame.format.components[3].bits
    least = cv2.minMaxLoc(plane_of(frame, 3, bits))[0]
    return float(100 * least / ((1 << bits) - 1))

"""Codes of one colour as R'G'B' and as a word; knows no frame.

R'G'B' is by the matrix of ITU-R BT.709 whatever the essence states: BT.601 and BT.2020 move no colour to another word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from deliverqc.signals.tables import PictureSignal

COLOURS = ("black", "grey", "white", "red", "yellow", "green", "cyan", "blue", "magenta")

_BLACK_PERCENT, _WHITE_PERCENT, _GREY_PERCENT = 5.0, 90.0, 12.0
"""House choice: the largest of R', G' and B' in black, the smallest in white, and how far they part in grey."""


def rgb_percent(codes: NDArray[np.float64], picture: PictureSignal) -> NDArray[np.float64]:
    """R'G'B' of each row of `codes` (rows, components), from 0 % to 100 %, beyond which codes may go: (rows, 3)."""
    reach = float(picture.white_code - picture.black_code)
    luma = (codes - picture.black_code) / reach
    if picture.components == ("r", "g", "b"):
        return luma * 100
    grey = luma[:, :1]
    if len(picture.components) < 3:
        return np.repeat(grey * 100, 3, axis=1)
    scale = 1 << (picture.bit_depth_bits - 8)
    cb, cr = ((codes[:, place] - 128 * scale) / ((224 if picture.black_code else 255) * scale) for place in (1, 2))
    red, blue = grey[:, 0] + 1.5748 * cr, grey[:, 0] + 1.8556 * cb
    green = (grey[:, 0] - 0.2126 * red - 0.0722 * blue) / 0.7152
    return np.stack([red, green, blue], axis=1) * 100


def colour_word(rgb: NDArray[np.float64]) -> str:
    """One of COLOURS: the nearest of the six hues, or none of them."""
    held = np.clip(rgb, 0.0, 100.0)
    low, high = float(held.min()), float(held.max())
    if high <= _BLACK_PERCENT:
        return "black"
    if high - low <= _GREY_PERCENT:
        return "white" if low >= _WHITE_PERCENT else "grey"
    red, green, blue = ((held - low) / (high - low)).tolist()
    hue = green - blue if red == 1 else 2 + blue - red if green == 1 else 4 + red - green
    return COLOURS[3 + round(hue) % 6]

"""Colour arithmetic of the ITU: from Y'CbCr to R'G'B'; knows no frame and no table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

LUMA_WEIGHTS = {
    "bt709": (0.2126, 0.0722),
    "fcc": (0.30, 0.11),
    "bt470bg": (0.299, 0.114),
    "smpte170m": (0.299, 0.114),
    "smpte240m": (0.212, 0.087),
    "bt2020nc": (0.2627, 0.0593),
}
"""Weights of red and blue in luma by the matrices that R'G'B' can be computed with (ITU-T H.273 Table 4)."""

MATRICES = ("", "rgb", *LUMA_WEIGHTS)
"""Ways to R'G'B' in a fixed order: "" for none, `rgb` where the essence holds them, and the matrices."""

_SD_HEIGHT_PX = 576


@dataclass(frozen=True, kw_only=True, slots=True)
class ColourMatrix:
    """Codes that R', G' and B' gain over luma for each code that a colour difference stands above its middle."""

    red_of_cr: float
    green_of_cb: float
    green_of_cr: float
    blue_of_cb: float


class Stated(Protocol):
    """What a master states of its colours, by the names of ITU-T H.273; None where it does not."""

    @property
    def primaries(self) -> str | None: ...

    @property
    def matrix(self) -> str | None: ...


def matrix_name(colours: Stated, height_px: int) -> str | None:
    """The matrix of Y'CbCr essence; None where it is one that R'G'B' cannot be computed with.

    Where none is stated: BT.2020 with BT.2020 primaries, else by custom BT.601 up to 576 lines and BT.709 above.
    """
    stated = colours.matrix
    if stated is None and colours.primaries == "bt2020":
        return "bt2020nc"
    if stated is None:
        return "smpte170m" if height_px <= _SD_HEIGHT_PX else "bt709"
    return stated if stated in LUMA_WEIGHTS else None


def matrix_of(name: str, *, is_limited: bool) -> ColourMatrix:
    """The matrix `name` of LUMA_WEIGHTS in codes: limited range gives luma 219 steps at 8 bits and colour differences
    224 (ITU-R BT.709), full range as many to both."""
    red, blue = LUMA_WEIGHTS[name]
    green = 1 - red - blue
    steps = 219 / 224 if is_limited else 1.0
    of_cr, of_cb = 2 * (1 - red) * steps, 2 * (1 - blue) * steps
    return ColourMatrix(
        red_of_cr=of_cr, green_of_cb=-of_cb * blue / green, green_of_cr=-of_cr * red / green, blue_of_cb=of_cb
    )

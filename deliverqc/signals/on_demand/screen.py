"""Screen luminance: from R'G'B' levels to light on a display, as ITU-R BT.1702 looks at pictures; knows no frame and no
table.

| name | for | light |
|---|---|---|
| `bt1886_200` | television transfer functions, and Y'CbCr or grey without any | (level)^2.4, 100 % is 200 cd/m2 |
| `srgb_200` | IEC 61966-2-1, and R'G'B' essence without any | IEC 61966-2-1, 100 % is 200 cd/m2 |
| `pq` | SMPTE ST 2084 | absolute: BT.2100 Table 4 |
| `hlg_1000` | ARIB STD-B67 | BT.2100 Table 5 with its system gamma of 1.2 on a display of nominally 1000 cd/m2 |

BT.1702 takes a display whose peak white is 200 cd/m2, with the exponent of BT.1886. R'G'B' of which nobody says
anything is taken for computer graphics, as IEC 61966-2-1 is their default.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.picture.transfer import pq_light, relative_light

LIGHTS = ("", "bt1886_200", "srgb_200", "pq", "hlg_1000")
"""Names of the table above; "" where the transfer function leads to no luminance on a screen (logarithmic, linear)."""

LEVELS = 1 << 16
COUNTED_CHANGES = (4, 7)
"""Numbers of changes of one pixel whose age is told."""

FULL_LEVEL = 40_000
"""Position in a table of light that stands for 100 %: super-whites have room up to 163 %."""

WHITE_UV = (0.1978, 0.4683)
"""Chromaticity u', v' of D65 (CIE 1976)."""

_SDR_STEPS, _HDR_STEPS = 200.0, 655.35
_PEAK_CD_M2, _HLG_PEAK_CD_M2, _HLG_GAMMA = 200.0, 1000.0, 1.2
_UNSEEN = ("linear", "log100", "log316")
_D65 = (0.3127, 0.3290)
_SMPTE_C = ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65)
_PRIMARIES = {
    "bt709": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    "smpte432": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
    "smpte431": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    "bt470bg": ((0.640, 0.330), (0.290, 0.600), (0.150, 0.060), _D65),
    "smpte170m": _SMPTE_C,
    "smpte240m": _SMPTE_C,
}  # ITU-T H.273 Table 2; others are read as BT.709


@dataclass(frozen=True, kw_only=True, slots=True)
class Screen:
    """How levels become light: `light` names the row of LIGHTS, `table` float32 (LEVELS,) holds linear light for each
    level, `to_xyz` float64 (3, 3) leads from linear R, G, B to X, Y, Z."""

    light: str
    table: NDArray[np.float32]
    to_xyz: NDArray[np.float64]

    def luminance(self, linear_y: NDArray[np.float32]) -> NDArray[np.float32]:
        """cd/m2 on the screen from the Y of linear light: HLG's is light of the scene, the others' of the display."""
        if self.light != "hlg_1000":
            return linear_y
        return np.asarray(_HLG_PEAK_CD_M2 * np.power(linear_y, np.float32(_HLG_GAMMA)), dtype=np.float32)


def stored(luminance: NDArray[np.floating[Any]], light: str) -> NDArray[np.uint16]:
    """cd/m2 in 16 bits: steps of 0.005 up to 327 for 200 cd/m2 screens, else of the root up to 10,000 cd/m2, which
    are 0.04 at 160 cd/m2."""
    steps = np.sqrt(luminance) * _HDR_STEPS if _is_hdr(light) else luminance * _SDR_STEPS
    return np.asarray(np.clip(np.rint(steps), 0, LEVELS - 1).astype(np.uint16))


def stored_cd_m2(light: str) -> NDArray[np.float64]:
    """cd/m2 of each of the 65,536 values that `stored` makes."""
    steps: NDArray[np.float64] = np.arange(LEVELS, dtype=np.float64)
    return (steps / _HDR_STEPS) ** 2 if _is_hdr(light) else steps / _SDR_STEPS


def _is_hdr(light: str) -> bool:
    return light in ("pq", "hlg_1000")


def screen_of(*, transfer: str | None, primaries: str | None, is_rgb: bool) -> Screen | None:
    """The screen for these transfer characteristics and primaries (names of ITU-T H.273, None where nobody says) of
    R'G'B' or other essence; None where the transfer function leads to none."""
    light = _light_of(transfer, is_rgb=is_rgb)
    if light is None:
        return None
    return Screen(light=light, table=_table(light), to_xyz=rgb_to_xyz(primaries))


def _light_of(transfer: str | None, *, is_rgb: bool) -> str | None:
    if transfer in _UNSEEN:
        return None
    named = {"smpte2084": "pq", "arib-std-b67": "hlg_1000", "iec61966-2-1": "srgb_200"}
    return named.get(transfer or "", "srgb_200" if is_rgb and transfer is None else "bt1886_200")


@cache
def _table(light: str) -> NDArray[np.float32]:
    level: NDArray[np.float64] = np.arange(LEVELS) / FULL_LEVEL
    linear: NDArray[np.float64]
    if light == "pq":
        linear = pq_light(level)
    elif light == "hlg_1000":
        linear = np.asarray(relative_light(level, "arib-std-b67"))
    elif light == "srgb_200":
        linear = _PEAK_CD_M2 * np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    else:
        linear = _PEAK_CD_M2 * level**2.4
    table = linear.astype(np.float32)
    table.flags.writeable = False
    return table


def rgb_to_xyz(primaries: str | None) -> NDArray[np.float64]:
    """The matrix from linear R, G, B of these primaries to X, Y, Z; Y of white is 1 (SMPTE RP 177)."""
    *corners, white = _PRIMARIES.get(primaries or "", _PRIMARIES["bt709"])
    unscaled = np.array([(x / y, 1.0, (1 - x - y) / y) for x, y in corners]).T
    target = np.array([white[0] / white[1], 1.0, (1 - white[0] - white[1]) / white[1]])
    return np.asarray(unscaled * np.linalg.solve(unscaled, target))

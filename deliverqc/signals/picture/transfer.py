"""From signals to light, and from one set of primaries to another, by ITU-R BT.2100 and BT.1886; knows no frame and no
table."""

from __future__ import annotations

from math import log

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]

READ, OTHER_COLOURS, NO_MATRIX = 1, 0, 2
"""Whether a frame's light was read, is coded in another way than the columns are about, or has no way to R'G'B'."""

TAIL_STEPS = 20
TAIL_SHARE = 0.001
"""Light is kept that at most TAIL_SHARE * i / TAIL_STEPS of a frame exceeds, for i from 0 (the brightest pixel) to
TAIL_STEPS: where bars leave a part of the frame, its brightest thousandth is among them."""

_PQ_PEAK_CD_M2 = 10_000.0
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_HLG_A = 0.17883277
_HLG_B, _HLG_C = 1 - 4 * _HLG_A, 0.5 - _HLG_A * log(4 * _HLG_A)
_GAMMA_CODED = ("bt709", "smpte170m", "bt2020-10", "bt2020-12")

_D65 = (0.3127, 0.3290)
_BT2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))


def pq_light(signal: Signal) -> Signal:
    """Light in cd/m2 of a PQ signal from 0 to 1, which is clipped to that (BT.2100-2 Table 4, EOTF)."""
    root = np.clip(signal, 0.0, 1.0) ** (1 / _M2)
    light: Signal = _PQ_PEAK_CD_M2 * (np.maximum(root - _C1, 0.0) / (_C2 - _C3 * root)) ** (1 / _M1)
    return light


def pq_signal(light_cd_m2: float) -> float:
    """The PQ signal, from 0 to 1, of a light of up to 10,000 cd/m2 (BT.2100-2 Table 4, inverse EOTF)."""
    root = (light_cd_m2 / _PQ_PEAK_CD_M2) ** _M1
    return float(((_C1 + _C2 * root) / (1 + _C3 * root)) ** _M2)


def relative_light(signal: Signal, transfer: str | None) -> Signal | None:
    """Light of a signal from 0 to 1, which is clipped to that, in a unit of its own; None for a transfer that is not
    read. HLG is of the scene (BT.2100-2 Table 5, inverse OETF), gamma of the display (BT.1886, black of 0)."""
    clipped = np.clip(signal, 0.0, 1.0)
    if transfer == "smpte2084":
        return pq_light(clipped)
    if transfer == "arib-std-b67":
        bright = (np.exp((clipped - _HLG_C) / _HLG_A) + _HLG_B) / 12
        return np.where(clipped <= 0.5, clipped**2 / 3, bright).astype(np.float64)
    return np.power(clipped, 2.4) if transfer in _GAMMA_CODED else None


def _to_xyz(primaries: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """Linear R, G and B with a white of D65 to CIE X, Y and Z (SMPTE RP 177)."""
    columns: NDArray[np.float64] = np.array([(x / y, 1.0, (1 - x - y) / y) for x, y in primaries]).T
    white = np.array([_D65[0] / _D65[1], 1.0, (1 - sum(_D65)) / _D65[1]])
    return (columns * np.linalg.solve(columns, white)).astype(np.float64)


P3_FROM_BT2020: NDArray[np.float64] = np.linalg.solve(_to_xyz(_P3), _to_xyz(_BT2020)).astype(np.float64)
"""Linear P3-D65 (SMPTE EG 432-1 primaries, white D65) from linear BT.2020: 3 x 3, rows R, G and B."""

"""Curves that let a reader see a finding, as the verdict document holds them; knows no meter and decides nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

CURVE_POINTS = 2_000
"""Most points of a curve in the verdict document."""

_DECIMALS = 3  # house choice, because a curve is looked at: finer than a pixel of any plot, and a third of the bytes


def curve(
    name: str,
    unit: str,
    group: int | None,
    start_s: float,
    step_s: float,
    values: ArrayLike,
    points: int = CURVE_POINTS,
) -> dict[str, Any]:
    """Thin a curve to at most `points` steps, keeping the lowest and the highest value of every step.

    `values` are one-dimensional, in `unit`, the first at `start_s` and each `step_s` later; `step_s` of the result is a
    whole multiple of it. A step without any finite value (silence, nothing measured) is `null` in both lists.
    ValueError when values are not one-dimensional, or `points` or `step_s` is not positive.
    """
    series = np.asarray(values, dtype=np.float64)
    if series.ndim != 1:
        raise ValueError(f"the curve {name} has {series.ndim} dimensions; it must have one")
    if points < 1 or not step_s > 0:
        raise ValueError(f"the curve {name} cannot be thinned to {points} points of {step_s} s")
    together = max(1, -(-len(series) // points))
    padded = np.full(-(-len(series) // together) * together, np.nan)
    padded[: len(series)] = np.where(np.isfinite(series), series, np.nan)
    steps = padded.reshape(-1, together)
    return {
        "name": name,
        "unit": unit,
        "group": group,
        "start_s": start_s,
        "step_s": step_s * together,
        "min": _plain(np.fmin.reduce(steps, axis=1)),
        "max": _plain(np.fmax.reduce(steps, axis=1)),
    }


def _plain(values: NDArray[np.float64]) -> list[float | None]:
    return [None if value != value else value for value in np.round(values, _DECIMALS).tolist()]

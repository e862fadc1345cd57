"""Picture tables for tests of meters: a steady grey picture, in which a test changes the columns that it is about."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from deliverqc.signals.tables import (
    BAR_LUMA_PERCENT,
    COLOUR_BARS,
    EXCURSIONS,
    FAR_FROM_BARS,
    LUMA_QUANTILES,
    PictureSignal,
)


def picture_table(frame_count: int, **changes: object) -> PictureSignal:
    """1920x1080 at 25 frames per second, 10 bits, 4:2:2, limited range: code 500 in every pixel, without noise."""
    unchanged = np.zeros((frame_count, 3), dtype=np.float32)
    unchanged[:1] = np.nan
    values: dict[str, object] = {
        "frame_rate": Fraction(25),
        "width_px": 1920,
        "height_px": 1080,
        "bit_depth_bits": 10,
        "black_code": 64,
        "white_code": 940,
        "components": ("y", "cb", "cr"),
        "start_s": np.arange(frame_count) / 25,
        "luma_quantiles": np.full((frame_count, len(LUMA_QUANTILES)), 500, dtype=np.uint16),
        "component_extremes": np.full((frame_count, 3, 2), 500, dtype=np.uint16),
        "component_excursions": np.zeros((frame_count, 3, len(EXCURSIONS)), dtype=np.uint32),
        "plane_difference": unchanged,
        "field_difference": unchanged[:, :2],
        "largest_luma_change": np.zeros(frame_count, dtype=np.uint16),
        "second_difference": unchanged[:, 0],
        "combing": np.zeros((frame_count, 3), dtype=np.float32),
        "bars_px": np.zeros((frame_count, len(BAR_LUMA_PERCENT), 4), dtype=np.uint16),
        "bars_distance_percent": np.full((frame_count, len(COLOUR_BARS)), FAR_FROM_BARS, dtype=np.float32),
        "alpha_min_percent": np.full(frame_count, -1, dtype=np.float32),
        "main_colour": np.full((frame_count, 3), 500, dtype=np.uint16),
        "main_colour_percent": np.full((frame_count, 2), 100, dtype=np.float32),
    }
    return PictureSignal(**(values | changes))  # type: ignore[arg-type]


def changing(*sizes: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """A plane_difference in which luma changes by each of `sizes`, in codes, from frame 1 on; chroma stands."""
    table = np.zeros((len(sizes) + 1, 3), dtype=np.float32)
    table[0] = np.nan
    table[1:, 0] = sizes
    return table

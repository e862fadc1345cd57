"""Picture kernels: from decoded frames to rows of the picture table; knows nothing of files, settings or facts.

Every pixel of every frame is counted. OpenCV is imported here, where it is used, because headers are probed without it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.extended import PictureColumns, gather
from deliverqc.signals.planes import Plane, Planes, Shape, planes_of, shape_of
from deliverqc.signals.tables import BAR_LUMA_PERCENT, EXCURSIONS, LUMA_QUANTILES, PictureSignal

if TYPE_CHECKING:
    from av import VideoFrame

_COLUMN_TYPES = {
    "luma_quantiles": np.uint16,
    "component_extremes": np.uint16,
    "component_excursions": np.uint32,
    "plane_difference": np.float32,
    "field_difference": np.float32,
    "largest_luma_change": np.uint16,
    "unchanged_luma_share": np.float32,
    "second_difference": np.float32,
    "combing": np.float32,
    "bars_px": np.uint16,
}


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What later frames are compared with: the planes, the sums of successive even lines of luma, and twice the odd
    lines between them. The arrays are filled again and again, because fresh memory costs more than the sums."""

    planes: Planes | None = None
    around: NDArray[Any] | None = None
    between: NDArray[Any] | None = None

    def fill(self, planes: Planes, bit_depth_bits: int) -> None:
        """Hold `planes` instead of what was held."""
        wide: Any = planes.luma  # twice a code of 16 bits or of 8 needs more room
        if bit_depth_bits == 16:
            wide = wide.astype(np.float32)
        elif bit_depth_bits == 8:
            wide = wide.astype(np.uint16)
        even, odd = wide[0::2], wide[1::2]
        count = len(even) - 1
        self.around = _added(even[:-1], even[1:], self.around)
        self.between = _added(odd[:count], odd[:count], self.between)
        self.planes = planes


@dataclass(slots=True, kw_only=True)
class PictureAccumulator:
    """Collects rows of the picture table. The shape of the first frame holds for all; later ones are brought to it.

    `extensions` read every frame beside the core columns.
    """

    frame_rate: Fraction
    extensions: Mapping[str, PictureColumns] = field(default_factory=dict)
    _shape: Shape | None = None
    _size: tuple[int, int] = (0, 0)
    _start_s: list[float] = field(default_factory=list)
    _columns: defaultdict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    _seen: tuple[_Seen, _Seen] = field(default_factory=lambda: (_Seen(), _Seen()))
    _before_that: Plane | None = None
    _change: NDArray[Any] | None = None

    @property
    def frame_count(self) -> int:
        return len(self._start_s)

    def feed(self, frame: VideoFrame, start_s: float) -> None:
        """Add one decoded frame that is shown `start_s` seconds after the first."""
        if self._shape is None:
            self._shape = shape_of(frame)
            self._size = (frame.width, frame.height)
        shape, planes = self._shape, planes_of(frame, self._shape)
        depth = shape.bit_depth_bits
        now, last = self._seen[self.frame_count % 2], self._seen[(self.frame_count + 1) % 2]
        now.fill(planes, depth)
        before = last.planes if last.planes and last.planes.luma.shape == planes.luma.shape else None
        earlier = self._before_that if before is not None else None
        row = (
            levels(planes, depth)
            | differences(planes, before, depth, self._room(planes))
            | {
                "second_difference": _mean_difference(planes.luma, earlier),
                "combing": combing(now, last if before is not None else None),
                "bars_px": bars(planes.luma, shape.black_code, shape.white_code),
            }
        )
        self._start_s.append(start_s)
        for name in _COLUMN_TYPES:
            self._columns[name].append(row[name])
        for reader in self.extensions.values():
            reader.feed(frame, planes, shape)
        self._before_that = last.planes.luma if last.planes else None

    def _room(self, planes: Planes) -> NDArray[Any]:
        if self._change is None or self._change.shape != planes.luma.shape:
            self._change = np.empty_like(planes.luma, order="C")
        return self._change

    def finish(self) -> PictureSignal | None:
        """The table, in order of presentation; None when no frame came."""
        if self._shape is None:
            return None
        columns: dict[str, Any] = {
            name: np.array(self._columns[name], dtype=kind) for name, kind in _COLUMN_TYPES.items()
        }
        return PictureSignal(
            frame_rate=self.frame_rate,
            width_px=self._size[0],
            height_px=self._size[1],
            bit_depth_bits=self._shape.bit_depth_bits,
            black_code=self._shape.black_code,
            white_code=self._shape.white_code,
            components=self._shape.components,
            start_s=np.array(self._start_s, dtype=np.float64),
            **columns,
            extended=gather(self.extensions),
        )


def levels(planes: Planes, bit_depth_bits: int) -> dict[str, Any]:
    """Quantiles of luma, and extremes and excursions of each component."""
    luma = _histogram(planes.luma, bit_depth_bits)
    counted = [
        (_extremes(luma), excursions(luma, bit_depth_bits)) if plane is planes.luma else _counted(plane, bit_depth_bits)
        for plane in planes.components
    ]
    return {
        "luma_quantiles": quantiles(luma, LUMA_QUANTILES),
        "component_extremes": [extremes for extremes, _ in counted],
        "component_excursions": [beyond for _, beyond in counted],
    }


def _counted(plane: Plane, bit_depth_bits: int) -> tuple[tuple[int, int], tuple[int, ...]]:
    """Extremes and excursions; a histogram only where the extremes show that there is something to count."""
    low, high = (int(code) for code in cv2.minMaxLoc(plane)[:2])
    scale = 1 << (bit_depth_bits - 8)
    if low >= 16 * scale and high <= 235 * scale:
        return (low, high), (0,) * len(EXCURSIONS)
    return (low, high), excursions(_histogram(plane, bit_depth_bits), bit_depth_bits)


def quantiles(histogram: NDArray[np.int64], shares: tuple[float, ...]) -> NDArray[np.uint16]:
    """Value at each of `shares`: the smallest that at least that share of the pixels does not exceed."""
    cumulative = np.cumsum(histogram)
    wanted = np.maximum(1, np.ceil(np.array(shares) * cumulative[-1] - 1e-6))
    codes: NDArray[np.uint16] = np.searchsorted(cumulative, wanted).astype(np.uint16)
    return codes


def excursions(histogram: NDArray[np.int64], bit_depth_bits: int) -> tuple[int, ...]:
    """Pixels beyond each of EXCURSIONS."""
    scale = 1 << (bit_depth_bits - 8)
    below = [int(histogram[: code * scale].sum()) for code in (1, 5, 16)]
    above = [int(histogram[code * scale + 1 :].sum()) for code in (235, 240, 246)]
    return (*below, *above, int(histogram[255 * scale :].sum()))


def differences(
    planes: Planes, before: Planes | None, bit_depth_bits: int, room: NDArray[Any] | None = None
) -> dict[str, Any]:
    """How far the frame is from the one before it; `room` is memory for the changes, of the size of luma."""
    if before is None:
        return {
            "plane_difference": [np.nan] * len(planes.components),
            "field_difference": (np.nan, np.nan),
            "largest_luma_change": (1 << bit_depth_bits) - 1,
            "unchanged_luma_share": np.nan,
        }
    change = cv2.absdiff(planes.luma, before.luma, dst=room)
    sums = [cv2.sumElems(lines)[0] if lines.size else 0.0 for lines in (change[0::2], change[1::2])]
    return {
        "plane_difference": [
            sum(sums) / change.size if now is planes.luma else _mean_difference(now, then)
            for now, then in zip(planes.components, before.components, strict=True)
        ],
        "field_difference": [
            total / lines.size if lines.size else np.nan
            for total, lines in zip(sums, (change[0::2], change[1::2]), strict=True)
        ],
        "largest_luma_change": int(cv2.minMaxLoc(change)[1]),
        "unchanged_luma_share": 1 - cv2.countNonZero(change) / change.size,
    }


def combing(seen: _Seen, before: _Seen | None) -> tuple[float, float, float]:
    """Combing of the frame, of its even lines with the odd ones of the frame before, of its odd with the even ones."""
    return (
        _woven(seen, seen),
        np.nan if before is None else _woven(seen, before),
        np.nan if before is None else _woven(before, seen),
    )


def bars(luma: Plane, black_code: int, white_code: int) -> list[tuple[int, int, int, int]]:
    """Columns and lines of bar at the left, right, top and bottom, for each of BAR_LUMA_PERCENT."""
    rows = cv2.reduce(luma, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F).reshape(-1) / luma.shape[1]
    columns = cv2.reduce(luma, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F).reshape(-1) / luma.shape[0]
    found = []
    for percent in BAR_LUMA_PERCENT:
        limit = black_code + (white_code - black_code) * percent / 100
        (left, right), (top, bottom) = _dark_ends(columns <= limit), _dark_ends(rows <= limit)
        found.append((left, right, top, bottom))
    return found


def _dark_ends(is_dark: NDArray[np.bool_]) -> tuple[int, int]:
    lit = np.flatnonzero(~is_dark)
    return (len(is_dark), len(is_dark)) if not len(lit) else (int(lit[0]), len(is_dark) - 1 - int(lit[-1]))


def _added(one: NDArray[Any], other: NDArray[Any], room: NDArray[Any] | None) -> NDArray[Any]:
    if not one.size:
        return one
    return np.asarray(cv2.add(one, other, dst=room if room is not None and room.shape == one.shape else None))


def _woven(even: _Seen, odd: _Seen) -> float:
    """Combing of the picture that the even lines of one frame and the odd lines of another make."""
    around, between = even.around, odd.between
    if around is None or between is None or not around.size:
        return float("nan")
    return cv2.norm(around, between, cv2.NORM_L1) / 2 / around.size


def _histogram(plane: Any, bit_depth_bits: int) -> NDArray[np.int64]:  # noqa: ANN401
    bins = 1 << bit_depth_bits
    counts: NDArray[np.int64] = cv2.calcHist([plane], [0], None, [bins], [0, bins]).reshape(-1).astype(np.int64)
    return counts


def _extremes(histogram: NDArray[np.int64]) -> tuple[int, int]:
    held = np.flatnonzero(histogram)
    return int(held[0]), int(held[-1])


def _mean_difference(now: Plane, then: Plane | None) -> float:
    if then is None or then.shape != now.shape or not now.size:
        return float("nan")
    return cv2.norm(now, then, cv2.NORM_L1) / now.size

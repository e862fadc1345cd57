"""Picture kernels: from decoded frames to rows of the picture table; knows nothing of files, settings or facts.

Every pixel of every frame is counted, but for recognising colour bars. OpenCV is imported here, where it is used,
because headers are probed without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.columns import gather
from deliverqc.signals.picture.alpha import least_alpha_percent
from deliverqc.signals.picture.colour_bars import distance
from deliverqc.signals.picture.columns import PacketColumns, PictureColumns
from deliverqc.signals.picture.in_order import InOrder
from deliverqc.signals.picture.luma import LumaReader, bars, histogram_of, mean_difference
from deliverqc.signals.picture.main_colour import main_colour
from deliverqc.signals.picture.moments import Moment
from deliverqc.signals.picture.planes import Plane, Planes, Shape, planes_of, shape_of
from deliverqc.signals.picture.rows import Rows
from deliverqc.signals.tables import EXCURSIONS, LUMA_QUANTILES, PictureSignal, columns_of

if TYPE_CHECKING:
    from av import Packet, VideoFrame

_NONE = (None, None, None)

_MOST_BYTES_IN_FLIGHT = 80_000_000
"""House choice: nine frames of 1080p or two of 2160p, 10 bits and 4:2:2."""


@dataclass(slots=True, kw_only=True)
class PictureAccumulator:
    """Collects rows of the picture table. The shape of the first frame holds for all; later ones are brought to it.

    `extensions` read every frame beside the core columns. `shown_lines` and `color_range` as in the plan. Rows of
    several frames are read at once in `threads` threads; whatever their number, the table is the same.
    """

    frame_rate: Fraction
    extensions: Mapping[str, PictureColumns] = field(default_factory=dict)
    shown_lines: tuple[int, int] | None = None
    color_range: str | None = None
    threads: int = 1
    frame_count: int = 0
    _shape: Shape | None = None
    _size: tuple[int, int] = (0, 0)
    _rows: Rows = field(default_factory=lambda: Rows(columns_of(PictureSignal)))
    _luma: LumaReader | None = None
    _work: InOrder | None = None
    _before: Moment | None = None
    _earlier: Moment | None = None

    def see(self, packet: Packet[Any]) -> None:
        """Show a packet, which is about to be decoded, to the extensions that read packets."""
        for reader in self.extensions.values():
            if isinstance(reader, PacketColumns):
                reader.see(packet)

    def feed(self, frame: VideoFrame, start_s: float) -> None:
        """Add one decoded frame that is shown `start_s` seconds after the first. Raises what reading an earlier frame
        raised."""
        work = self._work or self._begin(frame)
        assert self._shape is not None
        moment = Moment(frame, self._shape, self._before, self._earlier)
        self._before, self._earlier = moment, self._before
        self.frame_count += 1
        work.put(lambda: self._read(moment, start_s), lambda rows: self._keep(rows, moment))

    def _begin(self, frame: VideoFrame) -> InOrder:
        shape = shape_of(frame, shown_lines=self.shown_lines, color_range=self.color_range)
        self._size = frame.width, shape.shown_lines[1] if shape.shown_lines else frame.height
        self._luma = LumaReader(bit_depth_bits=shape.bit_depth_bits)
        held_bytes = sum(plane.nbytes for plane in planes_of(frame, shape).components)
        self._shape, self._work = shape, InOrder(self.threads, frames_in_flight(self.threads, held_bytes))
        return self._work

    def _read(self, moment: Moment, start_s: float) -> tuple[dict[str, Any], dict[str, Any]]:
        """The core columns of a frame, and what each extension reads of it."""
        return self._core(moment) | {"start_s": start_s}, {
            name: reader.read(moment) for name, reader in self.extensions.items()
        }

    def _core(self, moment: Moment) -> dict[str, Any]:
        shape, planes = moment.shape, moment.planes
        before = moment.before.planes if moment.before is not None else None
        earlier = moment.earlier.planes.luma if moment.earlier is not None else None
        assert self._luma is not None
        histogram, row = self._luma.read(planes.luma, before.luma if before else None, earlier)
        row |= levels(planes, histogram, shape.bit_depth_bits)
        row["plane_difference"] = [
            row["luma_difference"] if now is planes.luma else mean_difference(now, then)
            for now, then in zip(planes.components, before.components if before else _NONE, strict=False)
        ]
        row["bars_px"] = bars(planes.luma, shape.black_code, shape.white_code)
        row["bars_distance_percent"] = distance(planes, shape)
        row["alpha_min_percent"] = least_alpha_percent(moment.frame)
        row["main_colour"], row["main_colour_percent"] = main_colour(planes, shape, row["luma_quantiles"])
        return row

    def _keep(self, rows: tuple[dict[str, Any], dict[str, Any]], moment: Moment) -> None:
        row, extended = rows
        self._rows.add(row)
        for name, reader in self.extensions.items():
            reader.keep(extended[name], moment)
        moment.let_go()

    def finish(self) -> PictureSignal | None:
        """The table, in order of presentation; None when no frame came."""
        if self._shape is None or self._work is None:
            return None
        self._work.finish()
        self.close()
        columns: dict[str, Any] = self._rows.finish()
        return PictureSignal(
            frame_rate=self.frame_rate,
            width_px=self._size[0],
            height_px=self._size[1],
            bit_depth_bits=self._shape.bit_depth_bits,
            black_code=self._shape.black_code,
            white_code=self._shape.white_code,
            components=self._shape.components,
            **columns,
            extended=gather(self.extensions),
        )

    def close(self) -> None:
        """End the threads; frames whose rows are not in the table yet are thrown away."""
        if self._work is not None:
            self._work.close()


def frames_in_flight(threads: int, frame_bytes: int) -> int:
    """How many frames are held at most because their rows are not read yet: one more than there are threads, fewer of
    large frames, and at least two. The two frames before them are held too."""
    return max(2, min(threads + 1, _MOST_BYTES_IN_FLIGHT // max(1, frame_bytes)))


def levels(planes: Planes, luma: NDArray[np.int64], bit_depth_bits: int) -> dict[str, Any]:
    """Quantiles of luma, of which the histogram is given, and extremes and excursions of each component."""
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
    return (low, high), excursions(histogram_of(plane, bit_depth_bits), bit_depth_bits)


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


def _extremes(histogram: NDArray[np.int64]) -> tuple[int, int]:
    held = np.flatnonzero(histogram)
    return int(held[0]), int(held[-1])

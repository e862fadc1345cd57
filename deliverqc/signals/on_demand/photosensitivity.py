"""Columns `photosensitivity`: luminance of the screen on a grid, how much of each cell changed, how much entered or left
saturated red, and stripes; knows no flash and no rate.

The picture is first brought to about 270 lines by means over square blocks of codes (4 x 4 of 1080 lines, 8 x 8 of
2160), then to linear light, and that to means over GRID cells of equal size: every pixel counts. Detail inside of a
block is darker so than on a screen.

| column | shape | holds |
|---|---|---|
| `luminance` | uint16 (frames, 9, 16) | mean of the cell in cd/m2, as `stored` of deliverqc/signals/on_demand/screen.py writes it |
| `changed` | uint16 (frames, 9, 16) | share of the cell's pixels whose luma moved by 1 % of the range or more, in this frame or in the one before, of 65,535 |
| `red_entered`, `red_left` | uint16 (frames, 9, 16) | share of the cell's pixels that enter and that leave saturated red: deliverqc/signals/on_demand/red.py; of 65,535 |
| `red_recent` | uint16 (frames, 2, 64) | share of the picture's pixels of which the last four, and the last seven, changes of red began at most 0, 1, 2 ... 63 frames ago; of 65,535 |
| `stripes` | float32 (frames, 6) | the largest grating: deliverqc/signals/on_demand/stripes.py, in the order of its members |
| `light` | uint8 (frames,) | position in LIGHTS of deliverqc/signals/on_demand/screen.py; at 0 nothing else was read |

Lines of both fields are read together. 1 % of luma from black to white is a house choice, because what ITU-R BT.1702
looks at changes luma by more: by 4.5 % or more in BT.1886, 1.8 % in HLG, 1.2 % in PQ. Luma is read in every pixel,
before the means. Red is followed from the first frame on, so parts of a master measured apart would differ.
"""  # noqa: E501

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.columns import Colorimetry, Columns
from deliverqc.signals.on_demand import stripes
from deliverqc.signals.on_demand.red import AGES_FRAMES, RedChanges, RedRow
from deliverqc.signals.on_demand.red_codes import RedCodes, red_codes
from deliverqc.signals.on_demand.screen import COUNTED_CHANGES, FULL_LEVEL, LIGHTS, Screen, screen_of, stored
from deliverqc.signals.picture.colour_matrix import matrix_name, matrix_of
from deliverqc.signals.picture.moments import Rooms
from deliverqc.signals.picture.rows import Rows

if TYPE_CHECKING:
    from deliverqc.signals.picture.moments import Moment
    from deliverqc.signals.picture.planes import Planes, Shape

IS_STATEFUL = True

GRID = (9, 16)
"""Cells down and across: 120 x 120 pixels of 1920x1080."""

_LINES = 270
_ABOVE_ZERO = 1 << 15  # room for what colour differences take from green
_CHANGE_PERCENT = 1
_MARK = 252  # means of two or four of it are whole
_BAND_LINES = 96  # compared at a time: what stays in the processor's cache
_WHOLE = 65_535
_MARKS = "photosensitivity: marks"
_ROUNDING = 1e-6  # shares are rounded down, so that a quarter is no more than a quarter

Floats = NDArray[np.float32]


def columns(colorimetry: Colorimetry) -> PhotosensitivityColumns:
    """A reader of frames with these colours."""
    return PhotosensitivityColumns(colorimetry)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """What is read of a frame: its columns but those of red, and the states that red is followed from."""

    columns: dict[str, Any]
    codes: RedCodes | None
    red: list[NDArray[np.uint8] | None]


class PhotosensitivityColumns:
    """Collects the rows of the extension."""

    def __init__(self, colorimetry: Colorimetry) -> None:
        self._colorimetry = colorimetry
        self._rooms = Rooms()
        self._red: RedChanges | None = None
        self._rows = Rows(_TYPES)

    def read(self, moment: Moment) -> _Read:
        """The columns of a frame that need no more than two frames before it, and where it can be red."""
        colours, planes, shape = self._colorimetry, moment.planes, moment.shape
        matrix = matrix_name(colours, len(planes.luma)) if shape.components == ("y", "cb", "cr") else "rgb"
        screen = screen_of(transfer=colours.transfer, primaries=colours.primaries, is_rgb=shape.is_rgb)
        if screen is None or matrix is None:
            return _Read(columns=dict(_EMPTY), codes=None, red=[])
        row = _EMPTY | _light(_levels(planes, shape, matrix, self._rooms), screen, self._rooms)
        row["changed"] = _shares(*self._marks(moment))
        codes = red_codes(shape, matrix, colours.transfer, colours.primaries, planes.luma.shape)
        return _Read(columns=row, codes=codes, red=codes.states(planes.components))

    def _marks(self, moment: Moment) -> tuple[NDArray[Any] | None, NDArray[Any] | None]:
        """Where luma moved in this frame, and in the one before."""
        before, earlier = moment.before, moment.earlier
        now = moment.once(_MARKS, lambda: _marked(moment, before, self._rooms))
        return now, None if before is None else before.once(_MARKS, lambda: _marked(before, earlier, self._rooms))

    def keep(self, row: _Read, moment: Moment) -> None:
        """Add the row of a frame, in which red is followed from the frames before."""
        columns = row.columns
        if row.codes is not None:
            if self._red is None or not self._red.codes.fits(row.codes):
                self._red = RedChanges(row.codes, GRID)  # frames became other ones
            columns = columns | _red(self._red.take(moment.planes, row.red))
        self._rows.add(columns)

    def finish(self) -> Columns:
        """The columns by their own names."""
        return {name: column.reshape(-1, *np.shape(_EMPTY[name])) for name, column in self._rows.finish().items()}


_TYPES = {
    "luminance": np.uint16,
    "changed": np.uint16,
    "red_entered": np.uint16,
    "red_left": np.uint16,
    "red_recent": np.uint16,
    "stripes": np.float32,
    "light": np.uint8,
}
_EMPTY: dict[str, Any] = {
    "luminance": np.zeros(GRID),
    "changed": np.zeros(GRID),
    "red_entered": np.zeros(GRID),
    "red_left": np.zeros(GRID),
    "red_recent": np.zeros((len(COUNTED_CHANGES), AGES_FRAMES)),
    "stripes": np.zeros(6),
    "light": 0,
}


def _light(levels: tuple[Any, ...], screen: Screen, rooms: Rooms) -> dict[str, Any]:
    """What a row says of a picture of R'G'B' levels, each uint16 (lines, columns); one alone is grey."""
    size = levels[0].shape
    linear = [
        np.take(screen.table, level, mode="clip", out=rooms.of(f"linear {number}", size, np.float32))
        for number, level in enumerate(levels)
    ]
    weights = screen.to_xyz[1]
    light: Any = linear[0]
    if len(linear) == 3:
        room = rooms.of("light", size, np.float32)
        light = cv2.addWeighted(linear[0], weights[0], linear[1], weights[1], 0, dst=room)
        light = cv2.scaleAdd(linear[2], weights[2], light, dst=room)
    luminance = screen.luminance(light)
    small: Any = cv2.resize(_halved(luminance), stripes.SIZE[::-1], interpolation=cv2.INTER_AREA)
    return {
        "luminance": stored(_averaged(luminance), screen.light),
        "stripes": astuple(stripes.find(small)),
        "light": LIGHTS.index(screen.light),
    }


def _levels(planes: Planes, shape: Shape, matrix: str, rooms: Rooms) -> tuple[Any, ...]:
    """R', G' and B' (or grey alone) of the reduced picture, as positions in a table of light."""
    height, width = planes.luma.shape
    factor = max(1, round(height / _LINES))
    size = (max(1, height // factor), max(1, width // factor))
    reduced = [_reduced(plane, size, rooms, f"plane {number}") for number, plane in enumerate(planes.components)]
    scale = FULL_LEVEL / (shape.white_code - shape.black_code)
    black = -shape.black_code * scale

    def weighed(name: str, one: Any, by_one: float, other: Any, by_other: float, constant: float) -> Any:  # noqa: ANN401
        room = rooms.of(name, size, np.uint16)
        return cv2.addWeighted(one, by_one, other, by_other, constant, dst=room, dtype=cv2.CV_16U)

    if matrix == "rgb":
        return tuple(weighed(f"level {number}", one, scale, one, 0, black) for number, one in enumerate(reduced))
    by = matrix_of(matrix, is_limited=shape.black_code > 0)
    luma, cb, cr = reduced
    middle = 1 << (shape.bit_depth_bits - 1)
    of_cb, of_cr = by.green_of_cb * scale, by.green_of_cr * scale
    green = weighed("green", cb, of_cb, cr, of_cr, _ABOVE_ZERO - (of_cb + of_cr) * middle)
    return (
        weighed("red level", luma, scale, cr, by.red_of_cr * scale, black - by.red_of_cr * scale * middle),
        weighed("green level", luma, scale, green, 1, black - _ABOVE_ZERO),
        weighed("blue level", luma, scale, cb, by.blue_of_cb * scale, black - by.blue_of_cb * scale * middle),
    )


def _reduced(plane: Any, size: tuple[int, int], rooms: Rooms, name: str) -> Any:  # noqa: ANN401
    """The plane at (lines, columns) of `size`, by means; pairs of lines first where 4:2:2 has too many, which is much
    faster than a resize by unlike factors."""
    height, width = size
    if plane.shape[0] * width == 2 * plane.shape[1] * height and plane.shape[0] % 2 == 0:
        room = rooms.of(f"{name} lines", (plane.shape[0] // 2, plane.shape[1]), plane.dtype)
        plane = cv2.addWeighted(plane[0::2], 0.5, plane[1::2], 0.5, 0, dst=room)
    while plane.shape[0] >= 4 * height and plane.shape[0] % 2 == 0 and plane.shape[1] % 2 == 0:
        plane = _halved(plane)
    if plane.shape == size:
        return plane
    return cv2.resize(plane, (width, height), dst=rooms.of(name, size, plane.dtype), interpolation=cv2.INTER_AREA)


def _halved(values: Any) -> Any:  # noqa: ANN401
    """Means over 2 x 2, where the sides are even: what is made smaller further is the same, and sooner done."""
    height, width = values.shape
    if height % 2 or width % 2:
        return values
    return cv2.resize(values, (width // 2, height // 2), interpolation=cv2.INTER_AREA)


def _averaged(values: Floats) -> Floats:
    """Means over the cells of the grid."""
    return np.asarray(cv2.resize(_halved(values), GRID[::-1], interpolation=cv2.INTER_AREA), dtype=np.float32)


def _marked(moment: Moment, before: Moment | None, rooms: Rooms) -> NDArray[Any] | None:
    """Where luma differs from the frame before: _MARK in each such pixel, in means over 2 x 2 where sides are even."""
    luma, luma_before, shape = moment.planes.luma, None if before is None else before.planes.luma, moment.shape
    if luma_before is None or luma_before.shape != luma.shape:
        return None
    least = -(-(shape.white_code - shape.black_code) * _CHANGE_PERCENT // 100)
    (height, width), down = luma.shape, 1 if any(side % 2 for side in luma.shape) else 2
    marks = np.empty((height // down, width // down), dtype=luma.dtype)
    for top in range(0, height, _BAND_LINES):
        band = slice(top, top + _BAND_LINES)
        room = rooms.of("change", luma[band].shape, luma.dtype)
        cv2.threshold(
            cv2.absdiff(luma[band], luma_before[band], dst=room), least - 1, _MARK, cv2.THRESH_BINARY, dst=room
        )
        marks[top // down : (top + len(room)) // down] = _halved(room) if down == 2 else room
    return marks


def _shares(marks: NDArray[Any] | None, before: NDArray[Any] | None) -> NDArray[Any]:
    """The share of each cell that is marked in this frame or the one before, in steps."""
    if marks is None:
        return np.zeros(GRID)
    either: Any = marks if before is None or before.shape != marks.shape else cv2.max(marks, before)
    return np.asarray(np.rint(_averaged(either.astype(np.float32)) * (_WHOLE / _MARK)))


def _red(row: RedRow) -> dict[str, Any]:
    """A row of red, in steps."""
    shares = {"red_entered": row.entered, "red_left": row.left, "red_recent": row.recent}
    return {name: np.minimum(np.floor(share * _WHOLE + _ROUNDING), _WHOLE) for name, share in shares.items()}

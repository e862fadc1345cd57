"""Lays out the packets of a tile of JPEG 2000: which there are, in which order, and which code blocks each holds
(ISO/IEC 15444-1 annex B); reads no packet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from deliverqc.probing.jpeg2000 import Progression, Segment, Sizes
from deliverqc.signals.jpeg2000.styles import Component, NotUnderstoodError, TileStyle, tile_style

_MOST_PACKETS = 100_000
"""House choice: far more than 8K in small precincts has; a layout beyond it is not read."""

_MOST_BLOCKS = 1_000_000
"""House choice: code blocks in all packets of a codestream; ten times those of 8K in blocks of 32 by 32."""

_MOST_CHANGED = 5_000_000
"""House choice: packets by changes of their order."""

_MOST_STATEMENTS = 1_000_000
"""House choice: marker segments that are looked through for the components of all tiles."""

_MOST_PLANS = 4
_LRCP, _RLCP, _RPCL, _PCRL, _CPRL = range(5)
_EVERYTHING = 1 << 16

Box = tuple[int, int, int, int]
"""Left, top, and right and bottom, which are exclusive."""


class Band(NamedTuple):
    """The code blocks of a precinct in one sub-band. `parents`: of each node of a tag tree (section B.10.2), leaves
    first in raster order; the parent of the root is one more node, whose value is 0. `bit_planes`: of the sub-band.
    """

    block_count: int
    parents: tuple[int, ...]
    bit_planes: int
    is_bypassed: bool
    is_terminated: bool


_Blocks = tuple[int, int, int]
"""Columns and rows of code blocks in a sub-band, and its bit planes."""

Precinct = tuple[Band, ...]
"""Sub-bands that have code blocks in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TilePlan:
    """`packets`: number of precinct, and layer, in the order of the codestream."""

    precincts: tuple[Precinct, ...]
    packets: tuple[tuple[int, int], ...]
    has_sop: bool
    has_eph: bool


class _Place(NamedTuple):
    """Where a precinct stands in a progression. `top` and `left`: on the reference grid."""

    resolution: int
    component: int
    top: int
    left: int
    number: int


@dataclass(slots=True)
class Layout:
    """Plans of the tiles of a codestream, made when they are asked for; None of a tile that has none. `is_beyond`: they
    are more than is read, so that no further one is made."""

    main: tuple[Segment, ...]
    own: Mapping[int, Sequence[Segment]]
    plans: dict[int, TilePlan | None] = field(default_factory=dict)
    packet_count: int = 0
    block_count: int = 0
    statement_count: int = 0
    is_beyond: bool = False

    def plan(self, tile: int) -> TilePlan | None:
        """The plan of a tile; None where there is none that this reader knows."""
        if tile not in self.plans and not self.is_beyond:
            try:
                self.plans[tile] = self._made(tile)
            except NotUnderstoodError:
                self.plans[tile] = None
        return self.plans.get(tile)

    def _made(self, tile: int) -> TilePlan | None:
        own = self.own.get(tile, ())
        style = tile_style(self.main, own)
        self.statement_count += len(style.components) * (len(self.main) + len(own))
        area = _tile_area(style.sizes, tile)
        precincts: list[Precinct] = []
        places: list[_Place] = []
        for place, precinct in _of_tile(style, area):
            self.packet_count += style.layers
            self.block_count += style.layers * sum(columns * rows for columns, rows, _ in precinct)
            self.is_beyond = (
                self.packet_count > _MOST_PACKETS
                or self.block_count > _MOST_BLOCKS
                or self.statement_count > _MOST_STATEMENTS
            )
            if self.is_beyond:
                return None
            component = style.components[place.component]
            places.append(place._replace(number=len(precincts)))
            precincts.append(tuple(_band(*one, component.is_bypassed, component.is_terminated) for one in precinct))
        return TilePlan(
            precincts=tuple(precincts),
            packets=tuple(_ordered(style, places)),
            has_sop=style.has_sop,
            has_eph=style.has_eph,
        )


@lru_cache(maxsize=_MOST_PLANS)
def layout(segments: tuple[Segment, ...]) -> Layout:
    """The layout that the marker segments of a codestream state."""
    own: dict[int, list[Segment]] = {}
    for one in segments:
        if one.tile is not None:
            own.setdefault(one.tile, []).append(one)
    return Layout(main=tuple(one for one in segments if one.tile is None), own=own)


def _of_tile(style: TileStyle, area: Box) -> Iterator[tuple[_Place, tuple[_Blocks, ...]]]:
    """The precincts of a tile by component and resolution, with the code blocks of each; their numbers are not known
    yet."""
    for number, component in enumerate(style.components):
        step = style.sizes.components[number][2:]
        for resolution in range(component.levels + 1):
            for (left, top), blocks in _precincts(component, resolution, area, step):
                yield _Place(resolution, number, top, left, 0), blocks


def _tile_area(sizes: Sizes, tile: int) -> Box:
    """The tile on the reference grid (section B.3)."""
    left, top = sizes.offset
    right, bottom = left + sizes.width, top + sizes.height
    columns = -(-(right - sizes.tile_offset[0]) // sizes.tile[0])
    x = sizes.tile_offset[0] + tile % columns * sizes.tile[0]
    y = sizes.tile_offset[1] + tile // columns * sizes.tile[1]
    area = max(x, left), max(y, top), min(x + sizes.tile[0], right), min(y + sizes.tile[1], bottom)
    if area[0] >= area[2] or area[1] >= area[3]:
        raise NotUnderstoodError
    return area


def _precincts(
    component: Component, resolution: int, area: Box, step: tuple[int, int]
) -> Iterator[tuple[tuple[int, int], tuple[_Blocks, ...]]]:
    """The precincts of a resolution in raster order, with their places on the reference grid (sections B.5 to B.7)."""
    if not all(step):
        raise NotUnderstoodError
    depth = component.levels - resolution
    sample = step[0] << depth, step[1] << depth
    left, top, right, bottom = (-(-edge // sample[axis % 2]) for axis, edge in enumerate(area))
    if left >= right or top >= bottom:
        return
    width, height = component.precincts[resolution]
    bands = _bands(component, resolution, area, step)
    for row in range(top >> height, -(-bottom // (1 << height))):
        y = area[1] if row << height < top else (row << height) * sample[1]
        for column in range(left >> width, -(-right // (1 << width))):
            x = area[0] if column << width < left else (column << width) * sample[0]
            yield (x, y), _blocks(component, resolution, bands, (column, row))


def _bands(component: Component, resolution: int, area: Box, step: tuple[int, int]) -> tuple[tuple[int, Box], ...]:
    """Number and samples of each sub-band of a resolution (equation B-15)."""
    depth = component.levels - resolution + (resolution > 0)
    corners = tuple(-(-edge // step[axis % 2]) for axis, edge in enumerate(area))
    kinds = ((0, 0),) if resolution == 0 else ((1, 0), (0, 1), (1, 1))
    first = 0 if resolution == 0 else 3 * resolution - 2
    half = 1 << depth >> 1
    return tuple(
        (first + number, _box([-((half * kind[axis % 2] - edge) >> depth) for axis, edge in enumerate(corners)]))
        for number, kind in enumerate(kinds)
    )


def _box(edges: Sequence[int]) -> Box:
    left, top, right, bottom = edges
    return left, top, right, bottom


def _blocks(
    component: Component, resolution: int, bands: Sequence[tuple[int, Box]], position: tuple[int, int]
) -> tuple[_Blocks, ...]:
    """The code blocks of the precinct at a column and row of the partition."""
    shrunk = [size - (resolution > 0) for size in component.precincts[resolution]]
    block = [min(size, limit) for size, limit in zip(component.block, shrunk, strict=True)]
    found = []
    for number, (left, top, right, bottom) in bands:
        left, right = max(left, position[0] << shrunk[0]), min(right, (position[0] + 1) << shrunk[0])
        top, bottom = max(top, position[1] << shrunk[1]), min(bottom, (position[1] + 1) << shrunk[1])
        if left >= right or top >= bottom:
            continue
        columns = ((right - 1) >> block[0]) - (left >> block[0]) + 1
        rows = ((bottom - 1) >> block[1]) - (top >> block[1]) + 1
        found.append((columns, rows, component.bit_planes[number]))
    return tuple(found)


@lru_cache(maxsize=256)
def _band(columns: int, rows: int, bit_planes: int, is_bypassed: bool, is_terminated: bool) -> Band:
    return Band(columns * rows, _parents(columns, rows), bit_planes, is_bypassed, is_terminated)


@lru_cache(maxsize=64)
def _parents(columns: int, rows: int) -> tuple[int, ...]:
    parents: list[int] = []
    while columns * rows > 1:
        above = len(parents) + columns * rows
        half = (columns + 1) // 2
        parents += [above + row // 2 * half + column // 2 for row in range(rows) for column in range(columns)]
        columns, rows = half, (rows + 1) // 2
    return (*parents, len(parents) + 1)


def _ordered(style: TileStyle, places: Sequence[_Place]) -> Iterator[tuple[int, int]]:
    """Packets in the order of the codestream; with POC what a progression had already is passed over (section
    A.6.6)."""
    whole = Progression(0, 0, style.layers, _EVERYTHING, _EVERYTHING, style.order)
    seen: set[tuple[int, int]] = set()
    if len(style.progressions) * len(places) * style.layers > _MOST_CHANGED:
        raise NotUnderstoodError
    for one in style.progressions or (whole,):
        end = one.end_component or _EVERYTHING
        inside = [
            place
            for place in places
            if one.first_resolution <= place.resolution < one.end_resolution
            and one.first_component <= place.component < end
        ]
        for packet in _in_order(one.order, inside, min(one.end_layer, style.layers)):
            if packet not in seen:
                seen.add(packet)
                yield packet


def _in_order(order: int, places: Sequence[_Place], layers: int) -> Iterator[tuple[int, int]]:
    """Every layer of the precincts at `places`, in one of the five orders (section B.12.1)."""
    if order == _LRCP:
        by_component = sorted(places, key=lambda one: (one.resolution, one.component, one.number))
        yield from ((place.number, layer) for layer in range(layers) for place in by_component)
    elif order == _RLCP:
        pairs = [
            (place.resolution, layer, place.component, place.number) for place in places for layer in range(layers)
        ]
        yield from ((number, layer) for _, layer, _, number in sorted(pairs))
    elif order in (_RPCL, _PCRL, _CPRL):
        keys = {
            _RPCL: lambda one: (one.resolution, one.top, one.left, one.component, one.number),
            _PCRL: lambda one: (one.top, one.left, one.component, one.resolution, one.number),
            _CPRL: lambda one: (one.component, one.top, one.left, one.resolution, one.number),
        }
        yield from ((place.number, layer) for place in sorted(places, key=keys[order]) for layer in range(layers))
    else:
        raise NotUnderstoodError

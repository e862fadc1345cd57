"""Reads the headers of JPEG 2000 codestreams (ISO/IEC 15444-1 annex A; high throughput: 15444-15); decodes nothing, and
knows no wrapper."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from deliverqc.facts.model import Facts
from deliverqc.facts.probed_jpeg2000 import PROFILES, PROGRESSIONS, QUANTIZATIONS, WAVELETS

START = b"\xff\x4f\xff\x51"
"""SOC, with the SIZ that always follows it."""
_TILE_PART, _DATA, _END = b"\xff\x90", b"\xff\x93", b"\xff\xd9"
_SOT = 0x90
_CAP, _SIZ, _COD, _COC, _TLM, _PLM, _PLT = 0x50, 0x51, 0x52, 0x53, 0x55, 0x57, 0x58
_QCD, _QCC, _POC, _PPM, _PPT, _COM = 0x5C, 0x5D, 0x5F, 0x60, 0x61, 0x64
_VARY = (_TLM, _PLM, _PLT, _PPM, _PPT, _COM)
"""Segments that may differ in every frame of one manner of coding: only that they are there is told."""

_SIZES = struct.Struct(">H8IH")
_SOT_FIELDS = struct.Struct(">2xHHIBB")
_LENGTH = struct.Struct(">H")

_CPRL = 4
_HIGH_THROUGHPUT = 1 << 17
"""Pcap15 of the capabilities: bit i of Pcap counts from the most significant one (ISO/IEC 15444-15 section A.3)."""
_MOST_COMPONENTS = 16384
_MOST_STEPS = 200_000
"""Components of tiles of which it is looked at how they are coded: house choice, a hundred times what masters have."""

_NAMED = (*range(8), 0x4000, *range(0x100, 0xA00, 0x100))
_PROFILES = dict(zip(_NAMED, PROFILES, strict=True))
"""By Rsiz without levels (ISO/IEC 15444-1 section A.5.1 and its profiles; high throughput: 15444-15, bit 14)."""
_FIRST_WITH_LEVELS, _FIRST_IMF = 0x100, 0x400


class Segment(NamedTuple):
    """A marker segment; `tile` is None in the main header. `body`: what follows its length, nothing of those that may
    vary."""

    tile: int | None
    code: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Codestream:
    """Markers of one codestream. `tile_parts`: tile and length of each in order, in bytes with its header. `spans`:
    where the data of each begin and end. `end`: first byte after it; None where the lengths of tile-parts do not lead
    to its end."""

    segments: tuple[Segment, ...]
    tile_parts: tuple[tuple[int, int], ...]
    spans: tuple[tuple[int, int], ...]
    end: int | None


def codestreams(data: bytes) -> Iterator[Codestream]:
    """The codestreams of a packet, bare or in boxes: one, or more where it holds fields; none after one that does not
    end where its tile-parts lead."""
    start = data.find(START)
    while start >= 0:
        found = _walk(data, start)
        yield found
        start = -1 if found.end is None else data.find(START, found.end)


def _walk(data: bytes, start: int) -> Codestream:
    segments: list[Segment] = []
    place = _walk_segments(data, start + 2, None, segments)
    parts: list[tuple[int, int]] = []
    spans: list[tuple[int, int]] = []
    while data[place : place + 2] == _TILE_PART and len(data) >= place + _SOT_FIELDS.size:
        _, tile, length, _, _ = _SOT_FIELDS.unpack_from(data, place)
        if not length:
            length = max(data.rfind(_END) - place, 0)
        parts.append((tile, length))
        begins = place + 12
        if data[begins : begins + 2] != _DATA:
            begins = _walk_segments(data, begins, tile, segments)
        spans.append((min(begins + 2, place + length), place + length))
        if length < 14:
            break
        place += length
    has_end = bool(parts) and data[place : place + 2] == _END
    return Codestream(
        segments=tuple(segments),
        tile_parts=tuple(parts),
        spans=tuple(spans),
        end=place + 2 if has_end else None,
    )


def _walk_segments(data: bytes, place: int, tile: int | None, segments: list[Segment]) -> int:
    """Append the marker segments from `place` on; where they end."""
    last = len(data) - 4
    while place <= last and data[place] == 0xFF:
        code = data[place + 1]
        if code in (_SOT, _DATA[1]):
            break
        (length,) = _LENGTH.unpack_from(data, place + 2)
        segments.append(Segment(tile, code, b"" if code in _VARY else data[place + 4 : place + 2 + length]))
        place += 2 + length
    return place


def read_size(data: bytes) -> Facts:
    """Width, height, depth and sampling that the first codestream of `data` states; empty without one."""
    start = data.find(START)
    sizes = read_sizes(data[start + 6 : start + 6 + 36 + 3 * 3]) if start >= 0 else None
    if sizes is None or not sizes.components:
        return {}
    facts: Facts = {"width_px": sizes.width, "height_px": sizes.height, "bit_depth_bits": sizes.components[0][0]}
    if sizes.component_count >= 3 and len(sizes.components) >= 2:
        sampling = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0"}.get(sizes.components[1][2:])
        facts |= {"chroma_subsampling": sampling} if sampling else {}
    return facts


class Sizes(NamedTuple):
    """The size marker (section A.5.1). `components`: depth, sign, horizontal and vertical sub-sampling of each."""

    rsiz: int
    width: int
    height: int
    offset: tuple[int, int]
    tile: tuple[int, int]
    tile_offset: tuple[int, int]
    component_count: int
    components: tuple[tuple[int, bool, int, int], ...]

    @property
    def tile_count(self) -> int | None:
        across, down = (
            -(-(size + offset - tile_offset) // tile) if tile else 0
            for size, offset, tile, tile_offset in zip(
                (self.width, self.height), self.offset, self.tile, self.tile_offset, strict=True
            )
        )
        return across * down or None


def read_sizes(body: bytes) -> Sizes | None:
    if len(body) < _SIZES.size:
        return None
    rsiz, right, bottom, left, top, tile_width, tile_height, tile_left, tile_top, count = _SIZES.unpack_from(body)
    if right <= left or bottom <= top or not 0 < count <= _MOST_COMPONENTS:
        return None
    triples = [body[at : at + 3] for at in range(_SIZES.size, _SIZES.size + 3 * count, 3)]
    components = tuple((one[0] % 128 + 1, one[0] > 127, one[1], one[2]) for one in triples if len(one) == 3)
    tile, tile_offset = (tile_width, tile_height), (tile_left, tile_top)
    return Sizes(rsiz, right - left, bottom - top, (left, top), tile, tile_offset, count, components)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """How tile-components are coded, in the order of bytes in COD and COC (section A.6.1); None: not stated."""

    progression: str | None = None
    layers: int | None = None
    transform: bool | None = None
    levels: int | None = None
    block: str | None = None
    block_style: int | None = None
    wavelet: str | None = None
    precincts: tuple[str, ...] | None = None
    guard_bits: int | None = None
    quantization: str | None = None

    def with_component(self, has_precincts: bool, body: bytes) -> _Style:
        """The style with what SPcod or SPcoc state."""
        if len(body) < 5:
            return replace(self, levels=None, block=None, block_style=None, wavelet=None, precincts=None)
        levels, width, height, style, wavelet = body[:5]
        sizes = body[5 : 6 + levels] if has_precincts else b"\xff" * (levels + 1)
        return replace(
            self,
            levels=levels,
            block=f"{4 << (width & 15)}x{4 << (height & 15)}",
            block_style=style,
            wavelet=WAVELETS[wavelet] if wavelet < len(WAVELETS) else None,
            precincts=tuple(f"{1 << (one & 15)}x{1 << (one >> 4)}" for one in sizes) if len(sizes) > levels else None,
        )

    def with_default(self, body: bytes) -> _Style:
        """The style with what COD states."""
        if len(body) < 5:
            return replace(self.with_component(False, b""), progression=None, layers=None, transform=None)
        progression = PROGRESSIONS[body[1]] if body[1] < len(PROGRESSIONS) else None
        layers, transform = int.from_bytes(body[2:4], "big"), bool(body[4])
        whole = replace(self, progression=progression, layers=layers, transform=transform)
        return whole.with_component(bool(body[0] & 1), body[5:])

    def with_quantization(self, body: bytes) -> _Style:
        """The style with what QCD or QCC state (sections A.6.4 and A.6.5)."""
        kind = body[0] & 31 if body else len(QUANTIZATIONS)
        quantization = QUANTIZATIONS[kind] if kind < len(QUANTIZATIONS) else None
        return replace(self, guard_bits=body[0] >> 5 if body else None, quantization=quantization)


class _TooManyStylesError(ValueError):
    """Tiles and components are coded in more manners than are listed."""


class _Level(NamedTuple):
    """The markers of one tile, or of the main header, that say how it is coded: of all components, and of one."""

    of_all: tuple[Segment, ...]
    of_one: Mapping[int, tuple[Segment, ...]]

    def default(self, style: _Style) -> _Style:
        for one in self.of_all:
            style = style.with_default(one.body) if one.code == _COD else style.with_quantization(one.body)
        return style

    def own(self, style: _Style, component: int, width: int) -> _Style:
        for one in self.of_one.get(component, ()):
            body = one.body[width:]
            is_style = one.code == _COC
            style = (
                style.with_component(bool(body[:1] > b"\0"), body[1:]) if is_style else style.with_quantization(body)
            )
        return style


def _styles(segments: Sequence[Segment], sizes: Sizes) -> list[tuple[_Style, list[int]]]:
    """Every manner in which tile-components are coded, and of which components. What a tile says comes before what
    the main header says of one component, and that before what it says of all (section A.6)."""
    width = 1 if sizes.component_count < 257 else 2
    levels = _levels(segments, width)
    named = sorted({one for level in levels.values() for one in level.of_one if one < sizes.component_count})
    main = levels.get(None, _Level((), {}))
    default = main.default(_Style())
    groups: dict[_Style, list[int]] = {}
    for number in named:
        groups.setdefault(main.own(default, number, width), []).append(number)
    others = sorted(set(range(sizes.component_count)).difference(named))
    if others:
        groups.setdefault(default, []).extend(others)
    tiles = {one.tile for one in segments if one.tile is not None and one.code not in _VARY}
    found: dict[_Style, set[int]] = {}
    if len(tiles) < (sizes.tile_count or 1):
        found = {style: set(numbers) for style, numbers in groups.items()}
    steps = 0
    for level in {
        _identity(level): level for tile in sorted(tiles) if (level := levels.get(tile, _Level((), {})))
    }.values():
        for style, numbers in _of_tile(level, groups, named, width):
            steps += len(numbers)
            if steps > _MOST_STEPS:
                raise _TooManyStylesError
            found.setdefault(style, set()).update(numbers)
    return [(style, sorted(components)) for style, components in found.items()]


def _levels(segments: Sequence[Segment], width: int) -> dict[int | None, _Level]:
    of_all: dict[int | None, list[Segment]] = {}
    of_one: dict[int | None, dict[int, list[Segment]]] = {}
    for one in segments:
        if one.code in (_COD, _QCD):
            of_all.setdefault(one.tile, []).append(one)
        elif one.code in (_COC, _QCC) and len(one.body) >= width:
            number = int.from_bytes(one.body[:width], "big")
            of_one.setdefault(one.tile, {}).setdefault(number, []).append(one)
    return {
        tile: _Level(tuple(of_all.get(tile, ())), {number: tuple(own) for number, own in of_one.get(tile, {}).items()})
        for tile in {*of_all, *of_one}
    }


def _identity(level: _Level) -> object:
    """Equal for tiles whose markers say the same."""
    every = (*level.of_all, *(one for own in level.of_one.values() for one in own))
    return tuple((one.code, one.body) for one in every)


def _of_tile(
    level: _Level, groups: Mapping[_Style, Sequence[int]], named: Sequence[int], width: int
) -> Iterator[tuple[_Style, Sequence[int]]]:
    """The styles of one tile: components of which a marker speaks first, in order, as `named` has them."""
    of_group = {style: level.default(style) for style in groups}
    if not level.of_one:
        yield from ((of_group[style], numbers) for style, numbers in groups.items())
        return
    rank = {number: order for order, number in enumerate(named)}
    found: list[tuple[int, _Style, Sequence[int]]] = []
    for style, numbers in groups.items():
        rest = [number for number in numbers if number not in level.of_one]
        own = [number for number in numbers if number in level.of_one]
        if rest:
            found.append((rank.get(rest[0], len(rank)), of_group[style], rest))
        found += [(rank[number], level.own(of_group[style], number, width), (number,)) for number in own]
    yield from ((style, numbers) for _, style, numbers in sorted(found, key=lambda one: one[0]))


class Progression(NamedTuple):
    """One change of the progression order (section A.6.6); ends are exclusive."""

    first_resolution: int
    first_component: int
    end_layer: int
    end_resolution: int
    end_component: int
    order: int

    def __str__(self) -> str:
        order = PROGRESSIONS[self.order] if self.order < len(PROGRESSIONS) else str(self.order)
        resolutions = f"{self.first_resolution}-{self.end_resolution - 1}"
        return f"{order} resolutions {resolutions} components {self.first_component}-{self.end_component - 1}"


def read_progressions(segments: Sequence[Segment], component_count: int) -> list[Progression]:
    form = struct.Struct(">BBHBBB" if component_count < 257 else ">BHHBHB")
    bodies = [one.body for one in segments if one.code == _POC]
    return [
        Progression(*form.unpack_from(body, at))
        for body in bodies
        for at in range(0, len(body) - form.size + 1, form.size)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameCoding:
    """How a packet is coded. `headers`: the members of `picture.jpeg2000.headers[]`, one row for each manner, of which
    there are several where codestreams of the packet, tiles or components differ. `largest_component`: its number and
    its bytes; None where tile-parts do not show what belongs to a component."""

    headers: tuple[Facts, ...] = field(default_factory=tuple)
    largest_component: tuple[int, int] | None = None


def read_frame(data: bytes) -> FrameCoding:
    """How a packet is coded; without headers where it holds no codestream whose size can be read, or one that is coded
    in too many manners."""
    found = list(codestreams(data))
    rows: dict[str, Facts] = {}
    largest: list[tuple[int, int] | None] = []
    for one in found:
        is_chained = one.end is not None
        tiles = tuple(tile for tile, _ in one.tile_parts) if is_chained else None
        headers, lays_out_components = _headers(one.segments, tiles, len(found))
        if not headers:
            return FrameCoding()
        rows |= {repr(header): header for header in headers if repr(header) not in rows}
        parts = [length for _, length in one.tile_parts[:lays_out_components]]
        largest.append((parts.index(max(parts)), max(parts)) if parts else None)
    is_known = bool(rows) and None not in largest
    biggest = max((one for one in largest if one is not None), key=lambda one: one[1], default=None)
    return FrameCoding(headers=tuple(rows.values()), largest_component=biggest if is_known else None)


@lru_cache(maxsize=256)
def _headers(segments: tuple[Segment, ...], tiles: tuple[int, ...] | None, count: int) -> tuple[tuple[Facts, ...], int]:
    """The rows of one codestream of `count` in its packet, and how many of its first tile-parts are one component each
    (`tiles`: the tile of every tile-part, None where their lengths do not lead to the end)."""
    sizes = next((read_sizes(one.body) for one in segments if one.tile is None and one.code == _SIZ), None)
    if sizes is None:
        return (), 0
    main = [one for one in segments if one.tile is None]
    codes = {one.code for one in segments}
    in_main = [str(one) for one in read_progressions(main, sizes.component_count)]
    frame: Facts = {
        **_profile(sizes.rsiz),
        **_shape(sizes),
        "is_high_throughput": any(
            one.code == _CAP and int.from_bytes(one.body[:4], "big") & _HIGH_THROUGHPUT for one in main
        ),
        "codestream_count": count,
        "tile_part_count": None if tiles is None else len(tiles),
        "has_tlm": any(one.code == _TLM for one in main),
        "has_packet_lengths": bool(codes & {_PLM, _PLT}),
        "has_packed_headers": bool(codes & {_PPM, _PPT}),
        "poc_count": sum(one.code == _POC for one in main),
        "tile_poc_count": sum(one.code == _POC for one in segments) - sum(one.code == _POC for one in main),
        "progression_changes": in_main,
    }
    try:
        styles = _styles(segments, sizes)
    except _TooManyStylesError:
        return (), 0
    rows = tuple(frame | _components(sizes, components) | _coded(style) for style, components in styles)
    return rows, _component_parts(segments, sizes, [style for style, _ in styles], tiles or ())


def _profile(rsiz: int) -> Facts:
    has_levels = rsiz & 0xFF00 >= _FIRST_WITH_LEVELS and rsiz & 0xFF00 in _PROFILES and rsiz < 0x1000
    family = rsiz & 0xFF00 if has_levels else rsiz
    return {
        "rsiz": rsiz,
        "profile": _PROFILES.get(family, f"other:{rsiz}"),
        "main_level": rsiz & 15 if has_levels else None,
        "sub_level": rsiz >> 4 & 15 if has_levels and family >= _FIRST_IMF else None,
    }


def _shape(sizes: Sizes) -> Facts:
    return {
        "width_px": sizes.width,
        "height_px": sizes.height,
        "has_offset": any((*sizes.offset, *sizes.tile_offset)),
        "tile_width_px": sizes.tile[0],
        "tile_height_px": sizes.tile[1],
        "tile_count": sizes.tile_count,
        "component_count": sizes.component_count,
    }


def _components(sizes: Sizes, numbers: Sequence[int]) -> Facts:
    """What the size marker says of these components; None where it ends before it comes to them."""
    known = len(sizes.components) == sizes.component_count
    ours = [sizes.components[number] for number in numbers] if known else []
    return {
        "components": list(numbers),
        "component_depths_bits": [one[0] for one in ours] or None,
        "has_signed_components": any(one[1] for one in ours) if ours else None,
        "component_subsampling": sorted({f"{one[2]}x{one[3]}" for one in ours}) or None,
    }


def _coded(style: _Style) -> Facts:
    return {
        "progression_order": style.progression,
        "layer_count": style.layers,
        "has_component_transform": style.transform,
        "decomposition_levels": style.levels,
        "code_block_size": style.block,
        "code_block_style": style.block_style,
        "wavelet": style.wavelet,
        "precinct_sizes": None if style.precincts is None else list(style.precincts),
        "guard_bits": style.guard_bits,
        "quantization": style.quantization,
    }


def default_coding(style: bytes | None, quantization: bytes | None) -> Facts:
    """What COD and QCD state, by the members of a header; None: there is no such marker, and nothing of it is said."""
    coded = _Style()
    if style is not None:
        coded = coded.with_default(style)
    if quantization is not None:
        coded = coded.with_quantization(quantization)
    of_quantization = ("guard_bits", "quantization")
    return {
        name: value
        for name, value in _coded(coded).items()
        if (quantization if name in of_quantization else style) is not None
    }


def _component_parts(segments: Sequence[Segment], sizes: Sizes, styles: Sequence[_Style], tiles: Sequence[int]) -> int:
    """How many of the first tile-parts hold one component each: all where a single tile goes by component (CPRL) and
    has as many parts; the first half where one POC puts the largest resolution after all others, as the profile
    of 4K cinema has it (ISO/IEC 15444-1 Amd 1). 0 where neither is so."""
    count = sizes.component_count
    is_plain = sizes.tile_count == 1 and not any(one.code in (_PPM, _PPT) for one in segments)
    if not is_plain or {style.progression for style in styles} != {PROGRESSIONS[_CPRL]} or set(tiles) != {0}:
        return 0
    if not any(one.code == _POC for one in segments):
        return count if len(tiles) == count else 0
    levels = {style.levels for style in styles}
    top = levels.pop() if len(levels) == 1 else None
    layers = {style.layers for style in styles}
    if top is None or any(one.code == _POC and one.tile is not None for one in segments) or len(layers) > 1:
        return 0
    end_layer = layers.pop() or 0
    halves = [
        Progression(0, 0, end_layer, top, count, _CPRL),
        Progression(top, 0, end_layer, top + 1, count, _CPRL),
    ]
    return count if read_progressions(segments, count) == halves and len(tiles) == 2 * count else 0

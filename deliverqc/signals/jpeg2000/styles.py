"""How each tile-component of a JPEG 2000 codestream is coded, as numbers (ISO/IEC 15444-1 section A.6); knows no
packet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from deliverqc.probing.jpeg2000 import Progression, Segment, Sizes, read_progressions, read_sizes

_CAP, _SIZ, _COD, _COC, _TLM, _PRF, _PLM, _PLT, _CPF = 0x50, 0x51, 0x52, 0x53, 0x55, 0x56, 0x57, 0x58, 0x59
_QCD, _QCC, _RGN, _POC, _CRG, _COM = 0x5C, 0x5D, 0x5E, 0x5F, 0x63, 0x64
_UNDERSTOOD = frozenset([_CAP, _SIZ, _COD, _COC, _TLM, _PRF, _PLM, _PLT, _CPF, _QCD, _QCC, _RGN, _POC, _CRG, _COM])
"""Marker segments that move no packet header and change no code block beyond part 1: PPM and PPT are not among them."""

_EXTENDED, _HIGH_THROUGHPUT = 0x8000, 0x4000
"""Bits of Rsiz: part 2 of the standard, and part 15."""

_PRECINCTS, _SOP, _EPH = 1, 2, 4
_BYPASS, _TERMINATED, _PART_1_STYLES = 1, 4, 0x3F
_MOST_LEVELS = 32
_MOST_COMPONENTS, _MOST_SEGMENTS = 256, 10_000
"""House choice. So many components have numbers of one byte in COC, QCC and RGN."""
_MOST_BLOCK_EXPONENT, _MOST_BLOCK_SUM = 10, 12
_DERIVED, _NONE = 1, 0
_WHOLE = 15
"""Exponent of the size of a precinct where none is stated."""


class NotUnderstoodError(Exception):
    """The headers state what this reader does not know, or what no codestream may state: nothing is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A tile-component. `block` and `precincts`: exponents of width and height; `precincts` by resolution.
    `bit_planes`: of each sub-band, from the lowest on (equation E-2, and what RGN adds)."""

    levels: int = 0
    block: tuple[int, int] = (0, 0)
    is_bypassed: bool = False
    is_terminated: bool = False
    precincts: tuple[tuple[int, int], ...] = ()
    bit_planes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TileStyle:
    """How a tile is coded. `progressions`: of POC; empty where the one order of COD holds."""

    sizes: Sizes
    order: int
    layers: int
    has_sop: bool
    has_eph: bool
    components: tuple[Component, ...]
    progressions: tuple[Progression, ...]


def tile_style(main: Sequence[Segment], own: Sequence[Segment]) -> TileStyle:
    """How a tile is coded, by the segments of the main header and its own. NotUnderstoodError where that is not part 1
    of the standard, or far from what pictures have."""
    sizes = read_sizes(next((one.body for one in main if one.code == _SIZ), b""))
    if sizes is None or len(sizes.components) < sizes.component_count or not all(sizes.tile):
        raise NotUnderstoodError
    if sizes.component_count > _MOST_COMPONENTS or max(len(main), len(own)) > _MOST_SEGMENTS:
        raise NotUnderstoodError
    if sizes.rsiz & (_EXTENDED | _HIGH_THROUGHPUT) or not _UNDERSTOOD.issuperset(one.code for one in (*main, *own)):
        raise NotUnderstoodError
    body = next((one.body for one in (*own, *main) if one.code == _COD), b"")
    if len(body) < 10 or body[1] > 4:
        raise NotUnderstoodError
    count = sizes.component_count
    return TileStyle(
        sizes=sizes,
        order=body[1],
        layers=int.from_bytes(body[2:4], "big"),
        has_sop=bool(body[0] & _SOP),
        has_eph=bool(body[0] & _EPH),
        components=tuple(_component(main, own, number) for number in range(count)),
        progressions=tuple(read_progressions(own, count) or read_progressions(main, count)),
    )


def _component(main: Sequence[Segment], own: Sequence[Segment], number: int) -> Component:
    name = bytes([number])

    def stated(default: int | None, override: int) -> tuple[Segment, bytes]:
        """What counts most, and its body without the component's number."""
        for segments in (own, main):
            found = [one for one in segments if one.code == override and one.body[:1] == name]
            if found:
                return found[0], found[0].body[1:]
            found = [one for one in segments if one.code == default]
            if found:
                return found[0], found[0].body
        raise NotUnderstoodError

    segment, coding = stated(_COD, _COC)
    component = _coded(coding[0] & _PRECINCTS if coding else 0, coding[5 if segment.code == _COD else 1 :])
    _, quantization = stated(_QCD, _QCC)
    shift = 0
    if any(one.code == _RGN for one in (*main, *own)):
        try:
            _, region = stated(None, _RGN)
            shift = region[1] if len(region) >= 2 else 0
        except NotUnderstoodError:
            shift = 0
    return replace(component, bit_planes=_bit_planes(quantization, component.levels, shift))


def _coded(has_precincts: int, body: bytes) -> Component:
    """What SPcod or SPcoc state."""
    if len(body) < 5:
        raise NotUnderstoodError
    levels, width, height, style, _ = body[:5]
    block = width + 2, height + 2
    precincts = tuple((one & 15, one >> 4) for one in body[5 : 6 + levels]) if has_precincts else ()
    precincts = precincts or ((_WHOLE, _WHOLE),) * (levels + 1)
    is_known = (
        levels <= _MOST_LEVELS
        and max(block) <= _MOST_BLOCK_EXPONENT
        and sum(block) <= _MOST_BLOCK_SUM
        and style & ~_PART_1_STYLES == 0
        and len(precincts) == levels + 1
        and all(min(one) > 0 for one in precincts[1:])
    )
    if not is_known:
        raise NotUnderstoodError
    return Component(
        levels=levels,
        block=block,
        is_bypassed=bool(style & _BYPASS),
        is_terminated=bool(style & _TERMINATED),
        precincts=precincts,
    )


def _bit_planes(body: bytes, levels: int, shift: int) -> tuple[int, ...]:
    """Magnitude bit planes of each sub-band: guard bits and exponent less one (section E.1)."""
    if not body or body[0] & 31 > 2:
        raise NotUnderstoodError
    kind, guard_bits, count = body[0] & 31, body[0] >> 5, 3 * levels + 1
    if kind == _NONE:
        exponents = [one >> 3 for one in body[1 : 1 + count]]
    else:
        exponents = [one >> 3 for one in body[1 : 1 + 2 * count : 2]]
    if kind == _DERIVED and exponents:
        exponents = [exponents[0] - max(0, (band - 1) // 3) for band in range(count)]
    if len(exponents) < count:
        raise NotUnderstoodError
    return tuple(guard_bits + exponent - 1 + shift for exponent in exponents)

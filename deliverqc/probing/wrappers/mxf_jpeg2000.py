"""What the JPEG 2000 sub-descriptor of an MXF file states (SMPTE ST 422), in the words of the headers of codestreams;
works on a set that was read, and opens no file."""

from __future__ import annotations

from collections.abc import Mapping

from deliverqc.facts.model import Facts
from deliverqc.probing.wrappers.mxf_klv import Label, MetadataSet, batch, number

KIND = 0x5A
_ITEMS = bytes.fromhex("060e2b340101010004010603")
(
    _RSIZ, _RIGHT, _BOTTOM, _LEFT, _TOP, _TILE_WIDTH, _TILE_HEIGHT, _TILE_LEFT, _TILE_TOP, _COUNT, COMPONENT_SIZING,
    _CODING_STYLE, _QUANTIZATION, _LAYOUT,
) = (_ITEMS + bytes([number, 0, 0, 0]) for number in range(1, 15))  # fmt: skip
"""Labels without their versions, by the number of the item in the sub-descriptor of ST 422."""
_FILL = b"Ff"
_HALF_FLOAT, _HALF_FLOAT_BITS = 253, 16  # ST 377-1 Annex G.2.40


def jpeg2000_statements(sub: MetadataSet) -> Facts:
    """What the sub-descriptor states, by the members of `picture.jpeg2000.headers[]`; lists of components have one
    entry for each component. An item that is not there has no name; one that cannot be read as ISO/IEC 15444-1
    annex A has it has None."""
    items = sub.labelled
    facts: Facts = {}
    if _RSIZ in items:
        facts["rsiz"] = number(items[_RSIZ])
    if {_RIGHT, _LEFT} <= items.keys():
        facts["width_px"] = number(items[_RIGHT]) - number(items[_LEFT])
    if {_BOTTOM, _TOP} <= items.keys():
        facts["height_px"] = number(items[_BOTTOM]) - number(items[_TOP])
    offsets = [number(items[label]) for label in (_LEFT, _TOP, _TILE_LEFT, _TILE_TOP) if label in items]
    if offsets:
        facts["has_offset"] = any(offsets)
    for name, label in (("tile_width_px", _TILE_WIDTH), ("tile_height_px", _TILE_HEIGHT), ("component_count", _COUNT)):
        if label in items:
            facts[name] = number(items[label])
    return facts | _components(items) | _coding(items) | _layout(items)


def _components(items: Mapping[Label, bytes]) -> Facts:
    """Ssiz, XRsiz and YRsiz of each component (ISO/IEC 15444-1 section A.5.1)."""
    if COMPONENT_SIZING not in items:
        return {}
    sizes = [size for size in batch(items[COMPONENT_SIZING]) if len(size) == 3]
    return {
        "component_depths_bits": [(size[0] & 0x7F) + 1 for size in sizes] or None,
        "signed_components": [order for order, size in enumerate(sizes) if size[0] & 0x80] if sizes else None,
        "component_subsampling": [f"{size[1]}x{size[2]}" for size in sizes] or None,
    }


def _coding(items: Mapping[Label, bytes]) -> Facts:
    if not {_CODING_STYLE, _QUANTIZATION} & items.keys():
        return {}
    from deliverqc.probing.jpeg2000 import default_coding  # 7 ms that other codings do not have

    return default_coding(items.get(_CODING_STYLE), items.get(_QUANTIZATION))


def _layout(items: Mapping[Label, bytes]) -> Facts:
    """Depths of the components that J2CLayout names in the order of the codestream; fill is none of them."""
    if _LAYOUT not in items:
        return {}
    data = items[_LAYOUT]
    depths = []
    for code, depth in zip(data[::2], data[1::2], strict=False):
        if not code:
            break
        if code not in _FILL:
            depths.append(_HALF_FLOAT_BITS if depth == _HALF_FLOAT else depth)
    return {"layout_depths_bits": depths or None}

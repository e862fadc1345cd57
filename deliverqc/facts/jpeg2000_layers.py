"""Where the JPEG 2000 sub-descriptor of an MXF file and the codestreams themselves disagree (SMPTE ST 422: its items
repeat the markers SIZ, COD and QCD of every codestream); reads no file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from deliverqc.facts.model import Facts

DISAGREEMENTS = "cross_check.jpeg2000_disagreements"
_HEADERS = "picture.jpeg2000.headers[]"
_REASON = "the decoder follows the codestream"

_OF_SIZE = {
    "rsiz": "Rsiz",
    "width_px": "Xsiz",
    "height_px": "Ysiz",
    "has_offset": "XOsiz, YOsiz, XTOsiz, YTOsiz",
    "tile_width_px": "XTsiz",
    "tile_height_px": "YTsiz",
    "component_count": "Csiz",
}
_OF_COMPONENTS = {
    "component_depths_bits": "PictureComponentSizing",
    "signed_components": "PictureComponentSizing",
    "component_subsampling": "PictureComponentSizing",
    "layout_depths_bits": "J2CLayout",
}
_OF_CODING = {
    **dict.fromkeys(
        (
            "progression_order", "layer_count", "has_component_transform", "decomposition_levels", "code_block_size",
            "code_block_style", "wavelet", "precinct_sizes",
        ),
        "CodingStyleDefault",
    ),
    "guard_bits": "QuantizationDefault",
    "quantization": "QuantizationDefault",
}  # fmt: skip
_MEMBERS = {"signed_components": "has_signed_components", "layout_depths_bits": "component_depths_bits"}


@dataclass(frozen=True, kw_only=True, slots=True)
class CodedFrames:
    """The rows of the headers of all frames that are coded in one manner, the place of the first one and their
    number."""

    rows: Sequence[Facts]
    place: Facts
    count: int


def jpeg2000_disagreements(stated: Facts, frames: Iterable[CodedFrames]) -> list[Facts]:
    """Compare the sub-descriptor with every manner of coding. What the size marker says holds for a whole codestream.
    What COD and QCD say may be replaced for a tile or a component, so one part of the frame that has it is enough."""
    found: dict[str, Facts] = {}
    for one in frames:
        for name, item, wrapper, bitstream in _differences(stated, one.rows):
            row = {
                "fact": f"{_HEADERS}.{_MEMBERS.get(name, name)}",
                "item": item,
                "values": {"wrapper": wrapper, "bitstream": bitstream},
                "trusted": "bitstream",
                "reason": _REASON,
            }
            known = found.setdefault(json.dumps(row), row | one.place | {"frame_count": 0})
            known["frame_count"] += one.count
    return list(found.values())


def _differences(stated: Facts, rows: Sequence[Facts]) -> Iterator[tuple[str, str, object, object]]:
    """Name, item and both values of each difference, those of the first row that differs."""
    if not rows:
        return
    for name, value in stated.items():
        if name in _OF_CODING:
            if all(row[name] != value for row in rows):
                yield name, _OF_CODING[name], value, rows[0][name]
            continue
        pairs = [(_wrapper_value(name, stated, row), row[_MEMBERS.get(name, name)]) for row in rows]
        differing = next((pair for pair in pairs if pair[0] != pair[1]), None)
        if differing is not None:
            yield name, (_OF_SIZE | _OF_COMPONENTS)[name], *differing


def _wrapper_value(name: str, stated: Facts, row: Facts) -> object:
    """What the sub-descriptor says of the components of a row, in the words of the row."""
    value = stated[name]
    if value is None or name not in _OF_COMPONENTS:
        return value
    components: Sequence[int] = row["components"]
    if name == "signed_components":
        return bool(set(value) & set(components))
    named = [value[number] for number in components if number < len(value)]
    return sorted(set(named)) if name == "component_subsampling" else named

"""The JPEG 2000 sub-descriptor against the codestreams: what differs is named, what the standard allows is not."""

from __future__ import annotations

from typing import Any

import pytest

from deliverqc.facts.jpeg2000_layers import CodedFrames, jpeg2000_disagreements

_ROW: dict[str, Any] = {
    "rsiz": 3, "width_px": 64, "height_px": 32, "has_offset": False, "tile_width_px": 64, "tile_height_px": 32,
    "component_count": 3, "components": [0, 1, 2], "component_depths_bits": [12, 12, 12],
    "has_signed_components": False, "component_subsampling": ["1x1"], "progression_order": "CPRL", "layer_count": 1,
    "has_component_transform": True, "decomposition_levels": 5, "code_block_size": "32x32", "code_block_style": 0,
    "wavelet": "9/7", "precinct_sizes": ["128x128"], "guard_bits": 1, "quantization": "expounded",
}  # fmt: skip
_STATED = {
    **{name: value for name, value in _ROW.items() if name not in ("components", "has_signed_components")},
    "signed_components": [],
    "component_subsampling": ["1x1", "1x1", "1x1"],
    "layout_depths_bits": [12, 12, 12],
}


def _frames(*rows: dict[str, Any], frame: int = 0, count: int = 1) -> CodedFrames:
    return CodedFrames(rows=rows, place={"frame": frame}, count=count)


def _found(stated: dict[str, Any], *frames: CodedFrames) -> list[tuple[str, str, object, object]]:
    return [
        (row["fact"].rpartition(".")[2], row["item"], row["values"]["wrapper"], row["values"]["bitstream"])
        for row in jpeg2000_disagreements(stated, frames)
    ]


def test_a_sub_descriptor_that_repeats_the_codestream_disagrees_in_nothing() -> None:
    assert _found(_STATED, _frames(_ROW)) == []


@pytest.mark.parametrize(
    ("name", "value", "member", "item"),
    [
        ("rsiz", 4, "rsiz", "Rsiz"),
        ("width_px", 63, "width_px", "Xsiz"),
        ("height_px", 64, "height_px", "Ysiz"),
        ("has_offset", True, "has_offset", "XOsiz, YOsiz, XTOsiz, YTOsiz"),
        ("tile_width_px", 32, "tile_width_px", "XTsiz"),
        ("tile_height_px", 16, "tile_height_px", "YTsiz"),
        ("component_count", 4, "component_count", "Csiz"),
        ("component_depths_bits", [12, 12, 10], "component_depths_bits", "PictureComponentSizing"),
        ("component_depths_bits", [12, 12], "component_depths_bits", "PictureComponentSizing"),
        ("component_depths_bits", None, "component_depths_bits", "PictureComponentSizing"),
        ("signed_components", [2], "has_signed_components", "PictureComponentSizing"),
        ("component_subsampling", ["1x1", "2x1", "2x1"], "component_subsampling", "PictureComponentSizing"),
        ("layout_depths_bits", [10, 10, 10], "component_depths_bits", "J2CLayout"),
        ("progression_order", "LRCP", "progression_order", "CodingStyleDefault"),
        ("layer_count", 2, "layer_count", "CodingStyleDefault"),
        ("has_component_transform", False, "has_component_transform", "CodingStyleDefault"),
        ("decomposition_levels", 6, "decomposition_levels", "CodingStyleDefault"),
        ("code_block_size", "64x64", "code_block_size", "CodingStyleDefault"),
        ("code_block_style", 1, "code_block_style", "CodingStyleDefault"),
        ("wavelet", "5/3", "wavelet", "CodingStyleDefault"),
        ("precinct_sizes", None, "precinct_sizes", "CodingStyleDefault"),
        ("guard_bits", 2, "guard_bits", "QuantizationDefault"),
        ("quantization", "none", "quantization", "QuantizationDefault"),
    ],
)
def test_each_item_is_compared(name: str, value: object, member: str, item: str) -> None:
    ((found_member, found_item, wrapper, bitstream),) = _found(_STATED | {name: value}, _frames(_ROW))
    assert (found_member, found_item) == (member, item)
    assert wrapper != bitstream == _ROW[member]


def test_no_item_is_left_out() -> None:
    assert [
        name for name in _STATED if not _found(_STATED | {name: []}, _frames(_ROW | {"has_signed_components": True}))
    ] == []


def test_what_is_not_stated_disagrees_with_nothing() -> None:
    assert _found({}, _frames(_ROW)) == []
    assert _found({"rsiz": 3}, _frames(_ROW)) == []


def test_a_component_or_tile_with_a_style_of_its_own_is_no_disagreement() -> None:
    first = _ROW | {"components": [0], "component_depths_bits": [12], "guard_bits": 2, "wavelet": "5/3"}
    others = _ROW | {"components": [1, 2], "component_depths_bits": [12, 12]}
    assert _found(_STATED, _frames(first, others)) == []
    assert [one[0] for one in _found(_STATED | {"guard_bits": 3}, _frames(first, others))] == ["guard_bits"]


def test_components_of_their_own_depth_and_sampling_are_compared_one_by_one() -> None:
    luma = _ROW | {"components": [0], "component_depths_bits": [12]}
    chroma = _ROW | {"components": [1, 2], "component_depths_bits": [10, 10], "component_subsampling": ["2x1"]}
    stated = _STATED | {
        "component_depths_bits": [12, 10, 10],
        "layout_depths_bits": [12, 10, 10],
        "component_subsampling": ["1x1", "2x1", "2x1"],
    }
    assert _found(stated, _frames(luma, chroma)) == []
    ((_, _, wrapper, bitstream),) = _found(stated | {"layout_depths_bits": [12, 10, 8]}, _frames(luma, chroma))
    assert (wrapper, bitstream) == ([10, 8], [10, 10])


def test_one_frame_of_another_size_is_named_with_its_place() -> None:
    frames = (
        _frames(_ROW, count=9),
        _frames(_ROW | {"rsiz": 0}, frame=5),
        _frames(_ROW | {"rsiz": 0}, frame=7, count=2),
    )
    (row,) = jpeg2000_disagreements(_STATED, frames)
    assert (row["values"], row["frame"], row["frame_count"]) == ({"wrapper": 3, "bitstream": 0}, 5, 3)


def test_a_field_of_another_depth_is_not_hidden_by_the_first_field() -> None:
    other = _ROW | {"component_depths_bits": [10, 10, 10]}
    assert [one[3] for one in _found({"component_depths_bits": [12, 12, 12]}, _frames(_ROW, other))] == [[10, 10, 10]]


def test_a_frame_without_a_readable_header_is_not_compared() -> None:
    assert _found(_STATED, _frames()) == []

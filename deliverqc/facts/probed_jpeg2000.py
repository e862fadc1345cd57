"""Facts that the headers of JPEG 2000 frames give, by name."""

from __future__ import annotations

from collections.abc import Sequence

from deliverqc.facts.model import Fact, Kind, Layer

PROFILES = (
    "none", "profile_0", "profile_1", "cinema_2k", "cinema_4k", "cinema_scalable_2k", "cinema_scalable_4k",
    "cinema_long_term_storage", "high_throughput", "broadcast_single_tile", "broadcast_multi_tile",
    "broadcast_multi_tile_reversible", "imf_2k", "imf_4k", "imf_8k", "imf_2k_reversible", "imf_4k_reversible",
    "imf_8k_reversible",
)  # fmt: skip
PROGRESSIONS = ("LRCP", "RLCP", "RPCL", "PCRL", "CPRL")
WAVELETS = ("9/7", "5/3")
QUANTIZATIONS = ("none", "derived", "expounded")

DESCRIPTOR = "picture.mxf_jpeg2000_descriptor"
"""What an MXF file states of all its codestreams."""

_HEADERS, _LARGEST = "picture.jpeg2000.headers", "picture.jpeg2000.largest_components"
_UNREADABLE = "the header of the frame cannot be read"
_NO_LEVEL = "the profile has none, or the header of the frame cannot be read"
_NO_TIMECODE = "the wrapper carries no timecode that can be counted"


def _fact(
    name: str,
    kind: Kind,
    meaning: str,
    *,
    unit: str | None = None,
    step: float | None = None,
    null: str | None = None,
    values: Sequence[str] | None = None,
) -> Fact:
    return Fact(
        name=name,
        kind=kind,
        layer=Layer.BITSTREAM,
        meaning=meaning,
        given_by=("decode",),
        unit=unit,
        resolution=step,
        null_means=null,
        vocabulary=values,
    )


def _header(
    name: str,
    kind: Kind,
    meaning: str,
    *,
    unit: str | None = None,
    null: str = _UNREADABLE,
    values: Sequence[str] | None = None,
) -> Fact:
    return _fact(f"{_HEADERS}[].{name}", kind, meaning, unit=unit, null=null, values=values)


# fmt: off
HEADER_ROWS = (
    _header("rsiz", Kind.INTEGER, "Rsiz; the capabilities that the codestream states"),
    _header("profile", Kind.STRING, "profile by Rsiz; cinema_2k is 3, cinema_4k is 4", values=PROFILES),
    _header("main_level", Kind.INTEGER, "main level of a broadcast or IMF profile", null=_NO_LEVEL),
    _header("sub_level", Kind.INTEGER, "sub-level of an IMF profile", null=_NO_LEVEL),
    _header("is_high_throughput", Kind.BOOLEAN, "high throughput JPEG 2000 (ISO/IEC 15444-15)"),
    _header("width_px", Kind.INTEGER, "width of the codestream's picture", unit="px"),
    _header("height_px", Kind.INTEGER, "height of the codestream's picture; of one field where fields are apart",
            unit="px"),
    _header("has_offset", Kind.BOOLEAN, "offset of the picture or of its tiles from the origin of the grid"),
    _header("tile_width_px", Kind.INTEGER, "width of a tile", unit="px"),
    _header("tile_height_px", Kind.INTEGER, "height of a tile", unit="px"),
    _header("tile_count", Kind.INTEGER, "tiles in the picture",
            null="the tile has no size, or the header of the frame cannot be read"),
    _header("component_count", Kind.INTEGER, "components of the codestream"),
    _header("components", Kind.INTEGERS, "the components that this row is about, from 0"),
    _header("component_depths_bits", Kind.INTEGERS, "bits of each of these components", unit="bit"),
    _header("has_signed_components", Kind.BOOLEAN, "signed components; one of these components is signed"),
    _header("component_subsampling", Kind.STRINGS,
            "distinct sub-sampling of these components, horizontal by vertical: 1x1 is none"),
    _header("codestream_count", Kind.INTEGER, "codestreams in the frame: 2 where it holds its two fields"),
    _header("progression_order", Kind.STRING, "progression order of COD", values=PROGRESSIONS),
    _header("poc_count", Kind.INTEGER, "POC markers in the main header"),
    _header("tile_poc_count", Kind.INTEGER, "POC markers in headers of tile-parts"),
    _header("progression_changes", Kind.STRINGS,
            "what the POC markers of the main header state, in order: CPRL resolutions 0-5 components 0-2 …"),
    _header("layer_count", Kind.INTEGER, "quality layers"),
    _header("has_component_transform", Kind.BOOLEAN, "multiple component transform"),
    _header("decomposition_levels", Kind.INTEGER, "levels of the wavelet decomposition"),
    _header("code_block_size", Kind.STRING, "width and height of a code block: 32x32 …"),
    _header("code_block_style", Kind.INTEGER, "flags of the code-block style; 0: none is set"),
    _header("wavelet", Kind.STRING, "9/7 is irreversible, 5/3 reversible", values=WAVELETS),
    _header("precinct_sizes", Kind.STRINGS,
            "size of a precinct at each resolution, the lowest first; 32768x32768 where none are defined"),
    _header("guard_bits", Kind.INTEGER, "guard bits of the quantization"),
    _header("quantization", Kind.STRING, "kind of quantization", values=QUANTIZATIONS),
    _header("tile_part_count", Kind.INTEGER, "tile-parts in the codestream",
            null="their lengths do not lead to the end of the codestream, or the header of the frame cannot be read"),
    _header("has_tlm", Kind.BOOLEAN, "TLM marker in the main header"),
    _header("has_packet_lengths", Kind.BOOLEAN, "list of packet lengths (PLM or PLT)"),
    _header("has_packed_headers", Kind.BOOLEAN, "packed packet headers (PPM or PPT)"),
)

_DISAGREED = "cross_check.jpeg2000_disagreements"


def _cross(
    name: str, kind: Kind, meaning: str, *, unit: str | None = None, step: float | None = None, null: str | None = None
) -> Fact:
    return Fact(
        name=name,
        kind=kind,
        layer=Layer.CROSS_CHECK,
        meaning=meaning,
        given_by=("cross_check", "decode", "structure", "mxf"),
        unit=unit,
        resolution=step,
        null_means=null,
    )


_DISAGREEMENTS = (
    _cross(_DISAGREED, Kind.LIST,
           "what the JPEG 2000 sub-descriptor of an MXF file states otherwise than its codestreams (SMPTE ST 422), one "
           "row for each value of a codestream. Every frame is compared. Missing where no header can be read, as in "
           "encrypted essence, or where the metadata of the MXF file could not be read",
           null="another coding, or no such sub-descriptor"),
    _cross(f"{_DISAGREED}[].fact", Kind.STRING, "the fact of the codestream"),
    _cross(f"{_DISAGREED}[].item", Kind.STRING, "the item of the sub-descriptor: Rsiz, Xsiz, CodingStyleDefault …"),
    _cross(f"{_DISAGREED}[].values", Kind.OBJECT,
           "wrapper: what the sub-descriptor states, null where it is not readable; bitstream: what the codestream "
           "states"),
    _cross(f"{_DISAGREED}[].trusted", Kind.STRING, "the source that is trusted"),
    _cross(f"{_DISAGREED}[].reason", Kind.STRING, "why it is"),
    _cross(f"{_DISAGREED}[].frame", Kind.INTEGER, "first frame with that value"),
    _cross(f"{_DISAGREED}[].start_s", Kind.NUMBER, "time of that frame after the first", unit="s", step=1e-6),
    _cross(f"{_DISAGREED}[].start_timecode", Kind.TIMECODE, "timecode of that frame", null=_NO_TIMECODE),
    _cross(f"{_DISAGREED}[].frame_count", Kind.INTEGER, "frames with that value", unit="frames"),
)

JPEG2000 = (
    _fact(_HEADERS, Kind.LIST,
          "headers of JPEG 2000 frames; one row for each distinct header, and more where tiles, components or fields "
          "of a frame are coded differently. Every frame is read; where the header of one cannot be read, all is null. "
          "Missing where none can be read, as in encrypted essence",
          null="another coding"),
    *HEADER_ROWS,
    _fact(f"{_HEADERS}[].frame", Kind.INTEGER, "first frame with that header"),
    _fact(f"{_HEADERS}[].start_s", Kind.NUMBER, "time of that frame after the first", unit="s", step=1e-6),
    _fact(f"{_HEADERS}[].start_timecode", Kind.TIMECODE, "timecode of that frame", null=_NO_TIMECODE),
    _fact(f"{_HEADERS}[].frame_count", Kind.INTEGER, "frames with that header", unit="frames"),
    _fact(_LARGEST, Kind.LIST,
          "largest components; those of the 20 frames where they are largest, the largest first; of a 4K cinema "
          "profile, in the tile-parts of the 2K portion. One row without component and size stands for the frames "
          "whose tile-parts do not show what belongs to a component",
          null="another coding"),
    _fact(f"{_LARGEST}[].component", Kind.INTEGER,
          "the component, from 0. Missing where the tile-parts do not show it"),
    _fact(f"{_LARGEST}[].size_bytes", Kind.INTEGER,
          "size of the component with the headers of its tile-parts; known where each tile-part holds one component: "
          "one tile in the order CPRL with as many tile-parts as components, or twice as many with the POC marker of "
          "4K cinema. Missing in any other layout", unit="bytes"),
    _fact(f"{_LARGEST}[].frame", Kind.INTEGER, "the frame"),
    _fact(f"{_LARGEST}[].start_s", Kind.NUMBER, "time of that frame after the first", unit="s", step=1e-6),
    _fact(f"{_LARGEST}[].start_timecode", Kind.TIMECODE, "timecode of that frame", null=_NO_TIMECODE),
    *_DISAGREEMENTS,
)
# fmt: on

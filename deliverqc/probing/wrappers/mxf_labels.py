"""Puts labels of the SMPTE registers that MXF files hold into our words; reads no file."""

from __future__ import annotations

from collections.abc import Mapping

from deliverqc.probing.wrappers.mxf_klv import urn

_GENERIC_CONTAINER = bytes.fromhex("0d01030102")  # SMPTE ST 379-2: bytes 9 to 13
_AVID_CONTAINER = bytes.fromhex("0e04030102")
_FRAME_OR_CLIP = {1: "frame", 2: "clip"}
_CUSTOM = {1: "frame", 2: "clip", 3: "custom"}
_JPEG2000 = {1: "frame", 2: "clip", 3: "frame", 4: "frame", 5: "field", 6: "frame"}  # ST 422: FU, Cn, I1, I2, F1, P1
_WRAPPING_IN_BYTE_15: Mapping[int, Mapping[int, str]] = {
    0x06: {1: "frame", 2: "clip", 3: "frame", 4: "clip", 8: "custom", 9: "custom"},  # ST 382
    0x0A: _CUSTOM, 0x0C: _JPEG2000,   0x11: _FRAME_OR_CLIP, 0x12: _FRAME_OR_CLIP,
    0x16: _CUSTOM, 0x17: _CUSTOM, 0x18: _CUSTOM, 0x1C: {1: "frame"}, 0x23: _FRAME_OR_CLIP,
    0x19: _FRAME_OR_CLIP, 0x25: _FRAME_OR_CLIP,
}  # fmt: skip
_WRAPPING_IN_BYTE_16: Mapping[int, Mapping[int, str]] = {
    0x02: _FRAME_OR_CLIP,  # ST 383
    **dict.fromkeys((0x04, 0x07, 0x08, 0x09, 0x0F, 0x10), {1: "frame", 2: "clip"}
        | dict.fromkeys(range(3, 9), "custom")),  # ST 381-1 to 381-3
    0x05: {1: "frame", 2: "clip", 3: "line"},  # ST 384
    0x13: {1: "clip"}, 0x1D: {1: "clip", 2: "frame"},  # ST 429-5, ST 2067-201
}  # fmt: skip
_ALWAYS_BY_FRAME = (0x01, 0x03, 0x0D, 0x0E)  # ST 386, ST 387: content packages of one frame; ST 436: VBI, ancillary

_SOUND_MAPPINGS = {
    0x01: "d10", 0x02: "dv", 0x04: "mpeg", 0x0A: "a_law", 0x16: "aac_adif", 0x17: "aac_adts", 0x18: "aac_latm",
    0x1D: "iab", 0x25: "mga",
}  # fmt: skip
_PCM_MAPPINGS = {1: "wave", 2: "wave", 3: "aes3", 4: "aes3", 8: "wave", 9: "aes3"}

_CHANNEL_ASSIGNMENTS = {
    **{f"0402021003010{number}00": f"dcp_configuration_{number}" for number in range(1, 6)},
    "0402021004010000": "imf",
    "0d01080102010000": "as11",
    "0d01080102020000": "as11_layout_a",
}
"""Bytes 9 to 16: SMPTE ST 429-2 Annex A, ST 2067-2 section 5.3.6, AMWA AS-11 X1 (audio layout modes 0 and 1)."""


def wrapping(label: bytes) -> str:
    """How an essence container holds its essence: a word of `MXF_WRAPPING`, or `other:` and the label."""
    word = None
    if label[8:13] == _AVID_CONTAINER:
        word = _FRAME_OR_CLIP.get(label[14])
    elif label[8:13] == _GENERIC_CONTAINER:
        kind = label[13]
        word = "frame" if kind in _ALWAYS_BY_FRAME else None
        word = word or _WRAPPING_IN_BYTE_15.get(kind, {}).get(label[14])
        word = word or _WRAPPING_IN_BYTE_16.get(kind, {}).get(label[15])
    return word or f"other:{urn(label)}"


def sound_mapping(label: bytes) -> str:
    """The standard by which sound is mapped: a word of `MXF_SOUND_MAPPING`, or `other:` and the label."""
    word = None
    if label[8:13] == _GENERIC_CONTAINER:
        word = _PCM_MAPPINGS.get(label[14]) if label[13] == 0x06 else _SOUND_MAPPINGS.get(label[13])
    return word or f"other:{urn(label)}"


def channel_assignment(label: bytes) -> str:
    """The channel assignment of a sound descriptor: a word of
    `MXF_CHANNEL_ASSIGNMENT`, or `other:` and the label."""
    return _CHANNEL_ASSIGNMENTS.get(label[8:16].hex()) or f"other:{urn(label)}"

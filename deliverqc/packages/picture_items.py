"""Items of picture descriptors that SMPTE ST 2067-21 does not permit, or permits at 0 alone; reads no file.

An item that is there with the value 0 says what its absence says, and is taken as right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deliverqc.packages.model import Described

_AT_ZERO: Mapping[str, str] = {
    "AlphaTransparency": "6.2.1", "ImageStartOffset": "6.2.1", "ImageEndOffset": "6.2.1",
    "SampledXOffset": "6.2.1", "SampledYOffset": "6.2.1", "ScanningDirection": "6.3",
    "AlphaMinRef": "6.3", "AlphaMaxRef": "6.3", "AlphaSampleDepth": "6.4", "PaddingBits": "6.4",
    "ReversedByteOrder": "6.4", "ColorSiting": "6.4",
}  # fmt: skip
_NOT_THERE: Mapping[str, str] = {"Palette": "6.3", "PaletteLayout": "6.3"}
_REQUIRED = ("StoredWidth", "StoredHeight", "SampleRate", "FrameLayout", "PictureCompression")
_ZERO = ("0", "false", "")
_DESCRIPTORS = ("RGBADescriptor", "CDCIDescriptor")


def picture_item_errors(one: Described) -> Iterator[str]:
    """What is wrong with the items of a picture descriptor; nothing of another descriptor."""
    if one.name not in _DESCRIPTORS:
        return
    for name, section in _AT_ZERO.items():
        value = one.values.get(name, "0")
        if value not in _ZERO:
            yield f"has {value} as {name}; ST 2067-21 section {section} permits 0"
    for name, section in _NOT_THERE.items():
        if name in one.values or name in one.unread:
            yield f"has {name}, which ST 2067-21 section {section} does not permit"
    missing = [name for name in _REQUIRED if name not in one.values and name not in one.unread]
    if missing:
        yield f"has no {', '.join(missing)}, which ST 2067-21 section 6.2 requires"

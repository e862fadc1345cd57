"""Puts libav's pixel formats and levels into our words; opens no file."""

from __future__ import annotations

from av.video.format import VideoFormat

from deliverqc.facts.model import Facts
from deliverqc.probing.wrappers.configuration import level_in_tenths

_MPEG2_LEVELS = {2: "High", 4: "High", 5: "Main", 6: "High 1440", 8: "Main", 10: "Low"}


def pixel_facts(pixels: VideoFormat | None) -> Facts:
    if pixels is None or not pixels.components:
        return {}
    facts: Facts = {
        "pixel_format": pixels.name,
        "bit_depth_bits": max(component.bits for component in pixels.components),
    }
    if not pixels.is_rgb and not pixels.has_palette:
        facts["chroma_subsampling"] = _chroma(pixels)
    return facts


_WITH_ALPHA = ("yuva", "gbrap", "rgba", "bgra", "argb", "abgr", "ya8", "ya16", "yaf", "ayuv", "vuya", "uyva")
_PALETTE = "pal8"
_ALPHA_APART = ("hevc", "vp8", "vp9")


def has_alpha(pixel_format: str | None, codec: str | None) -> bool | None:
    """Whether decoded pictures hold an alpha channel; None where that does not tell: of palettes, and of codings that
    hold alpha in a separate layer."""
    if pixel_format is None or pixel_format == _PALETTE:
        return None
    if pixel_format.startswith(_WITH_ALPHA):
        return True
    return None if codec in _ALPHA_APART else False


def _chroma(pixels: VideoFormat) -> str | None:
    colours = len(pixels.components)
    if colours < 3:
        return "4:0:0"
    shape = (16 // pixels.chroma_width(16), 16 // pixels.chroma_height(16))
    names = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (4, 1): "4:1:1", (4, 4): "4:1:0", (1, 2): "4:4:0"}
    return names.get(shape)


def level_name(name: str, level: int) -> str | None:
    """The level as the coding's standard writes it (ITU-T H.264 A.3, H.265 A.4, H.262 8.2; AV1 A.3)."""
    if level is None or level <= 0:
        return None
    if name == "h264":
        return "1b" if level == 9 else level_in_tenths(level)
    if name == "hevc":
        return level_in_tenths(level // 3)
    if name == "mpeg2video":
        return _MPEG2_LEVELS.get(level)
    if name == "av1":
        return f"{2 + (level >> 2)}.{level & 3}"
    return None

"""Reads codec configuration records (avcC, hvcC, av1C, vpcC, dvcC) for what a wrapper states of the essence with them;
opens no file and looks at no essence.

Profiles and levels are written as libav writes those of the bitstream, so that the two can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from deliverqc.facts.model import Facts
from deliverqc.facts.vocabulary import COLOR_MATRIX, COLOR_PRIMARIES, COLOR_TRANSFER, from_h273

DOLBY_VISION = ("dvcC", "dvvC", "dvwC")
_CHROMA = {0: "4:0:0", 1: "4:2:0", 2: "4:2:2", 3: "4:4:4"}  # chroma_format_idc, ITU-T H.264 Table 6-1
_VP_CHROMA = {0: "4:2:0", 1: "4:2:0", 2: "4:2:2", 3: "4:4:4"}  # VP Codec ISO Media File Format Binding
_AVC_PROFILES = {
    66: "baseline",
    77: "main",
    88: "extended",
    100: "high",
    110: "high_10",
    122: "high_4:2:2",
    244: "high_4:4:4_predictive",
}
"""ITU-T H.264 section A.2."""
_HEVC_PROFILES = {1: "main", 2: "main_10", 3: "main_still_picture", 4: "rext"}  # ITU-T H.265 section A.3
_AV1_PROFILES = {0: "main", 1: "high", 2: "professional"}  # AV1 specification, section 6.4.1
_VP9_PROFILES = {0: "profile_0", 1: "profile_1", 2: "profile_2", 3: "profile_3"}
_AC3_CHANNELS = (2, 1, 2, 3, 3, 4, 4, 5)  # acmod, ETSI TS 102 366 Table 4.3
_AC3_RATES_HZ = {0: 48000, 1: 44100, 2: 32000}  # fscod, Table 4.1
_CONSTRAINED_FLAG = 0x40  # constraint_set1_flag
_LEVEL_1B = 9
_WITH_FORMAT = (100, 110, 122, 144, 244)  # profiles whose record goes on with chroma and depth, ISO/IEC 14496-15


def read_configuration(kind: str, data: bytes) -> Facts:
    """What the record in a box of that kind states, by the names of `picture.wrapper.…`; empty where it is none of
    those known, is cut short, or is of an unknown version."""
    if kind in DOLBY_VISION:
        return _dolby_vision(data)
    read = _RECORDS.get(kind)
    facts = read(data) if read is not None else {}
    return {name: value for name, value in facts.items() if value is not None}


def level_in_tenths(level: int) -> str:
    """41 as 4.1, 40 as 4 (ITU-T H.264 A.3)."""
    return f"{level // 10}.{level % 10}" if level % 10 else str(level // 10)


def avc_profile(profile: int, flags: int) -> str | None:
    """The profile of a `profile_idc`, and of the flags beside it in their byte."""
    name = _AVC_PROFILES.get(profile)
    return "constrained_baseline" if name == "baseline" and flags & _CONSTRAINED_FLAG else name


def _avc(data: bytes) -> Facts:
    if len(data) < 7 or data[0] != 1:
        return {}
    profile, flags, level = data[1:4]
    facts: Facts = {"codec_profile": avc_profile(profile, flags)}
    facts["codec_level"] = "1b" if level == _LEVEL_1B else level_in_tenths(level)
    place = 6
    for _ in range(data[5] & 31):
        place += 2 + int.from_bytes(data[place : place + 2], "big")
    sets = data[place] if place < len(data) else 0
    place += 1
    for _ in range(sets):
        place += 2 + int.from_bytes(data[place : place + 2], "big")
    if profile in _WITH_FORMAT and len(data) >= place + 4 and data[place] & 0xFC == 0xFC:
        facts["chroma_subsampling"] = _CHROMA[data[place] & 3] if data[place] & 3 else None  # some leave it empty
        facts["bit_depth_bits"] = (data[place + 1] & 7) + 8
    return facts


def _hevc(data: bytes) -> Facts:
    if len(data) < 23 or data[0] != 1:
        return {}
    return {
        "codec_profile": _HEVC_PROFILES.get(data[1] & 31),
        "codec_level": level_in_tenths(data[12] // 3),
        "chroma_subsampling": _CHROMA[data[16] & 3],
        "bit_depth_bits": (data[17] & 7) + 8,
    }


def _av1(data: bytes) -> Facts:
    if len(data) < 4 or data[0] != 0x81:
        return {}
    profile, level, flags = data[1] >> 5, data[1] & 31, data[2]
    is_high, is_twelve = bool(flags & 0x40), bool(flags & 0x20)
    chroma = {0: "4:4:4", 2: "4:2:2", 3: "4:2:0"}.get(flags >> 2 & 3)
    return {
        "codec_profile": _AV1_PROFILES.get(profile),
        "codec_level": f"{2 + (level >> 2)}.{level & 3}" if level < 24 else None,
        "chroma_subsampling": "4:0:0" if flags & 0x10 else chroma,
        "bit_depth_bits": 12 if is_high and is_twelve else 10 if is_high else 8,
    }


def _vp(data: bytes) -> Facts:
    if len(data) < 12 or data[0] != 1:
        return {}
    return {
        "codec_profile": _VP9_PROFILES.get(data[4]),
        "bit_depth_bits": data[6] >> 4 or None,
        "chroma_subsampling": _VP_CHROMA.get(data[6] >> 1 & 7),
        "color_range": "full" if data[6] & 1 else "limited",
        "color_primaries": from_h273(COLOR_PRIMARIES, data[7]),
        "color_transfer": from_h273(COLOR_TRANSFER, data[8]),
        "color_matrix": from_h273(COLOR_MATRIX, data[9]),
    }


def _dolby_vision(data: bytes) -> Facts:
    """`DOVIDecoderConfigurationRecord` (Dolby Vision Streams Within the ISO Base Media File Format, section 3.2)."""
    return {"dolby_vision.profile": data[2] >> 1} if len(data) >= 4 and data[0] in (1, 2) else {}


def read_sound_configuration(kind: str, data: bytes) -> Facts:
    """Channels and sample rate of a `dac3` or `dec3` box (ETSI TS 102 366 Annex F); empty where it is neither, or says
    that substreams hold more."""
    if kind == "dac3" and len(data) >= 3:
        bits = int.from_bytes(data[:3], "big")
        return _ac3(bits >> 22, bits >> 11 & 7, bits >> 10 & 1)
    if kind == "dec3" and len(data) >= 5 and not data[1] & 7 and not data[4] >> 1 & 15:
        return _ac3(data[2] >> 6, data[3] >> 1 & 7, data[3] & 1)
    return {}


def _ac3(rate: int, mode: int, has_lfe: int) -> Facts:
    facts: Facts = {"channel_count": _AC3_CHANNELS[mode] + has_lfe}
    return facts | ({"sample_rate_hz": _AC3_RATES_HZ[rate]} if rate in _AC3_RATES_HZ else {})


_RECORDS: Mapping[str, Callable[[bytes], Facts]] = {"avcC": _avc, "hvcC": _hevc, "av1C": _av1, "vpcC": _vp}

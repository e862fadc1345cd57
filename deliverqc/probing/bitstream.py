"""What the essence states about itself, read from the first packets of a track; nothing that the wrapper says gets in.

ProRes and JPEG 2000 headers are read as bytes. Other codings are decoded for one picture in a fresh context that is
given the codec's own headers only: the context of the demuxer mixes what the wrapper states into what the bitstream
does.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, cast

from av.codec.context import CodecContext, ThreadType
from av.error import FFmpegError
from av.packet import Packet
from av.sidedata.sidedata import Type as SideDataType
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from deliverqc.facts.model import Facts
from deliverqc.facts.vocabulary import COLOR_MATRIX, COLOR_PRIMARIES, COLOR_TRANSFER, from_h273
from deliverqc.probing.nal_units import (
    alternative_transfer,
    display_orientation,
    has_own_parameter_sets,
    mastering_display,
)
from deliverqc.probing.pixels import level_name, pixel_facts
from deliverqc.probing.side_data import side_data_of
from deliverqc.timebase import STANDARD_RATES

_SELF_DESCRIBING = frozenset(
    [
        "h264",
        "hevc",
        "vvc",
        "mpeg1video",
        "mpeg2video",
        "mpeg4",
        "vc1",
        "vp8",
        "vp9",
        "av1",
        "dvvideo",
        "mjpeg",
        "dnxhd",
    ]
)  # the others take size or pixel format from the wrapper
_DECODERS = {"av1": "libdav1d"}  # libav's own decodes with the help of hardware only
_TOLD_BY_DECODING = ("width_px", "height_px", "scan", "field_order")
_STATES_RATE = frozenset(["h264", "hevc", "vvc", "mpeg1video", "mpeg2video", "vc1", "av1", "dvvideo"])
_STATES_SCAN = frozenset(["h264", "hevc", "mpeg2video", "dvvideo", "dnxhd", "vc1"])
_STATES_COLOUR = frozenset(["h264", "hevc", "vvc", "mpeg2video", "mpeg4", "vc1", "vp9", "av1"])
_STATES_RANGE = frozenset(["h264", "hevc", "vvc", "vp9", "av1"])
_RANGES = {1: "limited", 2: "full"}  # AVColorRange
_FIELD_ORDERS = {
    2: "tff",
    3: "bff",
    4: "bff",
    5: "tff",
}  # AVFieldOrder of the parsers: TT BB TB BT, the second letter is shown first

_STATES_PROFILE = frozenset(["h264", "hevc", "vvc", "mpeg2video", "vp9", "av1"])
_DNX_STATED = (9, 10)  # BT.2020 by SMPTE ST 2019-1 CLV; its 0 is BT.709, and what older writers left empty
_DOLBY_VISION_TWELVE_BITS = 12

_PRORES_RATES = {
    1: Fraction(24000, 1001), 2: Fraction(24), 3: Fraction(25), 4: Fraction(30000, 1001), 5: Fraction(30), 6:
    Fraction(50), 7: Fraction(60000, 1001), 8: Fraction(60), 9: Fraction(100), 10: Fraction(120000, 1001), 11:
    Fraction(120), }  # fmt: skip
"""SMPTE RDD 36:2022 Table 4, frame_rate_code."""
_PRORES_SCAN: dict[int, Facts] = {
    0: {"scan": "progressive"},
    1: {"scan": "interlaced", "field_order": "tff"},
    2: {"scan": "interlaced", "field_order": "bff"},
}

_MASTERING_PRIMARIES = {
    "bt709": (0.640, 0.330, 0.300, 0.600, 0.150, 0.060),
    "bt2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    "smpte432": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
_CHROMATICITY_TOLERANCE = 0.0005  # ST 2086 writes them in steps of 0.00002; encoders round to three places


def read_bitstream(codec: str, extradata: bytes | None, packets: Sequence[Packet[Any]]) -> tuple[Facts, bool]:
    """Facts that the essence states, by the names that `picture.bitstream.` has, and beside them what no wrapper holds:
    `pixel_aspect_ratio`, `chroma_subsampling`, `bit_depth_bits`, `hdr.…`, `active_format_code` and `gop_timecode`.
    What is not stated is left out; so that it cannot be taken for what could not be read, whether all that a coding
    of this kind states was read comes with the facts.

    `codec` is libav's name.
    """
    is_known = codec in _SELF_DESCRIBING or codec in _HEADERS
    if not is_known or not packets:
        return {}, not is_known
    if codec == "h264" and not has_own_parameter_sets(extradata, bytes(packets[0])):
        return _without_parameter_sets(extradata, packets)
    if codec in _HEADERS:
        facts = _HEADERS[codec](bytes(packets[0]))
        return facts, bool(facts)
    try:
        return _read_decoded(codec, extradata, packets)
    except (FFmpegError, ValueError):
        return {}, False


def _without_parameter_sets(extradata: bytes | None, packets: Sequence[Packet[Any]]) -> tuple[Facts, bool]:
    """What is known of AVC-Intra whose parameter sets are agreed on instead of written (SMPTE RP 2027): libav decodes
    it by a built-in header, whose colours, rate and pixels say nothing about the file."""
    facts, is_whole = _read_decoded("h264", extradata, packets)
    return {name: facts[name] for name in _TOLD_BY_DECODING if name in facts}, is_whole


def read_prores_header(data: bytes) -> Facts:
    """Read a ProRes frame header (SMPTE RDD 36:2022 section 5.1.1); empty where `data` does not start with one."""
    if len(data) < 28 or data[4:8] != b"icpf":
        return {}
    width, height, flags, rate, primaries, transfer, matrix = struct.unpack_from(">HH5B", data, 16)
    facts: Facts = {"width_px": width, "height_px": height, "frame_rate": _PRORES_RATES.get(rate & 15)}
    facts |= _PRORES_SCAN.get(flags >> 2 & 3, {})
    facts["chroma_subsampling"] = {2: "4:2:2", 3: "4:4:4"}.get(flags >> 6)
    facts["pixel_aspect_ratio"] = _prores_pixel_shape(rate >> 4, width, height)
    facts["color_primaries"] = from_h273(COLOR_PRIMARIES, primaries)
    facts["color_transfer"] = from_h273(COLOR_TRANSFER, transfer)
    facts["color_matrix"] = from_h273(COLOR_MATRIX, matrix) if matrix else None
    return _stated(facts)


def _prores_pixel_shape(code: int, width: int, height: int) -> Fraction | None:
    if code == 1:
        return Fraction(1)
    shown = {2: Fraction(4, 3), 3: Fraction(16, 9)}.get(code)
    return shown * height / width if shown and width and height else None


def _read_jpeg2000_size(data: bytes) -> Facts:
    from deliverqc.probing.jpeg2000 import read_size  # 7 ms that other codings do not have

    return read_size(data)


_HEADERS: Mapping[str, Callable[[bytes], Facts]] = {"prores": read_prores_header, "jpeg2000": _read_jpeg2000_size}


def _stated(facts: Facts) -> Facts:
    return {name: value for name, value in facts.items() if value is not None}


def _read_decoded(codec: str, extradata: bytes | None, packets: Sequence[Packet[Any]]) -> tuple[Facts, bool]:
    context: VideoCodecContext = CodecContext.create(cast(Any, _DECODERS.get(codec, codec)), "r")
    context.thread_type = ThreadType.SLICE
    context.extradata = extradata
    frame = _first_frame(context, packets)
    facts: Facts = {"width_px": context.width or None, "height_px": context.height or None}
    if codec in _STATES_RATE and context.framerate in STANDARD_RATES:
        facts["frame_rate"] = context.framerate
    if codec in _STATES_SCAN and frame is not None:
        facts |= _scan(codec, extradata, packets, is_interlaced=frame.interlaced_frame)
    if codec in _STATES_COLOUR:
        facts["color_primaries"] = from_h273(COLOR_PRIMARIES, context.color_primaries)
        facts["color_transfer"] = from_h273(COLOR_TRANSFER, context.color_trc)
        facts["color_matrix"] = from_h273(COLOR_MATRIX, context.colorspace)
        facts |= _preferred_transfer(codec, extradata, packets)
    if codec == "dnxhd" and context.colorspace in _DNX_STATED:
        facts["color_matrix"] = from_h273(COLOR_MATRIX, context.colorspace)
    if codec in _STATES_RANGE:
        facts["color_range"] = _RANGES.get(context.color_range)
    facts["pixel_aspect_ratio"] = context.sample_aspect_ratio or None
    if codec in _STATES_PROFILE:
        facts["codec_profile"] = context.profile.lower().replace(" ", "_") if context.profile else None
        facts["codec_level"] = level_name(codec, context.level)
    if frame is not None:
        facts |= pixel_facts(frame.format) | _side_data(frame)
        facts.pop("pixel_format", None)
    facts |= _written_display(codec, extradata, packets) | _orientation(codec, extradata, packets)
    return _stated(facts), frame is not None


def _preferred_transfer(codec: str, extradata: bytes | None, packets: Sequence[Packet[Any]]) -> Facts:
    """The alternative transfer characteristics SEI message, and the code of the VUI under it, which libav replaces by
    it once a picture is decoded."""
    code = next(filter(None, (alternative_transfer(codec, bytes(packet), extradata) for packet in packets)), None)
    if code is None:
        return {}
    context: VideoCodecContext = CodecContext.create(cast(Any, codec), "r")
    context.extradata = extradata
    context.open(strict=False)
    written = from_h273(COLOR_TRANSFER, context.color_trc)
    preferred = from_h273(COLOR_TRANSFER, code)
    return {"preferred_transfer": preferred} | ({"color_transfer": written} if written else {})


def _first_frame(context: VideoCodecContext, packets: Sequence[Packet[Any]]) -> VideoFrame | None:
    """Decode until a picture comes out; None where none does. A packet that is rejected is passed over. One that an
    edit list hides is decoded as any other, as its picture would not come out."""
    for packet in (*packets, None):
        shown = Packet(bytes(packet)) if packet is not None and packet.is_discard else packet
        try:
            frames = context.decode(shown)
        except FFmpegError:
            continue
        if frames:
            return frames[0]
    return None


def _scan(codec: str, extradata: bytes | None, packets: Sequence[Packet[Any]], *, is_interlaced: bool) -> Facts:
    if not is_interlaced:
        return {"scan": "progressive"}
    facts: Facts = {"scan": "interlaced"}
    if codec in ("h264", "mpeg2video"):
        parser: VideoCodecContext = CodecContext.create(cast(Any, codec), "r")
        parser.extradata = extradata
        parser.parse(bytes(packets[0]))
        parser.parse(None)
        order = _FIELD_ORDERS.get(parser.field_order)
        facts |= {"field_order": order} if order else {}
    return facts


def _side_data(frame: VideoFrame) -> Facts:
    facts: Facts = {}
    held = {data.type: bytes(data) for data in side_data_of(frame)}
    light = held.get(SideDataType.CONTENT_LIGHT_LEVEL, b"")
    if len(light) >= 8:
        maximum, average = struct.unpack_from("=II", light)
        facts |= {"hdr.max_cll_cd_m2": maximum or None, "hdr.max_fall_cd_m2": average or None}
        facts["hdr.is_max_cll_zero"] = maximum == 0
    display = held.get(SideDataType.MASTERING_DISPLAY_METADATA, b"")
    if len(display) >= 88:
        facts["hdr.mastering_display"] = _mastering_display(struct.unpack_from("=22i", display))
    facts |= _dolby_vision(held.get(SideDataType.DOVI_METADATA, b""))
    if held.get(SideDataType.AFD):
        facts["active_format_code"] = held[SideDataType.AFD][0] & 15
    if "timecode" in frame.metadata and SideDataType.GOP_TIMECODE in held:
        facts["gop_timecode"] = frame.metadata["timecode"]
    return _stated(facts)


def _dolby_vision(data: bytes) -> Facts:
    """The profile that an RPU is of, as libav guesses it by its header (AVDOVIRpuDataHeader): its number is not written
    in it."""
    if len(data) < 8:
        return {}
    (place,) = struct.unpack_from("=Q", data)
    header = data[place : place + 17]
    if len(header) < 17:
        return {}
    kind, is_full, depth, resamples, has_no_residual = header[4], header[10], header[13], header[15], header[16]
    if kind == 0 and is_full:
        return {"dolby_vision.profile": 5}
    if kind != 1:
        return {}
    if resamples and not has_no_residual:
        return {"dolby_vision.profile": 7 if depth == _DOLBY_VISION_TWELVE_BITS else 4}
    return {"dolby_vision.profile": 8}


def _written_display(codec: str, extradata: bytes | None, packets: Sequence[Packet[Any]]) -> Facts:
    """The mastering display as the message has it: libav leaves out a luminance or primaries that cannot be."""
    written = next(filter(None, (mastering_display(codec, bytes(packet), extradata) for packet in packets)), None)
    if written is None:
        return {}
    green, blue, red = (written[i : i + 2] for i in (0, 2, 4))
    display: Facts = {"primaries": name_chromaticities([number / 50_000 for number in (*red, *green, *blue)])}
    display |= {"min_cd_m2": written[9] / 10_000, "max_cd_m2": written[8] / 10_000}
    return {"hdr.mastering_display": display}


def _orientation(codec: str, extradata: bytes | None, packets: Sequence[Packet[Any]]) -> Facts:
    stated = next(filter(None, (display_orientation(codec, bytes(packet), extradata) for packet in packets)), None)
    if stated is None:
        return {}
    return {"display_orientation.rotation_deg": stated[0], "display_orientation.is_mirrored": stated[1]}


def _mastering_display(values: Sequence[int]) -> Facts | None:
    """Turn an AVMasteringDisplayMetadata into our object; None where it is marked as empty."""
    numbers = [Fraction(values[i], values[i + 1]) if values[i + 1] else Fraction(0) for i in range(0, 20, 2)]
    has_primaries, has_luminance = values[20], values[21]
    if not has_primaries and not has_luminance:
        return None
    display: Facts = {}
    if has_primaries:
        display["primaries"] = name_chromaticities([float(number) for number in numbers[:6]])
    if has_luminance:
        display |= {"min_cd_m2": float(round(numbers[8], 4)), "max_cd_m2": float(round(numbers[9], 4))}
    return display


def name_chromaticities(measured: Sequence[float]) -> str:
    """Name the primaries with these x and y of red, green and blue (ITU-T H.273 Table 2); `other:<numbers>` where
    none fit."""
    for name, known in _MASTERING_PRIMARIES.items():
        if all(abs(a - b) <= _CHROMATICITY_TOLERANCE for a, b in zip(measured, known, strict=True)):
            return name
    return "other:" + " ".join(f"{number:.4f}" for number in measured)

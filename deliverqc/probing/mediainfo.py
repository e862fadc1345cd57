"""Reads a master by MediaInfo: the second reader, and the only one for AS-11, Dolby Vision and embedded captions;
trusts nobody else."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from deliverqc.errors import InternalError
from deliverqc.facts import vocabulary as words
from deliverqc.facts.model import Facts
from deliverqc.probing.reading import Reading, StatedTimecode, TrackReading
from deliverqc.timebase import nearest_standard_rate

_MPEG_VIDEO = {"1": "mpeg1video", "2": "mpeg2video"}
_MPEG_AUDIO = {"Layer 1": "mp1", "Layer 2": "mp2", "Layer 3": "mp3"}
_G711 = {"A-Law": "alaw", "U-Law": "mulaw"}  # MediaInfo calls both ADPCM
NO_END, CRASHED = "came to no end, or failed", "crashed"
_WORKER = Path(__file__).with_name("mediainfo_worker.py")
_PORTION_BYTES = 65536
_LONGEST_READING_S = 30  # house choice: a hundred times what the largest masters take
_COULD_NOT_START = 1  # Python's exit code for an exception, such as a failed import
_ASKED_FOR_TOO_MUCH = 3  # the worker's own
_WITH_DEPTH = ("pcm", "flac", "alac", "truehd")
_WITH_LEVEL = ("h264", "hevc", "vvc", "mpeg2video", "mpeg4", "vc1", "av1", "vp9", "jpeg2000")
_UNCOMPRESSED = ("YUV", "RGB")  # one word for many codings
_TIMED_FORMATS = (
    "Matroska",
    "WebM",
)  # where a variable rate is read from timestamps and not from a flag of the essence
_TIMECODE_SOURCES = {
    "Group of pictures header": "gop",
    "SDTI": "sdti",
    "System scheme 1": "system_scheme_1",
    "SMPTE TC": "sdti",
}
_SIGN = 1 << 31  # of a number of 32 bits
_LUMINANCE = re.compile(r"min: ([\d.]+) cd/m2, max: ([\d.]+) cd/m2")
_COLOURS = (
    ("color_primaries", "colour_primaries", words.COLOR_PRIMARIES),
    ("color_transfer", "transfer_characteristics", words.COLOR_TRANSFER),
    ("color_matrix", "matrix_coefficients", words.COLOR_MATRIX),
    ("color_range", "colour_range", words.COLOR_RANGE),
)

Raw = Mapping[str, Any]


def start_mediainfo(path: Path) -> subprocess.Popen[bytes]:
    """Start reading `path` in a process of its own: damaged files bring MediaInfo down. `finish_mediainfo` takes the
    result."""
    with path.open("rb") as file:
        return subprocess.Popen(
            [sys.executable, "-P", str(_WORKER), str(portion_bytes(path))],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )


def start_for_many() -> subprocess.Popen[bytes]:
    """Start a process that reads one file after another: `mediainfo_many` knows how."""
    return subprocess.Popen(
        [sys.executable, "-P", str(_WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def longest_reading_s() -> float:
    """How long one file may take."""
    return _LONGEST_READING_S


def timed_out() -> str:
    return f"timed out after {_LONGEST_READING_S} s"


def portion_bytes(path: Path) -> int:
    """A file that comes in one piece is not read to its end by MediaInfo's interface for portions."""
    return max(512, min(_PORTION_BYTES, path.stat().st_size // 8))


def finish_mediainfo(process: subprocess.Popen[bytes]) -> Reading | str:
    """Wait for the reading; in its place, where MediaInfo gives none, how it was lost: `timed out after 30 s`.

    InternalError where the process could not do its work at all.
    """
    try:
        output, _ = process.communicate(timeout=_LONGEST_READING_S)
    except subprocess.TimeoutExpired:
        return timed_out()
    if process.returncode == _COULD_NOT_START:
        raise _not_loaded()
    if process.returncode == _ASKED_FOR_TOO_MUCH:
        return NO_END
    if process.returncode != 0:
        return CRASHED
    return understood(output)


def how_it_ended(process: subprocess.Popen[bytes]) -> str:
    """Why a process that reads many files gave no answer; InternalError where it could not do its work at all."""
    if process.wait() == _COULD_NOT_START:
        raise _not_loaded()
    return CRASHED


def _not_loaded() -> InternalError:
    return InternalError("MediaInfo could not be loaded. Install pymediainfo again.", code="no-mediainfo")


def understood(output: bytes) -> Reading | str:
    """MediaInfo's JSON in our words; why there is none."""
    try:
        document = json.loads(output, strict=False)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return "gave no readable answer"
    media = document.get("media")
    tracks = media.get("track") if isinstance(media, dict) else None
    is_listed = isinstance(tracks, list) and all(isinstance(track, dict) for track in tracks)
    reading = interpret(tracks, version=_version_of(document)) if is_listed and tracks else None
    return reading or "does not recognise what it is"


def stop_mediainfo(process: subprocess.Popen[bytes]) -> None:
    """End the process, whatever it is doing."""
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def library_version() -> str:
    """Version of the MediaInfo library; an empty string where it cannot be loaded."""
    from pymediainfo import MediaInfo  # 20 ms: reading is done by another process

    try:
        return _version_of(json.loads(str(MediaInfo.parse(io.BytesIO(b""), output="JSON"))))
    except OSError:
        return ""


def _version_of(document: Mapping[str, Any]) -> str:
    return str(document.get("creatingLibrary", {}).get("version", ""))


def interpret(tracks: list[dict[str, Any]], *, version: str = "") -> Reading | None:
    """Put MediaInfo's raw tracks (its JSON output) into our words."""
    by_kind: dict[str, list[Raw]] = {}
    for track in tracks:
        by_kind.setdefault(str(track.get("@type")), []).append(track)
    general = next(iter(by_kind.get("General", ())), None)
    if general is None or "Format" not in general:
        return None
    others = by_kind.get("Other", [])
    is_still = "Audio" not in by_kind and "Video" not in by_kind
    pictures = by_kind.get("Image", []) if is_still else by_kind.get("Video", [])
    return Reading(
        general=_general(general, others),
        pictures=tuple(_track(track, _picture(track, str(general["Format"])), *_layers(track)) for track in pictures),
        sounds=tuple(_track(track, _sound(track)) for track in _sound_tracks(by_kind.get("Audio", []))),
        texts=tuple(_track(track, _text(track)) for track in by_kind.get("Text", [])),
        timecodes=tuple(_timecodes(others, pictures)),
        version=version,
    )


def _sound_tracks(sounds: list[Raw]) -> list[Raw]:
    """Those of the wrapper, where it has any: the sound inside the blocks of a DV picture is listed too, and no player
    plays it once the wrapper has a track of sound."""
    own = [raw for raw in sounds if raw.get("MuxingMode") != "DV"]
    return own or sounds


def _track(raw: Raw, facts: Facts, wrapper: Facts | None = None, bitstream: Facts | None = None) -> TrackReading:
    order = str(raw.get("StreamOrder", ""))
    return TrackReading(
        index=int(order) if order.isdigit() else -1,
        identity=_integer(raw, "ID") or 0,
        facts=_stated(facts),
        wrapper=_stated(wrapper or {}),
        bitstream=_stated(bitstream or {}),
    )


def _stated(facts: Facts) -> Facts:
    """Leave out what is not there, and what MediaInfo writes as an object because it is no text."""
    return {name: value for name, value in facts.items() if value is not None and not _is_binary(value)}


def _is_binary(value: object) -> bool:
    return isinstance(value, Mapping) and "@dt" in value


def _integer(raw: Raw, name: str) -> int | None:
    """A whole number; None where there is none, or several (`48000 / 24000`)."""
    value = str(raw.get(name, ""))
    return int(value) if value.isdigit() else None


def _seconds(raw: Raw, name: str) -> Fraction | None:
    try:
        return Fraction(str(raw[name]))
    except (KeyError, ValueError, ZeroDivisionError):
        return None


def _rate(raw: Raw, name: str) -> Fraction | None:
    """The rate by its numerator and denominator; by its rounded value only where that is near a standard rate."""
    stated = _seconds(raw, name)
    if not stated:
        return None
    standard = nearest_standard_rate(stated)
    numerator, denominator = _integer(raw, f"{name}_Num"), _integer(raw, f"{name}_Den")
    exact = Fraction(numerator, denominator) if numerator and denominator else None
    return standard or exact or stated


def _general(raw: Raw, others: list[Raw]) -> Facts:
    facts: Facts = {
        "wrapper.format": _format(raw),
        "wrapper.duration_s": _seconds(raw, "Duration"),
        "wrapper.writing_application": raw.get("Encoded_Application_String")
        or raw.get("Encoded_Application")
        or raw.get("Encoded_Library_String")
        or raw.get("Encoded_Library"),
    }
    for other in others:
        format_name, details = str(other.get("Format", "")), {**other, **_extra(other)}
        if format_name == "AS-11 Core":
            facts["wrapper.as11_shim_name"] = details.get("ShimName")
            facts["wrapper.as11_shim_version"] = details.get("ShimVersion")
            facts["wrapper.as11_audio_track_layout"] = details.get("AudioTrackLayout")
        elif format_name == "AS-11 UKDPP":
            facts["wrapper.as11_picture_ratio"] = details.get("PictureRatio")
            facts["wrapper.as11_pse_pass"] = _word(details.get("FpaPass"))
            facts["wrapper.as11_loudness_standard"] = _word(details.get("AudioLoudnessStandard"))
    return _stated(facts)


def _extra(raw: Raw) -> Raw:
    extra = raw.get("extra")
    return extra if isinstance(extra, Mapping) else {}


def _word(raw: object) -> str | None:
    """`EBU R 128` as `ebu_r_128`; None for what is empty."""
    text = str(raw or "").strip().lower().replace(" ", "_")
    return text or None


def _format(raw: Raw) -> str:
    name = str(raw["Format"])
    if name == "MPEG-4" and "QuickTime" in str(raw.get("Format_Profile", "")):
        name = "QuickTime"
    if name == "Wave" and "RF64" in str(raw.get("Format_Profile", "")):
        name = "RF64"
    return words.WRAPPER_FORMAT.from_mediainfo(name)


def _picture_codec(raw: Raw) -> str | None:
    name = raw.get("Format")
    if name == "MPEG Video":
        return _MPEG_VIDEO.get(str(raw.get("Format_Version", "")))
    return None if name is None or name in _UNCOMPRESSED else words.PICTURE_CODEC.from_mediainfo(str(name))


def _frame_rate_mode(raw: Raw, wrapper: str) -> str | None:
    mode = {"CFR": "constant", "VFR": "variable"}.get(str(raw.get("FrameRate_Mode")))
    return None if mode == "variable" and wrapper not in _TIMED_FORMATS else mode


def _picture(raw: Raw, wrapper: str) -> Facts:
    codec, level = _picture_codec(raw), raw.get("Format_Level")
    return {
        "codec": codec,
        "codec_profile": _jpeg2000_profile(raw) if codec == "jpeg2000" else None,
        "codec_level": str(level) if level is not None and codec in _WITH_LEVEL else None,
        "width_px": _integer(raw, "Width") or None,
        "height_px": _height(raw),
        "frame_rate": _rate(raw, "FrameRate"),
        "frame_rate_mode": _frame_rate_mode(raw, wrapper),
        "frame_count": _integer(raw, "FrameCount"),
        "duration_s": _seconds(raw, "Duration"),
        "bit_rate_bps": _integer(raw, "BitRate"),
        "bit_depth_bits": _integer(raw, "BitDepth"),
        "chroma_subsampling": _chroma(raw),
        "hdr.max_cll_cd_m2": _leading_integer(raw.get("MaxCLL")),
        "hdr.max_fall_cd_m2": _leading_integer(raw.get("MaxFALL")),
        "hdr.mastering_display": _mastering_display(raw),
        **_dolby_vision(raw),
        **(_ffv1(raw) if codec == "ffv1" else {}),
        "active_format_code": _integer(raw, "ActiveFormatDescription"),
        "language": raw.get("Language"),
    }


def _ffv1(raw: Raw) -> Facts:
    """Version and slice checksums by the configuration record of FFV1 (RFC 9043, 4.3); older versions have neither the
    record nor checksums, and their version is in the first frame."""
    version = re.match(r"\d+", str(raw.get("Format_Version", "")))
    if version is None:
        return {}
    checksums = _extra(raw).get("ErrorDetectionType") == "Per slice"
    return {"ffv1.version": int(version[0]), "ffv1.has_slice_checksums": checksums}


def _height(raw: Raw) -> int | None:
    """Lines of the picture; a negative number of them, as BITMAPINFOHEADER writes of one that is stored top to bottom,
    is listed as one of 32 bits without a sign."""
    lines = _integer(raw, "Height") or 0
    return (lines if lines < _SIGN else 2 * _SIGN - lines) or None


def _jpeg2000_profile(raw: Raw) -> str | None:
    """The profiles of ISO/IEC 15444-1 for IMF (`imfs4k`: 4K, single tile, lossy; `imfmr4k`: reversible) and broadcast,
    and high throughput, none of which libav tells."""
    profile = str(raw.get("Format_Profile", "")).lower().replace(" / ", "_")
    return profile if profile.startswith(("imf", "bc", "htj2k")) else None


def _chroma(raw: Raw) -> str | None:
    """The sampling; None where it is what MediaInfo's list of codec ids assumes: of VP9 in MP4 it reads no header, and
    so no profile, and says 4:2:0 of all."""
    if raw.get("Format") == "VP9" and "Format_Profile" not in raw:
        return None
    value = str(raw.get("ChromaSubsampling", ""))
    return value if value in words.CHROMA_SUBSAMPLING else None


def _leading_integer(raw: object) -> int | None:
    match = re.match(r"\d+", str(raw or ""))
    return int(match[0]) if match and int(match[0]) else None


def _mastering_display(raw: Raw) -> Facts | None:
    primaries, luminance = raw.get("MasteringDisplay_ColorPrimaries"), raw.get("MasteringDisplay_Luminance")
    display: Facts = {}
    if primaries:
        display["primaries"] = words.COLOR_PRIMARIES.from_mediainfo(str(primaries))
    match = _LUMINANCE.fullmatch(str(luminance or ""))
    if match:
        display |= {"min_cd_m2": float(match[1]), "max_cd_m2": float(match[2])}
    return display or None


def _dolby_vision(raw: Raw) -> Facts:
    """Profile and level of a Dolby Vision record; MediaInfo writes all HDR formats of a track with ` / ` between
    them."""
    formats = str(raw.get("HDR_Format", "")).split(" / ")
    if "Dolby Vision" not in formats:
        return {}
    position = formats.index("Dolby Vision")

    def part(name: str) -> int | None:
        values = str(raw.get(name, "")).split(" / ")
        return _leading_integer(values[position].rpartition(".")[2]) if position < len(values) else None

    return {"dolby_vision.profile": part("HDR_Format_Profile"), "dolby_vision.level": part("HDR_Format_Level")}


def _layers(raw: Raw) -> tuple[Facts, Facts]:
    """What MediaInfo says that the container and the stream state: `_Original` is the stream's where the two differ."""
    wrapper: Facts = {}
    bitstream: Facts = {}
    for ours, theirs, vocabulary in _COLOURS:
        value, source = raw.get(theirs), str(raw.get(f"{theirs}_Source", ""))
        original = raw.get(f"{theirs}_Original", value if "Stream" in source else None)
        if value is not None and "Container" in source:
            wrapper[ours] = vocabulary.from_mediainfo(str(value))
        if original is not None:
            bitstream[ours] = vocabulary.from_mediainfo(str(original))
    bitstream["frame_rate"] = _rate(raw, "FrameRate_Original")
    return wrapper, bitstream


def _sound(raw: Raw) -> Facts:
    name = str(raw.get("Format", ""))
    codec = words.SOUND_CODEC.from_mediainfo(name) if name else None
    if name == "MPEG Audio":
        codec = _MPEG_AUDIO.get(str(raw.get("Format_Profile", "")))
    if name == "ADPCM":
        codec = _G711.get(str(raw.get("Format_Profile")), codec)
    return {
        "codec": codec,
        "sample_rate_hz": None
        if codec == "opus"
        else _integer(raw, "SamplingRate"),  # of Opus it states the rate before coding
        "bit_depth_bits": _integer(raw, "BitDepth") if codec in _WITH_DEPTH else None,
        "channel_count": _integer(raw, "Channels"),
        "duration_s": _seconds(raw, "Duration"),
        "bit_rate_bps": _integer(raw, "BitRate"),
        "language": raw.get("Language"),
    }


def _text(raw: Raw) -> Facts:
    return {"codec": str(raw.get("Format", "unknown")).lower(), "language": raw.get("Language")}


def _timecodes(others: list[Raw], pictures: list[Raw]) -> Iterator[StatedTimecode]:
    for other in others:
        start = other.get("TimeCode_FirstFrame")
        if other.get("Type") != "Time code" or not start:
            continue
        settings, kind = (
            str(other.get("TimeCode_Settings", "")),
            str(other.get("MuxingMode") or other.get("Format", "")),
        )
        if settings in ("Material Package", "Source Package") or kind == "QuickTime TC":
            continue
        source = _TIMECODE_SOURCES.get(kind, kind.lower().replace(" ", "_"))
        yield StatedTimecode(
            source=source, start=str(start), rate=_rate(other, "FrameRate"), is_drop_frame=_drops(other)
        )
    for picture in pictures:
        start = picture.get("TimeCode_FirstFrame")
        if start:
            source = _TIMECODE_SOURCES.get(str(picture.get("TimeCode_Source")), "bitstream")
            yield StatedTimecode(source=source, start=str(start), is_drop_frame=_drops(picture))


def _drops(raw: Raw) -> bool | None:
    return {"Yes": True, "No": False}.get(str(raw.get("TimeCode_DropFrame")))

"""Facts about facts: where wrapper and bitstream, two readers, two tracks, or a declaration and a measurement ought to
agree and do not; reads no file.

What is not stated disagrees with nothing. Values that mean the same are taken as the same: the transfer functions of
BT.709, BT.601 and BT.2020 (ITU-T H.273 Table 3, codes 1, 6, 14, 15), the matrices of BT.601 (Table 4, codes 5, 6), a
rate or height that counts fields on one side and frames on the other, and rounding of a reader that prints
milliseconds. A wrapper that names the transfer function that the bitstream prefers (ITU-T H.274, alternative transfer
characteristics) or the one that it puts first for older receivers agrees with it (ETSI TS 101 154).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from deliverqc.facts.model import Facts
from deliverqc.facts.probed import LAYERED
from deliverqc.timebase import format_rate, parse_rate

_SAME_MEANING = (
    frozenset({"bt709", "smpte170m", "bt2020-10", "bt2020-12"}),
    frozenset({"bt470bg", "smpte170m"}),
)
_MEANING_OF = {"color_transfer": _SAME_MEANING[0], "color_matrix": _SAME_MEANING[1]}
_DECIMAL = re.compile(r"\d\.\d+")
_CHROMATICITIES = 6
_PARAMETRIC_CHANNELS = 2
_INTRA = "_intra"
_LEVELS = ("Low", "Main", "High 1440", "High")  # of ITU-T H.262, from the lowest
_PROFILES_BY_RPU = ("4", "5", "7", "8")
_MOST_STRETCHED = Fraction(16)
"""House choice: the widest pixels in use are those of anamorphic 2:1 in a quarter of the lines; damage gives others."""

_UNKNOWN_LABEL = "other:urn:smpte:ul:"
"""A label that we have no word for may mean what the bitstream says."""

_SHAPE_REASON = "no picture has pixels of the shape that is stated"
_LAYER_REASON = "the decoder follows the bitstream"
_FOLLOWED_IN_WRAPPER = ("pixel_aspect_ratio",)
_WRAPPER_REASON = "players follow the wrapper"
_SHAPE_TOLERANCE = Fraction(3, 100)  # house choice: 16:15, 12:11 and 59:54 all name the pixels of 625-line 4:3
_READER_REASON = "libav is the reader that decodes the essence"
_SHORTEST_TOLERANCE_S = Fraction(
    1, 20
)  # house choice: two frames of AAC, and what a duration in milliseconds rounds away
_RATE_TOLERANCE = Fraction(1, 5000)  # what a rate of three decimals rounds away, and a fifth of 1000/1001
_COMPARED = {
    "picture.tracks[].": (
        "codec",
        "width_px",
        "height_px",
        "frame_rate",
        "bit_depth_bits",
        "chroma_subsampling",
        "duration_s",
    ),
    "sound.tracks[].": ("codec", "sample_rate_hz", "channel_count", "bit_depth_bits", "duration_s"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TwoReaders:
    """One track as two readers see it, by the last part of the names. `layers`: what wrapper and bitstream state,
    which both may follow."""

    prefix: str
    number: int
    container: Mapping[str, Any]
    mediainfo: Mapping[str, Any]
    layers: Sequence[Mapping[str, Any]] = ()


def layer_disagreements(facts: Facts) -> list[Facts]:
    """Compare `picture.wrapper.…` with `picture.bitstream.…` of the main picture track."""
    found = []
    for name in LAYERED:
        wrapper, bitstream = facts.get(f"picture.wrapper.{name}"), facts.get(f"picture.bitstream.{name}")
        if name == "pixel_aspect_ratio" and (_is_no_shape(wrapper) or _is_no_shape(bitstream)):
            found.append(_impossible_shape(wrapper, bitstream))
            continue
        if (
            wrapper is None
            or bitstream is None
            or wrapper == bitstream
            or _is_same_picture(name, wrapper, bitstream, facts)
        ):
            continue
        found.append(
            {
                "fact": f"picture.{name}",
                "track": None,
                "values": {"wrapper": wrapper, "bitstream": bitstream},
                "trusted": "wrapper" if name in _FOLLOWED_IN_WRAPPER else "bitstream",
                "reason": _WRAPPER_REASON if name in _FOLLOWED_IN_WRAPPER else _LAYER_REASON,
            }
        )
    return found


def _is_no_shape(ratio: object) -> bool:
    """Whether no picture has pixels of that shape."""
    return ratio is not None and not 1 / _MOST_STRETCHED <= parse_rate(str(ratio)) <= _MOST_STRETCHED


def _impossible_shape(wrapper: object, bitstream: object) -> Facts:
    return {
        "fact": "picture.pixel_aspect_ratio",
        "track": None,
        "values": {"wrapper": wrapper, "bitstream": bitstream},
        "trusted": "bitstream" if _is_no_shape(wrapper) else "wrapper",
        "reason": _SHAPE_REASON,
    }


def _is_same_picture(name: str, wrapper: object, bitstream: object, facts: Facts) -> bool:
    if str(wrapper).startswith(_UNKNOWN_LABEL):
        return True
    if name == "color_transfer" and wrapper == facts.get("picture.preferred_transfer"):
        return True
    if {wrapper, bitstream} <= _MEANING_OF.get(name, frozenset()):
        return True
    if name in _SAME_CODING:
        return _SAME_CODING[name](str(wrapper), str(bitstream), facts)
    is_interlaced = facts.get("picture.scan") == "interlaced"
    if name == "height_px":
        return is_interlaced and isinstance(bitstream, int) and wrapper == 2 * bitstream
    if name == "pixel_aspect_ratio":
        shapes = parse_rate(str(wrapper)), parse_rate(str(bitstream))
        return max(shapes) <= min(shapes) * (1 + _SHAPE_TOLERANCE)
    if name != "frame_rate":
        return False
    if facts.get("picture.frame_rate_mode") == "variable":
        return True
    ratio = parse_rate(str(wrapper)) / parse_rate(str(bitstream))
    return is_interlaced and ratio in (Fraction(2), Fraction(1, 2))


def sound_layer_disagreements(tracks: Iterable[tuple[str, Facts, Facts]]) -> Iterator[Facts]:
    """Compare what wrapper and codec state of each sound track: (coding, wrapper, bitstream). AAC may double its rate
    and make two channels of one (ISO/IEC 14496-3, SBR and PS), and a wrapper states either."""
    for number, (codec, wrapper, bitstream) in enumerate(tracks):
        for name in ("channel_count", "sample_rate_hz"):
            stated, coded = wrapper.get(name), bitstream.get(name)
            if stated is None or coded is None or stated == coded:
                continue
            if codec == "aac" and max(stated, coded) == 2 * min(stated, coded) and not _is_many(name, stated):
                continue
            yield {
                "fact": f"sound.tracks[].{name}",
                "track": number,
                "values": {"wrapper": stated, "bitstream": coded},
                "trusted": "bitstream",
                "reason": _LAYER_REASON,
            }


def _is_many(name: str, stated: int) -> bool:
    return name == "channel_count" and stated > _PARAMETRIC_CHANNELS


def _is_same_profile(wrapper: str, bitstream: str, _: Facts) -> bool:
    """Intra profiles are constraints of those that they are named after."""
    return wrapper.removesuffix(_INTRA) == bitstream.removesuffix(_INTRA)


def _covers_level(wrapper: str, bitstream: str, _: Facts) -> bool:
    """A record states a level that no parameter set in it exceeds (ISO/IEC 14496-15 section 5.3.3.1.2), so that it may
    be higher than that of the picture."""
    levels = [_LEVELS.index(level) if level in _LEVELS else _tenths(level) for level in (wrapper, bitstream)]
    wrapper_level, bitstream_level = levels
    return wrapper_level is None or bitstream_level is None or wrapper_level >= bitstream_level


def _tenths(level: str) -> int | None:
    """4.1 as 41; 1b is as high as 1.1 at most (ITU-T H.264 Table A-1)."""
    whole, _, part = level.replace("1b", "1").partition(".")
    return int(whole) * 10 + int(part or 0) if whole.isdigit() and (part or "0").isdigit() else None


def _is_same_dolby_vision(wrapper: str, bitstream: str, facts: Facts) -> bool:
    """What an RPU looks like tells profiles of HEVC apart only."""
    return facts.get("picture.codec") != "hevc" or wrapper not in _PROFILES_BY_RPU or wrapper == bitstream


_SAME_CODING: Mapping[str, Callable[[str, str, Facts], bool]] = {
    "codec_profile": _is_same_profile,
    "codec_level": _covers_level,
    "dolby_vision.profile": _is_same_dolby_vision,
}


def reader_disagreements(tracks: Iterable[TwoReaders], counts: Mapping[str, tuple[int, int]]) -> list[Facts]:
    """Compare what libav and MediaInfo say of each track, and `counts`: (libav's, MediaInfo's) number of tracks by
    fact."""
    found = [
        _disagreement(fact, None, container, mediainfo)
        for fact, (container, mediainfo) in counts.items()
        if container != mediainfo
    ]
    for track in tracks:
        found += _of_track(track)
    return found


def _of_track(track: TwoReaders) -> Iterator[Facts]:
    is_variable = "variable" in (track.container.get("frame_rate_mode"), track.mediainfo.get("frame_rate_mode"))
    for name in _COMPARED[track.prefix]:
        ours, theirs = track.container.get(name), track.mediainfo.get(name)
        if ours is None or theirs is None or _is_unmapped(ours) or _is_unmapped(theirs):
            continue
        if name == "frame_rate" and is_variable:
            continue
        if any(theirs == layer.get(name) for layer in track.layers):
            continue
        if name == "duration_s":
            if abs(ours - theirs) > _tolerance_s(track.container):
                yield _disagreement(track.prefix + name, track.number, round(float(ours), 6), round(float(theirs), 6))
        elif ours != theirs and not (name == "frame_rate" and abs(ours - theirs) <= ours * _RATE_TOLERANCE):
            yield _disagreement(track.prefix + name, track.number, _published(ours), _published(theirs))


def _is_unmapped(value: object) -> bool:
    return isinstance(value, str) and value.startswith("other:")


def _tolerance_s(track: Mapping[str, Any]) -> Fraction:
    """One frame, as long as it may be, and never less than what printing and codec delay make of a duration."""
    rate = track.get("frame_rate")
    return max(_SHORTEST_TOLERANCE_S, 1 / rate if rate else Fraction(0))


def _published(value: object) -> object:
    return format_rate(value) if isinstance(value, Fraction) else value


def _disagreement(fact: str, track: int | None, container: object, mediainfo: object) -> Facts:
    values = {"container": container, "mediainfo": mediainfo}
    return {"fact": fact, "track": track, "values": values, "trusted": "container", "reason": _READER_REASON}


def track_differences(facts: Facts) -> Facts:
    """How far the programme tracks (the main picture and all sound) lie apart in duration and in start; nothing of a
    duration that was not measured."""
    tracks = [*facts.get("sound.tracks", ())]
    if "picture.start_s" in facts:
        names = ("duration_s", "start_s")
        tracks.append({name: facts[f"picture.{name}"] for name in names if f"picture.{name}" in facts})
    found: Facts = {"cross_check.track_start_difference_s": _spread(track.get("start_s") for track in tracks)}
    if all("duration_s" in track for track in tracks):
        found["cross_check.track_duration_difference_s"] = _spread(track["duration_s"] for track in tracks)
    return found


def shown_sizes(
    picture: Facts,
    offsets_px: Sequence[Fraction] = (),
    header_size_px: Sequence[Fraction] | None = None,
) -> Facts:
    """Whether the wrapper shows another part or shape of the main picture than its essence holds. `picture`: its facts
    by last part of name; null where the wrapper asks for nothing, nothing at all where it could not be read."""
    if picture and "clean_aperture.width_px" not in picture:
        return {}
    whole = (picture.get("width_px"), picture.get("height_px"))
    clean = (picture.get("clean_aperture.width_px"), picture.get("clean_aperture.height_px"))
    crops = None if None in (*clean, *whole) else clean != whole or any(offsets_px)
    reshapes = None
    if header_size_px is not None and None not in whole:
        width, height = header_size_px
        shape: Fraction = Fraction(picture["width_px"], picture["height_px"]) * picture["pixel_aspect_ratio"]
        reshapes = abs(width - height * shape) > 1 and abs(height - width / shape) > 1
    return {"cross_check.clean_aperture_crops": crops, "cross_check.track_header_reshapes": reshapes}


def declared_light(facts: Facts) -> Facts:
    """How far the declared MaxFALL, a mean over a frame, is above the declared MaxCLL, which no mean can exceed;
    nothing where either was not looked for in a picture that is there."""
    names = ("picture.hdr.max_cll_cd_m2", "picture.hdr.max_fall_cd_m2")
    if facts.get("picture.track_count") and any(name not in facts for name in names):
        return {}
    brightest, mean = facts.get("picture.hdr.max_cll_cd_m2"), facts.get("picture.hdr.max_fall_cd_m2")
    excess = None if not brightest or not mean else max(0, mean - brightest)
    return {"cross_check.hdr.max_fall_above_max_cll_cd_m2": excess}


def _spread(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return max(known) - min(known) if len(known) > 1 else None


def mastering_primaries(facts: Facts) -> Facts:
    """Whether the primaries of the mastering display stand in another order than red, green, blue: red has the largest
    x of any display's primaries, green the largest y, blue the smallest y."""
    if "picture.hdr.mastering_display" not in facts:
        return {"cross_check.hdr.mastering_primaries_permuted": None} if not facts.get("picture.track_count") else {}
    stated = (facts["picture.hdr.mastering_display"] or {}).get("primaries")
    numbers = [float(number) for number in _DECIMAL.findall(stated or "")]
    if stated is None or (stated.startswith("other:") and len(numbers) < _CHROMATICITIES):
        return {"cross_check.hdr.mastering_primaries_permuted": None}
    if not stated.startswith("other:"):
        return {"cross_check.hdr.mastering_primaries_permuted": False}
    across, up = numbers[0:_CHROMATICITIES:2], numbers[1:_CHROMATICITIES:2]
    order = (across.index(max(across)), up.index(max(up)), up.index(min(up)))
    return {"cross_check.hdr.mastering_primaries_permuted": order != (0, 1, 2)}


def broadcast_wave(facts: Facts) -> Facts:
    """How far the start in iXML is from that in bext, and the sample rate in iXML from that of the sound."""
    names = ("wrapper.bwf_time_reference_samples", "wrapper.ixml_start_samples", "wrapper.ixml_sample_rate_hz")
    if any(name not in facts for name in names):
        return {}
    start, other, stated = (facts[name] for name in names)
    rates = [track.get("sample_rate_hz") for track in facts.get("sound.tracks", ())]
    rate = rates[0] if rates else None
    return {
        "cross_check.bwf_start_difference_samples": None if None in (start, other) else other - start,
        "cross_check.ixml_sample_rate_difference_hz": None if None in (stated, rate) else stated - rate,
    }


def stated_loudness_difference(facts: Facts) -> Facts:
    """Measured programme loudness less what bext states, of a file with one mix; nothing where it was not measured."""
    if "wrapper.bwf_integrated_lufs" not in facts or "sound.groups" not in facts:
        return {}
    stated, groups = facts["wrapper.bwf_integrated_lufs"], facts["sound.groups"]
    if stated is None or len(groups) != 1:
        return {"cross_check.bwf_loudness_difference_lu": None}
    name = "loudness.integrated_lufs"
    if name not in groups[0]:
        return {}
    measured = groups[0][name]
    return {"cross_check.bwf_loudness_difference_lu": None if measured is None else measured - stated}


def light_differences(facts: Facts) -> Facts:
    """Measured MaxCLL and MaxFALL less what is declared, where they were measured; a declared 0 states nothing (ITU-T
    H.274)."""
    return {
        f"cross_check.hdr.{name}_difference_cd_m2": _less(measured, facts.get(f"picture.hdr.{name}_cd_m2"))
        for name in ("max_cll", "max_fall")
        for measured in [facts.get(f"picture.hdr.measured_{name}_cd_m2")]
        if f"picture.hdr.measured_{name}_cd_m2" in facts
    }


def _less(measured: float | None, declared: float | None) -> float | None:
    return measured - declared if measured is not None and declared else None

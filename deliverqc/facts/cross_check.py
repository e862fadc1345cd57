"""Facts about facts: where wrapper and bitstream, two readers, two tracks, or a declaration and a measurement ought to
agree and do not; reads no file.

What is not stated disagrees with nothing. Values that mean the same are taken as the same: the transfer functions of
BT.709, BT.601 and BT.2020 (ITU-T H.273 Table 3, codes 1, 6, 14, 15), the matrices of BT.601 (Table 4, codes 5, 6), a
rate or height that counts fields on one side and frames on the other, and rounding of a reader that prints
milliseconds. A wrapper that names the transfer function that the bitstream prefers (ITU-T H.274, alternative transfer
characteristics) or the one that it puts first for older receivers agrees with it (ETSI TS 101 154).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def _is_same_picture(name: str, wrapper: object, bitstream: object, facts: Facts) -> bool:
    if name == "color_transfer" and wrapper == facts.get("picture.preferred_transfer"):
        return True
    if {wrapper, bitstream} <= _MEANING_OF.get(name, frozenset()):
        return True
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

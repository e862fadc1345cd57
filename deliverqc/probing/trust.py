"""Puts the readings of one master together: for each fact the trusted one, every statement beside it; opens no file.

libav comes before MediaInfo, because it is what decodes. What wrapper and bitstream state each for itself comes from
the walkers and from the essence; the trusted picture fact is the bitstream's where it states one. The start timecode
is the first of: timecode track, material package, file package, tag, system item, bext; timecodes of the essence
(GOP) are listed and never trusted. A timecode that contradicts its rate is listed with its fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from deliverqc.facts import cross_check
from deliverqc.facts.active_area import declared_areas
from deliverqc.facts.assemble import round_facts
from deliverqc.facts.model import Facts, Kind
from deliverqc.facts.probed import COLOURS, COMPARED_ONLY, LAYERED, probed_facts
from deliverqc.probing.container import ContainerReading
from deliverqc.probing.lost_readers import ESSENCE, with_nulls, without_lists
from deliverqc.probing.pixels import has_alpha
from deliverqc.probing.priming import PRIMING_FACTS, priming_facts, unstated_priming
from deliverqc.probing.programs import program_facts
from deliverqc.probing.reading import (
    ACTIVE_AREA,
    DISPLAY_TOP,
    STORED_HEIGHT,
    Reading,
    StatedLength,
    StatedTimecode,
    TrackReading,
)
from deliverqc.probing.stated_lengths import encrypted_tracks, shows_cut_end, stated_lengths
from deliverqc.probing.structure import Structure
from deliverqc.probing.timecodes import ReadTimecode, read_timecode
from deliverqc.probing.wrappers.isobmff import CLEAN_APERTURE_OFFSETS
from deliverqc.timebase import Timecode, format_rate, nearest_standard_rate

_TRUSTED_TIMECODES = (
    "tmcd",
    "material_package",
    "file_package",
    "tag",
    "sdti",
    "system_scheme_1",
    "bext",
    "dpx",
    "exr",
)
_STATED_DURATIONS = ("mov", "mp4", "m4a", "mxf", "mkv", "webm", "wav", "rf64", "aiff", "avi", "flac", "gxf")
"""Formats that state durations; in the others each reader has its own estimate."""
_ESTIMATED_BY_LIBAV = ("mpegts", "mpeg")
_CHOSEN = (
    "frame_rate_mode",
    "bit_depth_bits",
)  # facts that the walkers or the essence's header correct before they are compared
_CAPTION_ENTRIES = {"c608": "cea_608", "c708": "cea_708"}
_TEXT_FORMATS = {
    **dict.fromkeys(("subrip", "srt", "utf-8", "s_text/utf8"), "srt"),
    **dict.fromkeys(("webvtt", "wvtt", "s_text/webvtt", "d_webvtt/subtitles"), "webvtt"),
    **dict.fromkeys(("ass", "ssa", "s_text/ass", "s_text/ssa"), "ass"),
    **dict.fromkeys(("mov_text", "tx3g", "timed text"), "tx3g"),
    **dict.fromkeys(("ttml", "stpp"), "ttml"),
    **dict.fromkeys(("hdmv_pgs_subtitle", "pgssub", "pgs"), "pgs"),
    **dict.fromkeys(("dvd_subtitle", "dvdsub", "vobsub"), "vobsub"),
    **dict.fromkeys(("dvb_subtitle", "dvbsub", "dvb subtitle"), "dvb_subtitle"),
    **dict.fromkeys(("dvb_teletext", "teletext", "teletext subtitle"), "dvb_teletext"),
    **dict.fromkeys(("eia_608", "eia-608", "cc_dec", "c608"), "cea_608"),
    **dict.fromkeys(("eia_708", "eia-708", "c708"), "cea_708"),
}
"""As libav, MediaInfo and sample entries name the formats."""

_TEXT_CODINGS = {
    "mov_text": "tx3g",
    "qt_text": "qt_text",
    "subrip": "srt",
    "srt": "srt",
    "ass": "ass",
    "ssa": "ass",
    "webvtt": "webvtt",
}
_WITH_TELETEXT = ("mpegts", "mpeg")
_QUARTER_TURNS_DEG = (90, 270)
_PSF_CODINGS = ("mpeg2video",)
_WITH_OBJECTS = ("iab", "mga", "eac3", "ac4", "truehd", "dts", "mpegh", "iamf")
"""Codings of sound that carry beds and objects by themselves, which are not read here."""
_PICTURE, _SOUND, _TEXT = "picture.tracks[].", "sound.tracks[].", "timed_text.tracks[]."


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """One picture track put together: `facts` exact and by last part of name, what each layer states, and the rate of
    presentation. `key`: of the track in the structure. `unread`: what a lost reader might have said of a layer."""

    index: int
    key: int
    facts: Facts
    wrapper: Facts
    bitstream: Facts
    shown_rate: Fraction | None
    shown_lines: tuple[int, int] | None = None
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Trusted:
    """Everything put together. `facts` are published: rounded, and rates as text."""

    facts: Facts
    picture_index: int | None
    sound_indexes: tuple[int, ...]
    promised_frame_count: int | None
    frame_rate: Fraction | None
    start: Timecode | None
    jumps: tuple[tuple[Fraction, Timecode], ...]
    lengths: tuple[StatedLength, ...]
    shown_lines: tuple[int, int] | None
    caption_tracks: tuple[tuple[int, str], ...]
    text_tracks: tuple[tuple[int, str], ...]


def put_together(
    container: ContainerReading,
    mediainfo: Reading | None,
    structure: Structure,
    file: Facts,
    *,
    lost: frozenset[str] = frozenset(),
) -> Trusted:
    """Choose and compare. `file` holds `file.…`, which no reader gives; `lost` names readers that gave up, of which
    nothing is taken for an answer."""
    theirs = mediainfo if mediainfo is not None else Reading(general={}, pictures=(), sounds=(), texts=())
    ours = container.reading
    pictures = [
        _picture(order, track, other, container, structure, _lost_of(track, other, lost))
        for order, (track, other) in enumerate(_paired(ours.pictures, theirs.pictures))
    ]
    sounds = [
        _sound(order, track, other, container, structure, _lost_of(track, other, lost))
        for order, (track, other) in enumerate(_paired(ours.sounds, theirs.sounds))
    ]
    main = pictures[container.main_picture] if container.main_picture is not None else None
    timecodes = _timecodes(container, theirs, structure, main)
    facts: Facts = {**file, **_general(ours, theirs, structure, file, lost)}
    facts["wrapper.encrypted_tracks"] = encrypted_tracks(container, structure)
    facts["wrapper.shows_cut_end"] = shows_cut_end(container, structure)
    facts |= _picture_facts(pictures, main, structure)
    facts |= {
        "sound.track_count": len(sounds),
        "sound.channel_count": sum(sound.get("channel_count", 0) for sound in sounds),
        "sound.tracks": [_published(_SOUND, sound) for sound in sounds],
        **_track_numbers(sounds, structure, lost),
        **_sound_elements(sounds, structure, lost),
    }
    texts = theirs.texts if len(theirs.texts) >= len(ours.texts) else ours.texts
    facts["timed_text.track_count"] = len(texts)
    facts["wrapper.essence_track_count"] = facts["picture.track_count"] + len(sounds) + len(texts)
    facts["timed_text.tracks"] = [_text(text) for text in texts]
    if "picture.pixel_format" in facts:
        facts["picture.has_alpha"] = has_alpha(facts["picture.pixel_format"], facts.get("picture.codec"))
    for name in ("wrapper.programs", "wrapper.program_count"):
        facts.pop(name, None)
    facts |= _carrier_tracks(container, theirs, structure, lost) | program_facts(container, structure, lost)
    facts = without_lists(facts | _timecode_facts(timecodes), lost)
    facts |= unstated_priming(facts.get("wrapper.format"), facts["picture.track_count"], sounds)
    facts |= cross_check.track_differences(facts) | cross_check.declared_light(facts)
    facts |= (
        cross_check.broadcast_wave(facts) | cross_check.mastering_primaries(facts) | _shown_sizes(main, structure, lost)
    )
    if main is None or not main.unread:
        stated = [
            (track.facts["codec"], structure.stated_sounds.get(_layers(order, track, structure), {}), track.bitstream)
            for order, track in enumerate(ours.sounds)
        ]
        found = [*cross_check.layer_disagreements(facts), *cross_check.sound_layer_disagreements(stated)]
        facts["cross_check.layer_disagreements"] = found
    if mediainfo is not None:
        facts["cross_check.probe_disagreements"] = _reader_disagreements(ours, mediainfo, pictures, structure, facts)
    trusted = next((t for t in timecodes if t.start is not None and t.source in _TRUSTED_TIMECODES), None)
    return Trusted(
        facts=round_facts(facts, probed_facts()),
        picture_index=None if main is None else main.index,
        sound_indexes=tuple(track.index for track in ours.sounds),
        promised_frame_count=None if main is None else main.facts.get("frame_count"),
        frame_rate=None if main is None else main.shown_rate,
        start=trusted.start if trusted is not None else None,
        jumps=trusted.jumps if trusted is not None else (),
        lengths=stated_lengths(container, structure),
        shown_lines=None if main is None else main.shown_lines,
        caption_tracks=_caption_tracks(container, structure),
        text_tracks=tuple(sorted(_text_tracks(container, theirs, structure))),
    )


def _text(text: TrackReading) -> Facts:
    """A track of timed text as its wrapper states it; its text is not read."""
    stated = {"source": "wrapper", "is_read": False, "error": None, "file": None}
    stated["format"] = _TEXT_FORMATS.get(text.facts["codec"], f"other:{text.facts['codec']}")
    stated["index"] = text.index if text.index >= 0 else None
    return _published(_TEXT, {"language": None, **stated, **text.facts})


def _caption_tracks(container: ContainerReading, structure: Structure) -> tuple[tuple[int, str], ...]:
    entries = structure.caption_entries
    return tuple(
        (text.index, _CAPTION_ENTRIES[entries[text.identity]])
        for text in container.reading.texts
        if entries.get(text.identity) in _CAPTION_ENTRIES
    )


def _text_tracks(container: ContainerReading, theirs: Reading, structure: Structure) -> Iterator[tuple[int, str]]:
    """Index and coding of the tracks whose text can be read."""
    locked = {one.key for one in structure.encryptions}
    for identity, entry in structure.text_entries.items():
        if identity in container.other_tracks and identity not in locked:
            yield container.other_tracks[identity], entry
    unknown = {text.index for text in container.reading.texts if text.facts["codec"] == "unknown"}
    for text in theirs.texts:
        if text.facts["codec"] == "s_text/webvtt" and text.index in unknown:  # a name that libav does not know
            yield text.index, "webvtt"
    for text in container.reading.texts:
        if (found := _TEXT_CODINGS.get(text.facts["codec"])) is not None and text.identity not in locked:
            yield text.index, found


def _carrier_tracks(container: ContainerReading, theirs: Reading, structure: Structure, lost: frozenset[str]) -> Facts:
    """Tracks for captions, as libav, our reading of the boxes and, of teletext, MediaInfo know them."""
    if "structure" in lost:
        return {}
    opened = {text.identity for text in container.reading.texts}
    of_boxes = {
        _CAPTION_ENTRIES.get(entry, "unknown") if identity in opened else "unknown"
        for identity, entry in structure.caption_entries.items()
    }
    found = of_boxes | set(container.carrier_tracks)
    if container.format_name in _WITH_TELETEXT and any("teletext" in text.facts["codec"] for text in theirs.texts):
        found.add("dvb_teletext")
    return {"timed_text.carrier_tracks": sorted(found)}


def _shown_sizes(main: Picture | None, structure: Structure, lost: frozenset[str]) -> Facts:
    if main is None:
        return cross_check.shown_sizes({}) | declared_areas({}, (), ())
    offsets = main.facts.get(CLEAN_APERTURE_OFFSETS, ())
    areas = {} if {"mxf", "structure"} & lost else declared_areas(main.facts, offsets, main.facts.get(ACTIVE_AREA, ()))
    return areas | cross_check.shown_sizes(main.facts, offsets, structure.header_sizes_px.get(main.key))


def _paired(
    ours: Sequence[TrackReading], theirs: Sequence[TrackReading]
) -> Iterator[tuple[TrackReading, TrackReading | None]]:
    """Pair the tracks of two readers: in order where they count the same, else by position or number in the wrapper."""
    for order, track in enumerate(ours):
        if len(ours) == len(theirs):
            yield track, theirs[order]
            continue
        by_index = (other for other in theirs if other.index == track.index)
        by_identity = (other for other in theirs if track.identity and other.identity == track.identity)
        yield track, next(by_index, None) or next(by_identity, None)


def _lost_of(track: TrackReading, other: TrackReading | None, lost: frozenset[str]) -> frozenset[str]:
    """The readers that say nothing of one track: those that are lost, and MediaInfo where it did not see it."""
    unseen = frozenset() if other is not None else frozenset({"mediainfo"})
    return (lost - {"libav"}) | unseen | (frozenset() if track.is_essence_read else frozenset({ESSENCE}))


def _general(ours: Reading, theirs: Reading, structure: Structure, file: Facts, lost: frozenset[str]) -> Facts:
    facts: Facts = {**theirs.general, **ours.general, **structure.general}
    if 0 in structure.sounds and "duration_s" in structure.sounds[0]:
        facts["wrapper.duration_s"] = structure.sounds[0]["duration_s"]
    facts["wrapper.format"] = _format(ours, theirs, structure)
    if "structure" not in lost:
        facts["decode.missing_byte_count"] = structure.missing_byte_count
        facts["wrapper.is_closed"] = structure.is_closed
    facts = with_nulls(facts, "wrapper.", lost, is_whole_name=True)
    if "wrapper.duration_s" in facts:
        duration = facts["wrapper.duration_s"]
        facts["wrapper.overall_bit_rate_bps"] = int(file["file.size_bytes"] * 8 / duration) if duration else None
    return facts


def _format(ours: Reading, theirs: Reading, structure: Structure) -> str:
    """libav's kind of the wrapper, told apart where libav has one reader for several kinds."""
    name, other = str(ours.general["wrapper.format"]), str(theirs.general.get("wrapper.format", ""))
    if name == "mov" and structure.general.get("wrapper.brand") not in (None, "qt  "):
        return "m4a" if structure.general["wrapper.brand"] in ("M4A ", "M4B ") else "mp4"
    if name in ("mkv", "wav"):
        return str(structure.general.get("wrapper.format") or (other if other in ("webm", "rf64") else name))
    return name


def _layers(order: int, track: TrackReading, structure: Structure) -> int:
    return {"identity": track.identity, "index": track.index, "order": order}[structure.keyed_by]


def _picture(
    order: int,
    track: TrackReading,
    other: TrackReading | None,
    container: ContainerReading,
    structure: Structure,
    lost: frozenset[str],
) -> Picture:
    key = _layers(order, track, structure)
    lost = _with_unmatched(lost, key, structure, structure.pictures)
    wrapper, bitstream = _statements(key, track, other, structure)
    shown_lines = _shown_lines(wrapper, {"height_px": track.bitstream.get("height_px")})
    facts: Facts = {**(_usable(other.facts) if other is not None else {}), **_usable(track.facts)}
    if track.facts["codec"].startswith("other:") and other is not None:
        facts["codec"] = other.facts.get("codec", track.facts["codec"])
    facts |= _estimated_duration(other, container)
    facts["frame_rate_mode"] = structure.frame_rate_modes.get(key, facts.get("frame_rate_mode"))
    shown_rate = wrapper.get("frame_rate", facts.get("frame_rate"))
    if shown_lines is not None and "pixel_aspect_ratio" in bitstream:
        bitstream["pixel_aspect_ratio"] *= Fraction(shown_lines[1], wrapper[STORED_HEIGHT])  # of all lines, until here
    pixel_shape = _pixel_shape(track, wrapper, bitstream)
    wrapper_shape = structure.pixel_aspect_ratios.get(key)
    if wrapper_shape is not None:
        wrapper["pixel_aspect_ratio"] = pixel_shape = wrapper_shape
    facts |= _followed(facts, wrapper, bitstream)
    if "preferred_transfer" in facts:
        facts["color_transfer"] = facts["preferred_transfer"]
    if facts["frame_rate_mode"] == "variable" or _counts_fields(wrapper, bitstream):
        facts["frame_rate"] = shown_rate
    if _height_counts_fields(wrapper, bitstream):
        facts["height_px"] = wrapper["height_px"]
    if facts.get("scan") != "interlaced":
        facts["field_order"] = None
    facts |= {
        "index": track.index,
        "order": order,
        "pixel_aspect_ratio": pixel_shape,
        "frame_count": _frame_count(track, container, shown_rate),
        "is_enabled": structure.enabled_pictures.get(key),
    }
    if "structure" not in lost:
        facts |= {
            "rotation_deg": structure.rotations_deg.get(key, 0),
            "is_mirrored": key in structure.mirrored,
        }
    unread = _unread(track, structure, lost)
    return Picture(
        index=track.index,
        key=key,
        facts=_derived(facts, lost, unread),
        unread=unread,
        wrapper={name: wrapper[name] for name in LAYERED if name in wrapper},
        bitstream={name: bitstream[name] for name in LAYERED if name in bitstream},
        shown_rate=shown_rate,
        shown_lines=shown_lines,
    )


def _with_unmatched(
    lost: frozenset[str], key: int, structure: Structure, described: Mapping[int, Facts]
) -> frozenset[str]:
    """Adds the reader of MXF metadata where no descriptor can be told to be that of the track."""
    return lost | {"mxf"} if structure.family == "mxf" and key not in described else lost


def _statements(key: int, track: TrackReading, other: TrackReading | None, structure: Structure) -> tuple[Facts, Facts]:
    """What wrapper and bitstream state of a picture; without what only seems to contradict the other."""
    wrapper = dict(structure.pictures.get(key, {}))
    bitstream = dict(track.bitstream or (other.bitstream if other is not None else {}))
    if not structure.pictures and other is not None:
        wrapper = {name: value for name, value in other.wrapper.items() if name.startswith("color_")}
    is_psf_coding = track.facts["codec"] in _PSF_CODINGS and bitstream.get("scan") == "progressive"
    if is_psf_coding and wrapper.get("scan") == "interlaced":
        del bitstream["scan"]  # an interlaced MPEG-2 sequence may hold progressive frames (ITU-T H.262 6.3.10)
    if _shown_lines(wrapper, bitstream) is not None:
        del bitstream["height_px"]  # it does not say which of its lines are shown
    return wrapper, bitstream


def _followed(facts: Facts, wrapper: Facts, bitstream: Facts) -> Facts:
    """What a picture takes from its layers: the bitstream's word first, and of the wrapper what it may decide. The
    sampling of R'G'B' is none, whatever the sizes of the components say."""
    is_without_chroma = "pixel_format" in facts and "chroma_subsampling" not in facts
    left_out = {"chroma_subsampling"} if is_without_chroma else set()
    left_out |= {"dolby_vision.profile"}  # guessed by the RPU, and not written in it
    return {
        **{name: value for name, value in wrapper.items() if name not in COMPARED_ONLY},
        **{name: value for name, value in bitstream.items() if name not in left_out},
    }


def _shown_lines(wrapper: Facts, bitstream: Facts) -> tuple[int, int] | None:
    """First line and number of lines that a descriptor shows of more coded ones (SMPTE ST 386: 576 of 608)."""
    stored, shown = wrapper.get(STORED_HEIGHT), wrapper.get("height_px")
    if not stored or not shown or shown >= stored or stored != bitstream.get("height_px"):
        return None
    return min(wrapper.get(DISPLAY_TOP, 0), stored - shown), shown


def _unread(track: TrackReading, structure: Structure, lost: frozenset[str]) -> frozenset[str]:
    """What a lost reader might have said of either layer: `wrapper.color_range`. MediaInfo is asked for colour where
    no walker or no decoder of ours states any, and for the rate of the bitstream."""
    unread: set[str] = set()
    if "structure" in lost:
        unread |= {f"wrapper.{name}" for name in LAYERED}
    elif "mediainfo" in lost and not structure.pictures:
        unread |= {f"wrapper.{name}" for name in COLOURS}
    if ESSENCE in lost:
        unread |= {f"bitstream.{name}" for name in LAYERED}
    elif "mediainfo" in lost and not track.bitstream:
        unread |= {f"bitstream.{name}" for name in (*COLOURS, "frame_rate")}
    return frozenset(unread)


def _estimated_duration(other: TrackReading | None, container: ContainerReading) -> Facts:
    """In streams that state no duration MediaInfo counts the last picture or sound frame in, which libav leaves out."""
    is_estimated = container.format_name in _ESTIMATED_BY_LIBAV and other is not None and "duration_s" in other.facts
    return {"duration_s": other.facts["duration_s"]} if is_estimated and other is not None else {}


def _usable(facts: Mapping[str, Any]) -> Facts:
    return {name: value for name, value in facts.items() if name != "frame_count"}


def _counts_fields(wrapper: Facts, bitstream: Facts) -> bool:
    """One side counts fields and the other frames: the wrapper's rate is the one of the pictures that are shown."""
    shown, coded = wrapper.get("frame_rate"), bitstream.get("frame_rate")
    is_interlaced = "interlaced" in (wrapper.get("scan"), bitstream.get("scan"))
    if not is_interlaced or shown is None or coded is None:
        return False
    return shown / coded in (Fraction(2), Fraction(1, 2))


def _height_counts_fields(wrapper: Facts, bitstream: Facts) -> bool:
    is_interlaced = "interlaced" in (wrapper.get("scan"), bitstream.get("scan"))
    height = bitstream.get("height_px")
    return is_interlaced and height is not None and bool(wrapper.get("height_px") == 2 * height)


def _pixel_shape(track: TrackReading, wrapper: Facts, bitstream: Facts) -> Fraction:
    stated = (layer.get("pixel_aspect_ratio") for layer in (wrapper, track.facts, bitstream))
    return next(filter(None, stated), Fraction(1))


def _frame_count(track: TrackReading, container: ContainerReading, rate: Fraction | None) -> int | None:
    """Frames that the wrapper promises and its edits show."""
    if track.identity in container.indexed_frames:
        return container.indexed_frames[track.identity]
    frames: int | None = track.facts.get("frame_count")
    duration = track.facts.get("duration_s")
    if frames is None and container.format_name == "mxf" and duration and rate:
        frames = round(duration * rate)
    return frames


def _derived(facts: Facts, lost: frozenset[str], unread: frozenset[str]) -> Facts:
    """Add what follows from other facts, and null for what nobody stated; `unread` as in `Picture`."""
    rate, shape = facts.get("frame_rate"), facts["pixel_aspect_ratio"]
    facts["frame_rate_hz"] = rate
    facts["nearest_standard_rate"] = nearest_standard_rate(rate) if rate else None
    facts["pixel_aspect_ratio_value"] = shape
    if facts.get("width_px") and facts.get("height_px") and "rotation_deg" in facts:
        ratio = Fraction(facts["width_px"], facts["height_px"]) * shape
        facts["display_aspect_ratio"] = 1 / ratio if facts["rotation_deg"] in _QUARTER_TURNS_DEG else ratio
        facts["display_aspect_ratio_value"] = facts["display_aspect_ratio"]
    settled = {name for name in COLOURS if not {f"wrapper.{name}", f"bitstream.{name}"} & unread}
    settled |= {"field_order"} if facts.get("scan") == "progressive" else set()
    settled |= {"nearest_standard_rate"} if rate else set()
    return with_nulls(facts, _PICTURE, lost, settled=settled)


def _sound(
    order: int,
    track: TrackReading,
    other: TrackReading | None,
    container: ContainerReading,
    structure: Structure,
    lost: frozenset[str],
) -> Facts:
    facts: Facts = {**(other.facts if other is not None else {}), **track.facts, "index": track.index, "order": order}
    facts |= _estimated_duration(other, container)
    if track.facts["codec"].startswith("other:") and other is not None:
        facts["codec"] = other.facts.get("codec", track.facts["codec"])
    if track.identity in structure.centre_channels:
        facts["channel_labels"] = ["C"]
    key = _layers(order, track, structure)
    lost = _with_unmatched(lost, key, structure, structure.sounds)
    facts |= structure.sounds.get(key, {})
    facts["is_enabled"] = structure.enabled_sounds.get(key)
    facts["coded_channels"] = list(track.coded_channels)
    facts["alternate_group"] = structure.alternate_groups.get(key)
    facts["is_substream"] = _is_substream(track, structure)
    facts = with_nulls(facts, _SOUND, lost)
    for name in PRIMING_FACTS:
        facts.pop(name, None)
    return facts | priming_facts(facts, structure.primings, key, track.opus)


def _is_substream(track: TrackReading, structure: Structure) -> bool:
    return track.is_substream and structure.holds_iamf


def _sound_elements(sounds: Sequence[Facts], structure: Structure, lost: frozenset[str]) -> Facts:
    """Beds and objects of the audio; nothing where their metadata is not read: cut, or within coded audio."""
    is_coded = structure.holds_iamf or any(_may_hold_objects(sound.get("codec")) for sound in sounds)
    if "structure" in lost or structure.has_unread_elements or is_coded:
        return {}
    return {"sound.objects": None if structure.sound_elements is None else list(structure.sound_elements)}


def _may_hold_objects(codec: str | None) -> bool:
    return codec is None or codec in _WITH_OBJECTS or codec.startswith("other:")


def _track_numbers(sounds: Sequence[Facts], structure: Structure, lost: frozenset[str]) -> Facts:
    """The numbers of all sound tracks in the material package; missing where that of one is."""
    if structure.family != "mxf":
        return {} if "structure" in lost else {"sound.mxf_track_numbers": None}
    numbers = [sound.get("mxf_track_number") for sound in sounds]
    return {} if None in numbers else {"sound.mxf_track_numbers": sorted(numbers)}


def _picture_facts(pictures: Sequence[Picture], main: Picture | None, structure: Structure) -> Facts:
    facts: Facts = {
        "picture.track_count": len(pictures),
        "picture.tracks": [_published(_PICTURE, picture.facts) for picture in pictures],
        "picture.description_changes": list(structure.description_changes),
    }
    if main is None:
        return facts
    facts |= {f"picture.{name}": value for name, value in _published(_PICTURE, main.facts).items()}
    for layer, stated in (("wrapper", main.wrapper), ("bitstream", main.bitstream)):
        read = [name for name in LAYERED if name in stated or f"{layer}.{name}" not in main.unread]
        published = _published(f"picture.{layer}.", {name: stated.get(name) for name in read})
        facts |= {f"picture.{layer}.{name}": value for name, value in published.items()}
    return facts


def _published(prefix: str, facts: Mapping[str, Any]) -> Facts:
    """Leave out what has no registered name under `prefix`, and write rates as text."""
    known = probed_facts()
    published: Facts = {}
    for name, value in facts.items():
        fact = known.get(prefix + name)
        if fact is not None and (value is not None or fact.is_nullable):
            is_rate = fact.kind is Kind.RATE and isinstance(value, Fraction | int)
            published[name] = format_rate(Fraction(value)) if is_rate else value
    return published


def _timecodes(
    container: ContainerReading, mediainfo: Reading, structure: Structure, main: Picture | None
) -> list[ReadTimecode]:
    """All timecodes of the file, the trusted sources first, each once."""
    rate = None if main is None else main.shown_rate
    stated: Iterable[StatedTimecode] = (
        *structure.timecodes,
        *container.reading.timecodes,
        *_of_essence(container),
        *mediainfo.timecodes,
    )
    found: dict[object, ReadTimecode] = {}
    for timecode in (read_timecode(one, rate) for one in stated):
        found.setdefault(timecode.identity(), timecode)
    ranks = {source: rank for rank, source in enumerate(_TRUSTED_TIMECODES)}
    return sorted(found.values(), key=lambda timecode: ranks.get(timecode.source, len(ranks)))


def _of_essence(container: ContainerReading) -> Iterator[StatedTimecode]:
    if container.main_picture is not None:
        start = container.reading.pictures[container.main_picture].bitstream.get("gop_timecode")
        if start is not None:
            yield StatedTimecode(source="gop", start=start)


def _timecode_facts(timecodes: Sequence[ReadTimecode]) -> Facts:
    trusted = [timecode for timecode in timecodes if timecode.source in _TRUSTED_TIMECODES]
    start = next((timecode for timecode in trusted if timecode.address is not None), None)
    flagged = start or next(iter(trusted), None)
    faults = [
        {"source": timecode.source, "stated": timecode.stated, "fault": fault}
        for timecode in timecodes
        for fault in timecode.faults
    ]
    return {
        "wrapper.timecodes": [timecode.entry() for timecode in timecodes],
        "wrapper.timecode_faults": faults,
        "wrapper.start_timecode": None if start is None else start.address,
        "wrapper.drop_frame": None if flagged is None else flagged.is_drop_frame,
    }


def _reader_disagreements(
    ours: Reading, mediainfo: Reading, pictures: Sequence[Picture], structure: Structure, facts: Facts
) -> list[Facts]:
    states_durations = facts["wrapper.format"] in _STATED_DURATIONS

    def two(prefix: str, number: int, track: TrackReading, other: TrackReading | None) -> cross_check.TwoReaders:
        theirs = dict(other.facts) if other is not None else {}
        if not states_durations or track.identity in structure.edited_tracks:
            theirs.pop("duration_s", None)
        if prefix == _SOUND:
            if track.coded_channels:
                theirs = {name: value for name, value in theirs.items() if name == "codec"}
            seen = track.facts | structure.sounds.get(_layers(number, track, structure), {})
            return cross_check.TwoReaders(prefix=prefix, number=number, container=seen, mediainfo=theirs)
        picture = pictures[number]
        layers = (picture.wrapper, picture.bitstream)
        if not any("frame_rate" in layer for layer in layers):
            theirs.pop("frame_rate", None)
        seen = {**track.facts, **{name: picture.facts[name] for name in _CHOSEN if name in picture.facts}}
        return cross_check.TwoReaders(prefix=prefix, number=number, container=seen, mediainfo=theirs, layers=layers)

    tracks = [two(_PICTURE, i, *pair) for i, pair in enumerate(_paired(ours.pictures, mediainfo.pictures))]
    tracks += [two(_SOUND, i, *pair) for i, pair in enumerate(_paired(ours.sounds, mediainfo.sounds))]
    counts = {
        "picture.track_count": (len(ours.pictures), len(mediainfo.pictures)),
        "sound.track_count": (len(ours.sounds), len(mediainfo.sounds)),
    }
    if any(_is_substream(track, structure) for track in ours.sounds):
        del counts["sound.track_count"]  # MediaInfo counts the mix, libav its substreams
    return cross_check.reader_disagreements(tracks, counts)

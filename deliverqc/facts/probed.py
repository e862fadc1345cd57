"""Every fact that a probe, the log of the decode or a cross check gives, by name; those of a meter are in its own
file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from deliverqc.facts import vocabulary as words
from deliverqc.facts.active_area import ACTIVE_AREA, DECLARED_AREAS
from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.facts.probed_immersive import IMMERSIVE
from deliverqc.facts.probed_jpeg2000 import JPEG2000
from deliverqc.facts.probed_mxf import MXF_PICTURE, MXF_SOUND, MXF_WRAPPER
from deliverqc.facts.probed_packages import PACKAGES
from deliverqc.facts.probed_packets import PACKETS
from deliverqc.facts.probed_sequence import SEQUENCE
from deliverqc.facts.probed_sidecars import SIDECARS
from deliverqc.facts.probed_timed_text import TIMED_TEXT

_CONTAINER = ("container",)
_BOTH = ("container", "mediainfo")
_MEDIAINFO = ("mediainfo",)
_NO_FFV1 = "another coding, or MediaInfo reads no header of FFV1"
_STRUCTURE = ("structure",)
_AS11 = ("structure", "mxf", "mediainfo")
_WALKERS = ("structure", "mediainfo")
_ALL = ("structure", "container", "mediainfo")
_FLAGS = ("container", "structure")
_EVERY = ("container", "structure", "mediainfo")


def _fact(
    name: str,
    kind: Kind,
    layer: Layer,
    meaning: str,
    *,
    by: tuple[str, ...] = _CONTAINER,
    unit: str | None = None,
    step: float | None = None,
    null: str | None = None,
    values: Sequence[str] | None = None,
) -> Fact:
    return Fact(
        name=name,
        kind=kind,
        layer=layer,
        meaning=meaning,
        given_by=by,
        unit=unit,
        resolution=step,
        null_means=null,
        vocabulary=values,
    )


_W, _B, _X = Layer.WRAPPER, Layer.BITSTREAM, Layer.CROSS_CHECK
_AS11_PARTS = ("decode", "mxf")
_SILENT_BLACK = ("cross_check", "meter:black", "meter:silence")
_UNSTATED = "neither wrapper nor bitstream states it"

# fmt: off
_FILE = (
    _fact("file.name", Kind.STRING, _W, "name of the file, without its folder"),
    _fact("file.extension", Kind.STRING, _W, "extension in lower case without the dot; empty where there is none"),
    _fact("file.size_bytes", Kind.INTEGER, _W, "size of the file", unit="bytes"),
    _fact("file.changed_during_check", Kind.BOOLEAN, _W,
          "the file changed while it was checked: it was replaced, grew, was cut or was written to", by=("file",)),
)

_WRAPPER = (
    _fact("wrapper.format", Kind.STRING, _W, "kind of the wrapper, read from its content", by=_BOTH,
          values=words.WRAPPER_FORMAT),
    _fact("wrapper.brand", Kind.STRING, _W, "major brand of an ISO base media file",
          null="not an ISO base media file, or unbranded", by=_STRUCTURE),
    _fact("wrapper.duration_s", Kind.NUMBER, _W, "duration that the wrapper states", unit="s", step=1e-6, by=_BOTH,
          null="not stated"),
    _fact("wrapper.overall_bit_rate_bps", Kind.INTEGER, _W, "size over duration", unit="bit/s",
          null="no duration is stated"),
    _fact("wrapper.essence_track_count", Kind.INTEGER, _W, "picture, sound and timed-text tracks together; of a "
          "composition, the most that one of its picture and sound files has", by=_BOTH),
    _fact("wrapper.title", Kind.STRING, _W, "title tag", null="no title tag"),
    _fact("wrapper.writing_application", Kind.STRING, _W, "application or library that says it wrote the file",
          by=_MEDIAINFO, null="not stated"),
    _fact("wrapper.index_before_essence", Kind.BOOLEAN, _W, "the index (moov) stands before the essence (fast start)",
          null="the format has no such index", by=_STRUCTURE),
    _fact("wrapper.edit_list_count", Kind.INTEGER, _W, "edit lists that move or cut a track, beyond one plain edit",
          null="the format has no edit lists", by=_STRUCTURE),
    _fact("wrapper.start_timecode", Kind.TIMECODE, _W,
          "timecode of the first frame, from the trusted source; counted without drop-frame where its rate has none",
          null="the wrapper carries no timecode, or none that can be read in one way (wrapper.timecode_faults)",
          by=_ALL),
    _fact("wrapper.drop_frame", Kind.BOOLEAN, _W, "the trusted timecode is flagged drop-frame",
          null="the wrapper carries no timecode, or none that says so", by=_ALL),
    _fact("wrapper.timecodes", Kind.LIST, _W, "every timecode that the file carries, the trusted one first", by=_ALL),
    _fact("wrapper.timecodes[].source", Kind.STRING, _W,
          "where it stands: tmcd, material_package, file_package, source_package, tag, sdti, system_scheme_1, bext, "
          "gop …",
          by=_ALL),
    _fact("wrapper.timecodes[].start", Kind.TIMECODE, _W, "timecode of the first frame",
          null="it cannot be read in one way (wrapper.timecode_faults)", by=_ALL),
    _fact("wrapper.timecodes[].frame_rate", Kind.RATE, _W,
          "rate at which it counts: the standard one nearest to what is stated, else what is stated",
          null="the source does not say", by=_ALL),
    _fact("wrapper.timecodes[].drop_frame", Kind.BOOLEAN, _W, "flagged drop-frame",
          null="the source does not say", by=_ALL),
    _fact("wrapper.timecode_faults", Kind.LIST, _W,
          "timecodes that the file carries and that contradict themselves or their rate", by=_ALL),
    _fact("wrapper.timecode_faults[].source", Kind.STRING, _W, "where it stands, as in wrapper.timecodes", by=_ALL),
    _fact("wrapper.timecode_faults[].stated", Kind.STRING, _W,
          "what the file has: frame number or text, rate as written, flag", by=_ALL),
    _fact("wrapper.timecode_faults[].fault", Kind.STRING, _W, "what cannot be", by=_ALL,
          values=words.TIMECODE_FAULT),
    _fact("wrapper.mxf_operational_pattern", Kind.STRING, _W,
          "SMPTE ST 377-1 operational pattern: op1a, op1b, opatom …", null="not MXF, or not stated", by=_STRUCTURE),
    _fact("wrapper.mxf_header_partition", Kind.STRING, _W, "state of the header partition", by=_STRUCTURE,
          values=("open_incomplete", "closed_incomplete", "open_complete", "closed_complete"), null="not MXF"),
    _fact("wrapper.as11_shim_name", Kind.STRING, _W, "AS-11 shim name in the descriptive metadata", by=_AS11,
          null="no AS-11 core metadata"),
    _fact("wrapper.as11_shim_version", Kind.STRING, _W, "AS-11 shim version", by=_AS11,
          null="no AS-11 core metadata"),
    _fact("wrapper.as11_audio_track_layout", Kind.STRING, _W, "EBU R 48 or R 123 layout named in the AS-11 metadata",
          by=_AS11, null="not stated"),
    _fact("wrapper.as11_picture_ratio", Kind.STRING, _W, "picture ratio named in the AS-11 UK DPP metadata, as n:d",
          by=_AS11, null="not stated"),
    _fact("wrapper.as11_pse_pass", Kind.STRING, _W, "photosensitivity result named in the AS-11 UK DPP metadata",
          by=_AS11, values=("yes", "no", "not_tested"), null="not stated"),
    _fact("wrapper.as11_loudness_standard", Kind.STRING, _W, "loudness standard named in the AS-11 UK DPP metadata",
          by=_AS11, values=("none", "ebu_r_128"), null="not stated"),
    *MXF_WRAPPER,
    _fact("wrapper.riff_chunks", Kind.STRINGS, _W,
          "names of the chunks, each once; an ADM BWF has axml and chna (ITU-R BS.2088)",
          null="not RIFF, RF64, BW64 or AIFF", by=_STRUCTURE),
    _fact("wrapper.chunks_behind_audio", Kind.STRINGS, _W,
          "names of the chunks behind the audio of a WAV, each once; padding is none",
          null="not a WAV, or it has no audio", by=_STRUCTURE),
    _fact("wrapper.wave_format", Kind.STRING, _W,
          "form of a WAV's format chunk: pcm, ieee_float, or extensible (WAVE_FORMAT_EXTENSIBLE)", by=_STRUCTURE,
          values=words.WAVE_FORMAT, null="not a WAV"),
    _fact("wrapper.bwf_time_reference_samples", Kind.INTEGER, _W,
          "first sample of the file, counted from midnight (bext TimeReference, EBU Tech 3285)", unit="samples",
          by=_STRUCTURE, null="no bext chunk"),
    _fact("wrapper.bwf_version", Kind.INTEGER, _W, "version of the bext chunk; from 2 on it states loudness",
          by=_STRUCTURE, null="no bext chunk"),
    _fact("wrapper.bwf_origination_date", Kind.STRING, _W, "date in the bext chunk, as written: yyyy-mm-dd",
          by=_STRUCTURE, null="no bext chunk, or no date in it"),
    _fact("wrapper.bwf_origination_time", Kind.STRING, _W, "time of day in the bext chunk, as written: hh:mm:ss",
          by=_STRUCTURE, null="no bext chunk, or no time in it"),
    *(
        _fact(f"wrapper.bwf_{name}", Kind.NUMBER, _W, f"{meaning} that the bext chunk states (EBU Tech 3285 v2)",
              unit=unit, step=0.01, by=_STRUCTURE, null="no bext chunk of version 2, or it leaves the value open")
        for name, meaning, unit in (
            ("integrated_lufs", "programme loudness", "LUFS"),
            ("loudness_range_lu", "loudness range", "LU"),
            ("max_true_peak_dbtp", "maximum true peak", "dBTP"),
            ("max_momentary_lufs", "maximum momentary loudness", "LUFS"),
            ("max_short_term_lufs", "maximum short-term loudness", "LUFS"),
        )
    ),
    _fact("wrapper.ixml_start_samples", Kind.INTEGER, _W,
          "first sample of the file, counted from midnight, as iXML states it", unit="samples", by=_STRUCTURE,
          null="no iXML chunk, or it does not say"),
    _fact("wrapper.ixml_sample_rate_hz", Kind.INTEGER, _W, "sample rate of the file, as iXML states it", unit="Hz",
          by=_STRUCTURE, null="no iXML chunk, or it does not say"),
    _fact("wrapper.ixml_timecode_rate", Kind.RATE, _W, "rate at which timecode counts, as iXML states it",
          by=_STRUCTURE, null="no iXML chunk, or it does not say"),
    _fact("wrapper.ixml_drop_frame", Kind.BOOLEAN, _W, "iXML flags the timecode as drop-frame", by=_STRUCTURE,
          null="no iXML chunk, or it does not say"),
    _fact("wrapper.is_closed", Kind.BOOLEAN, _W,
          "the writer finished the file: sizes in the header, a footer, or the mark of the last page are there",
          null="the format has no such mark", by=_STRUCTURE),
    _fact("wrapper.header_faults", Kind.LIST, _W,
          "headers that contradict themselves or each other: in MOV and MP4 boxes beyond their parent, tables beyond "
          "their box, tables that count their samples differently, rates of 0; in MXF sets that are cut or refer to "
          "sets that are not there, tracks without an edit rate, timecode at a base of 0, none or an absurd one; in "
          "WAV blocks of PCM that are not as long as their channels take, and format chunks that differ",
          null="headers of this format are not compared", by=("structure", "mxf")),
    _fact("wrapper.header_faults[].place", Kind.STRING, _W, "box or set, with its track or package", by=_STRUCTURE),
    _fact("wrapper.header_faults[].message", Kind.STRING, _W, "what is wrong with it", by=_STRUCTURE),
    _fact("wrapper.encrypted_tracks", Kind.LIST, _W,
          "encrypted tracks of picture and sound, by protected sample entries, Matroska ContentEncryption, scrambled "
          "MPEG streams or MXF of SMPTE ST 429-6; in other wrappers no mark is read", by=("structure",)),
    _fact("wrapper.encrypted_tracks[].track", Kind.STRING, _W, "picture 0, sound 1 …", by=("structure",)),
    _fact("wrapper.encrypted_tracks[].scheme", Kind.STRING, _W,
          "what the wrapper says of the scheme: cenc, cbcs, aes, or where it is marked", by=("structure",)),
    _fact("wrapper.shows_cut_end", Kind.BOOLEAN, _W,
          "a file cut at any packet can be told from a whole one, because a length, a size or a mark of the end is "
          "stated", null="not known of this format", by=("structure", "container")),
)

_PROGRAMS = (
    _fact("wrapper.program_count", Kind.INTEGER, _W,
          "programmes of a transport stream that have picture or sound in the file. Missing where it announces none",
          by=_FLAGS, null="not an MPEG transport stream"),
    _fact("wrapper.programs", Kind.LIST, _W,
          "programmes that a transport stream announces (ISO/IEC 13818-1), by number, in its first 2 MB and in "
          "stretches from there to the tail. The main picture is measured, and the sound of all of them. Missing where "
          "none is announced", by=_FLAGS, null="not an MPEG transport stream"),
    _fact("wrapper.programs[].number", Kind.INTEGER, _W, "program_number", by=_FLAGS),
    _fact("wrapper.programs[].pmt_pid", Kind.INTEGER, _W, "packet identifier of its map (PMT)", by=_FLAGS),
    _fact("wrapper.programs[].service_name", Kind.STRING, _W,
          "name in the service description table (ETSI EN 300 468) or the virtual channel table (ATSC A/65)",
          by=_FLAGS, null="no table that was seen names it"),
    _fact("wrapper.programs[].stream_pids", Kind.INTEGERS, _W, "packet identifiers of its streams, ascending",
          by=_FLAGS, null="the file does not hold its map, as after the programme was left out of a multiplex"),
    _fact("wrapper.programs[].picture_tracks", Kind.INTEGERS, _W,
          "its picture tracks, counted from 0 among all picture tracks", by=_FLAGS),
    _fact("wrapper.programs[].sound_tracks", Kind.INTEGERS, _W,
          "its sound tracks, counted from 0 among all sound tracks", by=_FLAGS),
    _fact("wrapper.programs[].holds_main_picture", Kind.BOOLEAN, _W,
          "the main picture track, which clauses on the picture judge, is in this programme", by=_FLAGS),
)

_TRACK_PICTURE: tuple[tuple[str, Kind, Layer, str, dict[str, Any]], ...] = (
    ("index", Kind.INTEGER, _W, "position of the track in the wrapper, from 0", {}),
    ("order", Kind.INTEGER, _W, "position of the track among the picture tracks, from 0", {}),
    ("codec", Kind.STRING, _B, "picture coding", {"by": _BOTH, "values": words.PICTURE_CODEC}),
    ("codec_tag", Kind.STRING, _W, "four-character code of the sample description", {"null": "the format has none"}),
    ("codec_profile", Kind.STRING, _B,
          "profile: ProRes as proxy lt 422 422_hq 4444 4444_xq, others in lower case with underscores", {"by": _BOTH,
          "null": _UNSTATED}),
    ("codec_level", Kind.STRING, _B, "level as the codec's standard writes it: 4.1, Main, 5.1", {"by": _BOTH,
          "null": _UNSTATED}),
    ("width_px", Kind.INTEGER, _B,
          "width of the coded picture, after cropping in the bitstream and before any rotation",
          {"unit": "px", "by": _BOTH}),
    ("height_px", Kind.INTEGER, _B,
          "height of the coded picture, after cropping in the bitstream and before any rotation",
          {"unit": "px", "by": _BOTH}),
    ("frame_rate", Kind.RATE, _B, "frames per second, exact", {"by": _EVERY, "null": _UNSTATED}),
    ("frame_rate_hz", Kind.NUMBER, _B, "frames per second", {"unit": "Hz", "step": 1e-3, "by": _EVERY,
          "null": _UNSTATED}),
    ("nearest_standard_rate", Kind.RATE, _B,
          "standard rate that the exact one is within 0.03 % of; it carries timecode", {"by": _EVERY,
          "null": "no rate is stated, or none of the standard rates is so near"}),
    ("frame_rate_mode", Kind.STRING, _W, "frames come at one distance or at several", {"by": _ALL,
          "values": words.FRAME_RATE_MODE, "null": "not stated"}),
    ("frame_count", Kind.INTEGER, _W, "frames that the wrapper promises", {"by": _BOTH, "unit": "frames",
          "null": "the wrapper promises no count"}),
    ("duration_s", Kind.NUMBER, _W, "duration of the track", {"unit": "s", "step": 1e-6, "by": _BOTH,
          "null": "not stated"}),
    ("start_s", Kind.NUMBER, _W, "when the track starts, after the start of the file", {"unit": "s", "step": 1e-6}),
    ("bit_rate_bps", Kind.INTEGER, _W, "mean bit rate of the track", {"unit": "bit/s", "by": _BOTH,
          "null": "not stated"}),
    ("scan", Kind.STRING, _B, "scan as flagged: progressive or interlaced", {"by": _FLAGS, "values": words.SCAN,
          "null": _UNSTATED}),
    ("field_order", Kind.STRING, _B, "field that is shown first, as flagged", {"by": _FLAGS,
          "values": words.FIELD_ORDER, "null": "progressive, or not stated"}),
    ("bit_depth_bits", Kind.INTEGER, _B, "bits per component", {"unit": "bit", "by": _BOTH, "null": _UNSTATED}),
    ("chroma_subsampling", Kind.STRING, _B, "sampling structure", {"by": _BOTH, "values": words.CHROMA_SUBSAMPLING,
          "null": "not stated, or RGB"}),
    ("pixel_format", Kind.STRING, _B, "libav's name of the decoded pixel format",
          {"null": "the decoder is not known"}),
    ("pixel_aspect_ratio", Kind.RATE, _B, "width of a pixel over its height, exact; 1/1 where nothing else is stated",
          {"by": _FLAGS}),
    ("pixel_aspect_ratio_value", Kind.NUMBER, _B, "width of a pixel over its height", {"step": 1e-4, "by": _FLAGS}),
    ("display_aspect_ratio", Kind.RATE, _B,
          "width over height as shown, exact; after a quarter turn that the wrapper asks for", {"by": _FLAGS}),
    ("display_aspect_ratio_value", Kind.NUMBER, _B,
          "width over height as shown, after a quarter turn that the wrapper asks for", {"step": 1e-4, "by": _FLAGS}),
    *(
        (f"clean_aperture.{side}_px", Kind.NUMBER, _W, f"{side} of the clean aperture (ISO/IEC 14496-12 clap)",
         {"unit": "px", "step": 1e-3, "by": _STRUCTURE, "null": "no clean aperture is stated"})
        for side in ("width", "height")
    ),
    ("rotation_deg", Kind.INTEGER, _W, "rotation that the wrapper asks for, clockwise, 0 to 359", {"unit": "deg",
          "by": _STRUCTURE}),
    ("is_mirrored", Kind.BOOLEAN, _W,
          "the wrapper asks for a mirrored picture, which is flipped top to bottom before the rotation",
          {"by": _STRUCTURE}),
    ("display_orientation.rotation_deg", Kind.INTEGER, _B,
          "rotation that a display orientation message asks for (ITU-T H.274), clockwise, 0 to 359",
          {"unit": "deg", "null": "no such message in the first pictures"}),
    ("display_orientation.is_mirrored", Kind.BOOLEAN, _B,
          "a display orientation message asks for a mirrored picture, flipped top to bottom before the rotation",
          {"null": "no such message in the first pictures"}),
    ("is_enabled", Kind.BOOLEAN, _W, "the track is switched on for players (tkhd flag 1, Matroska FlagEnabled)",
          {"by": _STRUCTURE, "null": "the format has no such flag, or the track cannot be matched with its header"}),
    ("color_primaries", Kind.STRING, _B, "colour primaries (ITU-T H.273)", {"by": _EVERY,
          "values": words.COLOR_PRIMARIES, "null": _UNSTATED}),
    ("color_transfer", Kind.STRING, _B, "transfer characteristics (ITU-T H.273)", {"by": _EVERY,
          "values": words.COLOR_TRANSFER, "null": _UNSTATED}),
    ("color_matrix", Kind.STRING, _B, "matrix coefficients (ITU-T H.273)", {"by": _EVERY, "values": words.COLOR_MATRIX,
          "null": _UNSTATED}),
    ("color_range", Kind.STRING, _B, "limited or full sample range", {"by": _EVERY, "values": words.COLOR_RANGE,
          "null": "not stated, or the codec has no range flag"}),
    ("hdr.max_cll_cd_m2", Kind.INTEGER, _B, "declared MaxCLL (CTA-861.3)", {"unit": "cd/m2", "by": _BOTH,
          "null": "not declared"}),
    ("hdr.max_fall_cd_m2", Kind.INTEGER, _B, "declared MaxFALL (CTA-861.3)", {"unit": "cd/m2", "by": _BOTH,
          "null": "not declared"}),
    ("hdr.is_max_cll_zero", Kind.BOOLEAN, _B, "MaxCLL is written as 0, which states nothing (CTA-861.3)",
          {"null": "no content light level is written in the bitstream"}),
    ("hdr.mastering_display", Kind.OBJECT, _B,
          "declared mastering display (SMPTE ST 2086): primaries, min_cd_m2, max_cd_m2", {"by": _BOTH,
          "null": "not declared"}),
    ("dolby_vision.profile", Kind.INTEGER, _W, "Dolby Vision profile", {"by": _MEDIAINFO,
          "null": "no Dolby Vision record"}),
    ("dolby_vision.level", Kind.INTEGER, _W, "Dolby Vision level", {"by": _MEDIAINFO,
          "null": "no Dolby Vision record"}),
    ("ffv1.version", Kind.INTEGER, _B, "version of FFV1 (RFC 9043): 0, 1 or 3", {"by": _MEDIAINFO, "null": _NO_FFV1}),
    ("ffv1.has_slice_checksums", Kind.BOOLEAN, _B,
          "each slice of FFV1 ends with a checksum (ec of RFC 9043, 4.3), so that damage shows when it is decoded",
          {"by": _MEDIAINFO, "null": _NO_FFV1}),
    ("active_format_code", Kind.INTEGER, _B, "Active Format Description code (SMPTE ST 2016-1)", {"by": _MEDIAINFO,
          "null": "not stated"}),
    ("preferred_transfer", Kind.STRING, _B,
          "transfer characteristics that an SEI message prefers over those of the VUI (ITU-T H.274)",
          {"values": words.COLOR_TRANSFER, "null": "no such message"}),
    ("is_stereoscopic", Kind.BOOLEAN, _W,
          "the track holds pictures for both eyes: JPEG 2000 in MXF with the sub-descriptor of SMPTE ST 429-10 or two "
          "frames in an edit unit, Matroska StereoMode, st3d or vexu of MP4 and MOV",
          {"by": ("structure", "mxf"), "null": "the wrapper does not say"}),
    ("stereoscopic_layout", Kind.STRING, _W,
          "how the pictures of both eyes are arranged; alternating: frame by frame at twice the rate",
          {"by": ("structure", "mxf"), "values": words.STEREOSCOPIC_LAYOUT,
          "null": "not stereoscopic, or the wrapper does not say"}),
    *MXF_PICTURE,
    ("language", Kind.STRING, _W, "language tag as written", {"by": _BOTH, "null": "not stated"}),
)
# fmt: on

LAYERED = (
    "width_px",
    "height_px",
    "frame_rate",
    "scan",
    "field_order",
    "color_primaries",
    "color_transfer",
    "color_matrix",
    "color_range",
    "pixel_aspect_ratio",
    "bit_depth_bits",
    "chroma_subsampling",
    "codec_profile",
    "codec_level",
    "dolby_vision.profile",
)
"""Picture facts that wrapper and bitstream each state for itself: `picture.wrapper.<name>`,
`picture.bitstream.<name>`."""
COMPARED_ONLY = ("bit_depth_bits", "chroma_subsampling", "codec_profile", "codec_level", "dolby_vision.profile")
"""Those of `LAYERED` that a wrapper states for comparison: the fact itself is never taken from its word."""
COLOURS = tuple(name for name in LAYERED if name.startswith("color_"))


def _picture() -> tuple[Fact, ...]:
    facts = [
        _fact(
            "picture.track_count",
            Kind.INTEGER,
            _W,
            "picture tracks; cover art, attachments and data are none",
            by=_BOTH,
        ),
        _fact("picture.tracks", Kind.LIST, _W, "every picture track in wrapper order"),
    ]
    rows = {name: (kind, layer, meaning, options) for name, kind, layer, meaning, options in _TRACK_PICTURE}
    for name, (kind, layer, meaning, options) in rows.items():
        for prefix, whose in (("picture.", "main picture track: "), ("picture.tracks[].", "")):
            facts.append(_fact(prefix + name, kind, layer, whose + meaning, **options))
    for name in LAYERED:
        kind, _, meaning, options = rows[name]
        asked = name in COLOURS
        for layer, readers in (
            (_W, _WALKERS if asked else _STRUCTURE),
            (_B, _BOTH if asked or name == "frame_rate" else _CONTAINER),
        ):
            stated: dict[str, Any] = {"unit": options.get("unit"), "values": options.get("values"), "by": readers}
            null = f"the {layer} does not state it"
            facts.append(
                _fact(
                    f"picture.{layer}.{name}", kind, layer, f"{meaning}, as the {layer} states it", null=null, **stated
                )
            )
    return tuple(facts)


# fmt: off
_SOUND = (
    _fact("sound.track_count", Kind.INTEGER, _W, "sound tracks", by=_BOTH),
    _fact("sound.channel_count", Kind.INTEGER, _W, "channels of all sound tracks together", by=_BOTH),
    _fact("sound.tracks", Kind.LIST, _W, "every sound track in wrapper order"),
    _fact("sound.tracks[].index", Kind.INTEGER, _W, "position of the track in the wrapper, from 0"),
    _fact("sound.tracks[].order", Kind.INTEGER, _W, "position of the track among the sound tracks, from 0"),
    _fact("sound.tracks[].codec", Kind.STRING, _B, "sound coding", by=_BOTH, values=words.SOUND_CODEC),
    _fact("sound.tracks[].codec_profile", Kind.STRING, _B, "profile in lower case with underscores: lc, he-aac",
          null=_UNSTATED),
    _fact("sound.tracks[].sample_rate_hz", Kind.INTEGER, _B, "samples per second", unit="Hz", by=_BOTH),
    _fact("sound.tracks[].bit_depth_bits", Kind.INTEGER, _B, "bits per sample", unit="bit", by=_BOTH,
          null="the coding has no fixed depth"),
    _fact("sound.tracks[].channel_count", Kind.INTEGER, _W, "channels of the track", by=_BOTH),
    _fact("sound.tracks[].layout", Kind.STRING, _W, "loudspeaker layout by its labels: 1.0 2.0 5.1 7.1 …",
          null="the channels carry no labels"),
    _fact("sound.tracks[].channel_labels", Kind.STRINGS, _W, "SMPTE ST 2067-8 label of each channel, in order",
          by=_FLAGS, null="the channels carry no labels"),
    _fact("sound.tracks[].language", Kind.STRING, _W, "language tag as written", by=_BOTH, null="not stated"),
    _fact("sound.tracks[].duration_s", Kind.NUMBER, _W, "duration of the track", unit="s", step=1e-6, by=_BOTH,
          null="not stated"),
    _fact("sound.tracks[].start_s", Kind.NUMBER, _W, "when the track starts, after the start of the file", unit="s",
          step=1e-6),
    _fact("sound.tracks[].bit_rate_bps", Kind.INTEGER, _W, "mean bit rate", unit="bit/s", by=_BOTH,
          null="not stated"),
    _fact("sound.tracks[].bit_rate_mode", Kind.STRING, _B,
          "whether all frames have one bit rate, by the header of every frame of MPEG audio, AC-3 and E-AC-3; PCM is "
          "constant, lossless coding variable. Missing of other codings, whose frames do not say",
          by=("decode",), values=words.BIT_RATE_MODE),
    _fact("sound.tracks[].dialnorm_lufs", Kind.INTEGER, _B,
          "dialnorm as a loudness, read from every frame of AC-3 and E-AC-3 (ATSC A/52 section 5.4.2.8); the highest "
          "where it changes. Missing where a coding may state it and is not read: AC-4, Dolby E, TrueHD, DTS, MPEG-H",
          by=("decode",), unit="LUFS", null="the coding has no dialnorm"),
    _fact("sound.tracks[].dialnorm_count", Kind.INTEGER, _B,
          "how many values of dialnorm the frames state; more than 1: it changes", by=("decode",)),
    _fact("sound.tracks[].coded_channels", Kind.INTEGERS, _B,
          "channels, from 0, that hold coded audio in place of PCM samples (SMPTE ST 337), and so are in no group"),
    *MXF_SOUND,
    _fact("sound.tracks[].priming_samples", Kind.INTEGER, _W,
          "samples before the audio that the encoder adds and a player skips, as stated: by the edit list, iTunSMPB, "
          "the LAME tag (with the decoder's 529), CodecDelay or the Opus header. Measuring starts after them. Missing "
          "in wrappers that are not searched, such as MPEG streams and Ogg Vorbis", by=_STRUCTURE,
          null="the file does not state any, or the coding adds none"),
    _fact("sound.tracks[].priming_source", Kind.STRING, _W, "what states the priming", by=_STRUCTURE,
          values=words.PRIMING_SOURCE, null="the file does not state any, or the coding adds none"),
    _fact("sound.tracks[].padding_samples", Kind.INTEGER, _W,
          "samples behind the audio that a player skips, as stated; from an edit list to a tick of the movie's clock, "
          "and then they are measured all the same, less than a packet. "
          "Missing where priming is missing, and in Matroska and Ogg where it is stated",
          by=_STRUCTURE, null="the file does not state any, or states no priming"),
    _fact("sound.tracks[].is_substream", Kind.BOOLEAN, _W,
          "the track is one substream of an immersive mix (IAMF), which a player renders from all of them, so that no "
          "mix is measured"),
    _fact("sound.tracks[].is_enabled", Kind.BOOLEAN, _W,
          "the track is switched on for players (tkhd flag 1, Matroska FlagEnabled)", by=_STRUCTURE,
          null="the format has no such flag, or the track cannot be matched with its header"),
    _fact("sound.tracks[].alternate_group", Kind.INTEGER, _W,
          "number of the group of tracks of which a player plays one (tkhd)", by=_STRUCTURE,
          null="the track is in no such group, or the format has none"),
    _fact("sound.is_silent", Kind.BOOLEAN, Layer.BASEBAND,
          "every channel group is silent: no 400 ms of it is louder than -70 LUFS", by=("meter:loudness",),
          null="there is no sound track"),
    _fact("sound.mix_files", Kind.STRINGS, _W,
          "mono files that together are one mix, this one included, in layout order; loudness is that of the mix",
          by=("file",), null="the file is not one of several mono files of a mix"),
    _fact("sound.numbered_files", Kind.STRINGS, _W,
          "mono files of one name and length that a number tells apart, this one included, and that may be one mix",
          by=("decode",), null="the file is not one of several such files"),
    _fact("sound.groups", Kind.LIST, _W, "channel groups: the mixes that loudness belongs to"),
    _fact("sound.groups[].layout", Kind.STRING, _W, "loudspeaker layout of the group",
          null="it cannot be told from labels, tracks or settings; no loudness is told then"),
    _fact("sound.groups[].formed_by", Kind.STRING, _W,
          "what the group was formed from: files are mono files of one mix, substreams the parts of an IAMF mix, which "
          "has no layout and is not measured",
          values=("labels", "tracks", "settings", "files", "substreams")),
    _fact("sound.groups[].tracks", Kind.INTEGERS, _W,
          "sound tracks that the group is taken from, counted from 0 among the sound tracks"),
    _fact("sound.groups[].channels", Kind.STRINGS, _W,
          "channels as <sound track>.<channel>, both from 0, in layout order"),
    _fact("sound.groups[].channel_labels", Kind.STRINGS, _W, "SMPTE ST 2067-8 label of each channel, in order"),
    _fact("sound.groups[].codec", Kind.STRING, _W,
          "audio coding of its tracks; missing where a reader does not know it", null="its tracks differ in coding"),
    _fact("sound.groups[].sample_rate_hz", Kind.INTEGER, _B, "samples per second", unit="Hz"),
    _fact("sound.groups[].language", Kind.STRING, _W, "language tag as written", null="not stated"),
)

_ALPHA = (
    _fact("picture.has_alpha", Kind.BOOLEAN, _B, "decoded pictures of the main track hold an alpha channel",
          null="the decoder is not known, pictures have a palette, or the coding may hold alpha in a separate layer, "
          "which is not looked for (HEVC, VP8, VP9)"),
)

_DECODE = (
    _fact("decode.missing_byte_count", Kind.INTEGER, _W,
          "bytes that the wrapper's index or sizes promise and the file does not hold", by=("structure",),
          unit="bytes", null="the format promises no size"),
    _fact("decode.missing_frame_count", Kind.INTEGER, _W,
          "picture frames that the wrapper promises and of which no whole packet is there", by=("decode",),
          unit="frames", null="the wrapper promises no count of frames"),
    _fact("decode.frame_count", Kind.INTEGER, _B, "frames of the main picture track that were decoded",
          by=("decode",), unit="frames", null="there is no picture"),
    _fact("decode.errors", Kind.LIST, _B,
          "packets that are whole and in which the decoder finds damage, and read errors", by=("decode",)),
    _fact("decode.errors[].track", Kind.STRING, _B, "picture 0, sound 1 …: kind and number of the track",
          by=("decode",), null="the wrapper as a whole"),
    _fact("decode.errors[].message", Kind.STRING, _B, "what the decoder said", by=("decode",)),
    _fact("decode.errors[].frame", Kind.INTEGER, _B, "first frame concerned", by=("decode",),
          null="not a picture track, or not known"),
    _fact("decode.errors[].start_s", Kind.NUMBER, _B, "time of the packet after the first frame", by=("decode",),
          unit="s", step=1e-6, null="the packet has no time"),
    _fact("decode.errors[].file", Kind.STRING, _B, "file of the first frame concerned", by=("decode",),
          null="the master is not an image sequence, or the frame is not known"),
    _fact("decode.errors[].start_timecode", Kind.TIMECODE, _B, "timecode of the packet", by=("decode",),
          null="the wrapper carries no timecode that can be counted, or the packet no time"),
    _fact("decode.errors[].count", Kind.INTEGER, _B, "successive packets with this message", by=("decode",)),
    _fact("decode.time_gaps", Kind.LIST, _B,
          "where the time stamps of a track leave a gap or overlap; not told of pictures at no constant distance",
          by=("decode",)),
    _fact("decode.time_gaps[].track", Kind.STRING, _B, "kind and number of the track", by=("decode",)),
    _fact("decode.time_gaps[].frame", Kind.INTEGER, _B, "frame that comes late or early", by=("decode",),
          null="not the picture"),
    _fact("decode.time_gaps[].start_s", Kind.NUMBER, _B, "when what comes next was due, after the first frame",
          by=("decode",), unit="s", step=1e-6),
    _fact("decode.time_gaps[].gap_s", Kind.NUMBER, _B, "how much later it comes; below 0: earlier", by=("decode",),
          unit="s", step=1e-6),
    _fact("decode.time_gaps[].start_timecode", Kind.TIMECODE, _B, "timecode of that time", by=("decode",),
          null="the wrapper carries no timecode that can be counted"),
    _fact("decode.missing_spans", Kind.LIST, _B,
          "packets missing within a track of a transport or programme stream: its time stamps go on later by a whole "
          "number of packets, the other tracks do not jump with it, and no new clock is signalled", by=("decode",)),
    _fact("decode.missing_spans[].track", Kind.STRING, _B, "kind and number of the track", by=("decode",)),
    _fact("decode.missing_spans[].frame", Kind.INTEGER, _B, "frame that comes after them", by=("decode",),
          null="not the picture"),
    _fact("decode.missing_spans[].start_s", Kind.NUMBER, _B, "when the first of them was due, after the first frame",
          by=("decode",), unit="s", step=1e-6),
    _fact("decode.missing_spans[].duration_s", Kind.NUMBER, _B, "how long they last", by=("decode",), unit="s",
          step=1e-6),
    _fact("decode.missing_spans[].packet_count", Kind.INTEGER, _B, "how many they are", by=("decode",)),
    _fact("decode.missing_spans[].start_timecode", Kind.TIMECODE, _B, "timecode of that time", by=("decode",),
          null="the wrapper carries no timecode that can be counted"),
    _fact("decode.sound_start_difference_s", Kind.NUMBER, _B,
          "how far the first sample of a sound track stands from the first picture frame: the largest of all tracks",
          by=("decode",), unit="s", step=1e-6, null="there is no picture or no sound"),
    _fact("decode.sound_end_difference_s", Kind.NUMBER, _B,
          "how far the end of a sound track stands from the end of the last picture frame: the largest of all tracks",
          by=("decode",), unit="s", step=1e-6, null="there is no picture or no sound"),
    _fact("decode.warnings", Kind.LIST, _B, "everything that decoders said, damage or not", by=("decode",)),
    _fact("decode.warnings[].track", Kind.STRING, _B, "kind and number of the track", by=("decode",),
          null="not known"),
    _fact("decode.warnings[].message", Kind.STRING, _B, "what the decoder said", by=("decode",)),
    _fact("decode.warnings[].count", Kind.INTEGER, _B, "how often", by=("decode",)),
    _fact("decode.missing_duration_s", Kind.NUMBER, _W,
          "longest stretch of a track that the file states and does not hold; 0 within two packets or rounding",
          by=("decode",), unit="s", step=1e-6, null="the file states no length"),
    _fact("decode.missing_durations", Kind.LIST, _W, "stated lengths that are not there", by=("decode",)),
    _fact("decode.missing_durations[].track", Kind.STRING, _W, "picture 0, sound 1 …", by=("decode",),
          null="the longest track"),
    _fact("decode.missing_durations[].source", Kind.STRING, _W,
          "what states the length: mehd, STREAMINFO, Xing header, fact chunk …", by=("decode",)),
    _fact("decode.missing_durations[].stated_s", Kind.NUMBER, _W, "length that is stated", by=("decode",), unit="s",
          step=1e-6),
    _fact("decode.missing_durations[].held_s", Kind.NUMBER, _W, "length of the packets that are there",
          by=("decode",), unit="s", step=1e-6),
    _fact("decode.missing_durations[].missing_s", Kind.NUMBER, _W, "what is missing", by=("decode",), unit="s",
          step=1e-6),
    _fact("decode.end_difference_s", Kind.NUMBER, _W,
          "latest end of a programme track less the earliest, in a file that cannot show a cut end", by=("decode",),
          unit="s", step=1e-6, null="the file states its length, or has fewer than two tracks"),
)

_CROSS = (
    _fact("cross_check.track_duration_difference_s", Kind.NUMBER, _X,
          "longest programme track less the shortest, picture and sound", by=("cross_check",), unit="s", step=1e-6,
          null="fewer than two tracks state a duration"),
    _fact("cross_check.track_start_difference_s", Kind.NUMBER, _X,
          "latest start of a programme track less the earliest", by=("cross_check",), unit="s", step=1e-6,
          null="fewer than two programme tracks"),
    _fact("cross_check.hdr.max_fall_above_max_cll_cd_m2", Kind.INTEGER, _X,
          "how far the declared MaxFALL is above the declared MaxCLL; 0: it is not", by=("cross_check",), unit="cd/m2",
          null="one of them is not declared"),
    _fact("cross_check.hdr.mastering_primaries_permuted", Kind.BOOLEAN, _X,
          "primaries of the mastering display are not in the order red, green, blue", by=("cross_check", *_BOTH),
          null="no primaries are stated, or there is no picture"),
    _fact("cross_check.bwf_start_difference_samples", Kind.INTEGER, _X,
          "start in iXML less the start in bext; 0: they agree", by=("cross_check", "structure"), unit="samples",
          null="bext, iXML or both do not state a start"),
    _fact("cross_check.unstated_priming_tracks", Kind.LIST, _X,
          "audio tracks of AAC or MP3 whose priming the file does not state, so that players may start the audio late "
          "by it", by=("cross_check", "structure"),
          null="the file is not a MOV or MP4 with a picture"),
    _fact("cross_check.unstated_priming_tracks[].order", Kind.INTEGER, _X, "place among the audio tracks, from 0",
          by=("cross_check", "structure")),
    _fact("cross_check.unstated_priming_tracks[].priming_codec", Kind.STRING, _X, "audio coding of the track",
          by=("cross_check", "structure")),
    _fact("cross_check.ixml_sample_rate_difference_hz", Kind.INTEGER, _X,
          "sample rate in iXML less that of the audio; 0: they agree", by=("cross_check", "structure"), unit="Hz",
          null="iXML does not state a rate, or there is no audio"),
    _fact("cross_check.bwf_loudness_difference_lu", Kind.NUMBER, _X,
          "measured programme loudness less the one that bext states",
          by=("cross_check", "structure", "meter:loudness"), unit="LU", step=0.01,
          null="bext states none, the file has several mixes or none, or the mix is silent"),
    _fact("cross_check.dialnorm_difference_lu", Kind.NUMBER, _X,
          "measured programme loudness less dialnorm, of the track and the frames where they differ most",
          by=("cross_check", "decode", "meter:loudness"), unit="LU", step=0.01,
          null="no track states dialnorm, or the mixes that do are silent"),
    _fact("cross_check.dialnorm_dialogue_difference_lu", Kind.NUMBER, _X,
          "measured dialogue loudness less dialnorm, of the track and the frames where they differ most; an estimate",
          by=("cross_check", "decode", "meter:dialogue"), unit="LU", step=0.01,
          null="no track states dialnorm, or no speech was found in the mixes that do"),
    _fact("cross_check.as11_missing_parts", Kind.LIST, _X,
          "parts of the programme that AS-11 segmentation declares and of which the file does not hold all, since they "
          "end after it", by=_AS11_PARTS, null="there is no AS-11 segmentation"),
    _fact("cross_check.as11_missing_parts[].part_number", Kind.INTEGER, _X, "number of the part, from 1",
          by=_AS11_PARTS),
    _fact("cross_check.as11_missing_parts[].start_s", Kind.NUMBER, _X, "start of the part, after the first frame",
          by=_AS11_PARTS, unit="s", step=1e-6),
    _fact("cross_check.as11_missing_parts[].duration_s", Kind.NUMBER, _X, "length of the part that is declared",
          by=_AS11_PARTS, unit="s", step=1e-6),
    _fact("cross_check.as11_missing_parts[].missing_s", Kind.NUMBER, _X,
          "how much of it the file does not hold: all of it where it starts after the end", by=_AS11_PARTS, unit="s",
          step=1e-6),
    _fact("cross_check.sound_lead_s", Kind.NUMBER, _X,
          "lead of the audio against the picture, where both show it and it is largest; above 0: the audio is early",
          by=("cross_check", "decode"), unit="s", step=1e-5,
          null="there is no flash with a pop, such as the 2 of a countdown with its 2-pop"),
    _fact("cross_check.sync_points", Kind.SPANS, _X,
          "flashes, and the 2 of a countdown, with a pop that belongs to them", by=("cross_check", "decode")),
    *span_members("cross_check.sync_points", given_by=("cross_check", "decode"), layer=_X),
    _fact("cross_check.sync_points[].lead_s", Kind.NUMBER, _X,
          "lead of the audio against the picture; above 0: the audio is early", by=("cross_check", "decode"), unit="s",
          step=1e-5),
    _fact("cross_check.sync_points[].group", Kind.INTEGER, _X, "channel group of the pop, from 0",
          by=("cross_check", "decode")),
    _fact("cross_check.silent_black.spans", Kind.SPANS, _X,
          "runs of black frames during which every mix is silent, as in a commercial break; clicks of up to 20 ms are "
          "silence. Missing where black or a mix was not measured, and where the file has no audio",
          by=_SILENT_BLACK),
    *span_members("cross_check.silent_black.spans", given_by=_SILENT_BLACK, layer=_X),
    _fact("cross_check.clean_aperture_crops", Kind.BOOLEAN, _X,
          "the clean aperture is not the whole main picture: smaller, or off its centre",
          by=("cross_check", "structure"), null="no clean aperture is stated, or there is no picture"),
    _fact("cross_check.track_header_reshapes", Kind.BOOLEAN, _X,
          "width and height in the track header (tkhd) give another shape than picture size and pixel aspect do",
          by=("cross_check", "structure"), null="the wrapper has no such header, or there is no picture"),
    *(
        _fact(f"cross_check.hdr.{name}_difference_cd_m2", Kind.NUMBER, _X,
              f"measured {term} less the declared one", by=("cross_check", "meter:light_level"), unit="cd/m2",
              step=0.01, null="the transfer is not PQ, or none is declared")
        for name, term in (("max_cll", "MaxCLL"), ("max_fall", "MaxFALL"))
    ),
    *(
        fact
        for name, what in (
            ("layer_disagreements", "wrapper against bitstream"),
            ("probe_disagreements", "two readers on the same layer"),
        )
        for fact in (
            _fact(f"cross_check.{name}", Kind.LIST, _X, f"facts on which {what} differ", by=("cross_check",)),
            _fact(f"cross_check.{name}[].fact", Kind.STRING, _X, "the fact", by=("cross_check",)),
            _fact(f"cross_check.{name}[].track", Kind.INTEGER, _X,
                  "number of the track among those of its kind, from 0", by=("cross_check",),
                  null="about the main track, or about all"),
            _fact(f"cross_check.{name}[].values", Kind.OBJECT, _X, "each source and its value", by=("cross_check",)),
            _fact(f"cross_check.{name}[].trusted", Kind.STRING, _X, "the source that is trusted",
                  by=("cross_check",)),
            _fact(f"cross_check.{name}[].reason", Kind.STRING, _X, "why it is", by=("cross_check",)),
        )
    ),
)
_CHANGES = (
    _fact("picture.changes", Kind.LIST, _B,
          "what decoded frames, and the headers of coded ones, show other than the first frame of their track; of the "
          "main track field order too, in MPEG-2 and H.264", by=("decode",)),
    _fact("picture.changes[].track", Kind.STRING, _B, "picture 0, picture 1 …", by=("decode",)),
    _fact("picture.changes[].fact", Kind.STRING, _B, "the fact that changes", by=("decode",)),
    _fact("picture.changes[].from", Kind.STRING, _B, "value in the first frame", by=("decode",), null="not stated"),
    _fact("picture.changes[].to", Kind.STRING, _B, "value after the change", by=("decode",), null="not stated"),
    _fact("picture.changes[].frame", Kind.INTEGER, _B, "first frame with that value", by=("decode",)),
    _fact("picture.changes[].start_s", Kind.NUMBER, _B, "time of that frame after the first", by=("decode",),
          unit="s", step=1e-6, null="an image sequence whose frame rate is not known"),
    _fact("picture.changes[].start_timecode", Kind.TIMECODE, _B, "timecode of that frame", by=("decode",),
          null="the wrapper carries no timecode that can be counted"),
    _fact("picture.changes[].frame_count", Kind.INTEGER, _B, "frames with that value", by=("decode",), unit="frames"),
    _fact("picture.changes[].is_ordinary", Kind.BOOLEAN, _B,
          "a master may do so: scan varies within one sequence of H.264 or MPEG-2 (the track is interlaced where one "
          "frame is), field order turns round where pulldown is flagged, HDR metadata is stated at the head only, and "
          "a lower level follows a higher one", by=("decode",)),
    _fact("picture.description_changes", Kind.LIST, _W,
          "what further sample descriptions of a picture track state other than its first", by=_STRUCTURE),
    _fact("picture.description_changes[].track", Kind.STRING, _W, "picture 0, picture 1 …", by=_STRUCTURE),
    _fact("picture.description_changes[].fact", Kind.STRING, _W, "the fact that changes", by=_STRUCTURE),
    _fact("picture.description_changes[].from", Kind.STRING, _W, "value in the first description", by=_STRUCTURE,
          null="not stated"),
    _fact("picture.description_changes[].to", Kind.STRING, _W, "value in the further description", by=_STRUCTURE,
          null="not stated"),
    _fact("picture.description_changes[].frame", Kind.INTEGER, _W, "first frame with the further description",
          by=_STRUCTURE, null="no frame uses it"),
)
# fmt: on


@cache
def probed_facts() -> Mapping[str, Fact]:
    """Every fact that comes from a probe, from the log of the decode or from a cross check, by name."""
    of_essence = (*_DECODE, *_CROSS, *ACTIVE_AREA, *DECLARED_AREAS, *_CHANGES, *PACKETS, *JPEG2000)
    of_file = (*_FILE, *_WRAPPER, *_PROGRAMS, *_picture(), *_SOUND, *IMMERSIVE, *_ALPHA, *TIMED_TEXT)
    facts = (*of_file, *of_essence, *SEQUENCE, *PACKAGES, *SIDECARS)
    return MappingProxyType({fact.name: fact for fact in facts})

"""Reads a master by libav: tracks, times and coding as the demuxer knows them, and the essence's own statements;
trusts nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from deliverqc.facts import vocabulary as words
from deliverqc.facts.groups import MONO_LABEL, layout_of
from deliverqc.facts.model import Facts
from deliverqc.probing.bitstream import read_bitstream
from deliverqc.probing.layouts import hold
from deliverqc.probing.opening import open_master, packets_of
from deliverqc.probing.pixels import level_name, pixel_facts
from deliverqc.probing.priming import opus_priming
from deliverqc.probing.reading import Reading, StatedTimecode, TrackReading
from deliverqc.probing.sound_layers import STATING_CODECS, read_sound_header
from deliverqc.probing.st337 import PcmStart, find_coded

_WITHOUT_TIMES = (
    "aac",
    "ac3",
    "eac3",
    "h264",
    "hevc",
    "m4v",
    "mpegvideo",
    "obu",
    "vc1",
    "vvc",
)  # libav guesses durations by bit rate

_DEPENDENT = 0x80000  # AV_DISPOSITION_DEPENDENT, which PyAV does not name
_SEEN_PACKETS = 400  # house choice: more than the longest run of sound before the first picture in any interleave seen
_PACKETS_A_TRACK = 3
_SOUND_PACKETS = 2  # of the first one a decoder may give nothing, because its samples are priming
_SOUND_SEEN_S = 0.5  # house choice: twelve frames of Dolby E, sixteen of AC-3, four of E-AC-3
_SOUND_SEEN_BYTES = 32 * 1024 * 1024  # house choice: what a disk reads in a tenth of a second
_TIMED_BY_CLOCK = ("mpegts", "mpeg")  # their timestamps start anywhere
# libav sums the sizes of the samples there; elsewhere it repeats a header's claim
_MEAN_BIT_RATE_FORMATS = ("mov,mp4,m4a,3gp,3g2,mj2",)
_PCM = re.compile(r"pcm_(?P<kind>[suf])(?P<bits>\d+)")
_PCM_DISC = ("pcm_bluray", "pcm_dvd", "s302m")
_LABELS = {
    "FL": "L", "FR": "R", "FC": "C", "LFE": "LFE", "LFE2": "LFE2",
    "FLC": "Lc", "FRC": "Rc", "BC": "Cs", "DL": "Lt", "DR": "Rt",
}  # fmt: skip
_SURROUNDS = {"SL": "Ls", "SR": "Rs", "BL": "Ls", "BR": "Rs"}
_SURROUNDS_OF_SEVEN = {"SL": "Lss", "SR": "Rss", "BL": "Lrs", "BR": "Rrs"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainerReading:
    """What libav says. `main_picture`: position among the picture tracks. `indexed_frames`: frames that the index has
    and edits show, by the identity of the track, where it was asked for. `carrier_tracks`: what
    the fact of that name lists, as far as libav knows it. `other_tracks`: index of each track that is neither picture
    nor sound, by its identity."""

    reading: Reading
    format_name: str
    main_picture: int | None
    indexed_frames: Mapping[int, int]
    carrier_tracks: tuple[str, ...] = ()
    other_tracks: Mapping[int, int] = field(default_factory=dict)


def read_container(path: Path, *, counts_shown: frozenset[int] = frozenset()) -> ContainerReading:
    """Read `path` by libav; its errors (`av.error.FFmpegError`) come through.

    `counts_shown`: identities of picture tracks whose shown frames must be counted in the index, because edits cut
    them.
    """
    with open_master(path) as container:
        return _read(container, counts_shown)


def _read(container: InputContainer, counts_shown: frozenset[int]) -> ContainerReading:
    format_name = container.format.name
    base_s = Fraction(container.start_time or 0, 1_000_000) if format_name in _TIMED_BY_CLOCK else Fraction(0)
    pictures = [stream for stream in container.streams.video if not _is_cover(stream)]
    sounds = list(container.streams.audio)
    timecodes = tuple(_timecodes(container, format_name))
    sound_tracks = tuple(
        replace(
            _sound(stream, base_s, format_name),
            is_substream=_is_substream(stream, format_name),
            opus=opus_priming(_extradata(stream)),
        )
        for stream in sounds
    )
    stated = [_picture(stream, base_s, format_name) for stream in pictures]
    counts_ticks = format_name == "avi"  # its header counts in ticks of its own, which may be fields
    indexed = {s.id: _shown_frames(s) for s in pictures if s.id in counts_shown or counts_ticks}
    indexed = {identity: count for identity, count in indexed.items() if count}
    packets = _first_packets(container, pictures, sounds)
    sound_tracks = tuple(
        _with_coded(sound_tracks, [_pcm_start(*pair, packets) for pair in zip(sounds, sound_tracks, strict=True)])
    )
    sound_tracks = tuple(
        replace(track, bitstream=read_sound_header(_codec_name(stream), _extradata(stream), packets[stream.index]))
        if _codec_name(stream) in STATING_CODECS
        else track
        for track, stream in zip(sound_tracks, sounds, strict=True)
    )
    tracks = [
        _with_bitstream(track, stream, packets[stream.index]) for track, stream in zip(stated, pictures, strict=True)
    ]
    return ContainerReading(
        reading=Reading(
            general=_general(container, format_name),
            pictures=tuple(tracks),
            sounds=sound_tracks,
            texts=tuple(_text(stream) for stream in container.streams.subtitles),
            timecodes=timecodes,
            version=av.ffmpeg_version_info,
        ),
        format_name=format_name,
        main_picture=_main(pictures),
        indexed_frames=indexed,
        carrier_tracks=tuple(_carriers(container, format_name)),
        other_tracks={one.id: one.index for one in container.streams if one.type not in ("video", "audio")},
    )


def _is_cover(stream: Stream) -> bool:
    return bool(stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))


def _main(pictures: Sequence[VideoStream]) -> int | None:
    """Position of the main picture track: the default one, else the largest, else the first."""
    if not pictures:
        return None
    default = [i for i, stream in enumerate(pictures) if stream.disposition & Disposition.default]
    candidates = default or range(len(pictures))

    def area(position: int) -> int:
        context = pictures[position].codec_context
        return context.width * context.height if context is not None else 0

    return max(candidates, key=lambda position: (area(position), -position))


def _first_packets(
    container: InputContainer, pictures: Sequence[VideoStream], sounds: Sequence[AudioStream]
) -> dict[int, list[Any]]:
    """The first packets of each picture track, and those of the first part of a second of each PCM track, as far as
    they come early."""
    packets: dict[int, list[Any]] = {stream.index: [] for stream in pictures}
    open_s = {stream.index: _SOUND_SEEN_S for stream in sounds if _is_integer_pcm(stream)}
    packets |= {index: [] for index in open_s}
    coded = [stream.index for stream in sounds if _codec_name(stream) in STATING_CODECS]
    packets |= {index: [] for index in coded}
    if not packets:
        return packets
    read_bytes = 0
    for seen, packet in enumerate(packets_of(container, list(container.streams))):
        index, held = packet.stream_index, packets.get(packet.stream_index, [])
        read_bytes += packet.size
        if packet.size and (open_s.get(index, 0) > 0 if index in open_s else len(held) < _PACKETS_A_TRACK):
            held.append(packet)
            if index in open_s:
                open_s[index] -= float((packet.duration or 0) * (packet.time_base or 0))
        has_pictures = all(len(packets[stream.index]) >= _PACKETS_A_TRACK for stream in pictures)
        is_sound_seen = all(left <= 0 for left in open_s.values()) and all(
            len(packets[index]) >= _SOUND_PACKETS for index in coded
        )
        is_sound_done = is_sound_seen or read_bytes >= _SOUND_SEEN_BYTES
        if seen >= _SEEN_PACKETS or (has_pictures and is_sound_done):
            break
    return packets


def _is_integer_pcm(stream: AudioStream) -> bool:
    match = _PCM.match(_codec_name(stream))
    return match is not None and match["kind"] == "s" and int(match["bits"]) in (16, 24, 32)


def _pcm_start(stream: AudioStream, track: TrackReading, packets: Mapping[int, Sequence[Any]]) -> PcmStart | None:
    held, name = packets.get(stream.index, ()), _codec_name(stream)
    match, channels = _PCM.match(name), track.facts.get("channel_count")
    if not held or match is None or not channels:
        return None
    return PcmStart(
        data=b"".join(bytes(packet) for packet in held),
        sample_bytes=int(match["bits"]) // 8,
        channel_count=channels,
        is_big_endian=name.endswith("be"),
    )


def _with_coded(tracks: Sequence[TrackReading], starts: Sequence[PcmStart | None]) -> Iterator[TrackReading]:
    coded = find_coded(starts)
    for number, track in enumerate(tracks):
        coding, channels = coded.get(number, ("", ()))
        is_whole = bool(channels) and len(channels) == track.facts.get("channel_count")
        facts = track.facts | ({"codec": coding} if is_whole else {})
        yield replace(track, facts=facts, coded_channels=channels)


def _shown_frames(stream: Stream) -> int:
    return sum(not entry.is_discard and entry.size > 0 for entry in stream.index_entries)


def _general(container: InputContainer, format_name: str) -> Facts:
    name = format_name.split(",")[0]
    facts: Facts = {"wrapper.format": words.WRAPPER_FORMAT.from_libav(name)}
    if container.duration is not None and container.duration > 0 and format_name not in _WITHOUT_TIMES:
        facts["wrapper.duration_s"] = Fraction(container.duration, 1_000_000)
    title = container.metadata.get("title")
    return facts | ({"wrapper.title": title} if title else {})


def _codec_name(stream: Stream) -> str:
    """libav's name of the coding, whatever decoder it chose; the four-character code where it has no decoder."""
    context = stream.codec_context
    if context is None:
        return ""
    return str(context.codec.canonical_name if hasattr(context.codec, "canonical_name") else context.name)


def _times(stream: Stream, base_s: Fraction, format_name: str) -> Facts:
    facts: Facts = {}
    if stream.time_base:
        if stream.duration is not None and stream.duration > 0 and format_name not in _WITHOUT_TIMES:
            facts["duration_s"] = stream.duration * stream.time_base
        facts["start_s"] = (stream.start_time or 0) * stream.time_base - (
            base_s if stream.start_time is not None else 0
        )
    return facts


def _language(stream: Stream) -> Facts:
    language = stream.metadata.get("language")
    return {"language": language} if language else {}


def _tag(stream: Stream) -> str | None:
    """The four-character code; None where it is a number, as in AVI and in transport streams."""
    context = stream.codec_context
    try:
        tag = (context.codec_tag if context is not None else "").replace("\0", "").strip()
    except UnicodeDecodeError:
        return None
    return tag if tag and tag.isprintable() and tag.isascii() else None


def _track(stream: Stream, facts: Facts) -> TrackReading:
    stated = {name: value for name, value in facts.items() if value is not None}
    return TrackReading(index=stream.index, identity=stream.id, facts=stated)


def _picture(stream: VideoStream, base_s: Fraction, format_name: str) -> TrackReading:
    context, name = stream.codec_context, _codec_name(stream)
    facts: Facts = {**_times(stream, base_s, format_name), **_language(stream), "codec_tag": _tag(stream)}
    facts["codec"] = words.PICTURE_CODEC.from_libav(name or _tag(stream) or "unknown")
    facts["frame_rate"] = _rate(stream)
    facts["frame_count"] = stream.frames or None
    if context is None:
        return _track(stream, facts)
    facts |= {"width_px": context.width or None, "height_px": context.height or None}
    facts |= {"codec_profile": _profile(stream, name), "codec_level": level_name(name, context.level)}
    facts["pixel_aspect_ratio"] = stream.sample_aspect_ratio or None
    if format_name in _MEAN_BIT_RATE_FORMATS:
        facts["bit_rate_bps"] = context.bit_rate or None
    return _track(stream, facts | pixel_facts(context.format))


def _rate(stream: VideoStream) -> Fraction | None:
    rate = stream.average_rate
    return rate if rate and rate > 0 else None


def _profile(stream: Stream, name: str) -> str | None:
    if name == "prores":
        for raw in (_tag(stream), stream.profile):
            profile = words.PRORES_PROFILE.from_libav(raw or "")
            if not profile.startswith("other:"):
                return profile
    stated = stream.profile
    return stated.lower().replace(" ", "_") if stated else None


def _extradata(stream: Stream) -> bytes | None:
    return stream.codec_context.extradata if stream.codec_context is not None else None


def _with_bitstream(track: TrackReading, stream: VideoStream, packets: Sequence[Any]) -> TrackReading:
    stated, is_read = read_bitstream(_codec_name(stream), _extradata(stream), packets)
    return TrackReading(
        index=track.index, identity=track.identity, facts=track.facts, bitstream=stated, is_essence_read=is_read
    )


def _sound(stream: AudioStream, base_s: Fraction, format_name: str) -> TrackReading:
    context, name = stream.codec_context, _codec_name(stream)
    facts: Facts = {**_times(stream, base_s, format_name), **_language(stream)}
    facts["codec"] = _sound_codec(name or _tag(stream) or "unknown")
    if context is None:
        return _track(stream, facts)
    match = _PCM.match(name)
    facts["sample_rate_hz"] = context.sample_rate or None
    facts["bit_depth_bits"] = int(match["bits"]) if match else None
    facts["codec_profile"] = "float" if match and match["kind"] == "f" else _profile(stream, name)
    labels = _channel_labels(context)
    facts["channel_count"] = len(labels) or None
    if any(labels):
        facts |= {"channel_labels": labels, "layout": layout_of(labels)}
    if match or format_name in _MEAN_BIT_RATE_FORMATS:
        facts["bit_rate_bps"] = context.bit_rate or None
    return _track(stream, facts)


def _is_substream(stream: AudioStream, format_name: str) -> bool:
    """Whether a stream is one substream of an IAMF mix, if its file holds one. libav makes a stream of each, marks all
    but the first as dependent, and gives none the code of the sample entry that they share."""
    return format_name == "iamf" or bool(stream.disposition & _DEPENDENT) or _tag(stream) is None


def _sound_codec(name: str) -> str:
    if _PCM.match(name) or name in _PCM_DISC:
        return "pcm"
    return "adpcm" if name.startswith("adpcm_") else words.SOUND_CODEC.from_libav(name.removeprefix("pcm_"))


def _channel_labels(context: AudioCodecContext) -> list[str]:
    """SMPTE ST 2067-8 labels; empty strings for channels that nothing labels. A lone FC is mono: libav tells no
    centre from it."""
    names = [channel.name for channel in hold(context.layout).channels]
    if names == ["FC"]:
        return [MONO_LABEL]
    is_seven = {"SL", "BL"} <= set(names)
    known = _LABELS | (_SURROUNDS_OF_SEVEN if is_seven else _SURROUNDS)
    return [known.get(name, "") for name in names]


def _text(stream: Stream) -> TrackReading:
    name = _codec_name(stream) or _tag(stream) or "unknown"
    if name == "mov_text" and _tag(stream) == "text":
        name = "qt_text"  # a format of its own, whose samples are not UTF-8
    return _track(stream, {"codec": name.lower(), **_language(stream)})


_ST436 = {"vbi_vanc_smpte_436M": "st436_vanc", "vbi_smpte_436M": "st436_vbi"}
_NO_CAPTIONS = frozenset(["scte_35", "epg", "timed_id3", "klv"])
_STREAMS = ("mpegts", "mpeg")


def _carriers(container: InputContainer, format_name: str) -> Iterator[str]:
    """The tracks, other than picture, that carry captions, or of which libav does not tell what they carry. Those of
    QuickTime and MP4 are told by their sample entries, which libav knows in part."""
    if format_name == "gxf":
        yield "unknown"  # libav passes over its tracks of ancillary data
    for stream in container.streams:
        name = stream.codec_context.name if stream.codec_context is not None else getattr(stream, "name", None)
        if format_name == "mxf" and stream.type == "data":
            yield _ST436.get(stream.metadata.get("data_type", ""), "unknown")
        elif format_name in _STREAMS and stream.type not in ("video", "audio") and name not in _NO_CAPTIONS:
            is_known = stream.type == "subtitle" and name is not None
            yield from ("dvb_teletext",) if "teletext" in (name or "") else () if is_known else ("unknown",)


def _timecodes(container: InputContainer, format_name: str) -> list[StatedTimecode]:
    """Timecodes in tags, which is where Matroska and the like carry them; the walkers read those of MOV and MXF."""
    if format_name.startswith(("mov", "mxf")):
        return []
    holders = [container.metadata, *(stream.metadata for stream in container.streams)]
    found = (metadata.get("timecode") or metadata.get("TIMECODE") for metadata in holders)
    return [StatedTimecode(source="tag", start=start) for start in dict.fromkeys(filter(None, found))]

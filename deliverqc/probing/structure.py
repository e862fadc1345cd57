"""What the wrapper states and promises in its own bytes, one shape for all formats; reads no essence and asks no
library.

ISO base media and QuickTime, RIFF and AIFF, Matroska and MXF are walked; of transport and programme streams, FLAC, Ogg
and bare sound the ends are looked at. Of other formats nothing is known here: everything is None.

The reader of a format is imported where a file of it is met: all of them take 20 ms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from deliverqc.facts.model import Facts
from deliverqc.probing.descriptions import description_changes
from deliverqc.probing.reading import HeaderFault, StatedEncryption, StatedLength, StatedTimecode
from deliverqc.probing.wrappers.bounds import BoundedFile
from deliverqc.probing.wrappers.isobmff import TOP_LEVEL, BoxFile, BoxTrack, Matrix, read_boxes

if TYPE_CHECKING:
    from deliverqc.probing.wrappers.fragments import Fragments
    from deliverqc.probing.wrappers.mxf_identity import TrackFileIdentity
    from deliverqc.probing.wrappers.priming import Priming
    from deliverqc.probing.wrappers.program_tables import Program

_MXF_LABEL = b"\x06\x0e\x2b\x34"
_MXF_PARTITION = bytes.fromhex("060e2b34020501010d0102")
_PACK = b"\0\0\1\xba"  # of a programme stream, which discs fill up with zeros
_CODEC_DELAY_S = Fraction(
    1, 10
)  # house choice: above the priming of every AAC and Opus encoder, below any edit made by hand
_ROUNDING_S = Fraction(1, 10)  # house choice: as for tracks of unequal length, above the padding of any coding


_NANOSECOND_S = Fraction(1, 10**9)

_TEXT_ENTRIES = ("stpp", "wvtt")
"""Sample entries of text that libav does not know (ISO/IEC 14496-30)."""

_IAMF_HEADER = b"\xf8"  # OBU type 31, sequence header (IAMF v1.0, section 3.4)


@dataclass(frozen=True, kw_only=True, slots=True)
class Structure:
    """What the bytes of the wrapper say.

    `general` holds facts by their registered names. What is told of tracks goes by the identity that `keyed_by` names:
    `identity` (track identifier), `index` (position among all tracks) or `order` (position among the tracks of its
    kind). `stated_sounds`: channels and rate that the wrapper states of sound, to compare. `mirrored`: picture tracks
    whose display matrix mirrors them. `cut_pictures`: identities of picture tracks that edits cut, so that not every
    frame is shown. `edited_tracks`: those of all tracks whose edits or fragments make
    their duration another than that of their media. `lengths`: of tracks, or of the file, as the wrapper states them.
    `sound_elements`: beds and objects of the audio by its own metadata; `has_unread_elements`: it has some that cannot
    be read. `primings`: what is stated of audio tracks; None of formats that are not searched for it. `holds_iamf`: an
    audio track is immersive audio of several substreams (IAMF). `caption_entries`: sample entries of the tracks that
    hold closed captions, by the identity of the track; `text_entries`: those of TTML and WebVTT.
    `programs`: of a transport stream, empty where it announces
    none; None of other formats. `identity`: ids, languages and descriptors of an MXF file. `unread`: why a part of the
    wrapper's own metadata could not be read; None where all was. `is_closed`: its writer came to the end; None where
    the format has no mark of that. `shows_cut_end`: a file that was cut at any place can be told from a whole one;
    None where nothing is known of the format.
    """

    family: str = ""
    has_index: bool = True
    missing_byte_count: int | None = None
    is_closed: bool | None = None
    shows_cut_end: bool | None = None
    lengths: tuple[StatedLength, ...] = ()
    encryptions: tuple[StatedEncryption, ...] = ()
    description_changes: tuple[Facts, ...] = ()
    general: Facts = field(default_factory=dict)
    unread: str | None = None
    keyed_by: str = "identity"
    pictures: Mapping[int, Facts] = field(default_factory=dict)
    sounds: Mapping[int, Facts] = field(default_factory=dict)
    stated_sounds: Mapping[int, Facts] = field(default_factory=dict)
    pixel_aspect_ratios: Mapping[int, Fraction] = field(default_factory=dict)
    header_sizes_px: Mapping[int, tuple[Fraction, Fraction]] = field(default_factory=dict)
    rotations_deg: Mapping[int, int] = field(default_factory=dict)
    mirrored: frozenset[int] = frozenset()
    enabled_pictures: Mapping[int, bool] = field(default_factory=dict)
    enabled_sounds: Mapping[int, bool] = field(default_factory=dict)
    holds_iamf: bool = False
    caption_entries: Mapping[int, str] = field(default_factory=dict)
    text_entries: Mapping[int, str] = field(default_factory=dict)
    sound_elements: Sequence[Facts] | None = None
    has_unread_elements: bool = False
    alternate_groups: Mapping[int, int] = field(default_factory=dict)
    primings: Mapping[int, Priming] | None = None
    frame_rate_modes: Mapping[int, str] = field(default_factory=dict)
    cut_pictures: frozenset[int] = frozenset()
    edited_tracks: frozenset[int] = frozenset()
    centre_channels: frozenset[int] = frozenset()
    timecodes: tuple[StatedTimecode, ...] = ()
    programs: tuple[Program, ...] | None = None
    identity: TrackFileIdentity | None = None


def read_structure(path: Path, size: int) -> Structure:
    """Walk the wrapper of `path`; an OSError of the file system comes through, TooMuchError of one that is larger than
    is read."""
    with BoundedFile(path) as file:
        start = file.read(64)
        if start[:4] in (b"RIFF", b"RF64", b"BW64", b"FORM"):
            return _of_riff(file, size)
        if start[:1] == _IAMF_HEADER and start[2:6] == b"iamf":
            return Structure(holds_iamf=True)
        if start[:4] == b"\x1aE\xdf\xa3":
            return _of_matroska(file, size)
        if start[:4] == _MXF_LABEL or _MXF_PARTITION in start + file.read(65536):
            return _of_mxf(file, size)
        if start[4:8].decode("latin-1") in TOP_LEVEL:
            return _of_boxes(file, size)
        return _of_stream(file, size)


def _of_stream(file: BinaryIO, size: int) -> Structure:
    from deliverqc.probing.wrappers.bare_frames import ends_in_zeros, read_frame_end
    from deliverqc.probing.wrappers.multiplexes import read_programme_end, read_transport_end, scrambled
    from deliverqc.probing.wrappers.priming import of_mp3
    from deliverqc.probing.wrappers.program_tables import read_programs
    from deliverqc.probing.wrappers.sound_files import read_sound_file
    from deliverqc.probing.wrappers.sound_formats import read_sound_format
    from deliverqc.probing.wrappers.streams import read_sound_stream

    stream = read_sound_stream(file, size)
    if stream is not None:
        return Structure(
            missing_byte_count=stream.missing_byte_count,
            is_closed=stream.is_closed,
            shows_cut_end=stream.shows_cut_end,
            lengths=stream.lengths,
            keyed_by="order",
            primings=of_mp3(file),
        )
    frames = read_frame_end(file, size)
    if frames is not None:
        return Structure(
            missing_byte_count=frames.missing_byte_count or None,
            keyed_by="order",
            primings=of_mp3(file),
            is_closed=False if ends_in_zeros(file, size) else frames.is_closed,
            shows_cut_end=False,
        )
    file.seek(0)
    start = file.read(65536)
    sound = read_sound_file(file, size, start)
    if sound is not None:
        form = read_sound_format(file, size)
        return Structure(
            missing_byte_count=_missing(sound.promised_end, size),
            is_closed=sound.is_closed,
            shows_cut_end=True,
            keyed_by="index",
            sounds={} if form is None else {0: form.to_facts(size)},
        )
    was_never_filled = not start.startswith(_PACK) and ends_in_zeros(file, size)
    for missing in (read_programme_end(file, size, start), read_transport_end(file, size, start)):
        if missing is not None:
            return Structure(
                missing_byte_count=missing or None,
                is_closed=False if was_never_filled else None,
                shows_cut_end=False,
                encryptions=tuple(
                    StatedEncryption(scheme=mark, key=key) for key, mark in scrambled(file, size, start).items()
                ),
                programs=read_programs(file, size, start),
            )
    has_start_code = start.startswith((b"\0\0\1", b"\0\0\0\1"))
    return Structure(is_closed=False if has_start_code and was_never_filled else None)


def _missing(promised_end: int | None, size: int) -> int | None:
    return None if promised_end is None else max(0, promised_end - size)


def _start(file: BinaryIO, length: int = 4) -> bytes:
    file.seek(0)
    return file.read(length)


def _of_riff(file: BinaryIO, size: int) -> Structure:
    from deliverqc.probing.wrappers.broadcast_wave import read_broadcast_wave
    from deliverqc.probing.wrappers.riff import read_riff
    from deliverqc.probing.wrappers.sound_formats import read_sound_format

    found = read_riff(file, size)
    broadcast = read_broadcast_wave(file, size)
    wave = read_sound_format(file, size)
    return Structure(
        family="riff",
        missing_byte_count=_missing(found.promised_end, size),
        is_closed=found.is_closed,
        shows_cut_end=True,
        lengths=tuple(found.lengths),
        general={
            "wrapper.riff_chunks": found.chunks,
            "wrapper.header_faults": _rows(found.faults),
            **broadcast.facts,
            **({"wrapper.format": "rf64"} if _start(file) in (b"RF64", b"BW64") else {}),
        },
        sounds={} if wave is None else {0: wave.to_facts(size)},
        keyed_by="index",
        timecodes=broadcast.timecodes,
        sound_elements=broadcast.elements,
        has_unread_elements=broadcast.has_unread_elements,
        pictures=found.pictures,
        frame_rate_modes={number: "constant" for number, facts in found.pictures.items() if "frame_rate" in facts},
    )


def _of_matroska(file: BinaryIO, size: int) -> Structure:
    from deliverqc.probing.wrappers.matroska import read_ebml
    from deliverqc.probing.wrappers.priming import Priming

    found = read_ebml(file, size)
    return Structure(
        family="matroska",
        missing_byte_count=_missing(found.promised_end, size),
        shows_cut_end=found.is_followed and (found.is_sized or found.duration_s is not None),
        lengths=() if found.duration_s is None else (StatedLength(source="Info", duration_s=found.duration_s),),
        encryptions=tuple(StatedEncryption(scheme=scheme, name=name) for name, scheme in found.encryptions.items()),
        general={"wrapper.format": "webm"} if b"webm" in _start(file, 64) else {},  # EBML header, DocType
        keyed_by="order",
        pictures=dict(enumerate(found.pictures.values())),
        rotations_deg=dict(enumerate(found.rotations_deg)),
        mirrored=frozenset(order for order, is_mirrored in enumerate(found.mirrored) if is_mirrored),
        enabled_pictures=dict(enumerate(found.enabled_pictures)),
        enabled_sounds=dict(enumerate(found.enabled_sounds)),
        primings={
            order: Priming(source="codec_delay", start=delay, unit_s=_NANOSECOND_S)
            for order, delay in enumerate(found.codec_delays)
            if delay
        },
        stated_sounds=dict(enumerate(found.sounds)),
    )


def _of_mxf(file: BinaryIO, size: int) -> Structure:
    from deliverqc.probing.wrappers.mxf import read_mxf
    from deliverqc.probing.wrappers.mxf_facts import read_statements
    from deliverqc.probing.wrappers.mxf_header import read_header
    from deliverqc.probing.wrappers.mxf_identity import identity_of

    header = read_header(file, size)
    found = read_mxf(file, size, header)
    stated = read_statements(file, size, header)
    own = {stated.shown_as.get(linked, linked): facts for linked, facts in found.pictures.items()}
    if len(own) == len(stated.pictures) == 1:  # a single descriptor need not say which track it describes
        own = dict(zip(stated.pictures, own.values(), strict=True))
    pictures = {key: {**stated.pictures.get(key, {}), **facts} for key, facts in own.items()}
    return Structure(
        family="mxf",
        missing_byte_count=_missing(found.promised_end, size),
        is_closed=found.is_closed,
        shows_cut_end=found.is_closed is not None,
        encryptions=(StatedEncryption(scheme="SMPTE ST 429-6"),) if found.is_encrypted else (),
        general={
            "wrapper.mxf_header_partition": found.header_partition,
            "wrapper.mxf_operational_pattern": found.operational_pattern,
            **stated.general,
            "wrapper.header_faults": _rows(stated.faults),
        },
        unread=stated.unread,
        pictures=pictures,
        sounds=stated.sounds,
        stated_sounds=stated.stated_sounds,
        frame_rate_modes={number: "constant" for number, facts in pictures.items() if "frame_rate" in facts},
        timecodes=tuple(found.timecodes),
        identity=None if header is None else identity_of(header),
    )


def _rows(faults: Sequence[HeaderFault] | None) -> list[Facts] | None:
    """The rows of `wrapper.header_faults`."""
    return None if faults is None else [{"place": fault.place, "message": fault.message} for fault in faults]


def _fragments(file: BinaryIO, size: int, found: BoxFile) -> Fragments:
    from deliverqc.probing.wrappers.fragments import read_fragments

    return read_fragments(file, size, found)


def _of_boxes(file: BinaryIO, size: int) -> Structure:
    from deliverqc.probing.wrappers.box_faults import box_faults
    from deliverqc.probing.wrappers.priming import of_boxes

    found = read_boxes(file, size)
    pictures = [track for track in found.tracks if track.handler == "vide"]
    sounds = [track for track in found.tracks if track.handler == "soun"]
    primings = of_boxes(file, size, found)
    shown = {track.identity: _product(track.matrix, found.matrix) for track in pictures}
    fragments = _fragments(file, size, found) if found.is_fragmented else None
    promised_end = max(found.promised_end, fragments.promised_end if fragments is not None else 0)
    return Structure(
        family="boxes",
        has_index=found.has_index,
        caption_entries={
            track.identity: track.entry
            for track in found.tracks
            if track.handler == "clcp" or track.entry in ("c608", "c708")
        },
        text_entries={track.identity: track.entry for track in found.tracks if track.entry in _TEXT_ENTRIES},
        missing_byte_count=max(0, promised_end - size) or (0 if fragments is None else fragments.unreached_byte_count),
        shows_cut_end=fragments is None or fragments.shows_cut_end,
        lengths=(
            (*_indexed_lengths(found), *_edited_lengths(found), *_joined_lengths(found))
            if fragments is None
            else tuple(fragments.lengths)
        ),
        encryptions=tuple(
            StatedEncryption(scheme=track.encryption, key=track.identity) for track in found.tracks if track.encryption
        ),
        description_changes=tuple(
            {"track": f"picture {order}", **change}
            for order, track in enumerate(pictures)
            for change in description_changes(track)
        ),
        general={
            "wrapper.brand": found.brand,
            "wrapper.header_faults": _rows(box_faults(file, size)),
            "wrapper.index_before_essence": found.index_before_essence,
            "wrapper.edit_list_count": sum(not _is_plain(track, found) for track in found.tracks),
        },
        pictures={track.identity: track.picture for track in pictures},
        pixel_aspect_ratios={t.identity: t.pixel_aspect_ratio for t in pictures if t.pixel_aspect_ratio is not None},
        header_sizes_px={t.identity: t.header_size_px for t in pictures if t.header_size_px is not None},
        rotations_deg={identity: _rotation(matrix) for identity, matrix in shown.items()},
        mirrored=frozenset(identity for identity, (a, b, c, d) in shown.items() if a * d < b * c),
        enabled_pictures={track.identity: track.is_enabled for track in pictures},
        enabled_sounds={track.identity: track.is_enabled for track in sounds},
        primings=primings,
        holds_iamf=any(track.entry == "iamf" for track in sounds),
        stated_sounds={track.identity: track.sound for track in sounds},
        alternate_groups={track.identity: track.alternate_group for track in sounds if track.alternate_group},
        frame_rate_modes={
            track.identity: "constant" if track.cadence.is_constant else "variable"
            for track in pictures
            if track.cadence is not None and track.sample_count > 1
        },
        cut_pictures=frozenset(track.identity for track in pictures if not _is_plain(track, found)),
        edited_tracks=frozenset(
            track.identity for track in found.tracks if found.is_fragmented or any(start for _, start in track.edits)
        ),
        centre_channels=frozenset(track.identity for track in found.tracks if track.is_centre_channel),
        timecodes=tuple(track.timecode for track in found.tracks if track.timecode is not None),
    )


def _product(first: Matrix, second: Matrix) -> Matrix:
    """The matrix that applies `first`, then `second` (ISO/IEC 14496-12: the track's, then the movie's)."""
    (a, b, c, d), (e, f, g, h) = first, second
    return a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h


def _rotation(matrix: Matrix) -> int:
    """Clockwise rotation of a display matrix, from its first row, to the nearest degree."""
    return round(math.degrees(math.atan2(matrix[1], matrix[0]))) % 360


def _indexed_lengths(found: BoxFile) -> Iterator[StatedLength]:
    """What a track states of its media, against what its samples come to."""
    for track in found.tracks:
        if track.handler in ("vide", "soun") and track.duration and track.timescale and track.sample_count:
            frames = Fraction(2 * track.indexed_duration, track.sample_count * track.timescale)
            empty = sum(duration for duration, start in track.edits if start < 0)  # some writers count it in
            empty_s = Fraction(empty, found.movie_timescale) if found.movie_timescale else Fraction(0)
            yield StatedLength(
                source="mdhd",
                duration_s=Fraction(track.duration, track.timescale),
                key=track.identity,
                held_s=Fraction(track.indexed_duration + track.last_composition, track.timescale) + empty_s,
                tolerance_s=max(frames, _ROUNDING_S),
            )


def _joined_lengths(found: BoxFile) -> Iterator[StatedLength]:
    """What further files that were joined to this one byte by byte state, and no reader of the first index hears of."""
    for track in found.tracks:
        further = [
            other for other in found.joined if (other.identity, other.handler) == (track.identity, track.handler)
        ]
        stated = [Fraction(one.duration, one.timescale) for one in (track, *further) if one.timescale]
        if track.handler in ("vide", "soun") and further:
            yield StatedLength(
                source=f"{len(further) + 1} indexes (moov)", duration_s=sum(stated, Fraction(0)), key=track.identity
            )


def _edited_lengths(found: BoxFile) -> Iterator[StatedLength]:
    """How far the edits of a track reach into its media, against what its samples come to."""
    for track in found.tracks:
        shown = [(duration, start) for duration, start in track.edits if start >= 0 and duration]
        is_known = (
            track.handler in ("vide", "soun") and track.timescale and track.sample_count and found.movie_timescale
        )
        if not shown or not is_known or track.has_edit_rates:
            continue
        ends = (
            Fraction(start, track.timescale) + Fraction(duration, found.movie_timescale) for duration, start in shown
        )
        frames = Fraction(2 * track.indexed_duration, track.sample_count * track.timescale)
        yield StatedLength(
            source="edit list",
            duration_s=max(ends),
            key=track.identity,
            held_s=Fraction(track.indexed_duration + track.last_composition, track.timescale),
            tolerance_s=max(frames, _ROUNDING_S),
        )


def _is_plain(track: BoxTrack, found: BoxFile) -> bool:
    """No edits, or one that shows the whole track from its first composition time (pictures) or after its codec's
    delay (sound)."""
    if not track.edits or track.handler not in ("vide", "soun") or not track.timescale:
        return True
    if len(track.edits) > 1 or track.edits[0][1] < 0:
        return False
    duration, start = track.edits[0]
    if track.handler == "soun":
        return Fraction(start, track.timescale) < _CODEC_DELAY_S
    frame = track.cadence.rate if track.cadence is not None and track.cadence.rate is not None else Fraction(1)
    shown = Fraction(duration, found.movie_timescale) if found.movie_timescale else Fraction(0)
    held = Fraction(track.duration - start, track.timescale)
    is_whole = not duration or held - shown < 1 / frame
    return is_whole and start <= track.first_composition

"""Reads the headers of a master, wrapper and essence, and gives its facts; decodes one picture at most and knows no
spec.

Four readers look at a file: the walkers of its bytes (`structure`), libav (`container`), the essence's own headers
(`bitstream`) and MediaInfo (`mediainfo`). `trust` puts them together.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from deliverqc.errors import MasterError, UsageError
from deliverqc.facts.model import Facts
from deliverqc.frame_files import FrameFiles, frames_at
from deliverqc.probing.mediainfo import finish_mediainfo, start_mediainfo, stop_mediainfo
from deliverqc.probing.text_files import read_text_file, text_file_facts
from deliverqc.timebase import Timecode

if TYPE_CHECKING:
    from deliverqc.probing.container import ContainerReading
    from deliverqc.probing.mediainfo_many import ManyFiles
    from deliverqc.probing.reading import Reading, StatedLength
    from deliverqc.probing.structure import Structure
    from deliverqc.probing.wrappers.mxf_identity import TrackFileIdentity
    from deliverqc.timed_text.model import Document


@dataclass(frozen=True, kw_only=True, slots=True)
class Probed:
    """What the headers of a master say.

    `facts`: every probed fact, published. `picture_index`: libav's stream index of the main picture track;
    `sound_indexes`: those of the sound tracks in order. `promised_frame_count`: frames that the wrapper promises for
    the main picture track and its edits show; None where it promises none. `frame_rate`: at which the wrapper shows
    them, in which spans are told; `start`: the trusted timecode of the first frame. `versions`: of `libav` and
    `mediainfo`. `lengths`: of tracks and of the file, as the file states them. `jumps`: from how many seconds after
    the first frame on the trusted timecode counts from another address. `readers_lost`: the name of each reader that
    gave up, and how, in one sentence; what only it gives is missing from `facts`.
    `shown_lines`: first line and number of those that the wrapper shows of more coded lines; None for all.
    `caption_tracks`: libav's stream index of each track of closed captions in QuickTime and MP4, and which one it is.
    `text_tracks`: the same of each track of text that can be read, with its coding.
    `frames`: the files of an image sequence; its `frame_rate` is the one given where the frames state none.
    `identity`: ids, languages and descriptors that the header of an MXF file states; None where it has none that can
    be read.
    `documents`: of a master that is a file of timed text, in which nothing is decoded; None for media.
    """

    facts: Facts
    picture_index: int | None
    sound_indexes: tuple[int, ...]
    promised_frame_count: int | None
    frame_rate: Fraction | None
    start: Timecode | None
    versions: Mapping[str, str]
    lengths: tuple[StatedLength, ...] = ()
    jumps: tuple[tuple[Fraction, Timecode], ...] = ()
    readers_lost: tuple[tuple[str, str], ...] = ()
    shown_lines: tuple[int, int] | None = None
    frames: FrameFiles | None = None
    caption_tracks: tuple[tuple[int, str], ...] = ()
    text_tracks: tuple[tuple[int, str], ...] = ()
    identity: TrackFileIdentity | None = None
    documents: tuple[Document, ...] | None = None


def probe(path: Path, frame_rate: Fraction | None = None, *, mediainfo: ManyFiles | None = None) -> Probed:
    """Read the headers of the file at `path`, or of the image sequence that it stands for; MasterError where it cannot
    be read as a master, UsageError where there is no such path. `frame_rate` times an image sequence whose frames do
    not state a rate. `mediainfo` reads many files; without it there is a process for this one."""
    frames = frames_at(path)
    if frames is not None:
        return _probe_frames(frames, frame_rate)
    size = _size(path)
    try:
        text = read_text_file(path)
        return _probe(path, size, mediainfo) if text is None else _probed_text(path, size, *text)
    except PermissionError as error:
        raise _no_permission(path) from error
    except OSError as error:
        raise MasterError(
            f"Could not read {path.name}: {error.strerror or error}. Check the disk or share that holds it.",
            code="not-readable",
        ) from error


def _probed_text(path: Path, size: int, found: str, documents: tuple[Document, ...]) -> Probed:
    return Probed(
        facts=text_file_facts(path, size, found, len(documents)),
        picture_index=None,
        sound_indexes=(),
        promised_frame_count=None,
        frame_rate=None,
        start=None,
        versions={"libav": "", "mediainfo": ""},
        documents=documents,
    )


def _probe_frames(frames: FrameFiles, frame_rate: Fraction | None) -> Probed:
    from deliverqc.probing.libraries import versions
    from deliverqc.probing.sequences import probe_frames  # 3 ms that other masters do not have

    try:
        trusted = probe_frames(frames, frame_rate)
    except PermissionError as error:
        raise _no_permission(Path(error.filename or frames.path)) from error
    except OSError as error:
        raise MasterError(
            f"Could not read {frames.pattern}: {error.strerror or error}. Check the disk or share that holds it.",
            code="not-readable",
        ) from error
    return Probed(
        facts=trusted.facts,
        picture_index=trusted.picture_index,
        sound_indexes=(),
        promised_frame_count=trusted.promised_frame_count,
        frame_rate=trusted.frame_rate,
        start=trusted.start,
        jumps=trusted.jumps,
        versions={"libav": versions()["libav"], "mediainfo": ""},
        frames=frames,
    )


def _size(path: Path) -> int:
    try:
        status = path.stat()
    except PermissionError as error:
        raise _no_permission(path) from error
    except (OSError, ValueError) as error:
        if path.is_symlink():
            message = (
                f"{path.name} is a link to {path.readlink()}, which does not exist. Restore the file, or the link."
            )
            raise UsageError(message, code="no-such-file") from error
        raise UsageError(f"There is no file {path}. Check the path.", code="no-such-file") from error
    if not stat.S_ISREG(status.st_mode):
        raise MasterError(f"{path.name} is not a file. Name the master itself.", code="not-media")
    if status.st_size == 0:
        raise MasterError(f"{path.name} is empty (0 bytes). Export or copy it again.", code="empty-file")
    return status.st_size


def _no_permission(path: Path) -> MasterError:
    return MasterError(
        f"Could not open {path.name}: permission denied. Give this user the right to read it.", code="no-permission"
    )


def _probe(path: Path, size: int, mediainfo: ManyFiles | None) -> Probed:
    if mediainfo is not None:
        mediainfo.start(path)
        return _read(path, size, mediainfo.finish)
    process = start_mediainfo(path)
    try:
        return _read(path, size, partial(finish_mediainfo, process))
    finally:
        stop_mediainfo(process)


def _read(path: Path, size: int, answer_of_mediainfo: Callable[[], Reading | str]) -> Probed:
    # libav and the readers cost 80 ms to import, which pass while MediaInfo reads in its process
    from deliverqc.probing.lost_readers import lost_reader, walked
    from deliverqc.probing.trust import put_together

    structure, lost = walked(path, size)
    if structure.family == "boxes" and not structure.has_index:
        raise MasterError(
            f"{path.name} has no index (moov): it was cut before its end, or is still being written. "
            "Export or copy it again.",
            code="no-index",
        )
    container = _opened(path, structure)
    answer = answer_of_mediainfo()
    mediainfo = None if isinstance(answer, str) else answer
    reading = container.reading
    if not (reading.pictures or reading.sounds or reading.texts):
        _refuse_unknown_tracks(path, mediainfo)
    file: Facts = {
        "sequence.file_format": None,
        "file.name": path.name,
        "file.extension": path.suffix.lower().removeprefix("."),
        "file.size_bytes": size,
    }
    has_tracks = mediainfo is not None and (mediainfo.pictures or mediainfo.sounds or mediainfo.texts)
    if not has_tracks:
        lost |= lost_reader("mediainfo", answer if isinstance(answer, str) else "found no track in it")
    if not all(track.is_essence_read for track in reading.pictures):
        lost |= lost_reader("libav", "could not read the first pictures of a track")
    trusted = put_together(container, mediainfo if has_tracks else None, structure, file, lost=frozenset(lost))
    return Probed(
        facts=trusted.facts,
        picture_index=trusted.picture_index,
        sound_indexes=trusted.sound_indexes,
        promised_frame_count=trusted.promised_frame_count,
        frame_rate=trusted.frame_rate,
        start=trusted.start,
        lengths=trusted.lengths,
        jumps=trusted.jumps,
        shown_lines=trusted.shown_lines,
        caption_tracks=trusted.caption_tracks,
        text_tracks=trusted.text_tracks,
        identity=structure.identity,
        versions={"libav": reading.version, "mediainfo": mediainfo.version if mediainfo is not None else ""},
        readers_lost=tuple(sorted(lost.items())),
    )


def _opened(path: Path, structure: Structure) -> ContainerReading:
    from av.error import FFmpegError  # 60 ms, as above

    from deliverqc.probing import said_once
    from deliverqc.probing.container import read_container

    try:
        with said_once.listening():
            return read_container(path, counts_shown=structure.cut_pictures)
    except PermissionError:
        raise
    except (FFmpegError, ValueError) as error:
        raise _not_read(path, structure.family, error) from error


def _refuse_unknown_tracks(path: Path, mediainfo: Reading | None) -> None:
    """Refuse a file in which libav found no track; a file of timed text alone, which MediaInfo reads, is let
    through."""
    if mediainfo is None or not (mediainfo.pictures or mediainfo.sounds or mediainfo.texts):
        raise MasterError(
            f"{path.name} has no picture, sound or timed-text track. Check that it is the master and not a part of it.",
            code="no-tracks",
        )
    if mediainfo.pictures or mediainfo.sounds:
        raise MasterError(
            f"{path.name} has tracks that MediaInfo sees and libav cannot open, so that they cannot be checked here. "
            "Deliver a coding that libav knows, or check this master by other means.",
            code="not-openable",
        )


_FAMILIES = {
    "boxes": "a MOV or MP4 file",
    "matroska": "a Matroska file",
    "mxf": "an MXF file",
    "riff": "a RIFF or AIFF file",
}


_PACKAGE_ROOT = re.compile(rb"<(?:\w+:)?(AssetMap|VolumeIndex|PackingList|CompositionPlaylist)[\s>]")


def _package_root(path: Path) -> str:
    """The root of a document of a DCP or IMF package, from its first bytes; empty for other files."""
    try:
        with path.open("rb") as file:
            found = _PACKAGE_ROOT.search(file.read(1 << 12))
    except OSError:
        return ""
    return "" if found is None else found[1].decode()


def _not_read(path: Path, family: str, error: Exception) -> MasterError:
    """A file of a kind that we know and libav cannot open is not the same as a file that is no media at all."""
    if family:
        reason = getattr(error, "strerror", None) or error
        return MasterError(
            f"{path.name} is {_FAMILIES[family]} that libav cannot open ({reason}): its headers are damaged, or its "
            "essence is of a kind that libav does not know. Open it in the application that wrote it, or export it "
            "again.",
            code="not-openable",
        )
    if root := _package_root(path):
        return MasterError(
            f"{path.name} is a document of a package ({root}). Check the folder that holds the whole package.",
            code="not-media",
        )
    return MasterError(
        f"{path.name} is not a media file that deliverqc knows. Check that it is the master and not a sidecar.",
        code="not-media",
    )

"""Reads a master that is a file of timed text; knows no media and counts nothing in the text."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deliverqc.facts.model import Facts
    from deliverqc.timed_text.model import Document

EXTENSIONS = frozenset(("srt", "vtt", "webvtt", "ttml", "dfxp", "itt", "xml", "stl", "scc", "mcc"))
"""Those of the readers of text, which are not imported to know them: such a file is looked into whatever its head."""

_HEAD_BYTES = 64
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OF_BINARY = frozenset(range(32)) - frozenset(b"\t\n\f\r")
"""Bytes that no text holds but text in UTF-16, and of which the head of every media file has some."""


def read_text_file(path: Path) -> tuple[str, tuple[Document, ...]] | None:
    """Format and documents of the file at `path`, where it is timed text; None where it is not. TextError where it is
    and cannot be read; OSError where it cannot be opened."""
    if not _may_be_text(path):
        return None
    from deliverqc.timed_text.reading import read_text, text_format_of  # 5 ms that media do not have

    found = text_format_of(path)
    return None if found is None else (found, read_text(path))


def _may_be_text(path: Path) -> bool:
    if path.suffix.lower().removeprefix(".") in EXTENSIONS:
        return True
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_MARKS) or head[3:6] == b"STL" or (len(head) > 3 and _is_utf_16(head)):
        return True
    return _OF_BINARY.isdisjoint(head)


def _is_utf_16(head: bytes) -> bool:
    """Whether every other byte is 0, and none of those between: UTF-16 of Latin letters, without a mark."""
    even, odd = head[::2], head[1::2]
    return (not any(odd) and all(even)) or (not any(even) and all(odd))


def text_file_facts(path: Path, size: int, found: str, count: int) -> Facts:
    """Facts of a file of text in the format `found` with `count` documents: it has no picture and no audio, and nothing
    in it is decoded."""
    from deliverqc.probing.lost_readers import with_nulls

    nothing: Facts = dict.fromkeys(_NONE) | {name: [] for name in _EMPTY} | dict.fromkeys(_ZERO, 0)
    stated: Facts = {
        "file.name": path.name,
        "file.extension": path.suffix.lower().removeprefix("."),
        "file.size_bytes": size,
        "wrapper.format": found,
        "wrapper.essence_track_count": count,
        "timed_text.track_count": count,
    }
    return with_nulls(stated | nothing, "wrapper.", (), is_whole_name=True)


_ZERO = ("picture.track_count", "sound.track_count", "sound.channel_count")
_NONE = (
    "sequence.file_format",
    "decode.missing_byte_count",
    "decode.missing_frame_count",
    "decode.missing_duration_s",
    "decode.end_difference_s",
    "decode.frame_count",
    "decode.sound_start_difference_s",
    "decode.sound_end_difference_s",
    "cross_check.track_start_difference_s",
    "cross_check.track_duration_difference_s",
    "cross_check.unstated_priming_tracks",
    "sound.objects",
    "sound.mxf_track_numbers",
)
_EMPTY = (
    "wrapper.encrypted_tracks",
    "wrapper.timecodes",
    "wrapper.timecode_faults",
    "picture.tracks",
    "picture.changes",
    "picture.description_changes",
    "sound.tracks",
    "timed_text.carrier_tracks",
    "timed_text.sidecars",
    "timed_text.caption_tracks",
    "timed_text.caption_services",
    "timed_text.in_band.carriers",
    "timed_text.in_band.services",
    "decode.errors",
    "decode.warnings",
    "decode.time_gaps",
    "decode.missing_spans",
    "decode.missing_durations",
    "cross_check.layer_disagreements",
)

"""Reads the Dolby Vision metadata that lies next to a master (DolbyLabsMDF) and holds its shots to the frames of the
master; decodes nothing and resolves no entity.

Shots count on the record timecode, or from 0; both begin with the first shot here, as in dovi_tool. A file that lacks
shots at its head is too short by as many frames, which are then told at its tail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deliverqc.facts.model import Facts

if TYPE_CHECKING:
    from lxml import etree

_ROOT = b"<DolbyLabsMDF"
_HEAD_BYTES = 4096
_MOST_ERRORS = 1000
_PREFIX = "picture.dolby_vision.sidecar_"

Shot = tuple[int, int]
"""First frame and first frame after it."""


def sidecar_facts(path: Path, facts: Mapping[str, Any]) -> Facts:
    """Facts of the metadata next to the master at `path`; none where there is none."""
    sidecar = path.with_suffix(".xml") if path.suffix else path
    if sidecar == path or not facts.get("picture.track_count") or not _is_metadata(sidecar):
        return {}
    found: Facts = {f"{_PREFIX}file": sidecar.name}
    shots, count = _shots(sidecar), facts.get("picture.frame_count")
    if shots is None:
        return found | {f"{_PREFIX}errors": [_error(0, count or 0, "the file cannot be read, or has no shots")]}
    if isinstance(count, int):
        found[f"{_PREFIX}errors"] = list(_errors(shots, count))[:_MOST_ERRORS]
    return found


def _is_metadata(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return _ROOT in file.read(_HEAD_BYTES)
    except OSError:
        return False


def _shots(path: Path) -> list[Shot] | None:
    """The shots of the first output, in order of their first frames; None where one cannot be read."""
    from deliverqc.packages.documents import read_root, whole  # lxml, which most runs do not need
    from deliverqc.packages.model import Fault
    from deliverqc.safe_xml import child, children, text

    root = read_root(path, path.name)
    if isinstance(root, Fault):
        return None
    found: list[Shot] = []
    track: etree._Element | None = child(root, "Outputs", "Output", "Video", "Track")
    for shot in children(track, "Shot"):
        first, length = whole(text(shot, "Record", "In")), whole(text(shot, "Record", "Duration"))
        if first is None or not length:
            return None
        found.append((first, first + length))
    return sorted(found) or None


def _errors(shots: list[Shot], count: int) -> Iterator[dict[str, Any]]:
    origin, at = shots[0][0], 0
    for start, end in ((start - origin, end - origin) for start, end in shots):
        if start > at:
            yield _error(at, start, "no shot has metadata")
        elif start < at:
            yield _error(start, min(at, end), "two shots have metadata")
        at = max(at, end)
    if at < count:
        yield _error(at, count, "no shot has metadata")
    elif at > count:
        yield _error(count, at, "the metadata goes on behind the last frame")


def _error(start: int, end: int, message: str) -> dict[str, Any]:
    return {"start_frame": start, "end_frame": end, "message": message}

"""Finds the files of text next to a master that share its name, and reads them and those that are given with it; counts
nothing in them and judges nothing."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from deliverqc.probing.text_files import EXTENSIONS

if TYPE_CHECKING:
    from deliverqc.timed_text.model import Document

_UNSURE = ("xml",)
"""Extensions of metadata and edits too: such a file is a sidecar where its content says so."""

_MOST = 200
"""House choice: 40 languages with subtitles, captions, forced narratives and one more."""

_MOST_BYTES = 128 * 2**20
"""Of all sidecars of one master: house choice, a hundred times what a feature in 40 languages has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sidecar:
    """One file of text: its name, what it is for and its language as far as its name or the order says, and what it
    holds, or why it could not be read."""

    file: str
    role: str | None = None
    language: str | None = None
    size_bytes: int | None = None
    documents: tuple[Document, ...] = ()
    error: str | None = None


_NUMBER = re.compile(r"%0?\d*d")

_Listed = tuple[str | None, str | None, Path]
"""Role, language and path."""


def find_sidecars(
    path: Path, facts: Mapping[str, Any], given: Sequence[tuple[str, Path]] = (), *, is_sought: bool = True
) -> tuple[Sidecar, ...]:
    """The files of text of the master at `path`, of which `facts` are probed: those `given` as role and path, then
    those next to it by name, unless none `is_sought`. Of a picture and a mix of one name, they belong to the
    picture."""
    listed: list[_Listed] = [(role, None, one) for role, one in given] + (_next_to(path, facts) if is_sought else [])
    if not listed:
        return ()
    from deliverqc.timed_text.model import MOST_BYTES, MOST_EVENTS  # with the readers 5 ms that most do not need

    found: list[Sidecar] = []
    seen: list[os.stat_result] = []
    bytes_left, events_left = _MOST_BYTES, MOST_EVENTS
    for role, language, one in listed:
        status = _status(one)
        if status is not None and any(os.path.samestat(status, known) for known in seen):
            continue
        seen += [] if status is None else [status]
        size = 0 if status is None else min(status.st_size, MOST_BYTES)
        if len(found) >= _MOST:
            return (*found, _refused(one, role, language, _too_much(one)))
        sidecar = _read(one, role, language, is_certain=(role, one) in given) if size <= bytes_left else None
        count = 0 if sidecar is None else sum(len(document.events) for document in sidecar.documents)
        if size > bytes_left or count > events_left:
            found.append(_refused(one, role, language, _too_much(one)))
            continue
        bytes_left, events_left = bytes_left - size, events_left - count
        found += [] if sidecar is None else [sidecar]
    return tuple(found)


def _too_much(path: Path) -> str:
    return f"{path.name} was not read: there is too much text next to the master. Check what is in the folder."


def _next_to(path: Path, facts: Mapping[str, Any]) -> list[_Listed]:
    """The files whose names say that they belong to the master, in the order of names."""
    from deliverqc.frame_files import frames_at

    try:
        with os.scandir(path.parent) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError:
        return []
    texts = [name for name in names if not name.startswith(".") and _extension(name) in EXTENSIONS]
    if not texts or path.name in texts:
        return []
    from deliverqc.measuring.sidecar_names import belongs_to_another, has_same_stem, names_of, read_name
    from deliverqc.probing.master_names import MASTER_EXTENSIONS, PICTURE_EXTENSIONS

    frames = frames_at(path)
    master = path.name if frames is None else _NUMBER.split(frames.pattern)[0].replace("%%", "%").rstrip(" ._-")
    if not master:
        return []
    others = [name for name in names if name != path.name and _extension(name) in MASTER_EXTENSIONS]
    if facts.get("picture.track_count") == 0 and any(
        _extension(other) in PICTURE_EXTENSIONS and has_same_stem(master, other) for other in others
    ):
        return []
    known = ((name, read_name(name, names_of(master) if frames is None else (master,))) for name in texts)
    return [
        (said.role, said.language, path.parent / name)
        for name, said in known
        if said is not None and not belongs_to_another(name, master, others)
    ]


def _extension(name: str) -> str:
    return PurePath(name).suffix.lower().removeprefix(".")


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (OSError, ValueError):
        return None


def _read(path: Path, role: str | None, language: str | None, *, is_certain: bool) -> Sidecar | None:
    """What a file holds; None where it is something else of that name, or a folder."""
    from deliverqc.timed_text.model import TextError
    from deliverqc.timed_text.reading import read_text, text_format_of

    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode) and not is_certain:
            return None
        if not stat.S_ISREG(status.st_mode):
            return _refused(path, role, language, f"{path.name} is not a file that can be read.")
        if not is_certain and _extension(path.name) in _UNSURE and text_format_of(path) is None:
            return None
        if not status.st_size:
            return _refused(path, role, language, f"{path.name} is empty (0 bytes). Export or copy it again.")
        documents = read_text(path)
    except TextError as error:
        return _refused(path, role, language, error.message)
    except OSError as error:
        why = f"{path.name} cannot be opened ({error.strerror}). Check its permissions, or copy it again."
        return _refused(path, role, language, why)
    return Sidecar(file=path.name, role=role, language=language, size_bytes=status.st_size, documents=documents)


def _refused(path: Path, role: str | None, language: str | None, why: str) -> Sidecar:
    return Sidecar(file=path.name, role=role, language=language, error=why)

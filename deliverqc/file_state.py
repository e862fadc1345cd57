"""Which file a path names, and in which state, so that a change is noticed; reads no content."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from deliverqc.errors import DeliverqcError
from deliverqc.frame_files import FrameFiles, frames_at

_EARLIEST_CHANGE_NS = 631_152_000 * 10**9
"""1 January 1990. House choice: file systems without a change time give zero, or a constant such as the epoch of FAT
(1980), and no master is older."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileState:
    """Device, inode, size in bytes, and the times at which the content and the status last changed, in nanoseconds."""

    device: int
    inode: int
    size_bytes: int
    modified_ns: int
    changed_ns: int

    @property
    def has_change_time(self) -> bool:
        """Whether the file system keeps the time of the last change of status, which nothing can set back."""
        return self.changed_ns >= _EARLIEST_CHANGE_NS


def file_state(path: Path) -> FileState | None:
    """The state of the file that `path` names now, or of all frames of the sequence that it stands for; None where none
    can be opened.

    The file is opened, because a network share may answer from its memory until then.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return _state_of_pattern(path)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(handle)
    except OSError:
        return None
    finally:
        os.close(handle)
    return FileState(
        device=status.st_dev,
        inode=status.st_ino,
        size_bytes=status.st_size,
        modified_ns=status.st_mtime_ns,
        changed_ns=status.st_ctime_ns,
    )


def _state_of_pattern(path: Path) -> FileState | None:
    try:
        frames = frames_at(path)
    except (DeliverqcError, OSError, ValueError):
        return None
    return None if frames is None else state_of_frames(frames)


def state_of_frames(frames: FrameFiles) -> FileState | None:
    """The state of all files of a sequence in one: sizes summed, the latest times, and in place of an inode a number
    that names, inodes and times make; None where one cannot be looked at."""
    made = hashlib.sha256()
    size = modified = changed = device = 0
    for _, name in frames.frames:
        try:
            status = (frames.folder / name).stat()
        except OSError:
            return None
        own = (name, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        made.update(repr(own).encode("utf-8", "surrogatepass"))
        size, device = size + status.st_size, status.st_dev
        modified, changed = max(modified, status.st_mtime_ns), max(changed, status.st_ctime_ns)
    return FileState(
        device=device,
        inode=int.from_bytes(made.digest()[:8], "big"),
        size_bytes=size,
        modified_ns=modified,
        changed_ns=changed,
    )


def is_changed(path: Path, before: FileState | None) -> bool:
    """Whether `path` names another file than `before`, or the same in another state; true where either is not
    known."""
    return before is None or file_state(path) != before

"""Finds the masters under paths; knows names and folders only and opens nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from deliverqc.errors import UsageError
from deliverqc.frame_files import FRAME_EXTENSIONS, LEAST_FRAMES, frames_at, sequences_among
from deliverqc.probing.master_names import MASTER_EXTENSIONS
from deliverqc.probing.packages import asset_map_among


def discover(paths: Iterable[Path]) -> list[Path]:
    """The masters that `paths` stand for: files as they are, folders searched whole in a stable order. A folder with an
    asset map is a package, which is one master.

    An image sequence is one master: frames of one name pattern, whichever of them, or of the pattern, is named.

    Hidden files and folders are passed over, and links to folders are not followed. A path that does not exist stands
    among the others, as its check says what is wrong with it; UsageError where there is no other, and for a folder that
    holds no master. A master reached twice is checked once.
    """
    found: dict[Path, None] = {}
    missing: list[Path] = []
    for path in paths:
        if _is_closed(path):
            found[path] = None  # checking it says why it cannot be read
        elif path.is_dir():
            masters = list(_masters_in(path))
            if not masters:
                known = " ".join(sorted(MASTER_EXTENSIONS))
                stills = " ".join(sorted(FRAME_EXTENSIONS))
                raise UsageError(
                    f"{path} holds no master to check. Name a file, or a folder with files that end in: {known}; or "
                    f"with an image sequence of at least {LEAST_FRAMES} frames: {stills}",
                    code="nothing-to-check",
                )
            found.update(dict.fromkeys(masters))
        elif (frames := frames_at(path)) is not None:
            found[frames.path] = None
        elif path.exists() or path.is_symlink():
            found[path] = None
        else:
            found[path] = None
            missing.append(path)
    if missing and len(missing) == len(found):
        raise UsageError(
            f"{missing[0]} does not exist. Check the spelling, or the folder you are in.", code="missing-path"
        )
    return list(found)


def _is_closed(path: Path) -> bool:
    """Whether a folder above `path` may not be looked into, so that nothing is known of it. UsageError for what cannot
    be a path."""
    try:
        path.stat()
    except PermissionError:
        return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        name = str(path)
        shown = name if len(name) <= 80 else f"{name[:40]}…{name[-39:]}"
        raise UsageError(f"{shown} cannot be a path: {error}. Check the spelling.", code="missing-path") from error
    return False


def _masters_in(folder: Path) -> Iterable[Path]:
    for root, folders, files in os.walk(folder):
        if asset_map_among(files) is not None:
            folders.clear()
            yield Path(root)
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower().lstrip(".") in MASTER_EXTENSIONS:
                yield Path(root, name)
        yield from (frames.path for frames in sequences_among(Path(root), files))

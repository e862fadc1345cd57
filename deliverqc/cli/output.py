"""Printing and writing: messages to stderr, one document to stdout, reports to files; knows nothing of masters and
specs."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from typing import TextIO

from deliverqc.errors import UsageError

_LONGEST_NAME = 200
"""House choice: file systems take 255 bytes, and a report is written under a longer name first."""


def harmless(text: str) -> str:
    """`text` with control characters written out, so that a file's name cannot move the cursor or hide a line."""
    return "".join(
        character
        if character == "\n" or character.isprintable()
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def say(message: str, *, is_raw: bool = False) -> None:
    """One message to stderr, where it can be had: a closed one, or a full disk behind it, costs the message only."""
    if sys.stderr is None:
        return
    try:
        print(message if is_raw else harmless(message), file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _give_up(sys.stderr, 2)


def show(document: str) -> None:
    """The document that was asked for, alone on stdout; a stdout that takes no more does not change the exit code."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(document if document.endswith("\n") else document + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # who read us has seen enough
        _give_up(sys.stdout, 1)
    except (OSError, ValueError) as error:
        _give_up(sys.stdout, 1)
        say(f"stdout takes no more ({error}): the result is not shown, the exit code stands. Use --report FILE.")


def _give_up(stream: TextIO, descriptor: int) -> None:
    """Let nothing more go to a stream that takes nothing, so that the end of the run does not stumble over it."""
    with contextlib.suppress(OSError, ValueError):
        descriptor = stream.fileno()
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def wants_color() -> bool:
    """Whether stdout is a terminal that takes colour (NO_COLOR is honoured, see no-color.org)."""
    return (
        sys.stdout is not None
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def require_writable(path: Path) -> None:
    """Raise UsageError now where a report could not be written later."""
    if len(path.name) > _LONGEST_NAME:
        raise UsageError(f"--report {path.name[:40]}… is too long a name. Shorten it.", code="unwritable-report")
    if path.is_dir():
        raise UsageError(
            f"--report {path} is a folder. Name a file, such as {path / 'report.html'}", code="unwritable-report"
        )
    folder = path.parent
    if not folder.is_dir():
        raise UsageError(
            f"--report {path}: the folder {folder} does not exist. Make it first.", code="unwritable-report"
        )
    target = path if path.exists() else folder
    if not os.access(target, os.W_OK):
        raise UsageError(
            f"--report {path}: {target} cannot be written to. Choose another place.", code="unwritable-report"
        )


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` whole or not at all. UsageError when the disk refuses."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    except OSError as error:
        raise UsageError(
            f"{path} could not be written: {error.strerror}. Choose another place.", code="unwritable-report"
        ) from error
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(
            f"{path} could not be written: {error.strerror}. Choose another place.", code="unwritable-report"
        ) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

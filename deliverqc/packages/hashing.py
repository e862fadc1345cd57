"""Hashes the files of a package, each byte once; compares nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

_BUFFER_BYTES = 1 << 20
_MEGABYTE = 1_000_000


def hash_files(
    files: Iterable[Path], progress: Callable[[str, float, float | None], None] | None = None
) -> dict[Path, str | None]:
    """SHA-1 of each file in base64, as packing lists write it; None for a file that cannot be read to its end.

    `progress` gets the stage, megabytes done and megabytes in all.
    """
    asked = list(dict.fromkeys(files))
    total = sum(_size(file) for file in asked) / _MEGABYTE
    buffer = memoryview(bytearray(_BUFFER_BYTES))
    done = 0.0

    def tell(count: int) -> None:
        nonlocal done
        done += count / _MEGABYTE
        if progress is not None:
            progress("hash", done, total)

    return {file: _hashed(file, buffer, tell) for file in asked}


def _hashed(file: Path, buffer: memoryview, tell: Callable[[int], None]) -> str | None:
    made = hashlib.sha1(usedforsecurity=False)
    try:
        with file.open("rb", buffering=0) as opened:
            while count := opened.readinto(buffer):
                made.update(buffer[:count])
                tell(count)
    except OSError:
        return None
    return base64.b64encode(made.digest()).decode("ascii")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0

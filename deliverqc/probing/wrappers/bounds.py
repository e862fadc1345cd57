"""How much of a wrapper is read at most, so that a file made of boxes, chunks or tables costs a few seconds: a reader
that meets more gives up, and its facts are missing; knows no format."""

from __future__ import annotations

import io
from pathlib import Path

MOST_READS = 1_500_000
"""House choice: half more than what a day of fragments of half a second takes."""
MOST_BYTES = 1 << 30
"""House choice: sixteen tables of 64 MB."""


class TooMuchError(ValueError):
    """A wrapper holds more than is read; the text completes "gave up on this file (…)"."""


class BoundedFile(io.BufferedReader):
    """A file that walkers read, of which each `read` counts; TooMuchError beyond the bounds."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self._reads_left, self._bytes_left = MOST_READS, MOST_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self._reads_left -= 1
        self._bytes_left -= len(data)
        if self._reads_left < 0 or self._bytes_left < 0:
            raise TooMuchError("its boxes, chunks and tables are more than is read")
        return data

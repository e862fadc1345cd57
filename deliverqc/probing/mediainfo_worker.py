"""The program of a process of its own in which MediaInfo reads files; knows nothing of facts or of deliverqc.

Damaged files send MediaInfo round in circles or bring its process down, which must not be ours. The file comes as
standard input, so that no name is passed and no file that a master names is opened; MediaInfo's JSON goes to standard
output. The only argument is the size of a portion in bytes. Exit code 3: MediaInfo asked for too much, or failed.

Without an argument it reads one file after another: standard input has a line of JSON for each, with its path and the
size of a portion, and each answer is its length in eight bytes, and the JSON; 0 where there is none. The path is
opened here, and MediaInfo gets bytes.
"""

import json
import sys
from pathlib import Path
from typing import BinaryIO

from pymediainfo import MediaInfo

_MOST_READS = 16384  # house choice: MXF of any length takes 2,700 portions of 64 KiB, MOV of two hours 120
_NOT_READ = 3


class BoundedFile:
    """Hands a file to MediaInfo, and nothing any more once it has asked for too much."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._reads_left = _MOST_READS

    @property
    def is_exhausted(self) -> bool:
        return self._reads_left <= 0

    def read(self, size: int) -> bytes:
        self._reads_left -= 1
        return b"" if self.is_exhausted else self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def read_portions(file: BinaryIO, portion_bytes: int) -> str | None:
    """MediaInfo's JSON for `file`; None where it does not come to an end."""
    bounded = BoundedFile(file)
    text = MediaInfo.parse(bounded, output="JSON", full=True, buffer_size=portion_bytes)
    return None if bounded.is_exhausted else str(text)


def read_one() -> None:
    """Answer for the file that is standard input."""
    try:
        found = read_portions(sys.stdin.buffer, int(sys.argv[1]))
    except (RuntimeError, OSError, ValueError, MemoryError):
        found = None
    if found is None:
        sys.exit(_NOT_READ)
    sys.stdout.buffer.write(found.encode("utf-8", "replace"))


def read_many() -> None:
    """Answer for one file after another until standard input ends."""
    for line in sys.stdin.buffer:
        try:
            asked = json.loads(line)
            with Path(asked["path"]).open("rb") as file:
                found = (read_portions(file, asked["portion_bytes"]) or "").encode("utf-8", "replace")
        except (RuntimeError, OSError, ValueError, MemoryError):
            found = b""
        sys.stdout.buffer.write(len(found).to_bytes(8, "big") + found)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        read_one()
    else:
        read_many()

"""Reads the many files of a package by one process of MediaInfo, which is started again where a damaged file brings it
down; trusts nobody else."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from deliverqc.probing.mediainfo import (
    NO_END,
    how_it_ended,
    longest_reading_s,
    portion_bytes,
    start_for_many,
    stop_mediainfo,
    timed_out,
    understood,
)
from deliverqc.probing.reading import Reading

_LENGTH_BYTES = 8
_CHUNK_BYTES = 1 << 16


_AHEAD = 2
"""House choice: MediaInfo is never idle while we read a file, and a process that is lost costs little."""


class ManyFiles:
    """A process of MediaInfo for one file after another, which ends with the context. `start` and `finish` take turns.
    Of files that are expected, the next ones are read while we are busy with one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._asked: deque[Path] = deque()
        self._expected: deque[Path] = deque()
        self._is_waiting = False

    def __enter__(self) -> ManyFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def begin(self) -> None:
        """Start the process before the first file is known."""
        if self._process is None:
            self._process = start_for_many()

    def expect(self, paths: Iterable[Path]) -> None:
        """Files that will be started, in this order; one that is not started after all costs a process."""
        self._expected = deque(paths)

    def start(self, path: Path) -> None:
        """Begin to read `path`, where that was not begun already. An answer that was not taken is thrown away."""
        if self._is_waiting or (self._asked and self._asked[0] != path):
            self.stop()
        if not self._asked:
            self._ask(path)
        self._is_waiting = True
        while self._expected and len(self._asked) <= _AHEAD:
            following = self._expected.popleft()
            with suppress(OSError):  # who starts it will find out
                if following != path and following.stat().st_size:
                    self._ask(following)

    def _ask(self, path: Path) -> None:
        asked = {"path": str(path.absolute()), "portion_bytes": portion_bytes(path)}
        self.begin()
        self._asked.append(path)
        assert self._process is not None and self._process.stdin is not None
        with suppress(BrokenPipeError):  # `finish` says that the process is gone
            self._process.stdin.write(json.dumps(asked).encode("ascii") + b"\n")
            self._process.stdin.flush()

    def finish(self) -> Reading | str:
        """Wait for the answer, as `finish_mediainfo` does."""
        process = self._process
        assert process is not None and self._is_waiting
        end = time.monotonic() + longest_reading_s()
        try:
            length = int.from_bytes(_read(process, _LENGTH_BYTES, end), "big")
            body = _read(process, length, end)
        except TimeoutError:
            self.stop()
            return timed_out()
        except EOFError:
            try:
                return how_it_ended(process)
            finally:
                self.stop()
        self._is_waiting = False
        self._asked.popleft()
        return understood(body) if body else NO_END

    def stop(self) -> None:
        """End the process; the next file starts another."""
        if self._process is not None:
            stop_mediainfo(self._process)
            assert self._process.stdin is not None
            with suppress(BrokenPipeError):  # what was asked last was not taken
                self._process.stdin.close()
        self._process, self._is_waiting = None, False
        self._asked.clear()


def _read(process: subprocess.Popen[bytes], length: int, end: float) -> bytes:
    """So many bytes of the answer. TimeoutError where they do not come until the time `end`, EOFError where the process
    is gone."""
    assert process.stdout is not None
    found = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(found) < length:
            if not selector.select(max(0.0, end - time.monotonic())):
                raise TimeoutError
            data = os.read(process.stdout.fileno(), min(_CHUNK_BYTES, length - len(found)))
            if not data:
                raise EOFError
            found += data
    return bytes(found)

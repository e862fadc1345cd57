"""Work on successive frames, done by several threads at once and taken in order; knows no frame and no table.

The number of frames in flight is bounded: whoever feeds waits while as many are being read or wait for their turn.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

MOST_THREADS = 8
"""House choice: as many read rows three times as fast as any decoder known gives frames."""


def usable_cores() -> int:
    """Cores that this process may run on, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(slots=True)
class _Turn:
    """A frame in flight: how its row is read, and what takes the row when those before it are taken."""

    read: Callable[[], Any]
    keep: Callable[[Any], None]
    row: Any = None
    failure: BaseException | None = None
    is_read: bool = False


class InOrder:
    """Reads rows in `threads` threads, of no more than `most_in_flight` frames at a time, and keeps them in order, one
    at a time. With one thread all is done by the caller, at once."""

    def __init__(self, threads: int, most_in_flight: int) -> None:
        self._most_in_flight = most_in_flight
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="rows") if threads > 1 else None
        self._room = threading.Semaphore(most_in_flight)
        self._lock = threading.Lock()
        self._line: deque[_Turn] = deque()
        self._is_keeping = False
        self._failure: BaseException | None = None

    def put(self, read: Callable[[], Any], keep: Callable[[Any], None]) -> None:
        """Have the next row read, and kept after those before it; waits for room. Raises what an earlier frame raised,
        the first of them; nothing is kept after that."""
        if self._pool is None:
            keep(read())
            return
        self._room.acquire()
        if self._failure is not None:
            self._room.release()
            raise self._failure
        turn = _Turn(read, keep)
        with self._lock:
            self._line.append(turn)
        self._pool.submit(self._read, turn)

    def finish(self) -> None:
        """Wait until every row is kept. Raises as `put` does."""
        for _ in range(self._most_in_flight):
            self._room.acquire()
        self._room.release(self._most_in_flight)
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """End the threads; rows that are still in flight are thrown away, and so is what they raise."""
        if self._pool is not None:
            self._failure = self._failure or RuntimeError("rows are put after the end")
            self._pool.shutdown()

    def _read(self, turn: _Turn) -> None:
        try:
            if self._failure is None:
                turn.row = turn.read()
        except BaseException as failure:  # noqa: BLE001 - is raised to whoever feeds
            turn.failure = failure
        turn.is_read = True
        self._advance()

    def _advance(self) -> None:
        """Keep the rows whose turn it is, unless another thread is at it, which then looks again."""
        while (turn := self._next()) is not None:
            try:
                if self._failure is None:
                    if turn.failure is not None:
                        raise turn.failure
                    turn.keep(turn.row)
            except BaseException as failure:  # noqa: BLE001 - as above
                self._failure = failure
            with self._lock:
                self._is_keeping = False
            self._room.release()

    def _next(self) -> _Turn | None:
        with self._lock:
            if self._is_keeping or not self._line or not self._line[0].is_read:
                return None
            self._is_keeping = True
            return self._line.popleft()

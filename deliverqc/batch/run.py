"""Checks many masters in worker processes, each of which may crash, hang or run out of memory at the cost of its own
master.

A worker takes one master after another over a pipe and tells its progress. One that dies is replaced; one that tells
nothing for `silent_limit_s` is killed and replaced; each may hold only its share of the memory. What a lost worker held
becomes an entry with `error`.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from typing import Any

from deliverqc.entries import master_entry
from deliverqc.errors import UsageError
from deliverqc.pipeline import check_master
from deliverqc.request import Request
from deliverqc.signals.store import Store
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import Family, Spec

SILENT_LIMIT_S = 120.0
"""House choice: a decoder that yields no frame for two minutes does not come back; the slowest seen (8K JPEG 2000)
takes seconds."""

_MEMORY_SHARE = 0.8  # of the machine, over all workers together
_TELL_EVERY_S = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """What every worker needs to know. `memory_bytes` bounds a worker's data; None leaves it to the machine."""

    specs: Sequence[Spec | Family]
    library: SpecLibrary
    request: Request
    store: Store | None
    memory_bytes: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """News from a batch: a stage of the master at `position`, or its finished entry."""

    position: int
    stage: str
    done_s: float = 0.0
    total_s: float | None = None
    entry: dict[str, Any] | None = None


def memory_share(jobs: int) -> int | None:
    """Bytes that each of `jobs` workers may hold, from the machine's memory; None where it cannot be told."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None
    return int(total * _MEMORY_SHARE / jobs)


def run(paths: Sequence[Path], job: Job, *, jobs: int, silent_limit_s: float = SILENT_LIMIT_S) -> Iterator[Step]:
    """Check `paths` with `jobs` workers, yielding news as it comes; every path yields exactly one entry.

    Closing the iterator, or an exception inside it, kills the workers.
    """
    context = multiprocessing.get_context("spawn")
    waiting = list(range(len(paths)))[::-1]
    workers: list[_Worker] = []
    try:
        while waiting or any(worker.position is not None for worker in workers):
            workers = [worker for worker in workers if worker.is_usable]
            while len(workers) < min(jobs, len(waiting) + sum(worker.position is not None for worker in workers)):
                workers.append(_Worker(context, job))
            for worker in workers:
                if worker.position is None and waiting:
                    worker.give(waiting.pop(), paths)
            wait([worker.news for worker in workers], timeout=0.5)
            for worker in workers:
                yield from worker.steps(paths, job, silent_limit_s)
    finally:
        for worker in workers:
            worker.kill()


class _Worker:
    """One process and the master it holds."""

    def __init__(self, context: SpawnContext, job: Job) -> None:
        self.news, theirs = context.Pipe()
        self.position: int | None = None
        self.is_usable = True
        self._heard_at = time.monotonic()
        self._process: SpawnProcess = context.Process(target=_work, args=(theirs, job), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, position: int, paths: Sequence[Path]) -> None:
        self.position = position
        self._heard_at = time.monotonic()
        with contextlib.suppress(OSError):  # a dead worker is noticed when its news are read
            self.news.send((position, paths[position]))

    def steps(self, paths: Sequence[Path], job: Job, silent_limit_s: float) -> Iterator[Step]:
        """What came from the process since the last look; its loss, where it was lost."""
        try:
            while self.is_usable and self.news.poll():
                step = self.news.recv()
                self._heard_at = time.monotonic()
                if step.entry is not None:
                    self.position = None
                yield step
        except (EOFError, ConnectionError):
            yield from self._lost(paths, job, *self._cause_of_death())
        if self.is_usable and self.position is not None and time.monotonic() - self._heard_at > silent_limit_s:
            yield from self._lost(
                paths, job, "worker-hung", f"its worker told nothing for {silent_limit_s:g} s and was ended"
            )

    def _lost(self, paths: Sequence[Path], job: Job, code: str, cause: str) -> Iterator[Step]:
        self.kill()
        if self.position is None:
            return
        path = paths[self.position]
        message = f"{path} could not be checked: {cause}. Check it alone to see whether it is the file."
        entry = master_entry(path, job.request.tier, error={"code": code, "message": message})
        yield Step(position=self.position, stage="done", entry=entry)
        self.position = None

    def _cause_of_death(self) -> tuple[str, str]:
        self._process.join(timeout=5)
        code = self._process.exitcode
        if code is not None and code < 0:
            return "worker-died", f"its worker was ended by {signal.Signals(-code).name}"
        return "worker-died", f"its worker ended with exit code {code}"

    def kill(self) -> None:
        self.is_usable = False
        self._process.kill()
        self._process.join(timeout=5)
        self.news.close()


def _work(pipe: Connection, job: Job) -> None:
    """A worker's life: masters in, news out, until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers
    _bound_memory(job.memory_bytes)
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            position, path = pipe.recv()
            pipe.send(Step(position=position, stage="done", entry=_check(pipe, position, path, job)))


def _check(pipe: Connection, position: int, path: Path, job: Job) -> dict[str, Any]:
    told_at = 0.0

    def tell(stage: str, done_s: float, total_s: float | None) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _TELL_EVERY_S:
            told_at = time.monotonic()
            pipe.send(Step(position=position, stage=stage, done_s=done_s, total_s=total_s))

    try:
        return check_master(path, job.specs, job.library, job.request, store=job.store, progress=tell)
    except MemoryError:
        limit = f" of {job.memory_bytes / 2**30:.1f} GiB" if job.memory_bytes else ""
        message = f"{path} needs more memory than its worker's share{limit}. Check it alone, or with fewer --jobs."
        return master_entry(path, job.request.tier, error={"code": "out-of-memory", "message": message})
    except UsageError as error:  # what this master cannot be asked; the others may
        return master_entry(path, job.request.tier, error={"code": error.code, "message": error.message})
    except (ConnectionError, EOFError):
        raise
    except Exception as error:  # noqa: BLE001  a fault of ours in one master must not cost the batch
        fault = f"{type(error).__name__}: {error}"
        message = f"{path} could not be checked: {fault}. This is a fault of deliverqc: please report it."
        return master_entry(path, job.request.tier, error={"code": "internal-fault", "message": message})


def _bound_memory(limit_bytes: int | None) -> None:
    if limit_bytes is None:
        return
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, limit_bytes))

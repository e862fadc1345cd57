"""Checks and measures masters in worker processes, each of which may crash, hang or run out of memory at the cost of
its own master.

A worker takes one master after another over a pipe and tells its progress. One that dies is replaced; one that tells
nothing for `silent_limit_s` is killed and replaced; each may hold only its share of the memory. What a lost worker held
becomes an entry with `error`.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from deliverqc.entries import master_entry
from deliverqc.errors import DeliverqcError
from deliverqc.measuring.obtain import Notice, Progress
from deliverqc.measuring.ranges import Range
from deliverqc.pipeline import check_master, facts_document
from deliverqc.request import Request, Tier
from deliverqc.signals.store import Store
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import Family, Spec

_COLLECTED_AFTER = 700
"""Python's own bound, which the command line raises for its start: circles could hold frames."""

SILENT_LIMIT_S = 120.0
"""House choice: a decoder that yields no frame for two minutes does not come back; the slowest seen (8K JPEG 2000)
takes seconds."""

_MEMORY_SHARE = 0.8  # of the machine, over all workers together
_LEAST_MEMORY_BYTES = 1 << 30  # house choice: with much less a worker cannot load what it decodes with
_TELL_EVERY_S = 0.2
_HEAVY = frozenset({"av", "cv2", "scipy", "rich"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """What every worker needs to know. `memory_bytes` bounds a worker's data; None leaves it to the machine. `parts`:
    into how many a master is divided that can be. `workers`: how many share the cores. `given`: all masters of the
    batch. `shows_faults`: where a fault of ours happened goes to stderr.
    """

    specs: Sequence[Spec | Family]
    library: SpecLibrary
    request: Request
    store: Store | None
    memory_bytes: int | None
    parts: int = 1
    workers: int = 1
    given: Sequence[Path] = ()
    shows_faults: bool = False

    @property
    def tier(self) -> Tier:
        return self.request.tier

    def done(self, path: Path, progress: Progress, notice: Notice) -> dict[str, Any]:
        """The entry of one master."""
        return check_master(
            path,
            self.specs,
            self.library,
            self.request,
            store=self.store,
            progress=progress,
            notice=notice,
            jobs=self.parts,
            threads=core_share(self.workers),
            given=self.given,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class FactsJob:
    """What a worker needs to know that gives the facts of masters; the fields that a Job has too mean the same. A Step
    carries the facts document in place of an entry, or an entry with `error`."""

    spec: Spec | None
    tier: Tier
    store: Store | None
    memory_bytes: int | None
    is_all: bool = False
    asked: Range | None = None
    frame_rate: Fraction | None = None
    programme: tuple[Range, ...] = ()
    companions: tuple[Path, ...] = ()
    texts: tuple[tuple[str, Path], ...] = ()
    has_sidecars: bool = True
    parts: int = 1
    shows_faults: bool = False

    def done(self, path: Path, progress: Progress, notice: Notice) -> dict[str, Any]:
        """The facts document of one master."""
        return facts_document(
            path,
            self.spec,
            self.tier,
            is_all=self.is_all,
            asked=self.asked,
            frame_rate=self.frame_rate,
            programme=self.programme,
            companions=self.companions,
            texts=self.texts,
            has_sidecars=self.has_sidecars,
            jobs=self.parts,
            store=self.store,
            notice=notice,
            progress=progress,
        )


AnyJob = Job | FactsJob


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """News from a batch: a stage of the master at `position`, a `notice` to show, or its finished entry. `refusal`: why
    it cannot be asked what was asked, or why it cannot be read where the entry has no room for it; its entry says so
    too."""

    position: int
    stage: str
    done_s: float = 0.0
    total_s: float | None = None
    notice: str | None = None
    entry: dict[str, Any] | None = None
    refusal: DeliverqcError | None = None


def core_share(workers: int) -> int:
    """Cores for each of `workers` that run at the same time, so that together they start no more threads than one."""
    from deliverqc.signals.picture.in_order import usable_cores  # only workers ask, which import it anyway

    return max(1, usable_cores() // max(1, workers))


def memory_share(jobs: int) -> int | None:
    """Bytes that each of `jobs` workers may hold, from the machine's memory, and no less than one can work with; None
    where it cannot be told."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None
    return max(int(total * _MEMORY_SHARE / jobs), _LEAST_MEMORY_BYTES)


def run(
    paths: Sequence[Path],
    job: AnyJob,
    *,
    jobs: int,
    silent_limit_s: float = SILENT_LIMIT_S,
    ahead: Sequence[Worker] = (),
) -> Iterator[Step]:
    """Check `paths` with `jobs` workers, yielding news as it comes; every path yields exactly one entry. Workers that
    were started `ahead` are used first.

    Closing the iterator, or an exception inside it, kills the workers.
    """
    waiting = list(range(len(paths)))[::-1]
    workers = list(ahead)
    try:
        while waiting or any(worker.position is not None for worker in workers):
            workers = [worker for worker in workers if worker.is_usable]
            while len(workers) < min(jobs, len(waiting) + sum(worker.position is not None for worker in workers)):
                workers.append(Worker())
            for worker in workers:
                if worker.position is None and waiting:
                    worker.give(waiting.pop(), paths, job)
            wait([worker.news for worker in workers], timeout=0.5)
            for worker in workers:
                yield from worker.steps(paths, job, silent_limit_s)
    finally:
        for worker in workers:
            worker.kill()


class Worker:
    """One process and the master it holds. It imports what a check needs as soon as it is started, and waits."""

    def __init__(self) -> None:
        context = _context()
        self.news, theirs = context.Pipe()
        self.position: int | None = None
        self.is_usable = True
        self._has_job = False
        self._heard_at = time.monotonic()
        kept_open = self.news if isinstance(context, ForkContext) else None
        self._process: BaseProcess = context.Process(target=_work, args=(theirs, kept_open))
        with _no_interruption():
            self._process.start()
        theirs.close()

    def give(self, position: int, paths: Sequence[Path], job: AnyJob) -> None:
        self.position = position
        self._heard_at = time.monotonic()
        with contextlib.suppress(OSError):  # a dead worker is noticed when its news are read
            if not self._has_job:
                self.news.send(job)
                self._has_job = True
            self.news.send((position, paths[position]))

    def steps(self, paths: Sequence[Path], job: AnyJob, silent_limit_s: float) -> Iterator[Step]:
        """What came from the process since the last look; its loss, where it was lost."""
        try:
            while self.is_usable and self.news.poll():
                step = self.news.recv()
                self._heard_at = time.monotonic()
                if step.entry is not None:
                    self.position = None
                yield step
        except (EOFError, ConnectionError):
            yield from self._lost(paths, job, "worker-died", self._cause_of_death())
        if self.is_usable and self.position is not None and time.monotonic() - self._heard_at > silent_limit_s:
            cause = (
                f"nothing came of it for {silent_limit_s:g} s, and its worker was ended. Check the disk or share that "
                "holds it, or allow more with --timeout."
            )
            yield from self._lost(paths, job, "worker-hung", cause)

    def _lost(self, paths: Sequence[Path], job: AnyJob, code: str, cause: str) -> Iterator[Step]:
        self.kill()
        if self.position is None:
            return
        path = paths[self.position]
        error = {"code": code, "message": f"{path} could not be checked: {cause}"}
        entry = master_entry(path, job.tier, error=error)
        yield Step(position=self.position, stage="done", entry=entry)
        self.position = None

    def _cause_of_death(self) -> str:
        self._process.join(timeout=5)
        code = self._process.exitcode
        if code == -signal.SIGKILL:
            return "its worker was ended from outside (SIGKILL), as a machine does that runs out of memory."
        advice = "Export the master again; if it happens again, report it to deliverqc."
        if code is not None and code < 0:
            return f"its worker crashed ({_signal_name(-code)}). {advice}"
        return f"its worker ended with exit code {code}. {advice}"

    def kill(self) -> None:
        """End the process, and all that it started."""
        self.is_usable = False
        if self._process.pid is not None and hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join(timeout=5)
        self.news.close()


def _context() -> ForkContext | SpawnContext:
    """How a process is started: as a copy of this one as long as it is light, which saves 0.3 s, else anew. A copy of
    libav's and OpenCV's threads, or of our own, could wait for ever.
    """
    is_light = threading.active_count() == 1 and not _HEAVY & set(sys.modules)
    if sys.platform == "linux" and is_light:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@contextlib.contextmanager
def _no_interruption() -> Iterator[None]:
    """Hold back Ctrl-C, which a process that is started here never gets: its parent ends it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection, of_parent: Connection | None) -> None:
    """A worker's life: the job, then masters in and news out, until the pipe closes."""
    _stand_alone()
    if of_parent is not None:
        of_parent.close()
    _import_ahead()
    gc.set_threshold(_COLLECTED_AFTER)
    with contextlib.suppress(EOFError, ConnectionError):
        job: AnyJob = pipe.recv()
        _bound_memory(job.memory_bytes)
        while True:
            position, path = pipe.recv()
            pipe.send(_check(pipe, position, path, job))


def _stand_alone() -> None:
    """Lead a group of processes, which ends as one, and end when the parent does. stdout is the parent's alone: what a
    plug-in or a library prints goes to stderr."""
    sys.stdout = sys.stderr
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _import_ahead() -> None:
    """Import what decoding takes while the parent still reads specs: 0.3 s."""
    import deliverqc.measuring.readings
    import deliverqc.probing.structure
    import deliverqc.probing.trust
    import deliverqc.signals.parts  # noqa: F401


def _check(pipe: Connection, position: int, path: Path, job: AnyJob) -> Step:
    """The last step of a master: its entry."""
    told_at = 0.0

    def tell(stage: str, done_s: float, total_s: float | None) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _TELL_EVERY_S:
            told_at = time.monotonic()
            pipe.send(Step(position=position, stage=stage, done_s=done_s, total_s=total_s))

    def notice(words: str) -> None:
        pipe.send(Step(position=position, stage="notice", notice=words))

    def lost(code: str, message: str, refusal: DeliverqcError | None = None) -> Step:
        entry = master_entry(path, job.tier, error={"code": code, "message": message})
        return Step(position=position, stage="done", entry=entry, refusal=refusal)

    try:
        entry = job.done(path, tell, notice)
    except MemoryError:
        limit = f" ({job.memory_bytes / 2**30:.1f} GiB)" if job.memory_bytes else ""
        return lost(
            "out-of-memory",
            f"{path} could not be checked: it needs more memory than its worker may take{limit}. Check it with fewer "
            "--jobs, or on a machine with more memory.",
        )
    except DeliverqcError as error:  # what this master cannot be asked, or read for; the others may
        return lost(error.code, error.message, error)
    except (ConnectionError, EOFError):
        raise
    except Exception as error:  # noqa: BLE001  a fault of ours in one master must not cost the batch
        if job.shows_faults:
            traceback.print_exc()
        fault = f"{type(error).__name__}: {error}"
        message = f"{path} could not be checked: {fault}. This is a fault of deliverqc: please report it."
        return lost("internal-fault", message)
    return Step(position=position, stage="done", entry=entry)


def _bound_memory(limit_bytes: int | None) -> None:
    if limit_bytes is None:
        return
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, limit_bytes))

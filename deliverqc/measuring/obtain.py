"""The signals of a master: from the store where it holds them, else by the one decode; knows no meter and no spec."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from deliverqc.errors import MasterError
from deliverqc.file_state import file_state
from deliverqc.measuring.planning import plan_of
from deliverqc.measuring.ranges import plan_of_range
from deliverqc.probing import Probed
from deliverqc.signals.store import signals_key
from deliverqc.signals.tables import SIGNALS_VERSION

if TYPE_CHECKING:
    from deliverqc.measuring.ranges import Range
    from deliverqc.signals.store import Store
    from deliverqc.signals.tables import Signals

Progress = Callable[[str, float, float | None], None]
"""Told the stage, the seconds of essence done, and the seconds in all where they are known."""

Notice = Callable[[str], None]
"""Told in one line what a reader of the verdict has to know of how it came about."""

Obtain = Callable[..., "Signals"]
"""`obtain_signals` with its store, progress and processes chosen; takes a path, what was probed, and `extensions`."""


def obtain_signals(
    path: Path,
    probed: Probed,
    *,
    store: Store | None,
    progress: Progress | None,
    notice: Notice | None = None,
    extensions: frozenset[str] = frozenset(),
    asked: Range | None = None,
    jobs: int = 1,
    threads: int | None = None,
) -> Signals:
    """The signals of `path` with `extensions`: from the store where it holds them, else by decoding once and storing.

    Stored signals without some of the `extensions` are made again, with those that they have; the stage says so.
    `notice` is told where stored signals are used and the file system would not show a change of the file. Only
    the part that is `asked` for is decoded, and not stored; the whole by as many as `jobs` processes, which share
    `threads` (None: the cores). UsageError where such a part cannot be told, MasterError for a file of text.
    """
    if probed.documents is not None:
        raise MasterError(f"{path.name} is a file of text: there is nothing to decode.", code="not-media")
    from deliverqc.signals import parts  # OpenCV and libav: 0.2 s that a headers run does not have

    total = probed.facts.get("wrapper.duration_s")
    if asked is not None:
        plan = plan_of_range(path, probed, extensions, asked)
        return parts.decode_heard(path, plan, _telling(progress, f"decode {asked}", None), threads=threads)

    made_by = f"tables {SIGNALS_VERSION}, libav {probed.versions['libav']}, {plan_of(probed)}"
    key = _key(path, made_by) if store is not None else None
    stage = "decode"
    if store is not None and key is not None and (stored := store.load(key)) is not None:
        if extensions <= stored.extensions:
            _announce_reuse(path, notice)
            return stored
        stage = f"decode again for {', '.join(sorted(extensions - stored.extensions))}"
        extensions |= stored.extensions
    plan = plan_of(probed, extensions)
    signals = parts.decode_in_parts(path, plan, jobs, _telling(progress, stage, total), threads=threads)
    if store is not None and key is not None and _key(path, made_by) == key:  # not of a file that changed meanwhile
        store.save(key, signals)
    return signals


def _announce_reuse(path: Path, notice: Notice | None) -> None:
    """Say that stored signals are used where a change of the file could have gone unnoticed."""
    if notice is not None and not _has_change_time(path):
        notice(
            f"{path.name}: measurements of an earlier run are used again, and this file system does not record when "
            "a file was last changed. Use --no-cache to measure the file itself."
        )


def _has_change_time(path: Path) -> bool:
    state = file_state(path)
    return state is not None and state.has_change_time


def _key(path: Path, made_by: str) -> str | None:
    """Where the signals are kept; None for a file that went away, which decoding finds out too."""
    try:
        return signals_key(path, made_by=made_by)
    except OSError:
        return None


def _telling(progress: Progress | None, stage: str, total: float | None) -> Callable[[float], None] | None:
    return None if progress is None else lambda done: progress(stage, done, total)

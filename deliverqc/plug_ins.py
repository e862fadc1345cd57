"""Finds what other packages add to deliverqc by entry points, loads it and runs it under guard; knows nothing of what a
plug-in gives.

A plug-in that fails to load is fatal: a meter that silently does not run would be a silent pass.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

from deliverqc.errors import DeliverqcError, InternalError, PlugInError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_LONGEST_CAUSE = 300  # house choice: a few lines of a terminal


class Group(StrEnum):
    """The groups of entry points that deliverqc looks into."""

    SPECS = "deliverqc.specs"  # a folder of specs: its path, or a module next to the spec files
    METERS = "deliverqc.meters"  # a Meter, or a module with METER
    REPORTS = "deliverqc.reports"  # a Format, or a module with FORMAT


@dataclass(frozen=True, kw_only=True, slots=True)
class PlugIn:
    """One entry point of an installed package. `package` is its name and version; None where that is not known."""

    name: str
    group: Group
    package: str | None

    def __str__(self) -> str:
        where_from = f" of {self.package}" if self.package else ""
        return f"the plug-in {self.name!r}{where_from} (entry point group {self.group.value})"

    @property
    def _source(self) -> str:
        return self.package.rsplit(" ", 1)[0] if self.package else "the package that it comes from"

    def refusal(self, reason: str) -> PlugInError:
        """The error for a plug-in that cannot be used at all; `reason` is a clause without a full stop."""
        return PlugInError(
            f"{self} cannot be used: {reason}. Update or uninstall {self._source}.", code="plugin-broken"
        )

    def failure(self, doing: str, reason: str) -> InternalError:
        """The error for a plug-in that failed at its work; `doing` says at what, as in "measuring the picture"."""
        return InternalError(
            f"{self} failed while {doing}: {reason}. Update or uninstall {self._source}, or report it to its maker.",
            code="plugin-failed",
        )


@cache
def _scan() -> Any:  # noqa: ANN401  SelectableGroups up to Python 3.11, EntryPoints from 3.12
    from importlib.metadata import entry_points  # 20 ms, which `--version` and `--help` do without

    return entry_points()


def installed(group: Group) -> tuple[EntryPoint, ...]:
    """The entry points of one group, by name; nothing is imported. All groups together cost one look at the installed
    packages."""
    try:
        return tuple(sorted(_scan().select(group=group.value), key=lambda entry: (entry.name, entry.value)))
    except Exception as fault:
        raise PlugInError(
            f"the entry points of the installed packages cannot be read: {cause_of(fault)}. One of the packages is "
            "damaged: `python -m pip check` may name it.",
            code="plugin-broken",
        ) from fault


def listed() -> tuple[PlugIn, ...]:
    """Every installed plug-in, by group and name; nothing is imported."""
    return tuple(_plug_in(entry, group) for group in Group for entry in installed(group))


def load_plug_ins(group: Group) -> Iterator[tuple[PlugIn, Any]]:
    """Each plug-in of a group, by name, with what it gives; a callable is called. PlugInError names one that fails."""
    for entry in installed(group):
        plug_in = _plug_in(entry, group)
        with guarded(plug_in.refusal):
            given = entry.load()
            if callable(given):
                given = given()
        yield plug_in, given


def _plug_in(entry: EntryPoint, group: Group) -> PlugIn:
    return PlugIn(name=entry.name, group=group, package=_package_of(entry))


def _package_of(entry: EntryPoint) -> str | None:
    with suppress(AttributeError, KeyError, TypeError, ValueError, OSError):  # metadata that is missing or damaged
        return f"{entry.dist.name} {entry.dist.version}" if entry.dist is not None else None
    return None


_redirecting = threading.Lock()
_guarded_count = 0
_kept_stdout: TextIO | None = None


@contextmanager
def _stdout_on_stderr() -> Iterator[None]:
    """Send what is printed to stderr. stdout belongs to the whole process: the first thread that comes changes it, and
    the last one that goes gives it back."""
    global _guarded_count, _kept_stdout
    with _redirecting:
        if _guarded_count == 0:
            _kept_stdout, sys.stdout = sys.stdout, sys.stderr
        _guarded_count += 1
    try:
        yield
    finally:
        with _redirecting:
            _guarded_count -= 1
            if _guarded_count == 0 and _kept_stdout is not None:
                sys.stdout = _kept_stdout


@contextmanager
def guarded(error: Callable[[str], DeliverqcError]) -> Iterator[None]:
    """Run code of a plug-in: whatever it raises, and an attempt to exit, becomes `error`; what it prints goes to
    stderr, because stdout carries the document alone."""
    try:
        with _stdout_on_stderr():
            yield
    except MemoryError:
        raise
    except (Exception, SystemExit) as fault:
        raise error(cause_of(fault)) from fault


def cause_of(fault: BaseException) -> str:
    """An exception in one line: its kind and its message."""
    message = " ".join(str(fault).split()).rstrip(".")
    kind = type(fault).__name__
    if len(message) > _LONGEST_CAUSE:
        message = f"{message[:_LONGEST_CAUSE]}…"
    return f"{kind}: {message}" if message else kind

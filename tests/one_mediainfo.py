"""One process of MediaInfo for all masters that a process of tests probes, as a package has one for its files: a
process for each takes a tenth of a second. tests/probing/test_mediainfo_many.py shows that both give the same facts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deliverqc import probing
from deliverqc.probing import Probed, mediainfo
from deliverqc.probing.mediainfo_many import ManyFiles

_OWN = probing._probe
_WORKER, _LONGEST_READING_S = mediainfo._WORKER, mediainfo._LONGEST_READING_S


def _is_as_shipped() -> bool:
    """Whether no test replaces the program of the process or its time."""
    return (mediainfo._WORKER, mediainfo._LONGEST_READING_S) == (_WORKER, _LONGEST_READING_S)


@contextmanager
def one_process() -> Iterator[None]:
    """Probe with one process of MediaInfo wherever nothing asks for another, and in the main thread only."""
    with ManyFiles() as shared, pytest.MonkeyPatch.context() as patch:

        def probe(path: Path, size: int, given: ManyFiles | None) -> Probed:
            is_ours = given is None and _is_as_shipped() and threading.current_thread() is threading.main_thread()
            return _OWN(path, size, shared if is_ours else given)

        patch.setattr(probing, "_probe", probe)
        yield


@contextmanager
def one_for_each() -> Iterator[None]:
    """Probe each master with a process of its own, as a command does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probing, "_probe", _OWN)
        yield

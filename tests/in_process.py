"""Runs in the process of the tests what workers run in theirs, where the worker itself is not under test: each would
import the decoders anew, at two thirds of a second."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from deliverqc.batch import run as batch


class _Idle:
    """The worker that a command starts while it reads specs."""

    def kill(self) -> None:
        """Nothing was started."""


class _News:
    """The end of the pipe that a worker speaks into."""

    def __init__(self) -> None:
        self.steps: list[batch.Step] = []

    def send(self, step: batch.Step) -> None:
        self.steps.append(step)


def _run(paths: Sequence[Path], job: batch.AnyJob, **_: Any) -> Iterator[batch.Step]:
    for position, path in enumerate(paths):
        news: Any = _News()
        last = batch._check(news, position, path, job)
        yield from news.steps
        yield last


@contextmanager
def workers_here() -> Iterator[None]:
    """Checks and measures without worker processes, one master after another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "Worker", _Idle)
        patch.setattr(batch, "run", _run)
        yield

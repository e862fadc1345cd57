"""Progress on stderr: a bar with the time left on a terminal, nothing where stderr is piped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deliverqc.cli.output import harmless

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class Bars:
    """One line for each master under way, and one for the batch where there are several. Does nothing without
    `drawing`."""

    def __init__(self, drawing: RichProgress | None, count: int) -> None:
        self._drawing = drawing
        self._lines: dict[int, TaskID] = {}
        self._whole = drawing.add_task(f"{count} masters", total=count) if drawing is not None and count > 1 else None

    def tell(self, position: int, name: str, stage: str, done_s: float, total_s: float | None) -> None:
        """`done_s` of `total_s` seconds of essence of the master at `position` are through `stage`."""
        if self._drawing is None:
            return
        if position not in self._lines:
            self._lines[position] = self._drawing.add_task(_short(name), total=total_s)
        self._drawing.update(
            self._lines[position], completed=done_s, total=total_s, description=f"{stage} {_short(name)}"
        )

    def finish(self, position: int) -> None:
        """The master at `position` is done."""
        if self._drawing is None:
            return
        if position in self._lines:
            self._drawing.remove_task(self._lines.pop(position))
        if self._whole is not None:
            self._drawing.advance(self._whole)


@contextmanager
def bars(count: int) -> Iterator[Bars]:
    """Bars for `count` masters, cleared at the end; on a terminal only."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield Bars(None, count)
        return
    from rich.console import Console  # with the bars 40 ms that a run without a terminal does not have
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawing:
        yield Bars(drawing, count)


def _short(name: str) -> str:
    shown = harmless(name)
    return shown if len(shown) <= 40 else shown[:18] + "…" + shown[-21:]

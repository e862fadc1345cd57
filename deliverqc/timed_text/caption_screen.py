"""What a decoder of captions shows, from when to when: letters in the cells of a grid, taken down as events. Knows no
code of CTA-608 or CTA-708, and no file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple

from deliverqc.timed_text.model import MOST_EVENTS, Box, Document, Event, TextError

POP_ON, ROLL_UP, PAINT_ON, TEXT = "pop_on", "roll_up", "paint_on", "text"

_PAUSE_S = Fraction(1, 2)
"""House choice: painting that goes on sooner belongs to the same caption."""

_WHITE = "#ffffff"
_UPPER, _LOWER = 100 / 3, 200 / 3


class Cell(NamedTuple):
    """A letter, its colour as #rrggbb, and whether it slants."""

    character: str
    color: str = _WHITE
    is_italic: bool = False


Place = tuple[int, int]
"""Row and column, from 0."""

Cells = dict[Place, Cell]
BoxOf = Callable[[Iterable[Place]], Box]


@dataclass(slots=True)
class Shown:
    """Letters that came onto the screen together. `written`: as they were before they rolled up."""

    begin_s: Fraction
    mode: str
    cells: Cells
    load_s: Fraction | None = None
    late_s: Fraction | None = None
    line: int | None = None
    last_s: Fraction = Fraction(0)
    written: Cells | None = None


@dataclass(slots=True)
class Screen:
    """A memory that is displayed. `box_of`: where cells are on the picture; `region`: its name."""

    box_of: BoxOf
    region: str | None = None
    shown: list[Shown] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    _growing: Shown | None = None

    def cells(self) -> Cells:
        """All letters on the screen."""
        found: Cells = {}
        for one in self.shown:
            found |= one.cells
        return found

    def show(self, shown: Shown) -> None:
        """Put a caption on, after all others are taken off."""
        self.erase(shown.begin_s)
        self.shown.append(shown)

    def erase(self, at: Fraction) -> None:
        """Take everything off."""
        for one in self.shown:
            self._take_off(one, at)
        self.shown, self._growing = [], None

    def write(self, place: Place, cell: Cell, at: Fraction, mode: str, *, line: int | None = None) -> None:
        """Put a letter on the screen as it comes: into the row that is being written, or, where captions are painted,
        into what was painted just before."""
        growing = self._growing
        if growing is not None and mode == PAINT_ON and at - growing.last_s > _PAUSE_S:
            growing = None
        if growing is None:
            held: Cells = {}
            if mode == PAINT_ON:
                held = self.cells()
                self.erase(at)
            growing = Shown(begin_s=at, mode=mode, cells=held, line=line)
            self.shown.append(growing)
        self._growing = growing
        for one in self.shown:
            if one is not growing:
                one.cells.pop(place, None)
        growing.cells[place] = cell
        growing.last_s = at

    def delete(self, places: Callable[[Place], bool], at: Fraction) -> None:
        """Take letters off. What is still being written is forgotten; other text ends with its last letter."""
        for one in list(self.shown):
            kept = {place: cell for place, cell in one.cells.items() if not places(place)}
            if not kept and one.cells:
                if one is not self._growing:
                    self._take_off(one, at)
                self.shown.remove(one)
                self._growing = None if one is self._growing else self._growing
            one.cells = kept

    def settle(self) -> None:
        """End the row that is being written."""
        if self._growing is not None:
            self._growing.written = dict(self._growing.cells)
        self._growing = None

    def move(self, rows: int, at: Fraction, *, top: int) -> None:
        """Move all rows down by `rows`, or up where it is below 0; what comes above `top` is gone."""
        for one in list(self.shown):
            if one is not self._growing and one.written is None:
                one.written = dict(one.cells)
            moved = {(row + rows, column): cell for (row, column), cell in one.cells.items() if row + rows >= top}
            if not moved:
                self._take_off(one, at)
                self.shown.remove(one)
                self._growing = None if one is self._growing else self._growing
            one.cells = moved

    def finish(self) -> tuple[Event, ...]:
        """All events in the order of time; what is still on the screen has no end."""
        for one in self.shown:
            self._take_off(one, None)
        self.shown = []
        return tuple(sorted(self.events, key=lambda event: event.begin_s))

    def _take_off(self, one: Shown, at: Fraction | None) -> None:
        cells = one.written if one.written is not None else one.cells
        if not cells:
            return
        box = self.box_of(cells)
        event = Event(
            number=len(self.events) + 1,
            begin_s=one.begin_s,
            end_s=at,
            lines=lines_of(cells),
            line=one.line,
            region=self.region,
            box=box,
            vertical=_vertical(box),
            is_italic=any(cell.is_italic for cell in cells.values()),
            colors=tuple(sorted({cell.color for cell in cells.values() if cell.character.strip()})),
            element_count=len({row for row, _ in cells}),
            load_s=one.load_s,
            late_s=one.late_s,
            mode=one.mode,
        )
        self.events.append(event)


def lines_of(cells: Mapping[Place, Cell]) -> tuple[str, ...]:
    """The text of each row that has any, from the top."""
    rows: dict[int, dict[int, str]] = {}
    for (row, column), cell in cells.items():
        rows.setdefault(row, {})[column] = cell.character
    texts = (
        "".join(letters.get(column, " ") for column in range(min(letters), max(letters) + 1))
        for _, letters in sorted(rows.items())
    )
    return tuple(text.strip() for text in texts if text.strip())


def numbered(events: Iterable[Event]) -> tuple[Event, ...]:
    """Events in the order of time, counted from 1."""
    in_order = sorted(events, key=lambda event: (event.begin_s, event.number))
    return tuple(replace(event, number=number) for number, event in enumerate(in_order, 1))


def refuse_too_many(documents: Iterable[Document], name: str) -> None:
    """TextError where the documents of a file hold more events than are read."""
    count = sum(len(document.events) for document in documents)
    if count > MOST_EVENTS:
        message = f"{name} has {count:,} captions; up to {MOST_EVENTS:,} are read. Check what fills the file."
        raise TextError(message, code="too-many-events")


def _vertical(box: Box) -> str:
    middle = (box.top + box.bottom) / 2
    return "top" if middle < _UPPER else "bottom" if middle > _LOWER else "center"

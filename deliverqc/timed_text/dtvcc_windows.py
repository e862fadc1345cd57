"""The windows of a service of CTA-708-E (section 8): what commands and letters do to them. Knows no packet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from deliverqc.timed_text import dtvcc_codes as codes
from deliverqc.timed_text.caption_faults import FaultList
from deliverqc.timed_text.caption_screen import POP_ON, ROLL_UP, Cell, Cells, Place, Screen, Shown, numbered
from deliverqc.timed_text.dtvcc_codes import Code
from deliverqc.timed_text.model import Box, Event

_ROWS, _COLUMNS = 15, 42
_GRID_ROWS, _GRID_COLUMNS = 75, 210
"""Of the safe title area of a 16:9 picture: letters of standard size, and cells of the grid of anchors."""
_SAFE, _SHARE = 10.0, 80.0
_LAST_COLUMN = 63
"""SPL has six bits for it."""
_UNDERSCORES = ((ord("_"), b""), (codes.P16, b"\0_"))
_MOST_HELD_BYTES = 128  # section 8.10.5.1: the service input buffer


@dataclass(slots=True)
class Window:
    """One of eight. `screen`: its letters while it is visible, `hidden`: while it is not. What is written while it is
    visible counts by rows, as captions that roll up. `is_unseen`: there are letters that were never visible."""

    number: int
    screen: Screen = field(init=False)
    hidden: Cells = field(default_factory=dict)
    is_visible: bool = False
    rows: int = 1
    columns: int = 1
    anchor: int = 0
    left: float = 0.0
    top: float = 0.0
    row: int = 0
    column: int = 0
    color: str = "#ffffff"
    is_italic: bool = False
    is_unseen: bool = False

    def __post_init__(self) -> None:
        self.screen = Screen(box_of=self.box_of, region=f"window_{self.number}")

    def define(self, data: bytes) -> bool:
        """Take the parameters of DFn; whether it is to be visible (section 8.10.5.2)."""
        first, vertical, horizontal, anchor, columns, _ = data
        self.rows, self.columns, self.anchor = (anchor & 0x0F) + 1, (columns & 0x3F) + 1, anchor >> 4
        is_relative = bool(vertical & 0x80)
        self.top = _SAFE + _SHARE * (vertical & 0x7F) / (100 if is_relative else _GRID_ROWS)
        self.left = _SAFE + _SHARE * horizontal / (100 if is_relative else _GRID_COLUMNS)
        return bool(first & 0x20)

    def box_of(self, places: Iterable[Place]) -> Box:
        """Around cells of the window, which hangs from its anchor point."""
        held = list(places)
        down, across = divmod(min(self.anchor, 8), 3)
        row_height, column_width = _SHARE / _ROWS, _SHARE / _COLUMNS
        top = self.top - row_height * self.rows * down / 2
        left = self.left - column_width * self.columns * across / 2
        rows, columns = [row for row, _ in held], [column for _, column in held]
        return Box(
            left=left + column_width * min(columns),
            top=top + row_height * min(rows),
            right=left + column_width * (max(columns) + 1),
            bottom=top + row_height * (max(rows) + 1),
        )

    def show(self, at: Fraction, line: int | None = None) -> None:
        if not self.is_visible:
            self.is_visible, self.is_unseen = True, False
            if self.hidden:
                self.screen.show(Shown(begin_s=at, mode=POP_ON, cells=self.hidden, line=line))
            self.hidden = {}

    def hide(self, at: Fraction) -> None:
        if self.is_visible:
            self.is_visible, self.hidden = False, self.screen.cells()
            self.screen.erase(at)

    def clear(self, at: Fraction) -> None:
        self.screen.erase(at)
        self.hidden, self.is_unseen = {}, False

    def write(self, letter: str, at: Fraction, line: int | None) -> None:
        place, cell = (self.row, self.column), Cell(letter, self.color, self.is_italic)
        self.column = min(self.column + 1, _LAST_COLUMN)
        if self.is_visible:
            self.screen.write(place, cell, at, ROLL_UP, line=line)
        else:
            self.hidden[place] = cell
            self.is_unseen = self.is_unseen or bool(letter.strip())

    def delete(self, row: int, column: int | None, at: Fraction) -> None:
        """Take off a letter, or a whole row where no column is given."""
        self.screen.delete(lambda place: place[0] == row and column in (None, place[1]), at)
        self.hidden = {
            place: cell for place, cell in self.hidden.items() if place[0] != row or column not in (None, place[1])
        }

    def new_row(self, at: Fraction) -> None:
        self.column = 0
        if self.is_visible:
            self.screen.settle()
        if self.row < self.rows - 1:
            self.row += 1
            return
        self.screen.move(-1, at, top=0)
        self.hidden = {(row - 1, column): cell for (row, column), cell in self.hidden.items() if row}


@dataclass(slots=True)
class Service:
    """What a service of CTA-708 shows. Its blocks come in the order of time."""

    number: int
    faults: FaultList = field(default_factory=FaultList)
    _windows: dict[int, Window] = field(default_factory=dict)
    _gone: list[Event] = field(default_factory=list)
    _current: int | None = None
    _is_lost: bool = False
    _line: int | None = None
    _until: Fraction | None = None
    _held: list[Code] = field(default_factory=list)

    def feed(self, at: Fraction, block: bytes, *, line: int | None = None) -> None:
        """Take a service block that arrives at `at`; of a file, its line."""
        self._line = line
        if self._until is not None and at >= self._until:
            self._go_on(self._until)
        for one in codes.codes_in(block):
            if not one.is_whole:
                name = f"{one.code & 0xFF:02X}"
                self.faults.add(
                    "service-block-overrun", f"The block ends within the command {name}", at=at, line=self._line
                )
                return
            if self._until is None:
                self._obey(one, at)
            elif one.code in (codes.DLC, codes.RST):
                self._go_on(at)
                self._obey(one, at)
            else:
                self._held.append(one)
                if sum(1 + len(held.data) for held in self._held) > _MOST_HELD_BYTES:
                    self._go_on(at)

    def events(self) -> tuple[Event, ...]:
        """Everything that was shown, in the order of time."""
        while self._until is not None:
            self._go_on(self._until)
        shown = (event for window in self._windows.values() for event in window.screen.finish())
        return numbered((*self._gone, *shown))

    def _go_on(self, at: Fraction) -> None:
        """End a delay, and obey what came in it."""
        held, self._held, self._until = self._held, [], None
        for one in held:
            if self._until is None:
                self._obey(one, at)
            else:
                self._held.append(one)

    def _obey(self, one: Code, at: Fraction) -> None:
        code = one.code
        if (letter := codes.letter(code, one.data)) is not None:
            self._write(letter, at, one)
        elif code < 0x20:
            self._control(code, at)
        elif code in codes.CW:
            self._select(code - codes.CW[0], at)
        elif code in codes.DF:
            self._define(code - codes.DF[0], one.data, at)
        elif codes.CLW <= code <= codes.DLW:
            self._bitmap(code, one.data[0], at)
        elif code == codes.DLY:
            self._until = at + Fraction(one.data[0], 10)
        elif code == codes.RST:
            for window in list(self._windows):
                self._drop(window, at)
        elif code in (codes.SPA, codes.SPC, codes.SPL):
            self._pen(code, one.data, at)
        elif code not in codes.KNOWN_C1:
            kind = "10 " if code >= codes.EXTENDED else ""
            self.faults.add("unknown-command", f"{kind}{code & 0xFF:02X} is not a command", at=at, line=self._line)

    def _window(self) -> Window | None:
        return None if self._current is None else self._windows.get(self._current)

    def _write(self, letter: str, at: Fraction, one: Code) -> None:
        window = self._window()
        if window is None:
            self._lose("A letter", at)
            return
        if letter == codes.UNKNOWN and (one.code, one.data) not in _UNDERSCORES:
            kind = "18" if one.code == codes.P16 else "10"
            name = one.data.hex().upper() if one.data else f"{one.code & 0xFF:02X}"
            self.faults.add("unknown-character", f"{kind} {name} is not a letter", at=at, line=self._line)
        window.write(letter, at, self._line)

    def _lose(self, what: str, at: Fraction) -> None:
        """Take note of what has no window, once until there is one."""
        if not self._is_lost:
            self.faults.add(
                "characters-without-window", f"{what} comes before a window is defined", at=at, line=self._line
            )
        self._is_lost = True

    def _control(self, code: int, at: Fraction) -> None:
        window = self._window()
        if code not in codes.KNOWN_C0:
            self.faults.add("unknown-command", f"{code:02X} is not a control code", at=at, line=self._line)
        elif window is not None:
            match code:
                case codes.BS if window.column:
                    window.column -= 1
                    window.delete(window.row, window.column, at)
                case codes.FF:
                    window.clear(at)
                    window.row = window.column = 0
                case codes.CR:
                    window.new_row(at)
                case codes.HCR:
                    window.delete(window.row, None, at)
                    window.column = 0

    def _select(self, number: int, at: Fraction) -> None:
        if number in self._windows:
            self._current = number
        else:
            self.faults.add("undefined-window", f"Window {number} is selected and not defined", at=at, line=self._line)

    def _define(self, number: int, data: bytes, at: Fraction) -> None:
        window = self._windows.setdefault(number, Window(number))
        self._current, self._is_lost = number, False
        if window.define(data):
            window.show(at, self._line)
        else:
            window.hide(at)

    def _bitmap(self, code: int, bits: int, at: Fraction) -> None:
        """The commands that name windows by bits; those that are not defined are left out (section 8.10.5)."""
        is_defined = any(number in self._windows for number in _named(bits))
        if code in (codes.DSW, codes.TGW) and not is_defined and not self._is_lost:
            message = "Windows are shown of which none is defined"
            self.faults.add("undefined-window", message, at=at, line=self._line)
        for number in _named(bits):
            window = self._windows.get(number)
            if window is None:
                continue
            match code:
                case codes.CLW:
                    self._check_unseen(window, at)
                    window.clear(at)
                case codes.DSW:
                    window.show(at, self._line)
                case codes.HDW:
                    window.hide(at)
                case codes.TGW:
                    if window.is_visible:
                        window.hide(at)
                    else:
                        window.show(at, self._line)
                case codes.DLW:
                    self._drop(number, at)

    def _drop(self, number: int, at: Fraction) -> None:
        window = self._windows.pop(number)
        self._check_unseen(window, at)
        window.hide(at)
        self._gone += window.screen.finish()
        self._current = None if self._current == number else self._current

    def check_end(self) -> None:
        """Take note of text that is loaded where a file of captions ends."""
        for window in self._windows.values():
            self._check_unseen(window, None)

    def _check_unseen(self, window: Window, at: Fraction | None) -> None:
        if window.is_unseen:
            message = f"Text is written into window {window.number}, which is not shown before the text is gone"
            self.faults.add("caption-never-shown", message, at=at, line=self._line)

    def _pen(self, code: int, data: bytes, at: Fraction) -> None:
        window = self._window()
        if window is None:
            self._lose("The pen", at)
        elif code == codes.SPA:
            window.is_italic = bool(data[1] & 0x80)
        elif code == codes.SPC:
            levels = (data[0] >> shift & 3 for shift in (4, 2, 0))
            window.color = "#" + "".join(f"{85 * level:02x}" for level in levels)
        else:
            window.row, window.column = data[0] & 0x0F, data[1] & 0x3F


def _named(bits: int) -> Iterator[int]:
    return (number for number in range(8) if bits >> number & 1)

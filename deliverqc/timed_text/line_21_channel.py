"""What one channel of line 21 does with its control codes and letters: captions (CC1 to CC4), and the text service (T1
to T4) of the same channels. Knows no bytes, no parity and no repetition."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from deliverqc.timed_text import line_21_codes as codes
from deliverqc.timed_text.caption_faults import FaultList
from deliverqc.timed_text.caption_screen import (
    PAINT_ON,
    POP_ON,
    ROLL_UP,
    TEXT,
    Cell,
    Cells,
    Place,
    Screen,
    Shown,
)
from deliverqc.timed_text.model import Box, Event

_BLACK = "#000000"
_LAST_COLUMN = codes.COLUMNS - 1
_SAFE, _SHARE = 10.0, 80.0
"""The grid fills the safe title area: percent of the picture before it, and of its size (47 CFR 79.101)."""


_cell = lru_cache(maxsize=1024)(Cell)


def box_of(places: Iterable[Place]) -> Box:
    """Around cells of the grid, of which rows and columns count from 0."""
    held = list(places)
    rows, columns = [row for row, _ in held], [column for _, column in held]
    return Box(
        left=_SAFE + _SHARE * min(columns) / codes.COLUMNS,
        top=_SAFE + _SHARE * min(rows) / codes.ROWS,
        right=_SAFE + _SHARE * (max(columns) + 1) / codes.COLUMNS,
        bottom=_SAFE + _SHARE * (max(rows) + 1) / codes.ROWS,
    )


@dataclass(slots=True, kw_only=True)
class Channel:
    """What captions and text have in common: a pen, and a screen. `is_open`: a mode was set, so that letters have a
    place. `written`: the cell of the last letter; `is_full`: it took the place of another at the end of its row."""

    name: str
    faults: FaultList = field(default_factory=FaultList)
    screen: Screen = field(default_factory=lambda: Screen(box_of=box_of))
    is_open: bool = False
    row: int = codes.ROWS - 1
    column: int = 0
    color: str = codes.COLORS[0]
    is_italic: bool = False
    written: Place | None = None
    is_full: bool = False

    def control(self, code: int, second: int, at: Fraction, *, line: int | None, late_s: Fraction | None) -> bool:
        """Obey a control code, by its first byte as of the first channel; False where it is not defined."""
        if code in codes.MISCELLANEOUS and second in codes.MISCELLANEOUS_CODES:
            self.miscellaneous(second, at, line, late_s)
            return True
        if code == 0x17 and 0x21 <= second <= 0x23:
            self.column = min(self.column + second - 0x20, _LAST_COLUMN)
            return True
        if (preamble := codes.pac(code, second)) is not None:
            row, self.column, self.color, self.is_italic = preamble
            self.place(row - 1, at)
            return True
        if code == 0x11 and second in codes.SPECIAL:
            self.letter(codes.SPECIAL[second], at, line)
            return True
        if code in codes.EXTENDED and second in codes.EXTENDED[code]:
            self.back(at)
            self.letter(codes.EXTENDED[code][second], at, line)
            return True
        return self._attribute(code, second, at, line)

    def _attribute(self, code: int, second: int, at: Fraction, line: int | None) -> bool:
        """Mid-row codes, which take a cell, and the attributes of table 3, which take that of the space before."""
        if code == 0x11 and 0x20 <= second < 0x30:
            style = second >> 1 & 7
            self.is_italic = style == 7
            self.color = self.color if style == 7 else codes.COLORS[style]
            self.letter(" ", at, line)
            return True
        if code == 0x17 and second in (0x2E, 0x2F):
            self.color = _BLACK
        is_background = (code == 0x10 and 0x20 <= second < 0x30) or (code == 0x17 and 0x2D <= second < 0x30)
        is_character_set = code == 0x17 and 0x24 <= second <= 0x2A
        return is_background or is_character_set

    def miscellaneous(self, code: int, at: Fraction, line: int | None, late_s: Fraction | None) -> None:
        """Obey a code of table 52."""
        raise NotImplementedError

    def place(self, row: int, at: Fraction) -> None:
        """Put the pen into a row, from 0."""
        raise NotImplementedError

    def letter(self, letter: str, at: Fraction, line: int | None) -> None:
        """Write at the pen."""
        raise NotImplementedError

    def back(self, at: Fraction) -> None:
        """Take off the letter before the pen."""
        raise NotImplementedError

    def check_unseen(self, at: Fraction | None, line: int | None) -> None:
        """Take note of a caption that is loaded and will not be displayed."""

    def finish(self) -> tuple[Event, ...]:
        return self.screen.finish()

    def step_back(self) -> Place:
        """The cell before the pen, to which the pen goes."""
        self.column = max(0, self.column - 1)
        self.written = None
        return self.row, self.column

    def step(self, at: Fraction, line: int | None) -> Place:
        """The cell of the next letter, from which the pen goes on. It stays in the last column, where each letter takes
        the place of the one before."""
        place = (self.row, self.column)
        is_over = place == self.written and self.column == _LAST_COLUMN
        if is_over and not self.is_full:
            message = f"A row has more letters than its {codes.COLUMNS} columns, so some are lost"
            self.faults.add("row-overflow", message, at=at, line=line)
        self.is_full = is_over
        self.written = place
        self.column = min(self.column + 1, _LAST_COLUMN)
        return place

    def cell(self, letter: str) -> Cell:
        return _cell(letter, self.color, self.is_italic)


@dataclass(slots=True, kw_only=True)
class Caption(Channel):
    """CC1 to CC4. `memory`: what is loaded and not displayed. `is_placed`: a row was given since the last caption;
    `holds_old`: the memory still has a caption that was displayed; `is_over`: the last letter took the place of
    another."""

    mode: str | None = None
    memory: Cells = field(default_factory=dict)
    depth: int = 0
    is_placed: bool = False
    holds_old: bool = False
    load_from: Fraction | None = None
    is_over: bool = False

    def miscellaneous(self, code: int, at: Fraction, line: int | None, late_s: Fraction | None) -> None:
        match code:
            case codes.RCL:
                self._load(at)
            case codes.RU2 | codes.RU3 | codes.RU4:
                self._roll_up(code - codes.RU2 + 2, at)
            case codes.RDC:
                self.is_placed = self.is_placed and self.mode == PAINT_ON
                self.mode, self.is_open = PAINT_ON, True
            case codes.EDM:
                self.screen.erase(at)
            case codes.ENM:
                self.check_unseen(at, line)
                self.memory, self.load_from, self.holds_old = {}, None, False
            case codes.EOC:
                self._flip(at, line, late_s)
            case codes.CR:
                self._return(at)
            case codes.BS:
                self.back(at)
            case codes.DER:
                self._delete(lambda place: place[0] == self.row and place[1] >= self.column, at)
            case codes.FON:
                self.letter(" ", at, line)

    def place(self, row: int, at: Fraction) -> None:
        self.is_placed = True
        if self.mode != ROLL_UP:
            self.row = row
            return
        base = max(row, self.depth - 1)
        if base != self.row:
            self.screen.move(base - self.row, at, top=base - self.depth + 1)
        self.row = base

    def letter(self, letter: str, at: Fraction, line: int | None) -> None:
        if self.mode is None:
            message = "A letter comes before a code says how it is shown"
            self.faults.add("characters-without-mode", message, at=at, line=line)
            return
        if not self.is_placed and self.mode != ROLL_UP:
            self.is_placed = True  # reported once a caption
            self.faults.add("text-before-pac", "Text comes before a code that gives its row", at=at, line=line)
        place = self.step(at, line)
        if letter == codes.TRANSPARENT:
            self._delete(lambda one: one == place, at)
        elif self.mode == POP_ON:
            self._keep(place, self.cell(letter), at, line)
        else:
            self.screen.write(place, self.cell(letter), at, self.mode, line=line)

    def back(self, at: Fraction) -> None:
        if self.column:
            place = self.step_back()
            self._delete(lambda one: one == place, at)

    def _keep(self, place: Place, cell: Cell, at: Fraction, line: int | None) -> None:
        had_old = self.holds_old
        if had_old:
            self.holds_old = False
            self.faults.add(
                "text-left-in-memory", "A caption is loaded over the one before, which was not erased", at=at, line=line
            )
        self.load_from = at if self.load_from is None else self.load_from
        before = self.memory.get(place)
        is_over = before is not None and before.character.strip() != "" and place[1] != _LAST_COLUMN
        if is_over and not self.is_over and not had_old:
            message = "Text is loaded over other text of the same caption, which is lost"
            self.faults.add("text-overwritten", message, at=at, line=line)
        self.is_over = is_over
        self.memory[place] = cell

    def check_unseen(self, at: Fraction | None, line: int | None) -> None:
        if not self.holds_old and any(cell.character.strip() for cell in self.memory.values()):
            message = "A caption is loaded and never displayed"
            self.faults.add("caption-never-shown", message, at=at, line=line)

    def _load(self, at: Fraction) -> None:
        self.mode, self.is_open = POP_ON, True
        if self.load_from is None or not self.memory or self.holds_old:
            self.load_from = at

    def _roll_up(self, depth: int, at: Fraction) -> None:
        self.is_open = True
        if self.mode != ROLL_UP:
            self.check_unseen(at, None)
            self.screen.erase(at)
            self.memory, self.holds_old, self.load_from = {}, False, None
            self.mode, self.row, self.column = ROLL_UP, codes.ROWS - 1, 0
        elif depth < self.depth:
            top = self.row - depth + 1
            self.screen.delete(lambda place: place[0] < top, at)
        self.depth = depth

    def _return(self, at: Fraction) -> None:
        if self.mode == ROLL_UP:
            self.screen.settle()
            self.screen.move(-1, at, top=self.row - self.depth + 1)
            self.column = 0

    def _flip(self, at: Fraction, line: int | None, late_s: Fraction | None) -> None:
        """EOC: the two memories change places."""
        loaded, self.memory = self.memory, self.screen.cells()
        if loaded and not self.holds_old:
            load_s = None if self.load_from is None else at - self.load_from
            shown = Shown(begin_s=at, mode=POP_ON, cells=loaded, load_s=load_s, late_s=late_s, line=line)
            self.screen.show(shown)
        else:
            self.faults.add("eoc-without-text", "A caption is displayed that has no text", at=at, line=line)
            self.screen.erase(at)
            if loaded:
                self.screen.show(Shown(begin_s=at, mode=POP_ON, cells=loaded, line=line))
        self.holds_old = bool(self.memory)
        self.mode, self.is_open, self.is_placed, self.load_from = POP_ON, True, False, None

    def _delete(self, places: Callable[[Place], bool], at: Fraction) -> None:
        if self.mode == POP_ON:
            self.memory = {place: cell for place, cell in self.memory.items() if not places(place)}
        else:
            self.screen.delete(places, at)


@dataclass(slots=True, kw_only=True)
class TextService(Channel):
    """T1 to T4: rows that scroll through the whole grid."""

    def miscellaneous(self, code: int, at: Fraction, line: int | None, late_s: Fraction | None) -> None:
        match code:
            case codes.TR:
                self.screen.erase(at)
                self.row = self.column = 0
                self.is_open = True
            case codes.RTD:
                self.row = 0 if not self.is_open else self.row
                self.is_open = True
            case codes.CR:
                self.screen.settle()
                self.column = 0
                if self.row < codes.ROWS - 1:
                    self.row += 1
                else:
                    self.screen.move(-1, at, top=0)
            case codes.BS:
                self.back(at)
            case codes.DER:
                self.screen.delete(lambda place: place[0] == self.row and place[1] >= self.column, at)
            case codes.FON:
                self.letter(" ", at, line)

    def place(self, row: int, at: Fraction) -> None:
        """The row of a preamble address code has no meaning in text mode."""

    def letter(self, letter: str, at: Fraction, line: int | None) -> None:
        place = self.step(at, line)
        if letter != codes.TRANSPARENT:
            self.screen.write(place, self.cell(letter), at, TEXT, line=line)

    def back(self, at: Fraction) -> None:
        if self.column:
            place = self.step_back()
            self.screen.delete(lambda one: one == place, at)

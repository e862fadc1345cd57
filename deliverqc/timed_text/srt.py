"""Reads SubRip (SRT), strictly: what players pass over or read differently is a fault. Knows no picture and no spec.

SubRip has no standard. The form is the one that its own program writes: a counter, a line of times
`HH:MM:SS,mmm --> HH:MM:SS,mmm` (and, rarely, `X1:… X2:… Y1:… Y2:…` in pixels of a picture that it does not state, so
that no box follows from them), the text, a blank line. Where it is broken, the text is the one that libav shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from deliverqc.timed_text.faults import Faults, refuse_too_many_events
from deliverqc.timed_text.model import Document, Event, TextError
from deliverqc.timed_text.plain_text import plain_text
from deliverqc.timed_text.srt_tags import styled

_TIME = r"(-?)\s*+(\d{1,9})\s*+:\s*+(\d{1,9})\s*+:\s*+(\d{1,9})\s*+([,.:])\s*+(\d{1,9})"
_TIMES = re.compile(rf"\s*+{_TIME}(\s*+)-->(\s*+){_TIME}(?!\d)(.*)", re.ASCII | re.DOTALL)
_REGULAR = re.compile(r"(\d\d):(\d\d):(\d\d),(\d{3}) --> (\d\d):(\d\d):(\d\d),(\d{3})", re.ASCII)
_LIKE_TIME = re.compile(r"\d\s*+:\s*+\d", re.ASCII)
_LIKE_TIMES = re.compile(r"\s*+\d++:\d++:\d++[,.]\d++(?:\s*+(?:[-–—]++\s*+>|→)|\D{1,10}\d++:\d++:\d++[,.]\d)", re.ASCII)
_COORDINATES = re.compile(r"\s+X1:(\d{1,5})\s+X2:(\d{1,5})\s+Y1:(\d{1,5})\s+Y2:(\d{1,5})\s*+", re.ASCII)
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TIME_IN_TEXT = re.compile(r"\d:\d\d:\d\d[,.]\d", re.ASCII)
_LONGEST_TIMES = 200
"""House choice: no line of times with coordinates is longer than 90 characters."""


@dataclass(kw_only=True, slots=True)
class _Head:
    """The line of times at `index`; `begin_ms` is None where it cannot be read. `label` is its counter, `text_end` the
    index at which the text before it ends."""

    index: int
    begin_ms: int | None = None
    end_ms: int = 0
    label: str | None = None
    text_end: int = 0


def _is_blank(line: str) -> bool:
    return not line.strip(" \t\v\f")


def _is_number(text: str) -> bool:
    return len(text) < 10 and text.isascii() and text.isdigit()


class _Times:
    """Reads lines of times, and remembers the one before."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def read(self, line: str, index: int) -> _Head | None:
        """The head that `line` is; None where it is none."""
        if found := _REGULAR.fullmatch(line):
            hours, minutes, seconds, thousandths, *end = (int(part) for part in found.groups())
            head = _Head(index=index, begin_ms=((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths)
            head.end_ms = ((end[0] * 60 + end[1]) * 60 + end[2]) * 1000 + end[3]
            if max(minutes, seconds, end[1], end[2]) > 59:
                self._out_of_range(index)
            return head
        start = line[:_LONGEST_TIMES]
        if "-->" in start and (found := _TIMES.fullmatch(start)):
            return self._irregular(found, line[found.start(15) :], index)
        if ("-->" in start and _LIKE_TIME.search(start)) or _LIKE_TIMES.match(start):
            message = f"A line of times cannot be read, so its event is lost: {start.strip()[:60]!r}."
            self._faults.add("bad-time-line", message, index + 1)
            return _Head(index=index)
        return None

    def _out_of_range(self, index: int) -> None:
        self._faults.add("time-out-of-range", "Minutes and seconds go up to 59.", index + 1)

    def _irregular(self, found: re.Match[str], rest: str, index: int) -> _Head:
        times = []
        for first in (1, 9):
            hours, minutes, seconds, thousandths = (int(found[first + offset]) for offset in (1, 2, 3, 5))
            milliseconds = ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths
            times.append(-milliseconds if found[first] else milliseconds)
        self._name_what_is_irregular(found, index)
        self._check_what_follows(rest, index + 1)
        return _Head(index=index, begin_ms=times[0], end_ms=times[1])

    def _name_what_is_irregular(self, found: re.Match[str], index: int) -> None:
        add, line = self._faults.add, index + 1
        parts = [found.groups()[first : first + 6] for first in (0, 8)]
        if any(part[4] == "." for part in parts):
            add("period-in-time", "A comma divides seconds and thousandths, not a period.", line)
        if any(part[0] for part in parts):
            add("negative-time", "A time is negative.", line)
        if any(int(part[2]) > 59 or int(part[3]) > 59 for part in parts):
            self._out_of_range(index)
        if any(len(part[1]) > 2 and int(part[1]) > 99 for part in parts):
            add("hours-over-99", "Hours have two digits: 99 at most.", line)
        lengths = [tuple(map(len, (*part[2:4], part[5]))) for part in parts]
        hours = [len(part[1]) == 2 or int(part[1]) > 99 for part in parts]
        spaces = found[7] == found[8] == " " and not found.string[: found.start(1)]
        inner = all(len(found.string[found.start(a) : found.end(b)].split()) == 1 for a, b in ((1, 6), (9, 14)))
        colons = any(part[4] == ":" for part in parts)
        if not all(hours) or any(length != (2, 2, 3) for length in lengths) or not spaces or not inner or colons:
            add("irregular-time", "Times are written as 00:00:01,000 --> 00:00:02,500.", line)

    def _check_what_follows(self, rest: str, line: int) -> None:
        if not rest.strip():
            return
        found = _COORDINATES.fullmatch(rest)
        if found is None:
            message = f"After the times there is {rest.strip()[:40]!r}, which is not part of SubRip."
            self._faults.add("text-after-times", message, line)
        elif int(found[1]) >= int(found[2]) or int(found[3]) >= int(found[4]):
            self._faults.add("bad-coordinates", "The right or lower edge comes before the left or upper one.", line)


class _Counters:
    """Finds the counter of each line of times, and says where it is missing or out of order."""

    def __init__(self, lines: list[str], faults: Faults) -> None:
        self._lines, self._faults = lines, faults
        self._last: int | None = None

    def read(self, head: _Head, floor: int) -> None:
        """Fills in `label` and `text_end`; `floor` is the index after the line of times before."""
        lines, above = self._lines, head.index - 1
        head.text_end = head.index
        text = lines[above].strip() if above >= floor else ""
        if text and (_is_number(text) or self._starts(above, floor)):
            self._direct(head, above, floor, text)
        elif not text and (apart := self._apart(above, floor)) is not None:
            head.text_end = apart
            self._fault("blank-line-after-counter", "A blank line divides the counter from its times.", head)
            self._count(head, lines[apart].strip())
        elif head.begin_ms is not None:
            self._fault("missing-counter", "The event has no counter.", head)

    def _direct(self, head: _Head, above: int, floor: int, text: str) -> None:
        head.text_end = above
        if not self._starts(above, floor):
            self._fault("missing-blank-line", "No blank line divides the event from the one before.", head)
        if _is_number(text):
            self._count(head, text)
            return
        head.label = text
        self._fault("counter-not-a-number", f"The counter is {text[:40]!r}, not a number.", head)

    def _starts(self, index: int, floor: int) -> bool:
        if index > floor:
            return _is_blank(self._lines[index - 1])
        return floor == 0

    def _apart(self, above: int, floor: int) -> int | None:
        while above >= floor and _is_blank(self._lines[above]):
            above -= 1
        is_counter = above >= floor and _is_number(self._lines[above].strip()) and self._starts(above, floor)
        return above if is_counter else None

    def _count(self, head: _Head, text: str) -> None:
        head.label = text
        if self._last is not None and int(text) <= self._last:
            message = f"Counter {text} comes after {self._last}: counters go up."
            self._fault("counter-not-increasing", message, head)
        self._last = int(text)

    def _fault(self, code: str, message: str, head: _Head) -> None:
        self._faults.add(code, message, head.index + 1)


def read(data: bytes, name: str) -> tuple[Document, ...]:
    """The one document in `data`. TextError where it is too large, has too many events, or is text without times."""
    faults = Faults()
    text = plain_text(data, name, faults)
    lines = _without_controls(text.lines, faults)
    heads = _heads(lines, name, faults)
    if not any(head.begin_ms is not None for head in heads) and not all(map(_is_blank, lines)):
        message = f"{name} has no line of times as 00:00:01,000 --> 00:00:02,500. Check that it is SubRip."
        raise TextError(message, code="no-times", line=1)
    events = tuple(_events(lines, heads, faults))
    document = Document(
        format="srt",
        events=events,
        faults=faults.found(),
        encoding=text.encoding,
        has_bom=text.has_bom,
        time_base="media",
    )
    return (document,)


def _without_controls(lines: list[str], faults: Faults) -> list[str]:
    whole = "\n".join(lines)
    if "\0" in whole:
        line = whole.count("\n", 0, whole.index("\0")) + 1
        faults.add("nul-character", "The text has NUL bytes: the file is damaged or padded.", line)
        whole = whole.replace("\0", "")
    if found := _CONTROLS.search(whole):
        line = whole.count("\n", 0, found.start()) + 1
        message = f"The text has the control character U+{ord(found[0]):04X}."
        faults.add("control-character", message, line)
    return whole.split("\n")


def _heads(lines: list[str], name: str, faults: Faults) -> list[_Head]:
    times, counters = _Times(faults), _Counters(lines, faults)
    heads: list[_Head] = []
    for index, line in enumerate(lines):
        if "-->" not in line and ":" not in line:
            continue
        head = times.read(line, index)
        if head is None:
            continue
        counters.read(head, heads[-1].index + 1 if heads else 0)
        heads.append(head)
        refuse_too_many_events(len(heads), name, index + 1)
    return heads


def _events(lines: list[str], heads: list[_Head], faults: Faults) -> Iterator[Event]:
    first = heads[0].text_end if heads else 0
    for index in range(first):
        if not _is_blank(lines[index]):
            faults.add("text-without-times", "Text comes before the first event.", index + 1)
            break
    number, latest = 0, None
    for position, head in enumerate(heads):
        if head.begin_ms is None:
            continue
        number += 1
        end = heads[position + 1].text_end if position + 1 < len(heads) else len(lines)
        body = _body(lines, head.index + 1, end, faults, number)
        if ":" in body and (found := _TIME_IN_TEXT.search(body)):
            message = "The text holds a time: the rest of a line of times, whose event is lost."
            line = head.index + 2 + body.count("\n", 0, found.start())
            faults.add("time-in-text", message, line, number)
        _check_order(head, latest, faults, number)
        latest = head.begin_ms
        shown = styled(body, faults, head.index + 2, number)
        yield Event(
            number=number,
            begin_s=Fraction(head.begin_ms, 1000),
            end_s=Fraction(head.end_ms, 1000),
            lines=shown.lines,
            label=head.label,
            line=head.index + 1,
            vertical=shown.vertical,
            align=shown.align,
            is_italic=shown.is_italic,
            colors=tuple(shown.colors),
            fonts=tuple(shown.fonts),
        )


def _check_order(head: _Head, latest: int | None, faults: Faults, number: int) -> None:
    begin = head.begin_ms or 0
    if head.end_ms < begin:
        faults.add("end-before-begin", "The event ends before it begins.", head.index + 1, number)
    elif head.end_ms == begin:
        faults.add("zero-duration", "The event ends when it begins: it is never shown.", head.index + 1, number)
    if latest is not None and begin < latest:
        faults.add("times-go-backwards", "The event begins before the one above it.", head.index + 1, number)


def _body(lines: list[str], first: int, end: int, faults: Faults, number: int) -> str:
    """The text between two lines of times, its blank lines kept as libav keeps them. A paragraph that begins with a
    counter is an event without times: a fault, and no text of this one."""
    while end > first and _is_blank(lines[end - 1]):
        end -= 1
    kept: list[str] = []
    is_lost = has_blank = False
    for index in range(first, end):
        line = lines[index]
        if _is_blank(line):
            has_blank, is_lost = True, False
        elif has_blank and _is_number(line.strip()) and (index == first or _is_blank(lines[index - 1])):
            faults.add("text-without-times", "A counter is followed by no line of times: its event is lost.", index + 1)
            is_lost = True
            continue
        elif has_blank and not is_lost and _is_blank(lines[index - 1]):
            message = "A blank line within the text: some players show nothing after it."
            faults.add("blank-line-in-text", message, index, number)
        if not is_lost:
            kept.append(line)
    return "\n".join(kept)

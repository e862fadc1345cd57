"""Documents of timed text made by hand, and a reader of SubRip that knows as much as tests need."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from deliverqc.timed_text.model import Document, Event, TextError, TextFault

_CUE = re.compile(r"(\d+)\n(\d\d):(\d\d):(\d\d),(\d{3}) --> (\d\d):(\d\d):(\d\d),(\d{3})\n(.*)", re.DOTALL)


def event(begin: str | int | Fraction, end: str | int | Fraction | None, *lines: str, **more: Any) -> Event:
    """An event from `begin` to `end` (seconds, exact), with the number 1 where none is given."""
    stated = {"number": 1, "begin_s": Fraction(begin), "end_s": None if end is None else Fraction(end), "lines": lines}
    return Event(**stated | more)


def document(*events: Event, **more: Any) -> Document:
    """A document of those events, numbered in their order."""
    numbered = (
        Event(**{name: getattr(one, name) for name in one.__slots__} | {"number": i}) for i, one in enumerate(events, 1)
    )
    return Document(**{"format": "ttml", "events": tuple(numbered)} | more)


def read_srt(data: bytes, found: str, name: str) -> tuple[Document, ...]:
    """SubRip that is well formed; TextError where it is not. A cue that ends before it starts is a fault."""
    events, faults, line = [], [], 1
    for number, block in enumerate(data.decode().strip("\n").split("\n\n"), 1):
        cue = _CUE.fullmatch(block)
        if cue is None:
            raise TextError(f"{name}, line {line}: not a subtitle. Export it again.", code="bad-cue", line=line)
        times = [
            Fraction(int(h) * 3600 + int(m) * 60 + int(s)) + Fraction(int(ms), 1000)
            for h, m, s, ms in (cue.groups()[1:5], cue.groups()[5:9])
        ]
        events.append(event(*times, *cue[10].split("\n"), label=cue[1], line=line + 1, number=number))
        if times[1] < times[0]:
            faults.append(TextFault(code="negative", message="It ends before it starts", line=line + 1, event=number))
        line += block.count("\n") + 2
    return (Document(format=found, events=tuple(events), faults=tuple(faults), encoding="utf-8"),)


@pytest.fixture
def small_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text is read by `read_srt`, so that a test is about what is made of it."""
    monkeypatch.setattr("deliverqc.timed_text.reading.read_bytes", read_srt)

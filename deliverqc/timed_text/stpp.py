"""Reads a track of TTML in MP4, of which each sample is a document (ISO/IEC 14496-30 section 5). Opens no file.

Times in a document count on the clock of the track. A sample shows what its document has between the start and the end
of the sample, so an event that lasts over a join is in both samples.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from deliverqc.timed_text import ttml
from deliverqc.timed_text.faults import Faults
from deliverqc.timed_text.model import Document, Event


class _Key(NamedTuple):
    """What makes an event of one sample the same as that of another."""

    begin_s: Fraction
    end_s: Fraction | None
    lines: tuple[str, ...]
    region: str | None
    nth: int


def read_stpp(samples: Sequence[tuple[Fraction, Fraction | None, bytes]], name: str) -> Document:
    """The document of all samples, each a start, an end (None: not stated) and its bytes. TextError where one is not
    TTML."""
    faults = Faults()
    shown: dict[_Key, Event] = {}
    hidden: set[_Key] = set()
    first: Document | None = None
    for number, (begin, end, data) in enumerate(samples, start=1):
        (document,) = ttml.read(data, f"{name}, sample {number}")
        first = first or document
        for fault in document.faults:
            faults.add(fault.code, fault.message, fault.line if len(samples) == 1 else None)
        alike = Counter[_Key]()
        for event in document.events:
            key = _Key(event.begin_s, event.end_s, event.lines, event.region, 0)
            _show(event, key._replace(nth=alike[key]), begin, end, shown, hidden)
            alike[key] += 1
    for key in sorted(hidden - shown.keys(), key=lambda one: one.begin_s):
        message = f"An event at {float(key.begin_s):.3f} s is outside of the sample that holds it: it is not shown."
        faults.add("outside-sample", message)
    events = tuple(replace(event, number=number, line=None) for number, event in enumerate(shown.values(), start=1))
    known = first or Document(format="ttml", events=())
    found = tuple(dict.fromkeys(faults.found()))
    return replace(known, events=events, faults=found, start_s=None, time_base="media", drop_mode=None)


def _show(
    event: Event, key: _Key, begin: Fraction, end: Fraction | None, shown: dict[_Key, Event], hidden: set[_Key]
) -> None:
    starts = max(event.begin_s, begin)
    ends = event.end_s if end is None else end if event.end_s is None else min(event.end_s, end)
    is_outside = (end is not None and event.begin_s >= end) or (event.end_s is not None and event.end_s <= begin)
    if is_outside and event.begin_s != event.end_s:
        hidden.add(key)
        return
    known = shown.get(key)
    shown[key] = replace(event, begin_s=starts, end_s=ends) if known is None else replace(known, end_s=ends)

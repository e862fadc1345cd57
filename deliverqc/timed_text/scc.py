"""Reads Scenarist closed captions (SCC): timecodes, and the pairs of line 21 that are sent from each on, one a frame of
29.97 frames per second. Knows no picture.

A line is sent when its time has come and the lines before it are through: what it shows can be later than it states,
and `Event.late_s` says by how much. Drop-frame counting is by the mark before the frames, `;`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from deliverqc.timebase import Timecode
from deliverqc.timed_text.caption_faults import FaultList, hold_to_ascii, is_plain
from deliverqc.timed_text.caption_screen import refuse_too_many
from deliverqc.timed_text.detecting import unmarked
from deliverqc.timed_text.line_21 import Field
from deliverqc.timed_text.model import MOST_BYTES, Document, TextError

RATE = Fraction(30000, 1001)
_MOST_WORDS = 24 * 3600 * 30
"""Those of a whole day: house choice."""
_HEADER = "Scenarist_SCC V1.0"
_LINE = re.compile(r"(\S+?)([\t ]+)(\S.*)")
_TIME = re.compile(r"\d\d:\d\d:\d\d[:;,.]\d\d")
_SECOND_FIELD = re.compile(r"^(?:15|1d|95|9d)", re.IGNORECASE)
_MISCELLANEOUS = re.compile(r"^(?:[19][45cd])(?:2.|a.)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    time: Timecode
    words: tuple[str, ...]


def read(data: bytes, name: str) -> tuple[Document, ...]:
    """One document for each channel that the file holds, one without a service where it holds none. TextError where it
    does not begin as SCC does, or has no line that can be read."""
    if len(data) > MOST_BYTES:
        message = f"{name} has {len(data):,} bytes; text is read up to {MOST_BYTES:,}. Check what fills the file."
        raise TextError(message, code="text-too-large")
    text, encoding, has_bom = unmarked(data)
    rows = re.split(r"\r\n|\r|\n", text)
    if rows[0].strip() != _HEADER:
        message = f"{name}, line 1: the file does not begin with “{_HEADER}”. Export it as SCC again."
        raise TextError(message, code="missing-header", line=1)
    faults = FaultList()
    hold_to_ascii(encoding, "SCC", faults)
    lines = list(_lines(rows, faults))
    if sum(len(line.words) for line in lines) > _MOST_WORDS:
        message = f"{name} has more words than a day has frames. Check what fills the file."
        raise TextError(message, code="text-too-large")
    if not lines and any(row.strip() for row in rows[1:]):
        message = f"{name}: no line has a timecode and words of four hex digits. Export it as SCC again."
        raise TextError(message, code="no-captions")
    marks = {line.time.is_drop_frame for line in lines}
    if len(marks) > 1:
        faults.add("mixed-drop-mode", "Some timecodes are drop-frame and others are not")
    found = _decoded(lines, faults) or (Document(format="scc", events=()),)
    refuse_too_many(found, name)
    return tuple(
        replace(
            document,
            encoding=encoding or "utf-8",
            has_bom=has_bom,
            time_base="smpte",
            frame_rate=RATE,
            drop_mode=("drop_ntsc" if lines[0].time.is_drop_frame else "non_drop") if lines else None,
            faults=(faults.faults() if not place else ()) + document.faults,
        )
        for place, document in enumerate(found)
    )


def _lines(rows: list[str], faults: FaultList) -> Iterator[_Line]:
    for number, row in enumerate(rows[1:], 2):
        if not is_plain(row):
            message = "The line has control characters, or others than ASCII"
            faults.add("not-ascii", message, line=number)
        if not row.strip():
            continue
        match = _LINE.fullmatch(row.rstrip())
        if match is None:
            faults.add("unreadable-line", "The line has no timecode and words behind it", line=number)
            continue
        time = _timecode(match[1], number, faults)
        if time is None:
            continue
        if match[2] != "\t":
            faults.add("wrong-separator", "The timecode is not followed by a tab", line=number)
        words = tuple(word for word in match[3].split() if _is_word(word, number, faults))
        if words:
            yield _Line(number, time, words)


def _timecode(text: str, number: int, faults: FaultList) -> Timecode | None:
    if not _TIME.fullmatch(text):
        faults.add("bad-timecode", f"“{ascii(text[:20])[1:-1]}” is not a timecode; the line is not read", line=number)
        return None
    mark = text[8]
    if mark in ",.":
        faults.add("bad-timecode", f"“{mark}” comes before the frames, where “:” or “;” is required", line=number)
    try:
        return Timecode.parse(text, RATE, is_drop_frame=mark != ":")
    except ValueError:
        faults.add(
            "bad-timecode", f"{text} does not exist at 29.97 frames per second; the line is not read", line=number
        )
        return None


def _is_word(word: str, number: int, faults: FaultList) -> bool:
    if re.fullmatch(r"[0-9A-Fa-f]{4}", word):
        return True
    shown = ascii(word[:12])[1:-1]
    if re.fullmatch(r"[0-9A-Fa-f]+", word):
        code, message = "odd-bytes", f"“{shown}” has {len(word)} hex digits, not four"
    else:
        code, message = "bad-word", f"“{shown}” has characters that are not hex digits"
    faults.add(code, f"{message}; it is not read", line=number)
    return False


def _decoded(lines: list[_Line], faults: FaultList) -> tuple[Document, ...]:
    """Send the lines one after the other. Their order in the file is that in which they are sent."""
    channel = Field(_field_of(lines))
    through, stated = 0, -1  # in frames
    for line in lines:
        due = line.time.frame
        if due < stated:
            faults.add("times-out-of-order", "The timecode is earlier than that of the line before", line=line.number)
        elif due == stated:
            faults.add("times-out-of-order", "The timecode is that of the line before", line=line.number)
        elif due < through:
            message = f"The line before holds {through - due} words more than there are frames; this line is sent late"
            faults.add("words-beyond-frames", message, line=line.number)
        stated = max(stated, due)
        begins = max(due, through)
        late_s = (begins - due) / RATE
        for frame, word in enumerate(line.words, begins):
            pair = int(word, 16)
            at = Fraction(frame * RATE.denominator, RATE.numerator)
            channel.feed(at, pair >> 8, pair & 0xFF, line=line.number, late_s=late_s)
        through = begins + len(line.words)
    return channel.documents(format="scc")


def _field_of(lines: list[_Line]) -> int:
    """A file holds one field: the second where its miscellaneous control codes are those of the second."""
    for line in lines:
        for word in line.words:
            if _MISCELLANEOUS.match(word):
                return int(_SECOND_FIELD.match(word) is not None)
    return 0

"""Places the clock of a timed-text document against the picture, and its times in frames; reads no text."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from deliverqc.timebase import Timecode, counting_rate
from deliverqc.timed_text.model import Document

_COUNTS_TIMECODE = ("scc", "mcc", "ebu_stl", "cea_608", "cea_708")
"""Formats whose times are timecode where the document does not say otherwise."""

_HOUR_S = 3600
_AFTER_THE_HOUR_S = 600
"""House choice: a programme whose first subtitle comes within ten minutes of a full hour is taken to start on it."""

_FEW_EVENTS, _LONGEST_HOURS = 20, 6
"""House choice: forced narratives, which may come late in a programme and are not always marked, have fewer events; no
programme is longer."""

MOST_FRAMES_HZ = 120
"""Above it a rate counts ticks and no frames of a timecode."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PictureClock:
    """The picture that a document belongs to: its exact rate, how long it runs, and the timecode of its first frame
    (None: none that can be counted)."""

    frame_rate: Fraction
    duration_s: Fraction | None
    start: Timecode | None = None


def counts_timecode(document: Document) -> bool:
    """Whether the times of a document are SMPTE timecode, and not media time from 0."""
    return is_timecode(document.time_base, document.format)


def is_timecode(time_base: str | None, text_format: str) -> bool:
    """Whether times are SMPTE timecode by the time base that is stated, else by the format."""
    return time_base == "smpte" or (time_base is None and text_format in _COUNTS_TIMECODE)


def clock_start(document: Document, picture: PictureClock | None) -> tuple[Fraction, str]:
    """The time of the document's clock that is the first frame, and who says so: the document; else, where its times
    are timecode and none of them comes before it, the timecode of the picture; else nothing, and it is 0."""
    if document.start_s is not None:
        return document.start_s, "document"
    if picture is None or picture.start is None or not counts_timecode(document) or not document.events:
        return Fraction(0), "none"
    start = _on_clock(picture.start, document, picture.frame_rate)
    first = min(event.begin_s for event in document.events)
    return (start, "picture") if start and first >= start else (Fraction(0), "none")


def _on_clock(start: Timecode, document: Document, frame_rate: Fraction) -> Fraction:
    """The address of the picture's first frame as the document counts it: at its own rate and in its own drop mode."""
    rate = document.frame_rate
    if rate is not None:
        try:
            same = Timecode.parse(str(start), rate, is_drop_frame=document.drop_mode == "drop_ntsc")
        except ValueError:
            pass
        else:
            return same.frame / rate
    return start.frame / counting_rate(start.rate, frame_rate)


def start_hour(document: Document) -> int | None:
    """The hour of the document's clock in which the programme begins; None where neither the document nor its first
    event shows it."""
    if document.start_s is not None:
        return int(_hours_shown(document, document.start_s))
    first = min(event.begin_s for event in document.events)
    hour = int(_hours_shown(document, first))
    if hour <= 0:
        return 0
    is_forced = document.is_forced or all(event.is_forced for event in document.events)
    may_be_forced = is_forced or (len(document.events) < _FEW_EVENTS and hour < _LONGEST_HOURS)
    is_near = first - hour * _HOUR_S <= _AFTER_THE_HOUR_S
    return hour if is_near and not may_be_forced else None


def _hours_shown(document: Document, at: Fraction) -> Fraction:
    """Hours on the clock that a reader of the document sees, which is slower than time at 24000/1001."""
    label = document_timecode(document, at)
    return Fraction(int(label[:2])) if label is not None else at / _HOUR_S


def document_timecode(document: Document, at: Fraction) -> str | None:
    """A time of the document's clock as it counts it itself; None where it counts no frames of a timecode."""
    rate = document.frame_rate
    if rate is None or not counts_timecode(document) or not 1 <= rate <= MOST_FRAMES_HZ or at < 0:
        return None
    if document.drop_mode == "drop_pal":
        return None
    try:
        return str(Timecode(nearest_frame(at, rate), rate, document.drop_mode == "drop_ntsc"))
    except ValueError:
        return None


def nearest_frame(at: Fraction, rate: Fraction) -> int:
    """The frame whose start is nearest to `at`: times in milliseconds are rounded to either side of a frame."""
    divisor = at.denominator * rate.denominator
    return (2 * at.numerator * rate.numerator + divisor) // (2 * divisor)

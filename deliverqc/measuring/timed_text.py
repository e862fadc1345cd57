"""Turns a document of timed text into the facts of a track; opens no file and judges nothing.

Numbers are rounded here, to the registry's resolution: to look up each of fifty thousand would cost more than all else.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from deliverqc.facts.model import Facts
from deliverqc.measuring.text_clock import (
    PictureClock,
    clock_start,
    counts_timecode,
    document_timecode,
    nearest_frame,
    start_hour,
)
from deliverqc.probing import Probed
from deliverqc.timebase import Timeline, format_rate
from deliverqc.timed_text.counting import (
    character_count,
    composed,
    full_widths,
    shown_lines,
    shows_anything,
    word_count,
)
from deliverqc.timed_text.model import WARNINGS, Document, Event, TextFault

MOST_TEXT = 200
"""Characters of an event's text that its facts keep."""

_ROW_BY_ROW = ("roll_up", "text")
"""Modes of captions in which each row is an event, shown with the rows before it."""

_CODECS = {"srt": "subrip", "scc": "eia_608", "mcc": "eia_608", "cea_608": "eia_608", "tx3g": "mov_text"}
"""Formats that libav calls otherwise."""


def track_facts(
    document: Document,
    *,
    source: str,
    index: int | None = None,
    file: str | None = None,
    role: str | None = None,
    size_bytes: int | None = None,
    picture: PictureClock | None = None,
) -> Facts:
    """The members of `timed_text.tracks[]` for one document that was read. `source`, `index`, `file` and `role` as in
    the registry; without a `role` it is the one that the document states. `picture` is what it belongs to."""
    start, start_from = clock_start(document, picture)
    texts = [tuple(composed(line) for line in event.lines) for event in document.events]
    events = _events(document, texts, start, picture)
    return {
        "codec": _CODECS.get(document.format, document.format),
        "language": document.language,
        "source": source,
        "is_read": True,
        "error": None,
        "carrier": None,
        "index": index,
        "file": file,
        "service": document.service,
        "role": role or _role(document),
        "size_bytes": size_bytes,
        **_stated(document),
        **_start_hour(document),
        "clock_start_s": _seconds(start),
        "clock_start_from": start_from,
        **_of_all(document, events, start, picture),
        "colors": sorted({color for event in document.events for color in event.colors}),
        "errors": [_fault(one) for one in document.faults if one.code not in WARNINGS],
        "warnings": [_fault(one) for one in document.faults if one.code in WARNINGS],
        "characters": _characters(document.events, texts),
        "fonts": [{"name": one.name, "file": one.file, "size_bytes": one.size_bytes} for one in document.fonts],
        "events": events,
    }


def _fault(fault: TextFault) -> Facts:
    return {"code": fault.code, "message": fault.message, "line": fault.line, "event": fault.event}


def _role(document: Document) -> str | None:
    if document.is_forced:
        return "forced"
    return "closed_caption" if document.is_closed_caption else None


def _stated(document: Document) -> Facts:
    rate = document.frame_rate
    return {
        "format": document.format,
        "profile": document.profile,
        "encoding": document.encoding,
        "has_bom": document.has_bom,
        "time_base": document.time_base,
        "frame_rate": None if rate is None else format_rate(rate),
        "frame_rate_hz": None if rate is None else _seconds(rate),
        "drop_mode": document.drop_mode,
        "title": document.title,
        "document_id": document.id,
        "reel": document.reel,
        "edit_rate": None if document.edit_rate is None else format_rate(document.edit_rate),
        "display_type": document.display_type,
        "parity_error_count": document.parity_error_count,
    }


def _start_hour(document: Document) -> Facts:
    """The hour; null where there is nothing to show one, and missing where what is there does not show it."""
    if document.start_s is None and not document.events:
        return {"start_hour": None}
    hour = start_hour(document)
    return {} if hour is None else {"start_hour": hour}


def _of_all(document: Document, events: Sequence[Facts], start: Fraction, picture: PictureClock | None) -> Facts:
    """What is true of all events together."""
    first = min((event.begin_s for event in document.events), default=None)
    ends = [event.end_s for event in document.events if event.end_s is not None]
    end = max(ends) - start if ends else None
    beyond = None
    if picture is not None and picture.duration_s is not None and document.events:
        shown = [event.begin_s for event in document.events] + ends
        beyond = _seconds(max(Fraction(0), max(shown) - start - picture.duration_s))
    is_unmeasured = picture is not None and picture.duration_s is None
    until = None if picture is None or picture.duration_s is None else start + picture.duration_s
    begins = start if picture is not None else None
    shown_count = sum(
        _is_shown(event, of_it, begins, until) for event, of_it in zip(document.events, events, strict=True)
    )
    return {
        "is_image": any(event.is_image for event in document.events),
        "event_count": len(document.events),
        "shown_event_count": shown_count,
        "character_count": sum(event.get("character_count", 0) for event in events),
        "first_event_s": None if first is None else _seconds(first - start),
        "last_event_end_s": None if end is None else _seconds(end),
        "first_event_timecode": None if first is None else document_timecode(document, first),
        "duration_s": None if end is None else _seconds(end),
        **({} if is_unmeasured else {"beyond_picture_s": beyond}),
    }


def _is_shown(event: Event, facts: Facts, begins: Fraction | None, until: Fraction | None) -> bool:
    """Whether something of an event is on the screen for some time, of the picture from `begins` to `until`."""
    box = event.box
    if facts["is_empty"] or (event.end_s is not None and event.end_s <= event.begin_s):
        return False
    if box is not None and (box.right <= 0 or box.left >= 100 or box.bottom <= 0 or box.top >= 100):
        return False
    is_early = begins is not None and event.end_s is not None and event.end_s <= begins
    return not is_early and (until is None or event.begin_s < until)


def _characters(events: Sequence[Event], texts: Sequence[Sequence[str]]) -> list[Facts]:
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    for event, lines in zip(events, texts, strict=True):
        for line in lines:
            counts.update(line)
            for character in line:
                first.setdefault(character, event.number)
    return [
        {
            "character": character,
            "code_point": f"U+{ord(character):04X}",
            "count": counts[character],
            "first_event": first[character],
        }
        for character in sorted(counts)
    ]


def _events(
    document: Document, texts: Sequence[Sequence[str]], start: Fraction, picture: PictureClock | None
) -> list[Facts]:
    rate = picture.frame_rate if picture is not None else _frames_of(document)
    timeline = None
    if picture is not None:
        timeline = Timeline(frame_rate=picture.frame_rate, frame_count=None, start=picture.start)
    spans = _spans(document.events)
    shown_until, counts = _before(document.events, spans), _concurrent(spans)
    overlapping = _overlapping(document.events, spans)
    listed, latest = [], None
    for at, (event, lines) in enumerate(zip(document.events, texts, strict=True)):
        frames = _in_frames(event, start, shown_until[at], rate)
        listed.append(
            {
                "number": event.number,
                "label": event.label,
                "line": event.line,
                "start_s": _seconds(event.begin_s - start),
                "end_s": None if event.end_s is None else _seconds(event.end_s - start),
                "duration_s": None if event.end_s is None else _seconds(event.end_s - event.begin_s),
                **frames,
                "start_timecode": _timecode(event.begin_s, document, start, timeline),
                "end_timecode": None if event.end_s is None else _timecode(event.end_s, document, start, timeline),
                "gap_before_s": None if (gap := shown_until[at]) is None else _seconds(event.begin_s - gap),
                "concurrent_count": counts[at],
                "is_overlapping": at in overlapping,
                "is_in_order": latest is None or event.begin_s >= latest,
                **_of_text(event, lines),
                **_look(event),
                "load_late_s": None if event.late_s is None else _seconds(event.late_s),
            }
        )
        latest = event.begin_s if latest is None else max(latest, event.begin_s)
    return listed


def _timecode(at: Fraction, document: Document, start: Fraction, timeline: Timeline | None) -> str | None:
    """The timecode of the picture; where there is no picture, as the document counts it."""
    if timeline is None:
        return document_timecode(document, at)
    return timeline.timecode_of_frame(at - start) if at >= start else None


def _frames_of(document: Document) -> Fraction | None:
    """The rate in which a document without picture counts frames."""
    rate = document.frame_rate
    return rate if rate is not None and (counts_timecode(document) or rate <= 120) else None


def _in_frames(event: Event, start: Fraction, before: Fraction | None, rate: Fraction | None) -> Facts:
    if rate is None:
        return {}
    first = nearest_frame(event.begin_s - start, rate)
    end = None if event.end_s is None else nearest_frame(event.end_s - start, rate)
    return {
        "start_frame": first,
        "end_frame": end,
        "duration_frames": None if end is None else end - first,
        "gap_before_frames": None if before is None else first - nearest_frame(before - start, rate),
    }


def _of_text(event: Event, lines: Sequence[str]) -> Facts:
    """What an event says. Of an image nothing is known."""
    if event.is_image:
        return {"is_empty": False, "is_image": True, "text": ""}
    shown = shown_lines(lines)
    lengths = [character_count(line) for line in lines]
    duration = None if event.end_s is None else event.end_s - event.begin_s
    per_s = None if duration is None or duration <= 0 else 1 / float(duration)
    count = sum(lengths)
    text = "\n".join(lines)
    return {
        "line_count": len(shown),
        "max_line_characters": max(lengths, default=0),
        "max_line_full_widths": max((full_widths(line) for line in lines), default=0.0),
        "character_count": count,
        "characters_per_second": None if per_s is None else round(count * per_s, 2),
        "words_per_minute": None if per_s is None else round(word_count(lines) * per_s * 60, 2),
        "is_empty": not any(shows_anything(line) for line in lines),
        "is_image": False,
        "text": text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…",
    }


def _look(event: Event) -> Facts:
    box = event.box
    return {
        "is_forced": event.is_forced,
        "is_italic": event.is_italic,
        "region": event.region,
        "left_percent": None if box is None else round(float(box.left), 2),
        "top_percent": None if box is None else round(float(box.top), 2),
        "right_percent": None if box is None else round(float(box.right), 2),
        "bottom_percent": None if box is None else round(float(box.bottom), 2),
        "vertical": event.vertical,
        "align": event.align,
        "mode": event.mode,
        "language": event.language,
        "colors": list(event.colors),
        "fonts": list(event.fonts),
        "font_size_percent": None if event.font_size_percent is None else round(float(event.font_size_percent), 2),
        "element_count": event.element_count,
        **_of_cinema(event),
    }


def _of_cinema(event: Event) -> Facts:
    """What only subtitles of DCPs have."""
    if event.anchors is None:
        return {}
    return {"anchors": list(event.anchors), "is_top_down": event.is_top_down, "is_at_edge": event.is_at_edge}


Moment = tuple[float, Fraction]
"""A time that compares as the exact one does, mostly by its float, which is ten times as fast."""


def _moment(at: Fraction) -> Moment:
    return at.numerator / at.denominator, at


def _spans(events: Sequence[Event]) -> list[tuple[Moment, Moment, int]]:
    """Start, end and place in the file of each event, in order of time. One that states no end counts at its start."""
    return sorted(
        (begin, begin if event.end_s is None else _moment(event.end_s), at)
        for at, event in enumerate(events)
        for begin in (_moment(event.begin_s),)
    )


def _before(events: Sequence[Event], spans: Sequence[tuple[Moment, Moment, int]]) -> list[Fraction | None]:
    """Of each event, until when what was shown before it stays; None for the first, and where that has no end."""
    found: list[Fraction | None] = [None] * len(events)
    times, answer = None, None
    latest: Moment | None = None
    is_open = False
    for begin, end, at in spans:
        if times != (begin, end):
            answer = None if is_open or latest is None else latest[1]
            times = (begin, end)
        found[at] = answer
        is_open = events[at].end_s is None
        latest = end if latest is None else max(latest, end)
    return found


def _concurrent(spans: Sequence[tuple[Moment, Moment, int]]) -> list[int]:
    """Of each event, how many are shown when it starts, itself among them."""
    begins, ends = [begin for begin, _, _ in spans], sorted(end for _, end, _ in spans)
    counts = [0] * len(spans)
    for begin, end, at in spans:
        counts[at] = bisect_right(begins, begin) - bisect_right(ends, begin) + (end <= begin)
    return counts


def _overlapping(events: Sequence[Event], spans: Sequence[tuple[Moment, Moment, int]]) -> frozenset[int]:
    """The events that start while another one of the same region is shown, other than for the same time."""
    latest: dict[str | None, Moment] = {}
    before: dict[str | None, tuple[Moment, Moment, bool]] = {}
    found = set()
    for begin, end, at in spans:
        region = events[at].region
        *times, is_over = before.get(region, (None, None, False))
        if times != [begin, end]:
            is_over = region in latest and begin < latest[region]
        if is_over and events[at].mode not in _ROW_BY_ROW:
            found.add(at)
        latest[region] = max(end, latest.get(region, end))
        before[region] = (begin, end, is_over)
    return frozenset(found)


def _seconds(value: Fraction) -> float:
    return round(value.numerator / value.denominator, 6) + 0.0


def with_text(probed: Probed) -> Probed:
    """What was probed, with the facts of its text where the master is a file of text."""
    if probed.documents is None:
        return probed
    name, size = probed.facts["file.name"], probed.facts["file.size_bytes"]
    tracks = [track_facts(one, source="file", file=name, size_bytes=size) for one in probed.documents]
    return replace(probed, facts=probed.facts | {"timed_text.tracks": tracks})

"""Facts put together for tests of specs, without any master: spans, mixes, whole documents; judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from deliverqc.documents import FactsDocument
from deliverqc.errors import UsageError
from deliverqc.facts.assemble import round_facts
from deliverqc.facts.document import check_document
from deliverqc.measuring.registry import registry
from deliverqc.speclang.problem import nearest
from deliverqc.timebase import Span, Timecode, Timeline, parse_rate
from deliverqc.verdict import SCHEMA_VERSION

UNDAMAGED: Mapping[str, Any] = {
    "file.changed_during_check": False,
    "decode.errors": [],
    "wrapper.encrypted_tracks": [],
    "wrapper.header_faults": [],
    "decode.missing_byte_count": 0,
    "decode.missing_frame_count": 0,
    "decode.missing_durations": [],
    "decode.missing_spans": [],
    "decode.end_difference_s": None,
    "wrapper.is_closed": None,
    "picture.changes": [],
    "picture.description_changes": [],
    "decode.frame_count": 240,
    "picture.black.is_throughout": False,
    "sound.is_silent": False,
    "picture.track_count": 1,
    "sound.track_count": 1,
    "cross_check.layer_disagreements": [],
    "cross_check.probe_disagreements": [],
    "cross_check.track_duration_difference_s": 0.0,
}
"""Facts of a whole file with picture and audio in which every integrity clause passes."""


def facts(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """One facts object of several, later ones over earlier ones. UsageError where a fact is not registered, or has a
    value that it never has: a misspelt name would make every clause on it not measured, in silence."""
    whole = {name: value for part in parts for name, value in part.items()}
    known = registry().facts
    unknown = [f"{name}{nearest(name, known)}" for name in whole if name not in known]
    wrong = [f"there is no fact {one}" for one in unknown] or check_document(whole, known)
    if wrong:
        raise UsageError(f"No master has these facts: {'; '.join(wrong)}", code="bad-facts")
    return whole


def undamaged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts` of a file in which every integrity clause passes, so that a whole spec can be judged."""
    return facts(UNDAMAGED, *parts)


def span(
    start_frame: int,
    end_frame: int,
    *,
    frame_count: int,
    frame_rate: str = "25/1",
    start_timecode: str | None = None,
    channel: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A half-open span of frames as facts have it: seconds, timecodes and region follow from the frames.

    `start_timecode` is that of the first frame of the master. `more` adds members. UsageError for a span outside of
    `frame_count`, or a rate or timecode that cannot be read.
    """
    if not 0 <= start_frame < end_frame <= frame_count:
        message = f"({start_frame}, {end_frame}) is not a span within {frame_count} frames."
        raise UsageError(message, code="bad-facts")
    try:
        rate: Fraction = parse_rate(frame_rate)
        start = Timecode.parse(start_timecode, rate) if start_timecode is not None else None
    except ValueError as error:
        raise UsageError(f"This span cannot be placed: {error}.", code="bad-facts") from error
    timeline = Timeline(frame_rate=rate, frame_count=frame_count, start=start)
    described = timeline.picture_span(Span(start_frame, end_frame, channel))
    rounded = round_facts({"picture.black.spans": [described]}, registry().facts)["picture.black.spans"][0]
    return {**rounded, **(more or {})}


def mix(layout: str | None, **readings: Any) -> dict[str, Any]:  # noqa: ANN401  any JSON value
    """One item of `sound.groups`: a layout and readings by name, `__` for `.`: `loudness__integrated_lufs=-23.0`."""
    return {"layout": layout, **{name.replace("__", "."): value for name, value in readings.items()}}


def facts_document(
    facts: Mapping[str, Any], *, title: str = "facts", settings: Mapping[str, Any] | None = None
) -> FactsDocument:
    """A facts document, as `deliverqc facts` prints it, of one file with these facts. `settings` are those of the
    meters that measured them; None: not known, so that they are judged as given."""
    subject = {"id": "file", "kind": "file", "title": title, "settings": settings, "facts": dict(facts)}
    master = {"path": title, "name": title, "size_bytes": None, "tier": "full"}
    return FactsDocument.from_document({"schema_version": SCHEMA_VERSION, "master": master, "subjects": [subject]})

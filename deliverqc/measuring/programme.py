"""Finds the programme in a master, and measures the loudness of it alone; knows no spec and judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from deliverqc.errors import UsageError
from deliverqc.facts.assemble import round_facts
from deliverqc.facts.model import Fact, Facts
from deliverqc.facts.programme import AFTER_LEADER, AS11_SEGMENTATION, GIVEN, START_TIMECODE
from deliverqc.measuring.ranges import Range
from deliverqc.meters import leader, loudness
from deliverqc.probing import Probed
from deliverqc.signals.tables import ROWS_PER_SECOND, row_edges, taken
from deliverqc.timebase import Span, Timecode, Timeline, counting_rate, frames_in_a_day

if TYPE_CHECKING:
    from deliverqc.signals.tables import Signals, SoundSignal

Parts = tuple[tuple[Fraction, Fraction], ...]
"""Parts in order, each from and to, in seconds after the first frame, half-open."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Programme:
    """Where the programme lies; no parts and None where it was looked for and not found."""

    parts: Parts
    found_by: str | None
    is_whole: bool = False

    @property
    def in_seconds(self) -> list[tuple[float, float]]:
        return [(float(start), float(end)) for start, end in self.parts]


def find_programme(
    probed: Probed, signals: Signals, timeline: Timeline, settings: Mapping[str, Any], given: Sequence[Range]
) -> Programme | None:
    """The programme by the first way of the resolved `settings` that the master answers, or as `given`.

    None where it cannot be known: a part of a master was measured, or what a way goes by was not read. UsageError where
    a part that is given is not in the master.
    """
    end = None if signals.part is not None else _end_of(signals, timeline)
    if not end:
        return None
    if given:
        return _programme([_asked(one, probed, end) for one in given], GIVEN, end)
    for way in settings["by"]:
        found = _FINDERS[way](probed, signals, timeline, settings, end)
        if found is None:
            return None
        if found:
            return _programme(found, way, end)
    return Programme(parts=(), found_by=None)


def programme_facts_of(programme: Programme, timeline: Timeline, registry: Mapping[str, Fact]) -> Facts:
    """`programme.*` of the subject."""
    if programme.found_by is None:
        return {"programme.found_by": None, "programme.spans": None, "programme.duration_s": None}
    facts = {
        "programme.found_by": programme.found_by,
        "programme.spans": [_described(start, end, timeline) for start, end in programme.parts],
        "programme.duration_s": sum((end - start for start, end in programme.parts), Fraction(0)),
    }
    return round_facts(facts, registry)


def missing_parts(probed: Probed, signals: Signals, timeline: Timeline, registry: Mapping[str, Fact]) -> Facts:
    """`cross_check.as11_missing_parts`: what AS-11 segmentation declares after the end of the master. Nothing where a
    part of the master was measured, or where that cannot be known."""
    segments = probed.facts.get("wrapper.as11_segments", "unread")
    end = None if signals.part is not None else _end_of(signals, timeline)
    parts = _by_segmentation(probed, signals, timeline, {}, Fraction(0))
    if segments == "unread" or parts is None or (parts and end is None):
        return {}
    rows = [
        {
            "part_number": segment["part_number"],
            "start_s": segment["start_s"],
            "duration_s": segment["duration_s"],
            "missing_s": stop - max(start, end),
        }
        for segment, (start, stop) in zip(segments or (), parts, strict=True)
        if end is not None and stop > end + Fraction(1, 2 * ROWS_PER_SECOND)
    ]
    return round_facts({"cross_check.as11_missing_parts": rows if segments else None}, registry)


def programme_loudness(
    sound: SoundSignal, programme: Programme, whole: Facts, registry: Mapping[str, Fact], prefix: str
) -> Facts:
    """`programme.loudness.*` of one channel group: `whole` is what was measured of all of it."""
    if programme.found_by is None:
        return {f"programme.{name}": None for name in whole}
    if programme.is_whole:
        return {f"programme.{name}": value for name, value in whole.items()}
    rows = _rows(sound, programme.parts)
    edges = row_edges(sound.sample_count, sound.sample_rate_hz)
    count = int((edges[rows + 1] - edges[rows]).sum())
    joined = replace(taken(sound, rows), sample_count=count, offset_s=Fraction(0), first_sample=0)
    read = dict(loudness.measure(joined, {}).facts)
    origin = sound.offset_s + Fraction(sound.first_sample, sound.sample_rate_hz)
    for name, value in read.items():
        if name.endswith("_at_s") and value is not None:
            row = min(round(float(value) * ROWS_PER_SECOND), len(rows) - 1)
            read[name] = float(origin) + int(rows[row]) / ROWS_PER_SECOND
    return round_facts({f"programme.{name}": value for name, value in read.items()}, registry, prefix=prefix)


def _programme(found: Sequence[tuple[Fraction, Fraction]], found_by: str, end: Fraction) -> Programme:
    """The parts, cut to the master and joined where they touch; none is left where all lie behind its end."""
    parts: list[tuple[Fraction, Fraction]] = []
    for start, stop in sorted((max(start, Fraction(0)), min(stop, end)) for start, stop in found):
        if parts and start <= parts[-1][1]:
            parts[-1] = (parts[-1][0], max(parts[-1][1], stop))
        elif stop > start:
            parts.append((start, stop))
    if not parts:
        return Programme(parts=(), found_by=None)
    return Programme(parts=tuple(parts), found_by=found_by, is_whole=parts == [(Fraction(0), end)])


def _end_of(signals: Signals, timeline: Timeline) -> Fraction | None:
    """Where the master ends: its picture, or the longest of its sound; None where nothing of it was measured."""
    if signals.picture is not None and signals.picture.frame_count and timeline.frame_count is not None:
        return timeline.frame_time(timeline.frame_count)
    ends = [
        sound.offset_s + Fraction(sound.sample_count, sound.sample_rate_hz)
        for sound in signals.sounds
        if sound.sample_rate_hz
    ]
    return max(ends, default=None)


def _asked(one: Range, probed: Probed, end: Fraction) -> tuple[Fraction, Fraction]:
    start, stop = one.in_seconds(probed.frame_rate, probed.start, end)
    if stop is not None and stop > end + Fraction(1, 2 * ROWS_PER_SECOND):
        raise UsageError(f"{one.option} {one} ends after the master, which is {float(end):g} s long.", code=one.code)
    return start, end if stop is None else stop


def _by_segmentation(
    probed: Probed, signals: Signals, timeline: Timeline, settings: Mapping[str, Any], end: Fraction
) -> list[tuple[Fraction, Fraction]] | None:
    segments = probed.facts.get("wrapper.as11_segments", "unread")
    if segments == "unread":
        return None
    edges = [(segment.get("start_s"), segment.get("duration_s")) for segment in segments or ()]
    if any(start is None or length is None for start, length in edges):
        return None
    return [
        (Fraction(start).limit_denominator(1_000_000), Fraction(start + length).limit_denominator(1_000_000))
        for start, length in edges
    ]


def _by_timecode(
    probed: Probed, signals: Signals, timeline: Timeline, settings: Mapping[str, Any], end: Fraction
) -> list[tuple[Fraction, Fraction]] | None:
    if timeline.start is None:
        return []
    text = settings[START_TIMECODE]
    runs = [(Fraction(0), timeline.start), *timeline.jumps]
    for (begins, first), stops in zip(runs, [*(at for at, _ in runs[1:]), end], strict=True):
        try:
            place = Timecode.parse(text, first.rate, is_drop_frame=first.is_drop_frame)
        except ValueError:
            continue
        frames = (place.frame - first.frame) % frames_in_a_day(first.rate, is_drop_frame=first.is_drop_frame)
        start = begins + frames / counting_rate(first.rate, timeline.frame_rate)
        if start < stops:
            return [(start, end)]
    return []


def _by_leader(
    probed: Probed, signals: Signals, timeline: Timeline, settings: Mapping[str, Any], end: Fraction
) -> list[tuple[Fraction, Fraction]] | None:
    if signals.picture is None:
        return None if probed.picture_index is not None else [(Fraction(0), end)]
    if probed.facts.get("sequence.is_display_referred") is False:
        return None
    first = leader.first_of_programme(signals.picture)
    return [] if first is None else [(timeline.frame_time(first), end)]


_FINDERS = {AS11_SEGMENTATION: _by_segmentation, START_TIMECODE: _by_timecode, AFTER_LEADER: _by_leader}


def _described(start: Fraction, end: Fraction, timeline: Timeline) -> dict[str, object]:
    if timeline.frame_rate is not None and timeline.frame_count is not None:
        frames = Span(_frame_at(start, timeline), _frame_at(end, timeline))
        return timeline.picture_span(frames)
    stop = round(end * _MICROSECONDS)
    span = timeline.sound_span(
        Span(round(start * _MICROSECONDS), stop), sample_rate_hz=_MICROSECONDS, sample_count=stop
    )
    return {name: value for name, value in span.items() if "sample" not in name}


_MICROSECONDS = 1_000_000


def _frame_at(place: Fraction, timeline: Timeline) -> int:
    """The frame that is shown from `place` on, to the nearest."""
    assert timeline.frame_rate is not None and timeline.frame_count is not None
    starts = timeline.frame_starts_s
    if starts is None or not len(starts):
        return min(round(place * timeline.frame_rate), timeline.frame_count)
    half = 0.5 / float(timeline.frame_rate)
    return (
        int(np.searchsorted(np.asarray(starts), float(place) - half))
        if place < timeline.frame_time(len(starts))
        else len(starts)
    )


def _rows(sound: SoundSignal, parts: Parts) -> Any:  # noqa: ANN401  int64 (rows,)
    """Rows of the table that lie in the programme, to the nearest 10 ms."""
    origin = sound.offset_s + Fraction(sound.first_sample, sound.sample_rate_hz)
    places = [
        tuple(min(max(round((edge - origin) * ROWS_PER_SECOND), 0), sound.row_count) for edge in part) for part in parts
    ]
    return np.concatenate([np.arange(first, end, dtype=np.int64) for first, end in places])

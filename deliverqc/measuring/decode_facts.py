"""Turns the log of the one decode into facts; knows no file and no spec."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from deliverqc.facts.assemble import round_facts
from deliverqc.facts.model import Facts
from deliverqc.facts.probed import probed_facts
from deliverqc.timebase import Timeline

if TYPE_CHECKING:
    from deliverqc.signals.tables import Signals


def decode_facts(signals: Signals, timeline: Timeline) -> Facts:
    """The `decode.*` facts that a decode gives.

    `decode.errors` is missing where a track has no decoder here and no error was seen elsewhere: whether it is sound
    was not measured. Of a part of a master only what is wrong with it is a fact: counts, and that there is no error,
    can be told of the whole only.
    """
    log, is_whole = signals.log, signals.part is None
    facts: Facts = {
        "decode.warnings": [
            {"track": remark.track, "message": remark.message, "count": remark.count} for remark in log.warnings
        ],
    }
    errors: list[dict[str, Any]] = [
        {
            "track": remark.track,
            "message": remark.message,
            "frame": remark.frame,
            "start_s": remark.start_s,
            "start_timecode": None if remark.start_s is None else timeline.timecode_at(Fraction(remark.start_s)),
            "count": remark.count,
        }
        for remark in log.errors
    ]
    gaps = [
        {
            "track": gap.track,
            "frame": gap.frame,
            "start_s": gap.start_s,
            "gap_s": gap.gap_s,
            "start_timecode": timeline.timecode_at(Fraction(gap.start_s).limit_denominator(1_000_000)),
        }
        for gap in log.gaps
    ]
    if gaps or is_whole:
        facts["decode.time_gaps"] = gaps
    if is_whole:
        facts |= _sound_against_picture(signals)
        facts |= {"decode.frame_count": log.frame_count, "decode.missing_frame_count": log.missing_frame_count}
    if errors or (is_whole and not log.undecodable):
        facts["decode.errors"] = errors
    return round_facts(facts, probed_facts())


def _sound_against_picture(signals: Signals) -> Facts:
    """How far sound stands from the picture at either end, in the track that stands farthest."""
    picture, sounds = signals.picture, [sound for sound in signals.sounds if sound.sample_count]
    starts = ends = None
    if picture is not None and picture.frame_count and sounds:
        end_s = Fraction(float(picture.start_s[-1])).limit_denominator(1_000_000) + 1 / picture.frame_rate
        starts = [sound.offset_s for sound in sounds]
        ends = [sound.offset_s + Fraction(sound.sample_count, sound.sample_rate_hz) - end_s for sound in sounds]
    return {
        "decode.sound_start_difference_s": None if starts is None else max(starts, key=abs),
        "decode.sound_end_difference_s": None if ends is None else max(ends, key=abs),
    }

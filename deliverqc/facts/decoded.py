"""Turns the log of the one decode into facts; knows no file and no spec."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from deliverqc.facts.assemble import round_facts
from deliverqc.facts.model import Facts
from deliverqc.timebase import Timeline

if TYPE_CHECKING:
    from deliverqc.signals.tables import DecodeLog


def decode_facts(log: DecodeLog, timeline: Timeline, *, is_whole: bool = True) -> Facts:
    """The `decode.*` facts that a decode gives.

    `decode.errors` is missing where a track has no decoder here and no error was seen elsewhere: whether it is sound
    was not measured. Of a part of a master only what is wrong with it is a fact: counts, and that there is no error,
    can be told of the whole only.
    """
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
    if is_whole:
        facts |= {"decode.frame_count": log.frame_count, "decode.missing_frame_count": log.missing_frame_count}
    if errors or (is_whole and not log.undecodable):
        facts["decode.errors"] = errors
    return round_facts(facts)

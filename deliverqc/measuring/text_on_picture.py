"""Holds the clock of timed text to the timecode of its picture: rate, drop-frame and start hour; knows no limit."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from deliverqc.facts.model import Facts
from deliverqc.measuring.text_clock import MOST_FRAMES_HZ, is_timecode
from deliverqc.timebase import has_drop_frame, nearest_standard_rate, parse_rate

_HOUR_S = 3600
_DAY_S = 24 * _HOUR_S
_LEADER_S = 600
"""House choice, as for the start hour of a document: bars, slate and leader take less than ten minutes."""

_PAL_HZ = Fraction(25, 2)

Track = Mapping[str, Any]


def clock_facts(track: Track, facts: Facts) -> Facts:
    """Whether rate, drop mode and start hour of a track of text are those of the picture. What was not looked at of
    either is missing."""
    if "picture.track_count" not in facts or not track.get("is_read", False):
        return {}
    if not facts["picture.track_count"]:
        return dict.fromkeys(("is_rate_of_picture", "is_drop_mode_of_picture", "is_start_hour_of_picture"))
    return _rate(track, facts) | _drop_mode(track, facts) | _start_hour(track, facts)


def _rate(track: Track, facts: Facts) -> Facts:
    if "frame_rate" not in track:
        return {}
    own = _counted(track["frame_rate"])
    if own is None:
        return {"is_rate_of_picture": None}
    if facts.get("picture.frame_rate") is None or facts.get("picture.frame_rate_mode") == "variable":
        return {}
    family = _family(own), _family(parse_rate(facts["picture.frame_rate"]))
    return {} if None in family else {"is_rate_of_picture": family[0] == family[1]}


def _counted(rate: str | None) -> Fraction | None:
    """A rate of frames; None where none is stated, or where it counts ticks."""
    exact = None if rate is None else parse_rate(rate)
    return exact if exact is not None and exact <= MOST_FRAMES_HZ and _family(exact) is not None else None


def _family(rate: Fraction) -> tuple[bool, bool] | None:
    """What decides how long an hour of timecode lasts, and to which speed a film was brought: whether the rate is one
    of 1000/1001, and whether it is 25 or a multiple. None of a rate that no standard has."""
    standard = nearest_standard_rate(rate)
    if standard is None:
        return None
    return standard.denominator != 1, standard % _PAL_HZ == 0


def _drop_mode(track: Track, facts: Facts) -> Facts:
    if "drop_mode" not in track or "frame_rate" not in track or "wrapper.drop_frame" not in facts:
        return {}
    own, is_drop = _counted(track["frame_rate"]), facts["wrapper.drop_frame"]
    rate = facts.get("picture.frame_rate")
    if None in (own, is_drop, rate, track["drop_mode"]) or not _drops(own) or not _drops(parse_rate(str(rate))):
        return {"is_drop_mode_of_picture": None}
    return {"is_drop_mode_of_picture": (track["drop_mode"] == "drop_ntsc") == is_drop}


def _drops(rate: Fraction | None) -> bool:
    standard = None if rate is None else nearest_standard_rate(rate)
    return standard is not None and has_drop_frame(standard)


def _start_hour(track: Track, facts: Facts) -> Facts:
    if not {"start_hour", "time_base", "format"} <= track.keys() or "wrapper.start_timecode" not in facts:
        return {}
    hour, start = track["start_hour"], facts["wrapper.start_timecode"]
    if hour is None or start is None or not is_timecode(track["time_base"], track["format"]):
        return {"is_start_hour_of_picture": None}
    hours, minutes, seconds = (int(start[at : at + 2]) for at in (0, 3, 6))
    until_s = (hour * _HOUR_S - hours * _HOUR_S - minutes * 60 - seconds) % _DAY_S
    length_s = facts.get("wrapper.duration_s")
    is_within = until_s <= _LEADER_S and (length_s is None or until_s < length_s)
    return {"is_start_hour_of_picture": hour == hours or is_within}

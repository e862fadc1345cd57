"""Turns readings into published facts: spans get their seconds and timecodes, numbers are rounded once; knows no file
and no spec."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from numbers import Integral, Real
from typing import Any

from deliverqc.facts.model import Fact, Facts, Kind
from deliverqc.timebase import Span, Timeline

GROUP_PREFIX = "sound.groups[]."


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundClock:
    """How the samples of one channel group stand in time; `offset_s` is where the first sample stands against the
    first frame. Where only a part was measured, tables begin with `first_sample`."""

    sample_rate_hz: int
    sample_count: int
    offset_s: Fraction = Fraction(0)
    first_sample: int = 0


def round_number(value: float | Fraction, step: float | None) -> float:
    """Round to the nearest multiple of `step` (halves to the even one) without binary noise; -0.0 becomes 0.0.

    Without a step the value only becomes a float. ValueError for NaN and the infinities, which no fact may be.
    """
    if not isinstance(value, Fraction) and not math.isfinite(value):
        raise ValueError(f"{value} is not a number that a fact can have")
    if step is None:
        return float(value) + 0.0
    exact_step = _exact(step)
    exact = value if isinstance(value, Fraction) else Fraction(float(value))
    return float(round(exact / exact_step) * exact_step)


@cache
def _exact(step: float) -> Fraction:
    """The resolution as it is written, 0.01 and not what a float makes of it."""
    return Fraction(str(step))


def round_facts(facts: Mapping[str, Any], registry: Mapping[str, Fact], *, prefix: str = "") -> Facts:
    """Round every number of a document, or of the object at `prefix`, to the resolution that the registry gives it.

    ValueError names a fact that is not registered, or whose value cannot be one: NaN, or not of the registered kind.
    """
    return {name: _rounded(prefix + name, value, registry) for name, value in facts.items()}


def assemble_reading(
    reading_facts: Mapping[str, Any],
    registry: Mapping[str, Fact],
    *,
    prefix: str,
    timeline: Timeline,
    sound: SoundClock | None = None,
) -> Facts:
    """Publish what a meter found: the keys stay, spans become objects and numbers are rounded.

    `prefix` is empty for the facts of the subject (spans of frames) and `sound.groups[].` for those of a channel group
    (spans of samples, told in time by `sound`). ValueError as in `round_facts`, and for sample spans without a clock.
    """
    published: Facts = {}
    for name, value in reading_facts.items():
        is_list = isinstance(value, Sequence) and not isinstance(value, str)
        if is_list and _fact(prefix + name, registry).kind is Kind.SPANS:
            value = [_described(span, prefix, timeline, sound) for span in value]
        published[name] = _rounded(prefix + name, value, registry)
    return published


def _described(span: Span, prefix: str, timeline: Timeline, sound: SoundClock | None) -> dict[str, object]:
    return _in_time(span, prefix, timeline, sound) | dict(span.members)


def _in_time(span: Span, prefix: str, timeline: Timeline, sound: SoundClock | None) -> dict[str, object]:
    if not prefix:
        return timeline.picture_span(_moved(span, timeline.first_frame))
    if sound is None:
        raise ValueError(f"spans of samples under {prefix} need a sample rate and a sample count")
    return timeline.sound_span(
        _moved(span, sound.first_sample),
        sample_rate_hz=sound.sample_rate_hz,
        sample_count=sound.sample_count,
        offset_s=sound.offset_s,
    )


def _moved(span: Span, by: int) -> Span:
    return replace(span, start=span.start + by, end=span.end + by) if by else span


def _fact(name: str, registry: Mapping[str, Fact]) -> Fact:
    fact = registry.get(name)
    if fact is None:
        raise ValueError(f"{name} is not a registered fact")
    return fact


def _rounded(name: str, value: object, registry: Mapping[str, Fact]) -> object:
    fact = _fact(name, registry)
    if value is None:
        return None
    if isinstance(value, Sequence) and fact.kind in (Kind.LIST, Kind.SPANS):
        return [round_facts(member, registry, prefix=f"{name}[].") for member in value]
    if fact.kind is Kind.NUMBER:
        if isinstance(value, bool) or not isinstance(value, Real):
            raise ValueError(f"{name} is {value!r}, which is not a number")
        return round_number(value if isinstance(value, Fraction) else float(value), fact.resolution)
    if fact.kind is Kind.INTEGER:
        if type(value) is int:  # nearly all are, and to ask for the abstract kind takes ten times as long
            return value
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise ValueError(f"{name} is {value!r}, which is not an integer")
        return int(value)
    if fact.kind is Kind.BOOLEAN:
        return _boolean(name, value)
    if isinstance(value, Sequence) and fact.kind in (Kind.STRINGS, Kind.INTEGERS):
        return list(value)
    return value


def _boolean(name: str, value: object) -> bool:
    plain = value.item() if hasattr(value, "item") else value  # numpy's truth value is no bool
    if not isinstance(plain, bool):
        raise ValueError(f"{name} is {value!r}, which is not true or false")
    return plain

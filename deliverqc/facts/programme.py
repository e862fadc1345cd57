"""Where the programme lies in a master: what a spec can say of it, and the facts that tell; finds nothing itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from deliverqc.facts.model import Fact, Facts, Kind, Layer, span_members

SETTING = "programme"
"""Key of `x-settings`, and the first word of the facts."""

AS11_SEGMENTATION, START_TIMECODE, AFTER_LEADER, GIVEN = "as11_segmentation", "start_timecode", "after_leader", "given"
WAYS = (AS11_SEGMENTATION, START_TIMECODE, AFTER_LEADER)
"""How a spec can have the programme found: the first of `by` that the master answers."""

REGION_MEMBER = "programme_region"
_DEFAULTS: Mapping[str, Any] = {"by": [AS11_SEGMENTATION, AFTER_LEADER]}
_TIMECODE = re.compile(r"\d{2}:\d{2}:\d{2}[:;]\d{2,3}")
_GROUP, _OF_GROUP = "sound.groups[].", "sound.groups[].programme."


def resolve_programme(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with their defaults: `by`, ways in order, and `start_timecode` where that is one of them. ValueError
    names what is unknown or not allowed."""
    for name in chosen:
        if name not in ("by", START_TIMECODE):
            raise ValueError(f"the programme has no setting {name!r}; it has: by, {START_TIMECODE}")
    start = chosen.get(START_TIMECODE)
    ways = chosen.get("by", [START_TIMECODE] if start is not None else _DEFAULTS["by"])
    if not isinstance(ways, list) or not ways or any(way not in WAYS for way in ways) or len(set(ways)) < len(ways):
        raise ValueError(f"programme.by is {ways!r}; it must be a list of: {', '.join(WAYS)}")
    if start is not None and (not isinstance(start, str) or _TIMECODE.fullmatch(start) is None):
        raise ValueError(f"programme.{START_TIMECODE} is {start!r}; write it as 10:00:00:00")
    if (START_TIMECODE in ways) != (start is not None):
        raise ValueError(f"programme.{START_TIMECODE} and its name in programme.by go together; add the other")
    return {"by": list(ways)} | ({START_TIMECODE: start} if start is not None else {})


def programme_facts(loudness: Iterable[Fact]) -> tuple[Fact, ...]:
    """Rows of the registry: where the programme is, and its `loudness`, for each fact of the loudness meter."""
    by = ("programme",)
    found = Fact(
        name="programme.found_by",
        kind=Kind.STRING,
        layer=Layer.CROSS_CHECK,
        meaning="how the programme was found: AS-11 segmentation metadata, its start timecode, the end of the bars, "
        "slate and black at the head (all of the master where there are none), or --programme",
        given_by=by,
        null_means=_NOT_FOUND,
        vocabulary=(*WAYS, GIVEN),
    )
    spans = Fact(
        name="programme.spans",
        kind=Kind.SPANS,
        layer=Layer.CROSS_CHECK,
        meaning="parts of the programme, in order; a part that begins where the one before it ends is one with it",
        given_by=by,
        null_means=_NOT_FOUND,
    )
    length = Fact(
        name="programme.duration_s",
        kind=Kind.NUMBER,
        layer=Layer.CROSS_CHECK,
        meaning="length of the programme, all parts together",
        given_by=by,
        unit="s",
        resolution=1e-6,
        null_means=_NOT_FOUND,
    )
    members = span_members(spans.name, given_by=by, layer=Layer.CROSS_CHECK, of_sound=True)
    whole = [fact for fact in loudness if fact.name.startswith(_GROUP)]
    return (
        found,
        length,
        spans,
        *(member for member in members if "sample" not in member.name),
        *(
            replace(
                fact,
                name=fact.name.replace(_GROUP, _OF_GROUP),
                meaning=f"{fact.meaning}, of the programme",
                given_by=("meter:loudness", *by),
                null_means=f"{fact.null_means}, or the programme was not found" if fact.null_means else _NOT_FOUND,
            )
            for fact in whole
        ),
    )


_NOT_FOUND = "the programme was not found"


def region_in(parts: Iterable[tuple[float, float]], start_s: float, end_s: float) -> str:
    """The word of PROGRAMME_REGION for a span, in the programme's `parts`, seconds in order; half-open both."""
    ordered = list(parts)
    first, last = ordered[0][0], ordered[-1][1]
    length = max(end_s - start_s, _POINT_S)
    if not any(start_s < end - _POINT_S / 2 and start_s + length > start + _POINT_S / 2 for start, end in ordered):
        return "outside"
    if start_s <= first + _POINT_S / 2:
        return "head"
    return "tail" if start_s + length >= last - _POINT_S / 2 else "interior"


_POINT_S = 1e-5
"""House choice: times of spans are rounded to a microsecond, and a span of no length is a point."""


def with_regions(facts: Facts, registry: Mapping[str, Fact], parts: Iterable[tuple[float, float]]) -> Facts:
    """The facts with `programme_region` in every span of the subject and of its channel groups."""
    ordered = list(parts)

    def told(name: str, value: object) -> object:
        fact = registry.get(name)
        if not isinstance(value, list) or fact is None:
            return value
        if fact.kind is Kind.SPANS:
            return [
                span | {REGION_MEMBER: region_in(ordered, span["start_s"], span["end_s"])}
                if "start_s" in span
                else span
                for span in value
            ]
        if name == "sound.groups":
            return [{key: told(f"{_GROUP}{key}", inner) for key, inner in group.items()} for group in value]
        return value

    return {name: told(name, value) for name, value in facts.items()}


def speaks_of_programme(name: str) -> bool:
    """Whether the fact of that name depends on where the programme is."""
    return name.startswith((f"{SETTING}.", _OF_GROUP)) or name.endswith(f".{REGION_MEMBER}")


def without_programme(facts: Mapping[str, Any]) -> Facts:
    """The facts less all that says where the programme is, or what is in it."""

    def kept(value: object) -> object:
        if isinstance(value, list):
            return [kept(one) for one in value]
        if isinstance(value, dict):
            return {
                name: kept(inner)
                for name, inner in value.items()
                if name != REGION_MEMBER and not name.startswith(f"{SETTING}.")
            }
        return value

    return {name: kept(value) for name, value in facts.items() if not name.startswith(f"{SETTING}.")}

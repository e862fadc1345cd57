"""Lints bounds: what no value meets, and what a fact never reaches; judges no facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deliverqc.facts.model import Fact, Kind
from deliverqc.speclang.keywords import ORDERINGS, is_number
from deliverqc.speclang.problem import Problem, child, error

MOST_CHANNELS = 128
"""Of a track or of all tracks: an Atmos master in ADM BWF has up to 128 (10 of the bed, 118 objects)."""

_FROM_ZERO = ("px", "frames", "bytes", "bit", "bit/s", "samples", "segments", "lines", "Hz", "cd/m2")
"""Units of facts that are never negative."""
_LOUDEST_LUFS = 20.0  # house choice, because a full-scale square wave in all channels of 7.1 reads about +12
_LIST_PAIRS = (("minItems", "maxItems"), ("minLength", "maxLength"), ("minContains", "maxContains"))
_PLACE = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """What a number can be; None: without end."""

    low: float | None = None
    high: float | None = None

    def holds(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def __str__(self) -> str:
        if self.high is None:
            return f"{self.low:g} or more"
        return f"at most {self.high:g}" if self.low is None else f"{self.low:g} to {self.high:g}"


_BY_NAME: Mapping[str, Range] = {
    "channel_count": Range(low=0, high=MOST_CHANNELS),
    "dialogue_share": Range(low=0, high=1),
    "mean_correlation": Range(low=-1, high=1),
    "min_correlation": Range(low=-1, high=1),
    "rotation_deg": Range(low=0, high=359),
    "active_format_code": Range(low=0, high=15),
    "excess_percent": Range(low=-100, high=100),
    "start_frame": Range(),
    "end_frame": Range(),
    "gap_before_frames": Range(),
    "start_shot_change_frames": Range(),
    "end_shot_change_frames": Range(),
    **{f"{edge}_percent": Range() for edge in ("left", "top", "right", "bottom")},
}
"""By the last part of a fact's name, before the unit is asked."""

_OF_EVENTS = re.compile(
    r"timed_text\.tracks\[\]\.events\[\]\.(?:duration_s|duration_frames|(?:left|right|top|bottom)_percent)"
)
"""Of an event that ends before it starts, and of text that is put beyond the picture."""


def range_of(fact: Fact) -> Range:
    """What a fact can be by its name and unit; a plug-in's facts are free."""
    last = fact.name.rsplit(".", 1)[-1]
    if fact.is_of_plug_in or fact.kind not in (Kind.INTEGER, Kind.NUMBER):
        return Range()
    if _OF_EVENTS.fullmatch(fact.name):
        return Range()
    if last in _BY_NAME:
        return _BY_NAME[last]
    if fact.unit == "%":
        return Range(low=0, high=100)
    if fact.unit in ("LUFS", "LKFS"):
        return Range(high=_LOUDEST_LUFS)
    is_number_of = re.search(r"(^|_)(count|index|order)$|duration_s$", last) is not None
    return Range(low=0) if fact.unit in _FROM_ZERO or is_number_of else Range()


def out_of_range(schema: Mapping[str, Any], fact: Fact, pointer: str) -> Iterator[Problem]:
    """Bounds and values that lie where the fact never is: they pass everything or nothing."""
    possible = range_of(fact)
    stated = [(keyword, child(pointer, keyword), schema[keyword]) for keyword in ORDERINGS if keyword in schema]
    stated += [("const", child(pointer, "const"), schema["const"])] if "const" in schema else []
    stated += [("enum", child(child(pointer, "enum"), i), value) for i, value in enumerate(schema.get("enum", ()))]
    for keyword, where, value in stated:
        if not is_number(value):
            continue
        meets_none = (keyword == "exclusiveMinimum" and value == possible.high) or (
            keyword == "exclusiveMaximum" and value == possible.low
        )
        if meets_none or not possible.holds(value):
            yield error(
                "beyond-range",
                where,
                f"{keyword} is {value}, and {fact.name} is {possible}; write a value that it can have",
            )


def impossible_place(value: str) -> bool:
    """Whether a text is not the place of a channel: <audio track>.<channel>, both from 0."""
    match = _PLACE.fullmatch(value)
    return match is None or int(match[2]) >= MOST_CHANNELS


def crossed(schema: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    """Bounds that no number, text or list meets, and values that the keywords next to them leave out."""
    for low, high, at_least, at_most in _pairs(schema):
        yield error("crossed-bounds", child(pointer, low), f"no value is {at_least} and {at_most}; fix {low} or {high}")
    values = [schema["const"]] if "const" in schema else schema.get("enum", ())
    if values and not any(_meets(schema, value) for value in values):
        keyword = "const" if "const" in schema else "enum"
        yield error(
            "emptied-values",
            child(pointer, keyword),
            f"{keyword} has no value that the keywords next to it admit; fix one of them",
        )


def _pairs(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for low, above in (("minimum", "at least"), ("exclusiveMinimum", "more than")):
        for high, below in (("maximum", "at most"), ("exclusiveMaximum", "less than")):
            if low not in schema or high not in schema:
                continue
            touch_is_fine = (low, high) == ("minimum", "maximum")
            if schema[low] > schema[high] or (schema[low] == schema[high] and not touch_is_fine):
                yield low, high, f"{above} {schema[low]}", f"{below} {schema[high]}"
    for low, high in _LIST_PAIRS:
        if low in schema and high in schema and schema[low] > schema[high]:
            yield low, high, f"at least {schema[low]}", f"at most {schema[high]}"
    if "contains" in schema and schema.get("minContains", 1) > schema.get("maxItems", schema.get("minContains", 1)):
        yield "contains", "maxItems", f"at least {schema.get('minContains', 1)}", f"at most {schema['maxItems']}"


def _meets(schema: Mapping[str, Any], value: Any) -> bool:  # noqa: ANN401
    stated = schema.get("type")
    types = [stated] if isinstance(stated, str) else stated
    if types is not None and not any(_is_of(one, value) for one in types):
        return False
    if "enum" in schema and "const" in schema and value not in schema["enum"]:
        return False
    if is_number(value):
        return not (
            value < schema.get("minimum", value)
            or value > schema.get("maximum", value)
            or ("exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"])
            or ("exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"])
        )
    if isinstance(value, str):
        return (
            schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
            and re.search(schema.get("pattern", ""), value) is not None
        )
    if isinstance(value, list):
        return bool(schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)))
    return True


def _is_of(name: str, value: object) -> bool:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return name == "number" or (name == "integer" and value == int(value))
    known: Mapping[str, type] = {"null": type(None), "boolean": bool, "string": str, "array": list, "object": dict}
    return name in known and isinstance(value, known[name])

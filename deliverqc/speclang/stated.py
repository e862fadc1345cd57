"""The document's own figure next to the bound of a clause (`x-stated`): which bound it is about, and how both read
together. Judges no facts and reads no files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deliverqc.facts.model import Fact
from deliverqc.speclang.keywords import ORDERINGS, is_number
from deliverqc.speclang.model import Schema, Stated, member_name
from deliverqc.speclang.quantities import scales
from deliverqc.verdict import with_unit

STATED = "x-stated"
KEYS = ("value", "unit", "tolerance", "why", "fact")
_BRANCHES = ("allOf", "anyOf", "oneOf")
LOWER = ("minimum", "exclusiveMinimum")
_STARTS: Mapping[tuple[bool, bool], str] = {
    (True, True): "at least ",
    (True, False): "more than ",
    (False, True): "at most ",
    (False, False): "less than ",
}
"""How a figure begins: whether it is a lower bound, and whether it is itself allowed."""

_ULP = 1e-9
"""Relative difference below which two figures are the same: what decimal fractions lose as floats."""

Bounds = Mapping[str, float]
"""The orderings of one fact, by keyword."""


def stated_in(clause: Mapping[str, Any], schema: Schema, registry: Mapping[str, Fact]) -> Stated | None:
    """What `x-stated` of a clause that the linter accepts says; None where it has none. `schema` is the clause written
    out."""
    said = clause.get(STATED)
    if said is None:
        return None
    fact = _fact_of(said, schema, registry)
    value = tuple(said["value"]) if isinstance(said["value"], list) else said["value"]
    bounds = bounds_of(schema).get(fact, [{}])[0] if fact is not None else {}
    figure = figure_words(said, bounds, registry[fact].unit if fact is not None and fact in registry else None)
    return Stated(
        value=value,
        unit=said.get("unit"),
        tolerance=said.get("tolerance"),
        why=said["why"],
        fact=fact,
        words=f"{figure} ({said['why']})",
    )


def figure_words(said: Mapping[str, Any], bounds: Bounds, unit: str | None) -> str:
    """The document's figure without the reason: "at most 1 s", "128 kbit/s", "15 to 30 s". `bounds` are those of the
    fact that it is about, in the fact's `unit`."""
    value, written = said["value"], said.get("unit")
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return with_unit(f"{_number(value[0])} to {_number(value[1])}", written)
    start = ""
    if len(bounds) == 1:
        ((keyword, bound),) = bounds.items()
        figure = min((value * scale for scale in scales(unit, written) or (1.0,)), key=lambda one: abs(one - bound))
        start = _STARTS[keyword in LOWER, meets(figure, bounds)]
    return start + with_unit(_number(value), written)


def meets(figure: float, bounds: Bounds) -> bool:
    """Whether a value is within all bounds of a fact."""
    return all(
        (figure >= bound if keyword in LOWER else figure <= bound)
        and not (keyword.startswith("exclusive") and figure == bound)
        for keyword, bound in bounds.items()
    )


def candidates(said: Mapping[str, Any], schema: Schema, registry: Mapping[str, Fact]) -> list[str]:
    """The facts whose bounds a figure can be about: those that the clause bounds, in a unit that it converts to. A text
    is about a fact only where that has one bound, which alone would say less; else it is about the whole clause."""
    found = bounds_of(schema)
    if isinstance(said.get("value"), str):
        return [name for name, several in found.items() if len(several) == 1] if len(found) == 1 else []
    return [
        name
        for name in found
        if name in registry and (not said.get("unit") or scales(registry[name].unit, said.get("unit")))
    ]


def _fact_of(said: Mapping[str, Any], schema: Schema, registry: Mapping[str, Fact]) -> str | None:
    if "fact" in said:
        return str(said["fact"])
    found = candidates(said, schema, registry)
    return found[0] if len(found) == 1 else None


def bounds_of(schema: Schema) -> dict[str, list[Bounds]]:
    """Each fact that a clause bounds by numbers, with all its different bounds; conditions are left out."""
    found: dict[str, list[Bounds]] = {}
    for name, bounds in _bounds(schema, ""):
        if bounds not in found.setdefault(name, []):
            found[name].append(bounds)
    return found


def _bounds(schema: Schema, name: str) -> Iterator[tuple[str, Bounds]]:
    if not isinstance(schema, Mapping):
        return
    own = {key: schema[key] for key in ORDERINGS if is_number(schema.get(key))}
    if own and name:
        yield name, own
    for key, inner in _members(schema.get("properties")):
        yield from _bounds(inner, member_name(name, key))
    for keyword in ("items", "contains"):
        yield from _bounds(schema.get(keyword, True), f"{name}[]")
    for keyword in ("then", "else"):
        yield from _bounds(schema.get(keyword, True), name)
    for keyword in _BRANCHES:
        branches = schema.get(keyword)
        for inner in branches if isinstance(branches, list) else ():
            yield from _bounds(inner, name)


def _members(properties: object) -> Iterator[tuple[str, Any]]:
    if isinstance(properties, Mapping):
        yield from properties.items()


def ends(said: Mapping[str, Any], scale: float) -> tuple[float, float, float]:
    """Lower end, upper end and tolerance of a figure that is a number or a pair, in the unit of the fact."""
    value, tolerance = said["value"], said.get("tolerance", 0)
    low, high = value if isinstance(value, list) else (value, value)
    if isinstance(tolerance, str):
        share = float(tolerance.rstrip(" %")) / 100
        return low * scale, high * scale, max(abs(low), abs(high)) * scale * share
    return low * scale, high * scale, tolerance * scale


def is_near(bounds: Bounds, low: float, high: float, tolerance: float) -> bool:
    """Whether every bound is within the tolerance of the end that it belongs to."""
    return all(
        abs(bound - (low if key in LOWER else high)) <= tolerance + _ULP * max(1.0, abs(bound))
        for key, bound in bounds.items()
    )


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)

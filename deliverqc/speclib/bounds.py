"""The bounds of a clause in few words with their units, for a line that a reader sees; judges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from deliverqc.facts.model import Fact
from deliverqc.speclang.model import Clause, Schema, Stated, member_name
from deliverqc.speclang.quantities import quantities, scales

_LOGIC = ("anyOf", "oneOf", "not", "else")
_BOUNDS = ("minimum", "maximum")
_MEGA = 1_000_000


def bounds_words(clause: Clause, registry: Mapping[str, Fact]) -> str:
    """What a clause requires beyond what its title says: "-23.2 to -22.8 LUFS". Empty where the title says it all, or
    where it takes more than a line: a choice of several demands, or many facts."""
    if clause.awaits is not None or _has_logic(clause.schema):
        return ""
    leaves = [(name, schema) for name, schema in _leaves(clause.schema, "") if name in registry]
    if len(leaves) != 1:
        return ""
    ((name, schema),) = leaves
    return "" if _is_in(schema, clause.title, registry[name]) else _words(schema, registry[name])


def bounds_behind(clause: Clause, registry: Mapping[str, Fact]) -> str:
    """What a line adds to the title of a clause: its bounds in brackets, the document's own figure with the reason, or
    the reason alone where the title gives that figure."""
    figure = clause.stated
    if figure is None or figure.why in clause.title:
        words = bounds_words(clause, registry)
        return f" ({words})" if words else ""
    return f" ({figure.why})" if _is_spoken(figure, clause.title, registry) else f": {figure.words}"


def _is_spoken(figure: Stated, title: str, registry: Mapping[str, Fact]) -> bool:
    """Whether a title gives the document's figure; of one in words a title is taken to speak."""
    if isinstance(figure.value, str):
        return True
    unit = registry[figure.fact].unit if figure.fact is not None and figure.fact in registry else None
    factors = scales(unit, figure.unit)
    spoken = {round(one, 6) for one in quantities(title, unit)}
    numbers = figure.value if isinstance(figure.value, tuple) else (figure.value,)
    return all(spoken & {round(number * factor, 6) for factor in factors} for number in numbers)


def _has_logic(schema: Schema) -> bool:
    if isinstance(schema, list):
        return any(_has_logic(one) for one in schema)
    if not isinstance(schema, Mapping):
        return False
    return any(key in _LOGIC or (key != "if" and _has_logic(value)) for key, value in schema.items())


def _leaves(schema: Schema, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each fact of which a value is demanded, with the schema for it; conditions are left out."""
    if not isinstance(schema, Mapping):
        return
    for key, inner in schema.get("properties", {}).items():
        yield from _leaves(inner, member_name(name, key))
        if isinstance(inner, Mapping) and {"const", "enum", *_BOUNDS} & set(inner):
            yield member_name(name, key), inner
    yield from _leaves(schema.get("items", True), f"{name}[]")
    yield from _leaves(schema.get("then", True), name)
    for inner in schema.get("allOf", ()):
        yield from _leaves(inner, name)


def _words(schema: Mapping[str, Any], fact: Fact) -> str:
    """The bounds of a number; nothing for words, and for "none", which titles say better."""
    numbers = [schema[key] for key in _BOUNDS if key in schema]
    if not any(numbers):
        return ""
    unit, scale = (" Mbit/s", _MEGA) if fact.unit == "bit/s" else (f" {fact.unit}" if fact.unit else "", 1)
    values = [_number(number / scale) for number in numbers]
    if len(values) > 1:
        return f"{values[0]} to {values[1]}{unit}"
    return f"{'at least' if 'minimum' in schema else 'at most'} {values[0]}{unit}"


def _is_in(schema: Mapping[str, Any], title: str, fact: Fact) -> bool:
    """Whether a title names every bound."""
    spoken = set(re.findall(r"-?\d+(?:\.\d+)?", title.replace("−", "-")))
    measured = quantities(title, fact.unit)
    return all(
        {_number(schema[key]), str(schema[key])} & spoken or schema[key] in measured for key in _BOUNDS if key in schema
    )


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)

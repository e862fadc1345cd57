"""Finds facts for which a clause holds and facts for which it does not; knows no foreign format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

from deliverqc.facts.model import Kind
from deliverqc.facts.probed import probed_facts
from deliverqc.judging.kleene import Truth, evaluate
from deliverqc.speclang.model import member_name

_MOST_TRIED = 2000
"""House choice: every combination of the values that a clause of six demands names."""
_MOST_TRACKS = 8
_PIXEL_FORMATS = ("yuv422p10le", "gbrp")
_BOUNDS = {"minimum": (0, -1), "maximum": (0, 1), "exclusiveMinimum": (1, 0), "exclusiveMaximum": (-1, 0)}
"""How far from a bound a value lies that meets it, and one that breaks it, in steps."""


def examples_of(schema: Mapping[str, Any]) -> dict[str, list[Any]] | None:
    """`{"pass": [facts], "fail": [facts]}` for a clause; None where no such facts are found among those it names."""
    values: dict[str, list[Any]] = {}
    _gather(schema, "", values)
    found: dict[str, Any] = {}
    for chosen in islice(product(*values.values()), _MOST_TRIED):
        facts = _facts(dict(zip(values, chosen, strict=True)))
        truth = evaluate(schema, facts).truth
        if truth is not Truth.UNKNOWN:
            found.setdefault("pass" if truth is Truth.TRUE else "fail", facts)
        if len(found) == 2:
            return {outcome: [found[outcome]] for outcome in ("pass", "fail")}
    return None


def _gather(schema: Any, name: str, values: dict[str, list[Any]]) -> None:  # noqa: ANN401
    """Values on both sides of what a schema says of each innermost fact, by name."""
    if not isinstance(schema, Mapping):
        return
    if name and "properties" not in schema and "items" not in schema and "contains" not in schema:
        held = values.setdefault(name, [])
        held += [value for value in _values(schema, name) if not any(_same(value, one) for one in held)]
    for key, inner in schema.get("properties", {}).items():
        _gather(inner, member_name(name, key), values)
    for keyword in ("items", "contains"):
        _gather(schema.get(keyword), f"{name}[]", values)
    for keyword in ("allOf", "anyOf"):
        for inner in schema.get(keyword, ()):
            _gather(inner, name, values)


def _same(one: object, two: object) -> bool:
    return type(one) is type(two) and one == two


def _values(schema: Mapping[str, Any], name: str) -> Iterator[Any]:
    if schema.get("not"):
        yield from reversed(list(_values(schema["not"], name)))
    wanted = [schema["const"]] if "const" in schema else list(schema.get("enum", ()))
    yield from wanted
    fact = probed_facts().get(name)
    if wanted and fact is not None:
        others: Sequence[Any] = fact.vocabulary or ([True, False] if fact.kind is Kind.BOOLEAN else ())
        yield from [one for one in others if one not in wanted][:1] or [_another(wanted[0])]
    if "pattern" in schema:
        yield from (_PIXEL_FORMATS if name.endswith("pixel_format") else (_matching(schema["pattern"]), "x"))
    bounds = {keyword: schema[keyword] for keyword in _BOUNDS if keyword in schema}
    step = 1 if schema.get("type") == "integer" else 0.0001
    if len(bounds) == 2:
        yield round(sum(bounds.values()) / 2, 6) if step != 1 else max(bounds.values()) - 1
    for keyword, bound in bounds.items():
        for steps in _BOUNDS[keyword]:
            yield round(bound + steps * step, 6)
    if schema.get("type") == "null":
        yield from (None, "bt709" if fact is not None and fact.kind is Kind.STRING else 1)
    elif set(schema) == {"type"}:
        kinds = {"string": "bt709", "integer": 1, "number": 1.0}
        yield kinds.get(str(schema["type"]))
        yield None


def _matching(pattern: str) -> str:
    """A text that the pattern of a file's name is likely to match: the first of what it allows at each place."""
    text = pattern.replace(r"(\.[^.]*)?", ".mov").replace("[^.]*", "mov").replace(r"[\s\S]*", "")
    return re.sub(r"\\(.)", r"\1", text.partition("|")[0].strip("^$"))


def _another(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return "1/1" if "/" in value else f"{value}x"
    return value + 1 if isinstance(value, int | float) else None


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    """A facts object of values by name; a list gets as many tracks as the clause asks for, all alike."""
    facts: dict[str, Any] = {}
    items: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        holder, bracket, member = name.partition("[].")
        if bracket:
            items.setdefault(holder, {})[member] = value
        else:
            facts[name] = value
    for holder, item in items.items():
        count = min(int(item.get("order") or 0) + 1, _MOST_TRACKS)
        facts[holder] = [{**item, **({"order": i} if "order" in item else {})} for i in range(count)]
    return facts

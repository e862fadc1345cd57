"""Proves that whatever meets one schema meets another; knows no clauses and judges no facts.

A proof is sound and not complete: True is certain, False only says that none was found. It holds over facts that are
all present and of their registered kinds. A fact that is missing leaves both schemas open, so no proof is contradicted
by one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deliverqc.facts.model import Fact, Kind
from deliverqc.judging.kleene import Place, Truth, evaluate
from deliverqc.speclang.keywords import LISTS, NUMBERS, TEXTS
from deliverqc.speclang.lint_values import LISTS_OF_OBJECTS
from deliverqc.speclang.model import Schema, member_name

_Demand = tuple[str, Any]
"""One thing that a schema demands: a keyword and its value, in the forms that `_demands` gives."""

_EVERY_TYPE = frozenset({"null", "boolean", "string", "integer", "fraction", "array", "object"})
_TYPES: Mapping[str, frozenset[str]] = {
    **{name: frozenset({name}) for name in _EVERY_TYPE - {"fraction"}},
    "number": frozenset({"integer", "fraction"}),
}
_KIND_TYPES: Mapping[Kind, str] = {
    Kind.STRING: "string",
    Kind.RATE: "string",
    Kind.TIMECODE: "string",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "boolean",
    Kind.LIST: "array",
    Kind.STRINGS: "array",
    Kind.INTEGERS: "array",
    Kind.SPANS: "array",
    Kind.OBJECT: "object",
}
_SPEAKS_OF: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(NUMBERS, _TYPES["number"]),
    **dict.fromkeys(TEXTS, _TYPES["string"]),
    **dict.fromkeys((*LISTS, "at_least", "at_most"), _TYPES["array"]),
    "member": _TYPES["object"],
}
_SILENT = ("required", "$comment", "minContains", "maxContains", "then", "else")
_ALWAYS_MET = (("minItems", 0), ("minLength", 0), ("uniqueItems", False))
_LOWER = ("minimum", "exclusiveMinimum")
_UPPER = ("maximum", "exclusiveMaximum")
_BUDGET = 3_000  # steps; house choice, because the largest pair of shipped clauses takes a few hundred
_DEEPEST = 20  # of one proof within another; house choice, because no clause is nested so deeply


def implies(one: Schema, other: Schema, registry: Mapping[str, Fact]) -> bool:
    """Whether every facts document that meets `one` is shown to meet `other`. Schemas of the closed subset, without
    `$ref`.
    """
    return _Prover(registry=registry).all_of(list(_demands(one)), other, "")


def _demands(schema: Schema) -> Iterator[_Demand]:
    """A schema as a list of demands, all of which it makes. Presence is none: facts are there, or not measured."""
    if not isinstance(schema, Mapping):
        yield from [] if schema else [("enum", [])]
        return
    for keyword, value in schema.items():
        if keyword in _SILENT or (keyword, value) in _ALWAYS_MET:
            continue
        if keyword == "allOf":
            for inner in value:
                yield from _demands(inner)
        elif keyword == "properties":
            yield from (("member", (key, inner)) for key, inner in value.items())
        elif keyword == "const":
            yield "enum", [value]
        elif keyword == "contains":
            yield from [("at_least", (value, fewest))] if (fewest := schema.get("minContains", 1)) else []
            if "maxContains" in schema:
                yield "at_most", (value, schema["maxContains"])
        elif keyword == "if":
            if "then" in schema:
                yield "where", (value, schema["then"])
            if "else" in schema:
                yield "where", ({"not": value}, schema["else"])
        else:
            yield keyword, value


def _text(demand: _Demand) -> str:
    return json.dumps(demand, sort_keys=True)  # 1 and true are equal in Python and not in JSON


def _holds(demand: _Demand, value: Any) -> Truth:  # noqa: ANN401
    """Whether one value, about which nothing is missing, meets a demand."""
    return evaluate(_as_schema(*demand), value, Place()).truth


def _as_schema(keyword: str, wanted: Any) -> Schema:  # noqa: ANN401
    match keyword:
        case "where":
            return {"if": wanted[0], "then": wanted[1]}
        case "member":
            return {"properties": {wanted[0]: wanted[1]}}
        case "at_least":
            return {"contains": wanted[0], "minContains": wanted[1]}
        case "at_most":
            return {"contains": wanted[0], "minContains": 0, "maxContains": wanted[1]}
    return {keyword: wanted}


@dataclass(kw_only=True)
class _Prover:
    registry: Mapping[str, Fact]
    budget: int = _BUDGET
    depth: int = 0

    def all_of(self, given: Sequence[_Demand], wanted: Schema, name: str) -> bool:
        """Whether the demands `given` on the value called `name` imply all that `wanted` demands, in every branch of
        every disjunction that is given.
        """
        self.budget -= 1
        if self.budget < 0:
            return False
        given = self._with_consequences(given, name)
        if self._plainly(given, wanted, name):
            return True
        for i, (keyword, branches) in enumerate(given):
            if keyword in ("anyOf", "oneOf"):
                rest = [*given[:i], *given[i + 1 :]]
                return all(self.all_of([*rest, *_demands(branch)], wanted, name) for branch in branches)
        return False

    def _plainly(self, given: Sequence[_Demand], wanted: Schema, name: str) -> bool:
        """Whether the demands imply `wanted` without looking into the branches of what is given."""
        return all(self._one(given, demand, name) for demand in _demands(wanted))

    def _with_consequences(self, given: Sequence[_Demand], name: str) -> list[_Demand]:
        """What is given, and what follows from its conditions that hold."""
        known, waiting = list(given), [demand for demand in given if demand[0] == "where"]
        while True:
            fired = [
                demand
                for demand in waiting
                if all(
                    self._one([one for one in known if one is not demand], wanted, name)
                    for wanted in _demands(demand[1][0])
                )
            ]
            if not fired:
                return known
            waiting = [demand for demand in waiting if demand not in fired]
            known += [one for _, (_, then) in fired for one in _demands(then)]
            waiting += [one for _, (_, then) in fired for one in _demands(then) if one[0] == "where"]

    def _one(self, given: Sequence[_Demand], wanted: _Demand, name: str) -> bool:
        self.budget -= 1
        if self.budget < 0 or self.depth > _DEEPEST:
            return False
        self.depth += 1
        try:
            return self._shown(given, wanted, name)
        finally:
            self.depth -= 1

    def _shown(self, given: Sequence[_Demand], wanted: _Demand, name: str) -> bool:
        if _text(wanted) in map(_text, given) or self.is_impossible(given, name):
            return True
        values = self._values(given)
        if values is not None and all(_holds(wanted, value) is Truth.TRUE for value in values):
            return True
        speaks_of = _SPEAKS_OF.get(wanted[0])
        if speaks_of is not None and not self._types(given, name) & speaks_of:
            return True
        return self._by_keyword(given, wanted, name)

    def _by_keyword(self, given: Sequence[_Demand], wanted: _Demand, name: str) -> bool:
        keyword, value = wanted
        if keyword == "type":
            allowed = [value] if isinstance(value, str) else value
            return self._types(given, name) <= frozenset().union(*(_TYPES[one] for one in allowed))
        if keyword == "anyOf":
            return any(self._plainly(given, branch, name) for branch in value)
        if keyword == "not":
            barred = [inner for one, inner in given if one == "not"]
            return any(self._plainly(list(_demands(value)), inner, name) for inner in barred) or self.is_impossible(
                self._with_consequences([*given, *_demands(value)], name), name
            )
        if keyword == "where":
            condition, then = value
            return self.all_of([*given, *_demands(condition)], then, name)
        if keyword == "member":
            key, inner = value
            return self.all_of(_members(given, key), inner, member_name(name, key))
        if keyword in ("items", "at_least", "at_most"):
            return self._by_items(given, wanted, name)
        return _is_within(given, wanted, self._types(given, name))

    def _by_items(self, given: Sequence[_Demand], wanted: _Demand, name: str) -> bool:
        keyword, value = wanted
        item, each = f"{name}[]", [one for kind, inner in given if kind == "items" for one in _demands(inner)]
        fewest, most = _bound(given, "minItems", max, 0), _bound(given, "maxItems", min, math.inf)
        if keyword == "items":
            return most == 0 or self.all_of(each, value, item)
        inner, count = value
        if keyword == "at_least":
            return (fewest >= count and self.all_of(each, inner, item)) or any(
                number >= count and self.all_of([*each, *_demands(known)], inner, item)
                for kind, (known, number) in _of_kind(given, "at_least")
            )
        barred = self.is_impossible(self._with_consequences([*each, *_demands(inner)], item), item)
        return (
            most <= count
            or barred
            or any(
                number <= count and self.all_of([*each, *_demands(inner)], known, item)
                for kind, (known, number) in _of_kind(given, "at_most")
            )
        )

    def is_impossible(self, given: Sequence[_Demand], name: str) -> bool:
        """Whether no value is shown to meet all that is given."""
        self.budget -= 1
        if self.budget < 0:
            return False
        types = self._types(given, name)
        if not types or self._values(given) == []:
            return True
        low, high = _low(given), _high(given)
        if types <= _TYPES["number"] and (low[0] > high[0] or (low[0] == high[0] and (low[1] or high[1]))):
            return True
        fewest, most = _bound(given, "minItems", max, 0), _bound(given, "maxItems", min, math.inf)
        fewest = max([fewest, *(number for _, (_, number) in _of_kind(given, "at_least"))])
        if types <= _TYPES["array"] and fewest > most:
            return True
        if types <= _TYPES["object"]:
            keys = dict.fromkeys(value[0] for kind, value in given if kind == "member")
            if any(self.is_impossible(_members(given, key), member_name(name, key)) for key in keys):
                return True
        rest = [demand for demand in given if demand[0] != "not"]
        return any(
            kind == "not" and all(self._one(rest, one, name) for one in _demands(value)) for kind, value in given
        )

    def _types(self, given: Sequence[_Demand], name: str) -> frozenset[str]:
        types = self._possible(name)
        for keyword, value in given:
            if keyword == "type":
                types &= frozenset().union(*(_TYPES[one] for one in ([value] if isinstance(value, str) else value)))
        return types

    def _possible(self, name: str) -> frozenset[str]:
        """The JSON types that the value called `name` can ever have."""
        if not name:
            return _TYPES["object"]
        fact = self.registry.get(name)
        if fact is not None:
            return _TYPES[_KIND_TYPES[fact.kind]] | (_TYPES["null"] if fact.is_nullable else frozenset())
        holder = self.registry.get(name.removesuffix("[]")) if name.endswith("[]") else None
        return _TYPES["object"] if holder is not None and holder.kind in LISTS_OF_OBJECTS else _EVERY_TYPE

    def _values(self, given: Sequence[_Demand]) -> list[Any] | None:
        """The only values that are left, where that is known."""
        lists = [values for keyword, values in given if keyword == "enum"]
        if not lists:
            return None
        shortest = min(lists, key=len)
        rest = [demand for demand in given if demand[1] is not shortest]
        return [value for value in shortest if all(_holds(demand, value) is not Truth.FALSE for demand in rest)]


def _members(given: Sequence[_Demand], key: str) -> list[_Demand]:
    return [one for keyword, value in given if keyword == "member" and value[0] == key for one in _demands(value[1])]


def _of_kind(given: Sequence[_Demand], kind: str) -> list[_Demand]:
    return [demand for demand in given if demand[0] == kind]


def _bound(given: Sequence[_Demand], keyword: str, choose: Any, default: float) -> float:  # noqa: ANN401
    return float(choose([value for one, value in given if one == keyword], default=default))


def _low(given: Sequence[_Demand]) -> tuple[float, bool]:
    """The highest lower bound, and whether it is itself excluded."""
    bounds = [(value, keyword == "exclusiveMinimum") for keyword, value in given if keyword in _LOWER]
    return max(bounds, default=(-math.inf, False))


def _high(given: Sequence[_Demand]) -> tuple[float, bool]:
    """The lowest upper bound, and whether it is itself excluded."""
    bounds = [(value, keyword == "exclusiveMaximum") for keyword, value in given if keyword in _UPPER]
    return min(bounds, key=lambda bound: (bound[0], not bound[1]), default=(math.inf, False))


def _is_within(given: Sequence[_Demand], wanted: _Demand, types: frozenset[str]) -> bool:
    """Whether bounds that are given lie within one that is wanted."""
    keyword, value = wanted
    low, high = _low(given), _high(given)
    within: Mapping[str, Any] = {
        "minimum": lambda: low[0] >= value,
        "exclusiveMinimum": lambda: low[0] > value or low == (value, True),
        "maximum": lambda: high[0] <= value,
        "exclusiveMaximum": lambda: high[0] < value or high == (value, True),
        "minItems": lambda: (
            max([_bound(given, keyword, max, 0), *(number for _, (_, number) in _of_kind(given, "at_least"))]) >= value
        ),
        "maxItems": lambda: _bound(given, keyword, min, math.inf) <= value,
        "minLength": lambda: _bound(given, keyword, max, 0) >= value,
        "maxLength": lambda: _bound(given, keyword, min, math.inf) <= value,
        "multipleOf": lambda: _is_coarser(given, value) or (value == 1 and "fraction" not in types),
        "uniqueItems": lambda: _bound(given, "maxItems", min, math.inf) <= 1,
    }
    return bool(within.get(keyword, lambda: False)())


def _is_coarser(given: Sequence[_Demand], step: float) -> bool:
    whole = isinstance(step, int)
    return whole and any(
        keyword == "multipleOf" and isinstance(value, int) and value % step == 0 for keyword, value in given
    )

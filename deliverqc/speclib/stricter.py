"""Proves that whatever meets one schema meets another, demand by demand; knows no clauses and judges no facts.

A schema is a list of demands on one value, all of which hold. One schema implies another where what the first demands,
the given, shows each demand of the other:

- A bound, a count or a type: by one that is as strict, or by the type of the registered fact.
- Any demand: by the same demand, or where each value of a given `enum` meets it.
- `properties` and `items`: by what is given of the same fact, and of every item.
- `contains`: by a given `contains` of something as strict and as often, or by enough items that all fit.
- `anyOf`: by one of its branches. A given `anyOf` or `oneOf` shows what each of its branches shows.
- `not`: by a given `not` of something wider, or where the given rules out a part of what it bars.
- `if` with `then`: where the given rules out a part of `if`, or shows `then` once `if` is given too. Where a given `if`
  is shown, its `then` is given.

Each rule goes on with smaller schemas, so a proof always ends. True is certain; False only says that these rules do not
show it. A proof holds over facts that are all present and of their registered kinds. A missing fact leaves both schemas
open, so it contradicts nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import ge, gt, le, lt
from typing import Any

from deliverqc.facts.model import Fact
from deliverqc.judging.kleene import Truth, evaluate
from deliverqc.speclang.keywords import NEEDED_TYPES
from deliverqc.speclang.lint_values import FITTING_TYPES
from deliverqc.speclang.model import Schema, member_name

_Demand = Mapping[str, Any]
"""A schema that says one thing, in one of the forms that `_demands` gives."""

_EVERY_TYPE = frozenset({"null", "boolean", "string", "integer", "fraction", "array", "object"})
_SILENT = ("required", "$comment", "minContains", "maxContains", "then", "else")
_AS_STRICT: Mapping[str, Mapping[str, Callable[[Any, Any], bool]]] = {
    "minimum": {"minimum": ge, "exclusiveMinimum": ge},
    "exclusiveMinimum": {"minimum": gt, "exclusiveMinimum": ge},
    "maximum": {"maximum": le, "exclusiveMaximum": le},
    "exclusiveMaximum": {"maximum": lt, "exclusiveMaximum": le},
    "minLength": {"minLength": ge},
    "maxLength": {"maxLength": le},
    "minItems": {"minItems": ge, "minContains": ge},
    "maxItems": {"maxItems": le},
    "maxContains": {"maxItems": le},
    "items": {"maxItems": lambda most, _: most == 0},
    "multipleOf": {"multipleOf": lambda step, wanted: type(step) is type(wanted) is int and step % wanted == 0},
}
"""By keyword, which given keywords show it where their two values compare so."""


def implies(one: Schema, other: Schema, registry: Mapping[str, Fact]) -> bool:
    """Whether every facts document that meets `one` is shown to meet `other`. Schemas of the closed subset, without
    `$ref`.
    """
    return _Given(registry=registry).plus(one).shows(other)


def _demands(schema: Schema) -> Iterator[_Demand]:
    """The demands of a schema. Presence is none: facts are there, or not measured."""
    if not isinstance(schema, Mapping):
        yield from [] if schema else [{"enum": []}]
        return
    for keyword, value in schema.items():
        match keyword:
            case "allOf":
                yield from (demand for inner in value for demand in _demands(inner))
            case "properties":
                yield from ({"properties": {key: inner}} for key, inner in value.items())
            case "const":
                yield {"enum": [value]}
            case "contains":
                yield {"contains": value, "minContains": schema.get("minContains", 1)}
                if "maxContains" in schema:
                    yield {"contains": value, "maxContains": schema["maxContains"], "minContains": 0}
            case "if":
                yield {"if": value, "then": schema.get("then", True)}
                yield {"if": {"not": value}, "then": schema.get("else", True)}
            case _ if keyword not in _SILENT:
                yield {keyword: value}


def _among(types: str | Sequence[str]) -> frozenset[str]:
    """JSON types that do not overlap: a number is an integer or a fraction."""
    names = {types} if isinstance(types, str) else set(types)
    return frozenset(names - {"number"} | ({"integer", "fraction"} if "number" in names else set()))


@dataclass(frozen=True, kw_only=True)
class _Given:
    """What is given of the value called `name`; the facts document itself has the empty name."""

    registry: Mapping[str, Fact]
    name: str = ""
    demands: tuple[_Demand, ...] = ()

    def plus(self, *schemas: Schema) -> _Given:
        """With more schemas given, and with each `then` of which `if` is shown."""
        demands = (*self.demands, *(demand for schema in schemas for demand in _demands(schema)))
        plain = replace(self, demands=tuple(one for one in demands if "if" not in one))
        for one in demands:
            if "if" in one and plain.shows(one["if"]):
                return replace(self, demands=tuple(other for other in demands if other is not one)).plus(one["then"])
        return replace(self, demands=demands)

    def shows(self, wanted: Schema) -> bool:
        """Whether each value that meets what is given meets a schema."""
        return all(
            self._stands(demand) or self._shows_by_parts(demand) or self._shows_by_cases(demand)
            for demand in _demands(wanted)
        )

    def rules_out(self, barred: Schema) -> bool:
        """Whether no value that meets what is given meets a schema."""
        return any(self._rules_out(demand) for demand in _demands(barred))

    def _stands(self, wanted: _Demand) -> bool:
        """Whether the same demand, the values that are left, or a stricter bound show it."""
        if (values := self._values()) is not None and all(evaluate(wanted, one).truth is Truth.TRUE for one in values):
            return True
        text = json.dumps(wanted, sort_keys=True)  # 1 and true are equal in Python and not in JSON
        return any(json.dumps(one, sort_keys=True) == text for one in self.demands) or any(
            is_as_strict(given, bound)
            for keyword, bound in wanted.items()
            for word, is_as_strict in _AS_STRICT.get(keyword, {}).items()
            for given in self._all(word)
        )

    def _shows_by_parts(self, wanted: _Demand) -> bool:
        types = self._types()
        if not all(types & _among(NEEDED_TYPES.get(keyword, tuple(_EVERY_TYPE))) for keyword in wanted):
            return True
        match wanted:
            case {"minItems": 0} | {"minLength": 0} | {"uniqueItems": False}:
                return True
            case {"type": allowed}:
                return types <= _among(allowed)
            case {"properties": members}:
                return all(self._member(key).shows(inner) for key, inner in members.items())
            case {"anyOf": branches}:
                return any(self.shows(branch) for branch in branches)
            case {"not": barred}:
                nothing = replace(self, demands=())
                return self.rules_out(barred) or any(nothing.plus(barred).shows(wider) for wider in self._all("not"))
            case {"if": condition, "then": then}:
                return self.rules_out(condition) or self.plus(condition).shows(then)
            case {"items": inner}:
                return self._item().shows(inner)
            case {"contains": inner, "maxContains": most}:
                found = [one["contains"] for one in self.demands if one.get("maxContains", most + 1) <= most]
                return any(self._item().plus(inner).shows(wider) for wider in found)
            case {"contains": inner, "minContains": fewest}:
                found = [one["contains"] for one in self.demands if one.get("minContains", -1) >= fewest]
                found += [True for count in self._all("minItems") if count >= fewest]
                return fewest == 0 or any(self._item().plus(narrower).shows(inner) for narrower in found)
        return False

    def _shows_by_cases(self, wanted: _Demand) -> bool:
        plain = replace(self, demands=tuple(one for one in self.demands if not {"anyOf", "oneOf"} & set(one)))
        return any(
            all(plain.plus(branch).shows(wanted) for branch in branches)
            for branches in (*self._all("anyOf"), *self._all("oneOf"))
        )

    def _rules_out(self, barred: _Demand) -> bool:
        if (values := self._values()) is not None and all(evaluate(barred, one).truth is Truth.FALSE for one in values):
            return True
        match barred:
            case {"type": types}:
                return not self._types() & _among(types)
            case {"enum": values}:
                return all(any(evaluate(one, value).truth is Truth.FALSE for one in self.demands) for value in values)
            case {"properties": members} if self._types() <= {"object"}:
                return any(self._member(key).rules_out(inner) for key, inner in members.items())
            case {"not": inner}:
                return self.shows(inner)
        return False

    def _all(self, keyword: str) -> list[Any]:
        return [one[keyword] for one in self.demands if keyword in one]

    def _values(self) -> list[Any] | None:
        """The values that are left, where an `enum` is given."""
        for values in self._all("enum"):
            return [
                one for one in values if all(evaluate(demand, one).truth is not Truth.FALSE for demand in self.demands)
            ]
        return None

    def _types(self) -> frozenset[str]:
        """The JSON types that are left."""
        types = _EVERY_TYPE if self.name else frozenset({"object"})
        if (fact := self.registry.get(self.name)) is not None:
            types = _among([FITTING_TYPES[fact.kind][0], *(["null"] if fact.is_nullable else [])])
        return types.intersection(*map(_among, self._all("type")))

    def _member(self, key: str) -> _Given:
        given = [members[key] for members in self._all("properties") if key in members]
        return _Given(registry=self.registry, name=member_name(self.name, key)).plus(*given)

    def _item(self) -> _Given:
        return _Given(registry=self.registry, name=f"{self.name}[]").plus(*self._all("items"))

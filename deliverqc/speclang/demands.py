"""Writes out the short form of a clause, `x-demand` and `x-when`, as JSON Schema; knows facts by the registry alone.

The short form names facts whole (`sound.groups[].loudness.integrated_lufs`) and says of each a value, a list of values
or a schema. What a schema over facts always needs follows from the registry: `required`, `type`, and that no list of
tracks or groups may be empty. `where` chooses among the items of a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deliverqc.facts.model import Fact, Kind
from deliverqc.speclang.keywords import NEEDED_TYPES

DEMAND = "x-demand"
WHEN = "x-when"
WHERE = "where"
NEVER_EMPTY = ("tracks", "groups")
"""The last word of the lists that a subject with such essence always fills."""

ITEMS = "[]."
"""What joins the name of a list to that of a member of its items."""
_OWN_TYPES: Mapping[Kind, str] = {
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.LIST: "array",
    Kind.SPANS: "array",
    Kind.STRINGS: "array",
    Kind.INTEGERS: "array",
}


@dataclass(kw_only=True)
class _Object:
    """What is said of one object: of its members, and of those members where others have certain values."""

    members: dict[str, _Member] = field(default_factory=dict)
    conditions: list[dict[str, Any]] = field(default_factory=list)

    def schema(self) -> dict[str, Any]:
        told = {name: schema for name, member in self.members.items() if (schema := member.schema())}
        written: dict[str, Any] = {"required": list(self.members)}
        written |= {"properties": told} if told else {}
        if len(self.conditions) == 1:
            written |= self.conditions[0]
        elif self.conditions:
            written["allOf"] = self.conditions
        return written


@dataclass(kw_only=True)
class _Member:
    """What is said of one member of an object: itself, and its items where it is a list of objects."""

    name: str
    own: dict[str, Any] = field(default_factory=dict)
    items: _Object | None = None

    def schema(self) -> dict[str, Any]:
        if self.items is None:
            return self.own
        least = 1 if self.name.rsplit(".", 1)[-1] in NEVER_EMPTY else 0
        return {"type": "array", "minItems": least, **self.own, "items": {"type": "object", **self.items.schema()}}


def written_out(clause: Mapping[str, Any], registry: Mapping[str, Fact]) -> dict[str, Any]:
    """The clause in JSON Schema alone; one that is not in the short form as it stands. It has been linted."""
    if DEMAND not in clause:
        return dict(clause)
    kept = {key: value for key, value in clause.items() if key not in (DEMAND, WHEN)}
    demanded = _of(clause[DEMAND], registry).schema()
    if WHEN not in clause:
        return kept | demanded
    return kept | {"if": _of(clause[WHEN], registry).schema(), "then": demanded}


def _of(said: Mapping[str, Any], registry: Mapping[str, Fact], holder: str = "") -> _Object:
    """The facts of a mapping, gathered under the lists that hold them; `holder` is how their names go on before."""
    root = _Object()
    for name, value in said.items():
        here, path = root, holder
        *lists, last = name.split(ITEMS)
        for part in lists:
            member = here.members.setdefault(part, _Member(name=part))
            member.items = member.items or _Object()
            here, path = member.items, f"{path}{part}{ITEMS}"
        _say(here, last, value, registry, path)
    return root


def _say(here: _Object, name: str, value: Any, registry: Mapping[str, Fact], path: str) -> None:  # noqa: ANN401
    fact = registry.get(path + name)
    if not isinstance(value, Mapping) or WHERE not in value:
        here.members.setdefault(name, _Member(name=name)).own |= _leaf(value, fact)
        return
    condition = _of(value[WHERE], registry, path).schema()
    rest = {key: one for key, one in value.items() if key != WHERE}
    for one in (*condition["required"], name):
        here.members.setdefault(one, _Member(name=one))
    here.conditions.append({"if": condition, "then": {"required": [name], "properties": {name: _leaf(rest, fact)}}})


def _leaf(value: Any, fact: Fact | None) -> dict[str, Any]:  # noqa: ANN401
    """What is said of one fact, as JSON Schema: a value is `const`, a list of values `enum`, bounds get their type."""
    if isinstance(value, Mapping):
        allowed = {types for keyword, types in NEEDED_TYPES.items() if keyword in value}
        if "type" in value or len(allowed) != 1:
            return dict(value)
        (types,) = allowed
        own = _OWN_TYPES.get(fact.kind) if fact is not None else None
        return {"type": own if own in types else types[0], **value}
    if isinstance(value, list):
        is_one_list = fact is not None and fact.kind in (Kind.STRINGS, Kind.INTEGERS)
        is_one_list = is_one_list and not any(isinstance(one, list) for one in value)
        return {"const": value} if is_one_list else {"enum": value}
    return {"const": value}

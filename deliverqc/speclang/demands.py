"""Writes out the short form of a clause, `x-demand` and `x-when`, as JSON Schema; knows facts by the registry alone.

The short form names facts whole (`sound.groups[].loudness.integrated_lufs`) and says of each a value, a list of values
or a schema. What a schema over facts always needs follows from the registry: `required`, `type`, and that no list of
tracks or groups may be empty. `where` chooses among the items of a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deliverqc.facts.model import Fact, Kind
from deliverqc.speclang.keywords import NEEDED_TYPES, SCHEMA_KEYWORDS
from deliverqc.speclang.problem import Problem, child, error, nearest

DEMAND = "x-demand"
WHEN = "x-when"
WHERE = "where"
NEVER_EMPTY = ("tracks", "groups")
"""The last word of the lists that a subject with such essence always fills."""

_ITEMS = "[]."
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
    """The clause in JSON Schema alone; one that is not in the short form, or is malformed, as it stands."""
    if DEMAND not in clause or any(short_form_problems(clause, "")):
        return dict(clause)
    kept = {key: value for key, value in clause.items() if key not in (DEMAND, WHEN)}
    demanded = _of(clause[DEMAND], registry).schema()
    if WHEN not in clause:
        return kept | demanded
    return kept | {"if": _of(clause[WHEN], registry).schema(), "then": demanded}


def short_form_problems(clause: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    """What is malformed in `x-demand` and `x-when`; facts and values are the linter's, on what is written out."""
    if WHEN in clause and DEMAND not in clause:
        yield error("partnerless-keyword", child(pointer, WHEN), f'{WHEN} does nothing without "{DEMAND}"; add it')
    if DEMAND not in clause:
        return
    for key in clause:
        if key in SCHEMA_KEYWORDS and key != "$comment":
            message = f"{key} and {DEMAND} both say what is required; write the clause in one of the two forms"
            yield error("mixed-forms", child(pointer, key), message)
    for keyword in (DEMAND, WHEN):
        if keyword in clause:
            yield from _mapping_problems(clause[keyword], child(pointer, keyword), keyword)


def _mapping_problems(said: Any, pointer: str, keyword: str) -> Iterator[Problem]:  # noqa: ANN401
    if not isinstance(said, dict) or not said:
        message = f'{keyword} maps facts to what they must be: {{"picture.width_px": 1920}}'
        yield error("misshapen-demand", pointer, message)
        return
    for name, value in said.items():
        where = child(pointer, name)
        if isinstance(value, dict):
            if WHERE in value:
                yield from _where_problems(name, value, where)
            for key in value:
                if key not in (*SCHEMA_KEYWORDS, WHERE):
                    hint = nearest(key, (*SCHEMA_KEYWORDS, WHERE)) or "; docs/writing-a-spec.md lists the keywords"
                    yield error("unknown-keyword", child(where, key), f"the keyword {key!r} is not known{hint}")
            if not set(value) - {WHERE, "$comment"}:
                yield error("empty-schema", where, "says nothing; say what the fact must be")
        elif isinstance(value, list) and not value:
            yield error("empty-schema", where, "no value is listed, so that none fits; list at least one")


def _where_problems(name: str, value: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    if _ITEMS not in name:
        message = f'{name} is in no list; write the condition as "{WHEN}" in the clause'
        yield error("misplaced-where", child(pointer, WHERE), message)
        return
    yield from _mapping_problems(value[WHERE], child(pointer, WHERE), WHERE)


def _of(said: Mapping[str, Any], registry: Mapping[str, Fact], holder: str = "") -> _Object:
    """The facts of a mapping, gathered under the lists that hold them; `holder` is how their names go on before."""
    root = _Object()
    for name, value in said.items():
        here, path = root, holder
        *lists, last = name.split(_ITEMS)
        for part in lists:
            member = here.members.setdefault(part, _Member(name=part))
            member.items = member.items or _Object()
            here, path = member.items, f"{path}{part}{_ITEMS}"
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

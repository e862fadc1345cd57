"""Turns what the order for one title expects into clauses; knows no file and judges nothing."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deliverqc.errors import UsageError
from deliverqc.facts.model import Fact, Kind
from deliverqc.speclang.model import EXPECTED_PREFIX, Clause, Spec
from deliverqc.timebase import format_rate, parse_rate
from deliverqc.verdict import Level

NOT_TOLD = "tell us with --expect"

_SOURCE: Mapping[str, Any] = {"document": "The order for this title"}
_JSON_TYPES: Mapping[Kind, tuple[type, ...]] = {
    Kind.STRING: (str,),
    Kind.TIMECODE: (str,),
    Kind.RATE: (str,),
    Kind.INTEGER: (int,),
    Kind.NUMBER: (int, float),
    Kind.BOOLEAN: (bool,),
    Kind.OBJECT: (dict,),
    Kind.STRINGS: (list,),
    Kind.INTEGERS: (list,),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """One clause that the order gives, on a fact; `is_told` says whether its `value` is known."""

    clause: Clause
    is_told: bool
    fact: str
    value: Any = None


def expectations_of(spec: Spec, told: Mapping[str, Any]) -> tuple[Expectation, ...]:
    """The `expected-` clauses of a spec: one for each entry of `x-expects`, and one for each fact that was told beside
    them.

    `told` maps an entry's id or a fact's name to the value. A plain value for a member of a list
    (`sound.groups[].layout`) is expected of every item; a list of values wants as many items, each value as often as
    it is given. UsageError for a name that is unknown, or a value that the fact cannot have.
    """
    values: dict[str, Any] = {}
    free: dict[str, Any] = {}
    for name, value in told.items():
        entries = [entry for entry in spec.expects if name in (entry["id"], EXPECTED_PREFIX + entry["id"])]
        entries = entries or [entry for entry in spec.expects if name == entry["fact"]]
        if entries:
            values[entries[0]["id"]] = value
        else:
            free[name] = value
    return (*_stated(spec, values), *_free(spec, free))


def expected_id(name: str) -> str:
    """Clause id for a fact that is expected beside `x-expects`: `sound.groups[].layout` is
    `expected-sound-groups-layout`.
    """
    return EXPECTED_PREFIX + name.replace("[]", "").replace(".", "-").replace("_", "-")


def _stated(spec: Spec, values: Mapping[str, Any]) -> Iterator[Expectation]:
    for entry in spec.expects:
        is_told = entry["id"] in values
        fact = spec.registry[entry["fact"]]
        schema = _schema(fact, values[entry["id"]]) if is_told else {}
        clause_id, title = EXPECTED_PREFIX + entry["id"], entry["title"]
        yield Expectation(
            clause=_clause(clause_id, title, schema, spec, is_told=is_told),
            is_told=is_told,
            fact=entry["fact"],
            value=values.get(entry["id"]),
        )


def _free(spec: Spec, values: Mapping[str, Any]) -> Iterator[Expectation]:
    for name, value in values.items():
        fact = spec.registry.get(name)
        if fact is None:
            known = [*(entry["id"] for entry in spec.expects), *spec.registry]
            near = difflib.get_close_matches(name, known, 3)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise UsageError(
                f"{spec.id} cannot expect {name!r}: it is neither the id of one of its expectations nor a fact.{hint}"
                " A fact's name serves for every spec.",
                code="expectation-unknown",
            )
        title = f"{name} is as ordered"
        clause = _clause(expected_id(name), title, _schema(fact, value), spec, is_told=True)
        yield Expectation(clause=clause, is_told=True, fact=name, value=value)


def _clause(clause_id: str, title: str, schema: Mapping[str, Any], spec: Spec, *, is_told: bool) -> Clause:
    return Clause(
        id=clause_id,
        title=title,
        level=Level.SHALL if is_told else Level.SHOULD,
        source=_SOURCE,
        schema=schema,
        spec_id=spec.id,
    )


def _schema(fact: Fact, value: Any) -> Mapping[str, Any]:  # noqa: ANN401
    holder, separator, member = fact.name.rpartition("[].")
    if not separator:
        return _demand(fact.name, _equals(coerce(fact, value)))
    if isinstance(value, list) and fact.kind not in (Kind.STRINGS, Kind.INTEGERS):
        return _nested(holder, _exactly(member, [coerce(fact, one) for one in value]))
    return _nested(holder, {"type": "array", "minItems": 1, "items": _demand(member, _equals(coerce(fact, value)))})


def _nested(holder: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    outer, separator, member = holder.rpartition("[].")
    if not separator:
        return _demand(holder, schema)
    return _nested(outer, {"type": "array", "minItems": 1, "items": _demand(member, schema)})


def _exactly(member: str, values: list[Any]) -> Mapping[str, Any]:
    """As many items as values, and each value as often as it was given, in any order."""
    distinct = [value for i, value in enumerate(values) if value not in values[:i]]
    counted = [
        {
            "type": "array",
            "contains": _demand(member, _equals(value)),
            "minContains": values.count(value),
            "maxContains": values.count(value),
        }
        for value in distinct
    ]
    return {"type": "array", "minItems": len(values), "maxItems": len(values), "allOf": counted}


def _equals(value: Any) -> Mapping[str, Any]:  # noqa: ANN401
    """An object is expected member by member: what it holds beside them does not matter."""
    if isinstance(value, dict):
        members = {key: _equals(one) for key, one in value.items()}
        return {"type": "object", "required": list(members), "properties": members}
    return {"const": value}


def _demand(name: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"required": [name], "properties": {name: schema}}


def coerce(fact: Fact, value: Any) -> Any:  # noqa: ANN401
    """The value as the fact would hold it: 422 is "422" for a text, 25 is "25/1" for a rate. UsageError where it can
    hold none such.
    """
    if value is None:
        if fact.is_nullable:
            return None
        raise _refused(fact, value, "it is never null")
    if fact.kind is Kind.RATE:
        return _rate(fact, value)
    if fact.kind in (Kind.STRING, Kind.TIMECODE) and isinstance(value, int | float):
        value = json.dumps(value)
    wanted = _JSON_TYPES.get(fact.kind)
    if wanted is None:
        raise _refused(fact, value, "it is a list; expect one of its members")
    if not isinstance(value, wanted) or (isinstance(value, bool) and fact.kind is not Kind.BOOLEAN):
        raise _refused(fact, value, f"it is of the kind {fact.kind}")
    if isinstance(value, float) and not math.isfinite(value):
        raise _refused(fact, value, "it is a finite number")
    if fact.vocabulary is not None and value not in fact.vocabulary:
        near = difflib.get_close_matches(str(value), list(fact.vocabulary), 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise _refused(fact, value, f"it is one of: {', '.join(fact.vocabulary)}{hint}")
    return value


def _rate(fact: Fact, value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _refused(fact, value, 'write it exactly, as "24000/1001" or "25"')
    try:
        return format_rate(parse_rate(str(value)))
    except ValueError as error:
        raise _refused(fact, value, 'write it exactly, as "24000/1001" or "25"') from error


def _refused(fact: Fact, value: Any, why: str) -> UsageError:  # noqa: ANN401
    return UsageError(f"{fact.name} cannot be expected to be {json.dumps(value)}: {why}.", code="expectation-invalid")

"""Evaluates a JSON Schema over facts of which some are missing, to true, false or unknown; knows no spec, no unit and
no file.

A missing key was not measured, so everything that hangs on it is unknown (Kleene's strong logic of three values). A
list that is there is complete. Where no key is missing the answer is that of draft 2020-12.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

from deliverqc.speclang.model import Schema, admits_null, member_name, names_in


class Truth(Enum):
    """Of a schema over facts."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


_OBJECT = (dict, Mapping)
"""A dict is told from other values five times as fast as any mapping."""

TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the fact's name, the indices of the lists it lies in, and the nearest list item that is an
    object.
    """

    name: str = ""
    where: tuple[tuple[str, int], ...] = ()
    item: Mapping[str, Any] | None = None

    def member(self, key: str) -> Place:
        return Place(member_name(self.name, key), self.where, self.item)

    def elements(self, values: Iterable[Any]) -> Iterator[tuple[Place, Any]]:
        """The place of each item of the list that stands here, and the item."""
        kind = self.name.rsplit(".", 1)[-1].removesuffix("[]").removesuffix("s") or "item"
        name, where, holder = f"{self.name}[]", self.where, self.item
        for index, value in enumerate(values):
            item = value if isinstance(value, _OBJECT) else holder
            yield Place(name, (*where, (kind, index)), item), value


@dataclass(frozen=True, slots=True)
class Breach:
    """One value that breaks a schema. `broken` are the keywords that it breaks, `schema` all that is said of it there.

    `read` are the values that a compound keyword (not, anyOf, oneOf, contains) looked at.
    """

    place: Place
    value: Any
    broken: Mapping[str, Any]
    schema: Mapping[str, Any]
    read: tuple[tuple[Place, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one schema on one value: `missing` facts and `nulls` say why it is unknown, `breaches` why it is false."""

    truth: Truth
    breaches: tuple[Breach, ...] = ()
    missing: tuple[str, ...] = ()
    nulls: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class NullNames:
    """Facts whose null leaves the answer open: where `properties` speaks of them, and where only `required` names
    them.
    """

    constrained: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()


_NONE_OPEN = NullNames()
_HOLDS = Answer(TRUE)


def evaluate(schema: Schema, value: Any, place: Place = Place(), nulls: NullNames = _NONE_OPEN) -> Answer:  # noqa: ANN401
    """Evaluate a schema of the closed subset, without `$ref`, on a JSON value without NaN.

    A null that stands where `nulls` names its fact, and that the schema does not admit, counts as unknown; inside `if`
    every null is an ordinary value.
    """
    if schema is True:
        return _HOLDS
    if not isinstance(schema, _OBJECT):
        return Answer(FALSE, (Breach(place, value, {"not": {}}, {"not": {}}),))
    if value is None and place.name in nulls.constrained and not admits_null(schema):
        return Answer(UNKNOWN, nulls=(place,))
    leaf = _leaf(schema, value, place)
    answers = [] if leaf is _HOLDS else [leaf]
    for keyword, read in _READERS.items():
        if keyword in schema:
            answer = read(schema, value, place, nulls)
            if answer is not _HOLDS:
                answers.append(answer)
    return _all(answers)


def _all(answers: Iterable[Answer]) -> Answer:
    decided = [answer for answer in answers if answer.truth is not TRUE]
    if not decided:
        return _HOLDS
    if any(answer.truth is FALSE for answer in decided):
        return Answer(FALSE, tuple(breach for answer in decided for breach in answer.breaches))
    return _unknown(decided)


def _unknown(answers: Iterable[Answer]) -> Answer:
    missing: dict[str, None] = {}
    nulls: list[Place] = []
    for answer in answers:
        missing |= dict.fromkeys(answer.missing)
        nulls += answer.nulls
    return Answer(UNKNOWN, missing=tuple(missing), nulls=tuple(nulls))


def _leaf(schema: Mapping[str, Any], value: Any, place: Place) -> Answer:  # noqa: ANN401
    """What is said of the value itself. Where it is unknown, equality with an object hangs on members that may be
    missing.
    """
    truths = {keyword: _LEAVES[keyword](schema[keyword], value) for keyword in schema if keyword in _LEAVES}
    if all(truth is TRUE for truth in truths.values()):
        return _HOLDS
    broken = {keyword: schema[keyword] for keyword, truth in truths.items() if truth is FALSE}
    if broken.get("maxItems") == 0:
        each = tuple(Breach(at, item, broken, schema) for at, item in place.elements(value))
        return Answer(FALSE, each)
    if broken:
        return Answer(FALSE, (Breach(place, value, broken, schema),))
    return Answer(UNKNOWN, missing=(place.name,)) if UNKNOWN in truths.values() else _HOLDS


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
    "array": lambda value: isinstance(value, list | tuple),
    "object": lambda value: isinstance(value, _OBJECT),
}


def _has_type(wanted: str | Sequence[str], value: Any) -> Truth:  # noqa: ANN401
    if isinstance(wanted, str):
        return _truth(_TYPES[wanted](value))
    return _truth(any(_TYPES[one](value) for one in wanted))


def _truth(holds: bool) -> Truth:
    return TRUE if holds else FALSE


def equal(one: Any, two: Any) -> Truth:  # noqa: ANN401
    """Deep equality of JSON values: 1 is 1.0, true is not 1. Two objects that do not differ yet may differ in what is
    missing.
    """
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        differ = any(equal(one[key], two[key]) is FALSE for key in one.keys() & two.keys())
        return FALSE if differ else UNKNOWN
    if isinstance(one, list | tuple) and isinstance(two, list | tuple):
        if len(one) != len(two):
            return FALSE
        truths = [equal(first, second) for first, second in zip(one, two, strict=True)]
        return FALSE if FALSE in truths else UNKNOWN if UNKNOWN in truths else TRUE
    if isinstance(one, bool) or isinstance(two, bool):
        return _truth(one is two)
    return _truth((type(one) is type(two) and one == two) or (_is_number(one) and _is_number(two) and one == two))


def _in_enum(allowed: Sequence[Any], value: Any) -> Truth:  # noqa: ANN401
    truths = [equal(one, value) for one in allowed]
    return TRUE if TRUE in truths else UNKNOWN if UNKNOWN in truths else FALSE


def _is_multiple(step: float, value: Any) -> Truth:  # noqa: ANN401
    """In floating point where the step is one, as jsonschema does it: 0.5 is a multiple of 0.1, 0.3 is not."""
    if not _is_number(value):
        return TRUE
    if isinstance(step, int):
        return _truth(value % step == 0)
    try:
        quotient = value / step
        return _truth(int(quotient) == quotient)
    except OverflowError:
        return _truth((Fraction(value) / Fraction(step)).denominator == 1)


def _are_unique(wanted: bool, value: Any) -> Truth:  # noqa: ANN401
    if not wanted or not isinstance(value, list | tuple):
        return TRUE
    truths = {equal(one, two) for i, one in enumerate(value) for two in value[:i]}
    return FALSE if TRUE in truths else UNKNOWN if UNKNOWN in truths else TRUE


def _where(kind: Callable[[Any], bool], holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Truth]:
    """A keyword that speaks of one type only, and holds for every other."""
    return lambda bound, value: _truth(not kind(value) or holds(bound, value))


_LEAVES: Mapping[str, Callable[[Any, Any], Truth]] = {
    "type": _has_type,
    "const": equal,
    "enum": _in_enum,
    "minimum": _where(_is_number, lambda bound, value: value >= bound),
    "maximum": _where(_is_number, lambda bound, value: value <= bound),
    "exclusiveMinimum": _where(_is_number, lambda bound, value: value > bound),
    "exclusiveMaximum": _where(_is_number, lambda bound, value: value < bound),
    "multipleOf": _is_multiple,
    "pattern": _where(_TYPES["string"], lambda bound, value: re.search(bound, value) is not None),
    "minLength": _where(_TYPES["string"], lambda bound, value: len(value) >= bound),
    "maxLength": _where(_TYPES["string"], lambda bound, value: len(value) <= bound),
    "minItems": _where(_TYPES["array"], lambda bound, value: len(value) >= bound),
    "maxItems": _where(_TYPES["array"], lambda bound, value: len(value) <= bound),
    "uniqueItems": _are_unique,
}


def _properties(schema: Mapping[str, Any], value: Any, place: Place, nulls: NullNames) -> Answer:  # noqa: ANN401
    if not isinstance(value, _OBJECT):
        return _HOLDS
    answers = []
    for key, inner in schema["properties"].items():
        child = place.member(key)
        if key in value:
            answers.append(evaluate(inner, value[key], child, nulls))
        else:
            answers.append(Answer(UNKNOWN, missing=(child.name, *names_in(inner, child.name))))
    return _all(answers)


def _required(schema: Mapping[str, Any], value: Any, place: Place, nulls: NullNames) -> Answer:  # noqa: ANN401
    if not isinstance(value, _OBJECT):
        return _HOLDS
    children = [(key, place.member(key)) for key in schema["required"]]
    missing = tuple(child.name for key, child in children if key not in value)
    found_null = tuple(child for key, child in children if child.name in nulls.required and value.get(key, "") is None)
    return Answer(UNKNOWN, missing=missing, nulls=found_null) if missing or found_null else _HOLDS


def _items(schema: Mapping[str, Any], value: Any, place: Place, nulls: NullNames) -> Answer:  # noqa: ANN401
    if not isinstance(value, list | tuple):
        return _HOLDS
    inner = schema["items"]
    return _all([evaluate(inner, item, at, nulls) for at, item in place.elements(value)])


def _contains(schema: Mapping[str, Any], value: Any, place: Place, nulls: NullNames) -> Answer:  # noqa: ANN401
    if not isinstance(value, list | tuple):
        return _HOLDS
    inner = schema["contains"]
    answers = [evaluate(inner, item, at, nulls) for at, item in place.elements(value)]
    certain = sum(answer.truth is TRUE for answer in answers)
    possible = certain + sum(answer.truth is UNKNOWN for answer in answers)
    fewest, most = schema.get("minContains", 1), schema.get("maxContains", len(value))
    if possible < fewest or certain > most:
        broken = {key: schema[key] for key in ("contains", "minContains", "maxContains") if key in schema}
        read = tuple(one for at, item in place.elements(value) for one in values_read(inner, item, at))
        return Answer(FALSE, (Breach(place, value, broken, schema, read),))
    if certain >= fewest and possible <= most:
        return _HOLDS
    return _unknown(answer for answer in answers if answer.truth is UNKNOWN)


def _all_of(schema: Mapping[str, Any], value: Any, place: Place, nulls: NullNames) -> Answer:  # noqa: ANN401
    return _all([evaluate(inner, value, place, nulls) for inner in schema["allOf"]])


def _any_of(schema: Mapping[str, Any], value: Any, place: Place, nulls: NullNames) -> Answer:  # noqa: ANN401
    answers = [evaluate(inner, value, place, nulls) for inner in schema["anyOf"]]
    if any(answer.truth is TRUE for answer in answers):
        return _HOLDS
    if all(answer.truth is FALSE for answer in answers):
        return _compound("anyOf", schema, value, place)
    return _unknown(answer for answer in answers if answer.truth is UNKNOWN)


def _one_of(schema: Mapping[str, Any], value: Any, place: Place, nulls: NullNames) -> Answer:  # noqa: ANN401
    answers = [evaluate(inner, value, place, nulls) for inner in schema["oneOf"]]
    certain = sum(answer.truth is TRUE for answer in answers)
    open_ones = [answer for answer in answers if answer.truth is UNKNOWN]
    if certain > 1 or (certain == 0 and not open_ones):
        return _compound("oneOf", schema, value, place)
    return _unknown(open_ones) if open_ones else _HOLDS


def _not(schema: Mapping[str, Any], value: Any, place: Place, nulls: NullNames) -> Answer:  # noqa: ANN401
    answer = evaluate(schema["not"], value, place, nulls)
    if answer.truth is TRUE:
        return _compound("not", schema, value, place)
    return _HOLDS if answer.truth is FALSE else answer


def _if(schema: Mapping[str, Any], value: Any, place: Place, nulls: NullNames) -> Answer:  # noqa: ANN401
    condition = evaluate(schema["if"], value, place)
    branches = {
        keyword: evaluate(schema[keyword], value, place, nulls) if keyword in schema else _HOLDS
        for keyword, barred in (("then", FALSE), ("else", TRUE))
        if condition.truth is not barred
    }
    if condition.truth is not UNKNOWN:
        return next(iter(branches.values()))
    truths = {answer.truth for answer in branches.values()}
    if truths == {TRUE}:
        return _HOLDS
    if truths == {FALSE}:
        return _all(list(branches.values()))
    return _unknown([condition, *(answer for answer in branches.values() if answer.truth is UNKNOWN)])


def _compound(keyword: str, schema: Mapping[str, Any], value: Any, place: Place) -> Answer:  # noqa: ANN401
    part = {keyword: schema[keyword]}
    return Answer(FALSE, (Breach(place, value, part, schema, tuple(values_read(part, value, place))),))


def values_read(schema: Schema, value: Any, place: Place) -> Iterator[tuple[Place, Any]]:  # noqa: ANN401
    """The innermost values that a schema names and that are there, each once."""
    seen = set()
    for inner_place, inner_value in _values_read(schema, value, place):
        if (inner_place.name, inner_place.where) not in seen:
            seen.add((inner_place.name, inner_place.where))
            yield inner_place, inner_value


def _values_read(schema: Schema, value: Any, place: Place) -> Iterator[tuple[Place, Any]]:  # noqa: ANN401
    if not isinstance(schema, _OBJECT):
        return
    properties = schema.get("properties", {})
    if isinstance(value, _OBJECT):
        for key in dict.fromkeys((*properties, *schema.get("required", ()))):
            if key in value:
                inner = tuple(_values_read(properties.get(key, True), value[key], place.member(key)))
                yield from inner or ((place.member(key), value[key]),)
    if isinstance(value, list | tuple):
        for keyword in ("items", "contains"):
            for at, item in place.elements(value):
                yield from _values_read(schema.get(keyword, True), item, at)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for one in schema.get(keyword, ()):
            yield from _values_read(one, value, place)
    for keyword in ("not", "if", "then", "else"):
        yield from _values_read(schema.get(keyword, True), value, place)


_READERS: Mapping[str, Callable[[Mapping[str, Any], Any, Place, NullNames], Answer]] = {
    "required": _required,
    "properties": _properties,
    "items": _items,
    "contains": _contains,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
}

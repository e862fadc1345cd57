"""Lints what a clause wants of a fact against what the fact can ever be; judges no facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from deliverqc.facts.model import Fact, Kind
from deliverqc.speclang.keywords import ORDERINGS, is_number
from deliverqc.speclang.problem import Problem, child, error, nearest, warning
from deliverqc.timebase import format_rate, parse_rate

FITTING_TYPES: Mapping[Kind, tuple[str, ...]] = {
    Kind.STRING: ("string",),
    Kind.RATE: ("string",),
    Kind.TIMECODE: ("string",),
    Kind.INTEGER: ("integer", "number"),
    Kind.NUMBER: ("number", "integer"),
    Kind.BOOLEAN: ("boolean",),
    Kind.LIST: ("array",),
    Kind.STRINGS: ("array",),
    Kind.INTEGERS: ("array",),
    Kind.SPANS: ("array",),
    Kind.OBJECT: ("object",),
}
"""JSON types that a clause can ask of a fact; the first is the fact's own."""
LISTS_OF_OBJECTS = (Kind.LIST, Kind.SPANS)
"""Kinds whose items have members that are facts."""


def fitting(schema: Mapping[str, Any], fact: Fact, pointer: str) -> Iterator[Problem]:
    """What is said of a fact that its kind can never meet."""
    if fact.kind in (Kind.RATE, Kind.TIMECODE, Kind.STRING):
        for keyword in ORDERINGS:
            if keyword in schema:
                yield error(
                    "unordered-text",
                    child(pointer, keyword),
                    f"{fact.name} is a text and has no order{_companion(fact)}",
                )
    fitting = FITTING_TYPES[fact.kind]
    stated = schema.get("type", fitting)
    types = {stated} if isinstance(stated, str) else set(stated)
    for one in sorted(types - {"null"} - set(fitting)):
        yield error(
            "impossible-type", child(pointer, "type"), f"{fact.name} is never of the type {one}; it is {fitting[0]}"
        )
    if "null" in types and "type" in schema and not fact.is_nullable:
        yield warning("needless-null", child(pointer, "type"), f'{fact.name} is never null; drop "null"')
    if fact.vocabulary is not None and "pattern" in schema:
        yield error("needless-pattern", child(pointer, "pattern"), f"{fact.name} has a closed list of values; use enum")
    if fact.kind in LISTS_OF_OBJECTS and "uniqueItems" in schema:
        yield error(
            "incomparable-items",
            child(pointer, "uniqueItems"),
            "objects of which members may be missing cannot be compared; leave it out",
        )
    values = [(child(pointer, "const"), schema["const"])] if "const" in schema else []
    values += [(child(child(pointer, "enum"), i), value) for i, value in enumerate(schema.get("enum", ()))]
    for where, value in values:
        reason = _unmeetable(fact, value)
        if reason is not None:
            code, message = reason
            yield error(code, where, message)


def _companion(fact: Fact) -> str:
    if fact.kind is Kind.RATE:
        return f"; use its numeric companion ({fact.name}_hz or {fact.name}_value)"
    return "; use enum or const"


def _unmeetable(fact: Fact, value: Any) -> tuple[str, str] | None:  # noqa: ANN401
    """The rule and the words for why a fact can never equal a value, or None where it can."""
    if value is None:
        return None if fact.is_nullable else ("impossible-null", f"{fact.name} is never null")
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict | list) for one in value)):
        return (
            "incomparable-object",
            'objects cannot be compared whole, for members may be missing; write "required" and "properties"',
        )
    if fact.kind is Kind.RATE:
        return _rate_trouble(fact, value)
    allowed: Mapping[Kind, Callable[[Any], bool]] = {
        Kind.BOOLEAN: lambda one: isinstance(one, bool),
        Kind.INTEGER: lambda one: is_number(one) and one == int(one),
        Kind.NUMBER: is_number,
        Kind.STRING: lambda one: isinstance(one, str),
        Kind.TIMECODE: lambda one: (
            isinstance(one, str) and re.fullmatch(r"\d{2}:\d{2}:\d{2}[:;]\d{2,3}", one) is not None
        ),
        Kind.STRINGS: lambda one: isinstance(one, list) and all(isinstance(text, str) for text in one),
        Kind.INTEGERS: lambda one: isinstance(one, list) and all(is_number(number) for number in one),
    }
    fits = allowed.get(fact.kind)
    if fits is None:
        return "impossible-equality", f"{fact.name} is a list or an object and equals no plain value"
    if not fits(value):
        return "impossible-value", f"{fact.name} is of the kind {fact.kind} and never equals {value!r}"
    if isinstance(value, str) and value.startswith("other:"):
        return (
            "unmapped-word",
            f"{value!r} is how an unknown word is written, which satisfies no clause; ask for a known word",
        )
    if fact.vocabulary is not None and value not in fact.vocabulary:
        known = ", ".join(fact.vocabulary)
        return (
            "unlisted-word",
            f"{fact.name} is never {value!r}{nearest(str(value), fact.vocabulary)}; it can be: {known}",
        )
    return None


def _rate_trouble(fact: Fact, value: Any) -> tuple[str, str] | None:  # noqa: ANN401
    try:
        exact = format_rate(parse_rate(value)) if isinstance(value, str) else None
    except ValueError:
        exact = None
    if exact is None:
        return "inexact-rate", f'{fact.name} is an exact rational in a text, such as "25/1"; it never equals {value!r}'
    return None if exact == value else ("unreduced-rate", f'{fact.name} never equals {value!r}; write "{exact}"')

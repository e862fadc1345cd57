"""Lints what a clause wants of a fact against what the fact can ever be; judges no facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from deliverqc.facts.model import Fact, Kind
from deliverqc.facts.vocabulary import PRORES_PROFILE, SOUND_LAYOUT
from deliverqc.speclang.keywords import ORDERINGS, is_number
from deliverqc.speclang.lint_ranges import impossible_place, out_of_range
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

_TIMECODE = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d[:;]\d{2,3}")
_REGIONS = ("head", "tail", "whole", "interior")
_PATTERNS = tuple(f"op{item}{package}" for item in "123" for package in "abc") + ("opatom",)
_ITEM_KINDS: Mapping[Kind, Kind] = {Kind.STRINGS: Kind.STRING, Kind.INTEGERS: Kind.INTEGER}


def item_of(registry: Mapping[str, Fact], name: str) -> Fact | None:
    """What one item of a list of plain values is, for `items` and `contains`; None where `name` is not that."""
    holder = registry.get(name.removesuffix("[]")) if name.endswith("[]") else None
    if holder is None or holder.kind not in _ITEM_KINDS:
        return None
    return replace(holder, name=name, kind=_ITEM_KINDS[holder.kind], null_means=None)


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
    yield from out_of_range(schema, fact, pointer)
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
        Kind.TIMECODE: lambda one: isinstance(one, str) and _TIMECODE.fullmatch(one) is not None,
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
    for word in value if isinstance(value, list) else [value]:
        reason = _unlisted(fact, word) if isinstance(word, str) else None
        if reason is not None:
            return "unlisted-word", f"{fact.name} is never {word!r}{reason}"
    return None


def _unlisted(fact: Fact, word: str) -> str | None:
    """Why a fact is never this word, as the end of a sentence; None where it can be."""
    last = fact.name.removesuffix("[]").rsplit(".", 1)[-1]
    known = fact.vocabulary
    if known is None and not fact.is_of_plug_in:
        if last == "codec_profile":
            return _misspelt_profile(word)
        if last == "layout":
            return None if all(part in SOUND_LAYOUT for part in word.split("+")) else _choice(word, SOUND_LAYOUT)
        if fact.name.removesuffix("[]") == "sound.groups[].channels" and impossible_place(word):
            return ': a place is "<audio track>.<channel>", both from 0, such as "0.1"'
        known = {"region": _REGIONS, "mxf_operational_pattern": _PATTERNS}.get(last)
    return None if known is None or word in known else _choice(word, known)


def _choice(word: str, known: Iterable[str]) -> str:
    known = tuple(known)
    return f"{nearest(word, known)}; it can be: {', '.join(known)}"


def _misspelt_profile(word: str) -> str | None:
    """A profile is in small letters with underscores; ProRes has a closed list among codecs that have none."""
    bare = re.sub(r"[^a-z0-9]", "", word.lower().removeprefix("prores"))
    meant = {re.sub("_", "", profile): profile for profile in PRORES_PROFILE}.get(bare)
    if meant is not None and ":" not in word:  # MPEG-2 has a profile 4:2:2
        return None if word == meant else f'; write "{meant}"'
    written = word.lower().replace(" ", "_")
    return None if word == written else f'; profiles are in small letters with underscores: write "{written}"'


def _rate_trouble(fact: Fact, value: Any) -> tuple[str, str] | None:  # noqa: ANN401
    try:
        exact = format_rate(parse_rate(value)) if isinstance(value, str) else None
    except ValueError:
        exact = None
    if exact is None:
        return "inexact-rate", f'{fact.name} is an exact rational in a text, such as "25/1"; it never equals {value!r}'
    return None if exact == value else ("unreduced-rate", f'{fact.name} never equals {value!r}; write "{exact}"')

"""Lints the JSON Schema of a clause against the registry, so that nothing in it passes by silence; judges no facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from deliverqc.facts.model import Fact, Kind
from deliverqc.spec.model import admits_null, member_name
from deliverqc.spec.problem import Problem, Severity, child, nearest
from deliverqc.timebase import format_rate, parse_rate

_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_TEXTS = ("pattern", "minLength", "maxLength")
_LISTS = ("items", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems")
_SEVERAL = ("allOf", "anyOf", "oneOf")
_SINGLE = ("not", "if", "then", "else")
_ORDERINGS = _NUMBERS[:4]
_NEEDED_TYPES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_NUMBERS, ("number", "integer")),
    **dict.fromkeys(_TEXTS, ("string",)),
    **dict.fromkeys(_LISTS, ("array",)),
}
SCHEMA_KEYWORDS = (
    "type",
    "const",
    "enum",
    *_NUMBERS,
    *_TEXTS,
    "required",
    "properties",
    *_LISTS,
    *_SEVERAL,
    *_SINGLE,
    "$ref",
    "$comment",
)
"""The closed subset of draft 2020-12 that a clause may use."""

_TYPE_NAMES = ("null", "boolean", "string", "number", "integer", "array", "object")
_FITTING_TYPES: Mapping[Kind, tuple[str, ...]] = {
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
_LISTS_OF_OBJECTS = (Kind.LIST, Kind.SPANS)
_NEVER_EMPTY = ("tracks", "groups")
_REF = "#/$defs/"
_DEEPEST = 50


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value) and len(set(value)) == len(value)


def _is_pattern(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        re.compile(value)
    except re.error:
        return False
    return True


def _is_type(value: object) -> bool:
    if isinstance(value, str):
        return value in _TYPE_NAMES
    return isinstance(value, list) and bool(value) and _are_names(value) and set(value) <= set(_TYPE_NAMES)


_SHAPES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "type": (_is_type, f"one of {', '.join(_TYPE_NAMES)}, or a list of them"),
    "enum": (lambda value: isinstance(value, list) and bool(value), "a list that is not empty"),
    **dict.fromkeys(_NUMBERS, (_is_number, "a number")),
    **dict.fromkeys(("minLength", "maxLength", *_LISTS[2:6]), (_is_count, "a whole number from 0")),
    "pattern": (_is_pattern, "a regular expression"),
    "uniqueItems": (lambda value: isinstance(value, bool), "true or false"),
    "required": (_are_names, "a list of names, each once"),
    "properties": (lambda value: isinstance(value, dict), "an object"),
    **{keyword: (lambda value: isinstance(value, list) and bool(value), "a list of schemas") for keyword in _SEVERAL},
    "$ref": (lambda value: isinstance(value, str) and value.startswith(_REF), f'a text that begins with "{_REF}"'),
    "$comment": (lambda value: isinstance(value, str), "a text"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Here:
    """Where in a document and in the facts a schema stands.

    `name` is the fact that it speaks of ("" for the facts document); `required` are the members that an enclosing
    schema demands. `is_condition`: inside `if`, or in `x-applies`, where null is an ordinary value. `refs` are the
    definitions that led here.
    """

    pointer: str
    name: str = ""
    required: frozenset[str] = frozenset()
    is_condition: bool = False
    refs: tuple[str, ...] = ()

    def at(self, *keys: str | int) -> _Here:
        pointer = self.pointer
        for key in keys:
            pointer = child(pointer, key)
        return replace(self, pointer=pointer)


@dataclass(frozen=True, kw_only=True)
class SchemaLint:
    """The rules for schemas over facts. `says_null` tells whether the clause has `x-null`.

    `used` gathers the definitions that are referred to, `spoken_of` the facts that `properties` says something about.
    """

    registry: Mapping[str, Fact]
    defs: Mapping[str, Any]
    says_null: bool
    used: set[str] = field(default_factory=set)
    spoken_of: set[str] = field(default_factory=set)

    def clause(self, schema: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
        """Problems of one clause's schema, its own keywords only."""
        self.spoken_of.update(_spoken_of(schema, self.defs, ""))
        yield from self._schema(schema, _Here(pointer=pointer))
        if not _can_fail(schema, self.says_null, self.defs):
            yield _error(
                pointer,
                "the clause can never fail: it only asks that facts are known. Say what they must be (const, enum …), "
                'or with a nullable fact "x-null": "fail"',
            )

    def condition(self, schema: Any, pointer: str) -> Iterator[Problem]:  # noqa: ANN401
        """Problems of a schema that selects and does not demand: `x-applies`."""
        yield from self._schema(schema, _Here(pointer=pointer, is_condition=True))

    def _schema(self, schema: Any, here: _Here) -> Iterator[Problem]:  # noqa: ANN401
        if not isinstance(schema, dict):
            yield _error(here.pointer, f"is {schema!r}; write a schema object that says what is wanted")
            return
        malformed = list(_shapes(schema, here))
        yield from malformed
        if malformed:
            return
        yield from _silent_combinations(schema, here)
        yield from _types_beside(schema, here)
        fact = self.registry.get(here.name)
        if fact is not None:
            yield from _fitting(schema, fact, here)
        yield from self._members(schema, here)
        yield from self._inner(schema, here)

    def _members(self, schema: Mapping[str, Any], here: _Here) -> Iterator[Problem]:
        names = [*((key, here.at("required", i)) for i, key in enumerate(schema.get("required", ())))]
        names += [(key, here.at("properties", key)) for key in schema.get("properties", {})]
        for key, where in names:
            yield from self._known(key, here.name, where.pointer)
            name = member_name(here.name, key)
            if name not in self.spoken_of and self._is_open(name, here):
                yield _error(where.pointer, _null_advice(name, self.registry[name]))
        demanded = here.required | set(schema.get("required", ()))
        for key, inner in schema.get("properties", {}).items():
            where = here.at("properties", key)
            name = member_name(here.name, key)
            if key not in demanded:
                yield _error(
                    where.pointer,
                    f'{key} is not in "required"; add it there: JSON Schema passes a property that is absent',
                )
            if self._is_open(name, here) and not self._admits_null(inner):
                yield _error(where.pointer, _null_advice(name, self.registry[name]))
            yield from self._schema(
                inner, _Here(pointer=where.pointer, name=name, is_condition=here.is_condition, refs=here.refs)
            )

    def _is_open(self, name: str, here: _Here) -> bool:
        fact = self.registry.get(name)
        return fact is not None and fact.is_nullable and not here.is_condition and not self.says_null

    def _admits_null(self, schema: Any) -> bool:  # noqa: ANN401
        if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
            inner = self.defs.get(schema["$ref"].removeprefix(_REF))
            return admits_null(schema) or (isinstance(inner, dict) and "$ref" not in inner and admits_null(inner))
        return not isinstance(schema, dict) or bool(list(_shapes(schema, _Here(pointer="")))) or admits_null(schema)

    def _known(self, key: str, holder: str, pointer: str) -> Iterator[Problem]:
        name = member_name(holder, key)
        holding = self.registry.get(holder.removesuffix("[]"))
        if name in self.registry and "[]" not in key:
            return
        if holding is not None and holding.kind is Kind.OBJECT:
            return
        if holding is not None and not (holder.endswith("[]") and holding.kind in _LISTS_OF_OBJECTS):
            yield _error(pointer, f"{holder} has no members; its values are not objects")
            return
        if "[]" in key:
            yield _error(pointer, f'{name}: write the list, and its members under "items" or "contains"')
            return
        prefix = f"{holder}." if holder else ""
        members = [known[len(prefix) :] for known in self.registry if known.startswith(prefix)]
        alike = [known for known in members if "[]" not in known]
        yield _error(pointer, f"{name} is not a fact{nearest(key, alike)}")

    def _inner(self, schema: Mapping[str, Any], here: _Here) -> Iterator[Problem]:
        same = replace(here, required=here.required | frozenset(schema.get("required", ())))
        for keyword in _SEVERAL:
            for i, inner in enumerate(schema.get(keyword, ())):
                yield from self._schema(inner, same.at(keyword, i))
        for keyword in _SINGLE:
            if keyword in schema:
                under = replace(same, is_condition=same.is_condition or keyword == "if")
                yield from self._schema(schema[keyword], under.at(keyword))
        for keyword in ("items", "contains"):
            if keyword in schema:
                element = _Here(
                    pointer=child(here.pointer, keyword),
                    name=f"{here.name}[]",
                    is_condition=here.is_condition,
                    refs=here.refs,
                )
                yield from self._schema(schema[keyword], element)
        if "$ref" in schema:
            yield from self._ref(schema["$ref"], same)

    def _ref(self, ref: str, here: _Here) -> Iterator[Problem]:
        name = ref.removeprefix(_REF)
        pointer = child(here.pointer, "$ref")
        self.used.add(name)
        if name not in self.defs:
            yield _error(pointer, f'there is no definition {name!r} in "$defs"{nearest(name, self.defs)}')
        elif name in here.refs:
            yield _error(pointer, f"{name!r} refers to itself; write it out")
        else:
            yield from self._schema(self.defs[name], replace(here, pointer=f"/$defs/{name}", refs=(*here.refs, name)))


def _error(pointer: str, message: str) -> Problem:
    return Problem(severity=Severity.ERROR, pointer=pointer, message=message)


def _warning(pointer: str, message: str) -> Problem:
    return Problem(severity=Severity.WARNING, pointer=pointer, message=message)


def _null_advice(name: str, fact: Fact) -> str:
    return (
        f"{name} can be null ({fact.null_means}); say what that means: "
        '"x-null": "fail" or "not_applicable" in the clause, or "null" among its types'
    )


def _spoken_of(schema: Any, defs: Mapping[str, Any], name: str, depth: int = 0) -> Iterator[str]:  # noqa: ANN401
    """Facts that `properties` says something about, in a schema that may be malformed or refer to itself."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return
    if isinstance(schema.get("properties"), dict):
        for key, inner in schema["properties"].items():
            yield member_name(name, key)
            yield from _spoken_of(inner, defs, member_name(name, key), depth + 1)
    for keyword in ("items", "contains"):
        yield from _spoken_of(schema.get(keyword), defs, f"{name}[]", depth + 1)
    for inner in _at_same_place(schema, defs):
        yield from _spoken_of(inner, defs, name, depth + 1)


def _at_same_place(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> list[Any]:
    inner = [schema[keyword] for keyword in _SINGLE if keyword in schema]
    inner += [one for keyword in _SEVERAL if isinstance(schema.get(keyword), list) for one in schema[keyword]]
    return inner + ([defs.get(str(schema["$ref"]).removeprefix(_REF))] if "$ref" in schema else [])


def _can_fail(schema: Any, says_null: bool, defs: Mapping[str, Any], depth: int = 0) -> bool:  # noqa: ANN401
    """Whether anything in a clause is more than presence and a type that the registry grants already; a broken schema
    can.
    """
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return True
    structure = {
        "required",
        "properties",
        "type",
        "items",
        "minItems",
        "if",
        "then",
        "else",
        "$comment",
        "$ref",
        *_SEVERAL,
    }
    if set(schema) - structure or schema.get("minItems", 0) != 0 or (says_null and {"required", "type"} & set(schema)):
        return True
    inner = list(schema["properties"].values()) if isinstance(schema.get("properties"), dict) else []
    inner += [schema["items"]] if "items" in schema else []
    inner += _at_same_place({key: value for key, value in schema.items() if key != "if"}, defs)
    return any(_can_fail(one, says_null, defs, depth + 1) for one in inner)


def _shapes(schema: Mapping[str, Any], here: _Here) -> Iterator[Problem]:
    for keyword, value in schema.items():
        if keyword not in SCHEMA_KEYWORDS:
            hint = nearest(keyword, SCHEMA_KEYWORDS) or f"; a clause may use {', '.join(SCHEMA_KEYWORDS)}"
            yield _error(child(here.pointer, keyword), f"the keyword {keyword!r} is not known{hint}")
            continue
        fits, shape = _SHAPES.get(keyword, (None, ""))
        if fits is not None and not fits(value):
            yield _error(child(here.pointer, keyword), f"{keyword} is {value!r}; it must be {shape}")
    step = schema.get("multipleOf")
    if _is_number(step) and (step <= 0 or Fraction(repr(step)) != Fraction(step)):  # type: ignore[operator,arg-type]
        yield _error(
            child(here.pointer, "multipleOf"), f"{step} has no exact binary value; use a whole number, or a range"
        )


def _silent_combinations(schema: Mapping[str, Any], here: _Here) -> Iterator[Problem]:
    """Keywords that JSON Schema passes over without a word, and bounds that nothing meets."""
    for keyword, partner in (("then", "if"), ("else", "if"), ("minContains", "contains"), ("maxContains", "contains")):
        if keyword in schema and partner not in schema:
            yield _error(child(here.pointer, keyword), f"{keyword} does nothing without {partner!r} beside it; add it")
    if "if" in schema and not {"then", "else"} & set(schema):
        yield _error(child(here.pointer, "if"), "if does nothing without 'then' or 'else'; add one")
    for low, high in (
        ("minimum", "maximum"),
        ("minItems", "maxItems"),
        ("minLength", "maxLength"),
        ("minContains", "maxContains"),
    ):
        if low in schema and high in schema and schema[low] > schema[high]:
            yield _error(
                child(here.pointer, low),
                f"no value is at least {schema[low]} and at most {schema[high]}; mend one of them",
            )
    if "items" in schema and "minItems" not in schema:
        yield _error(
            child(here.pointer, "items"),
            'an empty list passes "items"; state "minItems" beside it: 0 where none is fine, else 1',
        )
    if here.name.rsplit(".", 1)[-1] in _NEVER_EMPTY and schema.get("minItems", 1) < 1:
        yield _error(child(here.pointer, "minItems"), f"{here.name} may not be empty here; set minItems to at least 1")
    if not set(schema) - {"$comment"}:
        yield _error(here.pointer, "says nothing; say what is wanted, or leave it out")


def _types_beside(schema: Mapping[str, Any], here: _Here) -> Iterator[Problem]:
    stated = schema.get("type", ())
    types = {stated} if isinstance(stated, str) else set(stated)
    for keyword in schema:
        needed = _NEEDED_TYPES.get(keyword)
        if needed is None:
            continue
        if not types:
            yield _error(
                child(here.pointer, keyword),
                f'{keyword} passes every value that is no {needed[0]}; write "type": "{needed[0]}" beside it',
            )
        elif not types - {"null"} <= set(needed):
            slipping = ", ".join(sorted(types - {"null"} - set(needed)))
            yield _error(
                child(here.pointer, keyword),
                f"{keyword} passes every {slipping}; the type beside it must be {needed[0]}",
            )


def _fitting(schema: Mapping[str, Any], fact: Fact, here: _Here) -> Iterator[Problem]:
    """What is said of a fact that its kind can never meet."""
    if fact.kind in (Kind.RATE, Kind.TIMECODE, Kind.STRING):
        for keyword in _ORDERINGS:
            if keyword in schema:
                yield _error(child(here.pointer, keyword), f"{fact.name} is a text and has no order{_companion(fact)}")
    fitting = _FITTING_TYPES[fact.kind]
    stated = schema.get("type", fitting)
    types = {stated} if isinstance(stated, str) else set(stated)
    for one in sorted(types - {"null"} - set(fitting)):
        yield _error(child(here.pointer, "type"), f"{fact.name} is never of the type {one}; it is {fitting[0]}")
    if "null" in types and "type" in schema and not fact.is_nullable:
        yield _warning(child(here.pointer, "type"), f'{fact.name} is never null; drop "null"')
    if fact.vocabulary is not None and "pattern" in schema:
        yield _error(child(here.pointer, "pattern"), f"{fact.name} has a closed list of values; use enum")
    if fact.kind in _LISTS_OF_OBJECTS and "uniqueItems" in schema:
        yield _error(
            child(here.pointer, "uniqueItems"),
            "objects of which members may be missing cannot be compared; leave it out",
        )
    values = [("const", schema["const"], ())] if "const" in schema else []
    values += [("enum", value, (i,)) for i, value in enumerate(schema.get("enum", ()))]  # type: ignore[misc]
    for keyword, value, index in values:
        reason = _unmeetable(fact, value)
        if reason:
            yield _error(here.at(keyword, *index).pointer, reason)


def _companion(fact: Fact) -> str:
    if fact.kind is Kind.RATE:
        return f"; use its numeric companion ({fact.name}_hz or {fact.name}_value)"
    return "; use enum or const"


def _unmeetable(fact: Fact, value: Any) -> str | None:  # noqa: ANN401
    """Why a fact can never equal a value, or None where it can."""
    if value is None:
        return None if fact.is_nullable else f"{fact.name} is never null"
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict | list) for one in value)):
        return 'objects cannot be compared whole, for members may be missing; write "required" and "properties"'
    if fact.kind is Kind.RATE:
        return _rate_trouble(fact, value)
    allowed: Mapping[Kind, Callable[[Any], bool]] = {
        Kind.BOOLEAN: lambda one: isinstance(one, bool),
        Kind.INTEGER: lambda one: _is_number(one) and one == int(one),
        Kind.NUMBER: _is_number,
        Kind.STRING: lambda one: isinstance(one, str),
        Kind.TIMECODE: lambda one: (
            isinstance(one, str) and re.fullmatch(r"\d{2}:\d{2}:\d{2}[:;]\d{2,3}", one) is not None
        ),
        Kind.STRINGS: lambda one: isinstance(one, list) and all(isinstance(text, str) for text in one),
        Kind.INTEGERS: lambda one: isinstance(one, list) and all(_is_number(number) for number in one),
    }
    fits = allowed.get(fact.kind)
    if fits is None:
        return f"{fact.name} is a list or an object and equals no plain value"
    if not fits(value):
        return f"{fact.name} is of the kind {fact.kind} and never equals {value!r}"
    if isinstance(value, str) and value.startswith("other:"):
        return f"{value!r} is how an unknown word is written, which satisfies no clause; ask for a known word"
    if fact.vocabulary is not None and value not in fact.vocabulary:
        known = ", ".join(fact.vocabulary)
        return f"{fact.name} is never {value!r}{nearest(str(value), fact.vocabulary)}; it can be: {known}"
    return None


def _rate_trouble(fact: Fact, value: Any) -> str | None:  # noqa: ANN401
    try:
        exact = format_rate(parse_rate(value)) if isinstance(value, str) else None
    except ValueError:
        exact = None
    if exact is None:
        return f'{fact.name} is an exact rational in a text, such as "25/1"; it never equals {value!r}'
    return None if exact == value else f'{fact.name} never equals {value!r}; write "{exact}"'

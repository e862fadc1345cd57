"""The closed subset of JSON Schema that clauses are written in, and the form of each keyword; knows no facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from deliverqc.speclang.problem import Problem, child, error, nearest

NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
TEXTS = ("pattern", "minLength", "maxLength")
LISTS = ("items", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems")
SEVERAL = ("allOf", "anyOf", "oneOf")
SINGLE = ("not", "if", "then", "else")
ORDERINGS = NUMBERS[:4]
NEEDED_TYPES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(NUMBERS, ("number", "integer")),
    **dict.fromkeys(TEXTS, ("string",)),
    **dict.fromkeys(LISTS, ("array",)),
}
SCHEMA_KEYWORDS = (
    "type",
    "const",
    "enum",
    *NUMBERS,
    *TEXTS,
    "required",
    "properties",
    *LISTS,
    *SEVERAL,
    *SINGLE,
    "$ref",
    "$comment",
)
"""The closed subset of draft 2020-12 that a clause may use."""


REF = "#/$defs/"
"""How a reference to a definition begins."""

_TYPE_NAMES = ("null", "boolean", "string", "number", "integer", "array", "object")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def are_names(value: object) -> bool:
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
    return isinstance(value, list) and bool(value) and are_names(value) and set(value) <= set(_TYPE_NAMES)


_SHAPES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "type": (_is_type, f"one of {', '.join(_TYPE_NAMES)}, or a list of them"),
    "enum": (lambda value: isinstance(value, list) and bool(value), "a list that is not empty"),
    **dict.fromkeys(NUMBERS, (is_number, "a number")),
    **dict.fromkeys(("minLength", "maxLength", *LISTS[2:6]), (_is_count, "a whole number from 0")),
    "pattern": (_is_pattern, "a regular expression"),
    "uniqueItems": (lambda value: isinstance(value, bool), "true or false"),
    "required": (are_names, "a list of names, each once"),
    "properties": (lambda value: isinstance(value, dict), "an object"),
    **{keyword: (lambda value: isinstance(value, list) and bool(value), "a list of schemas") for keyword in SEVERAL},
    "$ref": (lambda value: isinstance(value, str) and value.startswith(REF), f'a text that begins with "{REF}"'),
    "$comment": (lambda value: isinstance(value, str), "a text"),
}


def shapes(schema: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    """Keywords that are not known, and values that a keyword cannot have."""
    for keyword, value in schema.items():
        if keyword not in SCHEMA_KEYWORDS:
            hint = nearest(keyword, SCHEMA_KEYWORDS) or f"; a clause may use {', '.join(SCHEMA_KEYWORDS)}"
            yield error("unknown-keyword", child(pointer, keyword), f"the keyword {keyword!r} is not known{hint}")
            continue
        fits, shape = _SHAPES.get(keyword, (None, ""))
        if fits is not None and not fits(value):
            yield error("misshapen-keyword", child(pointer, keyword), f"{keyword} is {value!r}; it must be {shape}")
    step = schema.get("multipleOf")
    if is_number(step) and (step <= 0 or Fraction(repr(step)) != Fraction(step)):  # type: ignore[operator,arg-type]
        yield error(
            "inexact-step",
            child(pointer, "multipleOf"),
            f"{step} has no exact binary value; use a whole number, or a range",
        )

"""Lints the form of `x-demand` and `x-when`; facts and values are judged on what is written out (demands.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deliverqc.speclang.demands import DEMAND, ITEMS, WHEN, WHERE
from deliverqc.speclang.keywords import SCHEMA_KEYWORDS
from deliverqc.speclang.problem import Problem, child, error, nearest

_KEYWORDS = (*SCHEMA_KEYWORDS, WHERE)


def short_form(clause: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    """What is malformed in the short form of a clause; nothing where it is not in that form."""
    if DEMAND not in clause:
        if WHEN in clause:
            message = f'{WHEN} does nothing without "{DEMAND}" next to it; add it'
            yield error("idle-condition", child(pointer, WHEN), message)
        return
    for key in clause:
        if key in SCHEMA_KEYWORDS and key != "$comment":
            message = f"{key} and {DEMAND} both say what is required; write the clause in one of the two forms"
            yield error("mixed-forms", child(pointer, key), message)
    for keyword in (DEMAND, WHEN):
        if keyword in clause:
            yield from _mapping(clause[keyword], child(pointer, keyword), keyword)


def _mapping(said: Any, pointer: str, keyword: str) -> Iterator[Problem]:  # noqa: ANN401
    if not isinstance(said, dict) or not said:
        message = f'{keyword} maps facts to what they must be: {{"picture.width_px": 1920}}'
        yield error("misshapen-demand", pointer, message)
        return
    for name, value in said.items():
        where = child(pointer, name)
        says = set(value) - {WHERE, "$comment"} if isinstance(value, dict) else value
        if isinstance(value, dict | list) and not says:
            yield error("empty-demand", where, "says nothing; give a value, a list of values, or a bound")
        if isinstance(value, dict):
            yield from _choice(name, value, where)


def _choice(name: str, value: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    for key in value:
        if key not in _KEYWORDS:
            hint = nearest(key, _KEYWORDS) or "; docs/writing-a-spec.md lists the keywords"
            yield error("unknown-demand-keyword", child(pointer, key), f"the keyword {key!r} is not known{hint}")
    if WHERE not in value:
        return
    if ITEMS in name:
        yield from _mapping(value[WHERE], child(pointer, WHERE), WHERE)
    else:
        message = f'{name} is in no list; write the condition as "{WHEN}" in the clause'
        yield error("misplaced-where", child(pointer, WHERE), message)

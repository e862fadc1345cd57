"""Lints the entries of a spec that are not clauses: manual and awaited items, and expectations; judges no facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deliverqc.facts.model import Fact
from deliverqc.speclang.lint_parts import entries, is_text, level, level_by_confidence, source_problems
from deliverqc.speclang.lint_schema import SchemaLint
from deliverqc.speclang.problem import Problem, Severity, child, error, nearest

_AWAITED_KEYS = ("x-level", "if")
_MANUAL_KEYS = ("id", "title", "x-source", "x-why", "x-remedy", "x-awaits", *_AWAITED_KEYS)
_EXPECTS_KEYS = ("id", "title", "fact")


def manual(document: Mapping[str, Any], registry: Mapping[str, Fact], *, shipped: bool) -> Iterator[Problem]:
    """`x-manual`: what a person signs off, and what awaits a fact, which has a level and may have a condition."""
    spec = document.get("x-spec")
    confidence = spec.get("confidence") if isinstance(spec, dict) else None
    for pointer, entry, problems in entries(document, "x-manual", _MANUAL_KEYS):
        yield from problems
        if not entry:
            continue
        yield from source_problems(entry.get("x-source"), f"{pointer}/x-source")
        awaited = entry.get("x-awaits")
        if "x-awaits" in entry:
            yield from _awaited(entry, pointer, registry, confidence, shipped=shipped)
        else:
            yield from _idle(entry, pointer)
        if "x-awaits" in entry and not is_text(awaited):
            yield error("empty-awaits", f"{pointer}/x-awaits", "x-awaits names the fact that the item waits for")
        elif isinstance(awaited, str) and awaited in registry:
            severity = Severity.ERROR if shipped else Severity.WARNING
            message = f"{awaited} can be measured now; make this item a clause of allOf"
            yield Problem(code="measurable-item", severity=severity, pointer=f"{pointer}/x-awaits", message=message)


def expects(document: Mapping[str, Any], registry: Mapping[str, Fact]) -> Iterator[Problem]:
    """`x-expects`: each entry names a registered fact."""
    for pointer, entry, problems in entries(document, "x-expects", _EXPECTS_KEYS):
        yield from problems
        fact = str(entry.get("fact"))
        if entry and fact not in registry:
            yield error("unknown-expected-fact", f"{pointer}/fact", f"{fact!r} is not a fact{nearest(fact, registry)}")


def _awaited(
    entry: Mapping[str, Any], pointer: str, registry: Mapping[str, Fact], confidence: object, *, shipped: bool
) -> Iterator[Problem]:
    """The level and the condition of an item that awaits a fact, which judges like a clause without an answer."""
    if "x-level" in entry:
        yield from level(entry, pointer)
        yield from level_by_confidence(entry, pointer, confidence)
    elif shipped:
        yield error(
            "unlevelled-item",
            pointer,
            'an awaited item needs "x-level": "shall" where the document demands it, "should" where it recommends',
        )
    if "if" in entry:
        linter = SchemaLint(registry=registry, defs={}, says_null=True)
        yield from linter.condition(entry["if"], child(pointer, "if"))


def _idle(entry: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    for key in _AWAITED_KEYS:
        if key in entry:
            yield error(
                "idle-item-key",
                child(pointer, key),
                f'{key} goes with "x-awaits"; an item for a person to sign off has neither level nor condition',
            )

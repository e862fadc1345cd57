"""Facts examples pin every number that a shipped clause bounds: move the bound a little, and one of them turns over."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.demands import written_out

_FACTS = spec_library().registry.facts
_SPECS = Path(__file__).parents[2] / "specs"
_UPPER, _LOWER = ("maximum", "exclusiveMaximum"), ("minimum", "exclusiveMinimum")

Way = tuple[str | int, ...]


def _cases() -> Iterator[Any]:
    for path in sorted(path for path in _SPECS.rglob("*.json") if path.parent.name != "old"):
        document = json.loads(path.read_text(encoding="utf-8"))
        for written in document.get("allOf", ()) if "x-spec" in document else ():
            clause = written_out(written, _FACTS)
            about = document["x-spec"]
            spec_id = about["id"]
            if path.parent.name == "old":
                spec_id = f"{spec_id}@{about['edition']}.r{about['revision']}"
            for way in _bounds(clause, ()):
                label = f"{spec_id}:{clause['$anchor']}:{'/'.join(map(str, way[-3:]))}"
                yield pytest.param(spec_id, clause, way, id=label)


def _bounds(schema: Any, way: Way) -> Iterator[Way]:
    """Where numbers are bounded, but for the root `if`: outside it a clause is not applicable, and no example is so."""
    inner = schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    for key, value in inner:
        if key in (*_UPPER, *_LOWER):
            yield (*way, key)
        elif (*way, key) != ("if",):
            yield from _bounds(value, (*way, key))


def _moved(clause: dict[str, Any], way: Way, outward: float) -> dict[str, Any]:
    """The clause with one bound moved `outward`, so that it admits more, or less where that is negative."""
    moved = copy.deepcopy(clause)
    holder: Any = moved
    for key in way[:-1]:
        holder = holder[key]
    holder[way[-1]] += outward if way[-1] in _UPPER else -outward
    return moved


def _verdicts(clause: dict[str, Any], examples: list[Any]) -> list[bool]:
    validator = Draft202012Validator({key: value for key, value in clause.items() if key != "$anchor"})
    return [validator.is_valid(facts) for facts in examples]


@pytest.mark.parametrize(("spec_id", "clause", "way"), list(_cases()))
def test_examples_hold_the_bound_from_both_sides(spec_id: str, clause: dict[str, Any], way: Way) -> None:
    given = json.loads((_SPECS / "examples" / f"{spec_id}.json").read_text(encoding="utf-8"))[clause["$anchor"]]
    examples = [*given["pass"], *given["fail"]]
    as_written = _verdicts(clause, examples)
    bound: Any = clause
    for key in way:
        bound = bound[key]
    beyond = max(abs(bound) / 20, 1 if isinstance(bound, int) else 0)
    assert _verdicts(_moved(clause, way, beyond), examples) != as_written, "no example stands just outside"
    if way[-1] in ("minimum", "maximum"):
        assert _verdicts(_moved(clause, way, -1e-9 * max(abs(bound), 1)), examples) != as_written, (
            "no example stands at the bound"
        )

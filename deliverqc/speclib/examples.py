"""Holds the clauses of a spec to examples of facts that pass and that fail; knows no files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from deliverqc.judging.judge import judge
from deliverqc.speclang.model import Clause, Spec, Unit
from deliverqc.speclang.problem import Problem, child, error, nearest
from deliverqc.verdict import ClauseOutcome, Outcome

_NEEDED = (Outcome.PASS, Outcome.FAIL)
_ANY_DAY = date(2000, 1, 1)  # examples are judged without waivers, which are all that looks at the day


def check_examples(spec: Spec, examples: Any) -> tuple[Problem, ...]:  # noqa: ANN401
    """What is wrong with the examples of a spec, or with the spec by its examples; pointers are into `examples`.

    `examples` maps the id of each clause of the spec's own to outcomes (pass, fail, not_applicable, not_measured),
    each a list of facts objects. Every clause needs at least one that passes and one that fails; a fact in them must
    be registered.
    """
    if not isinstance(examples, Mapping):
        return (
            error(
                "misshapen-examples",
                "",
                'examples are an object: {"clause-id": {"pass": [{facts}], "fail": [{facts}]}}',
            ),
        )
    own = {clause.id: clause for clause in spec.measured_clauses if clause.spec_id == spec.id}
    found: list[Problem] = []
    for clause_id in examples:
        if clause_id not in own:
            found.append(
                error(
                    "foreign-example",
                    child("", clause_id),
                    f"{spec.id} has no clause {clause_id!r} of its own{nearest(clause_id, own)}",
                )
            )
    for clause_id, clause in own.items():
        found += _of_clause(spec, clause, examples.get(clause_id), child("", clause_id))
    return tuple(found)


def _of_clause(spec: Spec, clause: Clause, examples: Any, pointer: str) -> Iterator[Problem]:  # noqa: ANN401
    if not isinstance(examples, Mapping):
        yield error("missing-examples", pointer, 'needs examples: {"pass": [{facts}], "fail": [{facts}]}')
        return
    for outcome in _NEEDED:
        if not examples.get(outcome.value):
            yield error(
                "missing-outcome",
                child(pointer, outcome.value),
                f"needs at least one facts object for which the outcome is {outcome.value}",
            )
    for name, cases in examples.items():
        where = child(pointer, name)
        if name not in tuple(Outcome) or name == Outcome.WAIVED:
            yield error(
                "unknown-outcome",
                where,
                f"{name!r} is no outcome of a clause; use pass, fail, not_applicable or not_measured",
            )
            continue
        for i, facts in enumerate(cases if isinstance(cases, list) else [cases]):
            yield from _of_case(spec, clause, Outcome(name), facts, child(where, i))


def _of_case(spec: Spec, clause: Clause, wanted: Outcome, facts: Any, pointer: str) -> Iterator[Problem]:  # noqa: ANN401
    if not isinstance(facts, Mapping):
        yield error("misshapen-facts", pointer, "is no object of facts")
        return
    for name in _names_of(facts):
        if name not in spec.registry:
            yield error("unknown-example-fact", pointer, f"{name} is not a fact{nearest(name, spec.registry)}")
    alone = replace(spec, clauses=(clause,), expects=(), applies=None, unit=Unit.FILE)
    (result,) = judge(alone, facts, as_of=_ANY_DAY).clauses
    if result.outcome is not wanted:
        yield error(
            "contradicted-example",
            pointer,
            f"the outcome of {clause.id} is {result.outcome.value}, not {wanted.value}{_because(result)}",
        )


def _names_of(facts: Mapping[str, Any], holder: str = "") -> Iterator[str]:
    """Names of the facts in a facts object and in its lists; what an object fact holds has no names of its own."""
    for key, value in facts.items():
        name = f"{holder}{key}"
        yield name
        for item in value if isinstance(value, list) else ():
            if isinstance(item, Mapping):
                yield from _names_of(item, f"{name}[].")


def _because(result: ClauseOutcome) -> str:
    told = [finding.message for finding in result.findings] or list(result.missing_facts)
    return f": {'; '.join(told)}" if told else f": {result.note}" if result.note else ""

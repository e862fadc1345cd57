"""Whatever two clauses and their rules for null are, no facts contradict the word for what changed between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.model import Clause, NullRule
from deliverqc.speclib.diff import Change, demand_change
from deliverqc.verdict import Level, Outcome
from tests import schema_strategies as draws

KINDS = {"a": Kind.NUMBER, "b": Kind.STRING, "c": Kind.BOOLEAN}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "a": st.one_of(st.none(), draws.numbers),
    "b": st.one_of(st.none(), st.sampled_from(["", "x", "xy", "1"])),
    "c": st.one_of(st.none(), st.booleans()),
}
TEXTS = st.lists(st.sampled_from(["", "x", "xy", "1"]), max_size=2)
WHOLE = st.fixed_dictionaries(
    {**VALUES, "s": TEXTS, draws.LIST_KEY: st.lists(st.fixed_dictionaries(VALUES), max_size=2)}
)
PARTIAL = st.fixed_dictionaries(
    {},
    optional={**VALUES, "s": TEXTS, draws.LIST_KEY: st.lists(st.fixed_dictionaries({}, optional=VALUES), max_size=2)},
)


def fact(name: str, kind: Kind, null_means: str | None = "not there") -> Fact:
    return Fact(name=name, kind=kind, layer=Layer.WRAPPER, meaning=name, given_by=("container",), null_means=null_means)


REGISTRY = {
    one.name: one
    for one in (
        *(fact(name, kind) for name, kind in KINDS.items()),
        *(fact(f"{draws.LIST_KEY}[].{name}", kind) for name, kind in KINDS.items()),
        fact("s", Kind.STRINGS, None),
        fact(draws.LIST_KEY, Kind.LIST, None),
    )
}
SPEC = replace(spec_library().load("ebu-r37"), registry=REGISTRY, expects=(), manual=())


def made(schema: Any, rule: NullRule | None) -> Clause:
    return Clause(
        id="it", title="It", level=Level.SHALL, source={"document": "d"}, schema=schema, spec_id=SPEC.id, null_rule=rule
    )


def outcome(clause: Clause, facts: dict[str, Any]) -> Outcome:
    return judge(replace(SPEC, clauses=(clause,)), facts, as_of=date(2026, 1, 1)).clauses[0].outcome


rules = st.sampled_from([None, NullRule.FAIL, NullRule.NOT_APPLICABLE])
parts = draws.about_objects({"s": draws.about_scalar_lists, draws.LIST_KEY: draws.about_item_lists})


@st.composite
def changes(draw: st.DrawFn) -> tuple[Clause, Clause]:
    """Two clauses, the newer one made of the older one where that gives a word."""
    schema, more = draw(parts), draw(parts)
    newer = draw(st.sampled_from([schema, more, {"allOf": [schema, more]}, {"anyOf": [schema, more]}]))
    pair = [made(schema, draw(rules)), made(newer, draw(rules))]
    return (pair[0], pair[1]) if draw(st.booleans()) else (pair[1], pair[0])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(pair=changes(), documents=st.lists(st.one_of(WHOLE, PARTIAL), min_size=4, max_size=8))
def test_no_facts_contradict_the_word_for_a_change(
    pair: tuple[Clause, Clause], documents: list[dict[str, Any]]
) -> None:
    old, new = pair
    word = demand_change(old, new, REGISTRY)
    if word is Change.CHANGED:
        return
    for facts in documents:
        was, is_now = outcome(old, facts), outcome(new, facts)
        if word is not Change.LOOSENED:
            assert (was, is_now) != (Outcome.FAIL, Outcome.PASS)
        if word is not Change.TIGHTENED:
            assert (was, is_now) != (Outcome.PASS, Outcome.FAIL)

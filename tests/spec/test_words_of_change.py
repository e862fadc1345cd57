"""Whatever two clauses and their rules for null are, no facts contradict the word for what changed between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.judging.judge import judge
from deliverqc.spec.diff import Change, demand_change
from deliverqc.spec.load import SpecLibrary
from deliverqc.spec.model import Clause, NullRule
from deliverqc.verdict import Level, Outcome
from tests import schema_strategies as draws

KINDS = {"a": Kind.NUMBER, "b": Kind.STRING, "c": Kind.BOOLEAN}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "a": st.one_of(st.none(), draws.numbers),
    "b": st.one_of(st.none(), st.sampled_from(["", "x", "xy", "1"])),
    "c": st.one_of(st.none(), st.booleans()),
}
DOCUMENTS = st.fixed_dictionaries(
    {
        **VALUES,
        "s": st.lists(VALUES["b"].filter(lambda text: text is not None), max_size=3),
        draws.LIST_KEY: st.lists(st.fixed_dictionaries(VALUES), max_size=3),
    }
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
SPEC = replace(SpecLibrary().load("ebu-r37"), registry=REGISTRY, expects=(), manual=())


def made(schema: Any, rule: NullRule | None) -> Clause:
    return Clause(
        id="it", title="It", level=Level.SHALL, source={"document": "d"}, schema=schema, spec_id=SPEC.id, null_rule=rule
    )


def outcome(clause: Clause, facts: dict[str, Any]) -> Outcome:
    return judge(replace(SPEC, clauses=(clause,)), facts, as_of=date(2026, 1, 1)).clauses[0].outcome


rules = st.sampled_from([None, NullRule.FAIL, NullRule.NOT_APPLICABLE])
parts = st.one_of(
    draws.about_objects({"s": draws.about_scalar_lists, draws.LIST_KEY: draws.about_item_lists}), draws.schemas
)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Clause, Clause]:
    """Two clauses, the newer one made of the older one where that gives a word."""
    schema, more = draw(parts), draw(parts)
    newer = draw(st.sampled_from([schema, more, {"allOf": [schema, more]}, {"anyOf": [schema, more]}]))
    pair = [made(schema, draw(rules)), made(newer, draw(rules))]
    return (pair[0], pair[1]) if draw(st.booleans()) else (pair[1], pair[0])


@settings(max_examples=150, deadline=None)
@given(data=st.data(), pair=changes(), documents=st.lists(DOCUMENTS, min_size=5, max_size=10))
def test_no_facts_contradict_the_word_for_a_change(
    data: st.DataObject, pair: tuple[Clause, Clause], documents: list[dict[str, Any]]
) -> None:
    old, new = pair
    word = demand_change(old, new, REGISTRY)
    if word is Change.CHANGED:
        return
    for document in documents:
        for facts in (document, draws.drawn_without(data, document)):
            was, is_now = outcome(old, facts), outcome(new, facts)
            if word is not Change.LOOSENED:
                assert (was, is_now) != (Outcome.FAIL, Outcome.PASS)
            if word is not Change.TIGHTENED:
                assert (was, is_now) != (Outcome.PASS, Outcome.FAIL)

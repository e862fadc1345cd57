"""Chooses the spec of a family that fits the probed facts; measures nothing and judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deliverqc.judging.findings import findings_of
from deliverqc.judging.kleene import Truth, evaluate
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import Choice, Family, Spec


def choose(family: Family, library: SpecLibrary, facts: Mapping[str, Any]) -> Choice:
    """The first spec of the family whose `x-applies` accepts the facts, and why each before it does not.

    A spec without `x-applies` accepts everything. Where a fact is missing without which one cannot be told to fit, none
    is chosen: a later one may ask for less. `missing` names it. SpecError where a spec of the family cannot be loaded.
    """
    tried: list[tuple[str, str]] = []
    specs = library.members(family)
    for spec in specs:
        answer = evaluate(spec.applies if spec.applies is not None else True, facts)
        if answer.truth is Truth.TRUE:
            return Choice(family=family, spec=spec, reason=_why(spec, facts), tried=tuple(tried))
        if answer.truth is Truth.UNKNOWN:
            missing = ", ".join(answer.missing)
            tried.append((spec.id, f"not known without {missing}"))
            reason = f"whether it is a {spec.title} is not known without {missing}, so no later spec is tried"
            return _none(family, specs, reason, tried, missing=answer.missing)
        messages = [finding.message for finding in findings_of(answer.breaches, spec.registry)]
        tried.append((spec.id, "; ".join(messages)))
    return _none(family, specs, family.when_none_fits, tried)


def _none(
    family: Family,
    specs: Sequence[Spec],
    reason: str,
    tried: Sequence[tuple[str, str]],
    *,
    missing: Sequence[str] = (),
) -> Choice:
    return Choice(
        family=family,
        spec=None,
        reason=reason,
        tried=tuple(tried),
        missing=tuple(dict.fromkeys(missing)),
        deliverables=tuple(f"{spec.title} ({spec.id})" for spec in specs),
    )


def _why(spec: Spec, facts: Mapping[str, Any]) -> str:
    names = (spec.applies or {}).get("required", ())
    told = ", ".join(f"{name} is {facts[name]}" for name in names if facts.get(name) is not None)
    return f"{spec.id} is the first that fits: {told or 'it takes every subject'}"

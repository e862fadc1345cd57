"""Judges facts by a spec, clause by clause, and decides; it sees facts and specs only, never a file, a signal or a
clock.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from deliverqc.errors import UsageError
from deliverqc.facts.model import Fact
from deliverqc.judging.describe import noun
from deliverqc.judging.expectations import NOT_TOLD, expectations_of
from deliverqc.judging.findings import findings_of, null_finding, with_fingerprints
from deliverqc.judging.kleene import Answer, NullNames, Place, Truth, evaluate
from deliverqc.judging.waivers import Waiver, apply_waivers
from deliverqc.speclang.model import (
    INTEGRITY_ID,
    RECOGNISED_ID,
    Choice,
    Clause,
    NullRule,
    Spec,
    constrained_names,
    member_name,
)
from deliverqc.verdict import ClauseOutcome, Decision, Finding, Level, Outcome, Verdict

LEFT_OUT = "left out on request"
NOTHING_BINDING = "nothing binding was judged"

_NAMED_AT_MOST = 3
_DEEPEST_FACTS = 20  # no registered fact is nested more than a few levels


@dataclass(frozen=True, kw_only=True, slots=True)
class _Case:
    """What one verdict is given on and under, beside the clauses."""

    spec_id: str
    facts: Mapping[str, Any]
    registry: Mapping[str, Fact]
    only: Sequence[str]
    skip: Sequence[str]
    waivers: Sequence[Waiver]
    as_of: date
    subject: str
    part: str | None


def judge(
    spec: Spec,
    facts: Mapping[str, Any],
    *,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    expectations: Mapping[str, Any] | None = None,
    waivers: Sequence[Waiver] = (),
    fail_on: Level = Level.SHALL,
    as_of: date,
    family: Mapping[str, Any] | None = None,
    provenance: Mapping[str, Any] | None = None,
    subject: str = "file",
    part: str | None = None,
) -> Verdict:
    """The verdict of one spec on the facts of one subject.

    `only`, `skip` and `waivers` name clauses as `spec:clause` or by their bare id; names of other specs are passed
    over, so call `require_clauses` first. `subject` is the subject's id, which fingerprints are made of. Where only a
    `part` was measured, it can show a fault of its own and nothing about the rest. UsageError where an expectation or a
    number in the facts cannot be worked with.
    """
    _require_finite(facts, "")
    case = _Case(
        spec_id=spec.id,
        facts=facts,
        registry=spec.registry,
        only=only,
        skip=skip,
        waivers=waivers,
        as_of=as_of,
        subject=subject,
        part=part,
    )
    outcomes = [_outcome(clause, case) for clause in spec.clauses]
    for expectation in expectations_of(spec, expectations or {}):
        if expectation.is_told:
            outcomes.append(_outcome(expectation.clause, case))
        else:
            outcomes.append(_made(expectation.clause, Outcome.NOT_MEASURED, note=NOT_TOLD))
    own = {clause.id for clause in spec.own_clauses}
    counted = [outcome for outcome in outcomes if outcome.id in own]
    has_binding = _has_binding(counted, advisory=spec.advisory)
    decision, reason = _decide(outcomes, fail_on=fail_on, has_binding=has_binding)
    if decision is Decision.PASS:
        reason += _left_to_a_person(spec.manual)
    return Verdict(
        spec=spec.to_entry(),
        family=family,
        decision=decision,
        advisory=spec.advisory,
        clauses=tuple(outcomes),
        manual=tuple({key.removeprefix("x-"): value for key, value in item.items()} for item in spec.manual),
        facts=facts,
        provenance=_provenance(spec, facts) | dict(provenance or {}),
        reason=_of_what(reason, part),
    )


def judge_unrecognised(
    choice: Choice,
    integrity: Spec,
    facts: Mapping[str, Any],
    *,
    waivers: Sequence[Waiver] = (),
    fail_on: Level = Level.SHALL,
    as_of: date,
    provenance: Mapping[str, Any] | None = None,
    subject: str = "file",
    part: str | None = None,
) -> Verdict:
    """The verdict where no spec of a family fits: `deliverable-recognised` fails, and the integrity clauses are judged.

    Where facts are missing without which that cannot be said, the clause is not measured.
    """
    _require_finite(facts, "")
    family = choice.family
    case = _Case(
        spec_id=family.id,
        facts=facts,
        registry=integrity.registry,
        only=(),
        skip=(),
        waivers=waivers,
        as_of=as_of,
        subject=subject,
        part=part,
    )
    outcomes = [_recognised(choice, case), *(_outcome(clause, case) for clause in integrity.clauses)]
    decision, reason = _decide(outcomes, fail_on=fail_on, has_binding=False)
    return Verdict(
        spec=None,
        family=choice.to_document(),
        decision=decision,
        advisory=False,
        clauses=tuple(outcomes),
        manual=(),
        facts=facts,
        provenance=_provenance(None, facts) | dict(provenance or {}),
        reason=_of_what(reason, part),
    )


def _names(references: Iterable[str], clause: Clause, case: _Case) -> bool:
    wanted = {clause.id, f"{case.spec_id}:{clause.id}"}
    if clause.is_integrity:
        wanted.add(f"{INTEGRITY_ID}:{clause.id}")
    return any(reference in wanted for reference in references)


def _outcome(clause: Clause, case: _Case) -> ClauseOutcome:
    is_left_out = (bool(case.only) and not _names(case.only, clause, case)) or _names(case.skip, clause, case)
    if is_left_out and not clause.is_integrity:
        return _made(clause, Outcome.NOT_MEASURED, note=LEFT_OUT)
    result = _evaluated(clause, case)
    if case.part is not None:
        result = _of_part(result, clause, case)
    if result.outcome is Outcome.FAIL:
        return _waived(result, clause, case)
    return result


def _of_part(result: ClauseOutcome, clause: Clause, case: _Case) -> ClauseOutcome:
    """What a part that was measured says of the whole: nothing, unless a span in it, or a header, breaks the clause."""
    names = [name for name in clause.facts() if name in case.registry]
    measured = {name for name in names if any(_is_essence(giver) for giver in case.registry[name].given_by)}
    if not measured or result.outcome not in (Outcome.PASS, Outcome.FAIL):
        return result
    if any(finding.span is not None or finding.fact not in measured for finding in result.findings):
        return result
    shown = "holds" if result.outcome is Outcome.PASS else "does not hold"
    return _made(clause, Outcome.NOT_MEASURED, note=f"only {case.part} was measured; over it the clause {shown}")


def _is_essence(giver: str) -> bool:
    return giver == "decode" or giver.startswith("meter:")


def _waived(result: ClauseOutcome, clause: Clause, case: _Case) -> ClauseOutcome:
    findings = with_fingerprints(result.findings, clause=f"{case.spec_id}:{clause.id}", subject=case.subject)
    granted = [waiver for waiver in case.waivers if _names([waiver.clause], clause, case)]
    is_waived, shown = apply_waivers(findings, granted, as_of=case.as_of)
    outcome = Outcome.WAIVED if is_waived else Outcome.FAIL
    return replace(result, outcome=outcome, findings=findings, waiver=shown)


def _evaluated(clause: Clause, case: _Case) -> ClauseOutcome:
    facts, schema = case.facts, clause.schema
    answer = evaluate(schema, facts, nulls=_open_nulls(clause, case.registry))
    condition = _root_condition(schema, facts)
    if condition.truth is Truth.FALSE and not answer.nulls and _holds_otherwise(schema, facts, answer):
        return _made(clause, Outcome.NOT_APPLICABLE, note="its condition is not met")
    if answer.truth is Truth.TRUE and condition.truth is Truth.UNKNOWN:
        return _not_measured(clause, condition.missing, case)
    if answer.truth is Truth.TRUE:
        return _made(clause, Outcome.PASS)
    if answer.truth is Truth.FALSE:
        told = evaluate(schema, facts) if clause.null_rule is NullRule.FAIL else answer
        return _made(clause, Outcome.FAIL, findings=findings_of(told.breaches, case.registry))
    if answer.nulls:
        return _of_null(clause, answer, case)
    return _not_measured(clause, answer.missing, case)


def _open_nulls(clause: Clause, registry: Mapping[str, Fact]) -> NullNames:
    if clause.null_rule is None:
        return NullNames()
    nullable = frozenset(name for name in clause.facts() if name in registry and registry[name].is_nullable)
    return NullNames(constrained=nullable, required=nullable - frozenset(constrained_names(clause.schema)))


def _root_condition(schema: Mapping[str, Any], facts: Mapping[str, Any]) -> Answer:
    """Of the root `if` on which it hangs whether the clause applies: one without `else`; true where there is none."""
    return evaluate(schema["if"] if "else" not in schema and "if" in schema else True, facts)


def _holds_otherwise(schema: Mapping[str, Any], facts: Mapping[str, Any], answer: Answer) -> bool:
    """Whether nothing beside the root `if` is false or can turn out so.

    `required` alone cannot: a fact that is missing now can only turn out to be there.
    """
    if answer.truth is not Truth.UNKNOWN:
        return answer.truth is Truth.TRUE
    rest = {keyword: value for keyword, value in schema.items() if keyword not in ("if", "then", "required")}
    return evaluate(rest, facts).truth is Truth.TRUE


def _of_null(clause: Clause, answer: Answer, case: _Case) -> ClauseOutcome:
    """The outcome where only facts that were looked for and are not there keep the clause from being decided."""
    if clause.null_rule is NullRule.NOT_APPLICABLE:
        if answer.missing:
            return _not_measured(clause, answer.missing, case)
        return _made(clause, Outcome.NOT_APPLICABLE, note=_null_note(answer.nulls, case.registry))
    plain = evaluate(clause.schema, case.facts)
    if plain.truth is Truth.FALSE:
        return _made(clause, Outcome.FAIL, findings=findings_of(plain.breaches, case.registry))
    missing = plain.missing or answer.missing
    if missing:
        return _not_measured(clause, missing, case)
    findings = tuple(null_finding(place, clause.schema, case.registry) for place in answer.nulls)
    return _made(clause, Outcome.FAIL, findings=findings)


def _null_note(nulls: Iterable[Place], registry: Mapping[str, Fact]) -> str:
    told = {f"{noun(place.name, registry)} is not there ({registry[place.name].null_means})": None for place in nulls}
    return ", ".join(told)


def _not_measured(clause: Clause, missing: Iterable[str], case: _Case) -> ClauseOutcome:
    names = tuple(dict.fromkeys(missing))
    return _made(clause, Outcome.NOT_MEASURED, note=_what_would_measure(names, case.registry), missing=names)


def _what_would_measure(names: Iterable[str], registry: Mapping[str, Fact]) -> str:
    givers = dict.fromkeys(registry[name].given_by[0] for name in names if name in registry)
    named = [giver.removeprefix("meter:") for giver in givers if giver.startswith("meter:")]
    told = [f"the full tier, which runs the meter {name}" for name in named]
    told += ["the full tier, which decodes the essence"] if "decode" in givers else []
    told += [f"the {giver} probe" for giver in givers if giver != "decode" and not giver.startswith("meter:")]
    return f"it takes {', and '.join(told)}" if told else "the facts are missing"


def _made(
    clause: Clause,
    outcome: Outcome,
    *,
    note: str | None = None,
    missing: tuple[str, ...] = (),
    findings: tuple[Finding, ...] = (),
) -> ClauseOutcome:
    return ClauseOutcome(
        id=clause.id,
        title=clause.title,
        level=clause.level,
        outcome=outcome,
        source=clause.source,
        why=clause.why,
        remedy=clause.remedy,
        severity=clause.severity,
        note=note,
        missing_facts=missing,
        findings=findings,
    )


def _recognised(choice: Choice, case: _Case) -> ClauseOutcome:
    accepted = "; ".join(choice.deliverables)
    clause = Clause(
        id=RECOGNISED_ID,
        title=f"It is a deliverable that {choice.family.title} accepts",
        level=Level.SHALL,
        source={"document": choice.family.title},
        schema={},
        spec_id=choice.family.id,
        remedy=choice.family.when_none_fits,
    )
    if choice.missing:
        return _not_measured(clause, choice.missing, case)
    message = f"none of its deliverables fits ({accepted}). {choice.family.when_none_fits}"
    finding = Finding(
        fact="wrapper.format", actual=case.facts.get("wrapper.format"), expected=accepted, unit=None, message=message
    )
    return _waived(_made(clause, Outcome.FAIL, findings=(finding,)), clause, case)


def _has_binding(own: Iterable[ClauseOutcome], *, advisory: bool) -> bool:
    """Whether a clause of the spec's own was there to be judged; an advisory spec may have recommendations only."""
    if advisory:
        return any(clause.outcome in (Outcome.PASS, Outcome.FAIL, Outcome.WAIVED) for clause in own)
    return any(clause.level is Level.SHALL and clause.outcome is not Outcome.NOT_APPLICABLE for clause in own)


def _decide(outcomes: Sequence[ClauseOutcome], *, fail_on: Level, has_binding: bool) -> tuple[Decision, str]:
    deciding = [clause for clause in outcomes if clause.level is Level.SHALL or fail_on is Level.SHOULD]
    failed = [clause.id for clause in deciding if clause.outcome is Outcome.FAIL]
    if failed:
        return Decision.FAIL, f"{_counted(failed, 'fails', 'fail')}: {_listed(failed)}"
    unmeasured = [clause.id for clause in deciding if clause.outcome is Outcome.NOT_MEASURED]
    if unmeasured:
        return Decision.INCOMPLETE, f"{_counted(unmeasured, 'was', 'were')} not measured: {_listed(unmeasured)}"
    if not has_binding:
        return Decision.INCOMPLETE, NOTHING_BINDING
    passed = [clause.id for clause in deciding if clause.outcome is Outcome.PASS]
    waived = [clause.id for clause in deciding if clause.outcome is Outcome.WAIVED]
    more = f"; {_counted(waived, 'is', 'are')} waived: {_listed(waived)}" if waived else ""
    return Decision.PASS, f"{_counted(passed, 'passes', 'pass')}, none fails{more}"


def _of_what(reason: str, part: str | None) -> str:
    return reason if part is None else f"{reason}; only {part} was measured"


def _left_to_a_person(manual: Sequence[Mapping[str, Any]]) -> str:
    """What a pass does not cover: demands that wait for a meter are named, lest they be taken for measured."""
    waiting = [item["id"] for item in manual if "x-awaits" in item]
    if not manual:
        return ""
    count = "1 demand is" if len(manual) == 1 else f"{len(manual)} demands are"
    named = f", among them what cannot be measured yet: {_listed(waiting)}" if waiting else ""
    return f"; {count} left to sign off by hand{named}"


def _counted(ids: Sequence[str], one: str, several: str) -> str:
    return f"1 deciding clause {one}" if len(ids) == 1 else f"{len(ids)} deciding clauses {several}"


def _listed(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _NAMED_AT_MOST} more" if len(ids) > _NAMED_AT_MOST else ""
    return ", ".join(ids[:_NAMED_AT_MOST]) + more


def _provenance(spec: Spec | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    canonical = json.dumps(facts, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return {
        "spec_sha256": spec.sha256 if spec is not None else None,
        "facts_sha256": hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest(),
        "settings": None,
        "meters": {},
        "libraries": {},
    }


def _require_finite(value: Any, name: str, depth: int = 0) -> None:  # noqa: ANN401
    if depth > _DEEPEST_FACTS:
        raise UsageError(f"the fact {name} is nested too deeply to be one", code="facts-invalid")
    if isinstance(value, float) and not math.isfinite(value):
        message = f"the fact {name} is {value}, which is no JSON number; it must be finite or null"
        raise UsageError(message, code="facts-invalid")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _require_finite(inner, member_name(name, str(key)), depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            _require_finite(inner, f"{name}[]", depth + 1)

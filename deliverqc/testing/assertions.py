"""Assertions on clauses and verdicts; they raise AssertionError with what was measured and required, and know no test
runner."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from deliverqc.api import PathText, SpecChoice, check, load_spec
from deliverqc.documents import VerdictDocument
from deliverqc.errors import UsageError
from deliverqc.judging.judge import judge
from deliverqc.reports import outline
from deliverqc.speclang.model import Spec, Unit
from deliverqc.speclang.problem import nearest
from deliverqc.testing.documents import facts as checked_facts
from deliverqc.verdict import ClauseOutcome, Decision, Outcome

if TYPE_CHECKING:
    from deliverqc.judging.waivers import Waiver

_ANY_DAY = date(2000, 1, 1)  # one clause is judged without waivers, so the day does not matter


def assert_passes(
    spec: PathText | Spec,
    clause: str,
    facts: Mapping[str, Any],
    *,
    expectations: Mapping[str, Any] | None = None,
    spec_path: Sequence[PathText] = (),
) -> None:
    """The clause passes with these facts. `facts` need only be those that it reads. `spec_path` has the specs that this
    one extends."""
    __tracebackhide__ = True
    assert_outcome(spec, clause, facts, Outcome.PASS, expectations=expectations, spec_path=spec_path)


def assert_fails(
    spec: PathText | Spec,
    clause: str,
    facts: Mapping[str, Any],
    *,
    expectations: Mapping[str, Any] | None = None,
    spec_path: Sequence[PathText] = (),
) -> None:
    """The clause fails with these facts."""
    __tracebackhide__ = True
    assert_outcome(spec, clause, facts, Outcome.FAIL, expectations=expectations, spec_path=spec_path)


def assert_outcome(
    spec: PathText | Spec,
    clause: str,
    facts: Mapping[str, Any],
    outcome: Outcome | Literal["pass", "fail", "not_measured", "not_applicable"],
    *,
    expectations: Mapping[str, Any] | None = None,
    spec_path: Sequence[PathText] = (),
) -> None:
    """The clause has this outcome with these facts. AssertionError says which it has, and why.

    UsageError where the spec has no such clause or the facts are of no master: that is a fault of the test.
    """
    __tracebackhide__ = True
    chosen = spec if isinstance(spec, Spec) else load_spec(spec, spec_path=spec_path)
    found = _outcome_of(chosen, clause, checked_facts(facts), expectations or {})
    if found.outcome != Outcome(outcome):
        raise AssertionError(f"{chosen.full_id}, {clause}: {found.outcome}, not {Outcome(outcome)}{_because(found)}")


def assert_verdict(
    master: PathText,
    spec: SpecChoice | Sequence[SpecChoice],
    decision: Decision | Literal["pass", "fail", "incomplete", "error"] = "pass",
    *,
    fails: Collection[str] | None = None,
    not_measured: Collection[str] | None = None,
    tier: Literal["headers", "full"] = "full",
    expectations: Mapping[str, Any] | None = None,
    waivers: Sequence[Waiver] = (),
    as_of: date | None = None,
    spec_path: Sequence[PathText] = (),
    locked: PathText | None = None,
) -> VerdictDocument:
    """The master is decided so, and exactly the clauses in `fails` fail, and those in `not_measured` are not measured,
    where they are given: of any level, integrity included. Gives the verdict document for more questions."""
    __tracebackhide__ = True
    document = check(
        master,
        spec,
        tier=tier,
        expectations=expectations,
        waivers=waivers,
        as_of=as_of,
        spec_path=spec_path,
        locked=locked,
    )
    wrong = [] if document.decision == Decision(decision) else [f"the decision is {document.decision}, not {decision}"]
    for outcome, named in ((Outcome.FAIL, fails), (Outcome.NOT_MEASURED, not_measured)):
        if named is not None:
            wrong += _differences(document, outcome, {named} if isinstance(named, str) else set(named))
    if wrong:
        raise AssertionError("\n".join([f"{master}: {'; '.join(wrong)}", *_told(document)]))
    return document


def _outcome_of(spec: Spec, clause: str, facts: Mapping[str, Any], expectations: Mapping[str, Any]) -> ClauseOutcome:
    """How one clause comes out by itself: other clauses, and the kind of master, have no say."""
    own = tuple(one for one in spec.clauses if one.id == clause)
    alone = replace(spec, clauses=own, applies=None, unit=Unit.FILE, expects=()) if own else replace(spec, clauses=())
    verdict = judge(alone, facts, expectations={} if own else expectations, as_of=_ANY_DAY)
    found = {one.id: one for one in verdict.clauses}
    if clause not in found:
        known = {one.id for one in spec.clauses} | set(found)
        raise UsageError(f"{spec.full_id} has no clause {clause!r}{nearest(clause, known)}", code="clause-unknown")
    return found[clause]


def _because(found: ClauseOutcome) -> str:
    told = [one.message for one in found.findings] or [f"{name} is missing" for name in found.missing_facts]
    told += [found.note] if found.note and not told else []
    return f": {'; '.join(told)}" if told else ""


def _differences(document: VerdictDocument, outcome: Outcome, named: set[str]) -> list[str]:
    found = {clause["id"] for _, clause in _clauses(document) if clause["outcome"] == outcome}
    word = "fail" if outcome is Outcome.FAIL else "not measured"
    told = [f"{word}, and not expected: {', '.join(sorted(found - named))}"] if found - named else []
    return told + ([f"expected to {word}, and did not: {', '.join(sorted(named - found))}"] if named - found else [])


def _clauses(document: VerdictDocument) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Every clause with the facts that it was judged on."""
    subjects = [subject for master in document["masters"] for subject in master["subjects"]]
    verdicts = [verdict for subject in subjects for verdict in subject["verdicts"]]
    return [(verdict["facts"], clause) for verdict in verdicts for clause in verdict["clauses"]]


def _told(document: VerdictDocument) -> list[str]:
    """What a reader needs to see why: errors, reasons, and each clause that fails or was not measured."""
    rows = [f"  {line.decided}: {line.reason}" for line in outline.lines(document.to_document())]
    for facts, clause in _clauses(document):
        if clause["outcome"] == Outcome.FAIL:
            rows.append(f"  fail  {clause['id']} ({clause['level']}): {outline.clause_words(clause, facts)}")
        if clause["outcome"] == Outcome.NOT_MEASURED:
            rows.append(f"  not measured  {clause['id']} ({clause['level']}): {outline.gap_words(clause)}")
    return rows

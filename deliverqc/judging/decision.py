"""Decides a verdict from the outcomes of its clauses, and says why in one line; knows no facts and no schema."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from deliverqc.verdict import NOT_YET, ClauseOutcome, Decision, FailOn, Level, Outcome

NOTHING_BINDING = "nothing binding was judged: no clause of the spec that decides applies to this master"

_NAMED_AT_MOST = 3


def is_binding(own: Iterable[ClauseOutcome], *, advisory: bool) -> bool:
    """Whether a clause of the spec's own was there to be judged; an advisory spec may have recommendations only."""
    if advisory:
        return any(clause.outcome in (Outcome.PASS, Outcome.FAIL, Outcome.WAIVED) for clause in own)
    return any(clause.level is Level.SHALL and clause.outcome is not Outcome.NOT_APPLICABLE for clause in own)


def decide(
    outcomes: Sequence[ClauseOutcome],
    *,
    fail_on: FailOn | Level,
    has_binding: bool,
    recommended: Container[str] = (),
) -> tuple[Decision, str]:
    """The decision over all clauses, and the reason in words: what fails, what was not measured, what passes.

    `recommended` names clauses of a spec that only recommends: what was not measured of them leaves the verdict open.
    """
    deciding = [clause for clause in outcomes if clause.level is Level.SHALL or fail_on != FailOn.SHALL]
    failed = [clause.id for clause in deciding if clause.outcome is Outcome.FAIL]
    if failed:
        return Decision.FAIL, f"{_counted(failed, 'fails', 'fail')}: {_listed(failed)}"
    open_ones = [
        clause
        for clause in outcomes
        if clause.outcome is Outcome.NOT_MEASURED and (clause in deciding or clause.id in recommended)
    ]
    if open_ones:
        return Decision.INCOMPLETE, _unmeasured(open_ones)
    if not has_binding:
        return Decision.INCOMPLETE, NOTHING_BINDING
    passed = [clause.id for clause in deciding if clause.outcome is Outcome.PASS]
    waived = [clause.id for clause in deciding if clause.outcome is Outcome.WAIVED]
    more = f"; {_counted(waived, 'is', 'are')} waived: {_listed(waived)}" if waived else ""
    return Decision.PASS, f"{_counted(passed, 'passes', 'pass')}, none fails{more}"


def _unmeasured(those: Sequence[ClauseOutcome]) -> str:
    """What keeps a verdict open; demands that nothing measures yet are all named, for a person to check."""
    waiting = [clause.id for clause in those if clause.note == NOT_YET]
    others = [clause.id for clause in those if clause.note != NOT_YET]
    said = [f"{_counted(others, 'was', 'were')} not measured: {_listed(others)}"] if others else []
    demands = "1 demand" if len(waiting) == 1 else f"{len(waiting)} demands"
    said += [f"{demands} {NOT_YET}: {', '.join(waiting)}"] if waiting else []
    return "; ".join(said)


def reason_of(reason: str, *, part: str | None) -> str:
    """The reason as it is shown, where only a part was measured."""
    return reason if part is None else f"{reason}; only {part} was measured"


def left_to_a_person(manual: Sequence[Mapping[str, Any]]) -> str:
    """What a pass does not cover."""
    if not manual:
        return ""
    return f"; {'1 demand is' if len(manual) == 1 else f'{len(manual)} demands are'} left to sign off by hand"


def _counted(ids: Sequence[str], one: str, several: str) -> str:
    return f"1 deciding clause {one}" if len(ids) == 1 else f"{len(ids)} deciding clauses {several}"


def _listed(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _NAMED_AT_MOST} more" if len(ids) > _NAMED_AT_MOST else ""
    return ", ".join(ids[:_NAMED_AT_MOST]) + more

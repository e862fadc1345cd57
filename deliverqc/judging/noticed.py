"""What common sense notices next to the verdicts of a subject; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from deliverqc.judging.judge import judge
from deliverqc.speclang.model import Spec
from deliverqc.verdict import ClauseOutcome, Finding, Outcome, Verdict

_EDGES = ("start_frame", "end_frame", "start_sample", "end_sample", "start_s", "end_s", "channel")


def noticed_in(
    facts: Mapping[str, Any],
    common_sense: Spec,
    verdicts: Iterable[Verdict],
    *,
    as_of: date,
    subject: str = "file",
    kind: str = "file",
    part: str | None = None,
) -> tuple[ClauseOutcome, ...]:
    """The clauses of `common_sense` that the facts break, without what a verdict reports already: a finding on the same
    fact, track and span. A clause that could not be measured is not noticed."""
    reported = {
        _key(finding)
        for verdict in verdicts
        for clause in verdict.clauses
        if clause.outcome in (Outcome.FAIL, Outcome.WAIVED)
        for finding in clause.findings
    }
    alone = replace(common_sense, clauses=common_sense.own_clauses, applies=None)
    verdict = judge(alone, facts, as_of=as_of, subject=subject, kind=kind, part=part)
    found = []
    for clause in verdict.clauses:
        left = tuple(finding for finding in clause.findings if _key(finding) not in reported)
        if clause.outcome is Outcome.FAIL and left:
            found.append(replace(clause, findings=left))
    return tuple(found)


def _key(finding: Finding) -> tuple[Any, ...]:
    places = tuple(sorted((kind, str(place)) for kind, place in finding.where.items()))
    edges = None if finding.span is None else tuple(finding.span.get(edge) for edge in _EDGES)
    return finding.fact, places, edges

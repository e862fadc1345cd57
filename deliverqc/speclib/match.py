"""Which deliverables a master could be, by the verdicts of many specs; judges nothing itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deliverqc.speclang.model import COMMON_SENSE_ID, INTEGRITY_ID, RECOGNISED_ID, WHOLE_ID, Spec
from deliverqc.verdict import Level

_OTHER_KIND = (RECOGNISED_ID, WHOLE_ID)


@dataclass(frozen=True, kw_only=True, slots=True)
class Obstacle:
    """A deciding clause that fails, and the first thing that was found."""

    clause: str
    title: str
    found: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """How near a master comes to one spec: what fails, and how many deciding clauses passed or are not known."""

    spec: str
    title: str
    decision: str
    passed: int
    unknown: int
    obstacles: tuple[Obstacle, ...]

    def to_document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "spec": self.spec,
            "title": self.title,
            "decision": self.decision,
            "passed": self.passed,
            "unknown": self.unknown,
            "against": [{"clause": one.clause, "title": one.title, "found": one.found} for one in self.obstacles],
        }


def matchable(specs: Sequence[Spec]) -> tuple[Spec, ...]:
    """The specs that describe a deliverable."""
    return tuple(spec for spec in specs if spec.id not in (INTEGRITY_ID, COMMON_SENSE_ID))


def matches(verdicts: Sequence[Mapping[str, Any]]) -> tuple[Match, ...]:
    """The specs for this kind of master, best first: those against which least was found, and of equal ones those of
    which most clauses passed. `verdicts` are those of one subject in a verdict document.
    """
    found = [_match(verdict) for verdict in verdicts if not _is_of_another_kind(verdict)]
    return tuple(sorted(found, key=lambda one: (len(one.obstacles), -one.passed, one.spec)))


def _is_of_another_kind(verdict: Mapping[str, Any]) -> bool:
    return any(clause["id"] in _OTHER_KIND and clause["outcome"] != "pass" for clause in verdict["clauses"])


def _match(verdict: Mapping[str, Any]) -> Match:
    deciding = [clause for clause in verdict["clauses"] if clause["level"] == Level.SHALL]
    outcomes = [clause["outcome"] for clause in deciding]
    return Match(
        spec=verdict["spec"]["id"],
        title=verdict["spec"]["title"],
        decision=verdict["decision"],
        passed=outcomes.count("pass"),
        unknown=outcomes.count("not_measured"),
        obstacles=tuple(
            Obstacle(
                clause=clause["id"],
                title=clause["title"],
                found=clause["findings"][0]["message"] if clause["findings"] else None,
            )
            for clause in deciding
            if clause["outcome"] == "fail"
        ),
    )

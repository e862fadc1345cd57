"""What a report speaks of and in which order: verdicts, failures, gaps and sign-off items; knows no format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from deliverqc.reports import wording
from deliverqc.reports.quoting import event_words, isolated
from deliverqc.verdict import NOT_YET, OBSERVED

_WORST_FIRST = ("error", "fail", "incomplete", "pass")
_MOST_NAMED = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of the summary: a decision about one master, and where it was judged, one subject and one spec.

    `verdict` and `subject` are None where the master could not be read or where nothing in it was judged. `noticed` are
    the clauses of common sense that the subject breaks, on the line of its last verdict.
    """

    master: Mapping[str, Any]
    subject: Mapping[str, Any] | None
    verdict: Mapping[str, Any] | None
    decision: str
    against: str
    reason: str
    noticed: Sequence[Mapping[str, Any]] = ()

    @property
    def name(self) -> str:
        """The master's name, with the subject's title where a master holds several."""
        if self.subject is None or len(self.master["subjects"]) == 1:
            return str(self.master["name"])
        return f"{self.master['name']}: {self.subject['title']}"

    @property
    def qualifier(self) -> str:
        """What limits the decision, where it is a pass: "loudness only"."""
        return wording.qualifier(self.verdict) if self.verdict is not None and self.decision == "pass" else ""

    @property
    def decided(self) -> str:
        """The decision in capitals with what limits it: "PASS (loudness only)"."""
        return qualified(self.decision, self.qualifier)


def qualified(decision: str, qualifier: str) -> str:
    """A decision in capitals with what limits it."""
    return f"{decision.upper()} ({qualifier})" if qualifier else decision.upper()


def qualifier_of_all(decision: str, those: Sequence[Line]) -> str:
    """What limits the decision over all lines: what limits every one of them."""
    found = {line.qualifier for line in those}
    if decision != "pass" or not found or "" in found:
        return ""
    return found.pop() if len(found) == 1 else "each within its scope"


def lines(document: Mapping[str, Any]) -> list[Line]:
    """One line for every verdict, and one for every master or subject without any; in the document's order."""
    return [line for master in document["masters"] for line in lines_of(master)]


def lines_of(master: Mapping[str, Any]) -> Iterator[Line]:
    """The lines of one master. Whatever has no verdict keeps its line: nothing leaves a report in silence."""
    error = master["error"]
    if error is not None:
        yield _line(master, None, None, master["decision"], "", f"{error['code']}: {error['message']}")
    elif not master["subjects"]:
        yield _line(master, None, None, master["decision"], "", wording.NO_VERDICT)
    for subject in master["subjects"]:
        if not subject["verdicts"]:
            yield _line(master, subject, None, subject["decision"], "", wording.NO_VERDICT)
        of_subject = [
            _line(master, subject, verdict, verdict["decision"], wording.spec_words(verdict), verdict["reason"])
            for verdict in subject["verdicts"]
        ]
        yield from of_subject[:-1]
        yield from (_with_noticed(line, subject) for line in of_subject[-1:])


def _with_noticed(line: Line, subject: Mapping[str, Any]) -> Line:
    """The last line of a subject with what is noticed of it, and with its decision where that alone fails it."""
    noticed = subject.get("noticed", ())
    if subject["decision"] == "fail" and all(verdict["decision"] != "fail" for verdict in subject["verdicts"]):
        faults = [clause["id"] for clause in noticed if not is_observed(clause)]
        reason = f"{line.reason}; noticed: {', '.join(faults)}"
        return replace(line, decision="fail", reason=reason, noticed=noticed)
    return replace(line, noticed=noticed)


def is_observed(clause: Mapping[str, Any]) -> bool:
    """Whether what is noticed is no fault, and takes one line."""
    return bool(clause["severity"] == OBSERVED)


def _line(
    master: Mapping[str, Any],
    subject: Mapping[str, Any] | None,
    verdict: Mapping[str, Any] | None,
    decision: str,
    against: str,
    reason: str,
) -> Line:
    return Line(master=master, subject=subject, verdict=verdict, decision=decision, against=against, reason=reason)


def lost_readers(master: Mapping[str, Any]) -> list[str]:
    """Which readers gave up on a master and what that costs, in a sentence each."""
    return [str(lost["reason"]) for lost in master.get("readers_lost", ())]


def notes(master: Mapping[str, Any]) -> list[str]:
    """What a reader has to know of how a master was checked, in a sentence each: lost readers, and files of text that
    were checked with it."""
    sidecars = master.get("sidecars", ())
    read = [_sidecar_name(one) for one in sidecars if one["error"] is None]
    refused = [_sidecar_name(one) for one in sidecars if one["error"] is not None]
    return [
        *lost_readers(master),
        *(
            [f"Could not be read, though named like the master or given with it: {_listed(refused)}."]
            if refused
            else ()
        ),
        *([f"Checked with {_listed(read)}."] if read else ()),
    ]


def _sidecar_name(sidecar: Mapping[str, Any]) -> str:
    role = "" if sidecar["role"] is None else f" ({str(sidecar['role']).replace('_', ' ')})"
    return f"{sidecar['file']}{role}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def worst_first(those: Sequence[Line]) -> list[Line]:
    """The lines from error over fail and incomplete to pass, otherwise in their order."""
    return sorted(those, key=rank)


def rank(line: Line) -> int:
    """Place of a line's decision from the worst, which is 0."""
    return _WORST_FIRST.index(line.decision)


def tally(document: Mapping[str, Any]) -> list[str]:
    """How many masters came out how, from the worst: "1 error", "5 fail"."""
    decisions = [master["decision"] for master in document["masters"]]
    return [f"{decisions.count(word):,} {word}" for word in _WORST_FIRST if word in decisions]


def disclaimers(those: Sequence[Line]) -> list[str]:
    """What is to be said of each spec, once; where nothing was judged, what is to be said of any."""
    judged = [wording.disclaimer(line.verdict) for line in those if line.verdict]
    return list(dict.fromkeys(judged)) or [wording.disclaimer(None)]


def decides(clause: Mapping[str, Any], fail_on: str) -> bool:
    """Whether a failure of the clause decides: `shall` always does, `should` only where it was asked for."""
    return bool(clause["level"] == "shall" or fail_on != "shall")


def failures(verdict: Mapping[str, Any], fail_on: str, *, deciding: bool) -> list[Mapping[str, Any]]:
    """Clauses that fail and decide, or that fail and do not."""
    return [clause for clause in with_outcome(verdict, "fail") if decides(clause, fail_on) is deciding]


def with_outcome(verdict: Mapping[str, Any], outcome: str) -> list[Mapping[str, Any]]:
    """The clauses with one outcome, `shall` before `should`, otherwise in their order."""
    those = [clause for clause in verdict["clauses"] if clause["outcome"] == outcome]
    return sorted(those, key=lambda clause: clause["level"] != "shall")


def not_measured(verdict: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Clauses that could not be judged, by the reason in words, which names the missing facts; demands that nothing
    measures yet are together."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for clause in with_outcome(verdict, "not_measured"):
        reason = NOT_YET if clause["note"] == NOT_YET else gap_words(clause)
        groups.setdefault(reason, []).append(clause)
    return groups


def gap_words(clause: Mapping[str, Any]) -> str:
    """Why a clause was not measured or does not apply: its note, and the facts that are missing."""
    missing = f"missing: {', '.join(clause['missing_facts'])}" if clause["missing_facts"] else ""
    return "; ".join(part for part in (clause["note"], missing) if part) or "no reason is recorded"


def is_about_several_facts(clause: Mapping[str, Any]) -> bool:
    """Whether its findings must name their facts to be told apart: 320 px may be a width or a height."""
    return len({finding["fact"] for finding in clause["findings"]}) > 1


def clause_words(clause: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """A clause in one sentence: what its worst finding measured, required, where and when, and how many more."""
    if not clause["findings"]:
        return str(clause["title"])
    first = wording.in_time_order(clause["findings"], 1)[0]
    rest = wording.finding_count(clause) - 1
    more = f"; and {wording.counted(rest, 'more finding')}" if rest else ""
    return f"{finding_words(first, clause, facts)}{more}"


def finding_words(finding: Mapping[str, Any], clause: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """A finding of a clause in one sentence: "measured -22.7 LUFS, required at most -22.8 LUFS, group 0 (5.1, en)"."""
    fact = f"{finding['fact']} " if is_about_several_facts(clause) else ""
    parts = [f"{fact}measured {isolated(wording.measured(finding))}", f"required {wording.wanted(finding)}"]
    parts += [wording.where_words(finding, facts)]
    at = wording.when_words(finding)
    parts += [f"at {at}"] if at else []
    parts += [event_words(finding)]
    return ", ".join(part for part in parts if part)

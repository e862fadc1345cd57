"""The verdict as JUnit XML: one suite per master and spec, one test case per clause; knows no CI server.

A suite is red exactly where its verdict is not a pass, because CI readers see only red and green:

- fail that decides: `failure`; fail of a `should` clause where only `shall` decides: `skipped`, whose message begins
  "should, fails" (a reader that hides skipped tests hides advice, never a failure)
- what is also noticed: `skipped` in the class deliverqc-common-sense, or `failure` where it decides
- not_measured `shall`: `error` of type `not_measured`; not_measured `should`, not_applicable and waived: `skipped`
- a decision that no clause shows (nothing binding was judged, no subject in a package): a test case `decision`
- a master that cannot be read: a test case `readable` with an `error` of its code
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from deliverqc.reports import outline, wording
from deliverqc.verdict import scope_words

_FINDINGS_SHOWN = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class _Case:
    name: str
    classname: str
    element: str | None = None  # failure, error or skipped; None is a pass
    kind: str = ""
    message: str = ""
    body: str = ""


def junit(document: Mapping[str, Any]) -> str:
    """XML in the form of the Jenkins xUnit schema (junit-10.xsd)."""
    document = wording.harmless(document)
    fail_on = document["request"]["fail_on"]
    suites = [(_suite_name(line), _cases(line, fail_on), _remarks(line)) for line in outline.lines(document)]
    if not suites:
        decision = _decision(document["decision"], "deliverqc", wording.NO_VERDICT)
        suites = [("no master", [decision], wording.disclaimer(None))]
    cases = [case for _, those, _ in suites for case in those]
    rows = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{_attributes(name='deliverqc', **_totals(cases))}>"]
    for name, those, remarks in suites:
        rows.extend(_suite(name, those, remarks))
    return "\n".join([*rows, "</testsuites>"]) + "\n"


def _suite_name(line: outline.Line) -> str:
    scope = scope_words(line.verdict.get("scope") or ()) if line.verdict is not None else ""
    told = f"{line.name} against {line.against}" if line.against else line.name
    return f"{told}: {scope}" if scope else told


def _cases(line: outline.Line, fail_on: str) -> list[_Case]:
    error, verdict = line.master["error"], line.verdict
    if error is not None:
        return [
            _Case(name="readable", classname="master", element="error", kind=error["code"], message=error["message"])
        ]
    if verdict is None:
        return [_decision(line.decision, "master", line.reason)]
    spec = verdict["spec"] or verdict["family"] or {}
    classname = str(spec.get("id", "no-spec"))
    cases = [_case(clause, classname, fail_on, verdict["facts"]) for clause in verdict["clauses"]]
    cases += [_noticed(clause, fail_on, verdict["facts"]) for clause in line.noticed]
    if line.decision != "pass" and not any(case.element in ("failure", "error") for case in cases):
        cases.append(_decision(line.decision, classname, line.reason))
    return cases


def _decision(decision: str, classname: str, reason: str) -> _Case:
    element = "failure" if decision == "fail" else "error"
    return _Case(name="decision", classname=classname, element=element, kind=decision, message=reason)


def _case(clause: Mapping[str, Any], classname: str, fail_on: str, facts: Mapping[str, Any]) -> _Case:
    name, outcome = clause["id"], clause["outcome"]
    if outcome == "pass":
        return _Case(name=name, classname=classname)
    if outcome == "fail":
        decides = outline.decides(clause, fail_on)
        message = f"{clause['title']}: {outline.clause_words(clause, facts)}"
        return _Case(
            name=name,
            classname=classname,
            element="failure" if decides else "skipped",
            kind=clause["level"],
            message=message if decides else f"should, fails: {message}",
            body=_body(clause, facts),
        )
    if outcome == "waived":
        waiver = wording.waiver_words(clause["waiver"])
        return _Case(name=name, classname=classname, element="skipped", kind=outcome, message=f"waived: {waiver}")
    element = "error" if outcome == "not_measured" and clause["level"] == "shall" else "skipped"
    message = f"{outcome.replace('_', ' ')}: {clause['title']}: {outline.gap_words(clause)}"
    return _Case(name=name, classname=classname, element=element, kind=outcome, message=message)


def _noticed(clause: Mapping[str, Any], fail_on: str, facts: Mapping[str, Any]) -> _Case:
    decides = fail_on == "noticed" and not outline.is_observed(clause)
    message = f"{clause['title']}: {outline.clause_words(clause, facts)}"
    return _Case(
        name=clause["id"],
        classname="deliverqc-common-sense",
        element="failure" if decides else "skipped",
        kind="noticed",
        message=message if decides else f"also noticed: {message}",
        body=_body(clause, facts),
    )


def _body(clause: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    findings = clause["findings"]
    rows = [outline.finding_words(finding, clause, facts) for finding in findings[:_FINDINGS_SHOWN]]
    if (rest := wording.finding_count(clause) - len(rows)) > 0:
        rows.append(f"and {rest:,} more")
    basis = clause.get("basis")
    labelled = (
        ("level", wording.level_words(clause) if basis else None),
        ("document", wording.stated_words(clause)),
        ("why", clause["why"]),
        ("remedy", clause["remedy"]),
        ("source", wording.source_words(clause["source"])),
    )
    rows += [f"{label}: {words}" for label, words in labelled if words]
    return "\n".join(rows)


def _remarks(line: outline.Line) -> str:
    verdict = line.verdict
    if verdict is None:
        return f"{line.decision}: {line.reason}\n{wording.disclaimer(None)}"
    manual = [f"to sign off by hand: {item['title']}" for item in verdict["manual"]]
    return "\n".join(
        [
            f"{line.decision}{f' ({line.qualifier})' if line.qualifier else ''}: {line.reason}",
            *outline.notes(line.master),
            wording.counts_words(verdict["counts"]),
            *wording.limits(verdict),
            *manual,
            wording.disclaimer(verdict),
        ]
    )


def _suite(name: str, cases: list[_Case], remarks: str) -> Iterator[str]:
    skipped = sum(case.element == "skipped" for case in cases)
    yield f"  <testsuite{_attributes(name=name, **_totals(cases), skipped=skipped)}>"
    for case in cases:
        opening = f"    <testcase{_attributes(name=case.name, classname=case.classname)}"
        if case.element is None:
            yield f"{opening}/>"
            continue
        element = f"{case.element}{_attributes(type=case.kind, message=case.message)}"
        yield f"{opening}><{element}>{escape(case.body)}</{case.element}></testcase>"
    yield f"    <system-out>{escape(remarks)}</system-out>"
    yield "  </testsuite>"


def _totals(cases: list[_Case]) -> dict[str, int]:
    failures = sum(case.element == "failure" for case in cases)
    errors = sum(case.element == "error" for case in cases)
    return {"tests": len(cases), "failures": failures, "errors": errors}


def _attributes(**values: str | int) -> str:
    return "".join(f" {name}={quoteattr(str(value))}" for name, value in values.items())

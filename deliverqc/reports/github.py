"""The verdict as GitHub Actions workflow commands, then plain lines for the log; knows nothing of the run it annotates.

What decides is an error, a failing `should` a warning, a pass and what else was not measured a notice. GitHub shows ten
of each kind per step, so each kind stops at ten, worst first, and its last one says how many were left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deliverqc.reports import outline, wording

ANNOTATIONS_SHOWN = 10
"""Annotations of one kind that GitHub shows for one step; those after them vanish without a word."""

_KINDS = ("error", "warning", "notice")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Annotation:
    kind: str
    path: str
    title: str
    message: str


def github(document: Mapping[str, Any]) -> str:
    """Workflow commands, one a line, then one plain line for each decision and disclaimer."""
    document = wording.harmless(document)
    lines = outline.worst_first(outline.lines(document))
    every = [annotation for line in lines for annotation in _annotations(line, document["request"]["fail_on"])]
    if not lines:
        every = [_Annotation(kind="error", path="", title=_heading(document["decision"]), message=wording.NO_VERDICT)]
    rows = [_inert(_command(annotation)) for kind in _KINDS for annotation in _capped(kind, every)]
    rows += [
        _inert(f"{line.decided} {line.name}{f' against {line.against}' if line.against else ''}: {line.reason}")
        for line in lines
    ]
    lost = [sentence for master in document["masters"] for sentence in outline.notes(master)]
    rows += [_inert(sentence) for sentence in (*dict.fromkeys(lost), *outline.disclaimers(lines))]
    return "\n".join(rows) + "\n"


def _annotations(line: outline.Line, fail_on: str) -> Iterator[_Annotation]:
    path, verdict = line.master["path"], line.verdict
    summary = f"{line.name}{f' against {line.against}' if line.against else ''}: {line.reason}"
    if line.decision == "pass":
        yield _Annotation(kind="notice", path=path, title=line.decided, message=summary)
    elif verdict is None or not (_has_deciding_clause(verdict, fail_on) or (line.noticed and fail_on == "noticed")):
        yield _Annotation(kind="error", path=path, title=_heading(line.decision), message=summary)
    if verdict is None:
        return
    for kind, deciding in (("error", True), ("warning", False)):
        for clause in outline.failures(verdict, fail_on, deciding=deciding):
            yield _Annotation(
                kind=kind, path=path, title=_heading("fail", clause["id"]), message=_failure(clause, verdict)
            )
    for clause in line.noticed:
        kind = "error" if fail_on == "noticed" and not outline.is_observed(clause) else "notice"
        title = _heading("also noticed", clause["id"])
        yield _Annotation(kind=kind, path=path, title=title, message=_failure(clause, verdict))
    for reason, clauses in outline.not_measured(verdict).items():
        for kind, level in (("error", "shall"), ("notice", "should")):
            names = [clause["id"] for clause in clauses if clause["level"] == level]
            if names:
                yield _Annotation(
                    kind=kind, path=path, title=_heading("not measured", level), message=f"{', '.join(names)}: {reason}"
                )


def _has_deciding_clause(verdict: Mapping[str, Any], fail_on: str) -> bool:
    unmeasured = outline.with_outcome(verdict, "not_measured")
    return bool(outline.failures(verdict, fail_on, deciding=True)) or any(
        clause["level"] == "shall" for clause in unmeasured
    )


def _failure(clause: Mapping[str, Any], verdict: Mapping[str, Any]) -> str:
    rows = (
        [clause["title"], outline.clause_words(clause, verdict["facts"])] if clause["findings"] else [clause["title"]]
    )
    stated = wording.stated_words(clause)
    rows += [f"Document: {stated}"] if stated else []
    rows += [f"Level: {wording.level_words(clause)}"] if clause.get("basis") else []
    rows += [f"Remedy: {clause['remedy']}"] if clause["remedy"] else []
    rows += [f"Source: {wording.source_words(clause['source'])}"] if clause["source"] else []
    return "\n".join(rows)


def _heading(word: str, of: str = "") -> str:
    return f"{word.upper()} {of}".strip()


def _capped(kind: str, every: list[_Annotation]) -> list[_Annotation]:
    those = [annotation for annotation in every if annotation.kind == kind]
    if len(those) <= ANNOTATIONS_SHOWN:
        return those
    left_out = len(those) - ANNOTATIONS_SHOWN + 1
    message = (
        f"{left_out:,} more of this kind were left out: GitHub shows {ANNOTATIONS_SHOWN}. The JSON report has them all."
    )
    return [
        *those[: ANNOTATIONS_SHOWN - 1],
        _Annotation(kind=kind, path="", title=f"{left_out:,} more", message=message),
    ]


def _command(annotation: _Annotation) -> str:
    properties = [f"file={_property(annotation.path)}"] if annotation.path else []
    properties.append(f"title={_property(annotation.title)}")
    return f"::{annotation.kind} {','.join(properties)}::{_data(annotation.message)}"


def _data(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _data(words).replace(":", "%3A").replace(",", "%2C")


def _inert(words: str) -> str:
    """A line that is no command to the runner, which looks for `##[` anywhere in a line and for `::` at its start."""
    return words.replace("##[", "## [")

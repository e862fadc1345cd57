"""The verdict as GitHub-flavoured Markdown of at most 1 MiB, as a step summary takes it; knows nothing of GitHub."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from deliverqc.reports import outline, wording
from deliverqc.reports.compositions import composition_gaps, composition_line, composition_rows, composition_tables

MOST_BYTES = 1024 * 1024
"""What GitHub takes as a step summary; a longer one is refused whole."""

_FINDINGS_SHOWN = 5
_MARKUP = re.compile(r"([\\`*_\[\]|~$#!])")
_CLOSING_BYTES = 4096  # kept free for the sentence on what was cut and for the disclaimers
_CLOSING_CHARACTERS = _CLOSING_BYTES // 8


def markdown(document: Mapping[str, Any]) -> str:
    """A table of decisions, worst first, then for each verdict what breaks and what was not measured."""
    document = wording.harmless(document)
    lines = outline.worst_first(outline.lines(document))
    decided = outline.qualified(document["decision"], outline.qualifier_of_all(document["decision"], lines))
    rows = [f"## deliverqc: {_shown(decided)}", "", *_table(lines)]
    for line in lines:
        rows += _section(line, document["request"]["fail_on"])
    return _capped(rows, _closing(lines))


def _table(lines: list[outline.Line]) -> Iterator[str]:
    if not lines:
        yield f"{wording.NO_VERDICT.capitalize()}: no master was given."
        return
    yield from ("| Decision | Master | Against | Why |", "| --- | --- | --- | --- |")
    for line in lines:
        cells = (line.decided, line.name, line.against or "—", line.reason)
        yield f"| {' | '.join(_shown(cell) for cell in cells)} |"


def _section(line: outline.Line, fail_on: str) -> Iterator[str]:
    verdict = line.verdict
    if verdict is None:
        return
    yield from ("", f"### {_shown(line.decided)} {_shown(line.name)} against {_shown(line.against)}")
    for sentence in outline.notes(line.master):
        yield from ("", _shown(sentence))
    yield from _composition(verdict["facts"])
    for title, deciding in (("Fails", True), ("Fails, but does not decide", False)):
        clauses = outline.failures(verdict, fail_on, deciding=deciding)
        if clauses:
            yield from ("", f"#### {title} ({len(clauses):,})", "")
        for clause in clauses:
            yield from _failure(clause, verdict["facts"])
    yield from _listed("Not measured", _gaps(verdict))
    waived = outline.with_outcome(verdict, "waived")
    yield from _listed(
        "Waived",
        [f"**{_shown(clause['id'])}**: {_shown(wording.waiver_words(clause['waiver']))}" for clause in waived],
    )
    if line.noticed:
        yield from ("", f"#### Also noticed ({len(line.noticed):,})", "")
    for clause in line.noticed:
        if outline.is_observed(clause):
            yield f"- {_shown(clause['title'])}"
        else:
            yield from _failure(clause, verdict["facts"])
    yield from _listed("To sign off by hand", [_shown(item["title"]) for item in verdict["manual"]], box="[ ] ")
    limits = "".join(f" {_shown(sentence)}" for sentence in wording.limits(verdict))
    yield from (
        "",
        f"{_shown(wording.counts_words(verdict['counts']))}. Tier: {_shown(line.master['tier'])}.{limits}",
    )
    if old := wording.old_readings(verdict):
        yield from ("", _shown(old))


def _composition(facts: Mapping[str, Any]) -> Iterator[str]:
    told = composition_line(facts)
    if told:
        yield from ("", f"Composition: {_shown(told)}")
        rows = composition_rows(facts)
        yield from ("", *(f"- {label}: {_shown(value)}" for label, value in rows)) if rows else ()
    for table in composition_tables(facts):
        yield from ("", f"#### {_shown(table.title)}", "", f"| {' | '.join(table.heads)} |")
        yield f"|{' --- |' * len(table.heads)}"
        yield from (f"| {' | '.join(_shown(cell) for cell in row)} |" for row in table.rows)
    for sentence in composition_gaps(facts):
        yield from ("", _shown(sentence))


def _failure(clause: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[str]:
    yield f"- **{_shown(clause['id'])}** ({_shown(wording.level_words(clause))}): {_shown(clause['title'])}"
    shown = wording.in_time_order(clause["findings"], _FINDINGS_SHOWN)
    for finding in shown:
        yield f"  - {_shown(outline.finding_words(finding, clause, facts))}"
    if (rest := wording.finding_count(clause) - len(shown)) > 0:
        yield f"  - and {rest:,} more"
    labelled = (
        ("Document", wording.stated_words(clause)),
        ("Why", clause["why"]),
        ("Remedy", clause["remedy"]),
        ("Source", wording.source_words(clause["source"])),
    )
    for label, words in labelled:
        if words:
            yield f"  - {label}: {_shown(words)}"


def _gaps(verdict: Mapping[str, Any]) -> list[str]:
    return [
        f"{_shown(reason)}: {', '.join(_shown(clause['id']) for clause in clauses)}"
        for reason, clauses in outline.not_measured(verdict).items()
    ]


def _listed(title: str, items: list[str], box: str = "") -> Iterator[str]:
    if items:
        yield from ("", f"#### {title} ({len(items):,})", "", *(f"- {box}{item}" for item in items))


def _shown(words: str) -> str:
    """Words from the document, with nothing left in them that Markdown or HTML could read as more than words."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        words = words.replace(character, entity)
    return _MARKUP.sub(r"\\\1", words).replace("@", "&#64;")


def _closing(lines: list[outline.Line]) -> list[str]:
    sentences = outline.disclaimers(lines)
    shown = "  \n".join(_shown(sentence) for sentence in sentences)
    if len(shown) > _CLOSING_CHARACTERS:
        shown = f"Unofficial readings of {wording.counted(len(sentences), 'spec')}. {wording.NO_ACCEPTANCE}"
    return ["", f"<sub>{shown}</sub>"]


def _capped(rows: list[str], closing: list[str]) -> str:
    room, kept = MOST_BYTES - _CLOSING_BYTES, 0
    while kept < len(rows) and (room := room - len(rows[kept].encode()) - 1) >= 0:
        kept += 1
    if kept < len(rows):
        closing = [
            "",
            f"**Cut here: {len(rows) - kept:,} lines did not fit into 1 MiB. The JSON report has them all.**",
            *closing,
        ]
    return "\n".join([*rows[:kept], *closing]) + "\n"

"""The verdict for a terminal: decisions first, then what breaks, where, why and how to mend it; knows no terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from deliverqc.reports import outline, wording
from deliverqc.reports.compositions import composition_gaps, composition_line, composition_rows, composition_tables
from deliverqc.reports.quoting import event_words, isolated, isolated_rows

_FINDINGS_SHOWN = 5
_LABEL_WIDTH = 9
_NARROWEST = 40
_STYLES = {"pass": "32", "fail": "31", "incomplete": "33", "error": "35", "heading": "1"}


def text(document: Mapping[str, Any], *, color: bool = False, width: int = 100) -> str:
    """Lines of at most `width` columns where words allow it; `color` adds ANSI colours that carry no meaning alone."""
    writer = _Writer(color=color, width=max(width, _NARROWEST))
    document = wording.harmless(document)
    lines = outline.lines(document)
    rows = [row for line in outline.worst_first(lines) for row in writer.summary(line)]
    if not lines:
        rows = list(writer.decided(document["decision"], f"{wording.NO_VERDICT}: no master was given"))
    if len(lines) > 1:
        masters, tally = wording.counted(len(document["masters"]), "master"), ", ".join(outline.tally(document))
        limit = outline.qualifier_of_all(document["decision"], lines)
        rows += ["", *writer.decided(document["decision"], f"{masters}: {tally}", qualifier=limit)]
    for line in lines:
        rows += writer.section(line, document["request"]["fail_on"], titled=len(lines) > 1)
    rows += ["", *(row for sentence in outline.disclaimers(lines) for row in writer.wrapped(sentence, ""))]
    return "\n".join(rows) + "\n"


class _Writer:
    """Indents, wraps and colours; holds the two choices that the reader made."""

    def __init__(self, *, color: bool, width: int) -> None:
        self._color = color
        self._width = width

    def summary(self, line: outline.Line) -> Iterator[str]:
        against = f"  against {line.against}" if line.against else ""
        yield from self.decided(line.decision, f"{line.name}{against}", qualifier=line.qualifier)
        yield from self.wrapped(line.reason, "      ", first="      ")

    def section(self, line: outline.Line, fail_on: str, *, titled: bool) -> Iterator[str]:
        verdict = line.verdict
        if verdict is None:
            return
        if titled:
            heading = self.wrapped(f"{line.name} against {line.against}", "")
            yield from ("", *(self._styled(row, "heading") for row in heading))
        for sentence in outline.notes(line.master):
            yield from ("", *self.wrapped(sentence, ""))
        yield from self._composition(verdict["facts"])
        yield from self._family(verdict)
        for title, deciding in (("Fails", True), ("Fails, but does not decide", False)):
            clauses = outline.failures(verdict, fail_on, deciding=deciding)
            yield from self._heading(title, len(clauses))
            for clause in clauses:
                yield from self._failure(clause, verdict["facts"])
        yield from self._gaps(verdict)
        yield from self._waived(verdict)
        yield from self._noticed(line)
        yield from ("", *self.wrapped(self._totals(line), ""))
        if old := wording.old_readings(verdict):
            yield from ("", *self.wrapped(old, ""))

    def _heading(self, title: str, count: int) -> Iterator[str]:
        if count:
            yield from ("", self._styled(f"{title} ({count:,})", "heading"))

    def _composition(self, facts: Mapping[str, Any]) -> Iterator[str]:
        told = composition_line(facts)
        if told:
            yield from ("", *self.wrapped(f"Composition: {told}", "  "))
        for label, value in composition_rows(facts):
            yield from self.wrapped(f"{label}: {value}", "    ", first="  ")
        for table in composition_tables(facts):
            yield from ("", *self.wrapped(f"{table.title}: {', '.join(table.heads)}", "    ", first="  "))
            for row in table.rows:
                yield from self.wrapped("  ".join(row), "      ", first="    ")
        for sentence in composition_gaps(facts):
            yield from ("", *self.wrapped(sentence, "  ", first="  "))

    def _family(self, verdict: Mapping[str, Any]) -> Iterator[str]:
        family = verdict["family"]
        if family:
            yield from ("", *self.wrapped(f"Family {family['id']}: {family['reason']}", "  "))
            for tried in family["tried"]:
                yield from self.wrapped(f"{tried['spec']}: {tried['reason']}", "    ", first="  ")

    def _failure(self, clause: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[str]:
        told = f"{clause['id']}  {clause['title']} ({wording.level_words(clause)})"
        yield from ("", *self.decided("fail", told, margin="  "))
        yield from self._labelled("document", wording.stated_words(clause))
        yield from self._findings(clause, facts)
        yield from self._labelled("why", clause["why"])
        yield from self._labelled("remedy", clause["remedy"])
        yield from self._labelled("source", wording.source_words(clause["source"]))
        if clause["waiver"]:
            yield from self._labelled("waiver", wording.waiver_words(clause["waiver"]))

    def _findings(self, clause: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[str]:
        """A line for each place, then what was wanted, once where all want the same."""
        findings, is_named = clause["findings"], outline.is_about_several_facts(clause)
        shown = wording.in_time_order(findings, _FINDINGS_SHOWN)
        wants = list(dict.fromkeys(wording.wanted(finding) for finding in findings))
        for position, finding in enumerate(shown):
            each = f" (required {wording.wanted(finding)})" if len(wants) > 1 else ""
            at = wording.when_words(finding)
            parts = (
                f"{finding['fact'] if is_named else ''} {isolated(wording.measured(finding))}{each}".lstrip(),
                wording.where_words(finding, facts),
                f"at {at}" if at else "",
                event_words(finding),
            )
            yield from self._labelled("" if position else "measured", ", ".join(part for part in parts if part))
        if (rest := wording.finding_count(clause) - len(shown)) > 0:
            yield from self._labelled("", f"and {rest:,} more")
        yield from self._labelled("required", wants[0] if len(wants) == 1 else None)

    def _gaps(self, verdict: Mapping[str, Any]) -> Iterator[str]:
        groups = outline.not_measured(verdict)
        yield from self._heading("Not measured", sum(len(clauses) for clauses in groups.values()))
        for reason, clauses in groups.items():
            yield from self.wrapped(reason, "    ", first="  ")
            yield from self.wrapped(
                ", ".join(f"{clause['id']} ({clause['level']})" for clause in clauses), "      ", first="      "
            )

    def _waived(self, verdict: Mapping[str, Any]) -> Iterator[str]:
        clauses = outline.with_outcome(verdict, "waived")
        yield from self._heading("Waived", len(clauses))
        for clause in clauses:
            yield from self.wrapped(f"{clause['id']}  {wording.waiver_words(clause['waiver'])}", "      ", first="  ")

    def _noticed(self, line: outline.Line) -> Iterator[str]:
        facts = line.verdict["facts"] if line.verdict is not None else {}
        yield from self._heading("Also noticed", len(line.noticed))
        for clause in line.noticed:
            yield from ("", *self.wrapped(f"{clause['id']}  {clause['title']}", "      ", first="  "))
            if not outline.is_observed(clause):
                yield from self._findings(clause, facts)
                yield from self._labelled("why", clause["why"])
                yield from self._labelled("remedy", clause["remedy"])

    def _totals(self, line: outline.Line) -> str:
        verdict = line.verdict or {}
        manual = f" {wording.counted(len(verdict['manual']), 'item')} to sign off by hand." if verdict["manual"] else ""
        limits = "".join(f" {sentence}" for sentence in wording.limits(verdict))
        return f"{wording.counts_words(verdict['counts'])}. Tier: {line.master['tier']}.{manual}{limits}"

    def _labelled(self, label: str, words: str | None) -> Iterator[str]:
        if words:
            yield from self.wrapped(words, " " * (9 + _LABEL_WIDTH), first=f"        {label:<{_LABEL_WIDTH}} ")

    def decided(self, decision: str, words: str, margin: str = "", qualifier: str = "") -> Iterator[str]:
        """Words after a decision in capitals, which alone is coloured: wrapping must not count the colour."""
        word = decision.upper()
        first, *rest = self.wrapped(f"{outline.qualified(word, qualifier)}  {words}", f"{margin}      ", first=margin)
        yield first.replace(word, self._styled(word, decision), 1)
        yield from rest

    def wrapped(self, words: str, indent: str, first: str = "") -> list[str]:
        """Wrap words to the width; a word that is longer stays whole, so that a path can be copied."""
        rows = textwrap.wrap(
            words,
            self._width,
            initial_indent=first,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return isolated_rows(rows)

    def _styled(self, words: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{words}\x1b[0m" if self._color else words

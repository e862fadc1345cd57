"""A whole spec for a reader: what it requires, a line a clause, in the order of the trade; prints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deliverqc.facts.programme import SETTING as PROGRAMME
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import INTEGRITY_ID, Clause, Spec
from deliverqc.speclib.bounds import bounds_behind
from deliverqc.speclib.words import (
    UNOFFICIAL,
    about_words,
    basis_words,
    givers_words,
    null_words,
    read_facts,
    source_words,
)
from deliverqc.verdict import NOT_YET

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Wrapper": ("wrapper.", "file."),
    "Picture": ("picture.",),
    "Audio": ("sound.",),
    "Timed text": ("timed_text.",),
    "Package": ("package.", "sequence."),
}
_ACROSS = "Across wrapper and essence"
_SET = {"groups": "the channel groups", PROGRAMME: "the programme"}


def spec_text(spec: Spec, library: SpecLibrary, *, with_sources: bool = False) -> str:
    """All of a spec for a reader: what it is and extends, its clauses by subject, expectations and manual items;
    `with_sources` adds what each clause reads and where it stands in the document.
    """
    sources = (
        f"What a clause reads, why, and how to fix a master: deliverqc explain CLAUSE --spec {spec.id}",
        *([] if with_sources else [f"Where each stands in its document: deliverqc spec show {spec.id} --sources"]),
    )
    lines = [
        f"{spec.full_id}: {spec.title}",
        about_words(spec),
        *([f"Also called: {', '.join(spec.aliases)}"] if spec.aliases else []),
        *_revisions_lines(spec, library),
        UNOFFICIAL,
        *_extends_lines(spec, library),
        *_clauses_lines(spec, with_sources=with_sources),
        *_expects_lines(spec),
        *_manual_lines(spec, with_sources=with_sources),
        *_awaited_lines(spec, with_sources=with_sources),
        *_integrity_lines(spec),
        *_settings_lines(spec),
        "",
        *sources,
    ]
    return "\n".join(lines)


def _revisions_lines(spec: Spec, library: SpecLibrary) -> Iterator[str]:
    others = [full_id for full_id in library.revisions(spec.id) if full_id != spec.full_id]
    if others:
        yield f"Other revisions: {', '.join(others)}"


def _extends_lines(spec: Spec, library: SpecLibrary) -> Iterator[str]:
    extends = spec.document.get("x-extends")
    if extends is None:
        return
    base = library.load(extends["spec"])
    inherited = sum(clause.spec_id != spec.id for clause in spec.measured_clauses)
    yield f"Extends {base.full_id} ({base.title}): {inherited} of its clauses are in force here too"
    for keyword, word in (("replace", "replaces"), ("drop", "drops")):
        yield from (f"  {word} {entry['id']}: {entry['reason']}" for entry in extends.get(keyword, ()))
    yield from (f"  {line}" for line in _extends_lines(base, library))


def _clauses_lines(spec: Spec, *, with_sources: bool) -> Iterator[str]:
    by_group: dict[str, list[Clause]] = {group: [] for group in (*_GROUPS, _ACROSS)}
    for clause in spec.measured_clauses:
        by_group[_group_of(clause)].append(clause)
    width = max((len(clause.id) for clause in spec.measured_clauses), default=0)
    for group, clauses in by_group.items():
        if clauses:
            yield from ("", group)
        for clause in clauses:
            basis = basis_words(clause)
            words = f"{clause.title}{bounds_behind(clause, spec.registry)}{f', {basis}' if basis else ''}"
            yield f"  {clause.level.upper():<6} {clause.id:<{width}}  {words}"
            if with_sources:
                yield from (f"         {line}" for line in _source_lines(clause, spec))


def _group_of(clause: Clause) -> str:
    """By the facts that the clause demands something of; a condition counts where it says nothing else."""
    demanded = {name for name in clause.facts() if not name.startswith("cross_check.")}
    found = [group for group, starts in _GROUPS.items() if any(name.startswith(starts) for name in demanded)]
    return found[0] if len(found) == 1 else _ACROSS


def _source_lines(clause: Clause, spec: Spec) -> Iterator[str]:
    yield f"source: {source_words(clause.source, spec.confidence)}"
    givers: dict[str, list[str]] = {}
    for fact in read_facts(clause, spec.registry):
        givers.setdefault(givers_words(fact), []).append(fact.name)
    yield "measured: " + "; ".join(f"{', '.join(names)} ({by})" for by, names in givers.items())
    null = null_words(clause)
    if null:
        yield f"null: {null}"
    if clause.spec_id != spec.id:
        yield f"from: {clause.spec_id}"


def _expects_lines(spec: Spec) -> Iterator[str]:
    if spec.expects:
        yield from ("", "Known from the order alone (give it with --expect)")
    for entry in spec.expects:
        yield f"  {entry['id']}: {entry['title']} ({entry['fact']})"


def _manual_lines(spec: Spec, *, with_sources: bool) -> Iterator[str]:
    if spec.manual:
        yield from ("", "For a person to sign off, since no program can judge it")
    for item in spec.manual:
        yield f"  {item['id']}: {item['title']}"
        if with_sources:
            yield _source_line(item["x-source"], spec)


def _awaited_lines(spec: Spec, *, with_sources: bool) -> Iterator[str]:
    if spec.awaited_clauses:
        yield from ("", f"Not measured, because the fact {NOT_YET}; a shall leaves the verdict incomplete")
    for clause in spec.awaited_clauses:
        yield f"  {clause.level.upper():<6} {clause.id}: {clause.title} (awaits {clause.awaits})"
        if with_sources:
            yield _source_line(clause.source, spec)


def _source_line(source: Mapping[str, Any], spec: Spec) -> str:
    return f"         source: {source_words(source, spec.confidence)}"


def _integrity_lines(spec: Spec) -> Iterator[str]:
    counted = [clause.id for clause in spec.clauses if clause.is_integrity]
    if spec.id != INTEGRITY_ID:
        yield from ("", "Integrity, as in every spec", f"  {', '.join(counted)}")


def _settings_lines(spec: Spec) -> Iterator[str]:
    if spec.settings:
        yield from ("", "Settings")
    for name, chosen in spec.settings.items():
        told = ", ".join(f"{key} {value}" for key, value in chosen.items())
        yield f"  {_SET.get(name, f'meter {name}')}: {told}"

"""Says in words what a spec demands and on which facts; prints nothing and judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deliverqc.facts.model import Fact
from deliverqc.facts.programme import SETTING as PROGRAMME
from deliverqc.judging.describe import describe
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.matters import scope_of
from deliverqc.speclang.model import INTEGRITY_ID, Clause, Family, NullRule, Spec
from deliverqc.verdict import NOT_YET, Level, scope_words

UNOFFICIAL = "An unofficial reading: a pass covers the clauses listed, not acceptance."

_NULL_WORDS = {
    NullRule.FAIL: "a fact that was looked for and is not there fails the clause",
    NullRule.NOT_APPLICABLE: "where a fact was looked for and is not there, the clause does not apply",
}
_PROBES = {"container": "libav", "mediainfo": "MediaInfo", "structure": "our reading of the wrapper"}


def spec_text(spec: Spec, library: SpecLibrary) -> str:
    """All of a spec for a reader: what it is, what it extends, its settings, clauses, expectations and manual items."""
    lines = [
        f"{spec.full_id}: {spec.title}",
        about_words(spec),
        *([f"Also called: {', '.join(spec.aliases)}"] if spec.aliases else []),
        *_revisions_lines(spec, library),
        UNOFFICIAL,
        *_extends_lines(spec, library),
        *_settings_lines(spec),
        *(line for clause in spec.measured_clauses for line in ("", *_clause_lines(clause, spec))),
        *_integrity_lines(spec),
        *_expects_lines(spec),
        *_manual_lines(spec),
        "",
        f"Why a clause is there and how to mend a master: deliverqc explain CLAUSE --spec {spec.id}",
    ]
    return "\n".join(lines)


def family_text(family: Family, library: SpecLibrary) -> str:
    """A family for a reader: its specs in order, and what is said where none fits."""
    members = library.members(family)
    lines = [f"{family.id}: {family.title}", "The first of these that fits a master is used:"]
    lines += [f"  {spec.id}: {spec.title}{bracketed_limits(spec)}" for spec in members]
    return "\n".join([*lines, f"Where none fits: {family.when_none_fits}"])


def about_words(spec: Spec) -> str:
    """Publisher, kind, day and confidence of a reading in one line."""
    told = [spec.publisher, spec.kind, f"read on {spec.read_on}" if spec.read_on else None]
    told += [f"confidence {spec.confidence}" if spec.confidence else None, limits_words(spec) or None]
    return ", ".join(one for one in told if one) or "publisher not stated"


def limits_words(spec: Spec) -> str:
    """What limits a pass of the spec: "loudness only, advisory"; empty where it means the deliverable."""
    return ", ".join(filter(None, (scope_words(scope_of(spec)), "advisory" if spec.advisory else "")))


def bracketed_limits(spec: Spec) -> str:
    """The same behind a title: " (loudness only)"."""
    limits = limits_words(spec)
    return f" ({limits})" if limits else ""


def source_words(source: Mapping[str, Any], confidence: str | None = None) -> str:
    """Document, edition, section and confidence of a source; `confidence` is that of the spec where it states none."""
    words = [str(source["document"])]
    words += [f"edition {source['edition']}"] if source.get("edition") else []
    words += [f"section {source['section']}"] if source.get("section") else []
    stated = source.get("confidence", confidence)
    return ", ".join(words) + (f" (confidence {stated})" if stated else "")


def givers_words(fact: Fact) -> str:
    """Which meter or probe gives a fact, the trusted one first: "meter black", "libav, MediaInfo"."""
    return ", ".join(_giver_words(giver) for giver in fact.given_by)


def _giver_words(giver: str) -> str:
    if giver.startswith("meter:"):
        return f"meter {giver.removeprefix('meter:')}"
    return {**_PROBES, "decode": "the decode", "file": "the file system", "cross_check": "the cross-check"}.get(
        giver, giver
    )


def null_words(clause: Clause) -> str | None:
    """What `x-null` of a clause means; None where it says nothing."""
    return _NULL_WORDS[clause.null_rule] if clause.null_rule is not None else None


def wanted_words(clause: Clause, spec: Spec) -> str:
    """What a clause wants, put together from its schema."""
    if clause.awaits is not None:
        return f"{clause.awaits}, which {NOT_YET}"
    return describe(clause.schema, "", spec.registry)


def read_facts(clause: Clause, registry: Mapping[str, Fact]) -> list[Fact]:
    """The registered facts that a clause reads, by name, without the lists that only hold members it reads."""
    names = clause.facts()
    kept = [name for name in names if not any(other.startswith(f"{name}[].") for other in names)]
    return [registry[name] for name in sorted(kept) if name in registry]


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
    yield f"Extends {base.full_id} ({base.title}): {inherited} of its clauses stand here too"
    for keyword, word in (("replace", "replaces"), ("drop", "drops")):
        yield from (f"  {word} {entry['id']}: {entry['reason']}" for entry in extends.get(keyword, ()))
    yield from (f"  {line}" for line in _extends_lines(base, library))


_SET = {"groups": "the channel groups", PROGRAMME: "the programme"}


def _settings_lines(spec: Spec) -> Iterator[str]:
    for name, chosen in spec.settings.items():
        told = ", ".join(f"{key} {value}" for key, value in chosen.items())
        yield f"Settings of {_SET.get(name, f'the meter {name}')}: {told}"


def _clause_lines(clause: Clause, spec: Spec) -> Iterator[str]:
    yield f"{clause.level.upper():<6} {clause.id}: {clause.title}"
    yield f"       source: {source_words(clause.source, spec.confidence)}"
    givers: dict[str, list[str]] = {}
    for fact in read_facts(clause, spec.registry):
        givers.setdefault(givers_words(fact), []).append(fact.name)
    yield "       measured: " + "; ".join(f"{', '.join(names)} ({by})" for by, names in givers.items())
    null = null_words(clause)
    if null:
        yield f"       null: {null}"
    if clause.spec_id != spec.id:
        yield f"       from: {clause.spec_id}"


def _integrity_lines(spec: Spec) -> Iterator[str]:
    counted = [clause.id for clause in spec.clauses if clause.is_integrity]
    if spec.id != INTEGRITY_ID:
        yield from ("", f"As in every spec, integrity: {', '.join(counted)}")


def _expects_lines(spec: Spec) -> Iterator[str]:
    if spec.expects:
        yield from ("", "Known from the order alone (tell with --expect):")
    for entry in spec.expects:
        yield f"  {entry['id']}: {entry['title']} ({entry['fact']})"


def _manual_lines(spec: Spec) -> Iterator[str]:
    if spec.manual:
        yield from ("", "For a person to judge, since no program can:")
    for item in spec.manual:
        yield f"  {item['id']}: {item['title']}"
        yield f"       source: {source_words(item['x-source'], spec.confidence)}"
    if spec.awaited_clauses:
        yield from ("", f"Not measured, because the fact {NOT_YET}; a shall leaves the verdict incomplete:")
    for clause in spec.awaited_clauses:
        yield f"  {clause.level.upper():<6} {clause.id}: {clause.title} (awaits {clause.awaits})"
        yield f"         source: {source_words(clause.source, spec.confidence)}"


def counted(spec: Spec) -> dict[str, int]:
    """How many clauses of the spec's own are shall and should, and how many items are manual or await a fact."""
    levels = [clause.level for clause in spec.measured_clauses]
    return {
        "shall": levels.count(Level.SHALL),
        "should": levels.count(Level.SHOULD),
        "manual": len(spec.manual),
        "awaiting": len(spec.awaited_clauses),
        "expects": len(spec.expects),
    }

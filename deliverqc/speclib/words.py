"""Says in words what a spec demands and on which facts; prints nothing and judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deliverqc.facts.model import Fact
from deliverqc.judging.describe import describe
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.matters import scope_of
from deliverqc.speclang.model import Basis, Clause, Family, NullRule, Spec
from deliverqc.verdict import NOT_YET, Level, scope_words

UNOFFICIAL = "An unofficial reading: a pass covers the clauses listed, not acceptance."

_NULL_WORDS = {
    NullRule.FAIL: "a fact that was looked for and is not there fails the clause",
    NullRule.NOT_APPLICABLE: "where a fact was looked for and is not there, the clause does not apply",
}
_PROBES = {"container": "libav", "mediainfo": "MediaInfo", "structure": "our reading of the wrapper"}


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


def stated_words(clause: Clause) -> str | None:
    """The document's own figure and why the bound differs from it; None where it does not."""
    return clause.stated.words if clause.stated is not None else None


def basis_words(clause: Clause) -> str:
    """ "our extension" or "our reading"; empty where the document demands it."""
    return "" if clause.basis is Basis.DEMANDED else f"our {clause.basis}"


def read_facts(clause: Clause, registry: Mapping[str, Fact]) -> list[Fact]:
    """The registered facts that a clause reads, by name, without the lists that only hold members it reads."""
    names = clause.facts()
    kept = [name for name in names if not any(other.startswith(f"{name}[].") for other in names)]
    return [registry[name] for name in sorted(kept) if name in registry]


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

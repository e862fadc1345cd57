"""Explains one clause, expectation or manual item: why it is there, on which facts, and who else asks for them; prints
nothing and judges nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deliverqc.errors import UsageError
from deliverqc.facts.model import Fact
from deliverqc.facts.programme import SETTING as PROGRAMME
from deliverqc.facts.programme import speaks_of_programme
from deliverqc.judging.describe import describe
from deliverqc.judging.scope import ONE_FILE_OF, recognised_clause, whole_clause
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import (
    EXPECTED_PREFIX,
    RECOGNISED_ID,
    WHOLE_ID,
    Basis,
    Clause,
    Family,
    Schema,
    Spec,
    member_name,
    names_in,
)
from deliverqc.speclang.problem import nearest
from deliverqc.speclib.words import givers_words, null_words, read_facts, source_words, stated_words, wanted_words
from deliverqc.verdict import NOT_YET, Level

_LABEL_WIDTH = 10
_STATED = "stated"
_STRUCTURE = ("properties", "required", "items", "contains", "if", "then", "else", "allOf")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What an id stands for in one spec: a clause, an entry of `x-expects` or one of `x-manual`.

    `same_as` is equal for entries that several specs inherit from one.
    """

    id: str
    spec: Spec
    thing: Clause | Mapping[str, Any]
    same_as: str

    @property
    def reference(self) -> str:
        return f"{self.spec.id}:{self.id}"

    @property
    def is_original(self) -> bool:
        """Whether the entry was written in this spec, as far as can be told."""
        if isinstance(self.thing, Clause):
            return self.thing.spec_id == self.spec.id
        return "x-extends" not in self.spec.document


def explanation(reference: str, library: SpecLibrary, *, within: str | None = None) -> str:
    """All there is to tell of `reference`: `spec:clause`, or a bare id where it is unique.

    `within` names the spec or family that a bare id is looked for in. UsageError lists the candidates where there are
    several, and the nearest ids where there is none.
    """
    holder, separator, bare = reference.rpartition(":")
    if separator and within is not None and holder != within:
        raise UsageError(f"{reference!r} names its spec already; leave out --spec {within}", code="clause-ambiguous")
    name = holder if separator else within
    chosen = library.resolve(name) if name is not None else None
    if bare == RECOGNISED_ID:
        return _recognised(chosen, library)
    if bare == WHOLE_ID and isinstance(chosen, Spec):
        return _of_scope(whole_clause(chosen), chosen, ONE_FILE_OF.get(chosen.unit, "one file is what it judges"))
    if isinstance(chosen, Spec):
        specs: Sequence[Spec] = [chosen]
    else:
        specs = library.all() if chosen is None else library.members(chosen)
    return _text(_found(bare, specs), library.all())


def entries_of(spec: Spec) -> Iterator[Entry]:
    """Everything in a spec that has an id: clauses, integrity included, expectations and manual items."""
    for clause in spec.clauses:
        yield Entry(id=clause.id, spec=spec, thing=clause, same_as=f"{clause.spec_id}:{clause.id}")
    for prefix, items in ((EXPECTED_PREFIX, spec.expects), ("", spec.manual)):
        for item in items:
            same_as = json.dumps(item, sort_keys=True)
            yield Entry(id=prefix + str(item["id"]), spec=spec, thing=item, same_as=same_as)


def _found(bare: str, specs: Sequence[Spec]) -> Entry:
    entries = [entry for spec in specs for entry in entries_of(spec)]
    meant: dict[str, Entry] = {}
    for entry in entries:
        if entry.id == bare:
            meant.setdefault(entry.same_as, entry)
            if entry.is_original:
                meant[entry.same_as] = entry
    if len(meant) == 1:
        return next(iter(meant.values()))
    if meant:
        among = ", ".join(sorted(entry.reference for entry in meant.values()))
        raise UsageError(f"{bare!r} stands in several specs; write one of: {among}", code="clause-ambiguous")
    hint = nearest(bare, dict.fromkeys(entry.id for entry in entries)) or ". `deliverqc spec show SPEC` lists them"
    where = specs[0].id if len(specs) == 1 else "no spec"
    has = "has no" if len(specs) == 1 else "has a"
    raise UsageError(f"{where} {has} clause {bare!r}{hint}", code="clause-unknown")


def _recognised(chosen: Spec | Family | None, library: SpecLibrary) -> str:
    if isinstance(chosen, Spec):
        applies = True if chosen.applies is None else chosen.applies
        words = describe(applies, "", chosen.registry) if any(names_in(applies)) else "any master"
        return _of_scope(recognised_clause(chosen), chosen, words)
    if chosen is None:
        names = ", ".join(f"{family.id}:{RECOGNISED_ID}" for family in library.families())
        raise UsageError(f"{RECOGNISED_ID} belongs to families; write one of: {names}", code="clause-ambiguous")
    accepted = "; ".join(f"{spec.title} ({spec.id})" for spec in library.members(chosen))
    rows = [
        ("level", "shall: it decides"),
        ("why", f"A master that is none of the deliverables of {chosen.title} has no clauses to be judged by."),
        ("wanted", f"one of: {accepted}"),
        ("remedy", chosen.when_none_fits),
    ]
    return _laid_out(f"{chosen.id}:{RECOGNISED_ID}", f"It is a deliverable that {chosen.title} accepts", rows)


def _of_scope(clause: Clause, spec: Spec, words: str) -> str:
    rows = [("level", "shall: it decides"), ("wanted", words), ("remedy", clause.remedy or "")]
    return _laid_out(f"{spec.id}:{clause.id}", clause.title, rows)


def _text(entry: Entry, everything: Iterable[Spec]) -> str:
    if isinstance(entry.thing, Clause):
        is_measured = entry.thing.awaits is None
        rows = (
            _clause_rows(entry.thing, entry.spec, everything) if is_measured else _awaited_rows(entry.thing, entry.spec)
        )
        return _laid_out(entry.reference, entry.thing.title, rows)
    if "fact" in entry.thing:
        return _laid_out(entry.reference, entry.thing["title"], _expectation_rows(entry.thing, entry.spec, everything))
    return _laid_out(entry.reference, entry.thing["title"], _manual_rows(entry.thing, entry.spec))


_Rows = Iterator[tuple[str, str]]


def _awaited_rows(clause: Clause, spec: Spec) -> _Rows:
    yield "level", _level_words(clause, spec)
    yield "why", clause.why or "the spec does not say"
    yield "facts", f"{clause.awaits}, which {NOT_YET}: the outcome is not_measured"
    if "if" in clause.schema:
        yield "where", describe(clause.schema["if"], "", spec.registry)
    for fact in read_facts(clause, spec.registry):
        yield "facts", _fact_words(fact)
    yield from _source_rows(clause.source, spec)
    yield "remedy", clause.remedy or "Check it by other means; a waiver of the kind checked_elsewhere then covers it."


def _clause_rows(clause: Clause, spec: Spec, everything: Iterable[Spec]) -> _Rows:
    yield "level", _level_words(clause, spec)
    yield "why", clause.why or "the spec does not say"
    yield from (("document", words) for words in [stated_words(clause)] if words)
    yield "wanted", wanted_words(clause, spec)
    facts = read_facts(clause, spec.registry)
    for fact in facts:
        yield "facts", _fact_words(fact)
    for name in sorted(name for name in clause.facts() if name not in spec.registry):
        yield "facts", f"{name}: a member of {name.rpartition('.')[0]}"
    yield from (("null", words) for words in [null_words(clause)] if words)
    meters = dict.fromkeys(giver.removeprefix("meter:") for fact in facts for giver in fact.given_by)
    beside = ["groups"] if any(fact.name.startswith("sound.groups") for fact in facts) else []
    beside += [PROGRAMME] if any(speaks_of_programme(fact.name) for fact in facts) else []
    for name in [*meters, *beside]:
        told = ", ".join(f"{key} {value}" for key, value in spec.settings.get(name, {}).items())
        yield from (("settings", f"{name}: {one}") for one in [told] if one)
    yield from _source_rows(clause.source, spec)
    yield "remedy", clause.remedy or "the spec does not say"
    if clause.severity:
        yield "severity", f"{clause.severity}, in the publisher's own word"
    if clause.is_integrity:
        yield "integrity", "it stands in every spec, and only a waiver silences it"
    elif clause.spec_id != spec.id:
        yield "from", f"{clause.spec_id}, where the clause was written"
    others = [
        (other, one) for other in everything for one in other.own_clauses if (other.id, one.id) != (spec.id, clause.id)
    ]
    for name in dict.fromkeys(name for name, _ in _demands_of(clause, spec)):
        yield from _asked_elsewhere(name, others)


def _asked_elsewhere(name: str, others: Iterable[tuple[Spec, Clause]]) -> _Rows:
    asked: dict[str, list[str]] = {}
    for spec, clause in others:
        if name not in clause.facts():
            continue
        for words in dict.fromkeys(words for fact, words in _demands_of(clause, spec) if fact == name):
            asked.setdefault(words, []).append(f"{spec.id}:{clause.id} ({clause.level})")
    if asked:
        yield "elsewhere", name
    for words in sorted(asked, key=lambda one: (-len(asked[one]), one)):
        yield "elsewhere", f"  {words}: {', '.join(asked[words])}"


def _demands_of(clause: Clause, spec: Spec) -> list[tuple[str, str]]:
    """What a clause asks of each fact; that a fact is stated at all, only where it asks nothing else."""
    found = list(demands(clause.schema, spec.registry))
    return [(name, words) for name, words in found if not words.startswith(_STATED)] or found


def _expectation_rows(entry: Mapping[str, Any], spec: Spec, everything: Iterable[Spec]) -> _Rows:
    yield "level", "shall where the order is told with --expect; else should, and not measured"
    yield "why", "Only the order for this title knows the value."
    yield "wanted", f"--expect {entry['id']}=VALUE: the value that was ordered"
    yield "facts", _fact_words(spec.registry[entry["fact"]])
    for other in everything:
        for one in other.expects:
            if one["fact"] == entry["fact"] and (other.id, one["id"]) != (spec.id, entry["id"]):
                yield "elsewhere", f"{other.id}:{EXPECTED_PREFIX}{one['id']}: {one['title']}"


def _manual_rows(item: Mapping[str, Any], spec: Spec) -> _Rows:
    yield "level", "for a person to judge; every report lists it to be signed off"
    yield "why", item.get("x-why", "the spec does not say")
    yield from _source_rows(item["x-source"], spec)
    yield from (("remedy", item[key]) for key in ("x-remedy",) if key in item)


def _level_words(clause: Clause, spec: Spec) -> str:
    confidence = clause.source.get("confidence", spec.confidence)
    if clause.basis is Basis.EXTENSION:
        return "should: our extension, beyond what the document asks; it is reported, and decides with --fail-on should"
    reading = "; how it is judged is our reading" if clause.basis is Basis.READING else ""
    return _level_alone(clause, confidence) + reading


def _level_alone(clause: Clause, confidence: str | None) -> str:
    if clause.level is Level.SHALL:
        sure = f" and our reading is of {confidence} confidence" if confidence else ""
        return f"shall: the document demands it{sure}, so it decides"
    if confidence == "low":
        return "should: our reading is of low confidence (unverified), so it is reported and does not decide"
    return "should: recommended, or not sure enough to bind; it is reported, and decides with --fail-on should"


def _fact_words(fact: Fact) -> str:
    unit = f", in {fact.unit}" if fact.unit else ""
    null = f"; null: {fact.null_means}" if fact.null_means else ""
    return f"{fact.name} ({fact.kind}{unit}): {fact.meaning}; given by {givers_words(fact)}{null}"


def _source_rows(source: Mapping[str, Any], spec: Spec) -> _Rows:
    yield "source", source_words(source, spec.confidence)
    read_on = source.get("read_on", spec.read_on)
    more = [source.get("url"), f"read on {read_on}" if read_on else None]
    told = ", ".join(one for one in more if one)
    if told:
        yield "source", told


def _laid_out(reference: str, title: str, rows: Iterable[tuple[str, str]]) -> str:
    lines, previous = [reference, title, ""], ""
    for label, text in rows:
        lines.append(f"{label if label != previous else '':<{_LABEL_WIDTH}}{text}")
        previous = label
    return "\n".join(lines)


def demands(schema: Schema, registry: Mapping[str, Fact], name: str = "", when: str = "") -> Iterator[tuple[str, str]]:
    """What a schema asks of each innermost fact, in words: (name, "at most -1.0"). Conditions are no demands."""
    if not isinstance(schema, Mapping):
        return
    said = {keyword: value for keyword, value in schema.items() if keyword not in _STRUCTURE}
    if name in registry and (set(said) - {"type", "minItems"} or said.get("minItems", 0) > 1):
        is_presence = said.get("not") in ({"const": None}, {"type": "null"})
        yield name, (_STATED if is_presence else describe(said, name, registry)) + when
    for key, inner in schema.get("properties", {}).items():
        yield from demands(inner, registry, member_name(name, key), when)
    for key in set(schema.get("required", ())) - set(schema.get("properties", {})):
        if member_name(name, key) in registry:
            yield member_name(name, key), f"{_STATED}{when}"
    if "items" in schema:
        yield from demands(schema["items"], registry, f"{name}[]", when)
    if "contains" in schema:
        yield from demands(schema["contains"], registry, f"{name}[]", f", in one of them at least{when}")
    for one in schema.get("allOf", ()):
        yield from demands(one, registry, name, when)
    if name not in registry:  # of an object that is no fact itself: its members are
        for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            yield from demands(one, registry, name, f", or something else{when}")
        for fact in dict.fromkeys(names_in(schema.get("not", True), name)):
            yield fact, describe({"not": schema["not"]}, name, registry) + when
    for keyword, word in (("then", "where"), ("else", "where not")):
        if keyword in schema:
            condition = f" {word} {describe(schema['if'], name, registry)}{when}"
            yield from demands(schema[keyword], registry, name, condition)

"""Compares two specs clause by clause, and says which way each demand moved where that is proved; judges no facts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from deliverqc.facts.model import Configurable, Fact
from deliverqc.facts.programme import SETTING as PROGRAMME
from deliverqc.facts.programme import resolve_programme, speaks_of_programme
from deliverqc.speclang.model import (
    Clause,
    NullRule,
    Schema,
    Spec,
    Stated,
    admits_null,
    constrained_names,
    member_name,
    names_in,
)
from deliverqc.speclib.stricter import implies
from deliverqc.speclib.words import source_words, wanted_words
from deliverqc.verdict import Level

SCHEMA_VERSION = 1


class Change(StrEnum):
    """What became of one clause, manual item, expectation or setting."""

    ADDED = "added"
    REMOVED = "removed"
    TIGHTENED = "tightened"  # nothing that failed passes now
    LOOSENED = "loosened"  # nothing that passed fails now
    CHANGED = "changed"  # the demand is another, and neither of the two is shown
    REWORDED = "reworded"  # the same demand: title, source, reasons or remedy differ


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One thing that differs. `fields` are what differs in it, each as (old, new); `because` says why a word was chosen
    where the fields do not.
    """

    id: str
    change: Change
    title: str
    fields: Mapping[str, tuple[Any, Any]]
    because: str | None = None

    def to_document(self) -> dict[str, Any]:
        fields = {name: {"old": old, "new": new} for name, (old, new) in self.fields.items()}
        return {
            "id": self.id,
            "change": self.change.value,
            "title": self.title,
            "because": self.because,
            "fields": fields,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """All that differs between two specs. `unchanged` counts the clauses that do not."""

    old: Spec
    new: Spec
    clauses: tuple[Difference, ...]
    manual: tuple[Difference, ...]
    expects: tuple[Difference, ...]
    settings: tuple[Difference, ...]
    about: tuple[Difference, ...]
    unchanged: int

    def to_document(self) -> dict[str, Any]:
        """As `spec diff --format json` prints it."""
        parts = ("clauses", "manual", "expects", "settings", "about")
        return {
            "schema_version": SCHEMA_VERSION,
            "old": self.old.to_entry(),
            "new": self.new.to_entry(),
            "unchanged_clauses": self.unchanged,
            **{part: [one.to_document() for one in getattr(self, part)] for part in parts},
        }


def compare(old: Spec, new: Spec, meters: Mapping[str, Configurable]) -> Comparison:
    """What differs between two specs, in the order of the new one; what went comes last. `meters` know a setting that
    a spec does not choose.
    """
    before, after = ({clause.id: clause for clause in spec.own_clauses} for spec in (old, new))
    clauses = [
        _clause_difference(before[one.id], one, old, new, meters)
        if one.id in before
        else _whole(one, new, Change.ADDED)
        for one in after.values()
    ]
    clauses += [_whole(one, old, Change.REMOVED) for one in before.values() if one.id not in after]
    told = tuple(one for one in clauses if one is not None)
    return Comparison(
        old=old,
        new=new,
        clauses=told,
        manual=tuple(_entries(old.manual, new.manual)),
        expects=tuple(_entries(old.expects, new.expects)),
        settings=tuple(_settings(old, new)),
        about=tuple(_about(old, new)),
        unchanged=len(after) - sum(one.change is not Change.REMOVED for one in told),
    )


def demand_change(old: Clause, new: Clause, registry: Mapping[str, Fact]) -> Change | None:
    """How the demand of a clause moved, levels and words aside; None where it is shown to be the same.

    Tightened: no facts that fail the old one pass the new one. Loosened: none that pass the old one fail the new one.
    """
    if _canonical(old) == _canonical(new):
        return None
    if old.awaits is not None or new.awaits is not None:
        return Change.CHANGED
    before, after = _Limits.of(old, registry), _Limits.of(new, registry)
    if before is None or after is None:
        return Change.CHANGED
    is_tighter, is_looser = after.lies_within(before, registry), before.lies_within(after, registry)
    if is_tighter and is_looser:
        return None
    return Change.TIGHTENED if is_tighter else Change.LOOSENED if is_looser else Change.CHANGED


@dataclass(frozen=True, kw_only=True, slots=True)
class _Limits:
    """A clause as two schemas in which null has no rule of its own: passes meet `passing`, fails break `unbroken`."""

    passing: Schema
    unbroken: Schema

    @staticmethod
    def of(clause: Clause, registry: Mapping[str, Fact]) -> _Limits | None:
        """None where `x-null` meets negation, under which it cannot be written out."""
        if clause.null_rule is None:
            return _Limits(passing=clause.schema, unbroken=clause.schema)
        nullable = frozenset(
            name for name in names_in(clause.schema) if name in registry and registry[name].is_nullable
        )
        spoken_of = nullable & frozenset(constrained_names(clause.schema))
        try:
            without = _nulls_written_out(clause.schema, "", spoken_of, nullable - spoken_of, null_holds=False)
            with_null = _nulls_written_out(clause.schema, "", spoken_of, frozenset(), null_holds=True)
        except _NegatedNullError:
            return None
        return _Limits(passing=without, unbroken=without if clause.null_rule is NullRule.FAIL else with_null)

    def lies_within(self, other: _Limits, registry: Mapping[str, Fact]) -> bool:
        """Whether all that passes here passes there, and all that fails there fails here."""
        return implies(self.passing, other.passing, registry) and implies(self.unbroken, other.unbroken, registry)


class _NegatedNullError(Exception):
    pass


def _nulls_written_out(
    schema: Schema, name: str, spoken_of: frozenset[str], required: frozenset[str], *, null_holds: bool
) -> Schema:
    """The schema with null refused, or accepted, wherever `x-null` decides; conditions see null as it is."""
    if not isinstance(schema, Mapping):
        return schema
    open_names = spoken_of | required

    def inner(one: Schema, place: str) -> Schema:
        return _nulls_written_out(one, place, spoken_of, required, null_holds=null_holds)

    counted = [("contains", f"{name}[]")] if "maxContains" in schema else []
    for keyword, place in (("not", name), ("oneOf", name), *counted):
        several = schema.get(keyword, ())
        for one in several if isinstance(several, list | tuple) else [several]:
            if open_names & set(names_in(one, place)) or (name in open_names and admits_null(schema)):
                raise _NegatedNullError
    written: dict[str, Any] = dict(schema)
    written["properties"] = {
        key: inner(one, member_name(name, key)) for key, one in schema.get("properties", {}).items()
    }
    for key in schema.get("required", ()):
        if member_name(name, key) in required:
            written["properties"][key] = {"not": {"type": "null"}}
    written |= {key: inner(schema[key], f"{name}[]") for key in ("items", "contains") if key in schema}
    written |= {key: inner(schema[key], name) for key in ("then", "else") if key in schema}
    written |= {key: [inner(one, name) for one in schema[key]] for key in ("allOf", "anyOf") if key in schema}
    if name not in spoken_of or admits_null(schema):
        return written
    return {"anyOf": [{"type": "null"}, written]} if null_holds else {"allOf": [written, {"not": {"type": "null"}}]}


def _canonical(clause: Clause) -> str:
    return json.dumps([clause.schema, clause.null_rule, clause.awaits], sort_keys=True)


def _clause_difference(
    old: Clause, new: Clause, before: Spec, after: Spec, meters: Mapping[str, Configurable]
) -> Difference | None:
    fields: dict[str, tuple[Any, Any]] = {}
    for name in ("title", "level", "source", "basis", "stated", "why", "remedy", "severity", "null_rule"):
        values = _shown(getattr(old, name)), _shown(getattr(new, name))
        if values[0] != values[1]:
            fields[name.replace("null_rule", "null")] = values
    demand, because = demand_change(old, new, after.registry), None
    if demand is not None:
        fields["wanted"] = wanted_words(old, before), wanted_words(new, after)
        fields["schema"] = old.schema, new.schema
        because = "neither is shown to be stricter than the other" if demand is Change.CHANGED else None
    moved = _measured_otherwise(old, new, before, after, meters)
    if moved:
        demand, because = Change.CHANGED, f"it is measured with other settings of {', '.join(moved)}"
    if not fields and demand is None:
        return None
    level = {(Level.SHOULD, Level.SHALL): Change.TIGHTENED, (Level.SHALL, Level.SHOULD): Change.LOOSENED}
    words = {word for word in (demand, level.get((old.level, new.level))) if word is not None}
    if len(words) > 1 and because is None:
        because = "demand and level move in opposite directions"
    change = words.pop() if len(words) == 1 else Change.CHANGED if words else Change.REWORDED
    return Difference(id=new.id, change=change, title=new.title, fields=fields, because=because)


def _shown(value: Any) -> Any:  # noqa: ANN401
    return value.words if isinstance(value, Stated) else value


def _measured_otherwise(
    old: Clause, new: Clause, before: Spec, after: Spec, meters: Mapping[str, Configurable]
) -> list[str]:
    """Meters of the clause's facts, and the channel groups, that the two specs set otherwise."""
    facts = [after.registry[name] for name in old.facts() | new.facts() if name in after.registry]
    names = {giver.removeprefix("meter:") for fact in facts for giver in fact.given_by if giver.startswith("meter:")}
    names |= {"groups"} if any(fact.name.startswith("sound.groups") for fact in facts) else set()
    names |= {PROGRAMME} if any(speaks_of_programme(fact.name) for fact in facts) else set()
    return sorted(name for name in names if _effective(before, name, meters) != _effective(after, name, meters))


def _effective(spec: Spec, name: str, meters: Mapping[str, Configurable]) -> Mapping[str, Any]:
    """The settings of a meter under a spec, defaults included."""
    chosen = spec.settings.get(name, {})
    if name == PROGRAMME:
        return resolve_programme(chosen)
    return meters[name].resolve(chosen) if name in meters else chosen


def _whole(clause: Clause, spec: Spec, change: Change) -> Difference:
    told = {
        "level": clause.level,
        "wanted": wanted_words(clause, spec),
        "source": source_words(clause.source, spec.confidence),
    }
    fields = {name: (None, value) if change is Change.ADDED else (value, None) for name, value in told.items()}
    return Difference(id=clause.id, change=change, title=clause.title, fields=fields)


def _entries(old: tuple[Mapping[str, Any], ...], new: tuple[Mapping[str, Any], ...]) -> Iterator[Difference]:
    """Of manual items and expectations, by id."""
    before, after = ({one["id"]: one for one in entries} for entries in (old, new))
    for entry_id in [*after, *(one for one in before if one not in after)]:
        one, two = before.get(entry_id, {}), after.get(entry_id, {})
        keys = [key for key in dict.fromkeys((*two, *one)) if key != "id" and one.get(key) != two.get(key)]
        if keys:
            change = Change.ADDED if not one else Change.REMOVED if not two else Change.CHANGED
            fields = {key: (one.get(key), two.get(key)) for key in keys}
            yield Difference(id=entry_id, change=change, title=(two or one)["title"], fields=fields)


def _settings(old: Spec, new: Spec) -> Iterator[Difference]:
    for name in sorted({*old.settings, *new.settings}):
        one, two = old.settings.get(name), new.settings.get(name)
        if one != two:
            change = Change.ADDED if one is None else Change.REMOVED if two is None else Change.CHANGED
            keys = sorted(key for key in {*(one or {}), *(two or {})} if (one or {}).get(key) != (two or {}).get(key))
            fields = {key: ((one or {}).get(key), (two or {}).get(key)) for key in keys}
            yield Difference(id=name, change=change, title=f"settings of {name}", fields=fields)


def _about(old: Spec, new: Spec) -> Iterator[Difference]:
    """What the specs say of themselves: edition, confidence, and which masters a family uses them for."""
    names = (
        "id",
        "title",
        "edition",
        "revision",
        "publisher",
        "kind",
        "read_on",
        "confidence",
        "advisory",
        "scope",
        "applies",
    )
    said = [(name, getattr(old, name), getattr(new, name)) for name in (*names, "unit")]
    said.append(("essence", *(spec.document["x-spec"].get("essence") for spec in (old, new))))
    for name, *both in said:
        values = both[0], both[1]
        if values[0] != values[1]:
            yield Difference(id=name, change=Change.CHANGED, title=name, fields={name: values})

"""What a spec, a clause and a family are once they are read; knows no files and judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from deliverqc.facts.model import Fact
from deliverqc.verdict import Level

Schema = Mapping[str, Any] | bool
"""A JSON Schema of the closed subset, without `$ref`: the loader has put the definitions in their places."""

INTEGRITY_ID = "deliverqc-integrity"
"""Id of the spec that every other one extends implicitly."""

INTEGRITY_CLAUSES = (
    "essence-decodes",
    "essence-not-encrypted",
    "essence-complete",
    "headers-consistent",
    "unchanged-during-check",
    "tracks-present",
    "picture-does-not-change",
    "layers-agree",
    "durations-consistent",
    "probes-agree",
    "picture-not-black",
    "audio-not-silent",
    "package-readable",
    "package-complete",
    "package-unaltered",
    "tracks-long-enough",
    "timed-text-reads",
)
"""Clause ids of the integrity spec, which no other spec may use."""

PACKAGE_CLAUSES = ("package-readable", "package-complete", "package-unaltered", "tracks-long-enough")
"""The integrity clauses that bind a composition of a package only."""

TEXT_CLAUSES = ("timed-text-reads",)
"""The integrity clauses that bind a subject of which text was read only."""

TRACKS_CLAUSE = "tracks-present"

MEDIA_CLAUSES = (
    "essence-decodes",
    "essence-not-encrypted",
    "essence-complete",
    "headers-consistent",
    "picture-does-not-change",
    "layers-agree",
    "durations-consistent",
    "probes-agree",
    "picture-not-black",
    "audio-not-silent",
)
"""The integrity clauses on picture, audio and their wrapper, which do not bind a file of text."""

ESSENCE_CLAUSES: Mapping[str, str] = {
    "picture-not-black": "picture.black.is_throughout",
    "audio-not-silent": "sound.is_silent",
}
"""The integrity clauses that do not bind a deliverable whose `x-spec.essence` says otherwise, or of which the order
expects that their fact is true."""

COMMON_SENSE_ID = "deliverqc-common-sense"
"""Id of the spec whose failing clauses are reported as noticed, next to the verdicts of every other spec."""

RECOGNISED_ID = "deliverable-recognised"
"""Id of the clause that fails where a master is none of the deliverables of a spec or family."""

WHOLE_ID = "whole-package"
"""Id of the clause that is not measured where one file is judged by a spec for packages or sets."""

EXPECTED_PREFIX = "expected-"
"""Ids of clauses that come from the order for this title begin so."""

_SAME_PLACE = ("allOf", "anyOf", "oneOf")
_SAME_PLACE_SINGLE = ("not", "if", "then", "else")


class NullRule(StrEnum):
    """What `null` means to a clause that demands something of a nullable fact: `x-null`."""

    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


class Basis(StrEnum):
    """What a clause rests on: `x-basis`. An extension is ours, beyond what the document asks; a reading is one of
    several that its words leave open."""

    DEMANDED = "demanded"
    EXTENSION = "extension"
    READING = "reading"


class Unit(StrEnum):
    """What a spec judges: `x-unit`."""

    FILE = "file"
    PACKAGE = "package"
    SET = "set"


@dataclass(frozen=True, kw_only=True, slots=True)
class Essence:
    """What a deliverable holds, of "picture", "audio" and "timed_text", and whether that may be black or silent from
    end to end: `x-spec.essence`. `is_stated`: the spec says what it holds."""

    holds: frozenset[str] = frozenset({"picture", "audio"})
    may_be_black: bool = False
    may_be_silent: bool = False
    is_stated: bool = False

    @property
    def may_be_text_alone(self) -> bool:
        """Whether a deliverable may hold neither picture nor audio."""
        return not self.is_stated or self.holds == {"timed_text"}

    def is_bound_by(self, clause_id: str) -> bool:
        """Whether an integrity clause counts for such a deliverable."""
        if clause_id == "picture-not-black":
            return "picture" in self.holds and not self.may_be_black
        if clause_id == "audio-not-silent":
            return "audio" in self.holds and not self.may_be_silent
        return True


def member_name(name: str, key: str) -> str:
    """Name of the fact `key` inside the object called `name`; the facts document itself has the empty name."""
    return f"{name}.{key}" if name else key


def names_in(schema: Schema, name: str = "") -> Iterator[str]:
    """Every fact name that a schema for the value called `name` reads, with `[]` for lists; some may come twice."""
    if not isinstance(schema, Mapping):
        return
    for key in schema.get("required", ()):
        yield member_name(name, key)
    for key, inner in schema.get("properties", {}).items():
        yield member_name(name, key)
        yield from names_in(inner, member_name(name, key))
    for keyword in ("items", "contains"):
        yield from names_in(schema.get(keyword, True), f"{name}[]")
    for keyword in _SAME_PLACE:
        for inner in schema.get(keyword, ()):
            yield from names_in(inner, name)
    for keyword in _SAME_PLACE_SINGLE:
        yield from names_in(schema.get(keyword, True), name)


def constrained_names(schema: Schema, name: str = "") -> Iterator[str]:
    """The names in `names_in` that `properties` says something about, not only `required`."""
    if not isinstance(schema, Mapping):
        return
    for key, inner in schema.get("properties", {}).items():
        yield member_name(name, key)
        yield from constrained_names(inner, member_name(name, key))
    for keyword in ("items", "contains"):
        yield from constrained_names(schema.get(keyword, True), f"{name}[]")
    for keyword in _SAME_PLACE:
        for inner in schema.get(keyword, ()):
            yield from constrained_names(inner, name)
    for keyword in _SAME_PLACE_SINGLE:
        yield from constrained_names(schema.get(keyword, True), name)


def admits_null(schema: Schema) -> bool:
    """Whether a schema names null as a value it accepts, so that the clause itself says what null means."""
    if not isinstance(schema, Mapping):
        return False
    if "type" in schema:
        return "null" in ([schema["type"]] if isinstance(schema["type"], str) else schema["type"])
    if "enum" in schema:
        return None in schema["enum"]
    if "const" in schema:
        return schema["const"] is None
    return any(admits_null(inner) for keyword in _SAME_PLACE for inner in schema.get(keyword, ()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """The document's figure of a clause. `value` is a number, a pair (from, to), or a text where no number fits; `fact`
    is the fact whose bound it explains, None where it is about the clause as a whole."""

    value: float | tuple[float, float] | str
    unit: str | None
    tolerance: float | str | None
    why: str
    fact: str | None
    words: str

    def to_document(self) -> dict[str, Any]:
        """As it stands in the verdict document."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        told = {"value": value, "unit": self.unit, "tolerance": self.tolerance, "why": self.why, "fact": self.fact}
        return {key: one for key, one in told.items() if one is not None} | {"words": self.words}


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One requirement. `schema` holds only JSON Schema keywords; `spec_id` is the spec that the clause was written
    in. `awaits` names the fact that nothing measures yet: `schema` is then the condition alone, as a root `if`.
    """

    id: str
    title: str
    level: Level
    source: Mapping[str, Any]
    schema: Mapping[str, Any]
    spec_id: str
    why: str | None = None
    remedy: str | None = None
    severity: str | None = None
    basis: Basis = Basis.DEMANDED
    stated: Stated | None = None
    null_rule: NullRule | None = None
    awaits: str | None = None
    _facts: frozenset[str] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def is_integrity(self) -> bool:
        """Whether the clause always counts: neither `only` nor `skip` leaves it out."""
        return self.spec_id == INTEGRITY_ID

    def facts(self) -> frozenset[str]:
        """Names of the facts that the clause reads, members of lists included: `sound.groups[].layout`."""
        if self._facts is None:
            object.__setattr__(self, "_facts", frozenset(names_in(self.schema)))
        assert self._facts is not None
        return self._facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """A spec that another one extends: its id, its `id@edition.rN`, and when its document was read."""

    id: str
    full_id: str
    read_on: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Spec:
    """One delivery specification, resolved: what it extends is merged in, and the integrity clauses stand first.

    Demands whose fact nothing measures yet are clauses with `awaits`, after the others; `manual` is what only a person
    can judge. `scope` is what the spec states, its own or inherited. `settings` are what the spec chooses of the
    meters' settings, by meter. `document` is the resolved JSON document, `sha256` that of its canonical form; `origin`
    is the file it was read from. `registry` holds every registered fact by name. `bases` are the specs that it
    extends, the nearest first.
    """

    id: str
    edition: str
    revision: int
    title: str
    publisher: str | None
    kind: str | None
    aliases: tuple[str, ...]
    advisory: bool
    confidence: str | None
    read_on: str | None
    clauses: tuple[Clause, ...]
    settings: Mapping[str, Mapping[str, Any]]
    manual: tuple[Mapping[str, Any], ...]
    expects: tuple[Mapping[str, Any], ...]
    applies: Mapping[str, Any] | None
    unit: Unit = Unit.FILE
    essence: Essence = Essence()
    scope: tuple[str, ...] = ()
    bases: tuple[Base, ...] = ()
    document: Mapping[str, Any] = field(repr=False)
    defs: Mapping[str, Any] = field(repr=False)
    sha256: str
    origin: str
    registry: Mapping[str, Fact] = field(repr=False, compare=False)

    @property
    def full_id(self) -> str:
        """Id, edition and our revision: `ebu-r128-programme@5.0.r1`."""
        return f"{self.id}@{self.edition}.r{self.revision}"

    @property
    def own_clauses(self) -> tuple[Clause, ...]:
        """The clauses that are the spec's own; for the integrity spec itself those are all."""
        return tuple(clause for clause in self.clauses if not clause.is_integrity or self.id == INTEGRITY_ID)

    @property
    def measured_clauses(self) -> tuple[Clause, ...]:
        """The clauses that are the spec's own and whose facts can be measured."""
        return tuple(clause for clause in self.own_clauses if clause.awaits is None)

    @property
    def awaited_clauses(self) -> tuple[Clause, ...]:
        """The demands whose fact nothing measures yet."""
        return tuple(clause for clause in self.own_clauses if clause.awaits is not None)

    def to_entry(self) -> dict[str, Any]:
        """As the verdict document names a spec."""
        return {
            "id": self.id,
            "edition": self.edition,
            "revision": self.revision,
            "title": self.title,
            "publisher": self.publisher,
            "read_on": self.read_on,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """An ordered list of specs for one platform; `when_none_fits` says what it accepts."""

    id: str
    title: str
    specs: tuple[str, ...]
    when_none_fits: str
    origin: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which spec of a family fits a subject and why; `tried` are (spec id, why it does not fit) in order.

    `missing` are facts without which it cannot be said that no other spec fits; `deliverables` name what the family
    accepts.
    """

    family: Family
    spec: Spec | None
    reason: str
    tried: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    deliverables: tuple[str, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """As it stands in the verdict document."""
        return {
            "id": self.family.id,
            "title": self.family.title,
            "reason": self.reason,
            "tried": [{"spec": spec, "reason": reason} for spec, reason in self.tried],
        }

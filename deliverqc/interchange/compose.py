"""Makes a spec document of what an importer understood and of what it did not; knows no foreign format."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deliverqc.errors import UsageError
from deliverqc.facts.probed import probed_facts
from deliverqc.interchange.examples import examples_of
from deliverqc.speclang.lint import DRAFT, ID_PATTERN
from deliverqc.speclang.model import EXPECTED_PREFIX, INTEGRITY_CLAUSES, RECOGNISED_ID, names_in
from deliverqc.verdict import Level

_LONGEST_ID = 60
_URL = re.compile(r"https?://[^\s<>\"')]+[^\s<>\"').,;:]")


class UnmappedError(Exception):
    """A demand that no clause can say; the message is the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """One rule of the foreign file in words, and the line on which it stands."""

    words: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What becomes one clause or one manual item, with the demands that it stands for.

    `words` is all that it demands; `schema` is that as a clause, and None where `reason` says why it is none.
    """

    name: str
    words: str
    demands: tuple[Demand, ...]
    section: str | None = None
    description: str | None = None
    schema: Mapping[str, Any] | None = None
    reason: str | None = None
    awaits: str | None = None
    level: Level = Level.SHALL
    severity: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """The foreign document: its format, title and what it says of itself. `edition` is its own or "undated"."""

    format: str
    title: str
    description: str | None = None
    edition: str = "undated"
    publisher: str | None = None

    @property
    def url(self) -> str | None:
        """The first address in the description."""
        found = _URL.search(self.description or "")
        return found[0] if found else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """A spec document and examples for its clauses (as `spec test` reads them), with the id of each part."""

    id: str
    document: Mapping[str, Any]
    examples: Mapping[str, Any]
    parts: tuple[tuple[str, Part], ...]

    @property
    def demand_count(self) -> int:
        """Demands of the foreign document."""
        return sum(len(part.demands) for _, part in self.parts)

    @property
    def clauses(self) -> tuple[tuple[str, Part], ...]:
        """The parts that became clauses, by id."""
        return tuple((part_id, part) for part_id, part in self.parts if part.schema is not None)

    @property
    def manual(self) -> tuple[tuple[str, Part], ...]:
        """The parts that are left to a person, by id."""
        return tuple((part_id, part) for part_id, part in self.parts if part.schema is None)


def compose(origin: Origin, parts: Sequence[Part], *, spec_id: str | None = None) -> Imported:
    """The spec of a foreign document; its id is `spec_id` or the title's words. UsageError for an id that is none."""
    if spec_id is not None and ID_PATTERN.fullmatch(spec_id) is None:
        raise UsageError(
            f"--id {spec_id!r} is no id of a spec. Write small letters and digits, joined by -.", code="bad-id"
        )
    chosen = spec_id or slug(origin.title, "imported")
    named = tuple(_named(parts))
    clauses = [_clause(part_id, part, origin) for part_id, part in named if part.schema is not None]
    manual = [_manual(part_id, part, origin) for part_id, part in named if part.schema is None]
    binds = any(part.level is Level.SHALL for _, part in named if part.schema is not None)
    about = {"id": chosen, "edition": origin.edition, "revision": 1, "publisher": origin.publisher, "kind": "imported"}
    about |= {"confidence": "high", "advisory": True if clauses and not binds else None}
    document = {
        "$schema": DRAFT,
        "title": origin.title,
        "description": origin.description,
        "x-spec": {key: value for key, value in about.items() if value is not None},
        "allOf": clauses,
        "x-manual": manual,
    }
    document = {key: value for key, value in document.items() if value}
    found = {part_id: examples_of(part.schema) for part_id, part in named if part.schema is not None}
    examples = {part_id: cases for part_id, cases in found.items() if cases is not None}
    return Imported(id=chosen, document=document, examples=examples, parts=named)


def slug(text: str, otherwise: str) -> str:
    """`text` as an id: small letters and digits joined by -, at most 60 long; `otherwise` where nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if words and not words[0].isalpha():
        words = f"{otherwise}-{words}"
    if len(words) > _LONGEST_ID:
        cut = words[: _LONGEST_ID + 1]
        words = cut.rpartition("-")[0] or cut[:_LONGEST_ID]
    return words or otherwise


def _named(parts: Sequence[Part]) -> Iterator[tuple[str, Part]]:
    """Each part with an id of its own, none of which deliverqc keeps for itself."""
    taken = {*INTEGRITY_CLAUSES, RECOGNISED_ID}
    counts: dict[str, int] = {}
    for part in parts:
        stem = slug(part.name, "rule")
        stem = f"rule-{stem}" if stem.startswith(EXPECTED_PREFIX) else stem
        name = stem
        while name in taken:
            counts[stem] = counts.get(stem, 1) + 1
            name = f"{stem}-{counts[stem]}"
        taken.add(name)
        yield name, part


def _clause(part_id: str, part: Part, origin: Origin) -> dict[str, Any]:
    assert part.schema is not None
    known = probed_facts()
    asks_nullable = any(known[name].is_nullable for name in names_in(part.schema) if name in known)
    clause = {
        "$anchor": part_id,
        "title": part.words if part.name == part.words else f"{part.name} ({part.words})",
        "description": part.description,
        "x-level": part.level.value,
        "x-severity": part.severity,
        "x-source": _source(part, origin),
        "x-null": "fail" if asks_nullable else None,
        **part.schema,
    }
    return {key: value for key, value in clause.items() if value is not None}


def _manual(part_id: str, part: Part, origin: Origin) -> dict[str, Any]:
    item = {
        "id": part_id,
        "title": part.words if part.name == part.words else f"{part.name} ({part.words})",
        "x-source": _source(part, origin),
        "x-why": f"Left to a person: {part.reason}.",
        "x-awaits": part.awaits,
    }
    return {key: value for key, value in item.items() if value is not None}


def _source(part: Part, origin: Origin) -> dict[str, Any]:
    source = {
        "document": f"{origin.format}: {origin.title}",
        "edition": None if origin.edition == "undated" else origin.edition,
        "section": part.section,
        "url": origin.url,
        "confidence": "high",
    }
    return {key: value for key, value in source.items() if value is not None}

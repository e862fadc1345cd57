"""The page of all shipped specs: what each holds, from which documents, and how much of them it covers; judges
nothing."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from deliverqc.speclang.lint_documents import how_read
from deliverqc.speclang.load import SpecLibrary, shipped_folder
from deliverqc.speclang.model import EXPECTED_PREFIX, Spec
from deliverqc.speclib.words import about_words, bracketed_limits, counted

COMMAND = "python -m docs.generate"

_MANUAL, _NOT_COVERED = "manual:", "not covered"
_ANSWERS = ("automated", "from the order", "manual", "awaiting a fact", _NOT_COVERED)

_Row = Mapping[str, str]


def render_page(library: SpecLibrary) -> str:
    """The text of `docs/catalogue.md`, from the shipped specs and the tables in `specs/coverage/`."""
    coverage = shipped_folder() / "coverage"
    specs = library.all()
    lines = [
        "# Catalogue",
        "",
        f"Every spec that ships with deliverqc, written by `{COMMAND}`. All are unofficial readings of the",
        "documents named: a pass covers the clauses listed, not acceptance. `deliverqc spec show ID` shows one whole,",
        "`deliverqc explain CLAUSE` a clause.",
        "",
        "How a document was read: `page`, the publisher's page or a copy of it; `primary`, the document itself;",
        "`summary`, a summary of it; `third party`, what others say of it; `memory`. Where the text itself was not",
        "seen, no confidence is high, and the demands listed are those that are known, not all that the document has.",
        "",
        *_overview(specs),
        *_families(library),
        *_demands(specs, coverage),
        *_unassigned(_table(coverage / "unassigned.csv")),
        *_sections(_table(coverage / "sections.csv")),
        "",
        "## Spec by spec",
        *(line for spec in specs for line in _one(spec)),
    ]
    return "\n".join(lines) + "\n"


def _table(path: Path) -> list[_Row]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def _rows(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |"


def _overview(specs: Sequence[Spec]) -> Iterator[str]:
    yield f"## {len(specs)} specs"
    for kind in sorted({spec.kind or "" for spec in specs}):
        of_kind = [spec for spec in specs if (spec.kind or "") == kind]
        yield from ("", f"### {kind.capitalize()}: {len(of_kind)}", "")
        yield from _rows(
            (
                "spec",
                "title",
                "publisher",
                "edition",
                "confidence",
                "read as",
                "shall",
                "should",
                "manual",
                "awaiting",
                "from the order",
            ),
            (
                (
                    f"[{spec.id}](#{spec.id})",
                    spec.title + bracketed_limits(spec),
                    spec.publisher,
                    spec.edition,
                    spec.confidence,
                    _readings(spec),
                    *counted(spec).values(),
                )
                for spec in of_kind
            ),
        )


def _readings(spec: Spec) -> str:
    """How the documents of the spec's own clauses and items were read, most often first."""
    sources = [*(one.source for one in spec.own_clauses), *(item["x-source"] for item in spec.manual)]
    found = Counter(how_read(spec.document, source) for source in sources)
    return ", ".join(word.replace("_", " ") for word, _ in found.most_common() if word is not None) or "-"


def _families(library: SpecLibrary) -> Iterator[str]:
    yield from ("", "### Families", "", "The first spec whose conditions fit the master is used.", "")
    yield from _rows(
        ("family", "title", "specs in order"),
        ((family.id, family.title, ", ".join(family.specs)) for family in library.families()),
    )


def _demands(specs: Sequence[Spec], coverage: Path) -> Iterator[str]:
    counts: dict[tuple[str, str], Counter[str]] = {}
    readings: dict[tuple[str, str], dict[str, None]] = {}
    for spec in specs:
        waiting = {clause.id for clause in spec.awaited_clauses}
        for row in _table(coverage / f"{spec.id}.csv"):
            answer = _answer(row["covered_by"], waiting)
            key = row["document"], spec.id
            counts.setdefault(key, Counter())[answer] += 1
            readings.setdefault(key, {})[row.get("read_as") or "-"] = None
    total = sum(counts.values(), Counter[str]())
    told = ", ".join(f"{total[answer]} {answer}" for answer in _ANSWERS)
    yield from ("", "## Demands of the documents", "")
    yield f"{total.total()} demands stand in the tables of `specs/coverage/`: {told}."
    yield from (
        "",
        "Clauses judge what is automated. What awaits a fact is not measured, and a shall leaves a verdict incomplete.",
        "",
    )
    yield from _rows(
        ("document", "spec", "read as", "demands", *_ANSWERS),
        (
            (
                document,
                spec_id,
                _read(readings[document, spec_id]),
                count.total(),
                *(count[answer] for answer in _ANSWERS),
            )
            for (document, spec_id), count in sorted(counts.items(), key=lambda one: (one[0][1], one[0][0]))
        ),
    )


def _read(found: Iterable[str]) -> str:
    return ", ".join(sorted(word.replace("_", " ") for word in found))


def _answer(covered_by: str, waiting: set[str]) -> str:
    if covered_by == _NOT_COVERED:
        return _NOT_COVERED
    if covered_by.startswith(_MANUAL):
        return "awaiting a fact" if covered_by.removeprefix(_MANUAL) in waiting else "manual"
    return "from the order" if covered_by.startswith(EXPECTED_PREFIX) else "automated"


def _unassigned(rows: Sequence[_Row]) -> Iterator[str]:
    yield from ("", "## Demands that no spec takes up", "")
    yield f"{len(rows)} rules of documents that were read belong to no spec;"
    yield "`specs/coverage/unassigned.csv` has each with its reason."
    if rows:
        counts = Counter(row["document"] for row in rows)
        yield ""
        yield from _rows(("document", "rules"), sorted(counts.items()))


def _sections(rows: Sequence[_Row]) -> Iterator[str]:
    """Where the rules of each section that was read went."""
    yield from ("", "## Sections that were read", "")
    read = {row["section"]: int(row["source_rows"]) for row in rows}
    yield f"{len(read)} sections with {sum(read.values())} rules, and the tables in which they stand."
    if rows:
        yield ""
        yield from _rows(
            ("section", "rules", "table", "rows", "why the numbers differ"),
            ((row["section"], row["source_rows"], row["coverage_file"], row["rows"], row["reason"]) for row in rows),
        )


def _one(spec: Spec) -> Iterator[str]:
    yield from (
        "",
        f"### {spec.id}",
        "",
        f"{spec.title}. {about_words(spec)}. Edition {spec.edition}, revision {spec.revision}.",
    )
    if "x-extends" in spec.document:
        yield f"Extends {spec.document['x-extends']['spec']}."
    sources: dict[tuple[str, str, str, str], int] = {}
    for source in [*(clause.source for clause in spec.own_clauses), *(item["x-source"] for item in spec.manual)]:
        confidence = source.get("confidence") or spec.confidence or ""
        read = (how_read(spec.document, source) or "-").replace("_", " ")
        key = str(source["document"]), str(source.get("edition") or "not stated"), read, str(confidence)
        sources[key] = sources.get(key, 0) + 1
    yield ""
    yield from _rows(
        ("source", "edition", "read as", "confidence", "clauses and items"),
        ((*key, count) for key, count in sources.items()),
    )
    by_hand = [f"- `{item['id']}`: {item['title']}" for item in spec.manual]
    waiting = [f"- `{one.id}` ({one.level}): {one.title} (`{one.awaits}`)" for one in spec.awaited_clauses]
    for heading, items in (("For a person", by_hand), ("Awaiting a fact", waiting)):
        if items:
            yield from ("", f"{heading}:", "", *items)

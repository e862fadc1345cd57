"""The page docs/awaited-demands.md: what became of each demand of wrapper, picture and audio that once waited for a
fact, held to the shipped specs."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import docs
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.load import shipped_folder

_PAGE = Path(docs.__file__).with_name("awaited-demands.md")
_DEMANDS = 130
_CLASSES = ("clause", "person", "dropped")
_READERS_AHEAD = ("package.", "timed_text.")


class _Row(NamedTuple):
    spec: str
    demand: str
    awaited: str
    kind: str
    now: str
    why: str


def _table(columns: int) -> list[list[str]]:
    lines = [line.strip("|").split(" | ") for line in _PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    cells = [[cell.strip().strip("`") for cell in line] for line in lines if len(line) == columns]
    return [line for line in cells[1:] if not line[0].startswith("-")]


_ROWS = [_Row(*line) for line in _table(6)]


def test_each_of_the_demands_has_one_row_and_the_classes_are_counted() -> None:
    assert len({(row.spec, row.demand) for row in _ROWS}) == len(_ROWS) == _DEMANDS
    assert not any(row.awaited.startswith(_READERS_AHEAD) for row in _ROWS)
    counted = {name: int(count) for name, count, _ in _table(3)}
    assert counted == Counter(row.kind for row in _ROWS)
    assert tuple(counted) == _CLASSES


def test_at_most_one_in_ten_needs_a_person() -> None:
    assert 10 * sum(row.kind == "person" for row in _ROWS) <= _DEMANDS


def test_every_named_clause_judges_the_named_facts() -> None:
    for row in _ROWS:
        if row.kind == "clause":
            clauses = {clause.id: clause for clause in spec_library().load(row.spec).measured_clauses}
            assert row.now in clauses, f"{row.spec} has no clause {row.now}"
            named = set(re.findall(r"[a-z][\w.\[\]]+", row.why))
            assert named and named <= set(clauses[row.now].facts()), f"{row.spec}:{row.now}"


def test_what_needs_a_person_is_an_item_to_sign_off() -> None:
    for row in _ROWS:
        if row.kind == "person":
            items = {item["id"]: item for item in spec_library().load(row.spec).document["x-manual"]}
            assert "x-awaits" not in items[row.now]
            assert items[row.now]["x-why"] and row.why


def test_what_was_dropped_is_in_no_spec_and_its_table_of_coverage_says_why() -> None:
    for row in _ROWS:
        if row.kind == "dropped":
            document = spec_library().load(row.spec).document
            assert row.demand not in {
                one.get("id") or one["$anchor"] for one in (*document["x-manual"], *document["allOf"])
            }
            with (shipped_folder() / "coverage" / f"{row.spec}.csv").open(encoding="utf-8", newline="") as lines:
                found = [line for line in csv.DictReader(lines) if line["heading"].lower() == row.demand]
            assert [line["covered_by"] for line in found] == ["not covered"] and found[0]["reason"] and row.why

"""The page of all specs is the one that its command writes, and its counts are those of the files."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.load import shipped_folder

PAGE = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text(encoding="utf-8")


def cells_of(first: str) -> list[str]:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in row.strip("|").split(" | ")]


def test_every_spec_and_family_stands_on_the_page() -> None:
    library = spec_library()
    for spec in library.all():
        assert f"[{spec.id}](#{spec.id})" in PAGE and f"\n### {spec.id}\n" in PAGE
    for family in library.families():
        assert cells_of(family.id)[2] == ", ".join(family.specs)


def test_counts_are_those_of_a_spec_file_that_extends_nothing() -> None:
    body = json.loads((shipped_folder() / "broadcast" / "ebu-r128-programme.json").read_text(encoding="utf-8"))
    levels = [one["x-level"] for one in body["allOf"]]
    waiting = sum("x-awaits" in item for item in body.get("x-manual", []))
    manual = len(body.get("x-manual", [])) - waiting
    expected = [levels.count("shall"), levels.count("should"), manual, waiting, len(body.get("x-expects", []))]
    assert cells_of("[ebu-r128-programme](#ebu-r128-programme)")[6:] == [str(count) for count in expected]


def test_demands_add_up_to_the_rows_of_all_tables() -> None:
    other = {"unassigned.csv", "sections.csv"}
    tables = [path for path in (shipped_folder() / "coverage").glob("*.csv") if path.name not in other]
    rows = [row for path in tables for row in read(path)]
    told = re.search(r"^(\d+) demands stand in the tables .*?: (.*)\.$", PAGE, re.MULTILINE)
    assert told is not None and int(told[1]) == len(rows)
    assert sum(int(count) for count in re.findall(r"\d+", told[2])) == len(rows)
    assert f"{sum(row['covered_by'] == 'not covered' for row in rows)} not covered" in told[2]


def test_rules_without_a_spec_and_sections_are_counted() -> None:
    folder = shipped_folder() / "coverage"
    assert f"\n{len(read(folder / 'unassigned.csv'))} rules of documents" in PAGE
    assert f"\n{len({row['section'] for row in read(folder / 'sections.csv')})} sections with" in PAGE


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))

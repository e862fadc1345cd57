"""Every demand of a document that a spec was written from is accounted for, and nothing in the spec is without one."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.lint_documents import READ_AS, how_read
from deliverqc.speclang.model import COMMON_SENSE_ID, INTEGRITY_ID, Spec

_COVERAGE = Path(__file__).parents[2] / "specs" / "coverage"
_UNASSIGNED_COLUMNS = ["document", "heading", "demand", "covered_by", "reason"]
_COLUMNS = [*_UNASSIGNED_COLUMNS, "read_as"]
_NOT_COVERED = "not covered"
_NAMED = (("allOf", "$anchor", ""), ("x-expects", "id", "expected-"), ("x-manual", "id", "manual:"))

_UNASSIGNED = _COVERAGE / "unassigned.csv"
_SECTIONS = _COVERAGE / "sections.csv"
_SECTION_COLUMNS = ["section", "source_rows", "coverage_file", "rows", "reason"]

_OURS = {INTEGRITY_ID, COMMON_SENSE_ID}
"""Specs that no document stands behind."""

_TABLES = sorted(set(_COVERAGE.glob("*.csv")) - {_UNASSIGNED, _SECTIONS})
_LIBRARY = spec_library()
_OWN_TEXT = {"page", "primary"}
"""How a document was read whose headings are before the reader."""

_EVERY_TABLE = pytest.mark.parametrize("table", _TABLES, ids=[table.stem for table in _TABLES])


def _rows(table: Path, columns: Sequence[str] = _COLUMNS) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        assert reader.fieldnames == columns
        return list(reader)


def _sections() -> list[dict[str, str]]:
    return _rows(_SECTIONS, _SECTION_COLUMNS)


def _ids(document: Mapping[str, Any], *below: Mapping[str, Any]) -> set[str]:
    """What a row may name: clauses, clauses made by an expectation, manual items; without those that stand below."""
    return {
        f"{prefix}{entry[key]}"
        for keyword, key, prefix in _NAMED
        for entry in document.get(keyword, ())
        if not any(entry in other.get(keyword, ()) for other in below)
    }


def _sources(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The source of everything that a row may name."""
    return {
        f"{prefix}{entry[key]}": entry["x-source"]
        for keyword, key, prefix in _NAMED
        for entry in document.get(keyword, ())
        if "x-source" in entry
    }


def _own_ids(spec: Spec) -> set[str]:
    """Those that the spec's own file writes, without what it extends."""
    extended = spec.document.get("x-extends")
    below = [_LIBRARY.integrity.document, *([_LIBRARY.load(extended["spec"]).document] if extended else [])]
    return _ids(spec.document, *below)


def test_every_spec_has_a_table() -> None:
    specs = {spec.id for spec in _LIBRARY.all()} - _OURS
    assert {table.stem for table in _TABLES} == specs


@_EVERY_TABLE
def test_no_cell_of_a_demand_is_empty(table: Path) -> None:
    rows = _rows(table)
    assert rows
    for number, row in enumerate(rows, start=2):
        for column in ("document", "heading", "demand", "covered_by"):
            assert (row[column] or "").strip(), f"line {number} has no {column}"
        assert row["reason"] is not None, f"line {number} has too few cells"
        if row["covered_by"] == _NOT_COVERED:
            assert row["reason"].strip(), f"line {number} does not say why nothing covers it"


@_EVERY_TABLE
def test_no_demand_is_listed_twice(table: Path) -> None:
    listed = [(row["document"], row["heading"], row["demand"], row["covered_by"]) for row in _rows(table)]
    assert sorted(set(listed)) == sorted(listed)


@_EVERY_TABLE
def test_what_covers_a_demand_exists(table: Path) -> None:
    known = _ids(_LIBRARY.load(table.stem).document) | {_NOT_COVERED}
    assert {row["covered_by"] for row in _rows(table)} - known == set()


@_EVERY_TABLE
def test_everything_in_the_spec_answers_a_demand(table: Path) -> None:
    named = {row["covered_by"] for row in _rows(table)}
    assert _own_ids(_LIBRARY.load(table.stem)) - named == set()


def test_a_demand_of_no_spec_is_not_covered_and_says_why() -> None:
    for number, row in enumerate(_rows(_UNASSIGNED, _UNASSIGNED_COLUMNS), start=2):
        assert row["covered_by"] == _NOT_COVERED, f"line {number} belongs into the table of the spec that covers it"
        for column in ("document", "heading", "demand", "reason"):
            assert (row[column] or "").strip(), f"line {number} has no {column}"


def test_no_demand_of_no_spec_is_listed_twice() -> None:
    listed = [(row["document"], row["heading"], row["demand"]) for row in _rows(_UNASSIGNED, _UNASSIGNED_COLUMNS)]
    assert sorted(set(listed)) == sorted(listed)


def test_every_row_of_a_table_stands_for_a_section() -> None:
    stated: dict[str, int] = {}
    for row in _sections():
        stated[row["coverage_file"]] = stated.get(row["coverage_file"], 0) + int(row["rows"])
    unassigned = {_UNASSIGNED.name: len(_rows(_UNASSIGNED, _UNASSIGNED_COLUMNS))}
    assert stated == {table.name: len(_rows(table)) for table in _TABLES} | unassigned


def test_a_section_and_a_table_meet_once_and_a_section_has_one_length() -> None:
    rows = _sections()
    pairs = [(row["section"], row["coverage_file"]) for row in rows]
    assert sorted(set(pairs)) == sorted(pairs)
    lengths = {(row["section"], row["source_rows"]) for row in rows}
    assert len(lengths) == len({section for section, _ in pairs})
    assert all(int(row["source_rows"]) > 0 and int(row["rows"]) > 0 for row in rows)


def test_a_section_whose_rows_were_split_or_merged_says_why() -> None:
    rows = _sections()
    for section in {row["section"] for row in rows}:
        own = [row for row in rows if row["section"] == section]
        assert all(row["reason"] is not None for row in own), f"{section} has too few cells"
        if sum(int(row["rows"]) for row in own) != int(own[0]["source_rows"]):
            assert any(row["reason"].strip() for row in own), f"{section} does not say why its numbers differ"


@_EVERY_TABLE
def test_a_row_says_how_its_document_was_read(table: Path) -> None:
    """By the clause that covers it; where that cites another document, as one of a spec below, by the row's own."""
    document = _LIBRARY.load(table.stem).document
    sources = _sources(document)
    for number, row in enumerate(_rows(table), start=2):
        assert row["read_as"] in READ_AS, f"line {number}"
        source = sources.get(row["covered_by"])
        declared = how_read(document, source)  # the integrity clauses have no document
        if source is None or declared in (None, row["read_as"]):
            continue
        listed = [one["read_as"] for one in document["x-documents"] if one["title"] == row["document"]]
        assert source["document"] != row["document"] and row["read_as"] in listed, f"line {number}"


def _headed(table: Path) -> dict[str, Mapping[str, Any]]:
    """The sources that the spec's own file gives."""
    spec = _LIBRARY.load(table.stem)
    own = _own_ids(spec)
    return {name: source for name, source in _sources(spec.document).items() if name in own}


@_EVERY_TABLE
def test_what_was_read_in_the_document_itself_names_its_section(table: Path) -> None:
    document = _LIBRARY.load(table.stem).document
    bare = {name for name, source in _headed(table).items() if not source.get("section")}
    assert {name for name in bare if how_read(document, _sources(document)[name]) in _OWN_TEXT} == set()


@_EVERY_TABLE
def test_a_section_is_a_heading_of_the_table(table: Path) -> None:
    """A section may name several headings, parted by semicolons, each that of a row that the clause covers."""
    headings: dict[str, set[str]] = {}
    for row in _rows(table):
        headings.setdefault(row["covered_by"], set()).add(row["heading"])
    for name, source in _headed(table).items():
        section = source.get("section")
        if section:
            assert {section} <= headings[name] or set(section.split("; ")) <= headings[name], f"{name}: {section}"

"""A verdict says which documents were read more than a year before the day of the check, and decides as before."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import spec_library
from deliverqc.verdict import Decision, Verdict
from tests.spec_files import clause, document, facts, loaded, write

MOV = facts(wrapper__format="mov")


def told(verdict: Verdict) -> list[tuple[Any, ...]]:
    return [(one["document"], one["edition"], one["read_on"], one["days"]) for one in verdict.old_readings]


@pytest.mark.parametrize(
    ("read_on", "as_of", "days"),
    [
        ("2025-06-01", "2026-06-01", None),
        ("2025-06-01", "2026-06-02", 366),
        ("2023-06-01", "2024-06-01", None),  # 366 days, with 29 February between: a year to the day
        ("2023-06-01", "2024-06-02", 367),
        ("2024-02-29", "2025-02-28", None),
        ("2024-02-29", "2025-03-01", 366),
        ("2026-06-01", "2025-01-01", None),
    ],
)
def test_a_reading_is_old_from_the_day_after_its_anniversary_on(
    tmp_path: Path, read_on: str, as_of: str, days: int | None
) -> None:
    spec = loaded(tmp_path, clause("one"), about={"read_on": read_on, "advisory": True})
    verdict = judge(spec, MOV, as_of=date.fromisoformat(as_of))
    assert told(verdict) == ([] if days is None else [("A sheet", None, read_on, days)])
    assert ("old_readings" in verdict.to_document()) is (days is not None)
    assert verdict.decision is Decision.PASS


def test_nothing_is_said_where_nobody_says_when_the_document_was_read(tmp_path: Path) -> None:
    assert told(judge(loaded(tmp_path, clause("one")), MOV, as_of=date(2100, 1, 1))) == []


def test_a_source_that_was_read_on_another_day_than_the_spec_counts_by_its_own(tmp_path: Path) -> None:
    again = {"document": "A sheet", "edition": "2", "read_on": "2026-05-01"}
    before = {"document": "Another", "read_on": "2020-01-01"}
    spec = loaded(
        tmp_path,
        clause("one", **{"x-source": again}),
        clause("two", **{"x-source": before}),
        about={"read_on": "2026-05-01"},
    )
    assert told(judge(spec, MOV, as_of=date(2026, 6, 1))) == [("Another", None, "2020-01-01", 2343)]


def test_what_a_fresh_sheet_has_from_an_older_spec_counts_by_that_one(tmp_path: Path) -> None:
    below = clause("one", **{"x-source": {"document": "The platform"}})
    write(tmp_path, document(below, spec_id="platform", about={"read_on": "2024-01-01"}), "platform.json")
    show = {"x_extends": {"spec": "platform"}, "about": {"read_on": "2026-01-01"}}
    write(tmp_path, document(clause("two"), spec_id="show", **show), "show.json")
    episode = document(spec_id="episode", x_extends={"spec": "show"})
    write(tmp_path, episode, "episode.json")
    spec = spec_library([tmp_path]).load("episode")
    assert [(base.full_id, base.read_on) for base in spec.bases] == [
        ("show@1.r1", "2026-01-01"),
        ("platform@1.r1", "2024-01-01"),
    ]
    assert told(judge(spec, MOV, as_of=date(2026, 6, 1))) == [("The platform", None, "2024-01-01", 882)]
    assert told(judge(spec, MOV, as_of=date(2027, 6, 1)))[1:] == [("A sheet", None, "2026-01-01", 516)]


def test_what_a_person_signs_off_was_read_too(tmp_path: Path) -> None:
    by_hand = {"id": "by-hand", "title": "By hand", "x-source": {"document": "A handbook"}}
    spec = loaded(tmp_path, x_manual=[by_hand], about={"read_on": "2024-01-01"})
    assert told(judge(spec, MOV, as_of=date(2026, 6, 1))) == [("A handbook", None, "2024-01-01", 882)]


def test_a_sheet_that_only_drops_clauses_is_named_by_its_title(tmp_path: Path) -> None:
    write(tmp_path, document(clause("one"), clause("two"), spec_id="platform"), "platform.json")
    change = {"spec": "platform", "drop": [{"id": "two", "reason": "The order says so."}]}
    write(tmp_path, document(spec_id="show", x_extends=change, about={"read_on": "2024-01-01"}), "show.json")
    spec = spec_library([tmp_path]).load("show")
    assert told(judge(spec, MOV, as_of=date(2026, 6, 1))) == [("A sheet", "1", "2024-01-01", 882)]

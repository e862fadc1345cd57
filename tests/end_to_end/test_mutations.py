"""Each mutation of a good master fails exactly the clauses that were predicted for it, whole masters every time."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deliverqc.cli.check import exit_code
from deliverqc.entries import verdict_document
from deliverqc.measuring.registry import spec_library
from deliverqc.pipeline import check_master
from deliverqc.request import Request, Tier
from deliverqc.signals.store import Store
from fixtures.mutations import MUTATIONS
from tests.slices import is_drawn

_LIBRARY = spec_library()
_TABLE = Path(__file__).with_name("expected.tsv")


@dataclass(frozen=True)
class Row:
    mutation: str
    spec: str
    clauses: frozenset[str]
    exit_code: int


def _rows() -> list[Row]:
    with _TABLE.open(encoding="utf-8", newline="") as table:
        return [
            Row(
                row["mutation"],
                row["spec"],
                frozenset(row["failing_shall_clauses"].split(",")) - {"-"},
                int(row["exit_code"]),
            )
            for row in csv.DictReader(table, delimiter="\t")
        ]


@dataclass(frozen=True)
class Run:
    exit_code: int
    document: dict[str, Any]

    @property
    def master(self) -> dict[str, Any]:
        (master,) = self.document["masters"]
        return dict(master)

    @property
    def clauses(self) -> list[dict[str, Any]]:
        return [
            clause
            for subject in self.master["subjects"]
            for verdict in subject["verdicts"]
            for clause in verdict["clauses"]
        ]

    def ids(self, outcome: str, level: str = "shall") -> set[str]:
        return {clause["id"] for clause in self.clauses if clause["outcome"] == outcome and clause["level"] == level}


def _check(master: Path, spec: str, tier: Tier = Tier.FULL) -> Run:
    """What `check` does with one master, in this process: starting a program takes as long as a check."""
    request = Request(tier=tier)
    store = Store(folder=master.parent / "signals")
    entry = check_master(master, [_LIBRARY.resolve(spec)], _LIBRARY, request, store=store)
    document = verdict_document([entry], request)
    return Run(exit_code(document), json.loads(json.dumps(document)))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutations")


@pytest.fixture
def good(good_master: Path) -> Path:
    return good_master


@pytest.fixture
def mutated(request: pytest.FixtureRequest, good: Path, folder: Path) -> Path:
    """The mutation named by the test's row, made once in a session however many specs judge it."""
    name = request.node.callspec.params["row"].mutation
    made = sorted(folder.glob(f"{name}.m*"))
    return made[0] if made else MUTATIONS[name](good, folder / name)


def test_every_mutation_has_a_prediction() -> None:
    assert {row.mutation for row in _rows()} == set(MUTATIONS)


def test_every_prediction_names_a_clause_or_a_master_that_passes_or_cannot_be_read() -> None:
    assert all(bool(row.clauses) == (row.exit_code == 1) for row in _rows())
    assert {row.exit_code for row in _rows()} == {0, 1, 4}


_DRAWN = [row for row in _rows() if is_drawn(row.mutation, one_in=2)]


@pytest.mark.parametrize("row", _DRAWN, ids=lambda row: f"{row.mutation}-{row.spec}")
def test_mutation_fails_exactly_the_predicted_clauses(row: Row, mutated: Path) -> None:
    run = _check(mutated, row.spec)
    assert run.ids("fail") == row.clauses
    assert run.exit_code == row.exit_code
    if row.exit_code == 4:
        assert run.master["decision"] == "error"
        assert run.master["error"]["message"]
    else:
        assert run.document["decision"] == ("fail" if row.clauses else "pass")


@pytest.mark.parametrize("spec", ["netflix", "ebu-r128-programme", "amazon-prime-mezzanine", "atsc-a85"])
def test_good_master_passes(spec: str, good: Path) -> None:
    run = _check(good, spec)
    assert run.ids("fail") == set()
    assert run.ids("not_measured") == set()
    assert run.document["decision"] == "pass"
    assert run.exit_code == 0


def test_headers_alone_are_incomplete_and_say_what_was_not_measured(good: Path) -> None:
    run = _check(good, "netflix", Tier.HEADERS)
    assert run.document["decision"] == "incomplete"
    assert run.exit_code == 3
    assert run.ids("fail") == set()
    not_measured = {clause["id"]: clause for clause in run.clauses if clause["outcome"] == "not_measured"}
    assert {"essence-decodes", "head-black", "tail-black", "interior-black"} <= set(not_measured)
    assert "picture.black.spans" in not_measured["head-black"]["missing_facts"]
    assert "decode.errors" in not_measured["essence-decodes"]["missing_facts"]


def test_family_says_which_deliverable_it_chose(good: Path) -> None:
    (verdict,) = _check(good, "netflix").master["subjects"][0]["verdicts"]
    assert verdict["spec"]["id"] == "netflix-licensed-prores"
    assert verdict["family"]["id"] == "netflix"


def test_black_in_the_middle_is_found_at_its_timecode(good: Path, folder: Path) -> None:
    run = _check(MUTATIONS["black_in_middle"](good, folder / "placed_black"), "netflix")
    (clause,) = [clause for clause in run.clauses if clause["id"] == "interior-black"]
    (finding,) = clause["findings"]
    span = finding["span"]
    assert (span["start_frame"], span["end_frame"]) == (48, 120)
    assert (span["start_timecode"], span["end_timecode"]) == ("01:00:02:00", "01:00:05:00")
    assert finding["actual"] == pytest.approx(3.003)


def test_ten_corrupted_frames_are_counted_as_ten(good: Path, folder: Path) -> None:
    run = _check(MUTATIONS["ten_corrupted_frames"](good, folder / "counted"), "netflix")
    facts = run.master["subjects"][0]["verdicts"][0]["facts"]
    frames = [error["frame"] for error in facts["decode.errors"] if error["track"] == "picture 0"]
    assert frames == list(range(20, 80, 6))

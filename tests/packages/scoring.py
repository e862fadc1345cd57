"""Judges real packages by their documents, sizes, hashes and ids, and reads what their makers say of them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deliverqc.errors import MasterError
from deliverqc.judging.judge import judge
from deliverqc.probing.packages import asset_map_of
from deliverqc.verdict import Outcome
from tests.packages.judged import SPECS, facts_of

_ERROR, _FAIL, _INCOMPLETE, _PASS = "error", "fail", "incomplete", "pass"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What is said of a package: `outcome` by its shall clauses, those that fail, and the files that are not there."""

    outcome: str
    failing: tuple[str, ...]
    missing_count: int


def judged(folder: Path, *, is_held_to_bv21: bool = False) -> Judged:
    """A package by the clauses on packages of the spec of its standard, its essence left aside. `is_held_to_bv21`: a
    DCP by RDD 52 whatever its standard, as libdcp's verifier does."""
    try:
        facts = facts_of(folder)
    except MasterError as error:
        return Judged(outcome=_ERROR, failing=(error.code,), missing_count=0)
    is_interop = facts.get("package.standard") == "interop"
    is_imf = str(facts["package.composition.namespace"]).startswith("http://www.smpte-ra.org/schemas/2067-3/")
    spec = SPECS["imf" if is_imf else "interop" if is_interop and not is_held_to_bv21 else "smpte"]
    verdict = judge(spec, facts, as_of=date(2026, 1, 1), kind="composition")
    clauses = [one for one in verdict.clauses if one.level == "shall"]
    failing = tuple(sorted(one.id for one in clauses if one.outcome is Outcome.FAIL))
    unknown = [one.id for one in clauses if one.outcome is Outcome.NOT_MEASURED]
    outcome = _FAIL if failing else _INCOMPLETE if unknown else _PASS
    return Judged(outcome=outcome, failing=failing, missing_count=len(facts["package.asset_map.missing_files"]))


def packages_in(folder: Path) -> list[Path]:
    """The folders with an asset map, in order."""
    found = {path.parent for path in folder.rglob("*") if path.name.lower() in ("assetmap", "assetmap.xml")}
    return sorted(one for one in found if asset_map_of(one) is not None)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))

"""Draws clauses of the shipped specs at random and prints a sheet to read them against their documents; judges nothing.

Run it from a checkout: python -m campaigns.read_sample [--seed 20261122] [--count 60]. The seed and the specs alone
say which clauses are drawn, so the same commit draws the same sheet. The integrity clauses restate no document and are
left out.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.load import SpecLibrary, shipped_folder
from deliverqc.speclang.model import COMMON_SENSE_ID, INTEGRITY_ID, Clause, Spec
from deliverqc.speclib.words import wanted_words

_SOURCE_KEYS = ("document", "edition", "section", "url", "confidence", "read_on")
_TICKS = "[ ] value and bounds  [ ] null and subject  [ ] level  [ ] source  [ ] wording and remedy  [ ] coverage row"


def own_clauses(library: SpecLibrary) -> list[tuple[Spec, Clause]]:
    """Every clause that the file of a shipped spec for a document writes, sorted by the ids of spec and clause."""
    specs = sorted(library.all(), key=lambda spec: spec.id)
    return [
        (spec, clause)
        for spec in specs
        for clause in sorted(spec.measured_clauses, key=lambda clause: clause.id)
        if clause.spec_id == spec.id and spec.id not in (INTEGRITY_ID, COMMON_SENSE_ID)
    ]


def draw(library: SpecLibrary, seed: int, count: int) -> list[tuple[Spec, Clause]]:
    """`count` of the clauses, none twice, in the order drawn; ValueError when there are fewer."""
    return random.Random(seed).sample(own_clauses(library), count)


def sheet(number: int, spec: Spec, clause: Clause) -> Iterator[str]:
    """The lines to tick for one clause: what it says, where that is said to stand, and the coverage rows naming it."""
    yield f"{number}. {spec.id}:{clause.id}"
    yield f"   title     {clause.title}"
    yield f"   level     {clause.level}"
    yield from (f"   {key:9} {clause.source.get(key, '-')}" for key in _SOURCE_KEYS)
    yield f"   wanted    {wanted_words(clause, spec)}"
    yield f"   schema    {json.dumps(clause.schema, ensure_ascii=False)}"
    yield f"   null      {clause.null_rule or '-'}"
    used = {name: settings for name, settings in spec.settings.items() if _is_read(name, clause)}
    yield f"   settings  {json.dumps(used) if used else '-'}"
    yield f"   why       {clause.why or '-'}"
    yield f"   remedy    {clause.remedy or '-'}"
    yield from (f"   row       {' | '.join(row)}" for row in _coverage(spec.id, clause.id))
    yield f"   {_TICKS}"
    yield ""


def _is_read(meter: str, clause: Clause) -> bool:
    return any(meter in name for name in clause.facts()) or meter == "groups"


def _coverage(spec_id: str, clause_id: str) -> Iterator[Sequence[str]]:
    path: Path = shipped_folder() / "coverage" / f"{spec_id}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, strict=True):
            if row["covered_by"] == clause_id:
                yield list(row.values())


def write(out: TextIO, library: SpecLibrary, seed: int, count: int) -> None:
    """Write the whole sheet."""
    drawn = draw(library, seed, count)
    out.write(f"seed {seed}: {count} of {len(own_clauses(library))} clauses of the shipped specs\n\n")
    for number, (spec, clause) in enumerate(drawn, 1):
        out.writelines(f"{line}\n" for line in sheet(number, spec, clause))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--count", type=int, default=60)
    chosen = parser.parse_args()
    write(sys.stdout, spec_library(), chosen.seed, chosen.count)
    return 0


if __name__ == "__main__":
    sys.exit(main())

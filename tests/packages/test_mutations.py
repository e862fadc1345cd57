"""One fault in a clean package breaks the clauses that its standard says and no others: `mutations.tsv`, row by row.

A baseline is a package of `fixtures/`: `smpte` and `interop` are DCPs of two reels, `imf` and `imf2` IMF packages of
one and of two segments; with `-text` they have subtitles, and DCPs closed captions too. A row names one change of it
(`changes.py`), the clauses that have to fail and do not fail of the baseline, and where that is written. Headers of
track files are read, and timed text; nothing is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deliverqc.measuring.registry import spec_library
from deliverqc.probing.mediainfo_many import ManyFiles
from deliverqc.speclang.model import PACKAGE_CLAUSES
from deliverqc.verdict import Outcome
from fixtures.imf import FRAMES, make_imp
from fixtures.packages import make_dcp
from tests.packages.changes import Package, change, copied
from tests.packages.judged import SPECS, Headers
from tests.packages.scoring import table

_ROWS = table(Path(__file__).with_name("mutations.tsv"))
_OF_ESSENCE: dict[str, set[str]] = {
    "smpte": {"picture-size", "sound-channels-even", "name-fits-package"},
    "interop": {"picture-size", "picture-size-common", "name-fits-package"},
    "smpte-text": {"picture-size", "sound-channels-even", "name-fits-package"},
    "interop-text": {"picture-size", "picture-size-common", "name-fits-package"},
    "imf": set(),
    "imf2": set(),
    "imf-text": set(),
}
"""What a baseline breaks as it is: a picture of 64x36 and a tone in one channel, in a DCP named 2K and 5.1."""

_UNKNOWN = "?"
"""Before a clause that the fault leaves not measured: the package does not pass, and nobody knows that it fails."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Baselines:
    packages: dict[str, Package]
    headers: Headers

    def outcomes(self, package: Package) -> Mapping[str, Outcome]:
        return self.headers.outcomes(package.folder, package.standard)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Baselines]:
    folder = tmp_path_factory.mktemp("packages")
    made: dict[str, Package] = {one: make_dcp(folder / one, standard=one, reels=2) for one in ("smpte", "interop")}
    for one in ("smpte", "interop"):
        made[f"{one}-text"] = make_dcp(folder / f"{one}-text", standard=one, reels=2, texts=("subtitle", "caption"))
    made["imf"] = make_imp(folder / "imf")
    made["imf-text"] = make_imp(folder / "imf-text", segments=((0, FRAMES, 1), (12, 6, 2)), texts=("subtitle",))
    made["imf2"] = make_imp(folder / "imf2", segments=((0, FRAMES, 1), (12, 6, 2)))
    with ManyFiles() as mediainfo:
        yield Baselines(packages=made, headers=Headers(mediainfo))


def _failing(outcomes: Mapping[str, Outcome]) -> set[str]:
    return {clause for clause, outcome in outcomes.items() if outcome is Outcome.FAIL}


@pytest.mark.parametrize("baseline", sorted(_OF_ESSENCE))
def test_a_clean_package_breaks_no_clause(clean: Baselines, baseline: str) -> None:
    assert _failing(clean.outcomes(clean.packages[baseline])) == _OF_ESSENCE[baseline]


@pytest.mark.parametrize("row", _ROWS, ids=[row["id"] for row in _ROWS])
def test_a_fault_breaks_its_clauses(clean: Baselines, row: dict[str, str], tmp_path: Path) -> None:
    baseline = clean.packages[row["baseline"]]
    copied(baseline.folder, tmp_path / "package")
    package = replace(baseline, folder=tmp_path / "package")
    change(package, row["change"])
    outcomes, clauses = clean.outcomes(package), set(row["clauses"].split())
    assert _failing(outcomes) - _OF_ESSENCE[row["baseline"]] == {one for one in clauses if one[0] != _UNKNOWN}
    unknown = {one[1:] for one in clauses if one[0] == _UNKNOWN}
    assert {one: outcomes[one] for one in unknown} == dict.fromkeys(unknown, Outcome.NOT_MEASURED)


def test_each_row_is_one_fault_with_a_source_and_there_are_enough() -> None:
    assert len({row["id"] for row in _ROWS}) == len(_ROWS)
    assert len({(row["baseline"], row["change"]) for row in _ROWS}) == len(_ROWS)
    assert [row["id"] for row in _ROWS if not row["source"]] == []
    faults = [row["baseline"] for row in _ROWS if row["clauses"]]
    assert sum(one in ("imf", "imf2") for one in faults) >= 60
    assert sum(one in ("smpte", "interop") for one in faults) >= 80


_BY_OTHER_TESTS = {
    "certificate-chain",
    "certificates-at-issue",
    "certificates-in-date",
    "signature-holds",
    "signature-method",
    "naming",
    "segments-of-five",
    "timed-text-size",
    "sign-language-video",
    "name-fits-package",
}
"""Those on signatures, `test_signatures.py`, on the title, `test_naming.py`, on
segments at 29.97 frames per second and on 115 MB of text, by the examples of their specs, and on video in audio
channels, which is decoded (`test_sign_language.py`)."""


def test_every_clause_on_packages_is_in_the_table() -> None:
    fired = {clause for row in _ROWS for clause in row["clauses"].replace(_UNKNOWN, "").split()}
    assert set(PACKAGE_CLAUSES) <= fired
    known = {one.id for spec in SPECS.values() for one in spec.clauses}
    assert known - fired <= _BY_OTHER_TESTS, sorted(known - fired)


def test_clauses_of_the_table_exist() -> None:
    library = spec_library()
    known = {clause.id for name in ("dcp-smpte", "dcp-interop", "imf-app2e") for clause in library.load(name).clauses}
    words = " ".join(row["clauses"].replace(_UNKNOWN, "") for row in _ROWS).split()
    named = {clause for clause in words if not clause.startswith("error:")}
    assert named <= known, sorted(named - known)

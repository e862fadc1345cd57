"""What other checkers of packages ask, and which of our clauses asks it: `other_checkers.tsv`.

`answer` is `clause` where one of the named clauses asks the same, `fact` where a fact holds it and no clause asks,
`none` where the reason says why not. The codes are those of libdcp's verifier (2026-08-02, all 120), of ClairMeta
1.6.3's checks, of Netflix Photon's errors, and of imferno 3 (its code pages of 2026, without the year of the edition).
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from deliverqc.measuring.registry import registry, spec_library
from tests.material import material
from tests.packages.scoring import table

_ROWS = table(Path(__file__).with_name("other_checkers.tsv"))
_SPECS = {
    "libdcp": ("dcp-smpte", "dcp-interop"),
    "ClairMeta": ("dcp-smpte", "dcp-interop"),
    "Photon": ("imf-app2e",),
    "imferno": ("imf-app2e",),
}


@pytest.mark.parametrize("checker", sorted(_SPECS))
def test_each_clause_that_is_named_exists(checker: str) -> None:
    library = spec_library()
    known = {clause.id for name in _SPECS[checker] for clause in library.load(name).clauses if clause.awaits is None}
    rows = [row for row in _ROWS if row["checker"] == checker]
    named = {name for row in rows if row["answer"] == "clause" for name in row["names"].split()}
    assert named and named - known == set()


def test_each_fact_that_is_named_exists_and_each_gap_has_a_reason() -> None:
    facts = {row["names"] for row in _ROWS if row["answer"] == "fact"}
    assert facts <= set(registry().facts)
    assert [row["code"] for row in _ROWS if row["answer"] == "none" and len(row["names"]) < 10] == []
    assert {row["answer"] for row in _ROWS} == {"clause", "fact", "none"}


def test_no_code_is_there_twice_and_none_of_libdcp_is_left_out() -> None:
    assert len({(row["checker"], row["code"]) for row in _ROWS}) == len(_ROWS)
    assert Counter(row["checker"] for row in _ROWS)["libdcp"] == 120
    codes = {row["code"] for row in _ROWS if row["checker"] == "libdcp"}
    tests = table(material("libdcp/TRUTH.tsv"))
    assert {code for row in tests for code in row["verification codes named"].split()} - codes == set()


def test_what_libdcp_says_of_timed_text_is_asked() -> None:
    """The research counts 35 such codes."""
    words = "SUBTITLE|CAPTION|TIMED_TEXT|EMPTY_TEXT|FONT"
    text = [row for row in _ROWS if row["checker"] == "libdcp" and re.search(words, row["code"])]
    assert len(text) == 35
    assert [row["code"] for row in text if row["answer"] != "clause"] == []

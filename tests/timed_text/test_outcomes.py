"""What became of each text of the material, against what its suite says: `outcomes.tsv`.

`truth` is what the suite holds of the file: `valid` or `invalid` (libdcp: its verifier reports the text itself). `why`
is there where we differ.
"""

from __future__ import annotations

from pathlib import Path

from tests.material import material
from tests.packages.scoring import table
from tests.timed_text.material_texts import outcome

_ROWS = table(Path(__file__).with_name("outcomes.tsv"))


def test_each_text_of_the_material_has_the_outcome_of_the_table() -> None:
    root = material()
    assert {row["file"]: outcome(root / row["file"]) for row in _ROWS} == {row["file"]: row["outcome"] for row in _ROWS}


def test_no_text_of_the_suites_is_left_out() -> None:
    root = material()
    names = {path.relative_to(root).as_posix() for end in ("ttml", "stl") for path in root.rglob(f"*.{end}")}
    assert len(names) > 300 and names <= {row["file"] for row in _ROWS}


def test_at_least_99_percent_of_the_valid_ones_are_clean_and_each_invalid_one_is_reported() -> None:
    valid = [row for row in _ROWS if row["truth"] == "valid"]
    faulted = [row for row in valid if row["outcome"] != "clean"]
    accepted = [row for row in _ROWS if row["truth"] == "invalid" and row["outcome"] == "clean"]
    assert len(faulted) <= len(valid) // 100
    assert [row["file"] for row in (*faulted, *accepted) if len(row["why"]) < 20] == []
    assert len(accepted) <= 1

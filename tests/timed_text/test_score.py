"""The score of the readers by suite and format: `score.tsv`, counted from what became of each file, and as the page on
timed text shows it.

`accepted`: valid files without a fault. `reported`: invalid ones that are refused or have a fault. What differs is
listed with its reason in `outcomes.tsv` and `webvtt_suites.tsv`, which other tests hold to the material.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.packages.scoring import table

_HERE = Path(__file__).parent
_PAGE = Path(__file__).parents[2] / "docs" / "timed-text.md"
_FORMATS = {
    "ttml": "TTML, IMSC, EBU-TT",
    "stl": "EBU STL",
    "xml": "TTML, IMSC, EBU-TT",
    "mxf": "TTML, IMSC, EBU-TT",
    "srt": "SubRip",
    "scc": "SCC",
    "mcc": "MCC",
}
_CINEMA = ("libdcp", "clairmeta_data")
_COLUMNS = ("suite", "format", "files", "valid", "accepted", "invalid", "reported")


def _judged() -> Iterator[tuple[str, str, str, bool]]:
    """Suite, format, truth, and whether the file is clean."""
    for row in table(_HERE / "outcomes.tsv"):
        suite = row["file"].split("/")[0]
        form = "DCSubtitle, ST 428-7" if suite in _CINEMA else _FORMATS[row["file"].rpartition(".")[2]]
        yield suite, form, row["truth"], row["outcome"] == "clean"
    for row in table(_HERE / "webvtt_suites.tsv"):
        yield row["file"].split("/")[0], "WebVTT", row["truth"], not row["faults"]


def _score() -> list[dict[str, str]]:
    counts: dict[tuple[str, str], Counter[str]] = {}
    for suite, form, truth, is_clean in _judged():
        count = counts.setdefault((suite, form), Counter())
        count["files"] += 1
        count[truth] += 1
        count["accepted"] += truth == "valid" and is_clean
        count["reported"] += truth == "invalid" and not is_clean
    return [
        {"suite": suite, "format": form, **{name: str(count[name]) for name in _COLUMNS[2:]}}
        for (suite, form), count in sorted(counts.items())
    ]


def test_the_score_is_that_of_the_table_and_of_the_page() -> None:
    score = _score()
    assert score == table(_HERE / "score.tsv")
    shown = [line for line in _PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert {f"| {' | '.join(row.values())} |" for row in score} <= set(shown)


def test_99_percent_of_the_valid_files_are_accepted_and_invalid_ones_are_reported_or_listed() -> None:
    valid, accepted, invalid, reported = (sum(int(row[name]) for row in _score()) for name in _COLUMNS[3:])
    assert accepted >= 0.99 * valid
    listed = [row for row in table(_HERE / "outcomes.tsv") if (row["truth"], row["outcome"]) == ("invalid", "clean")]
    assert invalid - reported == len(listed) <= 1
    assert all(len(row["why"]) >= 20 for row in listed)

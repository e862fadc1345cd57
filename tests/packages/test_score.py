"""Every package of the material against what its makers say of it: `score.tsv`, with the reason of each difference.

`truth` is `error` where `TRUTH.tsv` counts a fault in the row `key`, or where the snapshot lacks files, `good` where it
counts none, and `none` where it has no row. A package agrees (`yes`) that fails or is an error where the truth is
`error`, and that does neither where it is `good`; `explained` is another answer, and `-` one without a truth. DCPs of
libdcp are held to RDD 52, as its verifier holds every DCP. `clairmeta` is what ClairMeta 1.6.3 says without external
programs (2026-11-27): it reads DCPs, and `stops` with a KeyError at IMF packages.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.material import material
from tests.packages.scoring import judged, packages_in, table

_TABLE = table(Path(__file__).with_name("score.tsv"))
_COUNT = re.compile(r"([^;= ]+)=(\d+)")
_OF_FILES = "total"
"""Of a folder Photon's test gives the number of its files, and then what is counted in each; of a file the total."""


@pytest.mark.parametrize("folder", ["photon", "libdcp", "clairmeta_data"])
def test_each_package_is_judged_as_the_table_says(folder: str) -> None:
    root = material(folder)
    rows = {row["package"]: row for row in _TABLE if row["package"].startswith(f"{folder}/")}
    is_libdcp = folder == "libdcp"
    found = {str(path.relative_to(root.parent)): judged(path, is_held_to_bv21=is_libdcp) for path in packages_in(root)}
    assert {name: (one.outcome, " ".join(one.failing)) for name, one in found.items()} == {
        name: (row["outcome"], row["failing"]) for name, row in rows.items()
    }
    is_file_lacking = {name: bool(one.missing_count) for name, one in found.items()}
    if folder == "clairmeta_data":
        assert all(is_file_lacking.values())


def test_95_percent_agree_and_no_package_passes_where_the_truth_is_an_error() -> None:
    assert not [row["package"] for row in _TABLE if row["truth"] == "error" and row["outcome"] == "pass"]
    assert not [row["package"] for row in _TABLE if row["agrees"] != "yes" and not row["reason"]]
    for row in _TABLE:
        is_faulty = row["outcome"] in ("fail", "error")
        expected = {
            "none": "-",
            "error": "yes" if is_faulty else "explained",
            "good": "explained" if is_faulty else "yes",
        }
        assert row["agrees"] == expected[row["truth"]], row["package"]
    known = [row for row in _TABLE if row["truth"] != "none"]
    assert len(known) == 29
    assert sum(row["agrees"] == "yes" for row in known) >= 0.95 * len(known)


def test_the_truth_of_the_table_is_that_of_the_material() -> None:
    photon = {row["resource"].rstrip("/"): row for row in table(material("photon/TRUTH.tsv"))}
    libdcp = {row["test"]: row["verification codes named"] for row in table(material("libdcp/TRUTH.tsv"))}
    clairmeta = {row["ecl"]: row for row in table(material("clairmeta_data/TRUTH.tsv"))}
    for row in _TABLE:
        folder, key = row["package"].split("/")[0], row["key"]
        if row["truth"] == "none":
            assert not key
        elif folder == "photon":
            words = photon[key]["expected error counts (key=count)"]
            is_file = key.endswith(".xml")
            counts = [int(count) for name, count in _COUNT.findall(words) if is_file or name != _OF_FILES]
            is_faulty = any(counts) or "has:" in words
            assert is_faulty if row["truth"] == "error" else not is_faulty or key.rstrip("/").endswith("__compliant")
        elif folder == "libdcp":
            assert "INVALID" in libdcp[key]
        else:
            assert key in clairmeta and key in row["package"]

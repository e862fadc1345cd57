"""Every package of the material against what its makers say of it: `score.tsv`, with the reason of each difference.

`truth` is `error` where `TRUTH.tsv` counts a fault in the row `key`, or where the snapshot lacks files, and `none`
where it has no row. `agrees` is `yes`, or `explained` where another answer is given and why; `-` where there is no
truth.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.material import material
from tests.packages.scoring import judged, packages_in, table

_TABLE = table(Path(__file__).with_name("score.tsv"))
_COUNT = re.compile(r"total=(\d+)")


@pytest.mark.parametrize("folder", ["photon", "libdcp", "clairmeta_data"])
def test_each_package_is_judged_as_the_table_says(folder: str) -> None:
    root = material(folder)
    rows = {row["package"]: row for row in _TABLE if row["package"].startswith(f"{folder}/")}
    found = {str(path.relative_to(root.parent)): judged(path) for path in packages_in(root)}
    assert {name: (one.outcome, " ".join(one.failing)) for name, one in found.items()} == {
        name: (row["outcome"], row["failing"]) for name, row in rows.items()
    }
    is_file_lacking = {name: bool(one.missing_count) for name, one in found.items()}
    if folder == "clairmeta_data":
        assert all(is_file_lacking.values())


def test_no_package_passes_where_the_truth_is_an_error_and_each_difference_has_a_reason() -> None:
    assert not [row["package"] for row in _TABLE if row["truth"] == "error" and row["outcome"] == "pass"]
    assert not [row["package"] for row in _TABLE if row["agrees"] != "yes" and not row["reason"]]
    assert Counter(row["agrees"] for row in _TABLE) == {"yes": 17, "explained": 12, "-": 6}


def test_the_truth_of_the_table_is_that_of_the_material() -> None:
    photon = {row["resource"].rstrip("/"): row for row in table(material("photon/TRUTH.tsv"))}
    libdcp = {row["test"]: row["verification codes named"] for row in table(material("libdcp/TRUTH.tsv"))}
    clairmeta = {row["ecl"]: row for row in table(material("clairmeta_data/TRUTH.tsv"))}
    for row in _TABLE:
        folder, key = row["package"].split("/")[0], row["key"]
        if row["truth"] == "none":
            assert not key
        elif folder == "photon":
            counts = _COUNT.findall(photon[key]["expected error counts (key=count)"])
            assert any(int(count) for count in counts)
        elif folder == "libdcp":
            assert "INVALID" in libdcp[key]
        else:
            assert key in clairmeta and key in row["package"]

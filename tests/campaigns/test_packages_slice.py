"""A small seeded slice of the campaign of damaged packages, and its own reader."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from campaigns.packages import FAULTS, Campaign, damage_of, run, table
from deliverqc.request import Tier
from fixtures.package_damage import WAYS, written


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return Campaign(tmp_path_factory.mktemp("packages"), 1, Tier.HEADERS)


def test_damaged_packages_cost_no_process_and_nothing_outside_is_read(campaign: Campaign) -> None:
    numbers = [number for number in range(0, 3 * len(WAYS), 7) if "many" not in campaign.case(number)["way"]]
    lines = list(run(campaign, numbers))
    assert [one for one in lines if one["outcome"] in FAULTS] == []
    assert len(lines) >= 9


def test_a_case_is_its_seed_and_number_alone(campaign: Campaign) -> None:
    first = [campaign.case(number) for number in (3, 40)]
    assert [campaign.case(number) for number in (3, 40)] == first


@pytest.mark.parametrize("name", ["smpte", "interop", "imf"])
def test_a_clean_package_is_as_listed_and_each_damage_is_seen(campaign: Campaign, name: str, tmp_path: Path) -> None:
    clean = campaign.folder / "clean" / name
    assert damage_of(clean) == ""
    for path in clean.iterdir():
        os.link(path, tmp_path / path.name)
    data = (clean / "picture_0.mxf").read_bytes()
    written(tmp_path / "picture_0.mxf", data[:-1] + bytes([data[-1] ^ 1]))
    assert damage_of(tmp_path) == "picture_0.mxf is not as listed"
    (tmp_path / "picture_0.mxf").unlink()
    assert "No such file" in damage_of(tmp_path)


def test_lines_are_counted_by_the_way_of_damage() -> None:
    assert "| file gone | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 0 |" in table([{"way": "file gone", "outcome": "failed"}])

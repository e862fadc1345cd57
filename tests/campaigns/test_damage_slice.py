"""A small seeded slice of the campaign of damaged masters, and its judge."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from campaigns.damage import Campaign, Case, table, written
from fixtures.damage import RECIPES, WAYS

_PASSED = {"error": None, "decision": "pass", "subjects": []}


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    return Campaign(tmp_path, 1)


def _case(campaign: Campaign, name: str, data: bytes) -> Case:
    path = campaign.folder / f"damaged-{name}"
    path.write_bytes(data)
    return Case(number=0, master=name, codec="", way="", place=0, sha256="", path=path)


def test_damaged_masters_cost_no_worker_and_never_pass_wrongly(campaign: Campaign) -> None:
    judged = list(campaign.outcomes(range(1, 1 + 12 * 7, 7)))
    assert [(case.path.name, outcome) for case, outcome in judged if outcome.outcome in ("WRONG", "FAULT")] == []
    assert len(judged) == 12
    assert sum(outcome.outcome == "failed" for _, outcome in judged) > 4


def test_a_case_is_its_seed_and_number_alone(campaign: Campaign) -> None:
    first = [campaign.case(number).sha256 for number in (3, 40, 2)]
    assert [campaign.case(number).sha256 for number in (3, 40, 2)] == first
    campaign.seed = 2
    assert [campaign.case(number).sha256 for number in (3, 40, 2)] != first


@pytest.mark.parametrize("way", sorted(WAYS))
def test_every_way_changes_the_file_where_it_says(campaign: Campaign, way: str) -> None:
    whole = campaign.master("ac3.ac3")
    data, place = next(made for seed in range(9) if (made := WAYS[way](whole, random.Random(seed)))[0] != whole.data)
    assert data[:place] == whole.data[:place]


def test_a_pass_is_right_where_the_same_essence_comes_out(campaign: Campaign) -> None:
    campaign.master("pcm.wav")
    data = (campaign.folder / "pcm.wav").read_bytes()
    behind = _case(campaign, "pcm.wav", data + b"junk" + bytes(4))
    assert campaign.judged(behind, _PASSED).outcome == "passed: same essence"


def test_a_pass_is_right_where_no_decoder_can_see_the_damage(campaign: Campaign) -> None:
    whole = campaign.master("pcm.wav")
    at = whole.packets[3].start
    other = _case(campaign, "pcm.wav", whole.data[:at] + b"\x55" + whole.data[at + 1 :])
    found = campaign.judged(other, _PASSED)
    assert (found.outcome, found.changed) == ("passed: decoders silent", ("pcm_s24le",))


@pytest.mark.parametrize("name", ["ffv1.mkv", "flac.flac", "ac3.ac3", "mpeg2.mxf"])
def test_a_pass_of_damage_that_decoders_see_is_wrong(campaign: Campaign, name: str) -> None:
    whole = campaign.master(name)
    packet = [packet for packet in whole.packets if packet.codec == whole.codecs[0]][4]
    middle = (packet.start + packet.end) // 2
    other = _case(campaign, name, whole.data[:middle] + bytes(24) + whole.data[middle + 24 :])
    assert campaign.judged(other, _PASSED).outcome == "WRONG"


def test_a_whole_stream_without_a_stated_length_is_left_to_the_decoders(campaign: Campaign) -> None:
    whole = campaign.master("ac3.ac3")
    packet = whole.packets[4]
    other = _case(campaign, "ac3.ac3", whole.data[: packet.start] + whole.data[packet.end :])
    assert campaign.judged(replace(other, way="packet removed"), _PASSED).outcome == "passed: decoders silent"


def test_kinds_are_many() -> None:
    assert len({name.partition(".")[0] for name in RECIPES}) >= 16


def test_lines_are_read_again_and_counted(tmp_path: Path) -> None:
    one = {"number": 1, "codec": "flac", "changed": [], "outcome": "failed"}
    (tmp_path / "run.jsonl").write_text(json.dumps(one) + '\n{"number": 2, "co')
    assert written(tmp_path / "run.jsonl") == [one]
    assert "| flac | 1 | 1 | 0 | 0 | 0 | 0 | 0 |" in table([one])

"""A small seeded slice of the campaign of damaged timed text, and its judges."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.packages import FAULTS
from campaigns.text_validators import Validators
from campaigns.timed_text import Campaign, is_excused, wrong
from fixtures.text_damage import HARMLESS, WAYS
from fixtures.timed_text import CLEAN, WRITERS


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return Campaign(tmp_path_factory.mktemp("timed-text"), 1)


def test_damaged_text_is_refused_or_reported_and_nothing_is_lost(campaign: Campaign) -> None:
    lines = [campaign.judged(number) for number in range(0, 2000, 67)]
    assert [one for one in lines if one["outcome"] in FAULTS] == []
    assert {one["format"] for one in lines} == set(WRITERS)
    assert {"failed", "unreadable", "passed"} <= {one["outcome"] for one in lines}


def test_a_case_is_its_seed_and_number_alone(campaign: Campaign) -> None:
    first = [campaign._damaged(number) for number in range(40)]
    assert [campaign._damaged(number) for number in range(40)] == first
    assert all(data != WRITERS[form]() for form, _, data in first)


def test_every_way_is_taken(campaign: Campaign) -> None:
    assert {campaign._damaged(number)[1] for number in range(8 * len(WAYS))} == set(WAYS)
    assert set(WAYS) > HARMLESS


@pytest.mark.parametrize("form", ["dcst", "dcsubtitle", "ebu_stl", "scc", "ttml"])
def test_others_find_every_event_of_a_clean_file_and_miss_one_that_we_lose(form: str) -> None:
    validators, data = Validators(None), WRITERS[form]()
    assert validators.opinion(data, form).refusals == ()
    assert wrong(form, [{"event_count": len(CLEAN)}], validators, data)[0] == "passed"
    outcome, said = wrong(form, [{"event_count": len(CLEAN) - 1}], validators, data)
    assert (outcome, said) == ("WRONG", f"{form}: 5 events of 6")


def test_a_refusal_by_others_is_wrong_unless_the_format_allows_it() -> None:
    data = WRITERS["ttml"]()[:-9]
    outcome, said = wrong("ttml", [{"event_count": 6}], Validators(None), data)
    assert (outcome, said) == ("WRONG", "ttml refused: not well-formed")
    assert is_excused("ebu_stl", "ttconv: Subtitle TCO is less than or equal to TCI; omitting subtitle")
    assert not is_excused("ttml", "not well-formed")


def test_validators_are_named(tmp_path: Path) -> None:
    (tmp_path / "webvtt-parser").mkdir()
    assert {"ttconv", "webvtt-parser"} <= set(Validators(tmp_path).asked())
    assert "webvtt-parser" not in Validators(None).asked()

"""Masters that flash at a known rate, from the file to the report."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from deliverqc.cli import _run
from fixtures.flashes import Flashing, write_flashing

SPEC, CLAUSE = "dpp-as11-hd", "photosensitivity-pre-screen"
LUMINANCE = "picture.photosensitivity.luminance_flash.spans"


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIVERQC_CACHE_DIR", str(tmp_path / "store"))


pytestmark = pytest.mark.usefixtures("without_workers")


def _checked(path: Path, recipe: Flashing, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The verdict's subject for the recipe's master."""
    write_flashing(path, recipe)
    _run(["check", str(path), "--spec", SPEC, "--format", "json"])
    subject: dict[str, Any] = json.loads(capsys.readouterr().out)["masters"][0]["subjects"][0]
    return subject


def _clause(subject: dict[str, Any]) -> dict[str, Any]:
    clauses = subject["verdicts"][0]["clauses"]
    found: dict[str, Any] = next(clause for clause in clauses if clause["id"] == CLAUSE)
    return found


def test_five_flashes_a_second_fail_the_should_clause_at_their_timecode(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subject = _checked(tmp_path / "flashing.mov", Flashing(rate_hz=5, flash_count=5), capsys)
    clause = _clause(subject)
    assert (clause["level"], clause["outcome"]) == ("should", "fail")
    assert "no certificate" in clause["why"]
    finding = next(one for one in clause["findings"] if one["span"])
    assert finding["fact"].startswith(LUMINANCE)
    assert (finding["span"]["start_timecode"], finding["span"]["start_frame"]) == ("10:00:02:00", 50)
    assert finding["span"]["end_frame"] == 50 + 4 * 5 + 3 + 1
    facts = subject["verdicts"][0]["facts"]
    assert facts["picture.photosensitivity.luminance_flash.worst_rate_hz"] == 5.0
    assert facts["picture.photosensitivity.result"] == "failure"


@pytest.mark.parametrize(
    "recipe",
    [
        Flashing(rate_hz=5, flash_count=3),
        Flashing(rate_hz=2, flash_count=5),
        Flashing(rate_hz=5, flash_count=5, share=Fraction(1, 5)),
    ],
    ids=["three flashes", "two a second", "a fifth of the picture"],
)
def test_permitted_flashes_pass_the_clause(
    tmp_path: Path, recipe: Flashing, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _clause(_checked(tmp_path / "calm.mov", recipe, capsys))["outcome"] == "pass"


def test_curves_of_flashes_stand_in_the_evidence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subject = _checked(tmp_path / "flashing.mov", Flashing(rate_hz=5, flash_count=5), capsys)
    curves = {curve["name"]: curve for curve in subject["evidence"]["curves"]}
    assert max(curves["luminance flashes in one second"]["max"]) == 5.0
    assert max(curves["area of more than three luminance flashes in one second"]["max"]) == 100.0


def test_report_in_words_tells_the_timecode_and_that_it_is_no_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_flashing(tmp_path / "flashing.mov", Flashing(rate_hz=5, flash_count=5))
    _run(["check", str(path), "--spec", SPEC])
    told = " ".join(capsys.readouterr().out.split())
    assert CLAUSE in told
    assert "10:00:02:00" in told
    assert "no certificate" in told

"""`deliverqc spec match`: a master is listed under the specs that it could be for, best first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deliverqc.cli import _run
from tests.spec_files import clause, document, only, ship_only_ours, write


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Three specs of a house: one that the demo master meets, one that it breaks, one for another kind of master."""
    folder = tmp_path / "house"
    folder.mkdir()
    good = document(clause("size", only("picture.width_px", {"type": "integer", "minimum": 16})), spec_id="house-good")
    bad = document(clause("size", only("picture.width_px", {"const": 17})), spec_id="house-bad")
    other = document(clause("size", only("picture.width_px", {"const": 17})), spec_id="house-other")
    other["x-applies"] = only("wrapper.format", {"const": "wav"})
    for body in (good, bad, other):
        write(folder, body, f"{body['x-spec']['id']}.json")
    return folder


@pytest.mark.parametrize("tier", ["headers", "full"])
@pytest.mark.usefixtures("without_workers")
def test_what_a_master_could_be_comes_first_and_what_keeps_it_from_the_rest_is_said(
    demo_masters: Path,
    demo_store: Path,
    house: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    tier: str,
) -> None:
    """Every shipped spec is tried once, by the headers; the rest is seen on the three of the house."""
    monkeypatch.setenv("DELIVERQC_CACHE_DIR", str(demo_store))
    if tier == "full":
        ship_only_ours(monkeypatch, tmp_path / "shipped")
    arguments = ["spec", "match", str(demo_masters / "good.mov"), "--spec-path", str(house), "--tier", tier]
    assert _run([*arguments, "--format", "json"]) == 0
    (subject,) = json.loads(capsys.readouterr().out)["subjects"]
    found = {one["spec"]: one for one in subject["matches"]}
    order = list(found)
    assert order.index("house-good") < order.index("house-bad") and "house-other" not in found
    assert found["house-good"]["against"] == []
    (against,) = found["house-bad"]["against"]
    assert against["clause"] == "size" and "17" in against["found"]
    assert (found["house-good"]["unknown"] == 0) == (tier == "full")
    if tier == "headers":
        assert "netflix-licensed-prores" in found and "acx" not in found
        ship_only_ours(monkeypatch, tmp_path / "shipped")
    assert _run([*arguments, "--most", "500"]) == 0
    text = capsys.readouterr().out
    assert text.index("house-good") < text.index("house-bad") and "FAIL size: " in text


def test_a_folder_of_several_masters_is_refused(demo_masters: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["spec", "match", str(demo_masters)]) == 2
    assert "Name one." in capsys.readouterr().err


def test_a_file_that_is_no_master_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "notes.mov"
    path.write_text("not a movie")
    assert _run(["spec", "match", str(path)]) == 4
    assert "notes.mov" in capsys.readouterr().err


def test_stale_specs_are_listed_oldest_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for spec_id, day in (("read-late", "2020-02-01"), ("read-early", "2019-01-01")):
        body = document(clause("it"), spec_id=spec_id)
        body["x-spec"]["read_on"] = day
        write(tmp_path, body, f"{spec_id}.json")
    assert _run(["spec", "list", "--stale", "365", "--search", "read-", "--spec-path", str(tmp_path)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[:2] for row in rows] == [["2019-01-01", "read-early"], ["2020-02-01", "read-late"]]
    assert _run(["spec", "list", "--stale", "99999", "--search", "read-", "--spec-path", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "Every document was read within 99999 days.\n"

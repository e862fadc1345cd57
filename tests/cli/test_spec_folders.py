"""`spec lint`, `spec test` and `spec lock` on a folder of one's own: everything in it counts, nothing is left out in
silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from deliverqc.cli import _run
from tests.spec_files import clause, document, ship_only_ours, write

EXAMPLES = {"one": {"pass": [{"wrapper.format": "mov"}], "fail": [{"wrapper.format": "mxf"}]}}


@pytest.fixture
def folder(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spec, a sheet on top of it, a family of both, an old revision, examples of each, and a hidden folder."""
    ship_only_ours(monkeypatch, tmp_path_factory.mktemp("shipped") / "specs")
    for name in ("shows", "old", "examples", ".venv"):
        (tmp_path / name).mkdir()
    write(tmp_path, document(clause("one"), spec_id="house", about={"revision": 2}), "house.json")
    write(tmp_path / "old", document(clause("one"), spec_id="house"), "house-1.json")
    write(tmp_path / "shows", document(clause("one"), spec_id="show"), "show.json")
    episode = document(spec_id="episode", x_extends={"spec": "house"})
    write(tmp_path / "shows", episode, "episode.json")
    family = {"id": "acme", "title": "Acme", "specs": ["show", "house"], "when_none_fits": "QuickTime only."}
    write(tmp_path, family, "acme.family.json")
    for name in ("house", "show", "house@1.r1"):
        write(tmp_path / "examples", EXAMPLES, f"{name}.json")
    write(tmp_path / "examples", {}, "episode.json")
    (tmp_path / ".venv" / "broken.json").write_text("{", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("command", ["lint", "test"])
def test_every_spec_and_family_of_a_folder_is_looked_at(
    folder: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(["spec", command, str(folder)]) == 0
    shown = capsys.readouterr().out
    for name in ("house.json", "old/house-1.json", "shows/show.json", "shows/episode.json", "acme.family.json"):
        assert f"{folder / name}: " in shown


def test_an_example_that_does_not_hold_in_a_folder_is_a_gap(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / "examples", {"one": EXAMPLES["one"] | {"pass": [{"wrapper.format": "mxf"}]}}, "show.json")
    assert _run(["spec", "test", str(folder)]) == 2
    assert "show.json: /one/pass/0: the outcome of one is fail, not pass" in capsys.readouterr().out


def test_examples_of_no_spec_are_a_gap(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / "examples", EXAMPLES, "showw.json")
    assert _run(["spec", "test", str(folder)]) == 2
    assert "showw.json: no spec here has these examples" in capsys.readouterr().out


def test_a_file_without_x_spec_is_named_as_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"title": "A sheet", "x-spce": {}}, "misspelt.json")
    assert _run(["spec", "test", str(folder)]) == 0
    assert 'misspelt.json: left out; it has no "x-spec"' in capsys.readouterr().out


@pytest.mark.parametrize("command", ["lint", "test", "lock"])
def test_a_folder_without_specs_is_an_error(tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["spec", command, str(tmp_path)]) == 2
    assert "There is no spec in" in capsys.readouterr().err


def test_a_family_of_a_spec_that_is_nowhere_is_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    family = {"id": "acme", "title": "Acme", "specs": ["nowhere"], "when_none_fits": "QuickTime only."}
    write(folder, family, "acme.family.json")
    assert _run(["spec", "lint", str(folder)]) == 2
    shown = capsys.readouterr().out
    assert "there is no spec 'nowhere'" in shown and "house.json: " in shown


def test_a_folder_is_locked_with_its_old_revisions(folder: Path) -> None:
    assert _run(["spec", "lock", str(folder), "-o", str(folder / "specs.lock")]) == 0
    text = (folder / "specs.lock").read_text(encoding="utf-8")
    assert text.count('"house"') == 2 and '"acme"' in text
    assert _run(["spec", "lock", str(folder), "-o", str(folder / "missing" / "specs.lock")]) == 2

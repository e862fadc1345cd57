"""Old editions and revisions stay within reach, by edition and revision only, and are held to lint and examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deliverqc.cli import _run
from deliverqc.errors import SpecError
from deliverqc.measuring.registry import spec_library
from tests.spec_files import clause, document, only, write


def width(value: int) -> dict[str, Any]:
    return only("picture.width_px", {"const": value})


def examples(value: int) -> dict[str, Any]:
    return {"size": {"pass": [{"picture.width_px": value}], "fail": [{"picture.width_px": value + 1}]}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Edition 2 in revision 2, with revision 1 and edition 1 among the old ones; each asks for another width."""
    house = tmp_path / "specs" / "house"
    (house / "old").mkdir(parents=True)
    (tmp_path / "specs" / "examples").mkdir()
    for edition, revision, value, place in (("2", 2, 22, ""), ("2", 1, 21, "old"), ("1", 7, 17, "old")):
        about = {"edition": edition, "revision": revision, "aliases": ["sheet"], "scope": ["picture"]}
        write(house / place, document(clause("size", width(value)), about=about), f"{edition}-{revision}.json")
        name = f"a-sheet@{edition}.r{revision}" if place else "a-sheet"
        write(tmp_path / "specs" / "examples", examples(value), f"{name}.json")
    return tmp_path / "specs"


@pytest.mark.parametrize(
    ("name", "full_id"),
    [
        ("a-sheet", "a-sheet@2.r2"),
        ("sheet", "a-sheet@2.r2"),
        ("a-sheet@2", "a-sheet@2.r2"),
        ("a-sheet@2.r1", "a-sheet@2.r1"),
        ("a-sheet@1", "a-sheet@1.r7"),
        ("sheet@1.r7", "a-sheet@1.r7"),
    ],
)
def test_an_old_revision_is_found_by_edition_and_revision_only(folder: Path, name: str, full_id: str) -> None:
    assert spec_library([folder]).load(name).full_id == full_id


def test_an_old_file_is_never_the_newest_whatever_it_says(folder: Path) -> None:
    body = document(clause("size", width(99)), about={"edition": "3", "revision": 1})
    write(folder / "house" / "old", body, "3-1.json")
    library = spec_library([folder])
    assert library.load("a-sheet").full_id == "a-sheet@2.r2"
    assert library.load("a-sheet@3").full_id == "a-sheet@3.r1"
    (folder / "house" / "2-2.json").unlink()
    alone = spec_library([folder])
    with pytest.raises(SpecError, match=r"'a-sheet' was withdrawn\. Old revisions: .*a-sheet@3\.r1$"):
        alone.load("a-sheet")
    assert "a-sheet" not in alone.ids()


def test_a_withdrawn_spec_is_answered_with_what_may_be_meant(folder: Path) -> None:
    (folder / "house" / "2-2.json").unlink()
    write(folder, document(clause("size", width(1)), spec_id="house-a-sheet"), "house-a-sheet.json")
    alone = spec_library([folder])
    with pytest.raises(SpecError, match=r"'a-sheet' was withdrawn; did you mean house-a-sheet\? Old revisions: "):
        alone.load("a-sheet")
    with pytest.raises(SpecError, match=r"there is no spec 'a-sheets'; did you mean a-sheet@"):
        alone.load("a-sheets")


def test_rtl_was_never_the_document_of_rtl() -> None:
    shipped = spec_library()
    with pytest.raises(SpecError, match=r"did you mean rtl-de-\w+ or rtl-de-\w+\? Old revisions: rtl@2026-11-22\.r1$"):
        shipped.load("rtl")
    old, named = shipped.load("rtl@2026-11-22"), shipped.load("mediabank-uls")
    assert {one.id for one in old.own_clauses} == {one.id for one in named.own_clauses} - {"display-aspect-ratio"}


@pytest.mark.parametrize("name", ["a-sheet@9", "a-sheet@2.r9", "sheet@0"])
def test_an_edition_that_is_not_there_lists_those_that_are(folder: Path, name: str) -> None:
    with pytest.raises(SpecError) as caught:
        spec_library([folder]).load(name)
    assert f"there is no {name!r}; there is: a-sheet@1.r7 (old), a-sheet@2.r1 (old), a-sheet@2.r2" in str(caught.value)


def test_a_revision_stands_in_one_file_only(folder: Path) -> None:
    body = document(clause("size", width(1)), about={"edition": "2", "revision": 2})
    write(folder / "house" / "old", body, "again.json")
    with pytest.raises(SpecError, match=r"both say that they are a-sheet@2\.r2"):
        spec_library([folder]).load("a-sheet")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, str]]:
    code = _run(["spec", *arguments])
    rows = [line.split(": ", 1) for line in capsys.readouterr().out.splitlines()]
    return code, {name: said for name, said in rows if name.startswith("a-sheet")}


def test_lint_and_test_hold_old_revisions_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["a-sheet", "a-sheet@1.r7", "a-sheet@2.r1"]
    code, said = run(capsys, "lint", *names, "--spec-path", str(folder))
    assert (code, said) == (0, dict.fromkeys(names, "ok"))
    assert set(names) <= set(spec_library([folder]).names())
    code, said = run(capsys, "test", *names, "--spec-path", str(folder))
    assert (code, said) == (0, dict.fromkeys(names, "1 clauses proved"))
    write(folder / "examples", examples(5), "a-sheet@1.r7.json")
    code, said = run(capsys, "test", *names, "--spec-path", str(folder))
    assert code == 2 and "not pass" in said["a-sheet@1.r7"]


def test_lint_without_names_reads_old_revisions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = document(clause("size", width(1)), about={"edition": "0", "revision": 1})
    write(folder / "house" / "old", body | {"allOf": [{**body["allOf"][0], "x-level": "must"}]}, "0-1.json")
    code, said = run(capsys, "lint", "--spec-path", str(folder))
    assert code == 2 and "x-level" in said["a-sheet@0.r1"]


def test_a_spec_is_shown_with_its_other_revisions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["spec", "show", "a-sheet", "--spec-path", str(folder)]) == 0
    assert "Other revisions: a-sheet@1.r7, a-sheet@2.r1\n" in capsys.readouterr().out


def test_an_old_revision_names_exactly_what_it_extends(folder: Path) -> None:
    for base, is_fine in (("a-sheet", False), ("a-sheet@2", False), ("a-sheet@2.r1", True)):
        body = document(spec_id="show", x_extends={"spec": base})
        write(folder / "house" / "old", body, "show.json")
        problems = spec_library([folder]).problems("show@1.r1")
        assert [problem.pointer for problem in problems] == ([] if is_fine else ["/x-extends/spec"])


def test_an_old_revision_may_await_what_is_measured_now(folder: Path) -> None:
    waiting = [{"id": "a", "title": "A", "x-source": {"document": "d"}, "x-awaits": "picture.width_px"}]
    body = document(clause("size", width(1)), about={"edition": "0", "revision": 1}, x_manual=waiting)
    write(folder / "house" / "old", body, "0-1.json")
    assert [one.severity for one in spec_library([folder]).problems("a-sheet@0.r1", shipped=True)] == ["warning"]


def test_facts_are_judged_by_the_revision_that_was_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = folder / "facts.txt"
    kept.write_text(json.dumps({"picture.width_px": 21}))
    told = {}
    for name in ("a-sheet@2.r1", "a-sheet"):
        _run(["judge", str(kept), "--spec", name, "--spec-path", str(folder), "--format", "json"])
        verdict = json.loads(capsys.readouterr().out)["masters"][0]["subjects"][0]["verdicts"][0]
        told[verdict["spec"]["revision"]] = {one["id"]: one["outcome"] for one in verdict["clauses"]}["size"]
    assert told == {1: "pass", 2: "fail"}

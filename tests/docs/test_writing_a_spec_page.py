"""The page that teaches how to write a spec: its files work as they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deliverqc.cli import _run
from deliverqc.errors import SpecError
from deliverqc.measuring.registry import registry, spec_library
from deliverqc.speclang.keywords import SCHEMA_KEYWORDS
from deliverqc.speclang.lint import CLAUSE_KEYWORDS, lint
from deliverqc.speclang.model import Family
from deliverqc.speclib.examples import check_examples
from tests.spec_files import document, write

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-spec.md"


def files_on_the_page() -> list[Any]:
    return [
        json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    ]


def test_the_spec_on_the_page_has_eight_clauses_in_under_sixty_lines_and_examples_that_hold(tmp_path: Path) -> None:
    body, examples, *_ = files_on_the_page()
    first = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert len(body["allOf"]) == 8 and len(first.splitlines()) < 60
    assert set(examples) == {clause["$anchor"] for clause in body["allOf"]}
    assert lint(body, shipped=False, registry=registry()) == ()
    assert check_examples(spec_library().load(str(write(tmp_path, body))), examples) == ()


def test_the_spec_on_the_page_is_shown_on_one_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, files_on_the_page()[0])
    assert _run(["spec", "show", str(path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) <= 40


def test_the_extension_and_the_family_on_the_page_resolve(tmp_path: Path) -> None:
    body, _, _, show, family = files_on_the_page()
    for number, one in enumerate((body, show)):
        write(tmp_path, one, f"{number}.json")
    write(tmp_path, family, "acme.family.json")
    library = spec_library([tmp_path])
    resolved = library.resolve("acme")
    assert isinstance(resolved, Family)
    assert [spec.id for spec in library.members(resolved)] == ["acme-the-show", "acme-hd"]
    ids = [one.id for one in library.load("acme-the-show").own_clauses]
    assert "loudness" in ids and "no-long-black" not in ids


def test_every_keyword_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    told = set(re.findall(r"[$\w-]+", text))
    assert {*SCHEMA_KEYWORDS, *CLAUSE_KEYWORDS} - {"$comment", "description"} <= told


TEN_LINES = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[2]


@pytest.mark.usefixtures("without_workers")
def test_ten_lines_make_a_shows_sheet_on_top_of_netflix(
    demo_masters: Path,
    demo_store: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DELIVERQC_CACHE_DIR", str(demo_store))
    sheet = tmp_path / "the-show.json"
    sheet.write_text(TEN_LINES, encoding="utf-8")
    assert len(TEN_LINES.strip().splitlines()) <= 10
    assert _run(["spec", "lint", str(sheet)]) == 0
    capsys.readouterr()

    def outcomes(name: str, spec: str) -> tuple[int, dict[str, str]]:
        code = _run(["check", str(demo_masters / name), "--spec", spec, "--format", "json"])
        verdict = json.loads(capsys.readouterr().out)["masters"][0]["subjects"][0]["verdicts"][0]
        return code, {one["id"]: one["outcome"] for one in verdict["clauses"]}

    code, good = outcomes("good.mov", str(sheet))
    _, faulty = outcomes("faulty.mov", str(sheet))
    _, platform = outcomes("faulty.mov", "netflix-licensed-prores")
    assert code == 0 and good["start-timecode"] == "pass"
    assert "interior-black" not in good and platform["interior-black"] == "fail"
    assert {**platform, "start-timecode": "pass"} == {**faulty, "interior-black": "fail"}
    assert "fail" in faulty.values()


def test_a_family_cannot_be_extended_and_the_error_names_its_specs(tmp_path: Path) -> None:
    sheet = write(tmp_path, document(spec_id="the-show", x_extends={"spec": "netflix"}))
    with pytest.raises(SpecError, match=r"'netflix' is a family of specs; name one of them: .*netflix-licensed-prores"):
        spec_library().load(str(sheet))


def _misspelt(body: dict[str, Any]) -> None:
    body["allOf"][0]["x-demand"] = {"wrapper.forma": "mov"}


def _of_another_kind(body: dict[str, Any]) -> None:
    body["allOf"][5]["x-demand"] = {"sound.groups[].loudness.integrated_lufs": "-23"}


def _without_null_rule(body: dict[str, Any]) -> None:
    del body["allOf"][4]["x-null"]


PLANTED: dict[str, tuple[Callable[[dict[str, Any]], None], str, str]] = {
    "unknown-fact": (_misspelt, "/allOf/0/x-demand", "did you mean wrapper.format"),
    "impossible-value": (_of_another_kind, "/allOf/5/x-demand", "is of the kind number"),
    "unruled-null": (_without_null_rule, "/allOf/4/x-demand", '"x-null": "fail"'),
}


@pytest.mark.parametrize("planted", [[code] for code in PLANTED] + [list(PLANTED)], ids="+".join)
def test_mistakes_planted_in_the_pages_spec_are_told_where_they_are_and_how_to_mend_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], planted: list[str]
) -> None:
    body = files_on_the_page()[0]
    path = write(tmp_path, body)
    assert _run(["spec", "lint", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: ok\n"
    for code in planted:
        PLANTED[code][0](body)
    write(tmp_path, body)
    assert _run(["spec", "lint", str(path)]) == 2
    lines = capsys.readouterr().out.splitlines()
    for code in planted:
        _, pointer, mending = PLANTED[code]
        assert any(f"[{code}]" in line and pointer in line and mending in line for line in lines)
    assert {re.findall(r"\[([a-z-]+)\]$", line)[0] for line in lines} == set(planted)
    assert _run(["judge", str(path), "--spec", str(path)]) == 2

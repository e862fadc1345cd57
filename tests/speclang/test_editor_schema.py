"""The published dialect: stable name, a description of every keyword, and no influence on judging."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deliverqc.cli import _run
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.lint import CLAUSE_KEYWORDS, DIALECT_FILE
from deliverqc.speclang.load import shipped_folder
from deliverqc.speclang.read import read_json
from tests.spec_files import clause, document, write

DIALECT = read_json(DIALECT_FILE)
PAGE = Path(__file__).parents[2] / "docs" / "writing-a-spec.md"


def keywords(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(schema, dict):
        return
    for name, inner in schema.get("properties", {}).items():
        yield f"{path}/{name}", inner
        yield from keywords(inner, f"{path}/{name}")
    for keyword in ("items", "additionalProperties"):
        yield from keywords(schema.get(keyword), path)


def test_every_keyword_tells_an_editor_what_it_means() -> None:
    found = [*keywords(DIALECT)]
    for name in ("clause", "demand", "schema", "source", "changes"):
        found += [(f"{name}{path}", inner) for path, inner in keywords(DIALECT["$defs"][name])]
    assert {path.rsplit("/", 1)[-1] for path, _ in found} >= {*CLAUSE_KEYWORDS, "x-spec", "x-extends", "minimum"}
    for path, inner in found:
        place = inner.get("$ref", "#").removeprefix("#/").split("/") if "description" not in inner else []
        meant = inner
        for key in [key for key in place if key]:
            meant = DIALECT[key] if meant is inner else meant[key]
        assert re.search(r"\w+ \w+", meant.get("description", "")), path


def test_the_dialect_has_the_name_that_it_was_published_under() -> None:
    assert DIALECT["$id"] == "urn:deliverqc:spec.schema.json"
    Draft202012Validator.check_schema(DIALECT)


def test_every_shipped_spec_meets_the_dialect() -> None:
    validator, library = Draft202012Validator(DIALECT), spec_library()
    for name in library.names():
        assert list(validator.iter_errors(read_json(Path(library.load(name).origin)))) == [], name


NARROW = {"scope": ["wrapper"]}


@pytest.mark.parametrize("schema", [DIALECT["$id"], "./spec.schema.json", "https://example.org/spec.schema.json"])
def test_a_spec_that_names_the_dialect_lints_clean_and_is_judged_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], schema: str
) -> None:
    facts = tmp_path / "facts.txt"
    facts.write_text('{"wrapper.format": "mxf"}')
    outcomes = []
    for body in (document(clause("it"), about=NARROW), document(clause("it"), about=NARROW) | {"$schema": schema}):
        path = write(tmp_path, body)
        assert spec_library().problems(str(path)) == ()
        code = _run(["judge", str(facts), "--spec", str(path), "--format", "json"])
        verdict = json.loads(capsys.readouterr().out)["masters"][0]["subjects"][0]["verdicts"][0]
        outcomes.append((code, verdict["decision"], [(one["id"], one["outcome"]) for one in verdict["clauses"]]))
    assert outcomes[0] == outcomes[1]


def test_the_schema_is_written_to_a_file_or_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "spec.schema.json"
    assert _run(["spec", "schema", "-o", str(target)]) == 0
    assert capsys.readouterr().out == ""
    assert _run(["spec", "schema"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert read_json(target) == written
    facts = written["$defs"]["demand"].pop("properties")
    assert written == DIALECT
    assert facts.keys() == spec_library().registry.facts.keys()
    assert "(dBTP)" in facts["sound.groups[].loudness.max_true_peak_dbtp"]["description"]
    assert _run(["spec", "schema", "-o", str(tmp_path / "nowhere" / "a.json")]) == 2


def test_the_schema_beside_specs_does_not_keep_them_from_being_found(tmp_path: Path) -> None:
    write(tmp_path, document(clause("it")))
    assert _run(["spec", "schema", "-o", str(tmp_path / "spec.schema.json")]) == 0
    assert spec_library([tmp_path]).load("a-sheet").id == "a-sheet"


def test_the_page_names_the_command_and_the_schema() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "deliverqc spec schema -o spec.schema.json" in text and DIALECT["$id"] in text
    settings = re.search(r'"json\.schemas": (\[.*\])', text)
    assert settings is not None and json.loads(settings[1])[0]["url"] == "./spec.schema.json"


def test_the_dialect_is_not_among_the_shipped_specs() -> None:
    assert not list(shipped_folder().rglob("spec.schema.json"))

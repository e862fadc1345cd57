"""The page that teaches how to write a spec: its files work as they stand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from deliverqc.facts.registry import registry
from deliverqc.spec.examples import check_examples
from deliverqc.spec.keywords import SCHEMA_KEYWORDS
from deliverqc.spec.lint import CLAUSE_KEYWORDS, lint
from deliverqc.spec.load import SpecLibrary
from deliverqc.spec.model import Family
from tests.spec_files import write

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-spec.md"


def files_on_the_page() -> list[Any]:
    return [
        json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    ]


def test_the_spec_on_the_page_has_five_clauses_no_problems_and_examples_that_hold(tmp_path: Path) -> None:
    body, examples, *_ = files_on_the_page()
    assert len(body["allOf"]) == 5
    assert lint(body, shipped=False, registry=registry()) == ()
    assert check_examples(SpecLibrary().load(str(write(tmp_path, body))), examples) == ()


def test_the_extension_and_the_family_on_the_page_resolve(tmp_path: Path) -> None:
    body, _, show, family = files_on_the_page()
    for number, one in enumerate((body, show)):
        write(tmp_path, one, f"{number}.json")
    write(tmp_path, family, "acme.family.json")
    library = SpecLibrary([tmp_path])
    resolved = library.resolve("acme")
    assert isinstance(resolved, Family)
    assert [spec.id for spec in library.members(resolved)] == ["acme-the-show", "acme-hd"]
    assert [one.id for one in library.load("acme-the-show").own_clauses][-1] == "loudness"


def test_every_keyword_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    told = set(re.findall(r"[$\w-]+", text))
    assert {*SCHEMA_KEYWORDS, *CLAUSE_KEYWORDS} - {"$comment", "description"} <= told

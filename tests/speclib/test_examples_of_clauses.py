"""Every clause of every shipped spec has facts that pass and facts that fail, and the engine that holds them to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.load import shipped_folder
from deliverqc.speclang.model import Family, Spec
from deliverqc.speclang.read import read_json
from deliverqc.speclib.examples import check_examples
from tests.spec_files import clause, document, loaded, write

MOV, MP4 = {"wrapper.format": "mov"}, {"wrapper.format": "mp4"}


def shipped_specs() -> list[str]:
    library = spec_library()
    return [name for name in library.ids() if not isinstance(library.resolve(name), Family)]


@pytest.mark.parametrize("name", shipped_specs())
def test_every_clause_of_a_shipped_spec_has_examples_that_come_out_so(name: str) -> None:
    examples = read_json(shipped_folder() / "examples" / f"{name}.json")
    assert check_examples(spec_library().load(name), examples) == ()


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    return loaded(tmp_path, clause("it"))


def test_examples_that_come_out_as_they_say_are_no_problem(spec: Spec) -> None:
    assert check_examples(spec, {"it": {"pass": [MOV], "fail": [MP4], "not_measured": [{}]}}) == ()


@pytest.mark.parametrize(
    ("examples", "pointer", "words"),
    [
        ({}, "/it", "needs examples"),
        ({"it": {"pass": [MOV]}}, "/it/fail", "at least one"),
        ({"it": {"pass": [], "fail": [MP4]}}, "/it/pass", "at least one"),
        (
            {"it": {"pass": [MP4], "fail": [MP4]}},
            "/it/pass/0",
            "is fail, not pass: kind of the wrapper is mp4; required mov",
        ),
        ({"it": {"pass": [MOV], "fail": [MP4, {}]}}, "/it/fail/1", "is not_measured, not fail: wrapper.format"),
        ({"it": {"pass": [{**MOV, "file.nmae": "a"}], "fail": [MP4]}}, "/it/pass/0", "did you mean file.name"),
        (
            {"it": {"pass": [{**MOV, "sound.tracks": [{"codek": "pcm"}]}], "fail": [MP4]}},
            "/it/pass/0",
            "codek is not a fact",
        ),
        ({"it": {"pass": [MOV], "fail": [MP4], "passes": []}}, "/it/passes", "no outcome"),
        ({"it": {"pass": [MOV], "fail": ["mp4"]}}, "/it/fail/0", "no object of facts"),
        ({"it": {"pass": [MOV], "fail": [MP4]}, "ti": {}}, "/ti", "no clause 'ti'"),
        ([], "", "are an object"),
    ],
)
def test_examples_that_do_not_hold_are_told(spec: Spec, examples: Any, pointer: str, words: str) -> None:
    found = check_examples(spec, examples)
    assert pointer in [problem.pointer for problem in found]
    assert any(words in problem.message for problem in found)


def test_clauses_that_were_inherited_are_tested_with_their_own_spec(tmp_path: Path) -> None:
    write(tmp_path, document(clause("below"), spec_id="base"), "base.json")
    write(tmp_path, document(clause("it"), x_extends={"spec": "base"}))
    spec = spec_library([tmp_path]).load("a-sheet")
    assert check_examples(spec, {"it": {"pass": [MOV], "fail": [MP4]}}) == ()

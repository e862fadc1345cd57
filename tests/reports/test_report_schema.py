"""The published JSON Schema takes what the dataclasses make, and nothing else."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import deliverqc.reports
from deliverqc.errors import UsageError
from deliverqc.reports.document import require_document
from deliverqc.verdict import ClauseOutcome, Decision, Finding, Level, Outcome, Verdict
from tests.reports import samples

SCHEMA = json.loads((Path(deliverqc.reports.__file__).parent / "verdict.schema.json").read_text(encoding="utf-8"))
DEFINITIONS = SCHEMA["$defs"]


def is_valid(document: Any) -> bool:
    return bool(Draft202012Validator(SCHEMA).is_valid(document))


def test_the_schema_is_a_schema_of_its_draft() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("sample", samples.SAMPLES)
def test_every_sample_is_valid(sample: str) -> None:
    Draft202012Validator(SCHEMA).validate(samples.SAMPLES[sample]())


@pytest.mark.parametrize(("kind", "name"), [(Verdict, "verdict"), (ClauseOutcome, "clause"), (Finding, "finding")])
def test_the_schema_has_exactly_the_fields_of_the_dataclass(kind: Any, name: str) -> None:
    derived = {"counts"} if kind is Verdict else set()
    assert set(DEFINITIONS[name]["properties"]) == {one.name for one in fields(kind)} | derived
    assert set(DEFINITIONS[name]["required"]) == set(DEFINITIONS[name]["properties"])


@pytest.mark.parametrize(("kind", "name"), [(Decision, "decision"), (Outcome, "outcome"), (Level, "level")])
def test_the_schema_has_exactly_the_words_of_the_enumeration(kind: Any, name: str) -> None:
    assert set(DEFINITIONS[name]["enum"]) == {word.value for word in kind}


def paths(value: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the objects of our own shape stand; facts, settings and the like are open."""
    open_members = ("facts", "settings", "meters", "libraries", "expectations", "where", "span", "actual", "source")
    found = [so_far] if isinstance(value, dict) else []
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        if key not in open_members:
            found += paths(member, (*so_far, key))
    return found


@pytest.mark.parametrize("path", paths(samples.failing()), ids=lambda path: ".".join(map(str, path)))
def test_an_unknown_member_is_refused_wherever_the_shape_is_ours(path: tuple[Any, ...]) -> None:
    document = samples.failing()
    place = document
    for key in path:
        place = place[key]
    place["surprise"] = 1
    assert not is_valid(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema_version",), 2),
        (("decision",), "ok"),
        (("masters", 0, "tier"), "deep"),
        (("masters", 0, "subjects", 0, "verdicts", 0, "clauses", 0, "outcome"), "skipped"),
        (("masters", 0, "subjects", 0, "verdicts", 0, "clauses", 0, "id"), "Not An Id"),
        (("masters", 0, "subjects", 0, "evidence", "curves", 0, "min"), [0.0] * 2001),
        (("masters", 0, "subjects", 0, "verdicts", 0, "provenance", "facts_sha256"), "none"),
    ],
)
def test_a_value_that_the_shape_does_not_have_is_refused(path: tuple[Any, ...], value: Any) -> None:
    document: Any = samples.failing()
    place = document
    for key in path[:-1]:
        place = place[key]
    assert path[-1] in place
    place[path[-1]] = value
    assert not is_valid(document)


def test_a_broken_document_is_refused_with_the_file_and_the_place() -> None:
    document = samples.failing()
    require_document(document, "kept.json")
    del document["masters"][0]["subjects"][0]["verdicts"][0]["clauses"][2]["findings"][0]["unit"]
    with pytest.raises(UsageError) as caught:
        require_document(document, "kept.json")
    assert "kept.json" in caught.value.message
    assert (
        "masters[0].subjects[0].verdicts[0].clauses[2].findings[0], 'unit' is a required property"
        in caught.value.message
    )


@pytest.mark.parametrize("document", [None, [], "verdict", {}, {"schema_version": 2}])
def test_what_is_no_verdict_document_at_all_is_refused(document: Any) -> None:
    with pytest.raises(UsageError, match=r"its root|schema_version"):
        require_document(document, "kept.json")

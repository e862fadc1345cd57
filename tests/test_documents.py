"""The typed documents hold all that the published schema allows, and lose nothing."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, fields
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverqc import documents
from deliverqc.documents import FactsDocument, ProbedFacts, VerdictDocument
from deliverqc.errors import UsageError
from deliverqc.reports.document import SCHEMA_FILE
from deliverqc.verdict import Decision, Level, Outcome
from tests.reports import samples

SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
ENTRIES = {
    "master": documents.MasterEntry,
    "subject": documents.SubjectEntry,
    "curve": documents.CurveEntry,
    "still": documents.StillEntry,
    "captions": documents.CaptionsEntry,
    "text_event": documents.TextEventEntry,
    "verdict": documents.VerdictEntry,
    "clause": documents.ClauseEntry,
    "source": documents.SourceEntry,
    "waiver": documents.WaiverEntry,
    "finding": documents.FindingEntry,
    "manual": documents.ManualEntry,
}
FACTS = {
    "schema_version": 1,
    "master": {"path": "a/b.mov", "name": "b.mov", "size_bytes": 3, "tier": "full", "range": {"asked": "0-1"}},
    "subjects": [
        {"id": "file", "kind": "file", "title": "b.mov", "settings": None, "facts": {"wrapper.format": "mov"}}
    ],
}


def as_json(sample: str) -> Any:
    return json.loads(json.dumps(samples.SMALL[sample]()))


@pytest.mark.parametrize("sample", samples.SAMPLES)
def test_every_sample_comes_back_as_it_was(sample: str) -> None:
    assert VerdictDocument.from_document(as_json(sample)).to_document() == as_json(sample)


@pytest.mark.parametrize("name", ["decision", "level", "outcome"])
def test_the_other_definitions_of_the_schema_are_words_or_lists(name: str) -> None:
    assert set(SCHEMA["$defs"]) - set(ENTRIES) == {"decision", "level", "outcome", "sha256", "points"}
    kinds = {"decision": Decision, "level": Level, "outcome": Outcome}
    assert set(SCHEMA["$defs"][name]["enum"]) == {word.value for word in kinds[name]}


@pytest.mark.parametrize("name", [*ENTRIES, "document"])
def test_every_member_of_the_schema_has_an_attribute(name: str) -> None:
    kind = ENTRIES.get(name, VerdictDocument)
    shape = SCHEMA["$defs"][name] if name in ENTRIES else SCHEMA
    assert {one.name for one in fields(kind)} - {"_document"} == set(shape["properties"])


@cache
def _defined(name: str) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: values(SCHEMA["$defs"][name]))


def values(schema: Any) -> st.SearchStrategy[Any]:
    """JSON values of the types that the schema allows; patterns are not kept to."""
    if "$ref" in schema:
        return _defined(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return st.one_of([values(one) for one in schema["anyOf"]])
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    kinds = schema.get("type", ["string", "null", "number", "boolean"])
    return st.one_of([_of_type(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)])


def _of_type(kind: str, schema: Any) -> st.SearchStrategy[Any]:
    if kind == "array":
        return st.lists(values(schema["items"]), max_size=1)
    if kind == "object":
        required = schema.get("required", ())
        known = {name: values(one) for name, one in schema.get("properties", {}).items()}
        more = schema.get("additionalProperties", {"type": "string"})
        return st.fixed_dictionaries(
            {name: one for name, one in known.items() if name in required},
            optional={name: one for name, one in known.items() if name not in required}
            | ({"more": values(more)} if more else {}),
        )
    return {
        "string": st.text(max_size=3),
        "integer": st.integers(0, 5),
        "number": st.one_of(st.integers(0, 5), st.floats(-9, 9)),
        "boolean": st.booleans(),
        "null": st.none(),
    }[kind]


@settings(deadline=None, max_examples=100)
@given(document=values(SCHEMA))
def test_every_document_that_the_schema_allows_is_read_and_kept(document: Any) -> None:
    assert VerdictDocument.from_document(document).to_document() == document


def test_members_have_types_and_the_plain_json_beside_them() -> None:
    document = VerdictDocument.from_document(as_json("failing"))
    clause = document.masters[0].subjects[0].verdicts[0].clauses[0]
    plain = document["masters"][0]["subjects"][0]["verdicts"][0]["clauses"][0]
    assert (type(document.decision), type(clause.level), type(clause.outcome)) == (Decision, Level, Outcome)
    assert (type(document["decision"]), type(plain), type(plain["findings"])) == (str, dict, list)
    assert clause.to_document() == plain == dict(clause.to_document())
    assert clause["id"] == clause.id == clause.get("id")
    assert list(clause) == list(plain)
    assert "id" in clause and "no-such-member" not in clause
    assert clause.get("no-such-member", 3) == 3
    with pytest.raises(KeyError, match="no-such-member"):
        clause["no-such-member"]


def test_members_that_this_version_does_not_know_are_kept() -> None:
    newer = as_json("failing")
    newer["mood"] = "good"
    newer["masters"][0]["subjects"][0]["verdicts"][0]["clauses"][0]["weight"] = [1, {"a": None}]
    document = VerdictDocument.from_document(newer)
    assert document["mood"] == "good"
    assert document.to_document() == newer


def test_a_document_does_not_change() -> None:
    given = as_json("failing")
    document = VerdictDocument.from_document(given)
    given["masters"].clear()
    document.to_document()["masters"].clear()
    assert document.to_document() == as_json("failing")
    with pytest.raises(FrozenInstanceError):
        document.decision = Decision.PASS  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(document)) == copy.deepcopy(document) == document


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 2}, "schema_version is 2"),
        ({"decision": "maybe"}, "decision is 'maybe', which is not one of pass, incomplete, fail, error"),
        ({"masters": {}}, "masters is {}, which is not a list"),
        ({"masters": [3]}, "masters[0] is 3, which is not a JSON object"),
        ({"masters": [{"path": "a"}]}, "masters[0].name is missing"),
        ({"tool": float("nan")}, "Out of range float values are not JSON compliant"),
    ],
)
def test_what_is_not_a_verdict_document_is_refused_with_its_place(change: Any, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        VerdictDocument.from_document(as_json("failing") | change)
    assert message in str(refused.value)
    assert refused.value.code == "not-a-verdict"


def test_facts_are_read_and_kept() -> None:
    document = FactsDocument.from_document(FACTS)
    assert document.to_document() == FACTS
    assert document.subjects[0].facts == {"wrapper.format": "mov"}
    assert document.master.range == document["master"]["range"] == {"asked": "0-1"}
    with pytest.raises(UsageError, match="it is a list, not a JSON object"):
        FactsDocument.from_document([])  # type: ignore[arg-type]


def test_probed_facts_hold_a_copy() -> None:
    given = {"wrapper.format": "mov"}
    facts = ProbedFacts.from_facts(given)
    given.clear()
    assert facts.to_document() == facts.facts == {"wrapper.format": "mov"}
    assert list(facts) == ["wrapper.format"]

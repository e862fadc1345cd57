"""The published JSON Schema takes what the dataclasses make and what later versions may add; ours has nothing else."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

import deliverqc.reports
from deliverqc.errors import UsageError
from deliverqc.reports import FORMATS, render
from deliverqc.reports.document import require_document
from deliverqc.verdict import ClauseOutcome, Decision, Finding, Level, Outcome, Verdict
from tests.reports import samples
from tests.reports.strict import require_described

SCHEMA = json.loads((Path(deliverqc.reports.__file__).parent / "verdict.schema.json").read_text(encoding="utf-8"))
DEFINITIONS = SCHEMA["$defs"]
RESERVED = {"clause": {"fixable"}}
"""Members that the schema describes and nothing fills yet."""

ADDITIVE = {"scope", "old_readings", "basis", "stated", "event"}
"""Members that are absent where there is nothing to say."""


def is_valid(document: Any) -> bool:
    return bool(Draft202012Validator(SCHEMA).is_valid(document))


def test_the_schema_is_a_schema_of_its_draft() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("sample", samples.SAMPLES)
def test_every_sample_is_valid(sample: str) -> None:
    Draft202012Validator(SCHEMA).validate(samples.SMALL[sample]())


@pytest.mark.parametrize(("kind", "name"), [(Verdict, "verdict"), (ClauseOutcome, "clause"), (Finding, "finding")])
def test_the_schema_has_exactly_the_fields_of_the_dataclass(kind: Any, name: str) -> None:
    derived = {"counts"} if kind is Verdict else set()
    of_long_lists = {Verdict: {"fact_counts"}, ClauseOutcome: {"finding_count"}}.get(kind, set())
    ours = {one.name for one in fields(kind)} | derived
    assert set(DEFINITIONS[name]["properties"]) == ours | of_long_lists | RESERVED.get(name, set())
    assert set(DEFINITIONS[name]["required"]) == ours - ADDITIVE


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
def test_a_member_of_a_later_version_is_valid_and_one_of_ours_is_described(path: tuple[Any, ...]) -> None:
    document = samples.failing()
    place = document
    for key in path:
        place = place[key]
    place["surprise"] = 1
    assert is_valid(document) is (path[-1:] != ("counts",))
    with pytest.raises(ValidationError, match="surprise"):
        require_described(document)


@pytest.mark.parametrize("sample", samples.SAMPLES)
def test_every_member_of_our_own_documents_is_described(sample: str) -> None:
    require_described(samples.SMALL[sample]())


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_of_a_document_of_a_later_version_is_that_of_what_we_know(name: str) -> None:
    document = samples.failing()
    if name != "json":
        expected = render(document, name)
        for path in paths(document):
            place = document
            for key in path:
                place = place[key]
            if path[-1:] != ("counts",):
                place["surprise"] = "unheard of"
        assert render(document, name) == expected


def grown() -> Any:
    """A document with every member that the schema describes and nothing fills yet."""
    document: Any = samples.failing()
    master = document["masters"][0]
    master["hashes"] = {"md5": "d41d8cd98f00b204e9800998ecf8427e", "sha512-256": "c0ffee"}
    master["readers_lost"] = [{"reader": "mediainfo", "reason": "It gave no answer for 60 s."}]
    subject = master["subjects"][0]
    subject["kind"] = "composition"
    clauses = subject["verdicts"][0]["clauses"]
    subject["noticed"] = [clauses[0]]
    subject["evidence"]["stills"][0]["fingerprint"] = "5eed"
    clauses[2]["basis"] = "our_reading"
    clauses[2]["stated"] = {"value": [15, 30], "unit": "s", "tolerance": "2 %", "why": "Encoders miss their target."}
    clauses[2]["fixable"] = {"how": "Lower the mix by 0.24 dB.", "is_lossless": False}
    clauses[2]["findings"][0]["where"] |= {"event": 12, "line": 40, "file": "subtitles/en.xml"}
    clauses[5]["waiver"]["kind"] = "creative_intent"
    return document


SUBJECT = ("masters", 0, "subjects", 0)
CLAUSE = (*SUBJECT, "verdicts", 0, "clauses", 2)


def test_members_that_nothing_fills_yet_are_described() -> None:
    require_described(grown())
    for kind in ("file", "composition", "set"):
        document = grown()
        document["masters"][0]["subjects"][0]["kind"] = kind
        require_described(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("masters", 0, "hashes"), {"md5": "not hex"}),
        (("masters", 0, "hashes"), {"MD5": "00"}),
        (("masters", 0, "readers_lost"), [{"reader": "mediainfo"}]),
        ((*SUBJECT, "kind"), "reel"),
        ((*SUBJECT, "noticed"), [{"id": "black-throughout"}]),
        ((*SUBJECT, "evidence", "stills", 0, "fingerprint"), 7),
        ((*CLAUSE, "basis"), "guessed"),
        ((*CLAUSE, "stated"), {"unit": "LUFS"}),
        ((*CLAUSE, "fixable"), {"how": "Lower it."}),
        ((*CLAUSE, "fixable"), {"how": "Lower it.", "is_lossless": "yes"}),
        ((*CLAUSE, "findings", 0, "where"), {"line": 0}),
        ((*CLAUSE, "findings", 0, "where"), {"event": "first"}),
        ((*CLAUSE, "findings", 0, "where"), {"file": 3}),
        ((*SUBJECT, "verdicts", 0, "clauses", 5, "waiver", "kind"), "because"),
    ],
)
def test_a_member_that_nothing_fills_yet_has_its_shape_already(path: tuple[Any, ...], value: Any) -> None:
    document = grown()
    place = document
    for key in path[:-1]:
        place = place[key]
    assert path[-1] in place
    place[path[-1]] = value
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

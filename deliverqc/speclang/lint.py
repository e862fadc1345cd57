"""Lints a spec document, so that nothing in it passes by silence; knows no files but the published dialect, and judges
no facts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from deliverqc.facts.groups import form_groups
from deliverqc.facts.model import Configurable, Fact, Registry
from deliverqc.facts.programme import SETTING as PROGRAMME
from deliverqc.facts.programme import resolve_programme
from deliverqc.speclang.citations import with_sources
from deliverqc.speclang.demands import DEMAND, WHEN, written_out
from deliverqc.speclang.extend import without_refs
from deliverqc.speclang.keywords import SCHEMA_KEYWORDS
from deliverqc.speclang.lint_deliverable import applies, essence, scope, unit
from deliverqc.speclang.lint_documents import citations, documents
from deliverqc.speclang.lint_items import expects, manual
from deliverqc.speclang.lint_parts import (
    CONFIDENCES,
    ID_PATTERN,
    is_day,
    is_id,
    is_text,
    level,
    level_by_confidence,
    source_problems,
    unknown,
)
from deliverqc.speclang.lint_schema import SchemaLint
from deliverqc.speclang.lint_short_form import short_form
from deliverqc.speclang.lint_stated import basis, stated
from deliverqc.speclang.model import EXPECTED_PREFIX, INTEGRITY_CLAUSES, INTEGRITY_ID, RECOGNISED_ID, NullRule
from deliverqc.speclang.problem import Problem, Severity, child, error, nearest, warning

__all__ = ("CLAUSE_KEYWORDS", "DIALECT_FILE", "DRAFT", "ID_PATTERN", "lint", "rules")

DIALECT_FILE = Path(__file__).with_name("spec.schema.json")
DRAFT = "https://json-schema.org/draft/2020-12/schema"

CLAUSE_KEYWORDS = (
    "$anchor",
    "title",
    "description",
    "x-level",
    "x-source",
    "x-stated",
    "x-basis",
    "x-why",
    "x-remedy",
    "x-null",
    "x-severity",
)
"""Keywords of a clause beside those of its schema."""

_ROOT_KEYWORDS = ("$schema", "$id", "$comment", "title", "description", "$defs", "allOf")
_ROOT_OWN = ("x-spec", "x-documents", "x-unit", "x-applies", "x-settings", "x-manual", "x-expects", "x-extends")
_SPEC_KEYS = (
    *(
        "id",
        "edition",
        "revision",
        "publisher",
        "kind",
        "aliases",
        "read_on",
        "confidence",
        "advisory",
        "essence",
        "scope",
    ),
)
_EXTENDS_KEYS = ("spec", "drop", "replace")


def lint(document: Any, *, shipped: bool, registry: Registry) -> tuple[Problem, ...]:  # noqa: ANN401
    """Everything that is wrong with a spec document: our rules, then the published dialect for what they do not name.

    `shipped` holds a document to what the specs of this package must have. The rules for clauses are in the design,
    under Specs.
    """
    problems = list(rules(document, shipped=shipped, registry=registry))
    broken = {problem.pointer for problem in problems}
    for problem in _dialect(document):
        if not any(
            pointer.startswith(problem.pointer) or problem.pointer.startswith(pointer) for pointer in broken if pointer
        ):
            problems.append(problem)
    return _ordered(problems)


def rules(document: Any, *, shipped: bool, registry: Registry) -> tuple[Problem, ...]:  # noqa: ANN401
    """The rules alone, without jsonschema: what a spec is held to before it judges anything."""
    if not isinstance(document, dict):
        return (
            error("misshapen-spec", "", 'a spec is a JSON object: {"title": …, "x-spec": {…}, "allOf": [clauses]}'),
        )
    found = [*_root(document), *_identity(document, shipped=shipped), *citations(document)]
    document = with_sources(document)
    defs = document.get("$defs", {})
    used: set[str] = set()
    if not isinstance(defs, dict):
        found.append(error("misshapen-definitions", "/$defs", "$defs is not an object; it maps names to schemas"))
        defs = {}
    found += _clauses(document, defs, registry.facts, used, shipped=shipped)
    linter = SchemaLint(registry=registry.facts, defs=defs, says_null=True, used=used)
    found += applies(document, linter, shipped=shipped)
    found += unit(document)
    found += [
        warning("unused-definition", f"/$defs/{name}", "nothing refers to this definition; drop it")
        for name in defs
        if name not in used
    ]
    found += _settings(document, registry.meters)
    found += manual(document, registry.facts, shipped=shipped)
    found += expects(document, registry.facts)
    found += documents(document, shipped=shipped)
    found += _extends(document)
    found += _duplicates(document)
    return _ordered(found)


def _ordered(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda problem: problem.severity is not Severity.ERROR))


def _root(document: Mapping[str, Any]) -> Iterator[Problem]:
    for key in document:
        if key in SCHEMA_KEYWORDS and key not in _ROOT_KEYWORDS:
            yield error(
                "misplaced-keyword",
                child("", key),
                f'{key} at the root is never judged; put it into a clause of "allOf"',
            )
        elif key not in _ROOT_KEYWORDS and key not in _ROOT_OWN:
            yield error(
                "unknown-root-key",
                child("", key),
                f"a spec has no {key!r}{nearest(key, (*_ROOT_KEYWORDS, *_ROOT_OWN))}",
            )
    if not is_text(document.get("title")):
        yield error("missing-spec-title", "/title", 'the spec has no title; write "title": "…"')
    schema = document.get("$schema")
    if schema is not None and not (schema == DRAFT or (isinstance(schema, str) and schema.endswith(DIALECT_FILE.name))):
        yield error(
            "foreign-schema", "/$schema", f'$schema is {schema!r}; write "{DRAFT}" or the place of {DIALECT_FILE.name}'
        )


def _identity(document: Mapping[str, Any], *, shipped: bool) -> Iterator[Problem]:
    spec = document.get("x-spec")
    if not isinstance(spec, dict):
        yield error("missing-identity", "/x-spec", 'write "x-spec": {"id": …, "edition": …, "revision": 1}')
        return
    yield from unknown(spec, _SPEC_KEYS, "/x-spec", "x-spec")
    needed: dict[str, tuple[Callable[[Any], bool], str]] = {
        "id": (is_id, "words of small letters and digits, joined by -"),
        "edition": (
            lambda value: is_text(value) and "@" not in value and ".r" not in value,
            "the publisher's edition, as a text without @ and .r",
        ),
        "revision": (
            lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 1,
            "our revision, a whole number from 1",
        ),
        "publisher": (is_text, "who publishes the document"),
        "kind": (is_text, "a word such as streaming, broadcast, theatrical or audio"),
        "read_on": (is_day, "the day on which the document was read, YYYY-MM-DD"),
        "confidence": (lambda value: value in CONFIDENCES, f"one of {', '.join(CONFIDENCES)}"),
        "aliases": (lambda value: isinstance(value, list) and all(is_id(one) for one in value), "a list of ids"),
        "advisory": (lambda value: isinstance(value, bool), "true or false"),
    }
    if "essence" in spec:
        yield from essence(spec["essence"])
    if "scope" in spec:
        yield from scope(spec["scope"])
    always = ("id", "edition", "revision", *(("publisher", "kind", "read_on", "confidence") if shipped else ()))
    for key, (fits, shape) in needed.items():
        if (key in spec or key in always) and not fits(spec.get(key)):
            yield error(
                "misshapen-identity", f"/x-spec/{key}", f"x-spec.{key} is {spec.get(key)!r}; it must be {shape}"
            )


def _clauses(
    document: Mapping[str, Any],
    defs: Mapping[str, Any],
    registry: Mapping[str, Fact],
    used: set[str],
    *,
    shipped: bool,
) -> Iterator[Problem]:
    clauses = document.get("allOf", None)
    if clauses is None:
        return
    if not isinstance(clauses, list) or not clauses:
        yield error("empty-clauses", "/allOf", "allOf is the list of clauses; leave it out where there are none")
        return
    spec = document.get("x-spec")
    confidence = spec.get("confidence") if isinstance(spec, dict) else None
    for i, clause in enumerate(clauses):
        pointer = f"/allOf/{i}"
        if not isinstance(clause, dict):
            yield error(
                "misshapen-clause",
                pointer,
                'a clause is an object: {"$anchor": …, "title": …, "x-level": …, "x-source": {…}, …}',
            )
            continue
        yield from _clause_frame(clause, pointer, confidence)
        malformed = list(short_form(clause, pointer))
        yield from malformed
        if malformed:
            continue
        linter = SchemaLint(registry=registry, defs=defs, says_null="x-null" in clause, used=used)
        written = written_out(clause, registry)
        schema = {
            key: value for key, value in written.items() if key not in CLAUSE_KEYWORDS and not key.startswith("x-")
        }
        found = list(linter.clause(schema, pointer))
        for problem in found:
            yield replace(problem, pointer=_in_short_form(problem.pointer, pointer)) if DEMAND in clause else problem
        if all(problem.severity is not Severity.ERROR for problem in found):
            yield from stated(clause, without_refs(schema, defs), pointer, registry, shipped=shipped)


def _in_short_form(pointer: str, clause: str) -> str:
    """Where a problem of what was written out stands in the file."""
    return child(clause, WHEN if pointer.startswith(f"{clause}/if") else DEMAND)


def _clause_frame(clause: Mapping[str, Any], pointer: str, confidence: object) -> Iterator[Problem]:
    """Id, title, level, source and the other things that a clause says about itself."""
    for key in clause:
        if key.startswith("x-") and key not in (*CLAUSE_KEYWORDS, DEMAND, WHEN):
            hint = nearest(key, (*CLAUSE_KEYWORDS, DEMAND, WHEN))
            yield error("unknown-clause-key", child(pointer, key), f"a clause has no {key!r}{hint}")
    if not is_id(clause.get("$anchor")):
        yield error(
            "missing-clause-id", f"{pointer}/$anchor", 'a clause needs an id: "$anchor": "words-of-small-letters"'
        )
    if not is_text(clause.get("title")):
        yield error("missing-clause-title", f"{pointer}/title", "a clause needs a title that says what is required")
    yield from level(clause, pointer)
    if "x-null" in clause and clause["x-null"] not in tuple(NullRule):
        yield error(
            "unknown-null-rule",
            f"{pointer}/x-null",
            f'x-null is {clause["x-null"]!r}; it must be "fail" or "not_applicable"',
        )
    for key in ("description", "x-why", "x-remedy", "x-severity"):
        if key in clause and not is_text(clause[key]):
            yield error("empty-text", f"{pointer}/{key}", f"{key} must be a text that is not empty")
    yield from source_problems(clause.get("x-source"), f"{pointer}/x-source")
    yield from level_by_confidence(clause, pointer, confidence)
    yield from basis(clause, pointer)


def _settings(document: Mapping[str, Any], meters: Mapping[str, Configurable]) -> Iterator[Problem]:
    chosen = document.get("x-settings", {})
    if not isinstance(chosen, dict):
        yield error(
            "misshapen-settings",
            "/x-settings",
            'x-settings maps meters to their settings: {"black": {"luma_max_percent": 1.0}}',
        )
        return
    if not chosen:
        return
    for name, settings in chosen.items():
        pointer = child("/x-settings", name)
        if not isinstance(settings, dict):
            yield error(
                "misshapen-meter-settings", pointer, "the settings of a meter are an object of names and values"
            )
        elif name == "groups":
            yield from unknown(settings, ("layouts",), pointer, "groups")
            try:
                form_groups({}, settings)
            except (ValueError, TypeError) as refusal:
                yield error("unknown-layouts", f"{pointer}/layouts", str(refusal))
        elif name == PROGRAMME:
            try:
                resolve_programme(settings)
            except ValueError as refusal:
                yield error("unplaced-programme", pointer, str(refusal))
        elif name not in meters:
            yield error(
                "unknown-meter", pointer, f"there is no meter {name!r}{nearest(name, (*meters, 'groups', PROGRAMME))}"
            )
        else:
            try:
                meters[name].resolve(settings)
            except ValueError as refusal:
                yield error("unknown-setting", pointer, str(refusal))


def _extends(document: Mapping[str, Any]) -> Iterator[Problem]:
    if "x-extends" not in document:
        return
    extends = document["x-extends"]
    if not isinstance(extends, dict) or not is_text(extends.get("spec")):
        yield error(
            "misshapen-extends",
            "/x-extends",
            'write "x-extends": {"spec": "id", "replace": [{"id", "reason"}], "drop": [{"id", "reason"}]}',
        )
        return
    yield from unknown(extends, _EXTENDS_KEYS, "/x-extends", "x-extends")
    for key in ("drop", "replace"):
        entries = extends.get(key, [])
        if not isinstance(entries, list):
            yield error("misshapen-changes", f"/x-extends/{key}", f'{key} is a list of {{"id", "reason"}}')
            continue
        for i, entry in enumerate(entries):
            is_whole = isinstance(entry, dict) and set(entry) == {"id", "reason"} and all(map(is_text, entry.values()))
            if not is_whole:
                yield error("unreasoned-change", f"/x-extends/{key}/{i}", 'write {"id": "the clause", "reason": "why"}')


def _duplicates(document: Mapping[str, Any]) -> Iterator[Problem]:
    spec = document.get("x-spec")
    is_integrity = isinstance(spec, dict) and spec.get("id") == INTEGRITY_ID
    seen: dict[str, str] = {}
    for keyword, key in (("allOf", "$anchor"), ("x-manual", "id"), ("x-expects", "id")):
        entries = document.get(keyword, [])
        for i, entry in enumerate(entries if isinstance(entries, list) else ()):
            name = entry.get(key) if isinstance(entry, dict) else None
            if not isinstance(name, str):
                continue
            pointer = f"/{keyword}/{i}/{key}"
            shown = EXPECTED_PREFIX + name if keyword == "x-expects" else name
            if shown in seen:
                yield error("taken-id", pointer, f"the id {name!r} is taken by {seen[shown]}; ids are unique in a spec")
            seen.setdefault(shown, pointer)
            if keyword != "x-expects" and (name.startswith(EXPECTED_PREFIX) or name == RECOGNISED_ID):
                yield error(
                    "reserved-id", pointer, f"the id {name!r} is kept for clauses that deliverqc makes; choose another"
                )
            if keyword == "allOf" and name in INTEGRITY_CLAUSES and not is_integrity:
                yield error(
                    "integrity-id",
                    pointer,
                    f"the id {name!r} is that of an integrity clause, which every spec has; choose another",
                )


def _dialect(document: Any) -> Iterator[Problem]:  # noqa: ANN401
    from jsonschema import Draft202012Validator  # 70 ms, and only linting needs it

    schema = json.loads(DIALECT_FILE.read_text(encoding="utf-8"))
    for breach in Draft202012Validator(schema).iter_errors(document):
        pointer = ""
        for key in breach.absolute_path:
            pointer = child(pointer, key)
        yield error("broken-dialect", pointer, f"breaks the dialect ({DIALECT_FILE.name}): {breach.message[:200]}")

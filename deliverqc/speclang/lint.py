"""Lints a spec document, so that nothing in it passes by silence; knows no files but the published dialect, and judges
no facts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from deliverqc.facts.groups import form_groups
from deliverqc.facts.model import Configurable, Fact, Registry
from deliverqc.speclang.keywords import SCHEMA_KEYWORDS
from deliverqc.speclang.lint_schema import SchemaLint
from deliverqc.speclang.model import EXPECTED_PREFIX, INTEGRITY_CLAUSES, INTEGRITY_ID, RECOGNISED_ID, NullRule
from deliverqc.speclang.problem import Problem, Severity, child, error, nearest, warning
from deliverqc.verdict import Level

DIALECT_FILE = Path(__file__).with_name("spec.schema.json")
DRAFT = "https://json-schema.org/draft/2020-12/schema"

ID_PATTERN = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""Of specs, clauses, manual items and expectations."""

CLAUSE_KEYWORDS = (
    "$anchor",
    "title",
    "description",
    "x-level",
    "x-source",
    "x-why",
    "x-remedy",
    "x-null",
    "x-severity",
)
"""Keywords of a clause beside those of its schema."""

_ROOT_KEYWORDS = ("$schema", "$id", "$comment", "title", "description", "$defs", "allOf")
_ROOT_OWN = ("x-spec", "x-applies", "x-settings", "x-manual", "x-expects", "x-extends")
_SPEC_KEYS = ("id", "edition", "revision", "publisher", "kind", "aliases", "read_on", "confidence", "advisory")
_SOURCE_KEYS = ("document", "edition", "section", "url", "confidence", "read_on")
_MANUAL_KEYS = ("id", "title", "x-source", "x-why", "x-remedy", "x-awaits")
_EXPECTS_KEYS = ("id", "title", "fact")
_EXTENDS_KEYS = ("spec", "drop", "replace")
_CONFIDENCES = ("high", "medium", "low")


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
    found = [*_root(document), *_identity(document, shipped=shipped)]
    defs = document.get("$defs", {})
    used: set[str] = set()
    if not isinstance(defs, dict):
        found.append(error("misshapen-definitions", "/$defs", "$defs is not an object; it maps names to schemas"))
        defs = {}
    found += _clauses(document, defs, registry.facts, used)
    if "x-applies" in document:
        linter = SchemaLint(registry=registry.facts, defs=defs, says_null=True, used=used)
        found += linter.condition(document["x-applies"], "/x-applies")
        found += _unprobed(document["x-applies"], registry.facts)
    found += [
        warning("unused-definition", f"/$defs/{name}", "nothing refers to this definition; drop it")
        for name in defs
        if name not in used
    ]
    found += _settings(document, registry.meters)
    found += _manual(document, registry.facts, shipped=shipped)
    found += _expects(document, registry.facts)
    found += _extends(document)
    found += _duplicates(document)
    return _ordered(found)


def _ordered(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda problem: problem.severity is not Severity.ERROR))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_id(value: object) -> bool:
    return isinstance(value, str) and ID_PATTERN.fullmatch(value) is not None


def _unknown(entry: Mapping[str, Any], known: Sequence[str], pointer: str, what: str) -> Iterator[Problem]:
    for key in entry:
        if key not in known:
            hint = nearest(key, known) or f"; it has: {', '.join(known)}"
            yield error("unknown-key", child(pointer, key), f"{what} has no {key!r}{hint}")


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
    if not _is_text(document.get("title")):
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
    yield from _unknown(spec, _SPEC_KEYS, "/x-spec", "x-spec")
    needed: dict[str, tuple[Callable[[Any], bool], str]] = {
        "id": (_is_id, "words of small letters and digits, joined by -"),
        "edition": (
            lambda value: _is_text(value) and "@" not in value and ".r" not in value,
            "the publisher's edition, as a text without @ and .r",
        ),
        "revision": (
            lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 1,
            "our revision, a whole number from 1",
        ),
        "publisher": (_is_text, "who publishes the document"),
        "kind": (_is_text, "a word such as streaming, broadcast, theatrical or audio"),
        "read_on": (_is_day, "the day on which the document was read, YYYY-MM-DD"),
        "confidence": (lambda value: value in _CONFIDENCES, f"one of {', '.join(_CONFIDENCES)}"),
        "aliases": (lambda value: isinstance(value, list) and all(_is_id(one) for one in value), "a list of ids"),
        "advisory": (lambda value: isinstance(value, bool), "true or false"),
    }
    always = ("id", "edition", "revision", *(("publisher", "kind", "read_on", "confidence") if shipped else ()))
    for key, (fits, shape) in needed.items():
        if (key in spec or key in always) and not fits(spec.get(key)):
            yield error(
                "misshapen-identity", f"/x-spec/{key}", f"x-spec.{key} is {spec.get(key)!r}; it must be {shape}"
            )


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and len(value) == len("YYYY-MM-DD") and date.fromisoformat(value) is not None
    except ValueError:
        return False


def _clauses(
    document: Mapping[str, Any], defs: Mapping[str, Any], registry: Mapping[str, Fact], used: set[str]
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
        schema = {
            key: value for key, value in clause.items() if key not in CLAUSE_KEYWORDS and not key.startswith("x-")
        }
        linter = SchemaLint(registry=registry, defs=defs, says_null="x-null" in clause, used=used)
        yield from linter.clause(schema, pointer)


def _clause_frame(clause: Mapping[str, Any], pointer: str, confidence: object) -> Iterator[Problem]:
    """Id, title, level, source and the other things that a clause says about itself."""
    for key in clause:
        if key.startswith("x-") and key not in CLAUSE_KEYWORDS:
            yield error(
                "unknown-clause-key", child(pointer, key), f"a clause has no {key!r}{nearest(key, CLAUSE_KEYWORDS)}"
            )
    if not _is_id(clause.get("$anchor")):
        yield error(
            "missing-clause-id", f"{pointer}/$anchor", 'a clause needs an id: "$anchor": "words-of-small-letters"'
        )
    if not _is_text(clause.get("title")):
        yield error("missing-clause-title", f"{pointer}/title", "a clause needs a title that says what is wanted")
    if clause.get("x-level") not in tuple(Level):
        yield error(
            "unknown-level",
            f"{pointer}/x-level",
            f'x-level is {clause.get("x-level")!r}; it must be "shall" or "should"',
        )
    if "x-null" in clause and clause["x-null"] not in tuple(NullRule):
        yield error(
            "unknown-null-rule",
            f"{pointer}/x-null",
            f'x-null is {clause["x-null"]!r}; it must be "fail" or "not_applicable"',
        )
    for key in ("description", "x-why", "x-remedy", "x-severity"):
        if key in clause and not _is_text(clause[key]):
            yield error("empty-text", f"{pointer}/{key}", f"{key} must be a text that is not empty")
    yield from _source(clause.get("x-source"), f"{pointer}/x-source")
    yield from _level_by_confidence(clause, pointer, confidence)


def _source(source: object, pointer: str) -> Iterator[Problem]:
    if not isinstance(source, dict):
        yield error("missing-source", pointer, 'say where the demand stands: "x-source": {"document": …, "section": …}')
        return
    yield from _unknown(source, _SOURCE_KEYS, pointer, "x-source")
    if not _is_text(source.get("document")):
        yield error("missing-document", f"{pointer}/document", "x-source must name the document")
    for key in ("edition", "section", "url"):
        if source.get(key) is not None and not _is_text(source[key]):
            yield error(
                "misshapen-source-text", f"{pointer}/{key}", f"{key} must be a text, or null where there is none"
            )
    if "confidence" in source and source["confidence"] not in _CONFIDENCES:
        yield error(
            "unknown-confidence", f"{pointer}/confidence", f"confidence must be one of {', '.join(_CONFIDENCES)}"
        )
    if source.get("read_on") is not None and not _is_day(source["read_on"]):
        yield error("misshapen-day", f"{pointer}/read_on", "read_on must be a day, YYYY-MM-DD")


def _level_by_confidence(clause: Mapping[str, Any], pointer: str, confidence: object) -> Iterator[Problem]:
    source = clause.get("x-source")
    stated = source.get("confidence", confidence) if isinstance(source, dict) else confidence
    if stated != "low":
        return
    if clause.get("x-level") == Level.SHALL:
        yield error(
            "unsure-shall",
            f"{pointer}/x-level",
            "a demand of low confidence cannot decide; make it should, and say that it is unverified",
        )
    words = " ".join(str(clause.get(key, "")) for key in ("title", "description", "x-why"))
    if "unverified" not in words.lower():
        yield error(
            "unstated-doubt",
            f"{pointer}/title",
            'a demand of low confidence must say so: write the word "unverified" in title or x-why',
        )


def _unprobed(schema: object, registry: Mapping[str, Fact]) -> Iterator[Problem]:
    """`x-applies` is asked before anything is measured."""
    names = schema.get("required", ()) if isinstance(schema, dict) else ()
    for i, name in enumerate(names if isinstance(names, list) else ()):
        fact = registry.get(name) if isinstance(name, str) else None
        if fact is not None and all(giver == "decode" or giver.startswith("meter:") for giver in fact.given_by):
            yield error(
                "measured-condition",
                f"/x-applies/required/{i}",
                f"{name} is measured, and x-applies is asked before; use facts that a probe gives",
            )


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
            yield from _unknown(settings, ("layouts",), pointer, "groups")
            try:
                form_groups({}, settings)
            except (ValueError, TypeError) as refusal:
                yield error("unknown-layouts", f"{pointer}/layouts", str(refusal))
        elif name not in meters:
            yield error("unknown-meter", pointer, f"there is no meter {name!r}{nearest(name, (*meters, 'groups'))}")
        else:
            try:
                meters[name].resolve(settings)
            except ValueError as refusal:
                yield error("unknown-setting", pointer, str(refusal))


def _entries(
    document: Mapping[str, Any], keyword: str, known: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Any], list[Problem]]]:
    """Each entry of a list of objects with an id and a title, its pointer, and what is wrong with that."""
    entries = document.get(keyword, [])
    if not isinstance(entries, list):
        yield f"/{keyword}", {}, [error("misshapen-list", f"/{keyword}", f"{keyword} is a list of objects")]
        return
    for i, entry in enumerate(entries):
        pointer = f"/{keyword}/{i}"
        if not isinstance(entry, dict):
            yield (
                pointer,
                {},
                [error("misshapen-entry", pointer, f"an entry of {keyword} is an object: {', '.join(known)}")],
            )
            continue
        problems = list(_unknown(entry, known, pointer, f"an entry of {keyword}"))
        if not _is_id(entry.get("id")):
            problems.append(
                error("missing-entry-id", f"{pointer}/id", "needs an id of small letters and digits, joined by -")
            )
        if not _is_text(entry.get("title")):
            problems.append(error("missing-entry-title", f"{pointer}/title", "needs a title"))
        yield pointer, entry, problems


def _manual(document: Mapping[str, Any], registry: Mapping[str, Fact], *, shipped: bool) -> Iterator[Problem]:
    for pointer, entry, problems in _entries(document, "x-manual", _MANUAL_KEYS):
        yield from problems
        if not entry:
            continue
        yield from _source(entry.get("x-source"), f"{pointer}/x-source")
        awaited = entry.get("x-awaits")
        if "x-awaits" in entry and not _is_text(awaited):
            yield error("empty-awaits", f"{pointer}/x-awaits", "x-awaits names the fact that the item waits for")
        elif isinstance(awaited, str) and awaited in registry:
            severity = Severity.ERROR if shipped else Severity.WARNING
            message = f"{awaited} can be measured now; make this item a clause of allOf"
            yield Problem(code="measurable-item", severity=severity, pointer=f"{pointer}/x-awaits", message=message)


def _expects(document: Mapping[str, Any], registry: Mapping[str, Fact]) -> Iterator[Problem]:
    for pointer, entry, problems in _entries(document, "x-expects", _EXPECTS_KEYS):
        yield from problems
        fact = str(entry.get("fact"))
        if entry and fact not in registry:
            yield error("unknown-expected-fact", f"{pointer}/fact", f"{fact!r} is not a fact{nearest(fact, registry)}")


def _extends(document: Mapping[str, Any]) -> Iterator[Problem]:
    if "x-extends" not in document:
        return
    extends = document["x-extends"]
    if not isinstance(extends, dict) or not _is_text(extends.get("spec")):
        yield error(
            "misshapen-extends",
            "/x-extends",
            'write "x-extends": {"spec": "id", "replace": [{"id", "reason"}], "drop": [{"id", "reason"}]}',
        )
        return
    yield from _unknown(extends, _EXTENDS_KEYS, "/x-extends", "x-extends")
    for key in ("drop", "replace"):
        entries = extends.get(key, [])
        if not isinstance(entries, list):
            yield error("misshapen-changes", f"/x-extends/{key}", f'{key} is a list of {{"id", "reason"}}')
            continue
        for i, entry in enumerate(entries):
            is_whole = isinstance(entry, dict) and set(entry) == {"id", "reason"} and all(map(_is_text, entry.values()))
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

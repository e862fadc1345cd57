"""Every rule of the linter has a code of its own and a spec that breaks it; the dialect sees what an editor can."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deliverqc.measuring.registry import registry, spec_library
from deliverqc.speclang.lint import DIALECT_FILE, lint
from deliverqc.speclang.read import read_json
from tests.spec_files import clause, document, each, only, write

SOURCES = [DIALECT_FILE.with_name("keywords.py"), DIALECT_FILE.with_name("load.py")]
SOURCES += sorted(DIALECT_FILE.parent.glob("lint*.py"))
CODE = re.compile(r"[a-z]+(-[a-z]+)+")
DIALECT = Draft202012Validator(read_json(DIALECT_FILE))
WIDTH, LUFS = "picture.width_px", "loudness.integrated_lufs"


def of(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return document(clause("it", schema, **more))


def width(**schema: Any) -> dict[str, Any]:
    return of(only(WIDTH, schema))


def less(key: str) -> dict[str, Any]:
    return document({name: value for name, value in clause("it").items() if name != key})


def item(**more: Any) -> dict[str, Any]:
    return document(x_manual=[{"id": "a", "title": "A", "x-source": {"document": "d"}, **more}])


def size(stated: Any, bound: int = 314_572_800, **more: Any) -> dict[str, Any]:
    """A clause on the size of the file with the document's own figure."""
    return of(only("file.size_bytes", {"type": "integer", "maximum": bound}), **{"x-stated": stated}, **more)


MIB = {"value": 300, "unit": "MB", "why": "MB read as 1024^2 bytes"}
HEAD = only("region", {"const": "head"})
_READ = {"title": "A sheet", "read_as": "third_party"}

_CITED = {"id": "sheet", **_READ}


def short(demand: Any, **more: Any) -> dict[str, Any]:
    return document({**clause("it", {}), "x-demand": demand, **more})


SEEN_BY_EDITORS: dict[str, Any] = {
    "misshapen-demand": short({}),
    "empty-demand": short({WIDTH: []}),
    "unknown-demand-keyword": short({WIDTH: {"minimun": 1}}),
    "misshapen-document": document(x_documents=[{**_READ, "id": "The Sheet"}]),
    "misshapen-spec": [],
    "misshapen-definitions": {**document(clause("it")), "$defs": []},
    "unknown-key": document(about={"relase": 1}),
    "misplaced-keyword": {**document(clause("it")), "properties": {}},
    "unknown-root-key": document(x_speck={}),
    "missing-spec-title": document() | {"title": " "},
    "foreign-schema": {**document(), "$schema": "http://json-schema.org/draft-07/schema#"},
    "missing-identity": {"title": "A"},
    "misshapen-identity": document(about={"edition": "a@b"}),
    "empty-clauses": {**document(), "allOf": []},
    "misshapen-clause": {**document(), "allOf": [1]},
    "unknown-clause-key": document(clause("it") | {"x-sorce": {}}),
    "missing-clause-id": less("$anchor"),
    "missing-clause-title": less("title"),
    "unknown-level": document(clause("it", level="must")),
    "unknown-null-rule": document(clause("it", **{"x-null": "pass"})),
    "empty-text": document(clause("it", **{"x-why": " "})),
    "missing-source": less("x-source"),
    "missing-document": document(clause("it") | {"x-source": {}}),
    "misshapen-source-text": document(clause("it") | {"x-source": {"document": "d", "section": ""}}),
    "unknown-confidence": document(clause("it") | {"x-source": {"document": "d", "confidence": "sure"}}),
    "misshapen-day": document(clause("it") | {"x-source": {"document": "d", "read_on": "2026-13-01"}}),
    "unknown-basis": document(clause("it", **{"x-basis": "ours"})),
    "misshapen-figure": size(300),
    "unreasoned-figure": size({"value": 300, "unit": "MB"}),
    "misshapen-value": size(MIB | {"value": [300]}),
    "misshapen-figure-text": size(MIB | {"unit": ""}),
    "misshapen-tolerance": size(MIB | {"tolerance": "a little"}),
    "unsure-shall": document(
        clause("it") | {"x-source": {"document": "d", "confidence": "low"}, "x-why": "Unverified."}
    ),
    "misshapen-settings": document(x_settings=[]),
    "misshapen-meter-settings": document(x_settings={"black": 1}),
    "misshapen-list": document(x_manual={}),
    "misshapen-entry": document(x_expects=[1]),
    "missing-entry-id": document(x_expects=[{"title": "A", "fact": WIDTH}]),
    "missing-entry-title": document(x_expects=[{"id": "a", "fact": WIDTH}]),
    "empty-awaits": item(**{"x-awaits": ""}),
    "misshapen-extends": document(x_extends={"drop": []}),
    "misshapen-changes": document(x_extends={"spec": "b", "drop": {}}),
    "unreasoned-change": document(x_extends={"spec": "b", "drop": [{"id": "c", "reason": ""}]}),
    "unknown-unit": document(x_unit="folder"),
    "misshapen-documents": document(x_documents={}),
    "untitled-document": document(x_documents=[{"read_as": "page"}]),
    "misshapen-edition": document(x_documents=[{"title": "A sheet", "edition": "", "read_as": "page"}]),
    "unknown-reading": document(x_documents=[{"title": "A sheet", "read_as": "seen"}]),
    "misshapen-scope": document(about={"scope": "loudness"}),
    "unknown-scope": document(about={"scope": ["sound"]}),
    "misshapen-essence": document(about={"essence": ["audio"]}),
    "misshapen-holds": document(about={"essence": {"holds": []}}),
    "unknown-essence": document(about={"essence": {"holds": ["sound"]}}),
    "misshapen-leave": document(about={"essence": {"may_be_silent": "yes"}}),
    "idle-item-key": item(**{"x-level": "shall"}),
    "broken-dialect": document(about={"aliases": ["a", "a"]}),
    "misshapen-schema": of(only(WIDTH, True)),
    "partnerless-keyword": of({**only(WIDTH, {"const": 1}), "then": only(WIDTH, {"const": 1})}),
    "branchless-condition": of({**only(WIDTH, {"const": 1}), "if": only(WIDTH, {"const": 1})}),
    "uncounted-items": of(only("picture.black.spans", {"type": "array", "items": HEAD})),
    "empty-schema": width(),
    "untyped-bound": width(minimum=1),
    "mistyped-bound": width(type=["integer", "string"], minimum=1),
    "unmapped-word": of(only("picture.codec", {"const": "other:dv"})),
    "incomparable-object": of(only("picture.hdr.mastering_display", {"const": {"a": 1}}), **{"x-null": "fail"}),
    "unknown-keyword": width(minimun=1),
    "misshapen-keyword": width(type="int"),
}
UNSEEN: dict[str, Any] = {
    "idle-condition": document(clause("it") | {"x-when": {WIDTH: 1}}),
    "mixed-forms": document(clause("it") | {"x-demand": {WIDTH: 1}}),
    "misplaced-where": short({WIDTH: {"where": {"picture.height_px": 1}, "const": 1}}),
    "restated-edition": document(
        clause("it") | {"x-source": {"document": "sheet", "edition": "2"}}, x_documents=[_CITED]
    ),
    "uncited-document": document(clause("it"), x_documents=[_CITED]),
    "twin-document-id": document(clause("it"), x_documents=[_CITED, {**_CITED, "title": "Another"}]),
    "deciding-extension": document(clause("it", **{"x-basis": "extension", "x-why": "We like it."})),
    "unreasoned-basis": document(clause("it", **{"x-basis": "reading"})),
    "worded-figure": size({"value": "300 megabytes", "unit": "MB", "why": "so"}),
    "unplaced-figure": size(MIB | {"fact": WIDTH}),
    "ambiguous-figure": width(const=1) | {"allOf": [clause("it") | {"x-stated": MIB}]},
    "overstretched-figure": of(
        {"anyOf": [only("file.size_bytes", {"type": "integer", "maximum": bound}) for bound in (1, 2)]},
        **{"x-stated": MIB},
    ),
    "foreign-unit": size(MIB | {"unit": "s", "fact": "file.size_bytes"}),
    "inconsistent-figure": size(MIB | {"value": 301}),
    "stricter-figure": size(MIB | {"value": 301, "tolerance": 1}),
    "idle-figure": size(MIB, 300_000_000),
    "twin-document": document(x_documents=[_READ, _READ]),
    "unread-source": document(clause("it"), about={"confidence": "high"}, x_documents=[_READ]),
    "unread-spec": document(clause("it"), about={"confidence": "high"}, x_documents=[_READ]),
    "mixed-scope": document(about={"scope": ["delivery", "loudness"]}),
    "unused-definition": {**document(clause("it")), "$defs": {"hd": only(WIDTH, {"const": 1})}},
    "unstated-doubt": document(clause("it", level="should") | {"x-source": {"document": "d", "confidence": "low"}}),
    "unreasoned-applies": document(x_applies={"$comment": "all of them"}),
    "measured-condition": document(x_applies=only("picture.black.spans", {"type": "array", "minItems": 1})),
    "unknown-layouts": document(x_settings={"groups": {"layouts": "5.2"}}),
    "unknown-meter": document(x_settings={"blak": {}}),
    "unplaced-programme": document(x_settings={"programme": {"by": ["clock"]}}),
    "unknown-setting": document(x_settings={"black": {"luma": 1}}),
    "measurable-item": item(**{"x-awaits": WIDTH}),
    "unknown-expected-fact": document(x_expects=[{"id": "a", "title": "A", "fact": "picture.widht_px"}]),
    "taken-id": document(clause("it"), clause("it")),
    "reserved-id": document(clause("expected-size")),
    "integrity-id": document(clause("essence-decodes")),
    "toothless-clause": of({"required": [WIDTH]}),
    "unruled-presence": of({"required": ["wrapper.start_timecode"]}),
    "unrequired-fact": of({"properties": {WIDTH: {"const": 1}}}),
    "unruled-null": of(only("picture.color_primaries", {"const": "bt709"})),
    "memberless-fact": width(const=1, required=["x"], properties={"x": {"const": 1}}),
    "misplaced-brackets": of(only("sound.groups[].layout", {"const": "5.1"})),
    "unknown-fact": of(only("picture.widht_px", {"const": 1})),
    "unknown-definition": of({"$ref": "#/$defs/hd"}),
    "circular-definition": {**of({"$ref": "#/$defs/hd"}), "$defs": {"hd": {"$ref": "#/$defs/hd"}}},
    "crossed-bounds": width(type="integer", minimum=5, maximum=4),
    "beyond-range": width(type="integer", minimum=-1),
    "emptied-values": width(type="integer", minimum=5, enum=[3, 4]),
    "emptiable-list": of(each("sound.tracks", "codec", {"const": "pcm"}, 0)),
    "unordered-text": of(only("picture.codec", {"type": "number", "minimum": 1})),
    "impossible-type": width(type="string", minLength=1),
    "needless-null": width(type=["integer", "null"], minimum=1),
    "needless-pattern": of(only("picture.codec", {"type": "string", "pattern": "pro"})),
    "incomparable-items": of(only("sound.tracks", {"type": "array", "uniqueItems": True})),
    "impossible-null": width(const=None),
    "impossible-equality": of(only("picture.black.spans", {"const": []})),
    "impossible-value": width(const="1920"),
    "unlisted-word": of(only("picture.codec", {"const": "prorez"})),
    "inexact-rate": of(only("picture.frame_rate", {"const": 25}), **{"x-null": "fail"}),
    "unreduced-rate": of(only("picture.frame_rate", {"const": "50/2"}), **{"x-null": "fail"}),
    "inexact-step": width(type="integer", multipleOf=0.1),
}
ONLY_OF_SHIPPED: dict[str, Any] = {
    "missing-applies": document(),
    "unstated-figure": of(only("file.size_bytes", {"type": "integer", "maximum": 1_001}), title="At most 1 kB"),
    "undeclared-document": document(clause("it"), x_applies={"$comment": "Any master: it is a test."}),
    "unlevelled-item": item(**{"x-awaits": "picture.not_yet"}),
}
NEED_A_LIBRARY = {"loose-extension", "unresolved-extension", "thin-delivery", "unjudged-scope", "unstated-scope"}


def codes_in(source: Path) -> Iterator[str]:
    """The codes that a module gives: first words of `error` and `warning`, `code=`, and reasons that are returned."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        given: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("error", "warning"):
                given = node.args[0]
            elif node.func.id == "Problem":
                given = next(keyword.value for keyword in node.keywords if keyword.arg == "code")
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and source.stem == "lint_values":
            given = node.elts[0]
        if isinstance(given, ast.Constant) and isinstance(given.value, str) and CODE.fullmatch(given.value):
            yield given.value
        elif given is not None and not isinstance(node, ast.Tuple):
            assert isinstance(given, ast.Name), f"{source.name}:{node.lineno} gives no code"


def test_every_message_has_a_code_of_its_own_and_a_spec_that_breaks_it() -> None:
    codes = [code for source in SOURCES for code in codes_in(source)]
    assert sorted(codes) == sorted({*SEEN_BY_EDITORS, *UNSEEN, *ONLY_OF_SHIPPED, *NEED_A_LIBRARY})


@pytest.mark.parametrize("code", [*SEEN_BY_EDITORS, *UNSEEN, *ONLY_OF_SHIPPED])
def test_a_spec_that_breaks_a_rule_is_told_by_its_code_where_and_how_to_mend(code: str) -> None:
    body = (SEEN_BY_EDITORS | UNSEEN | ONLY_OF_SHIPPED)[code]
    shipped = code in ONLY_OF_SHIPPED
    found = {problem.code: problem for problem in lint(body, shipped=shipped, registry=registry())}
    assert not shipped or code not in {problem.code for problem in lint(body, shipped=False, registry=registry())}
    assert code in found
    assert found[code].pointer == "" or found[code].pointer.startswith("/")
    assert len(found[code].message.split()) > 2


@pytest.mark.parametrize("code", list(SEEN_BY_EDITORS))
def test_what_the_schema_language_can_catch_an_editor_sees(code: str) -> None:
    assert not DIALECT.is_valid(SEEN_BY_EDITORS[code])


@pytest.mark.parametrize("code", [*UNSEEN, *ONLY_OF_SHIPPED])
def test_what_needs_facts_meters_or_other_places_only_the_linter_sees(code: str) -> None:
    assert DIALECT.is_valid((UNSEEN | ONLY_OF_SHIPPED)[code])


@pytest.mark.parametrize(
    ("about", "found"),
    [
        ({}, [("warning", "unstated-scope")]),
        ({"scope": ["wrapper"]}, []),
        ({"scope": ["loudness"]}, [("error", "unjudged-scope")]),
        ({"scope": ["delivery"]}, [("error", "thin-delivery")]),
        ({"advisory": True}, []),
    ],
)
def test_a_spec_of_one_clause_says_what_it_judges(
    tmp_path: Path, about: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    path = write(tmp_path, document(clause("it"), about=about))
    assert [(problem.severity, problem.code) for problem in spec_library().problems(str(path))] == found


def test_an_extension_that_does_not_resolve_is_told_by_its_code(tmp_path: Path) -> None:
    path = write(tmp_path, document(x_extends={"spec": "no-such-spec"}))
    assert [problem.code for problem in spec_library().problems(str(path))] == ["unresolved-extension"]
    (tmp_path / "old").mkdir()
    path = write(tmp_path / "old", document(x_extends={"spec": "acx"}))
    assert [problem.code for problem in spec_library().problems(str(path))] == ["loose-extension"]

"""The linter closes what JSON Schema passes by silence: each trap is an error that says where and how to mend."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deliverqc.measuring.registry import registry, spec_library
from deliverqc.speclang.keywords import SCHEMA_KEYWORDS
from deliverqc.speclang.lint import DIALECT_FILE, lint, rules
from deliverqc.speclang.load import shipped_folder
from deliverqc.speclang.model import INTEGRITY_CLAUSES, Family
from deliverqc.speclang.problem import Problem, Severity
from deliverqc.speclang.read import read_json
from tests.spec_files import clause, document, each, only


def problems(body: Any, *, shipped: bool = False) -> tuple[Problem, ...]:
    return lint(body, shipped=shipped, registry=registry())


def errors(body: Any, **options: Any) -> list[Problem]:
    return [problem for problem in problems(body, **options) if problem.severity is Severity.ERROR]


def errors_of(schema: dict[str, Any], **more: Any) -> list[Problem]:
    return errors(document(clause("it", schema, **more)))


def assert_only(found: list[Problem], pointer: str, words: str) -> None:
    assert [problem.pointer for problem in found] == [pointer], found
    assert words in found[0].message


def test_a_plain_spec_has_no_problems() -> None:
    assert problems(document(clause("it"))) == ()


LUFS = "loudness.integrated_lufs"
FIRST = "/allOf/0"


@pytest.mark.parametrize(
    ("schema", "pointer", "words"),
    [
        (
            only("picture.width_px", {"type": "integer", "minimun": 5}),
            "/properties/picture.width_px/minimun",
            "did you mean minimum",
        ),
        (
            only("picture.width_px", {"type": "integer", "format": "x"}),
            "/properties/picture.width_px/format",
            "not known",
        ),
        (
            {**only("picture.width_px", {"const": 1}), "unevaluatedProperties": False},
            "/unevaluatedProperties",
            "not known",
        ),
        ({**only("picture.width_px", {"const": 1}), "reqired": []}, "/reqired", "did you mean required"),
    ],
)
def test_a_keyword_that_is_not_known_is_an_error(schema: dict[str, Any], pointer: str, words: str) -> None:
    assert_only(errors_of(schema), FIRST + pointer, words)


def test_a_fact_that_is_not_registered_is_an_error_with_the_nearest_names() -> None:
    found = errors_of(only("picture.widht_px", {"const": 1}))
    assert {problem.pointer for problem in found} == {f"{FIRST}/required/0", f"{FIRST}/properties/picture.widht_px"}
    assert all("picture.width_px" in problem.message for problem in found)


def test_a_member_of_a_list_that_is_not_registered_is_an_error_with_the_nearest_names() -> None:
    found = errors_of(each("sound.groups", "loudness.integrated_luf", {"type": "number", "maximum": 1}))
    assert all("loudness.integrated_lufs" in problem.message for problem in found) and len(found) == 2


def test_a_list_written_with_brackets_is_an_error() -> None:
    found = errors_of(only("sound.groups[].layout", {"const": "5.1"}), **{"x-null": "fail"})
    assert found and all("under" in problem.message for problem in found)


@pytest.mark.parametrize(
    ("name", "keyword", "value", "type_name"),
    [
        *[
            ("picture.width_px", keyword, 2, "number")
            for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
        ],
        ("file.name", "pattern", "a", "string"),
        ("file.name", "minLength", 1, "string"),
        ("file.name", "maxLength", 1, "string"),
        ("picture.black.spans", "minItems", 1, "array"),
        ("picture.black.spans", "maxItems", 0, "array"),
        ("picture.black.spans", "contains", only("region", {"const": "head"}), "array"),
        ("sound.groups", "uniqueItems", True, "array"),
    ],
)
def test_a_keyword_of_one_type_without_that_type_beside_it_is_an_error(
    name: str, keyword: str, value: Any, type_name: str
) -> None:
    found = errors_of(only(name, {keyword: value}))
    assert any(
        p.pointer == f"{FIRST}/properties/{name}/{keyword}" and f'"type": "{type_name}"' in p.message for p in found
    )


def test_a_type_that_lets_other_values_slip_past_a_bound_is_an_error() -> None:
    schema = only("picture.width_px", {"type": ["integer", "string"], "minimum": 1})
    assert any(p.pointer.endswith("/minimum") and "passes every string" in p.message for p in errors_of(schema))


@pytest.mark.parametrize("schema", [{"const": 1}, {"enum": [1, 2]}])
def test_const_and_enum_need_no_type(schema: dict[str, Any]) -> None:
    assert errors_of(only("picture.width_px", schema)) == []


@pytest.mark.parametrize("keyword", ["minimum", "exclusiveMaximum"])
def test_an_ordering_on_a_text_points_to_the_numeric_companion(keyword: str) -> None:
    found = errors_of(only("picture.frame_rate", {"type": "number", keyword: 25}), **{"x-null": "fail"})
    assert any("picture.frame_rate_hz" in problem.message for problem in found)


def test_a_named_fact_that_is_not_required_is_an_error() -> None:
    found = errors_of({"properties": {"picture.width_px": {"const": 1}}})
    assert_only(found, f"{FIRST}/properties/picture.width_px", "required")


def test_a_fact_that_an_enclosing_schema_requires_need_not_be_required_again() -> None:
    inner = {"properties": {"picture.width_px": {"const": 1}}}
    assert errors_of({"required": ["picture.width_px"], "anyOf": [inner, {"not": inner}]}) == []
    assert errors_of({"anyOf": [only("picture.width_px", {"const": 1}), inner]}) != []


def test_items_without_a_stated_minimum_is_an_error() -> None:
    schema = only("picture.black.spans", {"type": "array", "items": only("region", {"const": "head"})})
    assert_only(errors_of(schema), f"{FIRST}/properties/picture.black.spans/items", "minItems")


@pytest.mark.parametrize(
    ("holder", "member", "value"), [("sound.tracks", "codec", "pcm"), ("picture.tracks", "codec", "prores")]
)
def test_tracks_may_not_be_empty_and_spans_may(holder: str, member: str, value: str) -> None:
    assert_only(
        errors_of(each(holder, member, {"const": value}, 0)), f"{FIRST}/properties/{holder}/minItems", "at least 1"
    )
    assert errors_of(each(holder, member, {"const": value}, 1)) == []
    assert errors_of(each("picture.black.spans", "region", {"const": "head"}, 0)) == []


@pytest.mark.parametrize(
    ("schema", "is_fine"),
    [
        (only("picture.color_primaries", {"const": "bt709"}), False),
        (only("picture.color_primaries", {"type": "string", "enum": ["bt709"]}), False),
        (only("picture.color_primaries", {"type": ["string", "null"], "enum": ["bt709", None]}), True),
        (only("picture.color_primaries", {"enum": ["bt709", None]}), True),
        (only("picture.color_primaries", {"anyOf": [{"const": None}, {"const": "bt709"}]}), True),
        (each("sound.groups", LUFS, {"type": "number", "maximum": -20}), False),
        (each("sound.groups", LUFS, {"type": ["number", "null"], "maximum": -20}), True),
        (only("picture.width_px", {"const": 1920}), True),
    ],
)
def test_a_clause_on_a_nullable_fact_says_what_null_means(schema: dict[str, Any], is_fine: bool) -> None:
    found = errors_of(schema)
    assert (found == []) is is_fine
    assert is_fine or all("x-null" in problem.message for problem in found)
    assert errors_of(schema, **{"x-null": "fail"}) == []


def test_a_nullable_fact_that_is_only_required_needs_a_word_on_null() -> None:
    assert any("x-null" in problem.message for problem in errors_of({"required": ["wrapper.start_timecode"]}))
    assert errors_of({"required": ["wrapper.start_timecode"]}, **{"x-null": "fail"}) == []


@pytest.mark.parametrize("schema", [{}, {"required": ["picture.width_px"]}, only("decode.errors", {"type": "array"})])
def test_a_clause_that_can_never_fail_is_an_error(schema: dict[str, Any]) -> None:
    body = document(
        {key: value for key, value in clause("it").items() if key not in ("required", "properties")} | schema
    )
    assert any("never fail" in problem.message for problem in errors(body))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("picture.codec", "prorez", "did you mean prores"),
        ("picture.codec", "other:prores", "unknown word"),
        ("picture.codec", 5, "never equals"),
        ("picture.width_px", "1920", "never equals '1920'"),
        ("picture.width_px", 1920.5, "never equals"),
        ("picture.width_px", None, "never null"),
        ("picture.frame_rate", "25", 'write "25/1"'),
        ("picture.frame_rate", "50/2", 'write "25/1"'),
        ("picture.frame_rate", 25, "exact rational"),
        ("wrapper.index_before_essence", 1, "boolean"),
        ("wrapper.start_timecode", "1:00", "never equals"),
        ("picture.hdr.mastering_display", {"a": 1}, "members may be missing"),
        ("picture.black.spans", [], "equals no plain value"),
    ],
)
@pytest.mark.parametrize("keyword", ["const", "enum"])
def test_a_value_that_the_fact_never_has_is_an_error(name: str, value: Any, words: str, keyword: str) -> None:
    schema = only(name, {keyword: value if keyword == "const" else [value]})
    found = errors_of(schema, **{"x-null": "fail"})
    assert len(found) == 1 and words in found[0].message


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (only("picture.width_px", {"type": "string", "minLength": 1}), "never of the type string"),
        (only("picture.codec", {"type": "string", "pattern": "pro"}), "use enum"),
        (only("sound.tracks", {"type": "array", "uniqueItems": True}), "cannot be compared"),
        (only("picture.width_px", {"type": "integer", "minimum": 5, "maximum": 4}), "no value"),
        (only("picture.width_px", {"type": "integer", "multipleOf": 0.1}), "no exact binary value"),
        (only("picture.width_px", {"type": "integer", "multipleOf": 0}), "no exact"),
        (only("picture.width_px", {"type": "integer", "minimum": True}), "must be a number"),
        (only("file.name", {"type": "string", "pattern": "("}), "regular expression"),
        (only("picture.width_px", {"type": "int"}), "must be one of"),
        (only("picture.width_px", {"enum": []}), "not empty"),
        (only("picture.width_px", {}), "says nothing"),
        (only("picture.width_px", True), "schema object"),
        ({**only("picture.width_px", {"const": 1}), "then": only("picture.height_px", {"const": 1})}, "without 'if'"),
        ({**only("picture.width_px", {"const": 1}), "if": only("picture.height_px", {"const": 1})}, "does nothing"),
        (only("sound.tracks", {"type": "array", "minItems": 2, "minContains": 2}), "without 'contains'"),
        (only("picture.width_px", {"const": 1, "properties": {"x": {"const": 1}}, "required": ["x"]}), "no members"),
        ({"required": ["picture.width_px"] * 2, "properties": {"picture.width_px": {"const": 1}}}, "each once"),
    ],
)
def test_what_is_silently_wrong_in_a_schema_is_an_error(schema: dict[str, Any], words: str) -> None:
    found = errors_of(schema)
    assert any(words in problem.message for problem in found), found


def test_definitions_are_linted_where_they_are_used() -> None:
    body = {
        **document(clause("it", {"$ref": "#/$defs/hd"})),
        "$defs": {"hd": only("picture.widht_px", {"const": 1})},
    }
    assert {problem.pointer for problem in errors(body)} == {
        "/$defs/hd/required/0",
        "/$defs/hd/properties/picture.widht_px",
    }
    body["$defs"]["hd"] = only("picture.width_px", {"const": 1})
    assert errors(body) == []


@pytest.mark.parametrize(
    ("ref", "defs", "words"),
    [
        ("#/$defs/hdd", {"hd": only("picture.width_px", {"const": 1})}, "did you mean hd"),
        ("#/$defs/hd", {"hd": {"$ref": "#/$defs/hd"}}, "refers to itself"),
        ("other.json", {}, "begins with"),
    ],
)
def test_a_reference_that_leads_nowhere_is_an_error(ref: str, defs: dict[str, Any], words: str) -> None:
    found = errors({**document(clause("it", {"$ref": ref})), "$defs": defs})
    assert any(words in problem.message for problem in found)


@pytest.mark.parametrize("key", ["$anchor", "title", "x-level", "x-source"])
def test_a_clause_without_id_title_level_or_source_is_an_error(key: str) -> None:
    body = document({name: value for name, value in clause("it").items() if name != key})
    assert_only(errors(body), f"{FIRST}/{key}", "")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"$anchor": "It"}, "/$anchor"),
        ({"$anchor": "1st"}, "/$anchor"),
        ({"$anchor": "a--b"}, "/$anchor"),
        ({"title": " "}, "/title"),
        ({"x-level": "must"}, "/x-level"),
        ({"x-null": "pass"}, "/x-null"),
        ({"x-why": ""}, "/x-why"),
        ({"x-sorce": {}}, "/x-sorce"),
        ({"x-source": {}}, "/x-source/document"),
        ({"x-source": {"document": "d", "page": 3}}, "/x-source/page"),
        ({"x-source": {"document": "d", "confidence": "sure"}}, "/x-source/confidence"),
    ],
)
def test_the_frame_of_a_clause_is_held_to_its_form(change: dict[str, Any], pointer: str) -> None:
    assert [problem.pointer for problem in errors(document(clause("it") | change))] == [FIRST + pointer]


def test_low_confidence_is_should_and_unverified() -> None:
    source = {"document": "d", "confidence": "low"}
    found = errors(document(clause("it") | {"x-source": source}))
    assert {problem.pointer for problem in found} == {f"{FIRST}/x-level", f"{FIRST}/title"}
    fine = clause("it", level="should") | {"x-source": source, "title": "Probably so (unverified)"}
    assert errors(document(fine)) == []
    inherited = document(clause("it"), about={"confidence": "low"})
    assert any(problem.pointer == f"{FIRST}/x-level" for problem in errors(inherited))


@pytest.mark.parametrize(
    ("root", "about", "pointer"),
    [
        ({"x_speck": {}}, {}, "/x-speck"),
        ({"properties": {}}, {}, "/properties"),
        ({"title": ""}, {}, "/title"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, {}, "/$schema"),
        ({}, {"id": "A Sheet"}, "/x-spec/id"),
        ({}, {"edition": 5}, "/x-spec/edition"),
        ({}, {"edition": "a@b"}, "/x-spec/edition"),
        ({}, {"revision": 0}, "/x-spec/revision"),
        ({}, {"read_on": "2026-13-01"}, "/x-spec/read_on"),
        ({}, {"aliases": ["A"]}, "/x-spec/aliases"),
        ({}, {"advisory": 1}, "/x-spec/advisory"),
        ({}, {"relase": 1}, "/x-spec/relase"),
        ({"x_settings": {"blak": {}}}, {}, "/x-settings/blak"),
        ({"x_settings": {"black": {"luma": 1}}}, {}, "/x-settings/black"),
        ({"x_settings": {"black": {"luma_max_percent": "dark"}}}, {}, "/x-settings/black"),
        ({"x_settings": {"groups": {"layouts": "5.2"}}}, {}, "/x-settings/groups/layouts"),
        ({"x_settings": {"groups": {"layout": "5.1"}}}, {}, "/x-settings/groups/layout"),
        ({"x_expects": [{"id": "a", "title": "A", "fact": "picture.widht_px"}]}, {}, "/x-expects/0/fact"),
        ({"x_expects": [{"id": "a", "title": "A"}]}, {}, "/x-expects/0/fact"),
        ({"x_manual": [{"id": "a", "title": "A"}]}, {}, "/x-manual/0/x-source"),
        ({"x_manual": [{"id": "a", "x-source": {"document": "d"}}]}, {}, "/x-manual/0/title"),
        ({"x_extends": {"spec": "b", "drop": ["c"]}}, {}, "/x-extends/drop/0"),
        ({"x_extends": {"spec": "b", "drop": [{"id": "c", "reason": ""}]}}, {}, "/x-extends/drop/0"),
        ({"x_applies": only("picture.black.spans", {"type": "array", "minItems": 1})}, {}, "/x-applies/required/0"),
        (
            {"x_applies": {"properties": {"wrapper.format": {"const": "mov"}}}},
            {},
            "/x-applies/properties/wrapper.format",
        ),
    ],
)
def test_the_root_of_a_spec_is_held_to_its_form(root: dict[str, Any], about: dict[str, Any], pointer: str) -> None:
    assert [problem.pointer for problem in errors(document(clause("it"), about=about, **root))] == [pointer]


def test_null_is_an_ordinary_value_where_a_spec_is_only_selected() -> None:
    assert errors(document(clause("it"), x_applies=only("picture.color_transfer", {"const": "smpte2084"}))) == []


def test_an_empty_list_of_clauses_is_an_error() -> None:
    assert_only(errors({**document(), "allOf": []}), "/allOf", "leave it out")


@pytest.mark.parametrize(
    "body", [[], "spec", None, {}, {"x-spec": []}, {"allOf": {}}, {"allOf": [1]}, {"x-manual": {}, "x-expects": [1]}]
)
def test_whatever_is_no_spec_gives_problems_and_never_an_exception(body: Any) -> None:
    assert errors(body)


@pytest.mark.parametrize("clause_id", ["twice", *INTEGRITY_CLAUSES, "expected-size", "deliverable-recognised"])
def test_ids_are_unique_and_those_of_deliverqc_are_kept(clause_id: str) -> None:
    assert errors(document(clause("twice"), clause(clause_id)))


def test_the_same_id_for_a_clause_and_a_manual_item_is_an_error() -> None:
    manual = [{"id": "it", "title": "It", "x-source": {"document": "d"}}]
    assert_only(errors(document(clause("it"), x_manual=manual)), "/x-manual/0/id", "taken")


def test_an_item_that_awaits_a_fact_that_exists_becomes_a_clause() -> None:
    def awaiting(fact: str) -> dict[str, Any]:
        return document(x_manual=[{"id": "a", "title": "A", "x-source": {"document": "d"}, "x-awaits": fact}])

    (problem,) = problems(awaiting("picture.width_px"))
    assert (problem.severity, problem.pointer) == (Severity.WARNING, "/x-manual/0/x-awaits")
    assert any(
        problem.pointer == "/x-manual/0/x-awaits" for problem in errors(awaiting("picture.width_px"), shipped=True)
    )
    assert problems(awaiting("picture.not_yet")) == ()


def test_a_shipped_spec_says_publisher_kind_day_confidence_and_what_it_is_for() -> None:
    found = errors(document(clause("it")), shipped=True)
    assert {problem.pointer for problem in found} == {
        "/x-spec/publisher",
        "/x-spec/kind",
        "/x-spec/read_on",
        "/x-spec/confidence",
        "/x-applies",
        "/allOf/0/x-source",
    }


def shipped_names() -> list[str]:
    library = spec_library()
    return [name for name in library.ids() if not isinstance(library.resolve(name), Family)]


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_spec_has_no_problems(name: str) -> None:
    assert spec_library().problems(name, shipped=True) == ()


def test_the_ids_kept_for_integrity_are_those_of_the_integrity_spec() -> None:
    shipped = read_json(shipped_folder() / "deliverqc-integrity.json")
    assert tuple(one["$anchor"] for one in shipped["allOf"]) == INTEGRITY_CLAUSES


def dialect() -> dict[str, Any]:
    schema = json.loads(DIALECT_FILE.read_text())
    assert isinstance(schema, dict)
    return schema


def test_the_dialect_is_a_schema_and_knows_the_same_keywords_as_the_linter() -> None:
    Draft202012Validator.check_schema(dialect())
    assert set(dialect()["$defs"]["schema"]["properties"]) == set(SCHEMA_KEYWORDS)


@pytest.mark.parametrize(
    "body",
    [
        {**document(clause("it")), "x-speck": 1},
        document(clause("it") | {"x-level": "must"}),
        document(clause("It")),
        document(clause("it", only("picture.width_px", {"minimum": 1}))),
        document(clause("it", only("sound.tracks", {"type": "array", "items": only("codec", {"const": "pcm"})}))),
        document(clause("it", {"then": only("picture.width_px", {"const": 1})})),
        document(about={"revision": 0}),
        document(x_expects=[{"id": "a"}]),
        document(x_manual=[{"id": "a", "title": "b"}]),
        document(x_extends={"drop": []}),
    ],
)
def test_what_an_editor_can_see_by_the_dialect_the_linter_says_too(body: dict[str, Any]) -> None:
    assert not Draft202012Validator(dialect()).is_valid(body)
    assert any(problem.severity is Severity.ERROR for problem in rules(body, shipped=False, registry=registry()))

"""The three-valued evaluator against jsonschema, against sampled completions, and against its own laws."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from deliverqc.kleene import Truth, equal, evaluate

KEYS = ("a", "b", "c")
LIST_KEY = "l"

numbers = st.one_of(st.integers(-3, 3), st.sampled_from([-1.5, 0.0, 0.5, 1.0, 2.5, 0.1, 0.3]))
scalars = st.one_of(st.none(), st.booleans(), numbers, st.sampled_from(["", "x", "xy", "1", "true"]))
scalar_lists = st.lists(scalars, max_size=3)
items = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, scalars))
full_items = st.fixed_dictionaries(dict.fromkeys(KEYS, scalars))


def documents(item: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Flat documents: three scalars, a list of scalars and a list of objects, all present."""
    return st.fixed_dictionaries(
        {**dict.fromkeys(KEYS, scalars), "s": scalar_lists, LIST_KEY: st.lists(item, max_size=3)}
    )


types = st.sampled_from(["null", "boolean", "string", "number", "integer", "array", "object"])
leaves = st.fixed_dictionaries(
    {},
    optional={
        "type": st.one_of(types, st.lists(types, min_size=1, max_size=3, unique=True)),
        "const": scalars,
        "enum": st.lists(scalars, min_size=1, max_size=3),
        "minimum": numbers,
        "maximum": numbers,
        "exclusiveMinimum": numbers,
        "exclusiveMaximum": numbers,
        "multipleOf": st.sampled_from([1, 2, 0.5, 0.1]),
        "pattern": st.sampled_from(["^x", "y$", "1|t"]),
        "minLength": st.integers(0, 2),
        "maxLength": st.integers(0, 2),
    },
)
about_scalar_lists = st.fixed_dictionaries(
    {},
    optional={
        "type": st.just("array"),
        "items": leaves,
        "contains": leaves,
        "minContains": st.integers(0, 2),
        "maxContains": st.integers(0, 2),
        "minItems": st.integers(0, 3),
        "maxItems": st.integers(0, 3),
        "uniqueItems": st.booleans(),
        "const": scalar_lists,
    },
)


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "allOf": several,
            "anyOf": several,
            "oneOf": several,
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
        },
    )


about_values = st.recursive(st.one_of(leaves, st.booleans()), combined, max_leaves=4)


def about_objects(more: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "required": st.lists(st.sampled_from(KEYS), unique=True, max_size=3),
            "properties": st.fixed_dictionaries({}, optional={**dict.fromkeys(KEYS, about_values), **more}),
            "type": st.sampled_from(["object", ["object", "null"]]),
        },
    )


about_items = st.recursive(about_objects({}), combined, max_leaves=3)
about_item_lists = st.fixed_dictionaries(
    {},
    optional={
        "items": about_items,
        "contains": about_items,
        "minContains": st.integers(0, 2),
        "maxContains": st.integers(0, 2),
        "minItems": st.integers(0, 2),
        "maxItems": st.integers(0, 2),
    },
)
schemas = st.recursive(about_objects({"s": about_scalar_lists, LIST_KEY: about_item_lists}), combined, max_leaves=4)


def drawn_without(data: st.DataObject, document: dict[str, Any]) -> dict[str, Any]:
    """The document less some of its facts, at both levels."""
    kept = {key: value for key, value in document.items() if data.draw(st.booleans(), label=f"keep {key}")}
    if LIST_KEY in kept:
        kept[LIST_KEY] = [
            {key: value for key, value in item.items() if data.draw(st.booleans(), label=f"keep item {key}")}
            for item in kept[LIST_KEY]
        ]
    return kept


@settings(max_examples=600, deadline=None)
@given(schema=schemas, document=documents(full_items))
def test_with_all_facts_present_the_answer_is_jsonschemas(schema: dict[str, Any], document: dict[str, Any]) -> None:
    expected = Truth.TRUE if Draft202012Validator(schema).is_valid(document) else Truth.FALSE
    assert evaluate(schema, document).truth is expected


@settings(max_examples=600, deadline=None)
@given(schema=schemas, document=documents(full_items), data=st.data())
def test_removing_facts_never_turns_one_decided_answer_into_another(
    schema: dict[str, Any], document: dict[str, Any], data: st.DataObject
) -> None:
    before, after = evaluate(schema, document).truth, evaluate(schema, drawn_without(data, document)).truth
    assert after in (before, Truth.UNKNOWN)


@settings(max_examples=300, deadline=None)
@given(schema=schemas, document=documents(full_items), data=st.data())
def test_a_decided_answer_is_that_of_every_completion(
    schema: dict[str, Any], document: dict[str, Any], data: st.DataObject
) -> None:
    partial = drawn_without(data, document)
    answer = evaluate(schema, partial).truth
    completions = [{**other, **partial} for other in data.draw(st.lists(documents(full_items), min_size=3, max_size=6))]
    for completion in completions:
        completion[LIST_KEY] = [{**dict.fromkeys(KEYS), **item} for item in completion[LIST_KEY]]
    if answer is not Truth.UNKNOWN:
        valid = {Draft202012Validator(schema).is_valid(completion) for completion in completions}
        assert valid == {answer is Truth.TRUE}


@given(schema=schemas, document=documents(items))
def test_an_unknown_answer_names_what_is_missing_and_a_false_one_what_is_broken(
    schema: dict[str, Any], document: dict[str, Any]
) -> None:
    answer = evaluate(schema, document)
    assert bool(answer.missing) is (answer.truth is Truth.UNKNOWN)
    assert bool(answer.breaches) is (answer.truth is Truth.FALSE)


@pytest.mark.parametrize(
    ("one", "two", "truth"),
    [
        (1, 1.0, Truth.TRUE),
        (True, 1, Truth.FALSE),
        (0, False, Truth.FALSE),
        ("1", 1, Truth.FALSE),
        (None, False, Truth.FALSE),
        ([1, [True]], [1.0, [True]], Truth.TRUE),
        ([1], [True], Truth.FALSE),
        ([1], [1, 2], Truth.FALSE),
        ({"a": 1}, {"a": 2}, Truth.FALSE),
        ({"a": 1}, {"a": 1, "b": 2}, Truth.UNKNOWN),
        ({"a": 1}, {"a": 1}, Truth.UNKNOWN),
        ({"a": 1}, [1], Truth.FALSE),
    ],
)
def test_equality_is_that_of_json_and_open_between_objects_that_may_be_incomplete(
    one: Any, two: Any, truth: Truth
) -> None:
    assert equal(one, two) is truth
    assert equal(two, one) is truth


@pytest.mark.parametrize(
    ("schema", "document", "truth"),
    [
        ({"required": ["a"]}, {}, Truth.UNKNOWN),
        ({"properties": {"a": {"minimum": 1}}}, {}, Truth.UNKNOWN),
        ({"not": {"properties": {"a": {"const": 1}}}}, {}, Truth.UNKNOWN),
        ({"if": {"properties": {"a": {"const": 1}}}, "then": False}, {}, Truth.UNKNOWN),
        ({"if": {"properties": {"a": {"const": 1}}}, "then": True, "else": True}, {}, Truth.TRUE),
        ({"if": {"properties": {"a": {"const": 1}}}, "then": False, "else": False}, {}, Truth.FALSE),
        ({"properties": {"l": {"contains": {"properties": {"a": {"const": 1}}}}}}, {"l": [{}]}, Truth.UNKNOWN),
        ({"properties": {"l": {"contains": {"properties": {"a": {"const": 1}}}}}}, {"l": []}, Truth.FALSE),
        ({"properties": {"l": {"contains": {"const": 1}, "minContains": 0}}}, {"l": []}, Truth.TRUE),
        ({"properties": {"l": {"maxContains": 0}}}, {"l": [1]}, Truth.TRUE),
        ({"anyOf": [{"properties": {"a": {"const": 1}}}, {"required": ["b"]}]}, {"a": 1}, Truth.TRUE),
        ({"allOf": [{"properties": {"a": {"const": 1}}}, {"required": ["b"]}]}, {"a": 2}, Truth.FALSE),
        ({"properties": {"o": {"required": ["x"]}}}, {"o": {}}, Truth.UNKNOWN),
        ({"properties": {"o": {"required": ["x"]}}}, {"o": None}, Truth.TRUE),
    ],
)
def test_a_missing_key_is_unknown_wherever_it_stands(
    schema: dict[str, Any], document: dict[str, Any], truth: Truth
) -> None:
    assert evaluate(schema, document).truth is truth


@pytest.mark.parametrize("value", [None, "5", True, [5]])
def test_an_ordering_says_nothing_of_what_is_no_number(value: Any) -> None:
    assert evaluate({"minimum": 10}, value).truth is Truth.TRUE
    assert evaluate({"type": "number", "minimum": 10}, value).truth is Truth.FALSE


def test_each_item_of_a_list_that_must_be_empty_is_a_breach_of_its_own() -> None:
    answer = evaluate(
        {"properties": {"x.spans": {"maxItems": 0}}}, {"x.spans": [{"start_frame": 1}, {"start_frame": 5}]}
    )
    assert [breach.place.where for breach in answer.breaches] == [(("span", 0),), (("span", 1),)]
    assert [breach.place.name for breach in answer.breaches] == ["x.spans[]", "x.spans[]"]

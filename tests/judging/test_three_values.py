"""The three-valued evaluator against jsonschema, against sampled completions, and against its own laws."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from deliverqc.judging.kleene import Truth, equal, evaluate
from tests.schema_strategies import KEYS, LIST_KEY, documents, drawn_without, full_items, items, schemas


@settings(max_examples=100, deadline=None)
@given(schema=schemas, document=documents(full_items))
def test_with_all_facts_present_the_answer_is_jsonschemas(schema: dict[str, Any], document: dict[str, Any]) -> None:
    expected = Truth.TRUE if Draft202012Validator(schema).is_valid(document) else Truth.FALSE
    assert evaluate(schema, document).truth is expected


@settings(max_examples=100, deadline=None)
@given(schema=schemas, document=documents(full_items), data=st.data())
def test_removing_facts_never_turns_one_decided_answer_into_another(
    schema: dict[str, Any], document: dict[str, Any], data: st.DataObject
) -> None:
    before, after = evaluate(schema, document).truth, evaluate(schema, drawn_without(data, document)).truth
    assert after in (before, Truth.UNKNOWN)


@settings(max_examples=100, deadline=None)
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

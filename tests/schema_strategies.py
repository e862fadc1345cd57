"""Schemas of the closed subset and documents to judge by them, for hypothesis; knows no fact and no spec."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

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

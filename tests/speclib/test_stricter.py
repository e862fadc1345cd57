"""A proof that one schema implies another is never contradicted by facts, and the usual changes are proved."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverqc.judging.kleene import Truth, evaluate
from deliverqc.measuring.registry import registry
from deliverqc.speclib.stricter import implies
from tests import schema_strategies as draws
from tests.spec_files import each, only


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two schemas that share parts, so that one often implies the other."""
    parts = draw(st.lists(draws.schemas, min_size=2, max_size=3))
    joined = st.sampled_from(
        [
            parts[0],
            parts[1],
            {"allOf": parts},
            {"anyOf": parts},
            {"oneOf": parts},
            {"not": parts[0]},
            {"not": {"allOf": parts}},
            {"if": parts[0], "then": parts[1]},
            {"if": parts[0], "then": parts[1], "else": parts[-1]},
            {"allOf": [parts[0], {"if": parts[0], "then": parts[-1]}]},
        ]
    )
    return draw(joined), draw(joined)


def member_pairs(inner: st.SearchStrategy[Any], key: str) -> st.SearchStrategy[tuple[Any, Any]]:
    return st.tuples(*[inner.map(lambda schema: {"properties": {key: schema}})] * 2)


close_pairs = st.one_of(
    pairs(),
    member_pairs(draws.about_values, "a"),
    member_pairs(draws.about_scalar_lists, "s"),
    member_pairs(draws.about_item_lists, draws.LIST_KEY),
)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), pair=close_pairs, documents=st.lists(draws.documents(draws.full_items), min_size=8, max_size=16))
def test_a_proof_is_never_contradicted_by_facts(
    data: st.DataObject, pair: tuple[Any, Any], documents: list[dict[str, Any]]
) -> None:
    one, other = pair
    if not implies(one, other, {}):
        return
    for document in documents:
        for facts in (document, draws.drawn_without(data, document)):
            if evaluate(one, facts).truth is Truth.TRUE:
                assert evaluate(other, facts).truth is not Truth.FALSE


LUFS = "loudness.integrated_lufs"


def width(**schema: Any) -> dict[str, Any]:
    return only("picture.width_px", schema)


def loudness(**schema: Any) -> dict[str, Any]:
    return each("sound.groups", LUFS, {"type": "number", **schema})


def spans(**schema: Any) -> dict[str, Any]:
    return only("picture.black.spans", {"type": "array", **schema})


IF_HD = {"if": width(const=1920), "then": only("picture.height_px", {"const": 1080})}


@pytest.mark.parametrize(
    ("stricter", "looser"),
    [
        (width(const=1920), width(enum=[1920, 1280])),
        (width(const=1920), width(type="integer", minimum=1280)),
        (width(enum=[1280, 1920]), width(type="integer", multipleOf=2)),
        (width(type="integer", minimum=5), width(type="number", minimum=4)),
        (width(type="integer", exclusiveMinimum=5), width(type="integer", minimum=5)),
        (width(type="integer", multipleOf=16), width(type="integer", multipleOf=8)),
        (width(type="integer", minimum=5), width(**{"not": {"const": 4}})),
        (width(const=1920), {"anyOf": [width(const=1920), width(const=4)]}),
        ({"oneOf": [width(const=1), width(const=2)]}, width(enum=[1, 2, 3])),
        (loudness(minimum=-23.2, maximum=-22.8), loudness(minimum=-24, maximum=-22)),
        (loudness(minimum=-23.2, maximum=-22.8), loudness(maximum=-22.8)),
        (
            each("sound.tracks", "codec", {"const": "pcm"}, 2),
            each("sound.tracks", "codec", {"enum": ["pcm", "aac"]}, 1),
        ),
        (spans(maxItems=0), spans(minItems=0, items=only("region", {"const": "head"}))),
        (spans(contains=only("region", {"const": "head"}), minContains=2), spans(minItems=2)),
        (
            spans(contains=only("region", {"const": "head"}), maxContains=1),
            spans(contains=only("region", {"const": "head"}), minContains=0, maxContains=2),
        ),
        (spans(maxItems=3), spans(contains=only("region", {"const": "head"}), minContains=0, maxContains=3)),
        (only("picture.height_px", {"const": 1080}), IF_HD),
        (width(const=1280), IF_HD),
        ({**width(const=1920), "allOf": [IF_HD]}, only("picture.height_px", {"enum": [1080, 720]})),
        (only("file.name", {"type": "string", "minLength": 3}), only("file.name", {"type": "string", "minLength": 1})),
    ],
)
def test_a_stricter_demand_is_proved_to_be_so_and_not_the_other_way(
    stricter: dict[str, Any], looser: dict[str, Any]
) -> None:
    assert implies(stricter, looser, registry().facts)
    assert not implies(looser, stricter, registry().facts)


def test_a_bound_that_moves_under_twelve_conditions_is_proved() -> None:
    def bit_rates(step: int) -> dict[str, Any]:
        each_size = [
            {
                "if": width(type="integer", minimum=320 * i, exclusiveMaximum=320 * (i + 1)),
                "then": {"anyOf": [only("picture.bit_rate_bps", {"minimum": step * i}), width(const=320 * i)]},
            }
            for i in range(12)
        ]
        return {"allOf": each_size}

    assert implies(bit_rates(1_000_000), bit_rates(900_000), registry().facts)
    assert not implies(bit_rates(900_000), bit_rates(1_000_000), registry().facts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (width(type="integer", minimum=4), width(type="number", minimum=4)),
        (width(const=1920), {"allOf": [width(enum=[1920])], "required": ["picture.width_px"]}),
        (
            loudness(minimum=-23.0),
            each("sound.groups", LUFS, {"allOf": [{"type": "number"}, {"type": "number", "minimum": -23}]}),
        ),
        ({"if": width(const=1), "then": width(const=2)}, {"allOf": [{"if": width(const=1), "then": width(const=2)}]}),
    ],
)
def test_two_ways_to_write_one_demand_are_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert implies(one, other, registry().facts) and implies(other, one, registry().facts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (width(const=1920), width(const=1280)),
        (width(const=1), width(const=True)),
        (loudness(minimum=-23.2, maximum=-22.8), loudness(minimum=-23.1, maximum=-22.0)),
        (only("file.name", {"type": "string", "pattern": "a"}), only("file.name", {"type": "string", "pattern": "b"})),
        (width(const=1920), only("picture.height_px", {"const": 1080})),
    ],
)
def test_nothing_is_proved_of_demands_that_merely_differ(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert not implies(one, other, registry().facts) and not implies(other, one, registry().facts)

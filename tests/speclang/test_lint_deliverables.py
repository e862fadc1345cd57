"""The linter holds what a spec says of its deliverable, and of what awaits a fact, to its form."""

from __future__ import annotations

from typing import Any

import pytest

from deliverqc.measuring.registry import registry
from deliverqc.speclang.lint import lint
from tests.spec_files import clause, document, only

TRANSFER = "picture.color_transfer"
HDR = only(TRANSFER, {"const": "smpte2084"})


def codes(body: dict[str, Any], *, shipped: bool = False) -> dict[str, str]:
    return {problem.code: problem.pointer for problem in lint(body, shipped=shipped, registry=registry())}


def awaiting(**more: Any) -> dict[str, Any]:
    entry = {"id": "a", "title": "A", "x-source": {"document": "d"}, "x-awaits": "picture.not_yet"}
    return document(x_manual=[entry | {key.replace("x_", "x-"): value for key, value in more.items()}])


@pytest.mark.parametrize(
    ("more", "code", "pointer"),
    [
        ({"x_level": "must"}, "unknown-level", "x-level"),
        ({"if": only("picture.hdr_kind", {"const": "pq"})}, "unknown-fact", "if/properties/picture.hdr_kind"),
        ({"if": only(TRANSFER, {"const": "pq"})}, "unlisted-word", f"if/properties/{TRANSFER}/const"),
        ({"if": {"properties": HDR["properties"]}}, "unrequired-fact", f"if/properties/{TRANSFER}"),
        ({"if": {"$ref": "#/$defs/hdr"}}, "unknown-definition", "if/$ref"),
        ({"if": {}}, "empty-schema", "if"),
    ],
)
def test_level_and_condition_of_an_awaited_item_are_held_to_their_form(
    more: dict[str, Any], code: str, pointer: str
) -> None:
    assert codes(awaiting(**more))[code] == f"/x-manual/0/{pointer}"


def test_an_awaited_item_has_a_level_and_where_it_helps_a_condition() -> None:
    assert codes(awaiting(x_level="shall")) == codes(awaiting(**{"x_level": "should", "if": HDR})) == {}


@pytest.mark.parametrize("key", ["x-level", "if"])
def test_an_item_for_a_person_has_neither_level_nor_condition(key: str) -> None:
    entry = {"id": "a", "title": "A", "x-source": {"document": "d"}, key: "shall" if key == "x-level" else HDR}
    assert codes(document(x_manual=[entry])) == {"idle-item-key": f"/x-manual/0/{key}"}


def test_an_awaited_demand_of_low_confidence_decides_nothing_and_says_so() -> None:
    low = {"document": "d", "confidence": "low"}
    assert "unsure-shall" in codes(awaiting(x_level="shall", x_source=low, x_why="Unverified."))
    assert "unstated-doubt" in codes(awaiting(x_level="should", x_source=low))
    assert codes(awaiting(x_level="should", x_source=low, x_why="Unverified.")) == {}


def test_a_shipped_spec_gives_every_awaited_item_a_level() -> None:
    assert "unlevelled-item" in codes(awaiting(), shipped=True)
    assert "unlevelled-item" not in codes(awaiting(x_level="shall"), shipped=True)


@pytest.mark.parametrize(
    ("root", "is_missing"),
    [
        ({}, True),
        ({"x_extends": {"spec": "b"}}, False),
        ({"x_applies": only("wrapper.format", {"const": "mov"})}, False),
        ({"x_applies": {"$comment": "Any master: loudness is the same in every wrapper."}}, False),
        ({"about": {"id": "deliverqc-everything"}}, False),
    ],
)
def test_a_shipped_spec_says_which_masters_it_is_for(root: dict[str, Any], is_missing: bool) -> None:
    assert ("missing-applies" in codes(document(clause("it"), **root), shipped=True)) == is_missing


@pytest.mark.parametrize("applies", [{}, {"$comment": "Every master"}, {"$comment": "Any master: "}])
def test_a_spec_for_any_master_says_why(applies: dict[str, Any]) -> None:
    assert codes(document(clause("it"), x_applies=applies))["unreasoned-applies"] == "/x-applies"


@pytest.mark.parametrize("unit", ["file", "package", "set"])
def test_a_spec_judges_a_file_a_package_or_a_set(unit: str) -> None:
    assert codes(document(clause("it"), x_unit=unit)) == {}
    assert "unknown-unit" in codes(document(clause("it"), x_unit=f"{unit}s"))


@pytest.mark.parametrize(
    ("essence", "found"),
    [
        ({}, {}),
        ({"holds": ["audio"], "may_be_silent": True}, {}),
        ({"holds": ["picture", "audio", "timed_text"], "may_be_black": False}, {}),
        ({"hold": ["audio"]}, {"unknown-key": "/x-spec/essence/hold"}),
        ({"holds": "audio"}, {"misshapen-holds": "/x-spec/essence/holds"}),
        ({"holds": ["audio", "audio"]}, {"unknown-essence": "/x-spec/essence/holds/1"}),
        ({"holds": ["video"]}, {"unknown-essence": "/x-spec/essence/holds/0"}),
        ({"may_be_black": None}, {"misshapen-leave": "/x-spec/essence/may_be_black"}),
    ],
)
def test_the_essence_of_a_deliverable_is_held_to_its_form(essence: dict[str, Any], found: dict[str, str]) -> None:
    assert codes(document(clause("it"), about={"essence": essence})) == found

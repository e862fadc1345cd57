"""Which way a clause moved between two specs, and that no facts contradict the word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deliverqc.cli import _run
from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import registry, spec_library
from deliverqc.speclang.load import shipped_folder
from deliverqc.speclang.model import Clause, Spec
from deliverqc.speclib.diff import Change, compare, demand_change
from deliverqc.verdict import Outcome
from tests.slices import is_drawn
from tests.spec_files import clause, document, each, loaded, only, write

LIBRARY = spec_library()
METERS = LIBRARY.registry.meters
LUFS = "loudness.integrated_lufs"
FAIL, NOT_APPLICABLE = {"x-null": "fail"}, {"x-null": "not_applicable"}


def made(folder: Path, *clauses: dict[str, Any], **more: Any) -> Spec:
    return loaded(folder, *clauses, **more)


def width(**schema: Any) -> dict[str, Any]:
    return only("picture.width_px", schema)


def loudness(minimum: float, maximum: float, fewest: int = 1) -> dict[str, Any]:
    return each("sound.groups", LUFS, {"type": "number", "minimum": minimum, "maximum": maximum}, fewest)


def colour(**schema: Any) -> dict[str, Any]:
    return only("picture.color_primaries", schema)


CASES: list[tuple[dict[str, Any], dict[str, Any], Change | None]] = [
    (clause("it", width(enum=[1920, 1280])), clause("it", width(const=1920)), Change.TIGHTENED),
    (clause("it", width(const=1920)), clause("it", width(enum=[1920, 1280])), Change.LOOSENED),
    (clause("it", width(const=1920)), clause("it", width(const=1280)), Change.CHANGED),
    (clause("it", width(const=1920)), clause("it", width(enum=[1920])), None),
    (clause("it", loudness(-24, -22), **FAIL), clause("it", loudness(-23.5, -22.5), **FAIL), Change.TIGHTENED),
    (clause("it", loudness(-24, -22), **FAIL), clause("it", loudness(-23, -21), **FAIL), Change.CHANGED),
    (clause("it", loudness(-24, -22), **FAIL), clause("it", loudness(-24, -22, 2), **FAIL), Change.TIGHTENED),
    (clause("it", loudness(-24, -22), **FAIL), clause("it", loudness(-24, -22), **NOT_APPLICABLE), Change.LOOSENED),
    (clause("it", loudness(-24, -22), **FAIL), clause("it", loudness(-23, -23), **NOT_APPLICABLE), Change.CHANGED),
    (clause("it", colour(enum=["bt709", None])), clause("it", colour(const="bt709"), **FAIL), Change.TIGHTENED),
    (
        clause("it", colour(const="bt709"), **NOT_APPLICABLE),
        clause("it", colour(const="bt709"), **FAIL),
        Change.TIGHTENED,
    ),
    (
        clause("it", width(const=1)),
        clause("it", {**width(const=1), **only("picture.height_px", {"const": 1})}),
        Change.CHANGED,
    ),
    (
        clause("it", width(const=1)),
        clause("it", {"allOf": [width(const=1), only("picture.height_px", {"const": 1})]}),
        Change.TIGHTENED,
    ),
    (
        clause("it", {"required": ["picture.color_primaries"]}, **FAIL),
        clause("it", {"required": ["picture.color_primaries"]}, **NOT_APPLICABLE),
        Change.LOOSENED,
    ),
    (
        clause("it", width(const=1920)),
        clause("it", {"if": only("picture.codec", {"const": "dvvideo"}), "then": width(const=1920)}),
        Change.LOOSENED,
    ),
]


@pytest.mark.parametrize(("old", "new", "word"), CASES)
def test_the_word_for_a_demand_that_moved(
    tmp_path: Path, old: dict[str, Any], new: dict[str, Any], word: Change | None
) -> None:
    one, two = made(tmp_path, old).own_clauses[0], made(tmp_path, new).own_clauses[0]
    assert demand_change(one, two, registry().facts) is word


def test_null_under_negation_is_told_as_changed(tmp_path: Path) -> None:
    negated = {"not": colour(const="bt2020")}
    old = made(tmp_path, clause("it", negated, **FAIL)).own_clauses[0]
    new = made(tmp_path, clause("it", negated, **NOT_APPLICABLE)).own_clauses[0]
    assert demand_change(old, new, registry().facts) is Change.CHANGED
    assert demand_change(old, old, registry().facts) is None


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (clause("it", level="should"), clause("it"), Change.TIGHTENED),
        (clause("it"), clause("it", level="should"), Change.LOOSENED),
        (clause("it", width(const=1), level="should"), clause("it", width(enum=[1, 2])), Change.CHANGED),
        (clause("it"), clause("it") | {"title": "Other words"}, Change.REWORDED),
        (clause("it"), clause("it") | {"x-source": {"document": "Another sheet"}}, Change.REWORDED),
        (clause("it"), clause("it", **{"x-remedy": "Mend it."}), Change.REWORDED),
        (clause("it"), clause("it"), None),
    ],
)
def test_the_word_for_a_clause_takes_level_and_text_in(
    tmp_path: Path, old: dict[str, Any], new: dict[str, Any], word: Change | None
) -> None:
    told = compare(made(tmp_path, old), made(tmp_path, new), METERS).clauses
    assert [one.change for one in told] == ([word] if word else [])


def test_a_demand_that_is_measured_otherwise_is_changed(tmp_path: Path) -> None:
    dark = clause("dark", only("picture.black.spans", {"type": "array", "maxItems": 0}))
    old = made(tmp_path, dark, clause("it"), x_settings={"black": {"luma_max_percent": 1.0}})
    new = made(tmp_path, dark, clause("it"), x_settings={"black": {"luma_max_percent": 2.0}})
    (difference,) = compare(old, new, METERS).clauses
    assert (difference.id, difference.change) == ("dark", Change.CHANGED)
    assert difference.because is not None and "black" in difference.because
    (setting,) = compare(old, new, METERS).settings
    assert setting.fields == {"luma_max_percent": (1.0, 2.0)}


def test_a_setting_that_states_its_default_moves_no_demand(tmp_path: Path) -> None:
    from deliverqc.meters import meters

    dark = clause("dark", only("picture.black.spans", {"type": "array", "maxItems": 0}))
    stated = made(tmp_path, dark, x_settings={"black": meters()["black"].resolve({})})
    assert compare(made(tmp_path, dark), stated, METERS).clauses == ()


def test_what_came_and_went_is_told_for_clauses_manual_items_and_expectations(tmp_path: Path) -> None:
    def item(name: str, **more: str) -> dict[str, Any]:
        return {"id": name, "title": name, "x-source": {"document": "d"}, **more}

    old = made(
        tmp_path,
        clause("kept"),
        clause("went"),
        x_manual=[item("gone"), item("same"), item("other")],
        x_expects=[{"id": "size", "title": "Size", "fact": "picture.width_px"}],
    )
    new = made(
        tmp_path,
        clause("came"),
        clause("kept"),
        x_manual=[item("fresh"), item("same"), item("other", **{"x-why": "because"})],
        about={"revision": 2, "confidence": "medium"},
    )
    found = compare(old, new, METERS)
    assert [(one.id, one.change) for one in found.clauses] == [("came", Change.ADDED), ("went", Change.REMOVED)]
    assert {one.id: one.change.value for one in found.manual} == {
        "fresh": "added",
        "other": "changed",
        "gone": "removed",
    }
    assert [(one.id, one.change) for one in found.expects] == [("size", Change.REMOVED)]
    assert {one.id: one.fields[one.id] for one in found.about} == {
        "revision": (1, 2),
        "confidence": (None, "medium"),
    }
    assert found.unchanged == 1


@cache
def cases_of(spec_id: str) -> dict[str, Any]:
    path = shipped_folder() / "examples" / f"{spec_id}.json"
    cases = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(cases, dict)
    return cases


@cache
def outcome(spec_id: str, clause_id: str, facts: str) -> Outcome:
    spec = LIBRARY.load(spec_id)
    clauses = tuple(one for one in spec.own_clauses if one.id == clause_id)
    alone = replace(spec, clauses=clauses, expects=(), manual=())
    return judge(alone, json.loads(facts), as_of=date(2026, 1, 1)).clauses[0].outcome


def neighbours(spec: Spec) -> Iterator[tuple[Clause, Spec, Clause]]:
    """Clauses of other shipped specs that read the same facts as one of this spec."""
    for one in (own for own in spec.measured_clauses if own.spec_id == spec.id):
        for other_spec in LIBRARY.all():
            for other in other_spec.measured_clauses:
                if other.spec_id == other_spec.id > spec.id and other.facts() == one.facts():
                    yield one, other_spec, other


BARRED = {
    Change.TIGHTENED: [(Outcome.FAIL, Outcome.PASS)],
    Change.LOOSENED: [(Outcome.PASS, Outcome.FAIL)],
    None: [(Outcome.FAIL, Outcome.PASS), (Outcome.PASS, Outcome.FAIL)],
    Change.CHANGED: [],
}


@pytest.mark.parametrize("name", [name for name in LIBRARY.names() if "@" not in name and is_drawn(name)])
def test_no_example_of_a_shipped_spec_contradicts_the_word(name: str) -> None:
    spec = LIBRARY.load(name)
    for one, other_spec, other in neighbours(spec):
        word = demand_change(one, other, registry().facts)
        if not BARRED[word]:
            continue
        examples = [
            json.dumps(facts)
            for holder, clause_id in ((one.spec_id, one.id), (other.spec_id, other.id))
            for several in cases_of(holder)[clause_id].values()
            for facts in several
        ]
        for facts in examples:
            pair = outcome(spec.id, one.id, facts), outcome(other_spec.id, other.id, facts)
            assert pair not in BARRED[word], (other_spec.id, one.id, other.id, word, facts)


def test_shipped_specs_give_every_word_to_be_contradicted() -> None:
    words = {
        demand_change(one, other, registry().facts)
        for name in ("atsc-a85", "ebu-r128-programme", "netflix-licensed-prores", "xdcam-hd422", "svt")
        for one, _, other in neighbours(LIBRARY.load(name))
    }
    assert words == set(BARRED)


def test_a_spec_does_not_differ_from_itself() -> None:
    for spec in LIBRARY.all():
        found = compare(spec, spec, METERS)
        assert not (found.clauses or found.manual or found.expects or found.settings or found.about)
        assert found.unchanged == len(spec.own_clauses)


@pytest.fixture
def revisions(tmp_path: Path) -> Path:
    write(tmp_path, document(clause("size", width(enum=[1, 2])), clause("went")), "one.json")
    write(tmp_path, document(clause("size", width(const=1)), clause("came"), about={"revision": 2}), "two.json")
    return tmp_path


def test_two_revisions_are_compared_by_name_or_by_file(revisions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = ["spec", "diff", "a-sheet@1.r1", "a-sheet", "--spec-path", str(revisions)]
    assert _run(named) == 0
    text = capsys.readouterr().out
    assert _run(["spec", "diff", str(revisions / "one.json"), str(revisions / "two.json")]) == 0
    assert capsys.readouterr().out == text
    for words in ("a-sheet@1.r1 to a-sheet@1.r2", "1 added, 1 removed, 1 tightened, 0 unchanged", "TIGHTENED  size"):
        assert words in text
    assert text.index("was ") < text.index("is  ")
    assert _run([*named, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["id"]: one["change"] for one in told["clauses"]} == {
        "size": "tightened",
        "came": "added",
        "went": "removed",
    }
    assert told["old"]["revision"] == 1 and told["new"]["revision"] == 2 and told["schema_version"] == 1


def test_a_family_is_not_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["spec", "diff", "netflix", "acx"]) == 2
    assert "netflix-licensed-prores" in capsys.readouterr().err

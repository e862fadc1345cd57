"""The document's own figure and the basis of a clause: what is read, judged, shown and compared."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deliverqc.cli import _run
from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import registry
from deliverqc.reports import wording
from deliverqc.speclang.lint import lint
from deliverqc.speclang.model import Basis
from deliverqc.speclang.quantities import quantities, scales
from deliverqc.speclib.diff import Change, compare
from tests.spec_files import clause, document, each, facts, loaded, only, write

SECOND = {"value": 1, "unit": "s", "tolerance": 0.001, "why": "24 frames at 23.976"}
LUFS = "loudness.integrated_lufs"


def duration(stated: Any, title: str = "It is short", **bounds: float) -> dict[str, Any]:
    return clause("it", only("wrapper.duration_s", {"type": "number", **bounds}), title=title, **_frame(stated))


def size(stated: Any, **bounds: int) -> dict[str, Any]:
    return clause("it", only("file.size_bytes", {"type": "integer", **bounds}), **{"x-stated": stated})


def _frame(stated: Any) -> dict[str, Any]:
    return {"x-null": "fail"} | ({"x-stated": stated} if stated is not None else {})


GIB = {"value": 4, "unit": "GB", "why": "GB read as 1024^3 bytes"}
PAIR = {"value": [15, 30], "unit": "s", "tolerance": 0.03, "why": "at 23.976"}
SHARE = {"value": 1, "unit": "min", "tolerance": "2 %", "why": "our tolerance"}


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (duration(SECOND, maximum=1.001), "at most 1 s (24 frames at 23.976)"),
        (duration(SECOND, minimum=0.999), "at least 1 s (24 frames at 23.976)"),
        (duration(SECOND, exclusiveMaximum=1.0), "less than 1 s (24 frames at 23.976)"),
        (duration(SECOND, exclusiveMaximum=1.001), "at most 1 s (24 frames at 23.976)"),
        (duration(SECOND, exclusiveMinimum=1), "more than 1 s (24 frames at 23.976)"),
        (duration(SECOND, minimum=0.999, maximum=1.001), "1 s (24 frames at 23.976)"),
        (duration(PAIR, minimum=14.985, maximum=30.03), "15 to 30 s (at 23.976)"),
        (duration(SHARE, minimum=58.8), "at least 1 min (our tolerance)"),
        (size(GIB, maximum=4 * 1024**3), "at most 4 GB (GB read as 1024^3 bytes)"),
        (size(GIB, maximum=4 * 1024**3 - 1), "less than 4 GB (GB read as 1024^3 bytes)"),
        (size(GIB, exclusiveMaximum=4 * 1024**3), "less than 4 GB (GB read as 1024^3 bytes)"),
        (duration({"value": "a second or so", "why": "2 s are ours"}, maximum=2), "a second or so (2 s are ours)"),
    ],
)
def test_a_figure_reads_as_the_document_has_it(tmp_path: Path, written: dict[str, Any], words: str) -> None:
    figure = loaded(tmp_path, written).own_clauses[0].stated
    assert figure is not None and figure.words == words
    assert {one.code for one in lint(document(written), shipped=False, registry=registry())} <= {"idle-figure"}


@pytest.mark.parametrize(
    ("stated", "bounds", "code"),
    [
        (SECOND, {"maximum": 1.0011}, "inconsistent-figure"),
        (SECOND, {"minimum": 0.999, "maximum": 1.1}, "inconsistent-figure"),
        (SECOND, {"maximum": 0.9995}, "stricter-figure"),
        (SECOND, {"minimum": 1.0005}, "stricter-figure"),
        (PAIR, {"minimum": 15.01, "maximum": 30.03}, "stricter-figure"),
        (PAIR, {"minimum": 14.9, "maximum": 30.03}, "inconsistent-figure"),
        (SHARE, {"minimum": 58.7}, "inconsistent-figure"),
        (SECOND, {"maximum": 1.0}, "idle-figure"),
        (SECOND | {"unit": "LUFS"}, {"maximum": 1.001}, "ambiguous-figure"),
        ({"value": 1, "tolerance": 0.001, "why": "so"}, {"maximum": 1.001}, "foreign-unit"),
    ],
)
def test_a_figure_that_does_not_explain_its_bound_is_refused(stated: Any, bounds: dict[str, float], code: str) -> None:
    found = lint(document(duration(stated, **bounds)), shipped=False, registry=registry())
    assert [one.code for one in found] == [code]


def test_a_clause_that_does_not_decide_may_keep_a_margin_to_the_figure() -> None:
    margin = duration(SECOND, maximum=0.9995) | {"x-level": "should"}
    assert not lint(document(margin), shipped=False, registry=registry())


@pytest.mark.parametrize(
    ("title", "bounds", "is_explained"),
    [
        ("At most 1 second", {"maximum": 1.001}, False),
        ("At most one second", {"maximum": 1.001}, False),
        ("At most one second", {"maximum": 1}, True),
        ("At most 2 minutes", {"maximum": 120}, True),
        ("At most 2 minutes", {"maximum": 121}, False),
        ("It lasts 15 to 30 s", {"minimum": 15, "maximum": 30}, True),
        ("It lasts 15 to 30 s", {"minimum": 14, "maximum": 30}, False),
        ("It lasts 10 s ±0.5 s", {"minimum": 9.5, "maximum": 10.5}, True),
        ("It lasts 10 s, or 0.5 s", {"maximum": 10.5}, False),
        ("It is at most 500 ms long", {"maximum": 0.5}, True),
        ("It is short, in 1080 lines", {"maximum": 7}, True),
    ],
)
def test_the_title_of_a_shipped_clause_names_its_bound(
    title: str, bounds: dict[str, float], is_explained: bool
) -> None:
    found = lint(document(duration(None, title, **bounds)), shipped=True, registry=registry())
    assert ("unstated-figure" not in {one.code for one in found}) is is_explained


@pytest.mark.parametrize(
    ("unit", "written", "factors"),
    [
        ("bytes", "MB", (1e6, 1048576.0)),
        ("bytes", "MiB", (1048576.0,)),
        ("bit/s", "kbit/s", (1000.0,)),
        ("s", "h", (3600.0,)),
        ("LUFS", "LKFS", (1.0,)),
        ("LUFS", "s", ()),
        (None, "s", ()),
        ("ticks", "ticks", (1.0,)),
    ],
)
def test_a_unit_of_a_document_converts_to_that_of_the_fact(
    unit: str | None, written: str, factors: tuple[float, ...]
) -> None:
    assert scales(unit, written) == factors


def test_numbers_of_a_sentence_share_the_unit_that_is_written_once() -> None:
    assert quantities("At least 145 Mbit/s at 1080 lines, 80 at 720", "bit/s") == (145e6, 1080e6, 80e6, 720e6)
    assert quantities("True peak is at most −1.5 dBTP", "dBTP") == (-1.5,)
    assert quantities("HD10 in 5.1", "s") == ()


def test_a_finding_shows_the_figure_and_keeps_the_bound(tmp_path: Path) -> None:
    mixes = each("sound.groups", LUFS, {"type": "number", "maximum": -17.8})
    said = {"value": -18, "unit": "LUFS", "tolerance": 0.2, "why": "0.2 LU of measurement tolerance"}
    spec = loaded(tmp_path, clause("loud", mixes, **_frame(said), **{"x-basis": "reading", "x-why": "So we read it."}))
    measured = facts(sound__groups=[{LUFS: -17.79}])
    (outcome,) = [
        one for one in judge(spec, measured, as_of=date(2026, 1, 1)).to_document()["clauses"] if one["id"] == "loud"
    ]
    (finding,) = outcome["findings"]
    assert (finding["expected"], finding["stated"]) == (
        "at most -17.8",
        "at most -18 LUFS (0.2 LU of measurement tolerance)",
    )
    assert wording.measured(finding) == "-17.79 LUFS"
    assert wording.wanted(finding) == finding["stated"] == outcome["stated"]["words"]
    assert wording.level_words(outcome) == "shall, our reading"
    assert wording.stated_words(outcome) is None
    empty = judge(spec, facts(sound__groups=[]), as_of=date(2026, 1, 1)).to_document()["clauses"]
    (outcome,) = [one for one in empty if one["id"] == "loud"]
    assert "stated" not in outcome["findings"][0]
    assert wording.stated_words(outcome) == outcome["stated"]["words"]


def test_a_clause_without_figure_and_basis_has_neither_member(tmp_path: Path) -> None:
    spec = loaded(tmp_path, clause("it"))
    assert spec.own_clauses[0].basis is Basis.DEMANDED
    for one in judge(spec, facts(wrapper__format="mxf"), as_of=date(2026, 1, 1)).to_document()["clauses"]:
        assert not {"basis", "stated"} & set(one) and all("stated" not in finding for finding in one["findings"])


def test_explain_gives_the_figure_before_the_bound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    extension = duration(SECOND, maximum=1.001) | {"x-level": "should", "x-basis": "extension", "x-why": "We ask it."}
    path = write(tmp_path, document(extension))
    assert _run(["explain", "it", "--spec", str(path)]) == 0
    text = capsys.readouterr().out
    assert text.index("document  at most 1 s (24 frames at 23.976)") < text.index("wanted")
    assert "should: our extension, beyond what the document asks" in text
    assert _run(["spec", "show", str(path)]) == 0
    assert "It is short: at most 1 s (24 frames at 23.976), our extension" in capsys.readouterr().out


def test_another_figure_or_basis_is_the_same_demand_in_other_words(tmp_path: Path) -> None:
    old = loaded(tmp_path, duration(SECOND, maximum=1.001))
    new = loaded(
        tmp_path,
        duration(SECOND | {"why": "24 frames"}, maximum=1.001, title="It is short")
        | {"x-basis": "reading", "x-why": "So."},
    )
    (difference,) = compare(old, new, registry().meters).clauses
    assert difference.change is Change.REWORDED
    assert difference.fields["basis"] == ("demanded", "reading")
    assert difference.fields["stated"] == ("at most 1 s (24 frames at 23.976)", "at most 1 s (24 frames)")

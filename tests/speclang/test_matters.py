"""A pass says no more than the deciding clauses of its spec judge."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.matters import SCOPES, gaps, judged, matter_of, scope_of
from deliverqc.speclang.model import Spec
from deliverqc.verdict import MATTERS, Decision, scope_words
from tests.spec_files import clause, each, facts, loaded, only

LIBRARY = spec_library()
SHIPPED = [one for one in LIBRARY.all() if not one.id.startswith("deliverqc-")]

WRAPPER = clause("wrapper")
SIZE = clause("size", only("picture.width_px", {"const": 1920}))
RATE = clause("rate", only("picture.frame_rate", {"const": "25/1"}), **{"x-null": "fail"})
TRACKS = clause("tracks", only("sound.track_count", {"const": 1}))
LOUD = clause(
    "loud",
    each("sound.groups", "loudness.integrated_lufs", {"type": "number", "maximum": -23.0}),
    **{"x-null": "fail"},
)
AWAITED = {
    "id": "later",
    "title": "Later",
    "x-source": {"document": "A sheet"},
    "x-level": "shall",
    "x-awaits": "sound.not_yet_known",
}


@pytest.mark.parametrize(
    ("fact", "matter"),
    [
        ("wrapper.format", "wrapper"),
        ("wrapper.start_timecode", "layout"),
        ("package.kind", "package"),
        ("picture.levels.outside.spans", "levels"),
        ("picture.photosensitivity.spans", "photosensitivity"),
        ("picture.black.spans", "layout"),
        ("picture.codec", "picture"),
        ("sound.groups[].loudness.max_true_peak_dbtp", "loudness"),
        ("sound.groups[].programme.loudness.integrated_lufs", "loudness"),
        ("sound.groups[].layout", "audio"),
        ("cross_check.sound_lead_s", "sync"),
        ("timed_text.tracks[].language", "timed_text"),
        ("file.size_bytes", "file"),
        ("x.acme.grain", "other"),
    ],
)
def test_a_fact_belongs_to_one_matter(fact: str, matter: str) -> None:
    assert matter_of(fact) == matter


@pytest.mark.parametrize(
    ("clauses", "more", "scope"),
    [
        ([WRAPPER, SIZE, RATE, TRACKS], {}, ()),
        ([WRAPPER, SIZE, RATE, LOUD], {}, ()),
        ([WRAPPER, SIZE, TRACKS], {}, ("wrapper", "picture", "audio")),
        ([SIZE, RATE, TRACKS, LOUD], {}, ("picture", "audio", "loudness")),
        ([WRAPPER, SIZE, RATE], {"x_manual": [AWAITED]}, ()),
        ([LOUD], {}, ("loudness",)),
        ([LOUD, clause("size", only("picture.width_px", {"const": 1}), level="should")], {}, ("loudness",)),
        ([WRAPPER, TRACKS], {"about": {"essence": {"holds": ["audio"]}}}, ()),
        ([clause("name", only("file.extension", {"const": "mov"}))], {}, ("file",)),
        ([LOUD], {"about": {"scope": ["delivery"]}}, ("loudness",)),
        ([LOUD], {"about": {"scope": ["sync"]}}, ("loudness",)),
        ([LOUD, WRAPPER], {"about": {"scope": ["loudness"]}}, ("loudness",)),
    ],
)
def test_a_spec_is_limited_to_what_it_judges(
    tmp_path: Path, clauses: list[dict[str, Any]], more: dict[str, Any], scope: tuple[str, ...]
) -> None:
    assert scope_of(loaded(tmp_path, *clauses, **more)) == scope


def test_a_clause_on_the_loudness_of_a_layout_is_about_loudness_alone(tmp_path: Path) -> None:
    stereo = {"type": "object", "required": ["layout", "loudness.integrated_lufs"]}
    stereo["properties"] = {"layout": {"const": "2.0"}, "loudness.integrated_lufs": {"type": "number", "maximum": -23}}
    schema = only("sound.groups", {"type": "array", "minItems": 1, "items": stereo})
    assert judged(loaded(tmp_path, clause("stereo", schema, **{"x-null": "fail"}))) == ("loudness",)


def test_a_sheet_on_a_narrow_spec_is_narrow_until_it_says_otherwise(tmp_path: Path) -> None:
    base = {"x_extends": {"spec": "ebu-r128-programme"}}
    assert scope_of(loaded(tmp_path, **base)) == ("loudness",)
    wide = loaded(tmp_path, WRAPPER, **base, about={"scope": ["wrapper", "loudness"]})
    assert scope_of(wide) == ("wrapper", "loudness")


def test_a_verdict_has_the_scope_and_leaves_it_out_where_there_is_none(tmp_path: Path) -> None:
    given = facts(**{"wrapper.format": "mov", "picture.width_px": 1920, "picture.frame_rate": "25/1"})
    for clauses, scope in (([WRAPPER], ["wrapper"]), ([WRAPPER, SIZE, RATE, TRACKS], None)):
        verdict = judge(loaded(tmp_path, *clauses), given, as_of=date(2026, 11, 27))
        assert verdict.decision is Decision.PASS
        assert verdict.to_document().get("scope") == scope


@pytest.mark.parametrize("spec", SHIPPED, ids=[one.id for one in SHIPPED])
def test_a_shipped_spec_means_a_delivery_or_says_what_it_is_limited_to(spec: Spec) -> None:
    assert set(spec.scope) <= set(SCOPES)
    if spec.scope and spec.scope != ("delivery",):
        assert scope_of(spec) == tuple(one for one in MATTERS if one in spec.scope)
    elif not spec.advisory:
        assert list(gaps(spec)) == []


def test_a_scope_reads_as_a_person_says_it() -> None:
    assert scope_words(()) == ""
    assert scope_words(("loudness",)) == "loudness only"
    assert scope_words(("levels", "audio", "timed_text")) == "video levels, audio and timed text only"

"""Assertions for authors of specs fail where the truth is another, and refuse a test that proves nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.errors import UsageError
from deliverqc.speclang.model import INTEGRITY_CLAUSES, PACKAGE_CLAUSES, TEXT_CLAUSES, Spec
from deliverqc.testing import (
    Master,
    Mix,
    assert_fails,
    assert_outcome,
    assert_passes,
    assert_verdict,
    facts,
    facts_document,
    mix,
    span,
    undamaged,
)
from tests.spec_files import clause, each, loaded, only, ship_only_ours, write

MOV, MXF = {"wrapper.format": "mov"}, {"wrapper.format": "mxf"}


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    loud = each("sound.groups", "loudness.integrated_lufs", {"type": "number", "maximum": -23.0})
    wide = {"if": only("picture.codec", {"const": "h264"}), "then": only("picture.width_px", {"const": 1920})}
    return loaded(
        tmp_path,
        clause("wrapper"),
        clause("loudness", loud, **{"x-null": "fail"}),
        clause("wide", wide),
        x_expects=[{"id": "rate", "title": "The rate", "fact": "picture.frame_rate"}],
        x_applies={**only("wrapper.format", {"enum": ["mov", "mxf"]})},
    )


def test_what_is_so_is_accepted(spec: Spec) -> None:
    assert_passes(spec, "wrapper", MOV)
    assert_fails(spec, "wrapper", MXF)
    assert_outcome(spec, "wrapper", {}, "not_measured")
    assert_outcome(spec, "wide", {"picture.codec": "prores"}, "not_applicable")
    assert_fails(spec, "deliverable-recognised", {"wrapper.format": "wav"})
    assert_passes(spec, "expected-rate", {"picture.frame_rate": "25/1"}, expectations={"rate": "25/1"})
    assert_fails(spec, "expected-rate", {"picture.frame_rate": "24/1"}, expectations={"rate": "25/1"})
    assert_fails(spec, "loudness", {"sound.track_count": 0, "sound.groups": []})


@pytest.mark.parametrize(
    ("assertion", "given", "words"),
    [
        (assert_passes, MXF, "wrapper: fail, not pass: .*mxf"),
        (assert_fails, MOV, "wrapper: pass, not fail$"),
        (assert_passes, {}, "wrapper: not_measured, not pass: wrapper.format is missing"),
        (assert_fails, {}, "wrapper: not_measured, not fail: wrapper.format is missing"),
    ],
    ids=["fail", "pass", "unmeasured-pass", "unmeasured-fail"],
)
def test_what_is_not_so_fails_the_test_and_says_why(
    spec: Spec, assertion: Callable[..., None], given: dict[str, Any], words: str
) -> None:
    with pytest.raises(AssertionError, match=words):
        assertion(spec, "wrapper", given)


@pytest.mark.parametrize("assertion", [assert_passes, assert_fails])
def test_a_misspelt_clause_or_fact_or_a_value_of_no_master_is_refused(
    spec: Spec, assertion: Callable[..., None]
) -> None:
    with pytest.raises(UsageError, match=r"no clause 'wrappr'; did you mean wrapper\?"):
        assertion(spec, "wrappr", MOV)
    with pytest.raises(UsageError, match=r"no fact wrapper\.formaat; did you mean wrapper\.format"):
        assertion(spec, "wrapper", {"wrapper.formaat": "mov"})
    for wrong in ({"picture.width_px": "1920"}, {"wrapper.format": "quicktime"}, {"picture.frame_rate": "25"}):
        with pytest.raises(UsageError, match="No master has these facts"):
            assertion(spec, "wrapper", MOV | wrong)


def test_every_integrity_clause_of_a_file_passes_with_undamaged_facts() -> None:
    spec = deliverqc.load_spec("deliverqc-integrity")
    for name in (one for one in INTEGRITY_CLAUSES if one not in (*PACKAGE_CLAUSES, *TEXT_CLAUSES)):
        assert_passes(spec, name, undamaged())


def test_a_whole_spec_is_judged_on_a_facts_document(spec: Spec) -> None:
    groups = {"sound.groups": [mix("2.0", loudness__integrated_lufs=-24.0)]}
    given = facts_document(undamaged(MOV, groups, {"picture.codec": "prores"}), title="a.mov")
    assert deliverqc.judge(given, spec).decision == "pass"
    assert deliverqc.judge(given, spec).masters[0].name == "a.mov"


def test_a_span_follows_from_its_frames() -> None:
    black = span(24, 48, frame_count=48, frame_rate="24000/1001", start_timecode="00:59:59:00")
    assert black == {
        "start_frame": 24,
        "end_frame": 48,
        "duration_frames": 24,
        "start_s": 1.001,
        "end_s": 2.002,
        "duration_s": 1.001,
        "start_timecode": "01:00:00:00",
        "end_timecode": "01:00:01:00",
        "region": "tail",
        "channel": None,
    }
    regions = [span(a, b, frame_count=9)["region"] for a, b in ((0, 3), (3, 6), (6, 9), (0, 9))]
    assert regions == ["head", "interior", "tail", "whole"]
    assert span(0, 3, frame_count=9)["start_timecode"] is None
    facts({"picture.black.spans": [black]})


@pytest.mark.parametrize("wrong", [(3, 3, "25/1"), (-1, 3, "25/1"), (3, 10, "25/1"), (0, 3, "fast")])
def test_a_span_that_cannot_be_is_refused(wrong: tuple[int, int, str]) -> None:
    with pytest.raises(UsageError):
        span(wrong[0], wrong[1], frame_count=9, frame_rate=wrong[2])


def test_a_verdict_is_held_to_its_decision_and_to_each_clause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ship_only_ours(monkeypatch, tmp_path / "shipped")
    loud = each("sound.groups", "loudness.integrated_lufs", {"type": "number", "maximum": -22.0})
    spec = loaded(
        tmp_path,
        clause("wrapper"),
        clause("loudness", loud, **{"x-null": "fail"}),
        about={"essence": {"holds": ["audio"]}},
    )
    master = Master(codec=None, mixes=(Mix(loudness_lufs=-18.0),)).write(tmp_path / "a.wav")
    verdict = assert_verdict(master, spec, "fail", fails=["wrapper", "loudness"], not_measured=[])
    assert verdict.decision == "fail"
    with pytest.raises(AssertionError) as raised:
        assert_verdict(master, spec, fails=["wrapper", "wide"])
    told = str(raised.value)
    for words in (
        "the decision is fail, not pass",
        "fail, and not expected: loudness",
        "expected to fail, and did not: wide",
        "fail  loudness (shall): measured -18.0 LUFS, required at most -22.0 LUFS",
    ):
        assert words in told
    with pytest.raises(AssertionError, match=r"not measured, and not expected: .*loudness"):
        assert_verdict(master, spec, "fail", not_measured="wide", tier="headers")


def test_a_master_that_cannot_be_read_is_no_pass(tmp_path: Path, spec: Spec) -> None:
    path = tmp_path / "a.mov"
    path.write_bytes(b"")
    assert_verdict(path, spec, "error")
    with pytest.raises(AssertionError, match="empty"):
        assert_verdict(path, spec, "fail")


def test_a_sheet_is_found_with_what_it_extends(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"title": "A", "x-spec": {"id": "base", "edition": "1", "revision": 1}, "allOf": [clause("one")]},
        "b.json",
    )
    sheet = {"title": "S", "x-spec": {"id": "show", "edition": "1", "revision": 1}, "x-extends": {"spec": "base"}}
    path = write(tmp_path, sheet, "s.json")
    assert_passes(path, "one", MOV, spec_path=[tmp_path])


def test_the_kit_needs_no_test_runner_and_loads_no_decoder() -> None:
    program = (
        "import sys, deliverqc.testing; print(sorted({'pytest', 'av', 'cv2', 'scipy', 'rich'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"

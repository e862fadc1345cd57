"""A part of a master: how it is asked for, what is measured of it, and what may be said of the whole."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from deliverqc.cli import main as command_line
from deliverqc.errors import UsageError
from deliverqc.facts.programme import without_programme
from deliverqc.measuring.ranges import Range
from deliverqc.timebase import Timecode
from fixtures.ffmpeg import make

_RATE = Fraction(25)
_FIRST = Timecode.parse("10:00:00:00", _RATE)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("10:00:01:00-10:00:02:12", Fraction(1), Fraction(62, 25)),
        ("10:00:01:00-", Fraction(1), None),
        ("-2.5", Fraction(0), Fraction(5, 2)),
        ("90-1:40", Fraction(90), Fraction(100)),
        ("+00:01:30.500-1:00:00", Fraction(181, 2), Fraction(3600)),
        ("25f-50f", Fraction(1), Fraction(2)),
    ],
)
def test_a_range_is_told_in_seconds(text: str, start: Fraction, end: Fraction | None) -> None:
    assert Range.parse(text).in_seconds(_RATE, _FIRST) == (start, end)


def test_a_timecode_names_a_frame_of_a_picture_that_is_only_near_its_rate() -> None:
    first = Timecode.parse("01:00:00;00", Fraction(30000, 1001))
    rate = Fraction(2997, 100)
    assert Range.parse("02:00:00;00-").in_seconds(rate, first) == (107892 / rate, None)


@pytest.mark.parametrize("text", ["", "-", "5", "a-b", "1-2-3", "10:00:00:00", "5-4x", "-5f-", "1e3-2e3"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="START-END"):
        Range.parse(text)


@pytest.mark.parametrize("text", ["5-5", "5-4", "09:59:59:00-10:00:01:00", "10:00:00:25-", "10:00:61:00-"])
def test_a_range_that_holds_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--range"):
        Range.parse(text).in_seconds(_RATE, _FIRST)


@pytest.mark.parametrize("text", ["6-", "6-7", "100-200", "10:00:06:00-", "150f-", "09:00:00:00-10:00:01:00"])
def test_a_range_outside_the_master_is_refused_with_where_the_master_runs(text: str) -> None:
    with pytest.raises(UsageError, match=r"runs from 0 to 6 s \(10:00:00:00 to 10:00:06:00\)"):
        Range.parse(text).in_seconds(_RATE, _FIRST, Fraction(6))
    assert Range.parse("5-200").in_seconds(_RATE, _FIRST, Fraction(6)) == (5, 200)


def test_a_place_needs_what_it_counts_in() -> None:
    with pytest.raises(UsageError, match="no picture"):
        Range.parse("5f-").in_seconds(None, None)
    with pytest.raises(UsageError, match="elapsed"):
        Range.parse("10:00:00:00-").in_seconds(_RATE, None)


pytestmark = pytest.mark.usefixtures("without_workers")


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds from 10:00:00:00: black in frames 50 to 99; a tone, silent from 2 to 4.5 s."""
    path = tmp_path_factory.mktemp("range") / "range.mov"
    black = "drawbox=w=iw:h=ih:c=black:t=fill:enable='between(n,50,99)'"
    return make(
        path,
        f'-f lavfi -i "testsrc2=s=96x64:r=25,{black}" '
        "-f lavfi -i \"aevalsrc='0.1*sin(1000*2*PI*t)*not(between(t,2,4.49999))':s=48000\" -t 6 "
        "-c:v prores -profile:v 0 -pix_fmt yuv422p10le -c:a pcm_s24le -timecode 10:00:00:00",
    )


def main(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        command_line(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def _facts(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["facts", *arguments, "--no-cache"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_spans_of_a_part_stand_where_they_stand_in_the_master(master: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = _facts(capsys, str(master))["subjects"][0]["facts"]
    found = _facts(capsys, str(master), "--range", "10:00:01:00-10:00:05:00")
    part = found["subjects"][0]["facts"]
    assert found["master"]["range"] == {
        "asked": "10:00:01:00-10:00:05:00",
        "start_frame": 25,
        "end_frame": 125,
        "sound_start_s": 1,
        "sound_end_s": 5,
    }
    assert part["picture.black.spans"] == without_programme(whole)["picture.black.spans"]
    assert [span["start_frame"] for span in part["picture.black.spans"]] == [50]
    silence = [one["sound.groups"][0]["silence.spans"] for one in (without_programme(whole), part)]
    assert silence[0] == silence[1]
    assert [span["start_sample"] for span in silence[1]] == [96_000]


def test_a_span_cut_by_the_part_ends_with_it_and_is_no_tail(master: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = _facts(capsys, str(master), "--range", "60f-80f")["subjects"][0]["facts"]
    (span,) = part["picture.black.spans"]
    assert (span["start_frame"], span["end_frame"], span["region"]) == (60, 80, "interior")
    assert span["start_timecode"] == "10:00:02:10"
    tail = _facts(capsys, str(master), "--range", "80f-")["subjects"][0]["facts"]
    assert [(one["start_frame"], one["region"]) for one in tail["picture.black.spans"]] == [(80, "interior")]


def test_that_a_part_decodes_says_nothing_of_the_whole(master: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = _facts(capsys, str(master), "--range", "0-2")["subjects"][0]["facts"]
    assert not {"decode.errors", "decode.frame_count", "decode.missing_frame_count"} & set(part)


def _clauses(document: dict[str, Any]) -> dict[str, str]:
    (verdict,) = document["masters"][0]["subjects"][0]["verdicts"]
    return {clause["id"]: clause["outcome"] for clause in verdict["clauses"]}


def _spec(path: Path) -> Path:
    """Three clauses: no black at all, sound that is never silent for a minute, and a loudness that no tone here has."""
    source = {"document": "test"}
    spans = {"type": "array", "minItems": 0, "maxItems": 0}
    groups = {"type": "object", "required": ["loudness.integrated_lufs"]}
    groups["properties"] = {"loudness.integrated_lufs": {"type": "number", "minimum": -1}}  # type: ignore[assignment]
    clauses = [
        ("no-black", "picture.black.spans", {"type": "array", "minItems": 0, "items": {"not": {"type": "object"}}}),
        ("any-black", "picture.black.spans", {"type": "array", "minItems": 1}),
        ("none-listed", "picture.black.spans", spans),
        ("loud", "sound.groups", {"type": "array", "minItems": 1, "items": groups}),
        ("wide", "picture.width_px", {"const": 4096}),
    ]
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Parts",
        "x-spec": {"id": "parts", "edition": "1", "revision": 1},
        "allOf": [
            {
                "$anchor": name,
                "title": name,
                "x-level": "shall",
                "x-source": source,
                "x-null": "fail",
                "required": [fact],
                "properties": {fact: wanted},
            }
            for name, fact, wanted in clauses
        ],
    }
    path.write_text(json.dumps(document))
    return path


def test_a_part_can_fail_by_what_is_in_it_and_never_pass(
    master: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = str(_spec(tmp_path / "parts.json"))
    capsys.readouterr()
    assert main(["check", str(master), "--spec", spec, "--range", "1-5", "--format", "json", "--no-cache"]) == 1
    document = json.loads(capsys.readouterr().out)
    found = _clauses(document)
    assert document["request"]["range"] == "1-5"
    assert found["no-black"] == "fail"
    assert found["any-black"] == "not_measured"
    assert found["loud"] == "not_measured"
    assert found["wide"] == "fail"
    assert found["essence-decodes"] == "not_measured"
    assert "only 1-5 was measured" in document["masters"][0]["subjects"][0]["verdicts"][0]["reason"]
    only = ["--only", "any-black", "--only", "loud", "--format", "json", "--no-cache"]
    assert main(["check", str(master), "--spec", spec, "--range", "0-1", *only]) == 3


def test_facts_of_a_part_are_judged_as_a_part(master: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps(_facts(capsys, str(master), "--range", "1-5")))
    assert main(["judge", str(facts), "--spec", str(_spec(tmp_path / "parts.json")), "--format", "json"]) == 1
    assert _clauses(json.loads(capsys.readouterr().out))["any-black"] == "not_measured"


def test_a_bad_range_is_a_usage_error(master: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("5", "11:00:00:99-", "5-2", "100-200"):
        assert main(["check", str(master), "--spec", "netflix", "--range", text]) == 2
        assert "--range" in capsys.readouterr().err

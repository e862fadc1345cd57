"""Where the programme is in a master, by each way that a spec can ask for, and its loudness alone.

Truth: the recipe says which seconds hold what; the loudness is that of ffmpeg's meter on the parts, cut out and joined.
"""

from __future__ import annotations

import json
import re
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from deliverqc import api
from deliverqc.cli import main as command_line
from deliverqc.errors import UsageError
from deliverqc.facts.programme import region_in, resolve_programme
from deliverqc.measuring.registry import spec_library
from deliverqc.signals.store import Store
from deliverqc.speclang.model import Spec
from fixtures.ffmpeg import ffmpeg_program, make
from fixtures.mxf import SEGMENTATION, part, with_metadata
from tests.spec_files import clause, document, only, write

_LINE_UP = "smptehdbars=s=320x180:r=25:d=2"
_CLOCK = "color=gray:s=320x180:r=25:d=3,drawbox=x=60:y=40:w=40:h=20:c=white:t=fill"
_BLACK, _PICTURE = "color=black:s=320x180:r=25:d=2", "testsrc2=s=320x180:r=25:d=9"
_SOUNDS = (
    "sine=1000:r=48000:d=2", "anullsrc=r=48000:cl=mono:d=5", "anoisesrc=r=48000:d=3:c=pink:a=0.1:seed=3",
    "sine=440:r=48000:d=2,volume=12dB", "anoisesrc=r=48000:d=4:c=pink:a=0.2:seed=4",
)  # fmt: skip
_PARTS = [(7.0, 10.0), (12.0, 16.0)]


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2 s of bars and tone, 3 s of slate, 2 s of black, 3 s of programme, 2 s of a louder break, 4 s of programme; the
    programme starts at 10:00:00:00."""
    pictures = [_LINE_UP, _CLOCK, _BLACK, _PICTURE]
    inputs = " ".join(f'-f lavfi -i "{one}"' for one in (*pictures, *_SOUNDS))
    tags = "".join(f"[{i}]format=yuv422p10[p{i}];" for i in range(4))
    joined = f"{tags}[p0][p1][p2][p3]concat=n=4:v=1[v];[4][5][6][7][8]concat=n=5:v=0:a=1,aformat=channel_layouts=stereo"
    graph = f'-filter_complex "{joined}[a]" -map "[v]" -map "[a]" -c:v prores -c:a pcm_s24le'
    return make(tmp_path_factory.mktemp("programme") / "m.mov", f"{inputs} {graph} -timecode 09:59:53:00")


def _spec(asked: dict[str, Any], settings: dict[str, Any] | None = None) -> Spec:
    more = {"x-settings": {"programme": settings}} if settings else {}
    return spec_library().from_document(document(asked, **more), "a-sheet")


def _facts(master: Path, settings: dict[str, Any] | None = None, *given: str) -> dict[str, Any]:
    store = Store(folder=master.parent / "store")
    spec = _spec(clause("it"), settings)
    return dict(api.measure(master, spec, programme=given, store=store).subjects[0].facts)


def _parts(facts: dict[str, Any]) -> list[tuple[float, float]] | None:
    spans = facts["programme.spans"]
    return None if spans is None else [(span["start_s"], span["end_s"]) for span in spans]


@pytest.mark.parametrize(
    ("settings", "found_by", "parts"),
    [
        (None, "after_leader", [(7.0, 16.0)]),
        ({"start_timecode": "10:00:00:00"}, "start_timecode", [(7.0, 16.0)]),
        ({"start_timecode": "10:00:00;00"}, "start_timecode", [(7.0, 16.0)]),
        ({"start_timecode": "11:00:00:00"}, None, None),
        ({"start_timecode": "10:00:09:00"}, None, None),
        ({"by": ["as11_segmentation"]}, None, None),
        ({"by": ["start_timecode", "after_leader"], "start_timecode": "01:00:00:00"}, "after_leader", [(7.0, 16.0)]),
    ],
)
def test_the_first_way_that_the_master_answers_finds_the_programme(
    master: Path, settings: dict[str, Any] | None, found_by: str | None, parts: list[tuple[float, float]] | None
) -> None:
    facts = _facts(master, settings)
    assert (facts["programme.found_by"], _parts(facts)) == (found_by, parts)
    loudness = facts["sound.groups"][0]["programme.loudness.integrated_lufs"]
    assert (loudness is None) == (parts is None)


def test_loudness_of_parts_is_what_ffmpeg_measures_on_them(master: Path) -> None:
    facts = _facts(master, None, "10:00:00:00-10:00:03:00", "300f-16")
    assert (facts["programme.found_by"], _parts(facts)) == ("given", _PARTS)
    assert facts["programme.duration_s"] == 7.0
    cut = "+".join(f"between(t,{start},{end - 0.0001})" for start, end in _PARTS)
    filters = f"aselect='{cut}',asetpts=N/SR/TB,ebur128=peak=true"
    command = [ffmpeg_program(), "-nostats", "-i", str(master), "-af", filters, "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr.rpartition("Summary")[2]
    of_ffmpeg = {name: float(value) for name, value in re.findall(r"\b(I|LRA|Peak): +(-?[\d.]+)", told)}
    group = facts["sound.groups"][0]
    assert group["programme.loudness.integrated_lufs"] == pytest.approx(of_ffmpeg["I"], abs=0.1)
    assert group["programme.loudness.max_true_peak_dbtp"] == pytest.approx(of_ffmpeg["Peak"], abs=0.1)
    assert group["loudness.integrated_lufs"] > group["programme.loudness.integrated_lufs"] + 3
    assert 12.0 <= group["programme.loudness.max_true_peak_at_s"] < 16.0  # the second part, at its place in the master


def test_every_span_says_where_it_is_in_the_programme(master: Path) -> None:
    facts = _facts(master)
    assert [span["programme_region"] for span in facts["picture.bars.spans"]] == ["outside"]
    assert [span["programme_region"] for span in facts["picture.black.spans"]] == ["outside"]
    given = _facts(master, None, "09:59:59:00-10:00:05:00")
    assert [span["programme_region"] for span in given["picture.black.spans"]] == ["head"]


@pytest.mark.parametrize(
    ("start", "end", "region"),
    [
        (0, 2, "outside"), (0, 2.04, "head"), (2, 3, "head"), (2.04, 3, "interior"), (5, 6, "outside"),
        (4.9, 6.1, "interior"), (7, 8, "tail"), (7, 9, "tail"), (8, 9, "outside"), (0, 9, "head"), (3, 3, "interior"),
        (2, 2, "head"), (8, 8, "outside"),
    ],
)  # fmt: skip
def test_a_span_is_at_the_head_or_the_tail_of_the_whole_programme(start: float, end: float, region: str) -> None:
    assert region_in([(2.0, 5.0), (6.0, 8.0)], start, end) == region


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"by": []}, "list of"),
        ({"by": ["clock"]}, "list of"),
        ({"by": "after_leader"}, "list of"),
        ({"by": ["after_leader", "after_leader"]}, "list of"),
        ({"by": ["start_timecode"]}, "go together"),
        ({"by": ["after_leader"], "start_timecode": "10:00:00:00"}, "go together"),
        ({"start_timecode": "10:00:00"}, "write it as"),
        ({"end": "11:00:00:00"}, "no setting 'end'"),
    ],
)
def test_settings_that_say_nothing_are_refused(tmp_path: Path, chosen: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        resolve_programme(chosen)
    path = write(tmp_path, document(clause("it")) | {"x-settings": {"programme": chosen}})
    assert any(words in problem.message for problem in spec_library([tmp_path]).problems(str(path)))


def test_a_programme_outside_the_master_is_a_usage_error(
    master: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, words in (("11:00:00:00-", "starts outside the master"), ("0-17", "ends after the master"), ("x", "not")):
        with pytest.raises(UsageError, match=f"--programme {text}.*{words}"):
            _facts(master, None, text)
    spec = write(
        tmp_path,
        document(clause("it", only("programme.duration_s", {"type": "number", "maximum": 7}), **{"x-null": "fail"})),
    )
    arguments = ["check", str(master), "--spec", str(spec), "--format", "json", "--no-cache"]
    with pytest.raises(SystemExit) as finished:
        command_line([*arguments, "--programme", "7-10", "--programme", "12-16"])
    assert finished.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert told["request"]["programme"] == ["7-10", "12-16"]


def test_facts_of_another_programme_are_not_judged(master: Path) -> None:
    asked = clause("it", only("programme.duration_s", {"type": "number", "maximum": 60}), **{"x-null": "fail"})
    store = Store(folder=master.parent / "store")
    plain, by_timecode = _spec(asked), _spec(asked, {"start_timecode": "10:00:00:00"})
    facts = api.measure(master, plain, store=store)

    def outcome(spec: Any, of: Any = facts) -> str:
        verdict = api.judge(of, spec).masters[0].subjects[0].verdicts[0]
        return next(one.outcome for one in verdict.clauses if one.id == "it").value

    assert (outcome(plain), outcome(by_timecode)) == ("pass", "not_measured")
    given = api.measure(master, plain, programme=["7-"], store=store)
    assert outcome(by_timecode, given) == "pass"  # whoever measured said where it is


def test_a_part_of_a_master_has_no_programme(master: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command_line(["facts", str(master), "--range", "7-10", "--no-cache"])
    facts = json.loads(capsys.readouterr().out)["subjects"][0]["facts"]
    assert not [name for name in facts if name.startswith("programme.")]
    assert "programme.loudness.integrated_lufs" not in facts["sound.groups"][0]


def test_a_file_of_sound_alone_is_all_programme(tmp_path: Path) -> None:
    path = make(tmp_path / "a.wav", "-f lavfi -i sine=440:d=2:r=48000")
    facts = _facts(path)
    assert (facts["programme.found_by"], _parts(facts)) == ("after_leader", [(0.0, 2.0)])
    group = facts["sound.groups"][0]
    assert group["programme.loudness.integrated_lufs"] == group["loudness.integrated_lufs"]
    assert facts["programme.spans"][0]["start_frame"] is None
    assert Fraction(facts["programme.duration_s"]) == 2


@pytest.mark.parametrize(
    ("lengths", "missing"),
    [
        ([], None),
        ([10, 15], []),
        ([10, 16], [(2, 0.4, 0.64, 0.04)]),
        ([30, 10], [(1, 0.0, 1.2, 0.2), (2, 1.2, 0.4, 0.4)]),
    ],
)
def test_parts_that_segmentation_declares_after_the_end_are_missing(
    tmp_path: Path, lengths: list[int], missing: list[tuple[float, ...]] | None
) -> None:
    path = make(tmp_path / "m.mxf", "-f lavfi -i testsrc2=s=64x64:r=25:d=1 -c:v mpeg2video -threads 1")
    track = [(length, SEGMENTATION, part(number + 1, 2)) for number, length in enumerate(lengths)]
    with_metadata(path, [track] if track else [])
    facts = dict(api.measure(path, spec_library().load("dpp-as11-hd"), store=None).subjects[0].facts)
    rows = facts["cross_check.as11_missing_parts"]
    assert (rows is None) == (missing is None)
    found = [(row["part_number"], row["start_s"], row["duration_s"], row["missing_s"]) for row in rows or ()]
    assert found == [pytest.approx(row) for row in missing or ()]


def test_a_programme_that_is_given_outside_the_master_is_refused(master: Path) -> None:
    for given in ("20-25", "10-25", "11:00:00:00-11:00:01:00", "09:00:00:00-09:59:54:00"):
        with pytest.raises(UsageError, match="master"):
            _facts(master, None, given)

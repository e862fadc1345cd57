"""`deliverqc spec new`: drafts lint clean, and a master passes the spec that was drafted from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deliverqc.cli import _run
from deliverqc.errors import UsageError
from deliverqc.measuring.registry import registry, spec_library
from deliverqc.speclang.lint import lint
from deliverqc.speclang.problem import Severity
from deliverqc.speclib.drafts import spec_like
from fixtures.ffmpeg import make

FACTS = registry().facts

_TONE = "-f lavfi -i aevalsrc='0.0707946*sin(2*PI*1000*t)':s=48000 -t 3"
_MASTERS = {
    "good.mov": None,
    "tone.wav": f"{_TONE} -af pan=stereo|c0=c0|c1=c0 -c:a pcm_s24le",
    "web.mp4": (
        f"-f lavfi -i testsrc2=s=320x180:r=25:d=3 {_TONE} -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac"
    ),
    "fields.mxf": (
        "-f lavfi -i testsrc2=s=720x576:r=25:d=1 -c:v mpeg2video -pix_fmt yuv422p -flags +ildct+ilme -top 1 -b:v 20M"
    ),
    "silent.mov": (f"-f lavfi -i anullsrc=cl=stereo:r=48000:d=3 {_TONE} -map 0 -map 1 -c:a pcm_s16le -t 3"),
}


pytestmark = pytest.mark.usefixtures("without_workers")


@pytest.fixture(scope="module")
def masters(good_master: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("accepted")
    for name, recipe in _MASTERS.items():
        if recipe is None:
            (folder / name).symlink_to(good_master)
        else:
            make(folder / name, recipe)
    return folder


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIVERQC_CACHE_DIR", str(tmp_path / "store"))


def drafted(target: Path, *arguments: str) -> dict[str, Any]:
    assert _run(["spec", "new", "house", *arguments, "-o", str(target)]) == 0
    document = json.loads(target.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("name", list(_MASTERS))
def test_a_master_passes_the_spec_drafted_from_it(
    masters: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    target = tmp_path / "house.json"
    document = drafted(target, "--like", str(masters / name))
    assert "itself is judged" not in capsys.readouterr().err
    assert lint(document, shipped=False, registry=registry()) == ()
    assert _run(["spec", "lint", str(target)]) == 0
    assert _run(["check", str(masters / name), "--spec", str(target)]) == 0


def test_the_clauses_of_a_known_recipe_are_its_values(masters: Path, tmp_path: Path) -> None:
    document = drafted(tmp_path / "house.json", "--like", str(masters / "good.mov"))
    clauses = {one["$anchor"]: one for one in document["allOf"]}
    consts = {
        name: schema["const"]
        for one in clauses.values()
        for name, schema in one["properties"].items()
        if "const" in schema
    }
    assert consts == {
        "wrapper.format": "mov",
        "picture.codec": "prores",
        "picture.codec_profile": "422_hq",
        "picture.width_px": 1920,
        "picture.height_px": 1080,
        "picture.pixel_aspect_ratio": "1/1",
        "picture.frame_rate": "24000/1001",
        "picture.frame_rate_mode": "constant",
        "picture.scan": "progressive",
        "picture.bit_depth_bits": 10,
        "picture.chroma_subsampling": "4:2:2",
        "picture.color_primaries": "bt709",
        "picture.color_transfer": "bt709",
        "picture.color_matrix": "bt709",
        "sound.track_count": 2,
    }
    bounds = clauses["integrated-loudness"]["properties"]["sound.groups"]["items"]["properties"]
    assert bounds["loudness.integrated_lufs"]["minimum"] == pytest.approx(-23.5, abs=0.05)
    assert bounds["loudness.integrated_lufs"]["maximum"] == pytest.approx(-22.5, abs=0.05)
    assert "±0.5 LU" in clauses["integrated-loudness"]["title"]
    assert {one["x-source"]["document"] for one in clauses.values()} == {
        "measured from a master that was accepted: good.mov"
    }


def test_another_master_fails_the_spec_of_the_first(
    masters: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "house.json"
    drafted(target, "--like", str(masters / "good.mov"))
    assert _run(["check", str(masters / "web.mp4"), "--spec", str(target), "--format", "json"]) == 1
    clauses = json.loads(capsys.readouterr().out)["masters"][0]["subjects"][0]["verdicts"][0]["clauses"]
    broken = {one["id"] for one in clauses if one["outcome"] == "fail"}
    assert {"wrapper-format", "picture-codec", "picture-size", "frame-rate", "sound-coding", "sound-layouts"} <= broken


@pytest.mark.parametrize(
    ("fact", "value", "broken"),
    [
        (
            "sound.groups",
            [{"layout": "2.0", "loudness.integrated_lufs": -22.4, "loudness.max_true_peak_dbtp": -6.1}],
            "integrated-loudness",
        ),
        (
            "sound.groups",
            [{"layout": "2.0", "loudness.integrated_lufs": -23.0, "loudness.max_true_peak_dbtp": -5.9}],
            "true-peak",
        ),
        (
            "sound.groups",
            [{"layout": "1.0", "loudness.integrated_lufs": -23.0, "loudness.max_true_peak_dbtp": -6.1}],
            "sound-layouts",
        ),
        ("picture.height_px", 1079, "picture-size"),
        ("picture.color_matrix", None, "colour"),
    ],
)
def test_a_bound_of_a_draft_is_where_it_says(tmp_path: Path, fact: str, value: Any, broken: str) -> None:
    from datetime import date

    from deliverqc.judging.judge import judge
    from tests.spec_files import facts

    group = {"layout": "2.0", "loudness.integrated_lufs": -23.0, "loudness.max_true_peak_dbtp": -6.2}
    accepted = facts(
        picture__width_px=1920, picture__height_px=1080, picture__color_matrix="bt709", wrapper__format="mov"
    ) | {"sound.groups": [group]}
    body = spec_like(accepted, "house", "a.mov", registry=FACTS)
    spec = spec_library().from_document(body, "draft")
    assert judge(spec, accepted, as_of=date(2026, 1, 1)).decision == "pass"
    verdict = judge(spec, accepted | {fact: value}, as_of=date(2026, 1, 1))
    assert [one.id for one in verdict.clauses if one.outcome == "fail"] == [broken]


def test_facts_serve_as_well_as_the_master(masters: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["facts", str(masters / "tone.wav")]) == 0
    kept = tmp_path / "facts.json"
    kept.write_text(capsys.readouterr().out)
    from_facts = drafted(tmp_path / "one.json", "--like", str(kept))
    assert from_facts == drafted(tmp_path / "two.json", "--like", str(masters / "tone.wav"))


def test_a_word_that_deliverqc_does_not_know_is_left_out() -> None:
    body = spec_like({"wrapper.format": "other:xyz", "picture.scan": "progressive"}, "it", "a", registry=FACTS)
    assert [one["$anchor"] for one in body["allOf"]] == ["scan"]
    with pytest.raises(UsageError, match="no facts"):
        spec_like({"wrapper.format": "other:xyz"}, "it", "a", registry=FACTS)


def test_a_damaged_master_is_told_not_to_pass_its_own_spec(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "facts.json"
    kept.write_text(json.dumps({"wrapper.format": "mov", "decode.missing_frame_count": 3}))
    drafted(tmp_path / "house.json", "--like", str(kept))
    assert "facts.json itself is judged fail by it" in capsys.readouterr().err


@pytest.mark.parametrize("base", [name for name in spec_library().names() if name != "deliverqc-integrity"])
def test_a_sheet_on_any_shipped_spec_lints_clean_and_has_its_clauses(base: str, tmp_path: Path) -> None:
    target = tmp_path / "sheet.json"
    library = spec_library()
    clauses = [one.id for one in library.load(base).own_clauses]
    changes = [part for one in clauses[:1] if len(clauses) > 1 for part in ("--replace", one)]
    changes += [part for one in clauses[-1:] for part in ("--drop", one)]
    document = drafted(target, "--from", base, *changes)
    told = {(problem.severity, problem.code) for problem in library.problems(str(target))}
    assert told <= {(Severity.WARNING, "unjudged-scope"), (Severity.WARNING, "unstated-scope")}  # a clause was dropped
    assert [one.id for one in library.load(str(target)).own_clauses] == clauses[:-1]
    assert "Fill in" in document["description"]
    assert all("Fill in" in entry["reason"] for key in ("replace", "drop") for entry in document["x-extends"][key])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["house"], "--from SPEC"),
        (["house", "--from", "acx", "--like", "x.mov"], "--from SPEC"),
        (["house", "--like", "x.mov", "--drop", "a"], "--from SPEC"),
        (["acx", "--from", "acx"], "acx already"),
        (["My Show", "--from", "acx"], "no id"),
        (["house", "--from", "netflix"], "netflix-licensed-prores"),
        (["house", "--from", "acx", "--drop", "rsm-level"], "acx has no clause 'rsm-level'"),
        (["house", "--like", "nowhere.mov"], "nowhere.mov"),
    ],
)
def test_what_cannot_be_drafted_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert _run(["spec", "new", *arguments]) == 2
    captured = capsys.readouterr()
    assert words in captured.err and captured.out == ""


def test_an_existing_file_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "mine.json"
    target.write_text("mine")
    assert _run(["spec", "new", "house", "--from", "acx", "-o", str(target)]) == 2
    assert target.read_text() == "mine" and "exists" in capsys.readouterr().err


@pytest.mark.parametrize("body", ["[]", '{"subjects": []}', '{"subjects": [{}, {}]}', "no json"])
def test_what_holds_no_facts_of_one_master_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], body: str
) -> None:
    kept = tmp_path / "facts.json"
    kept.write_text(body)
    assert _run(["spec", "new", "house", "--like", str(kept)]) == 2
    assert "facts.json" in capsys.readouterr().err


def test_without_a_file_the_draft_is_alone_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["spec", "new", "house", "--from", "acx"]) == 0
    assert json.loads(capsys.readouterr().out)["x-extends"]["spec"].startswith("acx@")

"""Bad input gets one clear line and the right exit code: never a traceback, never a pass."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from deliverqc.cli import _run
from deliverqc.measuring.registry import spec_library
from deliverqc.pipeline import check_master
from deliverqc.request import Request
from fixtures.ffmpeg import make

pytestmark = pytest.mark.usefixtures("without_workers")


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("tone") / "tone.wav", "-f lavfi -i sine=f=1000:r=48000 -t 1")


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIVERQC_CACHE_DIR", str(tmp_path / "store"))


def _line(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    """Exit code and what was said; nothing may be on stdout and no traceback anywhere."""
    code = _run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    first, *more = captured.err.strip().splitlines()
    assert first.startswith("Error: ")
    assert all(line.startswith("  ") for line in more)  # what a list of faults in one file holds
    return code, captured.err


def test_missing_path(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = _line(capsys, "check", "nowhere.mov", "--spec", "netflix")
    assert code == 2
    assert "nowhere.mov does not exist" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "", "--spec", "netflix"), "the argument after check is empty"),
        (("check", "a.mov", "--spec", ""), "the argument after --spec is empty"),
        (("check", "a.mov", "--spec", "netflix", "--timeout", "nan"), "nan is not a number of seconds"),
    ],
    ids=["path", "spec", "timeout"],
)
def test_an_argument_without_a_value_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    code, words = _line(capsys, *arguments)
    assert (code, said in words) == (2, True)


def test_an_expected_value_of_many_brackets_is_a_text(capsys: pytest.CaptureFixture[str], tone: Path) -> None:
    expected = "sound.tracks[].codec=" + "[" * 50_000
    code, said = _line(capsys, "check", tone, "--spec", "ebu-r128-programme", "--tier", "headers", "--expect", expected)
    assert (code, "cannot be expected to be" in said) == (2, True)


def test_folder_with_nothing_to_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, said = _line(capsys, "check", tmp_path, "--spec", "netflix")
    assert code == 2
    assert "holds no master" in said


def test_unknown_spec_names_the_nearest(capsys: pytest.CaptureFixture[str], tone: Path) -> None:
    code, said = _line(capsys, "check", tone, "--spec", "netflx")
    assert code == 2
    assert "netflix" in said


def test_missing_spec_option(capsys: pytest.CaptureFixture[str], tone: Path) -> None:
    code, said = _line(capsys, "check", tone)
    assert code == 2
    assert "--spec" in said


def test_broken_spec_json_names_line_and_column(capsys: pytest.CaptureFixture[str], tone: Path, tmp_path: Path) -> None:
    spec = tmp_path / "broken.json"
    spec.write_text('{\n  "title": "x",\n  oops\n}')
    code, said = _line(capsys, "check", tone, "--spec", spec)
    assert code == 2
    assert "line 3" in said
    assert "broken.json" in said


def test_spec_with_an_unknown_fact_names_it_and_the_nearest(
    capsys: pytest.CaptureFixture[str], tone: Path, tmp_path: Path
) -> None:
    spec = tmp_path / "mine.json"
    spec.write_text(json.dumps(_spec("picture.widht_px")))
    code, said = _line(capsys, "check", tone, "--spec", spec)
    assert code == 2
    assert "picture.widht_px" in said
    assert "picture.width_px" in said


def _spec(fact: str) -> dict[str, object]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:test:mine",
        "title": "Mine",
        "x-spec": {
            "id": "mine",
            "edition": "1",
            "revision": 1,
            "publisher": "Me",
            "kind": "streaming",
            "read_on": "2026-11-22",
            "confidence": "high",
        },
        "allOf": [
            {
                "$anchor": "width",
                "title": "The width is 1920",
                "x-level": "shall",
                "x-source": {"document": "My sheet", "confidence": "high"},
                "required": [fact],
                "properties": {fact: {"const": 1920}},
            }
        ],
    }


def test_a_clause_left_out_and_asked_for_at_once(capsys: pytest.CaptureFixture[str], tone: Path) -> None:
    code, said = _line(
        capsys, "check", tone, "--spec", "ebu-r128-programme", "--only", "true-peak", "--skip", "true-peak"
    )
    assert code == 2
    assert "true-peak" in said


def test_unknown_clause(capsys: pytest.CaptureFixture[str], tone: Path) -> None:
    code, said = _line(capsys, "check", tone, "--spec", "ebu-r128-programme", "--only", "true-paek")
    assert code == 2
    assert "true-paek" in said


@pytest.mark.parametrize("report", ["nowhere/report.html", "report.docx", "."])
def test_unwritable_report_is_refused_before_work_starts(
    report: str, capsys: pytest.CaptureFixture[str], tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = _line(capsys, "check", tone, "--spec", "ebu-r128-programme", "--report", report)
    assert code == 2
    assert report in said
    assert not (tmp_path / "store").exists()


def test_report_never_overwrites_a_master(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    master = tmp_path / "master.json"
    master.write_text("{}")
    code, said = _line(capsys, "check", master, "--spec", "ebu-r128-programme", "--report", master)
    assert code == 2
    assert "one of the masters" in said


@pytest.mark.parametrize("text", ["[1]", "{", ""])
def test_expectations_and_waivers_that_are_not_what_they_should_be(
    text: str, capsys: pytest.CaptureFixture[str], tone: Path, tmp_path: Path
) -> None:
    path = tmp_path / "given.json"
    path.write_text(text)
    for option in ("--expect", "--waivers"):
        code, said = _line(capsys, "check", tone, "--spec", "ebu-r128-programme", option, path)
        if option == "--waivers" and text == "[1]":
            assert "waiver" in said
        assert code == 2
        assert "given.json" in said


def _unreadable(capsys: pytest.CaptureFixture[str], path: Path) -> str:
    code = _run(["check", str(path), "--spec", "netflix", "--format", "json"])
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert code == 4
    assert captured.err == ""
    assert document["decision"] == "error"
    assert document["masters"][0]["subjects"] == []
    message = document["masters"][0]["error"]["message"]
    assert path.name in message
    return str(message)


def test_empty_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "empty.mov"
    path.touch()
    assert "empty" in _unreadable(capsys, path)


def test_text_file_named_mov(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "notes.mov"
    path.write_text("these are notes and no master\n" * 100)
    _unreadable(capsys, path)


def test_file_without_its_index(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.mov", "-f lavfi -i testsrc2=s=320x180:r=25 -t 1 -c:v prores")
    path = tmp_path / "cut.mov"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert "index" in _unreadable(capsys, path)


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX ones")
def test_no_permission(tone: Path, tmp_path: Path) -> None:
    path = tmp_path / "closed.wav"
    path.write_bytes(tone.read_bytes())
    path.chmod(0)
    library = spec_library()
    specs = [library.load("ebu-r128-programme")]
    assert check_master(tone, specs, library, Request())["error"] is None  # imports all that a check needs
    before = os.geteuid()
    try:
        if before == 0:
            os.seteuid(65534)  # root may read everything
        error = check_master(path, specs, library, Request())["error"]
    finally:
        os.seteuid(before)
    assert error["code"] == "no-permission"
    assert "closed.wav" in error["message"]


def test_control_characters_in_a_name_are_shown_harmlessly(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "evil\x1b[31m\r.mov"
    path.touch()
    for format_ in ("text", "github", "markdown", "junit", "html"):
        assert _run(["check", str(path), "--spec", "netflix", "--format", format_]) == 4
        captured = capsys.readouterr()
        assert "\x1b" not in captured.out + captured.err
        assert "\r" not in captured.out + captured.err
    assert _line(capsys, "check", tmp_path / "gone\x1b[2J.mov", "--spec", "netflix")[0] == 2


def test_judging_what_is_no_facts_document(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for text in ("[]", "3", '{"subjects": 1}', '{"schema_version": 1, "subjects": [{}]}', "{"):
        path = tmp_path / "facts.json"
        path.write_text(text)
        assert _line(capsys, "judge", path, "--spec", "ebu-r128-programme")[0] == 2


def test_rendering_what_is_no_verdict(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for text in ("[]", "{}", '{"schema_version": 1, "masters": 3}', '{"schema_version": 1, "masters": [{}]}', "x"):
        path = tmp_path / "verdict.json"
        path.write_text(text)
        assert _line(capsys, "report", path, "--to", tmp_path / "out.html")[0] == 2
        assert not (tmp_path / "out.html").exists()


@pytest.mark.parametrize("name", ["x" * 300 + ".mov", "nul\0l.mov"])
def test_what_cannot_be_a_path(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = _line(capsys, "check", name, "--spec", "netflix")
    assert code == 2
    assert "cannot be a path" in said


def test_link_that_leads_nowhere(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "dangling.mov").symlink_to(tmp_path / "nowhere.mov")
    (tmp_path / "loop.mov").symlink_to(tmp_path / "loop.mov")
    for name in ("dangling.mov", "loop.mov"):
        assert _line(capsys, "check", tmp_path / name, "--spec", "netflix")[0] == 2


def test_report_with_too_long_a_name(capsys: pytest.CaptureFixture[str], tone: Path) -> None:
    assert _line(capsys, "check", tone, "--spec", "ebu-r128-programme", "--report", "y" * 300 + ".html")[0] == 2

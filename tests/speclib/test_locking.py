"""A lock lets a spec be judged only as it was when it was pinned."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc.cli import _run
from deliverqc.errors import SpecError, UsageError
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.model import Family
from deliverqc.speclib.locking import load_lock, lock_text, require_locked
from tests.spec_files import clause, document, facts, ship_only_ours, write

FAMILY = {"id": "acme", "title": "Acme", "specs": ["show"], "when_none_fits": "Acme takes QuickTime."}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A family of a show's sheet on top of a platform's, and its lock; the current folder is theirs."""
    monkeypatch.chdir(tmp_path)
    ship_only_ours(monkeypatch, tmp_path / "shipped")
    specs = tmp_path / "specs"
    (specs / "old").mkdir(parents=True)
    write(specs, document(clause("one"), spec_id="platform"), "platform.json")
    write(specs, document(clause("two"), spec_id="show", x_extends={"spec": "platform"}), "show.json")
    write(specs, FAMILY, "acme.family.json")
    write(tmp_path, facts(wrapper__format="mov"), "facts.json")
    assert _run(["spec", "lock", "acme", "--spec-path", "specs"]) == 0
    return specs


def change(path: Path, how: Any) -> None:
    body = json.loads(path.read_text(encoding="utf-8"))
    how(body)
    write(path.parent, body, path.name)


def refusal(specs: Path, name: str) -> str:
    """The sentence with which a spec or family is refused; empty where it is not."""
    library = spec_library([specs])
    try:
        require_locked(load_lock(Path("specs.lock")), library, [library.resolve(name)])
    except SpecError as error:
        assert (error.code, error.exit_code) == ("spec-not-locked", 2)
        return error.message
    return ""


def retitled(body: dict[str, Any]) -> None:
    body["allOf"][0]["title"] = "Another title"


def test_a_lock_pins_members_what_they_extend_and_what_every_spec_gets(folder: Path) -> None:
    pinned = json.loads(Path("specs.lock").read_text(encoding="utf-8"))
    library = spec_library([folder])
    ids = ["deliverqc-common-sense", "deliverqc-integrity", "platform", "show"]
    assert [one["id"] for one in pinned["specs"]] == ids
    assert [one["sha256"] for one in pinned["specs"]] == [library.load(name).sha256 for name in ids]
    assert [one["id"] for one in pinned["families"]] == ["acme"]
    assert [refusal(folder, name) for name in ("acme", "show", "platform")] == ["", "", ""]


def test_spaces_and_line_ends_are_not_a_change(folder: Path) -> None:
    for path in folder.glob("*.json"):
        body = json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=4)
        path.write_bytes(body.replace("\n", "\r\n").encode())
    assert refusal(folder, "acme") == ""


def test_a_spec_that_changed_is_named_with_its_file(folder: Path) -> None:
    change(folder / "show.json", retitled)
    told = refusal(folder, "acme")
    assert "show@1.r1 changed: its SHA-256 is" in told and str(folder / "show.json") in told
    assert "platform" not in told and "deliverqc spec lock" in told
    assert refusal(folder, "platform") == ""


def test_a_base_that_changed_refuses_what_rests_on_it_and_is_named_as_the_cause(folder: Path) -> None:
    change(folder / "platform.json", retitled)
    told = refusal(folder, "show")
    assert told.index("platform@1.r1 changed: its SHA-256") < told.index("show@1.r1 changed with platform@1.r1")


def test_a_new_revision_is_refused_and_the_pinned_one_still_serves_by_name(folder: Path) -> None:
    (folder / "old" / "platform-1.json").write_bytes((folder / "platform.json").read_bytes())
    change(folder / "platform.json", lambda body: (retitled(body), body["x-spec"].update(revision=2)))
    told = refusal(folder, "platform")
    assert "platform@1.r2 is not pinned; pinned is platform@1.r1. Use --spec platform@1.r1" in told
    assert "deliverqc spec diff platform@1.r1 platform@1.r2" in told
    assert refusal(folder, "platform@1.r1") == ""
    assert "show@1.r1 changed with platform@1.r2" in refusal(folder, "show")


def test_a_family_that_takes_another_spec_is_refused(folder: Path) -> None:
    change(folder / "acme.family.json", lambda body: body["specs"].append("platform"))
    assert "the family acme changed" in refusal(folder, "acme")


def test_what_was_never_pinned_is_refused_with_the_nearest_name(folder: Path) -> None:
    write(folder, document(clause("one"), spec_id="shaw"), "shaw.json")
    assert "shaw@1.r1 is not pinned; did you mean show?" in refusal(folder, "shaw")
    write(folder, FAMILY | {"id": "other"}, "other.family.json")
    assert "the family other is not pinned" in refusal(folder, "other")


def test_an_integrity_clause_that_changed_refuses_every_spec(folder: Path) -> None:
    lock = json.loads(Path("specs.lock").read_text(encoding="utf-8"))
    next(one for one in lock["specs"] if one["id"] == "deliverqc-integrity")["sha256"] = 64 * "0"
    write(Path(), lock, "specs.lock")
    assert refusal(folder, "platform").count("deliverqc-integrity@") == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfb\x90 a master",
        b"[]",
        b'{"lock_version": 2, "specs": [], "families": []}',
        b'{"lock_version": 1, "specs": {}, "families": []}',
        b'{"lock_version": 1, "specs": [{"id": "a", "edition": "1", "revision": 1}], "families": []}',
        b'{"lock_version": 1, "specs": [{"id": "a", "edition": "1", "revision": 1, "sha256": "0"}], "families": []}',
        b'{"lock_version": 1, "specs": [{"id": "a", "edition": "1", "revision": true, "sha256": "0"}], "families": []}',
    ],
)
def test_what_is_not_a_lock_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.mov"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="is not a lock") as raised:
        load_lock(path)
    assert raised.value.exit_code == 2


def test_a_large_file_that_is_named_as_the_lock_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "master.mov"
    path.touch()
    os.truncate(path, 10**11)
    with pytest.raises(UsageError, match="too large"):
        load_lock(path)


def test_an_empty_lock_refuses_everything(folder: Path) -> None:
    write(Path(), {"lock_version": 1, "specs": [], "families": []}, "specs.lock")
    assert refusal(folder, "show").count("is not pinned") == 4


def test_two_specs_of_one_name_cannot_be_locked(tmp_path: Path) -> None:
    paths = [write(tmp_path, document(clause(name)), f"{name}.json") for name in ("one", "two")]
    library = spec_library()
    with pytest.raises(SpecError, match=r"two different specs are a-sheet@1\.r1"):
        lock_text(library, [library.load(str(path)) for path in paths])


@pytest.mark.parametrize("command", [["judge", "facts.json"], ["check", "master.wav"]])
@pytest.mark.usefixtures("without_workers")
def test_judge_and_check_refuse_before_anything_is_read(
    folder: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("master.wav").touch()
    change(folder / "show.json", retitled)
    assert _run([*command, "--spec", "show", "--spec-path", "specs", "--locked"]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and "show@1.r1 changed" in shown.err


def test_judge_under_a_lock_says_in_the_document_which_lock(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["judge", "facts.json", "--spec", "show", "--spec-path", "specs", "--format", "json"]
    code = _run(asked)
    free = json.loads(capsys.readouterr().out)
    assert _run([*asked, "--locked=specs.lock"]) == code
    held = json.loads(capsys.readouterr().out)
    assert held["request"].pop("lock_sha256") == load_lock(Path("specs.lock")).sha256
    assert held == free


def test_a_path_taken_for_the_lock_is_refused_by_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["check", "--locked", "facts.json", "--spec", "show", "--spec-path", "specs"]) == 2
    assert "facts.json is not a lock" in capsys.readouterr().err
    assert _run(["check", "--locked", "no.mov", "--spec", "show"]) == 2
    assert "There is no lock no.mov" in capsys.readouterr().err


def test_the_functions_of_the_package_refuse_too(folder: Path) -> None:
    spec = deliverqc.load_spec("show", spec_path=[folder])
    held = deliverqc.judge(facts(wrapper__format="mov"), spec, locked="specs.lock")
    assert held.request.lock_sha256 == load_lock(Path("specs.lock")).sha256
    change(folder / "platform.json", retitled)
    spec = deliverqc.load_spec("show", spec_path=[folder])
    with pytest.raises(SpecError, match=r"show@1\.r1 changed"):
        deliverqc.judge(facts(wrapper__format="mov"), spec, locked="specs.lock")
    with pytest.raises(SpecError, match=r"show@1\.r1 changed"):
        deliverqc.check("facts.json", "show", spec_path=[folder], locked="specs.lock")


def test_a_shipped_family_is_locked_with_all_that_it_chooses_from(tmp_path: Path) -> None:
    library = spec_library()
    family = library.resolve("netflix")
    assert isinstance(family, Family)
    path = tmp_path / "specs.lock"
    path.write_text(lock_text(library, [family]), encoding="utf-8")
    lock = load_lock(path)
    assert {spec.full_id: spec.sha256 for spec in library.members(family)}.items() <= dict(lock.specs).items()
    require_locked(lock, library, [family])

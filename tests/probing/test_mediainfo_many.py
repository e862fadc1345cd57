"""One process of MediaInfo for many files: the same facts, one process, and a file that brings it down costs itself."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from deliverqc import check, measure
from deliverqc.errors import InternalError
from deliverqc.measuring.compositions import _closing
from deliverqc.measuring.registry import registry
from deliverqc.probing import mediainfo, probe
from deliverqc.probing.mediainfo_many import ManyFiles
from deliverqc.probing.reading import Reading
from fixtures.packages import make_dcp
from tests.one_mediainfo import one_for_each

_STUB = """
import json, os, sys, time
for line in sys.stdin.buffer:
    name = os.path.basename(json.loads(line)["path"])
    if name == "crash":
        os._exit(9)
    if name == "cannot":
        os._exit(1)
    if name == "hang":
        time.sleep(60)
    answer = b"" if name == "none" else b'{"media": {"track": [{"@type": "General", "Format": "%s"}]}}' % name.encode()
    sys.stdout.buffer.write(len(answer).to_bytes(8, "big") + answer[:5])
    sys.stdout.buffer.flush()
    sys.stdout.buffer.write(answer[5:])
    sys.stdout.buffer.flush()
"""


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of files; MediaInfo is replaced by a program that acts as their names say."""
    program = tmp_path / "stub.py"
    program.write_text(_STUB)
    monkeypatch.setattr(mediainfo, "_WORKER", program)
    monkeypatch.setattr(mediainfo, "_LONGEST_READING_S", 5)
    for name in ("crash", "cannot", "hang", "none", "MXF", "Wave"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def _format(answer: Reading | str) -> object:
    return answer if isinstance(answer, str) else answer.general["wrapper.format"]


def test_each_file_has_its_own_answer(stub: Path) -> None:
    with ManyFiles() as many:
        found = []
        for name in ("MXF", "crash", "Wave", "none", "MXF"):
            many.start(stub / name)
            found.append(_format(many.finish()))
    assert found == ["mxf", "crashed", "wav", "came to no end, or failed", "mxf"]


def test_an_answer_that_was_not_taken_is_not_that_of_the_next_file(stub: Path) -> None:
    with ManyFiles() as many:
        many.start(stub / "MXF")
        many.start(stub / "Wave")
        assert _format(many.finish()) == "wav"


def test_files_that_are_expected_are_read_ahead_and_each_keeps_its_own_answer(stub: Path) -> None:
    names = ["MXF", "crash", "Wave", "none", "MXF.", "Wave."]
    for name in names[-2:]:
        (stub / name).write_bytes(b"x")
    (stub / "empty").write_bytes(b"")
    with ManyFiles() as many:
        many.expect(stub / name for name in ("MXF", "gone", "crash", "Wave", "empty", "none", "MXF.", "Wave."))
        found = []
        for name in names:
            if name == "MXF.":
                many.start(stub / name)  # its answer is not taken
                continue
            many.start(stub / name)
            found.append(_format(many.finish()))
    assert found == ["mxf", "crashed", "wav", "came to no end, or failed", "other:Wave."]


def test_an_expected_file_that_is_passed_over_gives_no_other_file_its_answer(stub: Path) -> None:
    with ManyFiles() as many:
        many.expect([stub / "MXF", stub / "none", stub / "Wave"])
        many.start(stub / "MXF")
        assert _format(many.finish()) == "mxf"
        many.start(stub / "Wave")
        assert _format(many.finish()) == "wav"


def test_a_file_that_never_ends_is_given_up(stub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mediainfo, "_LONGEST_READING_S", 0.1)
    with ManyFiles() as many:
        many.start(stub / "hang")
        assert str(many.finish()).startswith("timed out")


def test_a_mediainfo_that_cannot_be_loaded_is_our_fault(stub: Path) -> None:
    with ManyFiles() as many:
        many.start(stub / "cannot")
        with pytest.raises(InternalError, match="Install pymediainfo"):
            many.finish()


def test_a_package_has_one_process_and_the_facts_of_one_for_each_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []
    popen = subprocess.Popen

    def counted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(arguments)
        return popen(*arguments, **options)

    dcp = make_dcp(tmp_path / "dcp", reels=2)
    files = [dcp.folder / "sound_0.mxf", dcp.folder / "picture_0.mxf"]
    with one_for_each():
        alone = [probe(path).facts for path in files]
    with ManyFiles() as many:
        assert [probe(path, mediainfo=many).facts for path in files] == alone
    monkeypatch.setattr(subprocess, "Popen", counted)
    check(dcp.folder, "dcp-smpte", tier="headers")
    assert len(started) == 1


@pytest.mark.parametrize("lost", ["picture_0.mxf", "sound_0.mxf"])
def test_a_package_names_the_file_on_which_a_reader_gave_up_and_has_no_null_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    dcp = make_dcp(tmp_path / "dcp")
    whole = _facts_of_headers(dcp.folder)
    asked: list[str] = []
    start, finish = ManyFiles.start, ManyFiles.finish

    def noted(self: ManyFiles, path: Path) -> None:
        asked.append(path.name)
        start(self, path)

    def given_up(self: ManyFiles) -> Reading | str:
        answer = finish(self)
        return "timed out after 30 s" if asked[-1] == lost else answer

    monkeypatch.setattr(ManyFiles, "start", noted)
    monkeypatch.setattr(ManyFiles, "finish", given_up)
    (master,) = check(dcp.folder, "dcp-smpte", tier="headers").masters
    sentence = "MediaInfo gave up on this file (timed out after 30 s): facts that only it gives were not measured."
    assert [(one.reader, one.reason) for one in master.readers_lost] == [("mediainfo", f"{lost}: {sentence}")]
    found = _facts_of_headers(dcp.folder)
    given = "picture." if lost.startswith("picture") else "sound."
    table = registry().facts
    only = {n for n in whole if n.startswith((given, "timed_text.")) and set(table[n].given_by) == {"mediainfo"}}
    assert not only & set(found)
    assert "cross_check.probe_disagreements" in whole and "cross_check.probe_disagreements" not in found
    changed = {name for name in found if found[name] is None and whole[name] is not None}
    assert not changed


def _facts_of_headers(folder: Path) -> dict[str, Any]:
    (subject,) = measure(folder, tier="headers").subjects
    return dict(subject.facts)


def test_a_package_does_not_say_null_of_closing_where_the_walker_of_a_file_gave_up() -> None:
    assert _closing([{"wrapper.is_closed": True}, {}]) == {}
    assert _closing([{"wrapper.is_closed": False}, {}]) == {"wrapper.is_closed": False}
    assert _closing([{"wrapper.is_closed": True}, {"wrapper.is_closed": None}]) == {"wrapper.is_closed": None}

"""A master that changes while it is checked is reported and never passes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deliverqc.file_state import file_state, is_changed
from deliverqc.measuring import obtain
from deliverqc.measuring.registry import spec_library
from deliverqc.pipeline import check_master, facts_document
from deliverqc.request import Request, Tier
from deliverqc.signals.store import Store
from fixtures.ffmpeg import make

_CLAUSE = "unchanged-during-check"


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stereo tone of -23 LUFS (EBU Tech 3341 test 1), which passes."""
    return make(
        tmp_path_factory.mktemp("state") / "tone.wav",
        "-f lavfi -i aevalsrc=0.0707946*sin(2*PI*1000*t):s=48000 -t 2 -af pan=stereo|c0=c0|c1=c0 -c:a pcm_s24le",
    )


@pytest.fixture
def master(tone: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(tone, tmp_path / "master.wav"))


def _replace(path: Path) -> None:
    other = path.with_name("other.wav")
    shutil.copy2(path, other)
    other.replace(path)


def _grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(4096))


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _overwrite(path: Path) -> None:
    """Other bytes under the old size and the old time of modification: the time of change alone tells it."""
    status = path.stat()
    with path.open("r+b") as file:
        file.seek(1000)
        file.write(bytes(1000))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _checked(path: Path, during: Callable[[Path], None] | None, tier: Tier, store: Store | None = None) -> Any:
    library = spec_library()
    is_struck = False

    def tell(stage: str, done_s: float, total_s: float | None) -> None:
        nonlocal is_struck
        if not is_struck and during is not None:
            is_struck = True
            during(path)

    specs = [library.load("ebu-r128-programme")]
    return check_master(path, specs, library, Request(tier=tier), store=store, progress=tell)


def _outcome(entry: Any) -> tuple[str, list[str]]:
    clauses = entry["subjects"][0]["verdicts"][0]["clauses"]
    found = next(clause for clause in clauses if clause["id"] == _CLAUSE)
    return found["outcome"], [finding["message"] for finding in found["findings"]]


@pytest.mark.parametrize("change", [_replace, _grow, _truncate, _overwrite, Path.unlink])
def test_a_master_that_changes_while_it_is_measured_fails(
    change: Callable[[Path], None], master: Path, tmp_path: Path
) -> None:
    store = Store(folder=tmp_path / "store")
    entry = _checked(master, change, Tier.FULL, store)
    assert entry["decision"] == "fail"
    assert _outcome(entry) == ("fail", ["the file changed while it was checked"])
    assert store.tables() == []


def test_a_master_that_stays_the_same_passes(master: Path, tmp_path: Path) -> None:
    store = Store(folder=tmp_path / "store")
    for _ in ("decoded", "stored"):
        entry = _checked(master, None, Tier.FULL, store)
        assert (entry["decision"], _outcome(entry)) == ("pass", ("pass", []))
    assert _outcome(_checked(master, None, Tier.HEADERS)) == ("pass", [])
    assert facts_document(master, None, Tier.HEADERS)["subjects"][0]["facts"]["file.changed_during_check"] is False


@pytest.mark.parametrize("change", [_replace, _grow, _truncate])
def test_a_master_that_changes_after_its_headers_were_read_fails(
    change: Callable[[Path], None], master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deliverqc import pipeline

    read = pipeline.probe

    def probe_then_change(path: Path) -> Any:
        probed = read(path)
        change(path)
        return probed

    monkeypatch.setattr(pipeline, "probe", probe_then_change)
    for tier in (Tier.HEADERS, Tier.FULL):
        assert _outcome(_checked(master, None, tier)) == ("fail", ["the file changed while it was checked"])


def test_a_reader_that_stumbles_over_the_change_is_no_fault_of_ours(
    master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deliverqc import pipeline

    def stumble(path: Path) -> Any:
        if not path.with_name("same").exists():
            _truncate(path)
        raise IndexError("cut")

    monkeypatch.setattr(pipeline, "probe", stumble)
    error = _checked(master, None, Tier.FULL)["error"]
    assert error["code"] == "changed-during-check"
    assert "the file changed while it was checked" in error["message"]
    master.with_name("same").touch()
    with pytest.raises(IndexError):
        _checked(master, None, Tier.FULL)


def test_a_file_without_a_name_has_no_state(master: Path) -> None:
    assert file_state(master.with_name("nowhere.wav")) is None
    assert is_changed(master, None)
    assert not is_changed(master, file_state(master))


def test_reuse_is_announced_where_the_file_system_shows_no_change(
    master: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    library, store = spec_library(), Store(folder=tmp_path / "store")

    def check() -> None:
        check_master(master, [library.load("ebu-r128-programme")], library, Request(), store=store, notice=said.append)

    check()
    check()
    assert said == []
    monkeypatch.setattr(obtain, "_has_change_time", lambda path: False)
    check()
    assert len(said) == 1
    assert said[0].startswith("master.wav: measurements of an earlier run are used again")

"""A batch whose workers are killed, stopped or starved: each costs its own master and no other."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deliverqc.batch.discover import discover
from deliverqc.batch.run import Job, Step, memory_share, run
from deliverqc.errors import UsageError
from deliverqc.measuring.registry import spec_library
from deliverqc.request import Request
from fixtures.ffmpeg import make

COUNT = 10
SLOW = 4


@pytest.fixture(scope="module")
def masters(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Ten masters; the one at SLOW takes seconds to decode, the others next to nothing."""
    folder = tmp_path_factory.mktemp("batch")
    quick = make(folder / "quick.wav", "-f lavfi -i sine=f=1000:r=48000 -t 1 -c:a pcm_s16le")
    second = make(
        folder / "second.mov", "-f lavfi -i testsrc2=s=1280x720:r=25 -t 1 -c:v mjpeg -q:v 2 -pix_fmt yuvj422p"
    )
    slow = make(folder / "slow.mov", f"-stream_loop 29 -i {second} -c copy")
    paths = []
    for number in range(COUNT):
        source = slow if number == SLOW else quick
        paths.append(folder / f"master-{number}{source.suffix}")
        shutil.copy(source, paths[-1])
    return paths


def _job(*, memory_bytes: int | None = None) -> Job:
    library = spec_library()
    return Job(
        specs=[library.load("ebu-r128-programme")],
        library=library,
        request=Request(),
        store=None,
        memory_bytes=memory_bytes,
    )


def _entries(
    masters: list[Path], job: Job, during_slow: Callable[[], None], *, silent_limit_s: float = 60
) -> list[dict[str, Any]]:
    entries: dict[int, dict[str, Any]] = {}
    is_struck = False
    for step in run(masters, job, jobs=1, silent_limit_s=silent_limit_s):
        assert isinstance(step, Step)
        if step.entry is not None:
            assert step.position not in entries
            entries[step.position] = step.entry
        elif step.position == SLOW and not is_struck:
            is_struck = True
            during_slow()
    assert is_struck
    return [entries[position] for position in range(len(masters))]


def _strike(sent: signal.Signals) -> None:
    children = multiprocessing.active_children()
    assert len(children) == 1
    assert children[0].pid is not None
    os.kill(children[0].pid, sent)


def _assert_only_slow_was_lost(entries: list[dict[str, Any]], code: str) -> None:
    assert [entry["error"]["code"] if entry["error"] else None for entry in entries] == [
        code if position == SLOW else None for position in range(COUNT)
    ]
    assert {entry["decision"] for position, entry in enumerate(entries) if position != SLOW} == {
        "fail"
    }  # a 1 kHz tone is too quiet


def test_killed_worker_costs_only_its_own_master(masters: list[Path]) -> None:
    entries = _entries(masters, _job(), lambda: _strike(signal.SIGKILL))
    _assert_only_slow_was_lost(entries, "worker-died")
    assert "SIGKILL" in entries[SLOW]["error"]["message"]


def test_hung_worker_costs_only_its_own_master(masters: list[Path]) -> None:
    entries = _entries(masters, _job(), lambda: _strike(signal.SIGSTOP), silent_limit_s=8)
    _assert_only_slow_was_lost(entries, "worker-hung")


def test_worker_out_of_memory_costs_only_its_own_master(masters: list[Path], tmp_path: Path) -> None:
    huge = make(
        tmp_path / "huge.mov", "-f lavfi -i color=black:s=12000x8000:r=25 -frames:v 1 -c:v png -pix_fmt rgb48be"
    )
    paths = [*masters[:SLOW], huge, *masters[SLOW + 1 :]]
    entries = {step.position: step.entry for step in run(paths, _job(memory_bytes=700 * 2**20), jobs=2) if step.entry}
    assert sorted(entries) == list(range(COUNT))
    _assert_only_slow_was_lost([entries[position] for position in range(COUNT)], "out-of-memory")


def test_closing_a_batch_ends_its_workers(masters: list[Path]) -> None:
    steps = run(masters, _job(), jobs=2)
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


def test_share_of_memory_falls_with_the_count_of_workers() -> None:
    one, two = memory_share(1), memory_share(2)
    assert one is not None
    assert two is not None
    assert two == one // 2


def test_no_worker_has_less_memory_than_it_can_work_with() -> None:
    assert memory_share(10**8) == 1 << 30


def test_audio_of_every_kind_is_found_in_a_folder(tmp_path: Path) -> None:
    names = ("a.ac3", "b.caf", "c.ec3", "d.opus", "e.thd", "f.MP2", "g.dts", "h.mka")
    for name in (*names, "i.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in discover([tmp_path])] == list(names)


def test_masters_are_found_in_folders_in_a_stable_order(tmp_path: Path) -> None:
    for name in ("b.mov", "a/C.MXF", "a/.hidden.mov", ".git/x.mov", "a/notes.txt", "z.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in discover([tmp_path, tmp_path / "b.mov"])]
    assert found == ["b.mov", "z.wav", "a/C.MXF"]


def test_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.mov does not exist"):
        discover([tmp_path / "nowhere.mov"])


def test_what_one_master_cannot_be_asked_costs_the_others_nothing(masters: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "renders"
    folder.mkdir()
    (folder / "sound.wav").write_bytes(masters[0].read_bytes())
    (folder / "dangling.wav").symlink_to(tmp_path / "nowhere.wav")
    paths = discover([folder, tmp_path / "missing.wav"])
    assert [path.name for path in paths] == ["dangling.wav", "sound.wav", "missing.wav"]
    entries = {paths[step.position].name: step.entry for step in run(paths, _job(), jobs=2) if step.entry}
    assert {name: entry["decision"] for name, entry in entries.items()} == {
        "dangling.wav": "error",
        "sound.wav": "fail",
        "missing.wav": "error",
    }
    assert "is a link to" in entries["dangling.wav"]["error"]["message"]
    assert "There is no file" in entries["missing.wav"]["error"]["message"]


def test_folder_without_masters_is_an_error_and_not_a_pass(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UsageError, match="holds no master"):
        discover([tmp_path])


def test_a_name_given_outright_is_checked_whatever_its_extension(tmp_path: Path) -> None:
    odd = tmp_path / "master.dat"
    odd.touch()
    assert discover([odd]) == [odd]

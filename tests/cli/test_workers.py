"""A single master that crashes or stops its worker leaves a verdict document, one line that says so and exit code 4."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deliverqc.cli import _run
from fixtures.ffmpeg import make

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="workers are told by /proc")


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of pictures, which takes seconds to decode."""
    folder = tmp_path_factory.mktemp("slow")
    short = make(folder / "short.mov", "-f lavfi -i testsrc2=s=1280x720:r=25 -t 1 -c:v mjpeg -q:v 2 -pix_fmt yuvj422p")
    return make(folder / "slow.mov", f"-stream_loop 59 -i {short} -c copy")


@contextlib.contextmanager
def _checking(master: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    with _running("check", str(master), "--spec", "netflix-licensed-prores", *options) as running:
        yield running


@contextlib.contextmanager
def _running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "deliverqc", *arguments, "--no-cache"],
        preexec_fn=_hear_interruptions,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            yield running
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)


def _hear_interruptions() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # tests that run in the background hand on that it is ignored


def _session(pid: int) -> list[int]:
    """The other processes of the session that `pid` leads."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
            if int(session) == pid and int(stat.parent.name) != pid and state != "Z":
                found.append(int(stat.parent.name))
    return found


def _reader(pid: int, master: Path) -> int:
    """The process of the session that decodes the master."""
    for _ in range(600):
        for one in _session(pid):
            with contextlib.suppress(OSError):
                is_decoding = "libavcodec" in Path(f"/proc/{one}/maps").read_text()
                if is_decoding and any(handle.readlink() == master for handle in Path(f"/proc/{one}/fd").iterdir()):
                    return one
        time.sleep(0.05)
    pytest.fail("no worker opened the master within half a minute")


@pytest.mark.parametrize(
    ("sent", "options", "code", "words"),
    [
        (signal.SIGSEGV, (), "worker-died", "its worker crashed (SIGSEGV)"),
        (signal.SIGKILL, ("--jobs", "2"), "worker-died", "SIGKILL"),
        (signal.SIGSTOP, ("--timeout", "3"), "worker-hung", "nothing came of it for 3 s"),
    ],
)
def test_a_lost_worker_leaves_a_document_and_exit_code_4(
    sent: signal.Signals, options: tuple[str, ...], code: str, words: str, slow: Path, tmp_path: Path
) -> None:
    report = tmp_path / "qc.json"
    with _checking(slow, *options, "--report", str(report)) as running:
        worker = _reader(running.pid, slow)
        os.kill(os.getpgid(worker), sent)  # the worker leads its group; the parts of a master are read below it
        out, err = running.communicate(timeout=60)
        assert _session(running.pid) == []
    assert (running.returncode, err) == (4, "")
    assert f"{slow} could not be checked" in " ".join(out.split())
    master = json.loads(report.read_text())["masters"][0]
    assert (master["decision"], master["error"]["code"]) == ("error", code)
    assert words in master["error"]["message"]


@pytest.mark.parametrize("command", [("facts",), ("spec", "new", "a-draft", "--like")])
def test_facts_of_a_master_that_crashes_its_worker_are_an_error_of_the_master(
    command: tuple[str, ...], slow: Path
) -> None:
    with _running(*command, str(slow)) as running:
        os.kill(os.getpgid(_reader(running.pid, slow)), signal.SIGSEGV)
        out, err = running.communicate(timeout=60)
        assert _session(running.pid) == []
    assert (running.returncode, out) == (4, "")
    assert err.startswith(f"Error: {slow} could not be checked: its worker crashed (SIGSEGV).")


def test_ctrl_c_ends_a_single_master_and_leaves_no_process(slow: Path) -> None:
    with _checking(slow, "--jobs", "2") as running:
        _reader(running.pid, slow)
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does
        out, err = running.communicate(timeout=60)
        assert _session(running.pid) == []
    assert (running.returncode, out) == (130, "")
    assert "Traceback" not in err


def test_workers_end_when_the_program_is_killed(slow: Path) -> None:
    with _checking(slow) as running:
        _reader(running.pid, slow)
        running.kill()
        running.wait()
        for _ in range(100):
            if not _session(running.pid):
                return
            time.sleep(0.05)
        pytest.fail("a worker lives on without its program")


def test_what_a_single_master_cannot_be_asked_is_a_usage_error(slow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["check", str(slow), "--spec", "netflix-licensed-prores", "--no-cache", "--range", "01:00:00:00-"]
    assert _run(command) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Error: ")

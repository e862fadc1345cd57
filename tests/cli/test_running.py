"""What a run leaves on stdout, on stderr, on disk and as its exit code."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deliverqc.cli import _run
from deliverqc.reports.document import require_document
from deliverqc.verdict import worst_exit_code
from fixtures.ffmpeg import make


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stereo tone of -23 LUFS: 1 kHz at -23 dBFS (EBU Tech 3341 test 1)."""
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    return make(
        path,
        "-f lavfi -i aevalsrc=0.0707946*sin(2*PI*1000*t):s=48000 -t 5 -af pan=stereo|c0=c0|c1=c0 -c:a pcm_s24le",
    )


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIVERQC_CACHE_DIR", str(tmp_path / "store"))


def test_json_is_alone_on_stdout_and_meets_its_schema(tone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["check", str(tone), "--spec", "ebu-r128-programme", "--format", "json"]) == 0
    captured = capsys.readouterr()
    require_document(json.loads(captured.out), "stdout")
    assert captured.err == ""


@pytest.mark.usefixtures("without_workers")
def test_every_report_is_written_beside_the_verdict(
    tone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [tmp_path / f"report.{suffix}" for suffix in ("html", "json", "xml", "md", "txt")]
    arguments = [part for name in names for part in ("--report", str(name))]
    assert _run(["check", str(tone), "--spec", "ebu-r128-programme", *arguments]) == 0
    assert all(name.stat().st_size > 100 for name in names)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*(name.name for name in names), "store"])
    assert capsys.readouterr().out == names[-1].read_text()


@pytest.mark.usefixtures("without_workers")
def test_verdict_is_the_same_byte_for_byte_from_the_store(tone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for extra in ([], [], ["--no-cache"]):
        _run(["check", str(tone), "--spec", "ebu-r128-programme", "--format", "json", "--as-of", "2026-01-01", *extra])
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] == printed[2]


@pytest.mark.usefixtures("without_workers")
def test_judging_kept_facts_gives_the_same_decision(
    tone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(["facts", str(tone), "--spec", "ebu-r128-programme"]) == 0
    kept = tmp_path / "facts.json"
    kept.write_text(capsys.readouterr().out)
    assert _run(["judge", str(kept), "--spec", "ebu-r128-programme"]) == 0
    facts = json.loads(kept.read_text())["subjects"][0]["facts"]
    del facts["decode.errors"]
    kept.write_text(json.dumps(facts))
    assert _run(["judge", str(kept), "--spec", "ebu-r128-programme"]) == 3


@pytest.mark.usefixtures("without_workers")
def test_facts_measured_under_other_settings_count_as_missing(
    tone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(["facts", str(tone)]) == 0
    document = json.loads(capsys.readouterr().out)
    document["subjects"][0]["settings"]["loudness"] = {"invented": 1}
    kept = tmp_path / "facts.json"
    kept.write_text(json.dumps(document))
    assert _run(["judge", str(kept), "--spec", "ebu-r128-programme", "--format", "json"]) == 3
    clauses = json.loads(capsys.readouterr().out)["masters"][0]["subjects"][0]["verdicts"][0]["clauses"]
    outcomes = {clause["id"]: clause["outcome"] for clause in clauses}
    assert outcomes["integrated-loudness"] == "not_measured"


def test_headers_alone_are_incomplete(tone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["check", str(tone), "--spec", "ebu-r128-programme", "--tier", "headers"]) == 3
    assert "INCOMPLETE" in capsys.readouterr().out


@pytest.mark.usefixtures("without_workers")
def test_skipped_clause_leaves_the_verdict_incomplete(tone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["check", str(tone), "--spec", "ebu-r128-programme", "--skip", "integrated-loudness"]) == 3
    assert "left out on request" in capsys.readouterr().out


@pytest.mark.usefixtures("without_workers")
def test_expectation_that_is_not_met_fails(tone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", str(tone), "--spec", "ebu-r128-programme", "--expect"]
    assert _run([*arguments, "sound.track_count=1"]) == 0
    assert _run([*arguments, "sound.track_count=2"]) == 1
    assert "expected-sound-track-count" in capsys.readouterr().out


@pytest.mark.usefixtures("without_workers")
def test_waived_failure_passes_until_the_waiver_expires(
    tone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loud = make(tmp_path / "loud.wav", f"-i {tone} -af volume=6dB -c:a pcm_s24le")
    waivers = tmp_path / "waivers.json"
    waivers.write_text(
        json.dumps(
            [{"clause": "integrated-loudness", "reason": "agreed", "who": "the broadcaster", "until": "2026-12-31"}]
        )
    )
    arguments = ["check", str(loud), "--spec", "ebu-r128-programme", "--waivers", str(waivers), "--as-of"]
    assert _run([*arguments, "2026-12-31"]) == 0
    assert _run([*arguments, "2027-01-01"]) == 1
    assert "2026-12-31" in capsys.readouterr().out


def test_folder_takes_the_worst_exit_code(tone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "renders"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "good.wav").write_bytes(tone.read_bytes())
    assert _run(["check", str(folder), "--spec", "ebu-r128-programme", "--jobs", "2"]) == 0
    make(folder / "loud.wav", f"-i {tone} -af volume=6dB -c:a pcm_s24le")
    assert _run(["check", str(folder), "--spec", "ebu-r128-programme", "--jobs", "2"]) == 1
    (folder / "empty.wav").touch()
    capsys.readouterr()
    assert _run(["check", str(folder), "--spec", "ebu-r128-programme", "--jobs", "2", "--format", "json"]) == 4
    document = json.loads(capsys.readouterr().out)
    assert [master["decision"] for master in document["masters"]] == ["error", "fail", "pass"]


def test_worst_exit_code_of_a_batch_follows_its_order() -> None:
    for worse, better in zip((130, 5, 4, 2, 1, 3), (5, 4, 2, 1, 3, 0), strict=True):
        assert worst_exit_code([better, worse, better]) == worse
    assert worst_exit_code([]) == 3


def _parent_of(stat: Path) -> int | None:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended meanwhile
        return None


def _holds(process: Path, folder: Path) -> bool:
    """Whether a process has a file of `folder` open."""
    try:
        return any(handle.readlink().parent == folder for handle in (process / "fd").iterdir())
    except OSError:  # it has ended meanwhile
        return False


def _wait_for_workers(pid: int, folder: Path) -> None:
    """Wait until two processes below `pid` have opened masters in `folder`."""
    for _ in range(1200):
        time.sleep(0.1)
        parents = {int(stat.parent.name): _parent_of(stat) for stat in Path("/proc").glob("[0-9]*/stat")}
        children = {child for child, parent in parents.items() if parent == pid}
        children |= {child for child, parent in parents.items() if parent in children}
        if sum(_holds(Path(f"/proc/{child}"), folder) for child in children) >= 2:
            return
    pytest.fail("no two workers opened a master within two minutes")


def _hear_interruptions() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # tests that run in the background hand on that it is ignored


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="workers are told by /proc")
@pytest.mark.parametrize("copies", [1, 3])
def test_interruption_ends_the_run_and_leaves_no_report(copies: int, tmp_path: Path) -> None:
    folder = tmp_path / "renders"
    folder.mkdir()
    short = make(
        tmp_path / "short.mov", "-f lavfi -i testsrc2=s=1280x720:r=25 -t 2 -c:v mjpeg -q:v 2 -pix_fmt yuvj422p"
    )
    slow = make(folder / "slow-0.mov", f"-stream_loop 29 -i {short} -c copy")
    short.unlink()
    for number in range(1, copies):
        (folder / f"slow-{number}.mov").write_bytes(slow.read_bytes())
    command = [
        sys.executable,
        "-m",
        "deliverqc",
        "check",
        str(folder),
        "--spec",
        "netflix",
        "--no-cache",
        "--jobs",
        "2",
    ]
    reports = [part for suffix in ("html", "json") for part in ("--report", str(tmp_path / f"report.{suffix}"))]
    with subprocess.Popen(
        [*command, *reports],
        preexec_fn=_hear_interruptions,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            _wait_for_workers(running.pid, folder)
            assert running.poll() is None
            os.killpg(running.pid, signal.SIGINT)  # as a terminal does
            out, err = running.communicate(timeout=120)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "store") == ["renders"]


def test_reader_that_stops_reading_changes_no_exit_code(tone: Path) -> None:
    for spec, code in (("ebu-r128-programme", 0), ("netflix-licensed-prores", 1)):
        command = [
            sys.executable,
            "-m",
            "deliverqc",
            "check",
            str(tone),
            "--spec",
            spec,
            "--format",
            "json",
            "--no-cache",
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            running.stdout.close()
            assert running.stderr is not None
            said = running.stderr.read()
        assert "Traceback" not in said
        assert running.returncode == code


@pytest.mark.usefixtures("without_workers")
def test_colour_is_off_when_piped(tone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _run(["check", str(tone), "--spec", "ebu-r128-programme"])
    assert "\x1b" not in capsys.readouterr().out


def test_headers_run_imports_nothing_heavy(tone: Path) -> None:
    program = (
        "import sys\nfrom deliverqc.cli import _run\n"
        "_run(['check', sys.argv[1], '--spec', 'ebu-r128-programme', '--tier', 'headers', '--format', 'json'])\n"
        "print(sorted({'cv2', 'jinja2', 'jsonschema', 'rich'} & set(sys.modules)), file=sys.stderr)"
    )
    finished = subprocess.run([sys.executable, "-c", program, str(tone)], capture_output=True, text=True, check=True)
    assert finished.stderr.strip() == "[]"


@pytest.mark.skipif(
    not os.access("/proc", os.W_OK), reason="a folder that seems to take a file and does not, is /proc to root"
)
@pytest.mark.usefixtures("without_workers")
def test_verdict_is_shown_even_if_its_report_cannot_be_written(tone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["check", str(tone), "--spec", "ebu-r128-programme", "--report", "/proc/report.html"]) == 2
    captured = capsys.readouterr()
    assert captured.out.startswith("PASS")
    assert "/proc/report.html" in captured.err

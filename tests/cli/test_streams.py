"""Closed streams, full disks and cache folders that cannot be used cost neither the verdict nor its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.ffmpeg import make

_FULL = Path("/dev/full")


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tone far from -23 LUFS: exit code 1 against ebu-r128-programme."""
    return make(
        tmp_path_factory.mktemp("sound") / "quiet.wav", "-f lavfi -i sine=f=997:d=1,volume=-40dB -c:a pcm_s24le"
    )


def _check(master: Path, redirection: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = f'"{sys.executable}" -m deliverqc check "{master}" --spec ebu-r128-programme {redirection}'
    return subprocess.run(
        ["/bin/sh", "-c", command], env=os.environ | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not Path("/bin/sh").exists(), reason="no shell that closes streams")
@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_leave_the_exit_code(quiet: Path, redirection: str, tmp_path: Path) -> None:
    before = quiet.read_bytes()
    found = _check(quiet, redirection, DELIVERQC_CACHE_DIR=str(tmp_path))
    assert found.returncode == 1
    assert found.stdout.startswith("FAIL") is (redirection == "2>&-")
    assert "Traceback" not in found.stderr
    assert quiet.read_bytes() == before


@pytest.mark.skipif(not _FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("redirection", [">/dev/full", "2>/dev/full", ">/dev/full 2>/dev/full"])
def test_a_full_disk_behind_a_stream_leaves_the_exit_code(quiet: Path, redirection: str, tmp_path: Path) -> None:
    found = _check(quiet, redirection, DELIVERQC_CACHE_DIR=str(tmp_path))
    assert found.returncode == 1
    assert ("stdout takes no more" in found.stderr) is (redirection == ">/dev/full")


@pytest.mark.parametrize("variable", ["HOME", "XDG_CACHE_HOME", "DELIVERQC_CACHE_DIR"])
def test_a_cache_folder_that_is_a_file_leaves_the_verdict(quiet: Path, variable: str, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    others = {"DELIVERQC_CACHE_DIR": ""} if variable != "DELIVERQC_CACHE_DIR" else {}
    found = _check(quiet, **others, **{variable: str(taken)})
    assert (found.returncode, found.stderr) == (1, "")
    assert found.stdout.startswith("FAIL")

"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deliverqc.cli import _run
from deliverqc.demo import make_demo_master

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_the_run_in_the_readme_is_a_real_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = re.search(r"```\n\$ deliverqc (.*?)\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DELIVERQC_CACHE_DIR", str(tmp_path / "store"))
    make_demo_master(tmp_path / "faulty.mov", faulty=True)
    assert _run(shown[1].split()) == 1
    printed = capsys.readouterr().out
    for part in re.split(r"^…\n|\n\n", shown[2], flags=re.MULTILINE):
        assert part.strip("\n") in printed


def test_python_in_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    monkeypatch.chdir(tmp_path)
    make_demo_master(tmp_path / "master.mov", faulty=False)
    exec(compile(shown[1], "README", "exec"), {})
    assert capsys.readouterr().out == "pass\n"

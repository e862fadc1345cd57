"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deliverqc.cli import _run

README = (Path(__file__).parents[2] / "README.md").read_text()


@pytest.mark.usefixtures("without_workers")
def test_the_run_in_the_readme_is_a_real_one(
    demo_masters: Path, demo_store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = re.search(r"```\n\$ deliverqc (.*?)\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    monkeypatch.chdir(demo_masters)
    monkeypatch.setenv("DELIVERQC_CACHE_DIR", str(demo_store))
    assert _run(shown[1].split()) == 1
    printed = capsys.readouterr().out
    for part in re.split(r"^…\n|\n\n", shown[2], flags=re.MULTILINE):
        assert part.strip("\n") in printed


def test_python_in_the_readme_runs(
    demo_masters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "master.mov").symlink_to(demo_masters / "good.mov")
    exec(compile(shown[1], "README", "exec"), {})
    assert capsys.readouterr().out == "pass\n"

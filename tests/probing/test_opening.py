"""A master may have any name, in any place, and one function opens it."""

from __future__ import annotations

import ast
import os
import shutil
from pathlib import Path

import pytest

import deliverqc
from deliverqc.cli import _run
from fixtures.ffmpeg import make
from tests.slices import is_drawn

_NAMES = (
    b"ep1:final.wav",
    b"-dash.wav",
    b"a,b%20#.wav",
    b"concat:x.wav",
    b"http:..x.wav",
    b"file:a.wav",
    b"pipe:0.wav",
    b"data:,x.wav",
    b"%s%n{}.wav",
    b"f%04d.wav",
    b"*[1]?.wav",
    b"q'\"`$(x).wav",
    b" lead and trail.wav ",
    b"new\nline.wav",
    b"lat\xe9\xff.wav",
    "\u202e\U0001f600.wav".encode(),
    b"x" * 240 + b".wav",
    b"/".join([b"d" * 60] * 5) + b"/deep.wav",
)


pytestmark = pytest.mark.usefixtures("without_workers")


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("sound") / "tone.wav", "-f lavfi -i sine=f=997:d=1,volume=-40dB -c:a pcm_s24le")


_DRAWN = [name for name in _NAMES if is_drawn(ascii(name), one_in=2)]


@pytest.mark.parametrize("name", _DRAWN, ids=lambda name: ascii(name)[2:30])
def test_a_master_of_any_name_is_judged(
    name: bytes, tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(os.fsdecode(name))
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(tone, tmp_path / path)
    except OSError as refusal:
        pytest.skip(f"this file system has no such name: {refusal}")
    monkeypatch.chdir(tmp_path)
    assert _run(["check", "--spec", "ebu-r128-programme", "--no-cache", "--", str(path)]) == 1
    assert _run(["facts", "--no-cache", "--", str(path)]) == 0
    assert "Error" not in capsys.readouterr().err


def test_nothing_else_opens_masters() -> None:
    package = Path(deliverqc.__file__).parent
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("av.open", "av.container.open"):
                found.add(path.relative_to(package).as_posix())
    assert found == {"probing/opening.py", "demo.py"}  # the demonstration writes

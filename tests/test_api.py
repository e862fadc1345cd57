"""The typed functions give what the command line gives."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import deliverqc
from deliverqc.cli import _run
from deliverqc.errors import MasterError, SpecError, UsageError
from deliverqc.judging.waivers import Waiver
from fixtures.ffmpeg import make


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(
        tmp_path_factory.mktemp("tone") / "tone.wav", "-f lavfi -i sine=f=1000:r=48000 -t 2 -ac 2 -c:a pcm_s24le"
    )


def test_check_gives_the_document_that_the_command_prints(tone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = deliverqc.check(tone, "ebu-r128-programme", as_of=date(2026, 1, 1))
    arguments = ["--spec", "ebu-r128-programme", "--format", "json", "--no-cache", "--as-of", "2026-01-01"]
    assert _run(["check", str(tone), *arguments]) == 1
    assert json.loads(capsys.readouterr().out) == json.loads(deliverqc.render(document, "json"))


def test_measure_then_judge_decides_as_check_does(tone: Path) -> None:
    spec = deliverqc.load_spec("ebu-r128-programme")
    document = deliverqc.judge(deliverqc.measure(tone, spec), spec)
    assert document["decision"] == deliverqc.check(tone, spec)["decision"] == "fail"


def test_probe_gives_headers_and_no_measurement(tone: Path) -> None:
    facts = deliverqc.probe(tone)
    assert facts["wrapper.format"] == "wav"
    assert "decode.errors" not in facts


def test_errors_are_typed(tone: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.wav"
    empty.touch()
    with pytest.raises(MasterError, match="empty"):
        deliverqc.measure(empty)
    with pytest.raises(SpecError, match="ebu-r128-programme"):
        deliverqc.load_spec("ebu-r128-program")
    waiver = Waiver(clause="no-such-clause", reason="-", who="-", until=date(2030, 1, 1))
    with pytest.raises(UsageError, match="no-such-clause"):
        deliverqc.check(tone, "ebu-r128-programme", waivers=[waiver])
    assert deliverqc.check(empty, "ebu-r128-programme")["masters"][0]["error"]["code"] == "empty-file"

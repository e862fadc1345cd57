"""The typed functions give what the command line gives, and a user's type checker sees what they give."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import typing
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import deliverqc
from deliverqc import api, demo
from deliverqc.cli import _run
from deliverqc.errors import MasterError, SpecError, UsageError
from deliverqc.judging.waivers import Waiver
from fixtures.ffmpeg import make
from tests import user_of_the_api

ROOT = Path(__file__).parents[1]
FUNCTIONS = ("check", "judge", "load_spec", "measure", "probe", "render")
DAY = date(2026, 1, 1)
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
WRONG = """import deliverqc

document = deliverqc.check("master.mov", 16)
document.verdict
document.decision = deliverqc.Decision.PASS
length: int = document.masters[0].name
deliverqc.render(document, html=True)
"""


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(
        tmp_path_factory.mktemp("tone") / "tone.wav", "-f lavfi -i sine=f=1000:r=48000 -t 2 -ac 2 -c:a pcm_s24le"
    )


def test_check_gives_the_document_that_the_command_prints(tone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = deliverqc.check(tone, "ebu-r128-programme", as_of=DAY)
    arguments = ["--spec", "ebu-r128-programme", "--format", "json", "--no-cache", "--as-of", "2026-01-01"]
    assert _run(["check", str(tone), *arguments]) == 1
    printed = capsys.readouterr().out
    assert json.loads(printed) == document.to_document()
    assert deliverqc.render(document, "json") == deliverqc.render(document.to_document(), "json") == printed


def test_measure_gives_the_document_that_the_command_prints(tone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["facts", str(tone), "--no-cache"]) == 0
    assert json.loads(capsys.readouterr().out) == deliverqc.measure(tone).to_document()


def test_measure_then_judge_decides_as_check_does(tone: Path) -> None:
    spec = deliverqc.load_spec("ebu-r128-programme")
    facts = deliverqc.measure(tone, spec)
    document = deliverqc.judge(facts, spec, as_of=DAY)
    assert document["decision"] == document.decision == deliverqc.check(tone, spec).decision == "fail"
    assert deliverqc.judge(facts.to_document(), spec, as_of=DAY) == document


def test_probe_gives_headers_and_no_measurement(tone: Path) -> None:
    facts = deliverqc.probe(tone)
    assert facts["wrapper.format"] == facts.facts["wrapper.format"] == "wav"
    assert "decode.errors" not in facts
    assert deliverqc.judge(facts, deliverqc.load_spec("ebu-r128-programme")).decision is deliverqc.Decision.INCOMPLETE


def test_errors_are_typed(tone: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.wav"
    empty.touch()
    with pytest.raises(MasterError, match="empty"):
        deliverqc.measure(empty)
    with pytest.raises(UsageError, match=r"no\.wav"):
        deliverqc.check(tmp_path / "no.wav", "ebu-r128-programme")
    with pytest.raises(SpecError, match="ebu-r128-programme"):
        deliverqc.load_spec("ebu-r128-program")
    waiver = Waiver(clause="no-such-clause", reason="-", who="-", until=date(2030, 1, 1))
    with pytest.raises(UsageError, match="no-such-clause"):
        deliverqc.check(tone, "ebu-r128-programme", waivers=[waiver])
    assert deliverqc.check(empty, "ebu-r128-programme")["masters"][0]["error"]["code"] == "empty-file"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda path, spec: deliverqc.check(path, spec, tier="quick"), "tier is 'quick'. Use one of: headers, full"),
        (lambda path, spec: deliverqc.check(path, spec, fail_on="may"), "fail_on is 'may'. Use one of: shall, should"),
        (lambda path, spec: deliverqc.check(path, spec, expectations={"sound.layout": {1}}), "expectations"),
        (lambda path, spec: deliverqc.judge([], spec), "facts are not a JSON object: list is not an object"),
        (lambda path, spec: deliverqc.judge({"a": float("nan")}, spec), "facts are not a JSON object"),
        (lambda path, spec: deliverqc.render({"schema_version": 1}, "text"), "tool is missing"),
        (lambda path, spec: deliverqc.render({}, "text"), "schema_version is None"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(tone: Path, call: Any, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        call(tone, deliverqc.load_spec("ebu-r128-programme"))


def test_a_spec_is_named_by_id_path_or_itself(tone: Path) -> None:
    spec = deliverqc.load_spec("ebu-r128-programme")
    choices = [spec.id, Path(spec.origin), spec]
    documents = [deliverqc.check(tone, choice, tier="headers", as_of=DAY) for choice in choices]
    assert documents[0] == documents[1] == documents[2]


def test_threads_that_check_at_once_give_what_they_give_alone(tmp_path: Path) -> None:
    clean = make(tmp_path / "clean.flac", "-f lavfi -i anoisesrc=r=48000:seed=1 -t 60 -c:a flac")
    masters = [clean]
    for step in (20_000, 30_000):
        data = bytearray(clean.read_bytes())
        for at in range(60_000, len(data) - 1_000, step):
            data[at : at + 40] = b"\xff" * 40
        masters.append(tmp_path / f"damaged every {step} bytes.flac")
        masters[-1].write_bytes(data)

    def document_of(master: Path) -> dict[str, Any]:
        return deliverqc.check(master, "ebu-r128-programme", as_of=DAY).to_document()

    alone = [document_of(master) for master in masters]
    facts = [one["masters"][0]["subjects"][0]["verdicts"][0]["facts"] for one in alone]
    assert ["decode.warnings" in one and bool(one["decode.errors"]) for one in facts] == [False, True, True]
    with ThreadPoolExecutor(len(masters)) as pool:
        assert list(pool.map(document_of, masters)) == alone


def test_a_progress_callback_cannot_read_another_master(tone: Path) -> None:
    def read_another(stage: str, done_s: float, total_s: float | None) -> None:
        deliverqc.probe(tone)

    with pytest.raises(UsageError, match="not from its progress callback"):
        deliverqc.check(tone, "ebu-r128-programme", progress=read_another)
    assert deliverqc.probe(tone)["wrapper.format"] == "wav"


def test_importing_deliverqc_loads_no_decoder() -> None:
    program = "import sys, deliverqc; print(len(dir(deliverqc)), *sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"av", "numpy", "cv2", "click", "jsonschema", "deliverqc.api", "dataclasses"} & set(loaded)


def test_every_exported_name_is_what_it_is_called() -> None:
    aliases = {"PathText", "Progress", "SpecChoice", "__version__"}
    for name in set(deliverqc.__all__) - aliases:
        assert getattr(deliverqc, name).__name__ == name
    assert set(deliverqc.__all__) <= set(dir(deliverqc))
    with pytest.raises(AttributeError, match="no_such_name"):
        deliverqc.no_such_name  # noqa: B018


def _named(hint: Any) -> set[str]:
    """Names of our own classes in an annotation."""
    inner = [name for one in typing.get_args(hint) for name in _named(one)]
    is_ours = isinstance(hint, type) and hint.__module__.startswith("deliverqc")
    return {*inner, *([hint.__name__] if is_ours else [])}


def test_every_class_that_a_signature_or_a_document_names_is_exported() -> None:
    local = {"Waiver": Waiver, "Store": deliverqc.Store}
    hints = [hint for name in FUNCTIONS for hint in typing.get_type_hints(getattr(api, name), localns=local).values()]
    named = {name for hint in hints for name in _named(hint)}
    assert {"VerdictDocument", "Spec", "Family", "Waiver", "Store", "Level"} <= named
    found = {getattr(deliverqc, name) for name in named}
    while found:
        one = found.pop()
        if is_dataclass(one) and one.__module__ == "deliverqc.documents":
            inner = {name for hint in typing.get_type_hints(one).values() for name in _named(hint)} - named
            named |= inner
            found |= {getattr(deliverqc, name) for name in inner}
    assert named <= set(deliverqc.__all__)
    assert all(fields(getattr(deliverqc, name)) for name in named if name.endswith("Entry"))


def test_every_exported_name_stands_on_the_page_and_in_the_users_program() -> None:
    program = Path(user_of_the_api.__file__).read_text(encoding="utf-8")
    for name in set(deliverqc.__all__) - {"__version__"}:
        assert f"`{name}" in PAGE, name
        assert re.search(rf"\b{name}\b", program), name


def test_the_users_program_runs(demo_masters: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = user_of_the_api.main(demo_masters / "faulty.mov", tmp_path)
    printed = capsys.readouterr().out
    assert document.decision is deliverqc.Decision.FAIL
    assert "interior-black (shall)" in printed
    assert "waived by the client" in printed
    assert "the spec: there is no spec 'no-such-spec'" in printed
    assert "the question: There is no file" in printed
    assert (tmp_path / "report.html").stat().st_size > 1_000


def test_the_examples_on_the_page_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    demo.write_master(tmp_path / "master.mov", replace(demo.GOOD, frame_count=40, black=((0, 6), (34, 40))))
    *alone, with_processes = BLOCKS
    printed = []
    for block in alone:
        exec(compile(block, "python.md", "exec"), {})
        printed.append(capsys.readouterr().out.splitlines())
    (tmp_path / "page.py").write_text(with_processes)
    printed.append(subprocess.check_output([sys.executable, "page.py"], text=True).splitlines())
    assert [lines[:1] for lines in printed] == [["pass"], ["prores"], [printed[2][0]], ["incomplete incomplete"]]
    assert printed[2][0].startswith("no-such-file There is no file")
    assert (tmp_path / "report.html").stat().st_size > 1_000


@pytest.fixture
def users_folder(tmp_path: Path) -> Path:
    """A folder of a user with a program that is right and one that is wrong."""
    shutil.copy(user_of_the_api.__file__, tmp_path / "right.py")
    (tmp_path / "wrong.py").write_text(WRONG)
    for number, block in enumerate(BLOCKS):
        (tmp_path / f"page_{number}.py").write_text(block)
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT)], "reportUnusedExpression": False}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    return tmp_path


@pytest.mark.parametrize(
    "checker",
    [
        pytest.param(["mypy", "--strict", "--follow-imports=silent", "--cache-dir=cache"], id="mypy"),
        pytest.param(["pyright", "--pythonpath", sys.executable], id="pyright"),
    ],
)
def test_type_checkers_accept_a_right_program_and_see_what_is_wrong(users_folder: Path, checker: list[str]) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", *checker, *sorted(path.name for path in users_folder.glob("*.py"))],
        cwd=users_folder,
        env=os.environ | {"MYPYPATH": str(ROOT), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = finished.stdout + finished.stderr
    found = re.findall(r"(\w+)\.py:(\d+)(?::\d+)?(?: -)?:? error", said)
    assert {(name, int(line)) for name, line in found} == {("wrong", line) for line in range(3, 8)}, said

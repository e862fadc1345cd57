"""The private spec repository in the docs works when it is copied: its lint, its examples, its lock, its tests, and
what its CI runs."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from deliverqc.cli import _run
from tests.spec_files import ship_only_ours

DOCS = Path(__file__).parents[2] / "docs"
REPOSITORY = DOCS / "spec-repository"
PAGE = (DOCS / "testing-your-specs.md").read_text(encoding="utf-8")
STEPS = {
    ".github/workflows/specs.yml": r"^      - run: (.+)$",
    ".gitlab-ci.yml": r"^    - (.+)$",
}


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the repository, which is the current folder."""
    ship_only_ours(monkeypatch, tmp_path / "shipped")
    place = shutil.copytree(REPOSITORY, tmp_path / "acme", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(place)
    return place


def steps(name: str) -> list[str]:
    """The commands of a CI file, in their order."""
    return re.findall(STEPS[name], (REPOSITORY / name).read_text(encoding="utf-8"), re.MULTILINE)


def test_both_ci_files_run_the_same_commands() -> None:
    ours, theirs = (steps(name) for name in STEPS)
    assert ours == theirs
    assert ours[0] == "pip install -r requirements.txt" and ours[-1] == "pytest tests"


def test_what_the_ci_runs_succeeds_in_a_copy(copy: Path) -> None:
    before = (copy / "specs.lock").read_bytes()
    for step in steps(".gitlab-ci.yml"):
        program, *arguments = step.split()
        if program == "deliverqc":
            assert _run(arguments) == 0, step
    assert (copy / "specs.lock").read_bytes() == before  # what `git diff --exit-code` asks


def test_its_tests_pass_in_a_copy(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    code = pytest.main(["tests", "-q", "-s", "-p", "no:cacheprovider", f"--rootdir={copy}", "-c", "/dev/null"])
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(copy)):
            del sys.modules[name]
    assert code == pytest.ExitCode.OK


def test_its_tests_fail_where_a_spec_is_loosened_without_a_new_lock(copy: Path) -> None:
    spec = copy / "specs" / "acme-review.json"
    spec.write_text(spec.read_text(encoding="utf-8").replace('"maximum": 1}', '"maximum": 9}'), encoding="utf-8")
    assert _run(["spec", "test", "specs"]) == 2
    assert _run(["check", "tests/test_clauses.py", "--spec", "acme", "--spec-path", "specs", "--locked"]) == 2


def test_the_page_shows_every_file_of_the_repository() -> None:
    files = [path.relative_to(REPOSITORY) for path in REPOSITORY.rglob("*") if path.is_file()]
    for file in files:
        if "__pycache__" not in file.parts:
            assert file.name in PAGE, file


def test_the_page_names_everything_of_the_test_kit() -> None:
    from deliverqc import testing

    for name in testing.__all__:
        assert f"`{name}" in PAGE, name


def test_python_on_the_page_runs(copy: Path, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert blocks
    for block in blocks:
        scope: dict[str, object] = {"tmp_path": tmp_path}
        exec(compile(block, "testing-your-specs.md", "exec"), scope)

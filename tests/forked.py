"""Runs commands in processes of their own without the start of Python: a server that has imported what commands import
forks one for each. For tests of what a process of its own is needed for, but for nothing of how it starts; masters are
checked in that process and not in workers of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_IMPORTED_AHEAD = (
    "cv2",
    "jsonschema",
    "numpy",
    "deliverqc.batch.run",
    "deliverqc.measuring.readings",
    "deliverqc.pipeline",
    "deliverqc.probing.structure",
    "deliverqc.probing.trust",
    "deliverqc.signals.parts",
    "tests.in_process",
)


class Server:
    """The process that forks."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(
        self, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], modules: Path
    ) -> subprocess.CompletedProcess[str]:
        """Run one command in `folder` with the modules and distributions of the folder `modules`."""
        with tempfile.TemporaryDirectory() as said:
            out, err = Path(said, "out"), Path(said, "err")
            asked = {
                "arguments": list(arguments),
                "folder": str(folder),
                "environment": dict(environment),
                "modules": str(modules),
                "streams": [str(out), str(err)],
            }
            assert self._process.stdin is not None and self._process.stdout is not None
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            code = int(self._process.stdout.readline())
            return subprocess.CompletedProcess(arguments, code, out.read_text("utf-8"), err.read_text("utf-8"))


@contextmanager
def server() -> Iterator[Server]:
    """A server for the time of the context."""
    command = [sys.executable, "-m", "tests.forked"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield Server(process)


def _command(asked: dict[str, Any]) -> int:
    from deliverqc.cli import _run
    from tests.in_process import workers_here

    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.path.insert(0, asked["modules"])
    for number, path in enumerate(asked["streams"], start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    try:
        with workers_here():
            return _run(asked["arguments"])
    except BaseException:  # noqa: BLE001  as Python does at its end
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _serve() -> None:
    for module in _IMPORTED_AHEAD:
        __import__(module)
    from deliverqc.speclang import load

    for path in load.json_files(load.shipped_folder()):
        load._read(path)
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os._exit(_command(json.loads(line)))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers, flush=True)


if __name__ == "__main__":
    _serve()

"""The headers tier on a package of 200 track files, and its hashing next to sha1sum.

Run it from a checkout: python -m benchmarks.packages [--runs 5] [--megabytes 400]. The headers tier is a whole process
that decodes and hashes nothing. The hashing is that of a check, in this process, over the files of a package; it is
compared with sha1sum on the same files in turns, by wall time and by the processor time that each used. Packages are
made in a temporary folder and removed.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.timing import interleaved, machine, ours, report
from deliverqc.packages import hash_files
from fixtures.packages import make_dcp

TRACK_FILES = 200
_CHUNK_BYTES = 1 << 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=400)
    chosen = parser.parse_args()
    machine()
    with tempfile.TemporaryDirectory() as folder:
        dcp = make_dcp(Path(folder) / "dcp", reels=TRACK_FILES // 2)
        command = ours("check", str(dcp.folder), "--spec", "dcp-smpte", "--tier", "headers", "--format", "json")
        report(interleaved({f"headers of {TRACK_FILES} track files": command}, runs=chosen.runs))
        _hashing(Path(folder), chosen.megabytes, chosen.runs)


def _hashing(folder: Path, megabytes: int, runs: int) -> None:
    files = [folder / f"{number}.mxf" for number in range(4)]
    for file in files:
        with file.open("wb") as opened:
            for _ in range(megabytes // len(files)):
                opened.write(os.urandom(_CHUNK_BYTES))
    asked: dict[str, Callable[[], object]] = {
        "hash_files": lambda: hash_files(files),
        "sha1sum": lambda: subprocess.run(["sha1sum", *map(str, files)], capture_output=True, check=True),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in asked}
    for _ in range(runs):
        for name, work in asked.items():
            taken[name].append(_timed(work))
    for name, values in taken.items():
        wall, busy = (statistics.median(one) for one in zip(*values, strict=True))
        print(f"{name:<28} {megabytes / wall:7.0f} MiB/s   {megabytes / busy:7.0f} MiB per processor second")
    ratio = _median(taken["sha1sum"], 1) / _median(taken["hash_files"], 1)
    print(f"hash_files takes {1 / ratio:.2f} of the processor time of sha1sum")


def _median(values: Sequence[tuple[float, float]], place: int) -> float:
    return statistics.median(value[place] for value in values)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall time and processor time, that of a child included."""
    wall, busy = time.perf_counter(), _busy()
    work()
    return time.perf_counter() - wall, _busy() - busy


def _busy() -> float:
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in found)


if __name__ == "__main__":
    main()

"""The headers tier on packages of 200 track files, a DCP and an IMF package, and hashing next to sha1sum.

Run it from a checkout: python -m benchmarks.packages [--runs 5] [--megabytes 400]. The headers tier decodes and hashes
nothing. It is timed as a whole process, and in this process after a small package was checked, by processor time: what
starting takes is not in it, and MediaInfo, which reads in a process of its own, is apart. The hashing is that of a
check, in this process, over the files of a package; it is compared with sha1sum on the same files in turns, by wall
time and by the processor time that each used. Packages are made in a temporary folder and removed.
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

import deliverqc
from benchmarks.timing import interleaved, machine, ours, report
from deliverqc.packages import hash_files
from fixtures.imf import FRAMES, make_imp
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
        large, small = _packages(Path(folder), TRACK_FILES // 2), _packages(Path(folder), 1)
        report(
            interleaved(
                {
                    f"{spec}, {TRACK_FILES} track files": ours(
                        "check", str(large[spec]), "--spec", spec, "--tier", "headers", "--format", "json"
                    )
                    for spec in large
                },
                runs=chosen.runs,
            )
        )
        for spec in large:
            _after_starting(spec, small[spec], large[spec], chosen.runs)
        _hashing(Path(folder), chosen.megabytes, chosen.runs)


def _packages(folder: Path, reels: int) -> dict[str, Path]:
    """A DCP and an IMF package with two track files a reel or segment, by the spec that they are held to."""
    dcp = make_dcp(folder / f"dcp_{reels}", reels=reels)
    imp = make_imp(folder / f"imp_{reels}", segments=((0, FRAMES, 1),) * reels)
    return {"dcp-smpte": dcp.folder, "imf-app2e": imp.folder}


def _after_starting(spec: str, small: Path, large: Path, runs: int) -> None:
    """Print the least processor time of the headers tier, of this process and of MediaInfo's."""
    deliverqc.check(small, spec, tier="headers")
    taken = []
    for _ in range(runs):
        before = _busy(resource.RUSAGE_SELF), _busy(resource.RUSAGE_CHILDREN)
        deliverqc.check(large, spec, tier="headers")
        taken.append((_busy(resource.RUSAGE_SELF) - before[0], _busy(resource.RUSAGE_CHILDREN) - before[1]))
    own, others = (min(one) for one in zip(*taken, strict=True))
    print(f"{spec}, after starting: {own:.2f} s of processor time, and {others:.2f} s of MediaInfo")


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
    everyone = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    wall, busy = time.perf_counter(), _busy(*everyone)
    work()
    return time.perf_counter() - wall, _busy(*everyone) - busy


def _busy(*whose: int) -> float:
    """Processor time so far, user and system."""
    found = [resource.getrusage(who) for who in whose]
    return sum(one.ru_utime + one.ru_stime for one in found)


if __name__ == "__main__":
    main()

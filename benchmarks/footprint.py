"""What a check needs beside time: peak memory at one and at ten minutes, what is stored, and what the first run costs.

Run it from a checkout: python -m benchmarks.footprint [--runs 5]. Masters are made in a temporary folder and removed.
The first run is one whose Python files were never compiled (an empty PYTHONPYCACHEPREFIX), as after an installation.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.full_check import master_of
from benchmarks.timing import machine, ours
from deliverqc import demo

_HOUR_S = 3600
_SETS: tuple[tuple[str, list[str]], ...] = (("core", []), ("--all", ["--all"]))


def peak_mib(command: list[str]) -> float:
    """The most memory that a command's process held, in MiB."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return usage.ru_maxrss / 1024


def seconds_of(command: list[str], environment: dict[str, str]) -> float:
    """Wall seconds of a command; exit codes 0, 1 and 3 are fine."""
    started = time.perf_counter()
    finished = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if finished.returncode not in (0, 1, 3):
        raise RuntimeError(finished.stderr.decode()[-500:])
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    machine()
    specs = ["--spec", "ebu-r128-programme", "--spec", "netflix-licensed-prores", "--format", "json"]
    for minutes, sets in ((1, _SETS), (10, _SETS[:1])):
        with tempfile.TemporaryDirectory() as folder:
            master = master_of(Path(folder), "hd", 60 * minutes)
            for name, options in sets:
                store = Path(folder) / f"store {name}"
                os.environ["DELIVERQC_CACHE_DIR"] = str(store)
                mib = peak_mib(ours("check", str(master), *specs, *options))
                held = sum(path.stat().st_size for path in store.rglob("*.npz"))
                per_hour = held / (60 * minutes) * _HOUR_S / 1e6
                print(f"{minutes:>2} min, {name}: peak {mib:.0f} MiB, stored {per_hour:.0f} MB an hour")
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.mov"
        demo.write_master(small, demo.GOOD)
        first, second = [], []
        for run in range(chosen.runs):
            environment = os.environ | {"PYTHONPYCACHEPREFIX": f"{folder}/compiled{run}"}
            command = ours("check", str(small), *specs, "--all", "--no-cache")
            first.append(seconds_of(command, environment))
            second.append(seconds_of(command, environment))
        cost = statistics.median(first) - statistics.median(second)
        print(
            f"first run {statistics.median(first):.2f} s, second {statistics.median(second):.2f} s: {cost:.2f} s more"
        )


if __name__ == "__main__":
    main()

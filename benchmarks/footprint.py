"""What a check needs beside time: peak memory at two lengths, what is stored, and what the first run costs.

Run it from a checkout: python -m benchmarks.footprint [--runs 5] [--minutes 3 30]. Masters are made in a temporary
folder and removed. They are H.264 of 1080p with 5.1, of a moving test picture, so that half an hour of them is small
and is soon decoded; what memory holds depends on the number of frames and on their size.
The first run is one whose Python files were never compiled (an empty PYTHONPYCACHEPREFIX), as after an installation.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import machine, ours
from deliverqc import demo
from fixtures.ffmpeg import make

_HOUR_S = 3600
_SETS: tuple[tuple[str, tuple[str, ...]], ...] = (("core", ()), ("--all", ("--all",)))
_SPECS = ("--spec", "ebu-r128-programme", "--spec", "netflix-licensed-prores", "--format", "json")
_SHORT_S = 20
_RECIPE = (
    "-f lavfi -i testsrc2=s=1920x1080:r=25 -f lavfi -i anoisesrc=r=48000:a=0.1:seed=1 -t {seconds} "
    "-filter_complex [1:a]pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0[a] -map 0:v -map [a] "
    "-c:v libx264 -preset ultrafast -b:v 500k -pix_fmt yuv420p -c:a pcm_s16le -timecode 01:00:00:00"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Footprint:
    """The most memory that a check held, and what an hour of the master takes in the store."""

    peak_mib: float
    stored_mb_an_hour: float


def of_length(folder: Path, minutes: int, options: Sequence[str]) -> Footprint:
    """The footprint of a master of so many minutes; the worker that reads it counts too."""
    short = make(folder / "short.mov", _RECIPE.format(seconds=_SHORT_S))
    loops = minutes * 60 // _SHORT_S - 1
    master = make(folder / "long.mov", f"-stream_loop {loops} -i {short} -map 0:v -map 0:a -c copy")
    with tempfile.TemporaryDirectory(dir=folder) as store:
        os.environ["DELIVERQC_CACHE_DIR"] = store
        mib = peak_mib(ours("check", str(master), *_SPECS, *options))
        held = sum(path.stat().st_size for path in Path(store).rglob("*.npz"))
    short.unlink()
    master.unlink()
    return Footprint(peak_mib=mib, stored_mb_an_hour=held / (60 * minutes) * _HOUR_S / 1e6)


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
    parser.add_argument("--minutes", type=int, nargs="+", default=(3, 30))
    chosen = parser.parse_args()
    machine()
    for minutes in chosen.minutes:
        with tempfile.TemporaryDirectory() as folder:
            for name, options in _SETS:
                found = of_length(Path(folder), minutes, options)
                print(
                    f"{minutes:>2} min, {name}: peak {found.peak_mib:.0f} MiB, "
                    f"stored {found.stored_mb_an_hour:.0f} MB an hour"
                )
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.mov"
        demo.write_master(small, demo.GOOD)
        first, second = [], []
        for run in range(chosen.runs):
            environment = os.environ | {"PYTHONPYCACHEPREFIX": f"{folder}/compiled{run}"}
            command = ours("check", str(small), *_SPECS, "--all", "--no-cache")
            first.append(seconds_of(command, environment))
            second.append(seconds_of(command, environment))
        cost = statistics.median(first) - statistics.median(second)
        print(
            f"first run {statistics.median(first):.2f} s, second {statistics.median(second):.2f} s: {cost:.2f} s more"
        )


if __name__ == "__main__":
    main()

"""What a check needs beside time: peak memory at two lengths, what is stored, and what the first run costs.

Run it from a checkout: python -m benchmarks.footprint [--runs 5] [--minutes 3 30] [--codings h264 prores]. Masters are
made in a temporary folder and removed. They are 1080p with 5.1, of a moving test picture: H.264 with B pictures, of
which half an hour is small and is soon decoded, and ProRes 422 HQ, of which a minute takes 540 MB. What memory holds
depends on the number of frames, on their size, and on how many of them the decoder keeps.
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
from itertools import product
from pathlib import Path

from benchmarks.timing import machine, ours
from deliverqc import demo
from fixtures.ffmpeg import make

_HOUR_S = 3600
_SETS: tuple[tuple[str, tuple[str, ...]], ...] = (("core", ()), ("all", ("--all",)))
_SPECS = ("--spec", "ebu-r128-programme", "--spec", "netflix-licensed-prores", "--format", "json")
_SHORT_S = 20
_CODINGS = {
    "h264": "libx264 -preset ultrafast -bf 3 -refs 4 -g 100 -b:v 500k -pix_fmt yuv420p",
    "prores": "prores_ks -profile:v hq -pix_fmt yuv422p10le",
}
_RECIPE = (
    "-f lavfi -i testsrc2=s=1920x1080:r=25 -f lavfi -i anoisesrc=r=48000:a=0.1:seed=1 -t {seconds} "
    "-filter_complex [1:a]pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0[a] -map 0:v -map [a] "
    "-c:v {coding} -c:a pcm_s16le -timecode 01:00:00:00"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Footprint:
    """The most memory that a check held, and what an hour of the master takes in the store."""

    peak_mib: float
    stored_mb_an_hour: float


def of_length(folder: Path, minutes: int, options: Sequence[str], coding: str = "h264") -> Footprint:
    """The footprint of a master of so many minutes; the worker that reads it counts too."""
    short = make(folder / "short.mov", _RECIPE.format(seconds=_SHORT_S, coding=_CODINGS[coding]))
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
    parser.add_argument("--codings", nargs="+", choices=tuple(_CODINGS), default=tuple(_CODINGS))
    parser.add_argument("--sets", nargs="+", choices=[name for name, _ in _SETS], default=[name for name, _ in _SETS])
    chosen = parser.parse_args()
    machine()
    for coding, minutes, (name, options) in product(chosen.codings, chosen.minutes, _SETS):
        if name not in chosen.sets:
            continue
        with tempfile.TemporaryDirectory() as folder:
            found = of_length(Path(folder), minutes, options, coding)
        print(
            f"{coding}, {minutes:>2} min, {name}: peak {found.peak_mib:.0f} MiB, "
            f"stored {found.stored_mb_an_hour:.0f} MB an hour",
            flush=True,
        )
    if chosen.runs:
        first_run(chosen.runs)


def first_run(runs: int) -> None:
    """Print what the first run after an installation costs beyond the second."""
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.mov"
        demo.write_master(small, demo.GOOD)
        first, second = [], []
        for run in range(runs):
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

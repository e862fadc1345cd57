"""Times commands as whole processes, interleaved, and prints medians and ratios; knows nothing of what they do."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path


def peers() -> dict[str, str]:
    """The ffmpeg programs to compare with: the system's, and imageio-ffmpeg's binary."""
    found = {}
    system = shutil.which("ffmpeg")
    if system:
        found["ffmpeg (system)"] = system
    try:
        import imageio_ffmpeg

        found["ffmpeg (imageio)"] = str(imageio_ffmpeg.get_ffmpeg_exe())
    except ImportError:
        pass
    return found


def interleaved(commands: Mapping[str, Sequence[str]], *, runs: int, warm_up: int = 1) -> dict[str, list[float]]:
    """Wall seconds of each command over `runs`, in turn, after `warm_up` runs that do not count. Exit codes 0, 1 and 3
    are fine."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for run in range(-warm_up, runs):
        for name, command in commands.items():
            started = time.perf_counter()
            finished = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
            elapsed = time.perf_counter() - started
            if finished.returncode not in (0, 1, 3):
                raise RuntimeError(f"{name} ended with {finished.returncode}: {finished.stderr.decode()[-500:]}")
            if run >= 0:
                seconds[name].append(elapsed)
    return seconds


def report(seconds: Mapping[str, Sequence[float]], *, against: Sequence[str] = ()) -> None:
    """Print the median, least and most of each, and its ratio to the fastest of `against`."""
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    bound = min((medians[name] for name in against), default=None)
    for name, values in seconds.items():
        ratio = "" if bound is None else f"   {medians[name] / bound:5.2f} of the faster peer"
        print(f"{name:<28} median {medians[name]:7.3f} s   {min(values):.3f} to {max(values):.3f}{ratio}")


def machine() -> None:
    """Print what the figures were taken on."""
    rows = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((row.split(":")[1].strip() for row in rows if row.startswith("model name")), platform.processor())
    print(
        f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}, av {version('av')}, "
        f"{platform.platform()}"
    )
    for name, program in peers().items():
        line = subprocess.run([program, "-version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
        print(f"{name}: {line.split(' Copyright')[0]}")


def ours(*arguments: str) -> list[str]:
    """The command line of this deliverqc."""
    return [sys.executable, "-m", "deliverqc", *arguments]

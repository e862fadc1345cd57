"""What several cores give: two against one on a master that decodes almost for nothing, and a model for more.

Run it from a checkout: python -m benchmarks.scaling [--seconds 20] [--runs 5] [--frames 100]. The master is
uncompressed 1080p of 10 bits and 4:2:2, made in a temporary folder and removed; `taskset` holds the check to its
cores (Linux).

The model: a frame cannot be done sooner than what one thread does in turn (feeding the decoder and putting rows in
order), nor than the work of all divided by the cores. The decoder of uncompressed frames has one thread. Shares of
caches and of memory are not in it, so it says the most that can be hoped for.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2

from benchmarks.timing import interleaved, machine, ours, report
from deliverqc.signals.columns import Colorimetry
from deliverqc.signals.on_demand import PICTURE_EXTENSIONS, picture_readers
from deliverqc.signals.picture.accumulator import PictureAccumulator
from deliverqc.signals.picture.in_order import MOST_THREADS
from fixtures.ffmpeg import make

_RECIPE = (
    "-f lavfi -i testsrc2=s=1920x1080:r=25,noise=alls=12:allf=t -t {seconds} -c:v v210 -pix_fmt yuv422p10le "
    "-colorspace bt709 -color_trc bt709 -color_primaries bt709"
)
_BT709 = Colorimetry(primaries="bt709", transfer="bt709", matrix="bt709")
_SHORT_S = 1
CORES = (1, 2, 4, 8, 16)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """Processor milliseconds of a frame: decoding, reading its row, and keeping it, which is done in turn."""

    decoding: float
    reading: float
    keeping: float

    def frame_ms(self, cores: int) -> float:
        """The least wall time of a frame on so many cores, by the model of this module."""
        if cores == 1:
            return self.decoding + self.reading + self.keeping
        threads = min(cores, MOST_THREADS)
        everything = (self.decoding + self.reading + self.keeping) / cores
        return max(everything, self.decoding, self.keeping, (self.reading + self.keeping) / threads)


def uncompressed(folder: Path, seconds: int) -> Path:
    """Write the master; one second of it is made, and repeated without encoding."""
    short = make(folder / "uncompressed-short.mov", _RECIPE.format(seconds=_SHORT_S))
    master = folder / "uncompressed.mov"
    make(master, f"-stream_loop {seconds // _SHORT_S - 1} -i {short} -map 0:v -c copy")
    short.unlink()
    return master


def on_cores(master: Path, cores: int, options: tuple[str, ...]) -> list[str]:
    """The command that checks a master on the first `cores` that this process may use."""
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    if len(allowed) < cores:
        raise SystemExit(f"{cores} cores are asked for, and this process may use {len(allowed)}")
    pinned = ["taskset", "-c", ",".join(map(str, allowed))]
    return [*pinned, *ours("check", str(master), "--spec", "ebu-r128-programme", "--no-cache", *options)]


def two_against_one(master: Path, runs: int, options: tuple[str, ...] = ()) -> float:
    """Wall time on two cores, of that on one."""
    seconds = interleaved({f"{cores} cores": on_cores(master, cores, options) for cores in (1, 2)}, runs=runs)
    report(seconds)
    return statistics.median(seconds["2 cores"]) / statistics.median(seconds["1 cores"])


def parts_of(master: Path, extensions: tuple[str, ...], frame_count: int) -> Parts:
    """The parts of a frame, each measured alone in one thread."""
    cv2.setNumThreads(1)  # as a decode does
    with av.open(str(master)) as container:
        decoded = container.decode(video=0)
        frames = [next(decoded) for _ in range(25)]
        started = time.process_time()
        count = sum(1 for _ in decoded)
        decoding = (time.process_time() - started) / max(1, count)
    timed = _Timed(frame_rate=Fraction(25), extensions=picture_readers(extensions, _BT709))
    for number in range(frame_count):
        timed.feed(frames[number % len(frames)], number / 25)
    timed.finish()
    return Parts(
        decoding=1000 * decoding,
        reading=1000 * timed.reading_s / frame_count,
        keeping=1000 * timed.keeping_s / frame_count,
    )


class _Timed(PictureAccumulator):
    """Says what reading and keeping rows took, of processor time."""

    reading_s = 0.0
    keeping_s = 0.0

    def _read(self, *arguments: Any) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ANN401
        started = time.process_time()
        row = super()._read(*arguments)
        self.reading_s += time.process_time() - started
        return row

    def _keep(self, *arguments: Any) -> None:  # noqa: ANN401
        started = time.process_time()
        super()._keep(*arguments)
        self.keeping_s += time.process_time() - started


def print_model(name: str, parts: Parts) -> None:
    """The parts, and frames a second on each number of CORES."""
    each = f"decoding {parts.decoding:.2f}, reading rows {parts.reading:.2f}, in turn {parts.keeping:.2f}"
    print(f"{name}: {each} ms a frame")
    rates = ", ".join(f"{cores} cores {1000 / parts.frame_ms(cores):.0f}" for cores in CORES)
    print(f"{name}, by the model, frames a second at most: {rates}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--frames", type=int, default=100)
    chosen = parser.parse_args()
    machine()
    with tempfile.TemporaryDirectory() as folder:
        master = uncompressed(Path(folder), chosen.seconds)
        print_model("core set", parts_of(master, (), chosen.frames))
        print_model("everything", parts_of(master, PICTURE_EXTENSIONS, chosen.frames))
        for name, options in (("core set", ()), ("everything", ("--all",))):
            print(f"{name}: two cores take {two_against_one(master, chosen.runs, options):.2f} of the time of one")


if __name__ == "__main__":
    main()

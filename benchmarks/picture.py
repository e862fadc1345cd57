"""Processor time of each picture kernel on a 1080p frame of 10-bit 4:2:2, beside decoding one of ProRes 422 HQ.

Run it from a checkout: python -m benchmarks.picture [--frames 100] [--runs 5]. The master is made in a temporary folder
and removed. Figures are processor time of this process, threads together, so they hold on a busy machine too.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
from av.container import InputContainer

from benchmarks.full_check import KINDS, RECIPE
from benchmarks.timing import machine
from deliverqc.signals.picture import accumulator as picture
from deliverqc.signals.picture import luma
from deliverqc.signals.picture.accumulator import PictureAccumulator
from deliverqc.signals.picture.luma import LumaReader
from deliverqc.signals.picture.planes import planes_of, shape_of
from fixtures.ffmpeg import make

_DEPTH = 10


def per_call_ms(work: Callable[[], object], calls: int, runs: int) -> float:
    """Median over `runs` of the processor time of one call."""
    work()
    taken = []
    for _ in range(runs):
        started = time.process_time()
        for _ in range(calls):
            work()
        taken.append((time.process_time() - started) / calls * 1000)
    return statistics.median(taken)


def kernels(frames: list[av.VideoFrame]) -> dict[str, Callable[[], object]]:
    """Each kernel as one call on the last of three frames."""
    shape = shape_of(frames[0])
    first, second, third = (planes_of(frame, shape) for frame in frames)
    reader = LumaReader(bit_depth_bits=_DEPTH)
    histogram = luma.histogram_of(third.luma, _DEPTH)
    return {
        "planes": lambda: planes_of(frames[2], shape),
        "luma: histogram": lambda: luma.histogram_of(third.luma, _DEPTH),
        "luma: histogram, differences, combing": lambda: reader.read(third.luma, second.luma, first.luma),
        "bars": lambda: luma.bars(third.luma, shape.black_code, shape.white_code),
        "levels of chroma": lambda: picture.levels(third, histogram, _DEPTH),
        "differences of chroma": lambda: [
            luma.mean_difference(now, then)
            for now, then in zip(third.components[1:], second.components[1:], strict=True)
        ],
    }


def all_columns(frames: list[av.VideoFrame]) -> Callable[[], object]:
    """One more row in a table, all columns together."""
    accumulator = PictureAccumulator(frame_rate=Fraction(25))
    turn = iter(range(10**9))

    def feed() -> None:
        number = next(turn)
        accumulator.feed(frames[number % len(frames)], number / 25)

    return feed


def decode_ms(container: InputContainer) -> float:
    """Processor time of decoding one frame, by all threads of the decoder."""
    container.streams.video[0].thread_type = "AUTO"
    started, count = time.process_time(), 0
    for _ in container.decode(video=0):
        count += 1
    return (time.process_time() - started) / count * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    machine()
    cv2.setNumThreads(1)  # as a decode does
    with tempfile.TemporaryDirectory() as folder:
        master = make(
            Path(folder) / "master.mov",
            RECIPE.format(seconds=chosen.frames / 25, size=KINDS["hd"][1], codec=KINDS["hd"][2]),
        )
        with av.open(str(master)) as container:
            print(f"{'decoding':<20} {decode_ms(container):7.3f} ms a frame")
        with av.open(str(master)) as container:
            decoded = container.decode(video=0)
            frames = [next(decoded) for _ in range(3)]
    for name, work in (kernels(frames) | {"all columns": all_columns(frames)}).items():
        print(f"{name:<20} {per_call_ms(work, chosen.frames, chosen.runs):7.3f} ms a frame")


if __name__ == "__main__":
    main()

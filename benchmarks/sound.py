"""Times loudness and true peak of a 5.1 WAV against ffmpeg's ebur128, on the same file, in turns.

    python -m benchmarks.sound [--seconds 1200] [--runs 5]

Ours is all that a user waits for: reading and decoding by libav in this process, the sound table, the loudness meter.
Theirs is `ffmpeg -i x.wav -af ebur128=peak=true -f null -`, by every ffmpeg found: on PATH, and in imageio-ffmpeg. Wall
time counts on an idle machine, processor time tells more on a busy one. It knows nothing of what is fast enough.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import av
import numpy as np

from deliverqc.facts.channel_pairs import left_right
from deliverqc.meters import loudness
from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.audio.pair_difference import PairReader
from fixtures.loudness_signals import LABELS_5_1, RATE_HZ, speech_like

_PCM_24 = bytes.fromhex("0100000000001000800000aa00389b71")
_MASK_5_1 = 0x3F
_PIECE_S = 20


def write_wav(path: Path, seconds: int) -> None:
    """A 24-bit WAVE_FORMAT_EXTENSIBLE file of programme-like noise in six channels."""
    count, width = len(LABELS_5_1), 3
    layout = struct.pack("<HHIIHH", 0xFFFE, count, RATE_HZ, RATE_HZ * count * width, count * width, 8 * width)
    layout += struct.pack("<HHI", 22, 24, _MASK_5_1) + _PCM_24
    size = seconds * RATE_HZ * count * width
    with path.open("wb") as file:
        file.write(struct.pack("<4sI4s4sI", b"RIFF", 4 + 8 + len(layout) + 8 + size, b"WAVE", b"fmt ", len(layout)))
        file.write(layout + struct.pack("<4sI", b"data", size))
        for start in range(0, seconds, _PIECE_S):
            samples = speech_like(min(_PIECE_S, seconds - start), channels=count, seed=start)
            words = np.round(samples.T * (2**23 - 1)).astype("<i4").reshape(-1)
            file.write(words.view(np.uint8).reshape(-1, 4)[:, :width].tobytes())


def ours(path: Path) -> str:
    """Read, decode, fill the table and measure, as one track in one process."""
    pairs = PairReader([((0, left), (0, right)) for left, right in left_right(LABELS_5_1)])
    accumulator = SoundAccumulator(RATE_HZ, len(LABELS_5_1), partial(pairs.take, 0))
    with av.open(path) as container:
        waiting: list[np.ndarray] = []
        for frame in container.decode(audio=0):
            waiting.append(frame.to_ndarray().reshape(-1, len(LABELS_5_1)))
            if len(waiting) == 50:
                _feed(accumulator, waiting)
        _feed(accumulator, waiting)
    measured = accumulator.finish()
    pairs.finish()
    signal = replace(measured, labels=LABELS_5_1)
    facts = loudness.METER.measure(signal, {}).facts
    return f"I {facts['loudness.integrated_lufs']:.2f} LUFS, TP {facts['loudness.max_true_peak_dbtp']:.2f} dBTP"


def _feed(accumulator: SoundAccumulator, waiting: list[np.ndarray]) -> None:
    if waiting:
        accumulator.feed(np.multiply(np.concatenate(waiting).T, 2.0**-31, dtype=np.float32, casting="unsafe"))
        waiting.clear()


def theirs(binary: str, path: Path) -> str:
    command = [binary, "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, check=True, text=True, errors="replace")
    summary = done.stderr.rsplit("Summary:", 1)[1]
    found = [re.search(rf"\b{key}:\s+(-?[\d.]+)", summary) for key in ("I", "Peak")]
    return "I {} LUFS, TP {} dBTP".format(*(match[1] if match else "?" for match in found))


def peers() -> dict[str, str]:
    """Every ffmpeg that is found: what to call it, and where it stands."""
    found: dict[str, str] = {}
    binary = shutil.which("ffmpeg")
    if binary is not None:
        found[_version(binary)] = binary
    try:
        from imageio_ffmpeg import get_ffmpeg_exe  # type: ignore[import-untyped]
    except ImportError:
        return found
    found[_version(get_ffmpeg_exe())] = get_ffmpeg_exe()
    return found


def _version(binary: str) -> str:
    done = subprocess.run([binary, "-version"], capture_output=True, check=True, text=True)
    return "ffmpeg " + done.stdout.split()[2]


def main() -> None:
    """Print the median wall time of each, and how many times ours goes into theirs."""
    parser = argparse.ArgumentParser(description="loudness and true peak of a 5.1 WAV, against ffmpeg")
    parser.add_argument("--seconds", type=int, default=1200)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "programme.wav"
        write_wav(path, options.seconds)
        contenders: dict[str, Callable[[], str]] = {"deliverqc": lambda: ours(path)}
        for name, binary in peers().items():
            contenders[name] = lambda binary=binary: theirs(binary, path)  # type: ignore[misc]
        walls: dict[str, list[float]] = {name: [] for name in contenders}
        busy: dict[str, list[float]] = {name: [] for name in contenders}
        said = {name: run() for name, run in contenders.items()}
        for _ in range(options.runs):
            for name, run in contenders.items():
                start, worked = time.perf_counter(), _processor_s()
                run()
                walls[name].append(time.perf_counter() - start)
                busy[name].append(_processor_s() - worked)
    print(
        f"{options.seconds} s of 5.1 at 48 kHz, 24 bit; median of {options.runs} runs in turns; {os.cpu_count()} cores"
    )
    mine = [statistics.median(times["deliverqc"]) for times in (walls, busy)]
    for name in contenders:
        wall, processor = statistics.median(walls[name]), statistics.median(busy[name])
        ratios = f"{wall / mine[0]:5.2f} x wall, {processor / mine[1]:5.2f} x processor"
        print(f"{name:32} {wall:8.3f} s wall, {processor:8.3f} s processor  {ratios}  {said[name]}")


def _processor_s() -> float:
    """Processor time of this process and of the peers that it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main()

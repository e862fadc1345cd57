"""The headers tier on masters of 1 GB and 4 GB, with ffprobe and mediainfo on the same files in the same run.

Run it from a checkout: python -m benchmarks.headers [--runs 10]. The masters are made in a temporary folder and
removed.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from benchmarks.full_check import KINDS, RECIPE, SHORT_S
from benchmarks.timing import interleaved, machine, ours, report
from fixtures.ffmpeg import make


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    chosen = parser.parse_args()
    machine()
    with tempfile.TemporaryDirectory() as folder:
        short = make(
            Path(folder) / "short.mov", RECIPE.format(seconds=SHORT_S, size=KINDS["hd"][1], codec=KINDS["hd"][2])
        )
        commands = {}
        for gigabytes in (1, 4):
            loops = round(gigabytes * 1e9 / short.stat().st_size) - 1
            master = make(
                Path(folder) / f"{gigabytes}gb.mov", f"-stream_loop {loops} -i {short} -map 0:v -map 0:a -c copy"
            )
            name = f"{master.stat().st_size / 1e9:.1f} GB"
            commands[f"deliverqc, {name}"] = ours(
                "check", str(master), "--spec", "netflix", "--tier", "headers", "--format", "json"
            )
            if shutil.which("ffprobe"):
                commands[f"ffprobe, {name}"] = ["ffprobe", "-v", "error", "-show_format", "-show_streams", str(master)]
            if shutil.which("mediainfo"):
                commands[f"mediainfo, {name}"] = ["mediainfo", "--Output=JSON", str(master)]
        report(interleaved(commands, runs=chosen.runs))


if __name__ == "__main__":
    main()

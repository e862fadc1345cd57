"""A full check of a 1080p ProRes 422 HQ master with 5.1 beside decoding alone, and a second spec on the same master.

Run it from a checkout: python -m benchmarks.full_check [--seconds 60] [--runs 5]. The master is made in a temporary
folder and removed.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks.timing import interleaved, machine, ours, peers, report
from fixtures.ffmpeg import make

RECIPE = (
    "-f lavfi -i testsrc2=s=1920x1080:r=25,noise=alls=12:allf=t -f lavfi -i anoisesrc=r=48000:a=0.1:seed=1 "
    "-t {seconds} "
    "-filter_complex [1:a]pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0[a] -map 0:v -map [a] "
    "-c:v prores_ks -profile:v hq -pix_fmt yuv422p10le -c:a pcm_s24le -timecode 01:00:00:00"
)


SHORT_S = 5
"""Seconds that are encoded; a longer master is that one repeated without encoding."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    machine()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DELIVERQC_CACHE_DIR"] = f"{folder}/store"
        short = make(Path(folder) / "short.mov", RECIPE.format(seconds=SHORT_S))
        loops = chosen.seconds // SHORT_S - 1
        master = make(Path(folder) / "master.mov", f"-stream_loop {loops} -i {short} -map 0:v -map 0:a -c copy")
        rate = master.stat().st_size * 8 / chosen.seconds / 1e6
        print(f"{chosen.seconds} s of 1080p25 ProRes 422 HQ with 5.1, {rate:.0f} Mb/s")
        commands = {
            name: [program, "-nostdin", "-i", str(master), "-map", "0:v", "-map", "0:a", "-f", "null", "-"]
            for name, program in peers().items()
        }
        check = ours(
            "check",
            str(master),
            "--spec",
            "ebu-r128-programme",
            "--spec",
            "netflix-licensed-prores",
            "--no-cache",
            "--format",
            "json",
        )
        report(interleaved({"deliverqc check": check} | commands, runs=chosen.runs), against=list(commands))
        stored = ours("check", str(master), "--spec", "atsc-a85", "--format", "json")
        report(interleaved({"a second spec, stored": stored}, runs=chosen.runs))


if __name__ == "__main__":
    main()

"""A full check of a master with 5.1 beside decoding alone, beside ffmpeg's own filters, and a second spec on the same
master.

Run it from a checkout: python -m benchmarks.full_check [--kind hd] [--seconds 60] [--runs 5] [--filters]. The master is
made in a temporary folder and removed. Figures: the core set under two specs (`check`), everything (`check --all`), and
the same master measured in two processes (`--jobs 2`).
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks.timing import interleaved, machine, ours, peers, report
from fixtures.ffmpeg import make

RECIPE = (
    "-f lavfi -i testsrc2=s={size}:r=25,noise=alls=12:allf=t -f lavfi -i anoisesrc=r=48000:a=0.1:seed=1 "
    "-t {seconds} "
    "-filter_complex [1:a]pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0[a] -map 0:v -map [a] "
    "{codec} -c:a pcm_s24le -timecode 01:00:00:00"
)

_PRORES = "-c:v prores_ks -profile:v hq -pix_fmt yuv422p10le"
KINDS = {
    "hd": ("1080p25 ProRes 422 HQ", "1920x1080", _PRORES),
    "uhd": ("2160p25 ProRes 422 HQ", "3840x2160", _PRORES),
    "h264": ("1080p25 H.264 of 20 Mb/s", "1920x1080", "-c:v libx264 -preset fast -b:v 20M -maxrate 20M -bufsize 20M"),
}

SHORT_S = 5
"""Seconds that are encoded; a longer master is that one repeated without encoding."""

_CHAIN = "blackdetect,freezedetect,idet,cropdetect,signalstats"


def master_of(folder: Path, kind: str, seconds: int) -> Path:
    """Write the master and remove what it was made from."""
    _, size, codec = KINDS[kind]
    pixels = "" if "pix_fmt" in codec else " -pix_fmt yuv420p"
    short = make(folder / "short.mov", RECIPE.format(seconds=SHORT_S, size=size, codec=codec + pixels))
    loops = seconds // SHORT_S - 1
    master = make(folder / "master.mov", f"-stream_loop {loops} -i {short} -map 0:v -map 0:a -c copy")
    short.unlink()
    return master


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=list(KINDS), default="hd")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--filters", action="store_true", help="also time ffmpeg's filter chain, which is slow")
    chosen = parser.parse_args()
    machine()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DELIVERQC_CACHE_DIR"] = f"{folder}/store"
        master = master_of(Path(folder), chosen.kind, chosen.seconds)
        rate = master.stat().st_size * 8 / chosen.seconds / 1e6
        print(f"{chosen.seconds} s of {KINDS[chosen.kind][0]} with 5.1, {rate:.0f} Mb/s")
        decoding = {
            name: [program, "-nostdin", "-i", str(master), "-map", "0:v", "-map", "0:a", "-f", "null", "-"]
            for name, program in peers().items()
        }
        specs = ["--spec", "ebu-r128-programme", "--spec", "netflix-licensed-prores"]
        check = ours("check", str(master), *specs, "--no-cache", "--format", "json")
        commands = {"check": check, "check --all": [*check, "--all"]}
        if chosen.kind == "hd":
            commands["check --jobs 2"] = [*check, "--jobs", "2"]
        if chosen.filters:
            commands |= {f"{name}, filters": filtered(program, master) for name, program in peers().items()}
        report(interleaved(commands | decoding, runs=chosen.runs), against=list(decoding))
        stored = ours("check", str(master), "--spec", "atsc-a85", "--format", "json")
        report(interleaved({"a second spec, stored": stored}, runs=chosen.runs))


def filtered(program: str, master: Path) -> list[str]:
    """The command of ffmpeg that runs the filters which measure the like of the core set."""
    chain = ["-vf", _CHAIN, "-af", "ebur128=peak=true"]
    return [program, "-nostdin", "-i", str(master), "-map", "0:v", "-map", "0:a", *chain, "-f", "null", "-"]


if __name__ == "__main__":
    main()

"""Decodes damaged masters many times in several threads on a busy machine: no run may be silent of damage that one
thread reports.

Run it from a checkout: python -m campaigns.silent_threads --seed 1 --damaged 8 --runs 16 [--busy 4] [--deaf]. --deaf
does not listen to what threads conceal, to show that the load makes runs silent.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deliverqc.measuring.planning import plan_of
from deliverqc.probing import probe
from deliverqc.signals import remarks
from deliverqc.signals.decode import decode
from deliverqc.signals.plan import Plan
from fixtures.damage import WAYS, Master, of_recipe

_PICTURE = "-f lavfi -i testsrc2=s=320x180:r=25,noise=alls=30:allf=t:all_seed=5 -frames:v 14 -an"
_X264 = f"{_PICTURE} -c:v libx264 -preset fast -pix_fmt yuv420p -b:v 2M"
_FIELDS = "-flags +ildct+ilme -field_order tt"
_X265 = f"{_PICTURE} -c:v libx265 -preset fast -b:v 2M -x265-params log-level=none"
_VP9 = f"{_PICTURE} -c:v libvpx-vp9 -deadline good -cpu-used 8 -b:v 2M"
RECIPES = {
    "h264-cabac.mp4": f"{_X264} -bf 3",
    "h264-cavlc.mp4": f"{_X264} -bf 2 -coder 0",
    "h264-slices.ts": f"{_X264} -bf 2 -x264-params slices=4",
    "h264-small-slices.mxf": f"{_X264} -bf 2 -x264-params slice-max-size=900",
    "h264-cavlc-slices.mkv": f"{_X264} -bf 3 -coder 0 -x264-params slices=3",
    "h264-pyramid.ts": f"{_X264} -bf 7 -x264-params b-pyramid=normal:b-adapt=0",
    "h264-refresh.mkv": f"{_X264} -bf 0 -x264-params intra-refresh=1:keyint=10",
    "h264-422-10.mxf": f"{_PICTURE} -c:v libx264 -preset fast -pix_fmt yuv422p10le -b:v 3M -bf 2",
    "h264-mbaff.mxf": f"{_X264} -bf 2 {_FIELDS}",
    "h264-mbaff-cavlc.ts": f"{_X264} -bf 2 -coder 0 {_FIELDS}",
    "hevc.mp4": f"{_PICTURE} -c:v libx265 -preset fast -b:v 2M -x265-params log-level=none:slices=3",
    "hevc.ts": f"{_PICTURE} -c:v libx265 -preset fast -b:v 2M -x265-params log-level=none:bframes=4:wpp=0",
    "hevc-pyramid.mkv": f"{_X265}:bframes=8:b-adapt=0:b-pyramid=1:wpp=0",
    "hevc-10-open.mov": f"{_X265}:bframes=3:open-gop=1:keyint=6:wpp=0 -pix_fmt yuv420p10le -tag:v hvc1",
    "hevc-422-12.mkv": f"{_X265}:bframes=4:ref=4 -pix_fmt yuv422p12le",
    "hevc-slices-b.ts": f"{_X265}:slices=3:bframes=4",
    "hevc-fields.ts": f"{_X265}:interlace=tff:bframes=2:wpp=0",
    "vp9.mkv": f"{_PICTURE} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 2M",
    "vp9-hidden.mkv": f"{_VP9} -auto-alt-ref 1 -lag-in-frames 8 -arnr-maxframes 5",
    "vp9-tiles.webm": f"{_VP9} -s 1024x256 -tile-columns 2 -lag-in-frames 0",
    "vp9-apart.mp4": f"{_VP9} -error-resilient 1 -frame-parallel 1 -lag-in-frames 0",
    "vp9-422-10.mkv": f"{_VP9} -pix_fmt yuv422p10le -profile:v 3 -auto-alt-ref 1 -lag-in-frames 6",
    "vp8.mkv": f"{_PICTURE} -c:v libvpx -deadline realtime -cpu-used 8 -b:v 2M",
    "av1.mkv": f"{_PICTURE} -c:v libaom-av1 -usage realtime -cpu-used 8 -b:v 2M",
    "mpeg4.mp4": f"{_PICTURE} -c:v mpeg4 -bf 2 -b:v 2M",
    "mpeg4-packets.avi": f"{_PICTURE} -c:v mpeg4 -ps 300 -b:v 2M",
    "mpeg4-advanced.mov": f"{_PICTURE} -c:v mpeg4 -bf 2 -flags +qpel+mv4+aic -b:v 2M",
    "mpeg4-fields.mov": f"{_PICTURE} -c:v mpeg4 -bf 2 -flags +ilme+ildct -top 1 -b:v 2M",
    "mpeg4-parts.mkv": f"{_PICTURE} -c:v mpeg4 -data_partitioning 1 -ps 400 -bf 0 -b:v 2M",
    "mpeg4-xvid.avi": f"{_PICTURE} -c:v libxvid -bf 2 -b:v 2M",
    "mpeg2.ts": f"{_PICTURE} -c:v mpeg2video -bf 2 -b:v 3M",
    "mpeg2.mxf": f"{_PICTURE} -c:v mpeg2video -g 12 -bf 2 -b:v 3M",
    "theora.ogv": f"{_PICTURE} -c:v libtheora -b:v 2M",
}
"""Arguments of ffmpeg by the name of the master that they make: codings whose frames refer to each other."""

_WAYS = ("random 1", "random 4", "random 24", "random 200", "bits flipped")
_MOST_TRIES = 40
_THREADS = 4
_NICENESS = 2
_MARKED = "the decoder marks the frame as corrupt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Damaged:
    """A damaged master that one thread reports. `is_marked_only`: it marks frames and says nothing else."""

    path: Path
    plan: Plan
    is_marked_only: bool


def damaged(whole: Master, plan: Plan, folder: Path, chance: random.Random, count: int) -> Iterator[Damaged]:
    """Damage a master in so many ways that one thread reports; every second only by marks, as far as there are any."""
    found = 0
    for number in range(_MOST_TRIES):
        if found == count:
            return
        data, _ = WAYS[chance.choice(_WAYS)](whole, chance)
        path = folder / f"{number}-{whole.name}"
        path.write_bytes(data)
        errors = decode(path, plan, threads=1).log.errors
        is_marked_only = bool(errors) and all(error.message.startswith(_MARKED) for error in errors)
        if not errors or (not is_marked_only and found % 2 and number < _MOST_TRIES // 2):
            path.unlink()
            continue
        found += 1
        yield Damaged(path=path, plan=plan, is_marked_only=is_marked_only)


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep so many processes busy meanwhile."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def silent_runs(one: Damaged, runs: int) -> int:
    """How many of so many runs in several threads report no damage."""
    return sum(not decode(one.path, one.plan, threads=_THREADS).log.errors for _ in range(runs))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m campaigns.silent_threads", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--damaged", type=int, default=8, help="damaged copies of each master")
    parser.add_argument("--runs", type=int, default=16, help="of each damaged copy")
    parser.add_argument("--busy", type=int, default=4, help="processes that load the machine")
    parser.add_argument("--deaf", action="store_true", help="do not listen to what threads conceal")
    parser.add_argument("--only", default="", help="beginning of the names of the masters")
    chosen = parser.parse_args(arguments)
    if chosen.deaf:
        remarks.CONCEALING = "\0"
    total = 0
    print("| master | damaged | by marks alone | runs | silent |\n| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = [one for one in RECIPES if one.startswith(chosen.only)]
        cases = {}
        for one in names:
            whole = of_recipe(folder, one, RECIPES[one])
            plan = plan_of(probe(folder / one))
            cases[one] = list(damaged(whole, plan, folder, random.Random(f"{chosen.seed} {one}"), chosen.damaged))
        os.nice(_NICENESS)  # the busy processes come first
        with busy(chosen.busy):
            for one, copies in cases.items():
                silent = sum(silent_runs(copy, chosen.runs) for copy in copies)
                marked = sum(copy.is_marked_only for copy in copies)
                print(f"| {one} | {len(copies)} | {marked} | {len(copies) * chosen.runs} | {silent} |", flush=True)
                total += silent
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())

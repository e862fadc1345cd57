"""All aims of speed and memory in one table: bound, reached, met or missed.

Run it from a checkout on an idle machine: python -m benchmarks.aims [--seconds 60] [--runs 5] [--minutes 3 30]. It
takes about an hour; masters are made in a temporary folder (2 GB at most) and removed. The filter chain is timed on
5 s, because it is slow. Bounds of 2160p and H.264 are what docs/performance.md has of them: no worse than that.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import footprint, scaling
from benchmarks.full_check import filtered, master_of
from benchmarks.timing import interleaved, machine, ours, peers, report

_SPECS = ("--spec", "ebu-r128-programme", "--spec", "netflix-licensed-prores")
_SETS: dict[str, tuple[str, ...]] = {"core": (), "everything": ("--all",)}
_MOST_GROWTH = 1.10


@dataclass(frozen=True, kw_only=True, slots=True)
class Aim:
    """What is aimed at, the most that it may be, and what was reached, in one unit."""

    name: str
    at_most: float
    reached: float

    def line(self) -> str:
        """A row of the table."""
        word = "met" if self.reached <= self.at_most else "MISSED"
        return f"{self.name:<66} {self.at_most:>8.2f} {self.reached:>9.2f}  {word}"


def speed(folder: Path, kind: str, seconds: int, runs: int, bounds: dict[str, float]) -> list[Aim]:
    """Both sets beside the faster peer that only decodes."""
    master = master_of(folder, kind, seconds)
    decoding = {
        name: [program, "-nostdin", "-i", str(master), "-map", "0:v", "-map", "0:a", "-f", "null", "-"]
        for name, program in peers().items()
    }
    checks = {name: ours("check", str(master), *_SPECS, "--no-cache", *options) for name, options in _SETS.items()}
    taken = interleaved(checks | decoding, runs=runs)
    report(taken, against=list(decoding))
    fastest = min(statistics.median(taken[name]) for name in decoding)
    master.unlink()
    return [
        Aim(name=f"{kind}: {name}, of decoding alone", at_most=bound, reached=statistics.median(taken[name]) / fastest)
        for name, bound in bounds.items()
    ]


def filters(folder: Path, runs: int) -> Aim:
    """The core set beside the filter chain of ffmpeg."""
    master = master_of(folder, "hd", 5)
    chains = {name: filtered(program, master) for name, program in peers().items()}
    taken = interleaved({"core": ours("check", str(master), *_SPECS, "--no-cache")} | chains, runs=runs)
    report(taken, against=list(chains))
    master.unlink()
    fastest = min(statistics.median(taken[name]) for name in chains)
    return Aim(name="core, of the filter chain", at_most=0.35, reached=statistics.median(taken["core"]) / fastest)


def memory(folder: Path, minutes: Sequence[int]) -> list[Aim]:
    """Peak memory, whether it grows with length, and what is stored."""
    found = []
    for name, options in _SETS.items():
        measured = [footprint.of_length(folder, one, options) for one in minutes]
        bound, stored = (250, 100) if name == "core" else (450, 150)
        found.append(Aim(name=f"{name}: peak at {minutes[0]} min, MiB", at_most=bound, reached=measured[0].peak_mib))
        found.append(Aim(name=f"{name}: peak at {minutes[-1]} min, MiB", at_most=bound, reached=measured[-1].peak_mib))
        growth = measured[-1].peak_mib / measured[0].peak_mib
        title = f"{name}: peak at {minutes[-1]} min, of that at {minutes[0]} min"
        found.append(Aim(name=title, at_most=_MOST_GROWTH, reached=growth))
        found.append(Aim(name=f"{name}: stored, MB an hour", at_most=stored, reached=measured[-1].stored_mb_an_hour))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--minutes", type=int, nargs=2, default=(3, 30))
    chosen = parser.parse_args()
    machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["DELIVERQC_CACHE_DIR"] = f"{folder}/store"
        aims = speed(folder, "hd", chosen.seconds, chosen.runs, {"core": 1.20, "everything": 1.60})
        aims += speed(folder, "uhd", min(chosen.seconds, 10), chosen.runs, {"core": 1.26, "everything": 1.91})
        aims += speed(folder, "h264", min(chosen.seconds, 20), chosen.runs, {"core": 1.50, "everything": 2.46})
        aims.append(filters(folder, chosen.runs))
        uncompressed = scaling.uncompressed(folder, min(chosen.seconds, 20))
        reached = scaling.two_against_one(uncompressed, chosen.runs)
        aims.append(Aim(name="uncompressed 10 bit: core, two cores, of one", at_most=0.6, reached=reached))
        for title, extensions in (("core", ()), ("everything", scaling.PICTURE_EXTENSIONS)):
            scaling.print_model(title, scaling.parts_of(uncompressed, extensions, chosen.frames))
        uncompressed.unlink()
        aims += memory(folder, chosen.minutes)
    print(f"\n{'aim':<66} {'at most':>8} {'reached':>9}")
    for aim in aims:
        print(aim.line())


if __name__ == "__main__":
    main()

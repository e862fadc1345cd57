"""A file of text with 1,500 events in each format against its spec: reading, facts and judging, in processor seconds.

Run it from a checkout: python -m benchmarks.timed_text [--events 1500] [--runs 5]. The aim is 0.5 s for all three;
specs are loaded before the clock starts. Events are 4 s apart: MCC, which has a line a frame, has 180,000 lines.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from benchmarks.timing import machine
from deliverqc.measuring.registry import spec_library
from deliverqc.measuring.timed_text import track_facts
from deliverqc.pipeline import check_master
from deliverqc.request import Request
from deliverqc.timed_text.reading import read_text
from fixtures.timed_text import CLEAN, WRITERS, Cue

_SPEC = "netflix-localization-timed-text"


def cues(count: int) -> list[Cue]:
    """So many events of 2 s, 2 s apart."""
    return [
        Cue(begin=Fraction(2 + 4 * at), end=Fraction(4 + 4 * at), lines=CLEAN[at % len(CLEAN)].lines)
        for at in range(count)
    ]


def timed(path: Path) -> tuple[float, float, float]:
    """Processor seconds to read the file, to read it and make facts of it, and for the whole check."""
    library = spec_library()
    specs = [library.integrity, library.load(_SPEC)]
    started = time.process_time()
    documents = read_text(path)
    read = time.process_time() - started
    for one in documents:
        track_facts(one, source="file")
    measured = time.process_time() - started
    started = time.process_time()
    check_master(path, specs, library, Request())
    return read, measured, time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1500)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    machine()
    print(f"{'':<12}{'reading':>12}{'and facts':>12}{'whole check':>14}{'least':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for name, write in sorted(WRITERS.items()):
            path = Path(folder) / f"title.{name}"
            path.write_bytes(write(cues(given.events)))
            _report(name, [timed(path) for _ in range(given.runs)])


def _report(name: str, runs: Sequence[tuple[float, float, float]]) -> None:
    read, measured, whole = (statistics.median(run[at] for run in runs) for at in range(3))
    least = min(run[2] for run in runs)
    print(f"{name:<12}{read:>10.3f} s{measured:>10.3f} s{whole:>12.3f} s{least:>8.3f} s")


if __name__ == "__main__":
    main()

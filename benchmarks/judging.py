"""One facts document against every shipped spec: the median time of judging, loading of the specs told apart.

Run it from a checkout: python -m benchmarks.judging [--runs 5]. The facts are those of the demonstration's good master,
measured before the clock starts.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.timing import machine
from deliverqc import demo
from deliverqc.measuring.registry import spec_library
from deliverqc.pipeline import facts_document
from deliverqc.rejudge import judge_document
from deliverqc.request import Request, Tier


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    machine()
    with tempfile.TemporaryDirectory() as folder:
        master = Path(folder) / "good.mov"
        demo.write_master(master, demo.GOOD)
        facts = facts_document(master, None, Tier.FULL)
    specs = spec_library().all()
    clauses = sum(len(spec.clauses) for spec in specs)
    print(f"{len(facts['subjects'][0]['facts'])} facts, {len(specs)} specs, {clauses} clauses")
    _report("loading and linting all specs", runs, lambda: spec_library().all())
    _report("judging against all specs", runs, lambda: judge_document(facts, specs, Request()))


def _report(name: str, runs: int, work: Callable[[], object]) -> None:
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    print(f"{name:<32} median {statistics.median(seconds):.3f} s   {min(seconds):.3f} to {max(seconds):.3f}")


if __name__ == "__main__":
    main()

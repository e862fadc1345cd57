"""Runs the tests that take a slice of their cases (real masters, clips, specs) over all of them.

Run it from a checkout, with DELIVERQC_MATERIAL set: python -m campaigns.whole_tests [--jobs 2]. The rest of the command
line goes to pytest. The exit code is pytest's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

SLICED = (
    "tests/cli/test_explain.py",
    "tests/end_to_end/test_material.py",
    "tests/end_to_end/test_mutations.py",
    "tests/interchange/test_mediaconch_verdicts.py",
    "tests/meters/dialogue/test_dialogue_loudness.py",
    "tests/meters/photosensitivity/test_truth.py",
    "tests/probing/test_mxf_against_mediainfo.py",
    "tests/probing/test_opening.py",
    "tests/probing/test_probe_material.py",
    "tests/signals/test_channel_counts.py",
    "tests/speclib/test_diff.py",
    "tests/specs/test_most_rejected.py",
)
"""Modules that draw their cases by `tests.slices.is_drawn`."""


def main() -> int:
    """Run pytest with the slice opened to everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2)
    chosen, more = parser.parse_known_args()
    if "DELIVERQC_MATERIAL" not in os.environ:
        parser.error("DELIVERQC_MATERIAL names no folder of real masters")
    command = [sys.executable, "-m", "pytest", "-n", str(chosen.jobs), *SLICED, *more]
    return subprocess.run(command, env=os.environ | {"DELIVERQC_SLICE": "1"}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

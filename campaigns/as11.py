"""AS-11 masters of a minute, made with one fault each, against `dpp-as11-hd`: what is broken fails, and nothing else.

Run it from a checkout: python -m campaigns.as11. It needs 1 GB in --folder and prints a table. Programme loudness is
held against ffmpeg's meter (ebur128) on the parts of the programme, cut out and joined.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deliverqc import api
from fixtures.as11 import HEAD_S, as11_master
from fixtures.ffmpeg import ffmpeg_program

SPEC = "dpp-as11-hd"
OF_THE_WRITER = frozenset({"header-fill"})
"""What ffmpeg's MXF writer cannot do: it leaves less than 8 KiB behind the header metadata."""

_NOT_AVC = frozenset({"avc-intra-100", "coded-frame-size", "active-format", "index-table"})
"""What an XDCAM master breaks, the index that ffmpeg's writer puts into several partitions included."""

_TOLERANCE_LU = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A master by the arguments of its recipe, and the clauses that it breaks."""

    name: str
    made: Mapping[str, Any] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()


CASES = (
    Case(name="as the specification asks"),
    Case(name="XDCAM HD422", made={"codec": "xdcam_hd422"}, broken=_NOT_AVC),
    Case(name="one part", made={"parts_s": (6,)}),
    Case(name="programme 0.6 LU too loud", made={"programme_dbfs": -22.4}, broken=frozenset({"integrated-loudness"})),
    Case(name="programme 0.6 LU too low", made={"programme_dbfs": -23.6}, broken=frozenset({"integrated-loudness"})),
    Case(name="programme 0.4 LU too loud", made={"programme_dbfs": -22.6}),
    Case(name="line-up 1 dB too loud", made={"tone_dbfs": -17.0}, broken=frozenset({"line-up"})),
    Case(name="no clock", made={"has_clock": False}, broken=frozenset({"clock", "black-before-programme"})),
    Case(
        name="timecode from 10:00:00:00",
        made={"start": "10:00:00:00"},
        broken=frozenset({"start-timecode", "programme-start", "bars-and-tone", "clock", "black-before-programme"}),
    ),
)


def broken_clauses(path: Path) -> frozenset[str]:
    """The clauses of the specification that the master breaks."""
    (verdict,) = api.check(path, SPEC).masters[0].subjects[0].verdicts
    return frozenset(clause.id for clause in verdict.clauses if clause.outcome == "fail")


def loudness_of_programme(path: Path) -> float:
    """What deliverqc measures on the main mix of the programme, in LUFS."""
    groups = api.measure(path, SPEC).subjects[0].facts["sound.groups"]
    return float(groups[0]["programme.loudness.integrated_lufs"])


def loudness_by_ffmpeg(path: Path, parts_s: tuple[int, ...], break_s: int = 2) -> float:
    """The same by ffmpeg's ebur128, on the parts alone."""
    windows, at = [], HEAD_S
    for seconds in parts_s:
        windows.append(f"between(t,{at},{at + seconds - 0.0001})")
        at += seconds + break_s
    kept = f"aselect='{'+'.join(windows)}',asetpts=N/SR/TB"
    graph = f"[0:a:0][0:a:1]amerge=inputs=2,{kept},ebur128[out]"
    command = [ffmpeg_program(), "-nostats", "-i", str(path), "-filter_complex", graph, "-map", "[out]", "-f", "null"]
    told = subprocess.run([*command, "-"], capture_output=True, text=True, check=True).stderr
    found = re.findall(r"\bI: +(-?[\d.]+) LUFS", told.rpartition("Summary")[2])
    return float(found[-1])


def main() -> int:
    """Make, check and remove each master; 0 where all came out as they should."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where masters are made, one at a time")
    chosen = parser.parse_args()
    wrong = 0
    for case in CASES:
        with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
            path = as11_master(Path(folder) / "master.mxf", **case.made)
            found = broken_clauses(path) - OF_THE_WRITER
            ours = loudness_of_programme(path)
            theirs = loudness_by_ffmpeg(path, case.made.get("parts_s", (4, 4)))
        is_right = found == case.broken and abs(ours - theirs) <= _TOLERANCE_LU
        wrong += not is_right
        words = ", ".join(sorted(found)) or "nothing"
        print(f"{'ok   ' if is_right else 'WRONG'} {case.name}: breaks {words}; {ours:.2f} LUFS, ffmpeg {theirs:.1f}")
        sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

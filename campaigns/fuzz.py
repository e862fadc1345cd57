"""Damages small masters of many kinds at random and checks each: no fault of ours, no lost worker, no wrong pass.

Run it from a checkout: python -m campaigns.fuzz [--seed 1] [--count 1000] [--jobs 2]. A case is its seed and number
alone, so a run can be taken up again with --first. What goes wrong is printed with its case, and the damaged file is
kept in --keep.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deliverqc.batch.run import Job, memory_share, run
from deliverqc.errors import INTERNAL_CODES, LOST_CODES
from deliverqc.measuring.registry import spec_library
from deliverqc.request import Request
from fixtures.ffmpeg import ffmpeg_program, make

_PICTURE = "-f lavfi -i testsrc2=s=192x108:r=25"
_SOUND = "-f lavfi -i sine=f=997:r=48000"
SEEDS = {
    "prores.mov": f"{_PICTURE} {_SOUND} -t 0.6 -c:v prores_ks -c:a pcm_s24le -timecode 01:00:00:00",
    "front.mov": f"{_PICTURE} {_SOUND} -t 0.6 -c:v prores_ks -c:a pcm_s24le -movflags +faststart",
    "h264.mp4": f"{_PICTURE} {_SOUND} -t 0.6 -c:v libx264 -pix_fmt yuv420p -c:a aac",
    "hevc.mkv": f"{_PICTURE} {_SOUND} -t 0.6 -c:v libx265 -x265-params log-level=none -c:a flac",
    "ffv1.mkv": f"{_PICTURE} {_SOUND} -t 0.6 -c:v ffv1 -slicecrc 1 -level 3 -c:a pcm_s16le",
    "mpeg2.mxf": f"{_PICTURE} {_SOUND} -t 0.6 -c:v mpeg2video -c:a pcm_s16le -b:v 2M",
    "mpeg2.ts": f"{_PICTURE} {_SOUND} -t 0.6 -c:v mpeg2video -c:a mp2 -b:v 2M",
    "mpeg2.mpg": f"{_PICTURE} {_SOUND} -t 0.6 -c:v mpeg2video -c:a mp2 -b:v 2M",
    "mjpeg.avi": f"{_PICTURE} {_SOUND} -t 0.6 -c:v mjpeg -c:a pcm_s16le",
    "pcm.wav": f"{_SOUND} -t 1.2 -c:a pcm_s24le -write_bext 1 -metadata time_reference=172800000",
    "sound.flac": f"{_SOUND} -t 1.2 -c:a flac",
    "sound.aiff": f"{_SOUND} -t 1.2 -c:a pcm_s24be",
}
"""Recipes of what is damaged."""


@dataclass(frozen=True, slots=True)
class Case:
    """One damaged file: which seed and number it was made from, and where it is."""

    number: int
    kind: str
    path: Path


def damage(data: bytes, chance: random.Random) -> bytes:
    """Flip, overwrite, remove, double or cut bytes, once to four times, in headers as often as in essence."""
    held = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        limit = max(1, min(len(held), 4096 if chance.random() < 0.5 else len(held)) - 1)
        at, length = chance.randrange(limit), chance.choice((1, 2, 4, 16, 256))
        match chance.randrange(6):
            case 0:
                held[at] ^= 1 << chance.randrange(8)
            case 1:
                held[at : at + length] = chance.randbytes(length)
            case 2:
                del held[at : at + length]
            case 3:
                held[at:at] = held[at : at + length]
            case 4:
                held[at : at + 4] = chance.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"))
            case 5:
                del held[max(64, chance.randrange(len(held) + 1)) :]
    return bytes(held)


def cases(folder: Path, seed: int, numbers: Sequence[int]) -> Iterator[Case]:
    """Write and yield the damaged files of `numbers`."""
    whole = {}
    for name, recipe in SEEDS.items():
        whole[name] = make(folder / name, recipe).read_bytes()
    for number in numbers:
        chance = random.Random(f"{seed}/{number}")
        name = chance.choice(sorted(whole))
        path = folder / f"{number:06}-{name}"
        path.write_bytes(damage(whole[name], chance))
        yield Case(number, name, path)


def faults(case: Case, entry: dict[str, Any]) -> str | None:
    """What is wrong with how a case was judged; None when all is well."""
    if entry["error"] is not None:
        return entry["error"]["message"] if entry["error"]["code"] in INTERNAL_CODES | LOST_CODES else None
    if entry["decision"] != "pass":
        return None
    command = [ffmpeg_program(), "-nostdin", "-v", "error", "-xerror", "-i", str(case.path), "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=60)
    return f"passes, and ffmpeg says: {said.stderr.strip()[:300]}" if said.returncode else None


def campaign(
    folder: Path, seed: int, numbers: Sequence[int], *, jobs: int
) -> tuple[Counter[str], list[tuple[Case, str]]]:
    """Check the damaged files of `numbers`; how often each decision or error came, and what went wrong."""
    made = list(cases(folder, seed, numbers))
    library = spec_library()
    job = Job(
        specs=[library.integrity], library=library, request=Request(), store=None, memory_bytes=memory_share(jobs)
    )
    counts: Counter[str] = Counter()
    wrong = []
    for step in run([case.path for case in made], job, jobs=jobs, silent_limit_s=60):
        if step.entry is None:
            continue
        error = step.entry["error"]
        counts[error["code"] if error else step.entry["decision"]] += 1
        fault = faults(made[step.position], step.entry)
        if fault:
            wrong.append((made[step.position], fault))
    return counts, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-kept"))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        numbers = range(chosen.first, chosen.first + chosen.count)
        counts, wrong = campaign(Path(folder), chosen.seed, numbers, jobs=chosen.jobs)
        print(f"seed {chosen.seed}, {len(numbers)} cases from {chosen.first}:", dict(sorted(counts.items())))
        for case, fault in wrong:
            chosen.keep.mkdir(exist_ok=True)
            shutil.copy(case.path, chosen.keep)
            print(f"case {case.number} ({case.kind}): {fault}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

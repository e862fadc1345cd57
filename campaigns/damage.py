"""Damages small masters of many codings and wrappers and checks each: no fault of ours, no lost worker, no wrong pass.

Run it from a checkout: python -m campaigns.damage --count 5000 --seed 1 [--resume FILE]. A case is its seed and number
alone. Every case adds one line of JSON to FILE, and a run goes on after the last line; what passes wrongly or ends in a
fault of ours is kept in --keep.

A pass is right where the same frames and samples come out as of the whole master, at the same times. Else it is wrong,
unless every ffmpeg at hand (the one on PATH and the one of imageio-ffmpeg) decodes the file without a word at error
level under `-err_detect explode+crccheck`. FFV1 with slice checksums, FLAC and AC-3 hold checksums of all they hold:
there no such pass is right, whatever is said.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import imageio_ffmpeg

from deliverqc.batch.run import Job, memory_share, run
from deliverqc.errors import INTERNAL_CODES
from deliverqc.measuring.registry import spec_library
from deliverqc.request import Request
from fixtures.damage import RECIPES, Master, damage, master

CHECKED = frozenset(["ffv1", "flac", "ac3"])
"""Codings whose packets all carry checksums."""

_LENGTHLESS = (".ac3", ".aac", ".ts", ".mpg")
"""Ends of names of masters whose wrapper states no length."""

OUTCOMES = ("failed", "unreadable", "passed: same essence", "passed: decoders silent", "WRONG", "FAULT")

_AT_ONCE = 50
_ORACLE_LIMIT_S = 60
_SILENT_LIMIT_S = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One damaged master: what was damaged how, and the first digits of its SHA-256."""

    number: int
    master: str
    codec: str
    way: str
    place: int
    sha256: str
    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of a case: one of OUTCOMES, in the words of a clause or a decoder. `changed`: codings of which other
    frames or samples come out."""

    outcome: str
    said: str = ""
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """What one ffmpeg makes of a file: what it says at error level, and per track a digest of frames and times."""

    said: str
    tracks: Mapping[int, str]


@cache
def peers() -> tuple[str, ...]:
    """Every ffmpeg at hand, the newest last."""
    found = shutil.which("ffmpeg")
    return (*((found,) if found else ()), str(imageio_ffmpeg.get_ffmpeg_exe()))


def decoded(program: str, path: Path) -> Decoded:
    """Decode all of `path`, stopping at nothing that can be decoded."""
    command = [program, "-nostdin", "-v", "error", "-threads", "1", "-err_detect", "explode+crccheck", "-i", str(path)]
    command += ["-map", "0:v?", "-map", "0:a?", "-fps_mode", "passthrough", "-c:a", "pcm_f64le", "-f", "framemd5", "-"]
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, timeout=_ORACLE_LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return Decoded(said=f"does not end in {_ORACLE_LIMIT_S} s", tracks={})
    digests: dict[int, Any] = {}
    for line in ran.stdout.splitlines():
        number = line.removeprefix("#dimensions ").removeprefix("#sample_rate ").partition(",")[0].partition(":")[0]
        if number.strip().isdigit():
            digests.setdefault(int(number), hashlib.sha256()).update(line.encode())
    said = ran.stderr.strip() or (f"ends with {ran.returncode}" if ran.returncode else "")
    return Decoded(said=said, tracks={number: digest.hexdigest() for number, digest in digests.items()})


class Campaign:
    """Makes the cases of one seed in a folder, and judges how they were judged."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self._masters: dict[str, Master] = {}
        self._whole: dict[tuple[str, str], Decoded] = {}
        self._library = spec_library()
        self._job = Job(
            specs=[self._library.integrity],
            library=self._library,
            request=Request(),
            store=None,
            memory_bytes=memory_share(2),
        )

    def master(self, name: str) -> Master:
        """The whole master of that name."""
        if name not in self._masters:
            self._masters[name] = master(self.folder, name)
        return self._masters[name]

    def case(self, number: int) -> Case:
        """Write the damaged master of that number."""
        chance = random.Random(f"{self.seed}/{number}")
        name = sorted(RECIPES)[number % len(RECIPES)]
        made = damage(self.master(name), chance)
        path = self.folder / f"{self.seed}-{number:06}-{name}"
        path.write_bytes(made.data)
        digest = hashlib.sha256(made.data).hexdigest()[:16]
        return Case(
            number=number,
            master=name,
            codec=made.codec,
            way=made.way,
            place=made.place,
            sha256=digest,
            path=path,
        )

    def outcomes(self, numbers: Iterable[int]) -> Iterator[tuple[Case, Outcome]]:
        """Check the damaged masters of `numbers` in one worker; the files are left in the folder."""
        made = [self.case(number) for number in numbers]
        for step in run([case.path for case in made], self._job, jobs=1, silent_limit_s=_SILENT_LIMIT_S):
            if step.entry is not None:
                case = made[step.position]
                yield case, self.judged(case, step.entry)

    def judged(self, case: Case, entry: Mapping[str, Any]) -> Outcome:
        """Whether the entry of a case in the verdict document is right."""
        if entry["error"] is not None:
            is_ours = entry["error"]["code"] in INTERNAL_CODES
            return Outcome(outcome="FAULT" if is_ours else "unreadable", said=entry["error"]["message"][:300])
        if entry["decision"] != "pass":
            return Outcome(outcome="failed", said=", ".join(_broken(entry)))
        changed, complaints = self._changed(case)
        if not changed:
            return Outcome(outcome="passed: same essence")
        if complaints or (CHECKED.intersection(changed) and not _is_whole_again(case)):
            return Outcome(outcome="WRONG", said=" | ".join(complaints), changed=changed)
        return Outcome(outcome="passed: decoders silent", changed=changed)

    def _changed(self, case: Case) -> tuple[tuple[str, ...], list[str]]:
        """Codings of the tracks that some ffmpeg decodes otherwise than of the whole master, and what each says."""
        codecs = self.master(case.master).codecs
        changed: set[str] = set()
        complaints = []
        for program in peers():
            whole = self._decoded_whole(program, case.master)
            now = decoded(program, case.path)
            changed |= {
                codecs[number] if number < len(codecs) else "wrapper"
                for number in whole.tracks.keys() | now.tracks.keys()
                if whole.tracks.get(number) != now.tracks.get(number)
            }
            if now.said and now.said != whole.said:
                complaints.append(now.said[:300])
        return tuple(sorted(changed)), complaints

    def _decoded_whole(self, program: str, name: str) -> Decoded:
        if (program, name) not in self._whole:
            self.master(name)
            self._whole[program, name] = decoded(program, self.folder / name)
        return self._whole[program, name]


def _is_whole_again(case: Case) -> bool:
    """Whether what is left is a whole stream that states no length. The packets of a multiplex carry a count."""
    is_bare = case.master.endswith((".ac3", ".aac"))
    return case.master.endswith(_LENGTHLESS) and (
        case.way == "cut at a boundary" or (is_bare and case.way == "packet removed")
    )


def _broken(entry: Mapping[str, Any]) -> list[str]:
    """Ids of the binding clauses that do not pass."""
    return [
        clause["id"]
        for subject in entry["subjects"]
        for verdict in subject["verdicts"]
        for clause in verdict["clauses"]
        if clause["level"] == "shall" and clause["outcome"] not in ("pass", "not_applicable")
    ]


def line(case: Case, outcome: Outcome) -> dict[str, Any]:
    """A case as it is written down."""
    return {key: value for key, value in asdict(case).items() if key != "path"} | asdict(outcome)


def table(lines: Sequence[Mapping[str, Any]]) -> str:
    """Cases by the coding that was damaged; a pass counts where other frames or samples come out."""
    counts: dict[str, Counter[str]] = {}
    for one in lines:
        counts.setdefault(next(iter(one["changed"]), one["codec"]), Counter())[one["outcome"]] += 1
    total: Counter[str] = sum(counts.values(), Counter())
    rows = [["damaged", "cases", *OUTCOMES]]
    for name, count in [*sorted(counts.items()), ("all", total)]:
        rows.append([name, str(count.total()), *(str(count[outcome]) for outcome in OUTCOMES)])
    return "\n".join("| " + " | ".join(row) + " |" for row in [rows[0], ["---"] * len(rows[0]), *rows[1:]])


def written(resume: Path) -> list[dict[str, Any]]:
    """The lines of an earlier run; a last one that was broken off is left out."""
    found = []
    for text in resume.read_text().splitlines() if resume.exists() else ():
        try:
            found.append(json.loads(text))
        except json.JSONDecodeError:
            continue
    return found


def main() -> int:
    """Run the campaign, or go on with it; 1 where something passed wrongly or a fault of ours was met."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=5000)
    options.add_argument("--resume", type=Path, help="file of JSON lines; default damage-SEED.jsonl")
    options.add_argument("--keep", type=Path, default=Path("damage-kept"))
    given = options.parse_args()
    resume = given.resume or Path(f"damage-{given.seed}.jsonl")
    lines = written(resume)
    done = {one["number"] for one in lines}
    waiting = [number for number in range(given.count) if number not in done]
    with tempfile.TemporaryDirectory() as folder, resume.open("a") as file:
        campaign = Campaign(Path(folder), given.seed)
        for first in range(0, len(waiting), _AT_ONCE):
            for case, outcome in campaign.outcomes(waiting[first : first + _AT_ONCE]):
                lines.append(line(case, outcome))
                print(json.dumps(lines[-1]), file=file, flush=True)
                if outcome.outcome in ("WRONG", "FAULT"):
                    given.keep.mkdir(exist_ok=True)
                    shutil.copy(case.path, given.keep)
                    print(f"{case.path.name}: {outcome}", flush=True)
                case.path.unlink()
    print(table(lines))
    return int(any(one["outcome"] in ("WRONG", "FAULT") for one in lines))


if __name__ == "__main__":
    sys.exit(main())

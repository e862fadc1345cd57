"""Compares the verdict documents of two checkouts over the same masters, value by value.

Run it from a checkout: python -m campaigns.compare_verdicts OLD NEW [PATH...] [--jobs 2] [--keep FOLDER]. OLD and NEW
are checkouts (`git worktree add`); every master is judged there by every spec that both ship, in a process of its own,
with nothing taken from the store. A PATH is a master or a folder of them; without any the demonstration and the faulty
masters of `fixtures/mutations.py` are compared. Members that only NEW has are counted, everything else that differs is
printed. A master that OLD judges otherwise when it is asked again (decoders that conceal damage in several threads do
not always give the same pictures) is unsteady, and is listed apart. Documents that were made before are read from
--keep, so that a run can be taken up again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

SUFFIXES = frozenset(
    (".mov", ".mp4", ".m4v", ".mxf", ".mkv", ".mka", ".webm", ".avi", ".ts", ".m2ts", ".mpg", ".mpeg", ".vob", ".m2v")
    + (".m1v", ".wav", ".aif", ".aiff", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".dv", ".hevc", ".m4s", ".bin")
)
_SHOWN = 20
_TURNS = 10
"""House choice: where threads race, so many runs nearly always show it."""


@dataclass(slots=True)
class Differences:
    """What differs between two documents: places with both values, and how often a member is only in the new one."""

    changed: list[str] = field(default_factory=list)
    added: Counter[str] = field(default_factory=Counter)

    def see(self, old: Any, new: Any, at: str = "") -> None:  # noqa: ANN401  any JSON
        """Compare two values, member by member."""
        if isinstance(old, dict) and isinstance(new, dict):
            for name in old:
                if name in new:
                    self.see(old[name], new[name], f"{at}/{name}")
                else:
                    self.changed.append(f"{at}/{name} is gone")
            self.added.update(f"{_plain(at)}/{name}" for name in new if name not in old)
        elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            for number, (before, after) in enumerate(zip(old, new, strict=True)):
                self.see(before, after, f"{at}/{number}")
        elif old != new or type(old) is not type(new):
            self.changed.append(f"{at}: {json.dumps(old)[:200]} became {json.dumps(new)[:200]}")


def _plain(at: str) -> str:
    return "/".join("[]" if part.isdigit() else part for part in at.split("/"))


def masters_in(paths: Iterable[Path]) -> Iterator[Path]:
    """Every file with the suffix of a master under `paths`, in order."""
    for path in paths:
        if path.is_dir():
            found = (one for one in path.rglob("*") if one.is_file() and one.suffix.lower() in SUFFIXES)
            yield from sorted(found)
        else:
            yield path


def made_masters(folder: Path) -> list[Path]:
    """The demonstration's masters and one for every mutation, made in `folder`."""
    from deliverqc.demo import make_demo_master
    from fixtures.masters import make_good_master
    from fixtures.mutations import MUTATIONS

    folder.mkdir(parents=True, exist_ok=True)
    good = folder / "good.mov"
    if not good.exists():
        make_good_master(good)
    for is_faulty, name in ((False, "demo.mov"), (True, "demo-faulty.mov")):
        if not (folder / name).exists():
            make_demo_master(folder / name, faulty=is_faulty)
    for name, mutation in MUTATIONS.items():
        if not any(folder.glob(f"{name}.*")):
            mutation(good, folder / name)
    return sorted(path for path in folder.iterdir() if path.is_file())


def specs_of(checkout: Path) -> set[str]:
    """The ids of all specs and families that a checkout ships, each in its newest revision."""
    folder = checkout / "specs"
    left_out = {"old", "examples"}
    paths = [path for path in folder.rglob("*.json") if left_out.isdisjoint(path.relative_to(folder).parts)]
    documents = [json.loads(path.read_text()) for path in paths]
    return {document.get("x-spec", document).get("id") for document in documents} - {"deliverqc-integrity", None}


def document_of(master: Path, turn: int = 0, *, checkout: Path, specs: Sequence[str], kept: Path) -> Path:
    """Where the verdict document of one master under `specs` is kept, with the exit code; `turn` tells runs apart."""
    key = hashlib.sha256("|".join((*specs, str(master), *[str(turn)][: turn > 0])).encode()).hexdigest()[:24]
    path = kept / f"{key}.json"
    if not path.exists():
        chosen = [word for spec in specs for word in ("--spec", spec)]
        command = ("check", str(master), *chosen, "--format", "json", "--no-cache", "--as-of", "2026-01-01")
        said = _run(checkout, *command)
        try:
            document = json.loads(said.stdout)
        except ValueError:
            document = {"stderr": said.stderr}
        part = path.with_suffix(".part")
        part.write_text(json.dumps({"exit_code": said.returncode, "document": document}))
        part.replace(path)
    return path


def _run(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(checkout), "PYTHONSAFEPATH": "1", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "deliverqc", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, errors="replace", timeout=1800, check=False
    )


def _commit(checkout: Path) -> str:
    said = subprocess.run(
        ["git", "-C", str(checkout), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    )
    return said.stdout.strip()


def main() -> int:
    """Compare, print what differs, and exit with 1 where anything does."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("paths", type=Path, nargs="*")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=None)
    chosen = parser.parse_args()
    checkouts = [chosen.old.resolve(), chosen.new.resolve()]
    commits = [_commit(checkout) for checkout in checkouts]
    with tempfile.TemporaryDirectory() as temporary:
        keep = chosen.keep or Path(temporary)
        masters = list(masters_in(path.resolve() for path in chosen.paths)) or made_masters(keep / "masters")
        specs = sorted(specs_of(checkouts[0]) & specs_of(checkouts[1]))
        print(f"{commits[0]} against {commits[1]}: {len(masters)} masters, {len(specs)} specs and families", flush=True)
        for commit in commits:
            (keep / commit).mkdir(parents=True, exist_ok=True)
        return _compare(masters, specs, checkouts, [keep / commit for commit in commits], chosen.jobs)


def _compare(
    masters: Sequence[Path], specs: Sequence[str], checkouts: Sequence[Path], kept: Sequence[Path], jobs: int
) -> int:
    differing, unsteady, verdicts = 0, [], 0
    added: Counter[str] = Counter()
    with ThreadPoolExecutor(jobs) as pool:
        make = [
            partial(document_of, checkout=checkout, specs=specs, kept=folder)
            for checkout, folder in zip(checkouts, kept, strict=True)
        ]
        for master, *paths in zip(masters, *(pool.map(one, masters) for one in make), strict=True):
            old, new = (json.loads(path.read_text()) for path in paths)
            found = _differences(old, new)
            added.update(found.added)
            entries = old["document"].get("masters", ())
            verdicts += sum(len(subject["verdicts"]) for entry in entries for subject in entry["subjects"])
            if not found.changed:
                continue
            turns = pool.map(partial(make[0], master), range(1, _TURNS))
            if any(_differences(old, json.loads(path.read_text())).changed for path in turns):
                unsteady.append(master)
                continue
            differing += 1
            print(f"{master}: {len(found.changed)} differences", *found.changed[:_SHOWN], sep="\n  ", flush=True)
    print(f"{len(masters)} masters, {verdicts} verdicts: {differing} masters differ, {len(unsteady)} are unsteady")
    print(*(f"  unsteady: {master}" for master in unsteady), sep="\n")
    for name, count in sorted(added.items()):
        print(f"  only in the new: {name} ({count} times)")
    return 1 if differing else 0


def _differences(old: Any, new: Any) -> Differences:  # noqa: ANN401
    found = Differences()
    found.see(old, new)
    return found


if __name__ == "__main__":
    sys.exit(main())

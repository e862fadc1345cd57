"""Damages small DCPs and IMF packages and checks each: no fault of ours, no hang, no wrong pass, nothing read outside.

Run it from a checkout: python -m campaigns.packages --count 2000 --seed 1 [--resume FILE]. A case is its seed and
number alone. Every case adds one line of JSON to FILE, and a run goes on after the last line.

A pass is wrong where a reader of its own, which knows nothing of deliverqc, finds that an asset that a packing list or
a composition names is not there as the packing list has it. Files that are opened while a package is checked are heard
by Python's audit hook, and where libav opens them. The headers tier never passes: its runs look for the other three.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import random
import select
import shutil
import signal
import sys
import sysconfig
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote
from xml.etree import ElementTree

from campaigns.damage import written as lines_of
from deliverqc.errors import INTERNAL_CODES, DeliverqcError
from deliverqc.measuring.registry import spec_library
from deliverqc.pipeline import check_master
from deliverqc.request import Request, Tier
from fixtures.imf import make_imp
from fixtures.package_damage import HARMLESS, WAYS
from fixtures.packages import make_dcp

OUTCOMES = ("failed", "unreadable", "passed", "WRONG", "FAULT", "HANG", "OUTSIDE")
FAULTS = frozenset(OUTCOMES[3:])
_LIMIT_S = 120
_AT_ONCE = 50
_SPECS = {"smpte": "dcp-smpte", "interop": "dcp-interop", "imf": "imf-app2e"}
_OURS = tuple(
    os.path.realpath(one)
    for one in (
        sys.prefix,
        sys.base_prefix,
        sysconfig.get_path("stdlib"),
        str(Path(__file__).parents[1]),
        "/proc/self",
        "/dev/null",
        "/usr/share/zoneinfo",
    )
)
"""What Python, its libraries and this checkout open of themselves."""

_opened: set[str] = set()


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str | bytes):
        _opened.add(str(Path(os.fsdecode(arguments[0])).absolute()))


def listen() -> None:
    """Hear of every file that is opened from now on, until the process ends."""
    import av

    sys.addaudithook(_heard)
    open_by_libav = av.open

    def open_heard(file: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  as libav's own
        _opened.add(str(Path(str(file).rpartition("file:")[2]).absolute()))
        return open_by_libav(file, *arguments, **options)

    av.open = open_heard


def read_outside(folder: Path) -> list[str]:
    """Files outside `folder` that were opened since the last call, links followed, and that are not ours."""
    home = os.path.realpath(folder)
    found = {os.path.realpath(one) for one in _opened}
    _opened.clear()
    return sorted(one for one in found if not _is_in(one, home) and not any(_is_in(one, own) for own in _OURS))


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)


class Campaign:
    """Makes the cases of one seed in a folder, and judges how they were judged. `tier`: full decodes, too."""

    def __init__(self, folder: Path, seed: int, tier: Tier = Tier.FULL) -> None:
        self.folder, self.seed, self.tier = folder, seed, tier
        (folder / "outside").mkdir()
        clean = folder / "clean"
        make_dcp(clean / "smpte", standard="smpte", reels=2)
        make_dcp(clean / "interop", standard="interop")
        make_imp(clean / "imf")
        shutil.copy(clean / "imf" / "picture_0.mxf", folder / "outside" / "secret.mxf")
        self.library = spec_library()
        self._names = sorted(_SPECS)

    def case(self, number: int) -> dict[str, Any]:
        """Write the damaged package of that number into `case`, and say what was done."""
        chance = random.Random(f"{self.seed}/{number}")
        name = self._names[number % len(self._names)]
        way = sorted(WAYS)[number // len(self._names) % len(WAYS)]
        to = self.folder / "case"
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder / "clean" / name, to)
        return {"number": number, "package": name, "way": way, "place": WAYS[way](to, chance)}

    def judged(self, number: int) -> dict[str, Any]:
        """The line of one case: what was done, and what came of it."""
        line = self.case(number)
        specs = [self.library.integrity, self.library.load(_SPECS[line["package"]])]
        _opened.clear()
        try:
            entry = check_master(self.folder / "case", specs, self.library, Request(tier=self.tier))
        except DeliverqcError as error:
            outcome, said = ("unreadable" if error.exit_code in (2, 4) else "FAULT"), error.message
        except Exception:  # noqa: BLE001  it is what the campaign looks for
            outcome, said = "FAULT", traceback.format_exc()[-1500:]
        else:
            outcome, said = self._outcome(entry, line["way"])
        outside = read_outside(self.folder / "case")
        if outside:
            outcome, said = "OUTSIDE", ", ".join(outside)
        return line | {"outcome": outcome, "said": said[:1500]}

    def _outcome(self, entry: Mapping[str, Any], way: str) -> tuple[str, str]:
        if entry["error"] is not None:
            is_ours = entry["error"]["code"] in INTERNAL_CODES
            return ("FAULT" if is_ours else "unreadable"), entry["error"]["message"]
        verdicts = [one for subject in entry["subjects"] for one in subject["verdicts"]]
        broken = sorted({clause["id"] for one in verdicts for clause in one["clauses"] if clause["outcome"] == "fail"})
        if not any(one["decision"] == "pass" for one in verdicts):
            is_wrong = way in HARMLESS and (self.tier is Tier.FULL or verdicts[0]["decision"] == "fail")
            return ("WRONG" if is_wrong else "failed"), ", ".join(broken)
        return ("WRONG", found) if (found := damage_of(self.folder / "case")) else ("passed", ", ".join(broken))


def damage_of(folder: Path) -> str:
    """What is wrong with an asset that the packing list or the composition names, by a reader of its own; empty where
    every asset is there as the packing list has it."""
    maps = [path for path in folder.iterdir() if path.name.lower() in ("assetmap", "assetmap.xml")]
    try:
        root = ElementTree.parse(maps[0]).getroot()
        mapped = {
            _text(one, "Id"): unquote(_text(one, "ChunkList", "Chunk", "Path"))
            for one in root.iter()
            if _is(one, "Asset")
        }
        listed = {}
        for path in folder.glob("pkl*"):
            for one in ElementTree.parse(path).getroot().iter():
                if _is(one, "Asset"):
                    listed[_text(one, "Id")] = (_text(one, "Hash"), _text(one, "Size"))
    except (OSError, ElementTree.ParseError, IndexError, ValueError) as error:
        return f"not read: {error}"
    for identity, (digest, size) in listed.items():
        try:
            data = (folder / mapped[identity]).read_bytes()
        except (OSError, KeyError, ValueError) as error:
            return f"{identity}: {error}"
        if str(len(data)) != size or base64.b64encode(hashlib.sha1(data).digest()).decode() != digest:
            return f"{mapped[identity]} is not as listed"
    return "" if len(listed) >= 3 else f"{len(listed)} assets listed"


def _is(element: ElementTree.Element, name: str) -> bool:
    return element.tag.rpartition("}")[2] == name


def _text(element: ElementTree.Element, *names: str) -> str:
    for name in names:
        element = next(one for one in element if _is(one, name))
    return (element.text or "").strip()


class Cases(Protocol):
    """What `run` needs of a campaign: a case by its number, and the line of what came of it."""

    def case(self, number: int) -> dict[str, Any]: ...

    def judged(self, number: int) -> dict[str, Any]: ...


def run(campaign: Cases, numbers: Sequence[int], limit_s: float = _LIMIT_S) -> Iterator[dict[str, Any]]:
    """The lines of `numbers`, each checked in a process that is started again where a case ends it or hangs."""
    waiting = list(numbers)
    while waiting:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            _work(campaign, waiting, writing)
        os.close(writing)
        ended = False
        for line in _lines(reading, limit_s):
            yield line
            waiting.remove(line["number"])
            ended = not waiting
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not ended and waiting:
            is_hang = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
            line = campaign.case(waiting.pop(0))
            yield line | {"outcome": "HANG" if is_hang else "FAULT", "said": f"the process ended with {status}"}


def _work(campaign: Cases, numbers: Iterable[int], writing: int) -> None:
    """Check in this process, and end it."""
    status = 1
    try:
        listen()
        for number in numbers:
            os.write(writing, json.dumps(campaign.judged(number)).encode() + b"\n")
        status = 0
    except BaseException:  # noqa: BLE001  what is behind the fork belongs to the parent
        traceback.print_exc()
    finally:
        os._exit(status)


def _lines(reading: int, limit_s: float) -> Iterator[dict[str, Any]]:
    """Lines as they come; ends where none comes for so long, or the process is gone."""
    held = b""
    while select.select([reading], [], [], limit_s)[0]:
        data = os.read(reading, 1 << 16)
        if not data:
            return
        *whole, held = (held + data).split(b"\n")
        yield from (json.loads(one) for one in whole)


def gathered(make: Callable[[Path], Cases], count: int, resume: Path) -> list[dict[str, Any]]:
    """The lines of all cases: those of an earlier run in the file `resume`, and the others, each added to it. What is
    a fault is printed as it comes."""
    lines = lines_of(resume)
    done = {one["number"] for one in lines}
    waiting = [number for number in range(count) if number not in done]
    with tempfile.TemporaryDirectory() as folder, resume.open("a") as file:
        campaign = make(Path(folder))
        for first in range(0, len(waiting), _AT_ONCE):
            for line in run(campaign, waiting[first : first + _AT_ONCE]):
                lines.append(line)
                print(json.dumps(line), file=file, flush=True)
                if line["outcome"] in FAULTS:
                    print(json.dumps(line), flush=True)
    return lines


def table(lines: Iterable[Mapping[str, Any]]) -> str:
    """Cases by the way of damage."""
    counts: dict[str, Counter[str]] = {}
    for one in lines:
        counts.setdefault(one["way"], Counter())[one["outcome"]] += 1
    total: Counter[str] = sum(counts.values(), Counter())
    rows = [["damage", "cases", *OUTCOMES], ["---"] * (len(OUTCOMES) + 2)]
    for name, count in [*sorted(counts.items()), ("all", total)]:
        rows.append([name, str(count.total()), *(str(count[outcome]) for outcome in OUTCOMES)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main() -> int:
    """Run the campaign, or go on with it; 1 where a fault of ours, a hang, a wrong pass or a file outside was met."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=2000)
    options.add_argument("--tier", choices=[one.value for one in Tier], default=Tier.FULL.value)
    options.add_argument("--resume", type=Path, help="file of JSON lines; default packages-SEED.jsonl")
    given = options.parse_args()
    resume = given.resume or Path(f"packages-{given.seed}.jsonl")
    lines = gathered(lambda folder: Campaign(folder, given.seed, Tier(given.tier)), given.count, resume)
    print(table(lines))
    return int(any(one["outcome"] in FAULTS for one in lines))


if __name__ == "__main__":
    sys.exit(main())

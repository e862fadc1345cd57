"""Damages small files of timed text and checks each: no fault of ours, no hang, no wrong pass, no event lost silently.

Run it from a checkout: python -m campaigns.timed_text --count 2000 --seed 1 [--validators FOLDER] [--resume FILE]. A
case is its seed and number alone. Every case adds one line of JSON to FILE, and a run goes on after the last line.

A pass is wrong where a schema or a reader of others refuses the file (`campaigns.text_validators`), or finds more
events in it than we do; `EXCUSED` has what they refuse although the format allows it. A fail is wrong where the damage
is harmless. Files that are opened while one is checked are heard, as in `campaigns.packages`.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from campaigns.packages import FAULTS, gathered, read_outside, table
from campaigns.text_validators import Opinion, Validators
from deliverqc.errors import INTERNAL_CODES, DeliverqcError
from deliverqc.measuring.registry import spec_library
from deliverqc.pipeline import check_master
from deliverqc.request import Request
from fixtures.text_damage import HARMLESS, WAYS
from fixtures.timed_text import WRITERS

EXCUSED = (
    (
        "ttml",
        r"[^\x00-\x7f].* is not a valid value of the atomic type 'xs:ID'",
        "libxml2 knows the letters of names of XML 1.0 fourth edition; the fifth has more",
    ),
    (
        "ebu_stl",
        r"^ttconv: Subtitle TCO is less than or equal to TCI",
        "ttconv moves starts behind the end before; Tech 3264 forbids neither overlaps nor a duration of 0, "
        "which facts of events show",
    ),
)
"""Format, pattern of a refusal, and why the format allows it."""


class Campaign:
    """Makes the cases of one seed in a folder, and judges how they were judged."""

    def __init__(self, folder: Path, seed: int, validators: Path | None = None) -> None:
        self.folder, self.seed = folder, seed
        self.library = spec_library()
        self.validators = Validators(validators)
        self._clean = {name: write() for name, write in sorted(WRITERS.items())}

    def _damaged(self, number: int) -> tuple[str, str, bytes]:
        """Format, way and damaged data of a case: the way is the next one that the format has and that changes it."""
        names = sorted(self._clean)
        form = names[number % len(names)]
        chance = random.Random(f"{self.seed}/{number}")
        ways = sorted(WAYS)
        for place in range(number // len(names), number // len(names) + len(ways)):
            way = ways[place % len(ways)]
            data = WAYS[way](self._clean[form], form, chance)
            if data is not None and data != self._clean[form]:
                return form, way, data
        raise AssertionError(f"no way damages {form}")

    def case(self, number: int) -> dict[str, Any]:
        """Write the damaged file of that number, and say what it is."""
        form, way, data = self._damaged(number)
        path = self.folder / "case.txt"
        path.write_bytes(data)
        return {"number": number, "format": form, "way": way}

    def judged(self, number: int) -> dict[str, Any]:
        """The line of one case: what was done, and what came of it."""
        line = self.case(number)
        path = self.folder / "case.txt"
        read_outside(self.folder)
        try:
            entry = check_master(path, [self.library.integrity], self.library, Request())
        except DeliverqcError as error:
            outcome, said = ("unreadable" if error.exit_code in (2, 4) else "FAULT"), error.message
        except Exception:  # noqa: BLE001  it is what the campaign looks for
            outcome, said = "FAULT", traceback.format_exc()[-1500:]
        else:
            outside = read_outside(self.folder)
            outcome, said = self._outcome(entry, line, path.read_bytes())
            if outside:
                outcome, said = "OUTSIDE", ", ".join(outside)
        if line["way"] in HARMLESS and outcome in ("failed", "unreadable"):
            outcome = "WRONG"
        return line | {"outcome": outcome, "said": said[:1500]}

    def _outcome(self, entry: Mapping[str, Any], line: Mapping[str, Any], data: bytes) -> tuple[str, str]:
        if entry["error"] is not None:
            is_ours = entry["error"]["code"] in INTERNAL_CODES
            return ("FAULT" if is_ours else "unreadable"), entry["error"]["message"]
        verdict = entry["subjects"][0]["verdicts"][0]
        if verdict["decision"] != "pass":
            return "failed", ", ".join(one["id"] for one in verdict["clauses"] if one["outcome"] == "fail")
        found = verdict["facts"]
        return wrong(found["wrapper.format"], found["timed_text.tracks"], self.validators, data)


def wrong(form: str, tracks: list[dict[str, Any]], validators: Validators, data: bytes) -> tuple[str, str]:
    """Of a file that passes: what others say against it."""
    said: Opinion = validators.opinion(data, form)
    refused = [one for one in said.refusals if not is_excused(form, one)]
    if refused:
        return "WRONG", f"{form} refused: {refused[0]}"
    count = max(track["event_count"] for track in tracks)
    if said.event_count is not None and count < said.event_count:
        return "WRONG", f"{form}: {count} events of {said.event_count}"
    return "passed", f"{count} events"


def is_excused(form: str, refusal: str) -> list[str]:
    """Why the format allows what is refused; empty where it does not."""
    return [why for of, pattern, why in EXCUSED if of == form and re.search(pattern, refusal)]


def main() -> int:
    """Run the campaign, or go on with it; 1 where a fault of ours, a hang, a wrong verdict or a file outside was
    met."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=2000)
    options.add_argument("--validators", type=Path, help="folder of schemas and checkers: campaigns/text_validators.py")
    options.add_argument("--resume", type=Path, help="file of JSON lines; default timed-text-SEED.jsonl")
    given = options.parse_args()
    print("asked: " + ", ".join(Validators(given.validators).asked()))
    resume = given.resume or Path(f"timed-text-{given.seed}.jsonl")
    lines = gathered(lambda folder: Campaign(folder, given.seed, given.validators), given.count, resume)
    print(table(lines))
    return int(any(one["outcome"] in FAULTS for one in lines))


if __name__ == "__main__":
    sys.exit(main())

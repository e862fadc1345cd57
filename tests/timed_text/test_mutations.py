"""One fault in a clean file of timed text breaks its clause and no other: `mutations.tsv`, row by row and by format.

The clean file is that of `fixtures/timed_text.py`, next to a picture of 30 s at 25 frames with a cut at frame 250.
`mutations_spec.json` has a clause for each fault; that on the format's own rules is of integrity. A change is one of

    cue NUMBER KEY=VALUE …     the event is written otherwise: begin, end, lines (`|` between them), region
    replace OLD NEW [once]     bytes of the file, as Python escapes them; `{45}` is so many words of padding
    channel                    captions of the first channel are those of the second
    service NUMBER             captions of CTA-708 are of another service
    triplets OLD NEW           the first pair of bytes of CTA-708 that is OLD becomes NEW
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from deliverqc.judging.judge import judge
from deliverqc.measuring.registry import spec_library
from deliverqc.measuring.shot_changes import ShotChanges
from deliverqc.measuring.text_clock import PictureClock
from deliverqc.measuring.text_comparison import with_shots
from deliverqc.measuring.timed_text import track_facts
from deliverqc.timed_text.detecting import text_format
from deliverqc.timed_text.reading import read_bytes
from deliverqc.verdict import Outcome
from fixtures.timed_text import CLEAN, WRITERS, Cue, dtvcc, mcc
from tests.packages.scoring import table

_HERE = Path(__file__).parent
_ROWS = [
    (row["id"], form, row["change"], row["clauses"])
    for row in table(_HERE / "mutations.tsv")
    for form in row["formats"].split()
]
_SPEC = spec_library().load(str(_HERE / "mutations_spec.json"))
_OWN = frozenset(one.id for one in _SPEC.clauses) & {
    *re.findall(r'"\$anchor": "([a-z-]+)"', (_HERE / "mutations_spec.json").read_text(encoding="utf-8")),
    "timed-text-reads",
}
_PICTURE = PictureClock(frame_rate=Fraction(25), duration_s=Fraction(30))
_SHOTS = ShotChanges(frames=(250,), doubtful=())


def _with(cue: Cue, said: list[str]) -> Cue:
    changed = cue
    for one in said:
        key, _, value = one.partition("=")
        if key in ("begin", "end"):
            changed = replace(changed, **{key: Fraction(value)})
        elif key == "lines":
            changed = replace(changed, lines=tuple(value.split("|")) if value else ())
        else:
            changed = replace(changed, region=value)
    return changed


def _bytes(written: str) -> bytes:
    padded = re.sub(r"\{(\d+)\}", lambda found: " 8080" * int(found[1]), written)
    return padded.encode("latin-1").decode("unicode_escape").encode("latin-1")


def _replaced(data: bytes, old: bytes, new: bytes, *, count: int = -1) -> bytes:
    assert old in data
    return data.replace(old, new, count)


def _second_channel(data: bytes) -> bytes:
    return re.sub(rb"\b94(?=[0-9a-f]{2}\b)", b"1c", data)


def _other_triplets(old: str, new: str) -> bytes:
    sent = dtvcc()
    (first, *_), changed = (tuple(bytes.fromhex(one)) for one in (old, old)), tuple(bytes.fromhex(new))
    frame, at = next((frame, at) for frame, held in sent.items() for at, one in enumerate(held) if one[1:] == first)
    sent[frame][at] = (sent[frame][at][0], changed[0], changed[1])
    return mcc(triplets=sent)


def mutated(form: str, change: str) -> bytes:
    """The file of that format with the change in it."""
    verb, *said = shlex.split(change) or [""]
    match verb:
        case "cue":
            number = int(said[0]) - 1
            return WRITERS[form]([*CLEAN[:number], _with(CLEAN[number], said[1:]), *CLEAN[number + 1 :]])
        case "replace":
            old, new = map(_bytes, said[:2])
            return _replaced(WRITERS[form](), old, new, count=1 if said[2:] else -1)
        case "channel":
            return _second_channel(WRITERS[form]())
        case "service":
            return mcc(triplets=dtvcc(service=int(said[0])))
        case "triplets":
            return _other_triplets(*said)
    assert not verb
    return WRITERS[form]()


def failing(data: bytes, form: str) -> set[str]:
    """The clauses of the table that fail; none of them is left open."""
    assert text_format(data[:65536]) == form
    read = [track_facts(one, source="file", file="a", picture=_PICTURE) for one in read_bytes(data, form, "a")]
    tracks = [with_shots(one, _SHOTS, 25.0) for one in read]
    facts = {"wrapper.format": form, "timed_text.track_count": len(tracks), "timed_text.tracks": tracks}
    outcomes = {one.id: one.outcome for one in judge(_SPEC, facts, as_of=date(2026, 1, 1)).clauses if one.id in _OWN}
    assert not [name for name, outcome in outcomes.items() if outcome is Outcome.NOT_MEASURED]
    return {name for name, outcome in outcomes.items() if outcome is Outcome.FAIL}


@pytest.mark.parametrize(
    ("form", "change", "clauses"), [row[1:] for row in _ROWS], ids=[f"{row[0]}-{row[1]}" for row in _ROWS]
)
def test_a_fault_breaks_its_clause_and_no_other(form: str, change: str, clauses: str) -> None:
    assert failing(mutated(form, change), form) == set(clauses.split())


def test_every_clause_is_broken_by_a_row() -> None:
    assert {name for row in _ROWS for name in row[3].split()} == _OWN

"""The verdict: outcomes of clauses, findings, decisions, and the published document made of them; knows no files and
no formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

SCHEMA_VERSION = 1

NOT_YET = "cannot be measured yet"
"""Note of a clause whose fact nothing measures: `missing_facts` names it."""


MOST_FINDINGS = 1_000
"""Of one clause in the document: house choice, far above what anyone reads; a finding takes about 1 kB."""

MOST_ITEMS = 10_000
"""Of one list of facts in the document: house choice, which keeps it to a few MB."""

MOST_EVENTS = 5_000
"""Of events of timed text in the document, which take 1.5 kB each: house choice, twice the subtitles of a feature."""

_MOST: Mapping[str, int] = {"timed_text.tracks[].events": MOST_EVENTS}

OBSERVED = "observed"
"""Severity of what is noticed and is no fault: it is one line in a report and never fails a master."""


_TIMECODE_FAULTS = {
    "drop_frame_at_this_rate": "flagged drop-frame at a rate that has none",
    "beyond_24_hours": "outside the 24 hours of a day",
    "no_such_address": "a frame number that the rate does not have",
    "not_a_timecode": "not a timecode",
    "rate_unknown": "its rate is not known",
    "jumps": "jumps",
    "not_the_pictures_rate": "counts at another rate than the picture",
}


_UNITS = {"_bits": " bits", "_hz": " Hz", "_px": " pixels", "_s": " s"}


def item_words(item: Mapping[str, Any]) -> tuple[str, str] | None:
    """What an item of a known list says, and what is required instead, in words: a change of the picture, a stated
    length that is not there, what is missing, a header or a timecode that contradicts itself, encryption, a decoder's
    complaint, two layers that differ. None for any other item."""
    if {"fact", "from", "to"} <= item.keys():
        return f"{_short(item['fact'])} changes from {_value(item['from'])} to {_value(item['to'])}", "no change"
    if {"source", "stated_s", "held_s"} <= item.keys():
        held = f"{item['held_s']:.3f} s of {item['stated_s']:.3f} s are there (stated by: {item['source']})"
        return held, "all of the stated length"
    if {"track", "packet_count", "duration_s"} <= item.keys():
        count = item["packet_count"]
        lost = f"{count} packet of {item['track']} is" if count == 1 else f"{count} packets of {item['track']} are"
        return f"{lost} missing ({item['duration_s']:.3f} s)", "no gap in the packets"
    if item.keys() == {"part_number", "start_s", "duration_s", "missing_s"}:
        place = f"part {item['part_number']} ({item['duration_s']:g} s from {item['start_s']:g} s on)"
        return f"{place} ends {item['missing_s']:g} s after the file", "every part in the file"
    if item.keys() == {"place", "message"}:
        return f"{item['place']}: {item['message']}", "no contradiction in the headers"
    if item.keys() == {"order", "priming_codec"}:
        coding = str(item["priming_codec"]).upper()
        return f"nothing states the priming of audio track {item['order']} ({coding})", "a stated priming"
    if item.keys() == {"track", "scheme"}:
        by = f" ({item['scheme']})" if item["scheme"] else ""
        return f"{item['track']} is encrypted{by}", "no encryption"
    if {"source", "stated", "fault"} <= item.keys():
        return (
            f"timecode of {item['source']} ({item['stated']}): {_TIMECODE_FAULTS.get(item['fault'], item['fault'])}",
            ("a timecode that counts on at the picture's rate"),
        )
    if {"message", "count", "frame"} <= item.keys():
        times = f", {item['count']} times" if item["count"] != 1 else ""
        where = f", in {item['file']}" if item.get("file") else ""
        return f"{item.get('track') or 'the wrapper'}: {item['message']}{times}{where}", "no damage"
    if item.keys() == {"first_number", "last_number", "frame_count"}:
        first, last, count = item["first_number"], item["last_number"], item["frame_count"]
        missing = f"frame {first} is missing" if count == 1 else f"frames {first} to {last} are missing ({count})"
        return missing, "every number"
    if item.keys() == {"file", "frame", "fault"}:
        return f"{item['file']}: {item['fault']}", "whole files"
    if {"fact", "item", "values"} <= item.keys() and isinstance(item["values"], Mapping):
        stated, coded = (_value(item["values"].get(layer)) for layer in ("wrapper", "bitstream"))
        member = str(item["fact"]).rpartition(".")[2].removesuffix("_px").replace("depths_bits", "depths")
        member, frames = member.replace("_", " "), item.get("frame_count")
        what = item["item"] if item["item"].lower() == member else f"{member} ({item['item']})"
        often = f" (in {frames} frames; the first is shown)" if frames not in (None, 1) else ""
        return (
            f"{what}: the JPEG 2000 sub-descriptor states {stated}, the codestream {coded}{often}",
            "the same in both",
        )
    if {"fact", "values"} <= item.keys() and isinstance(item["values"], Mapping):
        unit = next((words for end, words in _UNITS.items() if str(item["fact"]).endswith(end)), "")
        both = ", ".join(f"{layer} {_value(value)}{unit}" for layer, value in item["values"].items())
        return f"{_short(item['fact'])}: {both}", "the same in both"
    return None


DIFFERENCES: Mapping[str, tuple[str, str]] = {
    "cross_check.bwf_start_difference_samples": (
        "iXML starts {} samples later than bext",
        "iXML starts {} samples earlier than bext",
    ),
    "cross_check.ixml_sample_rate_difference_hz": (
        "iXML states a sample rate {} Hz above that of the audio",
        "iXML states a sample rate {} Hz below that of the audio",
    ),
    "cross_check.bwf_loudness_difference_lu": (
        "the mix is {} LU louder than bext states",
        "the mix is {} LU quieter than bext states",
    ),
}
"""Facts that are the difference of two statements, in words: where it is positive, and where it is negative."""


def difference_words(fact: str, value: float, shown: str | None = None) -> str:
    """The sentence of a fact in `DIFFERENCES`, with `shown` for the size of its `value`."""
    above, below = DIFFERENCES[fact]
    return (below if value < 0 else above).format(shown or repr(abs(value)))


def with_unit(number: str, unit: str | None) -> str:
    """A number with its unit, in the singular where it is 1: "1 byte", "at least 1 frame", "512 bytes"."""
    is_one = number == "1" or number.endswith((" 1", " -1"))
    word = unit[:-1] if unit in _COUNTED and is_one and unit else unit
    return f"{number} {word}" if word else number


_COUNTED = ("bits", "bytes", "frames", "samples", "pixels", "lines")


def _short(name: object) -> str:
    """A fact's name without the essence, its unit and underscores: "color range" of picture.color_range."""
    words = str(name).rpartition(".")[2].removesuffix("_px").removesuffix("_bits").removesuffix("_hz")
    return words.replace("_", " ")


def _value(value: object) -> str:
    return "nothing" if value is None else str(value)


class Outcome(StrEnum):
    """Of one clause."""

    PASS = "pass"
    FAIL = "fail"
    NOT_MEASURED = "not_measured"
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"


class Level(StrEnum):
    """How binding a clause is."""

    SHALL = "shall"
    SHOULD = "should"


class FailOn(StrEnum):
    """The least that makes a check fail: a broken `shall`; or a broken `should` too; or what is noticed, too."""

    SHALL = "shall"
    SHOULD = "should"
    NOTICED = "noticed"


class Decision(StrEnum):
    """Of a verdict, subject, master or batch."""

    PASS = "pass"
    INCOMPLETE = "incomplete"
    FAIL = "fail"
    ERROR = "error"


OTHER = "other"
"""The matter of facts that belong to none of the others."""

MATTERS: Mapping[str, str] = {
    "wrapper": "wrapper",
    "package": "package",
    "layout": "layout",
    "picture": "picture",
    "levels": "video levels",
    "photosensitivity": "photosensitivity",
    "audio": "audio",
    "loudness": "loudness",
    "sync": "sync",
    "timed_text": "timed text",
    "file": "file name and size",
    OTHER: "single properties",
}
"""What a spec may be limited to, in the order of reports, and how a reader calls it. `layout` is where things are in
time: timecode, leader, black and breaks."""


def scope_words(scope: Sequence[str]) -> str:
    """A scope for a reader: "loudness only", "picture and audio only"; empty where nothing limits it."""
    told = [MATTERS.get(one, one.replace("_", " ")) for one in scope]
    if not told:
        return ""
    return f"{' and '.join(filter(None, (', '.join(told[:-1]), told[-1])))} only"


_FROM_BEST = (Decision.PASS, Decision.INCOMPLETE, Decision.FAIL, Decision.ERROR)

EXIT_CODES: Mapping[Decision, int] = {Decision.PASS: 0, Decision.FAIL: 1, Decision.INCOMPLETE: 3, Decision.ERROR: 4}
"""Exit code of a decision. 2 is usage or a bad spec, 5 an internal fault, 130 an interruption."""

_EXIT_CODES_FROM_WORST = (130, 5, 4, 2, 1, 3, 0)


def worst(decisions: Iterable[Decision]) -> Decision:
    """The worst of the decisions: error, fail, incomplete, pass. Nothing judged is incomplete, never a pass."""
    return max(decisions, key=_FROM_BEST.index, default=Decision.INCOMPLETE)


def worst_exit_code(codes: Iterable[int]) -> int:
    """The worst exit code of a batch, in the order 130 > 5 > 4 > 2 > 1 > 3 > 0; none at all is 3."""
    return min(codes, key=_EXIT_CODES_FROM_WORST.index, default=3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One place where facts break a clause.

    `fact` is the registered name, with `[]` for lists; `where` says which of them (`track`, `group`, `channel` …, from
    0). `span` is the span concerned, as in the facts, or None. `expected` is in words: "at most -2.0"; `stated` is the
    document's own figure where that is another: "at most 1 s (24 frames at 23.976)". `event` is the event of a track
    of text that it is about: its number, times and text, which is shortened.
    """

    fact: str
    actual: Any
    expected: str
    unit: str | None
    message: str
    where: Mapping[str, Any] = field(default_factory=dict)
    span: Mapping[str, Any] | None = None
    fingerprint: str = ""
    stated: str | None = None
    event: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClauseOutcome:
    """How one clause came out. `basis` is "our_extension" or "our_reading", None where the document demands it;
    `stated` is the document's own figure where the bound is another. `note` says why it is not_measured or
    not_applicable, where the missing facts do not say it all.
    """

    id: str
    title: str
    level: Level
    outcome: Outcome
    source: Mapping[str, Any]
    why: str | None = None
    remedy: str | None = None
    severity: str | None = None
    basis: str | None = None
    stated: Mapping[str, Any] | None = None
    note: str | None = None
    waiver: Mapping[str, Any] | None = None
    missing_facts: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """As it stands in the verdict document: with `finding_count` where not all findings are kept."""
        count = len(self.findings)
        kept = asdict(replace(self, findings=_most_telling(self.findings)))
        for holder in (kept, *kept["findings"]):
            for name in ("basis", "stated", "event"):
                if holder.get(name, "") is None:
                    del holder[name]
        return kept | ({"finding_count": count} if count > MOST_FINDINGS else {})


def _most_telling(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """At most MOST_FINDINGS of them: the longest where they have durations, else the first; in their order."""
    if len(findings) <= MOST_FINDINGS:
        return findings
    lengths = [(finding.span or {}).get("duration_s") or 0 for finding in findings]
    chosen = sorted(range(len(findings)), key=lambda index: -lengths[index])[:MOST_FINDINGS]
    return tuple(findings[index] for index in sorted(chosen))


_SCALARS = (str, int, float, type(None))


def _bounded(facts: Mapping[str, Any], prefix: str, counts: dict[str, int]) -> dict[str, Any]:
    """The facts with at most MOST_ITEMS in each list (MOST_EVENTS of events), and in the lists of one name within the
    items of another together; how many there were goes into `counts`, by name. Nothing in them is shared."""
    kept: dict[str, Any] = {}
    for key, value in facts.items():
        if isinstance(value, _SCALARS):
            kept[key] = value
            continue
        name = f"{prefix}{key}"
        if not isinstance(value, list):
            kept[key] = deepcopy(value) if isinstance(value, Mapping) else value
            continue
        before = counts.get(name, 0)
        counts[name] = before + len(value)
        shown = value[: max(0, _MOST.get(name, MOST_ITEMS) - before)]
        if shown and all(isinstance(one, Mapping) for one in shown):
            shown = [_bounded(one, f"{name}[].", counts) for one in shown]
        elif any(isinstance(one, (Mapping, list)) for one in shown):
            shown = deepcopy(shown)
        kept[key] = shown
    return kept


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """One spec's verdict on one subject. `spec` is None where a family found no deliverable that fits. `scope` has the
    matters that alone are judged, empty where a pass means the deliverable. `old_readings` names the documents of the
    spec that were read more than a year before the day of the check; it decides nothing.
    """

    spec: Mapping[str, Any] | None
    family: Mapping[str, Any] | None
    decision: Decision
    advisory: bool
    clauses: tuple[ClauseOutcome, ...]
    manual: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, Any]
    provenance: Mapping[str, Any]
    reason: str
    scope: tuple[str, ...] = ()
    old_readings: tuple[Mapping[str, Any], ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many clauses had each outcome; every outcome is there."""
        return {outcome.value: sum(clause.outcome is outcome for clause in self.clauses) for outcome in Outcome}

    def to_document(self) -> dict[str, Any]:
        """As it stands in the verdict document: with `fact_counts` where not all items of a list of facts are kept."""
        counts: dict[str, int] = {}
        facts = _bounded(self.facts, "", counts)
        counts = {name: count for name, count in counts.items() if count > _MOST.get(name, MOST_ITEMS)}
        document = asdict(replace(self, clauses=(), facts={}))
        document["facts"] = facts
        document["clauses"] = [clause.to_document() for clause in self.clauses]
        document["counts"] = self.counts
        for name in ("scope", "old_readings"):
            told = document.pop(name)
            document |= {name: list(told)} if told else {}
        return document | ({"fact_counts": counts} if counts else {})

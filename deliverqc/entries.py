"""The verdict document and its entry for a master, put together from verdicts; judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deliverqc.file_state import file_state
from deliverqc.measuring.measure import Measured
from deliverqc.meters import meters
from deliverqc.probing.libraries import versions
from deliverqc.request import Request, Tier
from deliverqc.verdict import OBSERVED, SCHEMA_VERSION, ClauseOutcome, Decision, FailOn, Verdict, worst
from deliverqc.version import VERSION


def subject_entry(
    subject: Mapping[str, Any],
    verdicts: Sequence[Verdict],
    noticed: Sequence[ClauseOutcome],
    *,
    fail_on: FailOn,
    curves: Sequence[Mapping[str, Any]] = (),
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One subject in the verdict document: its id, kind and title, its verdicts, what is noticed, and its evidence:
    `curves` of meters, and what the `facts` of its text show.

    What is noticed decides only where `fail_on` says so, and what is only observed never.
    """
    decisions = [verdict.decision for verdict in verdicts]
    if fail_on is FailOn.NOTICED and any(clause.severity != OBSERVED for clause in noticed):
        decisions.append(Decision.FAIL)
    captions, speeds = _of_text(facts or {}, verdicts, noticed)
    return {
        "id": subject["id"],
        "kind": subject["kind"],
        "title": subject["title"],
        "decision": worst(decisions).value,
        "evidence": {"curves": [*curves, *speeds], "stills": []} | ({"captions": captions} if captions else {}),
        "verdicts": [verdict.to_document() for verdict in verdicts],
        "noticed": [clause.to_document() for clause in noticed],
    }


def _of_text(
    facts: Mapping[str, Any], verdicts: Sequence[Verdict], noticed: Sequence[ClauseOutcome]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if not facts.get("timed_text.tracks"):
        return [], []
    from deliverqc.measuring.text_evidence import text_evidence  # 1 ms that masters without text do not have

    return text_evidence(facts, [*(clause for verdict in verdicts for clause in verdict.clauses), *noticed])


def master_entry(
    path: Path,
    tier: Tier,
    *,
    error: Mapping[str, str] | None = None,
    subjects: Sequence[Mapping[str, Any]] = (),
    readers_lost: Sequence[tuple[str, str]] = (),
    sidecars: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """One master in the verdict document, with its subjects or with the error that kept it from being read, and with
    the readers that gave up on it: name and sentence. `sidecars`: the files of text that are judged with it."""
    stated = {"path": str(path), "name": path.name, "size_bytes": _size(path), "tier": tier.value}
    entry = entry_of(stated, error=error, subjects=subjects)
    lost = [{"reader": reader, "reason": reason} for reader, reason in readers_lost]
    found = [dict(one) for one in sidecars]
    return entry | ({"readers_lost": lost} if lost else {}) | ({"sidecars": found} if found else {})


def _size(path: Path) -> int | None:
    """Size of a file, or of all files of a package; None where it cannot be seen."""
    try:
        if path.is_dir():
            return sum(inner.stat().st_size for inner in path.rglob("*") if inner.is_file())
        return path.stat().st_size
    except OSError:
        state = file_state(path)  # of an image sequence, whose path names no file
        return None if state is None else state.size_bytes


def entry_of(
    stated: Mapping[str, Any],
    *,
    error: Mapping[str, str] | None = None,
    subjects: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The entry of a master of which path, name, size and tier are `stated`."""
    decision = Decision.ERROR if error else worst(Decision(subject["decision"]) for subject in subjects)
    return {
        "path": stated["path"],
        "name": stated["name"],
        "size_bytes": stated["size_bytes"],
        "sha256": None,
        "tier": stated["tier"],
        "decision": decision.value,
        "error": dict(error) if error else None,
        "subjects": list(subjects),
    }


def verdict_document(masters: Sequence[Mapping[str, Any]], request: Request) -> dict[str, Any]:
    """The published document (deliverqc/reports/verdict.schema.json)."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "deliverqc", "version": VERSION, **_libraries(masters)},
        "decision": worst(Decision(master["decision"]) for master in masters).value,
        "request": request.to_document(),
        "masters": list(masters),
    }


def _libraries(masters: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """The versions that read the masters just now; asked of the libraries themselves, which takes 35 ms, where none
    was read by both."""
    verdicts = (verdict for master in masters for subject in master["subjects"] for verdict in subject["verdicts"])
    read_by = ((verdict.get("provenance") or {}).get("libraries", {}) for verdict in verdicts)
    known = next((one for one in read_by if one.get("libav") and one.get("mediainfo")), None)
    return versions() if known is None else {"libav": known["libav"], "mediainfo": known["mediainfo"]}


def provenance(measured: Measured, libraries: Mapping[str, str]) -> dict[str, Any]:
    """What the judge cannot know of itself: how the facts came about."""
    return {
        "settings": measured.settings,
        "meters": {name: meters()[name].version for name in measured.settings or () if name in meters()},
        "libraries": dict(libraries),
    }

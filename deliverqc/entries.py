"""The verdict document and its entry for a master, put together from verdicts; judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deliverqc.measuring.measure import Measured
from deliverqc.meters import meters
from deliverqc.probing.libraries import versions
from deliverqc.request import Request, Tier
from deliverqc.verdict import SCHEMA_VERSION, Decision, worst
from deliverqc.version import VERSION


def master_entry(
    path: Path,
    tier: Tier,
    *,
    error: Mapping[str, str] | None = None,
    subjects: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """One master in the verdict document, with its subjects or with the error that kept it from being read."""
    decision = Decision.ERROR if error else worst(Decision(subject["decision"]) for subject in subjects)
    try:
        size = path.stat().st_size
    except OSError:
        size = None
    return {
        "path": str(path),
        "name": path.name,
        "size_bytes": size,
        "sha256": None,
        "tier": tier.value,
        "decision": decision.value,
        "error": dict(error) if error else None,
        "subjects": list(subjects),
    }


def verdict_document(masters: Sequence[Mapping[str, Any]], request: Request) -> dict[str, Any]:
    """The published document (deliverqc/reports/verdict.schema.json)."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "deliverqc", "version": VERSION, **versions()},
        "decision": worst(Decision(master["decision"]) for master in masters).value,
        "request": request.to_document(),
        "masters": list(masters),
    }


def provenance(measured: Measured, libraries: Mapping[str, str]) -> dict[str, Any]:
    """What the judge cannot know of itself: how the facts came about."""
    return {
        "settings": measured.settings,
        "meters": {name: meters()[name].version for name in measured.settings or () if name in meters()},
        "libraries": dict(libraries),
    }

"""Granted exceptions: read from a file and laid over the findings of a clause; knows no spec and no facts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from deliverqc.errors import UsageError
from deliverqc.verdict import Finding

_KEYS = ("clause", "reason", "who", "until", "kind", "fingerprints", "range")
_RANGES = (("start_frame", "end_frame"), ("start_s", "end_s"))


class WaiverKind(StrEnum):
    """Why an exception was granted. Only `checked_elsewhere` covers a demand that cannot be measured yet, and it covers
    nothing else."""

    CREATIVE_INTENT = "creative_intent"
    BEST_POSSIBLE = "best_possible"
    PLATFORM_AGREED = "platform_agreed"
    CHECKED_ELSEWHERE = "checked_elsewhere"


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """One exception. `clause` is `spec:clause` or a bare id; it serves up to and including the day `until`.

    Without `fingerprints` and `range` it covers the whole clause; `range` is half-open, in frames or in seconds from
    the first frame.
    """

    clause: str
    reason: str
    who: str
    until: date
    kind: WaiverKind | None = None
    fingerprints: tuple[str, ...] = ()
    range: Mapping[str, float] | None = None

    def is_expired(self, as_of: date) -> bool:
        return as_of > self.until

    def covers(self, finding: Finding) -> bool:
        """Whether the exception was granted for this finding; one without a place in time lies in no range."""
        if not self.fingerprints and self.range is None:
            return True
        return finding.fingerprint in self.fingerprints or (
            self.range is not None and _lies_in(self.range, finding.span)
        )

    def to_document(self) -> dict[str, Any]:
        """As it stands in the file."""
        document: dict[str, Any] = {
            "clause": self.clause,
            "reason": self.reason,
            "who": self.who,
            "until": self.until.isoformat(),
        }
        document |= {"kind": self.kind.value} if self.kind is not None else {}
        document |= {"fingerprints": list(self.fingerprints)} if self.fingerprints else {}
        return document | ({"range": dict(self.range)} if self.range is not None else {})


def _lies_in(bounds: Mapping[str, float], span: Mapping[str, Any] | None) -> bool:
    if span is None:
        return False
    for start, end in _RANGES:
        if start in bounds:
            first, after = span.get(start), span.get(end)
            return (
                first is not None
                and after is not None
                and bounds[start] <= first < bounds[end]
                and after <= bounds[end]
            )
    return False


def apply_waivers(
    findings: Sequence[Finding], granted: Sequence[Waiver], *, as_of: date
) -> tuple[bool, Mapping[str, Any] | None]:
    """Whether every finding of a failing clause is covered, and what to show of the waivers that were granted for the
    clause.

    `state` is `applied`, `partial` (findings are left over), `barred` (of a kind that does not cover what was measured)
    or `expired`; further waivers are under `also`.
    """
    if not granted:
        return False, None
    valid = [waiver for waiver in granted if not waiver.is_expired(as_of) and not _is_elsewhere(waiver)]
    serving = [waiver for waiver in valid if any(waiver.covers(finding) for finding in findings)]
    open_count = sum(not any(waiver.covers(finding) for waiver in valid) for finding in findings)
    is_waived = bool(findings) and open_count == 0
    shown = serving if is_waived else granted
    states = ["barred" if _is_elsewhere(waiver) else "applied" if is_waived else "partial" for waiver in shown]
    return is_waived, _shown(shown, states, as_of) | {"uncovered_findings": open_count}


def cover_unmeasured(granted: Sequence[Waiver], *, as_of: date) -> tuple[bool, Mapping[str, Any] | None]:
    """Whether a demand that cannot be measured yet was checked elsewhere, and what to show of the waivers granted for
    it; `state` is `applied`, `barred` (of another kind, or for single findings) or `expired`."""
    if not granted:
        return False, None
    serving = [
        waiver
        for waiver in granted
        if _is_elsewhere(waiver) and not waiver.is_expired(as_of) and not waiver.fingerprints and waiver.range is None
    ]
    shown = serving or granted
    state = "applied" if serving else "barred"
    return bool(serving), _shown(shown, [state] * len(shown), as_of)


def bar(granted: Sequence[Waiver], *, as_of: date) -> Mapping[str, Any] | None:
    """What to show of waivers for a clause that could have been measured and was not: they cannot cover it."""
    return _shown(granted, ["barred"] * len(granted), as_of) if granted else None


def _is_elsewhere(waiver: Waiver) -> bool:
    return waiver.kind is WaiverKind.CHECKED_ELSEWHERE


def _shown(waivers: Sequence[Waiver], states: Sequence[str], as_of: date) -> dict[str, Any]:
    first, *more = (
        waiver.to_document() | {"state": "expired" if waiver.is_expired(as_of) else state}
        for waiver, state in zip(waivers, states, strict=True)
    )
    return first | ({"also": more} if more else {})


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """Read a waivers file: a JSON list of objects. UsageError says which entry is wrong and how to mend it."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_refuse_constant)
    except OSError as error:
        raise UsageError(
            f"the waivers file {path} cannot be read: {error.strerror}.", code="waivers-unreadable"
        ) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"the waivers file {path} is not JSON: {error}. Fix it there.", code="waivers-invalid"
        ) from error
    if not isinstance(entries, list):
        raise UsageError(f"the waivers file {path} must hold a list of waivers, [{{…}}].", code="waivers-invalid")
    return tuple(_waiver(entry, f"waiver {number} in {path}") for number, entry in enumerate(entries, start=1))


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is no JSON number")


def _waiver(entry: Any, which: str) -> Waiver:  # noqa: ANN401
    if not isinstance(entry, dict):
        raise _invalid(which, "is not an object", 'write {"clause": …, "reason": …, "who": …, "until": "YYYY-MM-DD"}')
    unknown = [key for key in entry if key not in _KEYS]
    if unknown:
        raise _invalid(which, f"has the unknown key {unknown[0]!r}", f"a waiver has: {', '.join(_KEYS)}")
    for key in ("clause", "reason", "who", "until"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise _invalid(which, f"lacks {key!r}", "give it as a text that is not empty")
    kind = entry.get("kind")
    if kind is not None and kind not in tuple(WaiverKind):
        raise _invalid(which, f"has the kind {kind!r}", f"a kind is one of: {', '.join(WaiverKind)}")
    fingerprints = entry.get("fingerprints")
    if fingerprints is not None and not (
        isinstance(fingerprints, list) and fingerprints and all(isinstance(one, str) for one in fingerprints)
    ):
        raise _invalid(
            which,
            f"has fingerprints {fingerprints!r}",
            "give the fingerprints of findings in a list, or leave the key out",
        )
    return Waiver(
        clause=entry["clause"],
        reason=entry["reason"],
        who=entry["who"],
        until=_day(entry["until"], which),
        kind=WaiverKind(kind) if kind is not None else None,
        fingerprints=tuple(fingerprints or ()),
        range=_range(entry["range"], which) if entry.get("range") is not None else None,
    )


def _day(text: str, which: str) -> date:
    try:
        if len(text) != len("YYYY-MM-DD"):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise _invalid(which, f"has until {text!r}", "write the last day that it serves as YYYY-MM-DD") from error


def _range(value: Any, which: str) -> Mapping[str, float]:  # noqa: ANN401
    for names in _RANGES:
        if isinstance(value, dict) and set(value) == set(names):
            edges = [value[name] for name in names]
            if all(isinstance(one, int | float) and not isinstance(one, bool) for one in edges) and edges[0] < edges[1]:
                return dict(zip(names, edges, strict=True))
    raise _invalid(
        which,
        f"has the range {value!r}",
        'give {"start_frame": …, "end_frame": …} or {"start_s": …, "end_s": …}, the start before the end',
    )


def _invalid(which: str, found: str, mend: str) -> UsageError:
    return UsageError(f"{which} {found}; {mend}.", code="waivers-invalid")

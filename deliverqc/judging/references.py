"""Clauses as users name them: `spec:clause`, or the bare id where it is unique; knows no facts and no outcome."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deliverqc.errors import UsageError
from deliverqc.judging.expectations import expected_id
from deliverqc.speclang.model import EXPECTED_PREFIX, INTEGRITY_ID, RECOGNISED_ID, WHOLE_ID, Spec


def require_clauses(
    specs: Sequence[Spec], references: Iterable[str], *, expectations: Mapping[str, Any] | None = None
) -> None:
    """Refuse references that name no clause of the specs in use, or several: UsageError with the nearest names.

    A bare id serves where it names one clause; a clause that several specs inherit from one spec is one.
    `expectations` adds the clauses that come from them.
    """
    known: dict[str, set[str]] = {RECOGNISED_ID: {""}, WHOLE_ID: {""}}
    for spec in specs:
        entries = [(clause.id, clause.spec_id) for clause in spec.clauses]
        entries += [(EXPECTED_PREFIX + entry["id"], spec.id) for entry in spec.expects]
        entries += [(expected_id(name), "") for name in expectations or {}]
        for clause_id, written_in in entries:
            known.setdefault(clause_id, set()).add(f"{written_in}:{clause_id}")
            prefixes = (spec.id, INTEGRITY_ID) if written_in == INTEGRITY_ID else (spec.id,)
            for prefix in prefixes:
                known.setdefault(f"{prefix}:{clause_id}", set()).add(f"{written_in}:{clause_id}")
    for reference in references:
        _require_one(reference, known)


def _require_one(reference: str, known: Mapping[str, set[str]]) -> None:
    meant = known.get(reference, set())
    if len(meant) == 1 or reference.endswith((f":{RECOGNISED_ID}", f":{WHOLE_ID}")):
        return
    if meant:
        among = sorted(name for name in known if name.endswith(f":{reference}"))
        raise UsageError(
            f"the clause {reference!r} is in several specs; write one of: {', '.join(among)}", code="clause-ambiguous"
        )
    near = difflib.get_close_matches(reference, list(known), 3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`deliverqc spec show` lists them."
    raise UsageError(f"no spec in use has a clause {reference!r}; {hint}", code="clause-unknown")

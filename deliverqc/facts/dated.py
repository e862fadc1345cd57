"""Gives the facts that depend on the day of the verdict, from others that do not; reads no clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from deliverqc.facts.model import Facts

_CERTIFICATES, _OUT_OF_DATE = "package.certificates", "package.certificates_out_of_date"


def dated(facts: Mapping[str, Any], as_of: date) -> Facts:
    """The facts with those of that day. Where what they are made of is missing or cannot be read, they are missing."""
    found = {name: value for name, value in facts.items() if name != _OUT_OF_DATE}
    certificates = facts.get(_CERTIFICATES)
    if not isinstance(certificates, Sequence):
        return found
    try:
        return found | {_OUT_OF_DATE: list(_out_of_date(certificates, as_of))}
    except (KeyError, TypeError, ValueError):
        return found


def _out_of_date(certificates: Sequence[Mapping[str, Any]], as_of: date) -> Iterator[dict[str, Any]]:
    """Those that are not valid at any moment of the day."""
    first, last = (datetime.combine(as_of, moment, UTC) for moment in (time.min, time.max))
    for one in certificates:
        if datetime.fromisoformat(one["not_before"]) > last or datetime.fromisoformat(one["not_after"]) < first:
            yield {name: one[name] for name in ("file", "subject", "not_before", "not_after")}

"""Which documents of a spec were read so long ago that they may have changed; judges nothing and decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from deliverqc.speclang.model import Spec

_Reading = tuple[str, str | None, str]
"""Title and edition of a document, and the day on which it was read."""


def old_readings(spec: Spec, as_of: date) -> tuple[dict[str, Any], ...]:
    """The documents of a spec that were read more than a year before `as_of`, the oldest reading first.

    A clause was read when its source says so, else when the spec that it was written in says so. A document of which
    nobody says when it was read is not among them.
    """
    oldest: dict[tuple[str, str | None], str] = {}
    for document, edition, day in _readings(spec):
        oldest[document, edition] = min(day, oldest.get((document, edition), day))
    found = [
        {"document": document, "edition": edition, "read_on": day, "days": (as_of - date.fromisoformat(day)).days}
        for (document, edition), day in oldest.items()
        if as_of > _a_year_after(date.fromisoformat(day))
    ]
    return tuple(sorted(found, key=lambda one: (str(one["read_on"]), str(one["document"]), str(one["edition"]))))


def _a_year_after(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if is_leap_day else day.day)


def _readings(spec: Spec) -> Iterator[_Reading]:
    days = {spec.id: spec.read_on, **{base.id: base.read_on for base in spec.bases}}
    sources = [(clause.source, days.get(clause.spec_id)) for clause in spec.own_clauses]
    of_manual = None if spec.bases else spec.read_on  # an inherited item does not say which spec it was written in
    sources += [(item["x-source"], of_manual) for item in spec.manual]
    found = [reading for source, day in sources for reading in _of_source(source, day)]
    yield from found
    if spec.read_on is not None and not any(day == spec.read_on for *_, day in found):
        yield spec.title, spec.edition, spec.read_on


def _of_source(source: Mapping[str, Any], of_spec: str | None) -> Iterator[_Reading]:
    day = source.get("read_on") or of_spec
    if day is not None and source.get("document"):
        yield str(source["document"]), source.get("edition"), str(day)

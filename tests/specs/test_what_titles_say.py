"""A clause says no more than it looks at."""

from __future__ import annotations

from collections.abc import Iterator

from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.model import Basis, Clause

_TTML_PROFILES = ("IMSC", "EBU-TT", "iTunes Timed Text", "DFXP")


def _own_clauses() -> Iterator[tuple[str, Clause]]:
    for spec in spec_library().all():
        for clause in spec.measured_clauses:
            if clause.spec_id == spec.id:
                yield f"{spec.id}:{clause.id}", clause


def test_a_clause_on_the_format_alone_promises_no_profile_of_ttml() -> None:
    on_format = {name: one.title for name, one in _own_clauses() if one.facts() == {"wrapper.format"}}
    named = {name for name, title in on_format.items() if any(profile in title for profile in _TTML_PROFILES)}
    assert "disney-imsc:format" in named
    assert {name for name in named if "TTML" not in on_format[name]} == set()


def test_a_clause_on_edit_lists_says_that_a_plain_one_does_not_count() -> None:
    on_edits = {name: one for name, one in _own_clauses() if one.facts() == {"wrapper.edit_list_count"}}
    assert len(on_edits) >= 6
    for name, clause in on_edits.items():
        assert clause.title == "No edit list moves or cuts a track", name
        assert clause.basis is Basis.READING, name
        assert "plain edit" in (clause.why or ""), name

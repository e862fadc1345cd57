"""A small seeded slice of the fuzz campaign."""

from __future__ import annotations

from pathlib import Path

from campaigns.fuzz import campaign


def test_damaged_masters_cost_no_worker_and_never_pass_wrongly(tmp_path: Path) -> None:
    counts, wrong = campaign(tmp_path, 1, range(60), jobs=2)
    assert [f"case {case.number} ({case.kind}): {fault}" for case, fault in wrong] == []
    assert counts.total() == 60
    assert counts["fail"] > 5

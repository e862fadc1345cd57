"""What is drawn for reading: the same by the same seed, each clause once, and none that restates no document."""

from __future__ import annotations

import io

import pytest

from campaigns.read_sample import draw, own_clauses, write
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang.load import SpecLibrary
from deliverqc.speclang.model import INTEGRITY_ID


def _names(library: SpecLibrary, seed: int, count: int) -> list[str]:
    return [f"{spec.id}:{clause.id}" for spec, clause in draw(library, seed, count)]


def test_a_seed_draws_the_same_clauses_again_and_another_seed_draws_others() -> None:
    first = _names(spec_library(), 1, 20)
    assert _names(spec_library(), 1, 20) == first
    assert _names(spec_library(), 2, 20) != first


def test_every_own_clause_can_be_drawn_once_and_no_inherited_one() -> None:
    library = spec_library()
    every = _names(library, 1, len(own_clauses(library)))
    assert len(set(every)) == len(every) > 500
    assert "dci-dcss:mean-bit-rate" in every
    assert "dcp-smpte:picture-jpeg2000" not in every, "dcp-smpte takes it from dci-dcss"
    assert not any(name.startswith(f"{INTEGRITY_ID}:") for name in every)
    with pytest.raises(ValueError, match="larger than population"):
        draw(library, 1, len(every) + 1)


def test_the_sheet_shows_source_demand_and_coverage_row_of_every_clause_drawn() -> None:
    library, out = spec_library(), io.StringIO()
    write(out, library, 1, 12)
    blocks = out.getvalue().split("\n\n")[1:-1]
    assert len(blocks) == 12
    for block, (spec, clause) in zip(blocks, draw(library, 1, 12), strict=True):
        assert f"{spec.id}:{clause.id}\n" in block
        assert clause.source["document"] in block
        assert clause.title in block
        assert "   row       " in block, f"no coverage row names {spec.id}:{clause.id}"

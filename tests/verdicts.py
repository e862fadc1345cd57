"""What tests say of a verdict in a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deliverqc.speclang.model import WHOLE_ID
from deliverqc.verdict import NOT_YET


def decided(verdict: Mapping[str, Any]) -> str:
    """The decision, with demands that nothing measures yet, and those on a whole package, left out: "pass" where they
    alone keep it open."""
    left_out = [
        clause["id"]
        for clause in verdict["clauses"]
        if clause["note"] == NOT_YET
        or clause["id"] == WHOLE_ID
        or (clause["missing_facts"] and all(name.startswith("package.") for name in clause["missing_facts"]))
    ]
    others = [
        clause["id"]
        for clause in verdict["clauses"]
        if (clause["level"], clause["outcome"]) == ("shall", "not_measured") and clause["id"] not in left_out
    ]
    return "pass" if verdict["decision"] == "incomplete" and left_out and not others else str(verdict["decision"])

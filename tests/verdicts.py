"""What tests say of a verdict in a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deliverqc.verdict import NOT_YET


def decided(verdict: Mapping[str, Any]) -> str:
    """The decision, with demands that nothing measures yet left out: "pass" where they alone keep it open."""
    is_open = any(clause["note"] == NOT_YET for clause in verdict["clauses"])
    others = [
        clause["id"]
        for clause in verdict["clauses"]
        if (clause["level"], clause["outcome"]) == ("shall", "not_measured") and clause["note"] != NOT_YET
    ]
    return "pass" if verdict["decision"] == "incomplete" and is_open and not others else str(verdict["decision"])

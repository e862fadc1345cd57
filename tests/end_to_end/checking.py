"""Checks masters at the command line, in this process, and picks out of the verdict document what tests ask for."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Mapping
from typing import Any

from deliverqc.cli import _run
from tests.in_process import workers_here

Document = Mapping[str, Any]


def checked(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and verdict document of `deliverqc check`."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), workers_here():
        code = _run(["check", *arguments, "--format", "json", "--as-of", "2026-01-01"])
    return code, json.loads(shown.getvalue())


def failing(verdict: Document, level: str = "shall") -> set[str]:
    """Ids of the clauses of that level that fail."""
    return {one["id"] for one in verdict["clauses"] if (one["outcome"], one["level"]) == ("fail", level)}


def noticed(subject: Document) -> set[str]:
    """Ids of what is noticed besides the verdict."""
    return {one["id"] for one in subject["noticed"]}


def messages(verdict: Document, clause_id: str) -> list[str]:
    """What the findings of one clause say."""
    return [found["message"] for one in verdict["clauses"] if one["id"] == clause_id for found in one["findings"]]

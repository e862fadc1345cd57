"""Holds a verdict document that comes from outside to its published JSON Schema; knows no format and judges nothing."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from deliverqc.errors import UsageError
from deliverqc.reports import wording

SCHEMA_FILE = Path(__file__).with_name("verdict.schema.json")
"""JSON Schema (draft 2020-12) of schema_version 1."""


def require_document(document: Any, name: str) -> None:  # noqa: ANN401
    """UsageError that names the file and the first place where `document` is not a whole verdict document.

    Every report may rely on what passes here; what deliverqc made itself passes by construction.
    """
    import jsonschema.exceptions  # 70 ms, and only reading a document again needs it

    error = jsonschema.exceptions.best_match(_validator().iter_errors(document))
    if error is None:
        return
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path).lstrip(".")
    found = wording.harmless(wording.shortened(error.message))
    raise UsageError(
        f"{name} is not a verdict document of schema_version 1: at {place or 'its root'}, {found}. "
        "Make it again with `deliverqc check --format json`.",
        code="not-a-verdict",
    )


@cache
def _validator() -> Any:  # noqa: ANN401
    from jsonschema import Draft202012Validator  # 70 ms, as above

    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))

"""The published schema of verdicts with its objects closed: what deliverqc itself writes has no other member.

Readers take a document with members that they do not know, so that it can grow; a misspelt member of ours would pass
them unseen.
"""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from deliverqc.reports.document import SCHEMA_FILE


def require_described(document: Any) -> None:
    """ValidationError where a verdict document is invalid, or has a member that its schema does not describe."""
    Draft202012Validator(_closed(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))).validate(document)


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(member) for key, member in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        closed.setdefault("additionalProperties", False)
    return closed

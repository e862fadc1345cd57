"""Puts what `x-documents` says once of a document into every source that cites it by its id; reads no documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OF_DOCUMENT = ("edition", "url", "read_on", "confidence")
"""What a source has from the document that it cites, unless it states its own."""


def with_sources(document: Mapping[str, Any]) -> dict[str, Any]:
    """The spec document with every `x-source` written out; what is malformed stays as it is, for the linter."""
    listed = document.get("x-documents")
    by_id = (
        {one["id"]: one for one in listed or () if isinstance(one, Mapping) and isinstance(one.get("id"), str)}
        if isinstance(listed, list)
        else {}
    )
    if not by_id:
        return dict(document)
    written = dict(document)
    for keyword in ("allOf", "x-manual"):
        if isinstance(document.get(keyword), list):
            written[keyword] = [_with_source(entry, by_id) for entry in document[keyword]]
    return written


def _with_source(entry: Any, by_id: Mapping[str, Mapping[str, Any]]) -> Any:  # noqa: ANN401
    source = entry.get("x-source") if isinstance(entry, Mapping) else None
    cited = by_id.get(str(source.get("document"))) if isinstance(source, Mapping) else None
    if cited is None or not isinstance(source, Mapping):
        return entry
    known = {key: cited[key] for key in _OF_DOCUMENT if key in cited}
    return {**entry, "x-source": {**known, **source, "document": cited.get("title")}}

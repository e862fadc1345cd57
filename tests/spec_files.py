"""Writes small specs for tests and loads them; knows no shipped spec."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deliverqc.facts.model import Facts
from deliverqc.measuring.registry import spec_library
from deliverqc.speclang import load
from deliverqc.speclang.model import COMMON_SENSE_ID, INTEGRITY_ID, Spec
from deliverqc.testing.documents import UNDAMAGED

SOUND = UNDAMAGED
"""Facts of which every integrity clause is content."""


def clause(
    clause_id: str, schema: dict[str, Any] | None = None, *, level: str = "shall", **more: Any
) -> dict[str, Any]:
    """A clause with all that it must have; without a schema it asks for a QuickTime wrapper."""
    wanted = schema or {"required": ["wrapper.format"], "properties": {"wrapper.format": {"const": "mov"}}}
    frame = {
        "$anchor": clause_id,
        "title": f"The clause {clause_id}",
        "x-level": level,
        "x-source": {"document": "A sheet"},
    }
    return {**frame, **wanted, **more}


def only(name: str, schema: Any) -> dict[str, Any]:
    """A schema that asks for one fact."""
    return {"required": [name], "properties": {name: schema}}


def each(holder: str, member: str, schema: dict[str, Any], minimum: int = 1) -> dict[str, Any]:
    """A schema that asks something of one member of every item of a list."""
    return only(holder, {"type": "array", "minItems": minimum, "items": {"type": "object", **only(member, schema)}})


def document(
    *clauses: dict[str, Any], spec_id: str = "a-sheet", about: dict[str, Any] | None = None, **root: Any
) -> dict[str, Any]:
    """A spec document; `about` goes into x-spec, `root` beside it with x- for x_."""
    body: dict[str, Any] = {
        "title": "A sheet",
        "x-spec": {"id": spec_id, "edition": "1", "revision": 1, **(about or {})},
        **{key.replace("x_", "x-"): value for key, value in root.items()},
    }
    return {**body, "allOf": list(clauses)} if clauses else body


def write(folder: Path, body: Any, name: str = "a-sheet.json") -> Path:
    """Write a document as JSON and give its path."""
    path = folder / name
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def ship_only_ours(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let only the specs that every verdict needs be shipped, copies of them in a new folder: all are read at once."""
    folder.mkdir()
    for name in (f"{INTEGRITY_ID}.json", f"{COMMON_SENSE_ID}.json", load.LINTED_FILE):
        (folder / name).write_bytes((load.shipped_folder() / name).read_bytes())
    monkeypatch.setattr(load, "shipped_folder", lambda: folder)


def loaded(folder: Path, *clauses: dict[str, Any], **more: Any) -> Spec:
    """The spec of these clauses, loaded as a user's own file."""
    return spec_library().load(str(write(folder, document(*clauses, **more))))


def facts(**more: Any) -> Facts:
    """Facts that satisfy integrity, and more by name with . for __."""
    return {**SOUND, **{key.replace("__", "."): value for key, value in more.items()}}

"""Lays one spec document over another and puts definitions in their places; reads no files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deliverqc.errors import SpecError
from deliverqc.speclang.problem import nearest

_ABOUT_ONE_FILE = ("$schema", "$id", "$comment", "description")
"""What a document says of itself, and a spec that extends it does not inherit."""

_INHERITED = ("essence", "scope")
"""What of `x-spec` a spec that extends another has from it, unless it states its own."""

Written = tuple[dict[str, Any], str]
"""A clause without `$ref`, and the id of the spec that it was written in."""

Merged = tuple[dict[str, Any], list[Written]]
"""A document with what it extends merged in, and its clauses."""


def without_refs(schema: Any, defs: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """The schema with every definition in its place, as one more schema of `allOf`."""
    if isinstance(schema, list):
        return [without_refs(one, defs) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inlined = {key: without_refs(value, defs) for key, value in schema.items() if key != "$ref"}
    if "$ref" in schema:
        definition = without_refs(defs[schema["$ref"].removeprefix("#/$defs/")], defs)
        inlined["allOf"] = [definition, *inlined.get("allOf", ())]
    return inlined


def laid_over(document: dict[str, Any], own: list[Written], base: Merged, origin: str) -> Merged:
    """The base with the changes of `document`: every replaced or dropped clause must be named with a reason."""
    below_document, below = base
    extends = document["x-extends"]
    dropped = {entry["id"] for entry in extends.get("drop", ())}
    waiting = {item["id"] for item in below_document.get("x-manual", ()) if "x-awaits" in item}
    mine = {clause["$anchor"]: (clause, written_in) for clause, written_in in own}
    _refuse_changes(extends, set(mine), {clause["$anchor"] for clause, _ in below} | waiting, origin)
    kept = [entry for entry in below if entry[0]["$anchor"] not in dropped]
    superseded = waiting & (dropped | set(mine))
    clauses = [mine.pop(entry[0]["$anchor"], entry) for entry in kept]
    merged = {key: value for key, value in below_document.items() if key not in _ABOUT_ONE_FILE} | document
    chosen, base_settings = document.get("x-settings", {}), below_document.get("x-settings", {})
    inherited_about = {key: value for key, value in below_document["x-spec"].items() if key in _INHERITED}
    merged["x-spec"] = {**inherited_about, **document["x-spec"]}
    merged["x-settings"] = {
        **base_settings,
        **{name: {**base_settings.get(name, {}), **chosen[name]} for name in chosen},
    }
    listed = [*below_document.get("x-documents", ()), *document.get("x-documents", ())]
    if listed:
        merged["x-documents"] = list({(one["title"], one.get("edition")): one for one in listed}.values())
    for keyword in ("x-manual", "x-expects"):
        gone = superseded if keyword == "x-manual" else ()
        inherited = (entry for entry in below_document.get(keyword, ()) if entry["id"] not in gone)
        entries = {entry["id"]: entry for entry in (*inherited, *document.get(keyword, ()))}
        merged[keyword] = list(entries.values())
    return merged, [*clauses, *mine.values()]


def _refuse_changes(extends: Mapping[str, Any], mine: set[str], below: set[str], origin: str) -> None:
    replaced = {entry["id"] for entry in extends.get("replace", ())}
    dropped = {entry["id"] for entry in extends.get("drop", ())}
    for clause_id in sorted((replaced | dropped) - below):
        raise wrong(
            origin, f"{extends['spec']} has no clause {clause_id!r} to replace or drop{nearest(clause_id, below)}"
        )
    for clause_id in sorted(replaced - mine):
        raise wrong(
            origin, f"the clause {clause_id!r} is to be replaced and is not in allOf; write it there, or drop it"
        )
    for clause_id in sorted(replaced & dropped):
        raise wrong(origin, f"the clause {clause_id!r} is both replaced and dropped; do one of the two")
    for clause_id in sorted((mine & below) - replaced):
        raise wrong(
            origin,
            f"{extends['spec']} has a clause {clause_id!r} already; "
            'name it in "replace" with a reason, or choose another id',
        )


def wrong(origin: str, what: str) -> SpecError:
    """The error for a spec file whose extension does not resolve."""
    return SpecError(f"{origin}: {what}", code="spec-invalid")

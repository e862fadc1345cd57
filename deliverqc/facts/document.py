"""The facts document as published: its JSON Schema, its page in the docs, and a check against all known facts; measures
nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from deliverqc.facts.assemble import GROUP_PREFIX
from deliverqc.facts.model import Fact, Facts, Kind
from deliverqc.timebase import parse_rate

SCHEMA_FILE = Path(__file__).with_name("facts.schema.json")

Known = Mapping[str, Fact]
"""Every registered fact by name, in the order of the page."""

_TIMECODE_PATTERN = r"^\d{2}:\d{2}:\d{2}[:;]\d{2,3}$"
_RATE_PATTERN = r"^[1-9]\d*/[1-9]\d*$"
_SHAPES: Mapping[Kind, Mapping[str, Any]] = {
    Kind.STRING: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.RATE: {"type": "string", "pattern": _RATE_PATTERN},
    Kind.TIMECODE: {"type": "string", "pattern": _TIMECODE_PATTERN},
    Kind.OBJECT: {"type": "object"},
    Kind.STRINGS: {"type": "array", "items": {"type": "string"}},
    Kind.INTEGERS: {"type": "array", "items": {"type": "integer"}},
}

_PROGRAMME = "reserved for the programme inside a master, without its leader, bars and parts in between"
_PLUG_IN = "x.<vendor>.<name>: a fact of a plug-in, which says what it means"
_RESERVED: Mapping[str, Mapping[str, str]] = {
    "": {"set": "reserved for a subject that is a set of files", "programme": _PROGRAMME, "x": _PLUG_IN},
    GROUP_PREFIX: {"programme": _PROGRAMME, "x": _PLUG_IN},
}
"""First words of names that the published schema keeps open, by the object that they are in. Facts under them are valid
documents for a reader that does not know them; `check_document` knows the registered ones only."""


def schema(known: Known) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a facts object: every registered name, none of them required."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Facts about one subject",
        "description": "A missing key was not measured; null was looked for and is not there.",
        **_object_schema("", known),
    }


def _object_schema(prefix: str, known: Known) -> dict[str, Any]:
    properties = {name[len(prefix) :]: _fact_schema(fact, known) for name, fact in _members(prefix, known)}
    reserved = {f"^{name}\\.": {"description": meaning} for name, meaning in _RESERVED.get(prefix, {}).items()}
    patterns = {"patternProperties": reserved} if reserved else {}
    return {"type": "object", "properties": properties, **patterns, "additionalProperties": False}


def _members(prefix: str, known: Known) -> Iterable[tuple[str, Fact]]:
    for name, fact in known.items():
        if name.startswith(prefix) and "[]" not in name[len(prefix) :]:
            yield name, fact


def _fact_schema(fact: Fact, known: Known) -> dict[str, Any]:
    if fact.kind in (Kind.LIST, Kind.SPANS):
        shape: dict[str, Any] = {"type": "array", "items": _object_schema(f"{fact.name}[].", known)}
    else:
        shape = dict(_SHAPES[fact.kind])
    if fact.vocabulary is not None:
        shape["anyOf"] = [{"enum": list(fact.vocabulary)}, {"pattern": "^other:"}]
    if fact.is_nullable:
        shape = {"anyOf": [shape, {"type": "null"}]}
    unit = f" [{fact.unit}]" if fact.unit else ""
    null = f"; null: {fact.null_means}" if fact.is_nullable else ""
    return {"description": f"{fact.meaning}{unit}{null}", **shape}


def render_schema(known: Known) -> str:
    """The text of `facts.schema.json`."""
    return json.dumps(schema(known), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def render_page(known: Known) -> str:
    """The text of `docs/facts.md`: a table of every fact for each first word of the names."""
    lines = [
        "# Facts",
        "",
        "Every value that deliverqc knows about a subject, written by `python -m docs.generate`.",
        "",
        "A missing key was not measured. `null` was looked for and is not there; the last column says what that means.",
        "A name with `[]` belongs to the members of a list. A word that is on no closed list is `other:<raw>`.",
        "Where two readers know a fact, the first named is trusted.",
    ]
    heading = ""
    for name, fact in known.items():
        first = name.split(".")[0].removesuffix("[]")
        if first != heading:
            heading = first
            lines += ["", f"## {heading}", "", "| fact | kind | unit | step | layer | given by | meaning | null |"]
            lines.append("|---|---|---|---|---|---|---|---|")
        lines.append(_row(fact))
    return "\n".join(lines) + "\n"


def _row(fact: Fact) -> str:
    values = f" One of: {', '.join(f'`{value}`' for value in fact.vocabulary)}." if fact.vocabulary else ""
    step = "" if fact.resolution is None else format(fact.resolution, "g")
    given_by = ", ".join(fact.given_by)
    cells = (f"`{fact.name}`", fact.kind.value, fact.unit or "", step, fact.layer.value, given_by)
    return f"| {' | '.join(cells)} | {fact.meaning}.{values} | {fact.null_means or ''} |"


def check_document(facts: Facts, known: Known, *, prefix: str = "") -> list[str]:
    """Sentences that say where a facts object breaks the registry: unknown names, wrong kinds, words or nulls. Empty:
    none.

    `prefix` is `sound.groups[].` for the facts of one channel group. A fact of a plug-in is known where it is
    registered, which it is while the plug-in is installed."""
    return list(_complaints(facts, prefix, known))


def _complaints(facts: Mapping[str, Any], prefix: str, known: Known) -> Iterable[str]:
    for name, value in facts.items():
        fact = known.get(prefix + name)
        if fact is None:
            yield f"{prefix}{name} is not a registered fact"
        elif value is None:
            if not fact.is_nullable:
                yield f"{fact.name} is null, which the registry does not provide for"
        elif not _has_kind(value, fact.kind):
            yield f"{fact.name} is {value!r}, which is not of the kind {fact.kind}"
        elif fact.kind in (Kind.LIST, Kind.SPANS):
            for member in value:
                yield from _complaints(member, f"{fact.name}[].", known)
        elif fact.vocabulary is not None and value not in fact.vocabulary and not value.startswith("other:"):
            yield f"{fact.name} is {value!r}, which is not on its closed list"


def _has_kind(value: object, kind: Kind) -> bool:
    match kind:
        case Kind.STRING | Kind.TIMECODE:
            return isinstance(value, str)
        case Kind.RATE:
            return isinstance(value, str) and "/" in value and _is_rate(value)
        case Kind.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        case Kind.BOOLEAN:
            return isinstance(value, bool)
        case Kind.OBJECT:
            return isinstance(value, dict)
        case Kind.STRINGS:
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case Kind.INTEGERS:
            return isinstance(value, list) and all(isinstance(item, int) for item in value)
        case Kind.LIST | Kind.SPANS:
            return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _is_rate(text: str) -> bool:
    try:
        parse_rate(text)
    except ValueError:
        return False
    return True

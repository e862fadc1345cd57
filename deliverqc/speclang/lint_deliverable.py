"""Lints what a spec says of its deliverable: which masters it is for, what it judges, what a master holds; judges no
facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deliverqc.facts.model import Fact
from deliverqc.speclang.lint_parts import unknown
from deliverqc.speclang.lint_schema import SchemaLint
from deliverqc.speclang.matters import DELIVERY, SCOPES, gaps, judged
from deliverqc.speclang.model import Spec
from deliverqc.speclang.problem import Problem, Severity, error, nearest, warning
from deliverqc.verdict import scope_words

UNITS = ("file", "package", "set")
"""What a spec judges: `x-unit`; a file where it says nothing."""

ESSENCES = ("picture", "audio", "timed_text")
"""What a deliverable can hold: `x-spec.essence.holds`; picture and audio where it says nothing."""

ANY_MASTER = "Any master: "
"""How the `$comment` of an `x-applies` without a condition begins."""

_OF_THE_HOUSE = "deliverqc-"  # specs that are judged with every other one, and are for every master
_ESSENCE_KEYS = ("holds", "may_be_silent", "may_be_black")


def applies(document: Mapping[str, Any], linter: SchemaLint, *, shipped: bool) -> Iterator[Problem]:
    """`x-applies`: a condition over probed facts, or a reason why there is none."""
    if "x-applies" not in document:
        if shipped and "x-extends" not in document and not _is_of_the_house(document):
            yield error(
                "missing-applies",
                "/x-applies",
                'say which masters the document is about: "x-applies": {"required": […], "properties": {…}}, or '
                f'{{"$comment": "{ANY_MASTER}<reason>"}}',
            )
        return
    stated = document["x-applies"]
    if isinstance(stated, dict) and not set(stated) - {"$comment"}:
        comment = stated.get("$comment")
        if not (isinstance(comment, str) and comment.startswith(ANY_MASTER) and comment != ANY_MASTER):
            yield error(
                "unreasoned-applies",
                "/x-applies",
                f'every master fits; say why in a "$comment" that begins with "{ANY_MASTER}", or write a condition',
            )
        return
    yield from linter.condition(stated, "/x-applies")
    yield from _unprobed(stated, linter.registry)


def unit(document: Mapping[str, Any]) -> Iterator[Problem]:
    """`x-unit`, where it is stated."""
    if "x-unit" in document and document["x-unit"] not in UNITS:
        stated = document["x-unit"]
        yield error(
            "unknown-unit",
            "/x-unit",
            f"x-unit is {stated!r}{nearest(str(stated), UNITS)}; it can be: {', '.join(UNITS)}",
        )


def essence(stated: object) -> Iterator[Problem]:
    """`x-spec.essence`: what the deliverable holds, and whether it may be silent or black from end to end."""
    pointer = "/x-spec/essence"
    if not isinstance(stated, dict):
        yield error("misshapen-essence", pointer, 'essence is an object: {"holds": ["audio"], "may_be_silent": true}')
        return
    yield from unknown(stated, _ESSENCE_KEYS, pointer, "essence")
    holds = stated.get("holds", list(ESSENCES))
    if not isinstance(holds, list) or not holds or not all(isinstance(word, str) for word in holds):
        yield error("misshapen-holds", f"{pointer}/holds", f"holds is a list of: {', '.join(ESSENCES)}")
        return
    for i, word in enumerate(holds):
        if word not in ESSENCES or word in holds[:i]:
            hint = nearest(word, ESSENCES) or f"; it can be, each once: {', '.join(ESSENCES)}"
            yield error("unknown-essence", f"{pointer}/holds/{i}", f"holds has {word!r}{hint}")
    for key in _ESSENCE_KEYS[1:]:
        if key in stated and not isinstance(stated[key], bool):
            yield error("misshapen-leave", f"{pointer}/{key}", f"{key} is {stated[key]!r}; it must be true or false")


def scope(stated: object) -> Iterator[Problem]:
    """`x-spec.scope`: the matters to which a narrow spec is limited, or the whole delivery."""
    pointer = "/x-spec/scope"
    if not isinstance(stated, list) or not stated or not all(isinstance(word, str) for word in stated):
        yield error("misshapen-scope", pointer, f'scope is a list, as ["loudness"], of: {", ".join(SCOPES)}')
        return
    for i, word in enumerate(stated):
        if word not in SCOPES or word in stated[:i]:
            hint = nearest(word, SCOPES) or f"; it can be, each once: {', '.join(SCOPES)}"
            yield error("unknown-scope", f"{pointer}/{i}", f"scope has {word!r}{hint}")
    if DELIVERY in stated and len(stated) > 1:
        yield error(
            "mixed-scope", pointer, f"{DELIVERY!r} is the whole of a deliverable; it is alone in its list, or leave it"
        )


def thin(spec: Spec, *, shipped: bool, inherits_scope: bool = False) -> Iterator[Problem]:
    """A resolved spec whose pass would say more than its deciding clauses do; a scope that it inherits is only warned
    of, since reports do not claim it."""
    if spec.scope not in ((), (DELIVERY,)):
        for matter in sorted(set(spec.scope) - set(judged(spec))):
            message = f"no clause decides on {matter}; a pass would claim it. Add a clause, or take it out of scope"
            severity = Severity.WARNING if inherits_scope and not shipped else Severity.ERROR
            yield Problem(code="unjudged-scope", severity=severity, pointer="/x-spec/scope", message=message)
        return
    if spec.id.startswith(_OF_THE_HOUSE):
        return
    stated = spec.scope == (DELIVERY,)
    lacks = "; ".join(gaps(spec))
    if not lacks or (spec.advisory and not stated):
        return
    if shipped or stated:
        yield error(
            "thin-delivery",
            "/x-spec/scope",
            f"a pass would not mean the deliverable: {lacks}. Add the clauses, say what is judged with "
            f'"scope": ["loudness"], or mark the spec advisory',
        )
        return
    shown = scope_words(judged(spec)) or "nothing that decides"
    yield warning(
        "unstated-scope",
        "/x-spec/scope",
        f'{lacks}; a pass is reported as "{shown}". Write "scope" to say so yourself, or add the clauses',
    )


def _is_of_the_house(document: Mapping[str, Any]) -> bool:
    spec = document.get("x-spec")
    return isinstance(spec, dict) and str(spec.get("id")).startswith(_OF_THE_HOUSE)


def _unprobed(schema: object, registry: Mapping[str, Fact]) -> Iterator[Problem]:
    """`x-applies` is asked before anything is measured."""
    names = schema.get("required", ()) if isinstance(schema, dict) else ()
    for i, name in enumerate(names if isinstance(names, list) else ()):
        fact = registry.get(name) if isinstance(name, str) else None
        if fact is not None and all(giver == "decode" or giver.startswith("meter:") for giver in fact.given_by):
            yield error(
                "measured-condition",
                f"/x-applies/required/{i}",
                f"{name} is measured, and x-applies is asked before; use facts that a probe gives",
            )

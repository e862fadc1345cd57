"""Judges language tags by RFC 5646: their form, and that their subtags are registered; reads no master.

`subtags.txt` holds the subtags of the IANA language subtag registry, which is in the public domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

_TAG = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-(?P<extlang>[a-z]{3}(?:-[a-z]{3}){0,2}))?|[a-z]{4,8})"
    r"(?:-(?P<script>[a-z]{4}))?"
    r"(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
    r"(?P<extensions>(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*)"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?"
)
"""RFC 5646 section 2.1, in lower case."""

_PRIVATE = re.compile(r"x(?:-[a-z0-9]{1,8})+")
_SINGLETON = re.compile(r"-([0-9a-wyz])(?=-)")
_RANGE = ".."


@lru_cache(maxsize=1024)
def fault_of(tag: str) -> str | None:
    """What is wrong with a tag by RFC 5646 section 2.2.9, as the end of a sentence; None for a valid one."""
    if not tag:
        return "is empty"
    lower = tag.lower()
    if not tag.isascii():
        return "has characters other than letters, digits and hyphens"
    if "_" in tag:
        return "has an underscore where RFC 5646 has a hyphen"
    if lower in _registry()["grandfathered"] or _PRIVATE.fullmatch(lower):
        return None
    found = _TAG.fullmatch(lower)
    if found is None:
        return "is not written as a language tag of RFC 5646"
    return next(_faults(found), None)


def _faults(found: re.Match[str]) -> Iterator[str]:
    language, *extended = (found["language"] or "").split("-")
    if not _is_registered("language", language):
        yield f"has the language {language}, which is not registered"
    if len(extended) > 1 or any(f"{one}/{language}" not in _registry()["extlang"] for one in extended):
        yield f"has {'-'.join(extended)} after {language}, which is not registered"
    for kind in ("script", "region"):
        if found[kind] and not _is_registered(kind, found[kind]):
            yield f"has the {kind} {found[kind].upper() if kind == 'region' else found[kind]}, which is not registered"
    variants = found["variants"].split("-")[1:]
    for one in variants:
        if not _is_registered("variant", one):
            yield f"has the variant {one}, which is not registered"
    singletons = _SINGLETON.findall(found["extensions"])
    if len(set(variants)) < len(variants) or len(set(singletons)) < len(singletons):
        yield "has a subtag twice"


def _is_registered(kind: str, subtag: str) -> bool:
    known = _registry()[kind]
    return subtag in known or any(
        len(subtag) == len(one.split(_RANGE)[0]) and one.split(_RANGE)[0] <= subtag <= one.split(_RANGE)[1]
        for one in known
        if _RANGE in one
    )


@cache
def _registry() -> Mapping[str, frozenset[str]]:
    """Subtags by their kind; of a range its ends."""
    found: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("subtags.txt").read_text(encoding="ascii").splitlines():
        if line.startswith("["):
            kind = found.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            kind += line.split()
    return {name: frozenset(subtags) for name, subtags in found.items()}

"""What several rules of the linter share: ids, texts, lists of entries, sources and levels; knows no facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from deliverqc.speclang.problem import Problem, child, error, nearest
from deliverqc.verdict import Level

ID_PATTERN = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""Of specs, clauses, manual items and expectations."""

CONFIDENCES = ("high", "medium", "low")
_SOURCE_KEYS = ("document", "edition", "section", "url", "confidence", "read_on")


def is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def is_id(value: object) -> bool:
    return isinstance(value, str) and ID_PATTERN.fullmatch(value) is not None


def is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and len(value) == len("YYYY-MM-DD") and date.fromisoformat(value) is not None
    except ValueError:
        return False


def unknown(entry: Mapping[str, Any], known: Sequence[str], pointer: str, what: str) -> Iterator[Problem]:
    for key in entry:
        if key not in known:
            hint = nearest(key, known) or f"; it has: {', '.join(known)}"
            yield error("unknown-key", child(pointer, key), f"{what} has no {key!r}{hint}")


def source_problems(source: object, pointer: str) -> Iterator[Problem]:
    if not isinstance(source, dict):
        yield error("missing-source", pointer, 'say where the demand stands: "x-source": {"document": …, "section": …}')
        return
    yield from unknown(source, _SOURCE_KEYS, pointer, "x-source")
    if not is_text(source.get("document")):
        yield error("missing-document", f"{pointer}/document", "x-source must name the document")
    for key in ("edition", "section", "url"):
        if source.get(key) is not None and not is_text(source[key]):
            yield error(
                "misshapen-source-text", f"{pointer}/{key}", f"{key} must be a text, or null where there is none"
            )
    if "confidence" in source and source["confidence"] not in CONFIDENCES:
        yield error(
            "unknown-confidence", f"{pointer}/confidence", f"confidence must be one of {', '.join(CONFIDENCES)}"
        )
    if source.get("read_on") is not None and not is_day(source["read_on"]):
        yield error("misshapen-day", f"{pointer}/read_on", "read_on must be a day, YYYY-MM-DD")


def level_by_confidence(clause: Mapping[str, Any], pointer: str, confidence: object) -> Iterator[Problem]:
    source = clause.get("x-source")
    stated = source.get("confidence", confidence) if isinstance(source, dict) else confidence
    if stated != "low":
        return
    if clause.get("x-level") == Level.SHALL:
        yield error(
            "unsure-shall",
            f"{pointer}/x-level",
            "a demand of low confidence cannot decide; make it should, and say that it is unverified",
        )
    words = " ".join(str(clause.get(key, "")) for key in ("title", "description", "x-why"))
    if "unverified" not in words.lower():
        yield error(
            "unstated-doubt",
            f"{pointer}/title",
            'a demand of low confidence must say so: write the word "unverified" in title or x-why',
        )


def entries(
    document: Mapping[str, Any], keyword: str, known: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Any], list[Problem]]]:
    """Each entry of a list of objects with an id and a title, its pointer, and what is wrong with that."""
    listed = document.get(keyword, [])
    if not isinstance(listed, list):
        yield f"/{keyword}", {}, [error("misshapen-list", f"/{keyword}", f"{keyword} is a list of objects")]
        return
    for i, entry in enumerate(listed):
        pointer = f"/{keyword}/{i}"
        if not isinstance(entry, dict):
            yield (
                pointer,
                {},
                [error("misshapen-entry", pointer, f"an entry of {keyword} is an object: {', '.join(known)}")],
            )
            continue
        problems = list(unknown(entry, known, pointer, f"an entry of {keyword}"))
        if not is_id(entry.get("id")):
            problems.append(
                error("missing-entry-id", f"{pointer}/id", "needs an id of small letters and digits, joined by -")
            )
        if not is_text(entry.get("title")):
            problems.append(error("missing-entry-title", f"{pointer}/title", "needs a title"))
        yield pointer, entry, problems


def level(entry: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    """A level that is neither of the two."""
    if entry.get("x-level") not in tuple(Level):
        yield error(
            "unknown-level",
            f"{pointer}/x-level",
            f'x-level is {entry.get("x-level")!r}; it must be "shall" or "should"',
        )

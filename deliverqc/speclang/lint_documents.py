"""Lints what a spec says of the documents that it was written from: how each was read, and what that allows; judges no
facts and reads no documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from deliverqc.speclang.lint_parts import CONFIDENCES, is_day, is_id, is_text, unknown
from deliverqc.speclang.problem import Problem, error, nearest, warning
from deliverqc.verdict import Level

READ_AS: Mapping[str, str] = {
    "page": "the publisher's page, or a copy of it",
    "primary": "the document itself",
    "summary": "a summary of it",
    "third_party": "what others say of it",
    "memory": "from memory",
}
"""How a document was read: `x-documents[].read_as`, and how a reader calls it."""

UNREAD = ("summary", "third_party", "memory")
"""Ways of reading in which the text itself was not seen, so that no reading is of high confidence."""

_KEYS = ("id", "title", "edition", "date", "url", "read_on", "read_as", "confidence")

_Entry = Mapping[str, Any]


def how_read(document: Mapping[str, Any], source: object) -> str | None:
    """How the document that a source names was read; None where `x-documents` does not say."""
    if not isinstance(source, dict):
        return None
    listed = document.get("x-documents", ())
    key = source.get("document"), source.get("edition") or None
    for one in listed if isinstance(listed, list | tuple) else ():
        if isinstance(one, dict) and (one.get("title"), one.get("edition") or None) == key:
            return one["read_as"] if one.get("read_as") in READ_AS else None
    return None


def citations(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Sources that cite a document by its id, before they are written out; what a document says stands there alone."""
    listed = document.get("x-documents", ())
    ids = {one.get("id") for one in listed if isinstance(one, dict)} if isinstance(listed, list) else set()
    cited = set()
    for pointer, entry in _entries(document):
        source = entry.get("x-source")
        name = source.get("document") if isinstance(source, dict) else None
        if not isinstance(source, dict) or name not in ids or name is None:
            continue
        cited.add(name)
        if "edition" in source:
            message = f'the edition of {name!r} stands in "x-documents"; leave it out here'
            yield error("restated-edition", f"{pointer}/x-source/edition", message)
    for i, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, dict) and is_id(one.get("id")) and one["id"] not in cited:
            yield warning("uncited-document", f"/x-documents/{i}", f"nothing cites {one['id']!r}; cite it, or drop it")


def documents(document: Mapping[str, Any], *, shipped: bool) -> Iterator[Problem]:
    """`x-documents`, and the confidence of what was written from a text that was not read."""
    yield from _listed(document)
    about = document.get("x-spec")
    confidence = about.get("confidence") if isinstance(about, dict) else None
    is_ours = isinstance(about, dict) and str(about.get("id")).startswith("deliverqc-")
    for pointer, entry in _entries(document):
        source = entry.get("x-source")
        read_as = how_read(document, source)
        if read_as is None and shipped and not is_ours and isinstance(source, dict):
            message = f'say how {source.get("document")!r} was read, with this edition, in "x-documents"'
            yield error("undeclared-document", f"{pointer}/x-source", message)
        stated = source.get("confidence", confidence) if isinstance(source, dict) else None
        if read_as in UNREAD and stated == "high":
            message = f"read as {read_as}, so the text itself was not seen; the confidence is medium at most"
            yield error("unread-source", f"{pointer}/x-source/confidence", message)
    if confidence == "high" and any(how_read(document, one.get("x-source")) in UNREAD for one in _resting(document)):
        message = "a demand that counts rests on a text that was not read itself; the confidence is medium at most"
        yield error("unread-spec", "/x-spec/confidence", message)


def _listed(document: Mapping[str, Any]) -> Iterator[Problem]:
    listed = document.get("x-documents", [])
    if not isinstance(listed, list):
        yield error("misshapen-documents", "/x-documents", f"x-documents is a list of {{{', '.join(_KEYS)}}}")
        return
    seen: set[tuple[object, object]] = set()
    ids: set[object] = set()
    for i, one in enumerate(listed):
        pointer = f"/x-documents/{i}"
        if not isinstance(one, dict) or not is_text(one.get("title")):
            yield error("untitled-document", pointer, f"a document has a title: {{{', '.join(_KEYS)}}}")
            continue
        yield from unknown(one, _KEYS, pointer, "an entry of x-documents")
        if "edition" in one and not is_text(one["edition"]):
            yield error(
                "misshapen-edition", f"{pointer}/edition", "edition is a text; leave it out where there is none"
            )
            continue
        yield from _particulars(one, pointer)
        if one.get("read_as") not in tuple(READ_AS):
            hint = nearest(str(one.get("read_as")), READ_AS) or f"; it can be: {', '.join(READ_AS)}"
            yield error("unknown-reading", f"{pointer}/read_as", f"read_as is {one.get('read_as')!r}{hint}")
        key = one["title"], one.get("edition")
        if key in seen:
            yield error("twin-document", pointer, f"{one['title']!r} is listed twice in this edition; keep one")
        seen.add(key)
        if "id" in one and one["id"] in ids:
            yield error("taken-id", f"{pointer}/id", f"the id {one['id']!r} is taken by another document")
        ids.add(one.get("id"))


def _particulars(one: _Entry, pointer: str) -> Iterator[Problem]:
    needed: Mapping[str, tuple[Callable[[object], bool], str]] = {
        "id": (is_id, "words of small letters and digits, joined by -"),
        "date": (is_text, "when the edition was published"),
        "url": (is_text, "where the document is published"),
        "read_on": (is_day, "the day on which it was read, YYYY-MM-DD"),
        "confidence": (lambda value: value in CONFIDENCES, f"one of {', '.join(CONFIDENCES)}"),
    }
    for key, (fits, shape) in needed.items():
        if key in one and not fits(one[key]):
            yield error("misshapen-document", f"{pointer}/{key}", f"{key} is {one[key]!r}; it must be {shape}")


def _entries(document: Mapping[str, Any]) -> Iterator[tuple[str, _Entry]]:
    for keyword in ("allOf", "x-manual"):
        entries = document.get(keyword, [])
        for i, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                yield f"/{keyword}/{i}", entry


def _resting(document: Mapping[str, Any]) -> list[_Entry]:
    """The clauses that a pass rests on: those that decide, or all where none does."""
    clauses = [entry for pointer, entry in _entries(document) if pointer.startswith("/allOf")]
    return [one for one in clauses if one.get("x-level") == Level.SHALL] or clauses

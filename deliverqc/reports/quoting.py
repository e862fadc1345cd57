"""Text of subtitles as reports quote it: short, and unable to cover or turn round what is next to it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

_LONGEST = 60
_MOST_MARKS = 4
"""Combining marks on one letter. House choice: pointed Hebrew and Arabic, Thai and Vietnamese have no more."""

_RIGHT_TO_LEFT = ("R", "AL", "AN")
_FIRST_STRONG_ISOLATE, _POP_DIRECTIONAL_ISOLATE = "\u2068", "\u2069"


def legible(text: str) -> str:
    """Text without heaps of combining marks that cover their neighbours: at most four on one letter, the rest as `…`,
    and a dotted circle under those that have no letter."""
    if text.isascii():
        return text
    shown: list[str] = []
    marks, has_letter = 0, False
    for character in text:
        if unicodedata.category(character) not in ("Mn", "Me"):
            marks, has_letter = 0, not character.isspace()
            shown.append(character)
            continue
        marks += 1
        if not has_letter:
            shown.append("\u25cc")
            has_letter = True
        if marks <= _MOST_MARKS:
            shown.append(character)
        elif marks == _MOST_MARKS + 1:
            shown.append("…")
    return "".join(shown)


def isolated(text: str) -> str:
    """Text that cannot change the order of the words around it, by Unicode's isolates where it runs right to left."""
    if not any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text):
        return text
    return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_DIRECTIONAL_ISOLATE}"


def isolated_rows(rows: Sequence[str]) -> list[str]:
    """Rows of a wrapped text, in each of which what is isolated is closed: a new line is a new paragraph, where an
    isolate of the one before has ended."""
    closed, is_open = [], False
    for row in rows:
        bare = row.lstrip()
        start = f"{row[: len(row) - len(bare)]}{_FIRST_STRONG_ISOLATE}{bare}" if is_open else row
        is_open = start.rfind(_FIRST_STRONG_ISOLATE) > start.rfind(_POP_DIRECTIONAL_ISOLATE)
        closed.append(f"{start}{_POP_DIRECTIONAL_ISOLATE}" if is_open else start)
    return closed


def event_text(finding: Mapping[str, Any]) -> str:
    """The text of the event that a finding is about, shortened, lines separated by " / "; empty where there is none."""
    event = finding.get("event")
    if not event:
        return ""
    return "(image)" if event["is_image"] else _shortened(legible(str(event["text"])))


def event_words(finding: Mapping[str, Any]) -> str:
    """The same in quotes and isolated, for a line of plain text."""
    text = event_text(finding)
    return text if not text or finding["event"]["is_image"] else f"“{isolated(text)}”"


def quoted_name(name: str) -> str:
    """A name from a file, shortened and isolated."""
    return isolated(_shortened(legible(name)))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"

"""Counts characters, words and lines of timed text, in one way for every format; knows no limit and no time.

The rule. Text is composed first (NFC), so that a letter and its accent are one character where Unicode has one for
them. Characters are then Unicode scalar values: combining marks that Unicode composes with nothing (vowel signs of
Thai and Hindi, Arabic and Hebrew points) count one each, and so do the parts of an emoji. Spaces count, line breaks
and tags do not. Nor does what shows nothing: control characters, format characters (zero-width space and joiners,
soft hyphen, byte order mark, direction marks, embeddings, overrides and isolates) and variation selectors. Ruby is not
in the lines and does not count. A word is a run without white space that holds a letter or a digit, so that a
dash alone is none; scripts without spaces have one word a run.

The width of a line is counted in full-width characters, as guides for Japanese and Korean do: what Unicode calls wide
or full-width (UAX #11: W and F) is 1, all else that counts is a half. Characters that are either, as dashes, ellipses
and typographic quotes (A), are a half: no line is called too wide for a dash.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_SHOWS_NOTHING = frozenset(("Cc", "Cf"))
_LETTERS_AND_DIGITS = ("L", "N")
_WIDE = frozenset(("W", "F"))


def composed(line: str) -> str:
    """The line in Unicode's composed form (NFC)."""
    return line if line.isascii() else unicodedata.normalize("NFC", line)


def character_count(line: str) -> int:
    """Characters of a composed line that count."""
    if line.isprintable() and line.isascii():
        return len(line)
    return sum(_counts(one) for one in line)


def full_widths(line: str) -> float:
    """Width of a composed line in full-width characters, to the half."""
    if line.isprintable() and line.isascii():
        return len(line) / 2
    return sum(_counts(one) * (2 if unicodedata.east_asian_width(one) in _WIDE else 1) for one in line) / 2


def word_count(lines: Sequence[str]) -> int:
    """Words in composed lines."""
    return sum(any(_is_of_word(one) for one in run) for line in lines for run in line.split())


def shown_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines from the first to the last one that shows anything: an empty line between two others takes its
    place."""
    shown = [at for at, line in enumerate(lines) if shows_anything(line)]
    return tuple(lines[shown[0] : shown[-1] + 1]) if shown else ()


def shows_anything(line: str) -> bool:
    """Whether a composed line holds a character that counts and is no space."""
    return any(_counts(one) and not one.isspace() for one in line)


@lru_cache(maxsize=4096)
def _counts(character: str) -> bool:
    is_selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return unicodedata.category(character) not in _SHOWS_NOTHING and not is_selector


@lru_cache(maxsize=4096)
def _is_of_word(character: str) -> bool:
    return unicodedata.category(character).startswith(_LETTERS_AND_DIGITS)

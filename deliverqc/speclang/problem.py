"""What is wrong with a spec document, where, and how to mend it; knows no rule."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error keeps a spec from being used; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing to mend. `pointer` is a JSON pointer (RFC 6901) into the document; `code` names the rule and stays."""

    severity: Severity
    code: str
    pointer: str
    message: str


def error(code: str, pointer: str, message: str) -> Problem:
    """A problem that keeps the spec from being used."""
    return Problem(severity=Severity.ERROR, code=code, pointer=pointer, message=message)


def warning(code: str, pointer: str, message: str) -> Problem:
    """A problem that does not."""
    return Problem(severity=Severity.WARNING, code=code, pointer=pointer, message=message)


def child(pointer: str, key: str | int) -> str:
    """The pointer to a member or item of what `pointer` points at (RFC 6901, section 3)."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def nearest(word: str, known: Iterable[str]) -> str:
    """ "; did you mean …?" with the nearest known words, or nothing; those that hold the word as a part come first."""
    words = list(known)
    holding = sorted((one for one in words if word in re.split(r"[-._]", one)), key=len)
    near = list(dict.fromkeys([*holding, *difflib.get_close_matches(word, words, 3, 0.6)]))[:3]
    return f"; did you mean {' or '.join(near)}?" if near else ""

"""Collects what is wrong with captions: the first of each kind with their places, and how many more there are. Knows no
format."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from deliverqc.timed_text.model import TextFault

MOST_OF_A_KIND = 20
"""Faults of one code that keep their place: house choice, because whatever breaks a rule all the way through is read
from the first few."""

OF_FILES = ("scc", "mcc")
"""Formats that end where the captions do; a recording may well end while one is loaded."""


@dataclass(slots=True)
class FaultList:
    """Faults in the order in which they are met."""

    _kept: list[TextFault] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, message: str, *, at: Fraction | None = None, line: int | None = None) -> None:
        """Take a fault at a time on the document's clock, or in a line of the file."""
        self._counts[code] += 1
        if self._counts[code] <= MOST_OF_A_KIND:
            where = f" at {float(at):.3f} s" if at is not None else ""
            self._kept.append(TextFault(code=code, message=f"{message}{where}.", line=line, at_s=at))

    @property
    def count(self) -> int:
        """How many were met."""
        return self._counts.total()

    def faults(self) -> tuple[TextFault, ...]:
        """What was found; where a code has more than keep their place, one more of that code says how many."""
        rest = (
            TextFault(code=code, message=f"{count - MOST_OF_A_KIND:,} more of the same kind.")
            for code, count in self._counts.items()
            if count > MOST_OF_A_KIND
        )
        return (*self._kept, *rest)


def is_plain(row: str) -> bool:
    """Whether a line has nothing but printable ASCII and tabs."""
    return row.isascii() and row.replace("\t", " ").isprintable()


def hold_to_ascii(encoding: str | None, format_name: str, faults: FaultList) -> None:
    """Take it for a fault that a file of captions is in two or four bytes a character, which few readers take."""
    if encoding is not None and encoding != "utf-8":
        message = f"The file is {encoding.upper()}. {format_name} is ASCII: save it as plain text or UTF-8"
        faults.add("not-ascii", message, line=1)

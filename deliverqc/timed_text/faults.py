"""Gathers what is wrong with a document of timed text while it is read. Knows no format."""

from __future__ import annotations

from deliverqc.timed_text.model import MOST_EVENTS, TextError, TextFault

MOST_FAULTS = 1000
"""House choice: each is shown with its line; a file with more is no longer corrected line by line."""


class Faults:
    """The faults of one document, in the order of its lines. Those after `MOST_FAULTS` are counted, not kept."""

    def __init__(self) -> None:
        self._kept: list[TextFault] = []
        self._more = 0

    def add(self, code: str, message: str, line: int | None = None, event: int | None = None) -> None:
        """Keeps a fault: `code` in kebab case, `message` a sentence, `line` from 1, `event` by its number."""
        if len(self._kept) < MOST_FAULTS:
            self._kept.append(TextFault(code=code, message=message, line=line, event=event))
        else:
            self._more += 1

    def found(self) -> tuple[TextFault, ...]:
        """All that were kept, by line; with one more that says how many were not."""
        kept = sorted(self._kept, key=lambda fault: fault.line or 0)
        if self._more:
            kept.append(TextFault(code="more-faults", message=f"{self._more:,} more faults are not listed."))
        return tuple(kept)


def refuse_too_many_events(count: int, name: str, line: int) -> None:
    """TextError where a document has more events than are read."""
    if count > MOST_EVENTS:
        message = f"{name}, line {line}: more than {MOST_EVENTS:,} events. Check what wrote the file."
        raise TextError(message, code="too-many-events", line=line)

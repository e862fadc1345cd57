"""Decodes cc_data (CTA-708-E section 4.4), the triplets that carry both line 21 and CTA-708. Knows no carrier, no file
and no fact."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from deliverqc.timed_text.dtvcc import PACKET_DATA, CaptionChannel
from deliverqc.timed_text.line_21 import SENT_AGAIN_WITHIN_S, Field
from deliverqc.timed_text.model import Document

_VALID = 4
_MOST_KNOWN = 100
"""House choice: padding has one form in most files, and one a rate in others."""

_FRAMES_TO_TWIN = Fraction(3, 2)
"""House choice: the next frame, and not the one after it; it counts for slower pictures than line 21 has."""


@dataclass(slots=True)
class CaptionDecoder:
    """Takes triplets, frame by frame, in the order in which frames are shown. `frame_s`: how long a frame is shown;
    None where that is not known."""

    frame_s: Fraction | None = None
    _fields: tuple[Field, Field] = field(init=False)
    _channel: CaptionChannel = field(default_factory=CaptionChannel)
    _padding: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        within_s = max(SENT_AGAIN_WITHIN_S, _FRAMES_TO_TWIN * (self.frame_s or Fraction(0)))
        self._fields = (Field(0, within_s), Field(1, within_s))

    def is_padding(self, triplets: bytes) -> bool:
        """Whether the triplets of a frame say nothing."""
        if triplets in self._padding:
            return True
        if without_padding(triplets):
            return False
        if len(self._padding) < _MOST_KNOWN:
            self._padding.add(triplets)
        return True

    def feed(self, at: Fraction, triplets: bytes, *, line: int | None = None) -> None:
        """Take the triplets of one frame, which is shown at `at`; of a file, its line."""
        for place in range(0, len(triplets) - 2, 3):
            head, first, second = triplets[place], triplets[place + 1], triplets[place + 2]
            kind = head & 3
            if not head & _VALID:
                continue
            if kind < PACKET_DATA:
                self._fields[kind].feed(at, first, second, line=line)
            else:
                self._channel.feed(at, kind, first, second, line=line)

    def documents(self, *, line_21: str = "cea_608", dtvcc: str = "cea_708") -> tuple[Document, ...]:
        """One for each service that holds anything: line 21 first. `line_21` and `dtvcc`: the formats they get."""
        fields = tuple(document for one in self._fields for document in one.documents(format=line_21))
        return fields + self._channel.documents(format=dtvcc)


def without_padding(triplets: bytes) -> bytes:
    """The triplets that say anything: not those that are marked as not valid, nor pairs of line 21 that are null."""
    kept = bytearray()
    for place in range(0, len(triplets) - 2, 3):
        head, first, second = triplets[place], triplets[place + 1], triplets[place + 2]
        if head & _VALID and (head & 3 >= PACKET_DATA or first & 0x7F or second & 0x7F):
            kept += triplets[place : place + 3]
    return bytes(kept)

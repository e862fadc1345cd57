"""Decodes line 21 (CTA-608-E, 47 CFR 79.101): pairs of bytes of a field to the captions and texts of its channels.
Knows no carrier, no file and no fact.

What a receiver does decides: a pair that is sent again at once counts once, a control code with a wrong parity bit is
not obeyed, and a letter with one is a solid block. Data on the programme (XDS) is told apart and not read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from deliverqc.timed_text import line_21_codes as codes
from deliverqc.timed_text.caption_faults import OF_FILES, FaultList
from deliverqc.timed_text.caption_screen import numbered
from deliverqc.timed_text.line_21_channel import Caption, Channel, TextService
from deliverqc.timed_text.model import Document, TextFault

_CONTROL, _XDS, _XDS_END = range(0x10, 0x20), range(0x01, 0x0F), 0x0F
SENT_AGAIN_WITHIN_S = Fraction(58, 1000)
"""House choice: between one frame of 24 a second, shown for three fields, and two frames of 30."""

_ODD = tuple(byte.bit_count() % 2 == 1 for byte in range(256))
_LETTERS = tuple(
    (codes.character(byte & 0x7F) if _ODD[byte] else codes.SOLID_BLOCK) if byte & 0x60 else None for byte in range(256)
)
"""What each byte shows, its parity bit included."""

_CAPTIONS_BY = (codes.RCL, codes.RU2, codes.RU3, codes.RU4, codes.RDC, codes.EOC)
_TEXT_BY = (codes.TR, codes.RTD)


@dataclass(slots=True)
class _Control:
    """A control code that was not sent again yet."""

    pair: tuple[int, int]
    at: Fraction
    line: int | None


@dataclass(slots=True)
class Field:
    """One field of line 21; `number` 0 or 1. Its pairs come in the order of time. `again_within_s`: a control code that
    comes again no later is the twin of the one before."""

    number: int
    again_within_s: Fraction = SENT_AGAIN_WITHIN_S
    faults: FaultList = field(default_factory=FaultList)
    parity_error_count: int = 0
    _captions: dict[int, Caption] = field(default_factory=dict)
    _texts: dict[int, TextService] = field(default_factory=dict)
    _in_text: set[int] = field(default_factory=set)
    _current: int | None = None
    _is_xds: bool = False
    _is_lost: bool = False
    _spoilt: tuple[int, int] | None = None
    _pending: _Control | None = None

    def feed(
        self, at: Fraction, first: int, second: int, *, line: int | None = None, late_s: Fraction | None = None
    ) -> None:
        """Take two bytes with their parity bits, which are shown at `at`; of a file, its line, and how late they
        come."""
        a, b = first & 0x7F, second & 0x7F
        if not a and not b:
            return
        wrong = (not _ODD[first]) + (not _ODD[second])
        if wrong:
            self.parity_error_count += wrong
            self.faults.add(
                "parity-error", f"The pair {first:02X}{second:02X} has a wrong parity bit", at=at, line=line
            )
        if a in _CONTROL:
            if wrong:
                self._spoil((a, b), at)
            else:
                self._control(at, a, b, line, late_s)
            return
        self._expect_no_more(at)
        if not _ODD[first] and not a & 0x60:
            return
        if a < 0x10 and a:
            self._data_on_programme(a, b, at, line)
        elif not self._is_xds:
            self._letters(at, (first, second), line)

    def documents(self, *, format: str) -> tuple[Document, ...]:  # noqa: A002  the member's name
        """One for each channel that holds anything, captions before texts; with the faults of the whole field in the
        first. One without a service where there are faults only."""
        if self._pending is not None:
            self._expect_no_more(None)
        if format in OF_FILES:
            for one in self._captions.values():
                one.check_unseen(None, None)
        held: list[Channel] = [self._captions[key] for key in sorted(self._captions)]
        held += [self._texts[key] for key in sorted(self._texts)]
        if not held and not (faults := self.faults.faults()):
            return ()
        if not held:
            return (_nameless(format, faults, self.parity_error_count),)
        return tuple(
            Document(
                format=format,
                service=one.name,
                events=numbered(one.finish()),
                faults=((self.faults.faults() if not place else ()) + one.faults.faults()),
                parity_error_count=self.parity_error_count if not place else 0,
            )
            for place, one in enumerate(held)
        )

    def _spoil(self, pair: tuple[int, int], at: Fraction) -> None:
        """Take note of a control code that is not obeyed, so that its twin is not taken for one that came once."""
        is_second = self._pending is not None and self._pending.pair == pair
        if not is_second:
            self._expect_no_more(at)
        self._pending, self._spoilt = None, None if is_second else pair

    def _control(self, at: Fraction, a: int, b: int, line: int | None, late_s: Fraction | None) -> None:
        before, self._pending = self._pending, None
        if before is not None and before.pair == (a, b) and at - before.at <= self.again_within_s:
            return
        self._pending = before
        self._expect_no_more(at)
        self._pending = _Control((a, b), at, line) if self._spoilt != (a, b) else None
        self._spoilt = None
        self._is_xds = False
        channel, code = a >> 3 & 1, a & 0x17
        self._current = channel
        if code in codes.MISCELLANEOUS and b in _TEXT_BY:
            self._in_text.add(channel)
        elif code in codes.MISCELLANEOUS and b in _CAPTIONS_BY:
            self._in_text.discard(channel)
        is_of_captions = code in codes.MISCELLANEOUS and b in (codes.EDM, codes.ENM)
        target = self._caption(channel) if is_of_captions else self._service(channel)
        if not target.control(code, b, at, line=line, late_s=late_s):
            self.faults.add("unknown-control-code", f"{a:02X} {b:02X} is not a control code", at=at, line=line)

    def _expect_no_more(self, at: Fraction | None) -> None:
        """Take note of a control code that was sent once only."""
        one, self._pending = self._pending, None
        if one is not None:
            pair = f"{one.pair[0]:02X} {one.pair[1]:02X}"
            self.faults.add(
                "unpaired-control-code", f"The control code {pair} is sent once, not twice", at=one.at, line=one.line
            )

    def _data_on_programme(self, a: int, b: int, at: Fraction, line: int | None) -> None:
        if not self.number:
            self.faults.add(
                "unknown-control-code", f"{a:02X} {b:02X} is not a code of the first field", at=at, line=line
            )
            return
        self._is_xds = a in _XDS
        self._current = None

    def _letters(self, at: Fraction, pair: Iterable[int], line: int | None) -> None:
        service = None if self._current is None else self._service(self._current)
        for byte in pair:
            letter = _LETTERS[byte]
            if letter is None:
                continue
            if service is not None and service.is_open:
                self._is_lost = False
                service.letter(letter, at, line)
            elif not self._is_lost:
                self._is_lost = True  # reported once, however many follow
                message = "A letter comes before a code says how it is shown"
                self.faults.add("characters-without-mode", message, at=at, line=line)

    def _caption(self, channel: int) -> Caption:
        if channel not in self._captions:
            self._captions[channel] = Caption(name=f"cc{2 * self.number + channel + 1}")
        return self._captions[channel]

    def _service(self, channel: int) -> Channel:
        if channel not in self._in_text:
            return self._caption(channel)
        if channel not in self._texts:
            self._texts[channel] = TextService(name=f"t{2 * self.number + channel + 1}")
        return self._texts[channel]


def _nameless(format_: str, faults: tuple[TextFault, ...], parity_error_count: int) -> Document:
    return Document(format=format_, events=(), faults=faults, parity_error_count=parity_error_count)

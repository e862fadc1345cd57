"""Decodes the captions in band that signals hold into documents; opens no file and knows no fact."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from deliverqc.signals.caption_data import RUNS
from deliverqc.signals.tables import NO_STAMP
from deliverqc.timed_text.cc_data import CaptionDecoder

if TYPE_CHECKING:
    from deliverqc.signals.tables import CaptionSignal, Signals
    from deliverqc.timed_text.model import Document

_PAIR_S = Fraction(1001, 30000)
"""Line 21 carries a pair in each field of a frame (CTA-608 section 4)."""


class CaptionsInBand(NamedTuple):
    """A service that the file carries: `source`, `track_index` and `carrier` as in `CaptionSignal`, and what it shows.
    Times are after the first picture."""

    source: str
    track_index: int | None
    carrier: str
    document: Document


def caption_documents(signals: Signals) -> tuple[CaptionsInBand, ...]:
    """Every service of every carrier. None of a carrier of which a frame has no time stamp, because its order is not
    known; none of a part of a master, because what it begins with belongs to what is before it."""
    if signals.part is not None:
        return ()
    return tuple(
        CaptionsInBand(held.source, held.index, held.carrier, document)
        for held in signals.captions
        if not (held.stamps == NO_STAMP).any()
        for document in _documents(held, signals)
    )


def is_read(signals: Signals) -> bool:
    """Whether `caption_documents` gives everything that the carriers hold of captions."""
    return signals.part is None and not any((held.stamps == NO_STAMP).any() for held in signals.captions)


def _documents(held: CaptionSignal, signals: Signals) -> tuple[Document, ...]:
    rate = signals.picture.frame_rate if signals.picture is not None else None
    decoder = CaptionDecoder(frame_s=1 / rate if rate else None)
    for at, triplets in _frames(held):
        decoder.feed(at, triplets)
    return decoder.documents()


def _frames(held: CaptionSignal) -> Iterator[tuple[Fraction, bytes]]:
    data, place = held.triplets.tobytes(), 0
    spread = _Spread() if held.carrier in RUNS else None
    for stamp, count in zip(held.stamps.tolist(), held.counts.tolist(), strict=True):
        at = stamp * held.tick_s - held.origin_s
        triplets, place = data[place : place + 3 * count], place + 3 * count
        if spread is None:
            yield at, triplets
        else:
            yield from spread.frames(at, triplets)


class _Spread:
    """Gives each pair of a sample the time of its own frame, and no pair one before those of the sample before."""

    def __init__(self) -> None:
        self._due: dict[int, Fraction] = {}

    def frames(self, at: Fraction, triplets: bytes) -> Iterator[tuple[Fraction, bytes]]:
        begun: set[int] = set()
        for place in range(0, len(triplets), 3):
            kind = triplets[place] & 3
            due = self._due.get(kind, at)
            due = due if kind in begun else max(at, due - _PAIR_S)
            begun.add(kind)
            yield due, triplets[place : place + 3]
            self._due[kind] = due + _PAIR_S

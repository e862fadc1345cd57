"""Compares the timeline of an IMF supplemental with that of the composition it was made for: rate, length, and where
the picture and audio that both use are; reads no file.

Only what both share is compared: a supplemental replaces parts, and what it puts there is its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from deliverqc.facts.model import Facts
from deliverqc.packages.model import DECODED_KINDS, Composition, Package, Track
from deliverqc.packages.uses import placed, seconds

_FACT = "package.composition.timeline_differences"
_MOST_USES = 300
"""House choice: more uses of one file than an edit has. Where there are more, they are not compared."""

_Use = tuple[Fraction, Fraction, Fraction]
"""Where the first edit unit of a file would be in the composition, and from when to when of the file it is used."""


def timeline_difference_facts(package: Package, composition: Composition) -> Facts:
    """Differences from the composition of the originals that shares files with this one and was issued last. None
    where all that it uses is in its own package. No fact where it is not known with what to compare."""
    holders = [package.holder_of(track.identity.key) for track in composition.tracks]
    if all(holder is package for holder in holders):
        return {_FACT: None}
    earlier = _latest(package, composition)
    found = [list(_differences(composition, one)) for one in earlier]
    if not found or any(bool(one) != bool(found[0]) for one in found):
        return {}
    is_known = all(map(_is_placed, (composition, *earlier)))
    return {_FACT: found[0]} if found[0] or is_known else {}


def _is_placed(composition: Composition) -> bool:
    """Whether it is known how long the composition is, and where each use of each file is in it."""
    decoded = [(track, start) for track, start in placed(composition) if track.kind in DECODED_KINDS]
    if _length(composition) is None or any(start is None or track.duration_s is None for track, start in decoded):
        return False
    return all(len(uses) <= _MOST_USES for _, uses in _uses(composition).values())


def _latest(package: Package, composition: Composition) -> Sequence[Composition]:
    """Compositions of the originals that use files of this one, those that were issued last; all where one does not
    say when."""
    borrowed = {asset.identity.key for _, asset in package.borrowed()}
    own = {track.identity.key for track in composition.tracks} & borrowed
    alike = [
        one
        for original in package.originals
        for one in original.compositions
        if own & {track.identity.key for track in one.tracks} and one.identity.key != composition.identity.key
    ]
    days = [one.issued for one in alike]
    known = [day for day in days if day is not None]
    if not known or len(known) < len(days):
        return alike
    return [one for one in alike if one.issued == max(known)]


def _differences(composition: Composition, earlier: Composition) -> Iterator[dict[str, Any]]:
    if composition.edit_rate != earlier.edit_rate:
        yield _entry(earlier, f"has {_rate(composition)} edit units a second, and that composition {_rate(earlier)}")
    lengths = _length(composition), _length(earlier)
    if None not in lengths and lengths[0] != lengths[1]:
        yield _entry(earlier, f"lasts {_words(lengths[0])}, and that composition {_words(lengths[1])}")
    ours, theirs = _uses(composition), _uses(earlier)
    for key, (track, own) in ours.items():
        moved = list(_moved(own[:_MOST_USES], theirs[key][1][:_MOST_USES])) if key in theirs else []
        if moved:
            by = min(moved, key=abs)
            side = "later" if by > 0 else "earlier"
            message = f"shows {track.kind} {track.identity.text} {_words(abs(by))} {side} than that composition"
            yield _entry(earlier, message)


def _moved(own: Sequence[_Use], earlier: Sequence[_Use]) -> Iterator[Fraction]:
    """By how much parts of a file are elsewhere than they were, and no longer where they were. What is shown once more
    at another place is a change of the content."""
    known = {before for before, _, _ in earlier}
    for offset, start, end in (use for use in own if use[0] not in known):
        for before, first, last in earlier:
            part = (max(start, first), min(end, last))
            if part[0] >= part[1]:
                continue
            if not any(one == before and begin < part[1] and part[0] < stop for one, begin, stop in own):
                yield offset - before


def _entry(earlier: Composition, message: str) -> dict[str, Any]:
    return {"id": earlier.identity.text, "file": earlier.file_name, "title": earlier.title, "message": message}


def _rate(composition: Composition) -> str:
    return str(composition.edit_rate or "no stated number of")


def _words(length: Fraction | None) -> str:
    return "an unknown time" if length is None else f"{seconds(length):.3f} s"


def _length(composition: Composition) -> Fraction | None:
    """The sum of the segments, each as long as its first track; None where one is not stated."""
    total = Fraction(0)
    for reel in composition.reels:
        first = next((track.sequence for track in reel.tracks), None)
        lengths = [track.duration_s for track in reel.tracks if track.sequence == first]
        known = [length for length in lengths if length is not None]
        if not known or len(known) < len(lengths):
            return None
        total += sum(known, Fraction(0))
    return total


def _uses(composition: Composition) -> Mapping[str, tuple[Track, list[_Use]]]:
    """The uses of each picture and audio file, by its id."""
    found: dict[str, tuple[Track, list[_Use]]] = {}
    for track, start in placed(composition):
        if track.kind not in DECODED_KINDS or start is None or not track.edit_rate or track.duration is None:
            continue
        _, uses = found.setdefault(track.identity.key, (track, []))
        first, length = (track.entry_point or 0) / track.edit_rate, track.duration / track.edit_rate
        uses += [
            (start + repeat * length - first, first, first + length)
            for repeat in range(min(track.repeat_count, _MOST_USES + 1))
        ]
    return found

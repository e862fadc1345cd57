"""Holds the timeline of an IMF composition to SMPTE ST 2067-3 and ST 2067-2, in exact rationals, and names its
applications; resolves no asset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from deliverqc.facts.model import Facts
from deliverqc.packages.documents import whole
from deliverqc.packages.model import PICTURE, SOUND, Composition, Fault, Track

_NAMES: Mapping[str, str] = {
    "http://www.smpte-ra.org/schemas/2067-20/2013": "app2_2013",
    "http://www.smpte-ra.org/schemas/2067-20/2016": "app2_2016",
    "http://www.smpte-ra.org/schemas/2067-21/2014": "app2e_2014",
    "http://www.smpte-ra.org/schemas/2067-21/2016": "app2e_2016",
    "http://www.smpte-ra.org/ns/2067-21/2020": "app2e_2020",
    "http://www.smpte-ra.org/ns/2067-21/2021": "app2e_2021",
    "http://www.smpte-ra.org/ns/2067-21/5ED": "app2e_2023",
    "http://www.smpte-ra.org/ns/2067-50/2017": "app5_2017",
}
"""Values of ApplicationIdentification (ST 2067-2 section 6.9), as Netflix Photon knows them."""

_IAB, _MAIN_PICTURE = "IABSequence", "MainImageSequence"
_ISXD, _S_ADM = "ISXDSequence", "MGASADMSignalSequence"


def imf_facts(composition: Composition) -> Facts:
    """Facts that only compositions of segments have; none of a DCP."""
    if not composition.is_imf:
        return {}
    rate = composition.edit_rate
    facts: Facts = {
        "package.composition.applications": [_NAMES.get(one, f"other:{one}") for one in composition.applications],
        "package.composition.picture_track_count": _count(composition, PICTURE),
        "package.composition.sound_track_count": _count(composition, SOUND),
        "package.composition.iab_track_count": _count_of_element(composition, _IAB),
        "package.composition.isxd_track_count": _count_of_element(composition, _ISXD),
        "package.composition.s_adm_track_count": _count_of_element(composition, _S_ADM),
        "package.composition.edit_rate": None if rate is None else f"{rate.numerator}/{rate.denominator}",
        "package.composition.locale_languages": list(dict.fromkeys(composition.locale_languages)),
        "package.composition.reference_errors": _told(composition.reference_faults),
        "package.composition.timecode_errors": _told(composition.timecode_faults),
        "package.composition.max_cll_cd_m2": _light(composition.max_cll),
        "package.composition.max_fall_cd_m2": _light(composition.max_fall),
    }
    lengths = _segment_lengths(composition)
    if lengths is not None:
        facts["package.composition.timeline_errors"] = list(_errors(composition, lengths))
        if all(length.denominator == 1 for length in lengths):
            facts["package.composition.segment_edit_units"] = [int(length) for length in lengths]
    return facts


def _told(faults: Sequence[Fault] | None) -> list[dict[str, Any]] | None:
    return None if faults is None else [{"file": one.file, "line": one.line, "message": one.message} for one in faults]


def _count(composition: Composition, kind: str) -> int:
    return len({track.sequence for track in composition.tracks if track.kind == kind})


def _count_of_element(composition: Composition, element: str) -> int:
    return len({track.sequence for track in composition.tracks if track.element == element})


def _light(stated: str | None) -> int | None:
    """A light level as a property of the composition gives it; 0 and what is no number state none."""
    return (whole(stated) or None) if stated is not None else None


def _segment_lengths(composition: Composition) -> list[Fraction] | None:
    """Lengths of the segments in edit units of the composition, by their first track; None where one is not stated."""
    found = []
    for segment in composition.reels:
        first = next((track.sequence for track in segment.tracks), None)
        lengths = [track.duration_s for track in segment.tracks if track.sequence == first]
        if not lengths or None in lengths or not composition.edit_rate:
            return None
        found.append(sum((length for length in lengths if length is not None), Fraction(0)) * composition.edit_rate)
    return found


def _errors(composition: Composition, lengths: list[Fraction]) -> Iterator[dict[str, Any]]:
    firsts: dict[str, Track] = {}
    for track in composition.tracks:
        first = firsts.setdefault(track.sequence, track)
        if track.edit_rate != first.edit_rate:
            yield _error(track, "has another edit rate than the resources before it in its virtual track")
        if track.kind != first.kind:
            yield _error(track, f"is {track.kind} in a virtual track of {first.kind}")
        if track.kind == PICTURE and track.edit_rate != composition.edit_rate:
            yield _error(track, "has another edit rate than the composition")
    for key, track in firsts.items():
        for number, segment in enumerate(composition.reels):
            if all(one.sequence != key for one in segment.tracks):
                yield _error(track, f"is of a virtual track that segment {number + 1} lacks")
    for segment, length in zip(composition.reels, lengths, strict=True):
        if length.denominator != 1:
            message = f"makes a segment of {length} edit units of the composition, which is not a whole number"
            yield _error(segment.tracks[0], message)
        pictures = {track.sequence for track in segment.tracks if track.element == _MAIN_PICTURE}
        if len(pictures) > 1:
            yield _error(segment.tracks[0], "is in a segment with more than one main picture")


def _error(track: Track, message: str) -> dict[str, Any]:
    return {"id": track.identity.text, "reel": track.reel, "kind": track.kind, "message": message}

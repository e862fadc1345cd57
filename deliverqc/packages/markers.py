"""Says where the markers of a composition are, and what is wrong with them, as facts; reads no file."""

from __future__ import annotations

from deliverqc.facts.model import Facts
from deliverqc.packages.model import PICTURE, Composition, Marker

_MARKERS = ("FFOC", "FFEC", "FFMC")


def marker_facts(composition: Composition) -> Facts:
    """Offsets are as written: they count from 0 in ST 429-7, and Bv2.1 has FFOC at 1."""
    facts: Facts = {
        "package.composition.markers": [
            {"reel": one.reel, "label": one.label, "offset": one.offset} for one in composition.markers
        ],
        "package.composition.marker_errors": [
            {"reel": one.reel, "label": one.label, "offset": one.offset, "message": message}
            for one in composition.markers
            if (message := _marker_error(one))
        ],
    }
    for label in _MARKERS:
        offsets = [one.offset for one in composition.markers if one.label == label]
        facts[f"package.composition.{label.lower()}_offset"] = offsets[0] if offsets else None
    lasts = [one for one in composition.markers if one.label == "LFOC"]
    facts["package.composition.lfoc_before_end"] = None
    if lasts and lasts[-1].offset is not None:
        ends = [track.duration for track in composition.reels[lasts[-1].reel].tracks if track.kind == PICTURE]
        if ends and ends[0] is not None and lasts[-1].reel == len(composition.reels) - 1:
            facts["package.composition.lfoc_before_end"] = ends[0] - lasts[-1].offset
    return facts


def _marker_error(marker: Marker) -> str | None:
    if not marker.label:
        return "has no label"
    if marker.offset is None:
        return "has no offset that is a whole number"
    if marker.duration is not None and marker.offset >= marker.duration:
        return f"is behind the last of {marker.duration} edit units"
    return None

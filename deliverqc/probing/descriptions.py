"""Compares the sample descriptions of a picture track (ISO/IEC 14496-12 section 8.5.2) with its first one; opens no
file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deliverqc.facts.model import Facts
from deliverqc.probing.wrappers.isobmff import BoxTrack
from deliverqc.timebase import format_rate

_COMPARED = (
    "width_px",
    "height_px",
    "scan",
    "field_order",
    "color_primaries",
    "color_transfer",
    "color_matrix",
    "color_range",
)
_ENCRYPTED = "encv"  # which says nothing of the coding in it (ISO/IEC 14496-12 section 8.12)


def description_changes(track: BoxTrack) -> Iterator[Facts]:
    """What each further description states other than the first, by the last part of a fact's name; one that no sample
    uses says nothing of the picture. Which one a fragment uses is not known, so that all count there."""
    first = _stated(track)
    for number, other in enumerate(track.others, 2):
        if track.first_samples and number not in track.first_samples:
            continue
        stated = _stated(other)
        if _ENCRYPTED in (track.entry, other.entry):
            stated["codec_tag"] = first["codec_tag"]
        for name, before in first.items():
            if stated[name] != before:
                yield {
                    "fact": f"picture.{name}",
                    "from": before,
                    "to": stated[name],
                    "frame": track.first_samples.get(number),
                }


def _stated(track: BoxTrack) -> dict[str, Any]:
    shape = track.pixel_aspect_ratio
    stated: dict[str, Any] = {name: track.picture.get(name) for name in _COMPARED}
    stated = {name: None if value is None else str(value) for name, value in stated.items()}
    return {"codec_tag": track.entry, **stated, "pixel_aspect_ratio": None if shape is None else format_rate(shape)}

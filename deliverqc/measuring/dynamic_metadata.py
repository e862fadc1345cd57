"""Decides where a picture without Dolby Vision metadata proves that there is none; opens no file."""

from __future__ import annotations

from deliverqc.facts.model import Facts

_PREFIX = "picture.dolby_vision."
_OF_METADATA = (
    "cm_version",
    "metadata_gaps",
    "metadata_overlaps",
    "level_1_spans",
    "level_1_missing_count",
    "level_1_zero_count",
)


def within_reach(facts: Facts) -> Facts:
    """The facts without null for metadata that may be where it was not looked for: in the enhancement layer of another
    picture track, or in an MXF file whose picture is not wrapped by frame."""
    if facts.get(f"{_PREFIX}metadata_gaps", ()) is not None or _is_looked_for(facts):
        return facts
    hidden = {_PREFIX + name for name in _OF_METADATA}
    return {name: value for name, value in facts.items() if name not in hidden}


def _is_looked_for(facts: Facts) -> bool:
    if facts.get("picture.track_count") != 1:
        return False
    if facts.get("wrapper.format") != "mxf" or facts.get("wrapper.mxf_wrapping") == "frame":
        return True
    return facts.get(f"{_PREFIX}metadata_version", "") is None  # a track of metadata has a document of the title

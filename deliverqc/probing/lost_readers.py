"""What a reader that gave up takes with it: facts that it alone gives, and nulls that it might have filled; opens no
file but through the walkers.

A missing fact was not measured, and `null` was looked for. So where a reader is lost, `null` of the others stands only
for facts of which the lost one knows nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from functools import cache
from pathlib import Path

from deliverqc.facts.model import Facts, Layer
from deliverqc.facts.probed import probed_facts
from deliverqc.probing.structure import Structure, read_structure
from deliverqc.probing.wrappers.bounds import TooMuchError

ESSENCE = "essence"
"""Stands among lost readers of a track where its first pictures could not be read for what they state."""
_DECODE = "decode"

_NAMES = {
    "mediainfo": "MediaInfo",
    "libav": "libav",
    "structure": "The reader of the wrapper",
    "mxf": "The reader of MXF metadata",
}
_TIMECODES = ("wrapper.start_timecode", "wrapper.drop_frame", "wrapper.timecode_faults")


def lost_reader(name: str, how: str) -> dict[str, str]:
    """The lost reader by name, with the sentence that reports show; `how` completes "gave up on this file (…)"."""
    return {name: f"{_NAMES[name]} gave up on this file ({how}): facts that only it gives were not measured."}


def walked(path: Path, size: int) -> tuple[Structure, dict[str, str]]:
    """The structure of the wrapper, and its reader where that gave up: on bytes that contradict themselves."""
    try:
        structure = read_structure(path, size)
    except TooMuchError as error:
        return Structure(), lost_reader("structure", str(error))
    except (struct.error, ValueError, IndexError, KeyError, ArithmeticError, MemoryError, RecursionError):
        return Structure(), lost_reader("structure", "its sizes and tables contradict themselves")
    return structure, lost_reader("mxf", structure.unread) if structure.unread else {}


def with_nulls(
    facts: Facts,
    prefix: str,
    lost: Collection[str],
    *,
    is_whole_name: bool = False,
    settled: Collection[str] = (),
) -> Facts:
    """Add null for every nullable fact directly under `prefix` that nobody stated, and take null away where a `lost`
    reader might have known; those that are `settled` keep it. What a decode gives is not a probe's to be null."""
    for name, own, givers in _nullable(prefix):
        key = name if is_whole_name else own
        if facts.get(key) is not None:
            continue
        if not givers.isdisjoint(lost) and key not in settled:
            facts.pop(key, None)
        else:
            facts[key] = None
    return facts


@cache
def _nullable(prefix: str) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Each nullable fact directly under `prefix` that a probe gives: its name, the part of it behind the prefix, and
    what has to be lost so that its null is not known."""
    found = []
    for name, fact in probed_facts().items():
        own = name.removeprefix(prefix)
        if own == name or "[]" in own or fact.given_by[0] == _DECODE or not fact.is_nullable:
            continue
        is_of_essence = fact.layer is Layer.BITSTREAM and "container" in fact.given_by
        givers = frozenset(fact.given_by) | (frozenset({ESSENCE}) if is_of_essence else frozenset())
        found.append((name, own, givers))
    return tuple(found)


def without_lists(facts: Facts, lost: Collection[str]) -> Facts:
    """Leave out what lists and counts say where a lost reader might have added to them; faults that were found stay."""
    kept = dict(facts)
    if "mediainfo" in lost:
        kept.pop("timed_text.track_count", None)
        kept.pop("timed_text.tracks", None)
        if kept.get("wrapper.essence_track_count", 0) < 2:
            kept.pop("wrapper.essence_track_count", None)
    if not {"mediainfo", "structure"}.isdisjoint(lost):
        kept.pop("wrapper.timecodes", None)
        for name in _TIMECODES:
            if not kept.get(name):
                kept.pop(name, None)
    return kept

"""Dolby Vision in the essence: whether every frame carries its metadata, and what that says.

Dolby Vision in HEVC, H.264 and AV1 adds an RPU (reference processing unit) to each frame; a display that meets a frame
without one shows it in another way than its neighbours. `picture.dolby_vision.rpu_count` is the number of frames with
an RPU, `frames_without_rpu_count` of those without, and `picture.dolby_vision.frames_without_rpu.spans` tells where
they are; a run that reaches the last frame is closed there. In an IMF track file the metadata is an XML document next
to each picture instead: `metadata_gaps` are frames with neither, `metadata_overlaps` frames with more than one.

`cm_version` is the version of content mapping: 4.0 where an RPU has the second set of blocks with level 254 or the
document is of schema 4 or 5, 2.9 where there is no such set or the document is of schema 2; mixed where frames differ.
`level_1_spans` are frames without level 1 (smallest, mean and largest of the picture), and those whose level 1 is 0, 0,
0 while the picture is not black by the defaults of the black meter. How many there are of each is told too.

Where no frame carries metadata, all of this is null but `rpu_count`, which is 0: such essence is not Dolby Vision,
whatever the wrapper says. For decoders that pass on what they read instead of the RPU itself, that is counted, and
what it says is not measured; nor is it where metadata is damaged.

What it does not see: trims and mastering display, whether level 1 fits the picture, metadata of an enhancement layer in
a track of its own, and metadata in a file of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.facts.vocabulary import CONTENT_MAPPING
from deliverqc.meters import black
from deliverqc.meters.model import Meter, Reading, Reads, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import PictureSignal

_GIVEN_BY = ("meter:dolby_vision",)
_NONE = "no frame carries an RPU"
_NO_METADATA = "no frame carries Dolby Vision metadata"
_PREFIX = "picture.dolby_vision."
_SPANS = f"{_PREFIX}frames_without_rpu.spans"
_GAPS, _OVERLAPS, _LEVEL_1 = (f"{_PREFIX}{name}" for name in ("metadata_gaps", "metadata_overlaps", "level_1_spans"))
_OF_METADATA = (
    "cm_version",
    "metadata_gaps",
    "metadata_overlaps",
    "level_1_spans",
    "level_1_missing_count",
    "level_1_zero_count",
)
_UNREAD = 255


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Frames with and without metadata, and what it says."""
    told = picture.extended["dolby_vision.rpu"]
    carried = (told if told.any() else picture.extended["dolby_vision.parsed"]) > 0
    count = int(np.count_nonzero(carried))
    facts: dict[str, Any] = {
        f"{_PREFIX}rpu_count": count,
        f"{_PREFIX}frames_without_rpu_count": len(carried) - count if count else None,
        _SPANS: tuple(runs(~carried)) if count else None,
    }
    documents = picture.extended["dolby_vision.count"]
    has_metadata = carried | (documents > 0)
    if not has_metadata.any():
        return Reading(facts=facts | dict.fromkeys(f"{_PREFIX}{name}" for name in _OF_METADATA))
    facts[_GAPS] = tuple(runs(~has_metadata))
    if documents.any():
        facts[_OVERLAPS] = tuple(runs(documents > 1))
    is_read = documents.astype(bool) == has_metadata
    if is_read.all():
        facts |= _content_mapping(picture.extended["dolby_vision.cm"][has_metadata])
        if not picture.extended["dolby_vision.unread"].any():
            facts |= _level_1(picture)
    return Reading(facts=facts)


def _content_mapping(versions: NDArray[np.uint8]) -> dict[str, Any]:
    """The version of all frames; nothing where that of one could not be told."""
    found = np.unique(versions).tolist()
    if _UNREAD in found:
        return {}
    return {f"{_PREFIX}cm_version": f"{found[0] / 10:.1f}" if len(found) == 1 else "mixed"}


def _level_1(picture: PictureSignal) -> dict[str, Any]:
    level_1 = picture.extended["dolby_vision.level_1"]
    is_missing = np.isnan(level_1).any(axis=1)
    is_zero = (level_1 == 0).all(axis=1) & ~black.black_frames(picture, black.METER.resolve({}))
    return {
        _LEVEL_1: tuple(runs(is_missing | is_zero)),
        f"{_PREFIX}level_1_missing_count": int(np.count_nonzero(is_missing)),
        f"{_PREFIX}level_1_zero_count": int(np.count_nonzero(is_zero)),
    }


def _fact(
    name: str,
    kind: Kind,
    meaning: str,
    *,
    unit: str | None = None,
    null: str | None = None,
    values: Any = None,  # noqa: ANN401  a closed list of words
) -> Fact:
    return Fact(
        name=name,
        kind=kind,
        layer=Layer.BITSTREAM,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit=unit,
        null_means=null,
        vocabulary=values,
    )


METER = Meter(
    name="dolby_vision",
    version=2,
    reads=Reads.PICTURE,
    extension="dolby_vision",
    measure=measure,
    facts=(
        _fact(f"{_PREFIX}rpu_count", Kind.INTEGER, "frames that carry an RPU", unit="frames"),
        _fact(
            f"{_PREFIX}frames_without_rpu_count",
            Kind.INTEGER,
            "frames that carry no RPU where others do",
            unit="frames",
            null=_NONE,
        ),
        _fact(_SPANS, Kind.SPANS, "runs of frames that carry no RPU where others do", null=_NONE),
        *span_members(_SPANS, given_by=_GIVEN_BY, layer=Layer.BITSTREAM),
        _fact(
            f"{_PREFIX}cm_version",
            Kind.STRING,
            "Dolby Vision content mapping version: 2.9 or 4.0, by the metadata of all frames; mixed where they differ",
            null=_NO_METADATA,
            values=CONTENT_MAPPING,
        ),
        _fact(
            _GAPS,
            Kind.SPANS,
            "frames without Dolby Vision metadata: runs with neither an RPU nor a document of an MXF track, where "
            "others have one",
            null=_NO_METADATA,
        ),
        *span_members(_GAPS, given_by=_GIVEN_BY, layer=Layer.BITSTREAM),
        _fact(
            _OVERLAPS,
            Kind.SPANS,
            "frames with Dolby Vision metadata more than once: runs with several RPUs or documents",
            null=_NO_METADATA,
        ),
        *span_members(_OVERLAPS, given_by=_GIVEN_BY, layer=Layer.BITSTREAM),
        _fact(
            _LEVEL_1,
            Kind.SPANS,
            "frames without valid Dolby Vision level 1: runs without any, or with 0, 0, 0 where the picture is not "
            "black",
            null=_NO_METADATA,
        ),
        *span_members(_LEVEL_1, given_by=_GIVEN_BY, layer=Layer.BITSTREAM),
        _fact(
            f"{_PREFIX}level_1_missing_count",
            Kind.INTEGER,
            "frames without Dolby Vision level 1",
            unit="frames",
            null=_NO_METADATA,
        ),
        _fact(
            f"{_PREFIX}level_1_zero_count",
            Kind.INTEGER,
            "frames with Dolby Vision level 1 of 0, 0, 0: where the picture is not black",
            unit="frames",
            null=_NO_METADATA,
        ),
    ),
)

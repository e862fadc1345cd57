"""Dolby Vision in the essence: whether every frame carries its metadata.

Dolby Vision in HEVC and AV1 adds an RPU (reference processing unit) to each frame; a display that meets a frame without
one shows it in another way than its neighbours. `picture.dolby_vision.rpu_count` is the number of frames with an RPU,
`frames_without_rpu_count` of those without, and `picture.dolby_vision.frames_without_rpu.spans` tells where they are; a
run that reaches the last frame is closed there.

Where no frame carries an RPU, those without are null: such essence is not Dolby Vision, whatever the wrapper says, and
`rpu_count` is 0. For decoders that pass on what they read instead of the RPU itself, that is counted.

What it does not see: what an RPU says and whether it can be true, RPUs of an enhancement layer in a track of its own,
and metadata beside the essence, in XML or in an MXF track.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import PictureSignal

_GIVEN_BY = ("meter:dolby_vision",)
_NONE = "no frame carries an RPU"
_SPANS = "picture.dolby_vision.frames_without_rpu.spans"


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Frames with and without an RPU."""
    told = picture.extended["dolby_vision.rpu"]
    carried = (told if told.any() else picture.extended["dolby_vision.parsed"]) > 0
    count = int(np.count_nonzero(carried))
    facts: dict[str, Any] = {
        "picture.dolby_vision.rpu_count": count,
        "picture.dolby_vision.frames_without_rpu_count": len(carried) - count if count else None,
        _SPANS: tuple(runs(~carried)) if count else None,
    }
    return Reading(facts=facts)


def _fact(name: str, kind: Kind, meaning: str, *, unit: str | None = None, null: str | None = None) -> Fact:
    return Fact(
        name=name, kind=kind, layer=Layer.BITSTREAM, meaning=meaning, given_by=_GIVEN_BY, unit=unit, null_means=null
    )


METER = Meter(
    name="dolby_vision",
    version=1,
    reads=Reads.PICTURE,
    extension="dolby_vision",
    measure=measure,
    facts=(
        _fact("picture.dolby_vision.rpu_count", Kind.INTEGER, "frames that carry an RPU", unit="frames"),
        _fact(
            "picture.dolby_vision.frames_without_rpu_count",
            Kind.INTEGER,
            "frames that carry no RPU where others do",
            unit="frames",
            null=_NONE,
        ),
        _fact(_SPANS, Kind.SPANS, "runs of frames that carry no RPU where others do", null=_NONE),
        *span_members(_SPANS, given_by=_GIVEN_BY, layer=Layer.BITSTREAM),
    ),
)

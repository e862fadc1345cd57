"""Flat: frames of one colour from edge to edge, whichever colour it is; knows nothing of whether they are meant.

A frame is flat when the luma of 99.8 % of its pixels (quantiles 0.1 % to 99.9 %) is within 1.5 % of the code range, and
no component, luma included, has codes further apart than 5 % of it. The first limit is above the noise that coders
leave on a plain colour, the second keeps a small title, a bug or a burnt-in timecode from being taken for coding noise
at the edges: both are a house choice, because no standard has one. Black is flat too. Every pixel of every frame is
looked at.

A run of flat frames is a span of `picture.flat.spans`, whatever colours follow each other in it; a run that reaches the
last frame is closed there. `picture.flat.is_throughout` says that the picture holds no other frame.

It has no settings. It does not see texture or a gradient finer than the limits, and grain of more than 1.5 % on a plain
colour is not flat.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import LUMA_QUANTILES, PictureSignal

_GIVEN_BY = ("meter:flat",)
_LOW, _HIGH = LUMA_QUANTILES.index(0.001), LUMA_QUANTILES.index(0.999)
_NOISE_MAX_PERCENT = 1.5
_EXTREMES_MAX_PERCENT = 5.0


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Spans of flat frames in `picture.flat.spans`, in frames from the first, and whether there is nothing else."""
    is_flat = flat_frames(picture)
    facts: dict[str, object] = {"picture.flat.spans": tuple(runs(is_flat))}
    if picture.frame_count:
        facts["picture.flat.is_throughout"] = bool(is_flat.all())
    return Reading(facts=facts)


def flat_frames(picture: PictureSignal) -> NDArray[np.bool_]:
    """Whether each frame is of one colour."""
    highest_code = (1 << picture.bit_depth_bits) - 1
    levels = picture.luma_quantiles.astype(np.int64)
    extremes = picture.component_extremes.astype(np.int64)
    is_even = levels[:, _HIGH] - levels[:, _LOW] <= highest_code * _NOISE_MAX_PERCENT / 100
    is_plain = np.all(extremes[:, :, 1] - extremes[:, :, 0] <= highest_code * _EXTREMES_MAX_PERCENT / 100, axis=1)
    return np.asarray(is_even & is_plain)


METER = Meter(
    name="flat",
    version=1,
    reads=Reads.PICTURE,
    measure=measure,
    facts=(
        Fact(
            name="picture.flat.spans",
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="runs of frames of one colour from edge to edge, black included",
            given_by=_GIVEN_BY,
        ),
        *span_members("picture.flat.spans", given_by=_GIVEN_BY),
        Fact(
            name="picture.flat.is_throughout",
            kind=Kind.BOOLEAN,
            layer=Layer.BASEBAND,
            meaning="every frame of the picture is of one colour from edge to edge, black included",
            given_by=_GIVEN_BY,
        ),
    ),
)

"""Duplicates: frames that repeat the one before them while the picture moves on both sides.

A frame repeats the one before when no plane differs from it by more than `noise_max_percent` of the code range on
average over all pixels. A run of at most `max_run_frames` repeats is a span where the frames just before and just after
it moved: each changed some plane by at least `motion_min_percent`. A longer run is a freeze, and repeats at the very
start or end are none, because motion is on one side only. `picture.duplicate.exact_count` counts, anywhere, the frames
that are in every pixel of every plane the frame before. The limits are a house choice, because no document names one:
0.02 % is 0.2 of a code at 10 bits, more than intra coding of one frame twice and less than grain.

Animation that is drawn on twos or threes repeats frames by design and is reported; whether that is a fault only a
person knows. It does not see dropped frames, blended frames, or repeats under grain that was laid over them.
"""

from __future__ import annotations

import numpy as np

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import PictureSignal

_GIVEN_BY = ("meter:duplicate",)


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Spans of repeats inside motion in `picture.duplicate.spans`, in frames from the first, and counts."""
    highest_code = (1 << picture.bit_depth_bits) - 1
    repeats = np.all(picture.plane_difference <= highest_code * settings["noise_max_percent"] / 100, axis=1)
    moves = np.any(picture.plane_difference >= highest_code * settings["motion_min_percent"] / 100, axis=1)
    spans = tuple(
        span
        for span in runs(repeats)
        if span.end - span.start <= settings["max_run_frames"]
        and span.end < picture.frame_count
        and moves[span.start - 1]
        and moves[span.end]
    )
    return Reading(
        facts={
            "picture.duplicate.spans": spans,
            "picture.duplicate.count": sum(span.end - span.start for span in spans),
            "picture.duplicate.exact_count": int(picture.is_repeat.sum()),
        }
    )


METER = Meter(
    name="duplicate",
    version=1,
    reads=Reads.PICTURE,
    measure=measure,
    facts=(
        Fact(
            name="picture.duplicate.spans",
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="frames that repeat the one before them while the picture moves on both sides",
            given_by=_GIVEN_BY,
        ),
        *span_members("picture.duplicate.spans", given_by=_GIVEN_BY),
        Fact(
            name="picture.duplicate.count",
            kind=Kind.INTEGER,
            layer=Layer.BASEBAND,
            meaning="frames in picture.duplicate.spans",
            given_by=_GIVEN_BY,
            unit="frames",
        ),
        Fact(
            name="picture.duplicate.exact_count",
            kind=Kind.INTEGER,
            layer=Layer.BASEBAND,
            meaning="frames that are in every pixel of every plane the frame before, wherever they stand",
            given_by=_GIVEN_BY,
            unit="frames",
        ),
    ),
    settings=(
        Setting(
            name="noise_max_percent",
            default=0.02,
            unit="%",
            meaning="largest mean difference of a repeat, of the code range",
            minimum=0.0,
            maximum=10.0,
        ),
        Setting(
            name="motion_min_percent",
            default=0.2,
            unit="%",
            meaning="smallest mean difference that is motion, of the code range",
            minimum=0.0,
            maximum=100.0,
        ),
        Setting(
            name="max_run_frames",
            default=3,
            unit="frames",
            meaning="longest run of repeats that is told as duplicates and not as a freeze",
            minimum=1,
        ),
    ),
)

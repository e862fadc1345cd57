"""Flash frames: single frames that belong to neither neighbour, while the neighbours belong together.

A frame is one when its luma differs from the frame before and from the frame after by at least `change_min_percent` of
the code range on average over all pixels, and when those two differ from each other by at most `return_max_percent` of
the smaller of the two changes. The limits are a house choice, because no document names one: 5 % is reached by a cut
between unlike shots and not by motion within one. The first and the last frame have one neighbour and are never one.

A stray frame at an edit between two shots differs from both and is none here, since nothing tells it from a short shot.
Photo flashes, lightning and gunfire of one frame are reported. This is no test for photosensitive epilepsy (ITU-R
BT.1702), which asks about rates and areas of flashes.
"""

from __future__ import annotations

import numpy as np

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import PictureSignal
from deliverqc.timebase import Span

_GIVEN_BY = ("meter:flash",)


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """One span for each flash frame in `picture.flash.spans`, in frames from the first."""
    change_min = ((1 << picture.bit_depth_bits) - 1) * settings["change_min_percent"] / 100
    change = picture.field_difference.mean(axis=1)
    smaller = np.minimum(change[1:-1], change[2:])
    is_flash = np.zeros(picture.frame_count, dtype=bool)
    is_flash[1:-1] = (smaller >= change_min) & (
        picture.second_difference[2:] <= smaller * settings["return_max_percent"] / 100
    )
    spans = tuple(Span(frame, frame + 1) for run in runs(is_flash) for frame in range(run.start, run.end))
    return Reading(facts={"picture.flash.spans": spans})


METER = Meter(
    name="flash",
    version=1,
    reads=Reads.PICTURE,
    measure=measure,
    facts=(
        Fact(
            name="picture.flash.spans",
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="single frames that differ from both neighbours while these resemble each other",
            given_by=_GIVEN_BY,
        ),
        *span_members("picture.flash.spans", given_by=_GIVEN_BY),
    ),
    settings=(
        Setting(
            name="change_min_percent",
            default=5.0,
            unit="%",
            meaning="smallest mean difference of luma from both neighbours, of the code range",
            minimum=0.1,
            maximum=100.0,
        ),
        Setting(
            name="return_max_percent",
            default=25.0,
            unit="%",
            meaning="largest difference between the neighbours, of the smaller change",
            minimum=0.0,
            maximum=100.0,
        ),
    ),
)

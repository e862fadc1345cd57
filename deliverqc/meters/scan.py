"""Measured scan: whether motion shows that frames were shot whole or in fields, whatever is flagged.

Combing (the distance of odd lines from the mean of the lines around them) is compared three ways: in the frame, of its
even lines woven with the odd lines of the frame before, and of its odd lines woven with the even lines of the frame
before. Shot whole, both weavings comb alike and more than the frame; shot in fields, one weaving joins fields that are
as close in time as those of the frame, and the other joins fields that are three times as far apart. So a frame is
progressive where the lesser weaving combs more than `ratio_min` times as much as the frame; interlaced where the
greater combs more than `ratio_min` times as much as the lesser; where both hold, the larger of the two ratios decides.
Which weaving is the lesser tells the field order (even lines with the odd lines before: upper field first, `tff`). Any
other frame, as in a still picture or very fast motion, cannot be told. ffmpeg's idet compares the same fields of three
frames; its ratios are 1.04 and 1.5.

`picture.measured_scan` and `picture.measured_field_order` are what at least `share_min_percent` of the frames that can
be told agree on; null where they do not agree, or where fewer than `min_frames` can be told. The limits are a house
choice: grain alone lets equal sums of a picture of 128x96 differ by 1 to 2 %, and larger pictures by less. Every pixel
of odd lines is compared with its neighbours.

It does not see whether progressive frames in an interlaced stream (PsF) are meant, it takes 2:3 pulldown for a mixture,
and it cannot tell the scan of essence that was scaled in height without regard to fields. Vertical motion of about one
line a frame hides the difference.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts import vocabulary
from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.signals.tables import PictureSignal

_GIVEN_BY = ("meter:scan",)
_UNTOLD = "too few frames can be told, or they do not agree"


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """The scan and field order that motion shows."""
    progressive, upper, lower = votes(picture, settings["ratio_min"])
    counts = [int(vote.sum()) for vote in (progressive, upper, lower)]
    told, interlaced = sum(counts), counts[1] + counts[2]
    is_enough = told >= settings["min_frames"]
    share = settings["share_min_percent"] / 100
    scan = order = None
    if is_enough and counts[0] >= share * told:
        scan = "progressive"
    elif is_enough and interlaced >= share * told:
        scan = "interlaced"
        order = next(
            (name for name, count in zip(("tff", "bff"), counts[1:], strict=True) if count >= share * told), None
        )
    return Reading(
        facts={
            "picture.measured_scan": scan,
            "picture.measured_field_order": order,
            "picture.measured_scan_told_count": told,
            "picture.measured_interlaced_percent": 100 * interlaced / told if is_enough else None,
        }
    )


def votes(picture: PictureSignal, ratio_min: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each frame is progressive, of fields with the upper first, of fields with the lower first."""
    own, upper, lower = picture.combing.astype(np.float64).T
    lesser, greater = np.minimum(upper, lower), np.maximum(upper, lower)
    # compared as products, because a flat picture combs not at all
    is_whole = (lesser > own * ratio_min) & (lesser * lesser > own * greater)
    is_fields = (greater > lesser * ratio_min) & (own * greater > lesser * lesser)
    return is_whole, is_fields & (upper < lower), is_fields & (lower < upper)


METER = Meter(
    name="scan",
    version=1,
    reads=Reads.PICTURE,
    measure=measure,
    facts=(
        Fact(
            name="picture.measured_scan",
            kind=Kind.STRING,
            layer=Layer.BASEBAND,
            meaning="scan that motion in the picture shows, whatever is flagged",
            given_by=_GIVEN_BY,
            null_means=_UNTOLD,
            vocabulary=vocabulary.SCAN,
        ),
        Fact(
            name="picture.measured_field_order",
            kind=Kind.STRING,
            layer=Layer.BASEBAND,
            meaning="field that motion in the picture shows to be first",
            given_by=_GIVEN_BY,
            null_means="not interlaced, or " + _UNTOLD,
            vocabulary=vocabulary.FIELD_ORDER,
        ),
        Fact(
            name="picture.measured_scan_told_count",
            kind=Kind.INTEGER,
            layer=Layer.BASEBAND,
            meaning="frames whose scan can be told from motion",
            given_by=_GIVEN_BY,
            unit="frames",
        ),
        Fact(
            name="picture.measured_interlaced_percent",
            kind=Kind.NUMBER,
            layer=Layer.BASEBAND,
            meaning="share of interlaced frames among those that can be told",
            given_by=_GIVEN_BY,
            unit="%",
            resolution=0.01,
            null_means="too few frames can be told",
        ),
    ),
    settings=(
        Setting(
            name="ratio_min",
            default=1.1,
            unit=None,
            meaning="how many times as much one picture must comb as another to be told from it",
            minimum=1.01,
            maximum=10.0,
        ),
        Setting(
            name="share_min_percent",
            default=90.0,
            unit="%",
            meaning="share of the frames that can be told which must agree",
            minimum=50.1,
            maximum=100.0,
        ),
        Setting(
            name="min_frames",
            default=10,
            unit="frames",
            meaning="fewest frames that must be told",
            minimum=1,
        ),
    ),
)

"""Gamut: how much of a picture in BT.2020 lies outside P3-D65, the colours that mastering displays show.

Deliveries that ask for P3-D65 inside BT.2020 mean that no colour of the picture needs a primary wider than those of P3
(SMPTE EG 432-1). Facts, in percent of the active picture, which is the frame without the bars that the active meter
finds under its own defaults:

- `picture.gamut.outside_p3_percent`: share over the programme
- `picture.gamut.worst_outside_p3_percent`: share of the frame with most of it, and which frame that is

A pixel counts where its light needs less than -2 % of its largest component in any component of P3, and its largest
component is at least 10 % of the signal: less is what rounding and coding make. One pixel in 64 is read, every eighth
of every eighth line; `picture.gamut.sampled_percent` says so. PQ, HLG and the gamma of BT.2020 and BT.709 are read.
Where the primaries are not stated as BT.2020, or the transfer is none of these, all facts are null; where no matrix
leads to R'G'B' (constant luminance, ICtCp), nothing is measured.

What it does not see: spots between the pixels that it reads, and how far a colour lies outside.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.meters import active
from deliverqc.meters.model import Meter, Reading, Reads, Settings
from deliverqc.signals.picture.transfer import NO_MATRIX
from deliverqc.signals.tables import PictureSignal

_OTHER = "the primaries are not BT.2020, the transfer is not read, or there are no frames"


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Share of the active picture outside P3-D65; no facts where no matrix leads to R'G'B'."""
    if np.any(picture.extended["gamut.state"] == NO_MATRIX):
        return Reading(facts={})
    sampled = picture.extended["gamut.sampled"].astype(np.int64)
    found: dict[str, Any] = {}
    if sampled.any():
        share = picture.extended["gamut.outside_p3"] / np.maximum(1, sampled)
        percent = np.minimum(100.0, 100 * share / active.share_of(picture))
        found = {
            "outside_p3_percent": float(percent.mean()),
            "worst_outside_p3_percent": float(percent.max()),
            "worst_outside_p3_frame": picture.first_frame + int(percent.argmax()),
            "sampled_percent": 100 * float(sampled.sum()) / (picture.width_px * picture.height_px * len(sampled)),
        }
    facts: dict[str, Any] = {fact.name: None for fact in METER.facts}
    return Reading(facts=facts | {f"picture.gamut.{name}": value for name, value in found.items()})


def _fact(name: str, kind: Kind, meaning: str, *, unit: str) -> Fact:
    return Fact(
        name=f"picture.gamut.{name}",
        kind=kind,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=("meter:gamut",),
        unit=unit,
        resolution=0.001 if kind is Kind.NUMBER else None,
        null_means=_OTHER,
    )


METER = Meter(
    name="gamut",
    version=1,
    reads=Reads.PICTURE,
    extension="gamut",
    measure=measure,
    facts=(
        _fact(
            "outside_p3_percent",
            Kind.NUMBER,
            "share of the active picture outside P3-D65, over the programme",
            unit="%",
        ),
        _fact(
            "worst_outside_p3_percent",
            Kind.NUMBER,
            "largest share of the active picture outside P3-D65 in any one frame",
            unit="%",
        ),
        _fact("worst_outside_p3_frame", Kind.INTEGER, "first frame with the largest share outside", unit="frames"),
        _fact("sampled_percent", Kind.NUMBER, "share of the pixels of the programme that were read", unit="%"),
    ),
)

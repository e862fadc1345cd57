"""Significant bits: how many bits of a code carry picture, where a file stores more.

A 10-bit picture in 16-bit words leaves 6 bits unused. The fact `sequence.significant_bits` is the depth of the codes
less the lowest bits that are 0 in every component of every pixel of every frame. DCDM pictures have 12 bits in the
upper bits of the 16-bit words of a TIFF (SMPTE ST 428-1, from memory). Null where every code is 0.

What it does not see: bits that an upward conversion filled with copies of the upper ones, with noise or by scaling, so
that a 10-bit picture multiplied to 16 bits counts as 16. Floating point has no such bits, and where the depth of the
codes changes there is no one answer: nothing is measured then.
"""

from __future__ import annotations

import numpy as np

from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.meters.model import Meter, Reading, Reads, Settings
from deliverqc.signals.tables import PictureSignal

_NAME = "sequence.significant_bits"


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Bits that carry picture; no facts where codes are no integers or change their depth."""
    depths = np.unique(picture.extended["code_bits.depth_bits"])
    if len(depths) != 1 or depths[0] == 0:
        return Reading(facts={})
    union = int(np.bitwise_or.reduce(picture.extended["code_bits.union"]))
    unused = (union & -union).bit_length() - 1
    return Reading(facts={_NAME: int(depths[0]) - unused if union else None})


METER = Meter(
    name="significant_bits",
    version=1,
    reads=Reads.PICTURE,
    extension="code_bits",
    measure=measure,
    facts=(
        Fact(
            name=_NAME,
            kind=Kind.INTEGER,
            layer=Layer.BASEBAND,
            meaning="bits of a code that carry picture: the ones below are 0 in every pixel of every frame",
            given_by=("meter:significant_bits",),
            unit="bit",
            null_means="every code is 0",
        ),
    ),
)

"""Alpha: how transparent the least opaque pixel of the alpha channel is.

The channel is looked at in every pixel of every frame. `picture.alpha.min_percent` is its smallest value, from 0 %
(transparent) to 100 % (opaque), and `picture.alpha.is_opaque` says that it is 99 % or more throughout: such a channel
changes nothing, and an export without it shows the same. The limit is a house choice, because 255 of 8 bits becomes
1020 of 1023 in some conversions, 99.7 %. Where the channel is used, players that ignore it show what is under it,
mostly garbage or black.

It sees what a decoder hands out with the picture. Alpha that HEVC and VP9 hold in a separate layer is not decoded here,
and floating-point alpha (OpenEXR) and palettes are not read.
"""

from __future__ import annotations

from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.meters.model import Meter, Reading, Reads, Settings
from deliverqc.signals.tables import PictureSignal

_GIVEN_BY = ("meter:alpha",)
_NO_ALPHA, _NOT_READ = -1.0, -2.0  # of the column
_OPAQUE_MIN_PERCENT = 99.0
_NO_CHANNEL = "decoded pictures hold no alpha channel"


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """The least alpha of all frames; nothing where that of some cannot be read."""
    least = picture.alpha_min_percent
    if not len(least) or (least == _NOT_READ).any():
        return Reading(facts={})
    held = least[least != _NO_ALPHA]
    found = float(held.min()) if len(held) else None
    return Reading(
        facts={
            "picture.alpha.min_percent": found,
            "picture.alpha.is_opaque": None if found is None else found >= _OPAQUE_MIN_PERCENT,
        }
    )


METER = Meter(
    name="alpha",
    version=1,
    reads=Reads.PICTURE,
    measure=measure,
    facts=(
        Fact(
            name="picture.alpha.min_percent",
            kind=Kind.NUMBER,
            layer=Layer.BASEBAND,
            meaning="smallest value of the alpha channel: 0 is transparent, 100 opaque. Missing where it is not read: "
            "floating-point alpha, palettes",
            given_by=_GIVEN_BY,
            unit="%",
            resolution=0.01,
            null_means=_NO_CHANNEL,
        ),
        Fact(
            name="picture.alpha.is_opaque",
            kind=Kind.BOOLEAN,
            layer=Layer.BASEBAND,
            meaning="the alpha channel is opaque (99 % or more) in every pixel of every frame. Missing where it is not "
            "read",
            given_by=_GIVEN_BY,
            null_means=_NO_CHANNEL,
        ),
    ),
)

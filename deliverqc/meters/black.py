"""Black: runs of frames in which almost every pixel is no brighter than a limit near 0 % luma.

A frame is black when at least `pixel_share_percent` of its pixels have a luma of at most `luma_max_percent`, where 0 %
and 100 % are the black and white codes of the essence's bit depth and range (64 and 940 at 10 bits limited; ITU-R
BT.709, BT.2100). A run of at least `min_duration_frames` black frames is a span; a run that reaches the last frame is
closed there. The EBU QC catalogue (item 0004B) leaves limits to the delivery document; the defaults are a house choice:
1 % holds the noise of an 8-bit coder around black (codes 16 to 18), and a share of 99.9 % keeps an end title of small
type on black from being taken for black, which ffmpeg's blackdetect (10 %, 98 %) does. Every pixel of every frame is
looked at.

`picture.black.is_throughout` says that every frame of the picture is black. It is read by the defaults whatever the
settings are, so that no spec moves it.

It does not see whether black is creative, and a picture with a lit watermark over more than the remaining share is not
black.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import LUMA_QUANTILES, PictureSignal

_GIVEN_BY = ("meter:black",)
_SHARES = {round(share * 100, 3): column for column, share in enumerate(LUMA_QUANTILES) if share >= 0.5}


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Spans of black frames in `picture.black.spans`, in frames from the first, and whether there is nothing else."""
    is_black = black_frames(picture, settings)
    spans = tuple(span for span in runs(is_black) if span.end - span.start >= settings["min_duration_frames"])
    facts: dict[str, object] = {"picture.black.spans": spans}
    if picture.frame_count:
        facts["picture.black.is_throughout"] = bool(black_frames(picture, METER.resolve({})).all())
    return Reading(facts=facts)


def black_frames(picture: PictureSignal, settings: Settings) -> NDArray[np.bool_]:
    """Whether each frame is black under `settings`."""
    code_range = picture.white_code - picture.black_code
    limit = picture.black_code + code_range * settings["luma_max_percent"] / 100
    column = _SHARES[float(settings["pixel_share_percent"])]
    is_black: NDArray[np.bool_] = picture.luma_quantiles[:, column] <= limit
    return is_black


METER = Meter(
    name="black",
    version=2,
    reads=Reads.PICTURE,
    measure=measure,
    facts=(
        Fact(
            name="picture.black.spans",
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="runs of black frames",
            given_by=_GIVEN_BY,
        ),
        *span_members("picture.black.spans", given_by=_GIVEN_BY),
        Fact(
            name="picture.black.is_throughout",
            kind=Kind.BOOLEAN,
            layer=Layer.BASEBAND,
            meaning="every frame of the picture is black, by the meter's defaults whatever a spec sets",
            given_by=_GIVEN_BY,
        ),
    ),
    settings=(
        Setting(
            name="luma_max_percent",
            default=1.0,
            unit="%",
            meaning="brightest luma that is still black",
            minimum=-7.0,
            maximum=50.0,
        ),
        Setting(
            name="pixel_share_percent",
            default=99.9,
            unit="%",
            meaning="share of pixels that must be that dark",
            choices=tuple(_SHARES),
        ),
        Setting(
            name="min_duration_frames",
            default=1,
            unit="frames",
            meaning="shortest run that is reported",
            minimum=1,
        ),
    ),
)

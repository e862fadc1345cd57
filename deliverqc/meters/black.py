"""Black: runs of frames in which almost every pixel is no brighter than a limit near 0 % luma.

A frame is black when at least `pixel_share_percent` of its pixels have a luma of at most `luma_max_percent`, where 0 %
and 100 % are the black and white codes of the essence's bit depth and range (64 and 940 at 10 bits limited; ITU-R
BT.709, BT.2100). A run of at least `min_duration_frames` black frames is a span; a run that reaches the last frame is
closed there. The EBU QC catalogue (item 0004B) leaves limits to the delivery document; the defaults are a house choice:
1 % holds the noise of an 8-bit coder around black (codes 16 to 18), and a share of 99.9 % keeps an end title of small
type on black from being taken for black, which ffmpeg's blackdetect (10 %, 98 %) does. Every pixel of every frame is
looked at.

`picture.black.is_throughout` says that a viewer sees nothing but black: in every frame half of the pixels are within
2 % of black, and the others but for the share above within 5 %. So grain, the noise of a camera with its cap on, and a
coder's blocks do not hide a master without a picture; a title, a logo or a dark scene does. House choice; no setting
moves it.

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
_THROUGHOUT = ((50.0, 2.0), (99.9, 5.0))
"""Shares of the pixels, and the luma that they may have where there is no picture, in percent."""
_SHARES = {round(share * 100, 3): column for column, share in enumerate(LUMA_QUANTILES) if share >= 0.5}


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Spans of black frames in `picture.black.spans`, in frames from the first, and whether there is nothing else."""
    is_black = black_frames(picture, settings)
    spans = tuple(span for span in runs(is_black) if span.end - span.start >= settings["min_duration_frames"])
    facts: dict[str, object] = {"picture.black.spans": spans}
    if picture.frame_count:
        facts["picture.black.is_throughout"] = all(
            bool(_is_within(picture, share, most).all()) for share, most in _THROUGHOUT
        )
    return Reading(facts=facts)


def black_frames(picture: PictureSignal, settings: Settings) -> NDArray[np.bool_]:
    """Whether each frame is black under `settings`."""
    return _is_within(picture, float(settings["pixel_share_percent"]), settings["luma_max_percent"])


def _is_within(picture: PictureSignal, share_percent: float, luma_max_percent: float) -> NDArray[np.bool_]:
    """Whether that share of the pixels of each frame has at most that luma."""
    limit = picture.black_code + (picture.white_code - picture.black_code) * luma_max_percent / 100
    is_within: NDArray[np.bool_] = picture.luma_quantiles[:, _SHARES[share_percent]] <= limit
    return is_within


METER = Meter(
    name="black",
    version=3,
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
            meaning="black from end to end, but for grain",
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

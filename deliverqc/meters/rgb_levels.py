"""Levels of R', G' and B': how far colours leave the preferred range of EBU R 103 v3; luma alone is read by `levels`.

R 103 prefers R', G', B' and luma from 5 to 246 at 8 bits (20 to 984 at 10, 80 to 3936 at 12; 5 % of the range beyond 16
and 235), and tolerates up to 1 % of the active picture outside in each frame. A sample counts once, whichever of the
components lie outside; luma is a mean of the three with weights, and lies outside only where one of them does. A frame
with more than `area_max_percent` outside is in a span of `picture.levels.outside.spans`; a run that reaches the last
frame is closed there. The active picture is the frame without the bars that the active meter finds under its own
defaults.

Levels are read behind the low-pass that R 103 recommends (Annex 1: a quarter band across, a half band down, inside each
field of interlaced frames), so that overshoots of single pixels do not count; `picture.levels.low_pass` says so. Behind
it, every second column is read, `picture.levels.sampled_percent` of the samples. Extremes are of what is read.

From Y'CbCr, R'G'B' are computed by the matrix that the master states, else by the customary one: BT.2020 with BT.2020
primaries, BT.601 up to 576 lines, BT.709 above. `picture.levels.matrix` names it, and is `rgb` where R'G'B' are there
as they are. Where no matrix leads to R'G'B' (constant luminance, ICtCp), nothing is measured. Where the essence is
flagged full range, R 103 does not apply, and all facts but the matrix are null.

Colour bars and slates before the programme (leader meter) have levels of their own, and are left out.

What is not seen: overshoots that the low-pass takes away, and whether the codes are those of the matrix that is stated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters import active, leader
from deliverqc.meters.model import Curve, Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.picture.colour_matrix import MATRICES
from deliverqc.signals.tables import PictureSignal

_GIVEN_BY = ("meter:rgb_levels",)
_FULL = "the essence is flagged full range, or there are no frames"
LOW_PASSES = ("ebu_r_103",)
"""What `picture.levels.low_pass` can be."""


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Share of the active picture outside, spans of frames with too much of it, and extremes; no facts where no matrix
    leads to R'G'B'."""
    matrices = picture.extended["rgb.matrix"]
    if not matrices.all():
        return Reading(facts={})
    found: dict[str, Any] = {"matrix": MATRICES[matrices[0]] if len(matrices) else None}
    curves: tuple[Curve, ...] = ()
    sampled = picture.extended["rgb.sampled"].astype(np.int64)
    if sampled.any():
        is_programme = leader.programme_of(picture)
        outside = _outside_percent(picture)
        outside[~is_programme] = 0.0
        extremes = picture.extended["rgb.extremes"][is_programme]
        found |= {
            "worst_outside_percent": float(outside.max()),
            "worst_outside_frame": picture.first_frame + int(outside.argmax()),
            "outside.spans": tuple(runs(outside > settings["area_max_percent"])),
            "rgb_min_code": int(extremes[..., 0].min()),
            "rgb_max_code": int(extremes[..., 1].max()),
            "low_pass": LOW_PASSES[0],
            "sampled_percent": 100 * float(sampled.sum()) / (picture.width_px * picture.height_px * len(sampled)),
        }
        step_s = float(1 / picture.frame_rate)
        curves = (Curve(name="outside_preferred_range", unit="%", step_s=step_s, values=outside),)
    facts: dict[str, Any] = {fact.name: None for fact in METER.facts if "[]" not in fact.name}
    facts |= {f"picture.levels.{name}": value for name, value in found.items()}
    return Reading(facts=facts, curves=curves)


def _outside_percent(picture: PictureSignal) -> NDArray[np.float64]:
    """Share of the active picture outside the preferred range in each frame."""
    share = picture.extended["rgb.outside"] / np.maximum(1, picture.extended["rgb.sampled"])
    percent: NDArray[np.float64] = np.minimum(100.0, 100 * share / active.share_of(picture))
    return percent


def _fact(name: str, kind: Kind, meaning: str, *, unit: str | None = None, **more: Any) -> Fact:  # noqa: ANN401
    options: dict[str, Any] = {"null_means": _FULL, "resolution": 0.001 if kind is Kind.NUMBER else None} | more
    return Fact(
        name=f"picture.levels.{name}",
        kind=kind,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit=unit,
        **options,
    )


METER = Meter(
    name="rgb_levels",
    version=1,
    reads=Reads.PICTURE,
    extension="rgb",
    measure=measure,
    facts=(
        _fact(
            "worst_outside_percent",
            Kind.NUMBER,
            "largest share of the active picture, in any one frame, with luma, R', G' or B' outside the preferred range"
            " of EBU R 103, behind its low-pass",
            unit="%",
        ),
        _fact("worst_outside_frame", Kind.INTEGER, "first frame with the largest share outside", unit="frames"),
        _fact(
            "outside.spans",
            Kind.SPANS,
            "runs of frames with too large a share of luma, R', G' or B' outside the preferred range of EBU R 103",
        ),
        *span_members("picture.levels.outside.spans", given_by=_GIVEN_BY),
        _fact("rgb_min_code", Kind.INTEGER, "smallest R', G' or B' of the programme behind the low-pass"),
        _fact("rgb_max_code", Kind.INTEGER, "largest R', G' or B' of the programme behind the low-pass"),
        _fact(
            "low_pass",
            Kind.STRING,
            "low-pass behind which R', G' and B' were read: that of EBU R 103 v3, Annex 1",
            vocabulary=LOW_PASSES,
        ),
        _fact("sampled_percent", Kind.NUMBER, "share of the pixels of the programme that were read", unit="%"),
        _fact(
            "matrix",
            Kind.STRING,
            "matrix by which R', G' and B' were computed; rgb where the essence holds them",
            vocabulary=MATRICES[1:],
            null_means="there are no frames",
        ),
    ),
    settings=(
        Setting(
            name="area_max_percent",
            default=1.0,
            unit="%",
            meaning="share of the active picture that may lie outside in each frame",
            minimum=0.0,
            maximum=100.0,
        ),
    ),
)

"""Light level: MaxCLL and MaxFALL as they are in the essence, against the mastering display, for PQ.

By CTA-861.3 Annex A the light of a pixel is the largest of its linear R, G and B in cd/m2. MaxCLL is the largest of all
pixels in the active picture of all frames; MaxFALL the largest mean over the active picture of a frame. The active
picture is the frame without the bars that the active meter finds under its own defaults; bars are taken as black.

- `picture.hdr.measured_max_cll_cd_m2`, and the first frame that has it
- `picture.hdr.measured_max_cll_99_9_cd_m2`: the same, but for the brightest 0.1 % of the active picture of each frame
  (to a twentieth of that where bars hold a part of the frame), because single pixels of ringing or noise make the other
- `picture.hdr.measured_max_fall_cd_m2`, and the first frame that has it
- `picture.hdr.above_mastering_display_percent`: largest share of the active picture, in any one frame, that is brighter
  than the mastering display can be (SMPTE ST 2086) by more than a code of PQ, and the first frame that has it

`cross_check.hdr.max_cll_difference_cd_m2` and `max_fall_difference_cd_m2` tell how far the declared values are off.

R'G'B' are computed by the matrix that the master states, else BT.2020, and rounded to codes: a step of about 1 % of
light at 10 bits. Colour differences are interpolated between the pixels that they stand on (BT.2100). Every pixel of
every frame is counted. Where the transfer is not PQ all facts are null: the light of HLG depends on the display. Where
no matrix leads to R'G'B' (constant luminance, ICtCp), nothing is measured.

It does not see whether a PQ flag is true: essence of another transfer that is flagged PQ reads as very bright.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.meters import active
from deliverqc.meters.model import Curve, Meter, Reading, Reads, Settings
from deliverqc.signals.picture.transfer import NO_MATRIX, READ, TAIL_STEPS
from deliverqc.signals.tables import PictureSignal

_OTHER = "the transfer is not PQ, or there are no frames"


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Largest and mean light over the programme; no facts where no matrix leads to R'G'B'."""
    states = picture.extended["light.state"]
    if np.any(states == NO_MATRIX):
        return Reading(facts={})
    found: dict[str, Any] = {}
    curves: tuple[Curve, ...] = ()
    if np.any(states == READ):
        active_share = active.share_of(picture)
        brightest = picture.extended["light.brightest"].astype(np.float64)
        means = np.minimum(picture.extended["light.mean"] / active_share, brightest[:, 0])
        above = picture.extended["light.above_mastering"]
        tail = max(1, round(TAIL_STEPS * active_share))
        found = _largest(picture, "measured_max_cll", "cd_m2", brightest[:, 0])
        found["measured_max_cll_99_9_cd_m2"] = float(brightest[:, tail].max())
        found |= _largest(picture, "measured_max_fall", "cd_m2", means)
        if np.all(above >= 0):
            pixels = picture.width_px * picture.height_px * active_share
            found |= _largest(picture, "above_mastering_display", "percent", np.minimum(100.0, 100 * above / pixels))
        curves = (_curve("largest_light", brightest[:, 0], picture), _curve("mean_light", means, picture))
    facts: dict[str, Any] = {fact.name: None for fact in METER.facts}
    facts |= {f"picture.hdr.{name}": value for name, value in found.items()}
    return Reading(facts=facts, curves=curves)


def _curve(name: str, values: NDArray[np.float64], picture: PictureSignal) -> Curve:
    return Curve(name=name, unit="cd/m2", step_s=float(1 / picture.frame_rate), values=values)


def _largest(picture: PictureSignal, name: str, unit: str, values: NDArray[Any]) -> dict[str, Any]:
    return {f"{name}_{unit}": float(values.max()), f"{name}_frame": picture.first_frame + int(values.argmax())}


def _fact(name: str, kind: Kind, meaning: str, *, unit: str, step: float | None = None, null: str = _OTHER) -> Fact:
    return Fact(
        name=f"picture.hdr.{name}",
        kind=kind,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=("meter:light_level",),
        unit=unit,
        resolution=step,
        null_means=null,
    )


_LIGHT: dict[str, Any] = {"unit": "cd/m2", "step": 0.01}
_NO_DISPLAY = "the transfer is not PQ, no mastering display is stated, or there are no frames"

METER = Meter(
    name="light_level",
    version=1,
    reads=Reads.PICTURE,
    extension="light",
    measure=measure,
    facts=(
        _fact("measured_max_cll_cd_m2", Kind.NUMBER, "largest light of any pixel (CTA-861.3 MaxCLL)", **_LIGHT),
        _fact("measured_max_cll_frame", Kind.INTEGER, "first frame with the largest light", unit="frames"),
        _fact(
            "measured_max_cll_99_9_cd_m2",
            Kind.NUMBER,
            "largest light that 99.9 % of the active picture of a frame does not exceed",
            **_LIGHT,
        ),
        _fact(
            "measured_max_fall_cd_m2",
            Kind.NUMBER,
            "largest mean light of the active picture of a frame (CTA-861.3 MaxFALL)",
            **_LIGHT,
        ),
        _fact("measured_max_fall_frame", Kind.INTEGER, "first frame with the largest mean light", unit="frames"),
        _fact(
            "above_mastering_display_percent",
            Kind.NUMBER,
            "largest share of the active picture, in any one frame, that is brighter than the mastering display",
            unit="%",
            step=0.001,
            null=_NO_DISPLAY,
        ),
        _fact(
            "above_mastering_display_frame",
            Kind.INTEGER,
            "first frame with the largest share that is brighter than the mastering display",
            unit="frames",
            null=_NO_DISPLAY,
        ),
    ),
)

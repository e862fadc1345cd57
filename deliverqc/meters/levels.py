"""Levels: how far picture samples leave limited range, to the bounds of EBU R 103 v3.

R 103 prefers luma from 5 to 246 at 8 bits (20 to 984 at 10, 80 to 3936 at 12; 5 % of the range beyond 16 and 235), and
tolerates up to 1 % of the active picture outside in each frame. A frame with more than `area_max_percent` outside is in
a span of `picture.levels.luma_outside.spans`; a run that reaches the last frame is closed there. The active picture is
the frame without the bars that the active meter finds under its own defaults. The codes 0 and 255 at 8 bits (0 to 3 and
1020 to 1023 at 10), which serial interfaces keep for timing (SMPTE ST 274), are counted in
`picture.levels.reserved_code_count`. For R'G'B' essence luma means the worst of the three components. Every sample of
every frame is counted, but
for colour bars and slates before the programme (leader meter), whose levels are their own; reserved codes count there
too.

`picture.levels.outside_limited_range_percent` is the share of all luma samples outside 16 to 235: essence that is full
range under a limited flag, or none, has many of them. Where the essence is flagged full range, R 103 does not apply,
and its facts are null. `picture.levels.below_preferred_percent` and `picture.levels.above_preferred_percent` are the
shares below 5 and above 246, whatever is flagged: noise on black, ringing and overshoot seldom go so far, super-whites
go far at one end only, and full range goes far at both.

R 103 asks the same of R', G' and B', which are not computed here from Y'CbCr: colour that is legal in luma alone is not
seen. Nor is the low-pass applied that R 103 recommends before measuring, so overshoots of single pixels count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters import active, leader
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import EXCURSIONS, PictureSignal

_GIVEN_BY = ("meter:levels",)
_RGB = "the essence is R'G'B'"
_FULL = "the essence is flagged full range, or there are no frames"


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Extremes and excursions over the programme, and spans of frames that leave the preferred range too far."""
    if not picture.frame_count:
        return _reading({})
    is_rgb = picture.components[0] == "r"
    luma = slice(None) if is_rgb else slice(1)
    is_limited = picture.black_code > 0
    pixels = picture.width_px * picture.height_px
    held = active.bars_of(picture, active.METER.resolve({}))
    area = pixels
    if held is not None:
        area = (picture.width_px - held.left - held.right) * (picture.height_px - held.top - held.bottom)
    is_programme = leader.programme_of(picture)
    outside = np.minimum(100.0, 100 * _beyond(picture, "below_5", "above_246")[:, luma].max(axis=1) / area)
    outside[~is_programme] = 0.0
    extremes = picture.component_extremes[is_programme]
    limited = _beyond(picture, "below_16", "above_235")[:, luma].max(axis=1)
    found: dict[str, Any] = {
        "outside_limited_range_percent": 100 * float(limited[is_programme].mean()) / pixels,
        "below_preferred_percent": 100 * float(_count(picture, "below_5")[is_programme, luma].mean()) / pixels,
        "above_preferred_percent": 100 * float(_count(picture, "above_246")[is_programme, luma].mean()) / pixels,
    }
    if is_limited:
        found |= {
            "reserved_code_count": int(_beyond(picture, "below_1", "from_255").sum()),
            "luma_worst_outside_percent": float(outside.max()),
            "luma_outside.spans": tuple(runs(outside > settings["area_max_percent"])),
        }
    if not is_rgb:
        found |= {"luma_min_code": _least(extremes[:, luma]), "luma_max_code": _most(extremes[:, luma])}
    if picture.components[1:2] == ("cb",):
        found |= {"chroma_min_code": _least(extremes[:, 1:]), "chroma_max_code": _most(extremes[:, 1:])}
    return _reading(found)


def _reading(found: dict[str, Any]) -> Reading:
    """All facts of the meter, null where nothing was `found`."""
    facts: dict[str, Any] = {fact.name: None for fact in METER.facts if "[]" not in fact.name}
    return Reading(facts=facts | {f"picture.levels.{name}": value for name, value in found.items()})


def _beyond(picture: PictureSignal, below: str, above: str) -> NDArray[np.int64]:
    """Samples of each frame and component beyond either bound."""
    return _count(picture, below) + _count(picture, above)


def _count(picture: PictureSignal, bound: str) -> NDArray[np.int64]:
    """Samples of each frame and component beyond one bound."""
    return picture.component_excursions[:, :, EXCURSIONS.index(bound)].astype(np.int64)


def _least(extremes: NDArray[np.uint16]) -> int:
    return int(extremes[..., 0].min())


def _most(extremes: NDArray[np.uint16]) -> int:
    return int(extremes[..., 1].max())


def _fact(name: str, kind: Kind, meaning: str, *, unit: str | None = None, null: str | None = None) -> Fact:
    return Fact(
        name=f"picture.levels.{name}",
        kind=kind,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit=unit,
        resolution=0.001 if kind is Kind.NUMBER else None,
        null_means=null,
    )


_NO_CHROMA = "the essence has no colour differences"

METER = Meter(
    name="levels",
    version=2,
    reads=Reads.PICTURE,
    measure=measure,
    facts=(
        _fact("luma_min_code", Kind.INTEGER, "smallest luma code of the programme, at its bit depth", null=_RGB),
        _fact("luma_max_code", Kind.INTEGER, "largest luma code of the programme, at its bit depth", null=_RGB),
        _fact("chroma_min_code", Kind.INTEGER, "smallest code of either colour difference", null=_NO_CHROMA),
        _fact("chroma_max_code", Kind.INTEGER, "largest code of either colour difference", null=_NO_CHROMA),
        _fact(
            "luma_worst_outside_percent",
            Kind.NUMBER,
            "largest share of the active picture, in any one frame, with luma outside the preferred range of EBU R 103",
            unit="%",
            null=_FULL,
        ),
        _fact(
            "luma_outside.spans",
            Kind.SPANS,
            "runs of frames with too large a share of luma outside the preferred range of EBU R 103",
            null=_FULL,
        ),
        *span_members("picture.levels.luma_outside.spans", given_by=_GIVEN_BY),
        _fact(
            "reserved_code_count",
            Kind.INTEGER,
            "samples of any component, over the programme, on codes kept for timing: outside 1 to 254 at 8 bits",
            unit="samples",
            null=_FULL,
        ),
        _fact(
            "outside_limited_range_percent",
            Kind.NUMBER,
            "share of all luma samples of the programme outside 16 to 235 at 8 bits, whatever range is flagged",
            unit="%",
            null="there are no frames",
        ),
        _fact(
            "below_preferred_percent",
            Kind.NUMBER,
            "share of all luma samples of the programme below 5 at 8 bits, whatever range is flagged",
            unit="%",
            null="there are no frames",
        ),
        _fact(
            "above_preferred_percent",
            Kind.NUMBER,
            "share of all luma samples of the programme above 246 at 8 bits, whatever range is flagged",
            unit="%",
            null="there are no frames",
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

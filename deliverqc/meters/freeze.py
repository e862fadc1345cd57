"""Freeze: runs of frames that show the same picture, to within a tolerance for coding noise.

A frame repeats the one before it when no plane (luma, each colour difference; in R'G'B' each component) differs from it
by more than `noise_max_percent` of the code range on average over all pixels, when no pixel's luma differs by more than
`pixel_max_percent`, so that a small thing that moves is no freeze, and when no quantile of luma between 5 % and 95 %
has moved from the first frame of the run by more than `drift_max_percent`, so that a slow fade is none. A run of at
least `min_duration_s` is a span: it starts with the first frame that shows the picture and ends with the last, and a
run that reaches the last frame is closed there. Black and titles that stand are freezes too. The EBU QC catalogue
leaves limits to the delivery document; the defaults follow ffmpeg's freezedetect (-60 dB, which is 0.1 %, and 2 s),
where differences are averaged over all planes together and taken against the first frame of the run, single pixels do
not count, and a run that reaches the last frame gets no end.

It does not see a pan or zoom that is slower than the tolerances and leaves the distribution of luma as it is, nor that
a picture stands still under grain or beside a running clock. `picture.freeze.percent` is the share of all frames that
stand in spans: near 100 the picture is as good as without change. `picture.freeze.is_throughout` says that the whole
picture is one still of at least two frames and 2 s. It is read by the defaults whatever the settings are, so that no
spec moves it. From 4 s on, a still that a low bit rate shows coarse at first, and coarse again with each key frame, is
one still too: the first 2 s may settle, and after them small changes of the whole picture come in the rhythm of key
frames and leave its levels as they are. A key frame that comes once only is taken for a change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.meters.settling import settles_on_one_still
from deliverqc.signals.tables import LUMA_QUANTILES, PictureSignal
from deliverqc.timebase import Span

_GIVEN_BY = ("meter:freeze",)
_STEADY = [column for column, share in enumerate(LUMA_QUANTILES) if 0.05 <= share <= 0.95]


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Spans of still picture in `picture.freeze.spans`, in frames from the first, and their share of all frames."""
    spans = still_spans(picture, settings)
    frozen = sum(span.end - span.start for span in spans)
    facts: dict[str, object] = {
        "picture.freeze.spans": tuple(spans),
        "picture.freeze.percent": 100 * frozen / picture.frame_count if picture.frame_count else None,
    }
    if picture.frame_count:
        defaults = METER.resolve({})
        facts["picture.freeze.is_throughout"] = still_spans(picture, defaults) == [
            Span(0, picture.frame_count)
        ] or settles_on_one_still(picture, _repeats(picture, defaults), float(defaults["min_duration_s"]))
    return Reading(facts=facts)


def still_spans(picture: PictureSignal, settings: Settings) -> list[Span]:
    """Runs of at least two frames that show one still for the least duration in `settings`."""
    highest_code = (1 << picture.bit_depth_bits) - 1
    drift = highest_code * settings["drift_max_percent"] / 100
    repeats = _repeats(picture, settings)
    ends = np.append(picture.start_s, picture.start_s[-1:] + 1 / float(picture.frame_rate))
    spans = []
    for run in runs(repeats):
        for span in _without_drift(Span(run.start - 1, run.end), picture.luma_quantiles[:, _STEADY], drift):
            # half a microsecond: times of frames are binary fractions
            if span.end - span.start > 1 and ends[span.end] - ends[span.start] >= settings["min_duration_s"] - 5e-7:
                spans.append(span)
    return spans


def _repeats(picture: PictureSignal, settings: Settings) -> NDArray[np.bool_]:
    """Whether each frame shows the picture of the one before it; the first never does."""
    highest_code = (1 << picture.bit_depth_bits) - 1
    noise = highest_code * settings["noise_max_percent"] / 100
    pixel = highest_code * settings["pixel_max_percent"] / 100
    repeats: NDArray[np.bool_] = np.all(picture.plane_difference <= noise, axis=1)
    repeats &= picture.largest_luma_change <= pixel
    return repeats


def _without_drift(span: Span, levels: NDArray[np.uint16], drift: float) -> list[Span]:
    """Cut `span` wherever luma has moved too far from the first frame of the piece."""
    pieces = []
    start = span.start
    while start < span.end:
        moved = np.abs(levels[start : span.end].astype(np.int64) - levels[start]).max(axis=1) > drift
        beyond = np.flatnonzero(moved)
        end = start + int(beyond[0]) if len(beyond) else span.end
        pieces.append(Span(start, end))
        start = end
    return pieces


METER = Meter(
    name="freeze",
    version=3,
    reads=Reads.PICTURE,
    measure=measure,
    facts=(
        Fact(
            name="picture.freeze.spans",
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="runs of frames that show the same picture, black included",
            given_by=_GIVEN_BY,
        ),
        *span_members("picture.freeze.spans", given_by=_GIVEN_BY),
        Fact(
            name="picture.freeze.percent",
            kind=Kind.NUMBER,
            layer=Layer.BASEBAND,
            meaning="share of all frames that stand in picture.freeze.spans",
            given_by=_GIVEN_BY,
            unit="%",
            resolution=0.01,
            null_means="there are no frames",
        ),
        Fact(
            name="picture.freeze.is_throughout",
            kind=Kind.BOOLEAN,
            layer=Layer.BASEBAND,
            meaning="the whole picture, of two frames and 2 s or more, is one still, by the meter's defaults whatever "
            "a spec sets; from 4 s on, a still that its coding renews with each key frame too",
            given_by=_GIVEN_BY,
        ),
    ),
    settings=(
        Setting(
            name="noise_max_percent",
            default=0.1,
            unit="%",
            meaning="largest mean difference from the frame before that is still no change, of the code range",
            minimum=0.0,
            maximum=10.0,
        ),
        Setting(
            name="pixel_max_percent",
            default=10.0,
            unit="%",
            meaning="largest change of luma of any pixel that is still no change, of the code range",
            minimum=0.0,
            maximum=100.0,
        ),
        Setting(
            name="drift_max_percent",
            default=0.4,
            unit="%",
            meaning="largest move of any quantile of luma since the first frame of the run, of the code range",
            minimum=0.0,
            maximum=100.0,
        ),
        Setting(
            name="min_duration_s",
            default=2.0,
            unit="s",
            meaning="shortest run that is reported",
            minimum=0.0,
        ),
    ),
)

"""Leader: colour bars, slate and countdown before the programme, recognised, so that their levels do not fail it.

A frame is colour bars where the lines that are looked at are at most `bars_distance_percent` from one of the known
kinds: EBU bars 100/0/100/0, 100/0/75/0 and 75/0/75/0 (ITU-R BT.471-1), the seven bars of SMPTE EG 1, and the bars of
SMPTE RP 219-1. `picture.bars.spans` tells them anywhere; `picture.bars.kind` is the kind of the first of them. Eight
lines between 5 and 55 % of the height are read, each with all its pixels, as `picture.bars.line_count` says: a picture
that is bars in those and something else below is taken for bars. The limit is a house choice: bars behind the codecs of
masters are within 1 %, 75 % bars are 5 % from 100 % bars, and no photograph comes near.

A slate is a still that stands for `slate_min_s` or longer between black or bars at the head: from the first frame on
there is nothing but black, bars and stills, until black or bars give way to the programme. A still may change by
`slate_change_max_percent` of the code range a frame on average, as a clock's hand does. What begins a programme with a
still and then fades to black looks the same; a slate that runs straight into the programme, or moves, is not seen.

A countdown is a run at the head, between black, bars and slates or from the first frame on, in which the picture
ticks: `countdown_ticks_min` times or more, a second apart to the frame, luma changes more than at any frame between,
and by 0.1 % of the code range at least, while the picture as a whole stays what it is (from one tick to the next no
quantile of luma from 10 to 90 % moves by more than 20 % of the range). It ends with the last frame before black. A
countdown of another pace, or one that runs into the programme without black, is not seen.

The other picture meters leave none of them out, but for levels, whose bounds bars and slates do not have to keep.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters import black
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import BAR_LINES, COLOUR_BARS, LUMA_QUANTILES, PictureSignal

_GIVEN_BY = ("meter:leader",)


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Spans of bars and of slates, in frames from the first, and the kind of the first bars."""
    is_bars = bars_of(picture, settings)
    is_slate = _slates(picture, is_bars, settings)
    nearest = picture.bars_distance_percent[is_bars].argmin(axis=1)
    return Reading(
        facts={
            "picture.bars.spans": tuple(runs(is_bars)),
            "picture.bars.kind": COLOUR_BARS[int(nearest[0])] if len(nearest) else None,
            "picture.bars.line_count": BAR_LINES,
            "picture.slate.spans": tuple(runs(is_slate)),
            "picture.countdown.spans": tuple(runs(_countdown(picture, is_bars | is_slate, settings))),
        }
    )


def programme_of(picture: PictureSignal) -> NDArray[np.bool_]:
    """Frames that are not bars, slate or countdown under the defaults of this meter; all where there are no others."""
    settings = METER.resolve({})
    is_programme = ~_line_up(picture, settings)
    return is_programme if is_programme.any() else np.ones_like(is_programme)


def first_of_programme(picture: PictureSignal) -> int | None:
    """The frame that follows the leader, under the defaults of this meter: bars, slates, countdown and black from the
    first frame on, if there is anything but black among them; 0 without a leader, None where nothing follows it."""
    is_line_up = _line_up(picture, METER.resolve({}))
    rest = np.flatnonzero(~(is_line_up | _dark(picture)))
    first = int(rest[0]) if len(rest) else picture.frame_count
    if not is_line_up[:first].any():
        return 0
    return first if len(rest) else None


def bars_of(picture: PictureSignal, settings: Settings) -> NDArray[np.bool_]:
    """Whether each frame is colour bars."""
    if not picture.frame_count:
        return np.zeros(0, dtype=bool)
    is_bars: NDArray[np.bool_] = picture.bars_distance_percent.min(axis=1) <= settings["bars_distance_percent"]
    return is_bars


def _line_up(picture: PictureSignal, settings: Settings) -> NDArray[np.bool_]:
    """Whether each frame is of bars, slates or countdown."""
    is_bars = bars_of(picture, settings)
    is_still = is_bars | _slates(picture, is_bars, settings)
    return is_still | _countdown(picture, is_still, settings)


def _countdown(picture: PictureSignal, is_still: NDArray[np.bool_], settings: Settings) -> NDArray[np.bool_]:
    """Whether each frame is of a countdown; `is_still`: those of bars and slates."""
    is_countdown = np.zeros(picture.frame_count, dtype=bool)
    second = round(picture.frame_rate)
    dark = _dark(picture)
    if picture.first_frame or second < _LEAST_RATE or not dark.any():
        return is_countdown
    for run in runs(~(dark | is_still)):
        if run.end == picture.frame_count or not dark[run.end]:
            break
        if not _ticks(picture, run.start, run.end, second, settings["countdown_ticks_min"]):
            break
        is_countdown[run.start : run.end] = True
    return is_countdown


def _ticks(picture: PictureSignal, start: int, end: int, second: int, least: int) -> bool:
    """Whether luma changes once a second from frame `start` on, more than at any frame between."""
    change = np.nan_to_num(picture.plane_difference[start + 1 : end, 0].astype(np.float64))
    if len(change) < (least - 1) * second + 1:
        return False
    phase = int(np.argmax([change[at::second].min() for at in range(second)]))
    ticks = np.zeros(len(change), dtype=bool)
    ticks[phase::second] = True
    white = (1 << picture.bit_depth_bits) - 1
    if int(ticks.sum()) < least or change[ticks].min() <= max(change[~ticks].max(), _TICK_SHARE * white):
        return False
    at = start + 1 + np.flatnonzero(ticks)
    middle = [place for place, share in enumerate(LUMA_QUANTILES) if 0.1 <= share <= 0.9]
    levels = picture.luma_quantiles[at][:, middle].astype(np.int64)
    return bool((np.abs(np.diff(levels, axis=0)) <= _SAME_SHARE * white).all())


def _slates(picture: PictureSignal, is_bars: NDArray[np.bool_], settings: Settings) -> NDArray[np.bool_]:
    """Whether each frame is of a still between black or bars, before the programme."""
    is_slate = np.zeros(picture.frame_count, dtype=bool)
    is_between = _dark(picture) | is_bars
    if picture.first_frame or not is_between.any() or is_between.all():
        return is_slate
    change_max = ((1 << picture.bit_depth_bits) - 1) * settings["slate_change_max_percent"] / 100
    holds = np.nan_to_num(picture.plane_difference[:, 0], nan=np.inf) <= change_max
    frames_min = float(settings["slate_min_s"] * picture.frame_rate)
    for run in runs(~is_between):
        is_still = bool(holds[run.start + 1 : run.end].all()) and run.end - run.start >= frames_min
        if not is_still or run.end == picture.frame_count:
            break
        is_slate[run.start : run.end] = True
    return is_slate


def _dark(picture: PictureSignal) -> NDArray[np.bool_]:
    """Whether each frame is in a span of black."""
    dark = np.zeros(picture.frame_count, dtype=bool)
    for span in black.METER.measure(picture, black.METER.resolve({})).facts["picture.black.spans"]:
        dark[span.start : span.end] = True
    return dark


_LEAST_RATE = 5  # house choice: below it, what happens between two ticks is not seen
_TICK_SHARE, _SAME_SHARE = 0.001, 0.2  # house choices, of the code range

METER = Meter(
    name="leader",
    version=2,
    reads=Reads.PICTURE,
    measure=measure,
    facts=(
        Fact(
            name="picture.bars.spans",
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="colour bars",
            given_by=_GIVEN_BY,
        ),
        *span_members("picture.bars.spans", given_by=_GIVEN_BY),
        Fact(
            name="picture.bars.kind",
            kind=Kind.STRING,
            layer=Layer.BASEBAND,
            meaning="kind of the first colour bars",
            given_by=_GIVEN_BY,
            null_means="there are no colour bars",
            vocabulary=COLOUR_BARS,
        ),
        Fact(
            name="picture.bars.line_count",
            kind=Kind.INTEGER,
            layer=Layer.BASEBAND,
            meaning="lines of each frame that were looked at for colour bars",
            given_by=_GIVEN_BY,
            unit="lines",
        ),
        Fact(
            name="picture.slate.spans",
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="stills between black or bars before the programme, such as slates and clocks",
            given_by=_GIVEN_BY,
        ),
        *span_members("picture.slate.spans", given_by=_GIVEN_BY),
        Fact(
            name="picture.countdown.spans",
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="countdowns before the programme, whose picture ticks once a second",
            given_by=_GIVEN_BY,
        ),
        *span_members("picture.countdown.spans", given_by=_GIVEN_BY),
    ),
    settings=(
        Setting(
            name="bars_distance_percent",
            default=3.0,
            unit="%",
            meaning="how far the lines may be from bars, of the range of a component",
            minimum=0.1,
            maximum=20.0,
        ),
        Setting(name="slate_min_s", default=2.0, unit="s", meaning="shortest slate", minimum=0.1, maximum=3600.0),
        Setting(
            name="countdown_ticks_min",
            default=3,
            unit="ticks",
            meaning="fewest ticks of a countdown",
            minimum=2,
            maximum=60,
        ),
        Setting(
            name="slate_change_max_percent",
            default=0.3,
            unit="%",
            meaning="mean change of luma from frame to frame, of the code range, up to which a picture is still",
            minimum=0.0,
            maximum=5.0,
        ),
    ),
)

"""Media offline: frames that look like the slates which editing systems put in place of media that they cannot find.

Premiere and Resolve show a still of one red from edge to edge with a message on it, Premiere's in several languages.
A frame looks like that where one colour covers `share_min_percent` of it or more, and the edges almost all, where that
colour is a saturated red, and where the rest is enough for a message: a frame of one red alone is a red flash, and not
this. Such frames count where they stand still for `min_duration_frames` or more. No maker publishes the picture, so the
description is ours, from what editors write of it, and was tried on slates made by it. All is told from a grid of 64 by
36 points.

A red title card that stands still, with its text on one red, looks the same: it is for a person to say which it is. It
does not see slates in other colours, such as red words on black, nor one that is scaled down or lies under a fade.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.colours import rgb_percent
from deliverqc.meters.flat import flat_frames
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import PictureSignal

_GIVEN_BY = ("meter:media_offline",)
_EDGES_MIN_PERCENT = 95.0
_RED_MIN_PERCENT, _OTHERS_MAX_SHARE = 35.0, 0.35
_STILL_PERCENT = 0.3
"""Of the code range, mean change of luma from frame to frame; house choices, as all of these."""


def measure(picture: PictureSignal, settings: Settings) -> Reading:
    """Runs of such frames in `picture.media_offline.spans`, in frames from the first."""
    alike = _looks_alike(picture, float(settings["share_min_percent"]))
    change_max = ((1 << picture.bit_depth_bits) - 1) * _STILL_PERCENT / 100
    holds = np.nan_to_num(picture.plane_difference[:, 0], nan=np.inf) <= change_max
    found = []
    for run in runs(alike):
        moves = run.start + 1 + np.flatnonzero(~holds[run.start + 1 : run.end])
        edges = [run.start, *moves.tolist(), run.end]
        if max(np.diff(edges)) >= settings["min_duration_frames"]:
            found.append(run)
    return Reading(facts={"picture.media_offline.spans": tuple(found)})


def _looks_alike(picture: PictureSignal, share_min: float) -> NDArray[np.bool_]:
    share, edges = picture.main_colour_percent[:, 0], picture.main_colour_percent[:, 1]
    rgb = rgb_percent(picture.main_colour.astype(np.float64), picture)
    is_red = (rgb[:, 0] >= _RED_MIN_PERCENT) & (rgb[:, 1:].max(axis=1) <= rgb[:, 0] * _OTHERS_MAX_SHARE)
    return np.asarray((share >= share_min) & (edges >= _EDGES_MIN_PERCENT) & is_red & ~flat_frames(picture))


METER = Meter(
    name="media_offline",
    version=1,
    reads=Reads.PICTURE,
    measure=measure,
    facts=(
        Fact(
            name="picture.media_offline.spans",
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="frames that look like the slate of an editing system for media that is offline: a still of one "
            "red with a message on it",
            given_by=_GIVEN_BY,
        ),
        *span_members("picture.media_offline.spans", given_by=_GIVEN_BY),
    ),
    settings=(
        Setting(
            name="share_min_percent",
            default=60.0,
            unit="%",
            meaning="smallest share of the frame that has the one red",
            minimum=51.0,
            maximum=99.0,
        ),
        Setting(
            name="min_duration_frames",
            default=3,
            unit="frames",
            meaning="shortest run that stands still",
            minimum=1,
        ),
    ),
)

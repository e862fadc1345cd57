"""Where the picture is black and every mix is silent at once, as in a commercial break; knows no limit.

A frame counts where the meter `black` finds it black and no channel of any mix sounds while it is shown: no sample
above `peak_max_dbfs` of the meter `silence`, both under the settings of the spec. Silence has no least length here.
Sound is known to 10 ms, so a row at the edge of sound counts as silent, and a click of up to 20 ms does not end a
break. Where audio has not begun or has ended there is silence. A master without audio gives no facts: its mix is in
other files, or was never made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.assemble import assemble_reading
from deliverqc.facts.groups import SUBSTREAMS, Group
from deliverqc.facts.model import Fact, Facts
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import row_edges
from deliverqc.timebase import Timeline

if TYPE_CHECKING:
    from deliverqc.signals.tables import PictureSignal, Signals, SoundSignal

Channels = Sequence[tuple["SoundSignal", list[int]]]

_SPANS = "cross_check.silent_black.spans"


def silent_black_facts(
    signals: Signals,
    groups: Sequence[Group],
    facts: Facts,
    timeline: Timeline,
    settings: Mapping[str, Mapping[str, Any]],
    known: Mapping[str, Fact],
) -> Facts:
    """The spans under resolved `settings`. No facts where black or a mix was not measured, or nobody asks for both."""
    if "black" not in settings or "silence" not in settings:
        return {}
    if facts.get("picture.track_count") == 0:
        return {_SPANS: []}
    picture, channels = signals.picture, _channels(signals, groups)
    if picture is None or channels is None or signals.log.undecodable or "picture.black.spans" not in facts:
        return {}
    is_silent_black = np.zeros(picture.frame_count, dtype=np.bool_)
    for span in facts["picture.black.spans"]:
        is_silent_black[span["start_frame"] : span["end_frame"]] = True
    is_silent_black &= ~_sounding_frames(picture, channels, settings["silence"]["peak_max_dbfs"])
    return assemble_reading({_SPANS: tuple(runs(is_silent_black))}, known, prefix="", timeline=timeline)


def _channels(signals: Signals, groups: Sequence[Group]) -> Channels | None:
    """The tables of all mixes with their channels; None where one could not be measured, or there is none."""
    found: dict[int, list[int]] = {}
    for group in groups:
        if group.formed_by == SUBSTREAMS:
            return None
        for track, channel in group.channels:
            if track >= len(signals.sounds) or channel >= signals.sounds[track].sample_peak.shape[1]:
                return None
            found.setdefault(track, []).append(channel)
    return [(signals.sounds[track], channels) for track, channels in found.items()] or None


def _sounding_frames(picture: PictureSignal, channels: Channels, peak_max_dbfs: float) -> NDArray[np.bool_]:
    """Whether sound is heard while each frame is shown."""
    starts_s = np.asarray(picture.start_s, dtype=np.float64)
    ends_s = np.append(starts_s[1:], starts_s[-1:] + 1.0 / float(picture.frame_rate))
    steps = np.zeros(len(starts_s) + 1, dtype=np.int64)
    for sound, numbers in channels:
        for start_s, end_s in _sounding(sound, numbers, peak_max_dbfs):
            steps[np.searchsorted(ends_s, start_s, side="right")] += 1
            steps[np.searchsorted(starts_s, end_s, side="left")] -= 1
    sounding: NDArray[np.bool_] = np.cumsum(steps)[:-1] > 0
    return sounding


def _sounding(sound: SoundSignal, channels: list[int], peak_max_dbfs: float) -> Iterator[tuple[float, float]]:
    """From when to when some of the channels sound without a break, in seconds after the first frame."""
    limit = np.float32(10.0 ** (peak_max_dbfs / 20.0))  # as the meter `silence` compares
    edges = row_edges(sound.sample_count, sound.sample_rate_hz)
    for row in runs(np.asarray((sound.sample_peak[:, channels] > limit).any(axis=1))):
        if row.end - row.start > 2:
            samples = (int(edges[row.start + 1]), int(edges[row.end - 1]))
            start_s, end_s = (
                float(sound.offset_s) + (sound.first_sample + sample) / sound.sample_rate_hz for sample in samples
            )
            yield start_s, end_s

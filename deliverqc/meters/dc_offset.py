"""DC offset: the mean of a channel's samples; knows nothing of where an offset does harm.

The offset of a channel is the mean of all its samples, in percent of full scale. The largest absolute one of the group
is told with its channel. Sums are kept for each 10 ms with the precision of a float32, so that the mean is right within
a ten-thousandth of a percent.

It has no settings. It does not see an offset that comes and goes, nor one whose sign changes: they cancel in the mean.
"""

from __future__ import annotations

import numpy as np

from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.meters.model import Meter, Reading, Reads, Settings
from deliverqc.signals.tables import SoundSignal

_GIVEN_BY = ("meter:dc_offset",)


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Measure the offset of every channel of one group; a group without a single sample gives no facts."""
    if signal.sample_count == 0:
        return Reading(facts={})
    offsets = np.abs(signal.total.sum(axis=0, dtype=np.float64)) / signal.sample_count
    worst = int(offsets.argmax())
    return Reading(
        facts={
            "dc_offset.max_percent": 100.0 * float(offsets[worst]),
            "dc_offset.max_channel": signal.channel_name(worst),
        }
    )


METER = Meter(
    name="dc_offset",
    version=1,
    reads=Reads.GROUP,
    facts=(
        Fact(
            name="sound.groups[].dc_offset.max_percent",
            kind=Kind.NUMBER,
            layer=Layer.BASEBAND,
            meaning="largest absolute mean of a channel's samples, of full scale",
            given_by=_GIVEN_BY,
            unit="%",
            resolution=1e-4,
        ),
        Fact(
            name="sound.groups[].dc_offset.max_channel",
            kind=Kind.STRING,
            layer=Layer.BASEBAND,
            meaning="label, or else number in the group from 0, of that channel",
            given_by=_GIVEN_BY,
        ),
    ),
    measure=measure,
)

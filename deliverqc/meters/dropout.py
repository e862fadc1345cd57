"""Dropouts: short digital silence of one channel inside its own sound; knows nothing of why a channel is cut.

A dropout is a run of 10 ms rows whose samples are all zero in one channel, at most `max_duration_s` long, between two
rows in which a sample of that channel exceeds `signal_min_dbfs`. It is told whether the other channels sound or not.
The EBU QC catalogue asks for dropouts and leaves limits to the delivery document.

Settings:

- `max_duration_s`, 0.5 by default: house choice, as a longer cut to zero is rather a pause than a fault
- `signal_min_dbfs`, -50 by default: house choice; a fade to zero passes below it first, and is then no dropout

A row counts only where all of it is zero: a gap of 20 ms and more is always seen, one below 10 ms never, one between
where it covers a row of the grid. It does not see dropouts that were concealed, muted with dither, or repeated.
"""

from __future__ import annotations

import numpy as np

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import SoundSignal, row_edges
from deliverqc.timebase import Span

_GIVEN_BY = ("meter:dropout",)
_NAME = "sound.groups[].dropout.spans"


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Find the dropouts of every channel of one group; a group without a single sample gives no facts."""
    if signal.sample_count == 0:
        return Reading(facts={})
    edges = row_edges(signal.sample_count, signal.sample_rate_hz)
    most = float(settings["max_duration_s"]) * signal.sample_rate_hz
    sounds = signal.sample_peak > np.float32(10.0 ** (float(settings["signal_min_dbfs"]) / 20.0))
    spans = [
        Span(int(edges[row.start]), int(edges[row.end]), signal.channel_name(channel))
        for channel in range(len(signal.labels))
        for row in runs(signal.sample_peak[:, channel] == 0.0)
        if row.start > 0
        and row.end < signal.row_count
        and sounds[row.start - 1, channel]
        and sounds[row.end, channel]
        and edges[row.end] - edges[row.start] <= most
    ]
    return Reading(facts={"dropout.spans": tuple(sorted(spans, key=lambda span: span.start))})


METER = Meter(
    name="dropout",
    version=1,
    reads=Reads.GROUP,
    settings=(
        Setting(
            name="max_duration_s",
            default=0.5,
            unit="s",
            meaning="longest cut to zero that is a dropout",
            minimum=0.01,
            maximum=60.0,
        ),
        Setting(
            name="signal_min_dbfs",
            default=-50.0,
            unit="dBFS",
            meaning="sample peak that the sound before and after exceeds",
            minimum=-200.0,
            maximum=0.0,
        ),
    ),
    facts=(
        Fact(
            name=_NAME,
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="short digital silence of a channel inside its sound",
            given_by=_GIVEN_BY,
        ),
        *span_members(_NAME, given_by=_GIVEN_BY, of_sound=True),
    ),
    measure=measure,
)

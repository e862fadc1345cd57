"""Silent spans and silent channels of a channel group; knows nothing of where silence is a fault.

A span of silence is a run of 10 ms rows in which no sample of any channel exceeds `peak_max_dbfs`, at least
`min_duration_s` long. Its edges stand on the 10 ms grid: a row that holds one louder sample belongs to no span. A run
that reaches the end of the sound is a span that ends there. A channel is silent throughout when none of its samples
exceeds `peak_max_dbfs`.

Settings:

- `peak_max_dbfs`, -60 by default: the default of ffmpeg's `silencedetect`, above 16-bit dither and below room tone
- `min_duration_s`, 2 by default: the default of `silencedetect`, longer than pauses in speech

It measures sample peaks, not loudness: hiss above the limit is not silence. It does not see one silent channel while
the others sound, unless that channel is silent throughout.
"""

from __future__ import annotations

import numpy as np

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.black import runs
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.signals.tables import SoundSignal, row_edges
from deliverqc.timebase import Span

_GIVEN_BY = ("meter:silence",)


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Find silence in one channel group; a group without a single sample was not measured and gives no facts."""
    if signal.sample_count == 0:
        return Reading(facts={})
    # Peaks are float32: a limit in float64 would lie between two of them and miss its own value.
    is_silent = signal.sample_peak <= np.float32(10.0 ** (float(settings["peak_max_dbfs"]) / 20.0))
    edges = row_edges(signal.sample_count, signal.sample_rate_hz)
    least = float(settings["min_duration_s"]) * signal.sample_rate_hz
    rows = runs(np.asarray(is_silent.all(axis=1)))
    spans = (Span(int(edges[row.start]), int(edges[row.end])) for row in rows)
    throughout = np.flatnonzero(is_silent.all(axis=0))
    channels = [signal.labels[index] or str(index) for index in throughout]
    return Reading(
        facts={
            "silence.spans": tuple(span for span in spans if span.end - span.start >= least),
            "silence.channels": channels,
        }
    )


def _fact(name: str, kind: Kind, meaning: str) -> Fact:
    return Fact(
        name=f"sound.groups[].silence.{name}", kind=kind, layer=Layer.BASEBAND, meaning=meaning, given_by=_GIVEN_BY
    )


METER = Meter(
    name="silence",
    version=1,
    reads=Reads.GROUP,
    settings=(
        Setting(
            name="peak_max_dbfs",
            default=-60.0,
            unit="dBFS",
            meaning="sample peak that silence does not exceed",
            minimum=-200.0,
            maximum=0.0,
        ),
        Setting(
            name="min_duration_s",
            default=2.0,
            unit="s",
            meaning="shortest silence that is told",
            minimum=0.01,
            maximum=86400.0,
        ),
    ),
    facts=(
        _fact("spans", Kind.SPANS, "spans in which all channels are silent"),
        *span_members("sound.groups[].silence.spans", given_by=_GIVEN_BY, of_sound=True),
        _fact(
            "channels",
            Kind.STRINGS,
            "label, or else number in the group from 0, of each channel that is silent throughout",
        ),
    ),
    measure=measure,
)

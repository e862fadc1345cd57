"""Clipping: flat tops, samples at full scale and repeated peaks; knows nothing of which of them a delivery forbids.

A flat top is a run of at least `run_min_samples` successive equal samples that stand at the sample peak of a 10 ms row,
where that peak is at least `level_min_dbfs`. Rows that hold one make spans, per channel, with edges on the 10 ms grid.

Netflix's clipping inspector (partner help article 228299408) names five criteria. Their facts here, each of the worst
channel:

1. equal samples in sequence at the maximum allowed level, -0.45 dBFS: `clipping.spans`, `clipping.longest_run_samples`
2. ten segments of equal samples in sequence at the asset's greatest volume: `clipping.segments_at_peak`
3. 0.01 % of the samples at full scale: `clipping.full_scale_percent`; a sample of at least 32767/32768 counts
4. loudest samples more than 1 dB above the remaining ones: not covered, the table keeps no histogram of samples
5. 25 % more samples at the loudest level than at the next lower ones: not covered, for the same reason

The article does not say how many equal samples make a segment: criterion 2 is counted from two on, and every channel's
own highest sample stands for the greatest volume.

Settings:

- `level_min_dbfs`, -0.45 by default: the article's maximum allowed level
- `run_min_samples`, 3 by default: house choice, as two equal samples at the top of a loud bass are no fault

It does not see clipping that was filtered, resampled or coded with loss afterwards: its samples are no longer equal. A
run is followed no further than 16 samples beyond a whole second, and a limited master without equal samples is clean.
"""

from __future__ import annotations

import numpy as np

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import SoundSignal, row_edges
from deliverqc.timebase import Span

_GIVEN_BY = ("meter:clipping",)
_NAME = "sound.groups[].clipping."


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Find flat tops in every channel of one group; a group without a single sample gives no facts."""
    if signal.sample_count == 0:
        return Reading(facts={})
    edges = row_edges(signal.sample_count, signal.sample_rate_hz)
    # Peaks are float32: a limit in float64 would lie between two of them and miss its own value.
    is_high = signal.sample_peak >= np.float32(10.0 ** (float(settings["level_min_dbfs"]) / 20.0))
    is_flat = is_high & (signal.peak_run >= settings["run_min_samples"])
    spans = [
        Span(int(edges[row.start]), int(edges[row.end]), signal.channel_name(channel))
        for channel in range(len(signal.labels))
        for row in runs(is_flat[:, channel])
    ]
    highest = signal.sample_peak.max(axis=0)
    at_highest = (signal.sample_peak == highest) & (highest > 0.0)
    segments = np.where(at_highest, signal.peak_run_count, 0).sum(axis=0, dtype=np.int64)
    full_scale = signal.full_scale_count.sum(axis=0, dtype=np.int64)
    return Reading(
        facts={
            "clipping.spans": tuple(sorted(spans, key=lambda span: span.start)),
            "clipping.longest_run_samples": int(np.where(is_high, signal.peak_run, 0).max()),
            "clipping.segments_at_peak": int(segments.max()),
            "clipping.full_scale_percent": 100.0 * int(full_scale.max()) / signal.sample_count,
        }
    )


def _fact(name: str, kind: Kind, unit: str | None, meaning: str, resolution: float | None = None) -> Fact:
    return Fact(
        name=_NAME + name,
        kind=kind,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit=unit,
        resolution=resolution,
    )


METER = Meter(
    name="clipping",
    version=1,
    reads=Reads.GROUP,
    settings=(
        Setting(
            name="level_min_dbfs",
            default=-0.45,
            unit="dBFS",
            meaning="lowest sample peak at which equal samples are a flat top",
            minimum=-120.0,
            maximum=0.0,
        ),
        Setting(
            name="run_min_samples",
            default=3,
            unit="samples",
            meaning="fewest equal samples that are a flat top",
            minimum=2,
            maximum=10_000,
        ),
    ),
    facts=(
        _fact("spans", Kind.SPANS, None, "10 ms rows of a channel that hold a flat top"),
        *span_members(_NAME + "spans", given_by=_GIVEN_BY, of_sound=True),
        _fact(
            "longest_run_samples",
            Kind.INTEGER,
            "samples",
            "longest run of equal samples at a peak of at least the level; 1 where none are equal, 0 where no peak is",
        ),
        _fact(
            "segments_at_peak",
            Kind.INTEGER,
            "segments",
            "runs of two or more equal samples at the channel's highest level, in the channel with most",
        ),
        _fact(
            "full_scale_percent",
            Kind.NUMBER,
            "%",
            "share of a channel's samples at full scale, in the channel with most",
            1e-5,
        ),
    ),
    measure=measure,
)

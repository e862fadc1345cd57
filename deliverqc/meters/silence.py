"""Silent spans and silent channels of a channel group; knows nothing of where silence is a fault.

A span of silence is a run of 10 ms rows in which no sample of any channel exceeds `peak_max_dbfs`, at least
`min_duration_s` long. Its edges stand on the 10 ms grid: a row that holds one louder sample belongs to no span. A run
that reaches the end of the sound is a span that ends there. A channel is silent throughout when none of its samples
exceeds `peak_max_dbfs`.

An offset is not sound: where a channel keeps within `peak_max_dbfs` of its own mean over 400 ms, it is silent too,
wherever that mean is.

Of single channels it tells where one is that silent, for at least `min_duration_s`, while another sounds, and which
hold digital silence (samples that are zero) from the first sample to the last: an empty surround, a missing LFE. Sound
begins with the first row and ends with the last row in which a sample of any channel exceeds `peak_max_dbfs`.

Settings:

- `peak_max_dbfs`, -60 by default: the default of ffmpeg's `silencedetect`, above 16-bit dither and below room tone
- `min_duration_s`, 2 by default: the default of `silencedetect`, longer than pauses in speech

It measures sample peaks, not loudness: hiss above the limit is not silence. Whether a channel may be silent (an LFE
mostly is) it does not know. Gaps shorter than `min_duration_s` are the dropout meter's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.meters.steady import mean_and_power
from deliverqc.signals.tables import SoundSignal, row_edges
from deliverqc.timebase import Span

_GIVEN_BY = ("meter:silence",)


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Find silence in one channel group; a group without a single sample was not measured and gives no facts."""
    if signal.sample_count == 0:
        return Reading(facts={})
    is_silent = silent_rows(signal, settings)
    edges = row_edges(signal.sample_count, signal.sample_rate_hz)
    least = float(settings["min_duration_s"]) * signal.sample_rate_hz
    all_silent = np.asarray(is_silent.all(axis=1))
    spans = [Span(int(edges[row.start]), int(edges[row.end])) for row in runs(all_silent)]
    lone = [
        Span(int(edges[row.start]), int(edges[row.end]), signal.channel_name(channel))
        for channel in range(len(signal.labels))
        for row in runs(is_silent[:, channel])
        if not all_silent[row.start : row.end].all()
    ]
    sounding = np.flatnonzero(~all_silent)
    return Reading(
        facts={
            "silence.spans": tuple(span for span in spans if span.end - span.start >= least),
            "silence.channel_spans": tuple(span for span in lone if span.end - span.start >= least),
            "silence.channels": _names(signal, is_silent),
            "silence.digital_channels": _names(signal, signal.sample_peak == 0.0),
            "silence.first_sound_at_s": _time(signal, int(edges[sounding[0]])) if len(sounding) else None,
            "silence.last_sound_at_s": _time(signal, int(edges[sounding[-1] + 1])) if len(sounding) else None,
        }
    )


def silent_rows(signal: SoundSignal, settings: Settings) -> NDArray[np.bool_]:
    """Whether each 10 ms of each channel is silent under `settings`, (rows, channels)."""
    limit_dbfs = float(settings["peak_max_dbfs"])
    # Peaks are float32: a limit in float64 would lie between two of them and miss its own value.
    limit = np.float32(10.0 ** (limit_dbfs / 20.0))
    is_low: NDArray[np.bool_] = signal.sample_peak <= limit
    if is_low.all():
        return is_low
    mean, power = mean_and_power(signal)
    keeps_level = power <= float(limit) ** 2 / 2.0  # of a tone with that peak
    return is_low | (keeps_level & (signal.sample_peak <= np.abs(mean) + limit))


def _names(signal: SoundSignal, is_silent: NDArray[np.bool_]) -> list[str]:
    return [signal.channel_name(int(channel)) for channel in np.flatnonzero(is_silent.all(axis=0))]


def _time(signal: SoundSignal, sample: int) -> float:
    return sample / signal.sample_rate_hz + float(signal.offset_s)


def _fact(name: str, kind: Kind, meaning: str) -> Fact:
    is_time = kind is Kind.NUMBER
    return Fact(
        name=f"sound.groups[].silence.{name}",
        kind=kind,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit="s" if is_time else None,
        resolution=1e-6 if is_time else None,
        null_means="silent throughout" if is_time else None,
    )


METER = Meter(
    name="silence",
    version=3,
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
        _fact("channel_spans", Kind.SPANS, "spans in which one channel is silent while another sounds"),
        *span_members("sound.groups[].silence.channel_spans", given_by=_GIVEN_BY, of_sound=True),
        _fact(
            "channels",
            Kind.STRINGS,
            "label, or else number in the group from 0, of each channel that is silent throughout",
        ),
        _fact(
            "digital_channels",
            Kind.STRINGS,
            "label, or else number in the group from 0, of each channel whose samples are all zero",
        ),
        _fact("first_sound_at_s", Kind.NUMBER, "start of the first 10 ms that are not silent"),
        _fact("last_sound_at_s", Kind.NUMBER, "end of the last 10 ms that are not silent"),
    ),
    measure=measure,
)

"""Tone: steady sines and single pops of one, with level and frequency; knows nothing of which line-up is asked for.

A 10 ms row holds a sine when its energy lies within 0.5 dB of half the square of its true peak, which is the crest
factor of a sine (3.01 dB), and its peak is at least `level_min_dbfs`. The sum of each sample times the next one is, for
a sine, its energy times the cosine of the angle from sample to sample, which gives the frequency. Successive rows
belong to one tone as long as their peak stays within 0.25 dB of the tone's first row, and their cosine as close to it
as 10 ms of one sine do. Level and frequency are then taken over all rows of the tone: the level is the peak of a sine
of its energy, as line-up levels are told (EBU Tech 3341: 1 kHz at -18 dBFS). A tone whose halves differ by more than
3 % in frequency is a sweep, and none.

- `tone.spans`: tones of at least `min_duration_s`, per channel
- `tone.pops`: tones of 20 to 100 ms, alone in a second of silence (no sample above -60 dBFS) on either side in their
  channel, or between the head and such silence: a 2-pop is one frame of 1 kHz, two seconds before the first of action

Settings:

- `min_duration_s`, 1 by default: house choice; longer than the steady part of a note, shorter than the uninterrupted
  part of a GLITS or BLITS sequence
- `level_min_dbfs`, -40 by default: house choice, far below any line-up level

Edges stand on the 10 ms grid, and rows that a tone only partly fills belong to none; where it begins or ends abruptly,
its true peak overshoots, and that row belongs to none either. Frequencies from 200 Hz to 20 kHz are told within 1 %
(noise 40 dB below the tone raises 1 kHz by 0.4 %); a row below 200 Hz holds too little of a period. It does not see a
tone under other sound, nor one that is modulated or swept. A steady synthesizer note or a bleep is a tone too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import ROWS_PER_SECOND, SoundSignal, row_edges
from deliverqc.timebase import Span

_GIVEN_BY = ("meter:tone",)
_NAME = "sound.groups[].tone."

_CREST_DB = 0.5  # house choice: at 200 Hz a row holds two periods, and its energy stands up to 0.35 dB off
_STEADY_DB = 0.25  # house choice: more than the true-peak grid errs, less than any fade moves in a second
_STEADY_PERIODS = 2.5  # two rows of n samples of one sine differ by up to 2 / n in their cosine; the rest is for noise
_SWEEP_SHARE = 0.03  # house choice: half a semitone
_LOWEST_HZ = 190.0  # 200 Hz, less what a second of it is told wrong by
_HIGHEST_HZ = 20_000.0
_POP_ROWS = (2, 10)  # house choice: one frame at 10 to 30 frames per second, wherever it stands on the grid
_SILENCE_PEAK = np.float32(10.0 ** (-60.0 / 20.0))  # that of the silence meter

Doubles = NDArray[np.float64]


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Find tones in every channel of one group; a group without a single sample gives no facts."""
    if signal.sample_count == 0:
        return Reading(facts={})
    least = max(1, round(float(settings["min_duration_s"]) * ROWS_PER_SECOND))
    spans: list[Span | None] = []
    pops: list[Span | None] = []
    for channel in range(len(signal.labels)):
        for rows in _tones(signal, channel, float(settings["level_min_dbfs"])):
            length = rows.end - rows.start
            if length >= least:
                spans.append(_told(signal, channel, rows))
            elif _POP_ROWS[0] <= length <= _POP_ROWS[1] and _is_alone(signal.sample_peak[:, channel], rows):
                pops.append(_told(signal, channel, rows))
    return Reading(facts={"tone.spans": _ordered(spans), "tone.pops": _ordered(pops)})


def _ordered(spans: list[Span | None]) -> tuple[Span, ...]:
    return tuple(sorted((span for span in spans if span is not None), key=lambda span: span.start))


def _tones(signal: SoundSignal, channel: int, level_min_dbfs: float) -> list[Span]:
    """Runs of rows that hold one sine."""
    edges = row_edges(signal.sample_count, signal.sample_rate_hz)
    samples = np.diff(edges).astype(np.float64)
    peak = signal.true_peak[:, channel].astype(np.float64)
    energy, product = _centred(signal, channel, samples)
    with np.errstate(divide="ignore", invalid="ignore"):
        crest_db = 10.0 * np.log10(2.0 * energy / (samples * peak**2))
        cosine = product / energy
    is_sine = (np.abs(crest_db) <= _CREST_DB) & (peak >= 10.0 ** (level_min_dbfs / 20.0))
    nearness = _STEADY_PERIODS * ROWS_PER_SECOND / signal.sample_rate_hz
    return [tone for run in runs(is_sine) for tone in _steady(run, peak, cosine, nearness)]


def _centred(signal: SoundSignal, channel: int, samples: Doubles) -> tuple[Doubles, Doubles]:
    """Energy and neighbour product of each row without the row's mean."""
    bias = signal.total[:, channel].astype(np.float64) ** 2 / samples
    return signal.energy[:, channel] - bias, signal.next_product[:, channel] - bias


def _frequency(energy: Doubles, product: Doubles, rate_hz: int) -> float:
    """Frequency in Hz of the sine in some rows. They are weighted by a Hann window: what is left of a period at either
    end would otherwise count."""
    window = np.sin(np.pi * (np.arange(len(energy)) + 0.5) / len(energy)) ** 2
    cosine = float(np.clip((window @ product) / (window @ energy), -1.0, 1.0))
    return float(np.arccos(cosine)) * rate_hz / (2.0 * np.pi)


def _steady(run: Span, peak: Doubles, cosine: Doubles, nearness: float) -> list[Span]:
    """Cut a run where its peak or cosine leaves that of the first row since the last cut."""
    found, start, ahead = [], run.start, ROWS_PER_SECOND
    while start < run.end:
        end = min(run.end, start + ahead)
        is_off = np.abs(20.0 * np.log10(peak[start:end] / peak[start])) > _STEADY_DB
        is_off |= np.abs(cosine[start:end] - cosine[start]) > nearness
        if not is_off.any() and end < run.end:
            ahead *= 2  # the tone may be long, and a sweep may be cut at every row: neither is looked over whole again
            continue
        stop = start + int(is_off.argmax()) if is_off.any() else end
        found.append(Span(start, stop))
        start, ahead = stop, ROWS_PER_SECOND
    return found


def _is_alone(peaks: NDArray[np.float32], rows: Span) -> bool:
    """Whether nothing sounds for a second on either side, but for the rows that the tone partly fills."""
    before = peaks[max(0, rows.start - 1 - ROWS_PER_SECOND) : max(0, rows.start - 1)]
    after = peaks[rows.end + 1 : rows.end + 1 + ROWS_PER_SECOND]
    return bool((before <= _SILENCE_PEAK).all() and (after <= _SILENCE_PEAK).all()) and len(after) == ROWS_PER_SECOND


def _told(signal: SoundSignal, channel: int, rows: Span) -> Span | None:
    """The span with its level and frequency; None where it is a sweep, or out of the range of frequencies."""
    edges = row_edges(signal.sample_count, signal.sample_rate_hz)
    start, end = int(edges[rows.start]), int(edges[rows.end])
    columns = _centred(signal, channel, np.diff(edges).astype(np.float64))
    energy, product = (column[rows.start : rows.end] for column in columns)
    half = (rows.end - rows.start) // 2
    hertz, early, late = (
        _frequency(energy[part], product[part], signal.sample_rate_hz)
        for part in (slice(None), slice(half), slice(half, None))
    )
    is_sweep = half >= _POP_ROWS[1] and abs(late - early) > _SWEEP_SHARE * hertz
    if is_sweep or not _LOWEST_HZ <= hertz <= _HIGHEST_HZ:
        return None
    level = 10.0 * float(np.log10(2.0 * energy.sum() / (end - start)))
    return Span(start, end, signal.channel_name(channel), (("level_dbfs", level), ("frequency_hz", hertz)))


def _facts(name: str, meaning: str) -> tuple[Fact, ...]:
    def member(suffix: str, what: str, unit: str, resolution: float) -> Fact:
        return Fact(
            name=f"{_NAME}{name}[].{suffix}",
            kind=Kind.NUMBER,
            layer=Layer.BASEBAND,
            meaning=what,
            given_by=_GIVEN_BY,
            unit=unit,
            resolution=resolution,
        )

    return (
        Fact(name=_NAME + name, kind=Kind.SPANS, layer=Layer.BASEBAND, meaning=meaning, given_by=_GIVEN_BY),
        *span_members(_NAME + name, given_by=_GIVEN_BY, of_sound=True),
        member("level_dbfs", "peak level of the sine", "dBFS", 0.01),
        member("frequency_hz", "its frequency", "Hz", 0.1),
    )


METER = Meter(
    name="tone",
    version=1,
    reads=Reads.GROUP,
    settings=(
        Setting(
            name="min_duration_s",
            default=1.0,
            unit="s",
            meaning="shortest tone that is told",
            minimum=0.11,
            maximum=3600.0,
        ),
        Setting(
            name="level_min_dbfs",
            default=-40.0,
            unit="dBFS",
            meaning="lowest true peak of a tone",
            minimum=-60.0,
            maximum=0.0,
        ),
    ),
    facts=(
        *_facts("spans", "steady sines of a channel"),
        *_facts("pops", "single short sines of a channel, such as a 2-pop"),
    ),
    measure=measure,
)

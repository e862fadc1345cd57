"""Programme loudness, loudness range and peaks of a channel group; knows nothing of files, targets or tolerances.

What it measures, on the channels of one group:

- integrated loudness: ITU-R BS.1770-5 Annex 1, blocks of 400 ms overlapping by 75 %, gated at -70 LKFS and at 10 LU
  below the loudness of what the first gate leaves; a last block that is not complete is left out
- maximum momentary (400 ms) and short-term (3 s) loudness, ungated: EBU Tech 3341 §2.2, windows that start every 10 ms,
  because a hop of 100 ms misreads a burst by 0.45 LU (Tech 3341 test 13)
- loudness range: EBU Tech 3342 §3.1, short-term loudness ten times a second, gated at -70 LUFS and 20 LU below its mean
  power, 95th less 10th percentile; no silence is added at the end (§5 adds it for the latency of a live meter), which
  would give a short item a fade that it has not; EBU advises against using the range on items shorter than a minute
- maximum true peak (BS.1770-5 Annex 2) and maximum sample peak, over all channels, low-frequency effects included

Channels are weighted by their label (BS.1770-5 Annex 1 Table 3, Annex 3 Table 4): low-frequency effects count nothing,
loudspeakers 60 to 120 degrees to the side 1.41, all others 1. A single channel counts once, without 3 dB added. Where
the place of a channel is not known, neither is its weight: such a group has peaks and no loudness.

A group is silent where no 400 ms (of a shorter item, the whole of it) is louder than -70 LUFS, the absolute gate of
BS.1770-5. There every channel without a known place counts 1, and so do low-frequency effects: a mix in which only they
sound is not silent. Digital silence and hiss at -90 dBFS are, and so is a constant offset, which the weighting filters
hear once, as a click at its start.

It has no settings. It does not see dialogue, nor objects that are not rendered to loudspeakers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.meters.model import Curve, Meter, Reading, Reads, Settings
from deliverqc.meters.steady import mean_and_power
from deliverqc.signals.tables import ROWS_PER_SECOND, SoundSignal, row_edges

Energies = NDArray[np.float64]

_BLOCK_ROWS = 4 * ROWS_PER_SECOND // 10
SHORT_TERM_ROWS = 3 * ROWS_PER_SECOND
"""Window of short-term loudness: EBU Tech 3341 §2.2."""

STEP_ROWS = ROWS_PER_SECOND // 10
"""Hop of gating blocks (BS.1770-5 Annex 1), of the levels behind the range (Tech 3342 §3.1) and of the curves."""

OFFSET_LUFS = -0.691  # BS.1770-5 Annex 1, equation 2
_ABSOLUTE_GATE_LUFS = -70.0  # BS.1770-5 Annex 1, equation 4; Tech 3342 §3.1
_RELATIVE_GATE_LU = -10.0  # BS.1770-5 Annex 1, equation 6
_WEIGHTING_LU = 10.0  # house choice: above the 4 dB that K weighting adds, and 5 dB that a window may stand apart
_RANGE_GATE_LU = -20.0  # Tech 3342 §3.1
_RANGE_PERCENTILES = (10, 95)  # Tech 3342 §3.1

_SIDE_WEIGHT = 1.41  # BS.1770-5 Annex 1 Table 3, Annex 3 Table 4
_SIDE_LABELS = frozenset({"Ls", "Rs", "Lss", "Rss"})


def channel_weights(labels: Sequence[str]) -> Energies:
    """Weight G of each channel by its SMPTE ST 2067-8 label (BS.1770-5 Annex 1 Table 3 and Annex 3 Table 4)."""
    return np.array([_weight(label) for label in labels], dtype=np.float64)


def _weight(label: str) -> float:
    if label.startswith("LFE"):
        return 0.0
    return _SIDE_WEIGHT if label in _SIDE_LABELS else 1.0


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Measure one channel group; a group without a single sample was not measured and gives no facts."""
    if signal.sample_count == 0:
        return Reading(facts={})
    silent = {"loudness.is_silent": is_silent(signal)}
    if "" in signal.labels:
        return Reading(facts=_peaks(signal) | silent)
    momentary_powers, short_term_powers = (_window_powers(signal, rows) for rows in (_BLOCK_ROWS, SHORT_TERM_ROWS))
    momentary, short_term = _loudness(momentary_powers), _loudness(short_term_powers)
    facts: dict[str, object] = {
        "loudness.integrated_lufs": _integrated(momentary_powers[::STEP_ROWS]),
        "loudness.range_lu": _range(short_term_powers[::STEP_ROWS]),
        **_maximum(signal, "momentary", momentary),
        **_maximum(signal, "short_term", short_term),
        **_peaks(signal),
        **silent,
    }
    curves = (_curve("momentary_loudness", momentary), _curve("short_term_loudness", short_term))
    return Reading(facts=facts, curves=curves)


def is_silent(signal: SoundSignal) -> bool:
    """Whether no 400 ms of the group, low-frequency effects included, is louder than -70 LUFS; of an item shorter than
    that, whether the whole of it is not."""
    weights = np.array([_weight(label) or 1.0 for label in signal.labels])
    powers = _window_powers(signal, _BLOCK_ROWS, weights)
    if not len(powers):
        powers = np.array([(signal.k_energy @ weights).sum() / signal.sample_count])
    if not bool((_loudness(powers) > _ABSOLUTE_GATE_LUFS).any()):
        return True
    _, about_mean = mean_and_power(signal)
    return not bool((_loudness(about_mean @ weights) > _ABSOLUTE_GATE_LUFS - _WEIGHTING_LU).any())


def _window_powers(signal: SoundSignal, length: int, weights: Energies | None = None) -> Energies:
    """Weighted mean square of every window of `length` whole rows, one window a row: float64 (windows,). The weights
    are those of BS.1770-5 unless given."""
    edges = row_edges(signal.sample_count, signal.sample_rate_hz)
    whole = signal.sample_count * ROWS_PER_SECOND // signal.sample_rate_hz
    if whole < length:
        return np.zeros(0)
    rows = signal.k_energy[:whole] @ (channel_weights(signal.labels) if weights is None else weights)
    samples = edges[length : whole + 1] - edges[: whole + 1 - length]
    powers: Energies = window_sums(rows, length) / samples
    return powers


def window_sums(rows: Energies, length: int) -> Energies:
    """Sum of each `length` successive rows, by doubling: a running sum would leave a residue of loud rows."""
    count = len(rows) - length + 1
    total, start, doubled, size = np.zeros(count), 0, rows, 1
    while size <= length:
        if length & size:
            total += doubled[start : start + count]
            start += size
        doubled = doubled[:-size] + doubled[size:] if len(doubled) > size else doubled[:0]
        size *= 2
    return total


def _loudness(powers: Energies) -> Energies:
    """Loudness in LUFS of weighted powers; -inf where there is no power."""
    with np.errstate(divide="ignore"):
        return np.asarray(OFFSET_LUFS + 10.0 * np.log10(powers))


def _integrated(blocks: Energies) -> float | None:
    kept = blocks[_loudness(blocks) > _ABSOLUTE_GATE_LUFS]
    if not len(kept):
        return None
    threshold = float(_loudness(kept.mean())) + _RELATIVE_GATE_LU
    return float(_loudness(kept[_loudness(kept) > threshold].mean()))


def _range(windows: Energies) -> float | None:
    ends = range_ends(windows)
    return None if ends is None else ends[1] - ends[0]


def range_ends(windows: Energies, *, gate_lu: float = _RANGE_GATE_LU) -> tuple[float, float] | None:
    """The 10th and the 95th percentile, in LUFS, of the short-term loudness of `windows` (Tech 3342 §3.1): weighted
    powers ten times a second, gated at -70 LUFS and at `gate_lu` from their mean. None where none is loud enough."""
    kept = windows[_loudness(windows) >= _ABSOLUTE_GATE_LUFS]
    if not len(kept):
        return None
    threshold = float(_loudness(kept.mean())) + gate_lu
    levels = np.sort(_loudness(kept)[_loudness(kept) >= threshold])
    low, high = (levels[int((len(levels) - 1) * percent / 100.0 + 0.5)] for percent in _RANGE_PERCENTILES)
    return float(low), float(high)


def _start_s(signal: SoundSignal, row: int) -> float:
    return (
        float(signal.offset_s)
        + float(row_edges(signal.sample_count, signal.sample_rate_hz)[row]) / signal.sample_rate_hz
    )


def _maximum(signal: SoundSignal, name: str, levels: Energies) -> dict[str, float | None]:
    value, at = f"loudness.max_{name}_lufs", f"loudness.max_{name}_at_s"
    if not len(levels) or np.isneginf(levels.max()):
        return {value: None, at: None}
    row = int(levels.argmax())
    return {value: float(levels[row]), at: _start_s(signal, row)}


def _peaks(signal: SoundSignal) -> dict[str, float | str | None]:
    row, channel = np.unravel_index(signal.true_peak.argmax(), signal.true_peak.shape)
    true_peak, sample_peak = float(signal.true_peak[row, channel]), float(signal.sample_peak.max())
    return {
        "loudness.max_true_peak_dbtp": 20.0 * np.log10(true_peak) if true_peak else None,
        "loudness.max_true_peak_at_s": _start_s(signal, int(row)) if true_peak else None,
        "loudness.max_true_peak_channel": (signal.labels[channel] or None) if true_peak else None,
        "loudness.max_sample_peak_dbfs": 20.0 * np.log10(sample_peak) if sample_peak else None,
    }


def _curve(name: str, levels: Energies) -> Curve:
    """The loudest of the windows that start in each 100 ms, at the start of the window."""
    padded = np.full(-(-len(levels) // STEP_ROWS) * STEP_ROWS, -np.inf)
    padded[: len(levels)] = levels
    values = padded.reshape(-1, STEP_ROWS).max(axis=1)
    return Curve(
        name=name,
        unit="LUFS",
        step_s=STEP_ROWS / ROWS_PER_SECOND,
        values=np.where(np.isneginf(values), np.nan, values),
    )


def _fact(
    name: str, meaning: str, unit: str | None, null_means: str, *, step: float = 0.01, kind: Kind = Kind.NUMBER
) -> Fact:
    return Fact(
        name=f"sound.groups[].loudness.{name}",
        kind=kind,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=("meter:loudness",),
        unit=unit,
        resolution=step if kind is Kind.NUMBER else None,
        null_means=null_means,
    )


_GATED = "no block of {} is louder than -70 LUFS, or the item is shorter than one"
_UNGATED = "digital silence, or shorter than {}"
_SILENT = "digital silence"
_AFTER = "start of the {} in which it stands, after the first frame or sample"

METER = Meter(
    name="loudness",
    version=3,
    reads=Reads.GROUP,
    facts=(
        _fact("integrated_lufs", "gated programme loudness (ITU-R BS.1770-5)", "LUFS", _GATED.format("400 ms")),
        _fact("max_momentary_lufs", "loudest 400 ms (EBU Tech 3341)", "LUFS", _UNGATED.format("400 ms")),
        _fact("max_momentary_at_s", _AFTER.format("400 ms"), "s", _UNGATED.format("400 ms"), step=1e-6),
        _fact("max_short_term_lufs", "loudest 3 s (EBU Tech 3341)", "LUFS", _UNGATED.format("3 s")),
        _fact("max_short_term_at_s", _AFTER.format("3 s"), "s", _UNGATED.format("3 s"), step=1e-6),
        _fact("range_lu", "loudness range (EBU Tech 3342)", "LU", _GATED.format("3 s")),
        _fact("max_true_peak_dbtp", "highest true peak of all channels (ITU-R BS.1770-5 Annex 2)", "dBTP", _SILENT),
        _fact("max_true_peak_at_s", _AFTER.format("10 ms"), "s", _SILENT, step=1e-6),
        _fact(
            "max_true_peak_channel",
            "label of its channel",
            None,
            f"{_SILENT}, or the channel has no label",
            kind=Kind.STRING,
        ),
        _fact("max_sample_peak_dbfs", "highest absolute sample of all channels", "dBFS", _SILENT),
        Fact(
            name="sound.groups[].loudness.is_silent",
            kind=Kind.BOOLEAN,
            layer=Layer.BASEBAND,
            meaning="no 400 ms of the mix, low-frequency effects included, is louder than -70 LUFS",
            given_by=("meter:loudness",),
        ),
    ),
    measure=measure,
)

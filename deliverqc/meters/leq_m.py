"""Leq(m): how loud and annoying a mix is in a cinema; knows nothing of limits, and never answers for programme
loudness.

The mean square of the M-weighted sound (ISO 21727:2016, Table 1) of each channel, brought to the sound pressure that
the channel has in a room at the recommended replay level, summed over all channels, low-frequency effects included, and
told in dB over 20 micropascals (4.2.1 and 4.2.2). Nothing is gated.

The reference level is a tone at -20 dB of full scale (3.1): a sine whose peaks are at -20 dBFS plays at the level of
its channel. A sine of 2 kHz, which M-weighting leaves as it is, reads 85 dB from a screen channel.

Settings:

- `screen_db`, 85 by default, `surround_db`, 82, and `lfe_db`, 95: level of the reference in the room, of a screen
  channel (left, centre, right, those between them, and mono), of any other, and of low-frequency effects: the typical
  calibration of ISO 21727:2016 Table 2. Some meters give low-frequency effects no 10 dB: then `lfe_db` is 85
- `span`, "whole" by default: the entire recording (ISO 21727:2016, 1); "audible": from the first to the last 10 ms
  whose sample peak reaches `audible_min_dbfs`, as trailers are measured
- `audible_min_dbfs`, -60 by default: house choice, as no source says what is audible

It was checked against tones and the table of the standard; no test material of the standard is published. A sync pop
before the programme counts as sound. A group whose channels have no known places gives no fact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.meters.model import Curve, Meter, Reading, Reads, Setting, Settings
from deliverqc.signals.tables import ROWS_PER_SECOND, SoundSignal, row_edges

_SCREEN = frozenset({"L", "C", "R", "Lc", "Rc", "Lt", "Rt", "M"})

_REFERENCE_DB = -20.0 + 10.0 * np.log10(0.5)
"""Mean square of a sine whose peaks are at -20 dBFS."""


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Measure one channel group; one without a single sample, or with a channel of unknown place, gives no facts."""
    if signal.sample_count == 0 or "" in signal.labels:
        return Reading(facts={})
    edges = row_edges(signal.sample_count, signal.sample_rate_hz)
    power = signal.extended["m_weighting.energy"].astype(np.float64) @ _gains(signal.labels, settings)
    first, end = _span(signal, settings)
    return Reading(
        facts={"loudness.leq_m_db": _level(power[first:end].sum(), edges[end] - edges[first])},
        curves=(_curve(power, edges),),
    )


def _gains(labels: tuple[str, ...], settings: Settings) -> NDArray[np.float64]:
    """From mean square to squared sound pressure in units of (20 micropascals) squared, for each channel."""
    levels = [float(settings[_kind(label)]) - _REFERENCE_DB for label in labels]
    return np.asarray(10.0 ** (np.array(levels) / 10.0))


def _kind(label: str) -> str:
    if label.startswith("LFE"):
        return "lfe_db"
    return "screen_db" if label in _SCREEN else "surround_db"


def _span(signal: SoundSignal, settings: Settings) -> tuple[int, int]:
    """First row and end of what is measured; nothing where nothing is audible."""
    if settings["span"] == "whole":
        return 0, signal.row_count
    limit = np.float32(10.0 ** (float(settings["audible_min_dbfs"]) / 20.0))
    audible = np.flatnonzero(signal.sample_peak.max(axis=1) >= limit)
    return (int(audible[0]), int(audible[-1]) + 1) if len(audible) else (0, 0)


def _level(energy: float, samples: int) -> float | None:
    return float(10.0 * np.log10(energy / samples)) if energy > 0.0 else None


def _curve(power: NDArray[np.float64], edges: NDArray[np.int64]) -> Curve:
    """The level of each second; NaN in digital silence."""
    starts = np.arange(0, len(power), ROWS_PER_SECOND)
    samples = np.diff(np.append(edges[starts], edges[-1]))
    with np.errstate(divide="ignore"):
        levels = 10.0 * np.log10(np.add.reduceat(power, starts) / samples)
    return Curve(name="leq_m", unit="dB", step_s=1.0, values=np.where(np.isneginf(levels), np.nan, levels))


def _setting(name: str, default: float, meaning: str, unit: str, low: float, high: float) -> Setting:
    return Setting(name=name, default=default, unit=unit, meaning=meaning, minimum=low, maximum=high)


METER = Meter(
    name="leq_m",
    version=1,
    reads=Reads.GROUP,
    extension="m_weighting",
    facts=(
        Fact(
            name="sound.groups[].loudness.leq_m_db",
            kind=Kind.NUMBER,
            layer=Layer.BASEBAND,
            meaning="Leq(m), M-weighted level in a cinema at the recommended replay level (ISO 21727:2016)",
            given_by=("meter:leq_m",),
            unit="dB",
            resolution=0.01,
            null_means="digital silence, or nothing is audible",
        ),
    ),
    settings=(
        _setting("screen_db", 85.0, "level of a screen channel at the reference level", "dB", 60.0, 110.0),
        _setting("surround_db", 82.0, "level of a surround channel at the reference level", "dB", 60.0, 110.0),
        _setting("lfe_db", 95.0, "level of low-frequency effects at the reference level", "dB", 60.0, 110.0),
        Setting(
            name="span",
            default="whole",
            unit=None,
            meaning="what is measured: the whole group, or from its first to its last audible sound",
            choices=("whole", "audible"),
        ),
        _setting("audible_min_dbfs", -60.0, "sample peak from which a sound is audible", "dBFS", -144.0, 0.0),
    ),
    measure=measure,
)

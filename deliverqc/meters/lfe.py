"""LFE: how far up the low-frequency effects reach; knows no filter and no limit.

The bandwidth of the LFE channel is the frequency below which 99.9 % of its energy is, from 10 Hz up, in the stretch of
10 s where that is highest. Stretches begin every second. Those below -70 dBFS (RMS) do not count, nor those more than
40 dB below the loudest: what is left of speech behind a steep low-pass is no fault. Of several LFE channels the one
that reaches up furthest counts. Of sound shorter than 10 s the whole is one stretch. Seconds with line-up tone or a
2-pop, as the meter `tone` finds them in the channel, are left out.

No document says how the bandwidth is measured: share, stretch and gates are a house choice. White noise behind a
Butterworth low-pass of 24 dB an octave at 120 Hz reads 249 Hz, pink noise 206 Hz; behind 12 dB an octave 850 and
415 Hz. Music, voices and effects that were not filtered read several kHz. The bandwidth is right within 5 %.

The last second is left out where it is not complete, and sound shorter than a second gives no facts. It has no
settings. It does not see a low-pass in itself: sound that has no high frequencies passes for filtered. What is more
than 30 dB below the rest of its stretch is not seen. A group whose channels have no known places gives no facts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.meters import tone
from deliverqc.meters.model import Meter, Reading, Reads, Settings
from deliverqc.signals.on_demand.spectrum import BAND_COUNT, EDGES_HZ
from deliverqc.signals.tables import ROWS_PER_SECOND, SoundSignal

_SHARE_ABOVE = 0.001
_STRETCH_S = 10
_FLOOR_DBFS = -70.0
_GATE_DB = 40.0

_GIVEN_BY = ("meter:lfe",)
_NULL = "the mix has no LFE channel, or nothing but line-up tone in it is louder than -70 dBFS"

Doubles = NDArray[np.float64]


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Measure the LFE channels of one group; no facts where channels have no known place or a second is not there."""
    seconds = signal.sample_count // signal.sample_rate_hz
    if "" in signal.labels or not seconds:
        return Reading(facts={})
    channels = [number for number, label in enumerate(signal.labels) if label.startswith("LFE")]
    found = [one for number in channels if (one := _bandwidth(signal, number, seconds)) is not None]
    if not found:
        return Reading(facts={"lfe.bandwidth_hz": None, "lfe.bandwidth_at_s": None})
    bandwidth_hz, second = max(found)
    start_s = float(signal.offset_s) + signal.first_sample / signal.sample_rate_hz
    return Reading(facts={"lfe.bandwidth_hz": bandwidth_hz, "lfe.bandwidth_at_s": start_s + second})


def _bandwidth(signal: SoundSignal, channel: int, seconds: int) -> tuple[float, int] | None:
    """The highest bandwidth of a channel in Hz, and the second at which its stretch begins; None where it is silent."""
    rows = signal.extended["spectrum.energy"][: seconds * ROWS_PER_SECOND, channel]
    bands = rows.reshape(seconds, BAND_COUNT)[:, 1:].astype(np.float64)
    length = min(_STRETCH_S, seconds)
    bands[_line_up(signal, channel, seconds)] = 0.0
    stretches = np.lib.stride_tricks.sliding_window_view(bands, length, axis=0).sum(axis=2)
    with np.errstate(divide="ignore"):
        levels = 10.0 * np.log10(stretches.sum(axis=1) / (length * signal.sample_rate_hz))
    heard = np.flatnonzero(levels > max(_FLOOR_DBFS, levels.max() - _GATE_DB))
    if not len(heard):
        return None
    edges_hz = np.minimum(EDGES_HZ[1:], signal.sample_rate_hz / 2.0)
    found = [_edge(stretches[second], edges_hz) for second in heard]
    return max(found), int(heard[int(np.argmax(found))])


def _line_up(signal: SoundSignal, channel: int, seconds: int) -> NDArray[np.bool_]:
    """Seconds whose spectrum holds a tone or a pop of the channel, which may begin in the second before."""
    is_line_up = np.zeros(seconds, dtype=np.bool_)
    facts = tone.METER.measure(signal, tone.METER.resolve({})).facts
    for span in (*facts["tone.spans"], *facts["tone.pops"]):
        if span.channel == signal.channel_name(channel):
            is_line_up[span.start // signal.sample_rate_hz : (span.end - 1) // signal.sample_rate_hz + 2] = True
    return is_line_up


def _edge(energy: Doubles, edges_hz: Doubles) -> float:
    """The frequency in Hz above which that share of the energy is, of bands between `edges_hz`."""
    sought = energy.sum() * _SHARE_ABOVE
    from_top = np.cumsum(energy[::-1])[::-1]
    band = int(np.flatnonzero(from_top >= sought)[-1])
    above = from_top[band + 1] if band + 1 < len(energy) else 0.0
    low, high = edges_hz[band], edges_hz[band + 1]
    return float(high * (low / high) ** ((sought - above) / energy[band]))


def _fact(name: str, meaning: str, unit: str, resolution: float) -> Fact:
    return Fact(
        name=f"sound.groups[].lfe.{name}",
        kind=Kind.NUMBER,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit=unit,
        resolution=resolution,
        null_means=_NULL,
    )


METER = Meter(
    name="lfe",
    version=1,
    reads=Reads.GROUP,
    extension="spectrum",
    facts=(
        _fact(
            "bandwidth_hz",
            "frequency below which 99.9 % of the energy of the LFE channel is, in the 10 s where it is highest",
            "Hz",
            0.1,
        ),
        _fact("bandwidth_at_s", "start of those 10 s, after the first frame or sample", "s", 1e-6),
    ),
    measure=measure,
)

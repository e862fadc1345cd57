"""Channel order: whether low-frequency effects are heard where 5.1 has them; knows nothing of which order is demanded.

In SMPTE ST 2035 order, L R C LFE Ls Rs, low-frequency effects stand fourth; in film order, L C R Ls Rs LFE, they stand
sixth. Headers cannot tell a mix in film order that is labelled, or taken by position, as SMPTE: this is heard. Counted
are the 10 ms rows of a channel whose level (RMS of a full-scale square wave is 0) is at least `level_min_dbfs`. From
their energy and the product of each sample with the next one follows the RMS frequency of the channel, which is the
root of the mean of f2, weighted with the energy at f: the cosine of a sine's step from sample to sample is that
product over its energy. A constant offset is taken out. A channel that is counted for at least `heard_min_s` is
low-band where its RMS frequency is at most `low_max_hz`, and full-band where it is at least `full_min_hz`.

`sound.groups[].channel_order_suspected` is "smpte" where the fourth channel of the group is the only low-band one of
the six and the sixth is full-band, "film" where it is the other way round, and null everywhere else. Channels are
counted as the group takes them: by their labels, or by their position where they have none.

Settings:

- `level_min_dbfs`, -60 by default: house choice; quieter rows have the frequency of their noise
- `heard_min_s`, 1 by default: house choice, as one effect of a second tells enough
- `low_max_hz`, 200 by default: house choice; effects end at 120 Hz (ITU-R BS.775-4, Annex 7), and what a filter leaves
  above counts with the square of its frequency
- `full_min_hz`, 300 by default: house choice; even deep voices without sibilants lie above

It does not see the order where the effects, or the channel at the other place, are silent, or where a second channel
has nothing but low frequencies. It cannot tell left from right, nor a centre from either: film order is suspected by
its effects alone, so that L R Ls Rs C LFE reads as film too. Effects without a low-pass hide their place, and a fourth
channel with an ambience without low frequencies beside a sixth with rumble alone would be taken for film.
"""

from __future__ import annotations

import numpy as np

from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.facts.vocabulary import SOUND_LAYOUT
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.signals.tables import SoundSignal, row_edges

ORDERS = ("smpte", "film")

_LABELS = SOUND_LAYOUT["5.1"]
_EFFECTS_OF_SMPTE = 3
_EFFECTS_OF_FILM = 5


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Tell the order of one group; a group without a single sample gives no facts."""
    if signal.sample_count == 0:
        return Reading(facts={})
    order = _order(signal, settings) if signal.labels == _LABELS else None
    return Reading(facts={"channel_order_suspected": order})


def _order(signal: SoundSignal, settings: Settings) -> str | None:
    frequencies = [_rms_frequency_hz(signal, channel, settings) for channel in range(len(_LABELS))]
    low = [channel for channel, frequency in enumerate(frequencies) if frequency <= settings["low_max_hz"]]
    for order, place, other in (
        ("smpte", _EFFECTS_OF_SMPTE, _EFFECTS_OF_FILM),
        ("film", _EFFECTS_OF_FILM, _EFFECTS_OF_SMPTE),
    ):
        if low == [place] and frequencies[other] >= settings["full_min_hz"]:
            return order
    return None


def _rms_frequency_hz(signal: SoundSignal, channel: int, settings: Settings) -> float:
    """RMS frequency of what is heard of a channel; NaN, which is neither low nor high, where that is too little."""
    samples = np.diff(row_edges(signal.sample_count, signal.sample_rate_hz))
    energy = signal.energy[:, channel].astype(np.float64)
    is_heard = energy >= samples * 10.0 ** (float(settings["level_min_dbfs"]) / 10.0)
    heard = int(samples[is_heard].sum())
    if heard < float(settings["heard_min_s"]) * signal.sample_rate_hz:
        return float("nan")
    constant = (signal.total[is_heard, channel].sum(dtype=np.float64) / heard) ** 2
    varying = energy[is_heard].sum() - heard * constant
    if varying <= heard * 10.0 ** (float(settings["level_min_dbfs"]) / 10.0):
        return float("nan")
    pairs = heard - int(is_heard[-1])  # the last sample has none after it
    cosine = (signal.next_product[is_heard, channel].sum(dtype=np.float64) - pairs * constant) / varying
    step = np.sqrt(2.0 * (1.0 - min(cosine, 1.0)))
    return float(step * signal.sample_rate_hz / (2.0 * np.pi))


METER = Meter(
    name="channel_order",
    version=1,
    reads=Reads.GROUP,
    measure=measure,
    facts=(
        Fact(
            name="sound.groups[].channel_order_suspected",
            kind=Kind.STRING,
            layer=Layer.BASEBAND,
            meaning="order of 5.1 in which the channels seem to stand, by where low-frequency effects are heard: "
            "fourth (smpte) or last (film)",
            given_by=("meter:channel_order",),
            null_means="the group is not 5.1, or what is heard does not tell",
            vocabulary=ORDERS,
        ),
    ),
    settings=(
        Setting(
            name="level_min_dbfs",
            default=-60.0,
            unit="dBFS",
            meaning="lowest level (RMS of a full-scale square wave is 0) of 10 ms that count",
            minimum=-120.0,
            maximum=0.0,
        ),
        Setting(
            name="heard_min_s",
            default=1.0,
            unit="s",
            meaning="how long a channel must be counted to be told",
            minimum=0.1,
            maximum=3600.0,
        ),
        Setting(
            name="low_max_hz",
            default=200.0,
            unit="Hz",
            meaning="highest RMS frequency of a channel with low frequencies only",
            minimum=20.0,
            maximum=1000.0,
        ),
        Setting(
            name="full_min_hz",
            default=300.0,
            unit="Hz",
            meaning="lowest RMS frequency of a full-band channel",
            minimum=20.0,
            maximum=20_000.0,
        ),
    ),
)

"""Dialogue loudness: the loudness of a mix while somebody speaks; knows nothing of targets, and never answers for
programme loudness nor is answered for by it.

What it measures, on the channels of one group:

- dialogue loudness: the K-weighted energy of all channels, weighted as ITU-R BS.1770-5 Annex 1 weights them (low
  frequency effects count nothing), over the time in which there is speech, without any other gate: BS.1770-1, the
  edition that dialogue-gated specifications name, has none. Music and effects under the speech count, as what is
  anchored is the mix
- the share of the group's time that is speech, from 0 to 1
- programme loudness (BS.1770-5, gated) less dialogue loudness, which EBU Tech 3343 §9.4.2 asks of cinematic content
- dialogue range: the loudness range of EBU Tech 3342 §3.1, of the speech alone. The time without speech is cut out,
  what is left is joined, and the short-term loudness of that (3 s, ten times a second) is gated and ranked as the
  standard has it. No document that we read says how the range of dialogue is measured: the cutting is a house choice
- dialogue deviation: how far dialogue is from its own loudness. The distance from dialogue loudness to the 10th or to
  the 95th percentile of the same short-term loudness, whichever is larger. It is gated at -70 LUFS only, so that a
  whisper counts. The method is a house choice: no document says of which value it is, and the percentiles of Tech 3342
  keep single cries from deciding

When somebody speaks is an estimate, by the detector that `loudness.dialogue_estimator` names. Speech begins in a 10 ms
where its probability in any channel except low-frequency effects is at least `speech_min_probability`, and reaches as
far to both sides as the probability stays above `speech_min_probability` less 0.15; pauses shorter than
`pause_min_s` are speech, and speech shorter than `speech_min_s` is none. docs/dialogue.md tells how far the loudness is
from that over known speech; reckon with 0.5 LU.

Settings:

- `speech_min_probability`, 0.5 by default; `speech_min_s`, 0.25 by default; `pause_min_s`, 0.1 by default: what the
  detector's authors use. They are the same for every mix

It does not tell dialogue from other speech: a narrator, a crowd and many a singer are speech. It does not see
intelligibility. Dolby's Dialogue Intelligence, which some specifications name, is another detector: where a reading
stands within 0.5 LU of a bound, confirm it by that one. Range and deviation take in what sounds under the speech, and
mean little where there is less than a minute of it. A group whose channels have no known places has no loudness.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.model import Fact, Kind, Layer
from deliverqc.meters import loudness
from deliverqc.meters.model import Curve, Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.on_demand import estimators
from deliverqc.signals.tables import ROWS_PER_SECOND, SoundSignal, row_edges
from deliverqc.timebase import Span

Flags = NDArray[np.bool_]

_LEAVING = 0.15
"""How much lower the probability may fall before speech ends: what the detector's authors use."""

_CURVE_ROWS = ROWS_PER_SECOND // 10


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Measure one channel group; one without a single sample, or with a channel of unknown place, gives no facts."""
    if signal.sample_count == 0 or "" in signal.labels:
        return Reading(facts={})
    probability = _probability(signal)
    is_speech = speech(probability, settings)
    samples = np.diff(row_edges(signal.sample_count, signal.sample_rate_hz))
    dialogue = _loudness(signal, is_speech, samples)
    programme = loudness.measure(signal, {}).facts["loudness.integrated_lufs"]
    return Reading(
        facts={
            "loudness.dialogue_lkfs": dialogue,
            "loudness.dialogue_share": float(samples[is_speech].sum() / signal.sample_count),
            "loudness.to_dialogue_lu": None if dialogue is None or programme is None else programme - dialogue,
            "loudness.dialogue_estimator": estimators.SPEECH,
            **_spread(signal, is_speech, samples, dialogue),
        },
        curves=(_curve(probability),),
    )


def speech(probability: NDArray[np.float32], settings: Settings) -> Flags:
    """Whether there is speech in each row, from its probability in each row: bool (rows,)."""
    enter = np.float32(settings["speech_min_probability"])
    candidates = runs(probability >= enter - np.float32(_LEAVING))
    found = [span for span in candidates if probability[span.start : span.end].max() >= enter]
    joined: list[Span] = []
    for span in found:
        if joined and span.start - joined[-1].end < settings["pause_min_s"] * ROWS_PER_SECOND:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    is_speech = np.zeros(len(probability), dtype=np.bool_)
    for span in joined:
        is_speech[span.start : span.end] = span.end - span.start >= settings["speech_min_s"] * ROWS_PER_SECOND
    return is_speech


def _probability(signal: SoundSignal) -> NDArray[np.float32]:
    """The highest probability of all channels that may hold dialogue, by row."""
    heard = [channel for channel, label in enumerate(signal.labels) if not label.startswith("LFE")]
    by_channel = signal.extended["speech.probability"][:, heard].astype(np.float32)
    return np.asarray(by_channel.max(axis=1, initial=0.0))


def _loudness(signal: SoundSignal, is_speech: Flags, samples: NDArray[np.int64]) -> float | None:
    """Loudness over the speech in LKFS; None where there is none, or where it has no energy."""
    energy = signal.k_energy[is_speech].sum(axis=0) @ loudness.channel_weights(signal.labels)
    if energy == 0.0:
        return None
    return float(loudness.OFFSET_LUFS + 10.0 * np.log10(energy / samples[is_speech].sum()))


def _spread(
    signal: SoundSignal, is_speech: Flags, samples: NDArray[np.int64], dialogue: float | None
) -> dict[str, float | None]:
    """Range and deviation of the speech; None where it does not last 3 s, or is not louder than -70 LUFS."""
    weights = loudness.channel_weights(signal.labels)
    length = samples[is_speech].astype(np.float64)
    ends = ungated = None
    if len(length) >= loudness.SHORT_TERM_ROWS:
        energy, size = (
            loudness.window_sums(rows, loudness.SHORT_TERM_ROWS)
            for rows in (signal.k_energy[is_speech] @ weights, length)
        )
        windows = (energy / size)[:: loudness.STEP_ROWS]
        ends, ungated = loudness.range_ends(windows), loudness.range_ends(windows, gate_lu=-np.inf)
    deviation = None
    if ungated is not None and dialogue is not None:
        deviation = max(abs(end - dialogue) for end in ungated)
    return {
        "loudness.dialogue_range_lu": None if ends is None else ends[1] - ends[0],
        "loudness.dialogue_deviation_lu": deviation,
    }


def _curve(probability: NDArray[np.float32]) -> Curve:
    """The highest probability in each 100 ms."""
    padded = np.zeros(-(-len(probability) // _CURVE_ROWS) * _CURVE_ROWS, dtype=np.float32)
    padded[: len(probability)] = probability
    return Curve(
        name="speech_probability",
        unit="%",
        step_s=_CURVE_ROWS / ROWS_PER_SECOND,
        values=100.0 * padded.reshape(-1, _CURVE_ROWS).max(axis=1),
    )


def _fact(
    name: str, meaning: str, *, unit: str | None = None, step: float | None = None, null: str | None = None
) -> Fact:
    return Fact(
        name=f"sound.groups[].loudness.{name}",
        kind=Kind.STRING if step is None else Kind.NUMBER,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=("meter:dialogue",),
        unit=unit,
        resolution=step,
        null_means=null,
    )


_NO_SPEECH = "no speech was found"
_NO_SPREAD = "speech was found for less than 3 s, or is not louder than -70 LUFS"

METER = Meter(
    name="dialogue",
    version=2,
    reads=Reads.GROUP,
    extension="speech",
    facts=(
        _fact(
            "dialogue_lkfs",
            "loudness while there is speech (ITU-R BS.1770-1, no gate but speech); an estimate: docs/dialogue.md",
            unit="LKFS",
            step=0.01,
            null=_NO_SPEECH,
        ),
        _fact("dialogue_share", "share of the time that is speech, from 0 to 1; an estimate", step=1e-4),
        _fact(
            "to_dialogue_lu",
            "programme loudness less dialogue loudness (EBU Tech 3343 §9.4.2); an estimate",
            unit="LU",
            step=0.01,
            null=f"{_NO_SPEECH}, or the programme has no loudness",
        ),
        _fact(
            "dialogue_range_lu",
            "loudness range of the speech alone (EBU Tech 3342 over the joined speech, a house method); an estimate",
            unit="LU",
            step=0.01,
            null=_NO_SPREAD,
        ),
        _fact(
            "dialogue_deviation_lu",
            "largest distance from dialogue loudness to the 10th or the 95th percentile of its short-term loudness, a "
            "house method; an estimate",
            unit="LU",
            step=0.01,
            null=_NO_SPREAD,
        ),
        _fact("dialogue_estimator", "detector that told speech from the rest"),
    ),
    settings=(
        Setting(
            name="speech_min_probability",
            default=0.5,
            unit=None,
            meaning="probability from which speech begins",
            minimum=0.2,
            maximum=0.99,
        ),
        Setting(
            name="speech_min_s",
            default=0.25,
            unit="s",
            meaning="shortest speech that counts",
            minimum=0.0,
            maximum=5.0,
        ),
        Setting(
            name="pause_min_s",
            default=0.1,
            unit="s",
            meaning="shortest pause that is no speech",
            minimum=0.0,
            maximum=5.0,
        ),
    ),
    measure=measure,
)

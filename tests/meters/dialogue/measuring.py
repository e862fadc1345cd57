"""Lays voices over music at known ratios, and measures dialogue beside what is known of it; asserts nothing.

`python -m tests.meters.dialogue.measuring` prints the table of errors of docs/dialogue.md.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deliverqc.meters import dialogue
from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.on_demand.speech import columns
from deliverqc.signals.tables import SoundSignal
from fixtures import voices

Samples = NDArray[np.float32]
STEREO = ("L", "R")
RATIOS_DB = (15.0, 10.0, 5.0, 0.0)

PIECES = ("manolo_camp-morning_coffee", "reno_project-system")
"""Of the recorded music, what is laid under the voices: a song for guitar and an electronic piece."""

_BELOW_LOUDEST_DB = 40.0
_SHORT_PAUSE_ROWS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Mix:
    """A stereo mix, (2, n). `true_lkfs` is its loudness over the true speech, `speech_lkfs` that of the speech alone
    there, and `true_share` the share of it that is speech."""

    samples: Samples
    true_lkfs: float
    speech_lkfs: float
    true_share: float


def signal(samples: Samples, *, labels: Sequence[str] = STEREO, rate_hz: int = voices.RATE_HZ) -> SoundSignal:
    """The table of one track with its column of speech, as a decode makes it."""
    reader = columns(rate_hz, len(samples))
    accumulator = SoundAccumulator(rate_hz, len(samples), reader.feed)
    accumulator.feed(samples)
    filled = accumulator.finish()
    return replace(
        filled,
        labels=tuple(labels),
        extended={f"speech.{name}": column for name, column in reader.finish(len(filled.energy)).items()},
    )


def facts(samples: Samples, *, labels: Sequence[str] = STEREO, **settings: float) -> Mapping[str, Any]:
    """Facts of the meter without their `loudness.`"""
    reading = dialogue.METER.measure(signal(samples, labels=labels), dialogue.METER.resolve(settings))
    return {name.removeprefix("loudness."): value for name, value in reading.facts.items()}


def mix(voice: Samples, bed: Samples, ratio_db: float) -> Mix:
    """The voice alike in left and right, over a bed (2, n) that is `ratio_db` less loud while there is speech."""
    count = len(voice) // 480 * 480
    voice, bed = voice[:count], bed[:, :count]
    alone = 2.0 * _k_energy(voice[None])
    is_speech = true_speech(alone)
    gain = np.sqrt(alone[is_speech].sum() / _k_energy(bed)[is_speech].sum() / 10.0 ** (ratio_db / 10.0))
    samples = (voice + gain * bed).astype(np.float32)
    return Mix(
        samples=samples,
        true_lkfs=_lkfs(_k_energy(samples), is_speech),
        speech_lkfs=_lkfs(alone, is_speech),
        true_share=float(is_speech.mean()),
    )


def true_speech(alone: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where there is speech, from the K-weighted energy of the voice alone by row: at most 40 dB below its loudest
    10 ms, with pauses inside a phrase, which are shorter than 0.3 s."""
    is_speech = alone > alone.max() * 10.0 ** (-_BELOW_LOUDEST_DB / 10.0)
    at = np.flatnonzero(is_speech)
    for before, after in itertools.pairwise(at):
        if after - before <= _SHORT_PAUSE_ROWS:
            is_speech[before:after] = True
    return is_speech


def _k_energy(samples: Samples) -> NDArray[np.float64]:
    accumulator = SoundAccumulator(voices.RATE_HZ, len(samples))
    accumulator.feed(samples)
    return np.asarray(accumulator.finish().k_energy.sum(axis=1))


def _lkfs(energy: NDArray[np.float64], is_speech: NDArray[np.bool_]) -> float:
    return float(-0.691 + 10.0 * np.log10(energy[is_speech].sum() / (is_speech.sum() * 480)))


def beds(seconds: float) -> dict[str, Samples]:
    """What is laid under the voices: made music and effects, and recorded music where there is any."""
    found = {"made": voices.music_and_effects(seconds)}
    for name, piece in voices.recorded_music().items():
        if name in PIECES:
            looped = np.resize(piece, round(seconds * voices.RATE_HZ))
            found[name] = np.array([looped, np.roll(looped, voices.RATE_HZ)])
    return found


def main() -> None:
    """Print the errors of every voice over every bed at every ratio."""
    lines = ["| voice | under it | " + " | ".join(f"{ratio:.0f} dB" for ratio in RATIOS_DB) + " |"]
    lines += ["|---|---|" + "---|" * len(RATIOS_DB)]
    with tempfile.TemporaryDirectory() as folder:
        for name in voices.VOICES:
            voice = voices.speech(voices.phrases(name, Path(folder)))
            for under, bed in beds(len(voice) / voices.RATE_HZ).items():
                made = [mix(voice, bed, ratio) for ratio in RATIOS_DB]
                errors = [facts(one.samples)["dialogue_lkfs"] - one.true_lkfs for one in made]
                lines.append(f"| {name} | {under} | " + " | ".join(f"{error:+.2f}" for error in errors) + " |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

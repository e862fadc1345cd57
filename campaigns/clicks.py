"""Clicks and pops: impulses, jumps, lost and repeated samples, thumps and steps of known place in voices, music, noise
and tones are found or covered by what is around them, and sound without any has none.

`python -m campaigns.clicks [--seconds N] [--kind click|pop] [FILE...]` prints how many of each kind and size are found
in each bed, how many are found in beds without any, and what is found in the files. The truth is arithmetic: what is
planted.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from deliverqc.meters import clicks
from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.on_demand.impulses import columns
from deliverqc.signals.tables import SoundSignal
from deliverqc.timebase import Span

Doubles = NDArray[np.float64]
Places = NDArray[np.int64]
RATE_HZ = 48_000
_EVERY_S = 0.55
_NEAR_SAMPLES = 72
_POPS_EVERY_S = 2.3
_NEAR_POP_SAMPLES = 4_800


def table(samples: Doubles, rate_hz: int = RATE_HZ, portion: int = 0) -> SoundSignal:
    """The columns that the meter reads, of `samples` (channels, n) fed in portions."""
    reader = columns(rate_hz, len(samples))
    accumulator = SoundAccumulator(rate_hz, len(samples), reader.feed)
    step = portion or max(1, samples.shape[1])
    for start in range(0, samples.shape[1], step):
        accumulator.feed(samples[:, start : start + step])
    filled = accumulator.finish()
    extended = {f"impulses.{name}": column for name, column in reader.finish(filled.row_count).items()}
    return replace(filled, extended=extended)


def found(samples: Doubles, rate_hz: int = RATE_HZ, **settings: float) -> tuple[Span, ...]:
    """The clicks and pops of `samples`, (n,) or (channels, n)."""
    reading = clicks.METER.measure(table(np.atleast_2d(samples), rate_hz), clicks.METER.resolve(settings))
    spans: tuple[Span, ...] = reading.facts["clicks.spans"]
    return spans


def _ringing(count: int, decay_s: float) -> Doubles:
    return np.exp(-np.arange(count) / RATE_HZ / decay_s)


def _struck(seconds: float, seed: int, kind: str) -> Doubles:
    """Blows of a drum, hands, castanets or a gun, at random, over a background of -55 dBFS."""
    random = np.random.default_rng(seed)
    sound = pink(seconds, seed) * 10.0 ** (-55.0 / 20.0)
    count = 12_000
    time_s = np.arange(count) / RATE_HZ
    at = 0.2
    while at < seconds - 0.3:
        noise = random.standard_normal(count)
        blow = {
            "drum": 0.3 * noise * _ringing(count, 0.05)
            + 0.4 * np.sin(2 * np.pi * 190 * time_s) * _ringing(count, 0.04),
            "clap": 0.2 * noise * _ringing(count, 0.02),
            "castanet": 0.4 * np.sin(2 * np.pi * random.uniform(1500, 3500) * time_s) * _ringing(count, 0.005)
            + 0.05 * noise * _ringing(count, 0.008),
            "gun": 0.6 * noise * _ringing(count, 0.01) + 0.2 * noise * _ringing(count, 0.08),
            "bell": 0.3 * np.sin(2 * np.pi * random.uniform(300, 2000) * time_s) * np.minimum(1.0, time_s / 0.005),
        }[kind]
        blow[-480:] *= np.linspace(1.0, 0.0, 480)
        sound[int(at * RATE_HZ) : int(at * RATE_HZ) + count] += blow
        at += random.uniform(0.08, 0.5)
    return sound


def pink(seconds: float, seed: int = 1) -> Doubles:
    """Noise that falls by 3 dB an octave, RMS 1."""
    lines = np.fft.rfft(np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ)))
    lines[1:] /= np.sqrt(np.arange(1, len(lines)))
    lines[0] = 0.0
    sound = np.fft.irfft(lines)
    return np.asarray(sound / sound.std())


def _voice(seconds: float, seed: int) -> Doubles:
    """Pulses of a wandering pitch through three resonances, in syllables: what a vowel is made of."""
    random = np.random.default_rng(seed)
    count = round(seconds * RATE_HZ)
    time_s = np.arange(count) / RATE_HZ
    phase = np.cumsum(120.0 + 30.0 * np.sin(2 * np.pi * 0.7 * time_s) + random.normal(0.0, 2.0)) / RATE_HZ
    pulses = np.diff(np.floor(phase), prepend=0.0) + 0.01 * random.standard_normal(count)
    lines = np.fft.rfft(pulses)
    hertz = np.fft.rfftfreq(count, 1.0 / RATE_HZ)
    for centre, width in ((500.0, 80.0), (1500.0, 100.0), (2500.0, 150.0)):
        lines = lines / (1.0 + ((hertz - centre) / width) * 1j) + 0.03 * lines
    sound = np.fft.irfft(lines, count) * np.clip(np.sin(2 * np.pi * 3 * time_s) + 0.3, 0.0, None)
    return np.asarray(0.5 * sound / np.abs(sound).max() + pink(seconds, seed) * 10.0 ** (-65.0 / 20.0))


def beds(seconds: float) -> Iterator[tuple[str, Doubles]]:
    """Sound without clicks, by name."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    chord = 0.08 * np.sin(2 * np.pi * np.outer((220.0, 277.2, 329.6, 440.0), time_s)).sum(axis=0)
    yield "tone", np.asarray(0.1 * np.sin(2 * np.pi * 440.0 * time_s))
    yield "chord with noise", chord + 0.001 * pink(seconds)
    yield "voice", _voice(seconds, 3)
    yield "pink noise", 0.05 * pink(seconds)
    yield "white noise", 0.05 * np.random.default_rng(5).standard_normal(len(time_s))
    for kind in ("drum", "clap", "castanet", "gun", "bell"):
        yield kind, _struck(seconds, 4, kind)
    for hertz in (25.0, 110.0, 440.3):
        yield f"square wave {hertz:g} Hz", 0.3 * np.sign(np.sin(2 * np.pi * hertz * time_s))
        yield f"sawtooth {hertz:g} Hz", 0.3 * (2.0 * ((hertz * time_s) % 1.0) - 1.0)
    yield "clipped sine", np.clip(0.9 * np.sin(2 * np.pi * 100.0 * time_s), -0.5, 0.5)


def planted(bed: Doubles) -> Iterator[tuple[str, Doubles, Places]]:
    """The bed with each kind and size of click, and the places of the clicks."""
    places = (np.arange(_EVERY_S, len(bed) / RATE_HZ - 0.3, _EVERY_S) * RATE_HZ).astype(np.int64)
    for level in (-50, -40, -30, -20, -10):
        sound = bed.copy()
        sound[places] += 10.0 ** (level / 20.0)
        yield f"impulse {level} dBFS", sound, places
    for level in (-40, -30, -20):
        sound = bed.copy()
        for place in places:
            sound[place:] += 10.0 ** (level / 20.0) * _ringing(len(bed) - place, 0.03)
        yield f"jump {level} dBFS", sound, places
    for count in (1, 16, 480):
        lost = (places[:, None] + np.arange(count)).reshape(-1)
        yield f"{count} samples lost", np.delete(bed, lost), places - count * np.arange(len(places))
    sound = bed.copy()
    for place in places:
        sound[place : place + 64] = bed[place - 64 : place]
    yield "64 samples repeated", sound, places


def _half_sine(seconds: float) -> Doubles:
    return np.sin(np.pi * (np.arange(round(seconds * RATE_HZ)) + 0.5) / round(seconds * RATE_HZ))


def _plosive() -> Doubles:
    """A swing of 35 Hz that rises in 6 ms, rings for 20 ms, and is 1.0 high."""
    time_s = np.arange(round(0.08 * RATE_HZ)) / RATE_HZ
    rise = np.sin(0.5 * np.pi * np.minimum(1.0, time_s / 0.006)) ** 2
    swing = np.sin(2.0 * np.pi * 35.0 * time_s) * np.exp(-time_s / 0.02) * rise
    return np.asarray(swing / np.abs(swing).max())


def _faded_step() -> Doubles:
    """A step of the offset that fades in over 5 ms, as at an edit, and fades out over a second."""
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(240) / 240)
    return np.concatenate((rise, np.ones(RATE_HZ // 2), np.linspace(1.0, 0.0, RATE_HZ)))


def planted_pops(bed: Doubles) -> Iterator[tuple[str, Doubles, Places]]:
    """The bed with each kind and size of pop, and where each begins."""
    places = (np.arange(1.2, len(bed) / RATE_HZ - 1.6, _POPS_EVERY_S) * RATE_HZ).astype(np.int64)
    shapes = {
        "thump of 5 ms": _half_sine(0.005),
        "thump of 20 ms": _half_sine(0.02),
        "thump of 100 ms": _half_sine(0.1),
        "plosive": _plosive(),
        "step": _faded_step(),
    }
    for name, shape in shapes.items():
        for level in (-30, -20, -10):
            sound = bed.copy()
            for place in places:
                end = min(len(bed), int(place) + len(shape))
                sound[place:end] += 10.0 ** (level / 20.0) * shape[: end - place]
            yield f"{name} {level} dBFS", sound, places


def hits(sound: Doubles, places: Places, kind: str = clicks.CLICK) -> tuple[int, int]:
    """How many of `places` have a click (for pops: a pop or a click), and how many clicks and pops are elsewhere."""
    spans = found(sound)
    starts = np.array([span.start for span in spans], dtype=np.int64)
    is_pop = np.array([dict(span.members)["kind"] == clicks.POP for span in spans], dtype=np.bool_)
    reach = np.where(is_pop | (kind == clicks.POP), _NEAR_POP_SAMPLES, _NEAR_SAMPLES)
    near = np.abs(starts[:, None] - places[None, :]) <= reach[:, None]
    counts = ~is_pop | (kind == clicks.POP)
    return int(near[counts].any(axis=0).sum()), int((~near.any(axis=1)).sum())


def _read(path: Path) -> tuple[Doubles, int]:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp")
        parts = [part.to_ndarray() for frame in container.decode(stream) for part in resampler.resample(frame)]
        return np.concatenate(parts, axis=1).astype(np.float64), stream.rate


def results(seconds: float, kind: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Of each bed: what is found in it as it is, and of each sort of click or pop how many of how many, and how many
    else."""
    for name, bed in beds(seconds):
        row = {"nothing": str(len(found(bed)))}
        for sort, sound, places in planted(bed) if kind == clicks.CLICK else planted_pops(bed):
            hit, other = hits(sound, places, kind)
            row[sort] = f"{hit}/{len(places)}" + (f" +{other}" if other else "")
        yield name, row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--kind", choices=(clicks.CLICK, clicks.POP), default=clicks.CLICK)
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    if not options.files:
        for bed, row in results(options.seconds, options.kind):
            print(bed, *(f"{sort}: {value}" for sort, value in row.items()), sep=" | ", flush=True)
    for path in options.files:
        samples, rate_hz = _read(path)
        for span in found(samples, rate_hz):
            print(path, span.channel, span.start / rate_hz, *(f"{name} {value}" for name, value in span.members))


if __name__ == "__main__":
    main()

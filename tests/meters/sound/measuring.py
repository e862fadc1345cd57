"""Takes samples through the table, with its pairs, to one meter; asserts nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from deliverqc.facts.channel_pairs import left_right
from deliverqc.signals.audio.accumulator import SoundAccumulator
from deliverqc.signals.audio.pair_difference import PairReader
from deliverqc.signals.tables import SoundSignal
from tests.meters.loudness.measuring import STEREO, Samples


def signal_with_pairs(samples: Samples, *, labels: Sequence[str] = STEREO, rate_hz: int = 48_000) -> SoundSignal:
    """The table of one group, as a decode and the pipeline make it."""
    pairs = left_right(labels)
    reader = PairReader([((0, left), (0, right)) for left, right in pairs])
    accumulator = SoundAccumulator(rate_hz, len(samples), partial(reader.take, 0))
    accumulator.feed(samples)
    signal = replace(accumulator.finish(), labels=tuple(labels))
    rows = signal.row_count
    differences = np.zeros((rows, len(pairs)), dtype=np.float32)
    for position, pair in enumerate(reader.finish()):
        differences[:, position] = pair.difference_energy[:rows]
    return replace(signal, pairs=pairs, difference_energy=differences)


def read(
    meter: ModuleType,
    samples: Samples,
    *,
    labels: Sequence[str] = STEREO,
    rate_hz: int = 48_000,
    **settings: float | str,
) -> Mapping[str, Any]:
    """Facts of `meter`, without its name before them."""
    signal = signal_with_pairs(samples, labels=labels, rate_hz=rate_hz)
    facts = meter.METER.measure(signal, meter.METER.resolve(settings)).facts
    return {name.removeprefix(f"{meter.METER.name}."): value for name, value in facts.items()}

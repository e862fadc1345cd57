"""Phase of left against right: correlation, mono fold-down and identical channels; knows nothing of intended width.

The pair is L and R of the group (or Lt and Rt). With E the energy of a channel, unweighted, and D that of left less
right, the correlation is (El + Er - D) / (2 sqrt(El Er)): 1 for identical, 0 for unrelated, -1 for reversed channels.
It is told over the whole item, and lowest over windows of 3 s (the whole of a shorter item) that start every 10 ms and
in which both channels have a mean level of at least `level_min_dbfs`. Windows whose correlation is at most
`reversed_max_correlation` make reversed spans: every 10 ms of such a window belongs to one, so that an edge may stand
some 0.1 s to 1 s outside the reversal, and a reversal much shorter than 3 s is none.

The mono sum is the energy of left plus right against the sum of their energies, in dB: 3.01 for identical, 0 for
unrelated channels, and below that what a mono listener loses. It is told no lower than -40 dB, where the cancellation
is complete for any listener and the arithmetic of the table ends.

Every pair of the group that has left and right by its labels (L/R, Ls/Rs) is identical when D is at least
`identical_min_db` below the louder channel: two mono channels under stereo labels. Digital silence is identical to
nothing.

Settings:

- `level_min_dbfs`, -60 by default: house choice; quieter sound has the phase of its noise
- `reversed_max_correlation`, -0.5 by default: house choice; wide ambience stays above it over 3 s
- `identical_min_db`, 60 by default: house choice; dither that differs does not make two channels different

It does not see delays between channels as such, nor phase between the front and the surrounds. A group whose layout is
not known has no facts, nor has one whose channels stand too far apart in the file to be compared.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.channel_pairs import left_right
from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.meters.loudness import window_sums
from deliverqc.meters.model import Meter, Reading, Reads, Setting, Settings
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import ROWS_PER_SECOND, SoundSignal, row_edges
from deliverqc.timebase import Span

Energies = NDArray[np.float64]

_GIVEN_BY = ("meter:phase",)
_NAME = "sound.groups[].phase."
_WINDOW_ROWS = 3 * ROWS_PER_SECOND
_LOWEST_SUM_DB = -40.0
_FRONT = (("L", "R"), ("Lt", "Rt"))


def measure(signal: SoundSignal, settings: Settings) -> Reading:
    """Compare left and right of one group; facts are null where the group has no such pair, or half of it is silent."""
    pairs = left_right(signal.labels)
    if signal.sample_count == 0 or "" in signal.labels or not set(pairs) <= set(signal.pairs):
        return Reading(facts={})
    front = [pair for pair in pairs if tuple(signal.labels[channel] for channel in pair) in _FRONT]
    named = {pair: "/".join(signal.labels[channel] for channel in pair) for pair in pairs}
    return Reading(
        facts={
            "phase.identical_pairs": [
                named[pair] for pair in pairs if _is_identical(signal, pair, float(settings["identical_min_db"]))
            ],
            **_front(signal, front[0] if front else None, settings),
        }
    )


def _energies(signal: SoundSignal, pair: tuple[int, int]) -> tuple[Energies, Energies, Energies]:
    """Energy of left, of right and of their difference in each row."""
    left, right = (signal.energy[:, channel].astype(np.float64) for channel in pair)
    return left, right, signal.difference_energy[:, signal.pairs.index(pair)].astype(np.float64)


def _is_identical(signal: SoundSignal, pair: tuple[int, int], least_db: float) -> bool:
    left, right, difference = (float(rows.sum()) for rows in _energies(signal, pair))
    return max(left, right) > 0.0 and difference <= max(left, right) * 10.0 ** (-least_db / 10.0)


def _front(signal: SoundSignal, pair: tuple[int, int] | None, settings: Settings) -> dict[str, object]:
    names = ("mean_correlation", "min_correlation", "min_correlation_at_s", "mono_sum_db")
    facts: dict[str, object] = {**{f"phase.{name}": None for name in names}, "phase.reversed_spans": ()}
    if pair is None:
        return facts
    energies = _energies(signal, pair)
    left, right, difference = (rows.sum() for rows in energies)
    if not left or not right:
        return facts
    facts["phase.mean_correlation"] = float(_correlation(left, right, difference))
    facts["phase.mono_sum_db"] = _sum_db(left + right, difference)
    return facts | _over_windows(signal, energies, settings)


def _over_windows(
    signal: SoundSignal, energies: tuple[Energies, Energies, Energies], settings: Settings
) -> dict[str, object]:
    edges = row_edges(signal.sample_count, signal.sample_rate_hz)
    length = min(_WINDOW_ROWS, signal.row_count)
    left, right, difference = (window_sums(rows, length) for rows in energies)
    least = (edges[length:] - edges[:-length]) * 10.0 ** (float(settings["level_min_dbfs"]) / 10.0)
    is_heard = np.minimum(left, right) >= least
    if not is_heard.any():
        return {}
    correlations = np.where(is_heard, _correlation(left, right, difference), np.inf)
    lowest = int(correlations.argmin())
    is_reversed = correlations <= float(settings["reversed_max_correlation"])
    return {
        "phase.min_correlation": float(correlations[lowest]),
        "phase.min_correlation_at_s": float(edges[lowest]) / signal.sample_rate_hz + float(signal.offset_s),
        "phase.reversed_spans": tuple(
            Span(int(edges[span.start]), int(edges[span.end])) for span in runs(_covered(is_reversed, length))
        ),
    }


def _correlation(left: Energies, right: Energies, difference: Energies) -> Energies:
    with np.errstate(divide="ignore", invalid="ignore"):
        values = (left + right - difference) / (2.0 * np.sqrt(left * right))
    return np.clip(values, -1.0, 1.0)


def _sum_db(both: float, difference: float) -> float:
    share = (2.0 * both - difference) / both
    return max(_LOWEST_SUM_DB, 10.0 * float(np.log10(share))) if share > 0.0 else _LOWEST_SUM_DB


def _covered(windows: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Rows that any of the marked windows of `length` rows covers."""
    steps = np.zeros(len(windows) + length, dtype=np.int64)
    steps[: len(windows)] += windows
    steps[length:] -= windows
    return np.asarray(np.cumsum(steps)[:-1] > 0)


def _fact(name: str, meaning: str, unit: str | None, resolution: float, null_means: str) -> Fact:
    return Fact(
        name=_NAME + name,
        kind=Kind.NUMBER,
        layer=Layer.BASEBAND,
        meaning=meaning,
        given_by=_GIVEN_BY,
        unit=unit,
        resolution=resolution,
        null_means=null_means,
    )


_NO_PAIR = "the group has no left and right channel, or one of them is digital silence"
_NO_WINDOW = f"{_NO_PAIR}, or no 3 s of both reach the level"

METER = Meter(
    name="phase",
    version=1,
    reads=Reads.GROUP,
    settings=(
        Setting(
            name="level_min_dbfs",
            default=-60.0,
            unit="dBFS",
            meaning="lowest mean level (RMS of a full-scale square wave is 0) of both channels in a window that counts",
            minimum=-200.0,
            maximum=0.0,
        ),
        Setting(
            name="reversed_max_correlation",
            default=-0.5,
            unit=None,
            meaning="highest correlation over 3 s that is reversed",
            minimum=-1.0,
            maximum=0.0,
        ),
        Setting(
            name="identical_min_db",
            default=60.0,
            unit="dB",
            meaning="how far the difference of identical channels lies below the louder one",
            minimum=20.0,
            maximum=140.0,
        ),
    ),
    facts=(
        _fact("mean_correlation", "correlation of left and right over the item", None, 0.001, _NO_PAIR),
        _fact("min_correlation", "lowest correlation of left and right over 3 s", None, 0.001, _NO_WINDOW),
        _fact("min_correlation_at_s", "start of these 3 s, after the first frame or sample", "s", 1e-6, _NO_WINDOW),
        _fact("mono_sum_db", "energy of left plus right against the sum of their energies", "dB", 0.01, _NO_PAIR),
        Fact(
            name=_NAME + "reversed_spans",
            kind=Kind.SPANS,
            layer=Layer.BASEBAND,
            meaning="spans in which left and right are reversed against each other",
            given_by=_GIVEN_BY,
        ),
        *span_members(_NAME + "reversed_spans", given_by=_GIVEN_BY, of_sound=True),
        Fact(
            name=_NAME + "identical_pairs",
            kind=Kind.STRINGS,
            layer=Layer.BASEBAND,
            meaning="pairs of left and right, as L/R, whose channels hold the same sound",
            given_by=_GIVEN_BY,
        ),
    ),
    measure=measure,
)

"""The tables that a decode fills: one row per picture frame, one row per 10 ms of sound per channel.

They are arrays and exact numbers only: no file handles, no settings, no facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

LUMA_QUANTILES = (0.0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0)
"""Shares of a frame's pixels for which the luma code is kept: the code that at least this share of pixels does not
exceed."""

ROWS_PER_SECOND = 100
"""Rows of a sound table per second. A 100 ms hop misreads maximum momentary loudness by 0.45 LU (EBU Tech 3341 test
13)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PictureSignal:
    """Measurements of the main picture track, one row per frame in order of presentation.

    `start_s`: float64 (frames,), seconds after the first frame. `luma_quantiles`: uint16 (frames, len(LUMA_QUANTILES)),
    code values of the decoded bit depth (R'G'B' essence: the largest of the three components). `black_code` and
    `white_code`: the codes of 0 % and 100 % luma at this depth and range (ITU-R BT.709, BT.2100: 64 and 940 at 10 bits,
    limited range).
    """

    frame_rate: Fraction
    width_px: int
    height_px: int
    bit_depth_bits: int
    black_code: int
    white_code: int
    start_s: NDArray[np.float64]
    luma_quantiles: NDArray[np.uint16]

    @property
    def frame_count(self) -> int:
        return len(self.start_s)


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundSignal:
    """Measurements of a sound track or of a channel group, one row per 10 ms; row i covers samples
    floor(i * rate / 100) to floor((i + 1) * rate / 100), the last row what is left (it may be shorter).

    Arrays are (rows, channels). `k_energy`: float64, sum of squares of the K-weighted samples (ITU-R BS.1770-5 Annex 1,
    full scale 1.0). `sample_peak`: float32, largest absolute sample (1.0 = 0 dBFS). `true_peak`: float32, largest
    absolute value after oversampling (BS.1770-5 Annex 2). `energy`, `total`, `next_product`: float32, sum of squares of
    the samples, their sum, and the sum of each times the one after it. `peak_run`: uint16, longest run of successive
    equal samples at the row's sample peak, 1 where none is equal and 0 in digital silence; its whole length counts in
    every row that it touches, but no further than 16 samples beyond a whole second. `peak_run_count`: uint16, runs of
    two or more that begin in the row. `full_scale_count`: uint16, samples of at least 32767/32768.

    `pairs`: pairs of channels, (left, right) as positions in the table, whose difference was measured.
    `difference_energy`: float32 (rows, pairs), sum of squares of left less right. `sample_count`: samples per channel.
    `labels`: SMPTE ST 2067-8 label of each channel; unknown ones are "". `offset_s`: where the first sample stands
    against the first picture frame.
    """

    sample_rate_hz: int
    sample_count: int
    labels: tuple[str, ...]
    k_energy: NDArray[np.float64]
    sample_peak: NDArray[np.float32]
    true_peak: NDArray[np.float32]
    energy: NDArray[np.float32]
    total: NDArray[np.float32]
    next_product: NDArray[np.float32]
    peak_run: NDArray[np.uint16]
    peak_run_count: NDArray[np.uint16]
    full_scale_count: NDArray[np.uint16]
    pairs: tuple[tuple[int, int], ...]
    difference_energy: NDArray[np.float32]
    offset_s: Fraction = Fraction(0)

    @property
    def row_count(self) -> int:
        return len(self.k_energy)


Place = tuple[int, int]
"""A channel of a file: sound track and channel of the track, both from 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PairSignal:
    """Difference of two channels of a file, one row per 10 ms to the end of the longer one or beyond it:
    `difference_energy`, float32 (rows,), is the sum of squares of the first less the second."""

    first: Place
    second: Place
    difference_energy: NDArray[np.float32]


def row_edges(sample_count: int, sample_rate_hz: int) -> NDArray[np.int64]:
    """First sample of each 10 ms row, and the end: int64 (rows + 1,). Rows = ceil(sample_count / (rate / 100))."""
    rows = -(-sample_count * ROWS_PER_SECOND // sample_rate_hz)
    edges = np.arange(rows + 1, dtype=np.int64) * sample_rate_hz // ROWS_PER_SECOND
    if rows:
        edges[-1] = sample_count
    return edges


@dataclass(frozen=True, kw_only=True, slots=True)
class DecodeRemark:
    """Something that a demuxer or decoder said. `track`: "picture 0", "sound 1" or None for the wrapper; `start_s`
    after the first frame."""

    track: str | None
    message: str
    frame: int | None
    start_s: float | None
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DecodeLog:
    """What the one pass saw besides the essence.

    `frame_count` is None without picture, `missing_frame_count` where the wrapper promises no count. `undecodable`
    names the tracks that no decoder here reads: whether they are sound is not known.
    """

    errors: tuple[DecodeRemark, ...]
    warnings: tuple[DecodeRemark, ...]
    frame_count: int | None
    missing_frame_count: int | None
    undecodable: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """All that one decode leaves behind: the picture, one sound table per sound track in wrapper order, pairs of their
    channels, and the log."""

    picture: PictureSignal | None
    sounds: tuple[SoundSignal, ...]
    log: DecodeLog
    pairs: tuple[PairSignal, ...] = ()

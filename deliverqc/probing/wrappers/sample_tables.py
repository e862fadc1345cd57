"""Counts over the sample tables of ISO base media files (ISO/IEC 14496-12 section 8.6, 8.7) of millions of rows; knows
no boxes and opens no file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WORD_BITS = 32
_MORE_THAN_ANY = 1 << 33
"""Above every count of samples, which has 32 bits; a sum of as many as a table has rows still fits in 64."""


def numbers_of(data: bytes, kind: str) -> NDArray[Any]:
    """The numbers that follow each other in `data`; what is left of one that was cut is not among them."""
    width = np.dtype(kind).itemsize
    return np.frombuffer(data, kind, count=len(data) // width)


def rows_of(data: bytes, columns: int) -> NDArray[np.int64]:
    """Rows of so many 32-bit numbers, int64 (rows, columns)."""
    words = numbers_of(data, ">u4").astype(np.int64)
    return words[: words.size // columns * columns].reshape(-1, columns)


def sum_of_products(first: NDArray[np.int64], second: NDArray[np.int64]) -> int:
    """The exact sum of products of numbers of 32 bits."""
    products = first.astype(np.uint64) * second.astype(np.uint64)
    high, low = products >> np.uint64(_WORD_BITS), products & np.uint64((1 << _WORD_BITS) - 1)
    return (int(high.sum()) << _WORD_BITS) + int(low.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkRuns:
    """The runs of a sample-to-chunk table: first chunk from 1, samples of each and description; `before`: samples in
    the runs before, as far as a count can go."""

    firsts: NDArray[np.int64]
    samples: NDArray[np.int64]
    descriptions: NDArray[np.int64]
    before: NDArray[np.int64]

    @classmethod
    def of(cls, rows: NDArray[np.int64]) -> ChunkRuns:
        firsts, samples, descriptions = rows[:, 0], rows[:, 1], rows[:, 2]
        chunks = np.maximum(0, np.diff(firsts))
        held = np.minimum(chunks.astype(np.float64) * samples[:-1], _MORE_THAN_ANY).astype(np.int64)
        before = np.concatenate([np.zeros(min(1, len(rows)), np.int64), np.cumsum(held)])
        return cls(firsts=firsts, samples=samples, descriptions=descriptions, before=before)

    def samples_of(self, chunk: int) -> tuple[int, int]:
        """First sample of `chunk` (from 0) and how many it holds."""
        ends = np.append(self.firsts[1:], chunk + 2)[: self.firsts.size]
        holds = (self.firsts - 1 <= chunk) & (chunk < ends - 1)
        if not holds.any():
            return 0, 0
        run = int(holds.argmax())
        samples = int(self.samples[run])
        return int(self.before[run]) + (chunk - int(self.firsts[run]) + 1) * samples, samples

    def first_samples(self, most: int) -> dict[int, int]:
        """The first sample of each description up to number `most`, in the order in which they are used."""
        usable = np.flatnonzero(self.descriptions <= most)
        numbers, first = np.unique(self.descriptions[usable], return_index=True)
        found = sorted(zip(usable[first].tolist(), numbers.tolist(), strict=True))
        return {number: int(self.before[run]) for run, number in found}


def with_samples_only(rows: NDArray[np.int64], most: int) -> list[tuple[int, ...]]:
    """The first rows of a time-to-sample table that count any samples, so many at most."""
    return [tuple(row) for row in rows[rows[:, 0] > 0][:most].tolist()]

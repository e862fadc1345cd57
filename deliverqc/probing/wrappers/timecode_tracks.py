"""Reads the samples of a QuickTime timecode track (QTFF, timecode media): from where each counts, and where one does
not go on from the sample before; knows no boxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice, pairwise
from typing import BinaryIO

from deliverqc.probing.reading import StatedTimecode
from deliverqc.timebase import frames_in_a_day, has_drop_frame, nearest_standard_rate

SAMPLE_BYTES = {"tmcd": 4, "tc64": 8}
MAXIMUM_SAMPLES = 1_000_000  # house choice: nine hours of one a frame at 30
_MAXIMUM_JUMPS = 1000
_MAXIMUM_CHUNK_BYTES = 8 * MAXIMUM_SAMPLES


def read_numbers(
    file: BinaryIO,
    offsets: Sequence[int],
    runs: Sequence[tuple[int, ...]],
    *,
    count: int,
    sample_bytes: int,
    is_signed: bool = False,
) -> list[int]:
    """The frame number of each of `count` samples, in chunks at `offsets` that hold as many as `runs` say (first chunk
    from 1, samples); what cannot be read is left out. `is_signed`: flag 4 of the description, negative times."""
    numbers: list[int] = []
    for offset, held in zip(offsets, _samples(runs), strict=False):
        wanted = min(held, count - len(numbers), MAXIMUM_SAMPLES - len(numbers))
        if wanted <= 0 or offset >= 1 << 63:
            break
        file.seek(offset)
        data = file.read(min(wanted * sample_bytes, _MAXIMUM_CHUNK_BYTES))
        places = range(0, len(data) - sample_bytes + 1, sample_bytes)
        numbers += [int.from_bytes(data[place : place + sample_bytes], "big", signed=is_signed) for place in places]
        if len(data) < wanted * sample_bytes:
            break
    return numbers


def _samples(runs: Sequence[tuple[int, ...]]) -> Iterator[int]:
    """Samples of one chunk after another."""
    if not runs:
        yield from islice(iter(lambda: 1, 0), MAXIMUM_SAMPLES)
    for number, (first, samples, *_) in enumerate(runs):
        after = runs[number + 1][0] if number + 1 < len(runs) else first + MAXIMUM_SAMPLES
        yield from (samples for _ in range(after - first))


def with_samples(
    timecode: StatedTimecode,
    numbers: Sequence[int],
    durations: Iterable[tuple[int, ...]],
    *,
    ticks_per_s: int,
    skipped: int,
) -> StatedTimecode:
    """`timecode` as it counts from the first frame that is shown, `skipped` ticks after the first sample, and where it
    jumps. `durations`: runs of samples as (count, ticks of one)."""
    rate = timecode.rate or Fraction(0)
    skipped_s = Fraction(skipped, ticks_per_s)
    start, since_s, jumps = numbers[0], Fraction(0), list[tuple[Fraction, int]]()
    day = _day(timecode, rate) if rate else 0
    ticks_per_frame = (ticks_per_s * rate.denominator, rate.numerator)
    for (before, number), (begin, end) in zip(pairwise(numbers), _times(durations) if rate else (), strict=False):
        frames = _rounded((end - begin) * ticks_per_frame[1], ticks_per_frame[0])
        off = (before + frames - number) % day
        if min(off, day - off) <= frames // 1000 or len(jumps) >= _MAXIMUM_JUMPS:
            continue
        at = Fraction(end, ticks_per_s)
        if at <= skipped_s:
            start, since_s = number, at
        else:
            jumps.append((at - skipped_s, number))
    moved = round((skipped_s - since_s) * rate)  # an edit is in ticks, which round its frames
    return replace(timecode, start=start, moved_by=moved, jumps=tuple(jumps))


def _rounded(numerator: int, denominator: int) -> int:
    """The quotient to the nearest whole number, halves to the even one."""
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2))


def _day(timecode: StatedTimecode, rate: Fraction) -> int:
    """Addresses from midnight to midnight: a sample counts on from the one before past it too. A rate that is written
    as its whole number is off by a frame in a thousand."""
    standard = nearest_standard_rate(rate) or rate
    return frames_in_a_day(standard, is_drop_frame=bool(timecode.is_drop_frame) and has_drop_frame(standard))


def _times(durations: Iterable[tuple[int, ...]]) -> Iterator[tuple[int, int]]:
    """When each sample begins and the next one does."""
    at = 0
    for count, ticks in durations:
        for _ in range(count):
            yield at, at + ticks
            at += ticks

"""Where picture and sound show whether they are in sync: a flash, or the 2 of a countdown, and a pop that belongs to
it; knows no limit.

A flash is a run of frames of up to 0.2 s that differs from the frame before by at least 5 % of the code range on
average, as the meter `flash` has it, and behind which the picture is what it was before. For 0.3 s before and after, or
from the head and to the tail, the picture holds: no change above 1 %. The 2 of a countdown is the last frame before at
least 1 s of black, where it differs from the frame before by at least 0.5 % and twice as much as is usual there.

A pop is a sine of constant level, 12 to 200 ms long and at least -40 dBFS, and for 0.3 s before and after every
channel of the mix is at least 30 dB quieter. Its onset is where samples stop being equal, which in digital silence is
right within a sample; elsewhere it follows from the energy of the first 10 ms, within a quarter of a period.

A flash and a pop belong together where they are at most 0.5 s apart, and no other flash or pop is as near. All limits
are a house choice. So a pattern that repeats every second is read up to half a second; where sound is off by more, it
is read as the difference to the nearest flash. Claps, speech and cuts are not looked at: most masters have no such
point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deliverqc.facts.assemble import assemble_reading
from deliverqc.facts.groups import SUBSTREAMS, Group
from deliverqc.facts.model import Fact, Facts
from deliverqc.meters import black
from deliverqc.meters.runs import runs
from deliverqc.signals.tables import LUMA_QUANTILES, ROWS_PER_SECOND, row_edges
from deliverqc.timebase import Span, Timeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deliverqc.signals.tables import PictureSignal, Signals, SoundSignal

Doubles = NDArray[np.float64]

_FLASH_PERCENT = 5.0
_HELD_PERCENT = 1.0
_LONGEST_S = 0.2
_HOLD_S = 0.3
_RETURN_SHARE = 0.25
_TWO_PERCENT = 0.5
_TWO_TIMES = 2.0
_USUAL_FRAMES = 6
_BLACK_S = 1.0
_CLOCK_S = 0.002  # wrappers that count in milliseconds

_LEVEL_MIN = np.float32(10.0 ** (-40.0 / 20.0))
_QUIETER = np.float32(10.0 ** (-30.0 / 20.0))
_ROWS_AROUND = round(_HOLD_S * ROWS_PER_SECOND)
_MOST_ROWS = round(_LONGEST_S * ROWS_PER_SECOND) + 1
_ROWS_APART = 10
_SHORTEST_S = 0.012
_SINE_DB = 1.0
_HZ = (190.0, 20_000.0)  # those of the meter of tones
_HOLD_TRUST_S = 0.005
_SAME_S = 0.001
_REACH_S = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pop:
    """When sound begins in some channels of a mix, in seconds after the first frame."""

    starts: Sequence[tuple[float, str]]

    @property
    def start_s(self) -> float:
        return self.starts[0][0]


def sync_facts(
    signals: Signals, groups: Sequence[Group], facts: Facts, timeline: Timeline, known: Mapping[str, Fact]
) -> Facts:
    """The points, and the lead of the sound where it is furthest from the picture. No facts where picture or sound was
    not measured."""
    if not facts.get("picture.track_count") or not facts.get("sound.tracks"):
        has_none = facts.get("picture.track_count") == 0 or facts.get("sound.tracks") == []
        return {"cross_check.sync_points": [], "cross_check.sound_lead_s": None} if has_none else {}
    picture = signals.picture
    mixes = [_channels(signals, group) for group in groups]
    if picture is None or timeline.frame_rate is None or signals.log.undecodable or None in mixes or not mixes:
        return {}
    flashes = _flashes(picture)
    points = [
        point
        for number, mix in enumerate(mixes)
        if mix
        for point in _points(picture, flashes, list(_pops(mix)), number)
    ]
    leads = [float(dict(point.members)["lead_s"]) for point in points]
    worst = max(leads, key=abs, default=None)
    read = {"cross_check.sync_points": tuple(points), "cross_check.sound_lead_s": worst}
    return assemble_reading(read, known, prefix="", timeline=timeline)


def _points(picture: PictureSignal, flashes: Sequence[Span], pops: Sequence[_Pop], group: int) -> Iterator[Span]:
    """A point for each channel whose pop begins at another time, in the order of the flashes."""
    shown = np.array([picture.start_s[flash.start] for flash in flashes])
    heard = np.array([pop.start_s for pop in pops])
    for flash, shown_s in zip(flashes, shown, strict=True):
        near = np.flatnonzero(np.abs(heard - shown_s) <= _REACH_S)
        if len(near) != 1 or (np.abs(shown - heard[near[0]]) <= _REACH_S).sum() != 1:
            continue
        for start_s, channel in pops[near[0]].starts:
            yield Span(flash.start, flash.end, channel, (("lead_s", float(shown_s) - start_s), ("group", group)))


def _flashes(picture: PictureSignal) -> list[Span]:
    """Flashes, and the 2 of countdowns."""
    if picture.frame_count < 2:
        return []
    change = np.nan_to_num(picture.field_difference.mean(axis=1)) * 100.0 / ((1 << picture.bit_depth_bits) - 1)
    found = {span.start: span for span in _twos(picture, change)}
    for frame in np.flatnonzero(change >= _FLASH_PERCENT):
        end = _end_of_flash(picture, change, int(frame))
        if end is not None:
            found[int(frame)] = Span(int(frame), end)
    return [found[frame] for frame in sorted(found)]


def _end_of_flash(picture: PictureSignal, change: Doubles, frame: int) -> int | None:
    """The first frame after the flash that begins with `frame`; None where none does."""
    start_s = picture.start_s
    first = int(np.searchsorted(start_s, start_s[frame] - _HOLD_S - _CLOCK_S))
    if (change[max(first, 1) : frame] > _HELD_PERCENT).any():
        return None
    last = int(np.searchsorted(start_s, start_s[frame] + _LONGEST_S + _CLOCK_S))
    away = [_apart(picture, frame - 1, other) for other in range(frame, min(last, picture.frame_count))]
    end = next((frame + i for i, one in enumerate(away) if i and one <= _RETURN_SHARE * away[0]), None)
    if end is None:
        return None
    after = int(np.searchsorted(start_s, start_s[end] + _HOLD_S - _CLOCK_S))
    return None if (change[end + 1 : after] > _HELD_PERCENT).any() else end


def _apart(picture: PictureSignal, one: int, other: int) -> float:
    """How far the luma of two frames is apart, by their quantiles: codes."""
    first, second = (picture.luma_quantiles[frame].astype(np.float64) for frame in (one, other))
    return float(np.trapezoid(np.abs(first - second), LUMA_QUANTILES))


def _twos(picture: PictureSignal, change: Doubles) -> Iterator[Span]:
    for span in black.METER.measure(picture, black.METER.resolve({})).facts["picture.black.spans"]:
        frame = span.start - 1
        if frame < 1 or (span.end - span.start) / float(picture.frame_rate) < _BLACK_S - _CLOCK_S:
            continue
        usual = float(np.median(change[max(1, frame - _USUAL_FRAMES) : frame])) if frame > 1 else 0.0
        if change[frame] >= max(_TWO_PERCENT, _TWO_TIMES * usual):
            yield Span(frame, span.start)


Channel = tuple["SoundSignal", int, str]


def _channels(signals: Signals, group: Group) -> list[Channel] | None:
    """The tables of a mix with their columns and names; None where it could not be measured."""
    if group.formed_by == SUBSTREAMS:
        return None
    found: list[Channel] = []
    for place, (track, channel) in enumerate(group.channels):
        if track >= len(signals.sounds) or channel >= signals.sounds[track].sample_peak.shape[1]:
            return None
        name = group.labels[place] if group.layout is not None else ""
        found.append((signals.sounds[track], channel, name or str(place)))
    return found if len({sound.sample_rate_hz for sound, _, _ in found}) == 1 else None


def _pops(mix: Sequence[Channel]) -> Iterator[_Pop]:
    rows = max(sound.row_count for sound, _, _ in mix)
    peaks = np.zeros(rows, dtype=np.float32)
    for sound, channel, _ in mix:
        np.maximum(peaks[: sound.row_count], sound.sample_peak[:, channel], out=peaks[: sound.row_count])
    for run in _joined(runs(peaks >= _LEVEL_MIN)):
        around = np.concatenate((peaks[max(0, run.start - _ROWS_AROUND) : run.start], peaks[run.end :][:_ROWS_AROUND]))
        if (
            run.end - run.start > _MOST_ROWS + _ROWS_APART
            or (around > _QUIETER * peaks[run.start : run.end].max()).any()
        ):
            continue
        starts = sorted(
            (start_s, name) for sound, channel, name in mix if (start_s := _onset_s(sound, channel, run)) is not None
        )
        if starts:
            kept = [starts[0]]
            kept += [one for before, one in pairwise(starts) if one[0] - before[0] > _SAME_S]
            yield _Pop(starts=kept)


def _joined(found: Sequence[Span]) -> list[Span]:
    """The runs, with those joined that are so near that they are one pop in channels which slipped."""
    joined: list[Span] = []
    for run in found:
        if joined and run.start - joined[-1].end <= _ROWS_APART:
            joined[-1] = Span(joined[-1].start, run.end)
        else:
            joined.append(run)
    return joined


def _onset_s(sound: SoundSignal, channel: int, rows: Span) -> float | None:
    """When the sine begins that some rows of a channel hold, after the first frame; None where they hold none."""
    peaks = sound.sample_peak[rows.start : rows.end, channel]
    found = runs(peaks >= _LEVEL_MIN)
    if len(found) != 1:
        return None
    first, end = rows.start + found[0].start, rows.start + found[0].end
    edges = row_edges(sound.sample_count, sound.sample_rate_hz)
    sizes = np.diff(edges[first : end + 1]).astype(np.float64)
    energy, product = (column[first:end, channel].astype(np.float64) for column in (sound.energy, sound.next_product))
    peak = sound.sample_peak[first:end, channel].astype(np.float64)
    square = float(peak.max()) ** 2
    if end - first > 2:
        inner = slice(1, -1)
        crests_db = 10.0 * np.log10(2.0 * energy[inner] / (sizes[inner] * square))
        if (np.abs(crests_db) > _SINE_DB).any():
            return None
        square = 2.0 * float(np.median(energy[inner] / sizes[inner]))
    lasts_s = 2.0 * energy.sum() / square / sound.sample_rate_hz
    cosine = float(np.clip(product.sum() / energy.sum(), -1.0, 1.0))
    hertz = float(np.arccos(cosine)) * sound.sample_rate_hz / (2.0 * np.pi)
    if not (_SHORTEST_S <= lasts_s <= _LONGEST_S and _HZ[0] <= hertz <= _HZ[1]):
        return None
    onset = float(edges[first + 1]) - min(sizes[0], 2.0 * energy[0] / square)
    held = _end_of_hold(sound, channel, first, edges)
    is_trusted = held is not None and abs(held - onset) <= _HOLD_TRUST_S * sound.sample_rate_hz
    start = held if held is not None and is_trusted else onset
    return float(sound.offset_s) + (sound.first_sample + start) / sound.sample_rate_hz


def _end_of_hold(sound: SoundSignal, channel: int, row: int, edges: NDArray[np.int64]) -> int | None:
    """The sample at which the run of equal samples ends that leads into a row; None where none does."""
    lead = int(sound.hold_lead[row, channel])
    if lead or not row:
        return int(edges[row]) + lead if lead else None
    lead, inner, start = (
        int(column[row - 1, channel]) for column in (sound.hold_lead, sound.hold_inner, sound.hold_inner_start)
    )
    size = int(edges[row] - edges[row - 1])
    return int(edges[row]) if lead >= size or (inner and start + inner >= size) else None

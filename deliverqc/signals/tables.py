"""The tables that a decode fills: one row per picture frame, one row per 10 ms of sound per channel.

They are arrays and exact numbers only: no file handles, no settings, no facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

SIGNALS_VERSION = 28
"""Rises whenever a table could come out differently; stored tables of another version are not used."""

LUMA_QUANTILES = (0.0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0)
"""Shares of a frame's pixels for which the luma code is kept: the code that at least this share of pixels does not
exceed."""

EXCURSIONS = ("below_1", "below_5", "below_16", "above_235", "above_240", "above_246", "from_255")
"""Codes at 8 bits beyond which pixels are counted; at n bits they are multiplied by 2^(n - 8). 16 to 235 (colour
differences: 240) is limited range (ITU-R BT.709), 5 to 246 the preferred range of EBU R 103 v3, and below 1 and from
255 stand the codes of timing references (SMPTE ST 274)."""

BAR_LUMA_PERCENT = (1.0, 2.0, 4.0, 8.0)
"""Mean luma, from 0 % black to 100 % white, up to which a line or column at the edge counts as bar."""

COLOUR_BARS = ("ebu_100", "ebu_75", "ebu_75_white_75", "smpte_75", "smpte_hd_75")
"""EBU bars 100/0/100/0, 100/0/75/0 and 75/0/75/0 (ITU-R BT.471-1), the seven bars of SMPTE EG 1, and the upper pattern
of SMPTE RP 219-1 between 40 % grey."""

BAR_LINES = 8
"""Lines of each frame that are compared with colour bars."""

FAR_FROM_BARS = 100.0
"""Told of frames whose lines do not hold the contrast of bars, in percent."""

ROWS_PER_SECOND = 100
"""Rows of a sound table per second. A 100 ms hop misreads maximum momentary loudness by 0.45 LU (EBU Tech 3341 test
13)."""


_KIND = "kind"


def column(kind: type[np.generic]) -> Any:  # noqa: ANN401  a field stands for any default
    """A column of a table, stored as `kind`."""
    return field(metadata={_KIND: kind})


def columns_of(table: type[PictureSignal | SoundSignal]) -> Mapping[str, type[np.generic]]:
    """The columns that a table declares, in order, and how they are stored; those on demand are not among them."""
    return {member.name: member.metadata[_KIND] for member in fields(table) if _KIND in member.metadata}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class PictureSignal:
    """Measurements of the main picture track, one row per frame in order of presentation.

    `black_code` and `white_code`: the codes of 0 % and 100 % luma at this depth and range (ITU-R BT.709, BT.2100: 64
    and 940 at 10 bits, limited range). `components`: what the planes hold, ("y", "cb", "cr"), ("r", "g", "b") or
    ("y",). Luma of R'G'B' essence is the largest of the three components. Codes are those of the decoded bit depth, and
    every pixel of every frame is counted in every column but `bars_distance_percent`.

    | column | shape | holds |
    |---|---|---|
    | `start_s` | float64 (frames,) | seconds after the first frame |
    | `luma_quantiles` | uint16 (frames, LUMA_QUANTILES) | luma code that each share of pixels does not exceed |
    | `component_extremes` | uint16 (frames, components, 2) | smallest and largest code |
    | `component_excursions` | uint32 (frames, components, EXCURSIONS) | pixels of the plane beyond each code |
    | `plane_difference` | float32 (frames, components) | mean absolute difference from the frame before, in codes |
    | `field_difference` | float32 (frames, 2) | the same of luma, in even lines (from line 0) and in odd lines |
    | `largest_luma_change` | uint16 (frames,) | largest absolute difference of luma from the frame before, in codes |
    | `second_difference` | float32 (frames,) | mean absolute difference of luma from two frames before |
    | `combing` | float32 (frames, 3) | of luma: as it is; with the odd, with the even lines of the frame before |
    | `bars_px` | uint16 (frames, BAR_LUMA_PERCENT, 4) | bar at the left, right, top and bottom edge |
    | `bars_distance_percent` | float32 (frames, COLOUR_BARS) | how far a few lines are from colour bars |
    | `main_colour` | uint16 (frames, components) | codes of the colour that 60 % of a grid of points have, or more |
    | `alpha_min_percent` | float32 (frames,) | smallest alpha; -1 where there is none, -2 where it is not read |
    | `main_colour_percent` | float32 (frames, 2) | share of the points that has it, of all and of those at the edges |

    Combing is the mean distance of the pixels of odd lines (line 0 is even), in codes, from the mean of the pixels
    above and below. A bar is a run of columns or lines from the edge, each with at most that mean luma; where no
    picture is lit it is the whole width.

    A difference is NaN (the largest change: the largest code) where there is no frame before, or one of another size.
    `extended` holds the columns on demand, as `<extension>.<column>`, (frames, ...): deliverqc/signals/on_demand.
    `first_frame`: which frame of the track the first row is, where only a part was measured.
    """

    frame_rate: Fraction
    width_px: int
    height_px: int
    bit_depth_bits: int
    black_code: int
    white_code: int
    components: tuple[str, ...]
    start_s: NDArray[np.float64] = column(np.float64)
    luma_quantiles: NDArray[np.uint16] = column(np.uint16)
    component_extremes: NDArray[np.uint16] = column(np.uint16)
    component_excursions: NDArray[np.uint32] = column(np.uint32)
    plane_difference: NDArray[np.float32] = column(np.float32)
    field_difference: NDArray[np.float32] = column(np.float32)
    largest_luma_change: NDArray[np.uint16] = column(np.uint16)
    second_difference: NDArray[np.float32] = column(np.float32)
    combing: NDArray[np.float32] = column(np.float32)
    bars_px: NDArray[np.uint16] = column(np.uint16)
    bars_distance_percent: NDArray[np.float32] = column(np.float32)
    main_colour: NDArray[np.uint16] = column(np.uint16)
    main_colour_percent: NDArray[np.float32] = column(np.float32)
    alpha_min_percent: NDArray[np.float32] = column(np.float32)
    extended: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    first_frame: int = 0

    @property
    def frame_count(self) -> int:
        return len(self.start_s)

    @property
    def is_repeat(self) -> NDArray[np.bool_]:
        """Whether each frame is, in every pixel of every plane, the frame before it."""
        repeats: NDArray[np.bool_] = np.all(self.plane_difference == 0, axis=1)
        return repeats


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
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

    Runs of equal samples, zeros included, from 2 ms on: `hold_lead`, `hold_tail`: uint16, samples at the row's start
    that go on from the row before, and at its end that go on in the next one (both: all of it). `hold_inner`,
    `hold_inner_start`: uint16, the longest run inside the row and where it begins. `edge_before`, `edge_after`:
    float32, absolute value that goes on in a straight line from the two samples before a run that begins in the row,
    and back from those after one that ends in it, 0 where the 16 next to it are below 6 steps of 8 or 16 bits;
    `hold_level`:
    float32, absolute value of a run that begins in it.

    `pairs`: pairs of channels, (left, right) as positions in the table, whose difference was measured.
    `difference_energy`: float32 (rows, pairs), sum of squares of left less right. `sample_count`: samples per channel.
    `labels`: SMPTE ST 2067-8 label of each channel; unknown ones are "". `offset_s`: where the first sample stands
    against the first picture frame. `extended` holds the columns on demand, as `<extension>.<column>`, (rows, channels,
    ...). `first_sample`: which sample of the track the first row begins with, where only a part was measured.
    """

    sample_rate_hz: int
    sample_count: int
    labels: tuple[str, ...]
    k_energy: NDArray[np.float64] = column(np.float64)
    sample_peak: NDArray[np.float32] = column(np.float32)
    true_peak: NDArray[np.float32] = column(np.float32)
    energy: NDArray[np.float32] = column(np.float32)
    total: NDArray[np.float32] = column(np.float32)
    next_product: NDArray[np.float32] = column(np.float32)
    peak_run: NDArray[np.uint16] = column(np.uint16)
    peak_run_count: NDArray[np.uint16] = column(np.uint16)
    full_scale_count: NDArray[np.uint16] = column(np.uint16)
    hold_lead: NDArray[np.uint16] = column(np.uint16)
    hold_tail: NDArray[np.uint16] = column(np.uint16)
    hold_inner: NDArray[np.uint16] = column(np.uint16)
    hold_inner_start: NDArray[np.uint16] = column(np.uint16)
    edge_before: NDArray[np.float32] = column(np.float32)
    edge_after: NDArray[np.float32] = column(np.float32)
    hold_level: NDArray[np.float32] = column(np.float32)
    pairs: tuple[tuple[int, int], ...]
    difference_energy: NDArray[np.float32]
    offset_s: Fraction = Fraction(0)
    extended: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    first_sample: int = 0

    @property
    def row_count(self) -> int:
        return len(self.k_energy)

    def channel_name(self, channel: int) -> str:
        """The label of a channel, or else its number in the table, from 0."""
        return self.labels[channel] or str(channel)


Table = TypeVar("Table", PictureSignal, SoundSignal, "PairSignal", "PacketSignal")


def cut(table: Table, first_row: int, end_row: int | None) -> Table:
    """The table with those rows only; what else it says is left as it is."""
    return taken(table, slice(first_row, end_row))


def taken(table: Table, rows: slice | NDArray[np.int64]) -> Table:
    """The table with those rows only, in that order; what else it says is left as it is."""
    changes: dict[str, Any] = {}
    for member in fields(table):
        value = getattr(table, member.name)
        if member.name == "extended":
            changes["extended"] = {name: column[rows] for name, column in value.items()}
        elif isinstance(value, np.ndarray):
            changes[member.name] = value[rows]
    return replace(table, **changes)


Place = tuple[int, int]
"""A channel of a file: sound track and channel of the track, both from 0."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class PairSignal:
    """Difference of two channels of a file, one row per 10 ms to the end of the longer one or beyond it:
    `difference_energy`, float32 (rows,), is the sum of squares of the first less the second."""

    first: Place
    second: Place
    difference_energy: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class PacketSignal:
    """Packets of the main picture track, one row each, in the order of the file: `size_bytes`, uint32 (packets,);
    `start_s`, float64 (packets,), when each is shown after the first frame, NaN without a time stamp. `extended`: what
    their headers say, as int8 or int64 (packets,), by the names of PictureHeader (deliverqc/signals/headers), and
    `captions`, int16 (packets,), the carriers and services of captions (deliverqc/signals/headers/captions.py). Of JPEG
    2000, `codings` are the distinct ways in which packets are coded, and `extended` has the columns of CodingCollector,
    which number them (deliverqc/signals/headers/jpeg2000.py)."""

    size_bytes: NDArray[np.uint32]
    start_s: NDArray[np.float64]
    extended: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    codings: tuple[str, ...] = ()


def row_edges(sample_count: int, sample_rate_hz: int) -> NDArray[np.int64]:
    """First sample of each 10 ms row, and the end: int64 (rows + 1,). Rows = ceil(sample_count / (rate / 100))."""
    rows = -(-sample_count * ROWS_PER_SECOND // sample_rate_hz)
    edges = np.arange(rows + 1, dtype=np.int64) * sample_rate_hz // ROWS_PER_SECOND
    if rows:
        edges[-1] = sample_count
    return edges


HELD_COLUMNS = ("hold_lead", "hold_tail", "hold_inner", "hold_inner_start")
"""Columns of a sound table that say where samples are held."""


def held_runs(counts: tuple[NDArray[np.uint16], ...], edges: NDArray[np.int64]) -> list[tuple[int, int]]:
    """The runs of one channel, joined over its rows, as first sample and end, in order.

    `counts`: the columns HELD_COLUMNS of the channel, each (rows,). `edges`: first sample of each row, and the end.
    """
    lead, tail, inner, inner_start = (column.astype(np.int64) for column in counts)
    size = np.diff(edges)
    whole = (lead >= size) & (tail >= size)
    begins = np.flatnonzero((tail > 0) & ~whole)
    stops = np.flatnonzero((lead > 0) & ~whole)
    found = [
        (int(edges[row] + inner_start[row]), int(edges[row] + inner_start[row] + inner[row]))
        for row in np.flatnonzero(inner)
    ]
    starts = edges[begins + 1] - tail[begins]
    places = np.searchsorted(stops, begins, side="right")
    for start, row, place in zip(starts, begins, places, strict=True):
        if place < len(stops) and bool(whole[row + 1 : stops[place]].all()):
            found.append((int(start), int(edges[stops[place]] + lead[stops[place]])))
    return sorted(found)


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
class TimeGap:
    """Where the time stamps of a track leave a gap (`gap_s` above 0) or overlap (below). `start_s`, after the first
    frame, is when what comes next was due; `frame` is None for sound. `is_signalled`: the wrapper says there that
    its clock goes on anew."""

    track: str
    frame: int | None
    start_s: float
    gap_s: float
    is_signalled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackLength:
    """How long a track is, in seconds. `start_s` and `end_s`: of its packets in the container's clock, None without
    time stamps. `packets_s`: all its packets together, None where some do not say how long they last. `packet_s`: one
    of them."""

    track: str
    start_s: Fraction | None
    end_s: Fraction | None
    packets_s: Fraction | None
    packet_s: Fraction

    @property
    def is_picture(self) -> bool:
        return self.track.startswith("picture")

    @property
    def held_s(self) -> Fraction | None:
        """What is there of it: of sound the packets, so that a hole counts; of pictures, which may last unevenly, from
        the first to the end of the last."""
        span = None if self.start_s is None or self.end_s is None else self.end_s - self.start_s
        if self.packets_s is None:
            return span
        return max(self.packets_s, span) if self.is_picture and span is not None else self.packets_s


@dataclass(frozen=True, kw_only=True, slots=True)
class PictureChange:
    """Where decoded pictures stop being what they were: `what` of them (width_px …), from and to which value, None
    where it is not stated, at which frame of the track first, and how often."""

    track: str
    what: str
    before: str | None
    after: str | None
    frame: int
    start_s: float
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundHeaders:
    """What the headers of all frames of a coded sound track state: every dialnorm in LUFS, from the lowest, and how
    many bit rates there are."""

    track: str
    dialnorms_lufs: tuple[int, ...]
    rate_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ImmersiveAudio:
    """What the frames of an immersive audio bitstream state (SMPTE ST 2098-2): how many there are; of elements, which
    are bed channels and objects, of each of these, and of what they say is rendered at once, the most in any frame; and
    every sample rate, depth and frame rate."""

    frame_count: int = 0
    element_count: int = 0
    bed_channel_count: int = 0
    object_count: int = 0
    max_rendered: int = 0
    sample_rates_hz: tuple[int, ...] = ()
    bit_depths_bits: tuple[int, ...] = ()
    frame_rates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptionService:
    """What one channel of line 21, or one service of CTA-708, carries: byte pairs or blocks other than padding, the
    characters in them, and when the first and the last comes after the first picture; None where nothing times them."""

    service: str
    unit_count: int
    character_count: int
    first_s: Fraction | None
    last_s: Fraction | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptionTrack:
    """A track of closed captions or of ancillary data: its position in the wrapper, what it is, and what it carries."""

    index: int
    carrier: str
    services: tuple[CaptionService, ...]


NO_STAMP = -(1 << 63)
"""A time stamp that is not there (libav's AV_NOPTS_VALUE)."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class CaptionSignal:
    """The triplets of cc_data (CTA-708 section 4.4) of one carrier, without padding, in the order in which frames are
    shown; line 21 without cc_data is put into triplets. A frame that holds nothing has no row.

    `source`: "picture" or "track"; `index`: of a track, its position in the wrapper. `carrier`: "a53", "scte20" and
    "dvd" of the picture, "st436_vanc", "st436_line_21", "cea_608" and "cea_708" of tracks. `stamps`: int64 (frames,),
    when each is shown, in ticks of `tick_s` on the container's clock, NO_STAMP where none is given; `origin_s` is when
    the first picture is shown on it. `counts`: uint16 (frames,), triplets of each frame. `triplets`: uint8 (triplets,
    3).
    """

    source: str
    index: int | None
    carrier: str
    tick_s: Fraction
    origin_s: Fraction
    stamps: NDArray[np.int64]
    counts: NDArray[np.uint16]
    triplets: NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class TextSignal:
    """The packets of one track of text, as they are in the wrapper, in the order of the file; those that show nothing
    are left out.

    `index`: position of the track in the wrapper. `coding`: "tx3g", "qt_text", "srt", "ass", "webvtt", "stpp", "wvtt";
    of "webvtt" a packet begins with a line for the identifier and one for the settings of the cue. `role`: "forced" or
    "caption" where the wrapper marks it so. `header`: uint8, what the wrapper holds ahead of the packets. `stamps`,
    `durations`: int64 (packets,), in ticks of `tick_s` on the container's clock; a duration of 0 is not stated.
    `origin_s`: when the first picture is shown on it. `sizes`: uint32 (packets,), bytes of each; `data`: uint8.
    """

    index: int
    coding: str
    role: str | None
    tick_s: Fraction
    origin_s: Fraction
    header: NDArray[np.uint8]
    stamps: NDArray[np.int64]
    durations: NDArray[np.int64]
    sizes: NDArray[np.uint32]
    data: NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, slots=True)
class DecodeLog:
    """What the one pass saw besides the essence.

    `frame_count` is None without picture, `missing_frame_count` where the wrapper promises no count. `undecodable`
    names the tracks that no decoder here reads: whether they are sound is not known. `first_looks`: what the first
    frame of each picture track is like, which the others are compared with. `sound_headers`: of the tracks whose
    frames could all be read. `immersive_audio`: of an MXF file whose every frame of IAB could be read.
    `ancillary_captions`: carriers and services in its tracks of ancillary data, by their bits
    (deliverqc/signals/headers/captions.py); None where one of them could not be read, and nothing was found.
    `caption_tracks`: what its tracks for captions and ancillary data hold; None where one could not be read.
    """

    errors: tuple[DecodeRemark, ...]
    warnings: tuple[DecodeRemark, ...]
    frame_count: int | None
    missing_frame_count: int | None
    undecodable: tuple[str, ...]
    gaps: tuple[TimeGap, ...] = ()
    lengths: tuple[TrackLength, ...] = ()
    changes: tuple[PictureChange, ...] = ()
    first_looks: tuple[tuple[str | None, ...], ...] = ()
    sound_headers: tuple[SoundHeaders, ...] = ()
    immersive_audio: ImmersiveAudio | None = None
    ancillary_captions: int | None = None
    caption_tracks: tuple[CaptionTrack, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A run of frames of the main picture track, and of whole seconds of every sound track, counted in its own samples
    from its first one. Half-open; an end of None is the end of the essence.

    `origins`: when the first frame of each track is shown, by stream index, in seconds of the container's clock.
    `is_exact`: sound that does not stand where its time stamps say is refused, because it could not be joined.
    """

    first_frame: int
    end_frame: int | None
    first_second: int
    end_second: int | None
    origins: Mapping[int, Fraction]
    is_exact: bool


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Signals:
    """All that one decode leaves behind: the picture, one sound table per sound track in wrapper order, pairs of their
    channels, and the log. `extensions`: the columns on demand that were asked for, whether there was anything to fill
    them or not. `packets`: of the main picture track; None where it is not decoded. `part`: of which part of the master
    they are; None: of the whole. `captions`: what each carrier of captions holds; of picture tracks the main one's.
    `texts`: the tracks of text that could be read to the end."""

    picture: PictureSignal | None
    sounds: tuple[SoundSignal, ...]
    log: DecodeLog
    pairs: tuple[PairSignal, ...] = ()
    extensions: frozenset[str] = frozenset()
    packets: PacketSignal | None = None
    part: Part | None = None
    captions: tuple[CaptionSignal, ...] = ()
    texts: tuple[TextSignal, ...] = ()

"""What one reader says of a master, one shape for all readers, so that they can be compared and the trusted one
chosen; opens no file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from deliverqc.facts.model import Facts

if TYPE_CHECKING:
    from deliverqc.probing.wrappers.priming import Priming

STORED_HEIGHT = "stored_height_px"
"""Not a fact: lines that the essence holds, of which a descriptor may show fewer (SMPTE ST 386: 576 of 608)."""

ACTIVE_AREA = "mxf_active_area_px"
"""Not a fact: width, height, left and top of the active area, where it is told of whole frames that are all shown."""

DISPLAY_TOP = "display_top_px"
"""Not a fact: how many of the stored lines stand above those that are shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackReading:
    """One track. `facts` go by the last part of their names (`codec`, `width_px`), numbers as exact as they were read.

    `index`: position among all tracks, or -1 where the reader does not say. `identity`: the wrapper's own number of
    the track. `wrapper` and `bitstream` hold what each states for itself. A name that is absent: the reader does not
    know. `coded_channels`: channels of a PCM track that hold coded audio (SMPTE ST 337). `is_essence_read`: the reader
    got at all that the bitstream's headers state. `is_substream`: one stream of an IAMF mix, if the file holds one.
    """

    index: int
    identity: int
    facts: Facts
    wrapper: Facts = field(default_factory=dict)
    bitstream: Facts = field(default_factory=dict)
    coded_channels: tuple[int, ...] = ()
    is_essence_read: bool = True
    is_substream: bool = False
    opus: Priming | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedTimecode:
    """A timecode as it is stated: `start` is an address as text, or the number of a frame counted from 00:00:00:00.

    `source` as in the registry. `rate` and `is_drop_frame` are None where the source does not say. `moved_by`: frames
    from the stated one to the first that is shown. `timescale`: ticks a second where `rate` is that of a frame of whole
    ticks, so that it may be rounded. `jumps`: where it does not go on from the sample before, in seconds after the
    first frame that is shown, and the number from which it goes on there. `edit_rate` and `component_count`: of the
    track of an MXF package that holds it.
    """

    source: str
    start: str | int
    rate: Fraction | None = None
    is_drop_frame: bool | None = None
    moved_by: int = 0
    timescale: int | None = None
    jumps: tuple[tuple[Fraction, int], ...] = ()
    edit_rate: Fraction | None = None
    component_count: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedLength:
    """A length that the file states, in `source`, of the track with that `key`, or of its longest track where the key
    is None.

    `key` is what the walker counts its tracks by; `name` is "picture 0" or "sound 1" once the track is known. `held_s`:
    what the index has of it, None where decoding has to show it. `tolerance_s`: what may lack, None for two packets.
    """

    source: str
    duration_s: Fraction
    key: int | None = None
    name: str | None = None
    held_s: Fraction | None = None
    tolerance_s: Fraction | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeaderFault:
    """What cannot be in the headers of a wrapper: in which box, set or table, and what is wrong with it."""

    place: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedEncryption:
    """That a track is encrypted, and by which scheme. `key` and `name` as in `StatedLength`; without either it is all
    of them."""

    scheme: str
    key: int | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A master as one reader sees it. `general` goes by full names; the tracks stand in the order of the wrapper."""

    general: Mapping[str, object]
    pictures: tuple[TrackReading, ...]
    sounds: tuple[TrackReading, ...]
    texts: tuple[TrackReading, ...]
    timecodes: tuple[StatedTimecode, ...] = ()
    version: str = ""

"""What a decode is asked for; knows no file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from deliverqc.signals.extended import Colorimetry
from deliverqc.signals.tables import Place


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to decode, as the probe found it: libav stream indexes, and what the wrapper promises.

    `picture_index` is the main picture track, `picture_indexes` all of them. `frame_rate` is the main track's, in
    frames per second. `promised_frame_count` is None where the wrapper promises none. `is_truncated`: bytes that it
    promises are not there. `pairs`: channels whose difference is wanted, as (number among `sound_indexes`, channel).
    `extensions` names the columns on demand (deliverqc/signals/extended), and `colorimetry` is what they read codes by.
    `part` is what is measured; None: the whole.
    """

    picture_index: int | None
    picture_indexes: tuple[int, ...]
    sound_indexes: tuple[int, ...]
    frame_rate: Fraction | None
    promised_frame_count: int | None
    is_truncated: bool
    pairs: tuple[tuple[Place, Place], ...] = ()
    extensions: tuple[str, ...] = ()
    colorimetry: Colorimetry = field(default_factory=Colorimetry)
    part: Part | None = None

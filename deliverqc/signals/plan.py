"""What a decode is asked for; knows no file."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from deliverqc.frame_files import FrameFiles
from deliverqc.signals.columns import Colorimetry
from deliverqc.signals.tables import Part, Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to decode, as the probe found it: libav stream indexes, and what the wrapper promises.

    `picture_index` is the main picture track, `picture_indexes` all of them. `frame_rate` is the main track's, in
    frames per second. `promised_frame_count` is None where the wrapper promises none. `is_truncated`: bytes that it
    promises are not there. `pairs`: channels whose difference is wanted, as (number among `sound_indexes`, channel).
    `extensions` names the columns on demand (deliverqc/signals/on_demand), and `colorimetry` is what they read codes
    by. `shown_lines`: first line and number of those that the main picture shows of more coded lines. `color_range`:
    limited or full where the probe knows better than the decoder. `coded`: channels that are known to hold coded audio
    in place of PCM, as in `pairs`. `part` is what is measured; None: the whole. `frames`: the files of an image
    sequence, which no container of libav holds. `may_hold_iab`: an immersive audio bitstream is looked for.
    `caption_tracks`: stream index and kind of the tracks of closed captions, which are read too; `text_tracks`: stream
    index and coding of those of text, which are read where the whole is measured.
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
    shown_lines: tuple[int, int] | None = None
    color_range: str | None = None
    coded: frozenset[Place] = frozenset()
    part: Part | None = None
    frames: FrameFiles | None = None
    may_hold_iab: bool = False
    caption_tracks: tuple[tuple[int, str], ...] = ()
    text_tracks: tuple[tuple[int, str], ...] = ()

"""What the header of one picture says, in one shape for all formats; opens no file."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from deliverqc.facts.model import Facts
from deliverqc.timebase import nearest_standard_rate

_LARGEST_DENOMINATOR = 1001


class NotAStillError(Exception):
    """A file is not a picture of a known format, or its header cannot be read; says why, as the end of a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Still:
    """One picture. `picture`: what it states by the last part of the names of picture facts; `sequence`: by those of
    `sequence.…`. `end`: bytes that the header says the file has at least; None where it does not. `is_unfinished`: the
    writer did not come to its end. `timecode`: address with `;` where drop-frame. `is_display_referred`: codes are
    video, so that 0 % and 100 % have their place; False for logarithmic and linear light. `unread`: why libav would
    decode it wrongly, or None.
    """

    picture: Facts
    sequence: Facts
    end: int | None = None
    is_unfinished: bool = False
    frame_rate: Fraction | None = None
    timecode: str | None = None
    is_display_referred: bool = True
    unread: str | None = None
    look: tuple[tuple[str, object], ...] = field(init=False)

    def __post_init__(self) -> None:
        stated = [(f"picture.{name}", value) for name, value in self.picture.items()]
        stated += [(f"sequence.{name}", value) for name, value in self.sequence.items()]
        stated.append(("picture.frame_rate", self.frame_rate))
        object.__setattr__(self, "look", tuple(stated))


def stated_rate(value: float | Fraction) -> Fraction | None:
    """A rate that a header has as a number: the standard one that it is within 0.03 % of, else as it is; None where it
    cannot be one."""
    if not 1 <= value < 1000:  # NaN too: DPX fills what it does not state with ones
        return None
    exact = Fraction(value).limit_denominator(_LARGEST_DENOMINATOR)
    return nearest_standard_rate(exact) or exact


def packed_timecode(word: int) -> str | None:
    """The address of a SMPTE ST 12-1 timecode in 32 bits, hours on top, as DPX and OpenEXR have it; None where its
    digits are none."""
    frames, seconds, minutes, hours = (word >> shift & 0xFF for shift in (0, 8, 16, 24))
    is_drop_frame = bool(frames & 0x40)
    parts = [hours & 0x3F, minutes & 0x7F, seconds & 0x7F, frames & 0x3F]
    if any(part & 15 > 9 for part in parts):
        return None
    hour, minute, second, frame = ((part >> 4) * 10 + (part & 15) for part in parts)
    return f"{hour:02}:{minute:02}:{second:02}{';' if is_drop_frame else ':'}{frame:02}"

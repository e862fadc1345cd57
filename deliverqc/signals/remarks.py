"""What demuxers and decoders say while they work, gathered into remarks; knows no frame and no sample."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from deliverqc.probing import said_once
from deliverqc.signals.tables import DecodeRemark

MAX_REMARKS = 1000

HINTING_DECODERS = frozenset(["jpeg2000", "mlp", "truehd"])
"""Decoders of libav whose warnings are listened to: JPEG 2000 has no checksums, and they say only by a warning how
many bytes of a code block they did not use; of MLP and TrueHD, that the samples do not have the check value of their
block."""

_ERROR_LEVEL = 16  # AV_LOG_ERROR
_OF_TIMECODE = ("Drop frame is only allowed with", "Valid timecode frame rate must be specified")
"""What libav says at error level of a timecode that contradicts its rate (libavutil/timecode.c), and which is no damage
to picture or sound: `wrapper.timecode_faults` has it."""
CONCEALING = "concealing "
"""What libav says at information level of every frame in which macroblocks are missing or damaged
(libavcodec/error_resilience.c), right before it marks the frame."""
_LOSSLESS = "Lossless check failed"
_UNUSED = re.compile(r"End mismatch (-?\d+)")
_MOST_UNUSED_BYTES = 8
"""House choice: above the five bytes or so by which the end of a code block's arithmetic code may differ from encoder
to encoder (ISO/IEC 15444-1, annex D.4)."""


class Seen(Protocol):
    """Which part of a track is measured."""

    def counts(self, elapsed: Fraction) -> bool:
        """Whether what is shown so many seconds after the first frame is part of it."""


class Speaker(Protocol):
    """A track that remarks are about."""

    @property
    def name(self) -> str: ...

    @property
    def decoder(self) -> str | None: ...

    @property
    def window(self) -> Seen | None: ...

    @property
    def origin(self) -> Fraction | None: ...

    @property
    def packet_s(self) -> Fraction: ...

    def complain(self, message: str, at: Fraction | None, log: Log) -> None:
        """Take in what its decoder found wrong with the packet at `at`."""

    def suspect(self, message: str, at: Fraction | None) -> None:
        """Take in what hints at damage of the packet at `at`."""

    def stop_if_threaded(self, complaint: str | None = None) -> None:
        """DamagedError where several threads decode it."""


@dataclass(slots=True, kw_only=True)
class Log:
    """Remarks as they come; successive equal ones become one with a count."""

    spoken: list[tuple[int, str, str]]
    tracks: Sequence[Speaker]
    errors: list[Remark] = field(default_factory=list)
    warnings: dict[tuple[str | None, str], int] = field(default_factory=dict)
    hints: list[tuple[Speaker, str]] = field(default_factory=list)

    def taken(self, decoding: Speaker | None = None) -> list[tuple[Speaker | None, str]]:
        """What was said since the last call: the first of each track's decoder, and of each other speaker, such as the
        wrapper's reader, for which the track is None; all is kept as warnings.

        `decoding` is the track that is decoding; a decoder with threads of its own may speak while another track
        decodes, and is then told by its name. Warnings that hint at damage go to `hints`; others are dropped.
        DamagedError where a decoder of several threads conceals something: its frames may not be marked.
        """
        first: dict[str, tuple[Speaker | None, str]] = {}
        heard = self.spoken[:]
        del self.spoken[: len(heard)]  # a thread may speak meanwhile, and what it says is for the next call
        for level, who, said in heard:
            message = f"{who}: {said.strip()}"
            said_once.note(said)
            owner = decoding if decoding is not None and who == decoding.decoder else self._owner(who)
            if said.startswith(CONCEALING):
                for track in self.tracks:
                    track.stop_if_threaded()
            if level > _ERROR_LEVEL:
                hint = _hint(said) if who in HINTING_DECODERS else None
                if owner is not None and hint is not None:
                    self.hints.append((owner, f"{who}: {hint}"))
                continue
            name = owner.name if owner is not None else None
            if not said.startswith(_OF_TIMECODE):
                first.setdefault(name or f"other {who}", (owner, message))
            if (name, message) in self.warnings or len(self.warnings) < MAX_REMARKS:
                self.warnings[name, message] = self.warnings.get((name, message), 0) + 1
        return list(first.values())

    def _owner(self, speaker: str) -> Speaker | None:
        return next((track for track in self.tracks if track.decoder == speaker), None)

    def error(self, track: Speaker | None, message: str, at: Fraction | None) -> None:
        last = self.errors[-1] if self.errors else None
        if last is not None and last.track is track and last.message == message and len(self.errors) >= MAX_REMARKS:
            last.count += 1
        elif last is not None and last.track is track and last.message == message and last.is_followed_by(at):
            last.count, last.last_at = last.count + 1, at
        else:
            self.errors.append(Remark(track=track, message=message, at=at, last_at=at, count=1))


def _hint(said: str) -> str | None:
    """What a warning says of damage, in our words."""
    if said.startswith(_LOSSLESS):
        return "the samples do not have the check value of their block"
    found = _UNUSED.match(said)
    if found is None or abs(int(found[1])) <= _MOST_UNUSED_BYTES:
        return None
    return f"{abs(int(found[1]))} bytes of a code block do not fit its picture"


@dataclass(slots=True, kw_only=True)
class Remark:
    track: Speaker | None
    message: str
    at: Fraction | None
    last_at: Fraction | None
    count: int

    def is_in_view(self) -> bool:
        """Whether the remark is about what is measured; one without a time always is."""
        window = self.track.window if self.track is not None else None
        if window is None or self.at is None or self.track is None or self.track.origin is None:
            return True
        return window.counts(self.at - self.track.origin)

    def is_followed_by(self, at: Fraction | None) -> bool:
        """Whether a packet at `at` is the very next one, to within half a packet."""
        if at is None or self.last_at is None or self.track is None:
            return at is self.last_at
        return abs(at - self.last_at) <= self.track.packet_s * 3 / 2


def seconds_of(stamp: int | None, time_base: Fraction | None) -> Fraction | None:
    return None if stamp is None or time_base is None else stamp * time_base


def raise_if_out_of_memory(error: Exception) -> None:
    """What the machine lacks is no damage of the master."""
    if getattr(error, "errno", None) == errno.ENOMEM:
        raise MemoryError("libav could not allocate memory") from error


def words(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def as_row(
    remark: Remark, origin: Fraction | None, frame_at: Callable[[float], int] | None, main: Speaker | None
) -> DecodeRemark:
    """The remark as a log holds it; `frame_at` tells the frame of the `main` track that is due at a time."""
    start = None if remark.at is None or origin is None else remark.at - origin
    frame = None
    if start is not None and frame_at is not None and remark.track is main:
        frame = frame_at(float(start))
    return DecodeRemark(
        track=remark.track.name if remark.track is not None else None,
        message=remark.message,
        frame=frame,
        start_s=None if start is None else float(start),
        count=remark.count,
    )

"""How long each track is by the packets that the file holds; knows no wrapper and no decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av

from deliverqc.signals.tables import TrackLength


@dataclass(slots=True)
class LengthCounter:
    """Counts the packets of one track, in ticks of the container until they are told: `first` and `last` are when the
    earliest begins and the latest ends."""

    first: int | None = None
    last: int | None = None
    ticks: int = 0
    has_every_duration: bool = True
    time_base: Fraction = Fraction(0)

    def see(self, packet: av.Packet[Any]) -> None:
        """Take a packet that is whole."""
        duration = packet.duration or 0
        self.ticks += duration
        self.has_every_duration = self.has_every_duration and duration > 0
        self.time_base = packet.time_base or self.time_base
        at = packet.pts if packet.pts is not None else packet.dts
        if at is None:
            return
        if self.first is None or at < self.first:
            self.first = at
        if self.last is None or at + duration > self.last:
            self.last = at + duration

    def told(self, name: str, packet_s: Fraction) -> TrackLength:
        """The length of the track of that `name`; `packet_s` is how long a packet lasts that does not say."""
        last_s = Fraction(0) if self.has_every_duration else packet_s
        return TrackLength(
            track=name,
            start_s=None if self.first is None else self.first * self.time_base,
            end_s=None if self.last is None else self.last * self.time_base + last_s,
            packets_s=self.ticks * self.time_base if self.has_every_duration else None,
            packet_s=packet_s,
        )


def joined_length(parts: Sequence[TrackLength]) -> TrackLength:
    """The length of a track from those of its successive parts."""
    starts = [part.start_s for part in parts if part.start_s is not None]
    ends = [part.end_s for part in parts if part.end_s is not None]
    counted = [part.packets_s for part in parts if part.packets_s is not None]
    return TrackLength(
        track=parts[0].track,
        start_s=min(starts, default=None),
        end_s=max(ends, default=None),
        packets_s=sum(counted, Fraction(0)) if len(counted) == len(parts) else None,
        packet_s=parts[-1].packet_s,
    )

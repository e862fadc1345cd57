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
    """Counts the packets of one track. Durations are in ticks of the container until they are told."""

    start_s: Fraction | None = None
    end_s: Fraction | None = None
    ticks: int = 0
    has_every_duration: bool = True
    time_base: Fraction | None = None

    def see(self, packet: av.Packet[Any], at: Fraction | None, packet_s: Fraction) -> None:
        """Take a packet that is whole, shown at `at`; `packet_s` is how long it lasts where it does not say."""
        self.ticks += packet.duration or 0
        self.has_every_duration = self.has_every_duration and bool(packet.duration)
        self.time_base = packet.time_base
        if at is None:
            return
        if self.start_s is None or at < self.start_s:
            self.start_s = at
        if self.end_s is None or at + packet_s > self.end_s:
            self.end_s = at + packet_s

    def told(self, name: str, packet_s: Fraction) -> TrackLength:
        return TrackLength(
            track=name,
            start_s=self.start_s,
            end_s=self.end_s,
            packets_s=self.ticks * (self.time_base or Fraction(0)) if self.has_every_duration else None,
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

"""Reads the tracks of ancillary data of an MXF file (SMPTE ST 436-1) in the pass that decodes the essence; knows no
fact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from av.container import InputContainer

from deliverqc.signals.headers.captions import NOT_LOOKED_AT, ancillary_captions

if TYPE_CHECKING:
    from av import Packet
    from av.stream import Stream

    from deliverqc.signals.frame_reader import FrameContainer

_VANC = "vbi_vanc_smpte_436M"  # libav's word for the essence container label of ancillary data packets


@dataclass(slots=True)
class AncillaryTracks:
    """The tracks, and what was found in them: carriers and services of captions."""

    streams: list[Stream] = field(default_factory=list)
    captions: int = 0
    is_read: bool = True

    def see(self, packet: Packet[Any]) -> None:
        """Look at the ancillary data packets of a frame."""
        found = ancillary_captions(bytes(packet))
        if found == NOT_LOOKED_AT:
            self.is_read = False
        else:
            self.captions |= found

    def told(self) -> int | None:
        """What was found; None where nothing was, and not all could be read."""
        return self.captions if self.captions or self.is_read else None


def ancillary_tracks(container: InputContainer | FrameContainer) -> AncillaryTracks:
    """The tracks of ancillary data in a file; an image sequence has none."""
    if not isinstance(container, InputContainer):
        return AncillaryTracks()
    return AncillaryTracks(
        [one for one in container.streams if one.type == "data" and one.metadata.get("data_type") == _VANC]
    )


def joined_captions(parts: Iterable[int | None]) -> int | None:
    """What was found in any of the parts of a master; None where nothing was, and one could not be read."""
    held = list(parts)
    found = 0
    for one in held:
        found |= one or 0
    return None if None in held and not found else found

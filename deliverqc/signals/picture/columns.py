"""What reads columns on demand out of pictures; knows no such reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from deliverqc.signals.columns import Columns

if TYPE_CHECKING:
    from av import Packet, VideoFrame

    from deliverqc.signals.picture.planes import Planes, Shape


class PictureColumns(Protocol):
    """Reads frames in order; a module of PICTURE_EXTENSIONS has `columns(colorimetry)`, which makes one."""

    def feed(self, frame: VideoFrame, planes: Planes, shape: Shape) -> None:
        """Add a row for one frame; the planes may not be changed, and are held only as long as needed."""

    def finish(self) -> Columns:
        """The columns by their own names, each (frames, ...)."""


@runtime_checkable
class PacketColumns(Protocol):
    """PictureColumns that read more than pictures."""

    def see(self, packet: Packet[Any]) -> None:
        """Look at a packet that is about to be decoded."""

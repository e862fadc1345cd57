"""What reads columns on demand out of pictures; knows no such reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from deliverqc.signals.columns import Columns

if TYPE_CHECKING:
    from av import Packet

    from deliverqc.signals.picture.moments import Moment


class PictureColumns(Protocol):
    """Reads frames; a module of PICTURE_EXTENSIONS has `columns(colorimetry)`, which makes one."""

    def read(self, moment: Moment) -> Any:  # noqa: ANN401
        """What a row says of a frame, from it and the two before it. Called for several frames at once, in any order,
        by threads that share this object; the planes may not be changed."""

    def keep(self, row: Any, moment: Moment) -> None:  # noqa: ANN401
        """Add what `read` gave for a frame; called in the order of the frames, by one thread at a time. Only here may a
        row depend on earlier ones."""

    def finish(self) -> Columns:
        """The columns by their own names, each (frames, ...)."""


@runtime_checkable
class PacketColumns(Protocol):
    """PictureColumns that read more than pictures."""

    def see(self, packet: Packet[Any]) -> None:
        """Look at a packet that is about to be decoded."""

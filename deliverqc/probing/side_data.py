"""The side data of decoded frames, read without holding the frame; knows no fact.

PyAV keeps what `frame.side_data` gives in the frame, and it refers back to the frame. So a frame that was asked for it
stays in memory until Python looks for such circles: dozens of pictures of several megabytes each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from av.sidedata.sidedata import SideDataContainer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from av.frame import Frame
    from av.sidedata.sidedata import SideData


def side_data_of(frame: Frame) -> Sequence[SideData]:
    """The side data of a frame, in libav's order. ValueError where PyAV lacks a name for one of them, such as Exif in
    TIFF."""
    listed = SideDataContainer(frame)  # type: ignore[call-arg]  # the stub declares no constructor
    return cast("list[SideData]", list(listed))

"""Says where libav's frame threads may pass over damage without a word, so that one thread has to decode; knows no
frame.

With frame threads a frame that waits for its turn in display order is handed out with the marks of that moment, though
the thread that decodes it may not be done. So its marks are not certain, and only words are: they are said in the
thread that decodes, and are heard at the latest when the threads are joined. Error concealment of H.264, MPEG-4 part 2
and others says a word of every frame that it touches. In H.264 pictures of one field are not concealed
(libavcodec/h264dec.c), and what is wrong with them is partly marked only.

The pictures of an intra profile are handed out by the thread that decodes them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import av

from deliverqc.probing.nal_units import length_size, unescaped, units
from deliverqc.signals.headers.avc import holds_frames_only, is_intra_profile, parameter_sets

_H264 = "h264"
_UNTRIED = ("vvc", "rv30", "rv40")
"""Decoders of several threads for which there is no encoder here, so that no damage of theirs was tried in threads."""
_SPS = 7  # ITU-T H.264 Table 7-1
_START_CODE = b"\x00\x00\x00\x01"


def thread_kind(decoder: str) -> Literal["AUTO", "FRAME"]:
    """How several threads divide a track: libav conceals nothing of H.264 in threads that divide a frame."""
    return "FRAME" if decoder == _H264 else "AUTO"


def hiding_check(decoder: str, extradata: bytes | None) -> Callable[[av.Packet[Any] | None], bool] | None:
    """Whether frame threads may pass over damage from a packet on; asked without one, by the extradata alone. None for
    decoders that never do."""
    if decoder in _UNTRIED:
        return lambda _: True
    return FieldWatch(extradata).allows_fields if decoder == _H264 else None


@dataclass(slots=True)
class FieldWatch:
    """Looks for sequence parameter sets of H.264 that admit pictures of one field which refer to others."""

    extradata: bytes | None

    def allows_fields(self, packet: av.Packet[Any] | None) -> bool:
        """Whether a parameter set in the packet, or new in its side data, admits them; of the extradata without one."""
        if packet is None:
            return any(_admits_fields(unit) for unit in parameter_sets(self.extradata))
        if packet.has_sidedata("new_extradata"):
            self.extradata = bytes(packet.get_sidedata("new_extradata"))
            if self.allows_fields(None):
                return True
        data = bytes(packet)
        size = 0 if data.startswith(_START_CODE) else length_size(_H264, self.extradata)
        return any(_admits_fields(unit) for unit in units(_H264, data, size))


def _admits_fields(unit: bytes) -> bool:
    """Whether a unit is a sequence parameter set that admits them, or one that cannot be read."""
    if not unit or unit[0] & 0x1F != _SPS:
        return False
    data = unescaped(unit[1:])
    try:
        return not (is_intra_profile(data) or holds_frames_only(data))
    except (EOFError, ValueError, IndexError):
        return True

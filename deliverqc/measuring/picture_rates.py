"""Draws the bit rate of a composition's picture over time from the sizes of its packets; reads no file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deliverqc.measuring.composition_edges import MOST_FRAMES
from deliverqc.meters.model import Curve
from deliverqc.packages.model import PICTURE, Track

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from deliverqc.measuring.compositions import PackagedComposition, TrackFile
    from deliverqc.measuring.readings import Drawn

_BITS_PER_BYTE, _BITS_PER_MEGABIT = 8, 1e6


def picture_rate(packaged: PackagedComposition) -> Sequence[Drawn]:
    """One value a frame, in Mbit/s: the size of its packet at the edit rate, nothing where a file was not decoded. None
    where there is not one picture of one edit rate, or none was decoded."""
    uses = packaged.uses(PICTURE)
    rates = {track.edit_rate for track, _ in uses}
    known = [file for _, file in uses if file is not None and file.signals is not None]
    is_single = len({(track.reel, track.sequence) for track, _ in uses}) == len({track.reel for track, _ in uses})
    rate = rates.pop() if len(rates) == 1 else None
    if not known or not is_single or rate is None or any(track.duration is None for track, _ in uses):
        return ()
    if sum((track.duration or 0) * track.repeat_count for track, _ in uses) > MOST_FRAMES:
        return ()
    import numpy as np  # a headers run has no packets and no need of it

    sizes = np.concatenate([_sizes(track, file) for track, file in uses])
    values = sizes * (_BITS_PER_BYTE * float(rate) / _BITS_PER_MEGABIT)
    if not np.isfinite(values).any():
        return ()
    return ((None, 0.0, Curve(name="picture_bit_rate", unit="Mbit/s", step_s=float(1 / rate), values=values)),)


def _sizes(track: Track, file: TrackFile | None) -> NDArray[np.float64]:
    """Bytes of each frame that is used, as often as it is used; NaN where it is not known."""
    import numpy as np

    found: NDArray[Any] = np.full(track.duration or 0, np.nan)
    packets = None if file is None or file.signals is None else file.signals.packets
    if packets is not None and np.isfinite(packets.start_s).all():
        shown = packets.size_bytes[np.argsort(packets.start_s, kind="stable")]
        part = shown[track.entry_point or 0 :][: len(found)]
        found[: len(part)] = part
    return np.tile(found, track.repeat_count)

"""What reads columns on demand out of sound; knows no such reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

from deliverqc.signals.columns import Columns
from deliverqc.signals.packs import Packs
from deliverqc.signals.tables import ROWS_PER_SECOND

if TYPE_CHECKING:
    from deliverqc.signals.audio.waveform import Floats


class SoundColumns(Protocol):
    """Reads a sound track; a module of SOUND_EXTENSIONS has `columns(sample_rate_hz, channel_count)`, which makes
    one."""

    def feed(self, block: Floats) -> None:
        """Add 100 rows for the next second, (channels, sample rate), the last one filled up with zeros; the block may
        not be kept."""

    def finish(self, row_count: int) -> Columns:
        """The columns by their own names, each (row_count, channels, ...)."""


SECONDS_A_PACK = 60
"""House choice: 1.4 MB of the core columns of 5.1 at a time."""


class Seconds:
    """Collects the rows of successive seconds in columns of the given types, each (rows, *shape)."""

    def __init__(self, kinds: Mapping[str, Any], shape: tuple[int, ...]) -> None:
        self._packs = Packs(kinds, dict.fromkeys(kinds, shape), SECONDS_A_PACK * ROWS_PER_SECOND)

    def add(self, second: Columns) -> None:
        """Add 100 rows, which have a value for every column."""
        for name, room in self._packs.next(ROWS_PER_SECOND).items():
            room[...] = second[name]

    def finish(self, row_count: int) -> dict[str, NDArray[Any]]:
        """The first rows of the columns; no longer of use for more."""
        return self._packs.finish(row_count)

"""What reads columns on demand out of sound; knows no such reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from deliverqc.signals.columns import Columns

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

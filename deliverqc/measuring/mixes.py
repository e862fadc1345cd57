"""The table of one channel group, put together from those of its tracks; knows no meter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deliverqc.facts.groups import SUBSTREAMS, Group
from deliverqc.signals.packs import filed
from deliverqc.signals.tables import SoundSignal, columns_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deliverqc.signals.tables import Signals


def mix_signal(signals: Signals, group: Group) -> SoundSignal | None:
    """The table of one channel group, its channels in layout order; a channel that ends early is silent to the end.

    None where there is no mix to measure: a table is missing, or the channels are substreams that a player renders.
    """
    if group.formed_by == SUBSTREAMS:
        return None
    parts = []
    for track, channel in group.channels:
        if track >= len(signals.sounds) or channel >= signals.sounds[track].k_energy.shape[1]:
            return None
        parts.append((signals.sounds[track], channel))
    if not parts or any(sound.sample_rate_hz != parts[0][0].sample_rate_hz for sound, _ in parts):
        return None
    rows = max(sound.row_count for sound, _ in parts)

    whole = parts[0][0] if _is_whole_track(parts) else None

    def column(name: str) -> Any:  # noqa: ANN401  an array of the column's own type
        table = np.zeros((rows, len(parts)), dtype=getattr(parts[0][0], name).dtype)
        for position, (sound, channel) in enumerate(parts):
            table[: sound.row_count, position] = getattr(sound, name)[:, channel]
        return table

    def extended(name: str) -> Any:  # noqa: ANN401
        own = [(sound, sound.extended[name][:, channel]) for sound, channel in parts]
        table = np.zeros((rows, len(parts), *own[0][1].shape[1:]), dtype=own[0][1].dtype)
        for position, (sound, values) in enumerate(own):
            table[: sound.row_count, position] = values
        return table

    names = columns_of(SoundSignal)
    columns: dict[str, Any] = (
        {name: getattr(whole, name) for name in names}
        if whole is not None
        else filed((name, column(name)) for name in names)
    )
    pairs = [pair for pair in signals.pairs if pair.first in group.channels and pair.second in group.channels]
    differences = np.zeros((rows, len(pairs)), dtype=np.float32)
    for position, pair in enumerate(pairs):
        known = pair.difference_energy[:rows]
        differences[: len(known), position] = known

    return SoundSignal(
        sample_rate_hz=parts[0][0].sample_rate_hz,
        sample_count=max(sound.sample_count for sound, _ in parts),
        labels=group.labels if group.layout is not None else ("",) * len(parts),
        **columns,
        pairs=tuple((group.channels.index(pair.first), group.channels.index(pair.second)) for pair in pairs),
        difference_energy=differences,
        offset_s=parts[0][0].offset_s,
        first_sample=parts[0][0].first_sample,
        extended=filed((name, extended(name)) for name in parts[0][0].extended) if whole is None else whole.extended,
    )


def _is_whole_track(parts: Sequence[tuple[SoundSignal, int]]) -> bool:
    """Whether a group is all channels of one track in their order, so that its table need not be copied."""
    sound = parts[0][0]
    channels = list(range(sound.k_energy.shape[1]))
    return all(one is sound for one, _ in parts) and [channel for _, channel in parts] == channels

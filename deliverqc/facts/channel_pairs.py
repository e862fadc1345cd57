"""Which channels are the left and the right of one pair, by their labels or by their order; knows no signal and no
spec."""

from __future__ import annotations

from collections.abc import Sequence

from deliverqc.facts.groups import PLACELESS, form_groups
from deliverqc.facts.model import Facts

Place = tuple[int, int]


def left_right(labels: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Positions of the left and the right channel of every pair among SMPTE ST 2067-8 labels: L and R, Ls and Rs, Lt
    and Rt, and so on. A label that occurs twice belongs to no pair."""
    pairs = []
    for left, label in enumerate(labels):
        other = f"R{label[1:]}"
        if label.startswith("L") and labels.count(label) == labels.count(other) == 1:
            pairs.append((left, labels.index(other)))
    return tuple(pairs)


def channel_pairs(facts: Facts) -> tuple[tuple[Place, Place], ...]:
    """Pairs of a subject's channels whose difference is worth measuring, as (sound track, channel) of left and right.

    They are the pairs of its channel groups, and every two successive channels of the file that have no label of a
    place: a spec may lay these out otherwise.
    """
    pairs: dict[tuple[Place, Place], None] = {}
    for group in form_groups(facts):
        for left, right in left_right(group.labels):
            pairs[group.channels[left], group.channels[right]] = None
    channels = [
        ((track, channel), label)
        for track, entry in enumerate(facts.get("sound.tracks", ()))
        for channel, label in enumerate(entry.get("channel_labels") or [""] * entry.get("channel_count", 0))
    ]
    for (first, *labels), (second, *others) in zip(channels[::2], channels[1::2], strict=False):
        if not {*labels, *others}.isdisjoint(PLACELESS):
            pairs[first, second] = None
    return tuple(pairs)

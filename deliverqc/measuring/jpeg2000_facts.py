"""Turns the headers of JPEG 2000 frames into facts: every distinct header, the largest components, and what the wrapper
states otherwise; knows no file and no spec."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from deliverqc.facts.jpeg2000_layers import DISAGREEMENTS, CodedFrames, jpeg2000_disagreements
from deliverqc.facts.probed_jpeg2000 import DESCRIPTOR, HEADER_ROWS
from deliverqc.measuring.decode_facts import start_timecode
from deliverqc.signals.headers.jpeg2000 import CODING, COMPONENT, COMPONENT_BYTES, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deliverqc.facts.model import Facts
    from deliverqc.signals.tables import PacketSignal, Signals
    from deliverqc.timebase import Timeline

_MOST_LISTED = 20
"""Of frames with a large component: house choice."""

_UNREAD: Facts = {fact.name.rpartition(".")[2]: None for fact in HEADER_ROWS}


def jpeg2000_facts(signals: Signals, timeline: Timeline, probed: Facts) -> Facts:
    """The facts that the headers of JPEG 2000 frames give; none of a part of a master, and none where no header can be
    read at all. `probed`: what the wrapper states; where it could not be read, nothing is compared."""
    packets = signals.packets
    if packets is None or signals.part is not None or not len(packets.size_bytes):
        return {}
    if not packets.codings:
        return {"picture.jpeg2000.headers": None, "picture.jpeg2000.largest_components": None, DISAGREEMENTS: None}
    if not any(json.loads(coding) for coding in packets.codings):
        return {}
    return {
        "picture.jpeg2000.headers": _headers(packets, timeline),
        "picture.jpeg2000.largest_components": _largest(packets, timeline),
        **_compared(packets, timeline, probed),
    }


def _compared(packets: PacketSignal, timeline: Timeline, probed: Facts) -> Facts:
    if DESCRIPTOR not in probed:
        return {}
    stated = probed[DESCRIPTOR]
    return {DISAGREEMENTS: None if stated is None else jpeg2000_disagreements(stated, _manners(packets, timeline))}


def _place(packets: PacketSignal, frame: int, timeline: Timeline) -> Facts:
    """Where a frame is; all frames stand alone, so that they come in the order in which they are shown."""
    start_s = float(packets.start_s[frame])
    if not np.isfinite(start_s):
        start_s = frame / float(timeline.frame_rate or 1)
    return {"frame": frame, "start_s": start_s, "start_timecode": start_timecode(timeline, start_s, frame)}


def _codings(packets: PacketSignal) -> Iterator[tuple[list[Facts], int, int]]:
    """The rows of each manner of coding, its first frame and the number of its frames, in the order of first frames."""
    numbers, first, counts = np.unique(packets.extended[CODING], return_index=True, return_counts=True)
    for number, frame, count in sorted(zip(numbers, first, counts, strict=True), key=lambda one: int(one[1])):
        yield json.loads(packets.codings[number]), int(frame), int(count)


def _manners(packets: PacketSignal, timeline: Timeline) -> Iterator[CodedFrames]:
    for rows, frame, count in _codings(packets):
        yield CodedFrames(rows=rows, place=_place(packets, frame, timeline), count=count)


def _headers(packets: PacketSignal, timeline: Timeline) -> list[Facts]:
    found: dict[str, tuple[int, int]] = {}
    for coded, frame, count in _codings(packets):
        for row in coded or [_UNREAD]:
            begins, frames = found.get(text := json.dumps(row), (frame, 0))
            found[text] = begins, frames + count
    rows: list[dict[str, Any]] = []
    for text, (frame, count) in found.items():
        rows.append(json.loads(text) | _place(packets, frame, timeline) | {"frame_count": count})
    return rows


def _largest(packets: PacketSignal, timeline: Timeline) -> list[Facts]:
    components, sizes = packets.extended[COMPONENT], packets.extended[COMPONENT_BYTES]
    unknown = np.flatnonzero(sizes == UNKNOWN)
    order = [int(frame) for frame in np.argsort(-sizes, kind="stable")[:_MOST_LISTED] if sizes[frame] != UNKNOWN]
    rows: list[Facts] = [
        {"component": int(components[frame]), "size_bytes": int(sizes[frame]), **_place(packets, frame, timeline)}
        for frame in order
    ]
    return rows + [_place(packets, int(frame), timeline) for frame in unknown[:1]]

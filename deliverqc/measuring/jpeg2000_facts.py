"""Turns the headers of JPEG 2000 frames into facts: every distinct header, and the largest components; knows no file
and no spec."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from deliverqc.facts.probed_jpeg2000 import HEADER_ROWS
from deliverqc.measuring.decode_facts import start_timecode
from deliverqc.signals.headers.jpeg2000 import CODING, COMPONENT, COMPONENT_BYTES, UNKNOWN

if TYPE_CHECKING:
    from deliverqc.facts.model import Facts
    from deliverqc.signals.tables import PacketSignal, Signals
    from deliverqc.timebase import Timeline

_MOST_LISTED = 20
"""Of frames with a large component: house choice."""

_UNREAD: Facts = {fact.name.rpartition(".")[2]: None for fact in HEADER_ROWS}


def jpeg2000_facts(signals: Signals, timeline: Timeline) -> Facts:
    """The facts that the headers of JPEG 2000 frames give; none of a part of a master, and none where no header can be
    read at all."""
    packets = signals.packets
    if packets is None or signals.part is not None or not len(packets.size_bytes):
        return {}
    if not packets.codings:
        return {"picture.jpeg2000.headers": None, "picture.jpeg2000.largest_components": None}
    if not any(json.loads(coding) for coding in packets.codings):
        return {}
    return {
        "picture.jpeg2000.headers": _headers(packets, timeline),
        "picture.jpeg2000.largest_components": _largest(packets, timeline),
    }


def _place(packets: PacketSignal, frame: int, timeline: Timeline) -> Facts:
    """Where a frame is; all frames stand alone, so that they come in the order in which they are shown."""
    start_s = float(packets.start_s[frame])
    if not np.isfinite(start_s):
        start_s = frame / float(timeline.frame_rate or 1)
    return {"frame": frame, "start_s": start_s, "start_timecode": start_timecode(timeline, start_s, frame)}


def _headers(packets: PacketSignal, timeline: Timeline) -> list[Facts]:
    numbers, first, counts = np.unique(packets.extended[CODING], return_index=True, return_counts=True)
    found: dict[str, tuple[int, int]] = {}
    for number, frame, count in sorted(zip(numbers, first, counts, strict=True), key=lambda one: int(one[1])):
        for row in json.loads(packets.codings[number]) or [_UNREAD]:
            begins, frames = found.get(text := json.dumps(row), (int(frame), 0))
            found[text] = begins, frames + int(count)
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

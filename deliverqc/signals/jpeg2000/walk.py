"""Walks every packet of the codestreams of JPEG 2000 and says what is broken (ISO/IEC 15444-1 annex B); decodes no
sample, and does not judge what it does not understand."""

from __future__ import annotations

import re

from deliverqc.probing.jpeg2000 import Codestream
from deliverqc.signals.jpeg2000.geometry import TilePlan, layout
from deliverqc.signals.jpeg2000.packet_headers import BandState, Marks, PacketError, read_packet

_MARKER = re.compile(rb"\xff[\x90-\xff]")
"""What the data of code blocks never hold (section D.4.1)."""


def packet_damage(data: bytes, codestream: Codestream) -> tuple[str, bool] | None:
    """What is wrong with the packets of a codestream of `data`, and whether that is damage in any case; None where
    nothing is, or where their layout is not understood."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for (tile, _), span in zip(codestream.tile_parts, codestream.spans, strict=True):
        spans.setdefault(tile, []).append(span)
    plans = layout(codestream.segments)
    for tile, parts in spans.items():
        plan = plans.plan(tile)
        if plan is None:
            continue
        try:
            _walk(plan, [data[start:end] for start, end in parts])
        except PacketError as error:
            return f"jpeg2000: {error}", error.is_certain
    return None


def _walk(plan: TilePlan, parts: list[bytes]) -> None:
    """Follow the packets of a tile through its tile-parts. PacketError where they do not lead to the end."""
    states: list[list[BandState] | None] = [None] * len(plan.precincts)
    marks = Marks(plan.has_sop, plan.has_eph)
    packets = iter(plan.packets)
    walked = 0
    for part in parts:
        place = 0
        while place < len(part):
            packet = next(packets, None)
            if packet is None:
                raise PacketError(f"{len(part) - place} bytes come after the last packet", is_certain=False)
            number, layer = packet
            read = read_packet(part, place, plan.precincts[number], states[number], layer, marks)
            states[number], place, walked = read.states, read.end, walked + 1
            if _MARKER.search(part, read.body, read.end):
                raise PacketError("the data of a code block hold a marker", is_certain=False)
    if walked < len(plan.packets):
        raise PacketError(f"{len(plan.packets) - walked} of {len(plan.packets)} packets are missing", is_certain=False)

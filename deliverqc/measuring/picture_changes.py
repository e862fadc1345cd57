"""Turns what decoded frames and packets show other than the first frame into facts; opens no file and knows no spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deliverqc.facts.assemble import round_facts
from deliverqc.facts.probed import probed_facts
from deliverqc.facts.vocabulary import COLOR_MATRIX, COLOR_PRIMARIES, COLOR_TRANSFER, from_h273
from deliverqc.measuring.decode_facts import is_untimed, seconds, start_timecode
from deliverqc.probing.pixels import level_name
from deliverqc.signals.headers.model import BOTTOM_ALONE, BOTTOM_FIRST, TOP_ALONE, TOP_FIRST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from deliverqc.facts.model import Facts
    from deliverqc.probing import Probed
    from deliverqc.signals.tables import PacketSignal, PictureChange, Signals
    from deliverqc.timebase import Timeline

_PROFILE_PER_FRAME = ("jpeg2000",)
"""Codings whose every frame has a profile of its own in other facts (`picture.jpeg2000.headers[]`)."""
_SCAN_MAY_VARY = ("mpeg2video", "h264", "vc1")
"""Codings whose pictures each state their scan, so that both follow each other in one sequence (ISO/IEC 13818-2 section
6.3.10, ITU-T H.264 section 7.4.3, SMPTE ST 421). The pictures of one HEVC sequence are all frames, or all single fields
(field_seq_flag, ITU-T H.265 section E.3.1), and libav marks fields alone as interlaced."""
_LEVEL_FALLS = ("mpeg2video",)
"""Codings whose higher levels have lower numbers (ISO/IEC 13818-2 Table 8-3)."""
_COLOURS = {"color_primaries": COLOR_PRIMARIES, "color_transfer": COLOR_TRANSFER, "color_matrix": COLOR_MATRIX}
_RANGES = {"1": "limited", "2": "full"}
_ORDERS = {TOP_FIRST: "tff", BOTTOM_FIRST: "bff"}


def picture_change_facts(signals: Signals, timeline: Timeline, probed: Probed | None = None) -> Facts:
    """Where the picture stops being what its first frame is; nothing of a part without a change, and where a picture
    track has no decoder here.

    A track is interlaced where one of its frames is, so `picture.scan` follows the frames where the coding may mix
    them."""
    log = signals.log
    changes = [_change(change, timeline, probed) for change in log.changes if not _is_told_elsewhere(change, probed)]
    changes += _field_order_change(signals, timeline, probed)
    facts: Facts = {}
    is_read = signals.part is None and not any(name.startswith("picture") for name in log.undecodable)
    if changes or is_read:
        facts["picture.changes"] = sorted(changes, key=lambda change: (change["frame"], change["track"]))
    if any(_is_newly_interlaced(change) for change in changes):
        facts |= {"picture.scan": "interlaced", "picture.bitstream.scan": "interlaced"}
        orders = _orders(signals.packets)
        if orders is not None and len(orders[1]):
            facts["picture.field_order"] = facts["picture.bitstream.field_order"] = _ORDERS[int(orders[1][0])]
    return round_facts(facts, probed_facts())


def _is_newly_interlaced(change: Facts) -> bool:
    return bool(
        change["track"] == "picture 0"
        and change["fact"] == "picture.scan"
        and change["to"] == "interlaced"
        and change["is_ordinary"]
    )


def _codec_of(change: PictureChange, probed: Probed | None) -> str | None:
    order = int(change.track.rpartition(" ")[2])
    tracks = probed.facts.get("picture.tracks", ()) if probed is not None else ()
    return tracks[order].get("codec") if order < len(tracks) else None


def _is_told_elsewhere(change: PictureChange, probed: Probed | None) -> bool:
    return change.what in ("codec_profile", "codec_level") and _codec_of(change, probed) in _PROFILE_PER_FRAME


def _change(change: PictureChange, timeline: Timeline, probed: Probed | None) -> Facts:
    codec = _codec_of(change, probed)
    return {
        "track": change.track,
        "fact": f"picture.{change.what}",
        "from": _value(change.what, change.before, codec),
        "to": _value(change.what, change.after, codec),
        "frame": change.frame,
        "start_s": seconds(change.start_s, probed),
        "start_timecode": None if is_untimed(probed) else start_timecode(timeline, change.start_s, change.frame),
        "frame_count": change.count,
        "is_ordinary": _is_ordinary(change, codec),
    }


def _is_ordinary(change: PictureChange, codec: str | None) -> bool:
    """Whether a master may do so: scan varies within a sequence of most codings, many encoders state HDR metadata
    once, at the head, and what decodes one level decodes a lower one."""
    if change.what.startswith("hdr."):
        return change.after is None
    if change.what == "codec_level":
        before, after = int(change.before or 0), int(change.after or 0)
        return before < after if codec in _LEVEL_FALLS else after < before
    return change.what in ("scan", "field_order") and codec in _SCAN_MAY_VARY


def _value(what: str, raw: str | None, codec: str | None) -> str | None:
    if what == "color_range":
        return _RANGES.get(raw or "")
    if what == "codec_profile":
        return raw.lower().replace(" ", "_") if raw else None
    if what == "codec_level":
        return level_name(codec or "", int(raw or 0)) or raw
    if raw is not None and raw.isdigit() and what in _COLOURS:
        return from_h273(_COLOURS[what], int(raw))
    return raw


def _field_order_change(signals: Signals, timeline: Timeline, probed: Probed | None) -> list[Facts]:
    """Where frames of the main picture track show the other field first than the first one that says so. Pictures that
    ask for a field to be shown again turn the order round on purpose (ISO/IEC 13818-2 section 6.3.10)."""
    packets = signals.packets
    found = _orders(packets) if signals.part is None else None
    if packets is None or found is None or not len(found[1]) or not (found[1] != found[1][0]).any():
        return []
    rows, orders = found
    other = rows[orders != orders[0]]
    times = packets.start_s
    is_timed = bool(np.isfinite(times).all())
    first = int(other[np.argmin(times[other])] if is_timed else other[0])
    frame = int(np.searchsorted(np.sort(times[_heads(packets)]), times[first])) if is_timed else first
    start_s = float(times[first]) if is_timed else None
    at = seconds(start_s, probed)
    return [
        {
            "track": "picture 0",
            "fact": "picture.field_order",
            "from": _ORDERS[int(orders[0])],
            "to": _ORDERS[int(orders[0]) ^ TOP_FIRST ^ BOTTOM_FIRST],
            "frame": frame,
            "start_s": at,
            "start_timecode": None if at is None else start_timecode(timeline, at, frame),
            "frame_count": len(other),
            "is_ordinary": bool((packets.extended["pulldown"] > 0).any()),
        }
    ]


def _heads(packets: PacketSignal) -> NDArray[np.int64]:
    """The packets in which a frame begins: all but those of a second field."""
    stated = packets.extended["field_order"]
    alone = (stated == TOP_ALONE) | (stated == BOTTOM_ALONE)
    is_head = np.ones(len(stated), dtype=np.bool_)
    row = 0
    while alone.any() and row < len(stated) - 1:
        if alone[row] and alone[row + 1] and stated[row] != stated[row + 1]:
            is_head[row + 1] = False
            row += 1
        row += 1
    return np.flatnonzero(is_head)


def _orders(packets: PacketSignal | None) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """The packets in which an interlaced frame begins, and the order of its fields."""
    if packets is None or "field_order" not in packets.extended:
        return None
    heads = _heads(packets)
    orders = packets.extended["field_order"][heads].astype(np.int64)
    orders[orders == TOP_ALONE] = TOP_FIRST
    orders[orders == BOTTOM_ALONE] = BOTTOM_FIRST
    known = (orders == TOP_FIRST) | (orders == BOTTOM_FIRST)
    return heads[known], orders[known]

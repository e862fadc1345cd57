"""Turns the table of the main picture track's packets into facts: sizes of coded frames, groups of pictures, bit rate;
knows no file and no spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deliverqc.measuring.decode_facts import start_timecode
from deliverqc.signals.headers.model import BIDIRECTIONAL, BOTH_CODES, INTRA, MAY_BE_OPEN, NOT_STATED
from deliverqc.timebase import Timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from deliverqc.facts.model import Facts
    from deliverqc.signals.tables import PacketSignal, Signals

_MOST_LISTED = 20
"""Of distinct sizes of frames, and of distinct lengths of groups: house choice; half are the smallest, half the
largest."""

_ONE_FRAME = 0.75
"""House choice: what comes sooner after an access point, in frames, is its second field."""

_ROOM_S = 0.25
"""House choice: how far the data of a constant bit rate may run ahead of it or behind, where the bitstream states no
buffer; the intra pictures of a group weigh more than that in what is coded for quality."""

_LEAST_S = 10
"""House choice: shorter tracks do not show whether an unstated bit rate is constant."""

_FIELDS = 1.5
"""House choice: packets per frame from which they hold fields."""


def packet_facts(signals: Signals, timeline: Timeline) -> Facts:
    """The facts that the packets of the main picture track give; none of a part of a master."""
    packets, rate = signals.packets, float(timeline.frame_rate) if timeline.frame_rate else None
    if packets is None or signals.part is not None or not len(packets.size_bytes) or not rate:
        return {}
    view = _View(packets, rate, timeline)
    facts: Facts = {"picture.bitstream.fixed_frame_rate": view.fixed_rate()}
    if len(packets.size_bytes) < _FIELDS * (signals.log.frame_count or 1):
        facts["picture.frame_sizes"] = view.frame_sizes()
    facts |= view.bit_rate_mode() | view.groups() | view.entropy_coding()
    return facts | view.pulldown_flags() | view.coding_id()


class _View:
    """The table with its packets in the order in which they are shown."""

    def __init__(self, packets: PacketSignal, rate: float, timeline: Timeline) -> None:
        self.packets, self.rate, self.timeline = packets, rate, timeline
        count = len(packets.size_bytes)
        self.has_times = bool(np.isfinite(packets.start_s).all())
        self.start_s: NDArray[np.float64] = packets.start_s if self.has_times else np.arange(count) / rate
        self.order = np.argsort(self.start_s, kind="stable")
        self.place = np.empty(count, dtype=np.int64)
        self.place[self.order] = np.arange(count)

    def column(self, name: str) -> NDArray[Any]:
        return self.packets.extended[name]

    def at(self, packet: int) -> Facts:
        """Which frame of the track a packet is, and when it is shown."""
        start_s, frame = float(self.start_s[packet]), int(self.place[packet])
        timecode = start_timecode(self.timeline, start_s, frame)
        return {"frame": frame, "start_s": start_s, "start_timecode": timecode}

    def frame_sizes(self) -> list[Facts]:
        shown = self.packets.size_bytes[self.order]
        sizes, first, counts = np.unique(shown, return_index=True, return_counts=True)
        return [
            {"size_bytes": int(sizes[i]), **self.at(int(self.order[first[i]])), "frame_count": int(counts[i])}
            for i in _listed(len(sizes))
        ]

    def groups(self) -> Facts:
        """Groups of pictures, which begin where decoding can."""
        kind, access = self.column("kind"), self.column("access")
        if not access.any():
            return {}
        starts = np.flatnonzero(access)
        far = np.diff(self.start_s[starts], prepend=-np.inf) * self.rate >= _ONE_FRAME
        starts = starts[far]
        facts: Facts = {"picture.gop.lengths": self._lengths(starts)}
        ends = [*starts[1:], len(access)]
        facts["picture.gop.open_count"] = sum(
            self._is_open(int(begin), int(end)) for begin, end in zip(starts, ends, strict=True)
        )
        sets = self.column("parameter_sets")[starts]
        stated = bool((sets != NOT_STATED).all())
        facts["picture.gop.without_parameter_sets_count"] = int((sets == 0).sum()) if stated else None
        if kind.all():
            facts["picture.gop.max_b_frames"] = _longest_run(kind[self.order] == BIDIRECTIONAL)
        return facts

    def _lengths(self, starts: NDArray[np.int64]) -> list[Facts]:
        shown = np.sort(self.start_s)
        begins = np.sort(self.start_s[starts])
        edges = np.concatenate((begins, [shown[-1] + 1 / self.rate]))
        if shown[0] < begins[0]:
            edges = np.concatenate((shown[:1], edges))
        seconds = np.diff(edges)
        frames = np.diff(np.searchsorted(shown, edges))
        first_packets = self.order[np.searchsorted(shown, edges[:-1])]
        lengths, first, counts = np.unique(frames, return_index=True, return_counts=True)
        slowest = int(np.searchsorted(lengths, frames[int(seconds.argmax())]))
        return [
            {
                "length_frames": int(lengths[i]),
                "length_s": float(seconds[frames == lengths[i]].max()),
                **self.at(int(first_packets[first[i]])),
                "gop_count": int(counts[i]),
            }
            for i in sorted({*_listed(len(lengths)), slowest})
        ]

    def _is_open(self, begin: int, end: int) -> bool:
        """Whether pictures that follow an access point are shown before it and may refer to what came earlier."""
        if self.column("access")[begin] != MAY_BE_OPEN:
            return False
        refers = self.column("refers_back")[begin:end]
        if (refers != NOT_STATED).all():
            return bool(refers.any())
        return bool((self.start_s[begin + 1 : end] < self.start_s[begin]).any())

    def bit_rate_mode(self) -> Facts:
        mode = self._bit_rate_mode()
        return {} if mode is None else {"picture.bit_rate_mode": mode}

    def _bit_rate_mode(self) -> str | None:
        """Constant where every frame has one size, or, unless frames all stand alone, where the data never runs ahead
        of a constant rate, or behind it, by more than the decoder's buffer holds (ISO/IEC 13818-2 annex C, ITU-T H.264
        annex C); None where that is not stated and the track is too short to show it."""
        sizes = self.packets.size_bytes.astype(np.int64) * 8
        if len(np.unique(sizes)) == 1:
            return "constant"
        cbr, rate_bps, buffer_bits = (self.column(name) for name in ("cbr", "rate_bps", "buffer_bits"))
        length_s = float(self.start_s.max() - self.start_s.min() + 1 / self.rate)
        if (cbr == 0).any() or bool((self.column("kind") == INTRA).all() and (cbr == NOT_STATED).all()):
            return "variable"
        if (cbr == 1).all() and len(np.unique(rate_bps)) == 1 and len(np.unique(buffer_bits)) == 1:
            is_constant = self._runs_ahead(sizes, int(rate_bps[0])) <= int(buffer_bits[0]) + int(sizes.max())
            return "constant" if is_constant else "variable"
        mean_bps = float(sizes.sum()) / length_s
        if self._runs_ahead(sizes, mean_bps) > _ROOM_S * mean_bps:
            return "variable"
        return "constant" if length_s >= _LEAST_S else None

    def _runs_ahead(self, sizes: NDArray[np.int64], rate_bps: float) -> float:
        """How far the data runs from a constant rate, from its least to its most, in bits, in the order of the file."""
        due = np.arange(1, len(sizes) + 1) * (rate_bps / self.rate)
        ahead = np.cumsum(sizes) - due
        return float(max(ahead.max(), 0) - min(ahead.min(), 0))

    def fixed_rate(self) -> bool | None:
        stated = self.column("fixed_rate")
        if (stated == 0).any():
            return False
        return None if (stated == NOT_STATED).any() else True

    def entropy_coding(self) -> Facts:
        modes = set(np.unique(self.column("cabac")).tolist()) - {NOT_STATED}
        if BOTH_CODES in modes or len(modes) > 1:
            return {"picture.entropy_coding": "mixed"}
        return {"picture.entropy_coding": ("cabac" if 1 in modes else "cavlc") if modes else None}

    def pulldown_flags(self) -> Facts:
        flags = self.column("pulldown")
        return {} if (flags == NOT_STATED).any() else {"picture.pulldown_flag_count": int(flags.sum())}

    def coding_id(self) -> Facts:
        found = np.unique(self.column("coding_id")).tolist()
        return {"picture.dnxhd_compression_id": None if found == [NOT_STATED] else found[0]} if len(found) == 1 else {}


def _listed(count: int) -> list[int]:
    """Which of so many distinct values, in order, are listed."""
    half = _MOST_LISTED // 2
    return list(range(count)) if count <= _MOST_LISTED else [*range(half), *range(count - half, count)]


def _longest_run(flags: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))

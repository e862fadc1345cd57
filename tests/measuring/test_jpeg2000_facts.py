"""Facts of the headers of every JPEG 2000 frame: which rows there are, where they begin, and what is left unsaid."""

from __future__ import annotations

import itertools
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from deliverqc.facts.jpeg2000_layers import DISAGREEMENTS as _DISAGREEMENTS
from deliverqc.facts.probed import probed_facts
from deliverqc.facts.probed_jpeg2000 import DESCRIPTOR as _DESCRIPTOR
from deliverqc.measuring.jpeg2000_facts import jpeg2000_facts
from deliverqc.signals.headers.jpeg2000 import CodingCollector
from deliverqc.signals.parts import _joined_packets
from deliverqc.signals.store import Store
from deliverqc.signals.tables import DecodeLog, PacketSignal, Part, Signals
from deliverqc.timebase import Timecode, Timeline

_HEADERS, _LARGEST = "picture.jpeg2000.headers", "picture.jpeg2000.largest_components"
_RATE = Fraction(24)


def _frame(*lengths: int, rsiz: int = 3) -> bytes:
    """A codestream of one tile with tile-parts of these lengths, in the order CPRL."""
    sizes = struct.pack(">HH8IH", 47, rsiz, 64, 32, 0, 0, 64, 32, 0, 0, 3) + bytes([11, 1, 1] * 3)
    coding = b"\xff\x52" + struct.pack(">H", 12) + bytes([0, 4, 0, 1, 1, 5, 3, 3, 0, 0]) + b"\xff\x5c\0\x04\x22\0"
    parts = (b"\xff\x90" + struct.pack(">HHIBB", 10, 0, n, 0, 0) + b"\xff\x93" + bytes(n - 14) for n in lengths)
    return b"\xff\x4f\xff\x51" + sizes + coding + b"".join(parts) + b"\xff\xd9"


def _packets(*frames: bytes) -> PacketSignal:
    collector = CodingCollector()
    for frame in frames:
        collector.see(frame)
    return PacketSignal(
        size_bytes=np.array([len(frame) for frame in frames], dtype=np.uint32),
        start_s=np.arange(len(frames)) / float(_RATE),
        extended=collector.columns(),
        codings=collector.codings,
    )


def _signals(packets: PacketSignal | None, part: Part | None = None) -> Signals:
    log = DecodeLog(errors=(), warnings=(), frame_count=1, missing_frame_count=0, undecodable=())
    return Signals(picture=None, sounds=(), log=log, packets=packets, part=part)


def _facts(
    packets: PacketSignal | None, part: Part | None = None, stated: dict[str, Any] | None = None
) -> dict[str, Any]:
    start = Timecode.parse("01:00:00:00", _RATE, is_drop_frame=False)
    timeline = Timeline(frame_rate=_RATE, frame_count=40, start=start)
    return jpeg2000_facts(_signals(packets, part), timeline, stated or {})


_GOOD, _PLAIN = _frame(100, 300, 200), _frame(100, 100, 100, rsiz=0)


def test_each_distinct_header_has_one_row_with_its_first_frame() -> None:
    rows = _facts(_packets(_GOOD, _frame(20, 20, 30), _PLAIN, _GOOD, _PLAIN))[_HEADERS]
    assert [(row["profile"], row["frame"], row["frame_count"]) for row in rows] == [("cinema_2k", 0, 3), ("none", 2, 2)]
    assert rows[1]["start_timecode"] == "01:00:00:02"
    assert rows[1]["start_s"] == 2 / 24


def test_a_row_has_every_registered_member_and_no_other() -> None:
    (row,) = _facts(_packets(_GOOD))[_HEADERS]
    prefix = f"{_HEADERS}[]."
    assert set(row) == {name.removeprefix(prefix) for name in probed_facts() if name.startswith(prefix)}


def test_a_frame_without_a_header_is_a_row_of_nulls() -> None:
    rows = _facts(_packets(_GOOD, b"", bytes(50), _GOOD))[_HEADERS]
    assert [(row["rsiz"], row["tile_part_count"], row["frame"], row["frame_count"]) for row in rows] == [
        (3, 3, 0, 2),
        (None, None, 1, 2),
    ]


def test_where_no_header_can_be_read_nothing_is_said() -> None:
    assert _facts(_packets(bytes(500), bytes(600))) == {}
    assert _facts(_packets()) == {}
    assert _facts(None) == {}


def test_of_a_part_nothing_is_said() -> None:
    part = Part(first_frame=0, end_frame=2, first_second=0, end_second=1, origins={}, is_exact=False)
    assert _facts(_packets(_GOOD, _GOOD), part) == {}


def test_other_codings_have_null() -> None:
    other = PacketSignal(size_bytes=np.array([9], dtype=np.uint32), start_s=np.zeros(1))
    assert _facts(other) == {_HEADERS: None, _LARGEST: None, _DISAGREEMENTS: None}


def test_a_row_of_one_field_counts_the_frames_that_have_it() -> None:
    rows = _facts(_packets(_GOOD + _PLAIN, _GOOD + _GOOD, _GOOD + _PLAIN))[_HEADERS]
    assert [(row["profile"], row["codestream_count"], row["frame"], row["frame_count"]) for row in rows] == [
        ("cinema_2k", 2, 0, 3),
        ("none", 2, 0, 2),
    ]


def test_the_largest_components_come_first_and_are_twenty() -> None:
    sizes = [200 + (7 * number) % 40 for number in range(40)]
    rows = _facts(_packets(*(_frame(100, 150, size) for size in sizes)))[_LARGEST]
    assert [row["size_bytes"] for row in rows] == sorted(sizes, reverse=True)[:20]
    assert all(sizes[row["frame"]] == row["size_bytes"] and row["component"] == 2 for row in rows)


def test_frames_that_do_not_show_components_have_a_row_without_size() -> None:
    rows = _facts(_packets(_GOOD, _frame(500), _GOOD, _frame(900)))[_LARGEST]
    assert [(row.get("size_bytes"), row["frame"]) for row in rows] == [(300, 0), (300, 2), (None, 1)]
    assert "size_bytes" not in rows[-1]


def test_parts_join_to_the_table_of_a_single_pass(tmp_path: Path) -> None:
    frames = [_GOOD, _PLAIN, _GOOD, _frame(50), _PLAIN, b"", _frame(50), _GOOD]
    whole = _packets(*frames)
    for joins in ((3,), (1, 5), (2, 3, 6)):
        edges = (0, *joins, len(frames))
        parts = [_packets(*frames[begin:end]) for begin, end in itertools.pairwise(edges)]
        joined = _joined_packets(parts)
        assert joined.codings == whole.codings
        for name, column in whole.extended.items():
            assert np.array_equal(joined.extended[name], column)
            assert joined.extended[name].dtype == column.dtype
    store = Store(folder=tmp_path)
    store.save("key", _signals(whole))
    loaded = store.load("key")
    assert loaded is not None
    assert loaded.packets is not None
    assert _facts(loaded.packets) == _facts(whole)


def test_every_frame_is_held_to_what_the_wrapper_states() -> None:
    packets = _packets(_GOOD, _PLAIN, b"", _GOOD, _PLAIN)
    (row,) = _facts(packets, stated={_DESCRIPTOR: {"rsiz": 3}})[_DISAGREEMENTS]
    assert (row["values"], row["frame"], row["frame_count"]) == ({"wrapper": 3, "bitstream": 0}, 1, 2)
    assert row["start_timecode"] == "01:00:00:01"
    prefix = f"{_DISAGREEMENTS}[]."
    assert set(row) == {name.removeprefix(prefix) for name in probed_facts() if name.startswith(prefix)}


def test_without_a_sub_descriptor_the_comparison_is_null_and_unread_it_is_missing() -> None:
    assert _facts(_packets(_GOOD), stated={_DESCRIPTOR: None})[_DISAGREEMENTS] is None
    assert _DISAGREEMENTS not in _facts(_packets(_GOOD), stated={})
    assert _DISAGREEMENTS not in _facts(_packets(bytes(500)), stated={_DESCRIPTOR: {"rsiz": 3}})

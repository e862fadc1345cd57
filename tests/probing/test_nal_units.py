"""Units of a packet by lengths and by start codes, of whole and of broken packets."""

from __future__ import annotations

import pytest

from deliverqc.probing.nal_units import units


@pytest.mark.parametrize(
    ("packet", "length_size", "found"),
    [
        (b"\0\0\1\x67ab\0\0\0\1\x65cd", 0, [b"\x67ab", b"\x65cd"]),
        (b"\0\0\0\1\x67", 0, [b"\x67"]),
        (b"", 0, []),
        (b"no start code in it", 0, []),
        (b"\0\3abc\0\1d", 2, [b"abc", b"d"]),
        (b"\0\x09abc", 2, [b"abc"]),
    ],
    ids=["two", "one", "empty", "without start code", "lengths", "length beyond the end"],
)
def test_units_of_a_packet(packet: bytes, length_size: int, found: list[bytes]) -> None:
    read = list(units("h264", packet, length_size))
    assert [unit[: len(whole)] for unit, whole in zip(read, found, strict=True)] == found  # a start code may follow

"""NAL units of H.264 and HEVC: bytes that no unit holds, and user data without their identifier."""

from __future__ import annotations

import pytest

from deliverqc.signals.packet_checks import packet_check

AVCC = bytes([1, 100, 0, 40, 0xFF, 0xE0, 0])  # ISO/IEC 14496-15: lengths of 4 bytes, no parameter sets
HVCC = bytes([1, *[0] * 20, 3, 0])  # the same of HEVC: the length is in the 22nd byte
VVCC = bytes([0xFE, 0])  # of VVC: five bits of ones, the length, and no profile
SLICE = bytes([0x65, 0x88, 0x84, 0x12, 0x34])
UUID = bytes(range(1, 17))


def prefixed(*units: bytes) -> bytes:
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


def annex_b(*units: bytes) -> bytes:
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in units)


def sei(payload: bytes, stated: int | None = None) -> bytes:
    return bytes([6, 5, len(payload) if stated is None else stated]) + payload + b"\x80"


@pytest.mark.parametrize(
    "unit",
    [
        SLICE,
        SLICE + b"\x00\x00\x03\x00\x12",  # escaped zeros
        SLICE + b"\x00\x00\x03\x01\x12",
        SLICE + b"\x00" * 300,  # zeros behind the unit, as AVC-Intra has them
        sei(UUID + b"x264"),
    ],
)
def test_units_as_encoders_write_them_are_silent(unit: bytes) -> None:
    for check, packet in (
        (packet_check("h264", AVCC), prefixed(unit, SLICE)),
        (packet_check("h264"), annex_b(unit, SLICE)),
        (packet_check("hevc"), annex_b(unit, SLICE)),
        (packet_check("hevc", HVCC), prefixed(unit, SLICE)),
        (packet_check("vvc", VVCC), prefixed(unit, SLICE)),
        (packet_check("vvc"), annex_b(unit, SLICE)),
    ):
        assert check is not None and check(packet) is None


@pytest.mark.parametrize("hole", [b"\x00\x00\x02", b"\x00\x00\x00\x77", b"\x00" * 512 + b"\x42"])
def test_zeros_without_emulation_prevention_are_found(hole: bytes) -> None:
    for check, packet in (
        (packet_check("h264", AVCC), prefixed(SLICE, SLICE + hole + SLICE)),
        (packet_check("h264"), annex_b(SLICE, SLICE + hole + SLICE)),
        (packet_check("hevc", HVCC), prefixed(SLICE, SLICE + hole + SLICE)),
        (packet_check("hevc"), annex_b(SLICE, SLICE + hole + SLICE)),
        (packet_check("vvc", VVCC), prefixed(SLICE, SLICE + hole + SLICE)),
        (packet_check("vvc"), annex_b(SLICE, SLICE + hole + SLICE)),
    ):
        assert check is not None
        found = check(packet)
        assert found is not None and "emulation prevention" in found[0] and not found[1]


@pytest.mark.parametrize(("codec", "record"), [("h264", AVCC), ("hevc", HVCC), ("vvc", VVCC)])
def test_a_start_code_within_a_unit_of_stated_length_is_found(codec: str, record: bytes) -> None:
    check = packet_check(codec, record)
    assert check is not None and check(prefixed(SLICE + b"\x00\x00\x01" + SLICE)) is not None


def test_the_lengths_of_units_are_no_zeros_of_theirs() -> None:
    check = packet_check("h264", AVCC)
    assert check is not None and check(prefixed(SLICE + b"\x55" * 0x2A6, SLICE)) is None  # 00 00 02 AB


def test_user_data_shorter_than_their_identifier_are_found() -> None:
    check = packet_check("h264", AVCC)
    assert check is not None
    found = check(prefixed(sei(b"", stated=0) + b"\x11\x22\x33", SLICE))
    assert found is not None and "identifier" in found[0]

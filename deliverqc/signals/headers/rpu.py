"""Reads a Dolby Vision reference processing unit: its version of content mapping and its level 1; knows no coding that
carries one, and no fact. The syntax is that of ETSI GS CCM 001, with the extension of content mapping 4.0 as libav and
dovi_tool read it."""

from __future__ import annotations

import zlib

from deliverqc.signals.headers.bits import Bits
from deliverqc.signals.headers.dynamic_metadata import CM_2_9, CM_4_0, FrameMetadata

_PREFIX, _FINAL = 25, 0x80
_RPU_TYPE = 2
_CRC_BYTES, _TAIL_BITS = 4, 40  # the checksum, and the byte that ends a unit
_FIXED_POINT, _FLOATING_POINT = 0, 1
_FLOAT_BITS = 32
_COMPONENTS = 3
_LEVEL_OF_4_0 = 254
"""Block that the extension of version 4.0 always holds (dolby_vision crate of dovi_tool, cmv40)."""

_LEVEL_1_BYTES = 5
_MOST_PIECES, _MOST_BLOCKS = 8, 255
_DM_BITS = 9 * 16 + 3 * 32 + 9 * 16 + 16 * 3 + 32 + 5 + 2 + 2 + 2 + 12 + 12 + 10
"""From ycc_to_rgb_coef to source_diagonal."""
_LARGEST_PQ = 4095
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def read_rpu(data: bytes) -> FrameMetadata | None:
    """What a unit says, from its prefix (25) on and without emulation prevention; None where it is damaged, of another
    type, or has a syntax that is not read."""
    unit = data.rstrip(b"\0")
    if len(unit) < 8 or unit[0] != _PREFIX or unit[-1] != _FINAL:
        return None
    body = unit[1:-1]
    if _checksum(body[:-_CRC_BYTES]) != int.from_bytes(body[-_CRC_BYTES:], "big"):
        return None
    try:
        return _Reader(unit[1:]).read()
    except (EOFError, ValueError):
        return None


def _checksum(data: bytes) -> int:
    """CRC-32 with the polynomial 0x04C11DB7 from the first bit on, as in ISO/IEC 13818-1 Annex A."""
    mirrored = zlib.crc32(data.translate(_REVERSED)) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, "big").translate(_REVERSED)[::-1], "big")


class _Reader:
    """One unit while it is read. ValueError for a syntax that is not read, EOFError where it ends too early."""

    def __init__(self, data: bytes) -> None:
        self.bits = Bits(data)
        self.coefficient_type = _FIXED_POINT
        self.fraction_bits = 0
        self.base_bits = self.enhancement_bits = 0
        self.has_residual = False

    def read(self) -> FrameMetadata:
        has_display_management, refers_back = self._header()
        if refers_back:
            self.bits.unsigned()
        else:
            self._mapping()
        if not has_display_management:
            return FrameMetadata()
        self._display_management()
        blocks = self._blocks()
        version: int | None = CM_2_9
        if self.bits.left > _TAIL_BITS + 8:
            version = CM_4_0 if _LEVEL_OF_4_0 in self._blocks() else None
        return FrameMetadata(cm=version, level_1=_level_1(blocks.get(1)))

    def _header(self) -> tuple[bool, bool]:
        """rpu_data_header: whether display management follows, and whether the mapping is that of an earlier unit."""
        bits = self.bits
        if bits.take(6) != _RPU_TYPE:
            raise ValueError("another type of unit")
        layout = bits.take(11)
        bits.take(8)
        if not bits.take(1):
            raise ValueError("no sequence information")
        bits.take(1)
        self.coefficient_type = bits.take(2)
        if self.coefficient_type not in (_FIXED_POINT, _FLOATING_POINT):
            raise ValueError("an unknown type of coefficient")
        self.fraction_bits = bits.unsigned() if self.coefficient_type == _FIXED_POINT else _FLOAT_BITS
        bits.take(3)
        if layout & 0x700 == 0:
            self.base_bits = bits.unsigned() + 8
            self.enhancement_bits = (bits.unsigned() & 0xFF) + 8  # above: how the enhancement layer is mapped
            bits.unsigned(), bits.take(4)
            bits.take(1)
            self.has_residual = not bits.take(1)
        return bool(bits.take(1)), bool(bits.take(1))

    def _mapping(self) -> None:
        """vdr_rpu_data_payload, of which nothing is kept."""
        bits = self.bits
        bits.unsigned(), bits.unsigned(), bits.unsigned()
        pieces = [self._pivots() - 1 for _ in range(_COMPONENTS)]
        if self.has_residual:
            if bits.take(3):
                raise ValueError("an unknown residual")
            bits.take(2 * self.base_bits)
        bits.unsigned(), bits.unsigned()
        for count in pieces:
            for _ in range(count):
                self._curve()
        if self.has_residual:
            for _ in range(_COMPONENTS):
                bits.take(self.enhancement_bits)
                for _ in range(3):
                    self._unsigned_coefficient()

    def _pivots(self) -> int:
        count = self.bits.unsigned() + 2
        if count > _MOST_PIECES + 1:
            raise ValueError("too many pivots")
        self.bits.take(count * self.base_bits)
        return count

    def _curve(self) -> None:
        bits = self.bits
        mapping = bits.unsigned()
        if mapping == 0:
            order = bits.unsigned() + 1
            if order > 2 or (order == 1 and bits.take(1)):
                raise ValueError("an unknown polynomial")
            count = order + 1
        elif mapping == 1:
            count = 1 + 7 * (bits.take(2) + 1)
        else:
            raise ValueError("an unknown mapping")
        for _ in range(count):
            self._signed_coefficient()

    def _signed_coefficient(self) -> None:
        if self.coefficient_type == _FIXED_POINT:
            self.bits.signed()
        self.bits.take(self.fraction_bits)

    def _unsigned_coefficient(self) -> None:
        if self.coefficient_type == _FIXED_POINT:
            self.bits.unsigned()
        self.bits.take(self.fraction_bits)

    def _display_management(self) -> None:
        """vdr_dm_data_payload up to its blocks."""
        for _ in range(3):
            self.bits.unsigned()
        self.bits.take(_DM_BITS)

    def _blocks(self) -> dict[int, tuple[int, int]]:
        """ext_metadata_block: bytes and value of each, by its level; the last of a level that stands more than once."""
        bits = self.bits
        count = bits.unsigned()
        if count > _MOST_BLOCKS:
            raise ValueError("too many blocks")
        bits.align()
        found = {}
        for _ in range(count):
            length, level = bits.unsigned(), bits.take(8)
            found[level] = (length, bits.take(8 * length))
        return found


def _level_1(block: tuple[int, int] | None) -> tuple[float, float, float] | None:
    """Smallest, mean and largest of a block of level 1, which holds smallest, largest and mean in 12 bits each."""
    if block is None:
        return None
    length, value = block
    if length != _LEVEL_1_BYTES:
        raise ValueError("level 1 of another length")
    low, high, mean = (value >> shift & _LARGEST_PQ for shift in (28, 16, 4))
    return low / _LARGEST_PQ, mean / _LARGEST_PQ, high / _LARGEST_PQ

"""Reads the bits of a header one after another, with the codes of H.264 and HEVC; knows no header."""

from __future__ import annotations

_LONGEST_PREFIX = 32
"""ITU-T H.264 section 9.1: codes of unsigned numbers up to 2^32 - 2."""


class Bits:
    """Bits from the first to the last byte, the most significant first. EOFError beyond the end."""

    __slots__ = ("_left", "_value")

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """The next `count` bits as a number."""
        if count > self._left:
            raise EOFError("the header ends too early")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    @property
    def left(self) -> int:
        """How many bits are left."""
        return self._left

    def align(self) -> None:
        """Go on to the next whole byte."""
        self._left -= self._left % 8

    def unsigned(self) -> int:
        """An unsigned Exp-Golomb code (ITU-T H.264 section 9.1). ValueError where it is longer than any may be."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > _LONGEST_PREFIX:
                raise ValueError("an Exp-Golomb code is too long")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """A signed Exp-Golomb code (ITU-T H.264 section 9.1.1)."""
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)

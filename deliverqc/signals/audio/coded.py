"""Finds coded audio in place of samples (SMPTE ST 337) in PCM and in what is coded without loss; decodes none of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_PREAMBLES = ((0xF872, 0x4E1F, 16), (0x6F872, 0x54E1F, 20), (0x96F872, 0xA54E1F, 24))
"""Pa, Pb and their bits: ST 337 section 6, Table 5."""

_CODINGS = {1: "AC-3", 11: "DTS", 12: "DTS", 13: "DTS", 16: "E-AC-3", 17: "DTS", 21: "E-AC-3", 28: "Dolby E"}
"""Data types of ST 338 Table 2, and 21 of IEC 61937-3."""

_LOSSLESS = frozenset(["alac", "flac", "mlp", "s302m", "truehd", "tta", "wavpack"])
"""Decoders of libav that give back every bit of the PCM that was coded, and a burst with it."""

_LEAST_BURSTS = 2
"""House choice: once in an hour of 16-bit noise the words of one burst come together by chance."""


def _value(word: int, bits: int) -> np.float32:
    """A word as a sample of full scale 1.0 holds it in its upper bits; exact in a float32."""
    return np.float32((word - (1 << bits) if word >> (bits - 1) else word) / 2.0 ** (bits - 1))


_WORDS = tuple((_value(first, bits), _value(second, bits)) for first, second, bits in _PREAMBLES)


def is_lossless(decoder: str | None) -> bool:
    """Whether the samples of a decoder of libav are, bit by bit, those that were delivered."""
    return decoder is not None and (decoder.startswith("pcm_") or decoder in _LOSSLESS)


class CodedSearch:
    """Searches one track for bursts, in pairs of neighbouring channels in either order and in single channels.

    `found`: by coding and channels, the sample of the first burst.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, tuple[int, ...]], list[int]] = {}
        self._position = 0

    def take(self, samples: Floats) -> None:
        """Take the next samples, (channels, n)."""
        for first, second in _WORDS:
            for channel, at in np.argwhere(samples == first).tolist():
                self._look(samples, channel, at, second)
        self._position += samples.shape[1]

    def _look(self, samples: Floats, channel: int, at: int, second: np.float32) -> None:
        for partner in (channel + 1, channel - 1):
            is_there = 0 <= partner < len(samples) and samples[partner, at] == second
            if is_there and at + 1 < samples.shape[1]:
                self._note(float(samples[channel, at + 1]), tuple(sorted((channel, partner))), at)
                return
        if at + 2 < samples.shape[1] and samples[channel, at + 1] == second:
            self._note(float(samples[channel, at + 2]), (channel,), at)

    def _note(self, value: float, channels: tuple[int, ...], at: int) -> None:
        coding = _CODINGS.get(int(np.floor(value * 2.0**15)) & 0x1F)
        if coding is not None:
            places = self._seen.setdefault((coding, channels), [])
            if len(places) < _LEAST_BURSTS:
                places.append(self._position + at)

    @property
    def found(self) -> list[tuple[str, tuple[int, ...], int]]:
        """Coding, channels and first sample of what came at least twice, in order."""
        kept = [(*key, places[0]) for key, places in self._seen.items() if len(places) >= _LEAST_BURSTS]
        return sorted(kept, key=lambda one: one[2])

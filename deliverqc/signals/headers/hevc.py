"""Reads the headers of HEVC pictures (ITU-T H.265) up to the first slice."""

from __future__ import annotations

from dataclasses import dataclass

from deliverqc.probing.nal_units import length_size, units
from deliverqc.signals.headers.model import CLOSED, INTRA, MAY_BE_OPEN, NOT_STATED, PictureHeader

_SKIPPED = (8, 9)  # RASL_N and RASL_R: random access skipped leading pictures, Table 7-1
_ACCESS = range(16, 22)  # BLA, IDR and CRA
_IDR = (19, 20)
_SPS, _PPS = 33, 34
_LAST_SLICE = 31


@dataclass(slots=True)
class HevcReader:
    """Reads one picture after another of one track. `extradata`: the wrapper's configuration record, if any."""

    extradata: bytes | None = None

    def read(self, packet: bytes) -> PictureHeader:
        """The header of the picture in a packet."""
        sets = set()
        for unit in units("hevc", packet, length_size("hevc", self.extradata)):
            number = unit[0] >> 1 & 0x3F if unit else -1
            if number in (_SPS, _PPS):
                sets.add(number)
            elif 0 <= number <= _LAST_SLICE:
                is_access = number in _ACCESS
                return PictureHeader(
                    kind=INTRA if is_access else 0,
                    access=(CLOSED if number in _IDR else MAY_BE_OPEN) if is_access else 0,
                    refers_back=int(number in _SKIPPED),
                    parameter_sets=int(sets >= {_SPS, _PPS}),
                    pulldown=NOT_STATED,
                )
        return PictureHeader()

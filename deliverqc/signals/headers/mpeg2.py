"""Reads the headers of MPEG-1 and MPEG-2 pictures (ISO/IEC 11172-2, 13818-2) up to the first slice."""

from __future__ import annotations

from dataclasses import dataclass

from deliverqc.signals.headers.model import (
    BOTTOM_ALONE,
    BOTTOM_FIRST,
    CLOSED,
    MAY_BE_OPEN,
    NO_FIELDS,
    NOT_STATED,
    TOP_ALONE,
    TOP_FIRST,
    PictureHeader,
)

_PICTURE, _SEQUENCE, _EXTENSION, _GROUP = 0x00, 0xB3, 0xB5, 0xB8  # ISO/IEC 13818-2 Table 6-1
_FIRST_SLICE, _LAST_SLICE = 0x01, 0xAF
_OF_SEQUENCE, _OF_PICTURE = 1, 8  # Table 6-2
_VARIABLE_DELAY = 0xFFFF  # vbv_delay of a variable bit rate, section 6.3.9
_INTRA = 1
_FRAME = 3  # picture_structure, Table 6-14
_UNSPECIFIED_RATE = 0x3FFFF  # of MPEG-1: variable (ISO/IEC 11172-2 section 2.4.3.2)
_START = b"\x00\x00\x01"


@dataclass(slots=True)
class Mpeg2Reader:
    """Reads one picture after another of one track."""

    rate_code: int = 0
    buffer_code: int = 0

    def read(self, packet: bytes) -> PictureHeader:
        """The header of the picture in a packet."""
        kind = access = pulldown = 0
        cbr, has_sequence, is_closed, field_order = NOT_STATED, False, False, NOT_STATED
        place = packet.find(_START)
        while 0 <= place <= len(packet) - 8:
            code, data = packet[place + 3], packet[place + 4 : place + 14]
            if code == _SEQUENCE and len(data) >= 8:
                has_sequence = True
                self.rate_code = int.from_bytes(data[4:7], "big") >> 6
                self.buffer_code = int.from_bytes(data[6:8], "big") >> 3 & 0x3FF
            elif code == _EXTENSION and data[0] >> 4 == _OF_SEQUENCE and len(data) >= 6:
                self.rate_code |= (int.from_bytes(data[2:4], "big") >> 1 & 0xFFF) << 18
                self.buffer_code |= data[4] << 10
            elif code == _EXTENSION and data[0] >> 4 == _OF_PICTURE and len(data) >= 4:
                pulldown |= data[3] >> 1 & 1
                field_order = _field_order(data)
            elif code == _GROUP:
                is_closed = bool(data[3] & 0x40)
            elif code == _PICTURE:
                kind = data[1] >> 3 & 7
                delay = int.from_bytes(data[1:4], "big") >> 3 & 0xFFFF
                cbr = int(delay != _VARIABLE_DELAY)
            elif _FIRST_SLICE <= code <= _LAST_SLICE:
                break
            place = packet.find(_START, place + 3)
        if kind == _INTRA:
            access = CLOSED if is_closed else MAY_BE_OPEN
        return PictureHeader(
            kind=kind,
            access=access,
            parameter_sets=int(has_sequence),
            pulldown=pulldown,
            cbr=cbr,
            rate_bps=self.rate_code * 400 or NOT_STATED,
            buffer_bits=self.buffer_code * 16 * 1024 or NOT_STATED,
            field_order=_of_packet(field_order, packet, place),
        )


def _field_order(extension: bytes) -> int:
    """What a picture coding extension says of fields (section 6.3.10); a picture of one field is alone here."""
    if len(extension) < 5:
        return NOT_STATED
    structure = extension[2] & 3
    if structure != _FRAME:
        return TOP_ALONE if structure == 1 else BOTTOM_ALONE
    if extension[4] & 0x80:
        return NO_FIELDS
    return TOP_FIRST if extension[3] & 0x80 else BOTTOM_FIRST


def _of_packet(first: int, packet: bytes, place: int) -> int:
    """The order of two fields where the second follows the `first` in its packet."""
    if first not in (TOP_ALONE, BOTTOM_ALONE) or packet.find(_START + bytes([_PICTURE]), max(place, 0)) < 0:
        return first
    return TOP_FIRST if first == TOP_ALONE else BOTTOM_FIRST

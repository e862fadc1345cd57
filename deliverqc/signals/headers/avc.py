"""Reads the headers of H.264 pictures (ITU-T H.264): parameter sets, two SEI messages and the first slice header."""

from __future__ import annotations

from dataclasses import dataclass, field

from deliverqc.probing.nal_units import length_size, messages, unescaped, units
from deliverqc.signals.headers.bits import Bits
from deliverqc.signals.headers.model import (
    BIDIRECTIONAL,
    BOTTOM_ALONE,
    BOTTOM_FIRST,
    CLOSED,
    INTRA,
    MAY_BE_OPEN,
    NO_FIELDS,
    NOT_STATED,
    PREDICTED,
    TOP_ALONE,
    TOP_FIRST,
    PictureHeader,
)

_SLICE, _IDR, _SEI, _SPS, _PPS = 1, 5, 6, 7, 8  # Table 7-1
_PARTITION = 2
_PIC_TIMING, _RECOVERY_POINT = 1, 6  # payloadType, section D.1
_PULLDOWN = range(5, 9)  # pic_struct of Table D-1 by which a field or frame is shown again
_ORDERS = {0: NO_FIELDS, 3: TOP_FIRST, 4: BOTTOM_FIRST, 5: TOP_FIRST, 6: BOTTOM_FIRST, 7: NO_FIELDS, 8: NO_FIELDS}
_WITH_CHROMA = frozenset([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])  # section 7.3.2.1.1
_WITH_INTRA, _CAVLC_INTRA = (110, 122, 244), 44  # profile_idc, sections A.2.5 to A.2.11
_CONSTRAINT_SET3 = 0x10
_EXTENDED_SAR = 255
_KINDS = (PREDICTED, BIDIRECTIONAL, INTRA, PREDICTED, INTRA)  # slice_type modulo 5, Table 7-6: P B I SP SI
_HEADER_BYTES = 64  # house choice: more than the two first codes of a slice header take
_LARGE = 4_096  # house choice: longer than a parameter set with scaling lists


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceLayout:
    """What a sequence parameter set says of the first codes of a slice header (section 7.3.3), and whether all pictures
    are frames of progressive macroblocks (frame_mbs_only_flag)."""

    number: int
    has_plane: bool
    frame_bits: int
    order_kind: int
    order_bits: int
    frames_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceParameters:
    """What a sequence parameter set says of rate and buffer (section E.1); NOT_STATED where it does not."""

    fixed_rate: int = NOT_STATED
    cbr: int = NOT_STATED
    rate_bps: int = NOT_STATED
    buffer_bits: int = NOT_STATED
    delay_bits: int = 0
    has_pic_struct: bool = False


@dataclass(slots=True)
class AvcReader:
    """Reads one picture after another of one track. `extradata` holds the parameter sets of the wrapper, if any.
    `is_read`: the last sequence parameter set was understood, without which no pulldown flag is found."""

    extradata: bytes | None = None
    sequence: SequenceParameters = field(default_factory=SequenceParameters)
    layouts: dict[int, SliceLayout] = field(default_factory=dict)
    pictures: dict[int, tuple[int, bool]] = field(default_factory=dict)
    cabac: dict[int, int] = field(default_factory=dict)
    is_read: bool = False

    def __post_init__(self) -> None:
        for unit in parameter_sets(self.extradata):
            self._take_parameters(unit)

    def read(self, packet: bytes) -> PictureHeader:
        """The header of the picture in a packet, up to its first slice."""
        sets = set()
        is_recovery, pulldown, kind, is_idr, shown = False, 0, 0, False, NOT_STATED
        field_order = NOT_STATED
        for unit in units("h264", packet, length_size("h264", self.extradata)):
            number = unit[0] & 0x1F if unit else -1
            if number in (_SPS, _PPS):
                sets.add(number)
                self._take_parameters(unit)
            elif number == _SEI:
                for payload_type, payload in messages(unescaped(unit[1:])):
                    if payload_type == _RECOVERY_POINT:
                        is_recovery = True
                    elif payload_type == _PIC_TIMING and self.sequence.has_pic_struct:
                        shown = self._pic_struct(payload)
                        pulldown = int(shown in _PULLDOWN) if shown != NOT_STATED else NOT_STATED
            elif number in (_SLICE, _PARTITION, _IDR) and field_order in (TOP_ALONE, BOTTOM_ALONE):
                if self._fields(unit, shown) not in (field_order, NOT_STATED):
                    field_order = TOP_FIRST if field_order == TOP_ALONE else BOTTOM_FIRST
                    break
            elif number in (_SLICE, _PARTITION, _IDR):
                is_idr = number == _IDR
                kind, field_order = _slice_kind(unit), self._fields(unit, shown)
                if field_order not in (TOP_ALONE, BOTTOM_ALONE):
                    break
        access = CLOSED if is_idr else MAY_BE_OPEN if is_recovery and kind == INTRA else 0
        return PictureHeader(
            kind=kind,
            access=access,
            parameter_sets=int(sets >= {_SPS, _PPS}),
            pulldown=pulldown if self.is_read else NOT_STATED,
            cbr=self.sequence.cbr,
            fixed_rate=self.sequence.fixed_rate,
            cabac=self._entropy(),
            rate_bps=self.sequence.rate_bps,
            buffer_bits=self.sequence.buffer_bits,
            field_order=field_order,
        )

    def _fields(self, unit: bytes, shown: int) -> int:
        """What the header of a slice and the pic_struct that is `shown` say of the fields of its picture."""
        try:
            bits = Bits(unescaped(unit[1:_HEADER_BYTES]))
            bits.unsigned(), bits.unsigned()
            number, has_bottom = self.pictures[bits.unsigned()]
            layout = self.layouts[number]
            if layout.frames_only:
                return NO_FIELDS
            bits.take(layout.frame_bits + 2 * layout.has_plane)
            if bits.take(1):
                return BOTTOM_ALONE if bits.take(1) else TOP_ALONE
            if unit[0] & 0x1F == _IDR:
                bits.unsigned()
            bottom = 0
            if layout.order_kind == 0 and has_bottom:
                bits.take(layout.order_bits)
                bottom = bits.signed()
        except (EOFError, ValueError, KeyError):
            return NOT_STATED
        if bottom and _ORDERS.get(shown) != NO_FIELDS:
            return TOP_FIRST if bottom > 0 else BOTTOM_FIRST  # delta_pic_order_cnt_bottom, section 8.2.1
        return _ORDERS.get(shown, NOT_STATED)

    def _entropy(self) -> int:
        modes = set(self.cabac.values())
        return modes.pop() if len(modes) == 1 else 2 if modes else NOT_STATED

    def _take_parameters(self, unit: bytes) -> None:
        data = unescaped(unit[1:_LARGE])
        try:
            if unit[0] & 0x1F == _SPS:
                self.sequence, self.is_read = SequenceParameters(), False
                self.sequence, self.is_read = read_sequence_parameters(data), True
                layout = slice_layout(data)
                self.layouts[layout.number] = layout
            else:
                bits = Bits(data)
                number, sequence = bits.unsigned(), bits.unsigned()
                self.cabac[number] = bits.take(1)
                self.pictures[number] = (sequence, bool(bits.take(1)))
        except (EOFError, ValueError):
            return  # the decoder says what is wrong with it

    def _pic_struct(self, payload: bytes) -> int:
        """How a picture timing message shows its picture (Table D-1); NOT_STATED where it is cut."""
        try:
            bits = Bits(payload)
            bits.take(self.sequence.delay_bits)
            return bits.take(4)
        except EOFError:
            return NOT_STATED


def parameter_sets(extradata: bytes | None) -> list[bytes]:
    """The parameter sets of a configuration record (ISO/IEC 14496-15 section 5.3.3) or of units after start codes."""
    if not extradata:
        return []
    if extradata[0] != 1:
        return [unit for unit in units("h264", extradata, 0) if unit and unit[0] & 0x1F in (_SPS, _PPS)]
    found, place = [], 5
    for mask in (0x1F, 0xFF):
        count = extradata[place] & mask if place < len(extradata) else 0
        place += 1
        for _ in range(count):
            size = int.from_bytes(extradata[place : place + 2], "big")
            found.append(extradata[place + 2 : place + 2 + size])
            place += 2 + size
    return [unit for unit in found if unit]


def _slice_kind(unit: bytes) -> int:
    try:
        bits = Bits(unescaped(unit[1:_HEADER_BYTES]))
        bits.unsigned()
        return _KINDS[bits.unsigned() % 5]
    except (EOFError, ValueError):
        return 0


def read_sequence_parameters(data: bytes) -> SequenceParameters:
    """Read a sequence parameter set without its first byte (sections 7.3.2.1.1 and E.1.1). EOFError and ValueError
    where it is cut or is none."""
    bits = Bits(data)
    _pass_to_fields(bits)
    if not bits.take(1):
        bits.take(1)
    bits.take(1)
    if bits.take(1):
        for _ in range(4):
            bits.unsigned()
    return _usability(bits) if bits.take(1) else SequenceParameters()


def holds_frames_only(data: bytes) -> bool:
    """Whether a sequence parameter set without its first byte admits no picture of one field (frame_mbs_only_flag,
    section 7.4.2.1.1). EOFError and ValueError where it is cut or is none."""
    return slice_layout(data).frames_only


def slice_layout(data: bytes) -> SliceLayout:
    """How slices begin under a sequence parameter set without its first byte. EOFError and ValueError where it is cut
    or is none."""
    bits = Bits(data)
    number, has_plane, frame_bits, order_kind, order_bits = _pass_to_fields(bits)
    return SliceLayout(
        number=number,
        has_plane=has_plane,
        frame_bits=frame_bits,
        order_kind=order_kind,
        order_bits=order_bits,
        frames_only=bool(bits.take(1)),
    )


def is_intra_profile(data: bytes) -> bool:
    """Whether a sequence parameter set without its first byte is of a profile without references between pictures
    (sections A.2.8 to A.2.11)."""
    return data[0] == _CAVLC_INTRA or (data[0] in _WITH_INTRA and bool(data[1] & _CONSTRAINT_SET3))


def _pass_to_fields(bits: Bits) -> tuple[int, bool, int, int, int]:
    """Go on to frame_mbs_only_flag (section 7.3.2.1.1): number of the set, whether slices name a colour plane, bits of
    frame_num, kind of the picture order count and the bits of its kind 0."""
    profile = bits.take(8)
    bits.take(16)
    number = bits.unsigned()
    has_plane = _pass_chroma(bits) if profile in _WITH_CHROMA else False
    frame_bits = bits.unsigned() + 4
    order, order_bits = bits.unsigned(), 0
    if order == 0:
        order_bits = bits.unsigned() + 4
    elif order == 1:
        bits.take(1)
        bits.signed(), bits.signed()
        for _ in range(min(bits.unsigned(), 255)):
            bits.signed()
    bits.unsigned(), bits.take(1), bits.unsigned(), bits.unsigned()
    return number, has_plane, frame_bits, order, order_bits


def _pass_chroma(bits: Bits) -> bool:
    """Go on behind the scaling lists; whether the colour planes are coded apart (separate_colour_plane_flag)."""
    chroma = bits.unsigned()
    has_plane = bool(bits.take(1)) if chroma == 3 else False
    bits.unsigned(), bits.unsigned(), bits.take(1)
    if not bits.take(1):
        return has_plane
    for number in range(8 if chroma != 3 else 12):
        if bits.take(1):
            last = following = 8
            for _ in range(16 if number < 6 else 64):
                if following:
                    following = (last + bits.signed()) % 256
                last = following or last
    return has_plane


def _usability(bits: Bits) -> SequenceParameters:
    """The video usability information (section E.1.1)."""
    if bits.take(1) and bits.take(8) == _EXTENDED_SAR:
        bits.take(32)
    if bits.take(1):
        bits.take(1)
    if bits.take(1):
        bits.take(4)
        if bits.take(1):
            bits.take(24)
    if bits.take(1):
        bits.unsigned(), bits.unsigned()
    fixed_rate = NOT_STATED
    if bits.take(1):
        bits.take(64)
        fixed_rate = bits.take(1)
    buffers = [_buffer(bits) if bits.take(1) else None for _ in range(2)]
    first = next((buffer for buffer in buffers if buffer is not None), None)
    if first is not None:
        bits.take(1)
    has_pic_struct = bool(bits.take(1))
    cbr, rate_bps, buffer_bits, delay_bits = first or (NOT_STATED, NOT_STATED, NOT_STATED, 0)
    return SequenceParameters(
        fixed_rate=fixed_rate,
        cbr=cbr,
        rate_bps=rate_bps,
        buffer_bits=buffer_bits,
        delay_bits=delay_bits,
        has_pic_struct=has_pic_struct,
    )


def _buffer(bits: Bits) -> tuple[int, int, int, int]:
    """Whether the rate is constant, rate, buffer and the bits of both delays of the first schedule (section E.1.2)."""
    count = min(bits.unsigned() + 1, 32)
    rate_scale, buffer_scale = bits.take(4), bits.take(4)
    schedules = [(bits.unsigned(), bits.unsigned(), bits.take(1)) for _ in range(count)]
    rate, buffer, cbr = schedules[0]
    bits.take(5)
    removal, output = bits.take(5) + 1, bits.take(5) + 1
    bits.take(5)
    return cbr, (rate + 1) << (6 + rate_scale), (buffer + 1) << (4 + buffer_scale), removal + output

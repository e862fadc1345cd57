"""What the headers of a coded picture may say; knows no coding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np

NOT_STATED = -1
INTRA, PREDICTED, BIDIRECTIONAL = 1, 2, 3
CLOSED, MAY_BE_OPEN = 1, 2
BOTH_CODES = 2
"""Of `cabac`: parameter sets of both kinds."""
NO_FIELDS, TOP_FIRST, BOTTOM_FIRST, TOP_ALONE, BOTTOM_ALONE = range(5)
"""Of `field_order`: a progressive frame, two fields by which is shown first, and a packet of one field."""


class PictureHeader(NamedTuple):
    """One row of the table of packets: NOT_STATED where the coding, or this picture, says nothing.

    `kind`: INTRA, PREDICTED, BIDIRECTIONAL or 0. `access`: decoding can begin here: CLOSED, or MAY_BE_OPEN where
    pictures shown before it may refer to earlier ones; else 0. `refers_back`: it cannot be decoded where decoding began
    at the access point before it. `parameter_sets`: sequence and picture parameters precede it in the packet.
    `pulldown`: it asks that a field or frame is shown again. `cbr`: the bit rate is stated to be constant, with
    `rate_bps` and `buffer_bits` of the decoder's buffer. `fixed_rate`: the frame rate is stated to be fixed. `cabac`:
    0, 1 or BOTH_CODES. `coding_id`: compression identifier of DNxHD and DNxHR. `field_order`: NO_FIELDS, TOP_FIRST,
    BOTTOM_FIRST, TOP_ALONE or BOTTOM_ALONE.
    """

    kind: int = 0
    access: int = 0
    refers_back: int = NOT_STATED
    parameter_sets: int = NOT_STATED
    pulldown: int = NOT_STATED
    cbr: int = NOT_STATED
    fixed_rate: int = NOT_STATED
    cabac: int = NOT_STATED
    rate_bps: int = NOT_STATED
    buffer_bits: int = NOT_STATED
    coding_id: int = NOT_STATED
    field_order: int = NOT_STATED


class HeaderReader(Protocol):
    """Reads the packets of one track, one after another."""

    def read(self, packet: bytes) -> PictureHeader: ...


KINDS: Mapping[str, type[np.generic]] = {
    name: np.int64 if name in ("rate_bps", "buffer_bits", "coding_id") else np.int8 for name in PictureHeader._fields
}
"""How the columns are stored."""

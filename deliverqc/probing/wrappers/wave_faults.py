"""Finds where the format chunks of a WAVE file contradict themselves or each other, so that each reader takes its sound
for another one; reads no essence."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from deliverqc.probing.reading import HeaderFault
from deliverqc.probing.wrappers.wave_format import FORMAT_TAGS_OF_PCM, tag_of

_PLACE = "fmt chunk"
_FIELDS_BYTES = 16  # up to the bits of a sample: Multimedia Programming Interface and Data Specifications 1.0


def format_faults(forms: Sequence[bytes]) -> tuple[HeaderFault, ...]:
    """What is wrong with the format chunks of one file, in order: a block of PCM that is not as many bytes as its
    channels take, and chunks of which no two say the same."""
    found = [fault for form in forms if (fault := _block_fault(form)) is not None]
    if len({form[:_FIELDS_BYTES] for form in forms}) > 1:
        found.append(HeaderFault(place=_PLACE, message=f"{len(forms)} format chunks do not state the same format"))
    return tuple(found)


def _block_fault(form: bytes) -> HeaderFault | None:
    if len(form) < _FIELDS_BYTES or tag_of(form) not in FORMAT_TAGS_OF_PCM:
        return None
    _, channels, _, _, block, bits = struct.unpack_from("<HHIIHH", form)
    taken = channels * -(-bits // 8)
    if block == taken:
        return None
    return HeaderFault(
        place=_PLACE, message=f"a block is {block} bytes, and {channels} channels of {bits} bits take {taken}"
    )

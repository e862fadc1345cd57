"""Tells what the header of an MXF file states of immersive audio, and what of it SMPTE ST 2067-201 has otherwise; works
on sets that were read, and opens no file."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from deliverqc.facts.model import Facts
from deliverqc.probing.wrappers.mxf_klv import Label, Metadata, MetadataSet, batch, number, text, without_version
from deliverqc.probing.wrappers.mxf_packages import kind_of, preface, rational, sub_descriptors

_DESCRIPTOR, _SOUNDFIELD_LABEL = 0x7B, 0x7C
_LABELS_OF_CHANNELS = (0x6B, 0x6C, 0x6D)


def _label(code: str) -> Label:
    return without_version(bytes.fromhex(f"060e2b34{code}"))


_CONFORMS_TO = _label("0101010001020210" + "02040000")
LEVELS = {_label("0401010d01010201" + "02000000"): 0}
"""Labels of levels (ST 2067-201 section 5.2)."""
_CLIP = _label("0401010d0d010301" + "021d0101")
_CODING = _label("040101050e090604" + "00000000")
_DICTIONARY_ID, _TAG_SYMBOL, _TAG_NAME = (_label(f"01010100010307010{place}000000") for place in (1, 2, 3))
_IAB_LABEL = _label("0401010d03020221" + "00000000")
_IAB = "IAB"
_BITS, _MULTICHANNEL = 24, 15


def immersive_facts(metadata: Metadata, descriptor: MetadataSet, edit_rate: Fraction | None) -> Facts:
    """Level and faults of a track of IAB; nothing of other tracks."""
    if kind_of(descriptor) != _DESCRIPTOR and _of(descriptor, 0x3004)[8:14] != _CLIP[8:14]:
        return {}
    levels = [LEVELS[one] for one in specifications(metadata) if one in LEVELS]
    return {
        "immersive_audio_level": levels[0] if levels else None,
        "immersive_audio_faults": list(_faults(metadata, descriptor, edit_rate)),
    }


def specifications(metadata: Metadata) -> Iterator[Label]:
    """Labels of the specifications that the preface says the file conforms to."""
    first = preface(metadata)
    yield from map(without_version, batch(first.labelled.get(_CONFORMS_TO)) if first is not None else [])


def _of(descriptor: MetadataSet, tag: int) -> bytes:
    return descriptor.values.get(tag, b"")


def _faults(metadata: Metadata, descriptor: MetadataSet, edit_rate: Fraction | None) -> Iterator[str]:
    if edit_rate != rational(descriptor.values.get(0x3001)):
        yield "edit_rate"  # section 5.4
    if without_version(_of(descriptor, 0x3004)) != _CLIP:
        yield "wrapping"  # section 5.9
    if without_version(_of(descriptor, 0x3D06)) != _CODING:
        yield "coding"
    if 0x3005 in descriptor.values:
        yield "codec"
    if number(descriptor.values.get(0x3D01)) != _BITS:
        yield "quantization_bits"
    if number(descriptor.values.get(0x3D05, bytes([_MULTICHANNEL]))) != _MULTICHANNEL:
        yield "electrospatial_formulation"
    subs = list(sub_descriptors(metadata, descriptor))
    if any(kind_of(sub) in _LABELS_OF_CHANNELS for sub in subs):
        yield "channel_labels"  # section 5.10.2
    labels = [sub for sub in subs if kind_of(sub) == _SOUNDFIELD_LABEL]
    if len(labels) != 1 or not _is_right(labels[0]):
        yield "soundfield_label"  # sections 5.10.2 to 5.10.4


def _is_right(label: MetadataSet) -> bool:
    values = label.labelled
    return (
        without_version(values.get(_DICTIONARY_ID, b"")) == _IAB_LABEL
        and text(values.get(_TAG_SYMBOL)) == _IAB
        and text(values.get(_TAG_NAME)) == _IAB
    )

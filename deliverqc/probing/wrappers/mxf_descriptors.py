"""Tells what the essence descriptors of an MXF file state of picture and sound (SMPTE ST 377-1 Annex G, ST 377-4,
ST 382, ST 422); works on sets that were read, and opens no file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from deliverqc.facts.model import Facts
from deliverqc.probing.reading import ACTIVE_AREA
from deliverqc.probing.wrappers.mxf_jpeg2000 import COMPONENT_SIZING, jpeg2000_statements
from deliverqc.probing.wrappers.mxf_jpeg2000 import KIND as JPEG2000_SUB_DESCRIPTOR
from deliverqc.probing.wrappers.mxf_klv import Label, Metadata, MetadataSet, batch, number, signed, text
from deliverqc.probing.wrappers.mxf_labels import channel_assignment, sound_mapping
from deliverqc.probing.wrappers.mxf_packages import kind_of, rational, sub_descriptors

_GENERIC_PICTURE, _CDCI, _RGBA, _MPEG_VIDEO = 0x27, 0x28, 0x29, 0x51
PICTURE_DESCRIPTORS = (_GENERIC_PICTURE, _CDCI, _RGBA, _MPEG_VIDEO)
_CHANNEL, _GROUP, _GROUP_OF_GROUPS = 0x6B, 0x6C, 0x6D
_STEREOSCOPIC = 0x63
_JPEG2000_BY_FRAME = bytes.fromhex("0d010301020c0100")
"""Of the label of an essence container from its ninth byte on (SMPTE ST 422)."""
_JPEG2000 = _JPEG2000_BY_FRAME[:6]


def _item(code: str) -> Label:
    return bytes.fromhex(f"060e2b3401010100{code}")


_SYMBOL, _LINK = _item("0103070102000000"), _item("0103070105000000")  # ST 377-4 Annex A
_GROUP_LINK, _GROUPS_LINK = _item("0103070106000000"), _item("0103070104000000")
_CHANNEL_NUMBER = _item("0103040a00000000")
_FIELDS_APART = (1, 4)
_ACTIVE = [_item(f"040105011{place}000000") for place in (4, 3, 5, 6)]
_COMPONENTS = {b"RGB": "rgb", b"YUV": "ycbcr", b"\xd8\xd9\xda": "xyz"}
"""Codes of ST 377-1 Annex G.2.40; X'Y'Z' by ST 428-1."""
_FILL_AND_ALPHA = b"FAf\x00"
_HALF_FLOAT, _HALF_FLOAT_BITS, _DEEPEST_BITS = 253, 16, 32


def picture_facts(metadata: Metadata, descriptor: MetadataSet) -> Facts:
    """What a picture descriptor states; names without a value are None."""
    values = descriptor.values
    layout = _layout(values.get(0x3401, b""))
    lines = 2 if number(values.get(0x320C)) in _FIELDS_APART else 1
    stored = (number(values.get(0x3203)) or None, number(values.get(0x3202)) * lines or None)
    sampled = (number(values.get(0x3205)) or None, number(values.get(0x3204)) * lines or None)
    black, white = (0x3407, 0x3406) if kind_of(descriptor) == _RGBA else (0x3304, 0x3305)
    levels = {
        "black_ref_code": _stated(values.get(black)),
        "white_ref_code": _stated(values.get(white)),
        "color_code_count": None if kind_of(descriptor) == _RGBA else _stated(values.get(0x3306)),
    }
    depths = _depths(metadata, descriptor, layout)
    subs = sub_descriptors(metadata, descriptor)
    jpeg2000 = next((jpeg2000_statements(sub) for sub in subs if kind_of(sub) == JPEG2000_SUB_DESCRIPTOR), None)
    return {
        **_active_area(descriptor, lines),
        "mxf_jpeg2000_descriptor": jpeg2000,
        "color_model": _color_model(descriptor, layout),
        "component_depths_bits": depths,
        "stored_width_px": stored[0],
        "stored_height_px": stored[1],
        "sampled_width_px": sampled[0],
        "sampled_height_px": sampled[1],
        "is_sampled_as_stored": all(one in (None, other) for one, other in zip(sampled, stored, strict=True)),
        "stored_f2_offset_lines": signed(values.get(0x3216)),
        **levels,
        "component_code_range": _code_range(**levels, depth=depths[0] if depths else None),
    }


def _active_area(descriptor: MetadataSet, lines: int) -> Facts:
    """The active area (ST 377-1 Annex G.2), where it does not matter which rectangle it counts from: frames are stored
    whole, and sampled and displayed without an offset."""
    values = [number(descriptor.labelled.get(label)) for label in _ACTIVE]
    is_moved = any(signed(descriptor.values.get(tag)) for tag in (0x3206, 0x3207, 0x320A, 0x320B))
    return {ACTIVE_AREA: values} if values[0] and values[1] and lines == 1 and not is_moved else {}


def stereoscopic_facts(metadata: Metadata, descriptor: MetadataSet, edit_rate: Fraction | None) -> Facts:
    """Whether JPEG 2000 is stereoscopic: it has the sub-descriptor of SMPTE ST 429-10, or, as Interop writes it, frames
    at twice the edit rate of its track. Nothing is said of other codings."""
    container = descriptor.values.get(0x3004, b"")[8:16]
    if container[:6] != _JPEG2000:
        return {"is_stereoscopic": None, "stereoscopic_layout": None}
    sample_rate = rational(descriptor.values.get(0x3001))
    is_whole = container == _JPEG2000_BY_FRAME and number(descriptor.values.get(0x320C)) not in _FIELDS_APART
    is_doubled = is_whole and edit_rate is not None and sample_rate == 2 * edit_rate
    subs = sub_descriptors(metadata, descriptor)
    is_stereoscopic = is_doubled or any(kind_of(sub) == _STEREOSCOPIC for sub in subs)
    return {"is_stereoscopic": is_stereoscopic, "stereoscopic_layout": "alternating" if is_doubled else None}


def _stated(data: bytes | None) -> int | None:
    return number(data) if data else None


def _layout(data: bytes) -> list[tuple[int, int]]:
    """Component and bits of a pixel layout, in pairs up to the first zero."""
    pairs = [(data[at], data[at + 1]) for at in range(0, len(data) - 1, 2)]
    end = next((at for at, (code, _) in enumerate(pairs) if not code), len(pairs))
    return pairs[:end]


def _color_model(descriptor: MetadataSet, layout: Sequence[tuple[int, int]]) -> str | None:
    """`ycbcr` by the kind of descriptor; an RGBA descriptor also holds X'Y'Z', so its pixel layout decides."""
    if kind_of(descriptor) in (_CDCI, _MPEG_VIDEO):
        return "ycbcr"
    codes = {code for code, _ in layout if code not in _FILL_AND_ALPHA}
    for components, model in _COMPONENTS.items():
        if codes and codes in (set(components), set(components.lower())):
            return model
    return None


def _depths(metadata: Metadata, descriptor: MetadataSet, layout: Sequence[tuple[int, int]]) -> list[int] | None:
    """Bits of each colour component: of the JPEG 2000 sub-descriptor, else of the pixel layout, else the one depth of a
    CDCI descriptor."""
    for sub in sub_descriptors(metadata, descriptor):
        sizes = batch(sub.labelled.get(COMPONENT_SIZING))
        if sizes:
            return [(size[0] & 0x7F) + 1 for size in sizes]  # ISO/IEC 15444-1 A.5.1: bit 8 is the sign
    if any(code not in _FILL_AND_ALPHA for code, _ in layout):
        return layout_depths(descriptor.values.get(0x3401, b""))
    depth = number(descriptor.values.get(0x3301))
    return [depth] * 3 if depth else None


def layout_depths(data: bytes) -> list[int] | None:
    """Bits of each colour component of a pixel layout; None where it has none, or one of a depth that is not known."""
    bits = [
        _HALF_FLOAT_BITS if depth == _HALF_FLOAT else depth
        for code, depth in _layout(data)
        if code not in _FILL_AND_ALPHA
    ]
    return bits if bits and max(bits) <= _DEEPEST_BITS else None


def _code_range(
    *, black_ref_code: int | None, white_ref_code: int | None, color_code_count: int | None, depth: int | None
) -> str | None:
    """`limited` or `full` of ITU-R BT.709 and BT.2100, `other:` and the codes; None where they are not all stated."""
    if black_ref_code is None or white_ref_code is None or depth is None:
        return None
    top = (1 << depth) - 1
    if depth >= 8:
        scale = 1 << (depth - 8)
        if (black_ref_code, white_ref_code) == (16 * scale, 235 * scale) and color_code_count in (
            None,
            224 * scale + 1,
        ):
            return "limited"
    if (black_ref_code, white_ref_code) == (0, top) and color_code_count in (None, top, top + 1):
        return "full"
    return f"other:{black_ref_code}-{white_ref_code}" + ("" if color_code_count is None else f",{color_code_count}")


def stated_sound(descriptor: MetadataSet) -> Facts:
    """Channels and sample rate that a sound descriptor states; a count of 0 states none."""
    rate = rational(descriptor.values.get(0x3D03))
    found = {
        "channel_count": number(descriptor.values.get(0x3D07)) or None,
        "sample_rate_hz": None if rate is None or rate.denominator != 1 else rate.numerator,
    }
    return {name: value for name, value in found.items() if value is not None}


def sound_facts(metadata: Metadata, descriptor: MetadataSet, number_of_track: int | None) -> Facts:
    """What a sound descriptor states, and its multichannel labels (ST 377-4), which may stand with another track."""
    container, assignment = descriptor.values.get(0x3004, b""), descriptor.values.get(0x3D32, b"")
    facts: Facts = {
        "mxf_mapping": sound_mapping(container) if len(container) == 16 else None,
        "mxf_channel_assignment": channel_assignment(assignment) if len(assignment) == 16 else None,
        "mxf_track_number": number_of_track,
    }
    subs = list(sub_descriptors(metadata, descriptor))
    channels = [sub for sub in subs if kind_of(sub) == _CHANNEL]
    if not any(kind_of(sub) in (_CHANNEL, _GROUP, _GROUP_OF_GROUPS) for sub in subs):
        return facts
    groups = _by_link(metadata, _GROUP)
    linked = [groups[link] for sub in channels if (link := sub.labelled.get(_GROUP_LINK, b"")) in groups]
    own = [sub for sub in subs if kind_of(sub) == _GROUP]
    named = _unique([*linked, *own])
    unions = _by_link(metadata, _GROUP_OF_GROUPS)
    joined = [unions[link] for group in named for link in _links(group.labelled.get(_GROUPS_LINK)) if link in unions]
    return facts | {
        "mca_channels": _channels(channels, number(descriptor.values.get(0x3D07))),
        "mca_unlinked_channel_count": len(channels) - len(linked),
        "soundfield_groups": [_symbol(group) for group in named],
        "groups_of_soundfield_groups": [_symbol(union) for union in _unique(joined)],
    }


def _unique(sets: Sequence[MetadataSet]) -> list[MetadataSet]:
    return list({one.labelled.get(_LINK, b"%d" % id(one)): one for one in sets}.values())


def _by_link(metadata: Metadata, kind: int) -> dict[bytes, MetadataSet]:
    return {one.labelled.get(_LINK, b""): one for one in metadata.sets.values() if kind_of(one) == kind}


def _links(data: bytes | None) -> Iterator[bytes]:
    yield from batch(data)


def _symbol(one: MetadataSet) -> str:
    return text(one.labelled.get(_SYMBOL)) or ""


def _channels(channels: Sequence[MetadataSet], count: int) -> list[str]:
    """Tag symbol of each channel in order, empty for one without a label; several labels of one channel together."""
    found: dict[int, list[str]] = {}
    for sub in channels:
        place = number(sub.labelled.get(_CHANNEL_NUMBER)) or 1
        found.setdefault(place, []).append(_symbol(sub))
    return [" ".join(found.get(place, [""])) for place in range(1, max([count, *found]) + 1)]

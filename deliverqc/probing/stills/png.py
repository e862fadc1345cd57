"""Reads the chunks of a PNG file up to its picture data (W3C PNG, third edition); looks at no sample."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any, BinaryIO

from deliverqc.facts.model import Facts
from deliverqc.facts.vocabulary import COLOR_MATRIX, COLOR_PRIMARIES, COLOR_TRANSFER, from_h273
from deliverqc.probing.stills.model import NotAStillError, Still

_END = b"\0\0\0\0IEND\xaeB`\x82"
_COMPONENTS = {0: "y", 2: "rgb", 3: "palette", 4: "ya", 6: "rgba"}
_READ = (b"IHDR", b"cICP", b"gAMA", b"sRGB", b"iCCP", b"cHRM", b"pHYs", b"cLLI", b"mDCV")
_MOST_CHUNKS = 10_000
_MOST_BYTES = 4096


def read_png(file: BinaryIO, size: int) -> Still:
    """The header of a PNG picture; NotAStillError, ValueError or struct.error where it is cut or cannot be."""
    chunks = _chunks(file, size)
    if b"IHDR" not in chunks:
        raise NotAStillError("its PNG header is cut")
    width, height, depth, colour = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    return Still(
        picture={
            "codec": "png",
            "width_px": width,
            "height_px": height,
            "bit_depth_bits": 8 if colour == 3 else depth,
            "chroma_subsampling": "4:0:0" if colour in (0, 4) else None,
            "pixel_aspect_ratio": _pixel_shape(chunks.get(b"pHYs", b"")),
            **_colours(chunks),
            **_light(chunks),
        },
        sequence={
            "file_format": "png",
            "byte_order": "big",
            "sample_format": "unsigned",
            "components": _COMPONENTS.get(colour, f"other:{colour}"),
            "compression": "deflate",
            "has_icc_profile": b"iCCP" in chunks,
            "gamma": struct.unpack_from(">I", chunks[b"gAMA"])[0] / 100_000 if b"gAMA" in chunks else None,
        },
        end=_promised_end(file, size),
    )


def _chunks(file: BinaryIO, size: int) -> dict[bytes, bytes]:
    """The chunks before the picture data that are read here, by name."""
    found: dict[bytes, bytes] = {}
    place = 8
    while place + 8 <= size:
        file.seek(place)
        length, name = struct.unpack(">I4s", file.read(8))
        if name in (b"IDAT", b"IEND"):
            break
        if name in _READ:
            found[name] = file.read(min(length, _MOST_BYTES))
        place += length + 12
    return found


def _promised_end(file: BinaryIO, size: int) -> int | None:
    """One byte more than there are, or what the cut chunk lacks, where the mark of the end is not the last chunk."""
    file.seek(max(0, size - len(_END)))
    if file.read(len(_END)) == _END:
        return None
    place = 8
    for _ in range(_MOST_CHUNKS):
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            return max(size, place) + len(_END)
        name, length = head[4:], int.from_bytes(head[:4], "big")
        place += length + 12
        if name == b"IEND":
            return None  # something was put behind it
        if place > size:
            return place
    return size + len(_END)


def _colours(chunks: dict[bytes, bytes]) -> Facts:
    """What cICP states, else sRGB, else the primaries of cHRM (section 4.3: in this order)."""
    coded = chunks.get(b"cICP", b"")
    if len(coded) >= 4:
        return {
            "color_primaries": from_h273(COLOR_PRIMARIES, coded[0]),
            "color_transfer": from_h273(COLOR_TRANSFER, coded[1]),
            "color_matrix": from_h273(COLOR_MATRIX, coded[2]),
            "color_range": "full" if coded[3] else "limited",
        }
    if b"sRGB" in chunks and b"iCCP" not in chunks:
        return {"color_primaries": "bt709", "color_transfer": "iec61966-2-1"}
    primaries = chunks.get(b"cHRM", b"")
    if len(primaries) < 32 or b"iCCP" in chunks:
        return {}
    from deliverqc.probing.bitstream import name_chromaticities  # with libav: 60 ms, once a process

    return {"color_primaries": name_chromaticities([n / 100_000 for n in struct.unpack_from(">6I", primaries, 8)])}


def _light(chunks: dict[bytes, bytes]) -> Facts:
    """Content light level (cLLI) and mastering display (mDCV), in steps of 0.0001 cd/m2 and 0.00002."""
    facts: dict[str, Any] = {}
    levels, display = chunks.get(b"cLLI", b""), chunks.get(b"mDCV", b"")
    if len(levels) >= 8:
        largest, mean = (round(number / 10_000) for number in struct.unpack_from(">2I", levels))
        facts |= {"hdr.max_cll_cd_m2": largest or None, "hdr.max_fall_cd_m2": mean or None}
        facts["hdr.is_max_cll_zero"] = largest == 0
    if len(display) >= 24:
        from deliverqc.probing.bitstream import name_chromaticities  # as above

        numbers = struct.unpack_from(">8H2I", display)
        facts["hdr.mastering_display"] = {
            "primaries": name_chromaticities([number / 50_000 for number in numbers[:6]]),
            "min_cd_m2": numbers[9] / 10_000,
            "max_cd_m2": numbers[8] / 10_000,
        }
    return facts


def _pixel_shape(data: bytes) -> Fraction | None:
    """pHYs with unit 0 states the shape of a pixel; in metres it states a size on paper."""
    if len(data) < 9 or data[8] != 0:
        return None
    across, down = struct.unpack_from(">II", data)
    return Fraction(down, across) if across and down else None

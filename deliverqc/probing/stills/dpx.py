"""Reads the headers of a DPX file (SMPTE ST 268-1); looks at no sample.

Fields that are filled with ones are not stated. Size of the picture data is that of samples without padding of lines,
because writers differ in it.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import BinaryIO

from deliverqc.facts.model import Facts
from deliverqc.probing.stills.model import NotAStillError, Still, packed_timecode, stated_rate

_HEADER_BYTES = 2048
_GENERIC_BYTES = 1664
_UNDEFINED = 0xFFFFFFFF
_UNDEFINED_BYTE = 0xFF
_ELEMENT_BYTES = 72
_MOST_ELEMENTS = 8
_TELEVISION = slice(1920, 1976)
_FILM_RATE, _TELEVISION_RATE = 1724, 1940

_FLOAT_BITS = (32, 64)
_COMPONENTS = {50: 3, 51: 4, 52: 4, 100: 2, 101: 3, 102: 3, 103: 4}
"""Table 1, descriptor: samples of a pixel; those of 4:2:2 share their colour differences. Others hold one."""
_NAMES = {
    1: "r", 2: "g", 3: "b", 4: "a", 6: "y", 7: "cbcr", 8: "z", 50: "rgb", 51: "rgba", 52: "abgr",
    100: "cbycr", 101: "cbycra", 102: "cbycr", 103: "cbycra",
}  # fmt: skip
_SAMPLING = {6: "4:0:0", 100: "4:2:2", 101: "4:2:2", 102: "4:4:4", 103: "4:4:4"}

_TRANSFER = {
    0: "user_defined", 1: "printing_density", 2: "linear", 3: "logarithmic", 4: "unspecified_video", 5: "smpte274m",
    6: "bt709", 7: "bt601_625", 8: "bt601_525", 9: "composite_ntsc", 10: "composite_pal", 11: "z_linear",
    12: "z_homogeneous", 13: "adx",
}  # fmt: skip
"""Tables 5A and 5B, transfer characteristic and colorimetric specification."""
_SCENE_OR_FILM = ("printing_density", "logarithmic", "z_linear", "z_homogeneous", "adx")
"""Codes that are no video. Many writers put "linear" on video as well, so that integers under it are read as video."""
_H273_TRANSFER = {"linear": "linear", "smpte274m": "bt709", "bt709": "bt709", "bt601_625": "smpte170m",
                  "bt601_525": "smpte170m"}  # fmt: skip
_H273_PRIMARIES = {"smpte274m": "bt709", "bt709": "bt709", "bt601_625": "bt470bg", "bt601_525": "smpte170m"}
_SCAN = {0: "progressive", 1: "interlaced"}


def read_dpx(file: BinaryIO, size: int) -> Still:
    """The header of a DPX picture; NotAStillError, ValueError or struct.error where it is cut or cannot be."""
    data = file.read(_HEADER_BYTES)
    order = ">" if data.startswith(b"SDPX") else "<"
    (picture_start,) = struct.unpack_from(f"{order}I", data, 4)
    if _GENERIC_BYTES <= picture_start < len(data):
        data = data[:picture_start]  # the headers of film and television may be left out
    count, width, height = struct.unpack_from(f"{order}HII", data, 770)
    if not 0 < count <= _MOST_ELEMENTS or not 0 < width < 1 << 20 or not 0 < height < 1 << 20:
        raise NotAStillError("its DPX header states no picture size")
    descriptor, transfer, colorimetric, depth, packing, encoding, _ = struct.unpack_from(f"{order}4BHHI", data, 800)
    word = _TRANSFER.get(transfer, None if transfer == _UNDEFINED_BYTE else f"other:{transfer}")
    colours = _TRANSFER.get(colorimetric, None if colorimetric == _UNDEFINED_BYTE else f"other:{colorimetric}")
    ends = [
        _element_end(struct.unpack_from(f"{order}4BHHI", data, 800 + number * _ELEMENT_BYTES), width, height)
        for number in range(count)
    ]
    known = [end for end in ends if end is not None]
    (stated_size,) = struct.unpack_from(f"{order}I", data, 16)
    if encoding == 1 and stated_size != _UNDEFINED:
        known.append(stated_size)
    return Still(
        picture={
            "width_px": width,
            "height_px": height,
            "codec": "dpx",
            "bit_depth_bits": depth,
            "chroma_subsampling": _SAMPLING.get(descriptor),
            "color_primaries": _H273_PRIMARIES.get(colours or ""),
            "color_transfer": _H273_TRANSFER.get(word or ""),
            "pixel_aspect_ratio": _pixel_shape(data, order),
            **_scan(data),
        },
        sequence={
            "file_format": "dpx",
            "byte_order": "big" if order == ">" else "little",
            "sample_format": _sample_format(struct.unpack_from(f"{order}I", data, 780)[0], depth),
            "components": _NAMES.get(descriptor, f"other:{descriptor}"),
            "compression": "rle" if encoding == 1 else "none",
            "packing": {0: "packed", 1: "filled_a", 2: "filled_b"}.get(packing, f"other:{packing}"),
            "transfer": word,
            "colorimetry": colours,
        },
        end=max(known, default=None),
        frame_rate=_frame_rate(data, order),
        timecode=_timecode(data, order),
        is_display_referred=word not in _SCENE_OR_FILM and depth not in _FLOAT_BITS,
        unread="libav does not read several image elements" if count > 1 else None,
    )


def _sample_format(sign: int, depth: int) -> str:
    if depth in _FLOAT_BITS:
        return "float"
    return "signed" if sign == 1 else "unsigned"


def _element_end(element: tuple[int, ...], width: int, height: int) -> int | None:
    """Where the samples of an image element end at least; None where their count is not known."""
    descriptor, _, _, depth, packing, encoding, start = element
    if encoding == 1 or start == _UNDEFINED:
        return None
    samples = width * height * _COMPONENTS.get(descriptor, 1)
    if depth == 10 and packing in (1, 2):
        return start + -(-samples // 3) * 4
    if depth == 12 and packing in (1, 2):
        return start + samples * 2
    return start + samples * depth // 8


def _pixel_shape(data: bytes, order: str) -> Fraction | None:
    across, down = struct.unpack_from(f"{order}II", data, 1628)
    is_stated = _UNDEFINED not in (across, down) and across and down
    return Fraction(across, down).limit_denominator(10_000) if is_stated else None


def _has_television_header(data: bytes) -> bool:
    """Whether the header of television is there and states anything: many writers leave it as zeros."""
    return len(data) >= _TELEVISION.stop and any(byte not in (0, _UNDEFINED_BYTE) for byte in data[_TELEVISION])


def _scan(data: bytes) -> Facts:
    scan = _SCAN.get(data[1928]) if _has_television_header(data) else None
    return {"scan": scan} if scan else {}


def _timecode(data: bytes, order: str) -> str | None:
    """The timecode; None where it is not stated."""
    if not _has_television_header(data):
        return None
    (word,) = struct.unpack_from(f"{order}I", data, _TELEVISION.start)
    return None if word == _UNDEFINED else packed_timecode(word)


def _frame_rate(data: bytes, order: str) -> Fraction | None:
    """The rate in the film and television headers; None where neither states one, or they contradict each other."""
    places = [place for place in (_FILM_RATE, _TELEVISION_RATE) if len(data) >= place + 4]
    rates = {stated_rate(struct.unpack_from(f"{order}f", data, place)[0]) for place in places} - {None}
    return rates.pop() if len(rates) == 1 else None

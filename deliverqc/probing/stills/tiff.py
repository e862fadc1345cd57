"""Reads the first image file directory of a TIFF file (Adobe TIFF 6.0, section 2); looks at no sample."""

from __future__ import annotations

import struct
from typing import BinaryIO

from deliverqc.probing.stills.model import NotAStillError, Still

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_FORMATS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_MOST_VALUES = 1 << 20
_MOST_TAGS = 4096
_WIDTH, _HEIGHT, _DEPTH, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIPS, _SAMPLES, _STRIP_BYTES = 273, 277, 279
_TILES, _TILE_BYTES, _EXTRA, _SAMPLE_FORMAT, _SUBSAMPLING, _ICC = 324, 325, 338, 339, 530, 34675
_KEPT = frozenset(
    [_WIDTH, _HEIGHT, _DEPTH, _COMPRESSION, _PHOTOMETRIC, _STRIPS, _SAMPLES, _STRIP_BYTES, _TILES, _TILE_BYTES]
    + [_EXTRA, _SAMPLE_FORMAT, _SUBSAMPLING]
)
_COMPRESSIONS = {
    1: "none", 2: "ccitt_rle", 3: "ccitt_g3", 4: "ccitt_g4", 5: "lzw", 6: "old_jpeg", 7: "jpeg", 8: "deflate",
    32773: "packbits", 32946: "deflate", 34712: "jpeg2000", 34925: "lzma", 50000: "zstd", 50001: "webp",
}  # fmt: skip
_PHOTOMETRICS = {0: "y", 1: "y", 2: "rgb", 3: "palette", 4: "mask", 5: "cmyk", 6: "cbycr", 8: "lab", 9: "lab"}
_SAMPLE_FORMATS = {1: "unsigned", 2: "signed", 3: "float", 4: "unsigned"}
_FLOAT_BITS = 32


def read_tiff(file: BinaryIO, size: int) -> Still:
    """The first directory of a TIFF; NotAStillError, ValueError or struct.error where it is cut or cannot be."""
    tags, order = _directory(file, size)
    depth = tags.get(_DEPTH, (1,))
    code, photometric = tags.get(_COMPRESSION, (1,))[0], tags.get(_PHOTOMETRIC, (None,))[0]
    sample_format = _SAMPLE_FORMATS.get(tags.get(_SAMPLE_FORMAT, (1,))[0], "unsigned")
    components = _PHOTOMETRICS.get(photometric if photometric is not None else -1, f"other:{photometric}")
    if components == "rgb" and tags.get(_SAMPLES, (3,))[0] > 3:
        components = "rgba"
    compression = _COMPRESSIONS.get(code, f"other:{code}")
    places = tags.get(_STRIPS, ()) or tags.get(_TILES, ())
    lengths = tags.get(_STRIP_BYTES, ()) or tags.get(_TILE_BYTES, ())
    return Still(
        picture={
            "codec": "tiff",
            "width_px": int(tags[_WIDTH][0]),
            "height_px": int(tags[_HEIGHT][0]),
            "bit_depth_bits": int(max(depth)),
            "chroma_subsampling": _sampling(components, tags.get(_SUBSAMPLING, (2, 2))),
            "pixel_aspect_ratio": None,
        },
        sequence={
            "file_format": "tiff",
            "byte_order": "little" if order == "<" else "big",
            "sample_format": sample_format,
            "components": components,
            "compression": compression,
            "has_icc_profile": _ICC in tags,
        },
        end=max((place + length for place, length in zip(places, lengths, strict=False)), default=None),
        is_display_referred=sample_format == "unsigned",
        unread=_unread(sample_format, max(depth), components),
    )


def _sampling(components: str, shared: tuple[int, ...]) -> str | None:
    """Sampling of colour differences, by YCbCrSubSampling (section 21)."""
    if components == "cbycr":
        return {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (4, 1): "4:1:1"}.get((shared[0], shared[-1]))
    return "4:0:0" if components == "y" else None


def _directory(file: BinaryIO, size: int) -> tuple[dict[int, tuple[int, ...]], str]:
    """The values of the tags that are read here, and the byte order."""
    start = file.read(16)
    order = "<" if start.startswith(b"II") else ">"
    is_big = struct.unpack_from(f"{order}H", start, 2)[0] == 43
    (place,) = struct.unpack_from(f"{order}{'Q' if is_big else 'I'}", start, 8 if is_big else 4)
    entry_bytes, count_form, inline = (20, "Q", 8) if is_big else (12, "I", 4)
    file.seek(place)
    head = file.read(8 if is_big else 2)
    if place >= size or len(head) < (8 if is_big else 2):
        raise NotAStillError("it is cut: its directory is behind the end of the file")
    (count,) = struct.unpack(f"{order}{'Q' if is_big else 'H'}", head)
    if count > _MOST_TAGS:
        raise NotAStillError("its TIFF directory cannot be read")
    table = file.read(count * entry_bytes)
    if len(table) < count * entry_bytes:
        raise NotAStillError("it is cut: its directory goes on behind the end of the file")
    tags: dict[int, tuple[int, ...]] = {}
    for number in range(count):
        at = number * entry_bytes
        tag, kind, amount = struct.unpack_from(f"{order}HH{count_form}", table, at)
        if tag == _ICC:
            tags[_ICC] = ()
        if tag in _KEPT and kind in _FORMATS and amount <= _MOST_VALUES:
            length = amount * _SIZES[kind]
            data = table[at + entry_bytes - inline :][:length]
            if length > inline:
                file.seek(struct.unpack_from(f"{order}{count_form}", table, at + entry_bytes - inline)[0])
                data = file.read(length)
            tags[tag] = struct.unpack(f"{order}{amount}{_FORMATS[kind]}", data)
    if _WIDTH not in tags or _HEIGHT not in tags:
        raise NotAStillError("its TIFF directory states no picture size")
    return tags, order


def _unread(sample_format: str, depth: int, components: str) -> str | None:
    """Why libav reads such samples wrongly: it takes signed ones and half floats for unsigned, and Lab for R'G'B'."""
    if sample_format == "signed" or (sample_format == "float" and depth != _FLOAT_BITS):
        return f"libav does not read {sample_format} samples of {depth} bits"
    return f"libav does not read {components}" if components in ("lab", "mask") else None

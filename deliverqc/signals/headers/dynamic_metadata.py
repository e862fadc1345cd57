"""What the Dolby Vision metadata of one frame says, and its reading from the XML that MXF track files hold next to each
frame; knows no wrapper and no fact."""

from __future__ import annotations

import re
from dataclasses import dataclass

CM_2_9, CM_4_0 = 29, 40
"""Versions of content mapping, times ten."""

MOST_BYTES = 1024 * 1024
"""House choice: a thousand times what a frame has."""
_ROOT = re.compile(rb"<DolbyVisionFrameData\b([^>]*)>")
_VERSION = re.compile(r"(\d{1,3})[._](\d{1,3})(?:[._](\d{1,3}))?")
_LEVEL_1 = re.compile(
    rb"<(?:DolbyEDR|Level1)\b[^>]*\blevel\s*=\s*[\"']1[\"'][^>]*>(.*?)</(?:DolbyEDR|Level1)>", re.DOTALL
)
_CHARACTER = re.compile(rb"<ImageCharacter>\s*([^<]*?)\s*</ImageCharacter>")
_END = b"</DolbyVisionFrameData>"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameMetadata:
    """Of one frame. `cm`: version of content mapping times ten, None where nothing says; `level_1`: smallest, mean and
    largest of the picture, from 0.0 to 1.0 on the scale of PQ, None where it has none."""

    cm: int | None = None
    level_1: tuple[float, float, float] | None = None


def is_frame_metadata(data: bytes) -> bool:
    """Whether a value of a KLV is the metadata of a frame."""
    return _ROOT.search(data[:4096]) is not None


def read_frame_xml(data: bytes) -> FrameMetadata | None:
    """The metadata of a frame as XML, of which no entity is resolved; None where it is cut or cannot be read."""
    root = _ROOT.search(data[:4096])
    if root is None or _END not in data or len(data) > MOST_BYTES:
        return None
    version = metadata_version(root[1].decode("latin-1"))
    if version is None:
        return None
    level_1 = _LEVEL_1.search(data)
    if level_1 is None:
        return FrameMetadata(cm=content_mapping(version))
    character = _CHARACTER.search(level_1[1])
    values = None if character is None else _numbers(character[1])
    return None if values is None else FrameMetadata(cm=content_mapping(version), level_1=values)


def metadata_version(attributes: str) -> tuple[int, int, int] | None:
    """The version that the start tag of a document states: `version="2.0.5"`, or its namespace `…/dvmd/4_0_2`."""
    for pattern in (r"\bversion\s*=\s*[\"']([^\"']+)[\"']", r"xmlns\s*=\s*[\"'][^\"']*/([\d_]+)/?[\"']"):
        stated = re.search(pattern, attributes)
        match = _VERSION.fullmatch(stated[1]) if stated else None
        if match:
            return int(match[1]), int(match[2]), int(match[3] or 0)
    return None


def content_mapping(version: tuple[int, int, int]) -> int | None:
    """Schema 2.x is that of content mapping 2.9, schemas 4.x and 5.x that of 4.0; of others nothing is known."""
    return CM_2_9 if version[0] == 2 else CM_4_0 if version[0] in (4, 5) else None


def _numbers(text: bytes) -> tuple[float, float, float] | None:
    """Three numbers between 0 and 1, parted by commas (schema 2.x) or spaces."""
    try:
        values = [float(part) for part in text.replace(b",", b" ").split()]
    except ValueError:
        return None
    if len(values) != 3 or not all(0 <= value <= 1 for value in values):
        return None
    return values[0], values[1], values[2]

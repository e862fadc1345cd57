"""Reads the timed text of an MXF track file (SMPTE ST 429-5, ST 2067-5): the XML, the fonts and images that come with
it in generic streams (ST 410), and what the descriptor states; reads no XML, and knows no package.
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from deliverqc.probing.wrappers.bounds import BoundedFile, TooMuchError
from deliverqc.probing.wrappers.mxf_header import MxfHeader, read_header
from deliverqc.probing.wrappers.mxf_klv import Klv, Label, MetadataSet, number, read_klv, read_partition, signed, text
from deliverqc.probing.wrappers.mxf_packages import kind_of, rational, sub_descriptors

MOST_XML_BYTES = 64 * 2**20
"""As much as is read of a text that is a file."""

_MOST_ITEMS = 200_000
"""House choice: a feature of images has 2,500, each in a partition of its own."""

HEAD_BYTES = 32
"""Of a font or an image, which tell what it is and how large an image is."""
_DESCRIPTOR, _RESOURCE = 0x64, 0x65
_GENERIC_STREAM = 0x11
_INDEX_PACK = bytes.fromhex("060e2b34020501010d0102010111")
_DATA_ELEMENT = bytes.fromhex("060e2b34010201")
_DATA_ITEM, _ITEM_AT = 0x17, 12
_ENCRYPTED = bytes.fromhex("060e2b34020401")
_PNG = b"\x89PNG\r\n\x1a\n"
_FONTS = (b"\0\1\0\0", b"OTTO", b"true", b"ttcf")
"""How fonts of TrueType and OpenType, and collections of them, begin (ISO/IEC 14496-22)."""


def _label(code: str) -> Label:
    return bytes.fromhex(f"060e2b3401010100{code}")


_RESOURCE_ID = _label("0101151200000000")
_NAMESPACE = _label("0102010501000000")
_ENCODING = _label("0409050000000000")
_LANGUAGES = _label("0301010202160000")
_ANCILLARY_ID = _label("0101151300000000")
_MEDIA_TYPE = _label("0409020100000000")
_STREAM = _label("0103040400000000")


@dataclass(frozen=True, kw_only=True, slots=True)
class TextResource:
    """A font or an image. `id` and `media_type`: as the file states them. `size_bytes`: None where nothing of it is
    there. `kind`: "font" or "png" by its first bytes, None for another."""

    id: str | None
    media_type: str | None
    size_bytes: int | None
    kind: str | None
    width_px: int | None = None
    height_px: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TextTrackFile:
    """The text of a track file. `xml`: None where it is not read, for the reason `unread`, a sentence without its
    subject. `is_refused`: the file is damaged or holds no text; else what is not read may be right. `duration`: in
    units of `edit_rate`; these and what follows as the descriptor states it, None where it does not."""

    xml: bytes | None
    unread: str | None = None
    is_refused: bool = False
    duration: int | None = None
    edit_rate: Fraction | None = None
    resource_id: str | None = None
    namespace: str | None = None
    encoding: str | None = None
    languages: tuple[str, ...] = ()
    resources: tuple[TextResource, ...] = ()


@dataclass(slots=True)
class _Found:
    """What is in the file, by place: elements of the text, and of each stream. `is_whole`: they lead to its end, or to
    the random index pack."""

    text: list[Klv] = field(default_factory=list)
    streams: dict[int, list[Klv]] = field(default_factory=dict)
    is_encrypted: bool = False
    is_whole: bool = False


def read_text_track(path: Path) -> TextTrackFile | None:
    """The text of the MXF file at `path`; None where it is not MXF. OSError where it cannot be opened."""
    size = path.stat().st_size
    with BoundedFile(path) as file:
        try:
            header = read_header(file, size)
            return None if header is None else _read(file, size, header)
        except TooMuchError:
            return TextTrackFile(xml=None, unread="holds more parts than are read")
        except (OSError, struct.error, ValueError, IndexError):  # a length may lead where no file goes
            return TextTrackFile(xml=None, unread="has damaged headers", is_refused=True)


def _read(file: BinaryIO, size: int, header: MxfHeader) -> TextTrackFile:
    metadata = header.final_metadata
    descriptor = next((one for one in metadata.sets.values() if kind_of(one) == _DESCRIPTOR), None)
    found = _walked(file, size, header.partition.start)
    values = {} if descriptor is None else descriptor.labelled
    subs = () if descriptor is None else sub_descriptors(metadata, descriptor)
    xml, unread, is_refused = _xml(file, found, descriptor)
    duration = None if descriptor is None else signed(descriptor.values.get(0x3002))
    return TextTrackFile(
        xml=xml,
        unread=unread,
        is_refused=is_refused,
        duration=duration if duration is None or duration >= 0 else None,
        edit_rate=None if descriptor is None else rational(descriptor.values.get(0x3001)),
        resource_id=_uuid(values.get(_RESOURCE_ID)),
        namespace=text(values.get(_NAMESPACE)),
        encoding=text(values.get(_ENCODING)),
        languages=tuple(one.strip() for one in (text(values.get(_LANGUAGES)) or "").split(",") if one.strip()),
        resources=tuple(_resource(file, one, found) for one in subs if kind_of(one) == _RESOURCE),
    )


def _walked(file: BinaryIO, size: int, start: int) -> _Found:
    """Each KLV from the header partition to the end, by the partition that it is in."""
    found, stream, is_generic = _Found(), 0, False
    for _ in range(_MOST_ITEMS):
        klv = read_klv(file, start) if start < size else None
        if klv is None:
            found.is_whole = found.is_whole or start == size
            return found
        found.is_whole = klv.key.startswith(_INDEX_PACK) and klv.end <= size
        if klv.is_partition:
            pack = read_partition(file, klv.start)
            stream, is_generic = (0, False) if pack is None else (pack.body_sid, pack.state == _GENERIC_STREAM)
        elif is_generic and stream and not klv.is_fill:
            found.streams.setdefault(stream, []).append(klv)
        elif klv.key.startswith(_ENCRYPTED):
            found.is_encrypted = True
        elif klv.key.startswith(_DATA_ELEMENT) and klv.key[_ITEM_AT] == _DATA_ITEM:
            found.text.append(klv)
        start = klv.end
    raise TooMuchError("its parts are more than are read")


def _xml(file: BinaryIO, found: _Found, descriptor: MetadataSet | None) -> tuple[bytes | None, str | None, bool]:
    """The text; or why it is not read, and whether that is the fault of the file."""
    if found.is_encrypted:
        return None, "is encrypted, and there is no key", False
    if descriptor is None:
        return None, "holds no timed text: it has no timed-text descriptor", True
    if not found.text:
        return None, "holds no text in its essence", True
    if not found.is_whole:
        return None, "is cut or damaged: its parts do not lead to its end", True
    if sum(klv.length for klv in found.text) > MOST_XML_BYTES:
        return None, f"holds more than {MOST_XML_BYTES:,} bytes of text, which are not read", False
    return b"".join(_value(file, klv) for klv in found.text), None, False


def _value(file: BinaryIO, klv: Klv) -> bytes:
    file.seek(klv.value_at)
    return file.read(klv.length)


def _resource(file: BinaryIO, one: MetadataSet, found: _Found) -> TextResource:
    parts = found.streams.get(number(one.labelled.get(_STREAM)), [])
    head = b""
    if parts:
        file.seek(parts[0].value_at)
        head = file.read(min(HEAD_BYTES, parts[0].length))
    return resource_of(
        head,
        identity=_uuid(one.labelled.get(_ANCILLARY_ID)),
        media_type=text(one.labelled.get(_MEDIA_TYPE)),
        size_bytes=sum(klv.length for klv in parts) if parts else None,
    )


def resource_of(head: bytes, *, identity: str | None, media_type: str | None, size_bytes: int | None) -> TextResource:
    """A resource by its first bytes."""
    kind = "png" if head.startswith(_PNG) else "font" if head.startswith(_FONTS) else None
    width, height = struct.unpack_from(">II", head, 16) if kind == "png" and len(head) >= 24 else (None, None)
    return TextResource(
        id=identity, media_type=media_type, size_bytes=size_bytes, kind=kind, width_px=width, height_px=height
    )


def _uuid(data: bytes | None) -> str | None:
    return None if data is None or len(data) != 16 else str(uuid.UUID(bytes=data))

"""Reads the timed text of a package: XML files of Interop, and text in MXF, with the fonts and images that belong to
it. Judges nothing, and knows no timeline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from deliverqc.packages.model import TEXT_KINDS, Composition, Package, key_of

if TYPE_CHECKING:
    from deliverqc.probing.wrappers.mxf_timed_text import TextResource, TextTrackFile
    from deliverqc.timed_text.model import Document

_BEYOND_BOUNDS = frozenset(("text-too-large", "text-too-many-events", "too-many-events", "text-entities"))
"""Codes of texts that are not read because of our own bounds."""

_HEAD_BYTES = 64 * 1024
_OF_DCP = ("dcsubtitle", "dcst")


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A font or an image that a text uses. `name`: the id of a font, the name that an event gives an image; `file`:
    file or id that it is looked for by. `found`: None where it is missing."""

    name: str
    file: str | None
    found: TextResource | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PackagedText:
    """The text of an asset. `document`: None where it is not read, for the reason `unread`, a sentence. `is_refused`:
    the asset is damaged or holds no text. `track_file`: of text in MXF. `xml_bytes`: size of the XML, None where it is
    not known. `fonts` and `images`: None where the format is not read for them."""

    document: Document | None
    asset_bytes: int
    xml_bytes: int | None
    unread: str | None = None
    is_refused: bool = False
    track_file: TextTrackFile | None = None
    fonts: tuple[Resource, ...] | None = None
    images: tuple[Resource, ...] | None = None


def read_package_texts(
    package: Package, composition: Composition, known: Mapping[Path, PackagedText] = MappingProxyType({})
) -> Mapping[Path, PackagedText]:
    """The text of each file that the composition uses as timed text and that is there, each read once. `known`: of
    files that were read for another composition."""
    found: dict[Path, PackagedText] = {}
    for track in composition.tracks:
        path = package.file_of(track) if track.kind in TEXT_KINDS else None
        if path is not None and path not in found:
            holder = package.holder_of(track.identity.key) or package
            found[path] = known[path] if path in known else _read(path, holder.folder)
    return found


def _read(path: Path, home: Path) -> PackagedText:
    from deliverqc.probing.wrappers.mxf_timed_text import read_text_track

    try:
        size = path.stat().st_size
        track_file = read_text_track(path)
        if track_file is None:
            return _of_file(path, home, size)
    except OSError as error:
        return PackagedText(
            document=None, asset_bytes=0, xml_bytes=None, unread=f"{path.name} cannot be read: {error.strerror}."
        )
    if track_file.xml is None:
        return PackagedText(
            document=None,
            asset_bytes=size,
            xml_bytes=None,
            unread=f"{path.name} {track_file.unread}.",
            is_refused=track_file.is_refused,
            track_file=track_file,
        )
    return _of_track_file(path.name, size, track_file, track_file.xml)


def _document(data: bytes, name: str) -> Document | tuple[str, bool]:
    """The document in `data`; or why it is not read, and whether that is its own fault."""
    from deliverqc.timed_text.detecting import text_format
    from deliverqc.timed_text.model import TextError
    from deliverqc.timed_text.reading import read_bytes

    form = text_format(data[:_HEAD_BYTES])
    if form is None:
        return f"{name} holds no timed text of a format that is known.", True
    try:
        documents = read_bytes(data, form, name)
    except TextError as error:
        return error.message, error.code not in _BEYOND_BOUNDS
    if len(documents) != 1:
        return f"{name} holds {len(documents)} documents, where one is read.", True
    return documents[0]


def _of_track_file(name: str, size: int, track_file: TextTrackFile, xml: bytes) -> PackagedText:
    read = _document(xml, name)
    if isinstance(read, tuple):
        return PackagedText(
            document=None,
            asset_bytes=size,
            xml_bytes=len(xml),
            unread=read[0],
            is_refused=read[1],
            track_file=track_file,
        )
    held = {one.id: one for one in track_file.resources if one.size_bytes is not None}
    is_of_dcp = read.format in _OF_DCP
    fonts = tuple(Resource(name=one.name, file=one.file, found=held.get(key_of(one.file or ""))) for one in read.fonts)
    images = tuple(Resource(name=one, file=one, found=held.get(key_of(one))) for one in read.images or ())
    return PackagedText(
        document=read,
        asset_bytes=size,
        xml_bytes=len(xml),
        track_file=track_file,
        fonts=fonts if is_of_dcp else None,
        images=images if is_of_dcp else None,
    )


def _of_file(path: Path, home: Path, size: int) -> PackagedText:
    """A text outside MXF, whose fonts and images are files next to it."""
    from deliverqc.timed_text.model import MOST_BYTES

    if size > MOST_BYTES:
        unread = f"{path.name} has {size:,} bytes; text is read up to {MOST_BYTES:,}."
        return PackagedText(document=None, asset_bytes=size, xml_bytes=size, unread=unread)
    read = _document(path.read_bytes(), path.name)
    if isinstance(read, tuple):
        return PackagedText(document=None, asset_bytes=size, xml_bytes=size, unread=read[0], is_refused=read[1])
    if read.format not in _OF_DCP:
        return PackagedText(document=read, asset_bytes=size, xml_bytes=size)
    fonts = tuple(
        Resource(name=one.name, file=one.file, found=_beside(path, home, (one.file or "",))) for one in read.fonts
    )
    images = tuple(
        Resource(name=one, file=one, found=_beside(path, home, (one, f"{key_of(one)}.png")))
        for one in read.images or ()
    )
    return PackagedText(
        document=read,
        asset_bytes=size + sum(_sizes((*fonts, *images))),
        xml_bytes=size,
        fonts=fonts,
        images=images,
    )


def _sizes(resources: tuple[Resource, ...]) -> Iterator[int]:
    """Of each file once."""
    yield from {one.file: one.found.size_bytes or 0 for one in resources if one.found is not None}.values()


def _beside(xml: Path, home: Path, names: tuple[str, ...]) -> TextResource | None:
    """The first of the names that is a file next to the XML and in the package; None where none is."""
    from deliverqc.probing.wrappers.mxf_timed_text import HEAD_BYTES, resource_of

    for name in names:
        plain = PurePosixPath(name)
        if not name or "\0" in name or plain.is_absolute():
            continue
        try:
            file = (xml.parent / plain).resolve()
            if not file.is_relative_to(home.resolve()) or not file.is_file():
                continue
            with file.open("rb") as opened:
                head = opened.read(HEAD_BYTES)
            return resource_of(head, identity=None, media_type=None, size_bytes=file.stat().st_size)
        except (OSError, ValueError, RuntimeError):
            continue
    return None
